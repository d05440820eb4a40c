//! The density matrix, branch by branch where outcomes steer the program.
//!
//! Outcomes of measurements that steer nothing are read off the final state. Where they do, both are
//! followed with the part of the state that belongs to each: the trace is the probability. Branches that
//! stand in the same place with the same values go on as one, their states added.

use std::collections::BTreeMap;

use sim::density::MAX_LISTED_DENSITY_QUBITS;
use sim::{Complex64, DensityMatrix, Real, RunControl, SimError, multinomial};

use super::NEGLIGIBLE;
use super::readout::Shown;
use super::steps::{Event, Steps};
use crate::counts::KeyFormat;
use crate::observe::Average;
use crate::{Failure, Job, Outcome, terminal};

/// Branches followed, at most.
const MAX_BRANCHES: u64 = 1 << 16;

/// Measurements on one path, at most.
const MAX_DECISIONS: usize = 200_000;

struct Branch<'a, T: Real> {
    steps: Steps<'a>,
    state: DensityMatrix<T>,
    /// Outcomes so far.
    decisions: usize,
}

struct Follow<'a, T: Real> {
    job: &'a Job<'a>,
    control: RunControl<'a>,
    format: &'a KeyFormat,
    waiting: Vec<(Branch<'a, T>, circuit::Qubit)>,
    probabilities: BTreeMap<String, f64>,
    /// Of what ended and of what was not followed.
    weight: f64,
    negligible: f64,
    average: Average,
    matrix: Vec<Complex64>,
    purity: Option<f64>,
    ended: u64,
    operations: u64,
}

pub(super) fn run<'a, T: Real>(
    job: &'a Job<'a>,
    steps: &Steps<'a>,
    format: &'a KeyFormat,
) -> Result<Outcome, Failure> {
    let want = &job.request.want;
    let n = job.circuit.num_qubits() as usize;
    if want.density_matrix && n > MAX_LISTED_DENSITY_QUBITS {
        return Err(Failure::Refused {
            code: "density_matrix_too_wide",
            message: format!(
                "all entries of the density matrix of {n} qubits are too many to list; at most \
                 {MAX_LISTED_DENSITY_QUBITS} qubits"
            ),
        });
    }
    let mut follow = Follow::<T> {
        job,
        control: job.control,
        format,
        waiting: Vec::new(),
        probabilities: BTreeMap::new(),
        weight: 0.0,
        negligible: 0.0,
        average: Average::default(),
        matrix: Vec::new(),
        purity: None,
        ended: 0,
        operations: 0,
    };
    let state = DensityMatrix::zero(n, job.request.limits.memory_bytes)?;
    follow.advance(Branch { steps: steps.clone(), state, decisions: 0 })?;
    follow.work()?;
    Ok(follow.finish())
}

impl<'a, T: Real> Follow<'a, T> {
    fn work(&mut self) -> Result<(), Failure> {
        // Those that have come least far go first, so that branches can meet.
        while let Some(first) = (0..self.waiting.len()).min_by_key(|&i| self.waiting[i].0.decisions)
        {
            let (branch, qubit) = self.waiting.remove(first);
            self.split(branch, qubit)?;
        }
        if self.weight <= 0.0 {
            return Err(SimError::ImpossibleOutcome.into());
        }
        Ok(())
    }

    /// Runs a branch to its next decision, where it waits, or to its end.
    fn advance(&mut self, mut b: Branch<'a, T>) -> Result<(), Failure> {
        loop {
            match b.steps.next()? {
                Event::Unitary(u) => b.state.apply(&u, &self.control)?,
                Event::Channel(channel, qubits) => {
                    b.state.apply_channel(&channel, &qubits, &self.control)?;
                }
                Event::Reset { qubit } => b.state.reset(qubit)?,
                Event::Postselect { qubit, outcome } => {
                    b.state.select(qubit, if outcome { [0.0, 1.0] } else { [1.0, 0.0] })?;
                    if b.state.trace(&self.control)? < NEGLIGIBLE {
                        return Ok(());
                    }
                }
                Event::Measure { qubit } => {
                    if !b.steps.put_off_measurements() {
                        return self.wait(b, qubit);
                    }
                }
                Event::Done => return self.end(b),
            }
        }
    }

    fn wait(&mut self, mut b: Branch<'a, T>, qubit: circuit::Qubit) -> Result<(), Failure> {
        for (other, at) in &mut self.waiting {
            if *at == qubit && other.decisions == b.decisions && other.steps.same_future(&b.steps) {
                other.steps.operations = other.steps.operations.max(b.steps.operations);
                other.state.add(b.state, &self.control)?;
                return Ok(());
            }
        }
        b.state.settle(&self.control)?;
        let held: u64 = self.waiting.iter().map(|(w, _)| w.state.size_bytes()).sum();
        // One more at work, and its copy.
        let needed = held + 3 * b.state.size_bytes();
        if self.ended + self.waiting.len() as u64 >= MAX_BRANCHES
            || needed > self.job.request.limits.memory_bytes
        {
            return Err(Failure::Refused {
                code: "too_many_branches",
                message: format!(
                    "measurements branch into {} cases, each with a density matrix of its own, too many: use \
                     trajectories",
                    self.waiting.len() + 1
                ),
            });
        }
        self.waiting.push((b, qubit));
        Ok(())
    }

    /// Follows both outcomes of a measurement.
    fn split(&mut self, b: Branch<'a, T>, qubit: circuit::Qubit) -> Result<(), Failure> {
        if b.decisions >= MAX_DECISIONS {
            return Err(Failure::Refused {
                code: "too_many_measurements",
                message: format!(
                    "the program measured {MAX_DECISIONS} times on one path and has not ended: does a \
                     loop wait for something that cannot happen?"
                ),
            });
        }
        let errors = b.steps.model().and_then(|m| m.readout(qubit));
        let [true_zero, true_one] = errors.unwrap_or([[1.0, 0.0], [0.0, 1.0]]);
        let mut one = Branch {
            steps: b.steps.clone(),
            state: b.state.try_clone()?,
            decisions: b.decisions + 1,
        };
        let mut zero = Branch { decisions: b.decisions + 1, ..b };
        zero.state.select(qubit, [true_zero[0], true_one[0]])?;
        one.state.select(qubit, [true_zero[1], true_one[1]])?;
        for (mut branch, outcome) in [(zero, false), (one, true)] {
            let weight = branch.state.trace(&self.control)?;
            if weight > NEGLIGIBLE {
                branch.steps.provide(outcome);
                self.advance(branch)?;
            } else {
                self.negligible += weight.max(0.0);
            }
        }
        Ok(())
    }

    /// The program has ended on this branch.
    fn end(&mut self, b: Branch<'a, T>) -> Result<(), Failure> {
        let Branch { steps, mut state, .. } = b;
        let control = self.control;
        let want = &self.job.request.want;
        let weight = state.trace(&control)?;
        self.ended += 1;
        self.weight += weight;
        self.operations = self.operations.max(steps.operations);
        let whole = self.format.covers_qubits();
        if self.job.request.shots > 0 || want.probabilities {
            if steps.ending.is_some() || whole {
                let ending = steps.ending.as_deref();
                let shown = Shown::new(ending, self.job.circuit.num_qubits(), steps.model())?;
                self.add_distribution(&mut state, &shown)?;
            } else {
                let bits = steps.clbits();
                let key = self.format.key(|i| bits[i]);
                *self.probabilities.entry(key).or_default() += weight;
            }
        }
        if !self.job.observables.is_empty() {
            let values = self
                .job
                .observables
                .iter()
                .map(|o| state.expectation(o, &control))
                .collect::<Result<Vec<_>, _>>()?;
            self.average.add_expectations(&values, weight);
        }
        if want.qubits {
            self.average.add_qubits(&state.bloch_vectors(&control)?, weight);
        }
        if want.density_matrix {
            let matrix = state.matrix(&control)?;
            self.matrix.resize(matrix.len(), Complex64::new(0.0, 0.0));
            self.matrix.iter_mut().zip(matrix).for_each(|(sum, z)| *sum += z * weight);
        }
        self.purity = if self.ended == 1 { Some(state.purity(&control)?) } else { None };
        Ok(())
    }

    fn add_distribution(
        &mut self,
        state: &mut DensityMatrix<T>,
        shown: &Shown,
    ) -> Result<(), Failure> {
        terminal::check_marginal_width(shown.qubits.len())?;
        let mut distinct = shown.qubits.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let marginals = state.marginals(&distinct, &self.control)?;
        let mut p = if distinct == shown.qubits {
            marginals
        } else {
            // In the order of the measurements; a qubit may be measured twice.
            let places: Vec<usize> =
                shown.qubits.iter().map(|q| distinct.binary_search(q).unwrap_or(0)).collect();
            let mut p = vec![0.0; 1 << shown.qubits.len()];
            for (value, x) in marginals.into_iter().enumerate() {
                let spread: usize =
                    places.iter().enumerate().map(|(r, at)| (value >> at & 1) << r).sum();
                p[spread] += x;
            }
            p
        };
        shown.blur(&mut p);
        for (value, x) in (0_u64..).zip(p) {
            if x > 0.0 {
                *self.probabilities.entry(shown.key(self.format, value)).or_default() += x;
            }
        }
        Ok(())
    }

    fn finish(self) -> Outcome {
        let want = &self.job.request.want;
        let mut outcome =
            Outcome { branches: self.ended, operations: self.operations, ..Outcome::default() };
        let shots = u64::from(self.job.request.shots);
        let all: Vec<(String, f64)> = self.probabilities.into_iter().collect();
        if shots > 0 {
            let weights: Vec<f64> = all.iter().map(|(_, p)| *p).collect();
            let drawn = multinomial(shots, &weights, self.job.request.seed);
            let counts: BTreeMap<String, u64> = all
                .iter()
                .zip(drawn)
                .filter(|(_, n)| *n > 0)
                .map(|((key, _), n)| (key.clone(), n))
                .collect();
            outcome.distinct_outcomes = counts.len() as u64;
            outcome.counts = terminal::most_frequent(counts, want.top_counts);
        }
        if want.probabilities {
            let total = self.weight + self.negligible;
            outcome.probabilities = Some(terminal::largest_probabilities(
                all.into_iter().map(|(key, p)| (key, p / total)).collect(),
                self.negligible / total,
                want,
                &outcome.counts,
            ));
        }
        outcome.observed = self.average.finish();
        if want.density_matrix {
            outcome.density_matrix = Some(
                self.matrix.iter().map(|z| [z.re / self.weight, z.im / self.weight]).collect(),
            );
        }
        outcome.purity = self.purity;
        outcome
    }
}
