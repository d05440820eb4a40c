//! Expectation values of observables that someone types.

use api::run::{Probe, Reading};
use leptos::prelude::*;

use super::format;
use super::frame::{Exports, Frame, NoiseSwitch};
use super::words::words;
use crate::icon::{Glyph, Icon};
use crate::messages::fill;
use crate::state::prefs::Display;
use crate::state::{Inspector, Lab, storage};

const KEY: &str = "ketlab.observables";
/// Observables of one table.
const MAX: usize = 24;

#[component]
pub fn Expectation() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let inspector = expect_context::<Inspector>();
    let num_qubits = Memo::new(move |_| lab.document.with(editor::Document::num_qubits));
    let list =
        RwSignal::new(storage::load::<Vec<String>>(KEY).unwrap_or_else(|| vec!["Z0".into()]));
    Effect::new(move |before: Option<()>| {
        list.track();
        if before.is_some() {
            storage::save(KEY, &list.get_untracked());
        }
    });
    let probes = Signal::derive(move || {
        let n = num_qubits.get();
        list.with(|list| {
            list.iter().map(|text| Probe::Expectation { observable: expand(text, n) }).collect()
        })
    });
    let view = inspector.want("expectation", probes);
    let typed = RwSignal::new(String::new());
    let add = move || {
        let text = typed.get_untracked().trim().to_owned();
        if !text.is_empty() && list.with_untracked(|l| l.len() < MAX && !l.contains(&text)) {
            list.update(|l| l.push(text));
            typed.set(String::new());
        }
    };
    let rows = move || {
        let view = view.get();
        list.get()
            .into_iter()
            .enumerate()
            .map(|(i, text)| {
                let label = fill(words().remove, &[("name", &text)]);
                let shown = text.clone();
                let reading = view.now.get(i).map(value);
                view! {
                    <tr>
                        <td class="mono">{shown}</td>
                        {reading}
                        <td class="remove-cell">
                            <button
                                class="button quiet icon small"
                                aria-label=label.clone()
                                title=label
                                on:click=move |_| list.update(|l| l.retain(|o| *o != text))
                            >
                                <Glyph icon=Icon::Close />
                            </button>
                        </td>
                    </tr>
                }
            })
            .collect_view()
    };
    let exports = Exports::rows(move || {
        let mut out = vec![["observable", "value", "deviation"].map(str::to_owned).to_vec()];
        let view = view.get_untracked();
        for (text, reading) in list.get_untracked().into_iter().zip(&view.now) {
            if let Reading::Expectation { value, deviation } = reading {
                out.push(vec![text, value.to_string(), deviation.to_string()]);
            }
        }
        out
    });
    view! {
        <Frame display=Display::Expectation exports=exports tools=NoiseSwitch scroll=true>
            <form
                class="observable-form"
                on:submit=move |event| {
                    event.prevent_default();
                    add();
                }
            >
                <input
                    class="field mono"
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    aria-label=words().observable
                    title=words().observable_hint
                    placeholder="Z0 Z1 + 0.5*X2"
                    prop:value=typed
                    on:input=move |event| typed.set(event_target_value(&event))
                />
                <button class="button small" type="submit">{words().add_observable}</button>
            </form>
            <table class="observables num">
                <thead class="visually-hidden">
                    <tr>
                        <th>{words().observable}</th>
                        <th>{words().value}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            <Show when=move || list.with(Vec::is_empty)>
                <p class="empty">{words().no_observables}</p>
            </Show>
        </Frame>
    }
}

/// Cells of a value: a bar from the middle, the number, its spread.
fn value(reading: &Reading) -> AnyView {
    match reading {
        Reading::Expectation { value, deviation } => {
            let size = value.abs().min(1.0);
            let class = if *value < 0.0 { "signed-bar negative" } else { "signed-bar" };
            let spread = fill(words().deviation, &[("d", &format::signed(*deviation))]);
            view! {
                <td class="signed-cell">
                    <div class=class style=("--p", format!("{size:.4}"))></div>
                </td>
                <td class="mono value-cell" title=spread>{format::real(*value)}</td>
            }
            .into_any()
        }
        Reading::Refused { message } => {
            view! { <td colspan="2" class="refused">{message.clone()}</td> }.into_any()
        }
        _ => view! { <td></td><td></td> }.into_any(),
    }
}

/// `Z0 Z2 + 0.5*X1` with a letter for each of `n` qubits, highest first, as the simulator reads it.
/// What has no numbers at its letters, or makes no sense, stays as it is: the simulator says why.
pub fn expand(text: &str, n: u32) -> String {
    let mut out = String::new();
    let mut letters: Option<Vec<char>> = None;
    let mut chars = text.chars().peekable();
    let flush = |out: &mut String, letters: &mut Option<Vec<char>>| {
        if let Some(term) = letters.take() {
            out.extend(term.iter().rev());
        }
    };
    while let Some(c) = chars.next() {
        if matches!(c, 'X' | 'Y' | 'Z' | 'I') {
            let mut digits = String::new();
            while let Some(d) = chars.peek().filter(|d| d.is_ascii_digit()) {
                digits.push(*d);
                chars.next();
            }
            match digits.parse::<usize>() {
                Ok(q) if q < n as usize => {
                    let term = letters.get_or_insert_with(|| vec!['I'; n as usize]);
                    if term[q] != 'I' {
                        return text.to_owned();
                    }
                    term[q] = c;
                }
                _ => return text.to_owned(),
            }
        } else if letters.is_some() && (c == ' ' || c == '*') {
            // Between letters of one term.
        } else {
            flush(&mut out, &mut letters);
            out.push(c);
        }
    }
    flush(&mut out, &mut letters);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_with_numbers_become_strings_of_letters() {
        for (text, expected) in [
            ("Z0 Z2 + 0.5*X1", "ZIZ+ 0.5*IXI"),
            ("Z0Z1", "IZZ"),
            ("-Y2", "-YII"),
            ("ZZI", "ZZI"),
            ("Z5", "Z5"),
            ("Z0 X0", "Z0 X0"),
            ("2*Z0*Z1 - X2", "2*IZZ- XII"),
        ] {
            assert_eq!(expand(text, 3), expected, "{text}");
        }
    }
}
