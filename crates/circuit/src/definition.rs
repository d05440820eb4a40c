//! The definitions of the gate table as gate bodies.
//!
//! The table writes a definition in a small part of OpenQASM: calls of table gates and `gphase`
//! with the modifiers `ctrl @` and `ctrl(n) @`, and real expressions over the gate's parameters and
//! `pi`. This reads that part; programs are read elsewhere.

use crate::circuit::GateDefinition;
use crate::expr::{BinaryOp, Expr, QubitExpr, UnaryOp, VarRef};
use crate::gate::GATES;
use crate::operation::{Block, GateCall, GateRef, Modifier, Statement, StatementKind};
use crate::span::Span;
use crate::{Gate, GateSpec};

/// Names of a definition's qubits, in order.
const QUBITS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// The gate's definition, or `None` for the gate that the others rest on.
///
/// It calls table gates alone, and following the calls ends: see the tests.
pub fn definition(gate: Gate) -> Option<GateDefinition> {
    let spec = gate.spec();
    if spec.definition.is_empty() {
        return None;
    }
    let statements = spec
        .definition
        .split(';')
        .map(str::trim)
        .filter(|s| !s.is_empty())
        .map(|s| Statement::from(StatementKind::Gate(Box::new(Reader::new(s, spec).call()))))
        .collect();
    Some(GateDefinition {
        name: spec.name.into(),
        params: spec.params.iter().map(|p| p.name().into()).collect(),
        qubits: QUBITS[..spec.num_qubits()].iter().map(|&q| q.into()).collect(),
        num_locals: u32::try_from(spec.num_params()).unwrap_or(0),
        local_names: Vec::new(),
        body: Some(Block::new(statements)),
        span: Span::NONE,
    })
}

/// Reads one statement. The table is ours: what it does not understand is a mistake there, which
/// the tests find, and reads as nothing.
struct Reader<'a> {
    tokens: Vec<&'a str>,
    at: usize,
    spec: &'a GateSpec,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, spec: &'a GateSpec) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text.trim_start();
        while let Some(c) = rest.chars().next() {
            let word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
            let len =
                if word(c) { rest.find(|c| !word(c)).unwrap_or(rest.len()) } else { c.len_utf8() };
            tokens.push(&rest[..len]);
            rest = rest[len..].trim_start();
        }
        Self { tokens, at: 0, spec }
    }

    fn peek(&self) -> &'a str {
        self.tokens.get(self.at).copied().unwrap_or("")
    }

    fn take(&mut self) -> &'a str {
        self.at += 1;
        self.tokens.get(self.at - 1).copied().unwrap_or("")
    }

    fn skip(&mut self, token: &str) -> bool {
        let found = self.peek() == token;
        self.at += usize::from(found);
        found
    }

    fn call(&mut self) -> GateCall {
        let mut modifiers = smallvec::SmallVec::new();
        while self.skip("ctrl") {
            let count = self.skip("(").then(|| Expr::int(self.take().parse().unwrap_or(1)));
            self.skip(")");
            self.skip("@");
            modifiers.push(Modifier::Ctrl(count));
        }
        let gate = match self.take() {
            "gphase" => GateRef::GlobalPhase,
            name => GateRef::Table(
                GATES
                    .iter()
                    .find(|g| g.name == name || g.aliases.contains(&name))
                    .map_or(Gate::Id, |g| g.gate),
            ),
        };
        let mut params = smallvec::SmallVec::new();
        if self.skip("(") {
            loop {
                params.push(self.sum());
                if !self.skip(",") {
                    break;
                }
            }
            self.skip(")");
        }
        let mut operands = smallvec::SmallVec::new();
        while let Some(i) = QUBITS.iter().position(|&q| q == self.peek()) {
            self.at += 1;
            operands.push(QubitExpr::argument(u32::try_from(i).unwrap_or(0)));
            self.skip(",");
        }
        GateCall { gate, modifiers, params, operands }
    }

    fn sum(&mut self) -> Expr {
        let mut left = self.product();
        loop {
            let op = match self.peek() {
                "+" => BinaryOp::Add,
                "-" => BinaryOp::Sub,
                _ => return left,
            };
            self.at += 1;
            left = Expr::binary(op, left, self.product());
        }
    }

    fn product(&mut self) -> Expr {
        let mut left = self.factor();
        loop {
            let op = match self.peek() {
                "*" => BinaryOp::Mul,
                "/" => BinaryOp::Div,
                _ => return left,
            };
            self.at += 1;
            left = Expr::binary(op, left, self.factor());
        }
    }

    fn factor(&mut self) -> Expr {
        match self.take() {
            "-" => Expr::unary(UnaryOp::Negate, self.factor()),
            "(" => {
                let inner = self.sum();
                self.skip(")");
                inner
            }
            "pi" => Expr::float(std::f64::consts::PI),
            word => match self.spec.params.iter().position(|p| p.name() == word) {
                Some(i) => Expr::variable(VarRef::Local(u32::try_from(i).unwrap_or(0))),
                None => Expr::float(word.parse().unwrap_or(f64::NAN)),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::CircuitBuilder;
    use crate::dense::matrix_of;
    use crate::{Instruction, Limits, Program, Qubit};
    use std::collections::BTreeMap;

    #[test]
    fn every_definition_equals_its_matrix_with_its_global_phase() {
        let mut with_definition = 0;
        for spec in GATES {
            let Some(definition) = definition(spec.gate) else { continue };
            with_definition += 1;
            let n = u32::try_from(spec.num_qubits()).unwrap();
            let mut builder = CircuitBuilder::with_qubits(n).unwrap();
            let names: Vec<&str> = definition.params.iter().map(String::as_str).collect();
            let body = definition.body.unwrap().statements.into_iter().map(|s| s.kind).collect();
            let gate =
                builder.define("defined", &names, &QUBITS[..spec.num_qubits()], body).unwrap();
            let params: Vec<f64> = (0..spec.num_params()).map(|i| 0.3 + 0.7 * i as f64).collect();
            let qubits: Vec<u32> = (0..n).collect();
            builder.call(GateRef::Custom(gate), &[], &params, &qubits).unwrap();
            let program = Program::new(&builder.finish().unwrap()).unwrap();
            let flat = program.flatten(&BTreeMap::new(), Limits::default()).unwrap();
            let steps = flat.instructions.iter().map(|i| match i {
                Instruction::Unitary(u) => u,
                other => panic!("{other:?}"),
            });
            let all: Vec<Qubit> = qubits.iter().map(|&q| Qubit(q)).collect();
            let found = matrix_of(steps, &all);
            let deviation = found.max_difference(&spec.matrix(&params));
            assert!(deviation < 1e-12, "{}: {deviation:e}", spec.name);
        }
        assert_eq!(with_definition, GATES.len() - 1);
    }

    #[test]
    fn following_definitions_ends() {
        fn depth(gate: Gate, left: u32) -> u32 {
            assert!(left > 0, "{gate:?} is defined by itself");
            let Some(body) = definition(gate).and_then(|d| d.body) else { return 0 };
            let of = |s: &Statement| match &s.kind {
                StatementKind::Gate(call) => match call.gate {
                    GateRef::Table(g) => depth(g, left - 1) + 1,
                    _ => 0,
                },
                _ => 0,
            };
            body.statements.iter().map(of).max().unwrap_or(0)
        }
        for spec in GATES {
            assert!(depth(spec.gate, 10) < 10);
        }
    }
}
