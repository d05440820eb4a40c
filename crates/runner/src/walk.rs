//! A program as a sequence of steps that may depend on outcomes: a flat list, or a machine.

use std::sync::Arc;

use circuit::flat::{BitSource, Flat};
use circuit::machine::{Machine, RuntimeError, Step};
use circuit::{Instruction, Qubit};

/// Where a program stands. A clone goes its own way.
#[derive(Clone)]
pub(crate) enum Walk {
    Flat { flat: Arc<Flat>, at: usize, outcomes: Vec<bool> },
    Machine(Box<Machine>),
}

impl Walk {
    pub(crate) fn flat(flat: Arc<Flat>) -> Self {
        Self::Flat { flat, at: 0, outcomes: Vec::new() }
    }

    pub(crate) fn machine(machine: Machine) -> Self {
        Self::Machine(Box::new(machine))
    }

    pub(crate) fn next(&mut self) -> Result<Step, RuntimeError> {
        match self {
            Self::Machine(machine) => machine.next(),
            Self::Flat { flat, at, .. } => {
                let Some(instruction) = flat.instructions.get(*at) else { return Ok(Step::Done) };
                *at += 1;
                Ok(match instruction {
                    Instruction::Unitary(u) => Step::Unitary(u.clone()),
                    Instruction::Measure { qubit, .. } => Step::Measure { qubit: *qubit },
                    Instruction::Reset { qubit } => Step::Reset { qubit: *qubit },
                    Instruction::Barrier { qubits } => Step::Barrier { qubits: qubits.clone() },
                })
            }
        }
    }

    /// The outcome of the measurement that [`Walk::next`] gave last.
    pub(crate) fn provide(&mut self, outcome: bool) {
        match self {
            Self::Machine(machine) => machine.provide(outcome),
            // Records are numbered in order.
            Self::Flat { outcomes, .. } => outcomes.push(outcome),
        }
    }

    /// All classical bits, the first declared first.
    pub(crate) fn clbits(&self) -> Vec<bool> {
        match self {
            Self::Machine(machine) => machine.clbits().iter().collect(),
            Self::Flat { flat, outcomes, .. } => flat
                .clbits
                .iter()
                .map(|source| match source {
                    BitSource::Constant(b) => *b,
                    BitSource::Record(r) => outcomes.get(*r as usize).copied().unwrap_or(false),
                })
                .collect(),
        }
    }

    /// If nothing but gates and terminal measurements follows: the qubit of each measurement to come,
    /// and the gates.
    pub(crate) fn rest(&self) -> Option<(Vec<Instruction>, Vec<Qubit>)> {
        let Self::Flat { flat, at, outcomes } = self else { return None };
        let rest = flat.instructions.get(*at..)?;
        if rest.iter().any(|i| matches!(i, Instruction::Reset { .. }))
            || flat.terminal[outcomes.len()..].iter().any(|t| !t)
        {
            return None;
        }
        let mut gates = Vec::new();
        let mut qubits = Vec::new();
        for instruction in rest {
            match instruction {
                Instruction::Measure { qubit, .. } => qubits.push(*qubit),
                other => gates.push(other.clone()),
            }
        }
        Some((gates, qubits))
    }
}
