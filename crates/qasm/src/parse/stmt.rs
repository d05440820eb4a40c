//! Statements.

use crate::ast::{
    Annotation, BinOp, Block, Body, Case, Expr, ExprKind, GateCall, GateDef, Modifier,
    ModifierKind, Name, Stmt, StmtKind, SubroutineDef, Type, TypeKind, Version,
};
use crate::diagnostic::Diagnostic;
use crate::lex::{Kw, OPAQUE, Tok, lex};
use crate::span::Span;

use super::{Parse, Parser};

fn compound(tok: Tok) -> Option<BinOp> {
    let Tok::P(p) = tok else { return None };
    Some(match p {
        "+=" => BinOp::Add,
        "-=" => BinOp::Sub,
        "*=" => BinOp::Mul,
        "/=" => BinOp::Div,
        "%=" => BinOp::Rem,
        "**=" => BinOp::Pow,
        "<<=" => BinOp::Shl,
        ">>=" => BinOp::Shr,
        "&=" => BinOp::BitAnd,
        "|=" => BinOp::BitOr,
        "^=" => BinOp::BitXor,
        _ => return None,
    })
}

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Parse<Stmt> {
        let start = self.span();
        let mut annotations = Vec::new();
        while self.kind() == Tok::Annotation {
            annotations.push(self.annotation());
        }
        if !annotations.is_empty()
            && (self.kind() == Tok::Eof || self.is("}") || self.kind() == Tok::Pragma)
        {
            return Err(self.expected("the statement that the annotation is about"));
        }
        let kind =
            if self.version == Version::V2 { self.statement_2()? } else { self.statement_3()? };
        Ok(Stmt { span: self.since(start), annotations, kind })
    }

    fn annotation(&mut self) -> Annotation {
        let span = self.advance();
        let text = self.slice(span);
        let keyword = text.split([' ', '\t']).next().unwrap_or(text);
        let has_value = keyword.starts_with("@ketlab.") && keyword != "@ketlab.display";
        let content = Span { start: span.start + super::to_u32(keyword.len()), end: span.end };
        if !has_value || self.slice(content).trim().is_empty() {
            return Annotation { span, value: None };
        }
        let mut lexed = lex(self.slice(content), Version::V3);
        for t in &mut lexed.tokens {
            t.span = Span::new(t.span.start + content.start, t.span.end + content.start);
        }
        let mut inner = Parser {
            text: self.text,
            tokens: &lexed.tokens,
            at: 0,
            version: Version::V3,
            depth: self.depth,
            diagnostics: Vec::new(),
            last_error: None,
            suppressed: false,
        };
        let value = inner.annotation_value();
        let mut found = std::mem::take(&mut inner.diagnostics);
        if found.is_empty() && (value.is_err() || inner.kind() != Tok::Eof) {
            inner.last_error = None;
            let message = "the rest of this annotation is not understood";
            found.push(Diagnostic::error("annotation", inner.span(), message));
        }
        for d in found {
            self.report(d);
        }
        Annotation { span, value: value.ok() }
    }

    /// An expression, a list, or a word with such arguments.
    fn annotation_value(&mut self) -> Parse<Expr> {
        if self.is("{") {
            return self.braces();
        }
        let start = self.span();
        if self.kind() == Tok::Ident && self.kind_at(1) == Tok::P("(") {
            self.at += 2;
            let item = |p: &mut Self| if p.is("{") { p.braces() } else { p.expr() };
            let args = self.list(")", "the arguments", item)?;
            let kind = ExprKind::Call(Name { span: start }, args);
            return Ok(Expr { span: self.since(start), kind });
        }
        self.expr()
    }

    fn statement_3(&mut self) -> Parse<StmtKind> {
        match self.kind() {
            Tok::Ident => self.name_statement(),
            Tok::Kw(kw) => self.keyword_statement(kw),
            Tok::Pragma => Ok(StmtKind::Pragma(self.advance())),
            Tok::P("{") => Ok(StmtKind::Scope(self.block("a scope")?)),
            Tok::Hardware
            | Tok::P("(" | "-" | "!" | "~")
            | Tok::Int
            | Tok::Float
            | Tok::Imaginary
            | Tok::Timing
            | Tok::BitString => self.expression_statement(),
            Tok::P("@") => Err(self.expected_help(
                "a statement",
                "`@` joins a modifier and a gate, as in `ctrl @ x a, b;`",
            )),
            _ => Err(self.expected("a statement")),
        }
    }

    fn expression_statement(&mut self) -> Parse<StmtKind> {
        let e = self.expr()?;
        self.semicolon("the expression")?;
        Ok(StmtKind::Expr(e))
    }

    fn keyword_statement(&mut self, kw: Kw) -> Parse<StmtKind> {
        match kw {
            Kw::Include => self.include(),
            Kw::Qubit => self.qubit(),
            Kw::Qreg | Kw::Creg => self.old_register(kw == Kw::Qreg),
            Kw::Const => self.constant(),
            Kw::Input | Kw::Output => self.io(kw == Kw::Input),
            Kw::Let => self.alias(),
            Kw::Gate => self.gate_definition(),
            Kw::Def => self.subroutine(),
            Kw::Extern => self.external(),
            Kw::If => self.if_statement(),
            Kw::For => self.for_statement(),
            Kw::While => self.while_statement(),
            Kw::Switch => self.switch_statement(),
            Kw::Break | Kw::Continue | Kw::End => self.jump(kw),
            Kw::Return => self.return_statement(),
            Kw::Measure => self.measure_statement(),
            Kw::Reset => self.reset(),
            Kw::Barrier | Kw::Nop => self.barrier(kw),
            Kw::Delay => self.delay(),
            Kw::Box => self.box_statement(),
            Kw::DefcalGrammar => self.calibration_grammar(),
            Kw::Cal => self.cal(),
            Kw::Defcal => self.defcal(),
            Kw::Ctrl | Kw::Negctrl | Kw::Inv | Kw::Pow | Kw::Gphase => self.modified_gate(),
            Kw::Durationof | Kw::True | Kw::False => self.expression_statement(),
            Kw::Else => Err(self.expected_help(
                "a statement",
                "an `else` follows directly behind the body of its `if`",
            )),
            Kw::OpenQasm => Err(self.expected_help(
                "a statement",
                "the version line is the first of the file, and stands once",
            )),
            Kw::Case | Kw::Default => Err(self.expected_help(
                "a statement",
                "`case` and `default` stand within `switch (…) { }`",
            )),
            Kw::Mutable | Kw::Readonly => Err(self.expected_help(
                "a statement",
                "`mutable` and `readonly` are for parameters of subroutines",
            )),
            Kw::In | Kw::Void => Err(self.expected("a statement")),
            _ if Self::is_type(kw) => self.classical_declaration(),
            _ => Err(self.expected("a statement")),
        }
    }

    fn include(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        if !matches!(self.kind(), Tok::Str | Tok::BitString) {
            return Err(self
                .expected_help("the file's name in quotes", "as in `include \"stdgates.inc\";`"));
        }
        let path = self.advance();
        self.semicolon("the file's name")?;
        Ok(StmtKind::Include(path))
    }

    fn qubit(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let size = self.size()?.map(|e| *e);
        let name = self.name("the name of a qubit")?;
        self.declarator_end(name, "qubit")?;
        Ok(StmtKind::Qubit { size, name })
    }

    /// The `;` behind a declared name, with hints at what other languages allow there.
    fn declarator_end(&mut self, name: Name, ty: &str) -> Parse<()> {
        if self.is("[") {
            let name = self.slice(name.span).to_owned();
            return Err(self.expected_help(
                "`;`",
                format!("the size stands behind the type: `{ty}[n] {name};`"),
            ));
        }
        if self.is(",") {
            return Err(
                self.expected_help("`;`", "each name is declared by a statement of its own")
            );
        }
        let after = format!("the declaration of `{}`", self.slice(name.span));
        self.semicolon(&after)
    }

    fn old_register(&mut self, quantum: bool) -> Parse<StmtKind> {
        let start = self.advance();
        if self.is("[") {
            let help = if quantum {
                "`qreg q[2];`, or `qubit[2] q;`"
            } else {
                "`creg c[2];`, or `bit[2] c;`"
            };
            return Err(self.expected_help(
                "the name of a register",
                format!("the size stands behind the name: {help}"),
            ));
        }
        let name = self.name("the name of a register")?;
        let size =
            if self.version == Version::V2 { Some(Box::new(self.size_2()?)) } else { self.size()? };
        let span = self.since(start);
        let after = format!("the declaration of `{}`", self.slice(name.span));
        self.semicolon(&after)?;
        Ok(if quantum {
            StmtKind::Qubit { size: size.map(|e| *e), name }
        } else {
            StmtKind::Classical {
                ty: Type { span, kind: TypeKind::Bit(size) },
                name,
                init: None,
                is_const: false,
            }
        })
    }

    fn classical_declaration(&mut self) -> Parse<StmtKind> {
        let ty = self.classical_type()?;
        if self.is("(") {
            // A cast as a statement: `int[32](10);`
            let start = ty.span;
            self.at += 1;
            let inner = self.expr()?;
            self.expect(")", "to close the cast")?;
            let cast = Expr {
                span: self.since(start),
                kind: ExprKind::Cast(Box::new(ty), Box::new(inner)),
            };
            let cast = self.postfix(cast)?;
            let e = self.expr_rest(cast, 0)?;
            self.semicolon("the expression")?;
            return Ok(StmtKind::Expr(e));
        }
        self.declared(ty, false)
    }

    fn constant(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let ty = self.scalar_type()?;
        self.declared(ty, true)
    }

    fn declared(&mut self, ty: Type, is_const: bool) -> Parse<StmtKind> {
        let name = self.name("the name of a variable")?;
        let init = if self.eat("=") { Some(self.initializer()?) } else { None };
        if is_const && init.is_none() {
            return Err(self.expected_help(
                "`=` and the value of the constant",
                "a constant has its value from the start",
            ));
        }
        if init.is_some() {
            self.value_end()?;
        } else {
            let written = self.slice(ty.span).to_owned();
            let base = written.split('[').next().unwrap_or("int").to_owned();
            self.declarator_end(name, &base)?;
        }
        Ok(StmtKind::Classical { ty, name, init, is_const })
    }

    /// The `;` behind a value.
    fn value_end(&mut self) -> Parse<()> {
        if self.is("->") {
            return Err(
                self.expected_help("`;`", "write either `c = measure q;` or `measure q -> c;`")
            );
        }
        if self.is("?") {
            return Err(self.expected("`;`"));
        }
        self.semicolon("the value")
    }

    fn initializer(&mut self) -> Parse<Expr> {
        match self.kind() {
            Tok::P("{") => self.braces(),
            Tok::P("[") => Err(self
                .expected_help("a value", "the value of an array stands in braces: `{1, 2, 3}`")),
            _ => self.value(),
        }
    }

    /// An expression or a measurement.
    fn value(&mut self) -> Parse<Expr> {
        if self.is_kw(Kw::Measure) { self.measurement() } else { self.expr() }
    }

    fn measurement(&mut self) -> Parse<Expr> {
        let start = self.advance();
        let operand = self.gate_operand()?;
        Ok(Expr { span: self.since(start), kind: ExprKind::Measure(Box::new(operand)) })
    }

    fn io(&mut self, is_input: bool) -> Parse<StmtKind> {
        self.at += 1;
        if let Tok::Kw(Kw::Qreg | Kw::Creg | Kw::Qubit | Kw::Const) = self.kind() {
            return Err(self.expected_help(
                "a classical type",
                "inputs and outputs are classical values, such as `input angle theta;`",
            ));
        }
        let ty = self.classical_type()?;
        let name = self.name("the name of a parameter")?;
        if self.is("=") {
            let what = if is_input {
                "the value of an input comes from outside"
            } else {
                "an output gets its value in the program"
            };
            return Err(self.expected_help("`;`", what));
        }
        self.declarator_end(name, "uint")?;
        Ok(StmtKind::Io { is_input, ty, name })
    }

    fn alias(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let name = self.name("the name of an alias")?;
        self.expect("=", "after the name of the alias")?;
        let start = self.span();
        let first = self.alias_part()?;
        let value = if self.is("++") {
            let mut parts = vec![first];
            while self.eat("++") {
                parts.push(self.alias_part()?);
            }
            Expr { span: self.since(start), kind: ExprKind::Concat(parts) }
        } else {
            first
        };
        self.semicolon("the alias")?;
        Ok(StmtKind::Alias { name, value })
    }

    fn alias_part(&mut self) -> Parse<Expr> {
        self.expr()
    }

    /// A statement that begins with a name: a gate, a call, an assignment or an expression.
    fn name_statement(&mut self) -> Parse<StmtKind> {
        let start = self.span();
        match self.kind_at(1) {
            Tok::Ident | Tok::Hardware => {
                if let Some(reported) = self.foreign_statement() {
                    return Err(reported);
                }
                return self.gate_call(Vec::new(), start);
            }
            _ => {}
        }
        let name = Name { span: self.advance() };
        if self.is("(") {
            self.at += 1;
            let args = self.list(")", "the arguments", Self::expr)?;
            if matches!(self.kind(), Tok::Ident | Tok::Hardware) {
                return self.gate_call_rest(Vec::new(), name, Some(args), None);
            }
            if self.is("(") {
                return Err(self.expected("the qubits of the gate"));
            }
            let call = Expr { span: self.since(start), kind: ExprKind::Call(name, args) };
            if self.is("[") {
                // `g(a)[10ns] q;` or `f(a)[0];`
                let indexed = self.postfix(call)?;
                if matches!(self.kind(), Tok::Ident | Tok::Hardware)
                    && let ExprKind::Index(base, mut indices) = indexed.kind
                {
                    let ExprKind::Call(name, args) = base.kind else {
                        return Err(self.expected("`;`"));
                    };
                    let duration = if indices.len() == 1 { indices.pop() } else { None };
                    return self.gate_call_rest(Vec::new(), name, Some(args), duration);
                }
                let e = self.expr_rest(indexed, 0)?;
                self.semicolon("the expression")?;
                return Ok(StmtKind::Expr(e));
            }
            let e = self.expr_rest(call, 0)?;
            self.semicolon("the call")?;
            return Ok(StmtKind::Expr(e));
        }
        let base = Expr { span: start, kind: ExprKind::Name };
        let target = self.postfix(base)?;
        if matches!(self.kind(), Tok::Ident | Tok::Hardware)
            && let ExprKind::Index(base, indices) = &target.kind
            && matches!(base.kind, ExprKind::Name)
            && let [duration] = indices.as_slice()
        {
            let duration = duration.clone();
            return self.gate_call_rest(Vec::new(), name, None, Some(duration));
        }
        if self.is("~=") {
            return Err(
                self.expected_help("an assignment", "`~` takes one operand: write `a = ~b;`")
            );
        }
        if let Some(op) = compound(self.kind()) {
            self.at += 1;
            let value = self.value()?;
            self.value_end()?;
            return Ok(StmtKind::Assign { target, op: Some(op), value });
        }
        if self.eat("=") {
            if self.is("[") || self.is("{") {
                let value = self.initializer()?;
                self.value_end()?;
                return Ok(StmtKind::Assign { target, op: None, value });
            }
            let value = self.value()?;
            self.value_end()?;
            return Ok(StmtKind::Assign { target, op: None, value });
        }
        if self.is(":") {
            return Err(
                self.expected_help("a statement", "the type stands before the name: `int[8] x;`")
            );
        }
        if let Tok::Kw(kw) = self.kind()
            && Self::is_type(kw)
        {
            return Err(
                self.expected_help("a statement", "the type stands before the name: `int[8] x;`")
            );
        }
        if self.kind() == Tok::Annotation || self.is("@") {
            let d = Diagnostic::error("syntax", self.span(), format!("expected qubits, found {}", self.found()))
                .help("the modifiers are `ctrl`, `negctrl`, `inv` and `pow(k)`; they stand before `@` and a gate");
            return Err(self.report(d));
        }
        let e = self.expr_rest(target, 0)?;
        self.semicolon("the expression")?;
        Ok(StmtKind::Expr(e))
    }

    /// Words of version 2 or of other languages that look like a gate here.
    fn foreign_statement(&mut self) -> Option<super::Reported> {
        let word = self.token_text();
        let help = match word {
            OPAQUE => {
                "`opaque` belongs to OpenQASM 2; here a gate has a body, or a calibration by `defcal`"
            }
            "var" | "double" | "long" | "string" | "char" | "unsigned" => {
                "the types are bit, bool, int, uint, float, angle, complex, duration and array"
            }
            _ => return None,
        };
        let d = Diagnostic::error(
            "syntax",
            self.span(),
            format!("`{word}` is not a statement of OpenQASM 3"),
        )
        .help(help);
        Some(self.report(d))
    }

    fn modified_gate(&mut self) -> Parse<StmtKind> {
        let start = self.span();
        let mut modifiers = Vec::new();
        while let Tok::Kw(kw @ (Kw::Ctrl | Kw::Negctrl | Kw::Inv | Kw::Pow)) = self.kind() {
            let start = self.advance();
            let argument = if self.is("(") && kw != Kw::Inv {
                self.at += 1;
                let e = self.expr()?;
                self.expect(")", "after the argument of the modifier")?;
                Some(e)
            } else {
                None
            };
            let kind = match kw {
                Kw::Inv => ModifierKind::Inv,
                Kw::Pow => match argument {
                    Some(e) => ModifierKind::Pow(e),
                    None => {
                        return Err(
                            self.expected_help("`(` and an exponent", "as in `pow(2) @ x q;`")
                        );
                    }
                },
                _ => ModifierKind::Ctrl { count: argument, on: kw == Kw::Ctrl },
            };
            modifiers.push(Modifier { span: self.since(start), kind });
            if !self.eat("@") {
                return Err(self.expected_help("`@` after the modifier", "as in `ctrl @ x a, b;`"));
            }
        }
        self.gate_call(modifiers, start)
    }

    fn gate_call(&mut self, modifiers: Vec<Modifier>, start: Span) -> Parse<StmtKind> {
        let is_phase = self.is_kw(Kw::Gphase);
        let name =
            if is_phase { Name { span: self.advance() } } else { self.name("the name of a gate")? };
        debug_assert!(start.start <= name.span.start);
        let args =
            if self.eat("(") { Some(self.list(")", "the parameters", Self::expr)?) } else { None };
        let duration = self.size()?.map(|e| *e);
        if is_phase && self.is(";") {
            self.at += 1;
            return Ok(StmtKind::GateCall(Box::new(GateCall {
                modifiers,
                name,
                args,
                duration,
                operands: Vec::new(),
            })));
        }
        self.gate_call_rest(modifiers, name, args, duration)
    }

    /// The qubits.
    fn gate_call_rest(
        &mut self,
        modifiers: Vec<Modifier>,
        name: Name,
        args: Option<Vec<Expr>>,
        duration: Option<Expr>,
    ) -> Parse<StmtKind> {
        let operands = self.gate_operands()?;
        if self.is("=") && modifiers.is_empty() && args.is_none() {
            let d = Diagnostic::error("unknown_type", name.span, format!("`{}` is not a type", self.slice(name.span)))
                .help("the types are bit, bool, int, uint, float, angle, complex, duration, stretch and array");
            return Err(self.report(d));
        }
        self.semicolon("the qubits")?;
        Ok(StmtKind::GateCall(Box::new(GateCall { modifiers, name, args, duration, operands })))
    }

    fn names(&mut self, close: &'static str, what: &str) -> Parse<Vec<Name>> {
        let mut names = Vec::new();
        loop {
            if self.is(close) {
                return Ok(names);
            }
            names.push(self.name(what)?);
            if !self.eat(",") {
                return Ok(names);
            }
        }
    }

    fn gate_definition(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let name = self.name("the name of a gate")?;
        let params = self.gate_parameters()?;
        let qubits = self.names("{", "the name of a qubit")?;
        if qubits.is_empty() {
            return Err(self.expected_help(
                "the name of a qubit",
                "a gate acts on at least one qubit: `gate g a { x a; }`",
            ));
        }
        if self.is("[") {
            return Err(self.expected_help(
                "`{`",
                "the qubits of a gate are single: `gate g a, b { cx a, b; }`",
            ));
        }
        let body = self.block("the gate")?;
        Ok(StmtKind::Gate(Box::new(GateDef { name, params, qubits, body })))
    }

    fn gate_parameters(&mut self) -> Parse<Vec<Name>> {
        if !self.eat("(") {
            return Ok(Vec::new());
        }
        let params = self.names(")", "the name of a parameter")?;
        self.expect(")", "after the parameters")?;
        Ok(params)
    }

    fn subroutine(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let name = self.name("the name of a subroutine")?;
        if !self.is("(") {
            return Err(self.expected_help(
                "`(` and the parameters",
                "as in `def f(qubit q, int[8] n) -> bit { … }`",
            ));
        }
        self.at += 1;
        let args = self.list(")", "the parameters", Self::parameter)?;
        let ret = self.return_type()?;
        let body = self.block("the subroutine")?;
        Ok(StmtKind::Def(Box::new(SubroutineDef { name, args, ret, body })))
    }

    fn return_type(&mut self) -> Parse<Option<Type>> {
        if self.eat("->") { Ok(Some(self.scalar_type()?)) } else { Ok(None) }
    }

    fn external(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let name = self.name("the name of a function")?;
        self.expect("(", "and the types of the parameters")?;
        let args = self.list(")", "the types of the parameters", Self::extern_parameter)?;
        let ret = self.return_type()?;
        self.semicolon("the declaration")?;
        Ok(StmtKind::Extern { name, args, ret })
    }

    pub(super) fn block(&mut self, of: &str) -> Parse<Block> {
        let start = self.expect("{", &format!("to open {of}"))?;
        let items = self.block_items(start)?;
        Ok(Block { span: self.since(start), items })
    }

    fn block_items(&mut self, open: Span) -> Parse<Vec<Stmt>> {
        let mut items = Vec::new();
        loop {
            if self.eat("}") {
                return Ok(items);
            }
            if self.kind() == Tok::Eof {
                let d = Diagnostic::error(
                    "syntax",
                    self.span(),
                    "expected `}`, found the end of the text",
                )
                .label(open, "to close this block");
                return Err(self.report(d));
            }
            if let Some(stmt) = self.statement_or_recover() {
                items.push(stmt);
            }
        }
    }

    fn body(&mut self, of: &str) -> Parse<Body> {
        let start = self.span();
        if self.is("{") {
            let block = self.block(of)?;
            return Ok(Body { span: block.span, braces: true, items: block.items });
        }
        if self.is(";") || self.is_kw(Kw::Else) || self.kind() == Tok::Eof {
            return Err(self.expected_help(
                &format!("the body of {of}"),
                "a statement, or statements in braces; `{ }` does nothing",
            ));
        }
        let stmt = self.deeper(Self::statement)?;
        Ok(Body { span: self.since(start), braces: false, items: vec![stmt] })
    }

    fn condition(&mut self, of: &str) -> Parse<Expr> {
        if !self.is("(") {
            return Err(
                self.expected_help(&format!("`(` after `{of}`"), "a condition stands in brackets")
            );
        }
        self.at += 1;
        let e = self.expr()?;
        if self.is("=") {
            return Err(self.expected_help("`)`", "to compare, write `==`"));
        }
        self.expect(")", "after the condition")?;
        Ok(e)
    }

    fn if_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let condition = self.condition("if")?;
        let then = self.body("`if`")?;
        let otherwise = if self.eat_kw(Kw::Else) { Some(self.body("`else`")?) } else { None };
        Ok(StmtKind::If { condition, then, otherwise })
    }

    fn for_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        if self.kind() == Tok::Ident {
            let name = self.token_text().to_owned();
            return Err(self.expected_help(
                "the type of the loop variable",
                format!("as in `for int {name} in [0:3] {{ }}`"),
            ));
        }
        let ty = self.scalar_type()?;
        let name = self.name("the name of the loop variable")?;
        if !self.eat_kw(Kw::In) {
            return Err(self.expected("`in` after the loop variable"));
        }
        let start = self.span();
        let iterable = match self.kind() {
            Tok::P("{") => self.braces()?,
            Tok::P("[") => {
                self.at += 1;
                let mut range = self.range_or_expr()?;
                if !matches!(range.kind, ExprKind::Range { .. }) {
                    return Err(self.expected_help("`:` in the range", "a range is `[first:last]` or `[first:step:last]`; single values are `{1, 4}`"));
                }
                self.expect("]", "after the range")?;
                range.span = self.since(start);
                range
            }
            _ => self.expr()?,
        };
        let body = self.body("`for`")?;
        Ok(StmtKind::For { ty, name, iterable, body })
    }

    fn while_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let condition = self.condition("while")?;
        let body = self.body("`while`")?;
        Ok(StmtKind::While { condition, body })
    }

    fn switch_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let subject = self.condition("switch")?;
        let open = self.expect("{", "after the value of `switch`")?;
        let mut cases = Vec::new();
        loop {
            let start = self.span();
            match self.kind() {
                Tok::P("}") => {
                    self.at += 1;
                    return Ok(StmtKind::Switch { subject, cases });
                }
                Tok::Kw(Kw::Case) => {
                    self.at += 1;
                    let values = self.case_values()?;
                    if self.is(":") {
                        return Err(self.expected_help(
                            "`{`",
                            "the statements of a case stand in braces: `case 0 { x q; }`",
                        ));
                    }
                    let body = self.block("the case")?;
                    cases.push(Case { span: self.since(start), values, is_default: false, body });
                }
                Tok::Kw(Kw::Default) => {
                    self.at += 1;
                    let body = self.block("`default`")?;
                    cases.push(Case {
                        span: self.since(start),
                        values: Vec::new(),
                        is_default: true,
                        body,
                    });
                }
                _ => {
                    let reported = self.expected("`case`, `default` or `}`");
                    if self.kind() == Tok::Eof {
                        return Err(reported);
                    }
                    // Leave the switch whole: its block ends where its brace does.
                    self.close_block(open);
                    return Err(reported);
                }
            }
        }
    }

    /// Goes to the `}` of the block that is open here.
    fn close_block(&mut self, open: Span) {
        debug_assert!(open.start < self.span().start);
        let mut depth = 1usize;
        while self.kind() != Tok::Eof {
            match self.kind() {
                Tok::P("{") => depth += 1,
                Tok::P("}") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                // `recover` stops before a `}`: hand it one that it may skip.
                self.at += 1;
                return;
            }
            self.at += 1;
        }
    }

    fn case_values(&mut self) -> Parse<Vec<Expr>> {
        let mut values = Vec::new();
        loop {
            values.push(self.expr()?);
            if !self.eat(",") || self.is("{") {
                return Ok(values);
            }
        }
    }

    fn jump(&mut self, kw: Kw) -> Parse<StmtKind> {
        self.at += 1;
        self.semicolon(&format!("`{}`", kw.text()))?;
        Ok(match kw {
            Kw::Break => StmtKind::Break,
            Kw::Continue => StmtKind::Continue,
            _ => StmtKind::End,
        })
    }

    fn return_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let value = if self.is(";") { None } else { Some(self.value()?) };
        self.semicolon("the value")?;
        Ok(StmtKind::Return(value))
    }

    fn measure_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let source = self.gate_operand()?;
        let target = if self.eat("->") {
            if !matches!(self.kind(), Tok::Ident) {
                return Err(
                    self.expected_help("a bit", "declare the bit first, then `measure q -> c;`")
                );
            }
            let span = self.advance();
            Some(self.postfix(Expr { span, kind: ExprKind::Name })?)
        } else {
            if self.version == Version::V2 {
                return Err(self.expected_help("`->` and a bit", "as in `measure q[0] -> c[0];`"));
            }
            if self.is(",") {
                return Err(
                    self.expected_help("`;`", "one qubit or register is measured at a time")
                );
            }
            None
        };
        self.semicolon("the measurement")?;
        Ok(StmtKind::Measure { source, target })
    }

    fn reset(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let operand = self.gate_operand()?;
        self.semicolon("the qubit")?;
        Ok(StmtKind::Reset(operand))
    }

    fn barrier(&mut self, kw: Kw) -> Parse<StmtKind> {
        self.at += 1;
        let operands = if self.is(";") && self.version == Version::V3 {
            Vec::new()
        } else {
            self.gate_operands()?
        };
        self.semicolon("the qubits")?;
        Ok(if kw == Kw::Nop { StmtKind::Nop(operands) } else { StmtKind::Barrier(operands) })
    }

    fn delay(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let Some(duration) = self.size()? else {
            return Err(self.expected_help("`[` and a duration", "as in `delay[100ns] q;`"));
        };
        let operands = if self.is(";") { Vec::new() } else { self.gate_operands()? };
        self.semicolon("the qubits")?;
        Ok(StmtKind::Delay { duration: *duration, operands })
    }

    fn box_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let duration = self.size()?.map(|e| *e);
        let body = self.block("the box")?;
        Ok(StmtKind::Box { duration, body })
    }

    fn calibration_grammar(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        if !matches!(self.kind(), Tok::Str | Tok::BitString) {
            return Err(self.expected_help(
                "the grammar's name in quotes",
                "as in `defcalgrammar \"openpulse\";`",
            ));
        }
        self.at += 1;
        self.semicolon("the grammar's name")?;
        Ok(StmtKind::Calibration)
    }

    fn cal(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        self.calibration_body()?;
        Ok(StmtKind::Calibration)
    }

    fn calibration_body(&mut self) -> Parse<()> {
        self.expect("{", "to open the calibration")?;
        if self.kind() == Tok::CalBody {
            self.at += 1;
        }
        self.expect("}", "to close the calibration")?;
        Ok(())
    }

    fn defcal(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        if let Tok::Kw(Kw::Measure | Kw::Reset | Kw::Delay) = self.kind() {
            self.at += 1;
        } else {
            self.name("the name of a gate")?;
        }
        if self.eat("(") {
            self.list(")", "the parameters", Self::calibration_parameter)?;
        }
        loop {
            if !matches!(self.kind(), Tok::Ident | Tok::Hardware) {
                return Err(self.expected_help("a qubit", "as in `defcal x $0 { … }`"));
            }
            self.at += 1;
            if !self.eat(",") || self.is("{") || self.is("->") {
                break;
            }
        }
        if self.eat("->") {
            self.scalar_type()?;
        }
        self.calibration_body()?;
        Ok(StmtKind::Calibration)
    }

    /// `angle[20] theta`, or an expression.
    fn calibration_parameter(&mut self) -> Parse<()> {
        if let Tok::Kw(kw) = self.kind()
            && (Self::is_type(kw)
                || matches!(kw, Kw::Qubit | Kw::Creg | Kw::Qreg | Kw::Mutable | Kw::Readonly))
        {
            self.parameter()?;
        } else {
            self.expr()?;
        }
        Ok(())
    }

    // ---- version 2 ----

    fn statement_2(&mut self) -> Parse<StmtKind> {
        match self.kind() {
            Tok::Kw(Kw::Include) => self.include(),
            Tok::Kw(kw @ (Kw::Qreg | Kw::Creg)) => self.old_register(kw == Kw::Qreg),
            Tok::Kw(Kw::Gate) => self.gate_definition_2(),
            Tok::Kw(Kw::If) => self.if_statement_2(),
            Tok::Kw(Kw::Measure) => self.measure_statement(),
            Tok::Kw(Kw::Reset) => self.reset(),
            Tok::Kw(Kw::Barrier) => self.barrier(Kw::Barrier),
            Tok::Kw(Kw::OpenQasm) => Err(self.expected_help(
                "a statement",
                "the version line is the first of the file, and stands once",
            )),
            Tok::Ident if self.token_text() == OPAQUE && self.kind_at(1) == Tok::Ident => {
                self.opaque()
            }
            Tok::Ident => {
                if let Some(reported) = self.version_3_word() {
                    return Err(reported);
                }
                let start = self.span();
                self.gate_call(Vec::new(), start)
            }
            Tok::P("{") => Err(self.expected_help(
                "a statement",
                "blocks belong to OpenQASM 3: change the first line to `OPENQASM 3.0;`",
            )),
            _ => Err(self.expected("a statement")),
        }
    }

    /// Keywords of version 3 where a gate's name would stand.
    fn version_3_word(&mut self) -> Option<super::Reported> {
        let word = self.token_text();
        let typed = matches!(self.kind_at(1), Tok::P("["));
        let help = match word {
            "qubit" if typed || self.kind_at(2) == Tok::P(";") => {
                "in OpenQASM 2 write `qreg q[2];`"
            }
            "bit" if typed || self.kind_at(2) == Tok::P(";") => "in OpenQASM 2 write `creg c[2];`",
            "for" | "while" | "switch" | "def" | "let" | "const" | "input" | "output" | "int"
            | "uint" | "float" | "angle" | "bool" | "box" | "ctrl" | "inv" | "negctrl" | "pow"
            | "else" | "array" | "delay"
                if self.kind_at(1) != Tok::Ident
                    || !matches!(self.kind_at(2), Tok::P(";" | "[" | ",")) =>
            {
                "OpenQASM 2 has no such statement"
            }
            _ => return None,
        };
        let d = Diagnostic::error(
            "version",
            self.span(),
            format!("`{word}` belongs to OpenQASM 3, and this program is OpenQASM 2"),
        )
        .help(format!("{help}; or change the first line to `OPENQASM 3.0;`"));
        Some(self.report(d))
    }

    /// `[n]`, with a number.
    fn size_2(&mut self) -> Parse<Expr> {
        self.expect("[", "and the register's size")?;
        if self.kind() != Tok::Int {
            return Err(self.expected("a whole number"));
        }
        let size = self.expr()?;
        self.expect("]", "after the size")?;
        Ok(size)
    }

    fn gate_definition_2(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let name = self.name("the name of a gate")?;
        let params = self.gate_parameters()?;
        let qubits = self.names("{", "the name of a qubit")?;
        if qubits.is_empty() {
            return Err(self.expected_help(
                "the name of a qubit",
                "a gate acts on at least one qubit: `gate g a { x a; }`",
            ));
        }
        let open = self.expect("{", "to open the gate")?;
        let mut items = Vec::new();
        loop {
            if self.eat("}") {
                break;
            }
            match self.kind() {
                Tok::Kw(Kw::Barrier) | Tok::Ident => {}
                _ => {
                    let d = Diagnostic::error(
                        "syntax",
                        self.span(),
                        format!("expected a gate, `barrier` or `}}`, found {}", self.found()),
                    )
                    .label(open, "in the gate that opens here")
                    .help("a gate holds gates alone: no measurement, no reset, no declaration");
                    let reported = self.report(d);
                    if matches!(self.kind(), Tok::Kw(Kw::Qreg | Kw::Creg | Kw::Gate | Kw::Include))
                    {
                        // The brace was forgotten: go on behind the gate.
                        return Ok(StmtKind::Error);
                    }
                    if self.kind() == Tok::Eof {
                        return Err(reported);
                    }
                }
            }
            if let Some(stmt) = self.statement_or_recover() {
                items.push(stmt);
            }
        }
        let body = Block { span: self.since(open), items };
        Ok(StmtKind::Gate(Box::new(GateDef { name, params, qubits, body })))
    }

    fn opaque(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let name = self.name("the name of a gate")?;
        let params = self.gate_parameters()?;
        let qubits = self.names(";", "the name of a qubit")?;
        self.semicolon("the qubits")?;
        Ok(StmtKind::Opaque { name, params, qubits })
    }

    /// `if (c == 3) x q;`
    fn if_statement_2(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        if !self.is("(") {
            return Err(self.expected_help("`(` after `if`", "as in `if (c == 1) x q[0];`"));
        }
        self.at += 1;
        let name = self.name("the name of a classical register")?;
        let left = Expr { span: name.span, kind: ExprKind::Name };
        match self.kind() {
            Tok::P("==") => self.at += 1,
            Tok::P("=") => return Err(self.expected_help("`==`", "to compare, write `==`")),
            Tok::P("[") => {
                return Err(self.expected_help(
                    "`==`",
                    "OpenQASM 2 compares whole registers; OpenQASM 3 can test one bit",
                ));
            }
            _ => return Err(self.expected_help("`==`", "OpenQASM 2 has no other comparison")),
        }
        if self.kind() != Tok::Int {
            return Err(self.expected("a whole number"));
        }
        let right = self.expr()?;
        self.expect(")", "after the condition")?;
        let span = left.span.to(right.span);
        let condition =
            Expr { span, kind: ExprKind::Binary(BinOp::Eq, Box::new(left), Box::new(right)) };
        match self.kind() {
            Tok::Kw(Kw::Measure | Kw::Reset) | Tok::Ident => {}
            _ => {
                return Err(self.expected_help(
                    "a gate, `measure` or `reset`",
                    "in OpenQASM 2 an `if` holds one of these, without braces",
                ));
            }
        }
        let start = self.span();
        let stmt = self.deeper(Self::statement)?;
        let then = Body { span: self.since(start), braces: false, items: vec![stmt] };
        Ok(StmtKind::If { condition, then, otherwise: None })
    }
}
