//! Where everything lies, in CSS pixels at 100 %, without a screen.
//!
//! ```text
//! 0        gutter                                    x →
//! ┌────────┬──────┬──────┬───────────┬ ─ ─ ─ ─
//! │        │  1   │  2   │  3        │             ruler
//! │ q[0]   │──────│──●───│───────────│             one row of ROW per qubit
//! │ q[1]   │──────│──⊕───│───────────│
//! │ c      │══════│══════│═══════════│             one row of CLASSICAL_ROW per classical register
//! ```
//!
//! Rows that are hidden ([`Header::hidden`](crate::Header)) lie folded into one strip of [`FOLD`] for each run of them.
//! A column is one [`CELL`] wide, more where a label needs it. Right of the last column lie empty
//! cells without end: a drop there makes the circuit longer.

use std::ops::Range;

use crate::command::Place;
use crate::document::{Column, Document, OpId, Operation, What};
use crate::label::{self, Symbol};
use crate::listing::{self, Line};
use crate::{Clbit, Qubit};

/// Width of a column and height of a row.
pub const CELL: f64 = 44.0;
/// Side of a gate's box.
pub const BOX: f64 = 34.0;
/// Height of a classical register's row.
pub const CLASSICAL_ROW: f64 = 32.0;
/// Height of a run of hidden wires.
pub const FOLD: f64 = 16.0;
/// Height of the ruler above the first row.
pub const RULER: f64 = 24.0;
/// Half the side of the square around a control that takes the pointer.
const CONTROL_REACH: f64 = 11.0;
/// Part of a column, on either side, where a drop goes between columns.
const GAP: f64 = 0.2;
/// Widest column.
const MAX_WIDTH: f64 = 220.0;

/// Average width of a character in the label's size (14 px) and in the small size (11 px), in the
/// page's sans; estimates that leave a little room.
const LABEL_CHAR: f64 = 8.6;
const SMALL_CHAR: f64 = 6.3;
/// The same in the mono of text blocks (11 px), and the height of a line there.
pub const CODE_CHAR: f64 = 6.6;
pub const CODE_LINE: f64 = 14.0;
/// Longest line of a text block, in characters, and most of them.
const MAX_CODE: usize = 30;
const MAX_LINES: usize = 40;
/// The same in the mono of wire names (13 px).
const NAME_CHAR: f64 = 7.9;

/// The places of a document's parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// Width of the wire names at the left.
    pub gutter: f64,
    /// Left edge of each column, and of the first empty one.
    edges: Vec<f64>,
    /// Top edge of each row, and of the first one below. Empty where no row is hidden.
    tops: Vec<f64>,
    pub num_qubits: u32,
    pub num_registers: u32,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// What can be seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Visible {
    /// May reach beyond the last column: empty cells.
    pub columns: Range<usize>,
    pub rows: Range<u32>,
}

/// A cell of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Cell {
    pub column: usize,
    pub row: u32,
}

/// What the pointer is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The name of a qubit.
    Name(u32),
    /// A classical register: its name or its wire.
    Classical(u32),
    /// The number over a column.
    Ruler(usize),
    /// A box, ⊕, ×, meter, barrier or text.
    Body {
        id: OpId,
        row: u32,
    },
    Control {
        id: OpId,
        qubit: Qubit,
    },
    Empty,
}

/// Where the pointer is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    pub part: Part,
    /// Clamped to the grid; the row may be one below the last qubit.
    pub cell: Cell,
    /// Where a drop would go.
    pub place: Place,
}

impl Rect {
    /// The rectangle between two corners in any order.
    pub fn between(a: (f64, f64), b: (f64, f64)) -> Self {
        Self {
            x: a.0.min(b.0),
            y: a.1.min(b.1),
            width: (a.0 - b.0).abs(),
            height: (a.1 - b.1).abs(),
        }
    }

    pub fn contains(&self, x: f64, y: f64) -> bool {
        x >= self.x && x <= self.x + self.width && y >= self.y && y <= self.y + self.height
    }
}

/// Width of what is drawn for an operation.
pub fn width(op: &Operation) -> f64 {
    if let What::Gate { gate, params } = &op.what
        && params.is_empty()
        && !op.inverse
        && op.power.is_none()
        && gate.spec().label.len() <= 2
    {
        // Most gates of a large circuit.
        return BOX;
    }
    let chars = |text: &str| text.chars().count() as f64;
    match label::symbol(op) {
        Symbol::Plus
        | Symbol::Dot
        | Symbol::Cross
        | Symbol::Barrier
        | Symbol::Meter
        | Symbol::Reset => BOX,
        // Room for what is shown: square up to three rows.
        Symbol::Display => {
            let first = op.targets.iter().map(|q| q.0).min().unwrap_or(0);
            let last = op.targets.iter().map(|q| q.0).max().unwrap_or(0);
            f64::from((last - first + 1).min(3)) * CELL - (CELL - BOX)
        }
        Symbol::Text => {
            let listing = text_lines(op);
            let one = chars(&label::title(op));
            let widest = listing
                .iter()
                .map(|l| (2 * l.depth + l.text.chars().count()) as f64)
                .fold(if listing.is_empty() { one } else { 0.0 }, f64::max);
            (widest * CODE_CHAR + 16.0).clamp(BOX, MAX_WIDTH)
        }
        Symbol::Box => {
            let title = chars(&label::title(op)) * LABEL_CHAR + 10.0;
            let small = label::subtitle(op).map_or(0.0, |s| chars(&s) * SMALL_CHAR + 8.0);
            title.max(small).clamp(BOX, MAX_WIDTH)
        }
    }
}

/// The lines that a text block over several wires shows; none where there is room for one only.
pub fn text_lines(op: &Operation) -> Vec<Line> {
    let What::Text { text, .. } = &op.what else { return Vec::new() };
    // As high as its wires are, whichever are hidden: the width does not depend on that.
    let rows = match (op.qubits().map(|q| q.0).min(), op.qubits().map(|q| q.0).max()) {
        (Some(first), Some(last)) => last - first + 1,
        _ => 1,
    };
    let most = ((f64::from(rows - 1) * CELL + BOX - 8.0) / CODE_LINE).floor();
    if rows < 2 {
        return Vec::new();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, small")]
    listing::lines(text, (most as usize).min(MAX_LINES), MAX_CODE)
}

fn column_width(column: &Column) -> f64 {
    let widest = column.operations.iter().map(|op| width(op)).fold(BOX, f64::max);
    widest + (CELL - BOX)
}

impl Layout {
    pub fn new(document: &Document) -> Self {
        let mut layout = Self {
            gutter: gutter(document),
            edges: Vec::new(),
            tops: Vec::new(),
            num_qubits: 0,
            num_registers: 0,
        };
        layout.measure(document);
        layout
    }

    fn measure(&mut self, document: &Document) {
        self.num_qubits = document.num_qubits();
        self.num_registers = u32::try_from(document.header.clbits.len()).unwrap_or(u32::MAX);
        let mut x = self.gutter;
        self.edges.reserve(document.columns.len() + 1);
        self.edges.push(x);
        for column in &document.columns {
            x += column_width(column);
            self.edges.push(x);
        }
        let hidden = &document.header.hidden;
        if !hidden.is_empty() {
            let mut y = RULER;
            for row in 0..self.num_qubits {
                self.tops.push(y);
                y += match (hidden.contains(&row), row.checked_sub(1)) {
                    (false, _) => CELL,
                    (true, Some(above)) if hidden.contains(&above) => 0.0,
                    (true, _) => FOLD,
                };
            }
            self.tops.push(y);
        }
    }

    /// Top edge of a row, also below the last one.
    fn row_top(&self, row: u32) -> f64 {
        match self.tops.last() {
            None => RULER + f64::from(row) * CELL,
            Some(end) => self
                .tops
                .get(row as usize)
                .copied()
                .unwrap_or_else(|| end + f64::from(row.saturating_sub(self.num_qubits)) * CELL),
        }
    }

    fn row_height(&self, row: u32) -> f64 {
        if self.tops.is_empty() { CELL } else { self.row_top(row + 1) - self.row_top(row) }
    }

    /// Whether a row is folded away.
    pub fn is_hidden(&self, row: u32) -> bool {
        row < self.num_qubits && self.row_height(row) < CELL
    }

    /// The hidden rows around a hidden one; empty for one that is shown.
    pub fn fold(&self, row: u32) -> Range<u32> {
        if !self.is_hidden(row) {
            return row..row;
        }
        let first = (0..row).rev().take_while(|&r| self.is_hidden(r)).last().unwrap_or(row);
        let end = (row..self.num_qubits).find(|&r| !self.is_hidden(r)).unwrap_or(self.num_qubits);
        first..end
    }

    /// Top and bottom of a box over rows `first` to `last`; one that ends in a fold ends at its middle.
    pub fn box_span(&self, first: u32, last: u32) -> (f64, f64) {
        let half = |row| if self.is_hidden(row) { FOLD / 2.0 - 4.0 } else { BOX / 2.0 };
        (self.row_y(first) - half(first), self.row_y(last) + half(last))
    }

    /// The row at `y`, at most `num_qubits`.
    fn row_at(&self, y: f64) -> u32 {
        if self.tops.is_empty() {
            return to_row(((y - RULER) / CELL).floor(), self.num_qubits);
        }
        // The first of a fold is the one that has its height.
        let below = self.tops.partition_point(|&top| top <= y).saturating_sub(1);
        let row = u32::try_from(below).unwrap_or(self.num_qubits).min(self.num_qubits);
        if row < self.num_qubits && self.row_height(row) == 0.0 {
            self.fold(row).start
        } else {
            row
        }
    }

    /// Columns that hold something.
    pub fn num_columns(&self) -> usize {
        self.edges.len() - 1
    }

    /// Left edge of a column, also beyond the last.
    pub fn column_x(&self, column: usize) -> f64 {
        let last = self.num_columns();
        if column <= last {
            self.edges[column]
        } else {
            self.edges[last] + (column - last) as f64 * CELL
        }
    }

    pub fn column_width(&self, column: usize) -> f64 {
        self.column_x(column + 1) - self.column_x(column)
    }

    /// Middle of a column.
    pub fn center_x(&self, column: usize) -> f64 {
        f64::midpoint(self.column_x(column), self.column_x(column + 1))
    }

    /// A qubit's wire.
    pub fn row_y(&self, row: u32) -> f64 {
        if !self.is_hidden(row) {
            return self.row_top(row) + CELL / 2.0;
        }
        let first = self.row_height(row) > 0.0;
        self.row_top(row) + if first { FOLD / 2.0 } else { -FOLD / 2.0 }
    }

    /// A classical register's wire.
    pub fn classical_y(&self, register: u32) -> f64 {
        self.row_top(self.num_qubits) + (f64::from(register) + 0.5) * CLASSICAL_ROW
    }

    /// Height of everything.
    pub fn height(&self) -> f64 {
        self.row_top(self.num_qubits) + f64::from(self.num_registers) * CLASSICAL_ROW
    }

    /// Width of everything with `extra` empty columns at the end.
    pub fn width(&self, extra: usize) -> f64 {
        self.column_x(self.num_columns() + extra)
    }

    pub fn cell_rect(&self, cell: Cell) -> Rect {
        Rect {
            x: self.column_x(cell.column),
            y: self.row_top(cell.row),
            width: self.column_width(cell.column),
            height: self.row_height(cell.row),
        }
    }

    /// All that an operation covers.
    pub fn operation_rect(&self, column: usize, op: &Operation) -> Rect {
        let rows = op.rows(self.num_qubits);
        let top = self.cell_rect(Cell { column, row: *rows.start() });
        Rect { height: self.row_top(rows.end() + 1) - top.y, ..top }
    }

    /// Columns and rows that `viewport` shows at least in part.
    pub fn visible(&self, viewport: Rect) -> Visible {
        let first = self.column_at(viewport.x);
        let last = self.column_at(viewport.x + viewport.width) + 1;
        let last_row = self.row_at(viewport.y + viewport.height);
        let bottom = self.fold(last_row).end.max(last_row.saturating_add(1)).min(self.num_qubits);
        Visible { columns: first..last, rows: self.row_at(viewport.y).min(bottom)..bottom }
    }

    /// The column at `x`; 0 left of the first.
    pub fn column_at(&self, x: f64) -> usize {
        let last = self.num_columns();
        let end = self.edges[last];
        if x >= end {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "not negative, and bounded"
            )]
            let beyond = ((x - end) / CELL).min(1e6) as usize;
            return last + beyond;
        }
        self.edges.partition_point(|&edge| edge <= x).saturating_sub(1)
    }

    /// What is at a point.
    pub fn hit(&self, document: &Document, x: f64, y: f64) -> Hit {
        let column = self.column_at(x);
        let cell = Cell { column, row: self.row_at(y) };
        let place = self.place_at(x);
        let below = self.row_top(self.num_qubits);
        let part = if y >= below {
            let register = to_row(((y - below) / CLASSICAL_ROW).floor(), self.num_registers);
            if register < self.num_registers { Part::Classical(register) } else { Part::Empty }
        } else if x < self.gutter {
            if y < RULER { Part::Empty } else { Part::Name(cell.row) }
        } else if y < RULER {
            Part::Ruler(column)
        } else {
            self.part_at(document, cell, x, y)
        };
        Hit { part, cell, place }
    }

    fn part_at(&self, document: &Document, cell: Cell, x: f64, y: f64) -> Part {
        if self.is_hidden(cell.row) {
            return Part::Name(cell.row);
        }
        let Some(op) = document.at(cell.column, cell.row) else { return Part::Empty };
        let (dx, dy) = ((x - self.center_x(cell.column)).abs(), (y - self.row_y(cell.row)).abs());
        if let Some(control) = op.controls.iter().find(|c| c.qubit.0 == cell.row) {
            let near = dx <= CONTROL_REACH && dy <= CONTROL_REACH;
            return if near {
                Part::Control { id: op.id, qubit: control.qubit }
            } else {
                Part::Empty
            };
        }
        let half = width(op) / 2.0;
        let body = Part::Body { id: op.id, row: cell.row };
        let on_target =
            op.is_full() || op.targets.iter().any(|q| q.0 == cell.row) || is_tall(op, cell.row);
        // Between the legs there is a line, which takes the pointer a little to each side.
        if (on_target && dx <= half) || (!on_target && dx <= 4.0) { body } else { Part::Empty }
    }

    /// Where a drop at `x` goes: into a column, or between two near their border.
    pub fn place_at(&self, x: f64) -> Place {
        let column = self.column_at(x.max(self.gutter));
        if column >= self.num_columns() {
            return Place::At(column);
        }
        let within = (x - self.column_x(column)) / CELL;
        let from_end = (self.column_x(column + 1) - x) / CELL;
        if within < GAP {
            Place::Before(column)
        } else if from_end < GAP {
            Place::Before(column + 1)
        } else {
            Place::At(column)
        }
    }

    /// Operations that a selection rectangle touches.
    pub fn in_box(&self, document: &Document, area: Rect) -> Vec<OpId> {
        let visible = self.visible(area);
        let mut out = Vec::new();
        for column in visible.columns.start..visible.columns.end.min(document.columns.len()) {
            for op in &document.columns[column].operations {
                let rect = self.operation_rect(column, op);
                // The middle line of the column decides, so that a box need not avoid neighbours.
                let middle = self.center_x(column);
                let across = area.x <= middle && middle <= area.x + area.width;
                let down = rect.y < area.y + area.height && area.y < rect.y + rect.height;
                if across && down {
                    out.push(op.id);
                }
            }
        }
        out
    }

    /// Position of a measured bit on the classical wires.
    pub fn clbit_y(&self, document: &Document, clbit: Clbit) -> Option<f64> {
        let (register, _) = crate::Header::locate(&document.header.clbits, clbit.0)?;
        Some(self.classical_y(u32::try_from(register).ok()?))
    }
}

/// A gate on several qubits whose one box covers the rows between.
pub fn is_tall(op: &Operation, row: u32) -> bool {
    let boxed = matches!(label::symbol(op), Symbol::Box | Symbol::Text | Symbol::Display);
    let first = op.targets.iter().map(|q| q.0).min();
    let last = op.targets.iter().map(|q| q.0).max();
    boxed && first <= Some(row) && Some(row) <= last && !matches!(op.what, What::Barrier)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range")]
fn to_row(y: f64, last: u32) -> u32 {
    y.clamp(0.0, f64::from(last)) as u32
}

fn gutter(document: &Document) -> f64 {
    let longest = |registers: &[crate::Register]| {
        registers
            .iter()
            .map(|r| r.element(r.size.saturating_sub(1)).chars().count())
            .max()
            .unwrap_or(0)
    };
    let chars = longest(&document.header.qubits).max(longest(&document.header.clbits));
    (chars as f64 * NAME_CHAR + 24.0).clamp(56.0, 180.0)
}

#[cfg(test)]
mod tests;
