//! Edits: each is a value, and [`apply`] gives a new document or says why not.
//!
//! Nothing is dropped silently: a command that cannot be done whole is refused whole, with a reason
//! that the page shows as it stands.

mod name;
mod operation;
mod refusal;
mod wires;

pub use name::{check_name, is_reserved};
pub use operation::palette_gate;
pub use refusal::EditError;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use circuit::{Clbit, Gate, Qubit};

use crate::document::{Column, Condition, Definition, Document, OpId, Operation, Register, What};
use crate::{definition, hidden, place};

/// Most qubits of a drawn circuit. A bound on memory, not on simulation.
pub const MAX_QUBITS: u32 = 4096;
/// Most classical bits of a drawn circuit.
pub const MAX_CLBITS: u32 = 65_536;
/// Most columns of a drawn circuit.
pub const MAX_COLUMNS: usize = 1 << 20;

/// A place between or in columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// In this column; where there is no room, in new columns opened before it.
    At(usize),
    /// In new columns opened before this one.
    Before(usize),
}

impl Place {
    pub fn column(self) -> usize {
        match self {
            Self::At(column) | Self::Before(column) => column,
        }
    }
}

/// A part of a circuit, for the clipboard and the palette: columns of operations whose rows count
/// from 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fragment {
    pub columns: Vec<Vec<Operation>>,
    /// Rows it needs.
    pub height: u32,
}

impl Fragment {
    /// One operation; its rows are moved up to begin at 0.
    pub fn single(mut op: Operation) -> Self {
        let top = op.qubits().map(|q| q.0).min().unwrap_or(0);
        op.map_qubits(|q| Qubit(q.0 - top));
        let height = op.qubits().map(|q| q.0 + 1).max().unwrap_or(1);
        Self { columns: vec![vec![op]], height }
    }

    /// The operations in `ids` with the columns between them, and the row they start at.
    pub fn copy(document: &Document, ids: &[OpId]) -> Option<(Self, u32)> {
        let chosen = |op: &&Arc<Operation>| ids.contains(&op.id);
        let n = document.num_qubits();
        let first =
            document.columns.iter().position(|c| c.operations.iter().any(|op| chosen(&op)))?;
        let last =
            document.columns.iter().rposition(|c| c.operations.iter().any(|op| chosen(&op)))?;
        let all = || {
            document.columns[first..=last].iter().flat_map(|c| c.operations.iter().filter(chosen))
        };
        let top = all().map(|op| *op.rows(n).start()).min()?;
        let bottom = all().map(|op| *op.rows(n).end()).max()?;
        let columns = document.columns[first..=last]
            .iter()
            .map(|c| {
                let mut operations: Vec<Operation> =
                    c.operations.iter().filter(chosen).map(|op| (**op).clone()).collect();
                for op in &mut operations {
                    op.map_qubits(|q| Qubit(q.0 - top));
                }
                operations
            })
            .collect();
        Some((Self { columns, height: bottom - top + 1 }, top))
    }

    pub fn is_empty(&self) -> bool {
        self.columns.iter().all(Vec::is_empty)
    }
}

/// An edit.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Several edits as one.
    All(Vec<Command>),
    /// Adds a fragment with its first row at `row`. Wires are added where it reaches below the last
    /// one. With `assign_bits`, measurements without a classical bit get one.
    Insert {
        fragment: Fragment,
        place: Place,
        row: u32,
        assign_bits: bool,
    },
    /// Moves operations together: their first column goes to `place`, every row by `rows`.
    Move {
        ids: Vec<OpId>,
        place: Place,
        rows: i64,
    },
    Delete {
        ids: Vec<OpId>,
    },
    /// Copies `times` times right after themselves.
    Repeat {
        ids: Vec<OpId>,
        times: u32,
    },
    /// Expressions as typed; names without a value become parameters of the program.
    SetParams {
        id: OpId,
        texts: Vec<String>,
    },
    /// Another gate on the same targets; parameters are kept as far as there are any.
    SetGate {
        id: OpId,
        gate: Gate,
    },
    /// What an inline display shows, on `qubits` rows from its first one on.
    SetDisplay {
        id: OpId,
        kind: crate::DisplayKind,
        /// See [`crate::Display::letters`].
        letters: String,
        qubits: u32,
    },
    SetInverse {
        id: OpId,
        inverse: bool,
    },
    /// `None` takes the power away.
    SetPower {
        id: OpId,
        power: Option<String>,
    },
    SetClbit {
        id: OpId,
        clbit: Option<Clbit>,
    },
    SetCondition {
        id: OpId,
        condition: Option<Condition>,
    },
    SetText {
        id: OpId,
        text: String,
    },
    AddControl {
        id: OpId,
        qubit: Qubit,
        on: bool,
    },
    RemoveControl {
        id: OpId,
        qubit: Qubit,
    },
    /// Filled to hollow and back.
    ToggleControl {
        id: OpId,
        qubit: Qubit,
    },
    /// Moves one leg of an operation to another wire; a leg that is there already takes its place.
    Rewire {
        id: OpId,
        from: Qubit,
        to: Qubit,
    },
    /// A wire before row `at`, in the register of the row above it.
    AddQubit {
        at: u32,
    },
    /// With the operations on it.
    RemoveQubit {
        at: u32,
    },
    /// A wire with all that is on it, to another row.
    MoveQubit {
        from: u32,
        to: u32,
    },
    RenameQubits {
        register: usize,
        name: String,
    },
    /// Gives one wire a name of its own, and splits its register for it.
    NameQubit {
        at: u32,
        name: String,
    },
    AddClbits {
        register: Register,
    },
    RenameClbits {
        register: usize,
        name: String,
    },
    ResizeClbits {
        register: usize,
        size: u32,
    },
    RemoveClbits {
        register: usize,
    },
    InsertColumn {
        at: usize,
    },
    /// With the operations in it.
    RemoveColumn {
        at: usize,
    },
    MoveColumn {
        from: usize,
        to: usize,
    },
    /// An empty text takes the comment away.
    SetComment {
        column: usize,
        text: String,
    },
    /// Everything as far left as order allows.
    Compact,
    /// Also declares it.
    SetParameter {
        name: String,
        value: f64,
    },
    RemoveParameter {
        name: String,
    },
    RenameParameter {
        from: String,
        to: String,
    },
    /// Replaces the operations by one call of a new gate made of them.
    Group {
        ids: Vec<OpId>,
        name: String,
    },
    /// Replaces a call by what its gate was made of.
    Ungroup {
        id: OpId,
    },
    /// Adds the definition of a gate.
    Define(Definition),
    /// Folds wires away in the picture; one stays.
    HideQubits {
        rows: Vec<u32>,
    },
    ShowQubits {
        rows: Vec<u32>,
    },
    /// Replaces what a defined gate is made of: see [`crate::definition::open`].
    SetBody {
        name: Arc<str>,
        inside: Document,
    },
    RenameGate {
        from: String,
        to: String,
    },
    /// A definition that nothing uses.
    RemoveGate {
        name: String,
    },
}

/// What an edit gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    pub document: Document,
    /// What should be selected afterwards: what was added, moved or changed.
    pub touched: Vec<OpId>,
}

/// Most copies that one [`Command::Repeat`] makes.
pub const MAX_COPIES: u32 = 1000;

/// Does `command` on `document`.
pub fn apply(document: &Document, command: &Command) -> Result<Applied, EditError> {
    let mut document = document.clone();
    let touched = run(&mut document, command)?;
    place::trim(&mut document);
    if document.columns.len() > MAX_COLUMNS {
        return Err(EditError::TooManyColumns);
    }
    Ok(Applied { document, touched })
}

fn run(document: &mut Document, command: &Command) -> Result<Vec<OpId>, EditError> {
    match command {
        Command::All(commands) => {
            let mut touched = Vec::new();
            for command in commands {
                touched.extend(run(document, command)?);
            }
            touched.sort_unstable();
            touched.dedup();
            return Ok(touched);
        }
        Command::Insert { fragment, place, row, assign_bits } => {
            return insert(document, fragment.clone(), *place, *row, *assign_bits);
        }
        Command::Move { ids, place, rows } => return move_operations(document, ids, *place, *rows),
        Command::Delete { ids } => delete(document, ids)?,
        Command::Repeat { ids, times } => return repeat(document, ids, *times),
        Command::InsertColumn { at } => place::open(document, *at, 1),
        Command::RemoveColumn { at } => {
            if *at < document.columns.len() {
                document.columns.remove(*at);
            }
        }
        Command::MoveColumn { from, to } => {
            if *from >= document.columns.len() {
                return Err(EditError::Gone);
            }
            let column = document.columns.remove(*from);
            let ids = column.operations.iter().map(|op| op.id).collect();
            let to = (*to).min(document.columns.len());
            document.columns.insert(to, column);
            return Ok(ids);
        }
        Command::SetComment { column, text } => set_comment(document, *column, text),
        Command::Compact => place::compact(document),
        Command::SetParams { id, .. }
        | Command::SetGate { id, .. }
        | Command::SetInverse { id, .. }
        | Command::SetPower { id, .. }
        | Command::SetDisplay { id, .. }
        | Command::SetClbit { id, .. }
        | Command::SetCondition { id, .. }
        | Command::SetText { id, .. }
        | Command::AddControl { id, .. }
        | Command::RemoveControl { id, .. }
        | Command::ToggleControl { id, .. }
        | Command::Rewire { id, .. } => {
            operation::change(document, *id, command)?;
            return Ok(vec![*id]);
        }
        Command::Group { ids, name } => return operation::group(document, ids, name),
        Command::Ungroup { id } => return operation::ungroup(document, *id),
        Command::Define(definition) => definition::define(document, definition)?,
        Command::SetBody { name, inside } => definition::set_body(document, name, inside)?,
        Command::RenameGate { from, to } => definition::rename(document, from, to)?,
        Command::RemoveGate { name } => definition::remove(document, name)?,
        Command::HideQubits { rows } => hidden::change(document, rows, true)?,
        Command::ShowQubits { rows } => hidden::change(document, rows, false)?,
        Command::AddQubit { .. }
        | Command::RemoveQubit { .. }
        | Command::MoveQubit { .. }
        | Command::RenameQubits { .. }
        | Command::NameQubit { .. }
        | Command::AddClbits { .. }
        | Command::RenameClbits { .. }
        | Command::ResizeClbits { .. }
        | Command::RemoveClbits { .. }
        | Command::SetParameter { .. }
        | Command::RemoveParameter { .. }
        | Command::RenameParameter { .. } => wires::change(document, command)?,
    }
    Ok(Vec::new())
}

fn set_comment(document: &mut Document, column: usize, text: &str) {
    let text = text.trim();
    if document.columns.len() <= column {
        document.columns.resize_with(column + 1, Arc::default);
    }
    Arc::make_mut(&mut document.columns[column]).comment = (!text.is_empty()).then(|| text.into());
}

fn insert(
    document: &mut Document,
    mut fragment: Fragment,
    place: Place,
    row: u32,
    assign_bits: bool,
) -> Result<Vec<OpId>, EditError> {
    if fragment.is_empty() {
        return Err(EditError::Nothing);
    }
    let n = document.num_qubits();
    if row > n {
        return Err(EditError::BelowBottom(n));
    }
    wires::grow_qubits(document, row.saturating_add(fragment.height))?;
    for op in fragment.columns.iter_mut().flatten() {
        op.map_qubits(|q| Qubit(q.0 + row));
        op.id = document.fresh_id();
        if assign_bits && matches!(op.what, What::Measure { clbit: None }) {
            let clbit = wires::bit_for(document, op.targets[0])?;
            op.what = What::Measure { clbit: Some(clbit) };
        }
        wires::refuse_foreign_text(&document.header, op, place.column() + 1)?;
        document.check_operation(op)?;
    }
    let columns: Vec<Vec<Arc<Operation>>> =
        fragment.columns.into_iter().map(|c| c.into_iter().map(Arc::new).collect()).collect();
    Ok(put_columns(document, &columns, place))
}

/// Puts columns of operations in, opening new columns where they do not fit.
fn put_columns(
    document: &mut Document,
    columns: &[Vec<Arc<Operation>>],
    place: Place,
) -> Vec<OpId> {
    let first = place.column();
    let header = Arc::clone(&document.header);
    let room = |document: &Document| {
        columns.iter().enumerate().all(|(i, operations)| {
            document.columns.get(first + i).is_none_or(|column| {
                operations.iter().all(|op| place::fits(column, op, &header, &[]))
            })
        })
    };
    if matches!(place, Place::Before(_)) || !room(document) {
        place::open(document, first, columns.len());
    }
    let mut ids = Vec::new();
    for (i, operations) in columns.iter().enumerate() {
        for op in operations {
            ids.push(op.id);
            // Operations of one fragment column do not cross: they were one column when copied.
            // A fragment from elsewhere might, and then gets a column more.
            let mut at = first + i;
            if document.columns.get(at).is_some_and(|c| !place::fits(c, op, &header, &[])) {
                at += 1;
                place::open(document, at, 1);
            }
            place::put(document, at, Arc::clone(op));
        }
    }
    ids
}

fn delete(document: &mut Document, ids: &[OpId]) -> Result<(), EditError> {
    if ids.is_empty() {
        return Err(EditError::Nothing);
    }
    for column in &mut document.columns {
        if column.operations.iter().any(|op| ids.contains(&op.id)) {
            Arc::make_mut(column).operations.retain(|op| !ids.contains(&op.id));
        }
    }
    Ok(())
}

fn move_operations(
    document: &mut Document,
    ids: &[OpId],
    place: Place,
    rows: i64,
) -> Result<Vec<OpId>, EditError> {
    let (fragment, top) = Fragment::copy(document, ids).ok_or(EditError::Nothing)?;
    let row = u32::try_from(i64::from(top) + rows).map_err(|_| EditError::AboveTop)?;
    if row > document.num_qubits() {
        return Err(EditError::BelowBottom(document.num_qubits()));
    }
    if row != top {
        wires::refuse_moved_text(document, ids)?;
    }
    wires::grow_qubits(document, row.saturating_add(fragment.height))?;
    let mut columns: Vec<Vec<Arc<Operation>>> = Vec::with_capacity(fragment.columns.len());
    for operations in fragment.columns {
        let mut out = Vec::with_capacity(operations.len());
        for mut op in operations {
            op.map_qubits(|q| Qubit(q.0 + row));
            document.check_operation(&op)?;
            out.push(Arc::new(op));
        }
        columns.push(out);
    }
    let emptied: Vec<usize> = (0..document.columns.len())
        .filter(|&at| {
            let column = &document.columns[at];
            column.comment.is_none()
                && !column.operations.is_empty()
                && column.operations.iter().all(|op| ids.contains(&op.id))
        })
        .collect();
    delete(document, ids)?;
    // Moved between columns, the operations take their column along; on the grid they leave a gap.
    let place = if let Place::Before(at) = place {
        for &column in emptied.iter().rev() {
            document.columns.remove(column);
        }
        Place::Before(
            (at - emptied.iter().filter(|&&c| c < at).count()).min(document.columns.len()),
        )
    } else {
        place
    };
    Ok(put_columns(document, &columns, place))
}

fn repeat(document: &mut Document, ids: &[OpId], times: u32) -> Result<Vec<OpId>, EditError> {
    if times > MAX_COPIES {
        return Err(EditError::TooManyCopies(MAX_COPIES));
    }
    let (fragment, top) = Fragment::copy(document, ids).ok_or(EditError::Nothing)?;
    let last = document
        .columns
        .iter()
        .rposition(|c| c.operations.iter().any(|op| ids.contains(&op.id)))
        .ok_or(EditError::Nothing)?;
    let mut touched = Vec::new();
    for copy in 0..times as usize {
        let column = last + 1 + copy * fragment.columns.len();
        touched.extend(insert(document, fragment.clone(), Place::Before(column), top, false)?);
    }
    Ok(touched)
}

/// Column with its operations changed by `f`; shared where nothing changes.
fn map_column(
    column: &Arc<Column>,
    f: &mut impl FnMut(&Operation) -> Option<Operation>,
) -> Arc<Column> {
    let mut changed = false;
    let operations = column
        .operations
        .iter()
        .filter_map(|op| {
            let new = f(op)?;
            Some(if new == **op {
                Arc::clone(op)
            } else {
                changed = true;
                Arc::new(new)
            })
        })
        .collect::<Vec<_>>();
    if !changed && operations.len() == column.operations.len() {
        Arc::clone(column)
    } else {
        Arc::new(Column { operations, comment: column.comment.clone() })
    }
}
