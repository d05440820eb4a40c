//! Copy, cut and paste: as OpenQASM text, so that it goes to the text editor and back.

use editor::gesture::Input;
use editor::{Command, Document, Fragment, Header, Place, keys};
use leptos::prelude::*;
use web_sys::ClipboardEvent;

use super::Board;
use super::keyboard::in_field;

/// Longest text that is read as a part of a circuit.
const MAX_BYTES: usize = 256 << 10;

/// Puts the selection on the clipboard. With `cut`, removes it.
pub fn copy(event: &ClipboardEvent, board: Board, cut: bool) {
    if in_field(event) {
        return;
    }
    let document = board.document.get_untracked();
    let ids = board.selection.with_untracked(|s| keys::targets(&document, s));
    let Some((fragment, _)) = Fragment::copy(&document, &ids) else { return };
    let Some(data) = event.clipboard_data() else { return };
    if data.set_data("text/plain", &program(&document, fragment)).is_err() {
        return;
    }
    event.prevent_default();
    if cut {
        board.apply(&Command::Delete { ids });
    }
}

/// A program of the fragment alone.
fn program(document: &Document, fragment: Fragment) -> String {
    let header = Header {
        comment: None,
        qubits: vec![editor::Register::new("q", fragment.height)],
        ..(*document.header).clone()
    };
    let part = Document::from_header(header);
    let insert = Command::Insert { fragment, place: Place::At(0), row: 0, assign_bits: false };
    editor::apply(&part, &insert).map(|applied| editor::emit(&applied.document)).unwrap_or_default()
}

/// Puts what the clipboard holds at the caret, where it is a circuit.
pub fn paste(event: &ClipboardEvent, board: Board) {
    if in_field(event) {
        return;
    }
    let text = event
        .clipboard_data()
        .and_then(|data| data.get_data("text/plain").ok())
        .unwrap_or_default();
    let Some(fragment) = read(&text) else { return };
    event.prevent_default();
    board.send(Input::Cancel);
    let caret = board.selection.with_untracked(|s| s.caret);
    let command = Command::Insert {
        fragment,
        place: Place::At(caret.column),
        row: caret.row,
        assign_bits: false,
    };
    if let Some(applied) = board.apply(&command) {
        let next = board.selection.get_untracked().with(applied.touched);
        board.select(next);
    }
}

/// A program, or statements alone, as a fragment.
fn read(text: &str) -> Option<Fragment> {
    if text.trim().is_empty() || text.len() > MAX_BYTES {
        return None;
    }
    let compiled = qasm::compile(text, &qasm::Options::default());
    let document = editor::from_circuit(&*compiled.circuit?, text).ok()?;
    let ids: Vec<_> = document.operations().map(|op| op.id).collect();
    Fragment::copy(&document, &ids).map(|(fragment, _)| fragment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_copied_can_be_pasted() {
        let text =
            "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[3] q;\nh q[1];\ncx q[1], q[2];\n";
        let fragment = read(text).expect("a circuit");
        assert_eq!((fragment.columns.len(), fragment.height), (2, 2));
        let copied = program(&Document::new(3, 0), fragment.clone());
        assert_eq!(read(&copied), Some(fragment));
        assert_eq!(read("not a circuit"), None);
    }
}
