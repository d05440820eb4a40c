//! The list of projects: search, tags, trash; single circuits of before are taken over.

use api::http::projects::{
    Access, Content, Project, ProjectCircuit, ProjectList, ProjectSummary, SaveProject, Visibility,
};
use api::project::RunSettings;
use app::api_client::{Answer, create_project};
use app::icon::{Glyph, Icon};
use app::toast::Toasts;
use leptos::prelude::*;

use crate::client;
use crate::form::{Form, FormProblem};
use crate::parts::{Ask, Empty, Fetch, More, Note, Tabs, count, show, when};
use crate::route::{ProjectTab, Router, Shelf};
use crate::session::Session;
use crate::words::{fill, t};

pub fn shelf_name(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::Own => t().shelf_own,
        Shelf::Shared => t().shelf_shared,
        Shelf::Public => t().shelf_public,
        Shelf::Trash => t().shelf_trash,
    }
}

#[component]
pub fn ProjectsPage(shelf: Shelf) -> impl IntoView {
    let router = expect_context::<Router>();
    let form = Form::new(&[]);
    let search = RwSignal::new(String::new());
    let label = RwSignal::new(String::new());
    // Asked for when the typing pauses.
    let asked = RwSignal::new(String::new());
    let pause = leptos::leptos_dom::helpers::debounce(
        std::time::Duration::from_millis(250),
        move |text: String| {
            asked.set(text);
        },
    );
    let pause = StoredValue::new_local(pause);
    let fetch = Fetch::new(move || {
        let (search, label) = (asked.get(), label.get());
        async move { client::projects(shelf.name(), search.trim(), &label, "").await }
    });
    let create = move |_| {
        let body = SaveProject {
            name: t().new_project_name.to_owned(),
            tags: Vec::new(),
            content: Content::default(),
        };
        form.run(async move { create_project(&body).await }, move |project: Project| {
            router.go(&ProjectTab::Content.path(&project.id));
        });
    };
    let filtered = move || !asked.get().is_empty() || !label.get().is_empty();
    view! {
        <div class="page-head">
            <h1>{t().projects}</h1>
            <button class="button primary" on:click=create>
                <Glyph icon=Icon::Plus />
                {t().new_project}
            </button>
        </div>
        <Tabs
            label=t().shelves
            tabs=Shelf::ALL.map(|one| (one.path(), shelf_name(one), one == shelf)).to_vec()
        />
        <div class="toolbar">
            <div class="search">
                <Glyph icon=Icon::Search />
                <input
                    class="field"
                    type="search"
                    aria-label=t().search_projects
                    placeholder=t().search_projects
                    prop:value=move || search.get()
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        search.set(text.clone());
                        pause.update_value(|pause| pause(text));
                    }
                />
            </div>
            {move || {
                let chosen = label.get();
                (!chosen.is_empty())
                    .then(|| {
                        view! {
                            <button class="tag chosen" on:click=move |_| label.set(String::new()) aria-label=fill(t().without_tag, &[("tag", &chosen)])>
                                {chosen.clone()}
                                <Glyph icon=Icon::Close />
                            </button>
                        }
                    })
            }}
        </div>
        <FormProblem form=form />
        {(shelf == Shelf::Own).then(|| view! { <Guest /> <Singles fetch=fetch /> })}
        {(shelf == Shelf::Trash).then(|| view! { <Note text=t().trash_text icon=Icon::Trash /> })}
        {show(
            fetch,
            move |list: ProjectList| {
                if !list.projects.is_empty() {
                    return view! { <Listing shelf=shelf list=list label=label asked=asked fetch=fetch form=form /> }.into_any();
                }
                if untrack(filtered) {
                    return view! { <p class="none soft">{t().nothing_found}</p> }.into_any();
                }
                let (title, text) = match shelf {
                    Shelf::Own => (t().no_projects, t().no_projects_text),
                    Shelf::Shared => (t().no_shared, t().no_shared_text),
                    Shelf::Public => (t().no_public, t().no_public_text),
                    Shelf::Trash => (t().no_trash, t().no_trash_text),
                };
                view! {
                    <Empty title=title text=text>
                        {(shelf == Shelf::Own)
                            .then(|| view! { <a class="button primary" href="/">{t().to_lab}</a> })}
                    </Empty>
                }
                    .into_any()
            },
        )}
    }
}

/// What a guest has to know.
#[component]
fn Guest() -> impl IntoView {
    let session = expect_context::<Session>();
    move || {
        session.account().filter(|account| account.guest).map(|_| {
            view! {
                <div class="notice">
                    <Glyph icon=Icon::Cloud />
                    <div class="notice-body">
                        <p>{t().guest_text}</p>
                        <a class="button" href="/account/sign-up">{t().sign_up}</a>
                    </div>
                </div>
            }
        })
    }
}

#[component]
fn Listing(
    shelf: Shelf,
    list: ProjectList,
    label: RwSignal<String>,
    asked: RwSignal<String>,
    fetch: Fetch<ProjectList>,
    form: Form,
) -> impl IntoView {
    let projects = RwSignal::new(list.projects);
    let next = RwSignal::new(list.next);
    let more = Callback::new(move |cursor: String| {
        let (search, label) = (asked.get_untracked(), label.get_untracked());
        form.run(
            async move { client::projects(shelf.name(), search.trim(), &label, &cursor).await },
            move |page| {
                projects.update(|all| all.extend(page.projects));
                next.set(page.next);
            },
        );
    });
    view! {
        <ul class="rows">
            <For each=move || projects.get() key=|p| (p.id.clone(), p.version) let:project>
                <Line shelf=shelf project=project label=label fetch=fetch form=form />
            </For>
        </ul>
        <More next=next load=more />
    }
}

#[component]
fn Line(
    shelf: Shelf,
    project: ProjectSummary,
    label: RwSignal<String>,
    fetch: Fetch<ProjectList>,
    form: Form,
) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let ask = expect_context::<Ask>();
    let path = ProjectTab::Content.path(&project.id);
    let id = StoredValue::new(project.id.clone());
    let name = StoredValue::new(project.name.clone());
    let about = format!(
        "{} · {}",
        count(project.circuits, t().one_circuit, t().n_circuits),
        when(project.updated_at_us)
    );
    let restore = move |_| {
        form.run(async move { client::restore_project(&id.get_value()).await }, move |()| {
            toasts.say(fill(t().restored, &[("name", &name.get_value())]));
            fetch.again();
        });
    };
    let erase = move |_| {
        let text = fill(t().erase_text, &[("name", &name.get_value())]);
        ask.first(t().erase, text, t().erase, move || {
            form.run(async move { client::delete_project(&id.get_value()).await }, move |()| {
                fetch.again();
            });
        });
    };
    let trash = move |_| {
        form.run(async move { client::delete_project(&id.get_value()).await }, move |()| {
            toasts.offer(fill(t().in_trash, &[("name", &name.get_value())]), t().undo, move || {
                form.run(
                    async move { client::restore_project(&id.get_value()).await },
                    move |()| fetch.again(),
                );
            });
            fetch.again();
        });
    };
    let visibility = match project.visibility {
        Visibility::Private => None,
        Visibility::Link => Some(t().by_link),
        Visibility::Public => Some(t().public),
    };
    view! {
        <li class="row-card">
            <div class="grow">
                {if shelf == Shelf::Trash {
                    view! { <strong class="row-name">{project.name.clone()}</strong> }.into_any()
                } else {
                    view! { <a class="row-name" href=path.clone()>{project.name.clone()}</a> }.into_any()
                }}
                <p class="soft num">{about}</p>
                <div class="tags">
                    {visibility.map(|text| view! { <span class="badge">{text}</span> })}
                    {(project.access < Access::Own && shelf == Shelf::Shared)
                        .then(|| view! { <span class="badge">{access_name(project.access)}</span> })}
                    {project
                        .tags
                        .into_iter()
                        .map(|tag| {
                            let chosen = tag.clone();
                            view! { <button class="tag" on:click=move |_| label.set(chosen.clone())>{tag}</button> }
                        })
                        .collect_view()}
                </div>
            </div>
            <div class="row-actions">
                {if shelf == Shelf::Trash {
                    view! {
                        <button class="button" on:click=restore>{t().restore}</button>
                        <button class="button quiet icon" aria-label=fill(t().erase_named, &[("name", &name.get_value())]) title=t().erase on:click=erase>
                            <Glyph icon=Icon::Trash />
                        </button>
                    }
                        .into_any()
                } else if project.access == Access::Own {
                    view! {
                        <button
                            class="button quiet icon"
                            title=t().to_trash
                            aria-label=fill(t().to_trash_named, &[("name", &name.get_value())])
                            on:click=trash
                        >
                            <Glyph icon=Icon::Trash />
                        </button>
                    }
                        .into_any()
                } else {
                    ().into_any()
                }}
            </div>
        </li>
    }
}

pub fn access_name(access: Access) -> &'static str {
    match access {
        Access::Read => t().may_read,
        Access::Copy => t().may_copy,
        Access::Edit => t().may_edit,
        Access::Own => t().owns,
    }
}

/// Single circuits, saved before there were projects: each becomes a project.
#[component]
fn Singles(fetch: Fetch<ProjectList>) -> impl IntoView {
    let toasts = expect_context::<Toasts>();
    let form = Form::new(&[]);
    let circuits = Fetch::new(client::circuits);
    move || {
        let crate::parts::Load::There(list) = circuits.state.get() else { return ().into_any() };
        let n = i64::try_from(list.circuits.len()).unwrap_or(0);
        if n == 0 {
            return ().into_any();
        }
        let ids: Vec<String> = list.circuits.into_iter().map(|circuit| circuit.id).collect();
        view! {
            <div class="notice">
                <Glyph icon=Icon::Circuit />
                <div class="notice-body">
                    <p>{count(n, t().one_single, t().n_singles)}</p>
                    <button
                        class="button"
                        on:click=move |_| {
                            let ids = ids.clone();
                            form.run(take_over(ids), move |taken| {
                                toasts.say(count(taken, t().one_taken, t().n_taken));
                                circuits.again();
                                fetch.again();
                            });
                        }
                    >
                        {t().take_over}
                    </button>
                </div>
            </div>
            <FormProblem form=form />
        }
        .into_any()
    }
}

/// Makes a project of each circuit, and then deletes it. Stopped in between, it can be done again: the
/// same circuit makes one project.
async fn take_over(ids: Vec<String>) -> Answer<i64> {
    let mut taken = 0;
    for id in ids {
        let circuit = client::circuit(&id).await?;
        let project = SaveProject {
            name: circuit.name.clone(),
            tags: Vec::new(),
            content: Content {
                notes: String::new(),
                circuits: vec![ProjectCircuit {
                    id: "c1".to_owned(),
                    name: circuit.name,
                    program: circuit.program,
                    settings: RunSettings::default(),
                    inputs: std::collections::BTreeMap::default(),
                }],
            },
        };
        client::create_project_once(&format!("circuit-{id}"), &project).await?;
        client::delete_circuit(&id).await?;
        taken += 1;
    }
    Ok(taken)
}
