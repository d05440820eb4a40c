//! Programs that measure and go on: followed branch by branch.
//!
//! For counts, the shots that arrive at a measurement are divided between the outcomes by a binomial
//! draw, and each outcome that occurs is followed once. That is the distribution of running shot by
//! shot, for the price of the branches that occur. The draw depends on the seed and on the outcomes
//! before it alone, so counts do not depend on the order in which branches are worked off.
//!
//! For exact answers, every outcome of noticeable probability is followed; branches that come
//! together again (same state, same values, same place in the program) go on as one, so that a loop
//! that repeats until success costs as many branches as it has turns.

use std::collections::BTreeMap;

use api::run::Want;
use circuit::flat::BitSource;
use circuit::machine::Step;
use circuit::{Gate, Instruction, Qubit, UnitaryInstruction};
use sim::rng::{Purpose, Rng};
use sim::{PlanOptions, Real, RunControl, SimError, Statevector, binomial, limits, plan};

use crate::counts::KeyFormat;
use crate::observe::{self, Average, Observed};
use crate::walk::{Rest, Walk};
use crate::{Failure, Job, Outcome, terminal};

/// Branches less likely than this are not followed for exact answers; their weight is reported.
const NEGLIGIBLE: f64 = 1e-14;

/// Most branches followed for exact answers.
pub(crate) const MAX_EXACT_BRANCHES: u64 = 1 << 20;

/// Up to this many waiting branches the one that has come least far goes first, so that branches can
/// meet; beyond, the one that has come farthest, so that fewer wait.
const MANY_WAITING: usize = 64;

/// States whose overlap is this close to 1 are one: what rounding leaves of equal states.
fn same_state(precision: sim::Precision) -> f64 {
    match precision {
        sim::Precision::F64 => 1e-12,
        sim::Precision::F32 => 1e-5,
    }
}

/// Statements that may be executed to look ahead, whatever the run itself does.
pub(crate) const LOOKING_IS_CHEAP: u64 = 2_000_000;

/// Measurements and resets on one path, at most: a loop that never ends is told.
pub(crate) const MAX_DECISIONS: usize = 200_000;

/// Gates collected before they are run, at most: bounds the memory of a long program.
const MAX_PENDING: usize = 1 << 16;

/// A qubit whose outcome decides how to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Decision {
    qubit: Qubit,
    /// The outcome is forgotten and the qubit set to |0⟩.
    reset: bool,
}

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
    operations: u64,
}

/// A branch that stands before a decision.
struct Waiting<T: Real> {
    branch: Branch<T>,
    decision: Decision,
}

struct Follow<'a, T: Real> {
    job: &'a Job<'a>,
    control: RunControl<'a>,
    start: Walk,
    format: &'a KeyFormat,
    /// Every outcome is followed; there are no shots.
    exact: bool,
    /// What to read off final states.
    want: Want,
    waiting: Vec<Waiting<T>>,
    counts: BTreeMap<String, u64>,
    probabilities: BTreeMap<String, f64>,
    negligible: f64,
    average: Average,
    /// Of the one branch, as long as there is one.
    single: Option<Observed>,
    ended: u64,
    /// Of the longest branch.
    operations: u64,
    /// Gates of all branches.
    done: u64,
    /// Statements executed to see whether only terminal measurements follow.
    looked: u64,
}

pub(crate) fn run<T: Real>(job: &Job, start: Walk, format: &KeyFormat) -> Result<Outcome, Failure> {
    let want = &job.request.want;
    let shots = u64::from(job.request.shots);
    if job.only_estimate {
        return Ok(Outcome {
            reason: "the program measures and goes on: how long it takes depends on its outcomes"
                .to_owned(),
            ..Outcome::default()
        });
    }
    if let Some(live) = job.live {
        // Branches hold states of their own.
        live.clear();
    }
    let exact = want.probabilities || want.statevector || !job.observables.is_empty() || shots == 0;

    let mut outcome = Outcome { measured_all: format.covers_qubits(), ..Outcome::default() };
    if shots > 0 {
        // Displays follow the shots unless exact answers are asked for anyway.
        let want = if exact { Want::default() } else { want.clone() };
        let mut follow = Follow::<T>::new(job, start.clone(), format, false, want);
        follow.run(shots)?;
        outcome.distinct_outcomes = follow.counts.len() as u64;
        outcome.counts = terminal::most_frequent(
            std::mem::take(&mut follow.counts),
            job.request.want.top_counts,
        );
        follow.finish(&mut outcome);
    }
    if exact {
        let mut follow = Follow::<T>::new(job, start, format, true, want.clone());
        follow.run(0)?;
        if want.statevector && (follow.ended != 1 || follow.single.is_none()) {
            return Err(Failure::Refused {
                code: "no_single_state",
                message: "the program measures and goes on: it has no single final state"
                    .to_owned(),
            });
        }
        if want.probabilities {
            let total: f64 = follow.probabilities.values().sum::<f64>() + follow.negligible;
            let all = std::mem::take(&mut follow.probabilities);
            outcome.probabilities = Some(terminal::largest_probabilities(
                all.into_iter().map(|(key, p)| (key, p / total)).collect(),
                follow.negligible / total,
                want,
                &outcome.counts,
            ));
        }
        follow.finish(&mut outcome);
    }
    outcome.reason = format!(
        "the program measures and goes on: {} {} of a state vector of {} qubits followed",
        outcome.branches,
        if outcome.branches == 1 { "branch" } else { "branches" },
        job.circuit.num_qubits()
    );
    Ok(outcome)
}

impl<'a, T: Real> Follow<'a, T> {
    fn new(job: &'a Job<'a>, start: Walk, format: &'a KeyFormat, exact: bool, want: Want) -> Self {
        Self {
            job,
            // The share done of one branch says little about the whole.
            control: RunControl { progress: None, ..job.control },
            start,
            format,
            exact,
            want,
            waiting: Vec::new(),
            counts: BTreeMap::new(),
            probabilities: BTreeMap::new(),
            negligible: 0.0,
            average: Average::default(),
            single: None,
            ended: 0,
            operations: 0,
            done: 0,
            looked: 0,
        }
    }

    fn run(&mut self, shots: u64) -> Result<(), Failure> {
        let n = self.job.circuit.num_qubits() as usize;
        let root = Branch {
            walk: self.start.clone(),
            state: Some(Statevector::zero(n, self.job.request.limits.memory_bytes)?),
            outcomes: Vec::new(),
            shots,
            weight: 1.0,
            id: 0,
            operations: 0,
        };
        self.advance(root)?;
        while let Some(waiting) = self.take() {
            let (now, later) = self.split(waiting)?;
            if let Some(later) = later {
                // Counts do not need it to go on at once, and the fewer branches wait the better.
                self.advance(later)?;
            }
            if let Some(now) = now {
                self.advance(now)?;
            }
        }
        if self.ended == 0 {
            return Err(SimError::ImpossibleOutcome.into());
        }
        Ok(())
    }

    fn take(&mut self) -> Option<Waiting<T>> {
        if !self.exact || self.waiting.len() > MANY_WAITING {
            return self.waiting.pop();
        }
        let first =
            (0..self.waiting.len()).min_by_key(|&i| self.waiting[i].branch.outcomes.len())?;
        Some(self.waiting.remove(first))
    }

    /// Runs a branch to its next decision, where it waits, or to its end.
    fn advance(&mut self, mut b: Branch<T>) -> Result<(), Failure> {
        let mut state = match b.state.take() {
            Some(state) => state,
            None => self.replay(&b.outcomes)?,
        };
        let mut pending = Vec::new();
        loop {
            match b.walk.next()? {
                Step::Unitary(u) => {
                    b.operations += 1;
                    self.done += 1;
                    pending.push(Instruction::Unitary(u));
                    if pending.len() >= MAX_PENDING {
                        self.flush(&mut state, &mut pending)?;
                    }
                }
                Step::Measure { qubit } => {
                    self.flush(&mut state, &mut pending)?;
                    // Looking costs a walk to the next obstacle: not more than the run itself, beyond
                    // an amount that nobody notices.
                    if self.looked <= LOOKING_IS_CHEAP + self.done
                        && let Some(mut rest) = b.walk.rest(&mut self.looked)
                    {
                        self.flush(&mut state, &mut rest.gates)?;
                        return self.end_together(&b, &state, &rest);
                    }
                    b.operations += 1;
                    return self.wait(b, state, Decision { qubit, reset: false });
                }
                Step::Reset { qubit } => {
                    self.flush(&mut state, &mut pending)?;
                    b.operations += 1;
                    return self.wait(b, state, Decision { qubit, reset: true });
                }
                Step::Postselect { qubit, outcome } => {
                    self.flush(&mut state, &mut pending)?;
                    let one = state.probability_one(qubit)?;
                    let p = if outcome { one } else { 1.0 - one };
                    if p < NEGLIGIBLE {
                        return Ok(());
                    }
                    b.id = next_id(b.id, outcome);
                    b.shots = binomial(b.shots, p, self.uniforms(b.id));
                    b.weight *= p;
                    if b.shots == 0 && !self.exact {
                        return Ok(());
                    }
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
        self.control.check()?;
        if pending.is_empty() {
            return Ok(());
        }
        let options = PlanOptions::from_layout(state.layout().clone()).fast(self.job.request.fast);
        state.apply(&plan(pending, &options)?, &self.control)?;
        pending.clear();
        Ok(())
    }

    /// Queues a branch before a decision, or adds it to one that is in the same place with the same
    /// state.
    fn wait(
        &mut self,
        mut branch: Branch<T>,
        state: Statevector<T>,
        decision: Decision,
    ) -> Result<(), Failure> {
        if self.exact {
            for other in &mut self.waiting {
                let same_place = other.decision == decision
                    && other.branch.outcomes.len() == branch.outcomes.len()
                    && other.branch.walk.same_future(&branch.walk);
                let Some(theirs) = other.branch.state.as_ref().filter(|_| same_place) else {
                    continue;
                };
                if theirs.fidelity(&state, &self.control)? >= 1.0 - same_state(T::PRECISION) {
                    other.branch.weight += branch.weight;
                    return Ok(());
                }
            }
            if self.ended + self.waiting.len() as u64 >= MAX_EXACT_BRANCHES {
                return Err(Failure::Refused {
                    code: "too_many_branches",
                    message: format!(
                        "measurements branch into more than {MAX_EXACT_BRANCHES} cases, too many for exact answers: \
                         ask for counts alone"
                    ),
                });
            }
        }
        branch.state = Some(state);
        self.waiting.push(Waiting { branch, decision });
        Ok(())
    }

    /// In (0, 1]: logarithms are taken.
    fn uniforms(&self, id: u64) -> impl FnMut() -> f64 + use<T> {
        let mut rng = Rng::new(self.job.request.seed, Purpose::Shot, id >> 8);
        move || 1.0 - rng.next()
    }

    /// Decides a measurement: the branches of both outcomes, as far as they occur.
    #[expect(clippy::type_complexity, reason = "outcome 0, outcome 1")]
    fn split(
        &mut self,
        waiting: Waiting<T>,
    ) -> Result<(Option<Branch<T>>, Option<Branch<T>>), Failure> {
        let Waiting { branch: mut b, decision } = waiting;
        let mut state = match b.state.take() {
            Some(state) => state,
            None => self.replay(&b.outcomes)?,
        };
        let one = state.probability_one(decision.qubit)?;
        let ones = if self.exact { 0 } else { binomial(b.shots, one, self.uniforms(b.id)) };
        let shots = [b.shots - ones, ones];
        let weight = [b.weight * (1.0 - one), b.weight * one];
        let occurs = [0, 1].map(|i| if self.exact { weight[i] > NEGLIGIBLE } else { shots[i] > 0 });
        if self.exact {
            self.negligible += (0..2).filter(|&i| !occurs[i]).map(|i| weight[i]).sum::<f64>();
        }
        if b.outcomes.len() >= MAX_DECISIONS {
            return Err(Failure::Refused {
                code: "too_many_measurements",
                message: format!(
                    "the program measured or reset qubits {MAX_DECISIONS} times on one path and has not ended: \
                     does a loop wait for something that cannot happen?"
                ),
            });
        }
        let turn = |mut b: Branch<T>, outcome: bool, state: Option<Statevector<T>>| {
            if !decision.reset {
                b.walk.provide(outcome);
            }
            b.outcomes.push(outcome);
            let i = usize::from(outcome);
            Branch { state, shots: shots[i], weight: weight[i], id: next_id(b.id, outcome), ..b }
        };
        let mut later = None;
        if occurs == [true, true] {
            let copy = if self.room_for_copy() {
                let mut copy = state.try_clone()?;
                self.decide(&mut copy, decision, true)?;
                Some(copy)
            } else {
                None
            };
            let other = Branch {
                walk: b.walk.clone(),
                state: None,
                outcomes: b.outcomes.clone(),
                shots: b.shots,
                weight: b.weight,
                id: b.id,
                operations: b.operations,
            };
            later = Some(turn(other, true, copy));
        }
        let now = if occurs[0] || occurs[1] {
            let outcome = !occurs[0];
            self.decide(&mut state, decision, outcome)?;
            Some(turn(b, outcome, Some(state)))
        } else {
            None
        };
        Ok((now, later))
    }

    fn decide(
        &self,
        state: &mut Statevector<T>,
        decision: Decision,
        outcome: bool,
    ) -> Result<(), Failure> {
        state.collapse(decision.qubit, outcome)?;
        if decision.reset && outcome {
            let x = UnitaryInstruction::from_gate(Gate::X, &[], &[decision.qubit]);
            self.flush(state, &mut vec![Instruction::Unitary(x)])?;
        }
        Ok(())
    }

    /// Whether one more state fits beside those that are held and the one at work.
    fn room_for_copy(&self) -> bool {
        let held = 1 + self.waiting.iter().filter(|w| w.branch.state.is_some()).count() as u64;
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
        while outcomes.len() > 0 {
            let decision = match walk.next()? {
                Step::Unitary(u) => {
                    pending.push(Instruction::Unitary(u));
                    continue;
                }
                Step::Measure { qubit } => Decision { qubit, reset: false },
                Step::Reset { qubit } => Decision { qubit, reset: true },
                Step::Postselect { qubit, outcome } => {
                    self.flush(&mut state, &mut pending)?;
                    state.collapse(qubit, outcome)?;
                    continue;
                }
                Step::Done => break,
                Step::Barrier { .. } | Step::Delay { .. } | Step::Noise { .. } => continue,
            };
            self.flush(&mut state, &mut pending)?;
            let Some(outcome) = outcomes.next() else { break };
            self.decide(&mut state, decision, outcome)?;
            if !decision.reset {
                walk.provide(outcome);
            }
        }
        Ok(state)
    }

    /// Only terminal measurements are left: they are sampled together.
    fn end_together(
        &mut self,
        b: &Branch<T>,
        state: &Statevector<T>,
        rest: &Rest,
    ) -> Result<(), Failure> {
        let format = self.format;
        let key = |index: u64| {
            format.key(|i| match rest.clbits[i] {
                BitSource::Constant(bit) => bit,
                BitSource::Record(r) => index >> rest.qubits[r as usize].0 & 1 == 1,
            })
        };
        if b.shots > 0 {
            for (index, count) in
                state.sample(b.shots, self.job.request.seed ^ b.id, &self.control)?
            {
                *self.counts.entry(key(index)).or_default() += count;
            }
        }
        if self.want.probabilities {
            // Qubits that no bit shows are summed out.
            let mut shown: Vec<Qubit> = rest
                .clbits
                .iter()
                .filter_map(|source| match source {
                    BitSource::Record(r) => Some(rest.qubits[*r as usize]),
                    BitSource::Constant(_) => None,
                })
                .collect();
            shown.sort_unstable();
            shown.dedup();
            self.add_marginals(b.weight, state, &shown, key)?;
        }
        self.observe(b, state, b.operations + (rest.gates.len() + rest.qubits.len()) as u64)
    }

    /// The program has ended on this branch.
    fn end(&mut self, b: &Branch<T>, state: &Statevector<T>) -> Result<(), Failure> {
        let format = self.format;
        if format.covers_qubits() {
            let key = |index: u64| format.key(|i| index >> i & 1 == 1);
            if b.shots > 0 {
                for (index, count) in
                    state.sample(b.shots, self.job.request.seed ^ b.id, &self.control)?
                {
                    *self.counts.entry(key(index)).or_default() += count;
                }
            }
            if self.want.probabilities {
                let all: Vec<Qubit> = (0..self.job.circuit.num_qubits()).map(Qubit).collect();
                self.add_marginals(b.weight, state, &all, key)?;
            }
        } else {
            let bits = b.walk.clbits();
            let key = format.key(|i| bits[i]);
            if b.shots > 0 {
                *self.counts.entry(key.clone()).or_default() += b.shots;
            }
            if self.want.probabilities {
                *self.probabilities.entry(key).or_default() += b.weight;
            }
        }
        self.observe(b, state, b.operations)
    }

    /// Adds the distribution of `qubits`, times `weight`; `key` takes a basis state.
    fn add_marginals(
        &mut self,
        weight: f64,
        state: &Statevector<T>,
        qubits: &[Qubit],
        key: impl Fn(u64) -> String,
    ) -> Result<(), Failure> {
        terminal::check_marginal_width(qubits.len())?;
        for (value, p) in (0_u64..).zip(state.marginals(qubits, &self.control)?) {
            let p = p * weight;
            if p <= NEGLIGIBLE {
                self.negligible += p;
                continue;
            }
            let index =
                qubits.iter().enumerate().fold(0, |i, (at, q)| i | ((value >> at & 1) << q.0));
            *self.probabilities.entry(key(index)).or_default() += p;
        }
        Ok(())
    }

    fn observe(
        &mut self,
        b: &Branch<T>,
        state: &Statevector<T>,
        operations: u64,
    ) -> Result<(), Failure> {
        self.ended += 1;
        self.operations = self.operations.max(operations);
        let want = &self.want;
        if self.exact && !self.job.observables.is_empty() || want.qubits {
            let only = Want { qubits: want.qubits, ..Want::default() };
            let observables = if self.exact { self.job.observables.as_slice() } else { &[] };
            let observed = observe::observe(state, &only, observables, &self.control)?;
            if want.qubits {
                let weight = if self.exact { b.weight } else { b.shots as f64 };
                let bloch: Vec<[f64; 3]> = observed.qubits.iter().map(|q| q.bloch).collect();
                self.average.add_qubits(&bloch, weight);
            }
            if self.exact {
                self.average.add_expectations(&observed.expectations, b.weight);
            }
        }
        if self.ended == 1
            && (want.statevector || want.top_amplitudes > 0)
            && self.waiting.is_empty()
        {
            let only = Want {
                statevector: want.statevector,
                top_amplitudes: want.top_amplitudes,
                ..Want::default()
            };
            self.single = Some(observe::observe(state, &only, &[], &self.control)?);
        }
        Ok(())
    }

    fn finish(self, outcome: &mut Outcome) {
        outcome.branches = outcome.branches.max(self.ended);
        outcome.operations = outcome.operations.max(self.operations);
        if self.want == Want::default() {
            return;
        }
        let mut observed = self.average.finish();
        if let Some(single) = self.single.filter(|_| self.ended == 1) {
            observed.statevector = single.statevector;
            observed.top_amplitudes = single.top_amplitudes;
        }
        outcome.observed = observed;
    }
}

/// The name of the branch that `outcome` leads to: a finalizer in the style of `SplitMix64` (Steele,
/// Lea, Flood, OOPSLA 2014) over the parent's name and the outcome.
pub(crate) fn next_id(parent: u64, outcome: bool) -> u64 {
    let mut z =
        parent.wrapping_mul(2).wrapping_add(u64::from(outcome)).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
