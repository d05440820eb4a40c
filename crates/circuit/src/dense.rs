//! Dense matrices and states of few qubits, by the plainest possible code.
//!
//! For powers of custom gates and for checking: simulation lives elsewhere.

use num_complex::Complex64;
use quantum_info::Matrix;

use crate::{GateMatrix, Qubit, UnitaryInstruction};

/// Applies `step` to the amplitudes of a state. `position` says which bit of the index a qubit is.
pub fn apply(step: &UnitaryInstruction, amps: &mut [Complex64], position: impl Fn(Qubit) -> usize) {
    let controls: Vec<(usize, bool)> =
        step.controls.iter().map(|c| (position(c.qubit), c.on)).collect();
    let targets: Vec<usize> = step.targets.iter().map(|&q| position(q)).collect();
    let mask: usize = targets.iter().map(|t| 1 << t).sum();
    let dim = 1 << targets.len();
    // Index of the k-th basis state of the targets above a base in which they are 0.
    let offset =
        |k: usize| -> usize { targets.iter().enumerate().map(|(j, t)| (k >> j & 1) << t).sum() };
    for base in 0..amps.len() {
        if base & mask != 0 || controls.iter().any(|&(q, on)| (base >> q & 1 == 1) != on) {
            continue;
        }
        let old: Vec<Complex64> = (0..dim).map(|k| amps[base | offset(k)]).collect();
        match &step.matrix {
            GateMatrix::Dense(m) => {
                for r in 0..dim {
                    amps[base | offset(r)] = (0..dim).map(|c| m.at(r, c) * old[c]).sum();
                }
            }
            GateMatrix::Diagonal(d) => {
                for k in 0..dim {
                    amps[base | offset(k)] = d[k] * old[k];
                }
            }
            GateMatrix::Permutation(map) => {
                for k in 0..dim {
                    amps[base | offset(map[k] as usize)] = old[k];
                }
            }
        }
    }
}

/// The matrix of a sequence of steps on `qubits`, the first of which is the low bit. Every step acts
/// on these qubits alone.
pub fn matrix_of<'a>(
    steps: impl IntoIterator<Item = &'a UnitaryInstruction>,
    qubits: &[Qubit],
) -> Matrix {
    let dim = 1 << qubits.len();
    let mut columns: Vec<Vec<Complex64>> = (0..dim)
        .map(|c| {
            let mut column = vec![Complex64::default(); dim];
            column[c] = Complex64::new(1.0, 0.0);
            column
        })
        .collect();
    let position = |q| qubits.iter().position(|&p| p == q).expect("steps act on the listed qubits");
    for step in steps {
        for column in &mut columns {
            apply(step, column, position);
        }
    }
    let mut m = Matrix::zero(dim);
    for (c, column) in columns.iter().enumerate() {
        for (r, &a) in column.iter().enumerate() {
            m.set(r, c, a);
        }
    }
    m
}
