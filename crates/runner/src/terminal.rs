//! Programs that are a unitary followed by measurements: one state, sampled at its end.
//!
//! Parts of a wide register that no gate connects are simulated apart, and qubits to which nothing is
//! done not at all.

use std::collections::BTreeMap;

use api::run::{Amplitude, QubitState};
use circuit::flat::{BitSource, Flat};
use circuit::{Control, Instruction, Qubit, UnitaryInstruction};
use quantum_info::{Observable, PauliTerm};
use sim::{Plan, PlanOptions, Real, Statevector, method, plan};

use crate::counts::KeyFormat;
use crate::observe::{self, Observed};
use crate::{Failure, Job, Outcome};

/// Registers up to this wide are simulated whole, connected or not.
const WHOLE_QUBITS: usize = 16;

/// Widest exact distribution.
const MAX_MARGINAL_QUBITS: usize = 26;

/// Probabilities up to this are left out of an exact distribution.
const SMALLEST_PROBABILITY: f64 = 1e-12;

/// Most entries of an exact distribution.
const MAX_PROBABILITIES: usize = 65_536;

/// Qubits that gates connect, with the gates on them.
struct Part {
    /// Position in the part → qubit of the register.
    qubits: Vec<Qubit>,
    instructions: Vec<Instruction>,
}

/// A part and its final state.
struct Solved<T: Real> {
    qubits: Vec<Qubit>,
    state: Statevector<T>,
}

/// Where the bits of a key come from.
#[derive(Clone, Copy)]
enum Source {
    Constant(bool),
    /// Bit `at` of part `part`.
    Part {
        part: usize,
        at: usize,
    },
}

pub(crate) fn run<T: Real>(job: &Job, flat: &Flat, format: &KeyFormat) -> Result<Outcome, Failure> {
    let want = &job.request.want;
    let num_qubits = flat.num_qubits as usize;
    let memory = job.request.limits.memory_bytes;
    if want.statevector && num_qubits > job.request.limits.max_statevector_qubits as usize {
        return Err(Failure::Refused {
            code: "statevector_too_wide",
            message: format!(
                "all amplitudes of {num_qubits} qubits are too many to list; at most {} qubits",
                job.request.limits.max_statevector_qubits
            ),
        });
    }
    let parts = parts(flat, want.statevector);
    let fast = job.request.fast;
    let plans = parts
        .iter()
        .map(|p| plan(&p.instructions, &PlanOptions::new(p.qubits.len()).fast(fast)))
        .collect::<Result<Vec<Plan>, _>>()?;
    let widest = plans.iter().map(|p| p.summary().active_qubits).max().unwrap_or(0);
    let choice = method::choose(widest, T::PRECISION, memory)?;
    let reason = if parts.len() > 1 {
        format!(
            "{} parts that no gate connects, simulated apart; the widest has {widest} qubits",
            parts.len()
        )
    } else {
        choice.reason
    };
    let mut held = 0;
    let mut solved = Vec::with_capacity(parts.len());
    for (part, plan) in parts.into_iter().zip(&plans) {
        let mut state = Statevector::<T>::for_plan(plan, memory.saturating_sub(held))?;
        state.apply(plan, &job.control)?;
        held += state.size_bytes();
        solved.push(Solved { qubits: part.qubits, state });
    }

    let sources = sources(flat, &solved, format);
    let (counts, distinct_outcomes) = counts(job, &solved, &sources, format)?;
    let probabilities = if want.probabilities {
        Some(probabilities(job, &solved, &sources, format)?)
    } else {
        None
    };
    Ok(Outcome {
        counts,
        distinct_outcomes,
        probabilities,
        operations: flat
            .instructions
            .iter()
            .filter(|i| !matches!(i, Instruction::Barrier { .. }))
            .count() as u64,
        branches: 1,
        measured_all: format.covers_qubits(),
        reason,
        observed: observe(job, &solved, num_qubits)?,
    })
}

/// The representative of `q`'s set.
fn root(parent: &mut [usize], mut q: usize) -> usize {
    while parent[q] != q {
        parent[q] = parent[parent[q]];
        q = parent[q];
    }
    q
}

/// Divides the register. With `whole` there is one part with all qubits.
fn parts(flat: &Flat, whole: bool) -> Vec<Part> {
    let n = flat.num_qubits as usize;
    let gates = || {
        flat.instructions.iter().filter_map(|i| match i {
            Instruction::Unitary(u) => Some(u),
            _ => None,
        })
    };
    if whole || n <= WHOLE_QUBITS {
        let instructions = gates().cloned().map(Instruction::Unitary).collect();
        return vec![Part { qubits: (0..flat.num_qubits).map(Qubit).collect(), instructions }];
    }
    // Union-find over qubits.
    let mut parent: Vec<usize> = (0..n).collect();
    let mut touched = vec![false; n];
    for u in gates() {
        let mut first = None;
        for q in u.qubits() {
            touched[q.index()] = true;
            let r = root(&mut parent, q.index());
            let f = *first.get_or_insert(r);
            let f = root(&mut parent, f);
            // The lower number wins, so that parts are found in order of their lowest qubit.
            let (low, high) = (f.min(r), f.max(r));
            parent[high] = low;
        }
    }
    let mut part_of_root = vec![usize::MAX; n];
    let mut place = vec![(usize::MAX, 0_u32); n];
    let mut parts: Vec<Part> = Vec::new();
    for (q, &used) in touched.iter().enumerate() {
        if !used {
            continue;
        }
        let r = root(&mut parent, q);
        if part_of_root[r] == usize::MAX {
            part_of_root[r] = parts.len();
            parts.push(Part { qubits: Vec::new(), instructions: Vec::new() });
        }
        let part = &mut parts[part_of_root[r]];
        place[q] = (part_of_root[r], to_u32(part.qubits.len()));
        part.qubits.push(Qubit(to_u32(q)));
    }
    for u in gates() {
        // A phase without qubits changes nothing that is asked for.
        let Some(first) = u.qubits().next() else { continue };
        let rename = |q: Qubit| Qubit(place[q.index()].1);
        let renamed = UnitaryInstruction {
            gate: u.gate,
            controls: u
                .controls
                .iter()
                .map(|c| Control { qubit: rename(c.qubit), on: c.on })
                .collect(),
            targets: u.targets.iter().map(|&q| rename(q)).collect(),
            matrix: u.matrix.clone(),
        };
        parts[place[first.index()].0].instructions.push(Instruction::Unitary(renamed));
    }
    parts
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).expect("a register has fewer than 2^32 qubits")
}

/// For each bit of the key, where it comes from.
fn sources<T: Real>(flat: &Flat, solved: &[Solved<T>], format: &KeyFormat) -> Vec<Source> {
    let mut of_qubit = vec![Source::Constant(false); flat.num_qubits as usize];
    for (part, s) in solved.iter().enumerate() {
        for (at, q) in s.qubits.iter().enumerate() {
            of_qubit[q.index()] = Source::Part { part, at };
        }
    }
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
fn counts<T: Real>(
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
            let samples = one.state.sample(shots, seed, &control)?;
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
                .map(|(s, i)| s.state.sample_memory(shots, part_seed(seed, i), &control))
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

fn probabilities<T: Real>(
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
    let marginals = s.state.marginals(&qubits, &control)?;
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

fn observe<T: Real>(
    job: &Job,
    solved: &[Solved<T>],
    num_qubits: usize,
) -> Result<Observed, Failure> {
    let want = &job.request.want;
    let control = sim::RunControl { progress: None, ..job.control };
    if let [one] = solved
        && one.qubits.len() == num_qubits
    {
        return observe::observe(&one.state, want, &job.observables, &control);
    }
    let mut observed = Observed::default();
    if want.qubits {
        observed.qubits =
            vec![QubitState { bloch: [0.0, 0.0, 1.0], probability_one: 0.0 }; num_qubits];
        for s in solved {
            for (q, bloch) in s.qubits.iter().zip(s.state.bloch_vectors(&control)?) {
                observed.qubits[q.index()] = observe::qubit_state(bloch);
            }
        }
    }
    // Amplitude indices have 64 bits.
    if want.top_amplitudes > 0 && num_qubits <= 64 {
        observed.top_amplitudes =
            product_amplitudes(solved, want.top_amplitudes as usize, &control)?;
    }
    for observable in &job.observables {
        let mut value = 0.0;
        for term in &observable.terms {
            let mut product = term.weight;
            for s in solved {
                product *= s.state.expectation(&restricted(term, &s.qubits), &control)?;
            }
            // A qubit outside of all parts is |0⟩: Z gives 1, X and Y give 0.
            let outside = |q: u32| !solved.iter().any(|s| s.qubits.contains(&Qubit(q)));
            if term.paulis.iter().any(|&(q, p)| p != quantum_info::Pauli::Z && outside(q)) {
                product = 0.0;
            }
            value += product;
        }
        observed.expectations.push(value);
    }
    Ok(observed)
}

/// The factors of a term that act on the part, with weight 1.
fn restricted(term: &PauliTerm, qubits: &[Qubit]) -> Observable {
    let paulis = term
        .paulis
        .iter()
        .filter_map(|&(q, p)| qubits.iter().position(|&x| x == Qubit(q)).map(|at| (to_u32(at), p)))
        .collect();
    Observable { terms: vec![PauliTerm { weight: 1.0, paulis }] }
}

/// The largest amplitudes of a product: they are products of the largest ones.
fn product_amplitudes<T: Real>(
    solved: &[Solved<T>],
    count: usize,
    control: &sim::RunControl,
) -> Result<Vec<Amplitude>, Failure> {
    let mut best = vec![Amplitude { index: 0, re: 1.0, im: 0.0 }];
    for s in solved {
        let mut next = Vec::new();
        for (value, b) in s.state.largest(count, control)? {
            let index =
                s.qubits.iter().enumerate().fold(0, |i, (at, q)| i | ((value >> at & 1) << q.0));
            for a in &best {
                next.push(Amplitude {
                    index: a.index | index,
                    re: a.re * b.re - a.im * b.im,
                    im: a.re * b.im + a.im * b.re,
                });
            }
        }
        let size = |a: &Amplitude| a.re * a.re + a.im * a.im;
        next.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.index.cmp(&b.index)));
        next.truncate(count);
        best = next;
    }
    Ok(best)
}
