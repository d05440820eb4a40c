//! Conversions between types, written and implicit.

use circuit::classical::cast;
use circuit::{Expr, ExprKind, Scalar, Type, Value};

use crate::ast;
use crate::diagnostic::Diagnostic;
use crate::lower::Lowerer;
use crate::lower::symbol::Ty;
use crate::span::Span;

use super::{Typed, sample};

impl<'a> Lowerer<'a> {
    pub(super) fn cast(&mut self, ty: &'a ast::Type, inner: &'a ast::Expr, span: Span) -> Typed {
        let at = self.span(span);
        let inner = self.expr(inner);
        let Some(to) = self.variable_type(ty) else { return Typed::unknown(at) };
        if inner.is_unknown() {
            return Typed { ty: Ty::of(&to), ..Typed::unknown(at) };
        }
        let Some(value) = self.converted(&inner, &to, span) else {
            return Typed { ty: Ty::of(&to), ..Typed::unknown(at) };
        };
        let is_const = inner.is_const && value.is_some();
        // A literal of another type is a literal; angles and complex numbers have none.
        if is_const
            && matches!(inner.expr.kind, ExprKind::Literal(_))
            && let Some(
                v @ (Value::Int { .. }
                | Value::Uint { .. }
                | Value::Float(_)
                | Value::Bit(_)
                | Value::Bits(_)
                | Value::Bool(_)),
            ) = &value
            && to == v.ty()
        {
            return Typed::literal(v.clone(), at);
        }
        let ty = Ty::of(&to);
        Typed { expr: Expr::new(ExprKind::Cast(to, Box::new(inner.expr)), at), ty, value, is_const }
    }

    /// The value of `from` as a `to`, where it is known. `None` after an error.
    #[expect(clippy::option_option, reason = "an error, not known, known")]
    pub(in crate::lower) fn converted(
        &mut self,
        from: &Typed,
        to: &Type,
        span: Span,
    ) -> Option<Option<Value>> {
        if from.is_unknown() {
            return None;
        }
        if let Some(v) = &from.value {
            return if let Ok(v) = cast::cast(v, to) {
                Some(Some(v))
            } else {
                self.bad_conversion(span, &from.ty, to);
                None
            };
        }
        let fits = match (&from.ty, to) {
            (Ty::Scalar(a), Type::Scalar(b)) => cast::cast_scalar(&sample(*a), *b).is_ok(),
            (Ty::Array { dims, .. }, Type::Array(t)) => {
                dims.len() == t.dims.len()
                    && dims.iter().zip(&t.dims).all(|(a, b)| a.is_none_or(|a| a == *b))
            }
            _ => false,
        };
        if fits {
            return Some(None);
        }
        self.bad_conversion(span, &from.ty, to);
        None
    }

    fn bad_conversion(&mut self, span: Span, from: &Ty, to: &Type) {
        let mut d = Diagnostic::error(
            "bad_type",
            span,
            format!("a value of type `{from}` cannot become `{to}`"),
        );
        if let (Ty::Scalar(Scalar::Bits(a)), Type::Scalar(Scalar::Bits(b))) = (from, to) {
            d = d.help(format!("the number of bits must agree: {a} and {b}"));
        }
        self.report(d);
    }
}
