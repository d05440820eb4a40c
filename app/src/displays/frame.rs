//! What every display has: a title, its tools, a menu of exports, a button that puts it away.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Shown as _;
use super::export::{self, Picture};
use super::words::words;
use crate::icon::{Glyph, Icon};
use crate::messages::fill;
use crate::state::prefs::Display;
use crate::state::{Inspector, Lab, Prefs};

/// What a display can be saved as.
#[derive(Clone, Copy)]
pub struct Exports {
    /// The numbers, first row the head. Also drawn as a table where there is no drawing.
    pub rows: Callback<(), Vec<Vec<String>>>,
    /// For counts.
    pub json: Option<Callback<(), String>>,
}

impl Exports {
    pub fn rows(rows: impl Fn() -> Vec<Vec<String>> + Send + Sync + 'static) -> Self {
        Self { rows: Callback::new(move |()| rows()), json: None }
    }
}

/// One display in the dock.
#[expect(clippy::needless_pass_by_value, reason = "properties come by value")]
#[component]
pub fn Frame(
    display: Display,
    exports: Exports,
    /// Beside the title: what is shown, what is left out.
    #[prop(optional, into)]
    note: Signal<Option<String>>,
    /// Buttons and fields.
    #[prop(optional, into)]
    tools: ViewFn,
    /// Scrolls.
    #[prop(optional)]
    scroll: bool,
    children: Children,
) -> impl IntoView {
    let body = NodeRef::<html::Div>::new();
    let title = display.title();
    let id = format!("{}-title", display.word());
    let title_id = id.clone();
    view! {
        <section class=format!("display {}", display.word()) aria-labelledby=id>
            <header class="display-head">
                <h2 id=title_id>{title}</h2>
                <span class="soft num note">{note}</span>
                <span class="grow"></span>
                {tools.run()}
                <ExportMenu display=display exports=exports body=body />
                <CloseButton display=display />
            </header>
            // What scrolls can be reached and scrolled by keys.
            <div
                class="display-body"
                class:scroll=scroll
                node_ref=body
                tabindex=scroll.then_some("0")
                role=scroll.then_some("group")
                aria-label=scroll.then_some(title)
            >
                {children()}
            </div>
        </section>
    }
}

#[component]
fn CloseButton(display: Display) -> impl IntoView {
    let prefs = expect_context::<Prefs>();
    let label = fill(words().close, &[("name", display.title())]);
    view! {
        <Show when=move || { prefs.open.with(|open| open.len() > 1) }>
            <button
                class="button quiet icon small close-display"
                title=label.clone()
                aria-label=label.clone()
                on:click=move |_| prefs.open.update(|open| open.retain(|d| *d != display))
            >
                <Glyph icon=Icon::Close />
            </button>
        </Show>
    }
}

#[component]
fn ExportMenu(display: Display, exports: Exports, body: NodeRef<html::Div>) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let open = RwSignal::new(false);
    let label = fill(words().export_of, &[("name", display.title())]);
    let file = move |ending: &str| {
        let name = crate::files::file_name(&lab.name.get_untracked());
        format!("{name}-{}.{ending}", display.word())
    };
    let picture = move || -> Picture {
        let drawn = body.get_untracked().and_then(|body| {
            let element: web_sys::Element = body.unchecked_into();
            export::picture_of(&element)
        });
        drawn.unwrap_or_else(|| export::picture_of_rows(&exports.rows.run(())))
    };
    let svg = move || export::save_text(&file("svg"), "image/svg+xml", &picture().svg);
    let png = move || {
        let toasts = lab.toasts();
        export::save_png(&file("png"), &picture(), move || toasts.say(words().export_failed));
    };
    let csv = move || {
        export::save_text(&file("csv"), "text/csv", &export::csv(&exports.rows.run(())));
    };
    let json = exports
        .json
        .map(|json| move || export::save_text(&file("json"), "application/json", &json.run(())));
    let close_later = move |_| open.set(false);
    view! {
        <div class="menu-anchor">
            <button
                class="button quiet icon small"
                title=words().export
                aria-label=label
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <Glyph icon=Icon::Download />
            </button>
            <Show when=move || open.get()>
                <div class="menu-scrim" on:click=close_later></div>
                <div
                    class="menu export-menu"
                    role="menu"
                    on:keydown=move |event| {
                        if event.key() == "Escape" {
                            event.prevent_default();
                            event.stop_propagation();
                            open.set(false);
                        }
                    }
                >
                    {item(words().as_svg, open, svg)}
                    {item(words().as_png, open, png)}
                    {item(words().as_csv, open, csv)}
                    {json.map(|json| item(words().as_json, open, json))}
                </div>
            </Show>
        </div>
    }
}

fn item(label: &'static str, open: RwSignal<bool>, action: impl Fn() + 'static) -> impl IntoView {
    view! {
        <button
            class="menu-item"
            role="menuitem"
            on:click=move |_| {
                open.set(false);
                action();
            }
        >
            {label}
        </button>
    }
}

/// Reads `0-2, 5` as qubits or bits below `count`, at most `most`, each once, ascending. Empty text
/// gives none.
pub fn parse_list(text: &str, count: u32, most: usize) -> Option<Vec<u32>> {
    let mut out = Vec::new();
    for part in text.split([',', ' ']).filter(|p| !p.is_empty()) {
        let part = part.trim_start_matches('q');
        let (from, to) = part.split_once(['-', '–']).unwrap_or((part, part));
        let from: u32 = from.parse().ok()?;
        let to: u32 = to.trim_start_matches('q').parse().ok()?;
        if from > to || to >= count {
            return None;
        }
        out.extend(from..=to);
        if out.len() > most {
            return None;
        }
    }
    out.sort_unstable();
    out.dedup();
    Some(out)
}

/// A field for a list of qubits or bits, taken over as it is typed.
#[component]
pub fn ListField(
    label: &'static str,
    #[prop(into)] hint: Signal<String>,
    text: RwSignal<String>,
    /// What is typed makes no sense.
    #[prop(into)]
    invalid: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="display-field" title=move || hint.get()>
            <span>{label}</span>
            <input
                class="field mono"
                type="text"
                size="6"
                autocomplete="off"
                spellcheck="false"
                placeholder="0-2"
                aria-invalid=move || invalid.get().then_some("true")
                prop:value=text
                on:input=move |event| text.set(event_target_value(&event))
            />
        </label>
    }
}

/// The state without noise, or under the noise in use; nothing where there is none.
#[component]
pub fn NoiseSwitch() -> impl IntoView {
    let inspector = expect_context::<Inspector>();
    let model = expect_context::<Lab>().noise.model;
    let button = move |noisy: bool, text: &'static str| {
        view! {
            <button
                type="button"
                aria-pressed=move || (inspector.noisy.get() == noisy).to_string()
                on:click=move |_| inspector.noisy.set(noisy)
            >
                {text}
            </button>
        }
    };
    view! {
        <Show when=move || model.with(Option::is_some)>
            <div class="segments" role="group" aria-label=words().noise>
                {button(false, words().without_noise)}
                {button(true, words().with_noise)}
            </div>
        </Show>
    }
}

/// Why there is nothing to show.
#[component]
pub fn Empty(#[prop(into)] text: Signal<Option<String>>) -> impl IntoView {
    move || text.get().map(|text| view! { <p class="empty">{text}</p> })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_qubits_are_read_as_people_write_them() {
        for (text, expected) in [
            ("", Some(vec![])),
            ("0-2, 5", Some(vec![0, 1, 2, 5])),
            ("q3 q1", Some(vec![1, 3])),
            ("1,1", Some(vec![1])),
            ("8", None),
            ("2-1", None),
            ("x", None),
            ("0-7", None),
        ] {
            assert_eq!(parse_list(text, 8, 6), expected, "{text}");
        }
    }
}
