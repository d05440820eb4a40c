//! Branch by branch: each random measurement has two outcomes, as likely as each other.
//!
//! As with state vectors ([`crate::branches`]), shots are divided by a binomial draw that depends on the
//! seed and on the outcomes before it alone, and each outcome that occurs is followed once. For exact
//! answers both are followed always.

use std::collections::BTreeMap;

use api::run::Method;
use circuit::machine::Step;
use circuit::{Instruction, Qubit};
use quantum_info::Pauli;
use sim::binomial;
use sim::rng::{Purpose, Rng};
use stabilizer::{Recognizer, Tableau};

use super::terminal::{Asked, listed};
use super::{apply, bloch_vectors, new_tableau};
use crate::branches::{LOOKING_IS_CHEAP, MAX_DECISIONS, MAX_EXACT_BRANCHES, next_id};
use crate::counts::KeyFormat;
use crate::observe::Average;
use crate::terminal::most_frequent;
use crate::walk::{Rest, Walk};
use crate::{Failure, Job, Outcome};

struct Branch {
    walk: Walk,
    /// `None` where there was no room for a copy: found again by running from the start.
    tableau: Option<Tableau>,
    /// Outcomes of random measurements and resets so far.
    outcomes: Vec<bool>,
    shots: u64,
    weight: f64,
    /// Names the branch.
    id: u64,
    operations: u64,
}

struct Follow<'a> {
    job: &'a Job<'a>,
    start: &'a Walk,
    format: &'a KeyFormat,
    exact: bool,
    recognizer: Recognizer,
    waiting: Vec<Branch>,
    counts: BTreeMap<String, u64>,
    probabilities: BTreeMap<String, f64>,
    average: Average,
    ended: u64,
    operations: u64,
    done: u64,
    looked: u64,
}

/// Results of a step that measures.
enum Measured {
    Certain(bool),
    Random,
}

pub(super) fn run(job: &Job, start: &Walk, format: &KeyFormat) -> Result<Outcome, Failure> {
    let want = &job.request.want;
    let shots = u64::from(job.request.shots);
    let mut outcome = Outcome {
        method: Method::Stabilizer,
        measured_all: format.covers_qubits(),
        ..Outcome::default()
    };
    if job.only_estimate {
        return Ok(outcome);
    }
    let exact = want.probabilities || !job.observables.is_empty() || shots == 0;
    if shots > 0 {
        let mut follow = Follow::new(job, start, format, false);
        follow.run(shots)?;
        let counts = std::mem::take(&mut follow.counts);
        outcome.distinct_outcomes = counts.len() as u64;
        outcome.counts = most_frequent(counts, want.top_counts);
        follow.finish(&mut outcome, want.qubits && !exact);
    }
    if exact {
        let mut follow = Follow::new(job, start, format, true);
        follow.run(0)?;
        if want.probabilities {
            // Post-selection keeps a part.
            let total: f64 = follow.probabilities.values().sum();
            let mut all = std::mem::take(&mut follow.probabilities);
            for p in all.values_mut() {
                *p /= total;
            }
            outcome.probabilities = Some(listed(all, want, &outcome.counts));
        }
        follow.finish(&mut outcome, true);
    }
    Ok(outcome)
}

impl<'a> Follow<'a> {
    fn new(job: &'a Job<'a>, start: &'a Walk, format: &'a KeyFormat, exact: bool) -> Self {
        Self {
            job,
            start,
            format,
            exact,
            recognizer: Recognizer::default(),
            waiting: Vec::new(),
            counts: BTreeMap::new(),
            probabilities: BTreeMap::new(),
            average: Average::default(),
            ended: 0,
            operations: 0,
            done: 0,
            looked: 0,
        }
    }

    fn run(&mut self, shots: u64) -> Result<(), Failure> {
        self.waiting.push(Branch {
            walk: self.start.clone(),
            tableau: Some(new_tableau(self.job)?),
            outcomes: Vec::new(),
            shots,
            weight: 1.0,
            id: 0,
            operations: 0,
        });
        while let Some(branch) = self.waiting.pop() {
            self.advance(branch)?;
        }
        if self.ended == 0 {
            return Err(sim::SimError::ImpossibleOutcome.into());
        }
        Ok(())
    }

    /// Runs a branch to its end; the other outcomes of its measurements wait.
    fn advance(&mut self, mut b: Branch) -> Result<(), Failure> {
        let mut tableau = match b.tableau.take() {
            Some(tableau) => tableau,
            None => self.replay(&b.outcomes)?,
        };
        loop {
            if self.done.is_multiple_of(256) {
                self.job.control.check()?;
            }
            self.done += 1;
            match b.walk.next()? {
                Step::Unitary(u) => {
                    b.operations += 1;
                    apply(&mut tableau, &mut self.recognizer, &u)?;
                }
                Step::Measure { qubit } => {
                    if self.looked <= LOOKING_IS_CHEAP + self.done
                        && let Some(rest) = b.walk.rest(&mut self.looked)
                    {
                        return self.end_together(&b, tableau, &rest);
                    }
                    b.operations += 1;
                    let outcome = match measured(&tableau, qubit) {
                        Measured::Certain(outcome) => outcome,
                        Measured::Random => {
                            let outcome = self.decide(&mut b, &tableau, qubit, true)?;
                            tableau.measure_z(qubit.0, || outcome)
                        }
                    };
                    b.walk.provide(outcome);
                }
                Step::Reset { qubit } => {
                    b.operations += 1;
                    let outcome = match measured(&tableau, qubit) {
                        Measured::Certain(outcome) => outcome,
                        Measured::Random => self.decide(&mut b, &tableau, qubit, false)?,
                    };
                    tableau.reset(Pauli::Z, qubit.0, || outcome);
                }
                Step::Postselect { qubit, outcome } => match measured(&tableau, qubit) {
                    Measured::Certain(found) if found == outcome => {}
                    Measured::Certain(_) => return Ok(()),
                    Measured::Random => {
                        b.id = next_id(b.id, outcome);
                        b.weight *= 0.5;
                        b.shots = self.half(b.shots, b.id);
                        if b.shots == 0 && !self.exact {
                            return Ok(());
                        }
                        tableau.measure_z(qubit.0, || outcome);
                    }
                },
                Step::Noise { .. } => {
                    return Err(Failure::Refused {
                        code: "noise_not_supported",
                        message: "the program applies noise, which a tableau cannot hold"
                            .to_owned(),
                    });
                }
                Step::Barrier { .. } | Step::Delay { .. } => {}
                Step::Done => return self.end(&b, &tableau),
            }
        }
    }

    /// How many of `shots` get 1, where both outcomes are as likely.
    fn half(&self, shots: u64, id: u64) -> u64 {
        let mut rng = Rng::new(self.job.request.seed, Purpose::Shot, id >> 8);
        // In (0, 1]: logarithms are taken.
        binomial(shots, 0.5, || 1.0 - rng.next())
    }

    /// Turns the branch to one outcome of a random measurement, and lets the other wait if it occurs.
    fn decide(
        &mut self,
        b: &mut Branch,
        tableau: &Tableau,
        qubit: Qubit,
        provide: bool,
    ) -> Result<bool, Failure> {
        if b.outcomes.len() >= MAX_DECISIONS {
            return Err(Failure::Refused {
                code: "too_many_measurements",
                message: format!(
                    "the program measured or reset qubits {MAX_DECISIONS} times on one path and has not ended: \
                     does a loop wait for something that cannot happen?"
                ),
            });
        }
        let ones = if self.exact { 0 } else { self.half(b.shots, b.id) };
        let shots = [b.shots - ones, ones];
        let occurs = [0, 1].map(|i| self.exact || shots[i] > 0);
        if self.exact && self.ended + self.waiting.len() as u64 >= MAX_EXACT_BRANCHES {
            return Err(Failure::Refused {
                code: "too_many_branches",
                message: format!(
                    "measurements branch into more than {MAX_EXACT_BRANCHES} cases, too many for exact answers: \
                     ask for counts alone"
                ),
            });
        }
        let outcome = !occurs[0];
        if occurs[0] && occurs[1] {
            let copy = self.room_for_copy().then(|| {
                let mut copy = tableau.clone();
                if provide {
                    copy.measure_z(qubit.0, || true);
                } else {
                    copy.reset(Pauli::Z, qubit.0, || true);
                }
                copy
            });
            let mut other = Branch {
                walk: b.walk.clone(),
                tableau: copy,
                outcomes: b.outcomes.clone(),
                shots: shots[1],
                weight: b.weight * 0.5,
                id: next_id(b.id, true),
                operations: b.operations,
            };
            other.outcomes.push(true);
            if provide {
                other.walk.provide(true);
            }
            self.waiting.push(other);
        }
        b.outcomes.push(outcome);
        b.shots = shots[usize::from(outcome)];
        b.weight *= 0.5;
        b.id = next_id(b.id, outcome);
        Ok(outcome)
    }

    fn room_for_copy(&self) -> bool {
        let held = 2 + self.waiting.iter().filter(|b| b.tableau.is_some()).count() as u64;
        let one = Tableau::needed_bytes(self.job.circuit.num_qubits() as usize);
        one.saturating_mul(held + 1) <= self.job.request.limits.memory_bytes
    }

    /// The state after these outcomes of random measurements, from the start.
    fn replay(&mut self, outcomes: &[bool]) -> Result<Tableau, Failure> {
        let mut tableau = new_tableau(self.job)?;
        let mut walk = self.start.clone();
        let mut given = outcomes.iter().copied();
        while given.len() > 0 {
            self.job.control.check()?;
            match walk.next()? {
                Step::Unitary(u) => apply(&mut tableau, &mut self.recognizer, &u)?,
                Step::Measure { qubit } => {
                    let outcome = tableau.measure_z(qubit.0, || given.next().unwrap_or(false));
                    walk.provide(outcome);
                }
                Step::Reset { qubit } => {
                    tableau.reset(Pauli::Z, qubit.0, || given.next().unwrap_or(false));
                }
                Step::Postselect { qubit, outcome } => {
                    tableau.measure_z(qubit.0, || outcome);
                }
                Step::Done => break,
                Step::Barrier { .. } | Step::Delay { .. } | Step::Noise { .. } => {}
            }
        }
        Ok(tableau)
    }

    /// Only gates and terminal measurements are left.
    fn end_together(
        &mut self,
        b: &Branch,
        mut tableau: Tableau,
        rest: &Rest,
    ) -> Result<(), Failure> {
        for gate in &rest.gates {
            if let Instruction::Unitary(u) = gate {
                apply(&mut tableau, &mut self.recognizer, u)?;
            }
        }
        let qubits = super::numbers(rest.qubits.iter().copied());
        let asked = Asked::new(&tableau, &qubits, &rest.clbits);
        self.count(b, &asked)?;
        self.observe(b, &tableau, (rest.gates.len() + rest.qubits.len()) as u64);
        Ok(())
    }

    fn end(&mut self, b: &Branch, tableau: &Tableau) -> Result<(), Failure> {
        if self.format.covers_qubits() {
            let qubits: Vec<u32> = (0..self.job.circuit.num_qubits()).collect();
            let sources = super::rows::sources(self.format, &[]);
            self.count(b, &Asked::new(tableau, &qubits, &sources))?;
        } else {
            let bits = b.walk.clbits();
            let key = self.format.key(|i| bits[i]);
            if b.shots > 0 {
                *self.counts.entry(key.clone()).or_default() += b.shots;
            }
            if self.exact && self.job.request.want.probabilities {
                *self.probabilities.entry(key).or_default() += b.weight;
            }
        }
        self.observe(b, tableau, 0);
        Ok(())
    }

    fn count(&mut self, b: &Branch, asked: &Asked) -> Result<(), Failure> {
        if b.shots > 0 {
            for (key, count) in asked.counts(self.job, self.format, b.shots, b.id >> 8)? {
                *self.counts.entry(key).or_default() += count;
            }
        }
        if self.exact && self.job.request.want.probabilities {
            asked.probabilities(self.format, b.weight, &mut self.probabilities)?;
        }
        Ok(())
    }

    fn observe(&mut self, b: &Branch, tableau: &Tableau, more: u64) {
        self.ended += 1;
        self.operations = self.operations.max(b.operations + more);
        let weight = if self.exact { b.weight } else { b.shots as f64 };
        if self.job.request.want.qubits {
            self.average.add_qubits(&bloch_vectors(tableau), weight);
        }
        if self.exact {
            let observed = super::observe(self.job, tableau, false, true);
            self.average.add_expectations(&observed.expectations, weight);
        }
    }

    fn finish(self, outcome: &mut Outcome, observed: bool) {
        outcome.branches = outcome.branches.max(self.ended);
        outcome.operations = outcome.operations.max(self.operations);
        if observed {
            outcome.observed = self.average.finish();
        }
    }
}

fn measured(tableau: &Tableau, qubit: Qubit) -> Measured {
    match tableau.expectation(&[(qubit.0, Pauli::Z)]) {
        1 => Measured::Certain(false),
        -1 => Measured::Certain(true),
        _ => Measured::Random,
    }
}
