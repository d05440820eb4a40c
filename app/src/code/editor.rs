//! The text editor: CodeMirror once it is loaded, a plain text area until then and where it cannot be
//! had.
//!
//! The text area lies over a layer that draws color, underlines and line numbers. Both have the
//! height of the whole text and scroll as one, so that they cannot come apart; the layer holds the
//! visible lines only.

use std::ops::Range;
use std::sync::Arc;

use api::run::{Diagnostic, Severity};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

use super::language::{byte_from_utf16, utf16_from_bytes};
use super::mirror::{self, Events, Mirror};
use super::{Link, highlight};
use crate::frame::rich;
use crate::icon::{Glyph, Icon};
use crate::later::after_frame;
use crate::messages::{fill, t};

/// Height of a line in CSS pixels; the style sheet says the same.
const LINE: f64 = 20.0;
/// Lines drawn beyond either edge, and the step in which the window moves.
const MARGIN: usize = 24;

/// Where to put the cursor: line and column from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jump {
    pub line: u32,
    pub column: u32,
}

/// Editor with line numbers, highlighting and problems.
#[expect(clippy::too_many_lines, reason = "one view and the closures it shares")]
#[component]
pub fn CodeEditor(
    /// The text; changes from elsewhere show at once.
    text: RwSignal<Arc<str>>,
    /// Remarks on the text.
    #[prop(into)]
    diagnostics: Signal<Arc<Vec<Diagnostic>>>,
    /// Each change made here.
    on_input: Callback<String>,
    /// Moves the cursor there and focuses.
    jump: RwSignal<Option<Jump>>,
    /// What connects text and picture.
    link: Link,
    /// Whether it is time to load CodeMirror: the page has shown its first result.
    #[prop(into)]
    ready: Signal<bool>,
) -> impl IntoView {
    let mirror = StoredValue::new_local(None::<Mirror>);
    let mirrored = RwSignal::new(false);
    let host = NodeRef::<html::Div>::new();
    let area = NodeRef::<html::Textarea>::new();
    let scroll = NodeRef::<html::Div>::new();
    let window = RwSignal::new((0_usize, 80_usize));

    let lines = Memo::new(move |_| text.get().bytes().filter(|b| *b == b'\n').count() + 1);
    let columns =
        Memo::new(move |_| text.get().split('\n').map(|l| l.chars().count()).max().unwrap_or(0));
    let comments = Memo::new(move |_| highlight::comment_states(&text.get()));

    // Typing keeps the cursor: the value is set only when the text came from elsewhere.
    Effect::new(move |_| {
        let text = text.get();
        if let Some(area) = area.get()
            && area.value() != *text
        {
            area.set_value(&text);
        }
    });

    let look = move || {
        if let Some(element) = scroll.get_untracked() {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "pixels from 0"
            )]
            let line = |pixels: f64| (pixels / LINE).max(0.0) as usize;
            let top = line(f64::from(element.scroll_top()));
            let seen = line(f64::from(element.client_height())) + 1;
            let first = top.saturating_sub(MARGIN) / MARGIN * MARGIN;
            let next = (first, (top + seen + 2 * MARGIN).next_multiple_of(MARGIN));
            if window.get_untracked() != next {
                window.set(next);
            }
        }
    };
    Effect::new(move |_| {
        lines.track();
        request_animation_frame(look);
    });
    let resize = window_event_listener(leptos::ev::resize, move |_| look());
    on_cleanup(move || resize.remove());

    use_mirror(mirror, mirrored, host, area, text, on_input, link, ready);
    // After the frame that shows what changed the text: the editor takes longer than all the rest.
    let waits = StoredValue::new(false);
    let follow = move || {
        if waits.try_get_value() != Some(true) {
            return;
        }
        waits.set_value(false);
        let (text, diagnostics) = (text.get_untracked(), diagnostics.get_untracked());
        let marks = link.marks.get_untracked();
        let offsets = utf16_from_bytes(&text, marks.iter().flat_map(|r| [r.start, r.end]));
        mirror.with_value(|m| {
            if let Some(m) = m {
                m.set_text(&text);
                m.set_diagnostics(&diagnostics);
                m.set_marks(&offsets);
            }
        });
    };
    Effect::new(move |_| {
        text.track();
        diagnostics.track();
        link.marks.track();
        if mirrored.get() && !waits.get_value() {
            waits.set_value(true);
            after_frame(follow);
        }
    });
    Effect::new(move |_| {
        let Some(Range { start, end }) = link.show.get() else { return };
        link.show.set(None);
        let places = text.with_untracked(|text| utf16_from_bytes(text, [start, end]));
        follow();
        if mirrored.get() {
            mirror.with_value(|m| {
                m.as_ref().inspect(|m| m.select(places[0], places[1], true)).is_some()
            });
        } else if let Some(area) = area.get_untracked() {
            let _ = area.focus();
            let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let _ = area.set_selection_range(narrow(places[0]), narrow(places[1]));
        }
    });

    Effect::new(move |_| {
        let Some(target) = jump.get() else { return };
        follow();
        if mirrored.get() {
            jump.set(None);
            mirror.with_value(|m| {
                m.as_ref().inspect(|m| m.jump(target.line, target.column)).is_some()
            });
            return;
        }
        let Some(area) = area.get() else { return };
        jump.set(None);
        let text = text.get_untracked();
        let offset = offset_utf16(&text, target);
        let _ = area.focus();
        let _ = area.set_selection_range(offset, offset);
        if let Some(element) = scroll.get_untracked() {
            let y = f64::from(target.line.saturating_sub(1)) * LINE
                - f64::from(element.client_height()) / 2.0;
            #[expect(clippy::cast_possible_truncation, reason = "pixels")]
            element.set_scroll_top(y.max(0.0) as i32);
        }
    });

    let visible = move || {
        let (first, last) = window.get();
        let text = text.get();
        let diagnostics = diagnostics.get();
        let comments = comments.get();
        let mut numbers = Vec::new();
        let mut rows = Vec::new();
        for (i, line) in text.split('\n').enumerate().skip(first).take(last.saturating_sub(first)) {
            let line = line.strip_suffix('\r').unwrap_or(line);
            let marks = highlight::marks(&diagnostics, i, line.chars().count());
            let worst = marks.iter().map(|m| m.severity).max();
            numbers.push(view! { <div class=worst.map_or("", severity_class)>{i + 1}</div> });
            let pieces =
                highlight::segments(line, comments.get(i).copied().unwrap_or(false), &marks);
            rows.push(view! {
                <div class="code-line">
                    {pieces
                        .into_iter()
                        .map(|s| {
                            let mark = s.mark.map_or("", mark_class);
                            view! { <span class=format!("{} {mark}", s.kind.class())>{s.text}</span> }
                        })
                        .collect_view()}
                </div>
            });
        }
        (numbers, rows)
    };
    let offset = move || format!("translateY({}px)", window.get().0 as f64 * LINE);
    let layers = move || {
        let (numbers, rows) = visible();
        view! {
            <div class="code-numbers num" aria-hidden="true" style:transform=offset>{numbers}</div>
            <div class="code-layer" aria-hidden="true" style:transform=offset>{rows}</div>
        }
    };

    let placed = move || diagnostics.get().iter().take(MAX_LISTED).cloned().collect::<Vec<_>>();
    let more = move || diagnostics.get().len().saturating_sub(MAX_LISTED);
    view! {
        <div class="code">
            <div class="code-host" class:ready=move || mirrored.get() node_ref=host></div>
            <Show when=move || !mirrored.get()>
            <div class="code-scroll" node_ref=scroll on:scroll=move |_| look()>
                <div
                    class="code-content"
                    style=("--lines", move || lines.get().to_string())
                    style=("--columns", move || (columns.get() + 4).to_string())
                    style=("--digits", move || lines.get().to_string().len().max(2).to_string())
                >
                    {layers}
                    <textarea
                        class="code-area"
                        node_ref=area
                        aria-label=t().code_label
                        spellcheck="false"
                        autocomplete="off"
                        autocapitalize="off"
                        wrap="off"
                        on:input=move |event| {
                            if let Some(area) =
                                event.target().and_then(|t| t.dyn_into::<web_sys::HtmlTextAreaElement>().ok())
                            {
                                on_input.run(area.value());
                            }
                        }
                    ></textarea>
                </div>
            </div>
            </Show>
            <Show when=move || !diagnostics.get().is_empty()>
                <ul class="code-problems" aria-label=t().problems>
                    {move || {
                        placed()
                            .into_iter()
                            .map(|d| {
                                let target = Jump { line: d.line, column: d.column };
                                view! {
                                    <li>
                                        <button
                                            class=format!("problem {}", severity_class(d.severity))
                                            on:click=move |_| jump.set((target.line > 0).then_some(target))
                                        >
                                            <Glyph icon=severity_icon(d.severity) />
                                            <span>
                                                {rich(&d.message)}
                                                {d.help.map(|help| view! { <span class="help">{rich(&help)}</span> })}
                                            </span>
                                            {(d.line > 0)
                                                .then(|| view! { <span class="place num">{format!("{}:{}", d.line, d.column)}</span> })}
                                        </button>
                                    </li>
                                }
                            })
                            .collect_view()
                    }}
                    {move || {
                        (more() > 0).then(|| view! { <li class="soft">{fill(t().more_problems, &[("n", &more().to_string())])}</li> })
                    }}
                </ul>
            </Show>
        </div>
    }
}

/// Loads CodeMirror when it is time, and puts it in the place of the text area.
#[expect(clippy::too_many_arguments, reason = "the parts of one component")]
fn use_mirror(
    mirror: StoredValue<Option<Mirror>, LocalStorage>,
    mirrored: RwSignal<bool>,
    host: NodeRef<html::Div>,
    area: NodeRef<html::Textarea>,
    text: RwSignal<Arc<str>>,
    on_input: Callback<String>,
    link: Link,
    ready: Signal<bool>,
) {
    let asked = StoredValue::new(false);
    Effect::new(move |_| {
        let Some(host) = host.get().filter(|_| ready.get() && !asked.get_value()) else { return };
        asked.set_value(true);
        spawn_local(async move {
            let Some(create) = mirror::load().await else { return };
            let byte = move |at: usize| text.with_untracked(|text| byte_from_utf16(text, at));
            let events = Events {
                change: Box::new(move |text| on_input.run(text)),
                cursor: Box::new(move |at, focused| {
                    link.on_cursor.run(focused.then(|| byte(at)));
                }),
                undo: Box::new(move || link.on_undo.run(())),
                redo: Box::new(move || link.on_redo.run(())),
                picture: Box::new(move |at| link.on_picture.run(byte(at))),
            };
            // What is being typed goes on in the new editor.
            let area = area.try_get_untracked().flatten();
            let focused = area.as_ref().filter(|area| {
                let active = document().active_element();
                active.is_some_and(|e| e.is_same_node(Some(area)))
            });
            let selection = focused.map(|area| {
                let at = |place: Result<Option<u32>, _>| place.ok().flatten().unwrap_or(0) as usize;
                (at(area.selection_start()), at(area.selection_end()))
            });
            let Some(made) = Mirror::new(&create, &host, text, events) else { return };
            if mirrored.try_set(true).is_some() {
                // The page was built anew meanwhile.
                return;
            }
            if let Some((from, to)) = selection {
                made.select(from, to, true);
            }
            mirror.set_value(Some(made));
            mirrored.notify();
        });
    });
}

/// More problems than this are counted, not listed.
const MAX_LISTED: usize = 20;

pub fn severity_class(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn mark_class(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "mark-error",
        Severity::Warning => "mark-warning",
        Severity::Note => "mark-note",
    }
}

pub fn severity_icon(severity: Severity) -> Icon {
    if severity == Severity::Note { Icon::Info } else { Icon::Alert }
}

/// Position in UTF-16 units, as text areas count.
fn offset_utf16(text: &str, target: Jump) -> u32 {
    let mut units = 0;
    for (i, line) in text.split('\n').enumerate() {
        if i + 1 == target.line as usize {
            let column = target.column.saturating_sub(1) as usize;
            units += line.chars().take(column).map(char::len_utf16).sum::<usize>();
            break;
        }
        units += line.encode_utf16().count() + 1;
    }
    u32::try_from(units).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_count_as_text_areas_do() {
        let at = |line, column| offset_utf16("aé\n💥b\nc", Jump { line, column });
        assert_eq!(at(1, 1), 0);
        assert_eq!(at(1, 3), 2);
        assert_eq!(at(2, 2), 5, "a character outside the basic plane has two units");
        assert_eq!(at(3, 1), 7);
        assert_eq!(at(2, 99), 6, "past the end of the line is its end");
    }
}
