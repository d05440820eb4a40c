//! The loop of the machine: one operation of the linear code after the other, up to the next
//! quantum step.

use std::collections::VecDeque;
use std::sync::Arc;

use smallvec::SmallVec;

use super::compile::{MeasureTarget, Op, Program};
use super::error::{RuntimeError, RuntimeErrorKind};
use super::eval::{
    QubitList, Scope, evaluate, evaluate_as, evaluate_condition, evaluate_integer, evaluate_path,
    evaluate_qubits,
};
use super::expand::Emitted;
use super::resolve::{Resolved, broadcast_count, check_distinct, pick, resolve, values_of};
use super::scope::{BodyScope, fitting, masked, merged};
use super::state::{BitPlace, Content, Origin, Slot, size_of_type};
use super::{Machine, Step};
use crate::circuit::Role;
use crate::classical::cast::cast_scalar;
use crate::classical::index::{self, Selection};
use crate::classical::{Bits, Duration, Scalar, Type, Value, ValueError, ops};
use crate::expr::{BinaryOp, Expr, ExprKind, IndexItem, LValue, QubitExpr, VarRef};
use crate::span::Span;
use crate::{Qubit, UnitaryInstruction};

/// What the current operation still has to give.
#[derive(Debug, Clone, Default)]
pub(super) enum Pending {
    #[default]
    None,
    Queue(VecDeque<Step>),
    /// A gate applied once for each position of its register operands.
    Broadcast(Box<Broadcast>),
    Measuring(Box<Measuring>),
}

#[derive(Debug, Clone)]
pub(super) struct Broadcast {
    resolved: Resolved,
    operands: SmallVec<[QubitList; 3]>,
    count: usize,
    done: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measuring {
    qubits: QubitList,
    outcomes: SmallVec<[bool; 8]>,
    /// Records of the outcomes, while flattening.
    records: Vec<Option<u32>>,
    /// The step was given and its outcome is awaited.
    asked: bool,
    /// Where in the code the measurement stands.
    at: u32,
}

impl Measuring {
    /// Begins to keep records in the midst of it.
    pub(super) fn track(&mut self, tracking: &mut Tracking) {
        self.records = vec![None; self.outcomes.len()];
        if self.asked {
            self.records.push(Some(tracking.records));
            tracking.records += 1;
        }
    }

    pub(super) fn awaited(&self) -> Option<Qubit> {
        if self.asked { self.qubits.qubits.get(self.outcomes.len()).copied() } else { None }
    }
}

/// While a program is flattened.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tracking {
    /// Measurements so far.
    pub records: u32,
}

impl Machine {
    /// The next quantum step. Once [`Step::Done`] or an error has come, it comes again; only a
    /// missing outcome can still be given.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot be told outcomes")]
    pub fn next(&mut self) -> Result<Step, RuntimeError> {
        if let Some(error) = &self.failed {
            return Err((**error).clone());
        }
        let program = Arc::clone(&self.program);
        self.advance(&program).inspect_err(|error| {
            if error.kind != RuntimeErrorKind::OutcomeMissing {
                self.failed = Some(Box::new(error.clone()));
            }
        })
    }

    fn advance(&mut self, program: &Arc<Program>) -> Result<Step, RuntimeError> {
        loop {
            let before = (self.at as usize).checked_sub(1);
            let place =
                || before.and_then(|i| program.code.get(i)).map_or(Span::NONE, |(_, span)| *span);
            if let Some(step) = self.pending_step(program).map_err(|e| e.at(place()))? {
                return Ok(step);
            }
            let Some((op, span)) = program.code.get(self.at as usize) else {
                return Ok(Step::Done);
            };
            if matches!(op, Op::End) {
                return Ok(Step::Done);
            }
            self.budget.statement(*span)?;
            let at = self.at;
            self.at += 1;
            if let Op::Fixed(i) = op {
                self.budget.operation(*span)?;
                let gate = &program.fixed[*i as usize];
                return Ok(Step::Unitary(UnitaryInstruction::from_gate(
                    gate.gate,
                    &gate.params,
                    &gate.qubits,
                )));
            }
            self.execute(program, op, *span, at).map_err(|e| e.at(*span))?;
        }
    }

    /// The outcome of the measurement that [`Machine::next`] has just asked for. Without such a one
    /// nothing happens.
    pub fn provide(&mut self, outcome: bool) {
        if let Pending::Measuring(m) = &mut self.pending
            && m.asked
        {
            m.asked = false;
            m.outcomes.push(outcome);
        }
    }

    /// Where the statement stands that gave the last step.
    pub fn place(&self) -> Span {
        let before = (self.at as usize).checked_sub(1);
        before.and_then(|i| self.program.code.get(i)).map_or(Span::NONE, |(_, span)| *span)
    }

    pub(super) fn scope(&self, strict: bool) -> BodyScope<'_> {
        let locals = self.activations.last().map_or(&[][..], |a| &a.slots);
        BodyScope { program: &self.program, globals: &self.globals, locals, strict }
    }

    pub(super) fn slot_mut(&mut self, var: VarRef, span: Span) -> Result<&mut Slot, RuntimeError> {
        let slot = match var {
            VarRef::Global(i) => self.globals.get_mut(i as usize),
            VarRef::Local(i) => {
                self.activations.last_mut().and_then(|a| a.slots.get_mut(i as usize))
            }
        };
        slot.ok_or_else(|| RuntimeError::new(RuntimeErrorKind::Invalid("no such variable"), span))
    }

    /// What the operation before the current place still gives.
    fn pending_step(&mut self, program: &Arc<Program>) -> Result<Option<Step>, RuntimeError> {
        loop {
            if !self.expansion.is_empty()
                && let Some(emitted) =
                    self.expansion.next(program, &self.globals, &mut self.budget)?
            {
                return Ok(Some(match emitted {
                    Emitted::Unitary(u) => {
                        self.budget.operation(Span::NONE)?;
                        Step::Unitary(u)
                    }
                    Emitted::Barrier(qubits) => Step::Barrier { qubits },
                    Emitted::Delay(duration, qubits) => Step::Delay { duration, qubits },
                }));
            }
            match &mut self.pending {
                Pending::None => return Ok(None),
                Pending::Queue(steps) => {
                    if let Some(step) = steps.pop_front() {
                        self.budget.operation(Span::NONE)?;
                        return Ok(Some(step));
                    }
                    self.pending = Pending::None;
                }
                Pending::Broadcast(b) => {
                    if b.done == b.count {
                        self.pending = Pending::None;
                        continue;
                    }
                    let i = b.done;
                    b.done += 1;
                    let qubits = pick(&b.operands, i);
                    self.budget.statement(b.resolved.span)?;
                    if let Some(u) = self.expansion.begin(
                        program,
                        &self.globals,
                        &mut self.budget,
                        &b.resolved,
                        &qubits,
                    )? {
                        self.budget.operation(b.resolved.span)?;
                        return Ok(Some(Step::Unitary(u)));
                    }
                }
                Pending::Measuring(m) => {
                    if m.asked {
                        return Err(RuntimeError::new(
                            RuntimeErrorKind::OutcomeMissing,
                            Span::NONE,
                        ));
                    }
                    if let Some(&qubit) = m.qubits.qubits.get(m.outcomes.len()) {
                        m.asked = true;
                        if let Some(t) = &mut self.tracking {
                            m.records.push(Some(t.records));
                            t.records += 1;
                        }
                        self.budget.operation(Span::NONE)?;
                        return Ok(Some(Step::Measure { qubit }));
                    }
                    let Pending::Measuring(m) = std::mem::take(&mut self.pending) else { continue };
                    self.finish_measurement(program, *m)?;
                }
            }
        }
    }

    fn finish_measurement(
        &mut self,
        program: &Arc<Program>,
        m: Measuring,
    ) -> Result<(), RuntimeError> {
        let Some((Op::Measure(op), span)) = program.code.get(m.at as usize) else { return Ok(()) };
        let origin =
            if m.records.is_empty() { Origin::Fixed } else { Origin::Records(m.records.into()) };
        let value = match m.outcomes.as_slice() {
            [one] if m.qubits.single => Value::Bit(*one),
            all => Value::Bits(Bits::from_bools(all.iter().copied())),
        };
        match &op.1 {
            MeasureTarget::Nowhere => Ok(()),
            MeasureTarget::Temp(i) => {
                *self.slot_mut(VarRef::Local(*i), *span)? =
                    Slot { content: Content::Value(value), origin };
                Ok(())
            }
            MeasureTarget::Place(place) => self.store(place, &value, origin, *span),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each operation")]
    fn execute(
        &mut self,
        program: &Arc<Program>,
        op: &Op,
        span: Span,
        at: u32,
    ) -> Result<(), RuntimeError> {
        match op {
            Op::Fixed(_) | Op::End => Ok(()),
            Op::Gate(call) => {
                let scope = self.scope(true);
                let resolved = resolve(program, call, &scope, span)?;
                let mut operands: SmallVec<[QubitList; 3]> = SmallVec::new();
                for o in &call.operands {
                    operands.push(evaluate_qubits(o, &scope)?);
                }
                let count = broadcast_count(&operands, span)?;
                self.pending =
                    Pending::Broadcast(Box::new(Broadcast { resolved, operands, count, done: 0 }));
                Ok(())
            }
            Op::Measure(op) => self.begin_measurement(&op.0, &op.1, span, at),
            Op::Reset(qubits) => {
                let list = evaluate_qubits(qubits, &self.scope(true))?;
                let steps = list.qubits.iter().map(|&qubit| Step::Reset { qubit }).collect();
                self.pending = Pending::Queue(steps);
                Ok(())
            }
            Op::Barrier(operands) => {
                let qubits = self.all_qubits(operands)?;
                self.pending = Pending::Queue(VecDeque::from([Step::Barrier { qubits }]));
                Ok(())
            }
            Op::Delay(op) => {
                let duration = self.duration(&op.0)?;
                let qubits = self.all_qubits(&op.1)?;
                self.pending = Pending::Queue(VecDeque::from([Step::Delay { duration, qubits }]));
                Ok(())
            }
            Op::Noise(call) => self.noise(call, span),
            Op::Postselect(op) => self.postselect(&op.0, &op.1, span),
            Op::Jump(to) => {
                self.at = *to;
                Ok(())
            }
            Op::JumpIfFalse(condition, to) => {
                if !evaluate_condition(condition, &self.scope(true))? {
                    self.at = *to;
                }
                Ok(())
            }
            Op::Switch(table, default) => {
                let scope = self.scope(true);
                let value = evaluate_integer(&table.0, &scope)?;
                let mut to = *default;
                'cases: for (values, target) in &table.1 {
                    for v in values {
                        if evaluate_integer(v, &scope)? == value {
                            to = *target;
                            break 'cases;
                        }
                    }
                }
                self.at = to;
                Ok(())
            }
            Op::ForBegin(over) => {
                let values = values_of(over, &self.scope(true), false, span)?;
                if let Some(a) = self.activations.last_mut() {
                    a.loops.push(values);
                }
                Ok(())
            }
            Op::ForNext(var, ty, exit) => {
                let Some(a) = self.activations.last_mut() else { return Ok(()) };
                if let Some(value) = a.loops.last_mut().and_then(Iterator::next) {
                    let value = cast_scalar(&value, *ty).map_err(|e| RuntimeError::new(e, span))?;
                    *self.slot_mut(*var, span)? = Slot::of(value);
                } else {
                    a.loops.pop();
                    self.at = *exit;
                }
                Ok(())
            }
            Op::ForEnd => {
                if let Some(a) = self.activations.last_mut() {
                    a.loops.pop();
                }
                Ok(())
            }
            Op::Declare(op) => self.declare(program, op.0, &op.1, op.2.as_ref(), span),
            Op::Assign(op) => self.assign(&op.0, op.1, &op.2, span),
            Op::Call(call, result) => self.call(program, call, *result, span),
            Op::Return(value) => self.return_value(program, value.as_deref(), span),
            Op::Alias(op) => {
                let list = evaluate_qubits(&op.1, &self.scope(true))?;
                let content =
                    Content::Qubits { qubits: list.qubits.into_vec().into(), single: list.single };
                *self.slot_mut(op.0, span)? = Slot { content, origin: Origin::Fixed };
                Ok(())
            }
            Op::BitAlias(op) => {
                let mut places = Vec::new();
                for part in &op.1 {
                    places.extend(self.places(part)?);
                }
                *self.slot_mut(op.0, span)? =
                    Slot { content: Content::Bits(places.into()), origin: Origin::Fixed };
                Ok(())
            }
            Op::Eval(expr) => evaluate(expr, &self.scope(false)).map(|_| ()),
        }
    }

    /// Of all operands together; of all qubits where there are none.
    fn all_qubits(&self, operands: &[QubitExpr]) -> Result<Vec<Qubit>, RuntimeError> {
        if operands.is_empty() {
            return Ok((0..self.program.num_qubits).map(Qubit).collect());
        }
        let mut qubits = Vec::new();
        for o in operands {
            qubits.extend(evaluate_qubits(o, &self.scope(true))?.qubits);
        }
        Ok(qubits)
    }

    fn duration(&self, expr: &Expr) -> Result<Duration, RuntimeError> {
        match evaluate(expr, &self.scope(true))? {
            Value::Duration(d) => Ok(d),
            other => {
                let to = Scalar::Duration.into();
                Err(RuntimeError::new(ValueError::Cast { from: other.ty(), to }, expr.span))
            }
        }
    }

    fn begin_measurement(
        &mut self,
        qubits: &QubitExpr,
        target: &MeasureTarget,
        span: Span,
        at: u32,
    ) -> Result<(), RuntimeError> {
        let qubits = evaluate_qubits(qubits, &self.scope(true))?;
        check_distinct(&qubits.qubits, span)?;
        if let MeasureTarget::Place(place) = target
            && let Some(bits) = self.width_of(place)?
            && bits != qubits.qubits.len()
        {
            return Err(RuntimeError::new(
                RuntimeErrorKind::MeasureSize { qubits: qubits.qubits.len(), bits },
                span,
            ));
        }
        self.pending = Pending::Measuring(Box::new(Measuring {
            qubits,
            outcomes: SmallVec::new(),
            records: Vec::new(),
            asked: false,
            at,
        }));
        Ok(())
    }

    /// Number of bits that a place has; `None` for a place that is not bits.
    fn width_of(&self, place: &LValue) -> Result<Option<usize>, RuntimeError> {
        let scope = self.scope(true);
        let path = evaluate_path(place, &scope)?;
        let at = |e: ValueError| RuntimeError::new(e, place.span);
        let mut value = match scope.slot(place.var).map(|s| &s.content) {
            Some(Content::Bits(places)) => {
                Value::Bits(Bits::zeros(u32::try_from(places.len()).unwrap_or(u32::MAX)))
            }
            Some(Content::Value(v)) => v.clone(),
            _ => return Err(RuntimeError::new(RuntimeErrorKind::Undeclared, place.span)),
        };
        for indices in &path {
            value = index::index(&value, indices).map_err(at)?;
        }
        Ok(match value {
            Value::Bit(_) => Some(1),
            Value::Bits(b) => Some(b.len() as usize),
            _ => None,
        })
    }

    /// The bits that a place names.
    fn places(&self, part: &LValue) -> Result<Vec<BitPlace>, RuntimeError> {
        let scope = self.scope(true);
        let at = |e: ValueError| RuntimeError::new(e, part.span);
        let refuse = || RuntimeError::new(RuntimeErrorKind::AliasKind, part.span);
        let path = evaluate_path(part, &scope)?;
        let mut places: Vec<BitPlace> = match scope.slot(part.var).map(|s| &s.content) {
            Some(Content::Bits(places)) => places.to_vec(),
            Some(Content::Value(Value::Bit(_))) => vec![BitPlace { var: part.var, bit: None }],
            Some(Content::Value(Value::Bits(b))) => {
                (0..b.len()).map(|i| BitPlace { var: part.var, bit: Some(i) }).collect()
            }
            _ => return Err(refuse()),
        };
        for indices in &path {
            let [one] = indices.as_slice() else { return Err(refuse()) };
            let size = u32::try_from(places.len()).unwrap_or(u32::MAX);
            let selection = one.select(size).map_err(at)?;
            places = selection.positions().iter().map(|&p| places[p as usize]).collect();
        }
        Ok(places)
    }

    fn declare(
        &mut self,
        program: &Program,
        var: VarRef,
        ty: &Type,
        init: Option<&Expr>,
        span: Span,
    ) -> Result<(), RuntimeError> {
        if let VarRef::Global(i) = var
            && program.variables.get(i as usize).is_some_and(|v| v.role == Role::Input)
        {
            return Ok(());
        }
        if self.slot_mut(var, span)?.content == Content::Empty {
            self.budget.allocate(size_of_type(ty), span)?;
        }
        let slot = match init {
            None => Slot::of(Value::zero(ty)),
            Some(init) => {
                let scope = self.scope(false);
                let origin = self.origin_of(&scope, init);
                let value = masked(evaluate_as(init, ty, &scope), &origin, span)?;
                let origin = fitting(origin, &value);
                Slot { content: Content::Value(value), origin }
            }
        };
        *self.slot_mut(var, span)? = slot;
        Ok(())
    }

    pub(super) fn origin_of(&self, scope: &BodyScope<'_>, expr: &Expr) -> Origin {
        if self.tracking.is_none() { Origin::Fixed } else { scope.origin_of(expr) }
    }

    fn assign(
        &mut self,
        target: &LValue,
        op: Option<BinaryOp>,
        value: &Expr,
        span: Span,
    ) -> Result<(), RuntimeError> {
        let scope = self.scope(false);
        let mut origin = self.origin_of(&scope, value);
        let mut new = match &value.kind {
            // A list takes its shape from what it is assigned to.
            ExprKind::Array(_) if target.path.is_empty() => {
                let ty = scope.borrow(target.var).map(Value::ty);
                match ty {
                    Some(ty) => evaluate_as(value, &ty, &scope),
                    None => evaluate(value, &scope),
                }
            }
            _ => evaluate(value, &scope),
        };
        if let (Some(op), Ok(right)) = (op, &new) {
            let mut left =
                scope.load(target.var).map_err(|k| RuntimeError::new(k, target.span.or(span)))?;
            for indices in &evaluate_path(target, &scope)? {
                left = index::index(&left, indices)
                    .map_err(|e| RuntimeError::new(e, target.span.or(span)))?;
            }
            if origin != Origin::Fixed
                || self.tracking.is_some() && scope.origin(target.var) != Origin::Fixed
            {
                origin = Origin::Computed;
            }
            new = ops::binary(op, &left, right).map_err(|e| RuntimeError::new(e, span));
        }
        let new = masked(new, &origin, span)?;
        self.store(target, &new, origin, span)
    }

    /// Puts a value into a place, converted to its type.
    fn store(
        &mut self,
        target: &LValue,
        value: &Value,
        origin: Origin,
        span: Span,
    ) -> Result<(), RuntimeError> {
        let place = target.span.or(span);
        let path = evaluate_path(target, &self.scope(true)).map_err(|e| e.at(place))?;
        let tracking = self.tracking.is_some();
        let slot = self.slot_mut(target.var, place)?;
        match &mut slot.content {
            Content::Value(old) => {
                index::assign(old, &path, value).map_err(|e| RuntimeError::new(e, place))?;
                if tracking {
                    let old_origin = std::mem::take(&mut slot.origin);
                    slot.origin = merged(old_origin, slot.value(), &path, origin);
                }
                Ok(())
            }
            // A slot that the compiler made.
            Content::Empty if path.is_empty() => {
                *slot = Slot { content: Content::Value(value.clone()), origin };
                Ok(())
            }
            Content::Bits(places) => {
                let places = Arc::clone(places);
                let len = u32::try_from(places.len()).unwrap_or(u32::MAX);
                let chosen: Vec<BitPlace> = match path.as_slice() {
                    [] => places.to_vec(),
                    [indices] if indices.len() == 1 => {
                        let s: Selection =
                            indices[0].select(len).map_err(|e| RuntimeError::new(e, place))?;
                        s.positions().iter().map(|&p| places[p as usize]).collect()
                    }
                    _ => {
                        return Err(RuntimeError::new(
                            ValueError::NotIndexable(Scalar::Bit.into()),
                            place,
                        ));
                    }
                };
                let count = u32::try_from(chosen.len()).unwrap_or(u32::MAX);
                let ty = Scalar::Bits(count);
                let Value::Bits(bits) =
                    cast_scalar(value, ty).map_err(|e| RuntimeError::new(e, place))?
                else {
                    return Ok(());
                };
                for (i, (bit, value)) in chosen.iter().zip(bits.iter()).enumerate() {
                    let origin = match &origin {
                        Origin::Records(r) => match r.get(i).copied().flatten() {
                            Some(record) => Origin::Records([Some(record)].into()),
                            None => Origin::Fixed,
                        },
                        other => other.clone(),
                    };
                    let one = LValue {
                        var: bit.var,
                        path: bit
                            .bit
                            .map(|b| vec![IndexItem::Single(Expr::int(b.into()))])
                            .into_iter()
                            .collect(),
                        span: target.span,
                    };
                    self.store(&one, &Value::Bit(value), origin, span)?;
                }
                Ok(())
            }
            Content::Empty | Content::Qubits { .. } => {
                Err(RuntimeError::new(RuntimeErrorKind::Undeclared, place))
            }
        }
    }
}
