//! Definitions and calls of gates.

use crate::ast::{Expr, GateCall, GateDef, Modifier, ModifierKind, Name, StmtKind};
use crate::diagnostic::Diagnostic;
use crate::lex::{Kw, Tok};
use crate::parse::{Parse, Parser};
use crate::span::Span;

impl Parser<'_> {
    pub(super) fn modified_gate(&mut self) -> Parse<StmtKind> {
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

    pub(super) fn gate_call(&mut self, modifiers: Vec<Modifier>, start: Span) -> Parse<StmtKind> {
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
    pub(super) fn gate_call_rest(
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

    pub(super) fn names(&mut self, close: &'static str, what: &str) -> Parse<Vec<Name>> {
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

    pub(super) fn gate_definition(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let name = self.name("the name of a gate")?;
        let params = self.gate_parameters()?;
        let qubits = self.gate_qubits("{")?;
        if self.is("[") {
            return Err(self.expected_help(
                "`{`",
                "the qubits of a gate are single: `gate g a, b { cx a, b; }`",
            ));
        }
        let body = self.block("the gate")?;
        Ok(StmtKind::Gate(Box::new(GateDef { name, params, qubits, body })))
    }

    /// The names up to `close`, which stays; at least one.
    pub(super) fn gate_qubits(&mut self, close: &'static str) -> Parse<Vec<Name>> {
        let qubits = self.names(close, "the name of a qubit")?;
        if qubits.is_empty() {
            return Err(self.expected_help(
                "the name of a qubit",
                "a gate acts on at least one qubit: `gate g a { x a; }`",
            ));
        }
        Ok(qubits)
    }

    pub(super) fn gate_parameters(&mut self) -> Parse<Vec<Name>> {
        if !self.eat("(") {
            return Ok(Vec::new());
        }
        let params = self.names(")", "the name of a parameter")?;
        self.expect(")", "after the parameters")?;
        Ok(params)
    }
}
