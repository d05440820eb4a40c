//! A program as a sequence of steps that may depend on outcomes: a flat list, or a machine.

use std::sync::Arc;

use circuit::flat::{BitSource, Flat};
use circuit::machine::{Machine, RuntimeError, Step};
use circuit::{Instruction, Qubit};

/// Steps that are held to see whether only terminal measurements follow.
const MAX_LOOK_AHEAD: usize = 1 << 20;

/// Where a program stands. A clone goes its own way.
#[derive(Clone)]
pub(crate) enum Walk {
    Flat { flat: Arc<Flat>, at: usize, outcomes: Vec<bool> },
    Machine(Box<Machine>),
}

/// What follows where nothing depends on outcomes any more: gates, then measurements.
pub(crate) struct Rest {
    pub(crate) gates: Vec<Instruction>,
    /// The qubit of each measurement; the one that awaits its outcome comes first.
    pub(crate) qubits: Vec<Qubit>,
    /// For each classical bit its value, or the measurement above that gives it.
    pub(crate) clbits: Vec<BitSource>,
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

    /// Whether both go through the same steps from here to the same bits, given the same outcomes. May
    /// miss such a pair.
    pub(crate) fn same_future(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Machine(a), Self::Machine(b)) => a.same_future(b),
            (Self::Flat { at: a, outcomes: x, .. }, Self::Flat { at: b, outcomes: y, .. }) => {
                a == b && x == y
            }
            _ => false,
        }
    }

    /// If nothing but gates and terminal measurements follows, that. Called where an outcome is
    /// awaited. `looked` grows by what it cost.
    pub(crate) fn rest(&self, looked: &mut u64) -> Option<Rest> {
        match self {
            Self::Flat { flat, at, outcomes } => {
                let first = outcomes.len();
                *looked += (flat.terminal.len() - first) as u64;
                if flat.terminal[first..].iter().any(|t| !t) {
                    return None;
                }
                let clbits = flat.clbits.iter().map(|source| match source {
                    BitSource::Record(r) if (*r as usize) < first => {
                        BitSource::Constant(outcomes[*r as usize])
                    }
                    BitSource::Record(r) => {
                        BitSource::Record(r - u32::try_from(first).unwrap_or(0))
                    }
                    constant @ BitSource::Constant(_) => *constant,
                });
                gates_then_measurements(&flat.instructions[at - 1..], clbits.collect())
            }
            Self::Machine(machine) => {
                let flat = machine.as_ref().clone().flatten_rest(MAX_LOOK_AHEAD, looked).ok()?;
                if flat.is_terminal() {
                    gates_then_measurements(&flat.instructions, flat.clbits)
                } else {
                    None
                }
            }
        }
    }
}

fn gates_then_measurements(instructions: &[Instruction], clbits: Vec<BitSource>) -> Option<Rest> {
    let mut rest = Rest { gates: Vec::new(), qubits: Vec::new(), clbits };
    for instruction in instructions {
        match instruction {
            Instruction::Measure { qubit, .. } => rest.qubits.push(*qubit),
            Instruction::Reset { .. } => return None,
            other => rest.gates.push(other.clone()),
        }
    }
    Some(rest)
}
