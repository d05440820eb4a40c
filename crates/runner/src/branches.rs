//! Programs that measure and go on: followed branch by branch.
//!
//! At a measurement the shots that arrive are divided between the outcomes by a binomial draw, and
//! each outcome that occurs is followed once. That is the distribution of running shot by shot, for
//! the price of the branches that occur. Where exact answers are asked for, every outcome of
//! noticeable probability is followed.
//!
//! The draw at a measurement depends on the seed and on the outcomes before it alone, so counts do not
//! depend on the order in which branches are worked off.

use std::collections::BTreeMap;

use circuit::machine::Step;
use circuit::{Gate, Instruction, Qubit, UnitaryInstruction};
use sim::rng::{Purpose, Rng};
use sim::{PlanOptions, Real, SimError, Statevector, limits, plan};

use crate::binomial::binomial;
use crate::counts::KeyFormat;
use crate::observe::{self, Average, Observed};
use crate::walk::Walk;
use crate::{Failure, Job, Outcome, terminal};

/// Branches less likely than this are not followed for exact answers; their weight is reported.
const NEGLIGIBLE: f64 = 1e-14;

/// Most branches followed for exact answers.
const MAX_EXACT_BRANCHES: u64 = 1 << 20;

/// Gates collected before they are run, at most: bounds the memory of a long program.
const MAX_PENDING: usize = 1 << 16;

struct Branch<T: Real> {
    walk: Walk,
    /// `None` where there was no room for a copy: found again by running from the start.
    state: Option<Statevector<T>>,
    /// Outcomes of measurements and resets so far.
    outcomes: Vec<bool>,
    shots: u64,
    weight: f64,
    /// Names the branch: a hash of the outcomes.
    id: u64,
}

struct Follow<'a, T: Real> {
    job: &'a Job<'a>,
    start: Walk,
    format: KeyFormat,
    /// Every outcome is followed, not only those that shots take.
    exact: bool,
    stack: Vec<Branch<T>>,
    counts: BTreeMap<String, u64>,
    probabilities: BTreeMap<String, f64>,
    negligible: f64,
    average: Average,
    /// Of the one branch, as long as there is one.
    single: Option<Observed>,
    branches: u64,
    operations: u64,
}

pub(crate) fn run<T: Real>(job: &Job, start: Walk, format: KeyFormat) -> Result<Outcome, Failure> {
    let want = &job.request.want;
    let n = job.circuit.num_qubits() as usize;
    let exact = want.probabilities
        || !job.observables.is_empty()
        || (want.statevector || want.qubits) && job.request.shots == 0;
    let mut follow = Follow::<T> {
        job,
        start: start.clone(),
        format,
        exact,
        stack: Vec::new(),
        counts: BTreeMap::new(),
        probabilities: BTreeMap::new(),
        negligible: 0.0,
        average: Average::default(),
        single: None,
        branches: 0,
        operations: 0,
    };
    let state = Statevector::zero(n, job.request.limits.memory_bytes)?;
    follow.stack.push(Branch {
        walk: start,
        state: Some(state),
        outcomes: Vec::new(),
        shots: u64::from(job.request.shots),
        weight: 1.0,
        id: 0,
    });
    while let Some(branch) = follow.stack.pop() {
        follow.branch(branch)?;
    }
    follow.finish()
}

impl<T: Real> Follow<'_, T> {
    fn branch(&mut self, mut b: Branch<T>) -> Result<(), Failure> {
        let mut state = match b.state.take() {
            Some(state) => state,
            None => self.replay(&b.outcomes)?,
        };
        let mut pending = Vec::new();
        let mut operations = 0;
        loop {
            match b.walk.next()? {
                Step::Unitary(u) => {
                    operations += 1;
                    pending.push(Instruction::Unitary(u));
                    if pending.len() >= MAX_PENDING {
                        self.flush(&mut state, &mut pending)?;
                    }
                }
                Step::Measure { qubit } => {
                    self.flush(&mut state, &mut pending)?;
                    if let Some((gates, later)) = b.walk.rest() {
                        pending = gates;
                        self.flush(&mut state, &mut pending)?;
                        let qubits: Vec<Qubit> = std::iter::once(qubit).chain(later).collect();
                        return self.sampled_end(&b, &state, &qubits);
                    }
                    operations += 1;
                    let outcome = self.split(&mut b, &mut state, qubit, false)?;
                    b.walk.provide(outcome);
                }
                Step::Reset { qubit } => {
                    self.flush(&mut state, &mut pending)?;
                    operations += 1;
                    if self.split(&mut b, &mut state, qubit, true)? {
                        pending.push(flip(qubit));
                    }
                }
                Step::Postselect { qubit, outcome } => {
                    self.flush(&mut state, &mut pending)?;
                    let one = state.probability_one(qubit)?;
                    let p = if outcome { one } else { 1.0 - one };
                    if p < NEGLIGIBLE {
                        return Ok(());
                    }
                    b.shots = binomial(b.shots, p, self.uniforms(b.id ^ b.outcomes.len() as u64));
                    b.weight *= p;
                    state.collapse(qubit, outcome)?;
                }
                Step::Noise { .. } => {
                    return Err(Failure::Refused {
                        code: "noise_not_supported",
                        message: "the program applies noise, which the state vector cannot hold"
                            .to_owned(),
                    });
                }
                Step::Barrier { .. } | Step::Delay { .. } => {}
                Step::Done => {
                    self.flush(&mut state, &mut pending)?;
                    self.operations = self.operations.max(operations);
                    return self.end(&b, &state);
                }
            }
        }
    }

    fn flush(
        &self,
        state: &mut Statevector<T>,
        pending: &mut Vec<Instruction>,
    ) -> Result<(), Failure> {
        self.job.control.check()?;
        if pending.is_empty() {
            return Ok(());
        }
        let options = PlanOptions::from_layout(state.layout().clone()).fast(self.job.request.fast);
        // Shares of a branch say little about the whole: no progress from here.
        let control = sim::RunControl { progress: None, ..self.job.control };
        state.apply(&plan(pending, &options)?, &control)?;
        pending.clear();
        Ok(())
    }

    fn uniforms(&self, id: u64) -> impl FnMut() -> f64 + use<T> {
        let mut rng = Rng::new(self.job.request.seed, Purpose::Shot, id >> 8);
        // In (0, 1]: logarithms are taken.
        move || 1.0 - rng.next()
    }

    /// Decides a measurement: returns the outcome that is followed now; the other one, if it occurs,
    /// goes on the stack.
    fn split(
        &mut self,
        b: &mut Branch<T>,
        state: &mut Statevector<T>,
        qubit: Qubit,
        reset: bool,
    ) -> Result<bool, Failure> {
        let one = state.probability_one(qubit)?;
        let id = [next_id(b.id, false), next_id(b.id, true)];
        let ones = binomial(b.shots, one, self.uniforms(next_id(b.id, false) ^ 0x5bd1_e995));
        let shots = [b.shots - ones, ones];
        let weight = [b.weight * (1.0 - one), b.weight * one];
        let goes_on =
            |outcome: usize| shots[outcome] > 0 || self.exact && weight[outcome] > NEGLIGIBLE;
        let now = match (goes_on(0), goes_on(1)) {
            (true, true) => {
                self.put_off(b, state, qubit, reset, (shots[1], weight[1], id[1]))?;
                false
            }
            (first, second) => {
                if self.exact {
                    self.negligible += if second { weight[0] } else { weight[1] };
                }
                if first || second {
                    second
                } else {
                    // Neither is sampled nor asked for: the likelier one stands for both.
                    one > 0.5
                }
            }
        };
        state.collapse(qubit, now)?;
        b.outcomes.push(now);
        let i = usize::from(now);
        (b.shots, b.weight, b.id) = (shots[i], weight[i], id[i]);
        Ok(now)
    }

    /// Puts the branch of outcome 1 on the stack.
    fn put_off(
        &mut self,
        b: &Branch<T>,
        state: &Statevector<T>,
        qubit: Qubit,
        reset: bool,
        (shots, weight, id): (u64, f64, u64),
    ) -> Result<(), Failure> {
        if self.exact && self.branches + self.stack.len() as u64 >= MAX_EXACT_BRANCHES {
            return Err(Failure::Refused {
                code: "too_many_branches",
                message: format!(
                    "measurements branch into more than {MAX_EXACT_BRANCHES} outcomes, too many for exact answers: \
                     ask for counts alone"
                ),
            });
        }
        let mut walk = b.walk.clone();
        if !reset {
            walk.provide(true);
        }
        let mut outcomes = b.outcomes.clone();
        outcomes.push(true);
        let copy = if self.room_for_copy() {
            let mut copy = state.try_clone()?;
            copy.collapse(qubit, true)?;
            if reset {
                self.flush(&mut copy, &mut vec![flip(qubit)])?;
            }
            Some(copy)
        } else {
            None
        };
        self.stack.push(Branch { walk, state: copy, outcomes, shots, weight, id });
        Ok(())
    }

    /// Whether one more state fits beside those that are held and the one at work.
    fn room_for_copy(&self) -> bool {
        let held = 1 + self.stack.iter().filter(|b| b.state.is_some()).count() as u64;
        let one = limits::needed_bytes(self.job.circuit.num_qubits() as usize, T::PRECISION);
        one.saturating_mul(held + 1) <= self.job.request.limits.memory_bytes
    }

    /// The state after `outcomes`, from the start.
    fn replay(&self, outcomes: &[bool]) -> Result<Statevector<T>, Failure> {
        let n = self.job.circuit.num_qubits() as usize;
        let mut state = Statevector::zero(n, self.job.request.limits.memory_bytes)?;
        let mut walk = self.start.clone();
        let mut pending = Vec::new();
        let mut outcomes = outcomes.iter().copied();
        loop {
            match walk.next()? {
                Step::Unitary(u) => pending.push(Instruction::Unitary(u)),
                Step::Measure { qubit } => {
                    self.flush(&mut state, &mut pending)?;
                    let Some(outcome) = outcomes.next() else { return Ok(state) };
                    state.collapse(qubit, outcome)?;
                    walk.provide(outcome);
                    if outcomes.len() == 0 {
                        return Ok(state);
                    }
                }
                Step::Reset { qubit } => {
                    self.flush(&mut state, &mut pending)?;
                    let Some(outcome) = outcomes.next() else { return Ok(state) };
                    state.collapse(qubit, outcome)?;
                    if outcome {
                        pending.push(flip(qubit));
                    }
                    if outcomes.len() == 0 {
                        self.flush(&mut state, &mut pending)?;
                        return Ok(state);
                    }
                }
                Step::Postselect { qubit, outcome } => {
                    self.flush(&mut state, &mut pending)?;
                    state.collapse(qubit, outcome)?;
                }
                Step::Done => return Ok(state),
                Step::Barrier { .. } | Step::Delay { .. } | Step::Noise { .. } => {}
            }
        }
    }

    /// Only terminal measurements are left, of `qubits`: they are sampled together.
    fn sampled_end(
        &mut self,
        b: &Branch<T>,
        state: &Statevector<T>,
        qubits: &[Qubit],
    ) -> Result<(), Failure> {
        let control = sim::RunControl { progress: None, ..self.job.control };
        let key = |format: &KeyFormat, index: u64| {
            let mut walk = b.walk.clone();
            for q in qubits {
                walk.provide(index >> q.0 & 1 == 1);
            }
            let bits = walk.clbits();
            format.key(|i| bits[i])
        };
        let seed = self.job.request.seed ^ b.id;
        for (index, count) in state.sample(b.shots, seed, &control)? {
            *self.counts.entry(key(&self.format, index)).or_default() += count;
        }
        if self.job.request.want.probabilities {
            let mut distinct = qubits.to_vec();
            distinct.sort_unstable();
            distinct.dedup();
            terminal::check_marginal_width(distinct.len())?;
            for (value, p) in state.marginals(&distinct, &control)?.into_iter().enumerate() {
                if p * b.weight <= NEGLIGIBLE {
                    self.negligible += p * b.weight;
                    continue;
                }
                let index = distinct
                    .iter()
                    .enumerate()
                    .fold(0_u64, |index, (at, q)| index | ((value as u64 >> at & 1) << q.0));
                *self.probabilities.entry(key(&self.format, index)).or_default() += p * b.weight;
            }
        }
        self.observe(b, state)
    }

    /// The program has ended on this branch.
    fn end(&mut self, b: &Branch<T>, state: &Statevector<T>) -> Result<(), Failure> {
        if !self.format.covers_qubits() {
            let bits = b.walk.clbits();
            let key = self.format.key(|i| bits[i]);
            if b.shots > 0 {
                *self.counts.entry(key.clone()).or_default() += b.shots;
            }
            if self.job.request.want.probabilities {
                *self.probabilities.entry(key).or_default() += b.weight;
            }
            return self.observe(b, state);
        }
        // All qubits are measured at the end.
        let control = sim::RunControl { progress: None, ..self.job.control };
        for (index, count) in state.sample(b.shots, self.job.request.seed ^ b.id, &control)? {
            *self.counts.entry(self.format.key(|i| index >> i & 1 == 1)).or_default() += count;
        }
        if self.job.request.want.probabilities {
            terminal::check_marginal_width(state.num_qubits())?;
            for (index, p) in state.probabilities(&control)?.into_iter().enumerate() {
                if p * b.weight > NEGLIGIBLE {
                    *self
                        .probabilities
                        .entry(self.format.key(|i| index >> i & 1 == 1))
                        .or_default() += p * b.weight;
                } else {
                    self.negligible += p * b.weight;
                }
            }
        }
        self.observe(b, state)
    }

    fn observe(&mut self, b: &Branch<T>, state: &Statevector<T>) -> Result<(), Failure> {
        let want = &self.job.request.want;
        self.branches += 1;
        if !self.job.observables.is_empty() || want.qubits {
            let only = api::run::Want { qubits: want.qubits, ..api::run::Want::default() };
            let observed =
                observe::observe(state, &only, &self.job.observables, &self.job.control)?;
            if want.qubits {
                // Without shots every branch counts by its probability, with them by its shots.
                let weight = if self.job.request.shots > 0 { b.shots as f64 } else { b.weight };
                let bloch: Vec<[f64; 3]> = observed.qubits.iter().map(|q| q.bloch).collect();
                self.average.add_qubits(&bloch, weight);
            }
            self.average.add_expectations(&observed.expectations, b.weight);
        }
        if self.branches == 1
            && (want.statevector || want.top_amplitudes > 0)
            && self.stack.is_empty()
        {
            let only = api::run::Want {
                statevector: want.statevector,
                top_amplitudes: want.top_amplitudes,
                ..api::run::Want::default()
            };
            self.single = Some(observe::observe(state, &only, &[], &self.job.control)?);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Outcome, Failure> {
        if self.branches == 0 {
            return Err(SimError::ImpossibleOutcome.into());
        }
        let want = &self.job.request.want;
        if want.statevector && (self.branches > 1 || self.single.is_none()) {
            return Err(Failure::Refused {
                code: "no_single_state",
                message: "the program measures and goes on: it has no single final state"
                    .to_owned(),
            });
        }
        let mut observed = std::mem::take(&mut self.average).finish();
        if let Some(single) = self.single.take().filter(|_| self.branches == 1) {
            observed.statevector = single.statevector;
            observed.top_amplitudes = single.top_amplitudes;
        }
        let probabilities = want.probabilities.then(|| {
            let total: f64 = self.probabilities.values().sum::<f64>() + self.negligible;
            terminal::largest_probabilities(
                self.probabilities.into_iter().map(|(key, p)| (key, p / total)).collect(),
                self.negligible / total,
            )
        });
        let distinct = self.counts.len() as u64;
        Ok(Outcome {
            counts: terminal::most_frequent(self.counts, want.top_counts),
            distinct_outcomes: distinct,
            probabilities,
            operations: self.operations,
            branches: self.branches,
            measured_all: self.format.covers_qubits(),
            reason: format!(
                "the program measures and goes on: {} {} of a state vector of {} qubits followed",
                self.branches,
                if self.branches == 1 { "branch" } else { "branches" },
                self.job.circuit.num_qubits()
            ),
            observed,
        })
    }
}

fn flip(qubit: Qubit) -> Instruction {
    Instruction::Unitary(UnitaryInstruction::from_gate(Gate::X, &[], &[qubit]))
}

/// The name of the branch that `outcome` leads to: a finalizer in the style of SplitMix64 (Steele,
/// Lea, Flood, OOPSLA 2014) over the parent's name and the outcome.
fn next_id(parent: u64, outcome: bool) -> u64 {
    let mut z =
        parent.wrapping_mul(2).wrapping_add(u64::from(outcome)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
