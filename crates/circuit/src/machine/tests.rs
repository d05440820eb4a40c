//! The machine on programs built by hand: expansion, control flow, subroutines, limits.

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

#[test]
fn custom_gates_are_inverted_repeated_and_controlled_with_their_phase() {
    let w = matrix_of_w(&[], 2);
    assert!(w.unitary_deviation() < ATOL);
    assert_close(&matrix_of_w(&[Modifier::Inv], 2), &w.dagger());
    assert_close(&matrix_of_w(&[Modifier::Pow(Expr::int(3))], 2), &w.power_integer(3));
    assert_close(&matrix_of_w(&[Modifier::Pow(Expr::int(-2))], 2), &w.dagger().power_integer(2));
    assert_close(&matrix_of_w(&[Modifier::Pow(Expr::int(0))], 2), &Matrix::identity(4));
    assert_close(&matrix_of_w(&[Modifier::Ctrl(None)], 3), &w.controlled(1));
    assert_close(&matrix_of_w(&[Modifier::Ctrl(Some(Expr::int(2)))], 4), &w.controlled(2));
    let root = matrix_of_w(&[Modifier::Pow(Expr::float(0.5))], 2);
    assert_close(&root.mul(&root), &w);
    let nested = [Modifier::Inv, Modifier::Ctrl(None), Modifier::Pow(Expr::float(0.5))];
    assert_close(&matrix_of_w(&nested, 3), &root.dagger().controlled(1));
}

#[test]
fn anti_controls_act_where_the_control_is_zero() {
    let m = matrix_of_call(table(Gate::X), &[Modifier::NegCtrl(None)], &[], 2);
    assert!((m.at(0b10, 0b00) - 1.0).norm() < ATOL);
    assert!((m.at(0b01, 0b01) - 1.0).norm() < ATOL);
    // ctrl @ negctrl: the outer control comes first.
    let m =
        matrix_of_call(table(Gate::X), &[Modifier::Ctrl(None), Modifier::NegCtrl(None)], &[], 3);
    assert!((m.at(0b101, 0b001) - 1.0).norm() < ATOL);
    assert!((m.at(0b011, 0b011) - 1.0).norm() < ATOL);
}

#[test]
fn powers_of_table_gates_and_of_controlled_ones_are_principal() {
    let x = Gate::X.spec().matrix(&[]);
    let half = Modifier::Pow(Expr::float(0.5));
    assert_close(
        &matrix_of_call(table(Gate::X), std::slice::from_ref(&half), &[], 1),
        &Gate::Sx.spec().matrix(&[]),
    );
    assert_close(
        &matrix_of_call(table(Gate::Cx), std::slice::from_ref(&half), &[], 2),
        &Gate::Csx.spec().matrix(&[]),
    );
    let both = [half.clone(), Modifier::Pow(Expr::int(2))];
    assert_close(&matrix_of_call(table(Gate::X), &both, &[], 1), &Matrix::identity(2));
    let both = [Modifier::Pow(Expr::int(2)), half];
    assert_close(&matrix_of_call(table(Gate::X), &both, &[], 1), &x);
    let m = matrix_of_call(GateRef::GlobalPhase, &[Modifier::Ctrl(None)], &[0.4], 1);
    assert_close(&m, &Gate::P.spec().matrix(&[0.4]));
}

#[test]
#[expect(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "numbers of four bits"
)]
fn blocks_permute_basis_states_as_they_say() {
    let check = |block: BlockGate, n: u32, f: &dyn Fn(u64) -> u64| {
        let m = matrix_of_call(GateRef::Block(block), &[], &[], n);
        let back = matrix_of_call(GateRef::Block(block), &[Modifier::Inv], &[], n);
        assert_close(&back, &m.dagger());
        for x in 0..1_u64 << n {
            let to = usize::try_from(f(x)).unwrap();
            let from = usize::try_from(x).unwrap();
            assert!((m.at(to, from) - 1.0).norm() < ATOL, "{block:?}: {x} does not go to {to}");
        }
    };
    for amount in [-5_i64, -1, 0, 1, 3, 7] {
        check(BlockGate::Increment { num_qubits: 4, amount }, 4, &|x| {
            (x as i64 + amount).rem_euclid(16) as u64
        });
        check(BlockGate::Rotate { num_qubits: 4, amount }, 4, &|x| {
            let by = amount.rem_euclid(4) as u32;
            (x << by | x >> (4 - by)) & 15
        });
        check(BlockGate::ModularIncrement { num_qubits: 3, amount, modulus: 6 }, 3, &|x| {
            if x < 6 { (x as i64 + amount).rem_euclid(6) as u64 } else { x }
        });
        check(BlockGate::MultiplyAdd { split: 2, num_qubits: 3, factor: amount }, 5, &|x| {
            let (a, b) = (x & 3, x >> 2);
            a | ((b as i64 + amount * a as i64).rem_euclid(8) as u64) << 2
        });
    }
    check(BlockGate::Add { split: 2, num_qubits: 3 }, 5, &|x| {
        x & 3 | (((x >> 2) + (x & 3)) % 8) << 2
    });
    check(BlockGate::Add { split: 3, num_qubits: 2 }, 5, &|x| {
        x & 7 | (((x >> 3) + (x & 7)) % 4) << 3
    });
    for factor in [1, 3, 5, 15, 21] {
        check(BlockGate::Multiply { num_qubits: 4, factor }, 4, &|x| x * factor % 16);
    }
    check(BlockGate::ModularMultiply { num_qubits: 4, factor: 7, modulus: 15 }, 4, &|x| {
        if x < 15 { x * 7 % 15 } else { x }
    });
    check(BlockGate::Xor { split: 2 }, 4, &|x| x ^ (x & 3) << 2);
    check(BlockGate::Reverse { num_qubits: 3 }, 3, &|x| (x & 1) << 2 | x & 2 | x >> 2);
}

#[test]
fn diagonal_blocks_and_the_fourier_transform_have_their_phases() {
    for n in 1..=4_u32 {
        let m = matrix_of_call(GateRef::Block(BlockGate::Qft { num_qubits: n }), &[], &[], n);
        let g =
            matrix_of_call(GateRef::Block(BlockGate::PhaseGradient { num_qubits: n }), &[], &[], n);
        let dim = 1_usize << n;
        for y in 0..dim {
            for x in 0..dim {
                let phase = quantum_info::cis(2.0 * PI * (x * y) as f64 / dim as f64);
                assert!((m.at(y, x) - phase / (dim as f64).sqrt()).norm() < ATOL);
            }
            assert!(
                (g.at(y, y) - quantum_info::cis(2.0 * PI * y as f64 / dim as f64)).norm() < ATOL
            );
        }
    }
    let m = matrix_of_call(
        GateRef::Block(BlockGate::SignIfLess { split: 2, num_qubits: 4 }),
        &[],
        &[],
        4,
    );
    for x in 0..16_usize {
        let sign = if x & 3 < x >> 2 { -1.0 } else { 1.0 };
        assert!((m.at(x, x) - sign).norm() < ATOL);
    }
}

#[test]
fn pauli_rotations_are_exponentials_also_under_control_and_powers() {
    let paulis = [Some(Pauli::Y), None, Some(Pauli::X), Some(Pauli::Z)];
    let one = |g: Gate| g.spec().matrix(&[]);
    let p = [Gate::Y, Gate::Id, Gate::X, Gate::Z]
        .iter()
        .skip(1)
        .fold(one(Gate::Y), |m, &g| Matrix::kron(&one(g), &m));
    let theta = 0.7;
    let mut want = p.scale(Complex64::new(0.0, -(theta / 2.0_f64).sin()));
    for i in 0..16 {
        want.set(i, i, want.at(i, i) + (theta / 2.0_f64).cos());
    }
    let gate = || builder::pauli_rotation(&paulis);
    assert_close(&matrix_of_call(gate(), &[], &[theta], 4), &want);
    assert_close(
        &matrix_of_call(gate(), &[Modifier::Ctrl(None)], &[theta], 5),
        &want.controlled(1),
    );
    let third = Modifier::Pow(Expr::float(1.0 / 3.0));
    let root =
        matrix_of_call(gate(), &[Modifier::Ctrl(None), third.clone()], &[theta + 2.0 * PI], 5);
    // e^{-iθ/2 P} of an angle past 2π has the eigenvalues of -e^{-i(θ-2π)/2 P}.
    assert_close(&root.power_integer(3), &want.scale(Complex64::new(-1.0, 0.0)).controlled(1));
    let identity = matrix_of_call(builder::pauli_rotation(&[None]), &[], &[theta], 1);
    assert_close(&identity, &Matrix::identity(2).scale(quantum_info::cis(-theta / 2.0)));
}

#[test]
fn preparation_takes_zero_to_the_amplitudes() {
    let raw = [
        (0.1, 0.3),
        (-0.5, 0.0),
        (0.0, 0.0),
        (0.2, -0.2),
        (0.0, 0.0),
        (0.0, 0.0),
        (0.0, 0.7),
        (-0.1, 0.1),
    ];
    let norm: f64 = raw.iter().map(|(a, b)| a * a + b * b).sum::<f64>().sqrt();
    let amps: Vec<_> = raw.iter().map(|&(a, b)| Complex64::new(a / norm, b / norm)).collect();
    let m = matrix_of_call(builder::prepare(&amps).unwrap(), &[], &[], 3);
    for (i, a) in amps.iter().enumerate() {
        assert!((m.at(i, 0) - a).norm() < ATOL);
    }
    assert!(m.unitary_deviation() < ATOL);
    assert!(builder::prepare(&amps[..3]).is_err());
    assert!(builder::prepare(&[Complex64::new(f64::NAN, 0.0)]).is_err());
}

#[test]
fn registers_are_broadcast() {
    let mut b = CircuitBuilder::new();
    let (a, c) = (b.qubits("a", 3).unwrap(), b.qubits("b", 3).unwrap());
    b.push(gate_on(Gate::H, &[], &[QubitExpr::register(a)]));
    b.push(gate_on(Gate::Cx, &[], &[QubitExpr::register(a), QubitExpr::register(c)]));
    b.push(gate_on(
        Gate::Cx,
        &[],
        &[QubitExpr::register(a).at(Expr::int(-1)), QubitExpr::register(c)],
    ));
    let steps = unitary_steps(&b.finish().unwrap());
    let on: Vec<Vec<u32>> = steps.iter().map(|u| u.qubits().map(|q| q.0).collect()).collect();
    let want: [&[u32]; 9] =
        [&[0], &[1], &[2], &[0, 3], &[1, 4], &[2, 5], &[2, 3], &[2, 4], &[2, 5]];
    assert_eq!(on, want);
}

fn error_of(build: impl FnOnce(&mut CircuitBuilder)) -> RuntimeErrorKind {
    let mut b = CircuitBuilder::new();
    b.qubits("q", 3).unwrap();
    b.qubits("r", 2).unwrap();
    b.bits("c", 2).unwrap();
    build(&mut b);
    run_flat(&b.finish().unwrap()).unwrap_err().kind
}

#[test]
fn wrong_operands_are_refused_where_they_stand() {
    let q = || QubitExpr::register(RegisterId(0));
    let r = || QubitExpr::register(RegisterId(1));
    let gate = |operands: Vec<QubitExpr>| gate_on(Gate::Cx, &[], &operands);
    let kind = error_of(|b| {
        b.push(gate(vec![q().at(Expr::int(1)), q().at(Expr::int(-2))]));
    });
    assert_eq!(kind, RuntimeErrorKind::DuplicateQubit(1));
    let kind = error_of(|b| {
        b.push(gate(vec![q(), r()]));
    });
    assert_eq!(kind, RuntimeErrorKind::Broadcast { left: 3, right: 2 });
    let kind = error_of(|b| {
        b.push(gate(vec![q().at(Expr::int(0)), q().at(Expr::int(3))]));
    });
    assert!(matches!(
        kind,
        RuntimeErrorKind::Value(crate::classical::ValueError::IndexOutOfRange { index: 3, .. })
    ));
    let kind = error_of(|b| {
        b.push(gate(vec![q()]));
    });
    assert_eq!(kind, RuntimeErrorKind::OperandCount { gate: "cx".into(), expected: 2, found: 1 });
    let kind = error_of(|b| {
        let nan =
            Expr::binary(BinaryOp::Sub, Expr::float(f64::INFINITY), Expr::float(f64::INFINITY));
        b.push(gate_on(Gate::Rx, &[nan], &[q()]));
    });
    assert!(matches!(kind, RuntimeErrorKind::ParamNotFinite { .. }));
    let kind = error_of(|b| {
        b.push(StatementKind::Measure {
            qubits: q(),
            target: Some(LValue::var(VarRef::Global(0))),
        });
    });
    assert_eq!(kind, RuntimeErrorKind::MeasureSize { qubits: 3, bits: 2 });
}

/// Teleportation of `ry(0.6)|0⟩` with feed-forward; the last bit has its distribution.
#[test]
fn measurements_steer_what_follows() {
    let mut b = CircuitBuilder::with_qubits(3).unwrap();
    let c = b.bits("c", 3).unwrap();
    b.gate(Gate::Ry, &[0.6], &[0]).unwrap();
    b.gate(Gate::H, &[], &[1]).unwrap().gate(Gate::Cx, &[], &[1, 2]).unwrap();
    b.gate(Gate::Cx, &[], &[0, 1]).unwrap().gate(Gate::H, &[], &[0]).unwrap();
    b.measure(0, c, 0).unwrap().measure(1, c, 1).unwrap();
    for (bit, gate) in [(1, Gate::X), (0, Gate::Z)] {
        b.push(StatementKind::If {
            condition: Expr::variable(c).at(Expr::int(bit)),
            then: block(vec![gate_on(gate, &[], &[qubit(2)])]),
            otherwise: None,
        });
    }
    b.measure(2, c, 2).unwrap();
    let circuit = b.finish().unwrap();
    assert_eq!(run_flat(&circuit).unwrap_err().kind, RuntimeErrorKind::DependsOnOutcome);
    let one: f64 =
        distribution(&circuit).iter().filter(|(k, _)| k.starts_with('1')).map(|(_, p)| p).sum();
    assert!((one - 0.3_f64.sin().powi(2)).abs() < 1e-12);
}

/// `while (c == 0 && tries < 6) { reset q; ry(2π/3) q; c = measure q; tries += 1; }`
#[test]
fn while_loops_run_until_the_outcome_or_the_count() {
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    let c = b.variable("c", Scalar::Bit, Role::Plain).unwrap();
    let tries = b.variable("tries", Scalar::Uint(4), Role::Plain).unwrap();
    let is_zero = Expr::binary(BinaryOp::Eq, Expr::variable(c), Expr::int(0));
    let few = Expr::binary(BinaryOp::Lt, Expr::variable(tries), Expr::int(6));
    b.push(StatementKind::While {
        condition: Expr::binary(BinaryOp::And, is_zero, few),
        body: block(vec![
            StatementKind::Reset(qubit(0)),
            gate_on(Gate::Ry, &[Expr::float(2.0 * PI / 3.0)], &[qubit(0)]),
            StatementKind::Measure { qubits: qubit(0), target: Some(LValue::var(c)) },
            StatementKind::Assign {
                target: LValue::var(tries),
                op: Some(BinaryOp::Add),
                value: Expr::int(1),
            },
        ]),
    });
    let found = distribution(&b.finish().unwrap());
    assert!((found["1"] - (1.0 - 0.25_f64.powi(6))).abs() < 1e-12);
}

/// `def f(int[8] n, qubit q) -> bit { if (n > 2) { x q; return measure q; } return measure q; }`
fn early_return() -> Subroutine {
    let q = || QubitExpr::variable(VarRef::Local(1));
    let measured = || Some(Expr::new(ExprKind::Measure(Box::new(q())), Span::NONE));
    Subroutine {
        name: "f".into(),
        params: vec![
            SubroutineParam { name: "n".into(), kind: ParamKind::Scalar(Scalar::Int(8)) },
            SubroutineParam { name: "q".into(), kind: ParamKind::Qubits(None) },
        ],
        returns: Some(Scalar::Bit),
        num_locals: 2,
        local_names: Vec::new(),
        body: Some(block(vec![
            StatementKind::If {
                condition: Expr::binary(BinaryOp::Gt, local(0), Expr::int(2)),
                then: block(vec![gate_on(Gate::X, &[], &[q()]), StatementKind::Return(measured())]),
                otherwise: None,
            },
            StatementKind::Return(measured()),
        ])),
        span: Span::NONE,
    }
}

fn call_f(n: i64, q: u32) -> Expr {
    let args = vec![Argument::Value(Expr::int(n)), Argument::Qubits(qubit(q))];
    Expr::new(
        ExprKind::Call(Box::new(Call { subroutine: SubroutineId(0), args, span: Span::NONE })),
        Span::NONE,
    )
}

#[test]
fn subroutines_measure_inside_of_expressions() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let c = b.bits("c", 2).unwrap();
    let d = b.variable("d", Scalar::Bool, Role::Plain).unwrap();
    b.subroutine(early_return()).unwrap();
    let assign = |target, value| StatementKind::Assign { target, op: None, value };
    b.push(assign(LValue::at(c, Expr::int(0)), call_f(1, 0)));
    b.push(assign(LValue::at(c, Expr::int(1)), call_f(5, 0)));
    // The second call must not run: it would flip qubit 1.
    let never = Expr::binary(BinaryOp::And, call_f(0, 1), call_f(3, 1));
    b.push(assign(LValue::var(d), never));
    b.push(StatementKind::Measure { qubits: qubit(1), target: Some(LValue::at(c, Expr::int(0))) });
    let circuit = b.finish().unwrap();
    assert_eq!(distribution(&circuit), BTreeMap::from([("10".into(), 1.0)]));
}

#[test]
fn measured_bits_are_followed_through_subroutines_when_flattened() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let c = b.bits("c", 3).unwrap();
    b.subroutine(early_return()).unwrap();
    let assign =
        |i, value| StatementKind::Assign { target: LValue::at(c, Expr::int(i)), op: None, value };
    b.push(StatementKind::Reset(qubit(0)));
    b.push(assign(2, call_f(5, 0)));
    b.push(assign(0, Expr::literal(Value::Bit(true))));
    b.push(assign(1, call_f(1, 1)));
    let flat = run_flat(&b.finish().unwrap()).unwrap();
    assert_eq!(
        flat.clbits,
        [BitSource::Constant(true), BitSource::Record(1), BitSource::Record(0)]
    );
    assert_eq!(flat.terminal, [true, true]);
    assert!(flat.is_terminal(), "the reset of a fresh qubit is left out");
}

#[test]
fn a_measurement_is_terminal_if_its_qubit_rests_afterwards() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let c = b.bits("c", 2).unwrap();
    b.gate(Gate::H, &[], &[0]).unwrap().measure(0, c, 0).unwrap();
    b.gate(Gate::H, &[], &[1]).unwrap().measure(1, c, 1).unwrap();
    b.push(StatementKind::Barrier(Vec::new()));
    let flat = run_flat(&b.clone().finish().unwrap()).unwrap();
    assert!(flat.is_terminal());
    b.gate(Gate::Cx, &[], &[0, 1]).unwrap();
    let flat = run_flat(&b.finish().unwrap()).unwrap();
    assert_eq!(flat.terminal, [false, false]);
}

#[test]
fn mutable_arrays_are_written_back_and_readonly_ones_are_not() {
    let element = Scalar::Int(8);
    let array = |mutable| ParamKind::Array { element, shape: ArrayShape::NumDims(1), mutable };
    let fill = Subroutine {
        name: "fill".into(),
        params: vec![
            SubroutineParam { name: "a".into(), kind: array(true) },
            SubroutineParam { name: "b".into(), kind: array(false) },
        ],
        returns: None,
        num_locals: 3,
        local_names: Vec::new(),
        body: Some(block(vec![StatementKind::For {
            var: VarRef::Local(2),
            ty: Scalar::UINT,
            over: range(
                Expr::int(0),
                Expr::binary(
                    BinaryOp::Sub,
                    Expr::new(ExprKind::SizeOf(Box::new(local(0)), None), Span::NONE),
                    Expr::int(1),
                ),
            ),
            body: block(vec![
                StatementKind::Assign {
                    target: LValue::at(VarRef::Local(0), local(2)),
                    op: None,
                    value: Expr::binary(BinaryOp::Add, local(2), local(1).at(local(2))),
                },
                StatementKind::Assign {
                    target: LValue::at(VarRef::Local(1), local(2)),
                    op: None,
                    value: Expr::int(99),
                },
            ]),
        }])),
        span: Span::NONE,
    };
    let mut b = CircuitBuilder::new();
    let x = b.variable("x", Type::array(element, &[3]), Role::Plain).unwrap();
    let y = b.variable("y", Type::array(element, &[3]), Role::Plain).unwrap();
    let f = b.subroutine(fill).unwrap();
    let list =
        Expr::new(ExprKind::Array(vec![Expr::int(1), Expr::int(2), Expr::int(3)]), Span::NONE);
    b.push(StatementKind::Declare { var: y, ty: Type::array(element, &[3]), init: Some(list) });
    let args = vec![Argument::Reference(LValue::var(x)), Argument::Value(Expr::variable(y))];
    b.push(StatementKind::Call(Call { subroutine: f, args, span: Span::NONE }));
    let program = Program::new(&b.finish().unwrap()).unwrap();
    let mut machine = Machine::new(&program, &BTreeMap::new(), Limits::default()).unwrap();
    assert_eq!(machine.next(), Ok(Step::Done));
    let values: Vec<Vec<i128>> = machine
        .variables()
        .map(|(_, v)| match v {
            Value::Array(a) => a.data.iter().map(|v| v.as_integer().unwrap()).collect(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(values, [[1, 3, 5], [1, 2, 3]]);
}

#[test]
fn switch_break_continue_and_end_take_their_ways() {
    let mut b = CircuitBuilder::with_qubits(4).unwrap();
    let c = b.bits("c", 4).unwrap();
    let q = || QubitExpr::register(RegisterId(0));
    let i = b.locals(1);
    let at = |n| Expr::binary(BinaryOp::Eq, Expr::variable(i), Expr::int(n));
    let when =
        |n, kind| StatementKind::If { condition: at(n), then: block(vec![kind]), otherwise: None };
    let x = || gate_on(Gate::X, &[], &[q().at(Expr::variable(i))]);
    b.push(StatementKind::For {
        var: i,
        ty: Scalar::INT,
        over: range(Expr::int(0), Expr::int(9)),
        body: block(vec![when(1, StatementKind::Continue), when(3, StatementKind::Break), x()]),
    });
    b.push(StatementKind::Switch {
        value: Expr::variable(i),
        cases: vec![
            Case { values: vec![Expr::int(1)], body: block(vec![StatementKind::End]) },
            Case {
                values: vec![Expr::int(2), Expr::int(3)],
                body: block(vec![gate_on(Gate::X, &[], &[qubit(3)])]),
            },
        ],
        default: Some(block(vec![StatementKind::End])),
    });
    b.push(StatementKind::Measure { qubits: q(), target: Some(LValue::var(c)) });
    b.push(StatementKind::End);
    b.push(gate_on(Gate::X, &[], &[qubit(17)]));
    assert_eq!(distribution(&b.finish().unwrap()), BTreeMap::from([("1101".into(), 1.0)]));
}

#[test]
fn aliases_of_bits_read_and_write_the_bits() {
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    let c = b.bits("c", 4).unwrap();
    let d = b.variable("d", Scalar::Bit, Role::Plain).unwrap();
    let alias = b.variable("a", Scalar::Bits(3), Role::Alias).unwrap();
    let items = vec![IndexItem::Set(vec![Expr::int(1), Expr::int(-1)])];
    let parts = vec![LValue { var: c, path: vec![items], span: Span::NONE }, LValue::var(d)];
    b.push(StatementKind::BitAlias { var: alias, parts });
    let assign = |target, value: &str| StatementKind::Assign {
        target,
        op: None,
        value: Expr::literal(Value::Bits(value.parse().unwrap())),
    };
    b.push(assign(LValue::var(alias), "110"));
    b.push(StatementKind::Measure {
        qubits: qubit(0),
        target: Some(LValue::at(alias, Expr::int(2))),
    });
    let flat = run_flat(&b.finish().unwrap()).unwrap();
    let k = BitSource::Constant;
    assert_eq!(flat.clbits, [k(false), k(false), k(false), k(true), BitSource::Record(0)]);
}

fn machine_error(circuit: &Circuit, limits: Limits) -> RuntimeErrorKind {
    let program = match Program::new(circuit) {
        Ok(program) => program,
        Err(e) => return e.kind,
    };
    let mut machine = match Machine::new(&program, &BTreeMap::new(), limits) {
        Ok(machine) => machine,
        Err(e) => return e.kind,
    };
    loop {
        match machine.next() {
            Ok(Step::Done) => panic!("the program ends"),
            Ok(Step::Measure { .. }) => machine.provide(false),
            Ok(_) => {}
            Err(e) => {
                assert_eq!(
                    machine.next().map_err(|e| e.kind),
                    Err(e.kind.clone()),
                    "an error stays"
                );
                return e.kind;
            }
        }
    }
}

/// `gate gN a { gM a; gM a; }` for 80 levels: 2^80 gates, or 2^80 calls of an empty gate.
#[test]
fn gate_bombs_are_refused_before_they_are_followed() {
    for (leaf, operations) in
        [(vec![gate_on(Gate::X, &[], &[QubitExpr::argument(0)])], true), (Vec::new(), false)]
    {
        let mut b = CircuitBuilder::with_qubits(1).unwrap();
        let mut gate = b.define("g", &[], &["a"], leaf).unwrap();
        for level in 0..80 {
            let twice = StatementKind::Gate(Box::new(call(
                GateRef::Custom(gate),
                &[],
                [],
                [QubitExpr::argument(0)],
            )));
            gate = b.define(&format!("g{level}"), &[], &["a"], vec![twice.clone(), twice]).unwrap();
        }
        b.call(GateRef::Custom(gate), &[], &[], &[0]).unwrap();
        let circuit = b.finish().unwrap();
        let program = Program::new(&circuit).unwrap();
        assert_eq!(program.least_operations(), if operations { u64::MAX } else { 0 });
        let kind = Machine::new(&program, &BTreeMap::new(), Limits::default()).unwrap_err().kind;
        assert_eq!(matches!(kind, RuntimeErrorKind::TooManyOperations { .. }), operations);
        assert_eq!(matches!(kind, RuntimeErrorKind::TooManyStatements { .. }), !operations);
    }
}

#[test]
fn loops_recursion_and_memory_are_bounded() {
    let limits = Limits {
        max_statements: 10_000,
        max_operations: 1_000,
        max_call_depth: 20,
        max_memory_bytes: 100_000,
    };
    // A loop of 2^63 turns, known beforehand; one that is not; one that never ends.
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    let n = b.variable("n", Scalar::INT, Role::Plain).unwrap();
    let i = b.locals(1);
    let x = || block(vec![gate_on(Gate::X, &[], &[qubit(0)])]);
    let long = |stop| StatementKind::For {
        var: i,
        ty: Scalar::INT,
        over: range(Expr::int(0), stop),
        body: x(),
    };
    let mut known = b.clone();
    known.push(long(Expr::int(i64::MAX)));
    let circuit = known.finish().unwrap();
    assert!(Program::new(&circuit).unwrap().least_operations() > 1 << 62);
    assert!(matches!(
        machine_error(&circuit, limits),
        RuntimeErrorKind::TooManyOperations { limit: 1_000 }
    ));
    let mut unknown = b.clone();
    let max = Expr::int(i64::MAX);
    unknown.push(StatementKind::Assign { target: LValue::var(n), op: None, value: max });
    unknown.push(long(Expr::variable(n)));
    let circuit = unknown.finish().unwrap();
    assert!(matches!(
        machine_error(&circuit, limits),
        RuntimeErrorKind::TooManyOperations { limit: 1_000 }
    ));
    let mut endless = b.clone();
    endless.push(StatementKind::While { condition: Expr::bool(true), body: Block::default() });
    let kind = machine_error(&endless.finish().unwrap(), limits);
    assert_eq!(kind, RuntimeErrorKind::TooManyStatements { limit: 10_000 });

    let mut recursive = b.clone();
    let call = || Call { subroutine: SubroutineId(0), args: Vec::new(), span: Span::NONE };
    recursive
        .subroutine(Subroutine {
            name: "f".into(),
            params: Vec::new(),
            returns: None,
            num_locals: 0,
            local_names: Vec::new(),
            body: Some(block(vec![StatementKind::Call(call())])),
            span: Span::NONE,
        })
        .unwrap();
    recursive.push(StatementKind::Call(call()));
    assert_eq!(
        machine_error(&recursive.finish().unwrap(), limits),
        RuntimeErrorKind::CallDepth { limit: 20 }
    );

    b.variable("big", Type::array(Scalar::INT, &[u32::MAX, u32::MAX, u32::MAX]), Role::Plain)
        .unwrap();
    assert_eq!(
        machine_error(&b.finish().unwrap(), limits),
        RuntimeErrorKind::Memory { limit: 100_000 }
    );
}

#[test]
fn a_huge_integer_power_of_a_custom_gate_stops_at_the_limit() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let w = define_w(&mut b);
    b.call(GateRef::Custom(w), &[Modifier::Pow(Expr::float(8e15))], &[0.1], &[0, 1]).unwrap();
    let limits = Limits { max_operations: 1_000, ..Limits::default() };
    assert_eq!(
        machine_error(&b.finish().unwrap(), limits),
        RuntimeErrorKind::TooManyOperations { limit: 1_000 }
    );
}

#[test]
fn inputs_are_asked_for_and_converted() {
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    b.variable("theta", Scalar::Angle(8), Role::Input).unwrap();
    b.push(gate_on(Gate::Rz, &[global(0)], &[qubit(0)]));
    let program = Program::new(&b.finish().unwrap()).unwrap();
    let new = |inputs: &[(&str, Value)]| {
        let inputs = inputs.iter().map(|(k, v)| (String::from(*k), v.clone())).collect();
        Machine::new(&program, &inputs, Limits::default()).map_err(|e| e.kind)
    };
    assert!(matches!(new(&[]), Err(RuntimeErrorKind::MissingInput { .. })));
    let theta = ("theta", Value::Float(PI / 2.0));
    assert!(matches!(
        new(&[theta.clone(), ("phi", Value::Float(1.0))]),
        Err(RuntimeErrorKind::UnknownInput { .. })
    ));
    assert!(matches!(
        new(&[("theta", Value::Bool(true))]),
        Err(RuntimeErrorKind::InputType { .. })
    ));
    let mut machine = new(&[theta]).unwrap();
    let Ok(Step::Unitary(u)) = machine.next() else { panic!("a gate comes first") };
    assert_eq!(u, UnitaryInstruction::from_gate(Gate::Rz, &[PI / 2.0], &[Qubit(0)]));
}

#[test]
fn invalid_trees_are_refused() {
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    b.push(StatementKind::Break);
    assert!(b.finish().is_err());
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    let own = StatementKind::Gate(Box::new(call(
        GateRef::Custom(GateId(0)),
        &[],
        [],
        [QubitExpr::argument(0)],
    )));
    b.define("g", &[], &["a"], vec![own]).unwrap();
    assert!(b.finish().is_err());
    // Positions that do not exist are errors when they are reached.
    for statement in [
        gate_on(Gate::X, &[], &[QubitExpr::register(RegisterId(7))]),
        gate_on(Gate::X, &[], &[QubitExpr::argument(0)]),
        gate_on(Gate::X, &[], &[QubitExpr::qubit(Qubit(9))]),
        gate_on(Gate::Rx, &[global(5)], &[qubit(0)]),
        StatementKind::Assign {
            target: LValue::var(VarRef::Local(9)),
            op: None,
            value: Expr::int(1),
        },
        StatementKind::Call(Call {
            subroutine: SubroutineId(3),
            args: Vec::new(),
            span: Span::NONE,
        }),
        StatementKind::Return(None),
    ] {
        let mut b = CircuitBuilder::with_qubits(1).unwrap();
        b.push(statement);
        assert!(Arc::strong_count(&Program::new(&b.clone().finish().unwrap()).unwrap()) == 1);
        machine_error(&b.finish().unwrap(), Limits::default());
    }
}

#[test]
fn a_machine_that_is_not_told_the_outcome_says_so() {
    let mut b = CircuitBuilder::with_qubits(1).unwrap();
    let c = b.bits("c", 1).unwrap();
    b.measure(0, c, 0).unwrap();
    let program = Program::new(&b.finish().unwrap()).unwrap();
    let mut machine = Machine::new(&program, &BTreeMap::new(), Limits::default()).unwrap();
    machine.provide(true);
    assert_eq!(machine.next(), Ok(Step::Measure { qubit: Qubit(0) }));
    assert_eq!(machine.next().unwrap_err().kind, RuntimeErrorKind::OutcomeMissing);
    machine.provide(true);
    machine.provide(false);
    assert_eq!(machine.next(), Ok(Step::Done));
    assert_eq!(machine.clbits().to_string(), "1");
}

#[test]
fn errors_inside_of_gates_name_the_statement_and_stay() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let arg = QubitExpr::argument;
    let same = gate_on(Gate::Cx, &[], &[arg(0), arg(0)]);
    let span = Span::new(10, 20);
    let body = Block::new(vec![Statement::new(same, span)]);
    let id = b.define("g", &[], &["a"], vec![StatementKind::Block(body)]).unwrap();
    b.call(GateRef::Custom(id), &[], &[], &[1]).unwrap();
    let program = Program::new(&b.finish().unwrap()).unwrap();
    let mut machine = Machine::new(&program, &BTreeMap::new(), Limits::default()).unwrap();
    for _ in 0..2 {
        assert_eq!(
            machine.next(),
            Err(RuntimeError::new(RuntimeErrorKind::DuplicateQubit(1), span))
        );
    }
}

#[test]
fn noise_and_post_selection_are_handed_out_and_keep_a_program_from_being_flat() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let noise = |channel, params: &[f64]| {
        let params = params.iter().map(|&p| Expr::float(p)).collect();
        let operands = smallvec::smallvec![QubitExpr::register(RegisterId(0))];
        StatementKind::Noise(Box::new(NoiseCall { channel, params, operands }))
    };
    b.push(noise(NoiseRef::AmplitudeDamping, &[0.25]));
    let mut bad = b.clone();
    bad.push(noise(NoiseRef::BitFlip, &[1.5]));
    b.push(StatementKind::Postselect { qubit: qubit(1), outcome: Expr::int(1) });
    let circuit = b.finish().unwrap();
    assert_eq!(run_flat(&circuit).unwrap_err().kind, RuntimeErrorKind::NotFlat);
    let program = Program::new(&circuit).unwrap();
    let mut machine = Machine::new(&program, &BTreeMap::new(), Limits::default()).unwrap();
    for q in 0..2 {
        let channel = Channel::AmplitudeDamping { gamma: 0.25 };
        assert_eq!(machine.next(), Ok(Step::Noise { channel, qubits: vec![Qubit(q)] }));
    }
    assert_eq!(machine.next(), Ok(Step::Postselect { qubit: Qubit(1), outcome: true }));
    assert_eq!(machine.next(), Ok(Step::Done));
    assert!(matches!(
        machine_error(&bad.finish().unwrap(), Limits::default()),
        RuntimeErrorKind::Invalid(_)
    ));
}

#[test]
fn broadcasting_inside_of_a_gate_is_undone_in_reverse() {
    let arg = QubitExpr::argument;
    let both = || QubitExpr::new(QubitExprKind::Concat(vec![arg(0), arg(1)]), Span::NONE);
    // On one shared qubit the two applications do not commute.
    let body = vec![
        gate_on(Gate::Ch, &[], &[both(), arg(2)]),
        gate_on(Gate::Crx, &[Expr::float(0.4)], &[arg(2), both()]),
    ];
    let build = |modifiers: &[Modifier]| {
        let mut b = CircuitBuilder::with_qubits(3).unwrap();
        let id = b.define("g", &[], &["a", "b", "c"], body.clone()).unwrap();
        b.call(GateRef::Custom(id), modifiers, &[], &[0, 1, 2]).unwrap();
        matrix(&b.finish().unwrap())
    };
    let m = build(&[]);
    assert_close(&build(&[Modifier::Inv]), &m.dagger());
    let steps = [
        UnitaryInstruction::from_gate(Gate::Ch, &[], &[Qubit(0), Qubit(2)]),
        UnitaryInstruction::from_gate(Gate::Ch, &[], &[Qubit(1), Qubit(2)]),
        UnitaryInstruction::from_gate(Gate::Crx, &[0.4], &[Qubit(2), Qubit(0)]),
        UnitaryInstruction::from_gate(Gate::Crx, &[0.4], &[Qubit(2), Qubit(1)]),
    ];
    assert_close(&m, &matrix_of(&steps, &[Qubit(0), Qubit(1), Qubit(2)]));
}
