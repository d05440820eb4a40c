//! Classical expressions: types, and values where they are constant.

mod call;
mod conversion;
mod operator;

use circuit::classical::{Angle, ValueError};
use circuit::{Expr, ExprKind, QubitExpr, Scalar, Type, Value};

use crate::ast::{self, Name, TimeUnit, Version};
use crate::span::Span;

use super::symbol::{Access, Symbol, Ty, Variable};
use super::{Lookup, Lowerer, Place};

/// A lowered expression.
pub(super) struct Typed {
    pub expr: Expr,
    pub ty: Ty,
    /// Where it is known.
    pub value: Option<Value>,
    /// The value is a constant's, not just what a variable happens to hold here.
    pub is_const: bool,
}

impl Typed {
    fn unknown(span: circuit::Span) -> Self {
        let expr = Expr::new(ExprKind::Literal(Value::Bool(false)), span);
        Self { expr, ty: Ty::Unknown, value: None, is_const: false }
    }

    fn literal(value: Value, span: circuit::Span) -> Self {
        let ty = Ty::of(&value.ty());
        Self {
            expr: Expr::new(ExprKind::Literal(value.clone()), span),
            ty,
            value: Some(value),
            is_const: true,
        }
    }

    pub fn is_unknown(&self) -> bool {
        self.ty == Ty::Unknown
    }
}

impl<'a> Lowerer<'a> {
    pub(super) fn expr(&mut self, e: &'a ast::Expr) -> Typed {
        let span = self.span(e.span);
        match &e.kind {
            ast::ExprKind::Int(Some(v)) if self.version() == Version::V2 => {
                Typed::literal(Value::Float(*v as f64), span)
            }
            ast::ExprKind::Int(Some(v)) => Typed::literal(Value::literal(*v), span),
            ast::ExprKind::Int(None) => {
                self.error("too_large", e.span, "this number is above 2^128 - 1");
                Typed::unknown(span)
            }
            ast::ExprKind::Float(v) if v.is_finite() => Typed::literal(Value::Float(*v), span),
            ast::ExprKind::Imaginary(v) if v.is_finite() => {
                Typed::literal(Value::Complex(num_complex::Complex64::new(0.0, *v)), span)
            }
            ast::ExprKind::Float(_) | ast::ExprKind::Imaginary(_) => {
                self.error("too_large", e.span, "this number is too large for 64 bits");
                Typed::unknown(span)
            }
            ast::ExprKind::Bool(b) => Typed::literal(Value::Bool(*b), span),
            ast::ExprKind::BitString => self.bit_string(e.span),
            ast::ExprKind::Timing(v, unit) => {
                Typed::literal(Value::Duration(duration(*v, *unit)), span)
            }
            ast::ExprKind::Name => self.variable_expr(Name { span: e.span }),
            ast::ExprKind::Paren(inner) => self.expr(inner),
            ast::ExprKind::Unary(op, inner) => self.unary(*op, inner, e.span),
            ast::ExprKind::Binary(op, left, right) => self.binary(*op, left, right, e.span),
            ast::ExprKind::Index(base, indices) => self.index_expr(base, indices, e.span),
            ast::ExprKind::Call(name, args) => self.call_expr(*name, args, e.span),
            ast::ExprKind::Cast(ty, inner) => self.cast(ty, inner, e.span),
            ast::ExprKind::DurationOf(block) => self.duration_of(block, e.span),
            ast::ExprKind::Measure(operand) => self.measure_expr(operand, e.span),
            ast::ExprKind::Concat(parts) => self.concat(parts, e.span),
            ast::ExprKind::Hardware(_) => {
                self.error("not_classical", e.span, "a physical qubit is not a classical value");
                Typed::unknown(span)
            }
            ast::ExprKind::List(_) => {
                self.error(
                    "bad_type",
                    e.span,
                    "a list in braces is only the whole value of an array",
                );
                Typed::unknown(span)
            }
            ast::ExprKind::Range { .. } => {
                self.error("bad_type", e.span, "a range stands in an index or in `for … in [ ]`");
                Typed::unknown(span)
            }
            ast::ExprKind::Error => Typed::unknown(span),
        }
    }

    fn bit_string(&mut self, span: Span) -> Typed {
        let text = super::unquoted(self.text(span));
        if text.len() > self.options.limits.clbits as usize {
            self.error(
                "too_large",
                span,
                format!("a bit string has at most {} bits", self.options.limits.clbits),
            );
            return Typed::unknown(self.span(span));
        }
        match text.parse() {
            Ok(bits) => Typed::literal(Value::Bits(bits), self.span(span)),
            Err(_) => Typed::unknown(self.span(span)),
        }
    }

    /// A classical variable by its name, or an error and `None`.
    pub(super) fn variable(&mut self, name: Name) -> Option<Variable> {
        let text = self.name(name);
        match self.lookup(text) {
            Lookup::Found(Symbol::Variable(v)) => return Some((**v).clone()),
            Lookup::Found(other) => {
                let what = other.what();
                self.error(
                    "not_classical",
                    name.span,
                    format!("`{text}` is {what}, not a classical value"),
                );
            }
            Lookup::Hidden(_) => self.hidden_name(name),
            Lookup::Missing => self.unknown_name(name, "the name"),
        }
        None
    }

    fn variable_expr(&mut self, name: Name) -> Typed {
        let span = self.span(name.span);
        let text = self.name(name);
        if matches!(self.lookup(text), Lookup::Missing)
            && let Some(value) = self.builtin_constant(text)
        {
            return Typed::literal(Value::Float(value), span);
        }
        let Some(v) = self.variable(name) else { return Typed::unknown(span) };
        let is_const = v.value.is_some();
        let value = v.value.or_else(|| self.known_value(v.var));
        Typed { expr: Expr::new(ExprKind::Variable(v.var), span), ty: v.ty, value, is_const }
    }

    /// What a variable holds here, where nothing conditional came between.
    pub(super) fn known_value(&self, var: circuit::VarRef) -> Option<Value> {
        if self.depth == 0 && self.frame.place == Place::Main {
            self.known.get(&var).cloned()
        } else {
            None
        }
    }

    fn value_error(&mut self, span: Span, e: &ValueError) {
        let code = match e {
            ValueError::DivisionByZero => "division_by_zero",
            ValueError::IndexOutOfRange { .. } => "index_out_of_range",
            ValueError::Domain { .. } | ValueError::NotFinite { .. } => "domain",
            ValueError::ZeroStep => "zero_step",
            _ => "bad_type",
        };
        self.error(code, span, e.to_string());
    }

    fn measure_expr(&mut self, operand: &'a ast::Expr, span: Span) -> Typed {
        let at = self.span(span);
        if self.frame.place == Place::Gate {
            self.not_in_gate(span, "a measurement");
            return Typed::unknown(at);
        }
        let Some(q) = self.qubits(operand) else { return Typed::unknown(at) };
        self.count(u64::from(q.size.unwrap_or(1)), span);
        let ty = match (q.single, q.size) {
            (true, _) => Ty::Scalar(Scalar::Bit),
            (false, Some(n)) => Ty::Scalar(Scalar::Bits(n)),
            (false, None) => Ty::Unknown,
        };
        let qubits = QubitExpr::new(q.kind, self.span(operand.span));
        Typed {
            expr: Expr::new(ExprKind::Measure(Box::new(qubits)), at),
            ty,
            value: None,
            is_const: false,
        }
    }

    fn duration_of(&mut self, block: &'a ast::Block, span: Span) -> Typed {
        let mut statements = Vec::new();
        self.scoped(|l| l.items(&block.items, &mut statements));
        let block = std::sync::Arc::new(circuit::Block::new(statements));
        let expr = Expr::new(ExprKind::DurationOf(block), self.span(span));
        Typed { expr, ty: Ty::Scalar(Scalar::Duration), value: None, is_const: false }
    }

    pub(super) fn concat(&mut self, parts: &'a [ast::Expr], span: Span) -> Typed {
        let at = self.span(span);
        let mut exprs = Vec::new();
        let mut bits = Some(0u32);
        let mut array: Option<Ty> = None;
        for part in parts {
            let t = self.expr(part);
            match &t.ty {
                Ty::Scalar(Scalar::Bits(n)) => bits = bits.and_then(|b| b.checked_add(*n)),
                Ty::Scalar(Scalar::Bit) => bits = bits.and_then(|b| b.checked_add(1)),
                Ty::Array { element, dims } => {
                    bits = None;
                    let mut dims = dims.clone();
                    if let Some(Ty::Array { dims: before, .. }) = &array
                        && let (Some(d), Some(b)) = (dims.first_mut(), before.first())
                    {
                        *d = d.zip(*b).and_then(|(d, b)| d.checked_add(b));
                    }
                    array = Some(Ty::Array { element: *element, dims });
                }
                Ty::Unknown => return Typed::unknown(at),
                other => {
                    let message = format!("`++` joins bits, qubits or arrays, not `{other}`");
                    self.error("bad_type", part.span, message);
                    return Typed::unknown(at);
                }
            }
            exprs.push(t.expr);
        }
        let ty = match (array, bits) {
            (Some(a), _) => a,
            (None, Some(n)) => Ty::Scalar(Scalar::Bits(n)),
            (None, None) => Ty::Unknown,
        };
        Typed { expr: Expr::new(ExprKind::Concat(exprs), at), ty, value: None, is_const: false }
    }

    pub(super) fn not_in_gate(&mut self, span: Span, what: &str) {
        self.error_help(
            "not_in_gate",
            span,
            format!("{what} cannot stand in a gate"),
            "a gate is unitary: it holds gates and nothing else; a `def` may hold more",
        );
    }

    /// An expression that decides: its type must have a truth value.
    pub(super) fn condition(&mut self, e: &'a ast::Expr) -> Typed {
        let t = self.expr(e);
        let fits = match &t.ty {
            Ty::Scalar(s) => sample(*s).as_bool().is_some(),
            Ty::Unknown => true,
            _ => false,
        };
        if !fits {
            self.error(
                "bad_type",
                e.span,
                format!("expected a condition, found a value of type `{}`", t.ty),
            );
        }
        t
    }

    /// A parameter of a gate: a real number. Constants become numbers.
    pub(super) fn gate_parameter(&mut self, e: &'a ast::Expr) -> Option<Expr> {
        let t = self.expr(e);
        match &t.ty {
            Ty::Scalar(
                Scalar::Int(_)
                | Scalar::Uint(_)
                | Scalar::Float(_)
                | Scalar::Angle(_)
                | Scalar::Bit
                | Scalar::Bits(_)
                | Scalar::Bool,
            ) => {}
            Ty::Unknown => return None,
            other => {
                self.error(
                    "bad_type",
                    e.span,
                    format!("a gate's parameter is a real number, not a value of type `{other}`"),
                );
                return None;
            }
        }
        if t.is_const
            && let Some(real) = t.value.as_ref().and_then(Value::as_real)
        {
            if !real.is_finite() {
                self.error("domain", e.span, "this is not a finite number");
                return None;
            }
            return Some(Expr::new(ExprKind::Literal(Value::Float(real)), self.span(e.span)));
        }
        Some(t.expr)
    }

    pub(super) fn check_writable(&mut self, v: &Variable, span: Span, name: &str) -> bool {
        let why = match v.access {
            Access::Mutable => return true,
            Access::Const => "a constant",
            Access::Input => "an input",
            Access::Readonly => "a read-only array",
            Access::GateParam => "a parameter of a gate",
        };
        self.error("not_assignable", span, format!("`{name}` is {why} and cannot be changed"));
        false
    }
}

/// A value of the type whose conversions succeed wherever the type allows them.
pub(super) fn sample(ty: Scalar) -> Value {
    match ty {
        Scalar::Angle(w) => Value::Angle(Angle::from_raw(w, 1)),
        Scalar::Float(_) => Value::Float(1.0),
        other => Value::zero(&Type::Scalar(other)),
    }
}

pub(super) fn plural(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn duration(value: f64, unit: TimeUnit) -> circuit::classical::Duration {
    use circuit::classical::Duration;
    match unit {
        TimeUnit::Dt => Duration::from_dt(value),
        TimeUnit::Ns => Duration::from_ns(value),
        TimeUnit::Us => Duration::from_ns(value * 1e3),
        TimeUnit::Ms => Duration::from_ns(value * 1e6),
        TimeUnit::S => Duration::from_ns(value * 1e9),
    }
}
