//! The machine on programs built by hand: expansion, control flow, subroutines, limits.

mod control;
mod gates;
mod limits;

use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::sync::Arc;

use num_complex::Complex64;
use quantum_info::{Matrix, Pauli};

use super::*;
use crate::builder::{self, CircuitBuilder, call, qubit};
use crate::circuit::{ArrayShape, ParamKind, Subroutine, SubroutineParam};
use crate::classical::{Scalar, Type};
use crate::dense::{apply, matrix_of};
use crate::expr::*;
use crate::operation::*;
use crate::{BitSource, Circuit, Gate, Instruction};

const ATOL: f64 = 1e-11;

fn run_flat(circuit: &Circuit) -> Result<crate::Flat, RuntimeError> {
    Program::new(circuit)?.flatten(&BTreeMap::new(), Limits::default())
}

fn unitary_steps(circuit: &Circuit) -> Vec<UnitaryInstruction> {
    let flat = run_flat(circuit).unwrap();
    flat.instructions
        .into_iter()
        .map(|i| match i {
            Instruction::Unitary(u) => u,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn matrix(circuit: &Circuit) -> Matrix {
    let qubits: Vec<Qubit> = (0..circuit.num_qubits()).map(Qubit).collect();
    matrix_of(&unitary_steps(circuit), &qubits)
}

/// The matrix of one call on qubits 0, 1, … .
fn matrix_of_call(
    gate: GateRef,
    modifiers: &[Modifier],
    params: &[f64],
    num_qubits: u32,
) -> Matrix {
    let mut b = CircuitBuilder::with_qubits(num_qubits).unwrap();
    let qubits: Vec<u32> = (0..num_qubits).collect();
    b.call(gate, modifiers, params, &qubits).unwrap();
    matrix(&b.finish().unwrap())
}

fn table(gate: Gate) -> GateRef {
    GateRef::Table(gate)
}

fn assert_close(a: &Matrix, b: &Matrix) {
    assert!(a.max_difference(b) < ATOL, "{a:?}\nis not\n{b:?}");
}

/// All outcomes followed: probability and final bits of each.
fn distribution(circuit: &Circuit) -> BTreeMap<String, f64> {
    let program = Program::new(circuit).unwrap();
    let machine = Machine::new(&program, &BTreeMap::new(), Limits::default()).unwrap();
    let mut amps = vec![Complex64::default(); 1 << circuit.num_qubits()];
    amps[0] = Complex64::new(1.0, 0.0);
    let mut out = BTreeMap::new();
    follow(machine, amps, 1.0, &mut out);
    out
}

fn project(amps: &[Complex64], q: usize, outcome: bool) -> (f64, Vec<Complex64>) {
    let kept: Vec<_> = amps
        .iter()
        .enumerate()
        .map(|(i, &a)| if (i >> q & 1 == 1) == outcome { a } else { Complex64::default() })
        .collect();
    let p: f64 = kept.iter().map(Complex64::norm_sqr).sum();
    (p, kept.iter().map(|a| a / p.sqrt()).collect())
}

fn follow(mut machine: Machine, mut amps: Vec<Complex64>, p: f64, out: &mut BTreeMap<String, f64>) {
    loop {
        match machine.next().unwrap() {
            Step::Unitary(u) => apply(&u, &mut amps, Qubit::index),
            Step::Measure { qubit } => {
                for outcome in [false, true] {
                    let (branch, state) = project(&amps, qubit.index(), outcome);
                    if branch > 1e-12 {
                        let mut machine = machine.clone();
                        machine.provide(outcome);
                        follow(machine, state, p * branch, out);
                    }
                }
                return;
            }
            Step::Reset { qubit } => {
                for outcome in [false, true] {
                    let (branch, mut state) = project(&amps, qubit.index(), outcome);
                    if branch > 1e-12 {
                        if outcome {
                            apply(
                                &UnitaryInstruction::from_gate(Gate::X, &[], &[qubit]),
                                &mut state,
                                Qubit::index,
                            );
                        }
                        follow(machine.clone(), state, p * branch, out);
                    }
                }
                return;
            }
            Step::Done => {
                *out.entry(machine.clbits().to_string()).or_default() += p;
                return;
            }
            _ => {}
        }
    }
}

fn local(i: u32) -> Expr {
    Expr::variable(VarRef::Local(i))
}

fn global(i: u32) -> Expr {
    Expr::variable(VarRef::Global(i))
}

fn gate_on(gate: Gate, params: &[Expr], operands: &[QubitExpr]) -> StatementKind {
    StatementKind::Gate(Box::new(call(table(gate), &[], params.to_vec(), operands.to_vec())))
}

fn range(start: Expr, stop: Expr) -> Iterable {
    Iterable::Range(Box::new(RangeExpr {
        start: Some(start),
        step: None,
        stop: Some(stop),
        span: Span::NONE,
    }))
}

fn block(statements: Vec<StatementKind>) -> Block {
    Block::new(statements.into_iter().map(Statement::from).collect())
}

/// `gate w(t) a, b { ry(t) a; cx a, b; gphase(t/2); for int i in [1:2] { rx(t*i) b; } sx a; }`
fn define_w(b: &mut CircuitBuilder) -> GateId {
    let arg = QubitExpr::argument;
    let half = Expr::binary(BinaryOp::Div, local(0), Expr::int(2));
    let turned = Expr::binary(BinaryOp::Mul, local(0), local(1));
    let body = vec![
        gate_on(Gate::Ry, &[local(0)], &[arg(0)]),
        gate_on(Gate::Cx, &[], &[arg(0), arg(1)]),
        StatementKind::Gate(Box::new(call(GateRef::GlobalPhase, &[], [half], []))),
        StatementKind::For {
            var: VarRef::Local(1),
            ty: Scalar::INT,
            over: range(Expr::int(1), Expr::int(2)),
            body: block(vec![
                gate_on(Gate::Rx, &[turned], &[arg(1)]),
                gate_on(Gate::T, &[], &[arg(0)]),
            ]),
        },
        gate_on(Gate::Sx, &[], &[arg(0)]),
    ];
    let id = b.define("w", &["t"], &["a", "b"], body).unwrap();
    b.locals_of(id, 2);
    id
}

fn matrix_of_w(modifiers: &[Modifier], num_qubits: u32) -> Matrix {
    let mut b = CircuitBuilder::with_qubits(num_qubits).unwrap();
    let w = define_w(&mut b);
    let qubits: Vec<u32> = (0..num_qubits).collect();
    b.call(GateRef::Custom(w), modifiers, &[0.9], &qubits).unwrap();
    matrix(&b.finish().unwrap())
}
