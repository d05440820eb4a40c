//! Operators with one and with two operands.

use circuit::classical::{ValueError, ops};
use circuit::{BinaryOp, Expr, ExprKind, Scalar, UnaryOp, Value};

use crate::ast::{self, BinOp, UnOp};
use crate::diagnostic::Diagnostic;
use crate::lower::Lowerer;
use crate::lower::symbol::Ty;
use crate::span::Span;

use super::Typed;

impl<'a> Lowerer<'a> {
    pub(super) fn unary(&mut self, op: UnOp, inner: &'a ast::Expr, span: Span) -> Typed {
        let inner = self.expr(inner);
        let op = match op {
            UnOp::Neg => UnaryOp::Negate,
            UnOp::BitNot => UnaryOp::BitNot,
            UnOp::Not => UnaryOp::Not,
        };
        let at = self.span(span);
        if inner.is_unknown() {
            return Typed::unknown(at);
        }
        let value = match &inner.value {
            None => None,
            Some(v) => match ops::unary(op, v) {
                Ok(v) => Some(v),
                Err(e) => {
                    self.value_error(span, &e);
                    return Typed::unknown(at);
                }
            },
        };
        let ty = match (&value, inner.ty.scalar()) {
            (Some(v), _) => Ty::of(&v.ty()),
            (None, Some(s)) => {
                if let Some(t) = ops::unary_type(op, s) {
                    Ty::Scalar(t)
                } else {
                    self.bad_operands(span, unary_text(op), &inner.ty, None);
                    return Typed::unknown(at);
                }
            }
            (None, None) => {
                self.bad_operands(span, unary_text(op), &inner.ty, None);
                return Typed::unknown(at);
            }
        };
        let is_const = inner.is_const && value.is_some();
        // A negative number is a number.
        if is_const
            && op == UnaryOp::Negate
            && matches!(inner.expr.kind, ExprKind::Literal(_))
            && let Some(value) = value
        {
            return Typed::literal(value, at);
        }
        Typed {
            expr: Expr::new(ExprKind::Unary(op, Box::new(inner.expr)), at),
            ty,
            value,
            is_const,
        }
    }

    fn bad_operands(&mut self, span: Span, op: &str, left: &Ty, right: Option<&Ty>) {
        let message = match right {
            Some(right) => format!("`{op}` is not defined for `{left}` and `{right}`"),
            None => format!("`{op}` is not defined for `{left}`"),
        };
        let mut d = Diagnostic::error("bad_type", span, message);
        if let (Ty::Scalar(Scalar::Bits(a)), Some(Ty::Scalar(Scalar::Bits(b)))) = (left, right)
            && a != b
        {
            d = d.help("both sides must have the same number of bits");
        }
        self.report(d);
    }

    pub(super) fn binary(
        &mut self,
        op: BinOp,
        left: &'a ast::Expr,
        right: &'a ast::Expr,
        span: Span,
    ) -> Typed {
        let left = self.expr(left);
        let right = self.expr(right);
        self.combine(op, left, right, span)
    }

    pub(in crate::lower) fn combine(
        &mut self,
        op: BinOp,
        left: Typed,
        right: Typed,
        span: Span,
    ) -> Typed {
        let at = self.span(span);
        if left.is_unknown() || right.is_unknown() {
            return Typed::unknown(at);
        }
        let op = binary_op(op);
        let divides = matches!(op, BinaryOp::Div | BinaryOp::Mod);
        if divides && left.value.is_none() && right.value.as_ref().is_some_and(is_zero) {
            self.value_error(span, &ValueError::DivisionByZero);
            return Typed::unknown(at);
        }
        let value = match (&left.value, &right.value) {
            (Some(a), Some(b)) => match ops::binary(op, a, b) {
                Ok(v) => Some(v),
                Err(ValueError::BinaryTypes { .. }) => {
                    self.bad_operands(span, op.symbol(), &left.ty, Some(&right.ty));
                    return Typed::unknown(at);
                }
                Err(e) => {
                    self.value_error(span, &e);
                    return Typed::unknown(at);
                }
            },
            _ => None,
        };
        let ty = match (&value, left.ty.scalar(), right.ty.scalar()) {
            (Some(v), ..) => Ty::of(&v.ty()),
            // The result depends on the sign of the exponent: an integer, or a float.
            (None, Some(Scalar::Int(_) | Scalar::Uint(_)), Some(Scalar::Int(_)))
                if op == BinaryOp::Pow && right.value.is_none() =>
            {
                left.ty.clone()
            }
            (None, Some(a), Some(b)) => {
                if let Some(t) = ops::binary_type(op, a, b) {
                    Ty::Scalar(t)
                } else {
                    self.bad_operands(span, op.symbol(), &left.ty, Some(&right.ty));
                    return Typed::unknown(at);
                }
            }
            _ => {
                self.bad_operands(span, op.symbol(), &left.ty, Some(&right.ty));
                return Typed::unknown(at);
            }
        };
        let is_const = left.is_const && right.is_const && value.is_some();
        Typed {
            expr: Expr::new(ExprKind::Binary(op, Box::new((left.expr, right.expr))), at),
            ty,
            value,
            is_const,
        }
    }
}

fn binary_op(op: BinOp) -> BinaryOp {
    match op {
        BinOp::Pow => BinaryOp::Pow,
        BinOp::Mul => BinaryOp::Mul,
        BinOp::Div => BinaryOp::Div,
        BinOp::Rem => BinaryOp::Mod,
        BinOp::Add => BinaryOp::Add,
        BinOp::Sub => BinaryOp::Sub,
        BinOp::Shl => BinaryOp::Shl,
        BinOp::Shr => BinaryOp::Shr,
        BinOp::Lt => BinaryOp::Lt,
        BinOp::Gt => BinaryOp::Gt,
        BinOp::Le => BinaryOp::Le,
        BinOp::Ge => BinaryOp::Ge,
        BinOp::Eq => BinaryOp::Eq,
        BinOp::Ne => BinaryOp::Ne,
        BinOp::BitAnd => BinaryOp::BitAnd,
        BinOp::BitXor => BinaryOp::BitXor,
        BinOp::BitOr => BinaryOp::BitOr,
        BinOp::And => BinaryOp::And,
        BinOp::Or => BinaryOp::Or,
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Float(f) => *f == 0.0,
        Value::Int { .. } | Value::Uint { .. } => value.as_integer() == Some(0),
        _ => false,
    }
}

fn unary_text(op: UnaryOp) -> &'static str {
    match op {
        UnaryOp::Negate => "-",
        UnaryOp::Not => "!",
        UnaryOp::BitNot => "~",
    }
}
