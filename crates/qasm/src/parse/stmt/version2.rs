//! Statements of OpenQASM 2.

use crate::ast::{BinOp, Block, Body, Expr, ExprKind, GateDef, StmtKind};
use crate::diagnostic::Diagnostic;
use crate::lex::{Kw, OPAQUE, Tok};
use crate::parse::{Parse, Parser, Reported};

impl Parser<'_> {
    pub(super) fn statement_2(&mut self) -> Parse<StmtKind> {
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
    fn version_3_word(&mut self) -> Option<Reported> {
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
    pub(super) fn size_2(&mut self) -> Parse<Expr> {
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
        let qubits = self.gate_qubits(";")?;
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
