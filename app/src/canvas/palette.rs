//! The gates to pick from: drag one into the circuit, or click it and then a cell, or press Enter to
//! put it at the caret. Search by name, label or what it does.

use std::sync::Arc;

use editor::gesture::Input;
use editor::keys::{self, Action};
use editor::label::Tone;
use editor::{
    Command, Definition, DisplayKind, Document, Fragment, Gate, Operation, Param, Place, Qubit,
    palette_gate,
};
use leptos::ev;
use leptos::prelude::*;
use web_sys::{MouseEvent, PointerEvent};

use super::Board;
use super::words::words;

/// Movement that makes a press a drag, in pixels.
const SLACK: f64 = 4.0;

/// One tile.
#[derive(Debug, Clone, PartialEq)]
struct Tile {
    label: String,
    doc: String,
    key: Option<&'static str>,
    tone: &'static str,
    fragment: Fragment,
    /// Lower case, for the search.
    found_by: String,
}

impl Tile {
    fn gate(gate: Gate) -> Self {
        let spec = gate.spec();
        let op = palette_gate(gate);
        let plain = spec.num_controls == 0 && gate != Gate::Swap;
        let label = if plain { spec.label.to_owned() } else { spec.name.to_uppercase() };
        Self {
            doc: format!("{} ({})", spec.doc.trim(), spec.name),
            key: keys::hint(Action::Place(gate)),
            tone: editor::label::tone(&op).name(),
            found_by: format!("{} {} {} {}", label, spec.name, spec.aliases.join(" "), spec.doc)
                .to_lowercase(),
            label,
            fragment: Fragment::single(op),
        }
    }

    fn other(label: &str, doc: &str, action: Action, tone: Tone, op: Operation) -> Self {
        Self {
            label: label.to_owned(),
            doc: doc.to_owned(),
            key: keys::hint(action),
            tone: tone.name(),
            found_by: format!("{label} {doc}").to_lowercase(),
            fragment: Fragment::single(op),
        }
    }

    /// A gate that the program defines.
    fn own(name: &str, qubits: u32, params: u32) -> Self {
        let qubits: Vec<Qubit> = (0..qubits).map(Qubit).collect();
        let params = (0..params).map(|_| Param::from_value(std::f64::consts::FRAC_PI_2)).collect();
        Self {
            label: name.to_owned(),
            doc: name.to_owned(),
            key: None,
            tone: Tone::Custom.name(),
            found_by: name.to_lowercase(),
            fragment: Fragment::single(Operation::call(name, params, &qubits)),
        }
    }
}

/// All tiles, by family.
fn sections(definitions: &[Arc<Definition>]) -> Vec<(&'static str, Vec<Tile>)> {
    use circuit::Family;
    let of = |family: Family| -> Vec<Tile> {
        circuit::gate::GATES
            .iter()
            .filter(|g| g.family == family)
            .map(|g| Tile::gate(g.gate))
            .collect()
    };
    let w = words();
    let own = definitions.iter().filter(|d| d.num_qubits > 0);
    let mut out = vec![
        (
            w.other,
            vec![
                Tile::other(
                    w.measure,
                    w.measure_doc,
                    Action::Measure,
                    Tone::Measure,
                    Operation::measure(Qubit(0), None),
                ),
                Tile::other(
                    w.reset,
                    w.reset_doc,
                    Action::Reset,
                    Tone::Plain,
                    Operation::reset(Qubit(0)),
                ),
                Tile::other(
                    w.barrier,
                    w.barrier_doc,
                    Action::Barrier,
                    Tone::Plain,
                    Operation::barrier(&[]),
                ),
            ],
        ),
        (w.pauli, of(Family::Pauli)),
        (w.clifford, of(Family::Clifford)),
        (w.phase, of(Family::Phase)),
        (w.rotation, of(Family::Rotation)),
        (w.multi, of(Family::Multi)),
    ];
    let display = |kind: DisplayKind, label: &'static str, doc: &'static str| Tile {
        label: label.to_owned(),
        doc: doc.to_owned(),
        key: None,
        tone: Tone::Plain.name(),
        found_by: format!("{} {label} {doc}", kind.word()).to_lowercase(),
        fragment: Fragment::single(Operation::display(kind, &[Qubit(0)])),
    };
    let d = crate::displays::words::words();
    let displays = vec![
        display(DisplayKind::Chance, d.chance, d.inline_chance),
        display(DisplayKind::Amplitudes, d.amplitudes, d.inline_amplitudes),
        display(DisplayKind::Bloch, d.bloch, d.inline_bloch),
        display(DisplayKind::Density, d.density, d.inline_density),
        display(DisplayKind::Sample, d.sample, d.inline_sample),
        display(DisplayKind::Expectation, d.expectation, d.inline_expectation),
    ];
    out.insert(1, (d.inline, displays));
    // What is placed most stands first: Hadamard before its kin.
    out[3].1.sort_by_key(|t| t.label != "H");
    let own: Vec<Tile> = own.map(|d| Tile::own(&d.name, d.num_qubits, d.num_params)).collect();
    if !own.is_empty() {
        out.insert(0, (w.own, own));
    }
    out
}

/// What was pressed and not yet moved.
#[derive(Debug, Clone)]
struct Pending {
    fragment: Fragment,
    x: f64,
    y: f64,
}

#[component]
pub fn Palette(
    /// Where the gates go.
    board: Board,
    /// Asks for a gate that is not there yet.
    new_gate: Callback<()>,
) -> impl IntoView {
    let query = RwSignal::new(String::new());
    let pending = StoredValue::new(None::<Pending>);
    let moved = window_event_listener(ev::pointermove, move |event| drag(&event, board, pending));
    let cancel = window_event_listener(ev::pointercancel, move |_| pending.set_value(None));
    on_cleanup(move || {
        moved.remove();
        cancel.remove();
    });
    let definitions = Memo::new(move |_| board.document.with(|d| d.header.definitions.clone()));
    let tiles = Memo::new(move |_| {
        let query = query.get().trim().to_lowercase();
        let mut sections = definitions.with(|d| sections(d));
        for (_, tiles) in &mut sections {
            tiles.retain(|t| query.split_whitespace().all(|word| t.found_by.contains(word)));
            // A gate of exactly that name comes first.
            tiles.sort_by_key(|t| t.label.to_lowercase() != query);
        }
        sections.retain(|(_, tiles)| !tiles.is_empty());
        sections
    });
    let list = move || {
        tiles
            .get()
            .into_iter()
            .map(|(name, tiles)| {
                let tiles = tiles
                    .into_iter()
                    .map(|tile| view! { <TileButton tile=tile board=board pending=pending /> });
                view! {
                    <section class="palette-family">
                        <h3>{name}</h3>
                        <div class="palette-tiles">{tiles.collect_view()}</div>
                    </section>
                }
            })
            .collect_view()
    };
    view! {
        <div class="palette" class:disabled=move || board.read_only.get()>
            <input
                type="search"
                class="field palette-search"
                placeholder=words().search
                aria-label=words().search
                prop:value=query
                on:input=move |event| query.set(event_target_value(&event))
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        query.set(String::new());
                    }
                }
            />
            <div class="palette-list">
                {list}
                <button
                    type="button"
                    class="button quiet small palette-new"
                    disabled=move || board.read_only.get()
                    on:click=move |_| new_gate.run(())
                >
                    {words().new_gate}
                </button>
                <Show when=move || tiles.with(Vec::is_empty)>
                    <p class="palette-none">{words().none_found}</p>
                </Show>
            </div>
        </div>
    }
}

#[component]
fn TileButton(tile: Tile, board: Board, pending: StoredValue<Option<Pending>>) -> impl IntoView {
    let fragment = StoredValue::new(tile.fragment);
    let title = match tile.key {
        Some(key) => format!("{} — {key}", tile.doc),
        None => tile.doc.clone(),
    };
    let press = move |event: PointerEvent| {
        if event.button() == 0 && event.is_primary() {
            let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
            pending.set_value(Some(Pending { fragment: fragment.get_value(), x, y }));
        }
    };
    let release = move |_: PointerEvent| {
        if let Some(Pending { fragment, .. }) = pending.try_update_value(Option::take).flatten() {
            board.send(Input::PickUp { fragment, sticky: true });
        }
    };
    // A click without a pointer is a key: the gate goes to the caret.
    let key = move |event: MouseEvent| {
        if event.detail() == 0 {
            place_at_caret(board, fragment.get_value());
        }
    };
    let class = format!(
        "tile tone-{}{}",
        tile.tone,
        if tile.label.chars().count() > 4 { " long" } else { "" }
    );
    // The name holds what is seen, so that it can be spoken to.
    let name = format!("{}: {}", tile.label, tile.doc);
    // Written by the style sheet: text here would have to be part of the name.
    let hint = tile
        .key
        .filter(|k| k.len() == 1)
        .map(|k| view! { <kbd aria-hidden="true" data-key=k></kbd> });
    view! {
        <button
            type="button"
            class=class
            title=title
            aria-label=name
            aria-keyshortcuts=tile.key
            disabled=move || board.read_only.get()
            on:pointerdown=press
            on:pointerup=release
            on:click=key
            on:dragstart=move |event| event.prevent_default()
        >
            <span>{tile.label}</span>
            {hint}
        </button>
    }
}

/// A press that has moved far enough takes the gate along.
fn drag(event: &PointerEvent, board: Board, pending: StoredValue<Option<Pending>>) {
    let far = pending.with_value(|p| {
        p.as_ref().is_some_and(|p| {
            (f64::from(event.client_x()) - p.x).hypot(f64::from(event.client_y()) - p.y) > SLACK
        })
    });
    if far && let Some(Pending { fragment, .. }) = pending.try_update_value(Option::take).flatten()
    {
        board.send(Input::PickUp { fragment, sticky: false });
    }
}

/// As a key would: at the caret, which moves on.
fn place_at_caret(board: Board, fragment: Fragment) {
    let caret = board.selection.with_untracked(|s| s.caret);
    let n = board.document.with_untracked(Document::num_qubits);
    let row = if fragment.height <= n { caret.row.min(n - fragment.height) } else { 0 };
    let command =
        Command::Insert { fragment, place: Place::At(caret.column), row, assign_bits: true };
    if board.apply(&command).is_some() {
        let next = editor::geometry::Cell { column: caret.column + 1, ..caret };
        board.select(editor::Selection::at(next));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gate_of_the_table_can_be_picked_once() {
        let all: Vec<Tile> = sections(&[]).into_iter().flat_map(|(_, tiles)| tiles).collect();
        assert_eq!(all.len(), circuit::gate::GATES.len() + 3 + DisplayKind::ALL.len());
        let mut docs: Vec<&str> = all.iter().map(|t| t.doc.as_str()).collect();
        docs.sort_unstable();
        docs.dedup();
        assert_eq!(docs.len(), all.len());
    }
}
