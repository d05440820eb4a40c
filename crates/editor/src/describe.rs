//! The circuit in words, for screen readers.

use std::fmt::Write as _;

use crate::document::{Document, Operation, Param, What};
use crate::emit::condition_text;
use crate::geometry::Cell;

/// Columns that [`circuit`] spells out; what follows is counted.
const MAX_COLUMNS: usize = 40;

fn plural(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

/// The whole circuit, column by column.
pub fn circuit(document: &Document) -> String {
    let count = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let mut out = format!(
        "Circuit with {}, {} and {}.",
        plural(count(document.num_qubits()), "qubit"),
        plural(count(document.num_clbits()), "classical bit"),
        plural(document.columns.len(), "column"),
    );
    for (at, column) in document.columns.iter().enumerate().take(MAX_COLUMNS) {
        if column.operations.is_empty() {
            continue;
        }
        let parts: Vec<String> =
            column.operations.iter().map(|op| operation(document, op)).collect();
        let _ = write!(out, " Column {}: {}.", at + 1, parts.join("; "));
    }
    if document.columns.len() > MAX_COLUMNS {
        let _ =
            write!(out, " And {} more.", plural(document.columns.len() - MAX_COLUMNS, "column"));
    }
    out
}

/// One operation: `X on q[1], controlled by q[0]`.
pub fn operation(document: &Document, op: &Operation) -> String {
    let header = &document.header;
    let list = |qubits: Vec<String>| qubits.join(" and ");
    let targets = || list(op.targets.iter().map(|&q| header.qubit_name(q)).collect());
    let mut out = match &op.what {
        What::Gate { gate, .. } => {
            crate::label::title(op).replace('×', "swap").replace("XX−YY", gate.spec().name)
        }
        What::Call { name, .. } => format!("gate {name}"),
        What::Measure { .. } => "measurement".to_owned(),
        What::Reset => "reset".to_owned(),
        What::Barrier => "barrier".to_owned(),
        What::Display(display) => format!("display {}", display.kind.word()),
        What::Text { text, .. } => format!("text block {text}"),
    };
    if !op.params().is_empty() {
        let params: Vec<String> = op.params().iter().map(Param::label).collect();
        let _ = write!(out, " of {}", params.join(", "));
    }
    let _ =
        if op.is_full() { write!(out, " on all qubits") } else { write!(out, " on {}", targets()) };
    if let What::Measure { clbit: Some(clbit) } = op.what {
        let _ = write!(out, " into {}", header.clbit_name(clbit));
    }
    for (on, word) in [(true, "controlled"), (false, "anti-controlled")] {
        let names: Vec<String> =
            op.controls.iter().filter(|c| c.on == on).map(|c| header.qubit_name(c.qubit)).collect();
        if !names.is_empty() {
            let _ = write!(out, ", {word} by {}", list(names));
        }
    }
    if let Some(condition) = &op.condition {
        let _ = write!(out, ", if {}", condition_text(condition, header));
    }
    out
}

/// Where the caret is and what is there, spoken when it moves.
pub fn cell(document: &Document, cell: Cell) -> String {
    let here = match document.at(cell.column, cell.row) {
        Some(op) => operation(document, op),
        None => "empty".to_owned(),
    };
    format!(
        "Column {}, {}: {here}",
        cell.column + 1,
        document.header.qubit_name(crate::Qubit(cell.row))
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, Fragment, Place, apply, palette_gate};
    use crate::{Gate, Qubit};

    #[test]
    fn a_circuit_is_told_column_by_column() {
        let mut document = Document::new(3, 0);
        let mut ccx = palette_gate(Gate::Ccx);
        ccx.controls[1].on = false;
        for (column, op) in [palette_gate(Gate::Rx), ccx, Operation::measure(Qubit(0), None)]
            .into_iter()
            .enumerate()
        {
            let fragment = Fragment::single(op);
            let command =
                Command::Insert { fragment, place: Place::At(column), row: 0, assign_bits: true };
            document = apply(&document, &command).expect("room").document;
        }
        assert_eq!(
            circuit(&document),
            "Circuit with 3 qubits, 3 classical bits and 3 columns. Column 1: RX of π/2 on q[0]. \
             Column 2: X on q[2], controlled by q[0], anti-controlled by q[1]. \
             Column 3: measurement on q[0] into c[0]."
        );
        assert_eq!(cell(&document, Cell { column: 0, row: 1 }), "Column 1, q[1]: empty");
    }
}
