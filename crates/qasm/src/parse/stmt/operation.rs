//! Operations on qubits other than gates.

use crate::ast::{Expr, ExprKind, StmtKind, Version};
use crate::lex::{Kw, Tok};
use crate::parse::{Parse, Parser};

impl Parser<'_> {
    pub(super) fn measure_statement(&mut self) -> Parse<StmtKind> {
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

    pub(super) fn reset(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let operand = self.gate_operand()?;
        self.semicolon("the qubit")?;
        Ok(StmtKind::Reset(operand))
    }

    pub(super) fn barrier(&mut self, kw: Kw) -> Parse<StmtKind> {
        self.at += 1;
        let operands = if self.is(";") && self.version == Version::V3 {
            Vec::new()
        } else {
            self.gate_operands()?
        };
        self.semicolon("the qubits")?;
        Ok(if kw == Kw::Nop { StmtKind::Nop(operands) } else { StmtKind::Barrier(operands) })
    }

    pub(super) fn delay(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let Some(duration) = self.size()? else {
            return Err(self.expected_help("`[` and a duration", "as in `delay[100ns] q;`"));
        };
        let operands = if self.is(";") { Vec::new() } else { self.gate_operands()? };
        self.semicolon("the qubits")?;
        Ok(StmtKind::Delay { duration: *duration, operands })
    }

    pub(super) fn box_statement(&mut self) -> Parse<StmtKind> {
        self.at += 1;
        let duration = self.size()?.map(|e| *e);
        let body = self.block("the box")?;
        Ok(StmtKind::Box { duration, body })
    }
}
