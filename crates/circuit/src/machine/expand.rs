//! Expansion of one gate call into unitaries, one at a time.
//!
//! A custom gate is walked through, not copied out: `inv` walks backwards, an integer `pow` walks
//! repeatedly, and controls are handed down. Memory is that of the nesting, whatever the length.

use std::sync::Arc;

use num_complex::Complex64;
use quantum_info::{Matrix, cis};
use smallvec::{SmallVec, smallvec};

use super::blocks::{self, BlockError};
use super::compile::{GateItem, Program};
use super::error::{RuntimeError, RuntimeErrorKind};
use super::eval::{QubitList, Scope, evaluate, evaluate_condition, evaluate_qubits};
use super::power::{Exponent, Power};
use super::resolve::{
    Resolved, Values, broadcast_count, check_distinct, gate_name, pick, resolve, values_of,
};
use super::state::{Budget, Origin, Slot};
use crate::classical::cast::cast_scalar;
use crate::classical::{Duration, Scalar, Value, ValueError};
use crate::dense;
use crate::expr::{QubitExpr, QubitExprKind, VarRef};
use crate::operation::GateRef;
use crate::span::Span;
use crate::{Control, Gate, GateMatrix, Qubit, UnitaryInstruction};

/// Most qubits of a gate whose matrix is written out to take a real power.
pub const MAX_POWER_QUBITS: usize = 6;

type Qubits = SmallVec<[Qubit; 4]>;
type Controls = SmallVec<[Control; 2]>;

/// Something that expansion gives.
#[derive(Debug, Clone)]
pub(super) enum Emitted {
    Unitary(UnitaryInstruction),
    Barrier(Vec<Qubit>),
    Delay(Duration, Vec<Qubit>),
}

/// A custom gate at work.
#[derive(Debug, Clone)]
struct Activation {
    /// Parameters, then loop variables.
    locals: Vec<Value>,
    qubits: Qubits,
    controls: Controls,
    inverse: bool,
    /// After the current one.
    repeats: u128,
}

#[derive(Debug, Clone)]
enum Frame {
    /// Statements of a block; `done` of them in the direction of the activation.
    Block {
        block: u32,
        done: u32,
    },
    /// The outermost block of the activation on top.
    Body {
        block: u32,
        done: u32,
    },
    /// A call applied once for each position of its operands.
    Broadcast {
        resolved: Box<Resolved>,
        operands: SmallVec<[QubitList; 3]>,
        count: usize,
        done: usize,
    },
    Loop {
        values: Values,
        var: VarRef,
        ty: Scalar,
        block: u32,
    },
    /// A sequence made at once; `backwards` gives inverses from the last to the first.
    List {
        steps: Arc<[UnitaryInstruction]>,
        done: usize,
        repeats: u128,
        backwards: bool,
    },
}

/// What the body of a gate sees.
struct GateScope<'a> {
    activation: &'a Activation,
    globals: &'a [Slot],
}

impl Scope for GateScope<'_> {
    fn load(&self, var: VarRef) -> Result<Value, RuntimeErrorKind> {
        match self.borrow(var) {
            Some(value) => Ok(value.clone()),
            None if matches!(var, VarRef::Global(i) if self.globals.get(i as usize).is_some_and(|s| s.origin != Origin::Fixed)) => {
                Err(RuntimeErrorKind::DependsOnOutcome)
            }
            None => Err(RuntimeErrorKind::Undeclared),
        }
    }

    fn borrow(&self, var: VarRef) -> Option<&Value> {
        match var {
            VarRef::Local(i) => self.activation.locals.get(i as usize),
            VarRef::Global(i) => self
                .globals
                .get(i as usize)
                .filter(|s| s.origin == Origin::Fixed)
                .and_then(Slot::value),
        }
    }

    fn num_qubits(&self) -> u32 {
        0
    }

    fn qubits(&self, base: &QubitExprKind) -> Result<QubitList, RuntimeErrorKind> {
        match base {
            QubitExprKind::Argument(i) => match self.activation.qubits.get(*i as usize) {
                Some(&q) => Ok(QubitList { qubits: smallvec![q], single: true }),
                None => Err(RuntimeErrorKind::Invalid("a gate has no such qubit argument")),
            },
            _ => Err(RuntimeErrorKind::Invalid("a gate acts on its own qubit arguments alone")),
        }
    }
}

/// Calls being expanded. Empty between gates.
#[derive(Debug, Clone, Default)]
pub(super) struct Expansion {
    frames: Vec<Frame>,
    activations: Vec<Activation>,
}

impl Expansion {
    pub fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of gate")]
    /// Begins a call on single qubits, one per operand; gives the unitary where it is only one.
    pub fn begin(
        &mut self,
        program: &Program,
        globals: &[Slot],
        budget: &mut Budget,
        resolved: &Resolved,
        qubits: &[Qubit],
    ) -> Result<Option<UnitaryInstruction>, RuntimeError> {
        let span = resolved.span;
        let fail = |kind| Err(RuntimeError::new(kind, span));
        check_distinct(qubits, span)?;
        let (control_qubits, own) = qubits.split_at(resolved.controls.len());
        let (mut controls, inverse) = match self.activations.last() {
            Some(a) => (a.controls.clone(), a.inverse),
            None => (Controls::new(), false),
        };
        controls.extend(
            control_qubits
                .iter()
                .zip(&resolved.controls)
                .map(|(&qubit, &on)| Control { qubit, on }),
        );
        let power = if inverse {
            resolved.power.clone().then(Exponent::Integer(-1))
        } else {
            resolved.power.clone()
        };
        let name = || gate_name(program, &resolved.call.gate);
        let too_wide = |num_qubits| RuntimeErrorKind::PowerTooWide {
            gate: name(),
            num_qubits,
            limit: MAX_POWER_QUBITS,
        };
        let plain = |controls, matrix| {
            let targets = SmallVec::from_slice(own);
            Some(UnitaryInstruction { gate: None, controls, targets, matrix })
        };
        Ok(match &resolved.call.gate {
            GateRef::Table(gate) => {
                Some(table_power(*gate, &resolved.params, &power, controls, own))
            }
            GateRef::GlobalPhase => {
                let phase = cis(power.of_angle(resolved.params[0]));
                plain(controls, GateMatrix::Dense(Matrix::from_rows([[phase]])))
            }
            GateRef::Unitary(m) => {
                plain(controls, GateMatrix::Dense(power.of_matrix((**m).clone())))
            }
            GateRef::Diagonal(d) => {
                let matrix = power.of(GateMatrix::Diagonal(Arc::clone(d)), MAX_POWER_QUBITS);
                plain(controls, matrix.unwrap_or_else(|| GateMatrix::Diagonal(Arc::clone(d))))
            }
            GateRef::Permutation(map) => {
                match power.of(GateMatrix::Permutation(Arc::clone(map)), MAX_POWER_QUBITS) {
                    Some(matrix) => plain(controls, matrix),
                    None => return fail(too_wide(own.len())),
                }
            }
            GateRef::PauliRotation(paulis) => {
                // The eigenvalues e^{∓iθ/2} at P = ±1 become e^{ia} and e^{ib}.
                let theta = resolved.params[0];
                let (a, b) = (power.of_angle(-theta / 2.0), power.of_angle(theta / 2.0));
                let trivial = paulis.iter().all(Option::is_none);
                let (theta, phase) =
                    if trivial { (-2.0 * a, 0.0) } else { (b - a, f64::midpoint(a, b)) };
                let (mut steps, middle) = blocks::pauli_rotation(theta, paulis, own);
                steps[middle].controls.extend(controls.iter().copied());
                if phase != 0.0 {
                    let mut phase = blocks::phase(phase, &[]);
                    phase.controls = controls;
                    steps.push(phase);
                }
                self.push_list(steps, &Controls::new(), 1, false);
                None
            }
            GateRef::Prepare(amps) => {
                let steps = blocks::prepare(amps, own);
                self.list(steps, controls, &power, own, &too_wide, span)?
            }
            GateRef::Block(block) => {
                let steps = blocks::expand(block, own).map_err(|e| {
                    let kind = match e {
                        BlockError::TooWide => {
                            RuntimeErrorKind::Invalid("this block is not possible at this width")
                        }
                        BlockError::Meaningless(why) => RuntimeErrorKind::Invalid(why),
                    };
                    RuntimeError::new(kind, span)
                })?;
                self.list(steps, controls, &power, own, &too_wide, span)?
            }
            GateRef::Custom(id) => {
                let Some(gate) = program.gates.get(id.0 as usize) else {
                    return fail(RuntimeErrorKind::Invalid("no such gate"));
                };
                let Some(block) = gate.body else {
                    return fail(RuntimeErrorKind::Opaque { name: gate.name.clone() });
                };
                let mut locals: Vec<Value> =
                    resolved.params.iter().map(|&p| Value::Float(p)).collect();
                locals.resize(gate.num_locals as usize, Value::Float(0.0));
                let n = match power {
                    Power::Integer(n) => n,
                    Power::Chain(_) => {
                        if own.len() > MAX_POWER_QUBITS {
                            return fail(too_wide(own.len()));
                        }
                        let matrix = matrix_of_custom(program, globals, budget, resolved, own)?;
                        return Ok(plain(controls, GateMatrix::Dense(power.of_matrix(matrix))));
                    }
                };
                if n != 0 {
                    self.activations.push(Activation {
                        locals,
                        qubits: SmallVec::from_slice(own),
                        controls,
                        inverse: n < 0,
                        repeats: n.unsigned_abs() - 1,
                    });
                    self.frames.push(Frame::Body { block, done: 0 });
                }
                None
            }
        })
    }

    /// A sequence under controls and a power.
    fn list(
        &mut self,
        steps: Vec<UnitaryInstruction>,
        controls: Controls,
        power: &Power,
        own: &[Qubit],
        too_wide: &dyn Fn(usize) -> RuntimeErrorKind,
        span: Span,
    ) -> Result<Option<UnitaryInstruction>, RuntimeError> {
        match power {
            Power::Integer(n) => {
                self.push_list(steps, &controls, n.unsigned_abs(), *n < 0);
                Ok(None)
            }
            Power::Chain(_) => {
                if own.len() > MAX_POWER_QUBITS {
                    return Err(RuntimeError::new(too_wide(own.len()), span));
                }
                let matrix = GateMatrix::Dense(power.of_matrix(dense::matrix_of(&steps, own)));
                Ok(Some(UnitaryInstruction {
                    gate: None,
                    controls,
                    targets: SmallVec::from_slice(own),
                    matrix,
                }))
            }
        }
    }

    fn push_list(
        &mut self,
        mut steps: Vec<UnitaryInstruction>,
        controls: &Controls,
        repeats: u128,
        backwards: bool,
    ) {
        if repeats == 0 || steps.is_empty() {
            return;
        }
        for step in &mut steps {
            step.controls.insert_many(0, controls.iter().copied());
        }
        self.frames.push(Frame::List {
            steps: steps.into(),
            done: 0,
            repeats: repeats - 1,
            backwards,
        });
    }

    /// The next operation of the calls begun, or `None` when they are done.
    pub fn next(
        &mut self,
        program: &Program,
        globals: &[Slot],
        budget: &mut Budget,
    ) -> Result<Option<Emitted>, RuntimeError> {
        while let Some(frame) = self.frames.last_mut() {
            match frame {
                Frame::List { steps, done, repeats, backwards } => {
                    if let Some(i) =
                        if *backwards { steps.len().checked_sub(*done + 1) } else { Some(*done) }
                        && let Some(step) = steps.get(i)
                    {
                        *done += 1;
                        let step = if *backwards { adjoint(step) } else { step.clone() };
                        return Ok(Some(Emitted::Unitary(step)));
                    }
                    if *repeats > 0 {
                        (*repeats, *done) = (*repeats - 1, 0);
                    } else {
                        self.frames.pop();
                    }
                }
                Frame::Broadcast { resolved, operands, count, done } => {
                    if done == count {
                        self.frames.pop();
                        continue;
                    }
                    *done += 1;
                    let i = if self.activations.last().is_some_and(|a| a.inverse) {
                        *count - *done
                    } else {
                        *done - 1
                    };
                    let qubits = pick(operands, i);
                    let resolved = resolved.clone();
                    budget.statement(resolved.span)?;
                    if let Some(u) = self.begin(program, globals, budget, &resolved, &qubits)? {
                        return Ok(Some(Emitted::Unitary(u)));
                    }
                }
                Frame::Loop { values, var, ty, block } => {
                    budget.statement(Span::NONE)?;
                    match values.next() {
                        Some(value) => {
                            let (block, var, ty) = (*block, *var, *ty);
                            let value = cast_scalar(&value, ty)
                                .map_err(|e| RuntimeError::new(e, Span::NONE))?;
                            if let (Some(a), VarRef::Local(i)) = (self.activations.last_mut(), var)
                                && let Some(slot) = a.locals.get_mut(i as usize)
                            {
                                *slot = value;
                            }
                            self.frames.push(Frame::Block { block, done: 0 });
                        }
                        None => {
                            self.frames.pop();
                        }
                    }
                }
                Frame::Block { block, done } | Frame::Body { block, done } => {
                    let items = &program.gate_blocks[*block as usize];
                    let Some(activation) = self.activations.last_mut() else {
                        self.frames.clear();
                        return Ok(None);
                    };
                    let at = if activation.inverse {
                        items.len().checked_sub(*done as usize + 1)
                    } else {
                        Some(*done as usize)
                    };
                    match at.and_then(|i| items.get(i)) {
                        Some((item, span)) => {
                            *done += 1;
                            budget.statement(*span)?;
                            if let Some(emitted) =
                                self.item(program, globals, budget, item, *span)?
                            {
                                return Ok(Some(emitted));
                            }
                        }
                        None if matches!(frame, Frame::Body { .. }) && activation.repeats > 0 => {
                            activation.repeats -= 1;
                            budget.statement(Span::NONE)?;
                            if let Some(Frame::Body { done, .. }) = self.frames.last_mut() {
                                *done = 0;
                            }
                        }
                        None => {
                            if matches!(self.frames.pop(), Some(Frame::Body { .. })) {
                                self.activations.pop();
                            }
                        }
                    }
                }
            }
        }
        Ok(None)
    }

    fn item(
        &mut self,
        program: &Program,
        globals: &[Slot],
        budget: &mut Budget,
        item: &GateItem,
        span: Span,
    ) -> Result<Option<Emitted>, RuntimeError> {
        let Some(activation) = self.activations.last() else { return Ok(None) };
        let scope = GateScope { activation, globals };
        match item {
            GateItem::Call(call) => {
                let resolved = resolve(program, call, &scope, span)?;
                let mut operands: SmallVec<[QubitList; 3]> = SmallVec::new();
                for o in &call.operands {
                    operands.push(evaluate_qubits(o, &scope)?);
                }
                let count = broadcast_count(&operands, span)?;
                if count != 1 {
                    let resolved = Box::new(resolved);
                    self.frames.push(Frame::Broadcast { resolved, operands, count, done: 0 });
                    return Ok(None);
                }
                let qubits: Qubits = operands.iter().map(|o| o.qubits[0]).collect();
                Ok(self.begin(program, globals, budget, &resolved, &qubits)?.map(Emitted::Unitary))
            }
            GateItem::Barrier(operands) => {
                let mut qubits = activation.qubits.to_vec();
                if !operands.is_empty() {
                    qubits = single_qubits(operands, &scope)?.into_vec();
                }
                Ok(Some(Emitted::Barrier(qubits)))
            }
            GateItem::Delay(delay) => {
                let (duration, operands) = &**delay;
                let value = evaluate(duration, &scope)?;
                let Value::Duration(duration) = value else {
                    let to = Scalar::Duration.into();
                    return Err(RuntimeError::new(ValueError::Cast { from: value.ty(), to }, span));
                };
                let mut qubits = activation.qubits.to_vec();
                if !operands.is_empty() {
                    qubits = single_qubits(operands, &scope)?.into_vec();
                }
                Ok(Some(Emitted::Delay(duration, qubits)))
            }
            GateItem::Nest(block) => {
                self.frames.push(Frame::Block { block: *block, done: 0 });
                Ok(None)
            }
            GateItem::If(condition, then, otherwise) => {
                let block =
                    if evaluate_condition(condition, &scope)? { Some(*then) } else { *otherwise };
                if let Some(block) = block {
                    self.frames.push(Frame::Block { block, done: 0 });
                }
                Ok(None)
            }
            GateItem::For(head, block) => {
                let (var, ty, over) = &**head;
                let values = values_of(over, &scope, activation.inverse, span)?;
                self.frames.push(Frame::Loop { values, var: *var, ty: *ty, block: *block });
                Ok(None)
            }
        }
    }
}

fn single_qubits<S: Scope>(operands: &[QubitExpr], scope: &S) -> Result<Qubits, RuntimeError> {
    let mut qubits = Qubits::new();
    for o in operands {
        qubits.extend(evaluate_qubits(o, scope)?.qubits);
    }
    Ok(qubits)
}

/// A gate of the table to a power. It keeps its name where it stays a gate of the table.
fn table_power(
    gate: Gate,
    params: &[f64],
    power: &Power,
    controls: Controls,
    own: &[Qubit],
) -> UnitaryInstruction {
    let mut step = match power {
        Power::Integer(1) => UnitaryInstruction::from_gate(gate, params, own),
        Power::Integer(-1) if let Some((inverse, params)) = gate.inverse(params) => {
            UnitaryInstruction::from_gate(inverse, &params, own)
        }
        _ => {
            let spec = gate.spec();
            let mut step = UnitaryInstruction::from_gate(gate, params, own);
            step.gate = None;
            step.matrix = GateMatrix::Dense(power.of_matrix((spec.base_matrix)(params)));
            step
        }
    };
    if !controls.is_empty() {
        step.controls.insert_many(0, controls);
    }
    step
}

/// The inverse of one step.
pub(crate) fn adjoint(step: &UnitaryInstruction) -> UnitaryInstruction {
    let matrix = match &step.matrix {
        GateMatrix::Dense(m) => GateMatrix::Dense(m.dagger()),
        GateMatrix::Diagonal(d) => GateMatrix::Diagonal(d.iter().map(Complex64::conj).collect()),
        GateMatrix::Permutation(map) => {
            let mut back = vec![0; map.len()];
            for (from, &to) in (0..).zip(map.iter()) {
                back[to as usize] = from;
            }
            GateMatrix::Permutation(back.into())
        }
    };
    // The name would promise the matrix of the table.
    UnitaryInstruction {
        gate: None,
        controls: step.controls.clone(),
        targets: step.targets.clone(),
        matrix,
    }
}

/// The matrix of a custom gate, its own modifiers left out.
fn matrix_of_custom(
    program: &Program,
    globals: &[Slot],
    budget: &mut Budget,
    resolved: &Resolved,
    own: &[Qubit],
) -> Result<Matrix, RuntimeError> {
    let bare = Resolved { controls: SmallVec::new(), power: Power::ONE, ..resolved.clone() };
    let mut expansion = Expansion::default();
    expansion.begin(program, globals, budget, &bare, own)?;
    let mut matrix = Matrix::identity(1 << own.len());
    while let Some(emitted) = expansion.next(program, globals, budget)? {
        if let Emitted::Unitary(step) = emitted {
            budget.operation(resolved.span)?;
            matrix = dense::matrix_of([&step], own).mul(&matrix);
        }
    }
    Ok(matrix)
}
