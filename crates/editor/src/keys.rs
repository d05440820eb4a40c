//! Keys: one table of what they do, for the keyboard, the command palette and the shortcut sheet.
//!
//! `c`, `s` and `r` are adjectives while they are held, as in Crumble: `c`+`x` is a controlled X,
//! `s`+`x` its square root, `r`+`x` a rotation about X; shift gives the inverse. Let go without a
//! second key, they act by themselves.

use crate::command::{Command, Fragment, Place, palette_gate};
use crate::document::{Condition, Document, OpId, Operation, What};
use crate::geometry::Cell;
use crate::selection::Selection;
use crate::{Gate, Qubit};

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Place(Gate),
    Measure,
    Reset,
    Barrier,
    /// A control on the caret's wire for the chosen operation, or the one in the caret's column.
    Control {
        on: bool,
    },
    Invert,
    Delete,
    Duplicate,
    SelectAll,
    Clear,
    /// Moves the caret.
    Go {
        columns: i32,
        rows: i32,
    },
    /// Moves the caret and selects what it passes.
    Extend {
        columns: i32,
        rows: i32,
    },
    /// Moves the chosen operations.
    Nudge {
        columns: i32,
        rows: i32,
    },
    Start,
    End,
    InsertColumn,
    RemoveColumn,
    AddQubit,
    RemoveQubit,
    MoveQubit {
        rows: i32,
    },
    /// Folds the caret's wire away.
    HideWire,
    /// Folds all wires away that nothing stands on.
    HideIdle,
    ShowWires,
    Compact,
    // What the page does.
    Edit,
    /// Shows what the gate under the caret is made of.
    OpenGate,
    /// Goes back from an opened gate.
    CloseGate,
    /// The panel of the caret's wire: name, place.
    EditWire,
    /// The panel of the caret's column: its comment.
    EditColumn,
    Group,
    Ungroup,
    Copy,
    Cut,
    Paste,
    Undo,
    Redo,
    ZoomIn,
    ZoomOut,
    ZoomFit,
    /// To the statement that says the chosen operation.
    ShowText,
}

/// Where an action stands in the shortcut sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    Gates,
    Edit,
    Move,
    Wires,
    View,
}

impl Section {
    pub const ALL: [Self; 5] = [Self::Gates, Self::Edit, Self::Move, Self::Wires, Self::View];

    pub fn name(self) -> &'static str {
        match self {
            Self::Gates => "Gates",
            Self::Edit => "Edit",
            Self::Move => "Move",
            Self::Wires => "Wires and columns",
            Self::View => "View",
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    pub action: Action,
    /// As written in the sheet, most usual first: `Mod` is Ctrl, or Cmd on a Mac.
    pub keys: &'static [&'static str],
    pub name: &'static str,
    pub section: Section,
}

macro_rules! bindings {
    ($($section:ident { $($keys:expr => $action:expr, $name:literal;)* })*) => {
        /// The table.
        pub static BINDINGS: &[Binding] = &[
            $($(Binding { action: $action, keys: &$keys, name: $name, section: Section::$section },)*)*
        ];
    };
}

use Action::{Control, Extend, Go, MoveQubit, Nudge, Place as Put};

bindings! {
    Gates {
        ["H"] => Put(Gate::H), "Hadamard";
        ["X"] => Put(Gate::X), "X";
        ["Y"] => Put(Gate::Y), "Y";
        ["Z"] => Put(Gate::Z), "Z";
        ["S"] => Put(Gate::S), "S";
        ["Shift+S"] => Put(Gate::Sdg), "S†";
        ["T"] => Put(Gate::T), "T";
        ["Shift+T"] => Put(Gate::Tdg), "T†";
        ["V", "S X"] => Put(Gate::Sx), "√X";
        ["Shift+V", "S Shift+X"] => Put(Gate::Sxdg), "√X†";
        ["S Y"] => Put(Gate::Sy), "√Y";
        ["S Shift+Y"] => Put(Gate::Sydg), "√Y†";
        ["P"] => Put(Gate::P), "Phase";
        ["R X"] => Put(Gate::Rx), "Rotation about X";
        ["R Y"] => Put(Gate::Ry), "Rotation about Y";
        ["R Z"] => Put(Gate::Rz), "Rotation about Z";
        ["U"] => Put(Gate::U), "U";
        ["I"] => Put(Gate::Id), "Identity";
        ["C X"] => Put(Gate::Cx), "Controlled X";
        ["C Y"] => Put(Gate::Cy), "Controlled Y";
        ["C Z"] => Put(Gate::Cz), "Controlled Z";
        ["C H"] => Put(Gate::Ch), "Controlled Hadamard";
        ["C P"] => Put(Gate::Cp), "Controlled phase";
        ["W"] => Put(Gate::Swap), "Swap";
        ["C W"] => Put(Gate::Cswap), "Controlled swap";
        ["C"] => Control { on: true }, "Add control";
        ["O"] => Control { on: false }, "Add anti-control";
        ["M"] => Action::Measure, "Measure";
        ["R"] => Action::Reset, "Reset";
        ["B"] => Action::Barrier, "Barrier";
    }
    Edit {
        ["Enter"] => Action::Edit, "Edit gate";
        ["'"] => Action::Invert, "Invert";
        ["Delete", "Backspace"] => Action::Delete, "Delete";
        ["Mod+Z"] => Action::Undo, "Undo";
        ["Mod+Shift+Z", "Mod+Y"] => Action::Redo, "Redo";
        ["Mod+C"] => Action::Copy, "Copy";
        ["Mod+X"] => Action::Cut, "Cut";
        ["Mod+V"] => Action::Paste, "Paste";
        ["Mod+D"] => Action::Duplicate, "Duplicate";
        ["Mod+A"] => Action::SelectAll, "Select all";
        ["Mod+G"] => Action::Group, "Group into a gate";
        ["Mod+Shift+G"] => Action::Ungroup, "Take gate apart";
        ["G"] => Action::OpenGate, "Open gate";
        ["Shift+G"] => Action::CloseGate, "Close gate";
        ["Escape"] => Action::Clear, "Clear selection";
    }
    Move {
        ["ArrowLeft", "Q"] => Go { columns: -1, rows: 0 }, "Left";
        ["ArrowRight", "E"] => Go { columns: 1, rows: 0 }, "Right";
        ["ArrowUp"] => Go { columns: 0, rows: -1 }, "Up";
        ["ArrowDown"] => Go { columns: 0, rows: 1 }, "Down";
        ["Shift+Q"] => Go { columns: -5, rows: 0 }, "Five left";
        ["Shift+E"] => Go { columns: 5, rows: 0 }, "Five right";
        ["Home"] => Action::Start, "First column";
        ["End"] => Action::End, "Behind the last column";
        ["Shift+ArrowLeft"] => Extend { columns: -1, rows: 0 }, "Select to the left";
        ["Shift+ArrowRight"] => Extend { columns: 1, rows: 0 }, "Select to the right";
        ["Shift+ArrowUp"] => Extend { columns: 0, rows: -1 }, "Select upwards";
        ["Shift+ArrowDown"] => Extend { columns: 0, rows: 1 }, "Select downwards";
        ["Mod+ArrowLeft"] => Nudge { columns: -1, rows: 0 }, "Move selection left";
        ["Mod+ArrowRight"] => Nudge { columns: 1, rows: 0 }, "Move selection right";
        ["Mod+ArrowUp"] => Nudge { columns: 0, rows: -1 }, "Move selection up";
        ["Mod+ArrowDown"] => Nudge { columns: 0, rows: 1 }, "Move selection down";
    }
    Wires {
        ["Insert", "A"] => Action::InsertColumn, "Insert column";
        ["Shift+Delete", "Shift+A"] => Action::RemoveColumn, "Remove column";
        ["N"] => Action::AddQubit, "Add wire below";
        ["Shift+N"] => Action::RemoveQubit, "Remove wire";
        ["Mod+Shift+ArrowUp"] => MoveQubit { rows: -1 }, "Move wire up";
        ["Mod+Shift+ArrowDown"] => MoveQubit { rows: 1 }, "Move wire down";
        ["K"] => Action::HideWire, "Hide wire";
        ["J"] => Action::HideIdle, "Hide idle wires";
        ["Shift+K"] => Action::ShowWires, "Show all wires";
        ["Shift+F2"] => Action::EditWire, "Name and arrange wire";
        [";"] => Action::EditColumn, "Comment on column";
        ["L"] => Action::Compact, "Align left";
    }
    View {
        ["Mod++", "Mod+="] => Action::ZoomIn, "Zoom in";
        ["Mod+-"] => Action::ZoomOut, "Zoom out";
        ["Mod+0"] => Action::ZoomFit, "Zoom to fit";
        ["F2"] => Action::ShowText, "Show in the text";
    }
}

/// A key as the browser tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Press {
    /// `KeyboardEvent.key`.
    pub key: String,
    pub shift: bool,
    /// Ctrl or Cmd.
    pub command: bool,
    pub alt: bool,
}

impl Press {
    /// As in [`Binding::keys`]. Shift counts with letters and named keys; in `?` it is in the key.
    fn name(&self) -> String {
        let mut chars = self.key.chars();
        let single = chars.next().filter(|_| chars.next().is_none());
        let mut out = String::new();
        if self.command {
            out.push_str("Mod+");
        }
        if self.alt {
            out.push_str("Alt+");
        }
        if self.shift && single.is_none_or(char::is_alphabetic) {
            out.push_str("Shift+");
        }
        out.push_str(&single.map_or_else(|| self.key.clone(), |c| c.to_uppercase().to_string()));
        out
    }
}

fn find(keys: &str) -> Option<Action> {
    BINDINGS.iter().find(|b| b.keys.contains(&keys)).map(|b| b.action)
}

/// The first key of an action, for hints.
pub fn hint(action: Action) -> Option<&'static str> {
    BINDINGS.iter().find(|b| b.action == action).map(|b| b.keys[0])
}

/// Which adjective is held. Belongs to whoever listens to the keyboard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Keyboard {
    held: Option<&'static str>,
    used: bool,
}

impl Keyboard {
    /// What a key that goes down does. `None` for a key that means nothing here.
    pub fn down(&mut self, press: &Press, repeat: bool) -> Option<Action> {
        let name = press.name();
        if let Some(adjective) = self.held {
            if adjective == name {
                return None;
            }
            if let Some(action) = find(&format!("{adjective} {name}")) {
                self.used = true;
                return Some(action);
            }
        }
        match name.as_str() {
            "C" | "S" | "R" if !repeat => {
                self.held = ["C", "S", "R"].into_iter().find(|k| *k == name);
                self.used = false;
                None
            }
            "C" | "S" | "R" => None,
            name => find(name),
        }
    }

    /// Whether the key is held as an adjective: the page keeps the browser from acting on it.
    pub fn holds(&self, press: &Press) -> bool {
        self.held == Some(press.name().as_str())
    }

    /// What a key that is let go does.
    pub fn up(&mut self, press: &Press) -> Option<Action> {
        let released = self.held.filter(|k| press.key.eq_ignore_ascii_case(k))?;
        self.held = None;
        (!self.used).then(|| find(released)).flatten()
    }

    /// Focus is lost: nothing is held any more.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

/// What an action comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    Nothing,
    Select(Selection),
    /// Apply the command; then select this, and what the command touched if `touched`.
    Do {
        command: Command,
        then: Selection,
        touched: bool,
    },
    /// The page's own business.
    Page(Action),
}

/// Does an action at the caret.
pub fn perform(action: Action, document: &Document, selection: &Selection) -> Outcome {
    let caret = selection.caret;
    let n = document.num_qubits();
    let last = n.saturating_sub(1);
    let stay = |command| Outcome::Do { command, then: selection.clone(), touched: false };
    let moved = |columns: i32, rows: i32| Cell {
        column: caret.column.saturating_add_signed(columns as isize),
        row: shown_row(document, caret.row, caret.row.saturating_add_signed(rows).min(last)),
    };
    match action {
        Action::Place(gate) => place(palette_gate(gate), caret, n),
        Action::Measure => place(Operation::measure(Qubit(0), None), caret, n),
        Action::Reset => place(Operation::reset(Qubit(0)), caret, n),
        Action::Barrier => place(Operation::barrier(&[]), Cell { row: 0, ..caret }, n),
        Action::Control { on } => control(document, selection, on),
        Action::Invert => invert(document, selection),
        Action::Delete => match targets(document, selection) {
            ids if ids.is_empty() => Outcome::Nothing,
            ids => Outcome::Do {
                command: Command::Delete { ids },
                then: Selection::at(caret),
                touched: false,
            },
        },
        Action::Duplicate => match targets(document, selection) {
            ids if ids.is_empty() => Outcome::Nothing,
            ids => Outcome::Do {
                command: Command::Repeat { ids, times: 1 },
                then: selection.clone(),
                touched: true,
            },
        },
        Action::SelectAll => Outcome::Select(selection.with(document.operations().map(|op| op.id))),
        Action::Clear => Outcome::Select(Selection::at(caret)),
        Action::Go { columns, rows } => Outcome::Select(Selection::at(moved(columns, rows))),
        Action::Extend { columns, rows } => {
            let (anchor, to) = (selection.anchor.unwrap_or(caret), moved(columns, rows));
            Outcome::Select(Selection {
                ids: Selection::block(document, anchor, to),
                caret: to,
                anchor: Some(anchor),
            })
        }
        Action::Nudge { columns, rows } => nudge(document, selection, columns, rows),
        Action::Start => Outcome::Select(Selection::at(Cell { column: 0, ..caret })),
        Action::End => {
            Outcome::Select(Selection::at(Cell { column: document.columns.len(), ..caret }))
        }
        Action::InsertColumn => stay(Command::InsertColumn { at: caret.column }),
        Action::RemoveColumn => stay(Command::RemoveColumn { at: caret.column }),
        Action::AddQubit => Outcome::Do {
            command: Command::AddQubit { at: (caret.row + 1).min(n) },
            then: Selection::at(Cell { row: (caret.row + 1).min(n), ..caret }),
            touched: false,
        },
        Action::RemoveQubit => stay(Command::RemoveQubit { at: caret.row }),
        Action::MoveQubit { rows } => {
            let to = moved(0, rows);
            if to.row == caret.row {
                return Outcome::Nothing;
            }
            let command = Command::MoveQubit { from: caret.row, to: to.row };
            Outcome::Do {
                command,
                then: Selection { caret: to, ..selection.clone() },
                touched: false,
            }
        }
        Action::Compact => stay(Command::Compact),
        Action::HideWire => hide(document, caret, vec![caret.row]),
        Action::HideIdle => match crate::hidden::idle_rows(document) {
            idle if idle.is_empty() => Outcome::Nothing,
            idle => hide(document, caret, idle),
        },
        Action::ShowWires => {
            stay(Command::ShowQubits { rows: document.header.hidden.iter().copied().collect() })
        }
        other => Outcome::Page(other),
    }
}

/// `to`, or the next row beyond it that is shown; `from` where there is none.
fn shown_row(document: &Document, from: u32, to: u32) -> u32 {
    let hidden = &document.header.hidden;
    let shown = |row: &u32| !hidden.contains(row);
    let beyond = if to < from {
        (0..=to).rev().find(shown)
    } else {
        (to..document.num_qubits()).find(shown)
    };
    beyond.unwrap_or(from)
}

/// Hides rows; the caret goes to the nearest one that stays.
fn hide(document: &Document, caret: Cell, rows: Vec<u32>) -> Outcome {
    let gone = |row: &u32| !rows.contains(row) && !document.header.hidden.contains(row);
    let below = (caret.row..document.num_qubits()).find(gone);
    let row = below.or_else(|| (0..caret.row).rev().find(gone)).unwrap_or(caret.row);
    let then = Selection::at(Cell { row, ..caret });
    Outcome::Do { command: Command::HideQubits { rows }, then, touched: false }
}

/// Puts an operation at the caret, which goes on to the next column, as in writing.
fn place(op: Operation, caret: Cell, n: u32) -> Outcome {
    let fragment = Fragment::single(op);
    // On the last wires it goes up instead of adding wires, if there are enough.
    let row = if fragment.height <= n { caret.row.min(n - fragment.height) } else { 0 };
    Outcome::Do {
        command: Command::Insert {
            fragment,
            place: Place::At(caret.column),
            row,
            assign_bits: true,
        },
        then: Selection::at(Cell { column: caret.column + 1, ..caret }),
        touched: false,
    }
}

/// The chosen operations, or the one under the caret.
pub fn targets(document: &Document, selection: &Selection) -> Vec<OpId> {
    if !selection.is_empty() {
        return selection.ids();
    }
    let Cell { column, row } = selection.caret;
    document.at(column, row).map(|op| op.id).into_iter().collect()
}

/// The gate that a control at the caret is for: the chosen one, or the nearest in the column.
fn gate_for_control<'a>(document: &'a Document, selection: &Selection) -> Option<&'a Operation> {
    if let Some(id) = selection.single() {
        return document.find(id).map(|(_, op)| &**op);
    }
    let row = selection.caret.row;
    let distance =
        |op: &Operation| op.qubits().map(|q| q.0.abs_diff(row)).min().unwrap_or(u32::MAX);
    let column = document.columns.get(selection.caret.column)?;
    column
        .operations
        .iter()
        .filter(|op| op.takes_controls())
        .min_by_key(|op| distance(op))
        .map(|op| &**op)
}

fn control(document: &Document, selection: &Selection, on: bool) -> Outcome {
    let Some(op) = gate_for_control(document, selection) else { return Outcome::Nothing };
    let (id, qubit) = (op.id, Qubit(selection.caret.row));
    // A second time it takes the control away; the other kind changes it.
    let command = match op.controls.iter().find(|c| c.qubit == qubit) {
        Some(control) if control.on == on => Command::RemoveControl { id, qubit },
        Some(_) => Command::ToggleControl { id, qubit },
        None => Command::AddControl { id, qubit, on },
    };
    Outcome::Do { command, then: selection.clone(), touched: false }
}

fn invert(document: &Document, selection: &Selection) -> Outcome {
    let commands: Vec<Command> = targets(document, selection)
        .into_iter()
        .filter_map(|id| inverse(document.find(id)?.1))
        .collect();
    if commands.is_empty() {
        return Outcome::Nothing;
    }
    Outcome::Do { command: Command::All(commands), then: selection.clone(), touched: false }
}

/// Turns an operation into its inverse: by another gate where the table has one without numbers,
/// else by the modifier.
fn inverse(op: &Operation) -> Option<Command> {
    let id = op.id;
    match &op.what {
        What::Gate { gate, params } if params.is_empty() && !op.inverse && op.power.is_none() => {
            match gate.inverse(&[]) {
                Some((other, _)) if other == *gate => None,
                Some((other, _)) => Some(Command::SetGate { id, gate: other }),
                None => Some(Command::SetInverse { id, inverse: true }),
            }
        }
        What::Gate { .. } | What::Call { .. } => {
            Some(Command::SetInverse { id, inverse: !op.inverse })
        }
        _ => None,
    }
}

fn nudge(document: &Document, selection: &Selection, columns: i32, rows: i32) -> Outcome {
    let ids = targets(document, selection);
    let first =
        document.columns.iter().position(|c| c.operations.iter().any(|op| ids.contains(&op.id)));
    let Some(first) = first else { return Outcome::Nothing };
    let place = Place::At(first.saturating_add_signed(columns as isize));
    if first == 0 && columns < 0 {
        return Outcome::Nothing;
    }
    let caret = Cell {
        column: selection.caret.column.saturating_add_signed(columns as isize),
        row: selection.caret.row.saturating_add_signed(rows),
    };
    Outcome::Do {
        command: Command::Move { ids, place, rows: i64::from(rows) },
        then: Selection { caret, ..selection.clone() },
        touched: true,
    }
}

/// Conditions that can be offered for an operation: each bit, each register.
pub fn conditions(document: &Document) -> Vec<Condition> {
    let header = &document.header;
    let mut out = Vec::new();
    let mut first = 0;
    for (register, bits) in (0_u32..).zip(&header.clbits) {
        out.extend(
            (first..first + bits.size)
                .map(|c| Condition::Bit { clbit: crate::Clbit(c), value: true }),
        );
        if !bits.scalar {
            out.push(Condition::Register { register, value: 1 });
        }
        first += bits.size;
    }
    out
}

#[cfg(test)]
mod tests;
