//! How much a program executes at least, counted before anything is expanded.
//!
//! A gate's cost is computed once, from those of the gates before it, in saturating arithmetic: a
//! definition that doubles itself sixty times is refused without being followed.

use super::compile::invalid;
use super::error::RuntimeError;
use crate::Circuit;
use crate::classical::index::range_last;
use crate::expr::{Expr, ExprKind, Iterable, UnaryOp};
use crate::operation::{Block, GateCall, GateRef, Modifier, StatementKind};

/// Lower bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cost {
    /// Quantum operations.
    pub operations: u64,
    /// Statements executed, those of gate bodies included.
    pub statements: u64,
}

impl Cost {
    fn plus(self, other: Self) -> Self {
        Self {
            operations: self.operations.saturating_add(other.operations),
            statements: self.statements.saturating_add(other.statements),
        }
    }

    fn times(self, factor: u128) -> Self {
        let by = u64::try_from(factor).unwrap_or(u64::MAX);
        Self {
            operations: self.operations.saturating_mul(by),
            statements: self.statements.saturating_mul(by),
        }
    }

    fn least(self, other: Self) -> Self {
        Self {
            operations: self.operations.min(other.operations),
            statements: self.statements.min(other.statements),
        }
    }
}

const STATEMENT: Cost = Cost { operations: 0, statements: 1 };
const OPERATION: Cost = Cost { operations: 1, statements: 1 };

/// Of the whole program. Refuses gates that call themselves or later ones.
pub(super) fn least(circuit: &Circuit) -> Result<Cost, RuntimeError> {
    let mut gates: Vec<Cost> = Vec::with_capacity(circuit.gates.len());
    for gate in &circuit.gates {
        let cost = match &gate.body {
            Some(body) => of_block(body, &gates)?.0,
            None => Cost::default(),
        };
        gates.push(cost);
    }
    for subroutine in &circuit.subroutines {
        if let Some(body) = &subroutine.body {
            of_block(body, &gates)?;
        }
    }
    Ok(of_block(&circuit.body, &gates)?.0)
}

/// Cost, and whether control may leave it early: then what follows counts for nothing.
fn of_block(block: &Block, gates: &[Cost]) -> Result<(Cost, bool), RuntimeError> {
    let mut sum = Cost::default();
    let mut may_leave = false;
    for statement in &block.statements {
        let (cost, leaves) = match &statement.kind {
            StatementKind::Gate(call) => {
                if let GateRef::Custom(id) = call.gate
                    && id.0 as usize >= gates.len()
                {
                    return invalid(
                        "a gate can only call gates that stand before it",
                        statement.span,
                    );
                }
                (of_call(call, gates), false)
            }
            StatementKind::Block(body) | StatementKind::Box { body, .. } => of_block(body, gates)?,
            StatementKind::If { then, otherwise, .. } => {
                let (a, x) = of_block(then, gates)?;
                let (b, y) = match otherwise {
                    Some(o) => of_block(o, gates)?,
                    None => Default::default(),
                };
                (a.least(b), x || y)
            }
            StatementKind::Switch { cases, default, .. } => {
                let (mut cost, mut leaves) = match default {
                    Some(d) => of_block(d, gates)?,
                    None => Default::default(),
                };
                for case in cases {
                    let (c, l) = of_block(&case.body, gates)?;
                    (cost, leaves) = (cost.least(c), leaves || l);
                }
                (cost, leaves)
            }
            StatementKind::While { body, .. } => (STATEMENT, of_block(body, gates)?.1),
            StatementKind::For { over, body, .. } => {
                let (cost, leaves) = of_block(body, gates)?;
                let count = if leaves { 0 } else { iterations(over) };
                (STATEMENT.plus(cost).times(count), leaves)
            }
            StatementKind::Break
            | StatementKind::Continue
            | StatementKind::End
            | StatementKind::Return(_) => (STATEMENT, true),
            StatementKind::Measure { .. } | StatementKind::Reset(_) => (OPERATION, false),
            StatementKind::Nop | StatementKind::Pragma(_) | StatementKind::Calibration(_) => {
                (Cost::default(), false)
            }
            _ => (STATEMENT, false),
        };
        if !may_leave {
            sum = sum.plus(cost);
        }
        may_leave |= leaves;
    }
    Ok((sum, may_leave))
}

fn of_call(call: &GateCall, gates: &[Cost]) -> Cost {
    let body = match call.gate {
        GateRef::Custom(id) => gates.get(id.0 as usize).copied().unwrap_or_default(),
        GateRef::Block(_) | GateRef::Prepare(_) | GateRef::PauliRotation(_) => return STATEMENT,
        _ => return OPERATION,
    };
    let mut factor: u128 = 1;
    for modifier in &call.modifiers {
        if let Modifier::Pow(exponent) = modifier {
            factor = match integer(exponent) {
                Some(n) => factor.saturating_mul(n.unsigned_abs()),
                None => 0,
            };
        }
    }
    STATEMENT.plus(body.times(factor))
}

fn integer(expr: &Expr) -> Option<i128> {
    match &expr.kind {
        ExprKind::Literal(v) => v.as_integer(),
        ExprKind::Unary(UnaryOp::Negate, x) => integer(x)?.checked_neg(),
        _ => None,
    }
}

fn iterations(over: &Iterable) -> u128 {
    match over {
        Iterable::Set(items) => items.len() as u128,
        Iterable::Value(_) => 0,
        Iterable::Range(range) => {
            let bound = |e: &Option<Expr>| e.as_ref().and_then(integer);
            let step = match &range.step {
                Some(s) => integer(s),
                None => Some(1),
            };
            let (Some(start), Some(step), Some(stop)) =
                (bound(&range.start), step, bound(&range.stop))
            else {
                return 0;
            };
            match range_last(start, step, stop) {
                Some(last) => {
                    let distance =
                        if step > 0 { last.wrapping_sub(start) } else { start.wrapping_sub(last) };
                    distance.cast_unsigned() / step.unsigned_abs() + 1
                }
                None => 0,
            }
        }
    }
}
