//! Wires that are not shown: rows folded away in the picture. The program knows nothing of it, so that
//! the text stays as it is.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::command::EditError;
use crate::document::{Document, Header};

impl Header {
    /// Names of the wires that are not shown, lowest first.
    pub fn hidden_names(&self) -> Vec<String> {
        self.hidden.iter().map(|&row| self.qubit_name(circuit::Qubit(row))).collect()
    }

    /// Hides the wires that have these names, and shows all others.
    pub fn hide_named(&mut self, names: &[String]) {
        let rows = 0..self.qubits.iter().map(|r| r.size).sum();
        self.hidden =
            rows.filter(|&row| names.contains(&self.qubit_name(circuit::Qubit(row)))).collect();
    }

    /// Keeps the same wires hidden where rows have other numbers now; `None` for one that is gone.
    pub(crate) fn renumber_hidden(&mut self, row: impl Fn(u32) -> Option<u32>) {
        self.hidden = self.hidden.iter().filter_map(|&r| row(r)).collect();
    }
}

/// Wires that nothing stands on, lowest first.
pub fn idle_rows(document: &Document) -> Vec<u32> {
    let n = document.num_qubits();
    let mut idle: BTreeSet<u32> = (0..n).collect();
    for op in document.operations() {
        if !op.is_full() {
            for qubit in op.qubits() {
                idle.remove(&qubit.0);
            }
        }
    }
    idle.into_iter().collect()
}

/// Hides rows, or shows them again. One row at least stays.
pub(crate) fn change(document: &mut Document, rows: &[u32], hide: bool) -> Result<(), EditError> {
    let n = document.num_qubits();
    if rows.iter().any(|&row| row >= n) {
        return Err(EditError::Gone);
    }
    let mut hidden = document.header.hidden.clone();
    for row in rows {
        if hide {
            hidden.insert(*row);
        } else {
            hidden.remove(row);
        }
    }
    if hidden.len() >= n as usize {
        return Err(EditError::LastShown);
    }
    Arc::make_mut(&mut document.header).hidden = hidden;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, Fragment, Place, apply, palette_gate};
    use crate::{Gate, emit};

    fn done(document: &Document, command: &Command) -> Document {
        apply(document, command).unwrap_or_else(|e| panic!("{command:?}: {e}")).document
    }

    fn hidden(document: &Document) -> Vec<u32> {
        document.header.hidden.iter().copied().collect()
    }

    #[test]
    fn hidden_wires_stay_the_same_wires_and_the_text_does_not_know() {
        let plain = Document::new(5, 0);
        let d = done(&plain, &Command::HideQubits { rows: vec![1, 3] });
        assert_eq!(emit::emit(&d), emit::emit(&plain));
        assert_eq!(hidden(&done(&d, &Command::AddQubit { at: 2 })), [1, 4]);
        assert_eq!(hidden(&done(&d, &Command::RemoveQubit { at: 1 })), [2]);
        assert_eq!(hidden(&done(&d, &Command::MoveQubit { from: 1, to: 4 })), [2, 4]);
        assert_eq!(hidden(&done(&d, &Command::MoveQubit { from: 4, to: 0 })), [2, 4]);
        assert_eq!(hidden(&done(&d, &Command::ShowQubits { rows: vec![3] })), [1]);
        assert_eq!(d.header.hidden_names(), ["q[1]", "q[3]"]);
    }

    #[test]
    fn the_last_wire_stays() {
        let d = Document::new(2, 0);
        let all = Command::HideQubits { rows: vec![0, 1] };
        assert_eq!(apply(&d, &all).expect_err("nothing would be left"), EditError::LastShown);
        let beyond = Command::HideQubits { rows: vec![2] };
        assert_eq!(apply(&d, &beyond).expect_err("no such wire"), EditError::Gone);
    }

    #[test]
    fn names_bring_them_back() {
        let mut header = (*Document::new(4, 0).header).clone();
        header.hide_named(&["q[2]".to_owned(), "gone".to_owned()]);
        assert_eq!(header.hidden.iter().copied().collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn idle_wires_are_those_without_an_operation() {
        let fragment = Fragment::single(palette_gate(Gate::Cx));
        let insert = Command::Insert { fragment, place: Place::At(0), row: 1, assign_bits: false };
        assert_eq!(idle_rows(&done(&Document::new(4, 0), &insert)), [0, 3]);
    }
}
