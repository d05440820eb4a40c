//! Statements.

mod control;

use std::sync::Arc;

use circuit::{
    Annotation, BinaryOp, Block, Expr, ExprKind, QubitExpr, Scalar, Statement, StatementKind, Type,
    Value,
};

use crate::ast::{self, BinOp, Stmt, StmtKind};
use crate::diagnostic::Diagnostic;
use crate::span::Span;

use super::expr::Typed;
use super::symbol::{Qubits, Ty};
use super::{Lookup, Lowerer, Place, statement};

impl<'a> Lowerer<'a> {
    pub(super) fn statement(&mut self, stmt: &'a Stmt, out: &mut Vec<Statement>) {
        let first = out.len();
        self.statement_kind(stmt, out);
        if !stmt.annotations.is_empty() {
            let annotations: Arc<[Annotation]> =
                stmt.annotations.iter().map(|a| self.annotation(a.span)).collect();
            if let Some(s) = out.get_mut(first) {
                s.annotations = Some(annotations);
            }
        }
    }

    /// `@name rest`.
    pub(super) fn annotation(&self, span: Span) -> Annotation {
        let text = self.text(span).trim_start_matches('@');
        let (keyword, content) = text.split_once([' ', '\t']).unwrap_or((text, ""));
        Annotation {
            keyword: keyword.to_owned(),
            content: content.trim().to_owned(),
            span: self.span(span),
        }
    }

    fn statement_kind(&mut self, stmt: &'a Stmt, out: &mut Vec<Statement>) {
        let span = stmt.span;
        let at = self.span(span);
        if self.frame.place == Place::Gate && !self.allowed_in_gate(stmt) {
            return;
        }
        match &stmt.kind {
            StmtKind::GateCall(call) => self.gate_call(call, span, out),
            StmtKind::Error => {}
            StmtKind::Include(path) => self.include(*path, out),
            StmtKind::Pragma(line) => {
                let text = self.text(*line).trim_end().to_owned();
                out.push(statement(StatementKind::Pragma(text), at));
            }
            StmtKind::Calibration(text) => {
                let text = self.text(*text).to_owned();
                out.push(statement(StatementKind::Calibration(text), at));
            }
            StmtKind::Qubit { size, name } => self.qubit_declaration(size.as_ref(), *name, span),
            StmtKind::Classical { ty, name, init, is_const } => {
                self.count(1, span);
                self.classical_declaration(ty, *name, init.as_ref(), *is_const, span, out);
            }
            StmtKind::Io { is_input, ty, name } => self.io(*is_input, ty, *name, span, out),
            StmtKind::Alias { name, value } => self.alias(*name, value, span, out),
            StmtKind::Assign { target, op, value } => {
                self.assignment(target, *op, value, span, out);
            }
            StmtKind::Expr(e) => self.expression_statement(e, span, out),
            StmtKind::Measure { source, target } => {
                self.measure(source, target.as_ref(), span, out);
            }
            StmtKind::Reset(q) => {
                if let Some(q2) = self.qubits(q) {
                    self.count(u64::from(q2.size.unwrap_or(1)), span);
                    out.push(statement(
                        StatementKind::Reset(QubitExpr::new(q2.kind, self.span(q.span))),
                        at,
                    ));
                }
            }
            StmtKind::Barrier(operands) | StmtKind::Nop(operands) => {
                let is_barrier = matches!(stmt.kind, StmtKind::Barrier(_));
                self.barrier(operands, is_barrier, &stmt.annotations, span, out);
            }
            StmtKind::Delay { duration, operands } => {
                let duration = self.duration(duration);
                let Some(operands) = self.delayed(operands) else { return };
                let qubits = self.operands(operands);
                if let (Some(duration), Some(q)) = (duration, qubits) {
                    self.count(1, span);
                    let qubits = self.qubit_exprs(q);
                    out.push(statement(StatementKind::Delay { duration, qubits }, at));
                }
            }
            StmtKind::Box { duration, body } => {
                let duration = duration.as_ref().and_then(|d| self.duration(d));
                let body = self.block(&body.items);
                out.push(statement(StatementKind::Box { duration, body }, at));
            }
            StmtKind::Scope(block) => {
                let body = self.block(&block.items);
                out.push(statement(StatementKind::Block(body), at));
            }
            StmtKind::If { condition, then, otherwise } => {
                self.if_statement(condition, then, otherwise.as_ref(), span, out);
            }
            StmtKind::For { ty, name, iterable, body } => {
                self.for_statement(ty, *name, iterable, body, span, out);
            }
            StmtKind::While { condition, body } => {
                let condition = self.condition(condition);
                self.loops += 1;
                let body = self.block(&body.items);
                self.loops -= 1;
                out.push(statement(StatementKind::While { condition: condition.expr, body }, at));
            }
            StmtKind::Switch { subject, cases } => self.switch(subject, cases, span, out),
            StmtKind::Break | StmtKind::Continue => {
                let is_break = matches!(stmt.kind, StmtKind::Break);
                if self.loops == 0 {
                    let word = if is_break { "break" } else { "continue" };
                    self.error("outside_loop", span, format!("`{word}` stands within a loop"));
                }
                let kind = if is_break { StatementKind::Break } else { StatementKind::Continue };
                out.push(statement(kind, at));
            }
            StmtKind::End => out.push(statement(StatementKind::End, at)),
            StmtKind::Return(value) => self.return_statement(value.as_ref(), span, out),
            StmtKind::Gate(def) => self.gate_definition(def, &stmt.annotations, span),
            StmtKind::Opaque { name, params, qubits } => self.opaque(*name, params, qubits, span),
            StmtKind::Def(def) => self.subroutine(def, span),
            StmtKind::Extern { name, args, ret } => self.external(*name, args, ret.as_ref(), span),
        }
    }

    /// What a gate may hold; says so if not.
    fn allowed_in_gate(&mut self, stmt: &'a Stmt) -> bool {
        let what = match &stmt.kind {
            StmtKind::GateCall(_)
            | StmtKind::Barrier(_)
            | StmtKind::Delay { .. }
            | StmtKind::Nop(_)
            | StmtKind::Box { .. }
            | StmtKind::Scope(_)
            | StmtKind::If { .. }
            | StmtKind::For { .. }
            | StmtKind::Pragma(_)
            | StmtKind::Error => return true,
            StmtKind::Measure { .. } => "a measurement",
            StmtKind::Reset(_) => "`reset`",
            StmtKind::Classical { .. } | StmtKind::Io { .. } => "a variable",
            StmtKind::Qubit { .. } => "a declaration of qubits",
            StmtKind::Assign { .. } => "an assignment",
            StmtKind::Alias { .. } => "an alias",
            StmtKind::While { .. } => "a `while` loop",
            StmtKind::Gate(_)
            | StmtKind::Opaque { .. }
            | StmtKind::Def(_)
            | StmtKind::Extern { .. } => "a definition",
            _ => "this statement",
        };
        self.not_in_gate(stmt.span, what);
        false
    }

    /// Statements in a scope of their own.
    pub(super) fn block(&mut self, items: &'a [Stmt]) -> Block {
        let mut statements = Vec::new();
        self.scoped(|l| l.items(items, &mut statements));
        Block::new(statements)
    }

    /// The operands of a delay; none are left where one is a name that nothing declares. Such a delay
    /// waits for nothing that a program could notice, so this is a warning.
    fn delayed(&mut self, operands: &'a [ast::Expr]) -> Option<&'a [ast::Expr]> {
        let missing = operands.iter().find(|o| {
            matches!(o.kind, ast::ExprKind::Name)
                && matches!(self.lookup(self.text(o.span)), Lookup::Missing)
        });
        let Some(missing) = missing else { return Some(operands) };
        let text = crate::lex::short(self.text(missing.span));
        let d = Diagnostic::warning(
            "undefined",
            missing.span,
            format!("the qubit or register `{text}` is not declared: the delay is left out"),
        );
        self.report(d.help("declare it, as in `qubit q;`"));
        None
    }

    fn operands(&mut self, operands: &'a [ast::Expr]) -> Option<Vec<(Qubits, Span)>> {
        let mut all = Vec::with_capacity(operands.len());
        let mut ok = true;
        for o in operands {
            match self.qubits(o) {
                Some(q) => all.push((q, o.span)),
                None => ok = false,
            }
        }
        ok.then_some(all)
    }

    fn qubit_exprs(&self, operands: Vec<(Qubits, Span)>) -> Vec<QubitExpr> {
        operands.into_iter().map(|(q, at)| QubitExpr::new(q.kind, self.span(at))).collect()
    }

    fn barrier(
        &mut self,
        operands: &'a [ast::Expr],
        is_barrier: bool,
        annotations: &'a [ast::Annotation],
        span: Span,
        out: &mut Vec<Statement>,
    ) {
        let Some(q) = self.operands(operands) else { return };
        self.count(1, span);
        let at = self.span(span);
        if let Some(kind) = self.special_statement(annotations, &q) {
            out.extend(kind.into_iter().map(|k| statement(k, at)));
            return;
        }
        let kind = if is_barrier {
            StatementKind::Barrier(self.qubit_exprs(q))
        } else {
            StatementKind::Nop
        };
        out.push(statement(kind, at));
    }

    /// A duration; `None` after an error.
    pub(super) fn duration(&mut self, e: &'a ast::Expr) -> Option<Expr> {
        let t = self.expr(e);
        match t.ty {
            Ty::Scalar(Scalar::Duration | Scalar::Stretch) => Some(t.expr),
            Ty::Unknown => None,
            other => {
                self.error_help(
                    "bad_type",
                    e.span,
                    format!("expected a duration, found a value of type `{other}`"),
                    "as in `100ns` or `40dt`",
                );
                None
            }
        }
    }

    fn assignment(
        &mut self,
        target: &'a ast::Expr,
        op: Option<BinOp>,
        value: &'a ast::Expr,
        span: Span,
        out: &mut Vec<Statement>,
    ) {
        if let (None, ast::ExprKind::Measure(source)) = (op, &value.kind) {
            self.measure(source, Some(target), span, out);
            return;
        }
        self.count(1, span);
        let lowered = self.lvalue(target);
        if let ast::ExprKind::List(_) = value.kind {
            if lowered.is_some() {
                self.error("bad_type", value.span, "a list in braces is the initial value of an array; assign its elements one by one");
            }
            return;
        }
        let typed = self.expr(value);
        let Some((lvalue, ty)) = lowered else { return };
        if typed.ty == Ty::Void {
            self.error("bad_type", value.span, "this call gives no value");
            return;
        }
        let whole = lvalue.path.is_empty();
        let result = match op {
            None => typed,
            Some(op) => {
                let now = if whole { self.known_value(lvalue.var) } else { None };
                let left = Typed {
                    expr: Expr::new(ExprKind::Literal(Value::Bool(false)), lvalue.span),
                    ty: ty.clone(),
                    value: now,
                    is_const: false,
                };
                // Checked as `target = target op value`; the value itself is what is kept.
                let kept = typed.expr.clone();
                let mut combined = self.combine(op, left, typed, span);
                combined.expr = kept;
                combined
            }
        };
        if result.is_unknown() {
            self.remember(lvalue.var, None);
            return;
        }
        let mut new = None;
        match (&ty, array_type(&ty)) {
            (Ty::Unknown, _) => {}
            (_, Some(to)) => match self.converted(&result, &to, value.span) {
                Some(v) => new = v,
                None => return,
            },
            // Its size is not known here: a run decides.
            (Ty::Array { .. }, None) if matches!(result.ty, Ty::Array { .. }) => {}
            (other, None) => {
                self.error(
                    "bad_type",
                    value.span,
                    format!("a value of type `{}` cannot become `{other}`", result.ty),
                );
                return;
            }
        }
        self.remember(lvalue.var, if whole { new } else { None });
        let op = op.map(assign_op);
        out.push(statement(
            StatementKind::Assign { target: lvalue, op, value: result.expr },
            self.span(span),
        ));
    }

    fn expression_statement(&mut self, e: &'a ast::Expr, span: Span, out: &mut Vec<Statement>) {
        let t = self.expr(e);
        if t.is_unknown() {
            return;
        }
        let kind = match t.expr.kind {
            ExprKind::Call(call) => StatementKind::Call(*call),
            kind => {
                if !matches!(e.kind, ast::ExprKind::Call(..)) {
                    self.report(Diagnostic::warning(
                        "unused_value",
                        e.span,
                        "the value of this expression is not used",
                    ));
                }
                StatementKind::Expr(Expr::new(kind, t.expr.span))
            }
        };
        out.push(statement(kind, self.span(span)));
    }

    fn measure(
        &mut self,
        source: &'a ast::Expr,
        target: Option<&'a ast::Expr>,
        span: Span,
        out: &mut Vec<Statement>,
    ) {
        let q = self.qubits(source);
        let bits = match target {
            None => None,
            Some(t) => match self.measure_target(t) {
                Some(b) => Some(b),
                None => return,
            },
        };
        let Some(q) = q else { return };
        self.count(u64::from(q.size.unwrap_or(1)), span);
        if let Some((lvalue, ty)) = &bits {
            let has = match ty {
                Ty::Scalar(Scalar::Bits(n)) => Some(*n),
                Ty::Scalar(Scalar::Bit) => Some(1),
                _ => None,
            };
            if let (Some(n), Some(m)) = (q.size, has)
                && n != m
            {
                let help = "measure as many qubits as there are bits";
                self.error_help(
                    "size_mismatch",
                    span,
                    format!("{n} qubits cannot be measured into {m} bits"),
                    help,
                );
                return;
            }
            self.known.remove(&lvalue.var);
        }
        let qubits = QubitExpr::new(q.kind, self.span(source.span));
        let target = bits.map(|b| b.0);
        out.push(statement(StatementKind::Measure { qubits, target }, self.span(span)));
    }

    fn measure_target(&mut self, t: &'a ast::Expr) -> Option<(circuit::LValue, Ty)> {
        if let ast::ExprKind::Name | ast::ExprKind::Index(..) = t.kind
            && self.names_qubits(t)
        {
            self.error_help(
                "not_classical",
                t.span,
                "outcomes go into classical bits, and this is quantum",
                "as in `measure q[0] -> c[0];`",
            );
            return None;
        }
        let (lvalue, ty) = self.lvalue(t)?;
        match ty {
            Ty::Unknown => Some((lvalue, ty)),
            ref ty2 if Self::is_bits(ty2) => Some((lvalue, ty)),
            // `bool b = measure q;` and integers of one bit are conversions.
            Ty::Scalar(Scalar::Bool) => Some((lvalue, ty)),
            other => {
                self.error(
                    "bad_type",
                    t.span,
                    format!("outcomes go into bits, not into a value of type `{other}`"),
                );
                None
            }
        }
    }

    fn return_statement(
        &mut self,
        value: Option<&'a ast::Expr>,
        span: Span,
        out: &mut Vec<Statement>,
    ) {
        if self.frame.place != Place::Subroutine {
            self.error("outside_subroutine", span, "`return` stands within a subroutine");
            return;
        }
        let typed = value.map(|e| (self.expr(e), e.span));
        let expr = match (self.frame.returns, typed) {
            (Some(to), Some((t, at))) => {
                self.converted(&t, &Type::Scalar(to), at);
                Some(t.expr)
            }
            (None, Some((_, at))) => {
                self.error_help(
                    "bad_type",
                    at,
                    "this subroutine returns no value",
                    "give it a type: `def f(…) -> bit { … }`",
                );
                None
            }
            (Some(to), None) => {
                self.error(
                    "bad_type",
                    span,
                    format!("this subroutine returns a value of type `{to}`"),
                );
                None
            }
            (None, None) => None,
        };
        out.push(statement(StatementKind::Return(expr), self.span(span)));
    }

    // ---- control flow ----
}

/// The type as a whole, where all its sizes are known.
fn array_type(ty: &Ty) -> Option<Type> {
    match ty {
        Ty::Scalar(s) => Some(Type::Scalar(*s)),
        Ty::Array { element, dims } => {
            let dims: Option<Vec<u32>> = dims.iter().copied().collect();
            dims.map(|d| Type::array(*element, &d))
        }
        _ => None,
    }
}

fn assign_op(op: BinOp) -> BinaryOp {
    match op {
        BinOp::Sub => BinaryOp::Sub,
        BinOp::Mul => BinaryOp::Mul,
        BinOp::Div => BinaryOp::Div,
        BinOp::Rem => BinaryOp::Mod,
        BinOp::Pow => BinaryOp::Pow,
        BinOp::Shl => BinaryOp::Shl,
        BinOp::Shr => BinaryOp::Shr,
        BinOp::BitAnd => BinaryOp::BitAnd,
        BinOp::BitOr => BinaryOp::BitOr,
        BinOp::BitXor => BinaryOp::BitXor,
        _ => BinaryOp::Add,
    }
}
