//! Gates that the program defines: opening one to edit what it is made of, adding, renaming and
//! removing them.

use std::sync::Arc;

use crate::command::{EditError, check_name};
use crate::document::{Column, Definition, Document, Header, OpId, Parameter, Register, What};
use crate::emit::{self, definition_params, definition_qubits, has_word, replace_words};

/// Value that a gate's parameters are drawn with while the gate is open.
const TRIED_VALUE: f64 = std::f64::consts::FRAC_PI_2;

/// The inside of a gate as a circuit of its own: its qubits as wires, its parameters as parameters.
/// `None` where the definition has no picture.
pub fn open(document: &Document, name: &str) -> Option<Document> {
    let position = document.header.definitions.iter().position(|d| &*d.name == name)?;
    let definition = &document.header.definitions[position];
    let body = definition.body.as_ref()?;
    let parameters = definition_params(&definition.text)
        .into_iter()
        .map(|name| Parameter { name: name.into(), ty: "angle".into(), value: TRIED_VALUE })
        .collect();
    let names = definition_qubits(&definition.text);
    let plain = |name: &String| name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let qubits = if names.len() == definition.num_qubits as usize && names.iter().all(plain) {
        names.iter().map(|name| Register::scalar(name)).collect()
    } else {
        vec![Register::new("q", definition.num_qubits)]
    };
    let mut inside = Document::from_header(Header {
        qubits,
        parameters,
        // A gate sees those above it.
        definitions: document.header.definitions[..position].to_vec(),
        ..Header::default()
    });
    inside.columns = body.to_vec();
    inside.next_id = inside.operations().map(|op| op.id.0 + 1).max().unwrap_or(0);
    evaluate(&mut inside);
    Some(inside)
}

/// Values of all parameters, for what is written under the gates.
fn evaluate(document: &mut Document) {
    let header = Arc::clone(&document.header);
    for column in &mut document.columns {
        let mut operations = column.operations.clone();
        for op in &mut operations {
            if op.params().iter().any(|p| p.value.is_none()) {
                let op = Arc::make_mut(op);
                if let What::Gate { params, .. } | What::Call { params, .. } = &mut op.what {
                    for param in params {
                        param.value = header.param(&param.text).ok().and_then(|p| p.value);
                    }
                }
            }
        }
        if operations != column.operations {
            *column = Arc::new(Column { operations, comment: column.comment.clone() });
        }
    }
}

/// Writes the definition of `name` anew from what was opened and edited, and takes over gates that were
/// defined there.
pub(crate) fn set_body(
    document: &mut Document,
    name: &str,
    inside: &Document,
) -> Result<(), EditError> {
    let position = position(document, name)?;
    let old = Arc::clone(&document.header.definitions[position]);
    if inside.num_qubits() != old.num_qubits {
        return Err(EditError::GateQubits { name: name.to_owned(), qubits: old.num_qubits });
    }
    let unitary = |op: &Arc<crate::Operation>| {
        (op.is_unitary() || matches!(op.what, What::Barrier)) && op.condition.is_none()
    };
    if !inside.operations().all(unitary) || inside.num_clbits() > 0 {
        return Err(EditError::NotUnitary);
    }
    let calls = |op: &Arc<crate::Operation>| matches!(&op.what, What::Call { name, .. } if document.header.definitions[position..].iter().any(|d| d.name == *name));
    if inside.operations().any(calls) {
        return Err(EditError::CallsLater(name.to_owned()));
    }
    let params = definition_params(&old.text);
    // Gates that were made inside stand before the one that uses them.
    let known = |d: &Arc<Definition>| document.header.definitions.iter().any(|o| o.name == d.name);
    let made: Vec<Arc<Definition>> =
        inside.header.definitions.iter().filter(|d| !known(d)).cloned().collect();
    for definition in &made {
        check_name(document, &definition.name)?;
    }
    let text = emit::gate_definition(name, &params, inside);
    let new = Definition {
        text: text.into(),
        body: Some(inside.columns.clone().into()),
        ..(*old).clone()
    };
    let definitions = &mut Arc::make_mut(&mut document.header).definitions;
    definitions[position] = Arc::new(new);
    definitions.splice(position..position, made);
    Ok(())
}

/// Adds a definition behind those that are there.
pub(crate) fn define(document: &mut Document, definition: &Definition) -> Result<(), EditError> {
    check_name(document, &definition.name)?;
    let header = Arc::make_mut(&mut document.header);
    // Those that name a register stand behind the registers.
    let at = header.definitions.iter().position(|d| d.late).unwrap_or(header.definitions.len());
    header.definitions.insert(at, Arc::new(definition.clone()));
    Ok(())
}

/// Gives a gate another name, wherever it is called.
pub(crate) fn rename(document: &mut Document, from: &str, to: &str) -> Result<(), EditError> {
    position(document, from)?;
    if from == to {
        return Ok(());
    }
    check_name(document, to)?;
    let renamed = |text: &str| replace_words(text, &|word| (word == from).then(|| to.to_owned()));
    let in_columns = |columns: &[Arc<Column>]| -> Vec<Arc<Column>> {
        columns.iter().map(|c| rename_calls(c, from, to, &renamed)).collect()
    };
    for definition in &mut Arc::make_mut(&mut document.header).definitions {
        if has_word(&definition.text, from) {
            let mut new = (**definition).clone();
            new.text = renamed(&new.text).into();
            if *new.name == *from {
                new.name = to.into();
            }
            new.body = new.body.map(|body| in_columns(&body).into());
            *definition = Arc::new(new);
        }
    }
    document.columns = in_columns(&document.columns);
    Ok(())
}

fn rename_calls(
    column: &Arc<Column>,
    from: &str,
    to: &str,
    renamed: &impl Fn(&str) -> String,
) -> Arc<Column> {
    let concerned = |op: &crate::Operation| match &op.what {
        What::Call { name, .. } => **name == *from,
        What::Text { text, .. } => has_word(text, from),
        _ => false,
    };
    if !column.operations.iter().any(|op| concerned(op)) {
        return Arc::clone(column);
    }
    let mut new = (**column).clone();
    for op in new.operations.iter_mut().filter(|op| concerned(op)) {
        match &mut Arc::make_mut(op).what {
            What::Call { name, .. } => *name = to.into(),
            What::Text { text, .. } => *text = renamed(text).into(),
            _ => {}
        }
    }
    Arc::new(new)
}

/// Takes a definition away that nothing uses.
pub(crate) fn remove(document: &mut Document, name: &str) -> Result<(), EditError> {
    let position = position(document, name)?;
    if let Some(user) = user(document, name) {
        return Err(EditError::DefinitionInUse { name: name.to_owned(), user });
    }
    Arc::make_mut(&mut document.header).definitions.remove(position);
    Ok(())
}

/// What uses a definition: `column 3`, or the name of another one.
fn user(document: &Document, name: &str) -> Option<String> {
    let uses = |op: &Arc<crate::Operation>| match &op.what {
        What::Call { name: called, .. } => **called == *name,
        What::Text { text, .. } => has_word(text, name),
        _ => false,
    };
    let column = document.columns.iter().position(|c| c.operations.iter().any(uses));
    let other =
        || document.header.definitions.iter().find(|d| *d.name != *name && has_word(&d.text, name));
    column
        .map(|at| format!("column {}", at + 1))
        .or_else(|| other().map(|d| format!("`{}`", d.name)))
}

/// Calls of a gate, in order.
pub fn calls(document: &Document, name: &str) -> Vec<OpId> {
    document
        .operations()
        .filter(|op| matches!(&op.what, What::Call { name: called, .. } if **called == *name))
        .map(|op| op.id)
        .collect()
}

fn position(document: &Document, name: &str) -> Result<usize, EditError> {
    let found = |d: &Arc<Definition>| *d.name == *name && d.num_qubits > 0;
    document.header.definitions.iter().position(found).ok_or(EditError::Gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, Place, apply, palette_gate};
    use crate::{Fragment, Gate, Operation, Qubit};

    fn done(document: &Document, command: &Command) -> Document {
        let applied = apply(document, command).unwrap_or_else(|e| panic!("{command:?}: {e}"));
        applied.document.check().expect("holds together");
        applied.document
    }

    fn insert(op: Operation, column: usize, row: u32) -> Command {
        let fragment = Fragment::single(op);
        Command::Insert { fragment, place: Place::At(column), row, assign_bits: false }
    }

    /// `h`, `cx` grouped into `bell` on two of three wires.
    fn grouped() -> Document {
        let document = Document::new(3, 0);
        let document = done(&document, &insert(palette_gate(Gate::H), 0, 0));
        let document = done(&document, &insert(palette_gate(Gate::Cx), 1, 0));
        let ids = document.operations().map(|op| op.id).collect();
        done(&document, &Command::Group { ids, name: "bell".into() })
    }

    #[test]
    fn a_gate_made_inside_of_a_gate_is_defined_before_it() {
        let mut document = Document::new(2, 0);
        for gate in [Gate::H, Gate::X] {
            let fragment = Fragment::single(palette_gate(gate));
            let place = Place::At(document.columns.len());
            document =
                done(&document, &Command::Insert { fragment, place, row: 0, assign_bits: false });
        }
        let all = |d: &Document| d.operations().map(|op| op.id).collect();
        document = done(&document, &Command::Group { ids: all(&document), name: "outer".into() });
        let mut inside = open(&document, "outer").expect("has a picture");
        inside = done(&inside, &Command::Group { ids: all(&inside), name: "inner".into() });
        document = done(&document, &Command::SetBody { name: "outer".into(), inside });
        let text = emit::emit(&document);
        let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} is not in {text}"));
        assert!(at("gate inner") < at("gate outer"));
        assert!(at("gate outer") < at("inner q0;"));
    }

    #[test]
    fn an_opened_gate_is_edited_and_every_call_follows() {
        let document = grouped();
        let inside = open(&document, "bell").expect("has a picture");
        assert_eq!((inside.num_qubits(), inside.operations().count()), (2, 2));
        let inside = done(&inside, &insert(palette_gate(Gate::Z), 2, 1));
        let command = Command::SetBody { name: "bell".into(), inside };
        let document = done(&document, &command);
        let text = emit::emit(&document);
        assert!(text.contains("gate bell q0, q1 {\n  h q0;\n  cx q0, q1;\n  z q1;\n}"), "{text}");
        assert_eq!(open(&document, "bell").expect("still").operations().count(), 3);
    }

    #[test]
    fn a_gate_keeps_its_qubits_and_stays_unitary() {
        let document = grouped();
        let inside = open(&document, "bell").expect("has a picture");
        let wider = done(&inside, &Command::AddQubit { at: 2 });
        let set = |inside| Command::SetBody { name: "bell".into(), inside };
        assert_eq!(
            apply(&document, &set(wider)),
            Err(EditError::GateQubits { name: "bell".into(), qubits: 2 })
        );
        let measured = done(&inside, &insert(Operation::measure(Qubit(0), None), 2, 0));
        assert_eq!(apply(&document, &set(measured)), Err(EditError::NotUnitary));
        let called = Operation::call("bell", Vec::new(), &[Qubit(0), Qubit(1)]);
        let mut recursive = inside.clone();
        crate::place::put(&mut recursive, 2, Arc::new(called));
        assert_eq!(apply(&document, &set(recursive)), Err(EditError::CallsLater("bell".into())));
    }

    #[test]
    fn a_gate_is_renamed_with_its_calls_and_removed_when_unused() {
        let document = grouped();
        let rename =
            |from: &str, to: &str| Command::RenameGate { from: from.into(), to: to.into() };
        let named = done(&document, &rename("bell", "pair"));
        let text = emit::emit(&named);
        assert!(text.contains("gate pair q0") && text.contains("pair q[0], q[1];"), "{text}");
        assert_eq!(apply(&document, &rename("bell", "h")), Err(EditError::NameTaken("h".into())));
        let remove = Command::RemoveGate { name: "pair".into() };
        let used = EditError::DefinitionInUse { name: "pair".into(), user: "column 1".into() };
        assert_eq!(apply(&named, &remove), Err(used));
        let empty = done(&named, &Command::Delete { ids: calls(&named, "pair") });
        assert!(done(&empty, &remove).header.definitions.is_empty());
    }
}
