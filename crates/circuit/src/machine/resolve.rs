//! A gate call before it is expanded: parameters, modifiers and operands as values.

use std::sync::Arc;

use smallvec::SmallVec;

use super::blocks;
use super::compile::Program;
use super::error::{RuntimeError, RuntimeErrorKind};
use super::eval::{QubitList, Scope, elements_of, evaluate, evaluate_range, evaluate_real};
use super::power::{Exponent, Power};
use crate::Qubit;
use crate::classical::index::range_last;
use crate::classical::{Value, ValueError};
use crate::expr::{Expr, Iterable};
use crate::gate::Params;
use crate::operation::{GateCall, GateRef, Modifier};
use crate::span::Span;

/// Most controls that modifiers may state.
const MAX_CONTROLS: i128 = 1 << 16;

/// A gate call with its expressions evaluated.
#[derive(Debug, Clone)]
pub(super) struct Resolved {
    pub call: Arc<GateCall>,
    pub params: Params,
    /// For each control of the modifiers, in the order of the operands, whether it acts at 1.
    pub controls: SmallVec<[bool; 4]>,
    pub power: Power,
    pub span: Span,
}

/// Name for messages.
pub(super) fn gate_name(program: &Program, gate: &GateRef) -> String {
    match gate {
        GateRef::Table(g) => g.spec().name.into(),
        GateRef::GlobalPhase => "gphase".into(),
        GateRef::Custom(id) => {
            program.gates.get(id.0 as usize).map_or_else(String::new, |g| g.name.clone())
        }
        GateRef::Unitary(_) => "unitary".into(),
        GateRef::Diagonal(_) => "diagonal".into(),
        GateRef::Permutation(_) => "permutation".into(),
        GateRef::PauliRotation(_) => "pauli_rotation".into(),
        GateRef::Prepare(_) => "prepare".into(),
        GateRef::Block(_) => "block".into(),
    }
}

/// Parameters and qubits that a gate takes, without those of modifiers.
fn arity(program: &Program, gate: &GateRef) -> Result<(usize, usize), RuntimeErrorKind> {
    let log2 = |len: usize| len.trailing_zeros() as usize;
    Ok(match gate {
        GateRef::Table(g) => (g.spec().num_params(), g.spec().num_qubits()),
        GateRef::GlobalPhase => (1, 0),
        GateRef::Custom(id) => {
            let g = program
                .gates
                .get(id.0 as usize)
                .ok_or(RuntimeErrorKind::Invalid("no such gate"))?;
            (g.num_params, g.num_qubits)
        }
        GateRef::Unitary(m) => (0, m.num_qubits()),
        GateRef::Diagonal(d) => (0, log2(d.len())),
        GateRef::Permutation(map) => (0, log2(map.len())),
        GateRef::Prepare(amps) => (0, log2(amps.len())),
        GateRef::PauliRotation(paulis) => (1, paulis.len()),
        GateRef::Block(b) => (0, usize::try_from(blocks::width(b)).unwrap_or(usize::MAX)),
    })
}

/// Evaluates parameters and modifiers, and checks the number of operands.
pub(super) fn resolve<S: Scope + ?Sized>(
    program: &Program,
    call: &Arc<GateCall>,
    scope: &S,
    span: Span,
) -> Result<Resolved, RuntimeError> {
    let fail = |kind| Err(RuntimeError::new(kind, span));
    let name = || gate_name(program, &call.gate);
    let (num_params, num_qubits) =
        arity(program, &call.gate).map_err(|k| RuntimeError::new(k, span))?;
    if call.params.len() != num_params {
        return fail(RuntimeErrorKind::ParamCount {
            gate: name(),
            expected: num_params,
            found: call.params.len(),
        });
    }
    let mut params = Params::new();
    for p in &call.params {
        let value = evaluate_real(p, scope).map_err(|e| e.at(span))?;
        if !value.is_finite() {
            return Err(RuntimeError::new(
                RuntimeErrorKind::ParamNotFinite { gate: name(), value },
                p.span.or(span),
            ));
        }
        params.push(value);
    }
    let mut controls: SmallVec<[bool; 4]> = SmallVec::new();
    let mut power = Power::ONE;
    for modifier in &call.modifiers {
        if let Modifier::Ctrl(count) | Modifier::NegCtrl(count) = modifier {
            let on = matches!(modifier, Modifier::Ctrl(_));
            let n = match count {
                Some(e) => super::eval::evaluate_integer(e, scope).map_err(|e| e.at(span))?,
                None => 1,
            };
            if !(1..=MAX_CONTROLS).contains(&n) {
                return fail(RuntimeErrorKind::ControlCount(n));
            }
            controls.extend(std::iter::repeat_n(on, usize::try_from(n).unwrap_or(0)));
        }
    }
    for modifier in call.modifiers.iter().rev() {
        power = match modifier {
            Modifier::Inv => power.then(Exponent::Integer(-1)),
            Modifier::Pow(e) => power.then(exponent(e, scope).map_err(|e| e.at(span))?),
            Modifier::Ctrl(_) | Modifier::NegCtrl(_) => power,
        };
    }
    let expected = num_qubits.saturating_add(controls.len());
    if call.operands.len() != expected {
        return fail(RuntimeErrorKind::OperandCount {
            gate: name(),
            expected,
            found: call.operands.len(),
        });
    }
    Ok(Resolved { call: Arc::clone(call), params, controls, power, span })
}

fn exponent<S: Scope + ?Sized>(expr: &Expr, scope: &S) -> Result<Exponent, RuntimeError> {
    let value = evaluate(expr, scope)?;
    if let Some(i) = value.as_integer() {
        return Ok(Exponent::Integer(i));
    }
    let Some(x) = value.as_real() else {
        return Err(RuntimeError::new(ValueError::NotNumber(value.ty()), expr.span));
    };
    if !x.is_finite() {
        return Err(RuntimeError::new(RuntimeErrorKind::Exponent(x), expr.span));
    }
    // A whole number written as a float repeats too: exact, and possible at any width.
    #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
    if libm::trunc(x).to_bits() == x.to_bits() && x.abs() < 9e15 {
        return Ok(Exponent::Integer(x as i128));
    }
    Ok(Exponent::Real(x))
}

/// Refuses a qubit that stands twice.
pub(super) fn check_distinct(qubits: &[Qubit], span: Span) -> Result<(), RuntimeError> {
    let twice = if qubits.len() <= 8 {
        (1..qubits.len()).find(|&i| qubits[..i].contains(&qubits[i])).map(|i| qubits[i])
    } else {
        let mut sorted = qubits.to_vec();
        sorted.sort_unstable();
        sorted.windows(2).find(|w| w[0] == w[1]).map(|w| w[0])
    };
    match twice {
        Some(q) => Err(RuntimeError::new(RuntimeErrorKind::DuplicateQubit(q.0), span)),
        None => Ok(()),
    }
}

/// One qubit of each operand: of a register the one at `i`.
pub(super) fn pick(operands: &[QubitList], i: usize) -> SmallVec<[Qubit; 4]> {
    operands.iter().map(|o| if o.qubits.len() == 1 { o.qubits[0] } else { o.qubits[i] }).collect()
}

/// How often an operation is applied: the length of its register operands.
pub(super) fn broadcast_count(operands: &[QubitList], span: Span) -> Result<usize, RuntimeError> {
    let mut count = None;
    for o in operands {
        if o.single {
            continue;
        }
        match count {
            // A register of one qubit goes with any.
            None | Some(1) => count = Some(o.qubits.len()),
            Some(n) if n == o.qubits.len() => {}
            Some(_) if o.qubits.len() == 1 => {}
            Some(left) => {
                let right = o.qubits.len();
                return Err(RuntimeError::new(RuntimeErrorKind::Broadcast { left, right }, span));
            }
        }
    }
    Ok(count.unwrap_or(1))
}

/// Values of an iteration to come.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    Range { next: i128, step: i128, left: u128 },
    List { values: Arc<[Value]>, done: usize, backwards: bool },
}

impl Iterator for Values {
    type Item = Value;

    fn next(&mut self) -> Option<Value> {
        match self {
            Self::Range { next, step, left } => {
                *left = left.checked_sub(1)?;
                let value = *next;
                *next = next.wrapping_add(*step);
                Some(Value::Int { width: 128, value })
            }
            Self::List { values, done, backwards } => {
                let i = if *backwards { values.len().checked_sub(*done + 1)? } else { *done };
                *done += 1;
                values.get(i).cloned()
            }
        }
    }
}

/// What a loop runs over.
pub(super) fn values_of<S: Scope + ?Sized>(
    over: &Iterable,
    scope: &S,
    backwards: bool,
    span: Span,
) -> Result<Values, RuntimeError> {
    Ok(match over {
        Iterable::Range(range) => {
            let (Some(start), step, Some(stop)) = evaluate_range(range, scope)? else {
                return Err(RuntimeError::new(
                    RuntimeErrorKind::Invalid("a range to loop over has two ends"),
                    span,
                ));
            };
            match range_last(start, step, stop) {
                None => Values::Range { next: start, step, left: 0 },
                Some(last) => {
                    let distance =
                        if step > 0 { last.wrapping_sub(start) } else { start.wrapping_sub(last) };
                    let left = (distance.cast_unsigned() / step.unsigned_abs()).saturating_add(1);
                    if backwards {
                        Values::Range { next: last, step: step.wrapping_neg(), left }
                    } else {
                        Values::Range { next: start, step, left }
                    }
                }
            }
        }
        Iterable::Set(items) => {
            let values =
                items.iter().map(|e| evaluate(e, scope)).collect::<Result<Arc<[Value]>, _>>()?;
            Values::List { values, done: 0, backwards }
        }
        Iterable::Value(e) => {
            let values = elements_of(&evaluate(e, scope)?, e.span.or(span))?.into();
            Values::List { values, done: 0, backwards }
        }
    })
}
