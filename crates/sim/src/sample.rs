//! Drawing basis states from a state.
//!
//! Each shot first falls into one of the fixed chunks of the vector, by the chunks' weights, then
//! into an amplitude of that chunk. Numbers of the first kind come from one stream per batch of shots,
//! those of the second from one stream per chunk: neither depends on threads, and no more than the
//! chunk at hand is ever tabulated.

use circuit::Qubit;

use crate::kernel::Tile;
use crate::kernel::simd::vectorized;
use crate::limits::try_vec;
use crate::rng::{Purpose, Rng};
use crate::{Real, RunControl, SimError, Statevector, par};

/// Shots whose chunks are drawn from one stream.
const BATCH: u64 = 1 << 16;
/// Batches at a time, between two looks at the control.
const BATCHES: u64 = 64;

/// A table of cumulative weights that finds where a number falls.
struct Cumulative {
    /// Ascending; entry `i` is the weight of `0..=i`.
    sums: Vec<f64>,
    /// `guide[j]` is at or before the place where `j / guide.len()` of the total falls; empty if few
    /// numbers are looked up.
    guide: Vec<u16>,
    /// Last place that has weight.
    last: usize,
}

impl Cumulative {
    fn new(sums: Vec<f64>, lookups: u64) -> Self {
        /// Steps of the guide for each sum: most numbers are then found at once.
        const FINE: usize = 2;
        /// Where there are few sums, many steps cost nothing.
        const LEAST: usize = 4096;
        /// Below `x / total` by more than rounding, so that the guide never points too far.
        const BEFORE: f64 = 1.0 - 1e-14;
        let total = sums.last().copied().unwrap_or(0.0);
        let last = sums.partition_point(|&s| s < total);
        let mut guide = Vec::new();
        if lookups > sums.len() as u64 / 4 && u16::try_from(sums.len()).is_ok() {
            let len = (FINE * sums.len()).max(LEAST);
            let step = total * BEFORE / len as f64;
            let mut i = 0;
            guide.extend((0..len).map(|j| {
                let from = j as f64 * step;
                while i < last && sums[i] <= from {
                    i += 1;
                }
                u16::try_from(i).unwrap_or(u16::MAX)
            }));
        }
        Self { sums, guide, last }
    }

    /// Where `u`, in `[0, 1)`, falls: the first place whose cumulative weight exceeds `u` of the
    /// total. Never a place without weight.
    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a length"
    )]
    fn find(&self, u: f64) -> usize {
        let x = u * self.sums[self.last];
        if self.guide.is_empty() {
            return self.sums.partition_point(|&s| s <= x).min(self.last);
        }
        let mut i = usize::from(
            self.guide[((u * self.guide.len() as f64) as usize).min(self.guide.len() - 1)],
        );
        while i < self.last && self.sums[i] <= x {
            i += 1;
        }
        i
    }
}

impl<T: Real> Statevector<T> {
    /// How often each basis state comes out in `shots` measurements of all qubits: `(index, count)`,
    /// ascending, counts above 0. A function of state, shots and seed alone.
    pub fn sample(
        &self,
        shots: u64,
        seed: u64,
        control: &RunControl,
    ) -> Result<Vec<(u64, u64)>, SimError> {
        let chunks = self.chunk_weights();
        let per_chunk = draw_chunks(&chunks, shots, seed, control)?;
        let hit: Vec<usize> = (0..per_chunk.len()).filter(|&c| per_chunk[c] > 0).collect();
        let bits = self.amps.chunk_bits();
        let map = self.layout.logical_map();
        let parts = par::map(hit.len(), |h| -> Result<Vec<(u64, u64)>, SimError> {
            control.check()?;
            let c = hit[h];
            let counts = draw_within(self.amps.chunk(c), c, per_chunk[c], seed);
            let mut out = try_vec(counts.iter().filter(|&&k| k > 0).count())?;
            let base = (c as u64) << bits;
            out.extend(
                (base..).zip(&counts).filter(|(_, k)| **k > 0).map(|(i, &k)| (map.apply(i), k)),
            );
            Ok(out)
        });
        let mut all = Vec::new();
        for part in parts {
            let part = part?;
            all.try_reserve(part.len()).map_err(|_| SimError::OutOfMemory {
                needed_bytes: (all.len() + part.len()) as u64 * 16,
            })?;
            all.extend(part);
        }
        if !map.is_identity() {
            all.sort_unstable();
        }
        Ok(all)
    }

    /// The outcome of each shot, in order. The same multiset as [`Statevector::sample`] with the same
    /// arguments.
    pub fn sample_memory(
        &self,
        shots: u64,
        seed: u64,
        control: &RunControl,
    ) -> Result<Vec<u64>, SimError> {
        let chunks = self.chunk_weights();
        let cumulative = Cumulative::new(running(&chunks), shots);
        let len =
            usize::try_from(shots).map_err(|_| SimError::OutOfMemory { needed_bytes: u64::MAX })?;
        let mut chunk_of: Vec<u32> = try_vec(len)?;
        let mut per_chunk = vec![0_u64; chunks.len()];
        for batch in 0..shots.div_ceil(BATCH) {
            control.check()?;
            for u in batch_numbers(batch, shots, seed) {
                let c = cumulative.find(u);
                per_chunk[c] += 1;
                chunk_of.push(u32::try_from(c).unwrap_or(u32::MAX));
            }
        }
        // Shots by chunk, in order within each.
        let mut start: Vec<u64> = Vec::with_capacity(per_chunk.len());
        let mut sum = 0;
        for &k in &per_chunk {
            start.push(sum);
            sum += k;
        }
        let mut order: Vec<u32> = try_vec(len)?;
        order.resize(len, 0);
        let mut next = start.clone();
        for (shot, &c) in (0_u32..).zip(&chunk_of) {
            let at = &mut next[c as usize];
            order[usize::try_from(*at).unwrap_or(0)] = shot;
            *at += 1;
        }
        drop(chunk_of);
        let map = self.layout.logical_map();
        let bits = self.amps.chunk_bits();
        let mut out = try_vec(len)?;
        out.resize(len, 0);
        for (c, &k) in per_chunk.iter().enumerate().filter(|(_, k)| **k > 0) {
            control.check()?;
            let cumulative = Cumulative::new(running(&weights(self.amps.chunk(c))), k);
            let rng = Rng::new(seed, Purpose::Within, c as u64);
            let from = usize::try_from(start[c]).unwrap_or(0);
            for (position, &shot) in (0..k).zip(&order[from..]) {
                let i = cumulative.find(rng.at(position));
                out[shot as usize] = map.apply((c as u64) << bits | i as u64);
            }
        }
        Ok(out)
    }

    fn chunk_weights(&self) -> Vec<f64> {
        par::map(self.amps.num_chunks(), |c| {
            vectorized(|| crate::statevector::weight(self.amps.chunk(c), |_| true)).iter().sum()
        })
    }

    /// Probability of each outcome of measuring `qubits`; the first is the low bit of the outcome's
    /// index. At most 26 qubits.
    pub fn marginals(&self, qubits: &[Qubit], control: &RunControl) -> Result<Vec<f64>, SimError> {
        const MAX: usize = 26;
        /// Outcomes up to which every chunk has a sum of its own.
        const APART: usize = 10;
        /// Chunks at a time.
        const WAVE: usize = 64;
        if qubits.len() > MAX {
            return Err(SimError::TooManyQubits {
                what: "probabilities",
                asked: qubits.len(),
                max: MAX,
            });
        }
        let mut to = vec![None; self.amps.bits()];
        for (k, &q) in qubits.iter().enumerate() {
            if let Some(bit) = self.bit(q)? {
                if to[bit].is_some() {
                    return Err(SimError::RepeatedQubit { qubit: q });
                }
                to[bit] = Some(k);
            }
        }
        let map = crate::layout::BitPermutation::new(&to);
        let len = 1_usize << qubits.len();
        let mut sums = try_vec(len)?;
        sums.resize(len, 0.0);
        let bits = self.amps.chunk_bits();
        let add = |c: usize, sums: &mut [f64]| {
            let base = map.apply((c as u64) << bits);
            for (t, tile) in self.amps.chunk(c).iter().enumerate() {
                let tile_base = base | map.apply((t as u64) << crate::kernel::LANE_BITS);
                for l in 0..crate::kernel::LANES {
                    let (re, im) = (tile.re[l].to_f64(), tile.im[l].to_f64());
                    sums[place(tile_base | map.apply(l as u64))] += re * re + im * im;
                }
            }
        };
        let chunks = self.amps.num_chunks();
        if qubits.len() <= APART {
            for from in (0..chunks).step_by(WAVE) {
                control.check()?;
                let parts = par::map(WAVE.min(chunks - from), |c| {
                    let mut part = vec![0.0; len];
                    add(from + c, &mut part);
                    part
                });
                for part in parts {
                    sums.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
                }
            }
        } else {
            for c in 0..chunks {
                control.check()?;
                add(c, &mut sums);
            }
        }
        Ok(sums)
    }

    /// Probability of each basis state, in index order. At most 26 qubits.
    pub fn probabilities(&self, control: &RunControl) -> Result<Vec<f64>, SimError> {
        let qubits: Vec<Qubit> = (0..u32::MAX).take(self.num_qubits()).map(Qubit).collect();
        self.marginals(&qubits, control)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "an index into memory that exists")]
fn place(index: u64) -> usize {
    index as usize
}

fn weights<T: Real>(tiles: &[Tile<T>]) -> Vec<f64> {
    let mut out = Vec::with_capacity(tiles.len() * crate::kernel::LANES);
    for tile in tiles {
        for l in 0..crate::kernel::LANES {
            let (re, im) = (tile.re[l].to_f64(), tile.im[l].to_f64());
            out.push(re * re + im * im);
        }
    }
    out
}

/// Cumulative sums, from the left.
fn running(weights: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    weights
        .iter()
        .map(|w| {
            sum += w;
            sum
        })
        .collect()
}

/// The numbers that choose the chunks of a batch's shots.
fn batch_numbers(batch: u64, shots: u64, seed: u64) -> Vec<f64> {
    let len = BATCH.min(shots - batch * BATCH);
    let mut numbers = vec![0.0; place(len)];
    vectorized(|| Rng::new(seed, Purpose::Chunk, batch).fill(0, &mut numbers));
    numbers
}

/// How many shots fall into each chunk.
fn draw_chunks(
    weights: &[f64],
    shots: u64,
    seed: u64,
    control: &RunControl,
) -> Result<Vec<u64>, SimError> {
    if let [_] = weights {
        return Ok(vec![shots]);
    }
    let cumulative = Cumulative::new(running(weights), shots);
    let mut sums = vec![0_u64; weights.len()];
    let batches = shots.div_ceil(BATCH);
    for from in (0..batches).step_by(place(BATCHES)) {
        control.check()?;
        let parts = par::map(place(BATCHES.min(batches - from)), |b| {
            let mut counts = vec![0_u64; weights.len()];
            for u in batch_numbers(from + b as u64, shots, seed) {
                counts[cumulative.find(u)] += 1;
            }
            counts
        });
        for part in parts {
            sums.iter_mut().zip(part).for_each(|(sum, k)| *sum += k);
        }
    }
    Ok(sums)
}

/// How many of `shots` shots fall on each amplitude of a chunk.
fn draw_within<T: Real>(tiles: &[Tile<T>], chunk: usize, shots: u64, seed: u64) -> Vec<u64> {
    /// Numbers at a time: a buffer that leaves room for the tables in the cache.
    const NUMBERS: u64 = 1 << 11;
    let cumulative = Cumulative::new(running(&vectorized(|| weights(tiles))), shots);
    let rng = Rng::new(seed, Purpose::Within, chunk as u64);
    let mut counts = vec![0; cumulative.sums.len()];
    let mut numbers = vec![0.0; place(shots.min(NUMBERS))];
    let mut from = 0;
    while from < shots {
        let len = place(NUMBERS.min(shots - from));
        vectorized(|| rng.fill(from, &mut numbers[..len]));
        for &u in &numbers[..len] {
            counts[cumulative.find(u)] += 1;
        }
        from += len as u64;
    }
    counts
}
