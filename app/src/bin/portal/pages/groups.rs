//! The groups that one is in; making one, joining one.

use api::http::account::Role;
use api::http::groups::{Group, GroupKind, GroupList, GroupRole, SaveGroup};
use app::icon::{Glyph, Icon};
use app::toast::Toasts;
use leptos::prelude::*;

use crate::client;
use crate::form::{Field, Form, FormProblem, Submit};
use crate::parts::{Empty, Fetch, Note, count, show};
use crate::route::Router;
use crate::session::Session;
use crate::words::{fill, t};

pub fn kind_name(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Organization => t().organization,
        GroupKind::Course => t().course,
        GroupKind::Team => t().team,
    }
}

pub fn role_name(role: GroupRole) -> &'static str {
    match role {
        GroupRole::Member => t().member,
        GroupRole::Instructor => t().instructor,
        GroupRole::Owner => t().owner,
    }
}

#[component]
pub fn GroupsPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let fetch = Fetch::new(client::groups);
    let making = RwSignal::new(false);
    view! {
        <div class="page-head">
            <h1>{t().groups}</h1>
            <div class="row">
                <a class="button" href="/join">{t().join_with_code}</a>
                <Show when=move || session.user().is_some()>
                    <button class="button primary" aria-expanded=move || making.get().to_string() on:click=move |_| making.update(|on| *on = !*on)>
                        <Glyph icon=Icon::Plus />
                        {t().new_group}
                    </button>
                </Show>
            </div>
        </div>
        <Show when=move || making.get()>
            <NewGroup />
        </Show>
        {show(
            fetch,
            move |list: GroupList| {
                if list.groups.is_empty() {
                    return view! {
                        <Empty title=t().no_groups text=t().no_groups_text>
                            <a class="button primary" href="/join">{t().join_with_code}</a>
                        </Empty>
                    }
                        .into_any();
                }
                view! { <ul class="rows">{list.groups.into_iter().map(line).collect_view()}</ul> }.into_any()
            },
        )}
    }
}

fn line(group: Group) -> impl IntoView {
    let about = format!(
        "{} · {} · {}",
        kind_name(group.kind),
        count(group.members, t().one_member, t().n_members),
        role_name(group.role)
    );
    view! {
        <li class="row-card">
            <div class="grow">
                <a class="row-name" href=format!("/groups/{}", group.id)>{group.name}</a>
                <p class="soft num">{about}</p>
                {group
                    .pseudonyms
                    .then(|| view! { <p class="soft">{fill(t().seen_as, &[("name", &group.own_name)])}</p> })}
            </div>
        </li>
    }
}

#[component]
fn NewGroup() -> impl IntoView {
    let session = expect_context::<Session>();
    let router = expect_context::<Router>();
    let form = Form::new(&["name"]);
    let name = RwSignal::new(String::new());
    let author = untrack(|| session.role()) >= Some(Role::Author);
    let kind = RwSignal::new(if author { GroupKind::Course } else { GroupKind::Team });
    let pseudonyms = RwSignal::new(author);
    let kinds = [GroupKind::Course, GroupKind::Team, GroupKind::Organization];
    view! {
        <section class="card" aria-label=t().new_group>
            <form
                class="form"
                on:submit=move |event| {
                    event.prevent_default();
                    let body = SaveGroup {
                        kind: kind.get_untracked(),
                        name: name.get_untracked(),
                        pseudonyms: pseudonyms.get_untracked(),
                    };
                    form.run(async move { client::create_group(&body).await }, move |group| {
                        router.go(&format!("/groups/{}", group.id));
                    });
                }
            >
                <FormProblem form=form />
                <Field form=form name="name" label=t().name value=name first=true />
                {if author {
                    view! {
                        <div class="form-field">
                            <label for="group-kind">{t().kind}</label>
                            <select
                                id="group-kind"
                                class="field"
                                on:change=move |event| {
                                    let at: usize = event_target_value(&event).parse().unwrap_or(0);
                                    kind.set(kinds[at.min(2)]);
                                }
                            >
                                {kinds
                                    .into_iter()
                                    .enumerate()
                                    .map(|(at, one)| view! { <option value=at.to_string()>{kind_name(one)}</option> })
                                    .collect_view()}
                            </select>
                        </div>
                    }
                        .into_any()
                } else {
                    view! { <p class="soft">{t().teams_only}</p> }.into_any()
                }}
                <Pseudonyms value=pseudonyms />
                <Submit form=form label=t().create_group />
            </form>
        </section>
    }
}

/// Whether members see each other under made-up names.
#[component]
pub fn Pseudonyms(value: RwSignal<bool>) -> impl IntoView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || value.get()
                on:change=move |event| value.set(event_target_checked(&event))
            />
            <span>{t().pseudonyms} <span class="soft">{t().pseudonyms_text}</span></span>
        </label>
    }
}

/// Joining by a code, without an address.
#[component]
pub fn JoinPage(code: String) -> impl IntoView {
    let session = expect_context::<Session>();
    let router = expect_context::<Router>();
    let toasts = expect_context::<Toasts>();
    let form = Form::new(&["label"]);
    let given = !code.is_empty();
    let code = RwSignal::new(code);
    let label = RwSignal::new(String::new());
    view! {
        <section class="entry card">
            <h1>{t().join_title}</h1>
            <p class="soft">{t().join_text}</p>
            <form
                class="form"
                on:submit=move |event| {
                    event.prevent_default();
                    form.run(client::join(code.get_untracked(), label.get_untracked()), move |group| {
                        session.ask();
                        toasts.say(fill(t().joined, &[("name", &group.name)]));
                        router.go(&format!("/groups/{}", group.id));
                    });
                }
            >
                <FormProblem form=form />
                <Field form=form name="code" label=t().code value=code first={!given} />
                <Field form=form name="label" label=t().your_name value=label required=false autocomplete="name" hint=t().label_hint first=given />
                <Show when=move || session.user().is_none()>
                    <Note text=t().join_as_guest />
                </Show>
                <Submit form=form label=t().join />
            </form>
        </section>
    }
}
