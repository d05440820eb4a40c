//! Calls of subroutines and of built-in functions.

use circuit::classical::{ValueError, ops};
use circuit::{Argument, Builtin, Call, Expr, ExprKind, ParamKind, QubitExpr, Scalar, Type, Value};
use smallvec::SmallVec;

use crate::ast::{self, Name, Version};
use crate::diagnostic::{Diagnostic, nearest};
use crate::lower::symbol::{SubroutineSymbol, Symbol, Ty};
use crate::lower::{Lookup, Lowerer, Place};
use crate::span::Span;

use super::{Typed, plural};

impl<'a> Lowerer<'a> {
    pub(super) fn call_expr(&mut self, name: Name, args: &'a [ast::Expr], span: Span) -> Typed {
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
    pub(in crate::lower) fn call(
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
}
