//! The circuit in words, for screen readers.

use std::fmt::Write as _;

use crate::document::{Document, Operation, Param, What};
use crate::emit::condition_text;
use crate::geometry::Cell;

/// Columns that [`circuit`] spells out; what follows is counted.
const MAX_COLUMNS: usize = 40;

/// The words of a language. `{…}` is replaced.
#[derive(Debug)]
pub struct Words {
    /// `{qubits}`, `{clbits}`, `{columns}`: numbers with their noun.
    pub circuit: &'static str,
    /// One, several: `{n}`.
    pub qubits: [&'static str; 2],
    pub clbits: [&'static str; 2],
    pub columns: [&'static str; 2],
    /// `{n}` from 1, `{content}`.
    pub column: &'static str,
    /// `{n}` columns that are not told.
    pub more: &'static str,
    /// `{column}` from 1, `{qubit}`, `{content}`.
    pub cell: &'static str,
    pub empty: &'static str,
    /// `{name}`.
    pub gate: &'static str,
    pub measurement: &'static str,
    pub reset: &'static str,
    pub barrier: &'static str,
    /// `{name}`.
    pub display: &'static str,
    /// `{text}`.
    pub text: &'static str,
    /// Between the last two of a list.
    pub and: &'static str,
    /// Behind the operation: `{list}`.
    pub of_params: &'static str,
    pub on_all: &'static str,
    pub on: &'static str,
    pub into: &'static str,
    pub controlled: &'static str,
    pub anti_controlled: &'static str,
    pub condition: &'static str,
}

pub static ENGLISH: Words = Words {
    circuit: "Circuit with {qubits}, {clbits} and {columns}.",
    qubits: ["1 qubit", "{n} qubits"],
    clbits: ["1 classical bit", "{n} classical bits"],
    columns: ["1 column", "{n} columns"],
    column: "Column {n}: {content}.",
    more: "And {n} more.",
    cell: "Column {column}, {qubit}: {content}",
    empty: "empty",
    gate: "gate {name}",
    measurement: "measurement",
    reset: "reset",
    barrier: "barrier",
    display: "display {name}",
    text: "text block {text}",
    and: " and ",
    of_params: " of {list}",
    on_all: " on all qubits",
    on: " on {list}",
    into: " into {list}",
    controlled: ", controlled by {list}",
    anti_controlled: ", anti-controlled by {list}",
    condition: ", if {list}",
};

/// `template` with its names replaced, left to right; a value is not looked into.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, tail)) = rest.split_once('{') {
        let (name, after) = tail.split_once('}').unwrap_or((tail, ""));
        let value = values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value);
        out.push_str(before);
        out.push_str(value);
        rest = after;
    }
    out + rest
}

fn number(n: usize, forms: [&str; 2]) -> String {
    fill(forms[usize::from(n != 1)], &[("n", &n.to_string())])
}

/// The whole circuit, column by column.
pub fn circuit(document: &Document, words: &Words) -> String {
    let count = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    let columns = &document.columns;
    let mut out = fill(
        words.circuit,
        &[
            ("qubits", &number(count(document.num_qubits()), words.qubits)),
            ("clbits", &number(count(document.num_clbits()), words.clbits)),
            ("columns", &number(columns.len(), words.columns)),
        ],
    );
    for (at, column) in columns.iter().enumerate().take(MAX_COLUMNS) {
        if column.operations.is_empty() {
            continue;
        }
        let parts: Vec<String> =
            column.operations.iter().map(|op| operation(document, op, words)).collect();
        let values = [("n", &*(at + 1).to_string()), ("content", &*parts.join("; "))];
        let _ = write!(out, " {}", fill(words.column, &values));
    }
    if columns.len() > MAX_COLUMNS {
        let left = number(columns.len() - MAX_COLUMNS, words.columns);
        let _ = write!(out, " {}", fill(words.more, &[("n", &left)]));
    }
    out
}

/// One operation: `X on q[1], controlled by q[0]`.
pub fn operation(document: &Document, op: &Operation, words: &Words) -> String {
    let header = &document.header;
    let list = |qubits: Vec<String>| qubits.join(words.and);
    let mut out = match &op.what {
        What::Gate { gate, .. } => {
            crate::label::title(op).replace('×', "swap").replace("XX−YY", gate.spec().name)
        }
        What::Call { name, .. } => fill(words.gate, &[("name", name)]),
        What::Measure { .. } => words.measurement.to_owned(),
        What::Reset => words.reset.to_owned(),
        What::Barrier => words.barrier.to_owned(),
        What::Display(display) => fill(words.display, &[("name", display.kind.word())]),
        What::Text { text, .. } => fill(words.text, &[("text", text)]),
    };
    let mut add = |template: &str, text: String| out.push_str(&fill(template, &[("list", &text)]));
    if !op.params().is_empty() {
        let params: Vec<String> = op.params().iter().map(Param::label).collect();
        add(words.of_params, params.join(", "));
    }
    if op.is_full() {
        add(words.on_all, String::new());
    } else {
        add(words.on, list(op.targets.iter().map(|&q| header.qubit_name(q)).collect()));
    }
    if let What::Measure { clbit: Some(clbit) } = op.what {
        add(words.into, header.clbit_name(clbit));
    }
    for (on, template) in [(true, words.controlled), (false, words.anti_controlled)] {
        let names: Vec<String> =
            op.controls.iter().filter(|c| c.on == on).map(|c| header.qubit_name(c.qubit)).collect();
        if !names.is_empty() {
            add(template, list(names));
        }
    }
    if let Some(condition) = &op.condition {
        add(words.condition, condition_text(condition, header));
    }
    out
}

/// Where the caret is and what is there, spoken when it moves.
pub fn cell(document: &Document, cell: Cell, words: &Words) -> String {
    let here = match document.at(cell.column, cell.row) {
        Some(op) => operation(document, op, words),
        None => words.empty.to_owned(),
    };
    let column = (cell.column + 1).to_string();
    let qubit = document.header.qubit_name(crate::Qubit(cell.row));
    fill(words.cell, &[("column", &column), ("qubit", &qubit), ("content", &here)])
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
            circuit(&document, &ENGLISH),
            "Circuit with 3 qubits, 3 classical bits and 3 columns. Column 1: RX of π/2 on q[0]. \
             Column 2: X on q[2], controlled by q[0], anti-controlled by q[1]. \
             Column 3: measurement on q[0] into c[0]."
        );
        assert_eq!(cell(&document, Cell { column: 0, row: 1 }, &ENGLISH), "Column 1, q[1]: empty");
    }
}
