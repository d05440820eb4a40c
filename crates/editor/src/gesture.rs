//! One drag, click or touch, as a state machine: pointer events in, effects out.
//!
//! Nothing is changed while something is carried: each step computes the document as it would be
//! after the drop, for the page to draw and simulate, or why it cannot be. Touches scroll until a
//! finger rests for [`LONG_PRESS_MS`]; then it carries.

use std::sync::Arc;

use crate::command::{Applied, Command, EditError, Fragment, Place, apply};
use crate::document::{Document, OpId};
use crate::geometry::{Cell, Hit, Layout, Part, Rect};
use crate::selection::Selection;
use crate::{Qubit, What};

/// How long a finger rests before it picks up.
pub const LONG_PRESS_MS: u32 = 320;
/// Movement that makes a press a drag, in pixels.
const SLACK_MOUSE: f64 = 4.0;
const SLACK_TOUCH: f64 = 10.0;
/// How far outside the drawing a drop still counts as inside.
const MARGIN: f64 = 40.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Device {
    #[default]
    Mouse,
    Touch,
}

/// A pointer, in the layout's coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pointer {
    pub device: Device,
    pub x: f64,
    pub y: f64,
    pub shift: bool,
    /// Copies instead of moving: Ctrl, Alt or Cmd.
    pub copy: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    Down(Pointer),
    Move(Pointer),
    Up(Pointer),
    /// The finger has rested for [`LONG_PRESS_MS`].
    LongPress,
    /// Taken out of the palette. `sticky`: by click or key; the next click puts it down.
    PickUp {
        fragment: Fragment,
        sticky: bool,
    },
    /// Escape, a second finger, focus lost.
    Cancel,
}

/// What is carried.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    New {
        fragment: Fragment,
        sticky: bool,
    },
    /// Grabbed at this many columns right of and rows below its first cell.
    Move {
        ids: Vec<OpId>,
        columns: usize,
        row: u32,
    },
    Copy {
        fragment: Fragment,
        columns: usize,
        row: u32,
    },
    /// One control or target of an operation.
    Leg {
        id: OpId,
        from: Qubit,
    },
    Wire {
        row: u32,
    },
}

/// What a drop here and now would do.
#[derive(Debug, Clone, PartialEq)]
pub enum Drop {
    /// Nothing: outside, or back where it was.
    Nothing,
    /// The operations would be removed: they are carried outside.
    Remove(Command, Arc<Applied>),
    Possible(Command, Arc<Applied>),
    Impossible(EditError),
}

/// The state.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Gesture {
    #[default]
    Idle,
    Pressed {
        at: Pointer,
        hit: Hit,
    },
    Carrying {
        held: Held,
        /// Cell under the pointer, and where in the columns a drop goes.
        over: Option<(Cell, Place)>,
        pointer: Pointer,
        drop: Drop,
    },
    Boxing {
        from: (f64, f64),
        to: (f64, f64),
        /// What was chosen before, where shift adds.
        base: Selection,
    },
}

/// What is not an operation and has a panel of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    Qubit(u32),
    /// A classical register.
    Register(u32),
    Column(usize),
}

/// What the page should do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Select(Selection),
    Apply(Command),
    /// Show and simulate this; `None` goes back to the document.
    Preview(Option<Arc<Applied>>),
    /// Open the panel of a wire, a register or a column.
    Inspect(Subject),
    /// Call back with [`Input::LongPress`] after [`LONG_PRESS_MS`], unless the state changes.
    AwaitLongPress,
}

/// What a step sees.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub document: &'a Document,
    pub layout: &'a Layout,
    pub selection: &'a Selection,
    pub read_only: bool,
}

impl Gesture {
    /// Whether the page must keep the browser from scrolling.
    pub fn holds_pointer(&self) -> bool {
        matches!(self, Self::Carrying { .. } | Self::Boxing { .. })
    }

    /// The selection rectangle.
    pub fn area(&self) -> Option<Rect> {
        match self {
            Self::Boxing { from, to, .. } => Some(Rect::between(*from, *to)),
            _ => None,
        }
    }

    /// Why the drop is not possible.
    pub fn reason(&self) -> Option<&EditError> {
        match self {
            Self::Carrying { drop: Drop::Impossible(error), .. } => Some(error),
            _ => None,
        }
    }
}

/// One step.
pub fn step(gesture: Gesture, input: Input, context: Context<'_>) -> (Gesture, Vec<Effect>) {
    match (gesture, input) {
        (Gesture::Carrying { .. }, Input::Cancel) => (Gesture::Idle, vec![Effect::Preview(None)]),
        (Gesture::Boxing { base, .. }, Input::Cancel) => {
            (Gesture::Idle, vec![Effect::Select(base)])
        }
        (_, Input::Cancel) | (Gesture::Boxing { .. }, Input::Up(_)) => (Gesture::Idle, Vec::new()),
        (_, Input::PickUp { .. }) if context.read_only => (Gesture::Idle, Vec::new()),
        (_, Input::PickUp { fragment, sticky }) => {
            let held = Held::New { fragment, sticky };
            let drop = Drop::Nothing;
            (Gesture::Carrying { held, over: None, pointer: Pointer::default(), drop }, Vec::new())
        }
        (
            Gesture::Carrying { held, over, drop, .. },
            Input::Move(pointer) | Input::Down(pointer),
        ) => carry(held, over, drop, pointer, context),
        (Gesture::Carrying { held, over, drop, .. }, Input::Up(pointer)) => {
            let (gesture, _) = carry(held, over, drop, pointer, context);
            release(gesture, context)
        }
        (Gesture::Pressed { at, hit }, Input::Move(pointer)) => {
            let slack = if at.device == Device::Touch { SLACK_TOUCH } else { SLACK_MOUSE };
            if (pointer.x - at.x).hypot(pointer.y - at.y) < slack {
                return (Gesture::Pressed { at, hit }, Vec::new());
            }
            // A finger that moves at once scrolls: the browser does that.
            if at.device == Device::Touch {
                (Gesture::Idle, Vec::new())
            } else {
                begin(at, hit, pointer, context)
            }
        }
        (Gesture::Pressed { at, hit }, Input::LongPress) => begin(at, hit, at, context),
        (Gesture::Pressed { at, hit }, Input::Up(_)) => {
            if let Part::Name(row) = hit.part
                && context.layout.is_hidden(row)
            {
                // A press on a fold opens it.
                let rows = context.layout.fold(row).collect();
                return (Gesture::Idle, vec![Effect::Apply(Command::ShowQubits { rows })]);
            }
            let mut effects = vec![click(at, hit, context)];
            effects.extend(subject(hit.part, context).map(Effect::Inspect));
            (Gesture::Idle, effects)
        }
        (Gesture::Boxing { from, base, .. }, Input::Move(pointer)) => {
            boxing(from, pointer, base, context)
        }
        (
            Gesture::Idle | Gesture::Pressed { .. } | Gesture::Boxing { .. },
            Input::Down(pointer),
        ) => {
            let hit = context.layout.hit(context.document, pointer.x, pointer.y);
            let effects = if pointer.device == Device::Touch {
                vec![Effect::AwaitLongPress]
            } else {
                Vec::new()
            };
            (Gesture::Pressed { at: pointer, hit }, effects)
        }
        (gesture, _) => (gesture, Vec::new()),
    }
}

fn boxing(
    from: (f64, f64),
    now: Pointer,
    base: Selection,
    context: Context<'_>,
) -> (Gesture, Vec<Effect>) {
    let to = (now.x, now.y);
    let found = context.layout.in_box(context.document, Rect::between(from, to));
    let selection = base.with(base.ids.iter().copied().chain(found));
    (Gesture::Boxing { from, to, base }, vec![Effect::Select(selection)])
}

/// A press has become a drag.
fn begin(at: Pointer, hit: Hit, now: Pointer, context: Context<'_>) -> (Gesture, Vec<Effect>) {
    let held = match hit.part {
        Part::Body { id, row } => {
            let (_, Some(op)) = (row, context.document.find(id).map(|f| f.1)) else {
                return (Gesture::Idle, Vec::new());
            };
            // Of a gate with several legs and no box, each leg can be taken by itself with shift.
            let leg = at.shift && op.qubits().any(|q| q.0 == row) && op.qubits().count() > 1;
            if leg && !matches!(op.what, What::Barrier | What::Text { .. }) {
                Held::Leg { id, from: Qubit(row) }
            } else {
                let chosen = context.selection.ids.contains(&id);
                let ids = if chosen { context.selection.ids() } else { vec![id] };
                let Some((fragment, top)) = Fragment::copy(context.document, &ids) else {
                    return (Gesture::Idle, Vec::new());
                };
                let first = context.document.columns.iter();
                let first = first
                    .take_while(|c| !c.operations.iter().any(|op| ids.contains(&op.id)))
                    .count();
                let columns = hit.cell.column.saturating_sub(first);
                let row = hit.cell.row.saturating_sub(top);
                if at.copy {
                    Held::Copy { fragment, columns, row }
                } else {
                    Held::Move { ids, columns, row }
                }
            }
        }
        Part::Control { id, qubit } => Held::Leg { id, from: qubit },
        Part::Name(row)
            if row < context.document.num_qubits() && !context.layout.is_hidden(row) =>
        {
            Held::Wire { row }
        }
        _ => {
            let base = if at.shift { context.selection.clone() } else { Selection::at(hit.cell) };
            return boxing((at.x, at.y), now, base, context);
        }
    };
    if context.read_only {
        return (Gesture::Idle, Vec::new());
    }
    let mut effects = Vec::new();
    if let Held::Move { ids, .. } = &held {
        effects.push(Effect::Select(context.selection.with(ids.iter().copied())));
    }
    let (gesture, more) = carry(held, None, Drop::Nothing, now, context);
    effects.extend(more);
    (gesture, effects)
}

fn carry(
    held: Held,
    over: Option<(Cell, Place)>,
    drop: Drop,
    pointer: Pointer,
    context: Context<'_>,
) -> (Gesture, Vec<Effect>) {
    let outside = is_outside(pointer, context.layout);
    let hit = context.layout.hit(context.document, pointer.x, pointer.y);
    let now = (!outside).then_some((hit.cell, hit.place));
    let first = over.is_none() && drop == Drop::Nothing;
    if now == over && !first {
        return (Gesture::Carrying { held, over, pointer, drop }, Vec::new());
    }
    let next = intent(&held, now, context);
    let preview = |drop: &Drop| match drop {
        Drop::Possible(_, applied) | Drop::Remove(_, applied) => Some(Arc::clone(applied)),
        _ => None,
    };
    let (before, after) = (preview(&drop), preview(&next));
    let effects = if before == after { Vec::new() } else { vec![Effect::Preview(after)] };
    (Gesture::Carrying { held, over: now, pointer, drop: next }, effects)
}

fn is_outside(pointer: Pointer, layout: &Layout) -> bool {
    pointer.x < 0.0 || pointer.y < -MARGIN || pointer.y > layout.height() + MARGIN
}

/// What a drop at `over` would do.
fn intent(held: &Held, over: Option<(Cell, Place)>, context: Context<'_>) -> Drop {
    let document = context.document;
    let Some((cell, place)) = over else {
        return match held {
            Held::Move { ids, .. } => attempt(document, Command::Delete { ids: ids.clone() }, true),
            _ => Drop::Nothing,
        };
    };
    let shifted = |columns: usize| match place {
        place if columns == 0 => place,
        place => Place::At(place.column().saturating_sub(columns)),
    };
    let command = match held {
        Held::New { fragment, .. } => {
            Command::Insert { fragment: fragment.clone(), place, row: cell.row, assign_bits: true }
        }
        Held::Copy { fragment, columns, row } => Command::Insert {
            fragment: fragment.clone(),
            place: shifted(*columns),
            row: cell.row.saturating_sub(*row),
            assign_bits: false,
        },
        Held::Move { ids, columns, row } => {
            let Some((_, top)) = Fragment::copy(document, ids) else {
                return Drop::Impossible(EditError::Gone);
            };
            let rows = i64::from(cell.row) - i64::from(*row) - i64::from(top);
            Command::Move { ids: ids.clone(), place: shifted(*columns), rows }
        }
        Held::Leg { from, .. } if from.0 == cell.row => return Drop::Nothing,
        Held::Leg { id, from } => Command::Rewire { id: *id, from: *from, to: Qubit(cell.row) },
        Held::Wire { row } if *row == cell.row || cell.row >= document.num_qubits() => {
            return Drop::Nothing;
        }
        Held::Wire { row } => Command::MoveQubit { from: *row, to: cell.row },
    };
    attempt(document, command, false)
}

fn attempt(document: &Document, command: Command, remove: bool) -> Drop {
    match apply(document, &command) {
        Ok(applied) if remove => Drop::Remove(command, Arc::new(applied)),
        Ok(applied) if applied.document == *document => Drop::Nothing,
        Ok(applied) => Drop::Possible(command, Arc::new(applied)),
        Err(error) => Drop::Impossible(error),
    }
}

fn release(gesture: Gesture, context: Context<'_>) -> (Gesture, Vec<Effect>) {
    let Gesture::Carrying { held, over, drop, .. } = gesture else { return (gesture, Vec::new()) };
    let mut effects = vec![Effect::Preview(None)];
    match drop {
        Drop::Possible(command, applied) => {
            effects.push(Effect::Apply(command));
            let caret = over.map_or(context.selection.caret, |(cell, _)| cell);
            // Something new is chosen if there is an angle to set; else it only stands there.
            let plain = |held: &Held| match held {
                Held::New { fragment, .. } => {
                    fragment.columns.iter().flatten().all(|op| op.params().is_empty())
                }
                _ => false,
            };
            let ids = if plain(&held) { Vec::new() } else { applied.touched.clone() };
            let ids = ids.into_iter().collect();
            effects.push(Effect::Select(Selection { ids, caret, anchor: None }));
        }
        Drop::Remove(command, _) => {
            effects.push(Effect::Apply(command));
            effects.push(Effect::Select(Selection::at(context.selection.caret)));
        }
        Drop::Nothing | Drop::Impossible(_) => {
            // Taken up by click and not put down yet: it stays in the hand.
            if let Held::New { sticky: true, .. } = &held
                && over.is_none()
            {
                let drop = Drop::Nothing;
                return (
                    Gesture::Carrying { held, over, pointer: Pointer::default(), drop },
                    Vec::new(),
                );
            }
        }
    }
    (Gesture::Idle, effects)
}

/// What a click on the edge of the drawing is about.
fn subject(part: Part, context: Context<'_>) -> Option<Subject> {
    match part {
        Part::Name(row) if row < context.document.num_qubits() => Some(Subject::Qubit(row)),
        Part::Classical(register) => Some(Subject::Register(register)),
        Part::Ruler(column) if column < context.document.columns.len() => {
            Some(Subject::Column(column))
        }
        _ => None,
    }
}

/// A press without movement.
fn click(at: Pointer, hit: Hit, context: Context<'_>) -> Effect {
    let selection = context.selection;
    let add = at.shift || at.copy;
    match hit.part {
        Part::Body { id, .. } | Part::Control { id, .. } if add => {
            Effect::Select(Selection { caret: hit.cell, ..selection.toggled(id) })
        }
        Part::Body { id, .. } | Part::Control { id, .. } => {
            Effect::Select(Selection { ids: [id].into(), caret: hit.cell, anchor: None })
        }
        Part::Ruler(column) => {
            let ids = context
                .document
                .columns
                .get(column)
                .map(|c| c.operations.iter().map(|op| op.id).collect());
            Effect::Select(Selection {
                ids: ids.unwrap_or_default(),
                caret: Cell { column, row: selection.caret.row },
                anchor: None,
            })
        }
        Part::Name(row) => {
            let ids = context
                .document
                .operations()
                .filter(|op| op.qubits().any(|q| q.0 == row))
                .map(|op| op.id);
            let caret =
                Cell { row: row.min(context.document.num_qubits().saturating_sub(1)), column: 0 };
            Effect::Select(Selection { ids: ids.collect(), caret, anchor: None })
        }
        _ if add => {
            let ids = Selection::block(
                context.document,
                selection.anchor.unwrap_or(selection.caret),
                hit.cell,
            );
            Effect::Select(Selection { ids, ..selection.clone() })
        }
        _ => Effect::Select(Selection::at(hit.cell)),
    }
}

#[cfg(test)]
mod tests;
