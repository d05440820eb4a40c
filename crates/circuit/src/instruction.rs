//! What a simulator executes: a flat list of steps with every parameter bound.
//!
//! Names, registers, loops and expressions are gone at this level. Each unitary step carries its
//! matrix on its targets and its controls apart, so that a kernel need not find them again.

use std::sync::Arc;

use num_complex::Complex64;
use quantum_info::Matrix;
use smallvec::SmallVec;

use crate::{Gate, Qubit};

/// A control qubit. With `on == false` the gate acts where the qubit is 0 (an anti-control).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Control {
    pub qubit: Qubit,
    pub on: bool,
}

/// The unitary on the targets: `targets[0]` is the low bit of the index.
#[derive(Debug, Clone, PartialEq)]
pub enum GateMatrix {
    Dense(Matrix),
    /// `2^k` diagonal entries, for diagonals too wide to be written as a matrix.
    Diagonal(Arc<[Complex64]>),
    /// `map[i]` is where basis state `i` goes; a bijection on `0..2^k`.
    Permutation(Arc<[u32]>),
}

/// A unitary on `targets`, applied where all `controls` hold.
///
/// Invariants: targets and controls are distinct; the matrix has `2^targets` rows. No targets means
/// a phase: the matrix is 1×1, and with controls it acts on their subspace.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitaryInstruction {
    /// The named gate this came from, for noise models and for display. Says nothing about controls.
    pub gate: Option<Gate>,
    pub controls: SmallVec<[Control; 2]>,
    pub targets: SmallVec<[Qubit; 2]>,
    pub matrix: GateMatrix,
}

/// One step of execution.
#[derive(Debug, Clone, PartialEq)]
pub enum Instruction {
    Unitary(UnitaryInstruction),
    /// Measures in the Z basis. The outcome goes to position `record` of the measurement record.
    Measure {
        qubit: Qubit,
        record: u32,
    },
    /// To |0⟩: a measurement whose outcome is forgotten, then X where it was 1.
    Reset {
        qubit: Qubit,
    },
    /// Nothing is moved across it by an optimizer that respects barriers; no effect on the state.
    Barrier {
        qubits: Vec<Qubit>,
    },
}

impl UnitaryInstruction {
    /// A gate of the table on `qubits` (its own controls first, as in the table).
    ///
    /// `params.len()` and `qubits.len()` must be what the table says.
    pub fn from_gate(gate: Gate, params: &[f64], qubits: &[Qubit]) -> Self {
        let spec = gate.spec();
        debug_assert_eq!(params.len(), spec.num_params());
        debug_assert_eq!(qubits.len(), spec.num_qubits());
        let (controls, targets) = qubits.split_at(spec.num_controls);
        Self {
            gate: Some(gate),
            controls: controls.iter().map(|&qubit| Control { qubit, on: true }).collect(),
            targets: SmallVec::from_slice(targets),
            matrix: GateMatrix::Dense((spec.base_matrix)(params)),
        }
    }

    /// All qubits it touches: controls, then targets.
    pub fn qubits(&self) -> impl Iterator<Item = Qubit> + '_ {
        self.controls.iter().map(|c| c.qubit).chain(self.targets.iter().copied())
    }
}
