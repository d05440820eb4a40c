//! An interpreter of circuits that knows no simulator.
//!
//! A [`Machine`] runs the classical part of a program and hands out its quantum steps one by one:
//! custom gates, modifiers, registers, loops and subroutines are gone in them. Whoever drives it
//! holds the quantum state; where a step is a measurement, the driver decides the outcome and gives
//! it back.
//!
//! ```text
//! let program = Program::new(&circuit)?;
//! let mut machine = Machine::new(&program, &inputs, Limits::default())?;
//! loop {
//!     match machine.next()? {
//!         Step::Unitary(u) => state.apply(&u),
//!         Step::Measure { qubit } => machine.provide(state.measure(qubit)),
//!         Step::Reset { qubit } => state.reset(qubit),
//!         Step::Done => break,
//!         …
//!     }
//! }
//! let key = machine.clbits();
//! ```
//!
//! It is deterministic: the same inputs and outcomes give the same steps. A clone goes its own way
//! from where the original stands, so that every outcome of a measurement can be followed; the
//! program is shared, and a clone copies variables alone (arrays only when written to).
//!
//! Limits are counted while it runs. Before it starts, [`Machine::new`] compares them with what the
//! program executes at least, so that a gate bomb or a loop of 2^63 turns is refused at once.

pub mod blocks;
mod call;
mod compile;
mod cost;
mod error;
pub mod eval;
mod expand;
mod hoist;
mod noise;
mod power;
mod resolve;
mod run;
mod scope;
mod state;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::circuit::Role;
use crate::classical::cast::cast;
use crate::classical::{Bits, Duration, Value};
use crate::span::Span;
use crate::{Qubit, UnitaryInstruction, Variable};

pub use compile::Program;
pub use error::{RuntimeError, RuntimeErrorKind};
pub use expand::MAX_POWER_QUBITS;
pub use noise::Channel;
pub use state::Limits;

pub(crate) use run::Tracking;
pub(crate) use state::Origin;

use expand::Expansion;
use resolve::Values;
use run::Pending;
use state::{Budget, Slot, size_of_type};

/// A quantum step, or the end.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Unitary(UnitaryInstruction),
    /// Measure in the Z basis, then [`Machine::provide`] the outcome.
    Measure {
        qubit: Qubit,
    },
    /// To |0⟩.
    Reset {
        qubit: Qubit,
    },
    Barrier {
        qubits: Vec<Qubit>,
    },
    Delay {
        duration: Duration,
        qubits: Vec<Qubit>,
    },
    Noise {
        channel: Channel,
        qubits: Vec<Qubit>,
    },
    /// Keep the part of the state in which the qubit is `outcome`, renormalized; without such a part
    /// the run is void.
    Postselect {
        qubit: Qubit,
        outcome: bool,
    },
    /// The program has ended; so it stays.
    Done,
}

/// An activation of a subroutine, or the main body.
#[derive(Debug, Clone, PartialEq)]
struct Activation {
    slots: Vec<Slot>,
    loops: Vec<Values>,
    return_to: u32,
    /// Slot of the caller for the result.
    result: Option<u32>,
    /// Position among the subroutines.
    subroutine: Option<u32>,
    /// Mutable arrays: where they came from in the caller, and their slot here.
    write_back: Vec<call::WriteBack>,
    /// Budget's memory when it began.
    memory: u64,
}

/// A program at work. See the [module](self).
#[derive(Debug, Clone)]
pub struct Machine {
    program: Arc<Program>,
    globals: Vec<Slot>,
    /// The main body first. Never empty.
    activations: Vec<Activation>,
    at: u32,
    expansion: Expansion,
    pending: Pending,
    budget: Budget,
    /// What it has stopped at.
    failed: Option<Box<RuntimeError>>,
    /// `None` unless the program is being flattened.
    tracking: Option<Box<Tracking>>,
}

impl Machine {
    /// At the start of the program. `inputs` gives every `input` variable a value that its type can
    /// take, and nothing else.
    pub fn new(
        program: &Arc<Program>,
        inputs: &BTreeMap<String, Value>,
        limits: Limits,
    ) -> Result<Self, RuntimeError> {
        let mut budget = Budget { limits, operations: 0, statements: 0, memory: 0 };
        if program.least.operations > limits.max_operations {
            let limit = limits.max_operations;
            return Err(RuntimeError::new(
                RuntimeErrorKind::TooManyOperations { limit },
                Span::NONE,
            ));
        }
        if program.least.statements > limits.max_statements {
            let limit = limits.max_statements;
            return Err(RuntimeError::new(
                RuntimeErrorKind::TooManyStatements { limit },
                Span::NONE,
            ));
        }
        if let Some(name) = inputs
            .keys()
            .find(|n| !program.variables.iter().any(|v| v.role == Role::Input && v.name == **n))
        {
            return Err(RuntimeError::new(
                RuntimeErrorKind::UnknownInput { name: name.clone() },
                Span::NONE,
            ));
        }
        let mut globals = Vec::with_capacity(program.variables.len());
        for v in &program.variables {
            if v.role == Role::Alias {
                globals.push(Slot::default());
                continue;
            }
            budget.allocate(size_of_type(&v.ty), v.span)?;
            globals.push(Slot::of(if v.role == Role::Input {
                let Some(given) = inputs.get(&v.name) else {
                    let kind =
                        RuntimeErrorKind::MissingInput { name: v.name.clone(), ty: v.ty.clone() };
                    return Err(RuntimeError::new(kind, v.span));
                };
                cast(given, &v.ty).map_err(|reason| {
                    let kind = RuntimeErrorKind::InputType {
                        name: v.name.clone(),
                        ty: v.ty.clone(),
                        reason,
                    };
                    RuntimeError::new(kind, v.span)
                })?
            } else {
                Value::zero(&v.ty)
            }));
        }
        budget.allocate(u64::from(program.num_locals) * size_of::<Slot>() as u64, Span::NONE)?;
        let main = Activation {
            slots: vec![Slot::default(); program.num_locals as usize],
            loops: Vec::new(),
            return_to: 0,
            result: None,
            subroutine: None,
            write_back: Vec::new(),
            memory: 0,
        };
        Ok(Self {
            program: Arc::clone(program),
            globals,
            activations: vec![main],
            at: 0,
            expansion: Expansion::default(),
            pending: Pending::None,
            budget,
            failed: None,
            tracking: None,
        })
    }

    /// The program it runs.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// All classical bits that count keys show, the first declared at the low end.
    pub fn clbits(&self) -> Bits {
        let mut bools: Vec<bool> = Vec::new();
        for (variable, slot) in self.program.variables.iter().zip(&self.globals) {
            match (variable.role, slot.value()) {
                (Role::Const | Role::Alias, _) => {}
                (_, Some(Value::Bit(b))) => bools.push(*b),
                (_, Some(Value::Bits(b))) => bools.extend(b.iter()),
                _ => {}
            }
        }
        Bits::from_bools(bools.into_iter())
    }

    /// Global variables with their present values, in order of declaration; aliases left out.
    pub fn variables(&self) -> impl Iterator<Item = (&Variable, &Value)> {
        self.program
            .variables
            .iter()
            .zip(&self.globals)
            .filter_map(|(v, slot)| Some((v, slot.value()?)))
    }

    /// Quantum operations so far.
    pub fn operations(&self) -> u64 {
        self.budget.operations
    }

    /// Statements so far.
    pub fn statements(&self) -> u64 {
        self.budget.statements
    }

    /// Whether both stand before the same measurement or reset with the same values, so that the same
    /// outcomes lead both through the same steps to the same results. May miss such a pair, never
    /// names a false one. How much of their limits they have used is left aside.
    pub fn same_future(&self, other: &Self) -> bool {
        let pending = match (&self.pending, &other.pending) {
            (Pending::None, Pending::None) => true,
            (Pending::Measuring(a), Pending::Measuring(b)) => a == b,
            _ => false,
        };
        pending
            && Arc::ptr_eq(&self.program, &other.program)
            && self.at == other.at
            && self.failed.is_none()
            && other.failed.is_none()
            && self.expansion.is_empty()
            && other.expansion.is_empty()
            && self.globals == other.globals
            && self.activations == other.activations
    }

    /// Of the global bits, in the order of [`Machine::clbits`].
    pub(crate) fn origins(&self) -> Vec<(&Variable, &Value, &Origin)> {
        let shown =
            |v: &Variable| !matches!(v.role, Role::Const | Role::Alias) && v.ty.num_clbits() > 0;
        self.program
            .variables
            .iter()
            .zip(&self.globals)
            .filter(|(v, _)| shown(v))
            .filter_map(|(v, slot)| Some((v, slot.value()?, &slot.origin)))
            .collect()
    }

    /// Records where outcomes go, and refuses steps that depend on them.
    ///
    /// Where the machine awaits an outcome, that measurement becomes record 0; outcomes that it has
    /// are fixed from now on.
    pub(crate) fn track(&mut self) {
        let mut tracking = Box::<Tracking>::default();
        if let Pending::Measuring(m) = &mut self.pending {
            m.track(&mut tracking);
        }
        self.tracking = Some(tracking);
    }

    /// The qubit whose outcome is awaited.
    pub(crate) fn awaited(&self) -> Option<Qubit> {
        match &self.pending {
            Pending::Measuring(m) => m.awaited(),
            _ => None,
        }
    }
}

/// Qubits of one operand.
type Qubits = SmallVec<[Qubit; 4]>;
