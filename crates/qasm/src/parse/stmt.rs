//! Statements.

mod calibration;
mod control;
mod declaration;
mod gate;
mod operation;
mod version2;

use crate::ast::{Annotation, BinOp, Block, Expr, ExprKind, Name, Stmt, StmtKind, Version};
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
        let outer = std::mem::take(&mut self.height);
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
        // An expression may hold statements: `durationof({ … })`.
        self.height = outer.max(self.height);
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
            height: self.height,
            diagnostics: Vec::new(),
            num_errors: 0,
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
            Kw::DefcalGrammar | Kw::Cal | Kw::Defcal => {
                let start = self.span();
                match kw {
                    Kw::Cal => self.cal()?,
                    Kw::Defcal => self.defcal()?,
                    _ => self.calibration_grammar()?,
                }
                Ok(StmtKind::Calibration(self.since(start)))
            }
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
}
