//! What can be read off a state beside samples and expectation values: Bloch vectors, largest
//! amplitudes, reduced density matrices, entropies, overlaps.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use circuit::Qubit;
use num_complex::Complex64;
use quantum_info::Matrix;

use crate::kernel::memory::place;
use crate::kernel::simd::vectorized;
use crate::kernel::{LANE_BITS, LANES, Tile};
use crate::statevector::wide;
use crate::{Real, RunControl, SimError, Statevector, par};

/// Qubits of a reduced density matrix, at most: `4^10` entries are 16 MiB.
pub const MAX_REDUCED_QUBITS: usize = 10;
/// Qubits on the smaller side of a cut whose entropy is computed.
pub const MAX_ENTROPY_QUBITS: usize = 8;

/// Lane sums of `conj(a0)·a1` and of the weights of `a0` and `a1`.
#[derive(Clone, Copy, Default)]
struct Coherence {
    re: f64,
    im: f64,
    zero: f64,
    one: f64,
}

impl Coherence {
    fn plus(self, o: Self) -> Self {
        Self {
            re: self.re + o.re,
            im: self.im + o.im,
            zero: self.zero + o.zero,
            one: self.one + o.one,
        }
    }
}

impl<T: Real> Statevector<T> {
    /// The reduced Bloch vector `(⟨X⟩, ⟨Y⟩, ⟨Z⟩)` of every qubit, in one pass for all low bits and one
    /// for every three high bits.
    pub fn bloch_vectors(&self, control: &RunControl) -> Result<Vec<[f64; 3]>, SimError> {
        let bits = self.amps.bits();
        let chunk_bits = self.amps.chunk_bits();
        let mut sums = vec![Coherence::default(); bits];
        let low = chunk_bits.min(bits);
        control.check()?;
        let parts = par::map(self.amps.num_chunks(), |c| {
            let tiles = self.amps.chunk(c);
            (0..low).map(|b| vectorized(|| coherence_within(tiles, b))).collect::<Vec<_>>()
        });
        for part in parts {
            sums.iter_mut().zip(part).for_each(|(sum, x)| *sum = sum.plus(x));
        }
        for from in (low..bits).step_by(3) {
            control.check()?;
            let group: Vec<usize> = (from..bits.min(from + 3)).map(|b| b - chunk_bits).collect();
            let mask = group.iter().fold(0, |m, b| m | 1 << b);
            let bases: Vec<usize> = (0..self.amps.num_chunks()).filter(|c| c & mask == 0).collect();
            let parts = par::map(bases.len(), |i| {
                let chunks: Vec<&[Tile<T>]> = (0..1_usize << group.len())
                    .map(|k| {
                        let c = group
                            .iter()
                            .enumerate()
                            .fold(bases[i], |c, (j, b)| c | (k >> j & 1) << b);
                        self.amps.chunk(c)
                    })
                    .collect();
                vectorized(|| coherence_between(&chunks, group.len()))
            });
            for part in parts {
                sums[from..].iter_mut().zip(part).for_each(|(sum, x)| *sum = sum.plus(x));
            }
        }
        let of = |s: &Coherence| {
            // Normalized, so that rounding never makes a vector longer than it is.
            let norm = s.zero + s.one;
            [2.0 * s.re / norm, 2.0 * s.im / norm, (s.zero - s.one) / norm]
        };
        Ok((0..u32::MAX)
            .take(self.num_qubits())
            .map(|q| self.layout.position(Qubit(q)).map_or([0.0, 0.0, 1.0], |b| of(&sums[b])))
            .collect())
    }

    /// The `count` largest amplitudes, largest first; equal ones by index. Zeros are left out.
    pub fn largest(
        &self,
        count: usize,
        control: &RunControl,
    ) -> Result<Vec<(u64, Complex64)>, SimError> {
        let map = self.layout.logical_map();
        let chunk_bits = self.amps.chunk_bits();
        // Squares are not negative, so that their bits order them.
        let best = |items: &mut dyn Iterator<Item = (u64, Reverse<u64>)>| {
            let mut heap = BinaryHeap::new();
            for item in items {
                if heap.len() < count {
                    heap.push(Reverse(item));
                } else if heap.peek().is_some_and(|least: &Reverse<_>| item > least.0) {
                    heap.pop();
                    heap.push(Reverse(item));
                }
            }
            heap.into_iter().map(|r| r.0).collect::<Vec<_>>()
        };
        let mut kept: Vec<(u64, Reverse<u64>)> = Vec::new();
        let chunks = self.amps.num_chunks();
        for from in (0..chunks).step_by(64) {
            control.check()?;
            let parts = par::map(64.min(chunks - from), |c| {
                let c = from + c;
                let base = (c as u64) << chunk_bits;
                best(&mut (0_u64..).zip(self.amps.chunk(c)).flat_map(|(t, tile)| {
                    let map = &map;
                    (0..LANES).filter_map(move |l| {
                        let p = wide(tile.get(l)).norm_sqr();
                        (p > 0.0).then(|| {
                            (p.to_bits(), Reverse(map.apply(base | t << LANE_BITS | l as u64)))
                        })
                    })
                }))
            });
            kept = best(&mut kept.into_iter().chain(parts.into_iter().flatten()));
        }
        kept.sort_unstable_by(|a, b| b.cmp(a));
        Ok(kept.into_iter().map(|(_, Reverse(i))| (i, self.amplitude(i))).collect())
    }

    /// The state of some qubits with all others traced out. The first qubit is the low bit of the
    /// matrix index. At most [`MAX_REDUCED_QUBITS`].
    pub fn reduced_density_matrix(
        &self,
        qubits: &[Qubit],
        control: &RunControl,
    ) -> Result<Matrix, SimError> {
        let k = qubits.len();
        if k > MAX_REDUCED_QUBITS {
            return Err(SimError::TooManyQubits {
                what: "reduced density matrix",
                asked: k,
                max: MAX_REDUCED_QUBITS,
            });
        }
        // Bits of the qubits that have one, with their place in the matrix index.
        let mut kept: Vec<(usize, usize)> = Vec::new();
        for (i, &q) in qubits.iter().enumerate() {
            if qubits[..i].contains(&q) {
                return Err(SimError::RepeatedQubit { qubit: q });
            }
            if let Some(bit) = self.bit(q)? {
                kept.push((bit, i));
            }
        }
        let dim = 1_usize << kept.len();
        let fixed: u64 = kept.iter().map(|(b, _)| 1 << b).sum();
        let offsets: Vec<u64> = (0..dim)
            .map(|i| kept.iter().enumerate().map(|(j, (b, _))| (i as u64 >> j & 1) << b).sum())
            .collect();
        let rest: Vec<usize> = (0..self.amps.bits()).filter(|b| fixed >> b & 1 == 0).collect();
        // A fixed number of pieces, few enough for their matrices to be small.
        let piece_bits = rest.len().min(if kept.len() <= 6 { 6 } else { 1 });
        let each = 1_u64 << (rest.len() - piece_bits);
        let parts = par::map(1 << piece_bits, |piece| -> Result<Vec<Complex64>, SimError> {
            let mut sum = vec![Complex64::new(0.0, 0.0); dim * dim];
            let mut a = vec![Complex64::new(0.0, 0.0); dim];
            for j in 0..each {
                if j % 4096 == 0 {
                    control.check()?;
                }
                let e = piece as u64 * each + j;
                let base: u64 = rest.iter().enumerate().map(|(i, b)| (e >> i & 1) << b).sum();
                for (z, offset) in a.iter_mut().zip(&offsets) {
                    *z = wide(self.amps.get(base | offset));
                }
                for (row, x) in sum.chunks_exact_mut(dim).zip(&a) {
                    for (entry, y) in row.iter_mut().zip(&a) {
                        *entry += x * y.conj();
                    }
                }
            }
            Ok(sum)
        });
        let mut small = vec![Complex64::new(0.0, 0.0); dim * dim];
        for part in parts {
            small.iter_mut().zip(part?).for_each(|(s, x)| *s += x);
        }
        let mut out = Matrix::zero(1 << k);
        let full = |i: usize| -> usize {
            kept.iter().enumerate().map(|(j, (_, at))| (i >> j & 1) << at).sum()
        };
        for r in 0..dim {
            for c in 0..dim {
                out.set(full(r), full(c), small[r * dim + c]);
            }
        }
        Ok(out)
    }

    /// Von Neumann entropy of some qubits, in bits: how entangled they are with the others. The
    /// smaller side of the cut may have up to [`MAX_ENTROPY_QUBITS`] qubits.
    pub fn entropy(&self, qubits: &[Qubit], control: &RunControl) -> Result<f64, SimError> {
        let mut inside = Vec::new();
        for &q in qubits {
            if self.bit(q)?.is_some() {
                inside.push(q);
            }
        }
        let outside: Vec<Qubit> = (0..u32::MAX)
            .take(self.num_qubits())
            .map(Qubit)
            .filter(|q| self.layout.position(*q).is_some() && !inside.contains(q))
            .collect();
        // Both sides of a pure state have the same entropy.
        let side = if inside.len() <= outside.len() { inside } else { outside };
        if side.len() > MAX_ENTROPY_QUBITS {
            return Err(SimError::TooManyQubits {
                what: "entropy of a cut",
                asked: side.len(),
                max: MAX_ENTROPY_QUBITS,
            });
        }
        let rho = self.reduced_density_matrix(&side, control)?;
        let values = eigenvalues(&rho);
        let trace: f64 = values.iter().sum();
        let entropy = -values
            .iter()
            .map(|p| p / trace)
            .filter(|p| *p > 0.0)
            .map(|p| p * libm::log2(p))
            .sum::<f64>();
        Ok(entropy.max(0.0))
    }

    /// `⟨self|other⟩`.
    pub fn inner_product(&self, other: &Self, control: &RunControl) -> Result<Complex64, SimError> {
        if self.num_qubits() != other.num_qubits() {
            return Err(SimError::OtherWidth {
                left: self.num_qubits(),
                right: other.num_qubits(),
            });
        }
        control.check()?;
        let map = self.layout.logical_map();
        let chunk_bits = self.amps.chunk_bits();
        let same = self.layout == other.layout && chunk_bits == other.amps.chunk_bits();
        let parts = par::map(self.amps.num_chunks(), |c| -> Result<[f64; 2], SimError> {
            control.check()?;
            let tiles = self.amps.chunk(c);
            let (mut re, mut im) = ([0.0; LANES], [0.0; LANES]);
            let base = (c as u64) << chunk_bits;
            for (t, a) in (0_u64..).zip(tiles) {
                let mut b = Tile::<f64>::ZERO;
                if same {
                    let tile = other.amps.tile(place(base | t << LANE_BITS).0);
                    b = Tile { re: tile.re.map(Real::to_f64), im: tile.im.map(Real::to_f64) };
                } else {
                    for l in 0..LANES {
                        b.set(l, other.amplitude(map.apply(base | t << LANE_BITS | l as u64)));
                    }
                }
                for l in 0..LANES {
                    let (ar, ai) = (a.re[l].to_f64(), a.im[l].to_f64());
                    re[l] += ar * b.re[l] + ai * b.im[l];
                    im[l] += ar * b.im[l] - ai * b.re[l];
                }
            }
            Ok([re.iter().sum(), im.iter().sum()])
        });
        let mut sum = Complex64::new(0.0, 0.0);
        for part in parts {
            let [re, im] = part?;
            sum += Complex64::new(re, im);
        }
        Ok(sum)
    }

    /// `|⟨self|other⟩|²`.
    pub fn fidelity(&self, other: &Self, control: &RunControl) -> Result<f64, SimError> {
        Ok(self.inner_product(other, control)?.norm_sqr())
    }
}

#[inline(always)]
fn sum_lanes(x: [f64; LANES]) -> f64 {
    x.iter().sum()
}

/// Coherence of a bit within a chunk.
#[inline(always)]
fn coherence_within<T: Real>(tiles: &[Tile<T>], bit: usize) -> Coherence {
    if bit < LANE_BITS {
        return match bit {
            0 => coherence_lanes::<T, 1>(tiles),
            1 => coherence_lanes::<T, 2>(tiles),
            _ => coherence_lanes::<T, 4>(tiles),
        };
    }
    let mut sum = Sums::default();
    let step = 1 << (bit - LANE_BITS);
    for block in tiles.chunks_exact(2 * step) {
        let (zeros, ones) = block.split_at(step);
        for (a, b) in zeros.iter().zip(ones) {
            sum.add(a, b);
        }
    }
    sum.total()
}

#[derive(Default)]
struct Sums {
    re: [f64; LANES],
    im: [f64; LANES],
    zero: [f64; LANES],
    one: [f64; LANES],
}

impl Sums {
    #[inline(always)]
    fn add<T: Real>(&mut self, a: &Tile<T>, b: &Tile<T>) {
        for l in 0..LANES {
            let (ar, ai) = (a.re[l].to_f64(), a.im[l].to_f64());
            let (br, bi) = (b.re[l].to_f64(), b.im[l].to_f64());
            self.re[l] += ar * br + ai * bi;
            self.im[l] += ar * bi - ai * br;
            self.zero[l] += ar * ar + ai * ai;
            self.one[l] += br * br + bi * bi;
        }
    }

    #[inline(always)]
    fn total(self) -> Coherence {
        Coherence {
            re: sum_lanes(self.re),
            im: sum_lanes(self.im),
            zero: sum_lanes(self.zero),
            one: sum_lanes(self.one),
        }
    }
}

/// Coherence of the lane bit `X`.
#[inline(always)]
fn coherence_lanes<T: Real, const X: usize>(tiles: &[Tile<T>]) -> Coherence {
    // All lanes are summed, each with its partner; afterwards those without the bit count.
    let (mut re, mut im, mut weight) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for a in tiles {
        for l in 0..LANES {
            let (ar, ai) = (a.re[l].to_f64(), a.im[l].to_f64());
            let (br, bi) = (a.re[l ^ X].to_f64(), a.im[l ^ X].to_f64());
            re[l] += ar * br + ai * bi;
            im[l] += ar * bi - ai * br;
            weight[l] += ar * ar + ai * ai;
        }
    }
    let pick = |x: &[f64; LANES], on: usize| -> f64 {
        (0..LANES).filter(|l| l & X == on).map(|l| x[l]).sum()
    };
    Coherence { re: pick(&re, 0), im: pick(&im, 0), zero: pick(&weight, 0), one: pick(&weight, X) }
}

/// Coherences of the `count` bits that tell `chunks` apart.
#[inline(always)]
fn coherence_between<T: Real>(chunks: &[&[Tile<T>]], count: usize) -> Vec<Coherence> {
    (0..count)
        .map(|j| {
            let mut sum = Coherence::default();
            for k in (0..chunks.len()).filter(|k| k >> j & 1 == 0) {
                let mut pair = Sums::default();
                for (a, b) in chunks[k].iter().zip(chunks[k | 1 << j]) {
                    pair.add(a, b);
                }
                sum = sum.plus(pair.total());
            }
            sum
        })
        .collect()
}

/// Eigenvalues of a Hermitian matrix, in no particular order, by cyclic Jacobi rotations.
fn eigenvalues(m: &Matrix) -> Vec<f64> {
    const SWEEPS: usize = 60;
    let d = m.dim();
    let mut a: Vec<Complex64> = m.entries().to_vec();
    for _ in 0..SWEEPS {
        let off: f64 = (0..d)
            .flat_map(|r| (0..r).map(move |c| (r, c)))
            .map(|(r, c)| a[r * d + c].norm_sqr())
            .sum();
        if off < 1e-30 {
            break;
        }
        for p in 0..d {
            for q in p + 1..d {
                rotate(&mut a, d, p, q);
            }
        }
    }
    (0..d).map(|i| a[i * d + i].re).collect()
}

/// Makes entry `(p, q)` of a Hermitian matrix 0.
fn rotate(a: &mut [Complex64], d: usize, p: usize, q: usize) {
    let apq = a[p * d + q];
    let size = apq.norm_sqr().sqrt();
    if size < 1e-300 {
        return;
    }
    // With the phase of the entry taken out, the rotation is that of a real symmetric matrix.
    let phase = apq / size;
    let theta = (a[q * d + q].re - a[p * d + p].re) / (2.0 * size);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for k in 0..d {
        let (x, y) = (a[k * d + p], a[k * d + q] * phase.conj());
        a[k * d + p] = x * c - y * s;
        a[k * d + q] = (x * s + y * c) * phase;
    }
    for k in 0..d {
        let (x, y) = (a[p * d + k], a[q * d + k] * phase);
        a[p * d + k] = x * c - y * s;
        a[q * d + k] = (x * s + y * c) * phase.conj();
    }
}
