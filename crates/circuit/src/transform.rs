//! Circuits from circuits: binding, renaming of qubits, joining, inverse, control, power, and
//! replacing gates by their definitions.
//!
//! All of them keep the tree: loops stay loops and parameters stay symbolic.

use std::collections::{BTreeMap, BTreeSet};

use smallvec::{SmallVec, smallvec};

use crate::circuit::{Circuit, GateDefinition, QuantumRegister, Role};
use crate::classical::{Value, ValueError, cast::cast};
use crate::definition::definition;
use crate::expr::{Expr, GateId, QubitExpr, QubitExprKind, SubroutineId, VarRef};
use crate::operation::{Block, GateCall, GateRef, Modifier, Statement, StatementKind};
use crate::span::Span;
use crate::walk::{self, VisitMut};
use crate::{Gate, Qubit};

/// Why a circuit cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TransformError {
    #[error("only a circuit of gates has an inverse, a power or a controlled form; this is none")]
    NotUnitary { span: Span },
    #[error("{expected} qubits are needed; found {found}")]
    QubitCount { expected: usize, found: usize },
    #[error("qubit {0} is out of range or named twice")]
    BadQubit(Qubit),
    #[error("the circuits have too many qubits together")]
    TooWide,
    #[error("the program has no input `{0}`")]
    UnknownInput(String),
    #[error("the input `{name}`: {reason}")]
    InputType { name: String, reason: ValueError },
    #[error("the first program may end before the second begins")]
    Ends { span: Span },
}

/// With these inputs fixed: they become constants. Others stay inputs.
pub fn bind(
    circuit: &Circuit,
    inputs: &BTreeMap<String, Value>,
) -> Result<Circuit, TransformError> {
    let mut out = circuit.clone();
    for (name, value) in inputs {
        let index = out.variables.iter().position(|v| v.role == Role::Input && v.name == *name);
        let Some(index) = index else { return Err(TransformError::UnknownInput(name.clone())) };
        let variable = &mut out.variables[index];
        let value = cast(value, &variable.ty)
            .map_err(|reason| TransformError::InputType { name: name.clone(), reason })?;
        variable.role = Role::Const;
        let var = VarRef::Global(count(index));
        let ty = variable.ty.clone();
        out.body
            .statements
            .retain(|s| !matches!(&s.kind, StatementKind::Declare { var: v, .. } if *v == var));
        let declare = StatementKind::Declare { var, ty, init: Some(Expr::literal(value)) };
        out.body.statements.insert(0, declare.into());
    }
    Ok(out)
}

/// On `num_qubits` qubits in one register `q`: qubit `i` becomes `map[i]`.
pub fn remap(circuit: &Circuit, map: &[Qubit], num_qubits: u32) -> Result<Circuit, TransformError> {
    check_map(circuit, map, num_qubits)?;
    let mut out = circuit.clone();
    let mut visitor = Renumber::new(&circuit.registers, map);
    visit_all(&mut out, &mut visitor);
    let register = QuantumRegister {
        name: "q".into(),
        first: Qubit(0),
        size: num_qubits,
        single: false,
        span: Span::NONE,
    };
    out.registers = if num_qubits == 0 { Vec::new() } else { vec![register] };
    Ok(out)
}

/// `first`, then `second` with its qubit `i` on qubit `map[i]` of `first`. Classical variables of
/// `second` follow those of `first`; a name that both have gets a number.
pub fn compose(
    first: &Circuit,
    second: &Circuit,
    map: &[Qubit],
) -> Result<Circuit, TransformError> {
    check_map(second, map, first.num_qubits())?;
    if let Some(span) = first.body.statements.iter().find_map(ends) {
        return Err(TransformError::Ends { span });
    }
    let mut out = first.clone();
    let mut added = second.clone();
    let mut visitor = Renumber::new(&second.registers, map);
    visitor.globals = count(first.variables.len());
    visitor.gates = count(first.gates.len());
    visitor.subroutines = count(first.subroutines.len());
    for body in bodies_of_definitions(&mut added) {
        walk::block(body, &mut visitor);
    }
    visitor.locals = first.num_locals;
    walk::block(&mut added.body, &mut visitor);
    let mut names = names_of(first);
    added.variables.iter_mut().for_each(|v| fresh(&mut v.name, &mut names));
    added.gates.iter_mut().for_each(|g| fresh(&mut g.name, &mut names));
    added.subroutines.iter_mut().for_each(|s| fresh(&mut s.name, &mut names));
    out.variables.extend(added.variables);
    out.gates.extend(added.gates);
    out.subroutines.extend(added.subroutines);
    out.num_locals = first.num_locals + second.num_locals;
    out.local_names.resize(first.num_locals as usize, String::new());
    out.local_names.extend(added.local_names);
    out.body.statements.extend(added.body.statements);
    // Places in the second text mean nothing beside those of the first; its comments stay there.
    Ok(out)
}

/// Side by side: the qubits of `high` follow those of `low`.
pub fn tensor(low: &Circuit, high: &Circuit) -> Result<Circuit, TransformError> {
    let offset = low.num_qubits();
    if offset.checked_add(high.num_qubits()).is_none() {
        return Err(TransformError::TooWide);
    }
    let mut wide = low.clone();
    let mut names = names_of(low);
    for register in &high.registers {
        let mut register = register.clone();
        register.first.0 += offset;
        fresh(&mut register.name, &mut names);
        wide.registers.push(register);
    }
    let map: Vec<Qubit> = (0..high.num_qubits()).map(|q| Qubit(q + offset)).collect();
    compose(&wide, high, &map)
}

/// The inverse of a circuit of gates.
pub fn inverse(circuit: &Circuit) -> Result<Circuit, TransformError> {
    modified(circuit, "inverse", Modifier::Inv, 0)
}

/// A circuit of gates to a power: an integer repeats, any other exponent needs few qubits.
pub fn power(circuit: &Circuit, exponent: f64) -> Result<Circuit, TransformError> {
    modified(circuit, "power", Modifier::Pow(Expr::float(exponent)), 0)
}

/// A circuit of gates, its global phase included, where `num_controls` more qubits are all 1 (with
/// `on == false`, all 0). They are a register `control` after the others.
pub fn control(circuit: &Circuit, num_controls: u32, on: bool) -> Result<Circuit, TransformError> {
    let number = Some(Expr::int(num_controls.into()));
    let modifier = if on { Modifier::Ctrl(number) } else { Modifier::NegCtrl(number) };
    modified(circuit, "controlled", modifier, num_controls)
}

/// Every table gate for which `keep` is false replaced by its definition, down to gates that are
/// kept or rest on nothing; `gphase` and modifiers stay.
pub fn decompose(circuit: &Circuit, keep: impl Fn(Gate) -> bool) -> Circuit {
    let mut out = circuit.clone();
    // Gates that are used come with all that their definitions use, each before its users.
    let mut order: Vec<Gate> = Vec::new();
    let mut collect = Collect { keep: &keep, order: &mut order };
    visit_all(&mut out, &mut collect);
    let ids: BTreeMap<Gate, GateId> =
        order.iter().enumerate().map(|(i, &g)| (g, GateId(count(i)))).collect();
    let mut replace = Replace { ids: &ids, offset: count(order.len()) };
    visit_all(&mut out, &mut replace);
    replace.offset = 0;
    let mut names = names_of(circuit);
    let mut definitions: Vec<GateDefinition> =
        order.iter().filter_map(|&g| definition(g)).collect();
    for d in &mut definitions {
        fresh(&mut d.name, &mut names);
        if let Some(body) = &mut d.body {
            walk::block(body, &mut replace);
        }
    }
    definitions.append(&mut out.gates);
    out.gates = definitions;
    out
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn check_map(circuit: &Circuit, map: &[Qubit], num_qubits: u32) -> Result<(), TransformError> {
    let expected = circuit.num_qubits() as usize;
    if map.len() != expected {
        return Err(TransformError::QubitCount { expected, found: map.len() });
    }
    let mut seen = BTreeSet::new();
    match map.iter().find(|q| q.0 >= num_qubits || !seen.insert(q.0)) {
        Some(&q) => Err(TransformError::BadQubit(q)),
        None => Ok(()),
    }
}

fn names_of(circuit: &Circuit) -> BTreeSet<String> {
    let registers = circuit.registers.iter().map(|r| &r.name);
    let variables = circuit.variables.iter().map(|v| &v.name);
    let gates = circuit.gates.iter().map(|g| &g.name);
    let subroutines = circuit.subroutines.iter().map(|s| &s.name);
    registers.chain(variables).chain(gates).chain(subroutines).cloned().collect()
}

/// Changes a name that is taken, and takes it.
fn fresh(name: &mut String, taken: &mut BTreeSet<String>) {
    if taken.contains(name) {
        // One of so many is free.
        let free =
            (2..=taken.len() + 2).map(|i| format!("{name}_{i}")).find(|n| !taken.contains(n));
        *name = free.unwrap_or_default();
    }
    taken.insert(name.clone());
}

/// Where an `end` stands in a statement.
fn ends(statement: &Statement) -> Option<Span> {
    let inside = |b: &Block| b.statements.iter().find_map(ends);
    match &statement.kind {
        StatementKind::End => Some(statement.span),
        StatementKind::Block(b)
        | StatementKind::Box { body: b, .. }
        | StatementKind::While { body: b, .. }
        | StatementKind::For { body: b, .. } => inside(b),
        StatementKind::If { then, otherwise, .. } => {
            inside(then).or_else(|| otherwise.as_ref().and_then(inside))
        }
        StatementKind::Switch { cases, default, .. } => {
            cases.iter().find_map(|c| inside(&c.body)).or_else(|| default.as_ref().and_then(inside))
        }
        _ => None,
    }
}

fn bodies_of_definitions(circuit: &mut Circuit) -> impl Iterator<Item = &mut Block> {
    let gates = circuit.gates.iter_mut().filter_map(|g| g.body.as_mut());
    gates.chain(circuit.subroutines.iter_mut().filter_map(|s| s.body.as_mut()))
}

fn visit_all(circuit: &mut Circuit, visitor: &mut impl VisitMut) {
    bodies_of_definitions(circuit).for_each(|b| walk::block(b, visitor));
    walk::block(&mut circuit.body, visitor);
}

/// Moves references by offsets and qubits by a map.
struct Renumber<'a> {
    registers: &'a [QuantumRegister],
    map: &'a [Qubit],
    globals: u32,
    locals: u32,
    gates: u32,
    subroutines: u32,
}

impl<'a> Renumber<'a> {
    fn new(registers: &'a [QuantumRegister], map: &'a [Qubit]) -> Self {
        Self { registers, map, globals: 0, locals: 0, gates: 0, subroutines: 0 }
    }
}

impl VisitMut for Renumber<'_> {
    fn variable(&mut self, var: &mut VarRef) {
        match var {
            VarRef::Global(i) => *i += self.globals,
            VarRef::Local(i) => *i += self.locals,
        }
    }

    fn gate(&mut self, id: &mut GateId) {
        id.0 += self.gates;
    }

    fn subroutine(&mut self, id: &mut SubroutineId) {
        id.0 += self.subroutines;
    }

    fn qubits(&mut self, q: &mut QubitExpr) {
        let moved = |q: u32| self.map.get(q as usize).copied().unwrap_or(Qubit(u32::MAX));
        match &q.kind {
            QubitExprKind::Qubit(n) => q.kind = QubitExprKind::Qubit(moved(n.0)),
            QubitExprKind::Register(id) => {
                if let Some(r) = self.registers.get(id.0 as usize) {
                    q.kind = listed(r, |n| QubitExpr::qubit(moved(n)));
                }
            }
            _ => {}
        }
    }
}

/// A register qubit by qubit.
fn listed(register: &QuantumRegister, qubit: impl Fn(u32) -> QubitExpr) -> QubitExprKind {
    let first = register.first.0;
    if register.single {
        return qubit(first).kind;
    }
    QubitExprKind::Concat((first..first + register.size).map(qubit).collect())
}

/// Turns the body into one gate on all qubits and calls it with a modifier.
fn modified(
    circuit: &Circuit,
    name: &str,
    modifier: Modifier,
    num_controls: u32,
) -> Result<Circuit, TransformError> {
    let mut out = circuit.clone();
    let mut names = names_of(circuit);
    let n = circuit.num_qubits();
    let mut inner = ToArguments { registers: &circuit.registers, aliases: BTreeMap::new() };
    let mut before = Vec::new();
    let mut body = Vec::new();
    for statement in out.body.statements.drain(..) {
        let mut statement = statement;
        match &mut statement.kind {
            StatementKind::Declare { init, .. }
                if !init.as_ref().is_some_and(acts) && body.is_empty() =>
            {
                before.push(statement);
            }
            // Constants may be declared late; nothing changes them.
            StatementKind::Declare { var: VarRef::Global(i), init, .. }
                if !init.as_ref().is_some_and(acts)
                    && circuit
                        .variables
                        .get(*i as usize)
                        .is_some_and(|v| v.role == Role::Const) =>
            {
                before.push(statement);
            }
            StatementKind::Alias { var, qubits } => {
                let mut alias = Statement::from(StatementKind::Reset(qubits.clone()));
                walk::statement(&mut alias, &mut inner);
                if let StatementKind::Reset(qubits) = alias.kind {
                    inner.aliases.insert(*var, qubits.kind);
                }
            }
            StatementKind::Pragma(_) | StatementKind::Calibration(_) | StatementKind::Nop => {
                before.push(statement);
            }
            _ => {
                check_unitary(&statement)?;
                walk::statement(&mut statement, &mut inner);
                body.push(statement);
            }
        }
    }
    let mut gate_name = String::from(name);
    fresh(&mut gate_name, &mut names);
    out.gates.push(GateDefinition {
        name: gate_name,
        params: Vec::new(),
        qubits: (0..n).map(|i| format!("q{i}")).collect(),
        num_locals: circuit.num_locals,
        local_names: circuit.local_names.clone(),
        body: Some(Block::new(body)),
        span: Span::NONE,
    });
    let mut operands: SmallVec<[QubitExpr; 2]> = SmallVec::new();
    if num_controls > 0 {
        if n.checked_add(num_controls).is_none() {
            return Err(TransformError::TooWide);
        }
        let mut name = String::from("control");
        fresh(&mut name, &mut names);
        let register = QuantumRegister {
            name,
            first: Qubit(n),
            size: num_controls,
            single: false,
            span: Span::NONE,
        };
        out.registers.push(register);
        operands.extend((n..n + num_controls).map(|q| QubitExpr::qubit(Qubit(q))));
    }
    operands.extend((0..n).map(|q| QubitExpr::qubit(Qubit(q))));
    let gate = GateRef::Custom(GateId(count(out.gates.len() - 1)));
    // No controls leave the gate as it is.
    let modifiers =
        if matches!(modifier, Modifier::Ctrl(_) | Modifier::NegCtrl(_)) && num_controls == 0 {
            smallvec![]
        } else {
            smallvec![modifier]
        };
    let call = GateCall { gate, modifiers, params: SmallVec::new(), operands };
    before.push(StatementKind::Gate(Box::new(call)).into());
    out.body.statements = before;
    Ok(out)
}

/// Whether evaluating it may act on the quantum state.
fn acts(expr: &Expr) -> bool {
    use crate::expr::ExprKind;
    struct Finder(bool);
    impl VisitMut for Finder {
        fn subroutine(&mut self, _: &mut SubroutineId) {
            self.0 = true;
        }
        fn qubits(&mut self, _: &mut QubitExpr) {
            self.0 = true;
        }
    }
    if matches!(expr.kind, ExprKind::Literal(_)) {
        return false;
    }
    let mut finder = Finder(false);
    walk::statement(&mut StatementKind::Expr(expr.clone()).into(), &mut finder);
    finder.0
}

fn check_unitary(statement: &Statement) -> Result<(), TransformError> {
    let all = |b: &Block| b.statements.iter().try_for_each(check_unitary);
    match &statement.kind {
        StatementKind::Gate(_)
        | StatementKind::Barrier(_)
        | StatementKind::Delay { .. }
        | StatementKind::Nop => Ok(()),
        StatementKind::Block(b) | StatementKind::Box { body: b, .. } => all(b),
        StatementKind::For { var: VarRef::Local(_), body, .. } => all(body),
        StatementKind::If { then, otherwise, .. } => {
            all(then)?;
            otherwise.as_ref().map_or(Ok(()), all)
        }
        _ => Err(TransformError::NotUnitary { span: statement.span }),
    }
}

/// Qubits of the circuit as arguments of a gate; aliases written out.
struct ToArguments<'a> {
    registers: &'a [QuantumRegister],
    aliases: BTreeMap<VarRef, QubitExprKind>,
}

impl VisitMut for ToArguments<'_> {
    fn qubits(&mut self, q: &mut QubitExpr) {
        match &q.kind {
            QubitExprKind::Qubit(n) => q.kind = QubitExprKind::Argument(n.0),
            QubitExprKind::Register(id) => {
                if let Some(r) = self.registers.get(id.0 as usize) {
                    q.kind = listed(r, QubitExpr::argument);
                }
            }
            QubitExprKind::Variable(var) => {
                if let Some(alias) = self.aliases.get(var) {
                    q.kind = alias.clone();
                }
            }
            _ => {}
        }
    }
}

struct Collect<'a> {
    keep: &'a dyn Fn(Gate) -> bool,
    order: &'a mut Vec<Gate>,
}

impl VisitMut for Collect<'_> {
    fn gate_ref(&mut self, gate: &mut GateRef) {
        let GateRef::Table(g) = *gate else { return };
        if (self.keep)(g) || self.order.contains(&g) {
            return;
        }
        if let Some(mut body) = definition(g).and_then(|d| d.body) {
            walk::block(&mut body, self);
            self.order.push(g);
        }
    }
}

struct Replace<'a> {
    ids: &'a BTreeMap<Gate, GateId>,
    offset: u32,
}

impl VisitMut for Replace<'_> {
    fn gate_ref(&mut self, gate: &mut GateRef) {
        match gate {
            GateRef::Table(g) => {
                if let Some(&id) = self.ids.get(g) {
                    *gate = GateRef::Custom(id);
                }
            }
            GateRef::Custom(id) => id.0 += self.offset,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
