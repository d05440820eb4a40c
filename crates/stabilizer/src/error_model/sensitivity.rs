//! The walk from the end of a circuit to its beginning.

use std::collections::BTreeMap;

use super::{Collected, OBSERVABLES, Symptom, either, independent::independent, xor};
use crate::circuit::{Instruction, Summary, Target, observable, product};
use crate::gate::{Action, Channel, Clifford1, Pair, bits};
use crate::run::outcomes;
use crate::{Error, Pauli};

/// What is known of the part of the circuit behind.
pub(super) struct Backwards {
    /// What X, and what Z, on each qubit would flip from here on.
    x: Vec<Symptom>,
    z: Vec<Symptom>,
    /// What a flip of a result before this place would flip.
    results: BTreeMap<u64, Symptom>,
    /// Results before this place.
    measured: u64,
    /// Detectors before this place.
    detectors: u32,
    /// Members of the chain of correlated errors that is being walked through, the last first.
    chain: Vec<(f64, Symptom, Vec<Symptom>)>,
    found: BTreeMap<Symptom, Collected>,
    exact: bool,
}

fn qubit(target: Target) -> usize {
    target.index().expect("the reader lets qubits through alone") as usize
}

impl Backwards {
    pub(super) fn new(summary: &Summary) -> Result<Self, Error> {
        let n = summary.num_qubits as usize;
        let detectors = u32::try_from(summary.num_detectors)
            .ok()
            .filter(|&d| d < OBSERVABLES)
            .ok_or(Error::TooManyOperations { limit: u64::from(OBSERVABLES) })?;
        Ok(Self {
            x: vec![Vec::new(); n],
            z: vec![Vec::new(); n],
            results: BTreeMap::new(),
            measured: summary.num_measurements,
            detectors,
            chain: Vec::new(),
            found: BTreeMap::new(),
            exact: true,
        })
    }

    pub(super) fn into_found(self) -> (BTreeMap<Symptom, Collected>, bool) {
        (self.found, self.exact)
    }

    /// What a Pauli here would flip.
    fn of(&self, pauli: Pauli, q: usize) -> Symptom {
        match pauli {
            Pauli::X => self.x[q].clone(),
            Pauli::Z => self.z[q].clone(),
            Pauli::Y => xor(&self.x[q], &self.z[q]),
        }
    }

    fn of_product(&self, factors: &[(u32, Pauli)]) -> Symptom {
        factors.iter().fold(Vec::new(), |sum, &(q, p)| xor(&sum, &self.of(p, q as usize)))
    }

    /// Adds to what the Paulis flip that anticommute with `pauli`.
    fn spread(&mut self, pauli: Pauli, q: usize, symptom: &[u32]) {
        if symptom.is_empty() {
            return;
        }
        let (has_x, has_z) = bits(pauli);
        if has_z {
            self.x[q] = xor(&self.x[q], symptom);
        }
        if has_x {
            self.z[q] = xor(&self.z[q], symptom);
        }
    }

    fn flip_result(&mut self, look_back: u32, symptom: &[u32]) {
        let sum = self.results.entry(self.measured - u64::from(look_back)).or_default();
        *sum = xor(sum, symptom);
    }

    /// Steps back over the last result.
    fn result(&mut self) -> Symptom {
        self.measured -= 1;
        self.results.remove(&self.measured).unwrap_or_default()
    }

    /// What leaves a state alone must flip nothing, or something was random.
    fn certain(symptom: &[u32]) -> Result<(), Error> {
        match symptom.first() {
            None => Ok(()),
            Some(&i) if i >= OBSERVABLES => {
                Err(Error::RandomObservable { observable: u64::from(i - OBSERVABLES) })
            }
            Some(&i) => Err(Error::RandomDetector { detector: u64::from(i) }),
        }
    }

    /// All qubits begin in |0⟩, where Z does nothing.
    pub(super) fn begin(&self) -> Result<(), Error> {
        self.z.iter().try_for_each(|z| Self::certain(z))
    }

    pub(super) fn step(&mut self, i: &Instruction) -> Result<(), Error> {
        let p = i.probability();
        match i.gate.action {
            Action::Unitary1(gate) => {
                i.targets.iter().rev().for_each(|&t| self.unitary1(gate, qubit(t)));
            }
            Action::Unitary2(factors) => {
                for pair in i.targets.chunks_exact(2).rev() {
                    factors.iter().rev().for_each(|&f| self.unitary2(f, pair[0], pair[1]));
                }
            }
            Action::Rotate(_) => {
                let groups: Vec<_> = i.groups().collect();
                for group in groups.into_iter().rev() {
                    let factors = product(group).ok_or(Error::NotHermitian)?.factors;
                    let symptom = self.of_product(&factors);
                    for (q, pauli) in factors {
                        self.spread(pauli, q as usize, &symptom);
                    }
                }
            }
            Action::Measure { basis, reset } => {
                for &target in i.targets.iter().rev() {
                    let q = qubit(target);
                    if reset {
                        self.reset(basis, q)?;
                    }
                    self.measure(&[(target.index().unwrap_or(0), basis)], p)?;
                }
            }
            Action::Reset(basis) => {
                for &target in i.targets.iter().rev() {
                    self.reset(basis, qubit(target))?;
                }
            }
            Action::MeasurePair(basis) => {
                for pair in i.targets.chunks_exact(2).rev() {
                    let factors = [pair[0], pair[1]].map(|t| (t.index().unwrap_or(0), basis));
                    self.measure(&factors, p)?;
                }
            }
            Action::MeasureProduct => {
                let groups: Vec<_> = i.groups().collect();
                for group in groups.into_iter().rev() {
                    let factors = product(group).ok_or(Error::NotHermitian)?.factors;
                    self.measure(&factors, p)?;
                }
            }
            Action::Pad => {
                for _ in &i.targets {
                    let symptom = self.result();
                    self.add(p, symptom, Vec::new());
                }
            }
            Action::Noise(channel) => self.noise(channel, i),
            Action::Detector => {
                self.detectors -= 1;
                let symptom = [self.detectors];
                self.sees(&symptom, &i.targets);
            }
            Action::Observable => {
                let symptom = [OBSERVABLES + observable(i)];
                self.sees(&symptom, &i.targets);
            }
            Action::Coordinates | Action::ShiftCoordinates | Action::Tick => {}
        }
        Ok(())
    }

    fn sees(&mut self, symptom: &[u32], targets: &[Target]) {
        for target in targets {
            match *target {
                Target::Record(k) => self.flip_result(k, symptom),
                Target::Pauli { pauli, qubit, .. } => self.spread(pauli, qubit as usize, symptom),
                Target::Qubit { .. } | Target::Times => {}
            }
        }
    }

    fn unitary1(&mut self, gate: Clifford1, q: usize) {
        let (x, z) = (self.of(gate.x.1, q), self.of(gate.z.1, q));
        self.x[q] = x;
        self.z[q] = z;
    }

    fn unitary2(&mut self, factor: Pair, first: Target, second: Target) {
        let (a, b) = match (first, second) {
            (Target::Record(_), Target::Record(_)) => return,
            (Target::Record(k), other) | (other, Target::Record(k)) => {
                if let Pair::Controlled(p, q) = factor {
                    let pauli = if matches!(first, Target::Record(_)) { q } else { p };
                    let symptom = self.of(pauli, qubit(other));
                    self.flip_result(k, &symptom);
                }
                return;
            }
            _ => (qubit(first), qubit(second)),
        };
        match factor {
            Pair::Controlled(p, q) => {
                let (of_a, of_b) = (self.of(p, a), self.of(q, b));
                self.spread(p, a, &of_b);
                self.spread(q, b, &of_a);
            }
            Pair::Sqrt(p, _) => {
                let symptom = xor(&self.of(p, a), &self.of(p, b));
                self.spread(p, a, &symptom);
                self.spread(p, b, &symptom);
            }
            Pair::Swap => {
                self.x.swap(a, b);
                self.z.swap(a, b);
            }
        }
    }

    fn reset(&mut self, basis: Pauli, q: usize) -> Result<(), Error> {
        Self::certain(&self.of(basis, q))?;
        self.x[q].clear();
        self.z[q].clear();
        Ok(())
    }

    fn measure(&mut self, factors: &[(u32, Pauli)], p: f64) -> Result<(), Error> {
        Self::certain(&self.of_product(factors))?;
        let symptom = self.result();
        for &(q, pauli) in factors {
            self.spread(pauli, q as usize, &symptom);
        }
        self.add(p, symptom, Vec::new());
        Ok(())
    }

    fn add(&mut self, p: f64, symptom: Symptom, parts: Vec<Symptom>) {
        if p > 0.0 && !symptom.is_empty() {
            let collected = self.found.entry(symptom).or_default();
            collected.probability = either(collected.probability, p);
            if collected.parts.is_empty() {
                collected.parts = parts;
            }
        }
    }

    fn noise(&mut self, channel: Channel, i: &Instruction) {
        match channel {
            Channel::Identity => {}
            Channel::Single(pauli) => {
                for &target in i.targets.iter().rev() {
                    let q = qubit(target);
                    let (x, z) = bits(pauli);
                    let parts = if x && z {
                        vec![self.x[q].clone(), self.z[q].clone()]
                    } else {
                        Vec::new()
                    };
                    self.add(i.probability(), self.of(pauli, q), parts);
                }
            }
            Channel::Correlated(chained) => self.correlated(i, chained),
            Channel::HeraldedErase | Channel::HeraldedPauli => {
                let groups: Vec<_> = i.groups().collect();
                for group in groups.into_iter().rev() {
                    let herald = self.result();
                    self.exclusive(channel, &i.args, group, Some(herald));
                }
            }
            _ => {
                let groups: Vec<_> = i.groups().collect();
                for group in groups.into_iter().rev() {
                    self.exclusive(channel, &i.args, group, None);
                }
            }
        }
    }

    /// A channel on a group: ways are numbered by bits, X and Z of each qubit, then the herald.
    fn exclusive(
        &mut self,
        channel: Channel,
        args: &[f64],
        group: &[Target],
        herald: Option<Symptom>,
    ) {
        let mut generators: Vec<Symptom> = Vec::with_capacity(5);
        for &target in group {
            let q = qubit(target);
            generators.push(self.x[q].clone());
            generators.push(self.z[q].clone());
        }
        let told = herald.is_some();
        generators.extend(herald);
        let mut p = vec![0.0; 1 << generators.len()];
        for way in outcomes(channel, args) {
            let mut index = usize::from(told) << (2 * group.len());
            for j in 0..group.len() {
                let (x, z) = way.bits(j);
                index |= usize::from(x) << (2 * j) | usize::from(z) << (2 * j + 1);
            }
            p[index] += way.probability;
        }
        let (q, exact) = independent(&p);
        self.exact &= exact;
        for (index, &probability) in q.iter().enumerate().filter(|(_, q)| **q > 0.0) {
            let parts: Vec<Symptom> = generators
                .iter()
                .enumerate()
                .filter(|(j, _)| index >> j & 1 == 1)
                .map(|(_, symptom)| symptom.clone())
                .collect();
            let symptom = parts.iter().fold(Vec::new(), |sum, part| xor(&sum, part));
            self.add(probability, symptom, if parts.len() > 1 { parts } else { Vec::new() });
        }
    }

    /// Members of a chain exclude each other: member `k` strikes with `p_k Π (1 - p_j)` over those
    /// before it. As their number is not bounded, they are taken for independent.
    fn correlated(&mut self, i: &Instruction, chained: bool) {
        let mut parts = Vec::new();
        for target in &i.targets {
            if let Target::Pauli { pauli, qubit, .. } = *target {
                let (x, z) = bits(pauli);
                let q = qubit as usize;
                parts.extend(x.then(|| self.x[q].clone()));
                parts.extend(z.then(|| self.z[q].clone()));
            }
        }
        let symptom = parts.iter().fold(Vec::new(), |sum, part| xor(&sum, part));
        self.chain.push((i.probability(), symptom, parts));
        if chained {
            return;
        }
        let chain = std::mem::take(&mut self.chain);
        self.exact &= chain.len() == 1;
        let mut left = 1.0;
        for (p, symptom, parts) in chain.into_iter().rev() {
            self.add(left * p, symptom, if parts.len() > 1 { parts } else { Vec::new() });
            left *= 1.0 - p;
        }
    }
}
