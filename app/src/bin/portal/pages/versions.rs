//! Every version of a project: names, what changed, back to an old one.

use api::http::projects::{Access, Project, Version, VersionList};
use app::toast::Toasts;
use leptos::prelude::*;

use super::project::Opened;
use crate::client;
use crate::diff::{self, Change};
use crate::form::{Form, FormProblem};
use crate::parts::{Ask, Fetch, Modal, More, show, when};
use crate::session::Session;
use crate::words::{fill, t};

#[expect(clippy::needless_pass_by_value, reason = "properties come by value")]
#[component]
pub fn Versions(project: Project) -> impl IntoView {
    let opened = expect_context::<Opened>();
    let form = Form::new(&[]);
    let id = StoredValue::new(project.id.clone());
    let fetch = Fetch::new(move || async move {
        client::versions(&id.get_value(), opened.link.get_value().as_deref(), "").await
    });
    // From, to.
    let compared = RwSignal::new(None::<(i64, i64)>);
    let newest = project.version;
    let edits = project.access >= Access::Edit && project.trashed_at_us.is_none();
    view! {
        <FormProblem form=form />
        {show(
            fetch,
            move |list: VersionList| {
                let versions = RwSignal::new(list.versions);
                let next = RwSignal::new(list.next);
                let more = Callback::new(move |cursor: String| {
                    let request = async move {
                        client::versions(&id.get_value(), opened.link.get_value().as_deref(), &cursor).await
                    };
                    form.run(request, move |page| {
                        versions.update(|all| all.extend(page.versions));
                        next.set(page.next);
                    });
                });
                view! {
                    <ol class="rows">
                        <For each=move || versions.get() key=|v| (v.version, v.label.clone()) let:version>
                            <Line version=version newest=newest edits=edits id=id compared=compared fetch=fetch form=form />
                        </For>
                    </ol>
                    <More next=next load=more />
                }
            },
        )}
        {move || {
            compared
                .get()
                .map(|(from, to)| {
                    view! {
                        <Modal title=t().what_changed on_close=Callback::new(move |()| compared.set(None))>
                            <Changes id=id.get_value() from=from to=to />
                        </Modal>
                    }
                })
        }}
    }
}

#[component]
fn Line(
    version: Version,
    newest: i64,
    edits: bool,
    id: StoredValue<String>,
    compared: RwSignal<Option<(i64, i64)>>,
    fetch: Fetch<VersionList>,
    form: Form,
) -> impl IntoView {
    let opened = expect_context::<Opened>();
    let toasts = expect_context::<Toasts>();
    let session = expect_context::<Session>();
    let ask = expect_context::<Ask>();
    let n = version.version;
    let number = n.to_string();
    let naming = RwSignal::new(false);
    let label = RwSignal::new(version.label.clone());
    let restore = move |_| {
        let text = fill(
            t().restore_version_text,
            &[("n", &n.to_string()), ("next", &(newest + 1).to_string())],
        );
        ask.first(t().restore_version, text, t().restore, move || {
            let request = async move {
                client::restore_version(
                    &id.get_value(),
                    opened.link.get_value().as_deref(),
                    n,
                    newest,
                )
                .await
            };
            form.run(request, move |project| {
                toasts.say(fill(t().version_restored, &[("n", &n.to_string())]));
                opened.fetch.set(project);
            });
        });
    };
    let name = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let request = async move {
            client::name_version(
                &id.get_value(),
                opened.link.get_value().as_deref(),
                n,
                label.get_untracked(),
            )
            .await
        };
        form.run(request, move |()| {
            naming.set(false);
            fetch.again();
        });
    };
    let author = move || {
        let own = session.account()?.id;
        (version.author_id.as_ref() == Some(&own)).then(|| view! { " · " {t().by_you} })
    };
    let title = if version.label.is_empty() {
        fill(t().version_n, &[("n", &number)])
    } else {
        version.label.clone()
    };
    let of =
        move |text: &'static str| fill(t().of_version, &[("what", text), ("n", &n.to_string())]);
    view! {
        <li class="row-card">
            <div class="grow">
                <strong class="row-name">{title}</strong>
                {(n == newest).then(|| view! { " " <span class="badge good">{t().newest}</span> })}
                <p class="soft num">
                    {(!version.label.is_empty()).then(|| format!("{} · ", fill(t().version_n, &[("n", &number)])))}
                    {when(version.created_at_us)} {author}
                </p>
                <Show when=move || naming.get()>
                    <form class="row" on:submit=name>
                        <input
                            class="field"
                            type="text"
                            maxlength="100"
                            aria-label=t().version_name
                            placeholder=t().version_name
                            prop:value=move || label.get()
                            on:input=move |event| label.set(event_target_value(&event))
                        />
                        <button class="button primary" type="submit">{t().save}</button>
                    </form>
                </Show>
            </div>
            <div class="row-actions">
                {(n > 1)
                    .then(|| {
                        view! {
                            <button class="button" aria-label=of(t().what_changed) on:click=move |_| compared.set(Some((n - 1, n)))>
                                {t().what_changed}
                            </button>
                        }
                    })}
                {(n < newest)
                    .then(|| {
                        view! {
                            <button class="button" aria-label=of(t().compare_newest) on:click=move |_| compared.set(Some((n, newest)))>
                                {t().compare_newest}
                            </button>
                        }
                    })}
                {edits
                    .then(|| {
                        view! {
                            <button class="button" aria-label=of(t().name_it) on:click=move |_| naming.update(|on| *on = !*on)>
                                {t().name_it}
                            </button>
                        }
                    })}
                {(edits && n < newest)
                    .then(|| {
                        view! {
                            <button class="button" aria-label=of(t().restore) on:click=restore>
                                {t().restore}
                            </button>
                        }
                    })}
            </div>
        </li>
    }
}

/// What changed from one version to another.
#[component]
fn Changes(id: String, from: i64, to: i64) -> impl IntoView {
    let opened = expect_context::<Opened>();
    let id = StoredValue::new(id);
    let fetch = Fetch::new(move || async move {
        let (id, link) = (id.get_value(), opened.link.get_value());
        let old = client::version(&id, link.as_deref(), from).await?;
        let new = client::version(&id, link.as_deref(), to).await?;
        Ok((old, new))
    });
    let heading = fill(t().from_to, &[("a", &from.to_string()), ("b", &to.to_string())]);
    view! {
        <p class="soft">{heading}</p>
        {show(
            fetch,
            |(old, new)| {
                let parts = changed(&old, &new);
                if parts.is_empty() {
                    return view! { <p>{t().nothing_changed}</p> }.into_any();
                }
                parts.into_iter().map(|(name, lines)| view! { <Part name=name lines=lines /> }).collect_view().into_any()
            },
        )}
    }
}

type Lines = Vec<(Change, String)>;

/// Circuits and notes that differ, by name, with their lines.
fn changed(old: &Project, new: &Project) -> Vec<(String, Lines)> {
    let owned = |lines: Vec<(Change, &str)>| -> Lines {
        lines.into_iter().map(|(change, line)| (change, line.to_owned())).collect()
    };
    let mut parts = Vec::new();
    if old.content.notes != new.content.notes {
        parts.push((
            t().notes.to_owned(),
            owned(diff::lines(&old.content.notes, &new.content.notes)),
        ));
    }
    let text = |project: &Project, id: &str| {
        let circuit = project.content.circuits.iter().find(|circuit| circuit.id == id);
        circuit.map(|circuit| circuit.program.text.clone()).unwrap_or_default()
    };
    let mut circuits: Vec<_> = new.content.circuits.iter().collect();
    let gone = |id: &str| !new.content.circuits.iter().any(|circuit| circuit.id == id);
    circuits.extend(old.content.circuits.iter().filter(|circuit| gone(&circuit.id)));
    for circuit in circuits {
        let (before, after) = (text(old, &circuit.id), text(new, &circuit.id));
        if before != after {
            parts.push((circuit.name.clone(), owned(diff::lines(&before, &after))));
        }
    }
    parts
}

/// Lines around a change that are shown.
const CONTEXT: usize = 3;

#[component]
fn Part(name: String, lines: Lines) -> impl IntoView {
    let near: Vec<bool> = (0..lines.len())
        .map(|i| {
            let around = i.saturating_sub(CONTEXT)..(i + CONTEXT + 1).min(lines.len());
            lines[around].iter().any(|(change, _)| *change != Change::Same)
        })
        .collect();
    let mut rows = Vec::new();
    let mut left_out = false;
    for ((change, line), near) in std::iter::zip(lines, near) {
        if !near {
            if !left_out {
                rows.push(view! { <span class="diff-gap">"⋯"</span> }.into_any());
            }
            left_out = true;
            continue;
        }
        left_out = false;
        let line = format!("{line}\n");
        rows.push(match change {
            Change::Same => view! { <span class="diff-same">"  " {line}</span> }.into_any(),
            Change::Out => view! { <del class="diff-out">"− " {line}</del> }.into_any(),
            Change::In => view! { <ins class="diff-in">"+ " {line}</ins> }.into_any(),
        });
    }
    view! {
        <h3 class="diff-name">{name}</h3>
        <pre class="diff" tabindex="0">{rows}</pre>
    }
}
