//! Classical expressions: types, and values where they are constant.

use circuit::classical::{Angle, ValueError, cast, ops};
use circuit::{
    Argument, BinaryOp, Builtin, Call, Expr, ExprKind, ParamKind, QubitExpr, Scalar, Type, UnaryOp,
    Value,
};
use smallvec::SmallVec;

use crate::ast::{self, BinOp, Name, TimeUnit, UnOp, Version};
use crate::diagnostic::{Diagnostic, nearest};
use crate::span::Span;

use super::symbol::{Access, SubroutineSymbol, Symbol, Ty, Variable};
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

    fn unary(&mut self, op: UnOp, inner: &'a ast::Expr, span: Span) -> Typed {
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

    fn binary(
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

    pub(super) fn combine(&mut self, op: BinOp, left: Typed, right: Typed, span: Span) -> Typed {
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

    fn cast(&mut self, ty: &'a ast::Type, inner: &'a ast::Expr, span: Span) -> Typed {
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
    pub(super) fn converted(
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

    // ---- calls ----

    fn call_expr(&mut self, name: Name, args: &'a [ast::Expr], span: Span) -> Typed {
        let at = self.span(span);
        let text = self.name(name);
        if matches!(self.lookup(text), Lookup::Missing) && self.later.contains_key(text) {
            self.read_later(text);
        }
        match self.lookup(text) {
            Lookup::Found(Symbol::Subroutine(s)) => {
                let s = (**s).clone();
                let Some(call) = self.call(&s, name, args, span) else { return Typed::unknown(at) };
                let ty = s.returns.map_or(Ty::Void, Ty::Scalar);
                return Typed {
                    expr: Expr::new(ExprKind::Call(Box::new(call)), at),
                    ty,
                    value: None,
                    is_const: false,
                };
            }
            Lookup::Found(Symbol::Gate(_)) => {
                let help = "a gate is called with its qubits behind the brackets: `rx(0.5) q;`";
                self.error_help(
                    "not_a_function",
                    name.span,
                    format!("`{text}` is a gate, not a function"),
                    help,
                );
                return Typed::unknown(at);
            }
            Lookup::Found(other) => {
                let what = other.what();
                self.error(
                    "not_a_function",
                    name.span,
                    format!("`{text}` is {what}, not a function"),
                );
                return Typed::unknown(at);
            }
            Lookup::Hidden(_) => {
                self.hidden_name(name);
                return Typed::unknown(at);
            }
            Lookup::Missing => {}
        }
        if text == "sizeof" && self.version() == Version::V3 {
            return self.size_of(args, span);
        }
        if let Some(builtin) = self.builtin(text, name.span) {
            return self.builtin_call(builtin, args, span);
        }
        let builtins = Builtin::ALL.iter().map(|b| b.0).chain(["sizeof"]);
        let near = nearest(text, builtins)
            .map(str::to_owned)
            .or_else(|| self.nearest_name(text, |s| matches!(s, Symbol::Subroutine(_))));
        let mut d =
            Diagnostic::error("undefined", name.span, format!("there is no function `{text}`"));
        if self.defining == Some(text) {
            d = d.help("a subroutine cannot call itself, nor by way of another");
        } else if let Some(near) = near {
            d = d.help(format!("did you mean `{near}`?"));
        }
        self.report(d);
        for arg in args {
            if !matches!(arg.kind, ast::ExprKind::Name) {
                self.expr(arg);
            }
        }
        Typed::unknown(at)
    }

    fn builtin(&mut self, name: &str, span: Span) -> Option<Builtin> {
        if self.version() == Version::V3 {
            let other = match name {
                "asin" => Builtin::Arcsin,
                "acos" => Builtin::Arccos,
                "atan" => Builtin::Arctan,
                _ => return Builtin::by_name(name),
            };
            let d = Diagnostic::warning(
                "function_name",
                span,
                format!("OpenQASM 3 calls `{name}` `{}`", other.name()),
            );
            self.report(d.help(format!("write `{}`", other.name())));
            return Some(other);
        }
        Some(match name {
            "sin" => Builtin::Sin,
            "cos" => Builtin::Cos,
            "tan" => Builtin::Tan,
            "exp" => Builtin::Exp,
            "ln" => Builtin::Ln,
            "sqrt" => Builtin::Sqrt,
            "asin" => Builtin::Arcsin,
            "acos" => Builtin::Arccos,
            "atan" => Builtin::Arctan,
            _ => return None,
        })
    }

    fn builtin_call(&mut self, function: Builtin, args: &'a [ast::Expr], span: Span) -> Typed {
        let at = self.span(span);
        let typed: Vec<Typed> = args.iter().map(|a| self.expr(a)).collect();
        if typed.iter().any(Typed::is_unknown) {
            return Typed::unknown(at);
        }
        if typed.len() != function.num_args() {
            let e = ValueError::ArgumentCount {
                function: function.name(),
                expected: function.num_args(),
                found: typed.len(),
            };
            self.error("argument_count", span, e.to_string());
            return Typed::unknown(at);
        }
        let values: Option<Vec<Value>> = typed.iter().map(|t| t.value.clone()).collect();
        let (ty, value) = if let Some(values) = values {
            match ops::builtin(function, &values) {
                Ok(v) => (Ty::of(&v.ty()), Some(v)),
                Err(e) => {
                    self.value_error(span, &e);
                    return Typed::unknown(at);
                }
            }
        } else {
            let scalars: Option<Vec<Scalar>> = typed.iter().map(|t| t.ty.scalar()).collect();
            if let Some(t) = scalars.and_then(|s| ops::builtin_type(function, &s)) {
                (Ty::Scalar(t), None)
            } else {
                let message = format!(
                    "`{}` is not defined for a value of type `{}`",
                    function.name(),
                    typed[0].ty
                );
                self.error("bad_type", span, message);
                return Typed::unknown(at);
            }
        };
        let is_const = value.is_some() && typed.iter().all(|t| t.is_const);
        let args = typed.into_iter().map(|t| t.expr).collect();
        Typed { expr: Expr::new(ExprKind::Builtin(function, args), at), ty, value, is_const }
    }

    /// `sizeof(a)`, `sizeof(a, dimension)`, of arrays, bits and qubits.
    fn size_of(&mut self, args: &'a [ast::Expr], span: Span) -> Typed {
        let at = self.span(span);
        if args.is_empty() || args.len() > 2 {
            self.error(
                "argument_count",
                span,
                "`sizeof` takes an array and, if wanted, the number of a dimension",
            );
            return Typed::unknown(at);
        }
        if args.len() == 1 && self.names_qubits(&args[0]) {
            let Some(q) = self.qubits(&args[0]) else { return Typed::unknown(at) };
            if let Some(n) = q.size {
                return Typed::literal(Value::uint(64, n.into()), at);
            }
            let qubits = QubitExpr::new(q.kind, self.span(args[0].span));
            let expr = Expr::new(ExprKind::SizeOfQubits(Box::new(qubits)), at);
            return Typed { expr, ty: Ty::Scalar(Scalar::UINT), is_const: false, value: None };
        }
        let array = self.expr(&args[0]);
        let dimension = args.get(1).map(|d| self.expr(d));
        let at_dimension = match &dimension {
            None => Some(0),
            Some(d) => d.value.as_ref().and_then(Value::as_integer),
        };
        let sizes: SmallVec<[Option<u32>; 4]> = match &array.ty {
            Ty::Array { dims, .. } => dims.clone(),
            Ty::Scalar(Scalar::Bits(n)) => SmallVec::from_slice(&[Some(*n)]),
            Ty::Unknown => return Typed::unknown(at),
            other => {
                let message =
                    format!("`sizeof` takes an array or a register, not a value of type `{other}`");
                self.error("bad_type", args[0].span, message);
                return Typed::unknown(at);
            }
        };
        let mut value = None;
        if let Some(d) = at_dimension {
            match usize::try_from(d).ok().and_then(|d| sizes.get(d)) {
                Some(size) => value = size.map(|n| Value::uint(64, n.into())),
                None => {
                    self.error("index_out_of_range", span, format!("there is no dimension {d}"));
                }
            }
        }
        if let Some(v) = value {
            return Typed::literal(v, at);
        }
        let expr = Expr::new(
            ExprKind::SizeOf(Box::new(array.expr), dimension.map(|d| Box::new(d.expr))),
            at,
        );
        Typed { expr, ty: Ty::Scalar(Scalar::UINT), is_const: false, value: None }
    }

    /// A call of a subroutine, its arguments checked.
    pub(super) fn call(
        &mut self,
        s: &SubroutineSymbol,
        name: Name,
        args: &'a [ast::Expr],
        span: Span,
    ) -> Option<Call> {
        let text = self.name(name);
        if self.frame.place == Place::Gate {
            self.not_in_gate(name.span, "a call of a subroutine");
            return None;
        }
        if s.params.len() != args.len() {
            let message = format!(
                "`{text}` takes {}, and here are {}",
                plural(s.params.len(), "argument"),
                args.len()
            );
            self.error("argument_count", span, message);
            return None;
        }
        if s.external && self.including.is_empty() {
            self.report(
                Diagnostic::warning(
                    "extern",
                    name.span,
                    format!("`{text}` is an external function: a run is refused"),
                )
                .help("to run the program, define it by `def`"),
            );
        }
        self.count(s.cost.max(1), span);
        let mut lowered = Vec::with_capacity(args.len());
        let mut qubits = Vec::new();
        let params = std::sync::Arc::clone(&s.params);
        let mut ok = true;
        for (param, arg) in params.iter().zip(args) {
            match &param.kind {
                ParamKind::Scalar(to) => {
                    let t = self.expr(arg);
                    ok &= self.converted(&t, &Type::Scalar(*to), arg.span).is_some();
                    lowered.push(Argument::Value(t.expr));
                }
                ParamKind::Qubits(size) => {
                    let Some(q) = self.qubits(arg) else {
                        ok = false;
                        continue;
                    };
                    let wanted = size.unwrap_or(1);
                    let fits = q.size.is_none_or(|n| n == wanted) && size.is_none() == q.single;
                    if !fits {
                        let register =
                            |n: u32| format!("a register of {}", plural(n as usize, "qubit"));
                        let has = if q.single {
                            "a single qubit".to_owned()
                        } else {
                            register(q.size.unwrap_or(0))
                        };
                        let takes = size.map_or("a single qubit".to_owned(), register);
                        let message =
                            format!("`{}` of `{text}` is {takes}, and this is {has}", param.name);
                        self.error("size_mismatch", arg.span, message);
                        ok = false;
                    }
                    lowered.push(Argument::Qubits(QubitExpr::new(
                        q.kind.clone(),
                        self.span(arg.span),
                    )));
                    qubits.push((q, arg.span));
                }
                ParamKind::Array { element, shape, mutable } => {
                    match self.array_argument(arg, *element, shape, *mutable) {
                        Some(a) => lowered.push(a),
                        None => ok = false,
                    }
                }
            }
        }
        ok &= self.check_distinct(&qubits, span, "in this call");
        ok.then(|| Call { subroutine: s.id, args: lowered, span: self.span(span) })
    }

    fn array_argument(
        &mut self,
        arg: &'a ast::Expr,
        element: Scalar,
        shape: &circuit::ArrayShape,
        mutable: bool,
    ) -> Option<Argument> {
        let (ty, argument) = if mutable {
            let (lvalue, ty) = self.lvalue(arg)?;
            self.known.remove(&lvalue.var);
            (ty, Argument::Reference(lvalue))
        } else {
            let t = self.expr(arg);
            (t.ty, Argument::Value(t.expr))
        };
        let fits = match &ty {
            Ty::Array { element: e, dims } => {
                *e == element
                    && match shape {
                        circuit::ArrayShape::NumDims(n) => dims.len() == *n as usize,
                        circuit::ArrayShape::Dims(want) => {
                            want.len() == dims.len()
                                && dims.iter().zip(want).all(|(d, w)| d.is_none_or(|d| d == *w))
                        }
                    }
            }
            Ty::Unknown => return None,
            _ => false,
        };
        if !fits {
            let want = match shape {
                circuit::ArrayShape::NumDims(n) => format!("array[{element}, #dim = {n}]"),
                circuit::ArrayShape::Dims(d) => Type::array(element, d).to_string(),
            };
            self.error(
                "bad_type",
                arg.span,
                format!("the parameter is `{want}`, and this is `{ty}`"),
            );
            return None;
        }
        Some(argument)
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
