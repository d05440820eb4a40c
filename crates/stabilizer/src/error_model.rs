//! Which detectors and observables each error of a noisy circuit flips.
//!
//! The circuit is walked through from its end. For X and Z on every qubit it is known what would be
//! flipped by that Pauli here; a gate changes this as it changes Paulis, a measurement adds what its
//! result is part of, and a reset forgets. Each way in which a channel strikes is then looked up. Ways
//! with the same effect become one mechanism.
//!
//! Mechanisms are independent. Channels whose ways exclude each other are turned into independent ones
//! exactly where that is possible (see [`independent`]); [`ErrorModel::exact`] says whether it was.

mod graphlike;
mod independent;
mod sensitivity;

use std::collections::BTreeMap;
use std::fmt;

use sim::RunControl;

use crate::Error;
use crate::circuit::{Circuit, Item, Limits};
use sensitivity::Backwards;

/// What an error flips: detectors, and observables from [`OBSERVABLES`] on, ascending.
pub(crate) type Symptom = Vec<u32>;

/// Number of observable 0 in a [`Symptom`].
pub(crate) const OBSERVABLES: u32 = 1 << 31;

/// An error that happens or not, whatever else does.
#[derive(Debug, Clone, PartialEq)]
pub struct Mechanism {
    pub probability: f64,
    /// Ascending.
    pub detectors: Vec<u32>,
    /// Ascending.
    pub observables: Vec<u32>,
    /// What the X and Z of which it consists flip one by one; empty where one Pauli is all.
    parts: Vec<Symptom>,
}

/// Independent errors of a circuit. Those that flip nothing are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct ErrorModel {
    pub num_detectors: u32,
    pub num_observables: u32,
    /// In the order of what they flip.
    pub mechanisms: Vec<Mechanism>,
    /// False where a channel had to be taken for independent errors that it is not: rates then are
    /// wrong in second order of its probability.
    pub exact: bool,
}

/// A mechanism before it is known what else flips the same.
#[derive(Debug, Clone, Default)]
pub(crate) struct Collected {
    probability: f64,
    parts: Vec<Symptom>,
}

/// Two sets without what is in both.
pub(crate) fn xor(a: &[u32], b: &[u32]) -> Symptom {
    let mut out = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => {
                out.push(a[i]);
                i += 1;
            }
            std::cmp::Ordering::Greater => {
                out.push(b[j]);
                j += 1;
            }
            std::cmp::Ordering::Equal => {
                i += 1;
                j += 1;
            }
        }
    }
    out.extend_from_slice(&a[i..]);
    out.extend_from_slice(&b[j..]);
    out
}

/// Probability that one of two independent events happens and the other does not.
pub(crate) fn either(p: f64, q: f64) -> f64 {
    p * (1.0 - q) + q * (1.0 - p)
}

/// Most operations of a circuit that is analyzed, loops unrolled: seconds of work.
const MAX_OPERATIONS: u64 = 200_000_000;

impl ErrorModel {
    /// Of a circuit. Refused where a detector or observable is random even without noise.
    pub fn of(circuit: &Circuit, limits: &Limits, control: &RunControl) -> Result<Self, Error> {
        let summary = circuit.summary();
        let limits =
            Limits { max_operations: limits.max_operations.min(MAX_OPERATIONS), ..*limits };
        // A detector and a result are a set in a tree each, at least.
        let sets = summary.num_detectors.saturating_add(summary.num_measurements);
        summary.check(sets.saturating_mul(64), &limits)?;
        let mut backwards = Backwards::new(&summary)?;
        let mut count = 0_u32;
        reversed(&circuit.items, &mut |i| {
            count = count.wrapping_add(1);
            if count.is_multiple_of(1024) {
                control.check()?;
            }
            backwards.step(i)
        })?;
        backwards.begin()?;
        let (found, exact) = backwards.into_found();
        Ok(Self {
            num_detectors: u32::try_from(summary.num_detectors).unwrap_or(u32::MAX),
            num_observables: summary.num_observables,
            mechanisms: mechanisms(found),
            exact,
        })
    }

    /// How often each detector fires: `½ (1 - Π (1 - 2p))` over the errors that flip it.
    pub fn detector_rates(&self) -> Vec<f64> {
        self.rates(self.num_detectors, |m| &m.detectors)
    }

    /// How often each observable is flipped.
    pub fn observable_rates(&self) -> Vec<f64> {
        self.rates(self.num_observables, |m| &m.observables)
    }

    fn rates(&self, count: u32, flips: impl Fn(&Mechanism) -> &[u32]) -> Vec<f64> {
        let mut rates = vec![0.0; count as usize];
        for mechanism in &self.mechanisms {
            for &i in flips(mechanism) {
                let rate = &mut rates[i as usize];
                *rate = either(*rate, mechanism.probability);
            }
        }
        rates
    }
}

fn mechanisms(found: BTreeMap<Symptom, Collected>) -> Vec<Mechanism> {
    found
        .into_iter()
        .map(|(symptom, collected)| {
            let from = symptom.partition_point(|&i| i < OBSERVABLES);
            Mechanism {
                probability: collected.probability,
                detectors: symptom[..from].to_vec(),
                observables: symptom[from..].iter().map(|i| i - OBSERVABLES).collect(),
                parts: collected.parts,
            }
        })
        .collect()
}

fn reversed(
    items: &[Item],
    each: &mut impl FnMut(&crate::Instruction) -> Result<(), Error>,
) -> Result<(), Error> {
    for item in items.iter().rev() {
        match item {
            Item::Instruction(i) => each(i)?,
            Item::Repeat { count, body, .. } => {
                for _ in 0..*count {
                    reversed(body, each)?;
                }
            }
        }
    }
    Ok(())
}

/// In the format of Stim's detector error models: `error(0.1) D0 D1 L0`.
impl fmt::Display for ErrorModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for m in &self.mechanisms {
            write!(f, "error({})", m.probability)?;
            m.detectors.iter().try_for_each(|d| write!(f, " D{d}"))?;
            m.observables.iter().try_for_each(|o| write!(f, " L{o}"))?;
            writeln!(f)?;
        }
        Ok(())
    }
}
