//! Drawing basis states from a state.
//!
//! The vector is halved again and again: of the shots that fall into a piece, a binomial number falls
//! into its lower half. Pieces of [`BLOCK`] amplitudes, small enough for the first-level cache, are
//! then drawn from shot by shot with a table, or halved down to single amplitudes where that is less work.
//! Each piece has random numbers of its own: results do not depend on threads, and each amplitude is
//! visited twice, in order, however many shots there are.

mod table;

use circuit::Qubit;

use crate::binomial::binomial;
use crate::kernel::simd::vectorized;
use crate::kernel::{LANES, Tile};
use crate::limits::try_vec;
use crate::rng::{Purpose, Rng};
use crate::{Real, RunControl, SimError, Statevector, par};
use table::Table;

/// Amplitudes of a piece that is drawn from with a table.
const BLOCK: usize = 1 << 10;
/// Shots for each amplitude of a piece from which on halving is less work.
const DENSE: u64 = 32;
/// Random numbers at a time.
const NUMBERS: usize = 1 << 10;

/// What falls on which basis state: index and count.
type Hits = Vec<(u64, u64)>;

impl<T: Real> Statevector<T> {
    /// How often each basis state comes out in `shots` measurements of all qubits: `(index, count)`,
    /// ascending, counts above 0. A function of state, shots and seed alone.
    pub fn sample(&self, shots: u64, seed: u64, control: &RunControl) -> Result<Hits, SimError> {
        /// Chunks at a time: what they give is held twice.
        const WAVE: usize = 32;
        let chunks = Heap::new(&self.chunk_weights());
        let mut hit = Vec::new();
        chunks.divide(shots, 1, seed, &mut |c, k| hit.push((c, k)));
        let map = self.layout.logical_map();
        let bits = self.amps.chunk_bits();
        let mut all = Vec::new();
        for wave in hit.chunks(WAVE) {
            let parts = par::map(wave.len(), |h| -> Result<Hits, SimError> {
                control.check()?;
                let (c, k) = wave[h];
                let mut out = draw_within(self.amps.chunk(c), chunks.leaf(c), k, seed)?;
                let base = (c as u64) << bits;
                for (i, _) in &mut out {
                    *i = map.apply(base | *i);
                }
                Ok(out)
            });
            for part in parts {
                let part = part?;
                all.try_reserve(part.len()).map_err(|_| SimError::OutOfMemory {
                    needed_bytes: (all.len() + part.len()) as u64 * 16,
                })?;
                all.extend(part);
            }
        }
        if !map.is_identity() {
            all.sort_unstable_by_key(|&(i, _)| i);
        }
        Ok(all)
    }

    /// The outcome of each shot. The same multiset as [`Statevector::sample`] with the same arguments, in
    /// random order.
    pub fn sample_memory(
        &self,
        shots: u64,
        seed: u64,
        control: &RunControl,
    ) -> Result<Vec<u64>, SimError> {
        let len =
            usize::try_from(shots).map_err(|_| SimError::OutOfMemory { needed_bytes: u64::MAX })?;
        let counts = self.sample(shots, seed, control)?;
        let mut out = try_vec(len)?;
        for (index, count) in counts {
            out.extend(std::iter::repeat_n(index, place(count)));
        }
        shuffle(&mut out, seed, control)?;
        Ok(out)
    }

    fn chunk_weights(&self) -> Vec<f64> {
        par::map(self.amps.num_chunks(), |c| vectorized(|| total(self.amps.chunk(c))))
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
                for l in 0..LANES {
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

/// Puts `items` into random order: Durstenfeld's form of the shuffle of Fisher and Yates.
fn shuffle(items: &mut [u64], seed: u64, control: &RunControl) -> Result<(), SimError> {
    let rng = Rng::new(seed, Purpose::Order, 0);
    let mut numbers = [0.0; NUMBERS];
    let mut drawn = 0_u64;
    let mut left = items.len();
    while left > 1 {
        control.check()?;
        rng.fill(drawn, &mut numbers);
        drawn += NUMBERS as u64;
        for &u in numbers.iter().take(left - 1) {
            // Rounding may take the product up to `left`.
            items.swap(left - 1, share(u, left).min(left - 1));
            left -= 1;
        }
    }
    Ok(())
}

/// `u` of `len`, rounded down.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 <= u <= 1")]
#[inline(always)]
fn share(u: f64, len: usize) -> usize {
    (u * len as f64) as usize
}

/// Weights of `2^k` pieces and of what they make together, by halves: entry 1 is the whole, `2 i` and
/// `2 i + 1` the halves of `i`.
struct Heap(Vec<f64>);

impl Heap {
    fn new(leaves: &[f64]) -> Self {
        debug_assert!(leaves.len().is_power_of_two());
        let mut sums = vec![0.0; leaves.len()];
        sums.extend_from_slice(leaves);
        for i in (1..leaves.len()).rev() {
            sums[i] = sums[2 * i] + sums[2 * i + 1];
        }
        Self(sums)
    }

    fn num_leaves(&self) -> usize {
        self.0.len() / 2
    }

    /// Number of a leaf among all pieces of the vector, if this heap's root is number 1.
    fn leaf(&self, i: usize) -> u64 {
        (self.num_leaves() + i) as u64
    }

    /// Divides `shots` between the leaves; `hit` hears of those that get any, in order. `root` is the
    /// number of the whole among all pieces of the vector.
    fn divide(&self, shots: u64, root: u64, seed: u64, hit: &mut impl FnMut(usize, u64)) {
        if shots > 0 {
            self.below(1, shots, root, seed, hit);
        }
    }

    fn below(&self, i: usize, shots: u64, id: u64, seed: u64, hit: &mut impl FnMut(usize, u64)) {
        if i >= self.num_leaves() {
            hit(i - self.num_leaves(), shots);
            return;
        }
        let mut rng = Rng::new(seed, Purpose::Halves, id);
        let (low, high) = (self.0[2 * i], self.0[2 * i + 1]);
        // Nothing falls where there is no weight; the smaller share keeps its digits.
        let lower = if high <= 0.0 {
            shots
        } else if low < high {
            binomial(shots, low / (low + high), || rng.next())
        } else {
            shots - binomial(shots, high / (low + high), || rng.next())
        };
        if lower > 0 {
            self.below(2 * i, lower, 2 * id, seed, hit);
        }
        if lower < shots {
            self.below(2 * i + 1, shots - lower, 2 * id + 1, seed, hit);
        }
    }
}

/// Which amplitudes of a chunk, the piece `id`, `shots` shots fall on.
fn draw_within<T: Real>(
    tiles: &[Tile<T>],
    id: u64,
    shots: u64,
    seed: u64,
) -> Result<Hits, SimError> {
    let len = BLOCK.min(tiles.len() * LANES);
    let block = len / LANES;
    let sums: Vec<f64> =
        tiles.chunks_exact(block).map(|tiles| vectorized(|| total(tiles))).collect();
    let blocks = Heap::new(&sums);
    let mut hits: Vec<(usize, u64)> = Vec::new();
    blocks.divide(shots, id, seed, &mut |b, k| hits.push((b, k)));
    let most: u64 = hits.iter().map(|&(_, k)| k.min(len as u64)).sum();
    // The table writes whole blocks before it knows how many amplitudes are hit.
    let mut out = try_vec(place(most) + len)?;
    let mut table = Table::new();
    let mut weights = [0.0; BLOCK];
    let weights = &mut weights[..len];
    for (b, k) in hits {
        vectorized(|| weigh(&tiles[b * block..(b + 1) * block], weights));
        let first = (b * len) as u64;
        let id = id * blocks.num_leaves() as u64 + b as u64;
        if k >= DENSE * len as u64 {
            let leaves = Heap::new(weights);
            leaves.divide(k, id, seed, &mut |i, k| out.push((first + i as u64, k)));
        } else {
            table.fill(weights, k);
            table.draw(k, &Rng::new(seed, Purpose::Within, id));
            table.collect(first, &mut out);
        }
    }
    Ok(out)
}

#[inline(always)]
fn weigh<T: Real>(tiles: &[Tile<T>], out: &mut [f64]) {
    for (tile, out) in tiles.iter().zip(out.chunks_exact_mut(LANES)) {
        for l in 0..LANES {
            let (re, im) = (tile.re[l].to_f64(), tile.im[l].to_f64());
            out[l] = re * re + im * im;
        }
    }
}

/// What [`weigh`] gives, added up in lanes.
#[inline(always)]
fn total<T: Real>(tiles: &[Tile<T>]) -> f64 {
    crate::statevector::weight(tiles, |_| true).iter().sum()
}
