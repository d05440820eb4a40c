//! Takes calls and measurements out of expressions.
//!
//! Each becomes an operation of its own, in the order of evaluation, that leaves its result in a
//! slot; what remains of the expression is pure.

use super::compile::{Compiler, MeasureTarget, Op};
use crate::classical::Scalar;
use crate::expr::{
    Argument, BinaryOp, Call, Expr, ExprKind, IndexItem, Iterable, LValue, QubitExpr,
    QubitExprKind, RangeExpr, UnaryOp, VarRef,
};
use crate::operation::GateCall;
use crate::span::Span;

impl Compiler<'_> {
    pub(super) fn pure_call(&mut self, call: &GateCall) -> GateCall {
        let mut call = call.clone();
        for p in &mut call.params {
            *p = self.pure(p);
        }
        for o in &mut call.operands {
            *o = self.pure_qubits(o);
        }
        call
    }

    pub(super) fn pure_arguments(&mut self, call: &Call) -> Call {
        let args = call
            .args
            .iter()
            .map(|a| match a {
                Argument::Value(e) => Argument::Value(self.pure(e)),
                Argument::Qubits(q) => Argument::Qubits(self.pure_qubits(q)),
                Argument::Reference(l) => Argument::Reference(self.pure_place(l)),
            })
            .collect();
        Call { subroutine: call.subroutine, args, span: call.span }
    }

    pub(super) fn pure_place(&mut self, place: &LValue) -> LValue {
        let path = place.path.iter().map(|items| self.pure_items(items)).collect();
        LValue { var: place.var, path, span: place.span }
    }

    pub(super) fn pure_items(&mut self, items: &[IndexItem]) -> Vec<IndexItem> {
        items
            .iter()
            .map(|item| match item {
                IndexItem::Single(e) => IndexItem::Single(self.pure(e)),
                IndexItem::Range(r) => IndexItem::Range(Box::new(self.pure_range(r))),
                IndexItem::Set(es) => IndexItem::Set(es.iter().map(|e| self.pure(e)).collect()),
            })
            .collect()
    }

    pub(super) fn pure_range(&mut self, range: &RangeExpr) -> RangeExpr {
        RangeExpr {
            start: range.start.as_ref().map(|e| self.pure(e)),
            step: range.step.as_ref().map(|e| self.pure(e)),
            stop: range.stop.as_ref().map(|e| self.pure(e)),
            span: range.span,
        }
    }

    pub(super) fn pure_iterable(&mut self, over: &Iterable) -> Iterable {
        match over {
            Iterable::Range(r) => Iterable::Range(Box::new(self.pure_range(r))),
            Iterable::Set(es) => Iterable::Set(es.iter().map(|e| self.pure(e)).collect()),
            Iterable::Value(e) => Iterable::Value(self.pure(e)),
        }
    }

    pub(super) fn pure_qubits(&mut self, qubits: &QubitExpr) -> QubitExpr {
        let kind = match &qubits.kind {
            QubitExprKind::Index(base, items) => {
                QubitExprKind::Index(Box::new(self.pure_qubits(base)), self.pure_items(items))
            }
            QubitExprKind::Concat(parts) => {
                QubitExprKind::Concat(parts.iter().map(|p| self.pure_qubits(p)).collect())
            }
            other => other.clone(),
        };
        QubitExpr::new(kind, qubits.span)
    }

    /// `expr` with every call and measurement replaced by the slot that holds its result.
    pub(super) fn pure(&mut self, expr: &Expr) -> Expr {
        if is_pure(expr) {
            return expr.clone();
        }
        let span = expr.span;
        let kind = match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Variable(_) | ExprKind::DurationOf(_) => {
                expr.kind.clone()
            }
            ExprKind::Unary(op, x) => ExprKind::Unary(*op, Box::new(self.pure(x))),
            ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), sides) => {
                return self.short_circuit(*op, &sides.0, &sides.1, span);
            }
            ExprKind::Binary(op, sides) => {
                let left = self.pure(&sides.0);
                // What the right side does must not change what the left side has read.
                let left = if is_pure(&sides.1) { left } else { self.spill(left) };
                ExprKind::Binary(*op, Box::new((left, self.pure(&sides.1))))
            }
            ExprKind::Cast(ty, x) => ExprKind::Cast(ty.clone(), Box::new(self.pure(x))),
            ExprKind::Index(base, items) => {
                ExprKind::Index(Box::new(self.pure(base)), self.pure_items(items))
            }
            ExprKind::Concat(parts) => {
                ExprKind::Concat(parts.iter().map(|p| self.pure(p)).collect())
            }
            ExprKind::Array(items) => ExprKind::Array(items.iter().map(|p| self.pure(p)).collect()),
            ExprKind::Builtin(f, args) => {
                ExprKind::Builtin(*f, args.iter().map(|a| self.pure(a)).collect())
            }
            ExprKind::SizeOf(x, d) => {
                ExprKind::SizeOf(Box::new(self.pure(x)), d.as_ref().map(|d| Box::new(self.pure(d))))
            }
            ExprKind::SizeOfQubits(q) => ExprKind::SizeOfQubits(Box::new(self.pure_qubits(q))),
            ExprKind::Call(call) => {
                let call = self.pure_arguments(call);
                let temp = self.temp();
                self.push(Op::Call(Box::new(call), Some(temp)), span);
                ExprKind::Variable(VarRef::Local(temp))
            }
            ExprKind::Measure(qubits) => {
                let qubits = self.pure_qubits(qubits);
                let temp = self.temp();
                self.push(Op::Measure(Box::new((qubits, MeasureTarget::Temp(temp)))), span);
                ExprKind::Variable(VarRef::Local(temp))
            }
        };
        Expr::new(kind, span)
    }

    /// The value of `expr` now, in a slot.
    fn spill(&mut self, expr: Expr) -> Expr {
        if matches!(expr.kind, ExprKind::Literal(_) | ExprKind::Variable(VarRef::Local(_))) {
            return expr;
        }
        let (span, temp) = (expr.span, self.temp());
        let place = LValue::var(VarRef::Local(temp));
        self.push(Op::Assign(Box::new((place, None, expr))), span);
        Expr::new(ExprKind::Variable(VarRef::Local(temp)), span)
    }

    fn short_circuit(&mut self, op: BinaryOp, left: &Expr, right: &Expr, span: Span) -> Expr {
        let bool_of = |e: Expr| Expr::cast(Scalar::Bool, e);
        let place = |temp| LValue::var(VarRef::Local(temp));
        let left = self.pure(left);
        let temp = self.temp();
        self.push(Op::Assign(Box::new((place(temp), None, bool_of(left)))), span);
        let read = Expr::new(ExprKind::Variable(VarRef::Local(temp)), span);
        let goes_on = if op == BinaryOp::And {
            read.clone()
        } else {
            Expr::unary(UnaryOp::Not, read.clone())
        };
        let skip = self.push(Op::JumpIfFalse(Box::new(goes_on), 0), span);
        let right = self.pure(right);
        self.push(Op::Assign(Box::new((place(temp), None, bool_of(right)))), span);
        self.land(skip);
        read
    }
}

/// Whether neither a call nor a measurement stands in it.
fn is_pure(expr: &Expr) -> bool {
    let all = |es: &[Expr]| es.iter().all(is_pure);
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Variable(_) | ExprKind::DurationOf(_) => true,
        ExprKind::Unary(_, x) | ExprKind::Cast(_, x) => is_pure(x),
        ExprKind::Binary(_, sides) => is_pure(&sides.0) && is_pure(&sides.1),
        ExprKind::Index(base, items) => is_pure(base) && items.iter().all(item_is_pure),
        ExprKind::Concat(es) | ExprKind::Array(es) | ExprKind::Builtin(_, es) => all(es),
        ExprKind::SizeOf(x, d) => is_pure(x) && d.as_ref().is_none_or(|d| is_pure(d)),
        ExprKind::SizeOfQubits(q) => qubits_are_pure(q),
        ExprKind::Call(_) | ExprKind::Measure(_) => false,
    }
}

fn item_is_pure(item: &IndexItem) -> bool {
    match item {
        IndexItem::Single(e) => is_pure(e),
        IndexItem::Range(r) => [&r.start, &r.step, &r.stop].into_iter().flatten().all(is_pure),
        IndexItem::Set(es) => es.iter().all(is_pure),
    }
}

fn qubits_are_pure(qubits: &QubitExpr) -> bool {
    match &qubits.kind {
        QubitExprKind::Index(base, items) => {
            qubits_are_pure(base) && items.iter().all(item_is_pure)
        }
        QubitExprKind::Concat(parts) => parts.iter().all(qubits_are_pure),
        _ => true,
    }
}
