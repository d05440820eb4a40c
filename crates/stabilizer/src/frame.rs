//! Many shots of a noisy Clifford circuit at once, as Pauli frames.
//!
//! A frame says by which Pauli a shot differs from a noiseless reference. Gates permute frames, noise
//! multiplies into them, and a measurement of `P` comes out differently from the reference where the
//! frame anticommutes with `P`. A measured or reset qubit gets a random multiple of what leaves its
//! state alone, which makes random results random (Gidney, arXiv:2103.02202, section 4).
//!
//! Shots come in batches of [`BATCH`], one bit of a word each, and every batch has a random stream of
//! its own: results are a function of circuit and seed, and shot `i` is the same however many follow.

mod engine;

use std::borrow::Cow;

use sim::RunControl;

use crate::Error;
use crate::circuit::{Circuit, Limits, Summary};
use crate::run::reference_sample;
use engine::{Engine, Lanes};

/// Shots of a batch.
pub const BATCH: usize = 64 * LANES;

/// Words of a row.
pub(crate) const LANES: usize = 16;

/// Batches that one thread takes at a time.
const GROUP: u64 = 8;

/// Groups at a time.
const WAVE: usize = 32;

/// What to keep of each shot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    Records,
    Detectors,
}

/// A circuit, ready to be sampled.
#[derive(Debug, Clone)]
pub struct Sampler<'a> {
    circuit: &'a Circuit,
    summary: Summary,
    limits: Limits,
}

/// Up to [`BATCH`] shots. Rows are bit vectors over the shots, the first in the lowest bit; bits beyond
/// the last shot are 0.
pub struct Batch<'a> {
    /// Number of the first shot.
    pub first: u64,
    pub shots: usize,
    records: &'a [Lanes],
    detectors: &'a [Lanes],
    observables: &'a [Lanes],
}

impl Batch<'_> {
    /// Result `i` of the record in each shot; none where only detectors were asked for.
    pub fn record(&self, i: usize) -> &[u64; LANES] {
        &self.records[i].0
    }

    /// Whether detector `i` fired in each shot.
    pub fn detector(&self, i: usize) -> &[u64; LANES] {
        &self.detectors[i].0
    }

    /// Whether observable `i` was flipped in each shot.
    pub fn observable(&self, i: usize) -> &[u64; LANES] {
        &self.observables[i].0
    }

    pub fn num_detectors(&self) -> usize {
        self.detectors.len()
    }

    pub fn num_observables(&self) -> usize {
        self.observables.len()
    }

    /// The record of each shot as a bit vector, bit `j` of word `k` being result `64 k + j`; `each` hears
    /// of them in order.
    pub fn each_record(&self, each: impl FnMut(&[u64])) {
        let rows: Vec<[u64; LANES]> = self.records.iter().map(|row| row.0).collect();
        each_column(&rows, self.shots, each);
    }
}

/// Rows over shots as bit vectors of each shot.
pub(crate) fn each_column(rows: &[[u64; LANES]], shots: usize, mut each: impl FnMut(&[u64])) {
    let words = rows.len().div_ceil(64);
    let mut columns = vec![0; words * 64];
    for lane in 0..LANES {
        let shots = shots.saturating_sub(64 * lane).min(64);
        if shots == 0 {
            break;
        }
        for word in 0..words {
            let mut block = [0; 64];
            for (bits, row) in block.iter_mut().zip(&rows[64 * word..]) {
                *bits = row[lane];
            }
            transpose(&mut block);
            for (shot, bits) in block.into_iter().enumerate() {
                columns[shot * words + word] = bits;
            }
        }
        for shot in 0..shots {
            each(&columns[shot * words..(shot + 1) * words]);
        }
    }
}

/// Transposes 64 × 64 bits: bit `j` of row `i` becomes bit `i` of row `j` (Warren, Hacker's Delight,
/// section 7-3).
fn transpose(rows: &mut [u64; 64]) {
    let mut width = 32;
    let mut mask = u64::from(u32::MAX);
    while width > 0 {
        let mut i = 0;
        while i < 64 {
            let moved = (rows[i] >> width ^ rows[i + width]) & mask;
            rows[i] ^= moved << width;
            rows[i + width] ^= moved;
            i = (i + width + 1) & !width;
        }
        width >>= 1;
        mask ^= mask << width;
    }
}

impl<'a> Sampler<'a> {
    /// Refused where the circuit is larger than `limits` allow.
    pub fn new(circuit: &'a Circuit, limits: &Limits) -> Result<Self, Error> {
        let summary = circuit.summary();
        summary.check(0, limits)?;
        Ok(Self { circuit, summary, limits: *limits })
    }

    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Detectors and observables of all shots. Every group of batches begins with `start`, takes its
    /// batches up by `add`, and is handed to `merge`, in order.
    pub fn detectors<A: Send>(
        &self,
        shots: u64,
        seed: u64,
        control: &RunControl,
        start: impl Fn() -> A + Sync + Send,
        add: impl Fn(&mut A, &Batch) + Sync + Send,
        merge: impl FnMut(A),
    ) -> Result<(), Error> {
        self.fold(Keep::Detectors, &[], shots, seed, control, &start, &add, merge)
    }

    /// Records of all shots, as [`Sampler::detectors`].
    pub fn records<A: Send>(
        &self,
        shots: u64,
        seed: u64,
        control: &RunControl,
        start: impl Fn() -> A + Sync + Send,
        add: impl Fn(&mut A, &Batch) + Sync + Send,
        merge: impl FnMut(A),
    ) -> Result<(), Error> {
        let quiet = if self.summary.noisy {
            Cow::Owned(self.circuit.without_noise())
        } else {
            Cow::Borrowed(self.circuit)
        };
        let reference = reference_sample(&quiet, &self.limits, control)?;
        self.fold(Keep::Records, &reference, shots, seed, control, &start, &add, merge)
    }

    #[expect(clippy::too_many_arguments, reason = "the two functions above, in one")]
    fn fold<A: Send>(
        &self,
        keep: Keep,
        reference: &[bool],
        shots: u64,
        seed: u64,
        control: &RunControl,
        start: &(impl Fn() -> A + Sync + Send),
        add: &(impl Fn(&mut A, &Batch) + Sync + Send),
        mut merge: impl FnMut(A),
    ) -> Result<(), Error> {
        let threads = sim::num_threads() as u64;
        let each = engine::needed_bytes(&self.summary, keep == Keep::Records);
        self.summary.check(each.saturating_mul(threads), &self.limits)?;
        let batches = shots.div_ceil(BATCH as u64);
        let groups = batches.div_ceil(GROUP);
        let mut group = 0;
        while group < groups {
            let count = usize::try_from(groups - group).unwrap_or(WAVE).min(WAVE);
            let done = sim::map(count, |i| -> Result<A, Error> {
                let mut state = start();
                let mut engine = Engine::new(self.circuit, &self.summary, keep == Keep::Records);
                let first = (group + i as u64) * GROUP;
                for batch in first..(first + GROUP).min(batches) {
                    control.check()?;
                    engine.run(seed, batch, control)?;
                    let before = batch * BATCH as u64;
                    let live = usize::try_from(shots - before).unwrap_or(BATCH).min(BATCH);
                    engine.finish(reference, live);
                    let batch = Batch {
                        first: before,
                        shots: live,
                        records: engine.records(),
                        detectors: &engine.detectors,
                        observables: &engine.observables,
                    };
                    add(&mut state, &batch);
                }
                Ok(state)
            });
            for state in done {
                merge(state?);
            }
            group += count as u64;
            if let Some(progress) = control.progress {
                progress(group as f64 / groups as f64);
            }
        }
        Ok(())
    }
}

/// How often detectors fired and observables were flipped.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DetectionCounts {
    pub shots: u64,
    pub detectors: Vec<u64>,
    pub observables: Vec<u64>,
}

/// Counts detection events and flips of observables against a noiseless run.
pub fn detection_counts(
    circuit: &Circuit,
    shots: u64,
    seed: u64,
    limits: &Limits,
    control: &RunControl,
) -> Result<DetectionCounts, Error> {
    let sampler = Sampler::new(circuit, limits)?;
    let detectors = usize::try_from(sampler.summary.num_detectors).unwrap_or(usize::MAX);
    let observables = sampler.summary.num_observables as usize;
    let mut total = DetectionCounts { shots, ..DetectionCounts::default() };
    let ones = |row: &[u64; LANES]| row.iter().map(|w| u64::from(w.count_ones())).sum::<u64>();
    let mut sums: Vec<u64> = Vec::new();
    sampler.detectors(
        shots,
        seed,
        control,
        || vec![0_u64; detectors + observables],
        |counts, batch| {
            let rows = batch.detectors.iter().chain(batch.observables);
            counts.iter_mut().zip(rows).for_each(|(count, row)| *count += ones(&row.0));
        },
        |counts| {
            if sums.is_empty() {
                sums = counts;
            } else {
                sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            }
        },
    )?;
    // No shots, no groups.
    if sums.is_empty() && shots == 0 {
        sampler.summary.check(sampler.summary.num_detectors.saturating_mul(8), limits)?;
        sums = vec![0; detectors + observables];
    }
    total.observables = sums.split_off(detectors.min(sums.len()));
    total.detectors = sums;
    Ok(total)
}
