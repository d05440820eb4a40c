//! Results that were kept with a project, with everything that is needed to repeat them.

use api::http::projects::{Access, Project, Run, RunList, RunSummary};
use leptos::prelude::*;
use serde_json::Value;

use super::project::Opened;
use crate::client;
use crate::form::{Form, FormProblem};
use crate::parts::{Ask, Empty, Fetch, Modal, More, number, show, when};
use crate::words::{fill, t};

#[expect(clippy::too_many_lines, reason = "one view and the closures it shares")]
#[component]
pub fn Runs(project: Project) -> impl IntoView {
    let opened = expect_context::<Opened>();
    let ask = expect_context::<Ask>();
    let form = Form::new(&[]);
    let id = StoredValue::new(project.id.clone());
    let edits = project.access >= Access::Edit;
    let fetch = Fetch::new(move || async move {
        client::runs(&id.get_value(), opened.link.get_value().as_deref(), "").await
    });
    let shown = RwSignal::new(None::<String>);
    let circuits = StoredValue::new(project.content.circuits);
    let line = move |run: RunSummary| {
        let name = circuits.with_value(|all| {
            let found = all.iter().find(|circuit| circuit.id == run.circuit_id);
            found.map_or_else(|| run.circuit_id.clone(), |circuit| circuit.name.clone())
        });
        let about = fill(
            t().run_line,
            &[
                ("shots", &number(i64::try_from(run.shots).unwrap_or(i64::MAX))),
                ("seed", &run.seed.to_string()),
                ("backend", &run.backend),
                ("n", &run.version.to_string()),
            ],
        );
        let run_id = StoredValue::new(run.id);
        let open = fill(t().open_named, &[("name", &name)]);
        let delete = fill(t().delete_named, &[("name", &name)]);
        view! {
            <li class="row-card">
                <div class="grow">
                    <strong class="row-name">{name}</strong>
                    " "
                    <span class={if run.repeatable { "badge good" } else { "badge" }}>
                        {if run.repeatable { t().repeatable } else { t().not_repeatable }}
                    </span>
                    <p class="soft num">{about}</p>
                    <p class="soft num">{when(run.created_at_us)}</p>
                </div>
                <div class="row-actions">
                    <button class="button" aria-label=open on:click=move |_| shown.set(Some(run_id.get_value()))>
                        {t().open}
                    </button>
                    {edits
                        .then(|| {
                            view! {
                                <button
                                    class="button"
                                    aria-label=delete
                                    on:click=move |_| {
                                        ask.first(t().delete_run, t().delete_run_text, t().delete, move || {
                                            let request = async move {
                                                client::delete_run(&id.get_value(), &run_id.get_value()).await
                                            };
                                            form.run(request, move |()| fetch.again());
                                        });
                                    }
                                >
                                    {t().delete}
                                </button>
                            }
                        })}
                </div>
            </li>
        }
    };
    view! {
        <FormProblem form=form />
        {show(
            fetch,
            move |list: RunList| {
                if list.runs.is_empty() {
                    return view! { <Empty title=t().no_runs text=t().no_runs_text /> }.into_any();
                }
                let runs = RwSignal::new(list.runs);
                let next = RwSignal::new(list.next);
                let more = Callback::new(move |cursor: String| {
                    let request = async move {
                        client::runs(&id.get_value(), opened.link.get_value().as_deref(), &cursor).await
                    };
                    form.run(request, move |page| {
                        runs.update(|all| all.extend(page.runs));
                        next.set(page.next);
                    });
                });
                view! {
                    <ul class="rows">
                        <For each=move || runs.get() key=|run| run.id.clone() children=line />
                    </ul>
                    <More next=next load=more />
                }
                    .into_any()
            },
        )}
        {move || {
            shown
                .get()
                .map(|run| {
                    view! {
                        <Modal title=t().run on_close=Callback::new(move |()| shown.set(None))>
                            <OneRun id=id.get_value() run=run />
                        </Modal>
                    }
                })
        }}
    }
}

/// Outcomes that are listed.
const MAX_OUTCOMES: usize = 32;

#[component]
fn OneRun(id: String, run: String) -> impl IntoView {
    let opened = expect_context::<Opened>();
    let (id, run) = (StoredValue::new(id), StoredValue::new(run));
    let fetch = Fetch::new(move || async move {
        client::run(&id.get_value(), opened.link.get_value().as_deref(), &run.get_value()).await
    });
    show(fetch, |kept: Run| {
        let facts = [
            (t().method, kept.run.method.clone()),
            (t().shots, kept.run.shots.to_string()),
            (t().seed, kept.run.seed.to_string()),
            (t().backend, kept.run.backend.clone()),
            (t().engine, kept.run.engine.clone()),
            (t().duration, format!("{:.1} ms", kept.run.duration_us as f64 / 1000.0)),
            (t().program_hash, kept.run.program_hash.clone()),
            (t().result_hash, kept.result_hash.clone()),
        ];
        let note = if kept.repeatable { t().repeatable_text } else { t().not_repeatable_text };
        let counts = counts(&kept.run.result);
        let left_out = counts.len().saturating_sub(MAX_OUTCOMES);
        view! {
            <p>{note}</p>
            <dl class="facts">
                {facts
                    .map(|(name, value)| {
                        view! {
                            <div>
                                <dt>{name}</dt>
                                <dd class="mono">{value}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            {(!counts.is_empty())
                .then(|| {
                    view! {
                        <table class="plain">
                            <thead>
                                <tr>
                                    <th scope="col">{t().outcome}</th>
                                    <th scope="col">{t().counts}</th>
                                </tr>
                            </thead>
                            <tbody>
                                {counts
                                    .into_iter()
                                    .take(MAX_OUTCOMES)
                                    .map(|(bits, n)| {
                                        view! {
                                            <tr>
                                                <td class="mono">{bits}</td>
                                                <td class="num">{number(n)}</td>
                                            </tr>
                                        }
                                    })
                                    .collect_view()}
                            </tbody>
                        </table>
                    }
                })}
            {(left_out > 0)
                .then(|| view! { <p class="soft">{fill(t().outcomes_left, &[("n", &left_out.to_string())])}</p> })}
        }
    })
}

/// Outcomes and how often, the most frequent first, of what a result says.
fn counts(result: &Value) -> Vec<(String, i64)> {
    let Some(counts) = result.get("counts") else { return Vec::new() };
    let mut found: Vec<(String, i64)> = match counts {
        Value::Object(map) => {
            map.iter().filter_map(|(bits, n)| Some((bits.clone(), n.as_i64()?))).collect()
        }
        _ => Vec::new(),
    };
    found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::counts;

    #[test]
    fn counts_are_sorted_and_nonsense_is_left_out() {
        let found = counts(&json!({"counts": {"00": 5, "11": 7, "01": 5, "x": "y"}}));
        assert_eq!(found, [("11".into(), 7), ("00".into(), 5), ("01".into(), 5)]);
        assert!(counts(&json!([])).is_empty() && counts(&json!({"counts": 3})).is_empty());
    }
}
