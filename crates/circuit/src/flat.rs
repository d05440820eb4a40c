//! A program as a flat list of steps, where its quantum part does not depend on outcomes.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::Instruction;
use crate::classical::Value;
use crate::machine::{Limits, Machine, Origin, Program, RuntimeError, RuntimeErrorKind, Step};
use crate::span::Span;

/// Where a classical bit gets its final value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BitSource {
    /// No measurement reaches it.
    Constant(bool),
    /// The outcome in this position of the measurement record.
    Record(u32),
}

/// A program without control flow: what it does whatever is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Flat {
    pub num_qubits: u32,
    /// Measurements are numbered in order: `record` counts from 0.
    pub instructions: Vec<Instruction>,
    pub num_records: u32,
    /// One per classical bit that count keys show, the first declared first.
    pub clbits: Vec<BitSource>,
    /// For each record, whether the measurement is terminal: nothing but barriers is done to the
    /// qubit after it. A terminal measurement can be put off to the end.
    pub terminal: Vec<bool>,
}

impl Flat {
    /// Whether the program is a unitary followed by measurements, up to their order: the final state
    /// of the unitaries alone can then be sampled as often as wanted.
    pub fn is_terminal(&self) -> bool {
        self.terminal.iter().all(|&t| t)
            && !self.instructions.iter().any(|i| matches!(i, Instruction::Reset { .. }))
    }
}

impl Program {
    /// Runs the classical part once, without outcomes, and collects the steps.
    ///
    /// Refused with [`RuntimeErrorKind::DependsOnOutcome`] where a gate, a parameter, an index or a
    /// classical bit other than as a copy depends on a measurement, and with
    /// [`RuntimeErrorKind::NotFlat`] for noise and post-selection: a [`Machine`] runs such programs.
    /// Delays are left out, and so are resets of qubits to which nothing was done.
    pub fn flatten(
        self: &Arc<Self>,
        inputs: &BTreeMap<String, Value>,
        limits: Limits,
    ) -> Result<Flat, RuntimeError> {
        let mut machine = Machine::new(self, inputs, limits)?;
        let room = usize::try_from(self.least_operations()).unwrap_or(0).min(1 << 20);
        collect(
            &mut machine,
            Vec::with_capacity(room),
            vec![false; self.num_qubits() as usize],
            usize::MAX,
        )
    }
}

impl Machine {
    /// What is left of the program as a flat list, as [`Program::flatten`] does it for the whole.
    /// Where an outcome is awaited, that measurement comes first. `statements` grows by what was
    /// executed, with success or without. More than `max_steps` steps are refused.
    pub fn flatten_rest(
        mut self,
        max_steps: usize,
        statements: &mut u64,
    ) -> Result<Flat, RuntimeError> {
        let before = self.statements() + self.operations();
        let touched = vec![true; self.program().num_qubits() as usize];
        let flat = collect(&mut self, Vec::new(), touched, max_steps);
        *statements += self.statements() + self.operations() - before;
        flat
    }
}

fn collect(
    machine: &mut Machine,
    mut instructions: Vec<Instruction>,
    mut touched: Vec<bool>,
    max_steps: usize,
) -> Result<Flat, RuntimeError> {
    let num_qubits = machine.program().num_qubits();
    let mut num_records = 0;
    machine.track();
    if let Some(qubit) = machine.awaited() {
        instructions.push(Instruction::Measure { qubit, record: 0 });
        num_records = 1;
        machine.provide(false);
    }
    loop {
        if instructions.len() > max_steps {
            let kind = RuntimeErrorKind::TooManyOperations { limit: max_steps as u64 };
            return Err(RuntimeError::new(kind, Span::NONE));
        }
        match machine.next()? {
            Step::Unitary(u) => {
                u.qubits().for_each(|q| touched[q.index()] = true);
                instructions.push(Instruction::Unitary(u));
            }
            Step::Measure { qubit } => {
                touched[qubit.index()] = true;
                instructions.push(Instruction::Measure { qubit, record: num_records });
                num_records += 1;
                machine.provide(false);
            }
            Step::Reset { qubit } if touched[qubit.index()] => {
                instructions.push(Instruction::Reset { qubit });
            }
            Step::Barrier { qubits } => instructions.push(Instruction::Barrier { qubits }),
            Step::Reset { .. } | Step::Delay { .. } => {}
            Step::Noise { .. } | Step::Postselect { .. } => {
                return Err(RuntimeError::new(RuntimeErrorKind::NotFlat, Span::NONE));
            }
            Step::Done => break,
        }
    }
    let mut clbits = Vec::new();
    for (variable, value, origin) in machine.origins() {
        let bits: Vec<bool> = match value {
            Value::Bit(b) => vec![*b],
            Value::Bits(b) => b.iter().collect(),
            _ => continue,
        };
        match origin {
            Origin::Fixed => clbits.extend(bits.into_iter().map(BitSource::Constant)),
            Origin::Records(r) => clbits.extend(
                bits.into_iter()
                    .zip(r.iter())
                    .map(|(b, r)| r.map_or(BitSource::Constant(b), BitSource::Record)),
            ),
            Origin::Computed => {
                return Err(RuntimeError::new(RuntimeErrorKind::DependsOnOutcome, variable.span));
            }
        }
    }
    let terminal = terminal(&instructions, num_qubits, num_records);
    Ok(Flat { num_qubits, instructions, num_records, clbits, terminal })
}

fn terminal(instructions: &[Instruction], num_qubits: u32, num_records: u32) -> Vec<bool> {
    let mut used = vec![false; num_qubits as usize];
    let mut terminal = vec![false; num_records as usize];
    for instruction in instructions.iter().rev() {
        match instruction {
            Instruction::Measure { qubit, record } => {
                terminal[*record as usize] = !used[qubit.index()];
                used[qubit.index()] = true;
            }
            Instruction::Unitary(u) => u.qubits().for_each(|q| used[q.index()] = true),
            Instruction::Reset { qubit } => used[qubit.index()] = true,
            Instruction::Barrier { .. } => {}
        }
    }
    terminal
}
