//! Which method simulates a circuit.
//!
//! A new method is one file of this package and one arm in each `match` here.

use circuit::Instruction;

use crate::limits::{check_memory, needed_bytes};
use crate::{Precision, SimError};

/// How a state is represented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// All amplitudes: [`crate::Statevector`].
    Statevector,
}

/// A method, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    pub method: Method,
    /// A sentence for the user.
    pub reason: String,
    pub needed_bytes: u64,
}

/// What a circuit looks like to those who choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Profile {
    /// Qubits of the register.
    pub num_qubits: usize,
    /// Qubits that any unitary, measurement or reset names.
    pub used_qubits: usize,
    pub gates: usize,
    pub measurements: usize,
    pub resets: usize,
}

/// Counts what a circuit consists of.
pub fn profile(instructions: &[Instruction], num_qubits: usize) -> Profile {
    let mut p = Profile { num_qubits, ..Profile::default() };
    let mut used = vec![false; num_qubits];
    let mut mark = |q: circuit::Qubit| {
        if let Some(u) = used.get_mut(q.index()) {
            *u = true;
        }
    };
    for i in instructions {
        match i {
            Instruction::Unitary(u) => {
                p.gates += 1;
                u.qubits().for_each(&mut mark);
            }
            Instruction::Measure { qubit, .. } => {
                p.measurements += 1;
                mark(*qubit);
            }
            Instruction::Reset { qubit } => {
                p.resets += 1;
                mark(*qubit);
            }
            Instruction::Barrier { .. } => {}
        }
    }
    p.used_qubits = used.iter().filter(|u| **u).count();
    p
}

/// The method for a circuit whose state vector has `active_qubits` bits
/// ([`crate::PlanSummary::active_qubits`]), or what it would need.
pub fn choose(
    active_qubits: usize,
    precision: Precision,
    available_bytes: u64,
) -> Result<Choice, SimError> {
    check_memory(active_qubits, precision, available_bytes)?;
    Ok(Choice {
        method: Method::Statevector,
        reason: format!("the state vector of {active_qubits} qubits fits into memory"),
        needed_bytes: needed_bytes(active_qubits, precision),
    })
}
