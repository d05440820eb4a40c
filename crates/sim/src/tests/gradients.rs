//! Adjoint derivatives against central differences.

use circuit::{Control, Gate, GateMatrix, Instruction, Qubit, UnitaryInstruction};
use quantum_info::{Complex64, Matrix, Observable};

use crate::gradient::{Derivative, GradientOptions, gradient};
use crate::{PlanOptions, RunControl, SimError, Statevector, plan};

const N: usize = 4;
const OPTIONS: GradientOptions = GradientOptions { available_bytes: u64::MAX, fast: false };

/// A circuit and which gates hold which parameter: the same parameter may come several times.
fn circuit(x: &[f64]) -> (Vec<UnitaryInstruction>, Vec<(usize, usize, Gate)>) {
    let mut out: Vec<UnitaryInstruction> = Vec::new();
    let mut uses = Vec::new();
    let mut add = |gate: Gate, parameter: Option<usize>, qubits: &[u32]| {
        let qubits: Vec<Qubit> = qubits.iter().map(|&q| Qubit(q)).collect();
        let params: Vec<f64> = parameter.iter().map(|&p| x[p]).collect();
        if let Some(p) = parameter {
            uses.push((out.len(), p, gate));
        }
        out.push(UnitaryInstruction::from_gate(gate, &params, &qubits));
    };
    add(Gate::H, None, &[1]);
    add(Gate::Ry, Some(0), &[0]);
    add(Gate::Rx, Some(1), &[1]);
    add(Gate::Rz, Some(2), &[1]);
    add(Gate::Cx, None, &[0, 2]);
    add(Gate::Crx, Some(3), &[2, 1]);
    add(Gate::Swap, None, &[0, 3]);
    add(Gate::Rzz, Some(4), &[1, 3]);
    add(Gate::Cp, Some(5), &[3, 0]);
    add(Gate::Rxx, Some(0), &[2, 3]);
    add(Gate::Ry, Some(1), &[3]);
    add(Gate::P, Some(2), &[0]);
    add(Gate::Ccx, None, &[0, 1, 2]);
    (out, uses)
}

fn matrix_of(gate: Gate, x: f64) -> Matrix {
    (gate.spec().base_matrix)(&[x])
}

fn derivative_of(gate: Gate, x: f64) -> Matrix {
    let h = 1e-3;
    let [a, b, c, d] = [-2.0, -1.0, 1.0, 2.0].map(|k| matrix_of(gate, x + k * h));
    let mut m = Matrix::zero(a.dim());
    for r in 0..a.dim() {
        for k in 0..a.dim() {
            let sum = a.at(r, k) - d.at(r, k) + (c.at(r, k) - b.at(r, k)) * 8.0;
            m.set(r, k, sum / (12.0 * h));
        }
    }
    m
}

fn energy(x: &[f64], o: &Observable) -> f64 {
    let instructions: Vec<Instruction> =
        circuit(x).0.into_iter().map(Instruction::Unitary).collect();
    let mut state = Statevector::<f64>::zero(N, u64::MAX).unwrap();
    let control = RunControl::default();
    state.apply(&plan(&instructions, &PlanOptions::new(N)).unwrap(), &control).unwrap();
    state.expectation(o, &control).unwrap()
}

fn check<T: crate::Real>(atol: f64) {
    let x = [0.3, -1.1, 0.7, 2.2, -0.4, 1.3];
    let (gates, uses) = circuit(&x);
    let instructions: Vec<Instruction> = gates.into_iter().map(Instruction::Unitary).collect();
    let derivatives: Vec<Derivative> = uses
        .iter()
        .map(|&(instruction, parameter, gate)| Derivative {
            instruction,
            parameter,
            matrix: derivative_of(gate, x[parameter]),
        })
        .collect();
    for text in ["ZIIX", "0.5*XYZI - YYII + 2*IZIZ", "IIII", "XXXX + ZZZZ"] {
        let o = Observable::parse(text, N).unwrap();
        let found =
            gradient::<T>(&instructions, N, &derivatives, 6, &o, OPTIONS, &RunControl::default())
                .unwrap();
        assert!((found.value - energy(&x, &o)).abs() < atol, "{text}");
        for (p, g) in found.derivatives.iter().enumerate() {
            let h = 1e-4;
            let at = |d: f64| {
                let mut y = x;
                y[p] += d;
                energy(&y, &o)
            };
            let slow = (at(h) - at(-h)) / (2.0 * h);
            assert!((g - slow).abs() < atol + 1e-7, "{text}, parameter {p}: {g} and {slow}");
        }
    }
}

#[test]
fn adjoint_derivatives_are_those_of_central_differences() {
    check::<f64>(1e-10);
    check::<f32>(1e-4);
}

#[test]
fn wide_registers_and_anticontrols_are_read_across_chunks() {
    // 16 bits: several chunks; the target is the highest.
    let n = 16;
    let control = RunControl::default();
    let instructions = |x: f64| -> Vec<Instruction> {
        let mut out: Vec<UnitaryInstruction> = (0..16)
            .map(|q| {
                UnitaryInstruction::from_gate(Gate::Ry, &[0.1 + 0.05 * f64::from(q)], &[Qubit(q)])
            })
            .collect();
        out.extend(
            (0..15)
                .map(|q| UnitaryInstruction::from_gate(Gate::Cx, &[], &[Qubit(q), Qubit(q + 1)])),
        );
        out.push(UnitaryInstruction::from_gate(Gate::Rx, &[x], &[Qubit(15)]));
        let mut anti = UnitaryInstruction::from_gate(Gate::Ry, &[x], &[Qubit(2)]);
        anti.controls.push(Control { qubit: Qubit(15), on: false });
        out.push(anti);
        // A phase under a control.
        out.push(UnitaryInstruction {
            gate: None,
            controls: [Control { qubit: Qubit(7), on: true }].into_iter().collect(),
            targets: [].into_iter().collect(),
            matrix: GateMatrix::Dense(Matrix::identity(1).scale(quantum_info::cis(x))),
        });
        out.into_iter().map(Instruction::Unitary).collect()
    };
    let o = Observable::parse(&format!("Z{}Z + {}XII", "I".repeat(14), "I".repeat(13)), n).unwrap();
    let o = Observable {
        terms: o
            .terms
            .into_iter()
            .chain(
                Observable::parse(&format!("{}X{}", "I".repeat(8), "I".repeat(7)), n)
                    .unwrap()
                    .terms,
            )
            .collect(),
    };
    let energy = |x: f64| {
        let mut s = Statevector::<f64>::zero(n, u64::MAX).unwrap();
        s.apply(&plan(&instructions(x), &PlanOptions::new(n)).unwrap(), &control).unwrap();
        s.expectation(&o, &control).unwrap()
    };
    let x = 0.8;
    let phase = Matrix::identity(1).scale(quantum_info::cis(x) * Complex64::new(0.0, 1.0));
    let derivatives = [
        Derivative { instruction: 31, parameter: 0, matrix: derivative_of(Gate::Rx, x) },
        Derivative { instruction: 32, parameter: 0, matrix: derivative_of(Gate::Ry, x) },
        Derivative { instruction: 33, parameter: 0, matrix: phase },
    ];
    let found =
        gradient::<f64>(&instructions(x), n, &derivatives, 1, &o, OPTIONS, &control).unwrap();
    let slow = (energy(x + 1e-4) - energy(x - 1e-4)) / 2e-4;
    assert!((found.derivatives[0] - slow).abs() < 1e-7, "{found:?} and {slow}");
}

#[test]
fn what_is_malformed_is_refused() {
    let control = RunControl::default();
    let o = Observable::parse("Z", 1).unwrap();
    let h = Instruction::Unitary(UnitaryInstruction::from_gate(Gate::H, &[], &[Qubit(0)]));
    let wrong = Derivative { instruction: 0, parameter: 0, matrix: Matrix::identity(4) };
    let run = |i: &[Instruction], d: &[Derivative], o: &Observable| {
        gradient::<f64>(i, 1, d, 1, o, OPTIONS, &control)
    };
    assert!(matches!(
        run(std::slice::from_ref(&h), &[wrong], &o),
        Err(SimError::MatrixShape { .. })
    ));
    let measure = Instruction::Measure { qubit: Qubit(0), record: 0 };
    assert_eq!(run(&[measure], &[], &o), Err(SimError::NotUnitary));
    let wide = Observable::parse("ZZ", 2).unwrap();
    assert!(matches!(run(&[h], &[], &wide), Err(SimError::ObservableWidth { .. })));
}
