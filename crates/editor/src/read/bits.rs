//! Classical bits: targets of measurements and conditions.

use circuit::{BinaryOp, Clbit, Expr, ExprKind, LValue, Scalar, UnaryOp};

use super::{Reader, integer, pick};
use crate::document::Condition;

impl Reader<'_> {
    /// The bits that are assigned to.
    pub(super) fn target(&self, target: &LValue) -> Option<Vec<Clbit>> {
        let bits = self.bits_of(target.var)?;
        let all: Vec<Clbit> = (bits.first..bits.first + bits.size).map(Clbit).collect();
        match target.path.as_slice() {
            [] => Some(all),
            [items] => match items.as_slice() {
                [item] => pick(&all, item),
                _ => None,
            },
            _ => None,
        }
    }

    /// A condition that can be drawn: on one bit, or on the value of a register.
    pub(super) fn condition(&self, expr: &Expr) -> Option<Condition> {
        match &expr.kind {
            ExprKind::Unary(UnaryOp::Not, inner) => {
                Some(Condition::Bit { clbit: self.bit(inner)?, value: false })
            }
            ExprKind::Binary(op @ (BinaryOp::Eq | BinaryOp::Ne), sides) => {
                let (left, right) = &**sides;
                let (side, value) = match (constant(left), constant(right)) {
                    (None, Some(value)) => (left, value),
                    (Some(value), None) => (right, value),
                    _ => return None,
                };
                let equal = *op == BinaryOp::Eq;
                if let Some(clbit) = self.bit(side) {
                    return (value <= 1)
                        .then_some(Condition::Bit { clbit, value: (value == 1) == equal });
                }
                let register = self.register(side)?;
                equal.then_some(Condition::Register { register, value })
            }
            _ => Some(Condition::Bit { clbit: self.bit(expr)?, value: true }),
        }
    }

    fn bit(&self, expr: &Expr) -> Option<Clbit> {
        match &expr.kind {
            ExprKind::Variable(var) => {
                let bits = self.bits_of(*var)?;
                bits.single.then_some(Clbit(bits.first))
            }
            ExprKind::Index(base, items) => {
                let (ExprKind::Variable(var), [item @ circuit::IndexItem::Single(_)]) =
                    (&base.kind, items.as_slice())
                else {
                    return None;
                };
                let bits = self.bits_of(*var)?;
                let all: Vec<Clbit> = (bits.first..bits.first + bits.size).map(Clbit).collect();
                pick(&all, item)?.first().copied()
            }
            // `bool(c[0])` asks the same as `c[0]`.
            ExprKind::Cast(ty, inner)
                if matches!(ty.scalar(), Some(Scalar::Bool | Scalar::Bit)) =>
            {
                self.bit(inner)
            }
            _ => None,
        }
    }

    fn register(&self, expr: &Expr) -> Option<u32> {
        match &expr.kind {
            ExprKind::Variable(var) => {
                let bits = self.bits_of(*var)?;
                (!bits.single).then_some(bits.register)
            }
            ExprKind::Cast(ty, inner) => {
                let register = self.register(inner)?;
                let size = self.header().clbits.get(register as usize)?.size;
                // A cast that loses no bit and makes no sign.
                let same = match ty.scalar()? {
                    Scalar::Uint(width) => width >= size,
                    Scalar::Int(width) => width > size,
                    _ => false,
                };
                same.then_some(register)
            }
            _ => None,
        }
    }
}

/// A constant that bits are compared with.
fn constant(expr: &Expr) -> Option<u64> {
    match expr.as_literal() {
        Some(value) => u64::try_from(value.as_integer()?).ok(),
        None => u64::try_from(integer(expr)?).ok(),
    }
}
