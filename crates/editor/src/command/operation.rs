//! Edits of one operation, and of operations into a gate and back.

use std::sync::Arc;

use circuit::{Control, Gate, Qubit};

use super::{Command, EditError, Fragment, Place, check_name, put_columns};
use crate::document::{Definition, Document, Header, OpId, Operation, Param, Parameter, What};
use crate::expr::{self, ExprError};
use crate::{emit, place};

/// Does a command that concerns one operation. Where the result no longer fits beside its
/// neighbours, it gets a column of its own right after.
pub(super) fn change(
    document: &mut Document,
    id: OpId,
    command: &Command,
) -> Result<(), EditError> {
    let mut op = (**document.find(id).ok_or(EditError::Gone)?.1).clone();
    edit(document, &mut op, command)?;
    document.check_operation(&op)?;
    let (column, _) = place::take(document, id).ok_or(EditError::Gone)?;
    if place::fits(&document.columns[column], &op, &document.header, &[]) {
        place::put(document, column, Arc::new(op));
    } else {
        place::open(document, column + 1, 1);
        place::put(document, column + 1, Arc::new(op));
    }
    Ok(())
}

fn edit(document: &mut Document, op: &mut Operation, command: &Command) -> Result<(), EditError> {
    match command {
        Command::SetParams { texts, .. } => set_params(document, op, texts)?,
        Command::SetGate { gate, .. } => set_gate(op, *gate)?,
        Command::SetInverse { inverse, .. } => {
            unitary(op)?;
            op.inverse = *inverse;
        }
        Command::SetPower { power, .. } => {
            unitary(op)?;
            op.power = match power {
                Some(text) => Some(param(document, 0, text)?),
                None => None,
            };
        }
        Command::SetClbit { clbit, .. } => match &mut op.what {
            What::Measure { clbit: slot } => *slot = *clbit,
            _ => return Err(EditError::NoParams(op.name().to_owned())),
        },
        Command::SetCondition { condition, .. } => {
            if condition.is_some() && matches!(op.what, What::Barrier) {
                return Err(EditError::NoCondition);
            }
            op.condition.clone_from(condition);
        }
        Command::SetText { text, .. } => {
            if text.trim().is_empty() {
                return Err(EditError::EmptyText);
            }
            match &mut op.what {
                What::Text { text: slot, .. } => *slot = text.trim().into(),
                _ => return Err(EditError::NoParams(op.name().to_owned())),
            }
        }
        Command::SetDisplay { kind, letters, qubits, .. } => {
            let What::Display(display) = &mut op.what else {
                return Err(EditError::NoParams(op.name().to_owned()));
            };
            let count = (*qubits).clamp(1, kind.max_qubits());
            let fits = letters.is_empty() || letters.chars().count() == count as usize;
            if let Some(c) = letters.chars().find(|c| !matches!(c, 'I' | 'X' | 'Y' | 'Z')) {
                return Err(EditError::PauliLetter(c));
            }
            if !fits && letters != &*display.letters {
                return Err(EditError::PauliLength { needed: count });
            }
            display.kind = *kind;
            let keep = *kind == crate::DisplayKind::Expectation && fits;
            display.letters = if keep { letters.as_str().into() } else { "".into() };
            let first = op.targets.iter().map(|q| q.0).min().unwrap_or(0);
            op.targets = (first..first.saturating_add(count)).map(Qubit).collect();
            op.controls.retain(|c| !(first..first + count).contains(&c.qubit.0));
            super::wires::grow_qubits(document, first.saturating_add(count))?;
        }
        Command::AddControl { qubit, on, .. } => {
            if !op.takes_controls() {
                return Err(EditError::NoControls(op.name().to_owned()));
            }
            if op.qubits().any(|q| q == *qubit) {
                return Err(EditError::QubitInUse(document.header.qubit_name(*qubit)));
            }
            // New controls stand before a gate's own, as a modifier does in the program.
            op.controls.insert(0, Control { qubit: *qubit, on: *on });
        }
        Command::RemoveControl { qubit, .. } => remove_control(document, op, *qubit)?,
        Command::ToggleControl { qubit, .. } => {
            let control = op.controls.iter_mut().find(|c| c.qubit == *qubit);
            let control = control
                .ok_or_else(|| EditError::NotItsQubit(document.header.qubit_name(*qubit)))?;
            control.on = !control.on;
        }
        Command::Rewire { from, to, .. } => {
            if !op.qubits().any(|q| q == *from) {
                return Err(EditError::NotItsQubit(document.header.qubit_name(*from)));
            }
            super::wires::grow_qubits(document, to.0.saturating_add(1))?;
            op.map_qubits(|q| {
                if q == *from {
                    *to
                } else if q == *to {
                    *from
                } else {
                    q
                }
            });
        }
        _ => {}
    }
    Ok(())
}

fn unitary(op: &Operation) -> Result<(), EditError> {
    if op.is_unitary() { Ok(()) } else { Err(EditError::NoControls(op.name().to_owned())) }
}

/// Reads an expression; names without a value become parameters of the program, at 0.
fn param(document: &mut Document, index: usize, text: &str) -> Result<Param, EditError> {
    let failed = |error: ExprError| EditError::Expression { index: index + 1, error };
    let parsed = expr::parse(text).map_err(failed)?;
    for name in parsed.free_names() {
        if document.header.parameter(name).is_none() {
            check_name(document, name)?;
            let header = Arc::make_mut(&mut document.header);
            header.parameters.push(Parameter {
                name: name.into(),
                ty: "float[64]".into(),
                value: 0.0,
            });
        }
    }
    match document.header.param(text) {
        Ok(param) => Ok(param),
        // `1/theta` has no value at theta = 0, and is a good expression all the same.
        Err(ExprError::NotFinite) if !parsed.free_names().is_empty() => {
            Ok(Param { text: text.trim().into(), value: None })
        }
        Err(error) => Err(failed(error)),
    }
}

fn set_params(
    document: &mut Document,
    op: &mut Operation,
    texts: &[String],
) -> Result<(), EditError> {
    let new: Vec<Param> = texts
        .iter()
        .enumerate()
        .map(|(i, text)| param(document, i, text))
        .collect::<Result<_, _>>()?;
    match &mut op.what {
        What::Gate { params, .. } | What::Call { params, .. } => *params = new,
        _ => return Err(EditError::NoParams(op.name().to_owned())),
    }
    Ok(())
}

fn set_gate(op: &mut Operation, gate: Gate) -> Result<(), EditError> {
    unitary(op)?;
    let base = crate::gates::base(gate);
    let spec = base.spec();
    if spec.num_targets != op.targets.len() || spec.num_controls > op.controls.len() {
        return Err(EditError::GateWidth {
            gate: spec.name,
            needed: spec.num_targets + spec.num_controls,
            given: op.targets.len() + op.controls.len(),
        });
    }
    let mut params = op.params().to_vec();
    params.truncate(spec.num_params());
    params.resize_with(spec.num_params(), || default_param(base));
    op.what = What::Gate { gate: base, params };
    Ok(())
}

/// What a parameter is before it is set: a quarter turn, which shows an effect at once.
fn default_param(_gate: Gate) -> Param {
    Param::from_value(std::f64::consts::FRAC_PI_2)
}

/// A gate of the table as it comes from the palette: on rows 0, 1, …, its controls first.
pub fn palette_gate(gate: Gate) -> Operation {
    let spec = gate.spec();
    let qubits: Vec<Qubit> = (0..).map(Qubit).take(spec.num_qubits()).collect();
    Operation::gate(gate, (0..spec.num_params()).map(|_| default_param(gate)).collect(), &qubits)
}

fn remove_control(document: &Document, op: &mut Operation, qubit: Qubit) -> Result<(), EditError> {
    let at = op.controls.iter().position(|c| c.qubit == qubit);
    let at = at.ok_or_else(|| EditError::NotItsQubit(document.header.qubit_name(qubit)))?;
    op.controls.remove(at);
    if let What::Gate { gate, params } = &mut op.what {
        // `cu` is U with a phase that matters under its control alone: without one it is U.
        if *gate == Gate::Cu && op.controls.is_empty() {
            params.truncate(3);
            *gate = Gate::U;
        }
    }
    Ok(())
}

/// Makes a gate of the chosen operations and puts a call in their place.
pub(super) fn group(
    document: &mut Document,
    ids: &[OpId],
    name: &str,
) -> Result<Vec<OpId>, EditError> {
    check_name(document, name)?;
    let (fragment, top) = Fragment::copy(document, ids).ok_or(EditError::Nothing)?;
    let operations = || fragment.columns.iter().flatten();
    if operations()
        .any(|op| !(op.is_unitary() || matches!(op.what, What::Barrier)) || op.condition.is_some())
    {
        return Err(EditError::NotUnitary);
    }
    // Rows in use, in order: they become the gate's qubits.
    let mut rows: Vec<u32> = operations().flat_map(Operation::qubits).map(|q| q.0).collect();
    rows.sort_unstable();
    rows.dedup();
    if rows.is_empty() {
        return Err(EditError::Nothing);
    }
    let mut names: Vec<String> = Vec::new();
    for param in operations().flat_map(|op| op.params().iter().chain(&op.power)) {
        if let Ok(parsed) = expr::parse(&param.text) {
            for name in parsed.free_names() {
                if !names.iter().any(|n| n == name) {
                    names.push(name.to_owned());
                }
            }
        }
    }
    let body = body_document(document, &fragment, &rows)?;
    let definition = Definition {
        name: name.into(),
        num_params: u32::try_from(names.len()).unwrap_or(u32::MAX),
        num_qubits: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        text: emit::gate_definition(name, &names, &body).into(),
        late: false,
        body: Some(body.columns.into()),
    };
    let params = names.iter().map(|n| document.header.param(n)).collect::<Result<_, _>>();
    let params = params.map_err(|error| EditError::Expression { index: 1, error })?;
    let (column, _) = ids
        .iter()
        .filter_map(|&id| document.find(id))
        .max_by_key(|f| f.0)
        .ok_or(EditError::Gone)?;
    Arc::make_mut(&mut document.header).definitions.push(Arc::new(definition));
    let qubits: Vec<Qubit> = rows.iter().map(|row| Qubit(row + top)).collect();
    let mut op = Operation::call(name, params, &qubits);
    op.id = document.fresh_id();
    document.check_operation(&op)?;
    gather(document, ids, column, op)
}

/// Takes out `ids` and puts `op` so that what preceded them on its wires still does, and what
/// followed still follows.
fn gather(
    document: &mut Document,
    ids: &[OpId],
    column: usize,
    op: Operation,
) -> Result<Vec<OpId>, EditError> {
    let first = document
        .columns
        .iter()
        .position(|c| c.operations.iter().any(|o| ids.contains(&o.id)))
        .ok_or(EditError::Gone)?;
    // An operation between the chosen ones, on their wires, goes to the side it can go to: before
    // the gate. If a chosen one precedes it there, the order would change, so it must not exist.
    let header = Arc::clone(&document.header);
    let mut seen: Vec<Arc<Operation>> = Vec::new();
    for at in first..=column {
        for other in &document.columns[at].operations {
            if ids.contains(&other.id) || seen.iter().any(|s| touches(s, other, &header)) {
                seen.push(Arc::clone(other));
            }
        }
    }
    let blocked = |other: &Operation, later: &[Arc<Operation>]| {
        later.iter().any(|l| touches(other, l, &header))
    };
    // Everything that depends on a chosen operation and is not chosen must not be followed by a
    // chosen one that depends on it.
    for (i, other) in seen.iter().enumerate() {
        let later: Vec<Arc<Operation>> =
            seen[i + 1..].iter().filter(|s| ids.contains(&s.id)).cloned().collect();
        if !ids.contains(&other.id) && blocked(other, &later) {
            return Err(EditError::Between);
        }
    }
    // What depends on a chosen operation goes behind the gate, in the columns it had.
    let behind: Vec<OpId> = seen.iter().map(|s| s.id).filter(|id| !ids.contains(id)).collect();
    let mut columns: Vec<Vec<Arc<Operation>>> = Vec::new();
    for at in first..=column {
        let moved: Vec<_> = document.columns[at]
            .operations
            .iter()
            .filter(|o| behind.contains(&o.id))
            .cloned()
            .collect();
        if !moved.is_empty() {
            columns.push(moved);
        }
    }
    let gone: Vec<OpId> = ids.iter().chain(&behind).copied().collect();
    super::delete(document, &gone)?;
    let id = op.id;
    if !columns.is_empty() {
        put_columns(document, &columns, Place::Before(column + 1));
    }
    put_columns(document, &[vec![Arc::new(op)]], Place::Before(column + 1));
    // The columns they leave empty close.
    for at in (first..=column).rev() {
        if document.columns[at].is_empty() {
            document.columns.remove(at);
        }
    }
    Ok(vec![id])
}

/// The order of the two matters.
fn touches(a: &Operation, b: &Operation, header: &Header) -> bool {
    a.is_full()
        || b.is_full()
        || a.qubits().any(|q| b.qubits().any(|p| p == q))
        || a.conflicts_in_bits(b, header)
}

/// A document of the fragment alone, on the rows in use.
fn body_document(
    document: &Document,
    fragment: &Fragment,
    rows: &[u32],
) -> Result<Document, EditError> {
    let header = Header {
        qubits: vec![crate::Register::new(
            "q",
            u32::try_from(rows.len()).map_err(|_| EditError::TooManyQubits)?,
        )],
        parameters: document.header.parameters.clone(),
        definitions: document.header.definitions.clone(),
        ..Header::default()
    };
    let mut body = Document::from_header(header);
    let index = |q: Qubit| {
        Qubit(rows.iter().position(|&r| r == q.0).and_then(|i| u32::try_from(i).ok()).unwrap_or(0))
    };
    let mut columns = Vec::new();
    for operations in &fragment.columns {
        let mut out = Vec::new();
        for op in operations {
            let mut op = op.clone();
            op.map_qubits(index);
            op.id = body.fresh_id();
            out.push(Arc::new(op));
        }
        columns.push(out);
    }
    put_columns(&mut body, &columns, Place::At(0));
    Ok(body)
}

/// Replaces a call by the operations of its gate.
pub(super) fn ungroup(document: &mut Document, id: OpId) -> Result<Vec<OpId>, EditError> {
    let (column, op) = document.find(id).ok_or(EditError::Gone)?;
    let op = (**op).clone();
    let What::Call { name, params } = &op.what else { return Err(EditError::NoBody) };
    let definition = document.header.definition(name).cloned().ok_or(EditError::NoBody)?;
    let body = definition.body.clone().ok_or(EditError::NoBody)?;
    if op.inverse || op.power.is_some() {
        return Err(EditError::NoBody);
    }
    // The gate's parameters keep their names in the body: they stand for the call's expressions.
    let names = emit::definition_params(&definition.text);
    let mut columns: Vec<Vec<Arc<Operation>>> = Vec::new();
    for source in body.iter() {
        let mut out = Vec::new();
        for inner in &source.operations {
            let mut inner = (**inner).clone();
            inner.map_qubits(|q| op.targets.get(q.index()).copied().unwrap_or(q));
            substitute(&mut inner, &names, params);
            if inner.is_unitary() {
                inner.controls.splice(0..0, op.controls.iter().copied());
                inner.condition.clone_from(&op.condition);
            }
            if let What::Gate { params, .. } | What::Call { params, .. } = &mut inner.what {
                for param in params {
                    param.value = document.header.param(&param.text).ok().and_then(|p| p.value);
                }
            }
            inner.id = document.fresh_id();
            document.check_operation(&inner)?;
            out.push(Arc::new(inner));
        }
        // Controls that were one are now on each: they cross inside a column.
        if op.controls.is_empty() && op.condition.is_none() {
            columns.push(out);
        } else {
            columns.extend(out.into_iter().map(|op| vec![op]));
        }
    }
    place::take(document, id);
    let emptied = document.columns[column].is_empty();
    let before = document.columns.len();
    let ids = put_columns(document, &columns, Place::Before(column));
    if emptied {
        // Behind the new ones.
        document.columns.remove(column + document.columns.len() - before);
    }
    Ok(ids)
}

/// Puts `(expression)` for each name.
fn substitute(op: &mut Operation, names: &[String], values: &[Param]) {
    let replace = |param: &mut Param| {
        let text = crate::emit::replace_words(&param.text, &|word| {
            let at = names.iter().position(|n| n == word)?;
            let text = &values.get(at)?.text;
            let simple = text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
            Some(if simple { text.to_string() } else { format!("({text})") })
        });
        param.text = text.into();
    };
    if let What::Gate { params, .. } | What::Call { params, .. } = &mut op.what {
        params.iter_mut().for_each(replace);
    }
    if let Some(power) = &mut op.power {
        replace(power);
    }
}
