//! Light cones and parts leave every answer as it is.

use circuit::{Gate, Instruction, Qubit};
use num_complex::Complex64;
use proptest::prelude::*;

use super::{controlled, gate, scramble};
use crate::reduce::{Need, light_cone, parts};
use crate::reference;

/// The reduced density matrix of `qubits`, row-major, by definition.
fn reduced(state: &[Complex64], qubits: &[u32]) -> Vec<Complex64> {
    let dim = 1 << qubits.len();
    let mut rho = vec![Complex64::new(0.0, 0.0); dim * dim];
    let inside: usize = qubits.iter().map(|q| 1 << q).sum();
    let local =
        |i: usize| -> usize { qubits.iter().enumerate().map(|(k, q)| (i >> q & 1) << k).sum() };
    for (i, a) in state.iter().enumerate() {
        for (j, b) in state.iter().enumerate() {
            if i & !inside == j & !inside {
                rho[local(i) * dim + local(j)] += a * b.conj();
            }
        }
    }
    rho
}

#[track_caller]
fn check(instructions: &[Instruction], n: usize, qubits: &[u32], need: Need) -> usize {
    let mut needs = vec![Need::Nothing; n];
    for &q in qubits {
        needs[q as usize] = need;
    }
    let cone = light_cone(instructions, &mut needs);
    let kept: Vec<Instruction> = cone.iter().map(|&i| instructions[i].clone()).collect();
    let wanted = reduced(&reference::run(instructions, n), qubits);
    let found = reduced(&reference::run(&kept, n), qubits);
    let dim = 1 << qubits.len();
    for (k, (a, b)) in found.iter().zip(&wanted).enumerate() {
        if need == Need::State || k % (dim + 1) == 0 {
            assert!((a - b).norm() < 1e-12, "entry {k}: {a} instead of {b}, kept {cone:?}");
        }
    }
    cone.len()
}

#[test]
fn gates_outside_of_the_past_are_left_out() {
    let mut c = scramble(4);
    let before = c.len();
    c.push(gate(Gate::Rz, &[0.3], &[0]));
    c.push(gate(Gate::Cp, &[0.3], &[0, 1]));
    c.push(gate(Gate::Crx, &[0.3], &[0, 3]));
    // Phases do not change outcomes, nor does what a control does to others.
    assert!(check(&c, 4, &[0, 1], Need::Outcome) < before);
    // The state of 0 depends on what it controlled; 1 is read by the phase.
    assert_eq!(check(&c, 4, &[0, 1], Need::State), c.len());
    assert_eq!(check(&[gate(Gate::H, &[], &[2])], 4, &[0, 1], Need::State), 0);
}

#[test]
fn an_unmeasured_control_matters_by_its_outcome_alone() {
    let c = [
        gate(Gate::H, &[], &[0]),
        gate(Gate::T, &[], &[0]),
        gate(Gate::Cx, &[], &[0, 1]),
        gate(Gate::S, &[], &[0]),
    ];
    assert_eq!(check(&c, 2, &[1], Need::State), 2);
}

#[test]
fn parts_are_found_in_order_and_renamed() {
    let c = [
        gate(Gate::H, &[], &[5]),
        gate(Gate::Cx, &[], &[5, 1]),
        gate(Gate::X, &[], &[3]),
        controlled(&[], &[], gate_phase()),
    ];
    let unitaries = c.iter().filter_map(|i| match i {
        Instruction::Unitary(u) => Some(u),
        _ => None,
    });
    let found = parts(unitaries, 7);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].qubits, [Qubit(1), Qubit(5)]);
    assert_eq!(found[0].instructions, [gate(Gate::H, &[], &[1]), gate(Gate::Cx, &[], &[1, 0])]);
    assert_eq!(found[1].qubits, [Qubit(3)]);
    assert_eq!(found[1].instructions, [gate(Gate::X, &[], &[0])]);
}

fn gate_phase() -> circuit::GateMatrix {
    let mut m = quantum_info::Matrix::zero(1);
    m.set(0, 0, Complex64::new(0.0, 1.0));
    circuit::GateMatrix::Dense(m)
}

fn any_gate(n: u32) -> impl Strategy<Value = Instruction> {
    (0..9_u8, 0..n, 1..n, 1..n - 1, 0.1..3.0_f64).prop_map(move |(kind, a, b, c, t)| {
        let b = (a + b) % n;
        let c = (0..n).filter(|q| *q != a && *q != b).nth(c as usize % (n as usize - 2)).unwrap();
        match kind {
            0 => gate(Gate::Ry, &[t], &[a]),
            1 => gate(Gate::Rz, &[t], &[a]),
            2 => gate(Gate::Cx, &[], &[a, b]),
            3 => gate(Gate::Crx, &[t], &[a, b]),
            4 => gate(Gate::Cp, &[t], &[a, b]),
            5 => gate(Gate::Rxx, &[t], &[a, b]),
            6 => gate(Gate::Ccx, &[], &[a, b, c]),
            7 => gate(Gate::Swap, &[], &[a, b]),
            _ => gate(Gate::Y, &[], &[a]),
        }
    })
}

proptest! {
    #[test]
    fn cones_keep_what_is_needed(
        circuit in proptest::collection::vec(any_gate(5), 0..24),
        chosen in 1..32_u32,
        state in any::<bool>(),
    ) {
        let qubits: Vec<u32> = (0..5).filter(|q| chosen >> q & 1 == 1).collect();
        check(&circuit, 5, &qubits, if state { Need::State } else { Need::Outcome });
    }
}
