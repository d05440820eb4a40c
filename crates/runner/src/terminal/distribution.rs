//! Counts and exact distributions of a product of states.

use std::collections::BTreeMap;

use circuit::flat::{BitSource, Flat};
use circuit::{Instruction, Qubit};
use sim::Real;

use super::listing::{
    MAX_PROBABILITIES, Probabilities, SMALLEST_PROBABILITY, keep_largest, largest_probabilities,
    listed, most_frequent,
};
use super::{Solved, to_u32};
use crate::counts::KeyFormat;
use crate::{Failure, Job};

/// Widest exact distribution.
const MAX_MARGINAL_QUBITS: usize = 26;

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

/// The key of an outcome; `values[p]` is that of part `p`.
fn key(format: &KeyFormat, sources: &[Source], values: &[u64]) -> String {
    format.key(|i| match sources[i] {
        Source::Constant(b) => b,
        Source::Part { part, at } => values[part] >> at & 1 == 1,
    })
}

/// What was sampled.
pub(super) struct Sampled {
    /// Cut to what is wanted.
    pub(super) counts: BTreeMap<String, u64>,
    /// Of how many different outcomes.
    pub(super) distinct: u64,
    /// Where there is one part: of each of the counts, the bits that the key shows, and how often.
    /// Ascending.
    values: Vec<(u64, u64)>,
}

/// Samples the parts.
pub(super) fn counts<T: Real>(
    job: &Job,
    solved: &[Solved<T>],
    sources: &[Source],
    format: &KeyFormat,
) -> Result<Sampled, Failure> {
    let (shots, seed) = (u64::from(job.request.shots), job.request.seed);
    let control = sim::RunControl { progress: None, ..job.control };
    let mut counts = BTreeMap::new();
    if shots == 0 {
        return Ok(Sampled { counts, distinct: 0, values: Vec::new() });
    }
    let key = |values: &[u64]| key(format, sources, values);
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
                let rank = |&(index, count): &(u64, u64)| (std::cmp::Reverse(count), index);
                masked.select_nth_unstable_by_key(top, rank);
                masked.truncate(top);
                masked.sort_unstable_by_key(|&(i, _)| i);
            }
            for &(index, count) in &masked {
                *counts.entry(key(&[index])).or_default() += count;
            }
            return Ok(Sampled { counts, distinct, values: masked });
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
    let counts = most_frequent(counts, job.request.want.top_counts);
    Ok(Sampled { counts, distinct, values: Vec::new() })
}

fn part_seed(seed: u64, part: u64) -> u64 {
    seed ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15)
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

/// A distribution over the key bits that one part gives.
type Distribution = Vec<(u64, f64)>;

pub(super) fn probabilities<T: Real>(
    job: &Job,
    solved: &[Solved<T>],
    sources: &[Source],
    format: &KeyFormat,
    sampled: &Sampled,
) -> Result<Probabilities, Failure> {
    let key = |values: &[u64]| key(format, sources, values);
    if let [one] = solved {
        // What is not listed needs no key.
        let distribution = part_distribution(job, one, 0, sources)?;
        let count = |value: &u64| {
            let found = sampled.values.binary_search_by_key(value, |&(v, _)| v);
            found.map_or(0, |at| sampled.values[at].1)
        };
        let shots = u64::from(job.request.shots);
        let listed = listed(distribution, 0.0, &job.request.want, shots, count);
        return Ok(listed.named(|value| key(&[value])));
    }
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
        truncated += keep_largest(&mut next, MAX_PROBABILITIES);
        products = next;
    }
    let mut merged: BTreeMap<String, f64> = BTreeMap::new();
    for (values, p) in products {
        *merged.entry(key(&values)).or_default() += p;
    }
    let want = &job.request.want;
    Ok(largest_probabilities(merged.into_iter().collect(), truncated, want, &sampled.counts))
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
