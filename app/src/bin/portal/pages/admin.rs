//! For those who run the server: users, audit, figures.

use api::http::account::Role;
use api::http::admin::{AdminUser, AdminUserList, AuditEntry, AuditList, ChangeUser, Health};
use api::http::limits::PLAN_NAMES;
use app::icon::{Glyph, Icon};
use app::toast::Toasts;
use leptos::prelude::*;

use super::account::Card;
use crate::client;
use crate::form::{Form, FormProblem};
use crate::parts::{Ask, Fetch, More, Note, Tabs, number, short, show, size, when};
use crate::route::AdminTab;
use crate::session::Session;
use crate::words::{fill, t};

pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Learner => t().learner,
        Role::Author => t().author,
        Role::Operator => t().operator,
        Role::Admin => t().administrator,
    }
}

#[component]
fn Head(tab: AdminTab) -> impl IntoView {
    let tabs = AdminTab::ALL
        .map(|one| {
            let name = match one {
                AdminTab::Users => t().users,
                AdminTab::Audit => t().audit,
                AdminTab::Health => t().health,
            };
            (one.path().to_owned(), name, one == tab)
        })
        .to_vec();
    view! {
        <div class="page-head">
            <h1>{t().admin}</h1>
        </div>
        <Tabs label=t().parts tabs=tabs />
    }
}

#[component]
pub fn AdminPage(tab: AdminTab) -> impl IntoView {
    view! {
        <Head tab=tab />
        {match tab {
            AdminTab::Users => view! { <Users /> }.into_any(),
            AdminTab::Audit => view! { <Audit /> }.into_any(),
            AdminTab::Health => view! { <Figures /> }.into_any(),
        }}
    }
}

/// A field whose text is searched for when it is sent.
#[component]
fn Search(label: &'static str, asked: RwSignal<String>) -> impl IntoView {
    let text = RwSignal::new(String::new());
    view! {
        <form
            class="toolbar"
            role="search"
            on:submit=move |event| {
                event.prevent_default();
                asked.set(text.get_untracked().trim().to_owned());
            }
        >
            <div class="search">
                <Glyph icon=Icon::Search />
                <input
                    class="field"
                    type="search"
                    aria-label=label
                    placeholder=label
                    prop:value=move || text.get()
                    on:input=move |event| text.set(event_target_value(&event))
                />
            </div>
            <button class="button" type="submit">{t().search}</button>
        </form>
    }
}

fn user_name(user: &AdminUser) -> String {
    match (&user.email, user.display_name.is_empty()) {
        (Some(email), _) => email.clone(),
        (None, false) => user.display_name.clone(),
        (None, true) => short(&user.id),
    }
}

#[component]
fn Users() -> impl IntoView {
    let form = Form::new(&[]);
    let asked = RwSignal::new(String::new());
    let fetch = Fetch::new(move || {
        let search = asked.get();
        async move { client::users(&search, "").await }
    });
    let line = |user: AdminUser| {
        view! {
            <tr>
                <td data-label=t().user>
                    <div>
                        <a class="row-name" href=format!("/admin/users/{}", user.id)>{user_name(&user)}</a>
                        {(!user.display_name.is_empty()).then(|| view! { <p class="soft">{user.display_name.clone()}</p> })}
                    </div>
                </td>
                <td data-label=t().role>{if user.guest { t().guest } else { role_name(user.role) }}</td>
                <td data-label=t().plan>{user.plan.clone().unwrap_or_else(|| "–".to_owned())}</td>
                <td data-label=t().state>
                    {if user.suspended {
                        view! { <span class="badge bad">{t().suspended}</span> }.into_any()
                    } else {
                        view! { <span class="badge good">{t().active}</span> }.into_any()
                    }}
                </td>
                <td data-label=t().since class="num">{when(user.created_at_us)}</td>
            </tr>
        }
    };
    view! {
        <p class="soft">{t().reads_recorded}</p>
        <Search label=t().search_users asked=asked />
        <FormProblem form=form />
        {show(
            fetch,
            move |list: AdminUserList| {
                if list.users.is_empty() {
                    return view! { <p class="none soft">{t().nothing_found}</p> }.into_any();
                }
                let users = RwSignal::new(list.users);
                let next = RwSignal::new(list.next);
                let more = Callback::new(move |cursor: String| {
                    let search = asked.get_untracked();
                    form.run(async move { client::users(&search, &cursor).await }, move |page| {
                        users.update(|all| all.extend(page.users));
                        next.set(page.next);
                    });
                });
                view! {
                    <div class="card">
                        <table class="cards-when-narrow">
                            <thead>
                                <tr>
                                    <th scope="col">{t().user}</th>
                                    <th scope="col">{t().role}</th>
                                    <th scope="col">{t().plan}</th>
                                    <th scope="col">{t().state}</th>
                                    <th scope="col">{t().since}</th>
                                </tr>
                            </thead>
                            <tbody>
                                <For each=move || users.get() key=|user| user.id.clone() children=line />
                            </tbody>
                        </table>
                    </div>
                    <More next=next load=more />
                }
                    .into_any()
            },
        )}
        <Courses />
    }
}

/// A group's members get the limits of a course.
#[component]
fn Courses() -> impl IntoView {
    let session = expect_context::<Session>();
    let toasts = expect_context::<Toasts>();
    let form = Form::new(&[]);
    let group = RwSignal::new(String::new());
    let set = move |course: bool| {
        let id = group.get_untracked().trim().to_owned();
        if id.is_empty() {
            return;
        }
        form.run_confirmed(
            move || {
                let id = id.clone();
                async move { client::set_course(&id, course).await }
            },
            move |()| toasts.say(t().saved),
        );
    };
    move || {
        (session.role() == Some(Role::Admin)).then(|| {
            view! {
                <Card title=t().course_limits text=t().course_limits_text>
                    <FormProblem form=form />
                    <div class="row">
                        <input
                            class="field grow"
                            type="text"
                            aria-label=t().group_id
                            placeholder=t().group_id
                            prop:value=move || group.get()
                            on:input=move |event| group.set(event_target_value(&event))
                        />
                        <button class="button" on:click=move |_| set(true)>{t().give}</button>
                        <button class="button" on:click=move |_| set(false)>{t().take_back}</button>
                    </div>
                </Card>
            }
        })
    }
}

#[component]
pub fn UserPage(id: String) -> impl IntoView {
    let fetch = Fetch::new(move || {
        let id = id.clone();
        async move { client::user(&id).await }
    });
    view! {
        <Head tab=AdminTab::Users />
        {show(fetch, move |user| view! { <OneUser user=user fetch=fetch /> })}
    }
}

#[component]
fn OneUser(user: AdminUser, fetch: Fetch<AdminUser>) -> impl IntoView {
    let session = expect_context::<Session>();
    let toasts = expect_context::<Toasts>();
    let ask = expect_context::<Ask>();
    let form = Form::new(&[]);
    let id = StoredValue::new(user.id.clone());
    let change = move |change: ChangeUser| {
        form.run_confirmed(
            move || {
                let change = change.clone();
                async move { client::change_user(&id.get_value(), &change).await }
            },
            move |user| {
                toasts.say(t().saved);
                fetch.set(user);
            },
        );
    };
    let admin = untrack(|| session.role()) == Some(Role::Admin);
    let own = session.account_untracked().is_some_and(|account| account.id == user.id);
    let name = user_name(&user);
    let suspend_text = fill(t().suspend_text, &[("name", &name)]);
    let limits = user.limits;
    let facts = [
        (t().id, user.id.clone()),
        (t().since, when(user.created_at_us)),
        (t().limit_projects, number(limits.projects)),
        (t().limit_storage, size(limits.storage_bytes)),
        (t().limit_server_qubits, number(limits.server_qubits)),
        (t().limit_job_minutes, number(limits.job_minutes)),
        (t().limit_shots, number(limits.shots)),
        (t().limit_submissions, number(limits.submissions)),
    ];
    let (role, plan, suspended) =
        (user.role, user.plan.clone().unwrap_or_default(), user.suspended);
    view! {
        <div class="page-head">
            <div>
                <h2 class="part">{name}</h2>
                <p class="soft">
                    {(!user.display_name.is_empty()).then(|| format!("{} · ", user.display_name))}
                    {if user.guest { t().guest } else { role_name(role) }} " "
                    {suspended.then(|| view! { <span class="badge bad">{t().suspended}</span> })}
                    {user.email_verified.then(|| view! { <span class="badge good">{t().proven}</span> })}
                </p>
            </div>
        </div>
        <div class="cards">
            <Card title=t().about>
                <dl class="facts">
                    {facts
                        .map(|(name, value)| {
                            view! {
                                <div>
                                    <dt>{name}</dt>
                                    <dd class="num">{value}</dd>
                                </div>
                            }
                        })
                        .collect_view()}
                </dl>
                <p>
                    <a href="/admin/audit">{t().audit}</a>
                </p>
            </Card>
            {admin
                .then(|| {
                    view! {
                        <Card title=t().change_user text=t().change_user_text>
                            <FormProblem form=form />
                            {own.then(|| view! { <Note text=t().not_oneself /> })}
                            <div class="setting">
                                <label for="user-role">{t().role}</label>
                                <select
                                    id="user-role"
                                    class="field"
                                    disabled={own || user.guest}
                                    on:change=move |event| {
                                        let role = match event_target_value(&event).as_str() {
                                            "author" => Role::Author,
                                            "operator" => Role::Operator,
                                            "admin" => Role::Admin,
                                            _ => Role::Learner,
                                        };
                                        change(ChangeUser { role: Some(role), ..ChangeUser::default() });
                                    }
                                >
                                    {[
                                        (Role::Learner, "learner"),
                                        (Role::Author, "author"),
                                        (Role::Operator, "operator"),
                                        (Role::Admin, "admin"),
                                    ]
                                        .map(|(one, value)| {
                                            view! { <option value=value selected={one == role}>{role_name(one)}</option> }
                                        })
                                        .collect_view()}
                                </select>
                            </div>
                            <div class="setting">
                                <label for="user-plan">{t().plan}</label>
                                <select
                                    id="user-plan"
                                    class="field"
                                    on:change=move |event| {
                                        change(ChangeUser { plan: Some(event_target_value(&event)), ..ChangeUser::default() });
                                    }
                                >
                                    <option value="" selected={plan.is_empty()}>{t().plan_of_role}</option>
                                    {PLAN_NAMES
                                        .map(|one| view! { <option value=one selected={one == plan}>{one}</option> })
                                        .collect_view()}
                                </select>
                            </div>
                            <div>
                                {if suspended {
                                    view! {
                                        <button
                                            class="button"
                                            on:click=move |_| change(ChangeUser { suspended: Some(false), ..ChangeUser::default() })
                                        >
                                            {t().unsuspend}
                                        </button>
                                    }
                                        .into_any()
                                } else {
                                    view! {
                                        <button
                                            class="button danger"
                                            disabled=own
                                            on:click=move |_| {
                                                ask.first(t().suspend, suspend_text.clone(), t().suspend, move || {
                                                    change(ChangeUser { suspended: Some(true), ..ChangeUser::default() });
                                                });
                                            }
                                        >
                                            {t().suspend}
                                        </button>
                                    }
                                        .into_any()
                                }}
                            </div>
                        </Card>
                    }
                })}
        </div>
    }
}

#[component]
fn Audit() -> impl IntoView {
    let form = Form::new(&[]);
    let asked = RwSignal::new(String::new());
    let fetch = Fetch::new(move || {
        let search = asked.get();
        async move { client::audit(&search, "").await }
    });
    let line = |entry: AuditEntry| {
        let actor = entry.actor_id.clone().map(|id| {
            view! { <a href=format!("/admin/users/{id}")>{short(&id)}</a> }
        });
        view! {
            <tr>
                <td data-label=t().number class="num">{entry.seq}</td>
                <td data-label=t().when class="num">{when(entry.at_us)}</td>
                <td data-label=t().actor class="mono">{actor}</td>
                <td data-label=t().action class="mono">{entry.action}</td>
                <td data-label=t().object class="mono wrap">{entry.object} {(!entry.detail.is_empty()).then(|| format!(" · {}", entry.detail))}</td>
            </tr>
        }
    };
    view! {
        <p class="soft">{t().audit_text}</p>
        <Search label=t().search_audit asked=asked />
        <FormProblem form=form />
        {show(
            fetch,
            move |list: AuditList| {
                if list.entries.is_empty() {
                    return view! { <p class="none soft">{t().nothing_found}</p> }.into_any();
                }
                let entries = RwSignal::new(list.entries);
                let next = RwSignal::new(list.next);
                let more = Callback::new(move |cursor: String| {
                    let search = asked.get_untracked();
                    form.run(async move { client::audit(&search, &cursor).await }, move |page| {
                        entries.update(|all| all.extend(page.entries));
                        next.set(page.next);
                    });
                });
                view! {
                    <div class="card">
                        <table class="cards-when-narrow">
                            <thead>
                                <tr>
                                    <th scope="col">{t().number}</th>
                                    <th scope="col">{t().when}</th>
                                    <th scope="col">{t().actor}</th>
                                    <th scope="col">{t().action}</th>
                                    <th scope="col">{t().object}</th>
                                </tr>
                            </thead>
                            <tbody>
                                <For each=move || entries.get() key=|entry| entry.seq children=line />
                            </tbody>
                        </table>
                    </div>
                    <More next=next load=more />
                }
                    .into_any()
            },
        )}
    }
}

#[component]
fn Figures() -> impl IntoView {
    let fetch = Fetch::new(client::health);
    show(fetch, move |health: Health| {
        let facts = [
            (t().users, number(health.users)),
            (t().guests, number(health.guests)),
            (t().suspended, number(health.suspended)),
            (t().sessions, number(health.sessions)),
            (t().projects, number(health.projects)),
            (t().single_circuits, number(health.circuits)),
            (t().stored, size(health.stored_bytes)),
            (t().database, health.database),
        ];
        view! {
            <dl class="figures">
                {facts
                    .map(|(name, value)| {
                        view! {
                            <div class="card">
                                <dt class="soft">{name}</dt>
                                <dd class="num">{value}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            <p>
                <button class="button" on:click=move |_| fetch.again()>{t().refresh}</button>
            </p>
        }
    })
}
