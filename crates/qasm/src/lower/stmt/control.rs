//! `if`, `for` and `switch`.

use circuit::classical::Bits;
use circuit::classical::index::range_last;
use circuit::{
    BinaryOp, Block, Case, Expr, ExprKind, Iterable, RangeExpr, Scalar, Statement, StatementKind,
    Type, Value,
};

use crate::ast::{self, Name, Version};
use crate::lower::symbol::{Access, Symbol, Ty, Variable};
use crate::lower::{Lookup, Lowerer, Scope, statement};
use crate::span::Span;

impl<'a> Lowerer<'a> {
    pub(super) fn if_statement(
        &mut self,
        condition: &'a ast::Expr,
        then: &'a ast::Body,
        otherwise: Option<&'a ast::Body>,
        span: Span,
        out: &mut Vec<Statement>,
    ) {
        let condition = if self.version() == Version::V2 {
            match self.condition_2(condition) {
                Some(c) => c,
                None => return,
            }
        } else {
            self.condition(condition).expr
        };
        self.count(1, span);
        let then = self.block(&then.items);
        let otherwise = otherwise.map(|b| self.block(&b.items));
        out.push(statement(StatementKind::If { condition, then, otherwise }, self.span(span)));
    }

    /// `c == 3`, with a whole register.
    pub(super) fn condition_2(&mut self, e: &'a ast::Expr) -> Option<Expr> {
        let ast::ExprKind::Binary(_, left, right) = &e.kind else { return None };
        let name = Name { span: left.span };
        let text = self.name(name);
        if let Lookup::Found(Symbol::Qubits(..)) = self.lookup(text) {
            self.error(
                "not_classical",
                left.span,
                format!("`{text}` is a quantum register; a condition asks a classical one"),
            );
            return None;
        }
        let v = self.variable(name)?;
        let left_expr = Expr::new(ExprKind::Variable(v.var), self.span(left.span));
        let ast::ExprKind::Int(Some(n)) = right.kind else {
            self.error("too_large", right.span, "this number is above 2^128 - 1");
            return None;
        };
        // More than 64 bits are compared bit by bit.
        let value = match v.ty {
            Ty::Scalar(Scalar::Bits(size)) if size > 64 => Value::Bits(Bits::from_u128(size, n)),
            _ => Value::literal(n),
        };
        let right_expr = Expr::new(ExprKind::Literal(value), self.span(right.span));
        Some(Expr::new(
            ExprKind::Binary(BinaryOp::Eq, Box::new((left_expr, right_expr))),
            self.span(e.span),
        ))
    }

    pub(super) fn for_statement(
        &mut self,
        ty: &'a ast::Type,
        name: Name,
        iterable: &'a ast::Expr,
        body: &'a ast::Body,
        span: Span,
        out: &mut Vec<Statement>,
    ) {
        let ty = self.scalar_type(ty);
        let over = self.iterable(iterable, ty);
        let (Some(ty), Some((over, times))) = (ty, over) else { return };
        let var = self.local(name);
        self.scopes.push(Scope::default());
        self.depth += 1;
        self.loops += 1;
        let v = Variable {
            var,
            ty: Ty::Scalar(ty),
            access: Access::Mutable,
            value: None,
            declared: name.span,
        };
        self.declare(name, Symbol::Variable(Box::new(v)));
        let mut statements = Vec::new();
        let ((), cost) = self.counted(|l| l.scoped(|l| l.items(&body.items, &mut statements)));
        self.loops -= 1;
        self.depth -= 1;
        self.scopes.pop();
        self.count(cost.saturating_add(1).saturating_mul(times.unwrap_or(1)), span);
        let body = Block::new(statements);
        out.push(statement(StatementKind::For { var, ty, over, body }, self.span(span)));
    }

    /// What a loop runs over, and how often if that is known.
    fn iterable(
        &mut self,
        e: &'a ast::Expr,
        ty: Option<Scalar>,
    ) -> Option<(Iterable, Option<u64>)> {
        match &e.kind {
            ast::ExprKind::Range { start, step, end } => {
                let (Some(start), Some(end)) = (start, end) else {
                    self.error(
                        "bad_type",
                        e.span,
                        "the range of a loop has a first and a last value: `[0:3]`",
                    );
                    return None;
                };
                let first = self.range_number(start)?;
                let step = match step {
                    None => None,
                    Some(s) => Some(self.range_number(s)?),
                };
                let last = self.range_number(end)?;
                let by = match &step {
                    None => Some(1),
                    Some(s) => s.1,
                };
                if by == Some(0) {
                    self.error("zero_step", e.span, "the step of a range must not be 0");
                    return None;
                }
                let times = match (first.1, by, last.1) {
                    (Some(a), Some(by), Some(b)) => Some(range_len(a, by, b)),
                    _ => None,
                };
                let range = RangeExpr {
                    start: Some(first.0),
                    step: step.map(|s| s.0),
                    stop: Some(last.0),
                    span: self.span(e.span),
                };
                Some((Iterable::Range(Box::new(range)), times))
            }
            ast::ExprKind::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    let t = self.expr(item);
                    if let Some(ty) = ty {
                        self.converted(&t, &Type::Scalar(ty), item.span)?;
                    }
                    values.push(t.expr);
                }
                let times = values.len() as u64;
                Some((Iterable::Set(values), Some(times)))
            }
            _ => {
                let t = self.expr(e);
                let times = match &t.ty {
                    Ty::Array { dims, .. } if dims.len() == 1 => dims[0].map(u64::from),
                    Ty::Scalar(Scalar::Bits(n)) => Some((*n).into()),
                    Ty::Unknown => return None,
                    other => {
                        let message = format!(
                            "a loop runs over a range, a set, an array of one dimension or bits, not over `{other}`"
                        );
                        self.error("bad_type", e.span, message);
                        return None;
                    }
                };
                Some((Iterable::Value(t.expr), times))
            }
        }
    }

    /// A number of a loop's range; its value only where it is constant, as loops repeat.
    fn range_number(&mut self, e: &'a ast::Expr) -> Option<(Expr, Option<i128>)> {
        let t = self.expr(e);
        match t.ty {
            Ty::Scalar(
                Scalar::Int(_) | Scalar::Uint(_) | Scalar::Bit | Scalar::Bits(_) | Scalar::Bool,
            ) => Some((t.expr, t.value.as_ref().and_then(Value::as_integer))),
            Ty::Unknown => None,
            other => {
                self.error(
                    "not_integer",
                    e.span,
                    format!("the range of a loop has whole numbers, not values of type `{other}`"),
                );
                None
            }
        }
    }

    pub(super) fn switch(
        &mut self,
        subject: &'a ast::Expr,
        cases: &'a [ast::Case],
        span: Span,
        out: &mut Vec<Statement>,
    ) {
        let value = self.expr(subject);
        match value.ty {
            Ty::Scalar(Scalar::Int(_) | Scalar::Uint(_) | Scalar::Bit | Scalar::Bits(_))
            | Ty::Unknown => {}
            ref other => {
                let message =
                    format!("`switch` takes a whole number, not a value of type `{other}`");
                self.error("not_integer", subject.span, message);
            }
        }
        self.count(1, span);
        if cases.is_empty() {
            self.error("empty_switch", span, "`switch` has no case");
        }
        let mut seen = std::collections::HashSet::new();
        let mut lowered = Vec::new();
        let mut default = None;
        for case in cases {
            if default.is_some() {
                let word =
                    if case.is_default { "a second `default`" } else { "a case behind `default`" };
                self.error_help(
                    "after_default",
                    case.span,
                    format!("{word} is never reached"),
                    "`default` is the last part of a `switch`, and stands once",
                );
                return;
            }
            if case.is_default {
                default = Some(self.block(&case.body.items));
                continue;
            }
            let mut values = Vec::new();
            for v in &case.values {
                if let Some(n) = self.constant_integer(v, "the value of a case") {
                    if !seen.insert(n) {
                        self.error("duplicate_case", v.span, format!("{n} stands in two cases"));
                    }
                    values.push(Expr::new(ExprKind::Literal(case_literal(n)), self.span(v.span)));
                }
            }
            let body = self.block(&case.body.items);
            lowered.push(Case { values, body });
        }
        out.push(statement(
            StatementKind::Switch { value: value.expr, cases: lowered, default },
            self.span(span),
        ));
    }
}

fn case_literal(n: i128) -> Value {
    match i64::try_from(n) {
        Ok(_) => Value::int(64, n),
        Err(_) => Value::int(128, n),
    }
}

/// How many values `start, start + step, …` takes without passing `stop`.
fn range_len(start: i128, step: i128, stop: i128) -> u64 {
    match range_last(start, step, stop) {
        None => 0,
        Some(last) => {
            let steps = last.abs_diff(start) / step.unsigned_abs();
            u64::try_from(steps).unwrap_or(u64::MAX).saturating_add(1)
        }
    }
}
