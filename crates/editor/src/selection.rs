//! What is chosen, and where the caret is.

use std::collections::BTreeSet;

use crate::document::{Document, OpId};
use crate::geometry::Cell;

/// Chosen operations and the caret. Belongs to the view: not saved, not undone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    pub ids: BTreeSet<OpId>,
    /// Where keys act.
    pub caret: Cell,
    /// Other corner of a block chosen with shift and the arrow keys.
    pub anchor: Option<Cell>,
}

impl Selection {
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    pub fn ids(&self) -> Vec<OpId> {
        self.ids.iter().copied().collect()
    }

    /// The one chosen operation.
    pub fn single(&self) -> Option<OpId> {
        let mut ids = self.ids.iter();
        ids.next().copied().filter(|_| ids.next().is_none())
    }

    #[must_use]
    pub fn with(&self, ids: impl IntoIterator<Item = OpId>) -> Self {
        Self { ids: ids.into_iter().collect(), ..self.clone() }
    }

    #[must_use]
    pub fn toggled(&self, id: OpId) -> Self {
        let mut next = self.clone();
        if !next.ids.remove(&id) {
            next.ids.insert(id);
        }
        next
    }

    /// The caret at `cell`, nothing chosen.
    #[must_use]
    pub fn at(cell: Cell) -> Self {
        Self { caret: cell, ..Self::default() }
    }

    /// What of it still exists, the caret inside the grid.
    #[must_use]
    pub fn within(&self, document: &Document) -> Self {
        let rows = document.num_qubits();
        Self {
            ids: document.operations().map(|op| op.id).filter(|id| self.ids.contains(id)).collect(),
            caret: Cell { row: self.caret.row.min(rows.saturating_sub(1)), ..self.caret },
            anchor: self.anchor,
        }
    }

    /// Everything with a part in the block between two cells.
    pub fn block(document: &Document, a: Cell, b: Cell) -> BTreeSet<OpId> {
        let (columns, rows) =
            (a.column.min(b.column)..=a.column.max(b.column), a.row.min(b.row)..=a.row.max(b.row));
        let n = document.num_qubits();
        let mut out = BTreeSet::new();
        for column in columns.filter_map(|c| document.columns.get(c)) {
            for op in &column.operations {
                let span = op.rows(n);
                if span.start() <= rows.end() && rows.start() <= span.end() {
                    out.insert(op.id);
                }
            }
        }
        out
    }
}
