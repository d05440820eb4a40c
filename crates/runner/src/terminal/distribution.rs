//! Counts and exact distributions of a product of states.

use std::collections::BTreeMap;

use circuit::flat::{BitSource, Flat};
use circuit::{Instruction, Qubit};
use sim::Real;

use super::{Solved, to_u32};
use crate::counts::KeyFormat;
use crate::{Failure, Job};

/// Widest exact distribution.
const MAX_MARGINAL_QUBITS: usize = 26;

/// Probabilities up to this are left out of an exact distribution.
const SMALLEST_PROBABILITY: f64 = 1e-12;

/// Most entries of an exact distribution.
const MAX_PROBABILITIES: usize = 65_536;

/// Where the bits of a key come from.
#[derive(Clone, Copy)]
pub(super) enum Source {
    Constant(bool),
    /// Bit `at` of part `part`.
    Part {
        part: usize,
        at: usize,
    },
}

/// For each bit of the key, where it comes from.
pub(super) fn sources<T: Real>(
    flat: &Flat,
    solved: &[Solved<T>],
    format: &KeyFormat,
) -> Vec<Source> {
    let mut of_qubit = vec![Source::Constant(false); flat.num_qubits as usize];
    for (part, s) in solved.iter().enumerate() {
        for (at, q) in s.qubits.iter().enumerate() {
            of_qubit[q.index()] = Source::Part { part, at };
        }
    }
    of_bits(flat, of_qubit, format)
}

/// For each bit of the key, the source of the qubit that it shows.
fn of_bits(flat: &Flat, of_qubit: Vec<Source>, format: &KeyFormat) -> Vec<Source> {
    if format.covers_qubits() {
        return of_qubit;
    }
    let mut qubit_of_record = vec![Qubit(0); flat.num_records as usize];
    for instruction in &flat.instructions {
        if let Instruction::Measure { qubit, record } = instruction {
            qubit_of_record[*record as usize] = *qubit;
        }
    }
    let mut sources: Vec<Source> = flat
        .clbits
        .iter()
        .map(|source| match source {
            BitSource::Constant(b) => Source::Constant(*b),
            BitSource::Record(r) => of_qubit[qubit_of_record[*r as usize].index()],
        })
        .collect();
    sources.resize(format.len(), Source::Constant(false));
    sources
}

/// Counts, cut to what is wanted, and the number of different outcomes.
pub(super) fn counts<T: Real>(
    job: &Job,
    solved: &[Solved<T>],
    sources: &[Source],
    format: &KeyFormat,
) -> Result<(BTreeMap<String, u64>, u64), Failure> {
    let (shots, seed) = (u64::from(job.request.shots), job.request.seed);
    let control = sim::RunControl { progress: None, ..job.control };
    let mut counts = BTreeMap::new();
    if shots == 0 {
        return Ok((counts, 0));
    }
    let key = |values: &[u64]| {
        format.key(|i| match sources[i] {
            Source::Constant(b) => b,
            Source::Part { part, at } => values[part] >> at & 1 == 1,
        })
    };
    match solved {
        [] => {
            counts.insert(key(&[]), shots);
        }
        [one] => {
            let samples = one.state.state().sample(shots, seed, &control)?;
            // Where bits of the key come from few of the qubits, many samples fall together first.
            let used = sources.iter().fold(0_u64, |mask, s| match s {
                Source::Part { at, .. } => mask | 1 << at,
                Source::Constant(_) => mask,
            });
            let mut masked: Vec<(u64, u64)> =
                samples.into_iter().map(|(i, c)| (i & used, c)).collect();
            masked.sort_unstable_by_key(|&(i, _)| i);
            masked.dedup_by(|next, kept| {
                let same = next.0 == kept.0;
                if same {
                    kept.1 += next.1;
                }
                same
            });
            let distinct = masked.len() as u64;
            let top = job.request.want.top_counts as usize;
            if top > 0 && masked.len() > top {
                masked.sort_by_key(|&(index, count)| (std::cmp::Reverse(count), index));
                masked.truncate(top);
            }
            for (index, count) in masked {
                *counts.entry(key(&[index])).or_default() += count;
            }
            return Ok((counts, distinct));
        }
        many => {
            // The parts are independent: each is sampled shot by shot with a seed of its own.
            let memories = many
                .iter()
                .zip(0_u64..)
                .map(|(s, i)| s.state.state().sample_memory(shots, part_seed(seed, i), &control))
                .collect::<Result<Vec<_>, _>>()?;
            let mut values = vec![0; many.len()];
            for shot in 0..usize::try_from(shots).unwrap_or(usize::MAX) {
                if shot % (1 << 14) == 0 {
                    control.check()?;
                }
                for (value, memory) in values.iter_mut().zip(&memories) {
                    *value = memory[shot];
                }
                *counts.entry(key(&values)).or_default() += 1;
            }
        }
    }
    let distinct = counts.len() as u64;
    Ok((most_frequent(counts, job.request.want.top_counts), distinct))
}

fn part_seed(seed: u64, part: u64) -> u64 {
    seed ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The `top` most frequent, ties by key; all for 0.
pub(crate) fn most_frequent(counts: BTreeMap<String, u64>, top: u32) -> BTreeMap<String, u64> {
    if top == 0 || counts.len() <= top as usize {
        return counts;
    }
    let mut all: Vec<(String, u64)> = counts.into_iter().collect();
    all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.truncate(top as usize);
    all.into_iter().collect()
}

pub(crate) fn check_marginal_width(num_qubits: usize) -> Result<(), Failure> {
    if num_qubits <= MAX_MARGINAL_QUBITS {
        return Ok(());
    }
    Err(Failure::Refused {
        code: "distribution_too_wide",
        message: format!(
            "an exact distribution over {num_qubits} measured qubits is too long; at most {MAX_MARGINAL_QUBITS}: measure fewer, or ask for counts"
        ),
    })
}

/// An exact distribution, as far as it is listed.
pub(crate) struct Probabilities {
    pub(crate) entries: BTreeMap<String, f64>,
    /// Sum of what was left out.
    pub(crate) truncated: f64,
}

/// The entries that an answer may hold, and the weight of the others.
pub(crate) fn largest_probabilities(all: Vec<(String, f64)>, left_out: f64) -> Probabilities {
    let mut truncated = left_out;
    let mut kept: Vec<(String, f64)> = Vec::new();
    for (key, p) in all {
        if p > SMALLEST_PROBABILITY {
            kept.push((key, p));
        } else {
            truncated += p;
        }
    }
    if kept.len() > MAX_PROBABILITIES {
        // What differs by rounding alone is a tie, and ties go by key.
        let steps = |p: f64| (p / SMALLEST_PROBABILITY).round();
        kept.sort_by(|a, b| steps(b.1).total_cmp(&steps(a.1)).then_with(|| a.0.cmp(&b.0)));
        truncated += kept.drain(MAX_PROBABILITIES..).map(|(_, p)| p).sum::<f64>();
    }
    Probabilities { entries: kept.into_iter().collect(), truncated }
}

/// A distribution over the key bits that one part gives.
type Distribution = Vec<(u64, f64)>;

pub(super) fn probabilities<T: Real>(
    job: &Job,
    solved: &[Solved<T>],
    sources: &[Source],
    format: &KeyFormat,
) -> Result<Probabilities, Failure> {
    let mut truncated = 0.0;
    // Products of what the parts give so far: values of each part, and the probability.
    let mut products: Vec<(Vec<u64>, f64)> = vec![(vec![0; solved.len()], 1.0)];
    for (part, s) in solved.iter().enumerate() {
        let distribution = part_distribution(job, s, part, sources)?;
        let mut next =
            Vec::with_capacity(products.len().saturating_mul(distribution.len()).min(1 << 20));
        for (values, p) in &products {
            for &(value, q) in &distribution {
                if p * q <= SMALLEST_PROBABILITY / 4.0 {
                    truncated += p * q;
                    continue;
                }
                let mut values = values.clone();
                values[part] = value;
                next.push((values, p * q));
            }
            // More than can be listed: the smallest are given up as they come.
            if next.len() > 8 * MAX_PROBABILITIES {
                truncated += keep_largest(&mut next, MAX_PROBABILITIES);
            }
        }
        if solved.len() > 1 {
            truncated += keep_largest(&mut next, MAX_PROBABILITIES);
        }
        products = next;
    }
    let mut merged: BTreeMap<String, f64> = BTreeMap::new();
    truncated += keep_largest(&mut products, MAX_PROBABILITIES);
    for (values, p) in products {
        let key = format.key(|i| match sources[i] {
            Source::Constant(b) => b,
            Source::Part { part, at } => values[part] >> at & 1 == 1,
        });
        *merged.entry(key).or_default() += p;
    }
    Ok(largest_probabilities(merged.into_iter().collect(), truncated))
}

/// Keeps the `count` most likely; returns the weight of the others.
fn keep_largest(entries: &mut Vec<(Vec<u64>, f64)>, count: usize) -> f64 {
    if entries.len() <= count {
        return 0.0;
    }
    let steps = |p: f64| (p / SMALLEST_PROBABILITY).round();
    entries.sort_by(|a, b| steps(b.1).total_cmp(&steps(a.1)).then_with(|| a.0.cmp(&b.0)));
    entries.drain(count..).map(|(_, p)| p).sum()
}

/// Over the qubits of the part that the key shows, others summed out.
fn part_distribution<T: Real>(
    job: &Job,
    s: &Solved<T>,
    part: usize,
    sources: &[Source],
) -> Result<Distribution, Failure> {
    let mut shown: Vec<usize> = sources
        .iter()
        .filter_map(|source| match source {
            Source::Part { part: p, at } if *p == part => Some(*at),
            _ => None,
        })
        .collect();
    shown.sort_unstable();
    shown.dedup();
    if shown.is_empty() {
        return Ok(vec![(0, 1.0)]);
    }
    check_marginal_width(shown.len())?;
    let control = sim::RunControl { progress: None, ..job.control };
    let qubits: Vec<Qubit> = shown.iter().map(|&at| Qubit(to_u32(at))).collect();
    let marginals = s.state.state().marginals(&qubits, &control)?;
    Ok((0_u64..)
        .zip(marginals)
        .filter(|&(_, p)| p > 0.0)
        .map(|(value, p)| {
            let spread =
                shown.iter().enumerate().fold(0, |v, (i, at)| v | ((value >> i & 1) << at));
            (spread, p)
        })
        .collect())
}
