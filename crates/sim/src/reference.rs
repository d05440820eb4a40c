//! The slow, obvious simulator that the fast one is tested against: a plain vector, every
//! instruction by its definition.

use circuit::{GateMatrix, Instruction, UnitaryInstruction};
use num_complex::Complex64;

/// The state of `num_qubits` qubits after `instructions`, from |0…0⟩. Measurements and resets are
/// not handled: it panics on them.
pub fn run(instructions: &[Instruction], num_qubits: usize) -> Vec<Complex64> {
    let mut state = vec![Complex64::new(0.0, 0.0); 1 << num_qubits];
    state[0] = Complex64::new(1.0, 0.0);
    for i in instructions {
        match i {
            Instruction::Unitary(u) => state = apply(u, &state),
            Instruction::Barrier { .. } => {}
            Instruction::Measure { .. } | Instruction::Reset { .. } => {
                panic!("the reference simulates unitaries only")
            }
        }
    }
    state
}

/// `u · state`.
pub fn apply(u: &UnitaryInstruction, state: &[Complex64]) -> Vec<Complex64> {
    let mut out = vec![Complex64::new(0.0, 0.0); state.len()];
    for (i, a) in state.iter().enumerate() {
        if !u.controls.iter().all(|c| (i >> c.qubit.index() & 1 == 1) == c.on) {
            out[i] += a;
            continue;
        }
        let bit = |k: usize| u.targets[k].index();
        let col: usize = (0..u.targets.len()).map(|k| (i >> bit(k) & 1) << k).sum();
        let rest = (0..u.targets.len()).fold(i, |x, k| x & !(1 << bit(k)));
        for row in 0..1 << u.targets.len() {
            let entry = match &u.matrix {
                GateMatrix::Dense(m) => m.at(row, col),
                GateMatrix::Diagonal(d) if row == col => d[row],
                GateMatrix::Permutation(p) if p[col] as usize == row => Complex64::new(1.0, 0.0),
                GateMatrix::Diagonal(_) | GateMatrix::Permutation(_) => continue,
            };
            let to = (0..u.targets.len()).fold(rest, |x, k| x | (row >> k & 1) << bit(k));
            out[to] += entry * a;
        }
    }
    out
}
