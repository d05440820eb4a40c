//! Each kernel against the reference, over all positions and controls.

use std::sync::Arc;

use circuit::{Gate, GateMatrix, Instruction};
use num_complex::Complex64;
use quantum_info::{Matrix, cis};

use super::{check, controlled, gate, scramble};

const N: u32 = 6;

fn dense(k: usize, seed: f64) -> Matrix {
    // Any invertible matrix will do: kernels do not need unitary ones. Scaled to keep the norm near 1.
    let d = 1 << k;
    let entries: Vec<Complex64> = (0..d * d)
        .map(|i| cis(seed + 1.7 * f64::from(i) * f64::from(i)) * (0.3 + 0.1 * f64::from(i % 5)))
        .collect();
    Matrix::from_entries(&entries).unwrap().scale(Complex64::new(1.0 / f64::from(1 << k), 0.0))
}

fn after_scramble(last: Instruction) {
    let mut all = scramble(N);
    all.push(last);
    check(&all, N as usize);
}

/// Matrices on one qubit that take different kernels.
fn ones() -> Vec<Matrix> {
    [
        Gate::X.spec().matrix(&[]),
        Gate::Y.spec().matrix(&[]),
        Gate::H.spec().matrix(&[]),
        Gate::Rx.spec().matrix(&[0.3]),
        Gate::Rz.spec().matrix(&[0.3]),
        Gate::T.spec().matrix(&[]),
        dense(1, 0.4),
    ]
    .to_vec()
}

#[test]
fn one_qubit_matrices_at_all_positions_under_all_single_controls() {
    for m in ones() {
        for t in 0..N {
            after_scramble(controlled(&[], &[t], GateMatrix::Dense(m.clone())));
            for c in (0..N).filter(|c| *c != t) {
                for on in [false, true] {
                    after_scramble(controlled(&[(c, on)], &[t], GateMatrix::Dense(m.clone())));
                }
            }
        }
    }
}

#[test]
fn one_qubit_matrices_under_two_and_three_controls() {
    for m in [Gate::X.spec().matrix(&[]), Gate::P.spec().matrix(&[0.7]), dense(1, 0.9)] {
        for t in 0..N {
            let others: Vec<u32> = (0..N).filter(|c| *c != t).collect();
            for w in others.windows(2) {
                after_scramble(controlled(
                    &[(w[0], true), (w[1], false)],
                    &[t],
                    GateMatrix::Dense(m.clone()),
                ));
            }
            for w in others.windows(3) {
                let controls = [(w[2], true), (w[0], true), (w[1], true)];
                after_scramble(controlled(&controls, &[t], GateMatrix::Dense(m.clone())));
            }
        }
    }
}

#[test]
fn two_qubit_matrices_at_all_positions_with_and_without_a_control() {
    let matrices = [
        dense(2, 0.2),
        Gate::Swap.spec().matrix(&[]),
        Gate::Iswap.spec().matrix(&[]),
        Gate::Rzz.spec().matrix(&[0.8]),
        Gate::Dcx.spec().matrix(&[]),
    ];
    for m in matrices {
        for a in 0..N {
            for b in (0..N).filter(|b| *b != a) {
                after_scramble(controlled(&[], &[a, b], GateMatrix::Dense(m.clone())));
                for c in (0..N).filter(|c| *c != a && *c != b) {
                    after_scramble(controlled(&[(c, true)], &[a, b], GateMatrix::Dense(m.clone())));
                }
            }
        }
    }
}

#[test]
fn wider_matrices_diagonals_and_permutations() {
    let targets: [&[u32]; 5] =
        [&[0, 1, 2], &[5, 0, 3], &[3, 4, 5], &[1, 5, 2, 4], &[4, 3, 2, 1, 0]];
    for t in targets {
        let k = t.len();
        after_scramble(controlled(&[], t, GateMatrix::Dense(dense(k, 0.1))));
        let diagonal: Arc<[Complex64]> =
            (0..1 << k).map(|i| cis(0.37 * f64::from(i * i))).collect();
        after_scramble(controlled(&[], t, GateMatrix::Diagonal(Arc::clone(&diagonal))));
        let map: Arc<[u32]> = (0..1_u32 << k).map(|i| (i * 5 + 3) % (1 << k)).collect();
        after_scramble(controlled(&[], t, GateMatrix::Permutation(Arc::clone(&map))));
        if let Some(c) = (0..N).find(|c| !t.contains(c)) {
            after_scramble(controlled(&[(c, false)], t, GateMatrix::Dense(dense(k, 0.6))));
            after_scramble(controlled(&[(c, true)], t, GateMatrix::Diagonal(diagonal)));
            after_scramble(controlled(&[(c, true)], t, GateMatrix::Permutation(map)));
        }
    }
}

#[test]
fn diagonals_and_permutations_on_the_whole_register() {
    let n = 12;
    let all: Vec<u32> = (0..n).rev().collect();
    let diagonal: Arc<[Complex64]> = (0..1 << n).map(|i| cis(0.01 * f64::from(i))).collect();
    let map: Arc<[u32]> = (0..1_u32 << n).map(|i| (i * 77 + 5) % (1 << n)).collect();
    let mut circuit = scramble(n);
    circuit.push(controlled(&[], &all, GateMatrix::Diagonal(diagonal)));
    circuit.push(controlled(&[], &all, GateMatrix::Permutation(map)));
    check(&circuit, n as usize);
}

#[test]
fn phases_without_targets() {
    let phase = Matrix::from_entries(&[cis(0.9)]).unwrap();
    after_scramble(controlled(&[], &[], GateMatrix::Dense(phase.clone())));
    after_scramble(controlled(&[(2, true)], &[], GateMatrix::Dense(phase.clone())));
    after_scramble(controlled(
        &[(0, false), (4, true), (5, true)],
        &[],
        GateMatrix::Dense(phase.clone()),
    ));
    check(&[controlled(&[], &[], GateMatrix::Dense(phase))], 3);
}

#[test]
fn every_gate_of_the_table_on_scattered_qubits() {
    for spec in circuit::gate::GATES {
        let params: Vec<f64> = (0..spec.num_params()).map(|i| 0.3 + 0.4 * i as f64).collect();
        for order in [[0, 1, 2, 3, 4], [5, 2, 0, 4, 1], [3, 5, 4, 1, 2]] {
            after_scramble(gate(spec.gate, &params, &order[..spec.num_qubits()]));
        }
    }
}

#[test]
fn registers_of_no_one_and_two_qubits() {
    check(&[], 0);
    check(&[gate(Gate::H, &[], &[0])], 1);
    check(&[gate(Gate::H, &[], &[1]), gate(Gate::Cx, &[], &[1, 0]), gate(Gate::T, &[], &[0])], 2);
}
