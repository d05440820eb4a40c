//! One group: members, code to join, roster, settings.

use api::http::groups::{ChangeMember, Group, GroupRole, Member, MemberList, SaveGroup};
use app::api_client::Answer;
use app::icon::{Glyph, Icon};
use app::toast::Toasts;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::JsFuture;

use super::account::Card;
use super::groups::{Pseudonyms, kind_name, role_name};
use crate::client;
use crate::form::{Field, Form, FormProblem, Submit};
use crate::parts::{Ask, Copyable, Fetch, More, Note, count, day, show};
use crate::roster;
use crate::route::Router;
use crate::session::Session;
use crate::words::{fill, t};

#[component]
pub fn GroupPage(id: String) -> impl IntoView {
    let fetch = Fetch::new(move || {
        let id = id.clone();
        async move { client::group(&id).await }
    });
    show(fetch, move |group| view! { <Content group=group fetch=fetch /> })
}

#[component]
fn Content(group: Group, fetch: Fetch<Group>) -> impl IntoView {
    let session = expect_context::<Session>();
    let router = expect_context::<Router>();
    let toasts = expect_context::<Toasts>();
    let ask = expect_context::<Ask>();
    let form = Form::new(&[]);
    let teaches = group.role >= GroupRole::Instructor;
    let owns = group.role == GroupRole::Owner;
    let id = StoredValue::new(group.id.clone());
    let members = Fetch::new(move || async move { client::members(&id.get_value(), "").await });
    let about = format!(
        "{} · {} · {}",
        kind_name(group.kind),
        count(group.members, t().one_member, t().n_members),
        role_name(group.role)
    );
    let leave_text = fill(t().leave_text, &[("name", &group.name)]);
    let left = group.name.clone();
    let leave = move |_| {
        let left = left.clone();
        ask.first(t().leave, leave_text.clone(), t().leave, move || {
            let Some(own) = session.account_untracked() else { return };
            let left = left.clone();
            form.run(
                async move { client::remove_member(&id.get_value(), &own.id).await },
                move |()| {
                    toasts.say(fill(t().left, &[("name", &left)]));
                    router.go("/groups");
                },
            );
        });
    };
    view! {
        <nav class="crumbs" aria-label=t().crumbs>
            <a href="/groups">{t().groups}</a>
        </nav>
        <div class="page-head">
            <div>
                <h1>{group.name.clone()}</h1>
                <p class="soft num">{about}</p>
            </div>
            <button class="button" on:click=leave>{t().leave}</button>
        </div>
        <FormProblem form=form />
        {group.pseudonyms.then(|| view! { <Note text=fill(t().seen_as, &[("name", &group.own_name)]) /> })}
        {group.plan.clone().map(|plan| view! { <Note text=fill(t().group_plan, &[("plan", &plan)]) icon=Icon::Check /> })}
        <div class="cards">
            {teaches.then(|| view! { <Codes group=group.clone() fetch=fetch /> })}
            <Card title=t().members>
                {show(
                    members,
                    move |list| view! { <Members id=id list=list teaches=teaches owns=owns again=members fetch=fetch /> },
                )}
            </Card>
            {teaches.then(|| view! { <Roster id=id members=members /> })}
            {owns.then(|| view! { <Settings group=group.clone() fetch=fetch /> })}
        </div>
    }
}

/// How others join.
#[component]
fn Codes(group: Group, fetch: Fetch<Group>) -> impl IntoView {
    let form = Form::new(&[]);
    let id = StoredValue::new(group.id);
    let set = move |open: bool| {
        form.run(async move { client::change_code(&id.get_value(), open).await }, move |_| {
            fetch.again();
        });
    };
    view! {
        <Card title=t().join_code text=t().join_code_text>
            <FormProblem form=form />
            {match group.join_code {
                Some(code) => {
                    let origin = window().location().origin().unwrap_or_default();
                    let link = format!("{origin}/join#{code}");
                    view! {
                        <p class="code">{grouped(&code)}</p>
                        <Copyable label=t().join_link text=link />
                        <div class="row">
                            <button class="button" on:click=move |_| set(true)>{t().new_code}</button>
                            <button class="button" on:click=move |_| set(false)>{t().close_group}</button>
                        </div>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <p>{t().group_closed}</p>
                        <button class="button primary" on:click=move |_| set(true)>{t().open_group}</button>
                    }
                        .into_any()
                }
            }}
        </Card>
    }
}

/// In groups of four, as it is told.
fn grouped(code: &str) -> String {
    let chars: Vec<char> = code.chars().collect();
    chars.chunks(4).map(|part| part.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[component]
fn Members(
    id: StoredValue<String>,
    list: MemberList,
    teaches: bool,
    owns: bool,
    again: Fetch<MemberList>,
    fetch: Fetch<Group>,
) -> impl IntoView {
    let form = Form::new(&["label"]);
    let members = RwSignal::new(list.members);
    let next = RwSignal::new(list.next);
    let more = Callback::new(move |cursor: String| {
        form.run(async move { client::members(&id.get_value(), &cursor).await }, move |page| {
            members.update(|all| all.extend(page.members));
            next.set(page.next);
        });
    });
    view! {
        <FormProblem form=form />
        <table class="cards-when-narrow">
            <thead>
                <tr>
                    <th scope="col">{t().name}</th>
                    {teaches.then(|| view! { <th scope="col">{t().label}</th> })}
                    <th scope="col">{t().role}</th>
                    <th scope="col">{t().since}</th>
                    {teaches.then(|| view! { <th scope="col"><span class="visually-hidden">{t().actions}</span></th> })}
                </tr>
            </thead>
            <tbody>
                <For
                    each=move || members.get()
                    key=|m| (m.user_id.clone(), m.role, m.label.clone())
                    children=move |member| {
                        view! { <Row id=id member=member teaches=teaches owns=owns form=form again=again fetch=fetch /> }
                    }
                />
            </tbody>
        </table>
        <More next=next load=more />
    }
}

#[component]
fn Row(
    id: StoredValue<String>,
    member: Member,
    teaches: bool,
    owns: bool,
    form: Form,
    again: Fetch<MemberList>,
    fetch: Fetch<Group>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let ask = expect_context::<Ask>();
    let user = StoredValue::new(member.user_id.clone());
    let label = RwSignal::new(member.label.clone().unwrap_or_default());
    let role = member.role;
    let change = move |role: GroupRole| {
        let body = ChangeMember { role, label: label.get_untracked() };
        form.run(
            async move { client::change_member(&id.get_value(), &user.get_value(), &body).await },
            move |()| {
                toasts.say(t().saved);
                again.again();
            },
        );
    };
    let name = member.name.clone();
    let remove_label = fill(t().remove_named, &[("name", &name)]);
    let remove = move |_| {
        let text = fill(t().remove_member_text, &[("name", &name)]);
        ask.first(t().remove_member, text, t().remove, move || {
            form.run(
                async move { client::remove_member(&id.get_value(), &user.get_value()).await },
                move |()| {
                    again.again();
                    fetch.again();
                },
            );
        });
    };
    view! {
        <tr>
            <td data-label=t().name>
                <strong>{member.name.clone()}</strong>
                {(member.guest == Some(true)).then(|| view! { " " <span class="badge">{t().guest}</span> })}
            </td>
            {teaches
                .then(|| {
                    view! {
                        <td data-label=t().label>
                            <input
                                class="field"
                                type="text"
                                maxlength="100"
                                aria-label=fill(t().label_of, &[("name", &member.name)])
                                prop:value=move || label.get()
                                on:change=move |event| {
                                    label.set(event_target_value(&event));
                                    change(role);
                                }
                            />
                        </td>
                    }
                })}
            <td data-label=t().role>
                {if owns {
                    view! {
                        <select
                            class="field"
                            aria-label=fill(t().role_of, &[("name", &member.name)])
                            on:change=move |event| {
                                change(
                                    match event_target_value(&event).as_str() {
                                        "owner" => GroupRole::Owner,
                                        "instructor" => GroupRole::Instructor,
                                        _ => GroupRole::Member,
                                    },
                                );
                            }
                        >
                            {[(GroupRole::Member, "member"), (GroupRole::Instructor, "instructor"), (GroupRole::Owner, "owner")]
                                .map(|(one, value)| view! { <option value=value selected={one == role}>{role_name(one)}</option> })
                                .collect_view()}
                        </select>
                    }
                        .into_any()
                } else {
                    role_name(role).into_any()
                }}
            </td>
            <td data-label=t().since class="num">{day(member.joined_at_us)}</td>
            {teaches
                .then(|| {
                    view! {
                        <td class="cell-actions">
                            <button class="button quiet icon" title=t().remove aria-label=remove_label on:click=remove>
                                <Glyph icon=Icon::Close />
                            </button>
                        </td>
                    }
                })}
        </tr>
    }
}

/// All members as a file, and labels and roles from one.
#[component]
fn Roster(id: StoredValue<String>, members: Fetch<MemberList>) -> impl IntoView {
    let form = Form::new(&[]);
    let result = RwSignal::new(None::<String>);
    let read = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        input.set_value("");
        result.set(None);
        if file.size() > roster::MAX_BYTES as f64 {
            result.set(Some(t().no_roster.to_owned()));
            return;
        }
        let request = async move {
            let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
            match text.as_deref().and_then(roster::read) {
                Some(lines) => apply(&id.get_value(), lines).await.map(Some),
                None => Ok(None),
            }
        };
        form.run(request, move |done| {
            result.set(Some(match done {
                None => t().no_roster.to_owned(),
                Some(done) => fill(
                    t().roster_done,
                    &[
                        ("changed", &done.changed.to_string()),
                        ("unknown", &done.unknown.to_string()),
                    ],
                ),
            }));
            members.again();
        });
    };
    view! {
        <Card title=t().roster text=t().roster_text>
            <FormProblem form=form />
            <div class="row">
                <a class="button" href=format!("/api/v1/groups/{}/roster", id.get_value()) download="roster.csv">
                    <Glyph icon=Icon::Download />
                    {t().roster_download}
                </a>
                <label class="button file">
                    <Glyph icon=Icon::File />
                    {t().roster_upload}
                    <input class="visually-hidden" type="file" accept=".csv,text/csv" on:change=read />
                </label>
            </div>
            <div role="status">{move || result.get().map(|text| view! { <Note text=text /> })}</div>
        </Card>
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Applied {
    changed: usize,
    unknown: usize,
}

/// Changes the members whose label or role is another in the file. Nobody joins or leaves by it.
async fn apply(id: &str, lines: Vec<roster::Line>) -> Answer<Applied> {
    let mut present = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client::members(id, &cursor).await?;
        present.extend(page.members);
        match page.next {
            Some(next) => cursor = next,
            None => break,
        }
    }
    let mut done = Applied::default();
    for line in lines {
        let Some(member) = present.iter().find(|member| member.user_id == line.user_id) else {
            done.unknown += 1;
            continue;
        };
        let before = member.label.clone().unwrap_or_default();
        let label = line.label.unwrap_or_else(|| before.clone());
        let role = line.role.unwrap_or(member.role);
        if label != before || role != member.role {
            client::change_member(id, &line.user_id, &ChangeMember { role, label }).await?;
            done.changed += 1;
        }
    }
    Ok(done)
}

#[component]
fn Settings(group: Group, fetch: Fetch<Group>) -> impl IntoView {
    let router = expect_context::<Router>();
    let toasts = expect_context::<Toasts>();
    let ask = expect_context::<Ask>();
    let form = Form::new(&["name"]);
    let name = RwSignal::new(group.name.clone());
    let pseudonyms = RwSignal::new(group.pseudonyms);
    let (kind, version) = (group.kind, group.version);
    let id = StoredValue::new(group.id);
    let delete_text = fill(t().delete_group_text, &[("name", &group.name)]);
    view! {
        <Card title=t().settings>
            <form
                class="form"
                on:submit=move |event| {
                    event.prevent_default();
                    let body = SaveGroup {
                        kind,
                        name: name.get_untracked(),
                        pseudonyms: pseudonyms.get_untracked(),
                    };
                    form.run(async move { client::change_group(&id.get_value(), version, &body).await }, move |group| {
                        toasts.say(t().saved);
                        fetch.set(group);
                    });
                }
            >
                <FormProblem form=form />
                <Field form=form name="name" label=t().name value=name />
                <Pseudonyms value=pseudonyms />
                <div class="form-field">
                    <span class="label">{t().group_id}</span>
                    <Copyable label=t().group_id text=id.get_value() />
                    <p class="field-note">{t().group_id_hint}</p>
                </div>
                <div class="row">
                    <Submit form=form label=t().save />
                    <button
                        class="button danger"
                        type="button"
                        on:click=move |_| {
                            ask.first(t().delete_group, delete_text.clone(), t().delete_group, move || {
                                form.run(async move { client::delete_group(&id.get_value()).await }, move |()| router.go("/groups"));
                            });
                        }
                    >
                        {t().delete_group}
                    </button>
                </div>
            </form>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn a_code_is_told_in_groups() {
        assert_eq!(grouped("ABCDEFGHIJ"), "ABCD-EFGH-IJ");
        assert_eq!(grouped(""), "");
    }
}
