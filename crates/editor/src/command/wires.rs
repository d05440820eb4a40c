//! Edits of wires, registers and the program's parameters.

use std::sync::Arc;

use circuit::{Clbit, Qubit};

use super::{Command, EditError, MAX_CLBITS, MAX_QUBITS, check_name, map_column};
use crate::document::{Condition, Document, Header, OpId, Operation, Parameter, Register, What};
use crate::emit::{has_word, replace_words};
use crate::place;

pub(super) fn change(document: &mut Document, command: &Command) -> Result<(), EditError> {
    match command {
        Command::AddQubit { at } => add_qubit(document, *at),
        Command::RemoveQubit { at } => remove_qubit(document, *at),
        Command::MoveQubit { from, to } => move_qubit(document, *from, *to),
        Command::RenameQubits { register, name } => {
            rename(document, *register, name, |h| &mut h.qubits)
        }
        Command::RenameClbits { register, name } => {
            rename(document, *register, name, |h| &mut h.clbits)
        }
        Command::NameQubit { at, name } => name_qubit(document, *at, name),
        Command::AddClbits { register } => add_clbits(document, register),
        Command::ResizeClbits { register, size } => resize_clbits(document, *register, *size),
        Command::RemoveClbits { register } => remove_clbits(document, *register),
        Command::SetParameter { name, value } => set_parameter(document, name, *value),
        Command::RemoveParameter { name } => remove_parameter(document, name),
        Command::RenameParameter { from, to } => rename_parameter(document, from, to),
        _ => Ok(()),
    }
}

/// Adds wires at the bottom until there are `count`.
pub(super) fn grow_qubits(document: &mut Document, count: u32) -> Result<(), EditError> {
    let n = document.num_qubits();
    if count <= n {
        return Ok(());
    }
    if count > MAX_QUBITS {
        return Err(EditError::TooManyQubits);
    }
    // The last register grows, unless a text block counts on its size.
    let grow = document
        .header
        .qubits
        .last()
        .is_some_and(|r| !r.scalar && text_naming(document, &r.name).is_none());
    let name = document.header.fresh_name("q");
    let header = Arc::make_mut(&mut document.header);
    match header.qubits.last_mut() {
        Some(last) if grow => last.size += count - n,
        _ => header.qubits.push(Register::new(&name, count - n)),
    }
    Ok(())
}

/// The classical bit that a measurement of `qubit` goes to by default: the one of the same number,
/// made where it is missing.
pub(super) fn bit_for(document: &mut Document, qubit: Qubit) -> Result<Clbit, EditError> {
    let bits = document.num_clbits();
    if qubit.0 >= bits {
        if qubit.0 >= MAX_CLBITS {
            return Err(EditError::TooManyClbits);
        }
        let grow = document
            .header
            .clbits
            .last()
            .is_some_and(|r| !r.scalar && naming(document, &r.name, true).is_none());
        let name = document.header.fresh_name("c");
        let qubits = document.num_qubits();
        let header = Arc::make_mut(&mut document.header);
        match header.clbits.last_mut() {
            Some(last) if grow => last.size += qubit.0 + 1 - bits,
            // A first register is as wide as the qubits, so that bit i is for qubit i.
            _ => header.clbits.push(Register::new(&name, qubits.max(qubit.0 + 1) - bits)),
        }
    }
    Ok(Clbit(qubit.0))
}

fn map_all(document: &mut Document, mut f: impl FnMut(&Operation) -> Option<Operation>) {
    for column in &mut document.columns {
        *column = map_column(column, &mut f);
    }
}

fn with_qubits(op: &Operation, f: impl Fn(u32) -> u32) -> Operation {
    let mut op = op.clone();
    op.map_qubits(|q| Qubit(f(q.0)));
    op
}

/// Column, from 1, of a text block that names `register`.
fn text_naming(document: &Document, register: &str) -> Option<usize> {
    naming(document, register, false)
}

/// Column, from 1, of a text block (or, with `conditions`, of a condition) that names `register`.
fn naming(document: &Document, register: &str, conditions: bool) -> Option<usize> {
    let at = document.header.clbits.iter().position(|r| &*r.name == register);
    let names = |op: &Operation| match (&op.what, &op.condition) {
        (What::Text { text, .. }, _) => has_word(text, register),
        (_, Some(Condition::Register { register, .. })) if conditions => {
            Some(*register as usize) == at
        }
        _ => false,
    };
    document.columns.iter().position(|c| c.operations.iter().any(|op| names(op))).map(|c| c + 1)
}

/// A text block says which wires it is on: it cannot be carried to others.
pub(super) fn refuse_moved_text(document: &Document, ids: &[OpId]) -> Result<(), EditError> {
    for (at, column) in document.columns.iter().enumerate() {
        for op in column.operations.iter().filter(|op| ids.contains(&op.id)) {
            if let (What::Text { .. }, Some(qubit)) = (&op.what, op.targets.first()) {
                let register = Header::locate(&document.header.qubits, qubit.0)
                    .map_or_else(String::new, |(r, _)| document.header.qubits[r].name.to_string());
                return Err(EditError::TextNames { register, column: at + 1 });
            }
        }
    }
    Ok(())
}

/// A text block that is put on wires which it does not name would stand where it does nothing.
pub(super) fn refuse_foreign_text(
    header: &Header,
    op: &Operation,
    column: usize,
) -> Result<(), EditError> {
    let What::Text { text, .. } = &op.what else { return Ok(()) };
    for target in &op.targets {
        let Some((register, index)) = Header::locate(&header.qubits, target.0) else { continue };
        let register = &header.qubits[register];
        if !names(text, &register.name, index) {
            return Err(EditError::TextNames { register: register.name.to_string(), column });
        }
    }
    Ok(())
}

/// Whether a text names element `index` of a register, or may: the whole register, a slice, a loop's variable.
fn names(text: &str, register: &str, index: u32) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(register).any(|(at, _)| {
        let (before, after) = (&text[..at], text[at + register.len()..].trim_start());
        if before.ends_with(is_word) || after.starts_with(is_word) {
            return false;
        }
        let inside = after.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        inside.and_then(|(inside, _)| inside.trim().parse::<u32>().ok()).is_none_or(|i| i == index)
    })
}

/// The numbering inside the register is about to change.
fn refuse_text(document: &Document, register: usize) -> Result<(), EditError> {
    let name = &document.header.qubits[register].name;
    match text_naming(document, name) {
        Some(column) => Err(EditError::TextNames { register: name.to_string(), column }),
        None => Ok(()),
    }
}

fn add_qubit(document: &mut Document, at: u32) -> Result<(), EditError> {
    let n = document.num_qubits();
    if at > n {
        return Err(EditError::BelowBottom(n));
    }
    if n >= MAX_QUBITS {
        return Err(EditError::TooManyQubits);
    }
    if at == n {
        return grow_qubits(document, n + 1);
    }
    // In the register of the row above; the first row belongs to the one below it.
    let (register, _) = Header::locate(&document.header.qubits, at.saturating_sub(1))
        .ok_or(EditError::BelowBottom(n))?;
    if document.header.qubits[register].scalar {
        let name = document.header.fresh_name("q");
        let position = if at == 0 { register } else { register + 1 };
        let next = document.header.qubits.get(position).is_some_and(|r| !r.scalar);
        if next && position > register {
            refuse_text(document, position)?;
            Arc::make_mut(&mut document.header).qubits[position].size += 1;
        } else {
            Arc::make_mut(&mut document.header).qubits.insert(position, Register::new(&name, 1));
        }
    } else {
        refuse_text(document, register)?;
        Arc::make_mut(&mut document.header).qubits[register].size += 1;
    }
    let row = |q| if q >= at { q + 1 } else { q };
    map_all(document, |op| Some(with_qubits(op, row)));
    Arc::make_mut(&mut document.header).renumber_hidden(|q| Some(row(q)));
    Ok(())
}

fn remove_qubit(document: &mut Document, at: u32) -> Result<(), EditError> {
    let n = document.num_qubits();
    let (register, _) =
        Header::locate(&document.header.qubits, at).ok_or(EditError::BelowBottom(n))?;
    if n == 1 {
        return Err(EditError::LastQubit);
    }
    refuse_text(document, register)?;
    map_all(document, |op| {
        if op.qubits().any(|q| q.0 == at) {
            // A barrier loses one line; anything else cannot do without its qubit.
            if !matches!(op.what, What::Barrier) || op.targets.len() == 1 {
                return None;
            }
            let mut op = op.clone();
            op.targets.retain(|q| q.0 != at);
            return Some(with_qubits(&op, |q| if q > at { q - 1 } else { q }));
        }
        Some(with_qubits(op, |q| if q > at { q - 1 } else { q }))
    });
    let header = Arc::make_mut(&mut document.header);
    shrink(&mut header.qubits, register);
    header.renumber_hidden(|q| (q != at).then_some(if q > at { q - 1 } else { q }));
    if header.hidden.len() + 1 == n as usize {
        // What is left would all be out of view.
        header.hidden.clear();
    }
    Ok(())
}

fn shrink(registers: &mut Vec<Register>, at: usize) {
    registers[at].size -= 1;
    if registers[at].size == 0 {
        registers.remove(at);
    }
}

fn move_qubit(document: &mut Document, from: u32, to: u32) -> Result<(), EditError> {
    let n = document.num_qubits();
    let locate =
        |row| Header::locate(&document.header.qubits, row).ok_or(EditError::BelowBottom(n));
    let ((source, _), (target, _)) = (locate(from)?, locate(to)?);
    if from == to {
        return Ok(());
    }
    refuse_text(document, source)?;
    refuse_text(document, target)?;
    if source != target {
        let header = Arc::make_mut(&mut document.header);
        if header.qubits[source].scalar {
            // A wire with a name of its own keeps it and goes between registers, or past one.
            let register = header.qubits.remove(source);
            header.qubits.insert(target, register);
            // Its row is then where that leaves it.
            let row: u32 = header.qubits[..target].iter().map(|r| r.size).sum();
            return reorder(document, from, row);
        }
        header.qubits[target].size += 1;
        header.qubits[target].scalar = false;
        shrink(&mut header.qubits, source);
    }
    reorder(document, from, to)
}

#[expect(clippy::unnecessary_wraps, reason = "the last step of a fallible edit")]
fn reorder(document: &mut Document, from: u32, to: u32) -> Result<(), EditError> {
    let row = |q| {
        if q == from {
            to
        } else if from < to && q > from && q <= to {
            q - 1
        } else if to < from && q >= to && q < from {
            q + 1
        } else {
            q
        }
    };
    map_all(document, |op| Some(with_qubits(op, row)));
    place::settle(document);
    Arc::make_mut(&mut document.header).renumber_hidden(|q| Some(row(q)));
    Ok(())
}

fn rename(
    document: &mut Document,
    register: usize,
    name: &str,
    side: fn(&mut Header) -> &mut Vec<Register>,
) -> Result<(), EditError> {
    let mut header = (*document.header).clone();
    let slot = side(&mut header).get_mut(register).ok_or(EditError::NoRegister)?;
    let old = slot.name.clone();
    if *old == *name {
        return Ok(());
    }
    check_name(document, name)?;
    slot.name = name.into();
    document.header = Arc::new(header);
    rename_in_texts(document, &old, name);
    Ok(())
}

fn rename_in_texts(document: &mut Document, old: &str, new: &str) {
    map_all(document, |op| {
        let mut op = op.clone();
        if let What::Text { text, .. } = &mut op.what {
            *text = replace_words(text, &|w| (w == old).then(|| new.to_owned())).into();
        }
        Some(op)
    });
}

fn name_qubit(document: &mut Document, at: u32, name: &str) -> Result<(), EditError> {
    let n = document.num_qubits();
    let (register, index) =
        Header::locate(&document.header.qubits, at).ok_or(EditError::BelowBottom(n))?;
    let old = document.header.qubits[register].clone();
    if old.scalar {
        return rename(document, register, name, |h| &mut h.qubits);
    }
    check_name(document, name)?;
    refuse_text(document, register)?;
    let mut parts = Vec::new();
    if index > 0 {
        parts.push(Register::new(&old.name, index));
    }
    parts.push(Register::scalar(name));
    if index + 1 < old.size {
        let rest =
            if index > 0 { document.header.fresh_name(&old.name) } else { old.name.to_string() };
        parts.push(Register::new(&rest, old.size - index - 1));
    }
    Arc::make_mut(&mut document.header).qubits.splice(register..=register, parts);
    Ok(())
}

fn add_clbits(document: &mut Document, register: &Register) -> Result<(), EditError> {
    check_name(document, &register.name)?;
    if register.size == 0 || register.size > MAX_CLBITS - document.num_clbits() {
        return Err(EditError::TooManyClbits);
    }
    Arc::make_mut(&mut document.header).clbits.push(register.clone());
    Ok(())
}

/// Changes a classical register to `size` bits, which may be none.
fn resize(document: &mut Document, register: usize, size: u32) -> Result<(), EditError> {
    let old = document.header.clbits.get(register).ok_or(EditError::NoRegister)?.clone();
    let start = document.header.register_start(register);
    let name = old.name.to_string();
    if let Some(column) = text_naming(document, &name) {
        return Err(EditError::TextNames { register: name, column });
    }
    let lost = start + size.min(old.size)..start + old.size;
    let conditioned = document.columns.iter().position(|c| {
        c.operations.iter().any(|op| match op.condition {
            Some(Condition::Bit { clbit, .. }) => lost.contains(&clbit.0),
            Some(Condition::Register { register: r, value }) => {
                r as usize == register && (size == 0 || (size < 64 && value >> size != 0))
            }
            None => false,
        })
    });
    if let Some(column) = conditioned {
        return Err(EditError::ConditionNames { register: name, column: column + 1 });
    }
    let rest = document.num_clbits() - old.size;
    if size > MAX_CLBITS - rest {
        return Err(EditError::TooManyClbits);
    }
    let moved = |c: Clbit| {
        if lost.contains(&c.0) {
            None
        } else if c.0 >= start + old.size {
            Some(Clbit(c.0 - old.size + size))
        } else {
            Some(c)
        }
    };
    map_all(document, |op| {
        let mut op = op.clone();
        match &mut op.what {
            What::Measure { clbit } => *clbit = clbit.and_then(moved),
            What::Text { clbits, .. } => {
                *clbits = clbits.iter().copied().filter_map(moved).collect();
            }
            _ => {}
        }
        match &mut op.condition {
            Some(Condition::Bit { clbit, .. }) => *clbit = moved(*clbit)?,
            Some(Condition::Register { register: r, .. })
                if size == 0 && *r as usize > register =>
            {
                *r -= 1;
            }
            _ => {}
        }
        Some(op)
    });
    let header = Arc::make_mut(&mut document.header);
    if size == 0 {
        header.clbits.remove(register);
    } else {
        let slot = &mut header.clbits[register];
        slot.size = size;
        slot.scalar &= size == 1;
    }
    Ok(())
}

fn resize_clbits(document: &mut Document, register: usize, size: u32) -> Result<(), EditError> {
    if size == 0 { Err(EditError::NoRegister) } else { resize(document, register, size) }
}

fn remove_clbits(document: &mut Document, register: usize) -> Result<(), EditError> {
    resize(document, register, 0)
}

fn set_parameter(document: &mut Document, name: &str, value: f64) -> Result<(), EditError> {
    if !value.is_finite() {
        return Err(EditError::NotFinite);
    }
    if document.header.parameter(name).is_none() {
        check_name(document, name)?;
        let parameter = Parameter { name: name.into(), ty: "float[64]".into(), value };
        Arc::make_mut(&mut document.header).parameters.push(parameter);
        return Ok(());
    }
    let header = Arc::make_mut(&mut document.header);
    for parameter in header.parameters.iter_mut().filter(|p| &*p.name == name) {
        parameter.value = value;
    }
    reevaluate(document, name);
    Ok(())
}

/// Values of the expressions that use `name`.
fn reevaluate(document: &mut Document, name: &str) {
    let header = Arc::clone(&document.header);
    map_all(document, |op| {
        let mut op = op.clone();
        each_param(&mut op, |param| {
            if has_word(&param.text, name) {
                param.value = header.param(&param.text).ok().and_then(|p| p.value);
            }
        });
        Some(op)
    });
}

fn each_param(op: &mut Operation, mut f: impl FnMut(&mut crate::Param)) {
    if let What::Gate { params, .. } | What::Call { params, .. } = &mut op.what {
        params.iter_mut().for_each(&mut f);
    }
    if let Some(power) = &mut op.power {
        f(power);
    }
}

fn remove_parameter(document: &mut Document, name: &str) -> Result<(), EditError> {
    let uses = |op: &Operation| {
        op.params().iter().chain(&op.power).any(|p| has_word(&p.text, name))
            || matches!(&op.what, What::Text { text, .. } if has_word(text, name))
    };
    if let Some(column) =
        document.columns.iter().position(|c| c.operations.iter().any(|op| uses(op)))
    {
        return Err(EditError::ParameterInUse { name: name.to_owned(), column: column + 1 });
    }
    Arc::make_mut(&mut document.header).parameters.retain(|p| &*p.name != name);
    Ok(())
}

fn rename_parameter(document: &mut Document, from: &str, to: &str) -> Result<(), EditError> {
    if document.header.parameter(from).is_none() {
        return Err(EditError::Gone);
    }
    check_name(document, to)?;
    for parameter in
        Arc::make_mut(&mut document.header).parameters.iter_mut().filter(|p| &*p.name == from)
    {
        parameter.name = to.into();
    }
    rename_in_texts(document, from, to);
    map_all(document, |op| {
        let mut op = op.clone();
        each_param(&mut op, |param| {
            param.text = replace_words(&param.text, &|w| (w == from).then(|| to.to_owned())).into();
        });
        Some(op)
    });
    Ok(())
}
