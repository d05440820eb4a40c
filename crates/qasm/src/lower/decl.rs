//! Declarations: registers, variables, aliases, subroutines.

use std::sync::Arc;

use circuit::{
    Expr, ExprKind, LValue, ParamKind, QubitExpr, QubitExprKind, Role, Scalar, Statement,
    StatementKind, Subroutine, SubroutineId, SubroutineParam, Type, Value, VarRef,
};

use crate::ast::{self, Name, TypeKind};
use crate::diagnostic::Diagnostic;
use crate::span::Span;

use super::expr::Typed;
use super::gates::to_u32;
use super::symbol::{Access, Known, Qubits, SubroutineSymbol, Symbol, Ty, Variable};
use super::{Frame, Lookup, Lowerer, Place, Scope, statement};

impl<'a> Lowerer<'a> {
    pub(super) fn qubit_declaration(
        &mut self,
        size: Option<&'a ast::Expr>,
        name: Name,
        span: Span,
    ) {
        if !self.is_global() {
            self.error_help(
                "not_global",
                span,
                "qubits are declared at the top level alone",
                "pass them to a subroutine as arguments",
            );
            return;
        }
        let most = self.options.limits.qubits;
        let n = match size {
            None => 1,
            Some(e) => {
                if let Some(n) = self.size(e, "the number of qubits", most) {
                    n
                } else {
                    self.declare_unknown_register(name);
                    return;
                }
            }
        };
        let single = size.is_none();
        let text = self.name(name).to_owned();
        let Some(id) = self.add_register(text, n, single, span) else {
            self.declare_unknown_register(name);
            return;
        };
        let first = self.circuit.registers[id.0 as usize].first;
        let qubits = Qubits {
            kind: QubitExprKind::Register(id),
            single,
            size: Some(n),
            known: Known::Range(first.0.into()),
        };
        self.declare(name, Symbol::Qubits(qubits, name.span));
    }

    /// Its size is wrong, and that was said: what follows need not be wrong.
    fn declare_unknown_register(&mut self, name: Name) {
        let qubits = Qubits {
            kind: QubitExprKind::Concat(Vec::new()),
            single: false,
            size: None,
            known: Known::No,
        };
        self.declare(name, Symbol::Qubits(qubits, name.span));
    }

    /// A slot for a variable: global at the top level, local otherwise.
    fn slot(&mut self, name: Name, ty: &Type, role: Role) -> VarRef {
        if !self.is_global() {
            return self.local(name);
        }
        let span = self.span(name.span);
        let text = self.name(name).to_owned();
        self.circuit.variables.push(circuit::Variable { name: text, ty: ty.clone(), role, span });
        VarRef::Global(to_u32(self.circuit.variables.len() - 1))
    }

    fn declare_variable(
        &mut self,
        name: Name,
        var: VarRef,
        ty: Ty,
        access: Access,
        value: Option<Value>,
    ) {
        let v = Variable { var, ty, access, value, declared: name.span };
        self.declare(name, Symbol::Variable(Box::new(v)));
    }

    pub(super) fn classical_declaration(
        &mut self,
        ty: &'a ast::Type,
        name: Name,
        init: Option<&'a ast::Expr>,
        is_const: bool,
        span: Span,
        out: &mut Vec<Statement>,
    ) {
        if self.frame.place == Place::Gate {
            self.not_in_gate(span, "a variable");
            return;
        }
        let Some(to) = self.variable_type(ty) else {
            if let Some(e) = init {
                self.initial_value(e, None, span);
            }
            self.declare_variable(
                name,
                VarRef::Global(u32::MAX),
                Ty::Unknown,
                Access::Mutable,
                None,
            );
            return;
        };
        if !self.count_clbits(&to, ty.span) {
            self.declare_variable(
                name,
                VarRef::Global(u32::MAX),
                Ty::Unknown,
                Access::Mutable,
                None,
            );
            return;
        }
        let lowered = init.map(|e| self.initial_value(e, Some(&to), span));
        let mut value = None;
        let mut init_is_const = false;
        let mut init_expr = None;
        if let (Some(e), Some(typed)) = (init, lowered) {
            init_is_const = typed.is_const;
            value = typed.value;
            if is_const && !typed.is_const && typed.ty != Ty::Unknown {
                let d = Diagnostic::error(
                    "not_constant",
                    e.span,
                    "the value of a constant must be constant",
                )
                .help("drop `const`, or use only literals and other constants");
                self.report(d);
            }
            init_expr = Some(typed.expr);
        }
        let role = if is_const { Role::Const } else { Role::Plain };
        let var = self.slot(name, &to, role);
        let access = if is_const { Access::Const } else { Access::Mutable };
        let constant = if is_const && init_is_const { value.clone() } else { None };
        self.declare_variable(name, var, Ty::of(&to), access, constant);
        if !is_const && self.is_global() {
            let start = if init.is_some() { value } else { small_zero(&to) };
            self.remember(var, start);
        }
        out.push(statement(
            StatementKind::Declare { var, ty: to, init: init_expr },
            self.span(span),
        ));
    }

    pub(super) fn remember(&mut self, var: VarRef, value: Option<Value>) {
        match value {
            Some(v) if matches!(var, VarRef::Global(_)) && self.is_global() => {
                self.known.insert(var, v);
            }
            _ => {
                self.known.remove(&var);
            }
        }
    }

    fn count_clbits(&mut self, ty: &Type, span: Span) -> bool {
        self.num_clbits += u64::from(ty.num_clbits());
        let most = self.options.limits.clbits;
        if self.num_clbits > most.into() {
            self.error(
                "too_many_bits",
                span,
                format!("a program has at most {most} classical bits"),
            );
            return false;
        }
        true
    }

    /// An initial value, checked against the type of the variable.
    fn initial_value(&mut self, e: &'a ast::Expr, to: Option<&Type>, span: Span) -> Typed {
        if let (ast::ExprKind::List(_), Some(Type::Array(t))) = (&e.kind, to) {
            let expr = self.array_value(e, t.element, &t.dims);
            let ty = if expr.is_some() { Ty::of(&Type::Array(t.clone())) } else { Ty::Unknown };
            let expr = expr.unwrap_or_else(|| Expr::bool(false));
            return Typed { expr, ty, value: None, is_const: false };
        }
        let mut typed = self.expr(e);
        if typed.ty == Ty::Void {
            self.error("bad_type", e.span, "this call gives no value");
            typed.ty = Ty::Unknown;
        }
        if let Some(to) = to
            && !typed.is_unknown()
        {
            if let (
                Ty::Scalar(Scalar::Bits(n)),
                Type::Scalar(Scalar::Bits(m)),
                ast::ExprKind::Measure(_),
            ) = (&typed.ty, to, &e.kind)
                && n != m
            {
                self.error("size_mismatch", span, format!("{n} qubits are measured into {m} bits"));
                typed.ty = Ty::Unknown;
                return typed;
            }
            if let Some(value) = self.converted(&typed, to, e.span) {
                typed.value = value;
            } else {
                typed.ty = Ty::Unknown;
                typed.value = None;
            }
        }
        typed
    }

    /// `{…}` as an array of these dimensions; `None` after an error.
    fn array_value(&mut self, e: &'a ast::Expr, element: Scalar, dims: &[u32]) -> Option<Expr> {
        let (Some((&size, inner)), ast::ExprKind::List(items)) = (dims.split_first(), &e.kind)
        else {
            let t = self.expr(e);
            return match (&t.ty, dims) {
                (Ty::Unknown, _) => None,
                (_, []) => self.converted(&t, &Type::Scalar(element), e.span).map(|_| t.expr),
                (_, dims) => {
                    self.converted(&t, &Type::array(element, dims), e.span).map(|_| t.expr)
                }
            };
        };
        if items.len() != size as usize {
            self.error(
                "size_mismatch",
                e.span,
                format!("the array has {size} elements here, and the list has {}", items.len()),
            );
            return None;
        }
        let mut values = Vec::with_capacity(items.len());
        let mut ok = true;
        for item in items {
            if inner.is_empty() && matches!(item.kind, ast::ExprKind::List(_)) {
                self.error("bad_type", item.span, "the array has fewer dimensions than this list");
                return None;
            }
            match self.array_value(item, element, inner) {
                Some(v) => values.push(v),
                None => ok = false,
            }
        }
        ok.then(|| Expr::new(ExprKind::Array(values), self.span(e.span)))
    }

    pub(super) fn io(
        &mut self,
        is_input: bool,
        ty: &'a ast::Type,
        name: Name,
        span: Span,
        out: &mut Vec<Statement>,
    ) {
        if !self.is_global() {
            self.error(
                "not_global",
                span,
                "inputs and outputs are declared at the top level alone",
            );
            return;
        }
        let Some(to) = self.variable_type(ty) else {
            self.declare_variable(
                name,
                VarRef::Global(u32::MAX),
                Ty::Unknown,
                Access::Mutable,
                None,
            );
            return;
        };
        if !self.count_clbits(&to, ty.span) {
            return;
        }
        let role = if is_input { Role::Input } else { Role::Output };
        let var = self.slot(name, &to, role);
        let access = if is_input { Access::Input } else { Access::Mutable };
        self.declare_variable(name, var, Ty::of(&to), access, None);
        out.push(statement(StatementKind::Declare { var, ty: to, init: None }, self.span(span)));
    }

    pub(super) fn alias(
        &mut self,
        name: Name,
        value: &'a ast::Expr,
        span: Span,
        out: &mut Vec<Statement>,
    ) {
        if self.frame.place == Place::Gate {
            self.not_in_gate(span, "an alias");
            return;
        }
        if self.names_qubits(value) {
            let Some(q) = self.qubits(value) else {
                self.declare_unknown_register(name);
                return;
            };
            let var =
                self.slot(name, &Type::Scalar(Scalar::Bits(q.size.unwrap_or(0))), Role::Alias);
            let qubits = QubitExpr::new(q.kind.clone(), self.span(value.span));
            let symbol = Qubits { kind: QubitExprKind::Variable(var), ..q };
            self.declare(name, Symbol::Qubits(symbol, name.span));
            out.push(statement(StatementKind::Alias { var, qubits }, self.span(span)));
            return;
        }
        let parts: Vec<&'a ast::Expr> = match &value.kind {
            ast::ExprKind::Concat(parts) => parts.iter().collect(),
            _ => vec![value],
        };
        let mut lvalues: Vec<LValue> = Vec::new();
        let mut bits = Some(0u32);
        let mut single = parts.len() == 1;
        for part in parts {
            let Some((lvalue, ty)) = self.alias_part(part) else {
                self.declare_variable(
                    name,
                    VarRef::Global(u32::MAX),
                    Ty::Unknown,
                    Access::Mutable,
                    None,
                );
                return;
            };
            match ty {
                Ty::Scalar(Scalar::Bit) => bits = bits.and_then(|b| b.checked_add(1)),
                Ty::Scalar(Scalar::Bits(n)) => {
                    single = false;
                    bits = bits.and_then(|b| b.checked_add(n));
                }
                Ty::Unknown => {
                    single = false;
                    bits = None;
                }
                other => {
                    let message = format!(
                        "an alias stands for qubits or bits, not for a value of type `{other}`"
                    );
                    self.error("bad_type", part.span, message);
                    return;
                }
            }
            // Writing to the alias changes what it stands for.
            self.known.remove(&lvalue.var);
            lvalues.push(lvalue);
        }
        let ty = match (single, bits) {
            (true, _) => Ty::Scalar(Scalar::Bit),
            (false, Some(n)) => Ty::Scalar(Scalar::Bits(n)),
            (false, None) => Ty::Unknown,
        };
        let declared = Type::Scalar(ty.scalar().unwrap_or(Scalar::Bits(0)));
        let var = self.slot(name, &declared, Role::Alias);
        self.declare_variable(name, var, ty, Access::Mutable, None);
        out.push(statement(StatementKind::BitAlias { var, parts: lvalues }, self.span(span)));
    }

    fn alias_part(&mut self, part: &'a ast::Expr) -> Option<(LValue, Ty)> {
        match &part.kind {
            ast::ExprKind::Name | ast::ExprKind::Index(..) | ast::ExprKind::Paren(_) => {
                self.lvalue(part)
            }
            _ => {
                self.error(
                    "bad_type",
                    part.span,
                    "an alias stands for registers and parts of them",
                );
                None
            }
        }
    }

    // ---- subroutines ----

    pub(super) fn subroutine(&mut self, def: &'a ast::SubroutineDef, span: Span) {
        if !self.is_global() {
            self.error("not_global", span, "subroutines are defined at the top level alone");
            return;
        }
        // Its name is known from here on only to itself; a call from further up has read it already.
        let text = self.name(def.name);
        match self.later.get(text) {
            Some(first) if first.span == span => {
                self.later.remove(text);
            }
            None if self.declared_at(def.name) => return,
            _ => {}
        }
        let header = Span { start: span.start, end: def.body.span.start.max(span.start) };
        let returns = match &def.ret {
            None => None,
            Some(ty) => match self.scalar_type(ty) {
                Some(s) => Some(s),
                None => return,
            },
        };
        let mut scope = Scope { boundary: true, ..Scope::default() };
        let mut params = Vec::new();
        let mut ok = true;
        for (slot, arg) in (0u32..).zip(&def.args) {
            let text = self.name(arg.name);
            let Some((kind, symbol)) = self.parameter(arg, slot) else {
                ok = false;
                continue;
            };
            if scope.names.insert(text, symbol).is_some() {
                self.error(
                    "redeclared",
                    arg.name.span,
                    format!("`{text}` stands twice among the parameters"),
                );
            }
            params.push(SubroutineParam { name: text.to_owned(), kind });
        }
        // Sizes of parameters are read where the definition stands, the body in a frame of its own.
        let frame = Frame::new(Place::Subroutine, def.args.len(), returns);
        let outer = std::mem::replace(&mut self.frame, frame);
        self.scopes.push(scope);
        let mut body = Vec::new();
        self.defining = Some(self.name(def.name));
        let ((), cost) = self.counted(|l| l.items(&def.body.items, &mut body));
        self.defining = None;
        self.scopes.pop();
        let frame = std::mem::replace(&mut self.frame, outer);
        if !ok {
            return;
        }
        let params: Arc<[SubroutineParam]> = params.into();
        let body = Some(circuit::Block::new(body));
        self.add_subroutine(def.name, params, frame, body, cost, header);
    }

    /// The name is declared, and by this very statement.
    fn declared_at(&self, name: Name) -> bool {
        matches!(self.lookup(self.name(name)), Lookup::Found(s) if s.declared() == Some(name.span))
    }

    pub(super) fn external(
        &mut self,
        name: Name,
        args: &'a [ast::Type],
        ret: Option<&'a ast::Type>,
        span: Span,
    ) {
        if !self.is_global() {
            self.error(
                "not_global",
                span,
                "external functions are declared at the top level alone",
            );
            return;
        }
        let mut params = Vec::new();
        for (i, ty) in args.iter().enumerate() {
            let kind = match &ty.kind {
                TypeKind::ArrayRef { .. } => self
                    .array_parameter(ty)
                    .map(|(element, shape, mutable)| ParamKind::Array { element, shape, mutable }),
                _ => self.scalar_type(ty).map(ParamKind::Scalar),
            };
            let Some(kind) = kind else { return };
            params.push(SubroutineParam { name: format!("a{i}"), kind });
        }
        let returns = match ret {
            None => None,
            Some(ty) => match self.scalar_type(ty) {
                Some(s) => Some(s),
                None => return,
            },
        };
        let frame = Frame::new(Place::Subroutine, params.len(), returns);
        self.add_subroutine(name, params.into(), frame, None, 1, span);
    }

    fn add_subroutine(
        &mut self,
        name: Name,
        params: Arc<[SubroutineParam]>,
        frame: Frame,
        body: Option<circuit::Block>,
        cost: u64,
        span: Span,
    ) {
        let id = SubroutineId(to_u32(self.circuit.subroutines.len()));
        let external = body.is_none();
        let Frame { returns, num_locals, local_names, .. } = frame;
        self.circuit.subroutines.push(Subroutine {
            name: self.name(name).to_owned(),
            params: params.to_vec(),
            returns,
            num_locals,
            local_names,
            body,
            span: self.span(span),
        });
        self.subroutine_costs.push(cost);
        let symbol = SubroutineSymbol { id, params, returns, external, cost, declared: name.span };
        self.declare(name, Symbol::Subroutine(Box::new(symbol)));
    }

    fn parameter(&mut self, arg: &'a ast::Arg, slot: u32) -> Option<(ParamKind, Symbol)> {
        let var = VarRef::Local(slot);
        let variable = |ty, access| {
            Symbol::Variable(Box::new(Variable {
                var,
                ty,
                access,
                value: None,
                declared: arg.name.span,
            }))
        };
        match &arg.ty.kind {
            TypeKind::Qubit(size) => {
                let most = self.options.limits.qubits;
                let n = match size {
                    None => None,
                    Some(e) => Some(self.size(e, "the number of qubits", most)?),
                };
                let qubits = Qubits {
                    kind: QubitExprKind::Variable(var),
                    single: n.is_none(),
                    size: Some(n.unwrap_or(1)),
                    known: Known::Range(u64::from(slot + 1) << 32),
                };
                Some((ParamKind::Qubits(n), Symbol::Qubits(qubits, arg.name.span)))
            }
            TypeKind::ArrayRef { .. } => {
                let (element, shape, mutable) = self.array_parameter(&arg.ty)?;
                let dims = match &shape {
                    circuit::ArrayShape::Dims(d) => d.iter().map(|&d| Some(d)).collect(),
                    circuit::ArrayShape::NumDims(n) => (0..*n).map(|_| None).collect(),
                };
                let access = if mutable { Access::Mutable } else { Access::Readonly };
                let symbol = variable(Ty::Array { element, dims }, access);
                Some((ParamKind::Array { element, shape, mutable }, symbol))
            }
            _ => {
                let scalar = self.scalar_type(&arg.ty)?;
                Some((ParamKind::Scalar(scalar), variable(Ty::Scalar(scalar), Access::Mutable)))
            }
        }
    }
}

/// The value of a variable without an initial one; not of large ones, which nobody asks about.
fn small_zero(ty: &Type) -> Option<Value> {
    match ty {
        Type::Scalar(Scalar::Bits(n)) if *n > 64 => None,
        Type::Scalar(_) => Some(Value::zero(ty)),
        Type::Array(_) => None,
    }
}
