//! Noisy Clifford circuits with measurement records, detectors and observables.

use crate::gate::{Action, Channel, GateSpec, Targets};
use crate::{Error, Pauli};

/// What an instruction acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A qubit, or a bit of `MPAD`; `inverted` where the result of a measurement is.
    Qubit { index: u32, inverted: bool },
    /// The measurement this many results back: 1 is the last.
    Record(u32),
    /// A Pauli on a qubit; `inverted` is a sign of the product that it is part of.
    Pauli { pauli: Pauli, qubit: u32, inverted: bool },
    /// Joins its neighbours to one product.
    Times,
}

impl Target {
    /// A qubit without more.
    pub fn qubit(index: u32) -> Self {
        Self::Qubit { index, inverted: false }
    }

    /// The qubit that is meant, if one is.
    pub fn index(self) -> Option<u32> {
        match self {
            Self::Qubit { index, .. } | Self::Pauli { qubit: index, .. } => Some(index),
            Self::Record(_) | Self::Times => None,
        }
    }
}

/// One instruction on all its targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Instruction {
    pub gate: &'static GateSpec,
    /// Numbers in parentheses.
    pub args: Vec<f64>,
    pub targets: Vec<Target>,
    /// Text in brackets; says nothing to the simulator.
    pub tag: Option<Box<str>>,
}

/// A Pauli product as it is measured: factors, and whether the result is inverted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub factors: Vec<(u32, Pauli)>,
    pub inverted: bool,
}

impl Instruction {
    /// Of a gate of the table, by name.
    pub(crate) fn of(name: &str, args: &[f64], targets: Vec<Target>) -> Self {
        Self { gate: crate::gate::known(name), args: args.to_vec(), targets, tag: None }
    }

    /// Targets in groups that act together: single ones, pairs, products without their joints.
    pub fn groups(&self) -> Groups<'_> {
        let rest = &self.targets[..];
        match self.gate.targets {
            Targets::Pairs | Targets::MeasuredPairs | Targets::Controlled(..) => {
                Groups { rest, size: 2 }
            }
            Targets::Products => Groups { rest, size: 0 },
            Targets::Paulis | Targets::Records | Targets::RecordsOrPaulis => {
                Groups { rest, size: rest.len().max(1) }
            }
            _ => Groups { rest, size: 1 },
        }
    }

    /// Results that it adds to the record.
    pub fn num_measurements(&self) -> u64 {
        match self.gate.action {
            Action::Measure { .. }
            | Action::Pad
            | Action::Noise(Channel::HeraldedErase | Channel::HeraldedPauli) => {
                self.targets.len() as u64
            }
            Action::MeasurePair(_) => self.targets.len() as u64 / 2,
            Action::MeasureProduct => self.groups().count() as u64,
            _ => 0,
        }
    }

    /// Probability of the first argument; 0 without one.
    pub(crate) fn probability(&self) -> f64 {
        self.args.first().copied().unwrap_or(0.0)
    }
}

/// See [`Instruction::groups`].
pub struct Groups<'a> {
    rest: &'a [Target],
    /// 0 for products.
    size: usize,
}

impl<'a> Iterator for Groups<'a> {
    type Item = &'a [Target];

    fn next(&mut self) -> Option<&'a [Target]> {
        if self.rest.is_empty() {
            return None;
        }
        let len = if self.size > 0 {
            self.size
        } else {
            // Factors and joints alternate.
            let mut len = 1;
            while self.rest.get(len) == Some(&Target::Times) {
                len += 2;
            }
            len
        };
        let (group, rest) = self.rest.split_at(len.min(self.rest.len()));
        self.rest = rest;
        Some(group)
    }
}

/// The product of a group; `None` where it is not Hermitian, as X0*Z0.
pub fn product(group: &[Target]) -> Option<Product> {
    let mut factors: Vec<(u32, Pauli)> = Vec::with_capacity(group.len().div_ceil(2));
    let mut inverted = false;
    // Quarter turns of the phase.
    let mut turns = 0_u8;
    for target in group {
        let Target::Pauli { pauli, qubit, inverted: minus } = *target else { continue };
        inverted ^= minus;
        let Some(at) = factors.iter().position(|f| f.0 == qubit) else {
            factors.push((qubit, pauli));
            continue;
        };
        let before = factors[at].1;
        match times(before, pauli) {
            None => {
                factors.remove(at);
            }
            Some((turn, third)) => {
                turns = (turns + turn) % 4;
                factors[at].1 = third;
            }
        }
    }
    turns.is_multiple_of(2).then_some(Product { factors, inverted: inverted ^ (turns == 2) })
}

/// The product of two different Paulis: quarter turns of its phase, and the third; `None` for equal ones.
fn times(a: Pauli, b: Pauli) -> Option<(u8, Pauli)> {
    use Pauli::{X, Y, Z};
    Some(match (a, b) {
        (X, Y) => (1, Z),
        (Y, Z) => (1, X),
        (Z, X) => (1, Y),
        (Y, X) => (3, Z),
        (Z, Y) => (3, X),
        (X, Z) => (3, Y),
        _ => return None,
    })
}

/// A part of a circuit.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    Instruction(Instruction),
    /// The body, this many times.
    Repeat {
        count: u64,
        body: Vec<Item>,
        tag: Option<Box<str>>,
    },
}

/// A circuit. Blocks that repeat are kept as blocks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Circuit {
    pub items: Vec<Item>,
}

/// What a circuit adds up to, all turns of its loops counted; saturates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// One more than the highest qubit that is named.
    pub num_qubits: u32,
    pub num_measurements: u64,
    pub num_detectors: u64,
    /// One more than the highest observable that is named.
    pub num_observables: u32,
    /// Targets of gates, channels and measurements.
    pub operations: u64,
    /// Farthest look back into the record.
    pub lookback: u32,
    /// Most results of one instruction.
    pub most_results: u64,
    pub noisy: bool,
}

impl Circuit {
    /// Adds an instruction at the end.
    pub fn push(&mut self, instruction: Instruction) {
        self.items.push(Item::Instruction(instruction));
    }

    /// Adds an instruction of the table at the end, by name.
    ///
    /// # Panics
    /// Where the table has no such name.
    pub fn append(&mut self, name: &str, args: &[f64], qubits: &[u32]) {
        let targets = qubits.iter().map(|&q| Target::qubit(q)).collect();
        self.push(Instruction::of(name, args, targets));
    }

    /// Includes results or Paulis in an observable, at the end.
    pub fn observe(&mut self, observable: usize, targets: Vec<Target>) {
        self.push(Instruction::of("OBSERVABLE_INCLUDE", &[observable as f64], targets));
    }

    pub fn summary(&self) -> Summary {
        let mut summary = Summary::default();
        summarize(&self.items, 1, &mut summary);
        summary
    }

    /// Calls `each` with every instruction, loops unrolled.
    pub fn for_each<E>(
        &self,
        each: &mut impl FnMut(&Instruction) -> Result<(), E>,
    ) -> Result<(), E> {
        walk(&self.items, each)
    }

    /// The same circuit without noise: neither channels nor probabilities of wrong results. What
    /// heralds keeps its place in the record, as 0.
    #[must_use]
    pub fn without_noise(&self) -> Self {
        Self { items: quiet(&self.items) }
    }
}

fn quiet(items: &[Item]) -> Vec<Item> {
    items
        .iter()
        .filter_map(|item| match item {
            Item::Repeat { count, body, tag } => {
                Some(Item::Repeat { count: *count, body: quiet(body), tag: tag.clone() })
            }
            Item::Instruction(i) => match i.gate.action {
                Action::Noise(Channel::HeraldedErase | Channel::HeraldedPauli) => {
                    let zeros = vec![Target::qubit(0); i.targets.len()];
                    Some(Item::Instruction(Instruction::of("MPAD", &[], zeros)))
                }
                Action::Noise(_) => None,
                Action::Measure { .. }
                | Action::MeasurePair(_)
                | Action::MeasureProduct
                | Action::Pad => {
                    Some(Item::Instruction(Instruction { args: Vec::new(), ..i.clone() }))
                }
                _ => Some(item.clone()),
            },
        })
        .collect()
}

fn walk<E>(items: &[Item], each: &mut impl FnMut(&Instruction) -> Result<(), E>) -> Result<(), E> {
    for item in items {
        match item {
            Item::Instruction(i) => each(i)?,
            Item::Repeat { count, body, .. } => {
                for _ in 0..*count {
                    walk(body, each)?;
                }
            }
        }
    }
    Ok(())
}

fn summarize(items: &[Item], times: u64, s: &mut Summary) {
    for item in items {
        match item {
            Item::Repeat { count, body, .. } => {
                // A turn costs something even where it does nothing.
                s.operations = s.operations.saturating_add(times.saturating_mul(*count));
                summarize(body, times.saturating_mul(*count), s);
            }
            Item::Instruction(i) => {
                let add = |sum: &mut u64, n: u64| {
                    *sum = sum.saturating_add(times.saturating_mul(n));
                };
                add(&mut s.num_measurements, i.num_measurements());
                add(&mut s.operations, i.targets.len() as u64);
                s.most_results = s.most_results.max(i.num_measurements());
                match i.gate.action {
                    Action::Detector => add(&mut s.num_detectors, 1),
                    Action::Observable => {
                        s.num_observables = s.num_observables.max(observable(i) + 1);
                    }
                    Action::Noise(_) => s.noisy = true,
                    _ => s.noisy |= i.num_measurements() > 0 && i.probability() > 0.0,
                }
                for target in &i.targets {
                    match target {
                        Target::Record(k) => s.lookback = s.lookback.max(*k),
                        Target::Times => {}
                        _ if i.gate.action == Action::Pad => {}
                        other => {
                            s.num_qubits = s.num_qubits.max(other.index().map_or(0, |q| q + 1));
                        }
                    }
                }
            }
        }
    }
}

/// Which observable an `OBSERVABLE_INCLUDE` means.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked when it is read"
)]
pub(crate) fn observable(instruction: &Instruction) -> u32 {
    instruction.probability() as u32
}

/// Bounds of what is simulated, checked before work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub memory_bytes: u64,
    /// Targets of instructions, loops unrolled.
    pub max_operations: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 4 << 30, max_operations: 10_000_000_000 }
    }
}

impl Summary {
    pub(crate) fn check(&self, needed_bytes: u64, limits: &Limits) -> Result<(), Error> {
        if self.operations > limits.max_operations {
            return Err(Error::TooManyOperations { limit: limits.max_operations });
        }
        if needed_bytes > limits.memory_bytes {
            return Err(Error::TooLarge { needed_bytes, available_bytes: limits.memory_bytes });
        }
        Ok(())
    }
}
