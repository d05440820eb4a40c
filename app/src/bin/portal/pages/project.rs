//! One project: its circuits and notes; versions, runs and sharing are beside.

use std::collections::BTreeMap;

use api::http::projects::{Access, Fork, Project, ProjectCircuit, SaveProject, Stored, Visibility};
use api::project::RunSettings;
use api::run::Program;
use app::api_client::{escaped, project};
use app::icon::{Glyph, Icon};
use app::keeping::{Kept, free_id, save};
use app::toast::Toasts;
use leptos::prelude::*;

use super::projects::access_name;
use super::runs::Runs;
use super::sharing::SharingTab;
use super::versions::Versions;
use crate::client;
use crate::form::{Field, Form, FormProblem, Submit};
use crate::parts::{Ask, Empty, Fetch, Note, Tabs, count, show, when};
use crate::route::{ProjectTab, Router};
use crate::words::{fill, t};

/// What a new circuit holds.
const BLANK: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n\nqubit[2] q;\n";

/// A project that is open. Copies share it.
#[derive(Clone, Copy)]
pub struct Opened {
    pub fetch: Fetch<Project>,
    /// The secret of the link that one came by.
    pub link: StoredValue<Option<String>>,
}

#[component]
pub fn ProjectPage(id: String, tab: ProjectTab) -> impl IntoView {
    let opened = Opened {
        fetch: Fetch::new(move || {
            let id = id.clone();
            async move { project::<Project>(&id, None).await }
        }),
        link: StoredValue::new(None),
    };
    provide_context(opened);
    show(opened.fetch, move |project| {
        let content = match tab {
            ProjectTab::Content => view! { <ContentTab project=project.clone() /> }.into_any(),
            ProjectTab::Versions => view! { <Versions project=project.clone() /> }.into_any(),
            ProjectTab::Runs => view! { <Runs project=project.clone() /> }.into_any(),
            ProjectTab::Sharing => view! { <SharingTab project=project.clone() /> }.into_any(),
        };
        view! {
            <Head project=project tab=Some(tab) />
            {content}
        }
    })
}

/// What a link leads to.
#[component]
pub fn SharedPage(link: String) -> impl IntoView {
    let kept = link.clone();
    let opened = Opened {
        fetch: Fetch::new(move || {
            let link = link.clone();
            async move { client::project_by_link(&link).await }
        }),
        link: StoredValue::new(Some(kept)),
    };
    provide_context(opened);
    show(opened.fetch, move |project| {
        view! {
            <Head project=project.clone() tab=None />
            <ContentTab project=project.clone() />
            <h2 class="part">{t().versions}</h2>
            <Versions project=project />
        }
    })
}

/// Name, state, and what can be done with the whole.
#[component]
fn Head(project: Project, tab: Option<ProjectTab>) -> impl IntoView {
    let router = expect_context::<Router>();
    let toasts = expect_context::<Toasts>();
    let opened = expect_context::<Opened>();
    let form = Form::new(&[]);
    let own = project.access == Access::Own;
    let id = StoredValue::new(project.id.clone());
    let copy_name = fill(t().copy_of, &[("name", &project.name)]);
    let fork = move |_| {
        let fork = Fork { name: copy_name.clone(), version: None };
        let link = opened.link.get_value();
        form.run(
            async move { client::fork(&id.get_value(), link.as_deref(), &fork).await },
            move |copy| {
                toasts.say(t().copied_project);
                router.go(&ProjectTab::Content.path(&copy.id));
            },
        );
    };
    let trash = move |_| {
        form.run(async move { client::delete_project(&id.get_value()).await }, move |()| {
            toasts.offer(t().in_trash_now, t().undo, move || {
                form.run(
                    async move { client::restore_project(&id.get_value()).await },
                    move |()| {
                        router.go(&ProjectTab::Content.path(&id.get_value()));
                    },
                );
            });
            router.go("/projects");
        });
    };
    let about = fill(
        t().version_line,
        &[("n", &project.version.to_string()), ("when", &when(project.updated_at_us))],
    );
    let tabs = ProjectTab::ALL
        .into_iter()
        .filter(|one| own || *one != ProjectTab::Sharing)
        .map(|one| {
            let name = match one {
                ProjectTab::Content => t().content,
                ProjectTab::Versions => t().versions,
                ProjectTab::Runs => t().runs,
                ProjectTab::Sharing => t().sharing,
            };
            (one.path(&project.id), name, Some(one) == tab)
        })
        .collect::<Vec<_>>();
    view! {
        <nav class="crumbs" aria-label=t().crumbs>
            <a href="/projects">{t().projects}</a>
        </nav>
        <div class="page-head">
            <div>
                <h1>{project.name.clone()}</h1>
                <p class="soft num">
                    {about}
                    {(!own).then(|| view! { " " <span class="badge">{access_name(project.access)}</span> })}
                    {match project.visibility {
                        Visibility::Private => None,
                        Visibility::Link => Some(t().by_link),
                        Visibility::Public => Some(t().public),
                    }
                        .map(|text| view! { " " <span class="badge">{text}</span> })}
                </p>
                {project
                    .origin
                    .clone()
                    .map(|origin| {
                        let path = ProjectTab::Content.path(&origin.project_id);
                        view! {
                            <p class="soft">
                                <a href=path>{fill(t().forked_from, &[("n", &origin.version.to_string())])}</a>
                            </p>
                        }
                    })}
            </div>
            <div class="row">
                {(project.access >= Access::Copy)
                    .then(|| {
                        view! {
                            <button class="button" on:click=fork>
                                <Glyph icon=Icon::Copy />
                                {t().make_copy}
                            </button>
                        }
                    })}
                {own
                    .then(|| {
                        view! {
                            <button class="button quiet icon" title=t().to_trash aria-label=t().to_trash on:click=trash>
                                <Glyph icon=Icon::Trash />
                            </button>
                        }
                    })}
            </div>
        </div>
        <FormProblem form=form />
        {project.trashed_at_us.map(|_| view! { <Note text=t().is_in_trash icon=Icon::Trash /> })}
        {tab.map(|_| view! { <Tabs label=t().parts tabs=tabs /> })}
    }
}

/// The address that opens a circuit in the lab.
fn in_lab(project: &str, circuit: &str, link: Option<&str>) -> String {
    let mut address = format!("/#project={}&circuit={}", escaped(project), escaped(circuit));
    if let Some(link) = link {
        address.push_str("&link=");
        address.push_str(&escaped(link));
    }
    address
}

#[component]
fn ContentTab(project: Project) -> impl IntoView {
    let opened = expect_context::<Opened>();
    let toasts = expect_context::<Toasts>();
    let ask = expect_context::<Ask>();
    let form = Form::new(&["name"]);
    let edits = project.access >= Access::Edit && project.trashed_at_us.is_none();
    let kept = StoredValue::new(Kept::new(stored(&project), opened.link.get_value()));
    let name = RwSignal::new(project.name.clone());
    let tags = RwSignal::new(project.tags.join(", "));
    let notes = RwSignal::new(project.content.notes.clone());

    let store = Callback::new(move |wanted: SaveProject| {
        let kept = kept.get_value();
        form.run(async move { save(&kept, wanted).await }, move |(_, both)| {
            toasts.say(if both { t().kept_both } else { t().saved });
            opened.fetch.again();
        });
    });
    // What is typed stays when a circuit is added or taken out.
    let typed = move || {
        let mut wanted = kept.with_value(|kept| kept.base.clone());
        wanted.name = name.get_untracked();
        wanted.tags = split_tags(&tags.get_untracked());
        wanted.content.notes = notes.get_untracked();
        wanted
    };
    let add = move |_| {
        let mut wanted = typed();
        let circuits = &mut wanted.content.circuits;
        let id = free_id(circuits);
        let number = (circuits.len() + 1).to_string();
        circuits.push(ProjectCircuit {
            id,
            name: fill(t().circuit_n, &[("n", &number)]),
            program: Program::openqasm(BLANK),
            settings: RunSettings::default(),
            inputs: BTreeMap::new(),
        });
        store.run(wanted);
    };
    let circuits = project.content.circuits.clone();
    let none = circuits.is_empty();
    let line = move |circuit: ProjectCircuit| {
        let address = in_lab(&project.id, &circuit.id, opened.link.get_value().as_deref());
        let lines = i64::try_from(circuit.program.text.lines().count()).unwrap_or(0);
        let about = format!(
            "{} · {}",
            count(lines, t().one_line, t().n_lines),
            fill(
                t().shots_seed,
                &[
                    ("shots", &circuit.settings.shots.to_string()),
                    ("seed", &circuit.settings.seed.to_string())
                ]
            )
        );
        let id = StoredValue::new(circuit.id);
        let text = fill(t().remove_circuit_text, &[("name", &circuit.name)]);
        let label = fill(t().remove_named, &[("name", &circuit.name)]);
        let open = fill(t().open_named, &[("name", &circuit.name)]);
        view! {
            <li class="row-card">
                <div class="grow">
                    <a class="row-name" href=address.clone()>{circuit.name}</a>
                    <p class="soft num">{about}</p>
                    <details>
                        <summary>{t().source}</summary>
                        <pre class="source" tabindex="0">{circuit.program.text}</pre>
                    </details>
                </div>
                <div class="row-actions">
                    <a class="button" href=address aria-label=open>{t().open}</a>
                    {edits
                        .then(|| {
                            view! {
                                <button
                                    class="button quiet icon"
                                    aria-label=label
                                    title=t().remove
                                    on:click=move |_| {
                                        ask.first(t().remove_circuit, text.clone(), t().remove, move || {
                                            let mut wanted = typed();
                                            wanted.content.circuits.retain(|c| c.id != id.get_value());
                                            store.run(wanted);
                                        });
                                    }
                                >
                                    <Glyph icon=Icon::Trash />
                                </button>
                            }
                        })}
                </div>
            </li>
        }
    };
    view! {
        <section aria-label=t().circuits>
            <div class="part-head">
                <h2>{t().circuits}</h2>
                {edits
                    .then(|| {
                        view! {
                            <button class="button" on:click=add>
                                <Glyph icon=Icon::Plus />
                                {t().new_circuit}
                            </button>
                        }
                    })}
            </div>
            {if none {
                view! { <Empty title=t().no_circuits text=t().no_circuits_text /> }.into_any()
            } else {
                view! { <ul class="rows">{circuits.into_iter().map(line).collect_view()}</ul> }.into_any()
            }}
        </section>
        {if edits {
            view! {
                <section class="card" aria-label=t().about>
                    <form
                        class="form wide"
                        on:submit=move |event| {
                            event.prevent_default();
                            store.run(typed());
                        }
                    >
                        <FormProblem form=form />
                        <Field form=form name="name" label=t().name value=name />
                        <Field form=form name="tag" label=t().tags value=tags required=false hint=t().tags_hint />
                        <div class="form-field">
                            <label for="project-notes">{t().notes}</label>
                            <textarea
                                id="project-notes"
                                class="field notes"
                                rows="8"
                                prop:value=move || notes.get()
                                on:input=move |event| notes.set(event_target_value(&event))
                            ></textarea>
                            <p class="field-note">{t().notes_hint}</p>
                        </div>
                        <Submit form=form label=t().save />
                    </form>
                </section>
            }
                .into_any()
        } else {
            let text = notes.get_untracked();
            (!text.is_empty())
                .then(|| {
                    view! {
                        <section class="card" aria-label=t().notes>
                            <h2>{t().notes}</h2>
                            <p class="prose">{text}</p>
                        </section>
                    }
                })
                .into_any()
        }}
    }
}

/// What a save states that it changes.
fn stored(project: &Project) -> Stored {
    Stored {
        id: project.id.clone(),
        name: project.name.clone(),
        tags: project.tags.clone(),
        content: project.content.clone(),
        version: project.version,
        access: project.access,
    }
}

fn split_tags(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::split_tags;

    #[test]
    fn tags_are_separated_by_commas() {
        assert_eq!(split_tags(" a b, ,c,"), ["a b", "c"]);
        assert!(split_tags(" , ").is_empty());
    }
}
