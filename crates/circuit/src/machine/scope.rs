//! What expressions of a body see, and where values come from.
//!
//! While a program is flattened, no outcome is known: each value carries its [`Origin`], so that
//! what is measured can be followed into the classical bits, and anything that would depend on it is
//! refused.

use super::compile::Program;
use super::error::{RuntimeError, RuntimeErrorKind};
use super::eval::{QubitList, Scope};
use super::state::{BitPlace, Content, Origin, Slot};
use crate::Qubit;
use crate::classical::index::{self, Index};
use crate::classical::{Bits, Scalar, Type, Value};
use crate::expr::{Expr, ExprKind, IndexItem, QubitExprKind, VarRef};
use crate::span::Span;
use smallvec::SmallVec;

/// What expressions of the current body see. A strict scope refuses variables that depend on the
/// outcome of a measurement; unless a program is being flattened there are none.
pub(super) struct BodyScope<'a> {
    pub program: &'a Program,
    pub globals: &'a [Slot],
    pub locals: &'a [Slot],
    pub strict: bool,
}

impl BodyScope<'_> {
    pub fn slot(&self, var: VarRef) -> Option<&Slot> {
        match var {
            VarRef::Global(i) => self.globals.get(i as usize),
            VarRef::Local(i) => self.locals.get(i as usize),
        }
    }

    fn bit(&self, place: BitPlace) -> Option<bool> {
        match (self.slot(place.var)?.value()?, place.bit) {
            (Value::Bit(b), None) => Some(*b),
            (value, bit) => {
                match index::index(value, &[Index::Single(bit.unwrap_or(0).into())]).ok()? {
                    Value::Bit(b) => Some(b),
                    _ => None,
                }
            }
        }
    }

    pub fn origin(&self, var: VarRef) -> Origin {
        let Some(slot) = self.slot(var) else { return Origin::Fixed };
        let Content::Bits(places) = &slot.content else { return slot.origin.clone() };
        let mut records = Vec::with_capacity(places.len());
        for place in places.iter() {
            match self.slot(place.var).map(|s| &s.origin) {
                None | Some(Origin::Fixed) => records.push(None),
                Some(Origin::Computed) => return Origin::Computed,
                Some(Origin::Records(r)) => {
                    records.push(r.get(place.bit.unwrap_or(0) as usize).copied().flatten());
                }
            }
        }
        if records.iter().all(Option::is_none) {
            Origin::Fixed
        } else {
            Origin::Records(records.into())
        }
    }

    /// Of the value of `expr`: single bits are followed through variables, indices and casts.
    pub fn origin_of(&self, expr: &Expr) -> Origin {
        let computed = |fixed: bool| if fixed { Origin::Fixed } else { Origin::Computed };
        let all = |es: &[Expr]| es.iter().all(|e| self.origin_of(e) == Origin::Fixed);
        match &expr.kind {
            ExprKind::Literal(_)
            | ExprKind::DurationOf(_)
            | ExprKind::SizeOf(..)
            | ExprKind::SizeOfQubits(_) => Origin::Fixed,
            ExprKind::Variable(var) => self.origin(*var),
            ExprKind::Cast(ty, x) => match (self.origin_of(x), ty) {
                (Origin::Records(r), Type::Scalar(Scalar::Bit | Scalar::Bool)) if r.len() == 1 => {
                    Origin::Records(r)
                }
                (Origin::Records(r), Type::Scalar(Scalar::Bits(n))) if r.len() == *n as usize => {
                    Origin::Records(r)
                }
                (Origin::Fixed, _) => Origin::Fixed,
                _ => Origin::Computed,
            },
            ExprKind::Unary(_, x) => computed(self.origin_of(x) == Origin::Fixed),
            ExprKind::Binary(_, sides) => computed(
                self.origin_of(&sides.0) == Origin::Fixed
                    && self.origin_of(&sides.1) == Origin::Fixed,
            ),
            ExprKind::Concat(es) | ExprKind::Array(es) | ExprKind::Builtin(_, es) => {
                computed(all(es))
            }
            ExprKind::Index(base, items) => {
                let fixed = items.iter().all(|item| match item {
                    IndexItem::Single(e) => self.origin_of(e) == Origin::Fixed,
                    IndexItem::Range(r) => [&r.start, &r.step, &r.stop]
                        .into_iter()
                        .flatten()
                        .all(|e| self.origin_of(e) == Origin::Fixed),
                    IndexItem::Set(es) => all(es),
                });
                match self.origin_of(base) {
                    origin if !fixed || origin == Origin::Computed => Origin::Computed,
                    Origin::Records(r) => {
                        let size = u32::try_from(r.len()).unwrap_or(u32::MAX);
                        let selection = match super::eval::evaluate_items(items, self).as_deref() {
                            Ok([one]) => one.select(size),
                            _ => return Origin::Computed,
                        };
                        match selection {
                            Ok(s) => Origin::Records(
                                s.positions().iter().map(|&p| r[p as usize]).collect(),
                            ),
                            Err(_) => Origin::Computed,
                        }
                    }
                    _ => Origin::Fixed,
                }
            }
            ExprKind::Call(_) | ExprKind::Measure(_) => Origin::Computed,
        }
    }
}

impl Scope for BodyScope<'_> {
    fn load(&self, var: VarRef) -> Result<Value, RuntimeErrorKind> {
        let slot = self.slot(var).ok_or(RuntimeErrorKind::Undeclared)?;
        if self.strict && self.origin(var) != Origin::Fixed {
            return Err(RuntimeErrorKind::DependsOnOutcome);
        }
        match &slot.content {
            Content::Value(v) => Ok(v.clone()),
            Content::Bits(places) => {
                let bits: Option<Vec<bool>> = places.iter().map(|&p| self.bit(p)).collect();
                Ok(Value::Bits(Bits::from_bools(
                    bits.ok_or(RuntimeErrorKind::Undeclared)?.into_iter(),
                )))
            }
            Content::Empty | Content::Qubits { .. } => Err(RuntimeErrorKind::Undeclared),
        }
    }

    fn borrow(&self, var: VarRef) -> Option<&Value> {
        self.slot(var).filter(|s| !self.strict || s.origin == Origin::Fixed).and_then(Slot::value)
    }

    fn num_qubits(&self) -> u32 {
        self.program.num_qubits
    }

    fn qubits(&self, base: &QubitExprKind) -> Result<QubitList, RuntimeErrorKind> {
        match base {
            QubitExprKind::Register(id) => {
                let r = self.program.registers.get(id.0 as usize);
                let r = r.ok_or(RuntimeErrorKind::Invalid("no such register"))?;
                let qubits = (r.first.0..r.first.0 + r.size).map(Qubit).collect();
                Ok(QubitList { qubits, single: r.single })
            }
            QubitExprKind::Variable(var) => match self.slot(*var).map(|s| &s.content) {
                Some(Content::Qubits { qubits, single }) => {
                    Ok(QubitList { qubits: SmallVec::from_slice(qubits), single: *single })
                }
                _ => Err(RuntimeErrorKind::Undeclared),
            },
            _ => Err(RuntimeErrorKind::Invalid("qubit arguments belong to the body of a gate")),
        }
    }
}

/// Errors at a value that was not measured, only supposed, are no errors of the program.
pub(super) fn masked<T>(
    result: Result<T, RuntimeError>,
    origin: &Origin,
    span: Span,
) -> Result<T, RuntimeError> {
    match result {
        Err(_) if *origin != Origin::Fixed => {
            Err(RuntimeError::new(RuntimeErrorKind::DependsOnOutcome, span))
        }
        other => other,
    }
}

/// The origin of a whole variable that now holds `value`.
pub(super) fn fitting(origin: Origin, value: &Value) -> Origin {
    match (origin, value) {
        (Origin::Records(r), Value::Bit(_) | Value::Bool(_)) if r.len() == 1 => Origin::Records(r),
        (Origin::Records(r), Value::Bits(b)) if r.len() == b.len() as usize => Origin::Records(r),
        (Origin::Fixed, _) => Origin::Fixed,
        _ => Origin::Computed,
    }
}

/// The origin of a variable after part of it was written.
pub(super) fn merged(
    old: Origin,
    value: Option<&Value>,
    path: &[Vec<Index>],
    new: Origin,
) -> Origin {
    let Some(value) = value else { return new };
    match (path, value) {
        ([], _) => fitting(new, value),
        _ if old == Origin::Fixed && new == Origin::Fixed => Origin::Fixed,
        ([indices], Value::Bits(bits)) if indices.len() == 1 => {
            let mut records = match old {
                Origin::Fixed => vec![None; bits.len() as usize],
                Origin::Records(r) => r.to_vec(),
                Origin::Computed => return Origin::Computed,
            };
            let Ok(selection) = indices[0].select(bits.len()) else { return Origin::Computed };
            let positions = selection.positions();
            match new {
                Origin::Fixed => positions.iter().for_each(|&p| records[p as usize] = None),
                Origin::Records(r) if r.len() == positions.len() => {
                    positions.iter().zip(r.iter()).for_each(|(&p, r)| records[p as usize] = *r);
                }
                _ => return Origin::Computed,
            }
            if records.iter().all(Option::is_none) {
                Origin::Fixed
            } else {
                Origin::Records(records.into())
            }
        }
        _ => Origin::Computed,
    }
}
