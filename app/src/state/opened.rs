//! Which gate is open on the canvas: the path into definitions, and edits on the way out again.

use std::sync::Arc;

use editor::{Applied, Command, Document, EditError, definition};
use leptos::prelude::*;

use super::Lab;

/// Names of the opened gates, outermost first. Empty for the circuit itself.
pub type Path = Vec<Arc<str>>;

/// The inside of the innermost gate of `path`, and how much of the path still exists.
pub fn inside(document: &Document, path: &[Arc<str>]) -> (Document, usize) {
    let mut inner = document.clone();
    for (depth, name) in path.iter().enumerate() {
        match definition::open(&inner, name) {
            Some(next) => inner = next,
            None => return (inner, depth),
        }
    }
    (inner, path.len())
}

/// The edit of the circuit that makes the inside of `path` become `inner`. All gates are defined in the
/// circuit, also those that are opened from within others.
fn outward(path: &[Arc<str>], inner: Document) -> Result<Command, EditError> {
    let last = path.last().ok_or(EditError::Gone)?;
    Ok(Command::SetBody { name: Arc::clone(last), inside: inner })
}

/// `inner`, put back where `path` took it from.
pub fn put_back(
    document: &Document,
    path: &[Arc<str>],
    inner: &Document,
) -> Result<Document, EditError> {
    if path.is_empty() {
        return Ok(inner.clone());
    }
    let command = outward(path, inner.clone())?;
    editor::apply(document, &command).map(|applied| applied.document)
}

impl Lab {
    /// Applies an edit inside the gate that `path` opens; at the end of the path the circuit itself.
    pub fn edit_inside(
        self,
        path: &[Arc<str>],
        command: &Command,
        key: Option<&str>,
    ) -> Result<Applied, EditError> {
        if path.is_empty() {
            return self.edit(command, key);
        }
        let outer = self.document.get_untracked();
        let applied = editor::apply(&inside(&outer, path).0, command)?;
        self.edit(&outward(path, applied.document.clone())?, key)?;
        Ok(applied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use editor::{Fragment, Gate, Operation, Place, Qubit, palette_gate};

    fn done(document: &Document, command: &Command) -> Document {
        editor::apply(document, command).unwrap_or_else(|e| panic!("{e}")).document
    }

    fn insert(op: Operation, column: usize) -> Command {
        let fragment = Fragment::single(op);
        Command::Insert { fragment, place: Place::At(column), row: 0, assign_bits: false }
    }

    #[test]
    fn an_edit_two_gates_deep_reaches_the_circuit() {
        let mut document = Document::new(2, 0);
        for name in ["inner", "outer"] {
            let op = if name == "inner" {
                palette_gate(Gate::H)
            } else {
                Operation::call("inner", Vec::new(), &[Qubit(0)])
            };
            let was: Vec<_> = document.operations().map(|op| op.id).collect();
            if !was.is_empty() {
                document = done(&document, &Command::Delete { ids: was });
            }
            document = done(&document, &insert(op, 0));
            let ids = document.operations().map(|op| op.id).collect();
            document = done(&document, &Command::Group { ids, name: name.into() });
        }
        let path: Path = vec!["outer".into(), "inner".into()];
        let (inner, depth) = inside(&document, &path);
        assert_eq!((inner.operations().count(), depth), (1, 2));
        let edited = done(&inner, &insert(palette_gate(Gate::Z), 1));
        let text = editor::emit(&put_back(&document, &path, &edited).expect("fits"));
        assert!(text.contains("gate inner q0 {\n  h q0;\n  z q0;\n}"), "{text}");
        let gone: Path = vec!["outer".into(), "nothing".into()];
        assert_eq!(inside(&document, &gone).1, 1);
    }
}
