//! Quantum trajectories: each shot is one history of the noise (Dalibard, Castin and Mølmer,
//! doi:10.1103/PhysRevLett.68.580).
//!
//! Shots that have had the same history so far are one [`Group`] with one state. Where a channel acts,
//! Kraus operator `i` takes a shot with probability `p_i = |K_i ψ|²`. The first operator has a floor
//! `q ≤ p_0` that holds on every state: as long as a shot's luck stays within the product of the floors
//! it takes the first operator, and nobody looks at the state or draws a number. Each shot draws in
//! advance how far its luck lasts, as an exponential number compared with the sum of `-ln q`; at the channel
//! where it ends, the operator is drawn from what is left, `(p_i - q δ_i0) / (1 - q)`. Shots that take
//! the same operator there go on as a group.
//!
//! A shot's decisions are a function of the seed and its number alone, and a group's samples of the seed
//! and its history: counts are the same for any number of threads. Groups wait as a number of shots until
//! those before them are done, so that few states are held.

mod group;

use std::collections::BTreeMap;

use sim::{Real, RunControl, SimError, Statevector, limits};

use super::readout::Shown;
use super::steps::Steps;
use crate::counts::KeyFormat;
use crate::observe::{self, Average};
use crate::{Failure, Job, Outcome, terminal};
use group::{Division, Group, Next};

/// States that are held for one history at most: its beginnings.
const MAX_DEPTH: usize = 64;

/// Groups that are worked on together, per thread.
const PER_THREAD: usize = 4;

/// What came of some shots.
#[derive(Default)]
struct Tally {
    counts: BTreeMap<String, u64>,
    average: Average,
    groups: u64,
    operations: u64,
    shots: u64,
    /// Shots that there was no room to follow with others: they start again alone.
    postponed: Vec<u64>,
}

impl Tally {
    fn merge(&mut self, other: Self) {
        for (key, n) in other.counts {
            *self.counts.entry(key).or_default() += n;
        }
        self.average.merge(other.average);
        self.groups += other.groups;
        self.operations = self.operations.max(other.operations);
        self.shots += other.shots;
        self.postponed.extend(other.postponed);
    }
}

/// What all groups need.
struct Setting<'a> {
    job: &'a Job<'a>,
    format: &'a KeyFormat,
    control: RunControl<'a>,
    max_depth: usize,
}

pub(super) fn run<'a, T: Real>(
    job: &'a Job<'a>,
    steps: &Steps<'a>,
    format: &'a KeyFormat,
) -> Result<Outcome, Failure> {
    let n = job.circuit.num_qubits() as usize;
    let shots = u64::from(job.request.shots);
    // Twice: a group's shots are sorted into those that stay and those that leave.
    let shots_bytes = 2 * shots * size_of::<group::Shot>() as u64;
    if shots_bytes > job.request.limits.memory_bytes / 2 {
        return Err(Failure::Refused {
            code: "too_many_shots",
            message: format!(
                "each of {shots} histories is kept apart: that takes {}, half of what may be used is {}",
                limits::shown_bytes(shots_bytes),
                limits::shown_bytes(job.request.limits.memory_bytes / 2)
            ),
        });
    }
    let state_bytes = limits::state_bytes(n, T::PRECISION).max(1 << 12);
    // A function of the request alone: it decides which shots start again.
    let fit = usize::try_from(job.request.limits.memory_bytes / state_bytes).unwrap_or(usize::MAX);
    let max_depth = (fit / 4).clamp(1, MAX_DEPTH);
    let together = (fit.saturating_sub(max_depth) / max_depth)
        .clamp(1, if sim::num_threads() == 1 { 1 } else { PER_THREAD * sim::num_threads() });
    let setting =
        Setting { job, format, control: RunControl { progress: None, ..job.control }, max_depth };
    let mut tally = Tally::default();
    let state = Statevector::<T>::zero(n, job.request.limits.memory_bytes)?;
    let mut root = Group::new(steps.clone(), state, job.request.seed, 0..shots);
    let report = |done: u64| {
        if let Some(progress) = job.control.progress {
            progress(done as f64 / shots.max(1) as f64);
        }
    };
    // The history without noise, and with it the groups that leave it.
    let mut left: Vec<Group<T>> = Vec::new();
    loop {
        match root.run(&setting)? {
            Next::Divided(mut division) => {
                while let Some(part) = division.next() {
                    let last = division.is_empty() && root.is_empty();
                    left.push(root.child(part, last)?);
                    if left.len() >= together {
                        follow_all(&setting, &mut left, &mut tally)?;
                        report(tally.shots);
                    }
                }
                if root.is_empty() {
                    break;
                }
            }
            Next::Ended => {
                // Sums are taken in one order, however many groups wait.
                follow_all(&setting, &mut left, &mut tally)?;
                root.end(&setting, &mut tally)?;
                break;
            }
        }
    }
    drop(root);
    follow_all(&setting, &mut left, &mut tally)?;
    for ids in std::mem::take(&mut tally.postponed).chunks(together) {
        for &id in ids {
            let state = Statevector::<T>::zero(n, job.request.limits.memory_bytes)?;
            left.push(Group::new(steps.clone(), state, job.request.seed, id..id + 1));
        }
        follow_all(&setting, &mut left, &mut tally)?;
        report(tally.shots);
    }
    if tally.shots == 0 {
        return Err(SimError::ImpossibleOutcome.into());
    }
    let mut outcome =
        Outcome { branches: tally.groups, operations: tally.operations, ..Outcome::default() };
    outcome.distinct_outcomes = tally.counts.len() as u64;
    outcome.counts = terminal::most_frequent(tally.counts, job.request.want.top_counts);
    outcome.observed = tally.average.finish();
    Ok(outcome)
}

/// Follows groups to their ends, in parallel; what came of them is added in their order.
fn follow_all<T: Real>(
    setting: &Setting,
    groups: &mut Vec<Group<T>>,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let slots: Vec<std::sync::Mutex<Option<Group<T>>>> =
        groups.drain(..).map(|g| std::sync::Mutex::new(Some(g))).collect();
    let results = sim::map(slots.len(), |i| {
        let group = slots[i].lock().map_or(None, |mut g| g.take());
        group.map_or(Ok(Tally::default()), |g| follow(setting, g))
    });
    for result in results {
        tally.merge(result?);
    }
    Ok(())
}

/// Follows a group and all that leave it, one after the other.
fn follow<T: Real>(setting: &Setting, group: Group<T>) -> Result<Tally, Failure> {
    let mut tally = Tally::default();
    // Each with the groups that leave it where it stands.
    let mut stack: Vec<(Group<T>, Division)> = vec![(group, Division::default())];
    loop {
        let depth = stack.len();
        let Some((group, division)) = stack.last_mut() else { break };
        if let Some(part) = division.next() {
            let last = division.is_empty() && group.is_empty();
            if last {
                let child = group.child(part, true)?;
                stack.pop();
                stack.push((child, Division::default()));
            } else if depth >= setting.max_depth {
                tally.postponed.extend(part.shots.iter().map(|s| s.id));
            } else {
                let child = group.child(part, false)?;
                stack.push((child, Division::default()));
            }
            continue;
        }
        if group.is_empty() {
            stack.pop();
            continue;
        }
        match group.run(setting)? {
            Next::Divided(found) => *division = found,
            Next::Ended => {
                group.end(setting, &mut tally)?;
                stack.pop();
            }
        }
    }
    Ok(tally)
}

impl<T: Real> Group<'_, T> {
    /// Samples the final state.
    fn end(&mut self, setting: &Setting, tally: &mut Tally) -> Result<(), Failure> {
        let job = setting.job;
        self.flush(setting)?;
        let shots = self.shots.len() as u64;
        tally.groups += 1;
        tally.shots += shots;
        tally.operations = tally.operations.max(self.steps.operations);
        let whole = setting.format.covers_qubits();
        if self.steps.ending.is_some() || whole {
            let model = self.steps.model();
            let ending = self.steps.ending.as_deref();
            let shown = Shown::new(ending, job.circuit.num_qubits(), model)?;
            let mut values: BTreeMap<u64, u64> = BTreeMap::new();
            let samples =
                self.state.sample(shots, job.request.seed ^ self.name, &setting.control)?;
            for (index, n) in samples {
                let value =
                    (0..).zip(&shown.qubits).fold(0, |v, (r, q)| v | (index >> q.0 & 1) << r);
                *values.entry(value).or_default() += n;
            }
            let values = shown.flip(values, &mut self.uniforms());
            for (value, n) in values {
                *tally.counts.entry(shown.key(setting.format, value)).or_default() += n;
            }
        } else {
            let bits = self.steps.clbits();
            *tally.counts.entry(setting.format.key(|i| bits[i])).or_default() += shots;
        }
        let want = &job.request.want;
        if !job.observables.is_empty() || want.qubits {
            self.normalize(setting)?;
            let only = api::run::Want { qubits: want.qubits, ..api::run::Want::default() };
            let observed =
                observe::observe(&self.state, &only, &job.observables, &setting.control)?;
            if want.qubits {
                let bloch: Vec<[f64; 3]> = observed.qubits.iter().map(|q| q.bloch).collect();
                tally.average.add_qubits(&bloch, shots as f64);
            }
            tally.average.add_expectations(&observed.expectations, shots as f64);
        }
        Ok(())
    }
}
