//! A circuit on a tableau, shot by shot: the reference sample of [`crate::frame`], and what the frames
//! are compared with.

use sim::RunControl;
use sim::rng::Purpose;

use crate::circuit::{Circuit, Instruction, Limits, Target, product};
use crate::gate::{Action, Channel, bits};
use crate::random::Source;
use crate::tableau::Tableau;
use crate::{Error, Pauli};

/// How a circuit went once.
#[derive(Debug, Clone)]
pub struct Shot {
    pub tableau: Tableau,
    /// Results in order: `true` for 1.
    pub record: Vec<bool>,
    /// Values of the detectors, in order.
    pub detectors: Vec<bool>,
    pub observables: Vec<bool>,
}

/// The results of the circuit without noise, where each random one is 0.
pub fn reference_sample(
    circuit: &Circuit,
    limits: &Limits,
    control: &RunControl,
) -> Result<Vec<bool>, Error> {
    let mut machine = Machine::new(circuit, limits, None)?;
    machine.run(circuit, control)?;
    Ok(machine.shot.record)
}

/// The state that [`reference_sample`] ends in.
pub fn reference_state(
    circuit: &Circuit,
    limits: &Limits,
    control: &RunControl,
) -> Result<Tableau, Error> {
    let mut machine = Machine::new(circuit, limits, None)?;
    machine.run(circuit, control)?;
    Ok(machine.shot.tableau)
}

/// One shot, noise included. A function of circuit, seed and `shot` alone.
pub fn run(
    circuit: &Circuit,
    seed: u64,
    shot: u64,
    limits: &Limits,
    control: &RunControl,
) -> Result<Shot, Error> {
    let source = Source::new(seed, Purpose::Shot, shot);
    let mut machine = Machine::new(circuit, limits, Some(source))?;
    machine.run(circuit, control)?;
    Ok(machine.shot)
}

struct Machine {
    shot: Shot,
    /// `None` for the reference: no noise, and 0 where a result is random.
    source: Option<Source>,
    /// Whether an error of the chain of correlated ones has struck.
    struck: bool,
}

/// The qubit of a target that is one.
fn qubit(target: Target) -> u32 {
    target.index().expect("the reader lets qubits through alone")
}

fn inverted(target: Target) -> bool {
    matches!(target, Target::Qubit { inverted: true, .. })
}

impl Machine {
    fn new(circuit: &Circuit, limits: &Limits, source: Option<Source>) -> Result<Self, Error> {
        let summary = circuit.summary();
        let num_qubits = summary.num_qubits as usize;
        let results = summary.num_measurements.saturating_add(summary.num_detectors);
        summary.check(Tableau::needed_bytes(num_qubits).saturating_add(results), limits)?;
        let shot = Shot {
            tableau: Tableau::new(num_qubits, limits.memory_bytes)?,
            record: Vec::new(),
            detectors: Vec::new(),
            observables: vec![false; summary.num_observables as usize],
        };
        Ok(Self { shot, source, struck: false })
    }

    fn run(&mut self, circuit: &Circuit, control: &RunControl) -> Result<(), Error> {
        let mut count = 0_u32;
        circuit.for_each(&mut |instruction| {
            if count.is_multiple_of(256) {
                control.check()?;
            }
            count = count.wrapping_add(1);
            self.step(instruction)
        })
    }

    fn happens(&mut self, p: f64) -> bool {
        p > 0.0 && self.source.as_mut().is_some_and(|s| s.uniform() < p)
    }

    fn recorded(&self, look_back: u32) -> bool {
        self.shot.record[self.shot.record.len() - look_back as usize]
    }

    fn measure(&mut self, factors: &[(u32, Pauli)], inverted: bool, p: f64) {
        let source = &mut self.source;
        let result =
            self.shot.tableau.measure(factors, || source.as_mut().is_some_and(Source::bit));
        let wrong = self.happens(p);
        self.shot.record.push(result ^ inverted ^ wrong);
    }

    fn reset(&mut self, basis: Pauli, q: u32) {
        let source = &mut self.source;
        self.shot.tableau.reset(basis, q, || source.as_mut().is_some_and(Source::bit));
    }

    fn step(&mut self, i: &Instruction) -> Result<(), Error> {
        let p = i.probability();
        match i.gate.action {
            Action::Unitary1(gate) => {
                self.shot.tableau.apply1(gate, i.targets.iter().map(|&t| qubit(t)));
            }
            Action::Unitary2(factors) => {
                if i.targets.iter().any(|t| matches!(t, Target::Record(_))) {
                    i.groups().for_each(|pair| self.pair(factors, pair));
                } else {
                    let pairs = i.targets.chunks_exact(2).map(|t| (qubit(t[0]), qubit(t[1])));
                    self.shot.tableau.apply2(factors, pairs);
                }
            }
            Action::Rotate(dagger) => {
                for group in i.groups() {
                    let product = product(group).ok_or(Error::NotHermitian)?;
                    self.shot.tableau.rotate(&product.factors, product.inverted, dagger);
                }
            }
            Action::Measure { basis, reset } => {
                for &target in &i.targets {
                    let q = qubit(target);
                    self.measure(&[(q, basis)], inverted(target), p);
                    if reset {
                        self.reset(basis, q);
                    }
                }
            }
            Action::Reset(basis) => i.targets.iter().for_each(|&t| self.reset(basis, qubit(t))),
            Action::MeasurePair(basis) => {
                for pair in i.groups() {
                    let factors = [(qubit(pair[0]), basis), (qubit(pair[1]), basis)];
                    self.measure(&factors, inverted(pair[0]) ^ inverted(pair[1]), p);
                }
            }
            Action::MeasureProduct => {
                for group in i.groups() {
                    let product = product(group).ok_or(Error::NotHermitian)?;
                    self.measure(&product.factors, product.inverted, p);
                }
            }
            Action::Pad => {
                for &target in &i.targets {
                    let wrong = self.happens(p);
                    self.shot.record.push((target.index() == Some(1)) ^ wrong);
                }
            }
            Action::Noise(channel) => self.noise(channel, i),
            Action::Detector => {
                let value = self.parity(&i.targets);
                self.shot.detectors.push(value);
            }
            Action::Observable => {
                let value = self.parity(&i.targets);
                self.shot.observables[crate::circuit::observable(i) as usize] ^= value;
            }
            Action::Coordinates | Action::ShiftCoordinates | Action::Tick => {}
        }
        Ok(())
    }

    /// Of results; what an observable says of Paulis is no result.
    fn parity(&self, targets: &[Target]) -> bool {
        targets.iter().fold(false, |sum, target| match target {
            Target::Record(k) => sum ^ self.recorded(*k),
            _ => sum,
        })
    }

    /// A two-qubit gate of which a result may be the control.
    fn pair(&mut self, factors: &[crate::gate::Pair], pair: &[Target]) {
        match *pair {
            // A phase.
            [Target::Record(_), Target::Record(_)] => {}
            [Target::Record(k), other] | [other, Target::Record(k)] => {
                let [crate::gate::Pair::Controlled(a, b)] = *factors else { return };
                // The control is in the Z basis, so the Pauli is the one of the other side.
                let pauli = if matches!(pair[0], Target::Record(_)) { b } else { a };
                if self.recorded(k) {
                    self.shot.tableau.apply_pauli(pauli, qubit(other));
                }
            }
            [a, b] => self.shot.tableau.apply2(factors, [(qubit(a), qubit(b))]),
            _ => {}
        }
    }

    /// Pauli number `k`, I X Y Z, on a qubit.
    fn pauli(&mut self, k: usize, q: u32) {
        if let Some(&pauli) = [Pauli::X, Pauli::Y, Pauli::Z].get(k.wrapping_sub(1)) {
            self.shot.tableau.apply_pauli(pauli, q);
        }
    }

    fn noise(&mut self, channel: Channel, i: &Instruction) {
        let p = i.probability();
        if self.source.is_none() {
            if matches!(channel, Channel::HeraldedErase | Channel::HeraldedPauli) {
                self.shot.record.extend(std::iter::repeat_n(false, i.targets.len()));
            }
            return;
        }
        match channel {
            Channel::Identity => {}
            Channel::Single(pauli) => {
                for &t in &i.targets {
                    if self.happens(p) {
                        self.shot.tableau.apply_pauli(pauli, qubit(t));
                    }
                }
            }
            Channel::Correlated(chained) => {
                self.struck &= chained;
                if !self.struck && self.happens(p) {
                    self.struck = true;
                    for target in &i.targets {
                        if let Target::Pauli { pauli, qubit, .. } = *target {
                            self.shot.tableau.apply_pauli(pauli, qubit);
                        }
                    }
                }
            }
            Channel::Depolarize1
            | Channel::Depolarize2
            | Channel::Pauli1
            | Channel::Pauli2
            | Channel::HeraldedErase
            | Channel::HeraldedPauli => {
                let outcomes = outcomes(channel, &i.args);
                for group in i.groups() {
                    let u = self.source.as_mut().map_or(1.0, Source::uniform);
                    let struck = outcomes.iter().find(|o| u < o.up_to);
                    for (k, &t) in group.iter().enumerate() {
                        self.pauli(struck.map_or(0, |o| o.paulis[k]), qubit(t));
                    }
                    if matches!(channel, Channel::HeraldedErase | Channel::HeraldedPauli) {
                        self.shot.record.push(struck.is_some());
                    }
                }
            }
        }
    }
}

/// One of the ways in which a channel can strike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) probability: f64,
    /// Sum of the probabilities up to this one.
    pub(crate) up_to: f64,
    /// For each qubit of the group the number of its Pauli: I X Y Z.
    pub(crate) paulis: [usize; 2],
}

impl Outcome {
    /// What the Pauli does to qubit `k` of the group: (flips X, flips Z) as bits (has X, has Z).
    pub(crate) fn bits(&self, k: usize) -> (bool, bool) {
        match self.paulis[k] {
            1 => bits(Pauli::X),
            2 => bits(Pauli::Y),
            3 => bits(Pauli::Z),
            _ => (false, false),
        }
    }
}

/// Ways in which a channel on one or two qubits strikes; they exclude each other. Identity errors of
/// heralded channels count: they are recorded.
pub(crate) fn outcomes(channel: Channel, args: &[f64]) -> Vec<Outcome> {
    let p = args.first().copied().unwrap_or(0.0);
    let single =
        |probabilities: [f64; 4]| (0..4).map(|k| (probabilities[k], [k, 0])).collect::<Vec<_>>();
    let ways: Vec<(f64, [usize; 2])> = match channel {
        Channel::Depolarize1 => single([0.0, p / 3.0, p / 3.0, p / 3.0]),
        Channel::Pauli1 => single([0.0, args[0], args[1], args[2]]),
        Channel::HeraldedErase => single([p / 4.0; 4]),
        Channel::HeraldedPauli => single([args[0], args[1], args[2], args[3]]),
        // The second qubit runs fastest.
        Channel::Depolarize2 => (1..16).map(|k| (p / 15.0, [k / 4, k % 4])).collect(),
        Channel::Pauli2 => (1..16).map(|k| (args[k - 1], [k / 4, k % 4])).collect(),
        Channel::Single(pauli) => {
            let k = match pauli {
                Pauli::X => 1,
                Pauli::Y => 2,
                Pauli::Z => 3,
            };
            vec![(p, [k, 0])]
        }
        Channel::Identity | Channel::Correlated(_) => Vec::new(),
    };
    let mut up_to = 0.0;
    ways.into_iter()
        .filter(|(probability, _)| *probability > 0.0)
        .map(|(probability, paulis)| {
            up_to += probability;
            Outcome { probability, up_to, paulis }
        })
        .collect()
}
