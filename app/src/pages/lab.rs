//! The lab: gates, circuit, text, results. Panels can be put away and resized; on a phone they share
//! a sheet at the bottom.

pub mod inputs;
pub mod outcome;
pub mod results;
pub mod scrub;
pub mod splitter;
pub mod status_line;

use std::sync::Arc;

use editor::keys::Action;
use editor::{Applied, Command, Selection};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::canvas::{Board, CircuitCanvas, OpenedGates, Palette};
use crate::code::{CodeEditor, Jump, Link};
use crate::dialogs::Dialog;
use crate::icon::{Glyph, Icon};
use crate::messages::edits::refusal;
use crate::messages::{fill, t};
use crate::sim_client::RunState;
use crate::state::lab::Undrawn;
use crate::state::opened::{self, Path};
use crate::state::prefs::Panel;
use crate::state::{Inspector, Lab, Prefs};
use inputs::Inputs;
use results::Results;
use scrub::ScrubBar;
use splitter::{Axis, Splitter};
use status_line::StatusLine;

#[expect(clippy::too_many_lines, reason = "what the page consists of")]
#[component]
pub fn LabPage() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let prefs = expect_context::<Prefs>();
    let jump = RwSignal::new(None::<Jump>);
    provide_context(jump);
    let show = RwSignal::new(None);
    let board_cell = StoredValue::new(None::<Board>);
    let read_only = Signal::derive(move || lab.stale.get() || lab.undrawn.get().is_some());
    let opened = RwSignal::new(Path::new());
    let drawn = Memo::new_with_compare(
        move |_| lab.document.with(|document| opened.with(|path| opened::inside(document, path).0)),
        |_, _| true,
    );
    // What was open and is gone closes.
    Effect::new(move |_| {
        let depth = lab.document.with(|d| opened.with_untracked(|path| opened::inside(d, path).1));
        if depth < opened.with_untracked(Path::len) {
            opened.update(|path| path.truncate(depth));
        }
    });
    let board = Board::new(
        drawn.into(),
        read_only,
        move |command, key| lab.edit_inside(&opened.get_untracked(), command, key),
        Callback::new(move |carried: Option<Arc<Applied>>| {
            let whole = carried.and_then(|a| {
                let outer = lab.document.get_untracked();
                opened.with_untracked(|path| opened::put_back(&outer, path, &a.document)).ok()
            });
            lab.preview(whole.as_ref());
        }),
        Callback::new(move |action| match action {
            Action::Undo => lab.undo(),
            Action::Redo => lab.redo(),
            Action::ShowText if opened.with_untracked(Vec::is_empty) => {
                let ids = board_cell.with_value(|b: &Option<Board>| b.map(Board::chosen));
                if let Some(range) = lab.spans_of(&ids.unwrap_or_default()).first() {
                    prefs.code.set(true);
                    prefs.sheet.set(Panel::Code);
                    show.set(Some(range.clone()));
                }
            }
            _ => {}
        }),
    );
    let board = board.with_opened(opened);
    let uses = Signal::derive(move || {
        let first = opened.with(|path| path.first().cloned());
        lab.document.with(|d| first.map_or(0, |name| editor::definition::calls(d, &name).len()))
    });
    let rename = Callback::new(move |(from, to): (String, String)| {
        let command = Command::RenameGate { from, to: to.clone() };
        lab.edit(&command, None).map_err(|error| refusal(&error))?;
        opened.update(|path| {
            path.pop();
            path.push(to.into());
        });
        Ok(())
    });
    let dialog = expect_context::<RwSignal<Option<Dialog>>>();
    let shared = expect_context::<RwSignal<Option<Board>>>();
    shared.set(Some(board));
    on_cleanup(move || shared.set(None));
    board_cell.set_value(Some(board));
    let link = Link {
        marks: Signal::derive(move || {
            lab.source.track();
            // Inside a gate the picture has no places in the text.
            if opened.with(Vec::is_empty) {
                lab.spans_of(&board.selection.with(Selection::ids))
            } else {
                Vec::new()
            }
        }),
        show,
        on_cursor: Callback::new(move |at: Option<usize>| {
            let ids = at
                .filter(|_| opened.with_untracked(Vec::is_empty))
                .zip(lab.source.get_untracked())
                .map(|(at, source)| source.operations_at(at).to_vec());
            let ids = ids.unwrap_or_default();
            if board.linked.with_untracked(|l| *l != ids) {
                board.linked.set(ids);
            }
        }),
        on_picture: Callback::new(move |at: usize| {
            board.close_gates(0);
            let source = lab.source.get_untracked();
            board.go_to(source.map(|s| s.operations_at(at).to_vec()).unwrap_or_default());
        }),
        on_undo: Callback::new(move |()| lab.undo()),
        on_redo: Callback::new(move |()| lab.redo()),
    };
    // The first result comes first.
    let ready = Memo::new(move |before: Option<&bool>| {
        before.copied().unwrap_or(false)
            || !matches!(lab.sim.run.get(), RunState::Idle | RunState::Running { .. })
            || lab.stale.get()
            || !lab.missing.with(Vec::is_empty)
    });
    let inspector = expect_context::<Inspector>();
    Effect::new(move |_| {
        let length = lab.document.with(|d| d.columns.len());
        // Inside a gate there are other columns.
        let inside = !opened.with(Vec::is_empty);
        let column = inspector.column.get().filter(|_| !inside);
        board.mark.set(column.map(|c| c.min(length)));
    });
    Effect::new(move |_| {
        let readings = inspector.seen.with(|seen| {
            let seen = seen.as_ref().filter(|_| opened.with(Vec::is_empty))?;
            Some(seen.inspection.displays.iter().map(|d| (d.tag, d.reading.clone())).collect())
        });
        board.readings.set(Arc::new(readings.unwrap_or_default()));
    });
    // Whoever turns from the text to the picture finds what was typed last in it.
    let turn = move |event: &web_sys::Event| {
        let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        if target.is_some_and(|t| !matches!(t.closest(".code-pane"), Ok(Some(_)))) {
            lab.settle();
        }
    };
    let sheet = move || match prefs.sheet.get() {
        Panel::Gates => "gates",
        Panel::Code => "code",
        Panel::Results => "results",
    };
    view! {
        <main
            class="lab"
            on:pointerdown=move |event| turn(&event)
            on:focusin=move |event| turn(&event)
            class:no-gates=move || !prefs.gates.get()
            class:no-code=move || !prefs.code.get()
            class:no-results=move || !prefs.results.get()
            data-sheet=sheet
            style=("--code-width", move || format!("{}px", prefs.code_width.get()))
            style=("--results-height", move || format!("{}px", prefs.results_height.get()))
        >
            <section class="pane gates-pane" aria-label=t().gates>
                <Palette board=board new_gate=Callback::new(move |()| dialog.set(Some(Dialog::NewGate))) />
            </section>
            <section class="pane circuit-pane">
                <OpenedGates board=board uses=uses rename=rename />
                <div class="circuit-area">
                    <CircuitCanvas board=board />
                    <Notices />
                </div>
                <ScrubBar />
                <Inputs />
            </section>
            <section class="pane code-pane" aria-label=t().code>
                <Splitter axis=Axis::Width value=prefs.code_width label=t().resize_code />
                <header class="pane-head">
                    <h2>{t().code}</h2>
                    <span class="grow"></span>
                    <HideButton open=prefs.code label=t().hide_code />
                </header>
                <CodeEditor
                    text=lab.text
                    diagnostics=lab.diagnostics
                    on_input=Callback::new(move |text| lab.type_text(text))
                    jump=jump
                    link=link
                    ready=ready
                />
            </section>
            <section class="pane results-pane" aria-label=t().results>
                <Splitter axis=Axis::Height value=prefs.results_height label=t().resize_results />
                <Results />
            </section>
            <StatusLine />
            <nav class="sheet-tabs" aria-label=t().panels>
                <SheetTab panel=Panel::Results icon=Icon::Histogram label=t().results />
                <SheetTab panel=Panel::Gates icon=Icon::Palette label=t().gates />
                <SheetTab panel=Panel::Code icon=Icon::Code label=t().code />
            </nav>
        </main>
    }
}

/// Puts a panel away.
#[component]
fn HideButton(open: RwSignal<bool>, label: &'static str) -> impl IntoView {
    view! {
        <button
            class="button quiet icon small hide-button"
            title=label
            aria-label=label
            on:click=move |_| open.set(false)
        >
            <Glyph icon=Icon::Close />
        </button>
    }
}

#[component]
fn SheetTab(panel: Panel, icon: Icon, label: &'static str) -> impl IntoView {
    let prefs = expect_context::<Prefs>();
    view! {
        <button
            aria-pressed=move || (prefs.sheet.get() == panel).to_string()
            on:click=move |_| prefs.sheet.set(panel)
        >
            <Glyph icon=icon />
            {label}
        </button>
    }
}

/// Why the picture is not what the text says.
#[component]
fn Notices() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let text = move || match lab.undrawn.get() {
        _ if lab.stale.get() => Some((t().stale_picture.to_owned(), Icon::Alert, "notice warning")),
        Some(Undrawn::TooLong) => Some((t().text_only.to_owned(), Icon::Info, "notice")),
        Some(Undrawn::Reason(reason)) => {
            Some((fill(t().undrawn, &[("reason", &reason)]), Icon::Info, "notice"))
        }
        None => None,
    };
    view! {
        <div class="circuit-notices" role="status">
            {move || {
                text()
                    .map(|(text, icon, class)| {
                        view! {
                            <div class=class>
                                <Glyph icon=icon />
                                <p>{text}</p>
                            </div>
                        }
                    })
            }}
        </div>
    }
}
