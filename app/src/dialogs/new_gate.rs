//! A gate of one's own, from a matrix or from a definition in OpenQASM.

use std::sync::Arc;

use editor::command::check_name;
use editor::{Command, Definition, Document, matrix};
use leptos::prelude::*;

use super::{Dialog, DialogFrame};
use crate::messages::edits::{self, refusal};
use crate::messages::{fill, t};
use crate::program::{self, Picture};
use crate::state::Lab;
use crate::state::toast::Toasts;

/// What the gate is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Matrix,
    Text,
}

/// A matrix as it stands in the field.
#[derive(Debug, Clone, PartialEq)]
enum Checked {
    Fine(circuit::Matrix),
    /// Not unitary: how far, and the nearest one that is.
    Off(f64, Option<circuit::Matrix>),
    Wrong(String),
}

fn check_matrix(text: &str) -> Checked {
    match matrix::parse(text) {
        Err(error) => Checked::Wrong(edits::matrix(&error)),
        Ok(matrix) => {
            let deviation = matrix.unitary_deviation();
            if deviation <= editor::matrix::UNITARY_ATOL {
                Checked::Fine(matrix)
            } else {
                Checked::Off(deviation, matrix.nearest_unitary())
            }
        }
    }
}

/// The gates that `text` defines, among and after those of `document`.
fn definitions(document: &Document, text: &str) -> Result<Vec<Arc<Definition>>, String> {
    let mut before =
        String::from("OPENQASM 3.0;\ninclude \"stdgates.inc\";\ninclude \"ketlab.inc\";\n");
    for definition in document.header.definitions.iter().filter(|d| !d.late) {
        before.push_str(&definition.text);
        before.push('\n');
    }
    let first = before.matches('\n').count();
    let reading = program::read(&format!("{before}{text}\nqubit ketlab_wire;\n"));
    if let Some(error) =
        reading.diagnostics.iter().find(|d| d.severity == api::run::Severity::Error)
    {
        let line = (error.line as usize).saturating_sub(first).max(1).to_string();
        let values = [("line", line.as_str()), ("message", error.message.as_str())];
        return Err(fill(t().text_not_read, &values));
    }
    let Picture::Drawn(drawn, _) = reading.picture else {
        return Err(t().no_gate_in_text.to_owned());
    };
    let known = |name: &str| document.header.definition(name).is_some();
    let new: Vec<_> = drawn
        .header
        .definitions
        .iter()
        .filter(|d| d.num_qubits > 0 && !known(&d.name))
        .cloned()
        .collect();
    if new.is_empty() { Err(t().no_gate_in_text.to_owned()) } else { Ok(new) }
}

#[expect(clippy::too_many_lines, reason = "one view and the closures it shares")]
#[component]
pub fn NewGate() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let toasts = expect_context::<Toasts>();
    let dialog = expect_context::<RwSignal<Option<Dialog>>>();
    let from = RwSignal::new(Source::Matrix);
    let name = RwSignal::new(lab.document.with_untracked(|d| d.header.fresh_name("gate1")));
    let rows = RwSignal::new(String::from("1/sqrt(2), 1/sqrt(2)\n1/sqrt(2), -1/sqrt(2)"));
    let text =
        RwSignal::new(String::from("gate my_gate(theta) a, b {\n  ry(theta) a;\n  cx a, b;\n}"));
    let problem = RwSignal::new(None::<String>);
    let checked = Memo::new(move |_| rows.with(|rows| check_matrix(rows)));
    let name_problem =
        move || lab.document.with(|d| check_name(d, name.get().trim())).err().map(|e| refusal(&e));
    let add_all =
        move |commands: Vec<Command>, name: &str| match lab.edit(&Command::All(commands), None) {
            Ok(_) => {
                toasts.say(fill(t().gate_added, &[("name", name)]));
                dialog.set(None);
            }
            Err(error) => problem.set(Some(refusal(&error))),
        };
    let add = move || {
        problem.set(None);
        match from.get_untracked() {
            Source::Matrix => {
                if let Checked::Fine(matrix) = checked.get_untracked() {
                    let name = name.get_untracked().trim().to_owned();
                    let definition = matrix::definition(&name, &matrix);
                    add_all(vec![Command::Define(definition)], &name);
                }
            }
            Source::Text => {
                let found = lab.document.with_untracked(|d| definitions(d, &text.get_untracked()));
                match found {
                    Ok(found) => {
                        let names: Vec<&str> = found.iter().map(|d| &*d.name).collect();
                        let names = names.join(", ");
                        add_all(
                            found.iter().map(|d| Command::Define((**d).clone())).collect(),
                            &names,
                        );
                    }
                    Err(message) => problem.set(Some(message)),
                }
            }
        }
    };
    let ready = move || match from.get() {
        Source::Matrix => matches!(checked.get(), Checked::Fine(_)) && name_problem().is_none(),
        Source::Text => !text.with(|t| t.trim().is_empty()),
    };
    let tab = move |this: Source, label: &'static str| {
        view! {
            <button
                type="button"
                role="tab"
                aria-selected=move || (from.get() == this).to_string()
                on:click=move |_| from.set(this)
            >
                {label}
            </button>
        }
    };
    let remark = move || match checked.get() {
        Checked::Fine(matrix) => {
            let qubits = matrix.num_qubits().to_string();
            view! { <p class="hint">{fill(t().matrix_qubits, &[("n", &qubits)])}</p> }.into_any()
        }
        Checked::Wrong(message) => {
            view! { <p class="field-problem" role="alert">{message}</p> }.into_any()
        }
        Checked::Off(deviation, nearest) => {
            let text = fill(t().not_unitary, &[("deviation", &format!("{deviation:.2e}"))]);
            let remedy = match nearest {
                Some(nearest) => view! {
                    <button type="button" class="button small" on:click=move |_| rows.set(matrix::to_text(&nearest))>
                        {t().use_nearest}
                    </button>
                }
                .into_any(),
                None => view! { <span>{t().no_nearest}</span> }.into_any(),
            };
            view! { <p class="field-problem" role="alert">{text} " " {remedy}</p> }.into_any()
        }
    };
    view! {
        <DialogFrame title=t().new_gate>
            <form
                class="new-gate"
                on:submit=move |event| {
                    event.prevent_default();
                    if ready() {
                        add();
                    }
                }
            >
                <div class="segments" role="tablist" aria-label=t().new_gate>
                    {tab(Source::Matrix, t().new_gate_matrix)}
                    {tab(Source::Text, t().new_gate_text)}
                </div>
                <Show when=move || from.get() == Source::Matrix>
                    <label class="form-row">
                        <span>{t().new_gate_name}</span>
                        <input
                            class="field"
                            autocomplete="off"
                            spellcheck="false"
                            prop:value=name
                            aria-invalid=move || name_problem().is_some().then_some("true")
                            on:input=move |event| name.set(event_target_value(&event))
                        />
                    </label>
                    {move || name_problem().map(|p| view! { <p class="field-problem" role="alert">{p}</p> })}
                    <label class="form-row">
                        <span>{t().new_gate_matrix}</span>
                        <textarea
                            class="field mono"
                            rows="5"
                            spellcheck="false"
                            prop:value=rows
                            on:input=move |event| rows.set(event_target_value(&event))
                        ></textarea>
                    </label>
                    <p class="hint">{t().new_gate_matrix_hint}</p>
                    {remark}
                </Show>
                <Show when=move || from.get() == Source::Text>
                    <label class="form-row">
                        <span>{t().new_gate_text}</span>
                        <textarea
                            class="field mono"
                            rows="8"
                            spellcheck="false"
                            prop:value=text
                            on:input=move |event| text.set(event_target_value(&event))
                        ></textarea>
                    </label>
                    <p class="hint">{t().new_gate_text_hint}</p>
                </Show>
                {move || problem.get().map(|p| view! { <p class="field-problem" role="alert">{p}</p> })}
                <div class="dialog-actions">
                    <button type="submit" class="button primary" disabled=move || !ready()>
                        {t().add_gate}
                    </button>
                </div>
            </form>
        </DialogFrame>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_read_with_its_place_in_case_of_error() {
        let document = Document::new(1, 0);
        let found = definitions(&document, "gate a(t) x, y { rx(t) x; cx x, y; }").expect("a gate");
        assert_eq!((&*found[0].name, found[0].num_qubits, found[0].num_params), ("a", 2, 1));
        let error = definitions(&document, "gate a x {\n  hh x;\n}").expect_err("no such gate");
        assert!(error.contains('2'), "{error}");
        assert!(definitions(&document, "").is_err());
    }

    #[test]
    fn a_matrix_is_checked_and_mended() {
        assert!(matches!(check_matrix("0 1; 1 0"), Checked::Fine(_)));
        let Checked::Off(_, Some(near)) = check_matrix("0.7 0.7; 0.7 -0.7") else {
            panic!("not unitary");
        };
        assert!(matches!(check_matrix(&matrix::to_text(&near)), Checked::Fine(_)));
        assert!(matches!(check_matrix("1 1; 1 1"), Checked::Off(_, None)));
        assert!(matches!(check_matrix("1 1"), Checked::Wrong(_)));
    }
}
