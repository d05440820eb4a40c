//! Panels of what is not an operation: a wire, a classical register, a column.

use editor::geometry::{CELL, Cell, Layout, Rect};
use editor::gesture::Subject;
use editor::{Command, Document, Header, Qubit, Register};
use leptos::prelude::*;

use super::Board;
use super::words::words;
use crate::messages::fill;

/// Where the subject lies; `left` is the first drawn position in view, since names stay there.
pub fn rect(subject: Subject, layout: &Layout, left: f64) -> Rect {
    match subject {
        Subject::Qubit(row) => {
            let cell = layout.cell_rect(Cell { column: 0, row });
            Rect { x: left, width: layout.gutter + 2.0 * CELL, ..cell }
        }
        Subject::Register(register) => Rect {
            x: left,
            y: layout.classical_y(register) - CELL / 2.0,
            width: layout.gutter + 2.0 * CELL,
            height: CELL,
        },
        Subject::Column(column) => {
            let cell = layout.cell_rect(Cell { column, row: 0 });
            Rect { y: 0.0, height: CELL, ..cell }
        }
    }
}

#[component]
pub fn SubjectPanel(board: Board, subject: Subject) -> impl IntoView {
    match subject {
        Subject::Qubit(row) => view! { <WirePanel board=board row=row /> }.into_any(),
        Subject::Register(at) => view! { <RegisterPanel board=board at=at as usize /> }.into_any(),
        Subject::Column(at) => view! { <ColumnPanel board=board at=at /> }.into_any(),
    }
}

/// A button that does one edit; what is shown afterwards is `next`, or nothing.
fn button(
    board: Board,
    label: &'static str,
    command: impl Fn() -> Command + 'static,
    next: impl Fn() -> Option<Subject> + 'static,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="button quiet small"
            on:click=move |_| {
                if board.apply(&command()).is_some() {
                    board.subject.set(next());
                }
            }
        >
            {label}
        </button>
    }
}

fn head(title: String) -> impl IntoView {
    view! {
        <header class="inspector-head">
            <h3>{title}</h3>
        </header>
    }
}

/// One wire: its name, its register's name, its place.
#[component]
fn WirePanel(board: Board, row: u32) -> impl IntoView {
    // Read once: the panel is built anew for another wire, and closes when it is gone.
    let located = move |d: &Document| Header::locate(&d.header.qubits, row);
    let name = move || board.document.with(|d| d.header.qubit_name(Qubit(row)));
    let register = move || {
        board.document.with(|d| {
            located(d).map_or_else(String::new, |(r, _)| d.header.qubits[r].name.to_string())
        })
    };
    let alone = Memo::new(move |_| {
        board.document.with(|d| located(d).is_none_or(|(r, _)| d.header.qubits[r].size == 1))
    });
    let rename = move |event: web_sys::Event| {
        let name = event_target_value(&event).trim().to_owned();
        let at = board.document.with_untracked(|d| located(d).map(|(r, _)| r));
        if let Some(register) = at.filter(|_| !name.is_empty()) {
            board.apply(&Command::RenameQubits { register, name });
        }
    };
    let name_wire = move |event: web_sys::Event| {
        let name = event_target_value(&event).trim().to_owned();
        if !name.is_empty() && !name.contains('[') {
            board.apply(&Command::NameQubit { at: row, name });
        }
    };
    let count = move || board.document.with(Document::num_qubits);
    view! {
        {move || head(fill(words().wire, &[("name", &name())]))}
        <label class="inspector-row">
            <span class="name">{words().register_name}</span>
            <input class="field expression" spellcheck="false" autocapitalize="off" prop:value=register on:change=rename />
        </label>
        <Show when=move || !alone.get()>
            <label class="inspector-row">
                <span class="name">{words().wire_name}</span>
                <input class="field expression" spellcheck="false" autocapitalize="off" prop:value=name on:change=name_wire />
            </label>
        </Show>
        <div class="inspector-row wrap">
            <Show when=move || row.checked_sub(1).is_some()>
                {button(
                    board,
                    words().move_up,
                    move || Command::MoveQubit { from: row, to: row.saturating_sub(1) },
                    move || Some(Subject::Qubit(row.saturating_sub(1))),
                )}
            </Show>
            <Show when=move || row + 1 < count()>
                {button(
                    board,
                    words().move_down,
                    move || Command::MoveQubit { from: row, to: row + 1 },
                    move || Some(Subject::Qubit(row + 1)),
                )}
            </Show>
            {button(board, words().insert_above, move || Command::AddQubit { at: row }, move || Some(Subject::Qubit(row)))}
            {button(
                board,
                words().insert_below,
                move || Command::AddQubit { at: row + 1 },
                move || Some(Subject::Qubit(row + 1)),
            )}
            {button(board, words().hide, move || Command::HideQubits { rows: vec![row] }, || None)}
            {button(board, words().remove, move || Command::RemoveQubit { at: row }, || None)}
        </div>
    }
}

#[component]
fn RegisterPanel(board: Board, at: usize) -> impl IntoView {
    let register = move || board.document.with(|d| d.header.clbits.get(at).cloned());
    let name = move || register().map_or_else(String::new, |r| r.name.to_string());
    let size = move || register().map_or_else(String::new, |r| r.size.to_string());
    let scalar = move || register().is_none_or(|r| r.scalar);
    let rename = move |event: web_sys::Event| {
        let name = event_target_value(&event).trim().to_owned();
        if !name.is_empty() {
            board.apply(&Command::RenameClbits { register: at, name });
        }
    };
    let resize = move |event: web_sys::Event| {
        if let Ok(size) = event_target_value(&event).trim().parse() {
            board.apply(&Command::ResizeClbits { register: at, size });
        }
    };
    let fresh = move || {
        let name = board.document.with_untracked(|d| d.header.fresh_name("c"));
        Command::AddClbits { register: Register::new(&name, 1) }
    };
    let last = move || {
        let count = board.document.with_untracked(|d| d.header.clbits.len());
        u32::try_from(count.saturating_sub(1)).ok().map(Subject::Register)
    };
    view! {
        {move || head(fill(words().register, &[("name", &name())]))}
        <div class="inspector-row">
            <label class="inline grow">
                <span class="name">{words().name}</span>
                <input class="field expression" spellcheck="false" autocapitalize="off" prop:value=name on:change=rename />
            </label>
            <Show when=move || !scalar()>
                <label class="inline">
                    <span class="name">{words().size}</span>
                    <input class="field narrow" inputmode="numeric" prop:value=size on:change=resize />
                </label>
            </Show>
        </div>
        <div class="inspector-row wrap">
            {button(board, words().add_register, fresh, last)}
            {button(board, words().remove, move || Command::RemoveClbits { register: at }, || None)}
        </div>
    }
}

#[component]
fn ColumnPanel(board: Board, at: usize) -> impl IntoView {
    let comment = move || {
        board.document.with(|d| {
            d.columns
                .get(at)
                .and_then(|c| c.comment.as_deref().map(str::to_owned))
                .unwrap_or_default()
        })
    };
    let set = move |event: web_sys::Event| {
        let text = event_target_value(&event).trim().to_owned();
        board.apply(&Command::SetComment { column: at, text });
    };
    view! {
        {head(fill(words().column, &[("n", &(at + 1).to_string())]))}
        <textarea
            class="field code"
            rows="2"
            aria-label=words().comment
            placeholder=words().comment
            prop:value=comment
            on:change=set
        ></textarea>
        <div class="inspector-row wrap">
            {button(board, words().insert_before, move || Command::InsertColumn { at }, move || Some(Subject::Column(at)))}
            {button(
                board,
                words().insert_after,
                move || Command::InsertColumn { at: at + 1 },
                move || Some(Subject::Column(at)),
            )}
            {button(
                board,
                words().duplicate,
                move || {
                    let ids = board.document.with_untracked(|d| {
                        d.columns.get(at).map(|c| c.operations.iter().map(|op| op.id).collect()).unwrap_or_default()
                    });
                    Command::Repeat { ids, times: 1 }
                },
                move || Some(Subject::Column(at + 1)),
            )}
            {button(board, words().remove, move || Command::RemoveColumn { at }, || None)}
        </div>
    }
}
