//! Who else may see or change a project.

use api::http::groups::Group;
use api::http::projects::{Access, ChangeSharing, Grant, Grantee, Project, Sharing, Visibility};
use app::icon::{Glyph, Icon};
use app::toast::Toasts;
use leptos::prelude::*;

use super::project::Opened;
use super::projects::access_name;
use crate::client;
use crate::form::{Form, FormProblem};
use crate::parts::{Ask, Copyable, Fetch, short, show};
use crate::words::{fill, t};

#[component]
pub fn SharingTab(project: Project) -> impl IntoView {
    let id = StoredValue::new(project.id);
    let fetch = Fetch::new(move || async move {
        let groups = client::groups().await?.groups;
        Ok((client::sharing(&id.get_value()).await?, groups))
    });
    show(fetch, move |(sharing, groups)| {
        view! { <Choices id=id sharing=sharing groups=groups fetch=fetch /> }
    })
}

fn access_from(name: &str) -> Access {
    match name {
        "edit" => Access::Edit,
        "copy" => Access::Copy,
        _ => Access::Read,
    }
}

fn access_word(access: Access) -> &'static str {
    match access {
        Access::Read => "read",
        Access::Copy => "copy",
        Access::Edit | Access::Own => "edit",
    }
}

/// What may be done, as a list to choose from.
#[component]
fn AccessChoice(
    #[prop(into)] label: String,
    access: Access,
    /// Editing is among them.
    edit: Signal<bool>,
    chosen: Callback<Access>,
) -> impl IntoView {
    let option = move |one: Access| {
        view! { <option value=access_word(one) selected={one == access}>{access_name(one)}</option> }
    };
    view! {
        <select class="field" aria-label=label on:change=move |event| chosen.run(access_from(&event_target_value(&event)))>
            {option(Access::Read)}
            {option(Access::Copy)}
            {move || edit.get().then(|| option(Access::Edit))}
        </select>
    }
}

#[component]
fn Choices(
    id: StoredValue<String>,
    sharing: Sharing,
    groups: Vec<Group>,
    fetch: Fetch<(Sharing, Vec<Group>)>,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let ask = expect_context::<Ask>();
    let opened = expect_context::<Opened>();
    let form = Form::new(&[]);
    let visibility = RwSignal::new(sharing.visibility);
    let access = RwSignal::new(sharing.access);
    let grants = RwSignal::new(sharing.grants);
    let person = RwSignal::new(String::new());
    let groups = StoredValue::new(groups);

    let store = move |new_link: bool| {
        let access = match (visibility.get_untracked(), access.get_untracked()) {
            (Visibility::Public, Access::Edit) => Access::Copy,
            (_, access) => access,
        };
        let change = ChangeSharing {
            visibility: visibility.get_untracked(),
            access,
            new_link,
            grants: grants.get_untracked(),
        };
        form.run(async move { client::share(&id.get_value(), &change).await }, move |sharing| {
            toasts.say(t().sharing_saved);
            fetch.set((sharing, groups.get_value()));
            opened.fetch.state.update(|state| {
                if let crate::parts::Load::There(project) = state {
                    project.visibility = visibility.get_untracked();
                }
            });
        });
    };
    let link = sharing.link.map(|link| {
        let origin = window().location().origin().unwrap_or_default();
        format!("{origin}/projects/link#{link}")
    });
    let choice = move |this: Visibility, name: &'static str, text: &'static str| {
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name="visibility"
                    prop:checked=move || visibility.get() == this
                    on:change=move |_| visibility.set(this)
                />
                <span>
                    <strong>{name}</strong>
                    <span class="soft">{text}</span>
                </span>
            </label>
        }
    };
    let name_of = move |to: &Grantee| match to {
        Grantee::Group(group) => groups.with_value(|all| {
            let found = all.iter().find(|one| one.id == *group);
            found.map_or_else(
                || fill(t().group_named, &[("id", &short(group))]),
                |one| one.name.clone(),
            )
        }),
        Grantee::User(user) => fill(t().person_named, &[("id", &short(user))]),
    };
    let add = move |to: Grantee| {
        grants.update(|all| {
            if !all.iter().any(|grant| grant.to == to) {
                all.push(Grant { to, access: Access::Read });
            }
        });
    };
    let line = move |grant: Grant| {
        let name = name_of(&grant.to);
        let (changed, removed) = (grant.to.clone(), grant.to);
        let label = fill(t().access_of, &[("name", &name)]);
        let remove = fill(t().remove_named, &[("name", &name)]);
        view! {
            <li>
                <strong class="grow">{name}</strong>
                <AccessChoice
                    label=label
                    access=grant.access
                    edit=Signal::derive(|| true)
                    chosen=Callback::new(move |access| {
                        grants
                            .update(|all| {
                                if let Some(one) = all.iter_mut().find(|one| one.to == changed) {
                                    one.access = access;
                                }
                            });
                    })
                />
                <button
                    class="button quiet icon"
                    type="button"
                    aria-label=remove
                    title=t().remove
                    on:click=move |_| grants.update(|all| all.retain(|one| one.to != removed))
                >
                    <Glyph icon=Icon::Close />
                </button>
            </li>
        }
    };
    let free_groups = move || {
        groups.with_value(|all| {
            let taken = |group: &Group| {
                grants.with(|g| g.iter().any(|one| one.to == Grantee::Group(group.id.clone())))
            };
            all.iter()
                .filter(|group| !taken(group))
                .map(|group| (group.id.clone(), group.name.clone()))
                .collect::<Vec<_>>()
        })
    };
    view! {
        <form
            class="cards"
            on:submit=move |event| {
                event.prevent_default();
                store(false);
            }
        >
            <fieldset class="card">
                <legend class="part">{t().who_sees}</legend>
                {choice(Visibility::Private, t().private, t().private_text)}
                {choice(Visibility::Link, t().by_link, t().by_link_text)}
                {choice(Visibility::Public, t().public, t().public_text)}
                <Show when=move || visibility.get() != Visibility::Private>
                    <div class="setting">
                        <span>{t().what_they_may}</span>
                        <AccessChoice
                            label=t().what_they_may
                            access=access.get_untracked()
                            edit=Signal::derive(move || visibility.get() == Visibility::Link)
                            chosen=Callback::new(move |one| access.set(one))
                        />
                    </div>
                </Show>
                {link
                    .map(|link| {
                        view! {
                            <Copyable label=t().link text=link />
                            <button
                                class="button"
                                type="button"
                                on:click=move |_| ask.first(t().new_link_title, t().new_link_text, t().new_link_title, move || store(true))
                            >
                                {t().new_link_title}
                            </button>
                        }
                    })}
            </fieldset>
            <fieldset class="card">
                <legend class="part">{t().by_name}</legend>
                <p class="soft">{t().by_name_text}</p>
                <ul class="lines">{move || grants.get().into_iter().map(line).collect_view()}</ul>
                <div class="row">
                    <select
                        class="field"
                        aria-label=t().add_group
                        on:change=move |event| {
                            let chosen = event_target_value(&event);
                            if !chosen.is_empty() {
                                add(Grantee::Group(chosen));
                            }
                        }
                    >
                        <option value="">{t().add_group}</option>
                        {move || {
                            free_groups()
                                .into_iter()
                                .map(|(id, name)| view! { <option value=id>{name}</option> })
                                .collect_view()
                        }}
                    </select>
                </div>
                <div class="row">
                    <input
                        class="field grow"
                        type="text"
                        aria-label=t().person_id
                        placeholder=t().person_id
                        prop:value=move || person.get()
                        on:input=move |event| person.set(event_target_value(&event))
                    />
                    <button
                        class="button"
                        type="button"
                        on:click=move |_| {
                            let id = person.get_untracked().trim().to_lowercase();
                            if !id.is_empty() {
                                add(Grantee::User(id));
                                person.set(String::new());
                            }
                        }
                    >
                        {t().add_person}
                    </button>
                </div>
                <p class="field-note">{t().person_id_hint}</p>
            </fieldset>
            <FormProblem form=form />
            <div>
                <crate::form::Submit form=form label=t().save_sharing />
            </div>
        </form>
    }
}
