//! Putting operations into columns.

use std::sync::Arc;

use crate::document::{Column, Document, Header, OpId, Operation};

/// Whether `op` can join `column`, leaving out the operations in `without`.
pub fn fits(column: &Column, op: &Operation, header: &Header, without: &[OpId]) -> bool {
    !column
        .operations
        .iter()
        .any(|other| !without.contains(&other.id) && other.conflicts(op, header))
}

/// Adds `op` to a column, which must have room, making the document longer where needed.
pub(crate) fn put(document: &mut Document, column: usize, op: Arc<Operation>) {
    if document.columns.len() <= column {
        document.columns.resize_with(column + 1, Arc::default);
    }
    debug_assert!(
        fits(&document.columns[column], &op, &document.header, &[]),
        "column {column} has no room"
    );
    let header = Arc::clone(&document.header);
    let operations = &mut Arc::make_mut(&mut document.columns[column]).operations;
    let n = header.num_qubits();
    let first = *op.rows(n).start();
    let at = operations.partition_point(|other| *other.rows(n).start() <= first);
    operations.insert(at, op);
}

/// Takes an operation out; its column stays.
pub(crate) fn take(document: &mut Document, id: OpId) -> Option<(usize, Arc<Operation>)> {
    let (column, _) = document.find(id)?;
    let operations = &mut Arc::make_mut(&mut document.columns[column]).operations;
    let slot = operations.iter().position(|op| op.id == id)?;
    Some((column, operations.remove(slot)))
}

/// Opens `count` empty columns before `column`.
pub(crate) fn open(document: &mut Document, column: usize, count: usize) {
    if column > document.columns.len() {
        return;
    }
    document.columns.splice(column..column, std::iter::repeat_n(Arc::default(), count));
}

/// Drops empty columns at the end.
pub(crate) fn trim(document: &mut Document) {
    while document.columns.last().is_some_and(|c| c.is_empty()) {
        document.columns.pop();
    }
}

/// Splits columns whose operations cross, the upper ones first. For use after wires have moved.
pub(crate) fn settle(document: &mut Document) {
    let header = Arc::clone(&document.header);
    let n = header.num_qubits();
    let mut columns = Vec::with_capacity(document.columns.len());
    for column in &document.columns {
        let mut operations = column.operations.clone();
        operations.sort_by_key(|op| *op.rows(n).start());
        let mut parts: Vec<Column> =
            vec![Column { operations: Vec::new(), comment: column.comment.clone() }];
        for op in operations {
            match parts.iter_mut().find(|part| fits(part, &op, &header, &[])) {
                Some(part) => part.operations.push(op),
                None => parts.push(Column { operations: vec![op], comment: None }),
            }
        }
        if parts.len() == 1 && parts[0] == **column {
            columns.push(Arc::clone(column));
        } else {
            columns.extend(parts.into_iter().map(Arc::new));
        }
    }
    document.columns = columns;
}

/// Where the next operation can stand at the earliest, wire by wire. Keeps the order in which
/// operations come wherever they share a row or a bit.
#[derive(Debug, Clone)]
pub struct Front {
    rows: Vec<usize>,
    written: Vec<usize>,
    read: Vec<usize>,
}

impl Front {
    pub fn new(header: &Header) -> Self {
        let bits = header.num_clbits() as usize;
        Self {
            // Without qubits, everything stands on one row that is not drawn.
            rows: vec![0; (header.num_qubits() as usize).max(1)],
            written: vec![0; bits],
            read: vec![0; bits],
        }
    }

    /// The earliest column for `op`, which is then taken.
    pub fn place(&mut self, op: &Operation, header: &Header) -> usize {
        self.place_from(0, op, header)
    }

    /// The earliest column for all of `ops` at once, which touch different rows and bits.
    pub fn place_together(&mut self, ops: &[Operation], header: &Header) -> usize {
        let mut ahead = self.clone();
        let column = ops.iter().map(|op| ahead.place(op, header)).max().unwrap_or(0);
        for op in ops {
            self.place_from(column, op, header);
        }
        column
    }

    /// The earliest column for `op` that is not before `least`.
    fn place_from(&mut self, least: usize, op: &Operation, header: &Header) -> usize {
        let rows: Vec<usize> = if op.is_full() {
            (0..self.rows.len()).collect()
        } else if matches!(op.what, crate::What::Barrier) {
            op.targets.iter().map(|q| q.index()).collect()
        } else {
            op.rows(header.num_qubits()).map(|row| row as usize).collect()
        };
        let reads: Vec<usize> = match op.condition {
            Some(crate::Condition::Bit { clbit, .. }) => vec![clbit.index()],
            Some(crate::Condition::Register { register, .. }) => {
                let start = header.register_start(register as usize) as usize;
                let size = header.clbits.get(register as usize).map_or(0, |r| r.size as usize);
                (start..start + size).collect()
            }
            None => Vec::new(),
        };
        let writes = op.writes();
        let column = rows
            .iter()
            .map(|&r| self.rows[r])
            .chain(reads.iter().map(|&c| self.written[c]))
            .chain(writes.iter().map(|c| self.written[c.index()].max(self.read[c.index()])))
            .max()
            .unwrap_or(0)
            .max(least);
        for row in rows {
            self.rows[row] = column + 1;
        }
        for bit in reads {
            self.read[bit] = self.read[bit].max(column + 1);
        }
        for bit in writes {
            self.written[bit.index()] = column + 1;
        }
        column
    }

    /// The first column after everything placed so far.
    pub fn end(&self) -> usize {
        self.rows.iter().chain(&self.written).chain(&self.read).copied().max().unwrap_or(0)
    }
}

/// Moves everything as far left as order allows. Columns with a comment keep what they had, and
/// everything after them stays after them.
pub(crate) fn compact(document: &mut Document) {
    let header = Arc::clone(&document.header);
    let mut columns: Vec<Column> = Vec::new();
    let mut front = Front::new(&header);
    for column in &document.columns {
        if let Some(comment) = &column.comment {
            let end = front.end();
            front.rows.fill(end);
            columns.resize_with(columns.len().max(end + 1), Column::default);
            columns[end].comment = Some(Arc::clone(comment));
        }
        for op in &column.operations {
            let at = front.place(op, &header);
            columns.resize_with(columns.len().max(at + 1), Column::default);
            columns[at].operations.push(Arc::clone(op));
        }
    }
    let n = header.num_qubits();
    for column in &mut columns {
        column.operations.sort_by_key(|op| *op.rows(n).start());
    }
    document.columns = columns.into_iter().map(Arc::new).collect();
    trim(document);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Gate, Qubit};

    #[test]
    fn the_front_keeps_order_and_fills_early_columns() {
        let header = Header { qubits: vec![crate::Register::new("q", 3)], ..Header::default() };
        let mut front = Front::new(&header);
        let h = |q| Operation::gate(Gate::H, Vec::new(), &[Qubit(q)]);
        let cx = |a, b| Operation::gate(Gate::Cx, Vec::new(), &[Qubit(a), Qubit(b)]);
        let at: Vec<usize> = [h(0), cx(0, 2), h(1), h(0), Operation::barrier(&[]), h(2)]
            .iter()
            .map(|op| front.place(op, &header))
            .collect();
        // The line of `cx` runs through row 1, so H on it comes after; the barrier aligns the rest.
        assert_eq!(at, [0, 1, 2, 2, 3, 4]);
    }
}
