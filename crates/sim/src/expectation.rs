//! Expectation values and variances of observables.
//!
//! With `x` and `z` the bits where a Pauli string flips and signs, and `y = |x & z|`,
//!
//! ```text
//! ⟨P⟩ = i^y Σ_j (-1)^{|j & z|} conj(a[j ^ x]) a[j]
//! ```
//!
//! Strings that flip the same bits share the products and are summed in one pass, whatever they
//! sign. Sums are taken in double precision for both widths of amplitudes.

use std::collections::BTreeMap;

use quantum_info::Observable;

use crate::kernel::simd::vectorized;
use crate::kernel::{LANE_BITS, LANES, Tile};
use crate::{Real, RunControl, SimError, Statevector, par};

/// Mean and variance of an observable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    pub mean: f64,
    /// `⟨O²⟩ - ⟨O⟩²`, not below 0.
    pub variance: f64,
}

/// A Pauli string by what it flips and signs, as masks over bits of the vector.
type Masks = (u64, u64);

/// Strings with the same flips: what they sign, where their weight goes.
struct Group {
    flips: u64,
    signs: Vec<u64>,
}

impl<T: Real> Statevector<T> {
    /// `⟨ψ|O|ψ⟩`.
    pub fn expectation(
        &self,
        observable: &Observable,
        control: &RunControl,
    ) -> Result<f64, SimError> {
        let terms = self.terms(observable)?;
        let values = self.strings(terms.keys().copied(), control)?;
        Ok(terms.iter().map(|(masks, weight)| weight * values[masks]).sum())
    }

    /// The mean of each term, its weight left out.
    pub fn means(
        &self,
        observable: &Observable,
        control: &RunControl,
    ) -> Result<Vec<f64>, SimError> {
        let known = self.terms(observable)?;
        let values = self.strings(known.keys().copied(), control)?;
        Ok(observable.terms.iter().map(|t| values[&t.masks()]).collect())
    }

    /// Mean and variance. The square of an observable of `t` terms has up to `t²/2` strings.
    pub fn moments(
        &self,
        observable: &Observable,
        control: &RunControl,
    ) -> Result<Moments, SimError> {
        let terms = self.terms(observable)?;
        let mut square: BTreeMap<Masks, f64> = BTreeMap::new();
        for (i, (&p, a)) in terms.iter().enumerate() {
            control.check()?;
            for (j, (&q, b)) in terms.iter().enumerate().skip(i) {
                // Strings that anticommute cancel.
                if let Some((masks, sign)) = product(p, q) {
                    let count = if i == j { 1.0 } else { 2.0 };
                    *square.entry(masks).or_default() += count * sign * a * b;
                }
            }
        }
        let all =
            terms.keys().chain(square.keys()).copied().collect::<std::collections::BTreeSet<_>>();
        let values = self.strings(all.into_iter(), control)?;
        let sum =
            |of: &BTreeMap<Masks, f64>| -> f64 { of.iter().map(|(m, w)| w * values[m]).sum() };
        let mean = sum(&terms);
        Ok(Moments { mean, variance: (sum(&square) - mean * mean).max(0.0) })
    }

    /// The observable's strings on bits of the vector; strings that flip a qubit that is |0⟩ by
    /// itself have no mean and are left out, signs on such qubits are 1.
    fn terms(&self, observable: &Observable) -> Result<BTreeMap<Masks, f64>, SimError> {
        let num_qubits = self.num_qubits();
        let mut terms = BTreeMap::new();
        for term in &observable.terms {
            if let Some(&(qubit, _)) = term.paulis.iter().find(|(q, _)| *q as usize >= num_qubits) {
                return Err(SimError::ObservableWidth { qubit, num_qubits });
            }
            let (x, z) = term.masks();
            *terms.entry((x, z)).or_insert(0.0) += term.weight;
        }
        Ok(terms)
    }

    /// The mean of each string, given by masks over qubits.
    fn strings(
        &self,
        strings: impl Iterator<Item = Masks>,
        control: &RunControl,
    ) -> Result<BTreeMap<Masks, f64>, SimError> {
        let mut values = BTreeMap::new();
        let mut groups: BTreeMap<u64, (Group, Vec<Masks>)> = BTreeMap::new();
        for masks in strings {
            let (flips, impossible) = self.layout.physical_mask(masks.0);
            let (signs, _) = self.layout.physical_mask(masks.1);
            if impossible {
                values.insert(masks, 0.0);
                continue;
            }
            let (group, names) = groups
                .entry(flips)
                .or_insert_with(|| (Group { flips, signs: Vec::new() }, Vec::new()));
            group.signs.push(signs);
            names.push(masks);
        }
        for (group, names) in groups.values() {
            for (masks, value) in names.iter().zip(self.group(group, control)?) {
                values.insert(*masks, value);
            }
        }
        Ok(values)
    }

    /// The means of a group's strings.
    fn group(&self, group: &Group, control: &RunControl) -> Result<Vec<f64>, SimError> {
        /// Chunks at a time, between two looks at the control.
        const WAVE: usize = 1024;
        let amps = &self.amps;
        let bits = amps.chunk_bits();
        let far = place(group.flips >> bits);
        let near = place(group.flips & ((1 << bits) - 1)) >> LANE_BITS;
        // Where flips reach beyond the tile, `j` and `j ^ x` give the same real part: take one.
        let half = group.flips >> LANE_BITS != 0;
        let top = if half { 1_u64 << group.flips.ilog2() } else { 0 };
        let imaginary: Vec<bool> =
            group.signs.iter().map(|z| (group.flips & z).count_ones() % 2 == 1).collect();
        let mut sums = vec![0.0; group.signs.len()];
        let chunks = amps.num_chunks();
        for from in (0..chunks).step_by(WAVE) {
            control.check()?;
            let parts = par::map(WAVE.min(chunks - from), |c| {
                let c = from + c;
                let base = (c as u64) << bits;
                if base & top != 0 {
                    return Vec::new();
                }
                let (own, other) = (amps.chunk(c), amps.chunk(c ^ far));
                let pass = Pass {
                    own,
                    other,
                    near,
                    skip: place(top & ((1 << bits) - 1)) >> LANE_BITS,
                    base,
                    signs: &group.signs,
                    imaginary: &imaginary,
                };
                vectorized(|| match group.flips % LANES as u64 {
                    0 if !half => pass.diagonal(),
                    0 => pass.flipping::<0>(),
                    1 => pass.flipping::<1>(),
                    2 => pass.flipping::<2>(),
                    3 => pass.flipping::<3>(),
                    4 => pass.flipping::<4>(),
                    5 => pass.flipping::<5>(),
                    6 => pass.flipping::<6>(),
                    _ => pass.flipping::<7>(),
                })
            });
            for part in parts {
                for ((sum, lanes), z) in sums.iter_mut().zip(part).zip(&group.signs) {
                    let lane_signs = z % LANES as u64;
                    for (l, x) in (0_u64..).zip(lanes) {
                        *sum += if (l & lane_signs).count_ones() % 2 == 1 { -x } else { x };
                    }
                }
            }
        }
        for (sum, z) in sums.iter_mut().zip(&group.signs) {
            // i^y times the sum; its real part was taken for even y, its imaginary one for odd.
            let y = (group.flips & z).count_ones() % 4;
            let sign = if matches!(y, 1 | 2) { -1.0 } else { 1.0 };
            *sum *= if half { 2.0 * sign } else { sign };
        }
        Ok(sums)
    }
}

/// One chunk's share of a group.
struct Pass<'a, T> {
    own: &'a [Tile<T>],
    /// The chunk that the flips lead to, and the flips of the tile's index.
    other: &'a [Tile<T>],
    near: usize,
    /// Tiles with this bit are not visited.
    skip: usize,
    base: u64,
    signs: &'a [u64],
    imaginary: &'a [bool],
}

impl<T: Real> Pass<'_, T> {
    /// Sums per string and lane, without the signs that lie in the lanes.
    #[inline(always)]
    fn diagonal(&self) -> Vec<[f64; LANES]> {
        let mut sums = vec![[0.0; LANES]; self.signs.len()];
        for (t, tile) in self.own.iter().enumerate() {
            let mut p = [0.0; LANES];
            for l in 0..LANES {
                let (re, im) = (tile.re[l].to_f64(), tile.im[l].to_f64());
                p[l] = re * re + im * im;
            }
            let index = self.base | (t as u64) << LANE_BITS;
            for (sum, z) in sums.iter_mut().zip(self.signs) {
                add(sum, &p, (index & z).count_ones() % 2 == 1);
            }
        }
        sums
    }

    #[inline(always)]
    fn flipping<const X: usize>(&self) -> Vec<[f64; LANES]> {
        let mut sums = vec![[0.0; LANES]; self.signs.len()];
        for (t, a) in self.own.iter().enumerate() {
            if t & self.skip != 0 {
                continue;
            }
            let b = &self.other[t ^ self.near];
            let (mut re, mut im) = ([0.0; LANES], [0.0; LANES]);
            for l in 0..LANES {
                let (ar, ai) = (a.re[l].to_f64(), a.im[l].to_f64());
                let (br, bi) = (b.re[l ^ X].to_f64(), b.im[l ^ X].to_f64());
                re[l] = br * ar + bi * ai;
                im[l] = br * ai - bi * ar;
            }
            let index = self.base | (t as u64) << LANE_BITS;
            for ((sum, z), imaginary) in sums.iter_mut().zip(self.signs).zip(self.imaginary) {
                add(sum, if *imaginary { &im } else { &re }, (index & z).count_ones() % 2 == 1);
            }
        }
        sums
    }
}

#[inline(always)]
fn add(sum: &mut [f64; LANES], x: &[f64; LANES], negative: bool) {
    if negative {
        for l in 0..LANES {
            sum[l] -= x[l];
        }
    } else {
        for l in 0..LANES {
            sum[l] += x[l];
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a chunk or tile of memory that exists")]
fn place(index: u64) -> usize {
    index as usize
}

/// The product of two strings with its sign, if they commute.
fn product((x1, z1): Masks, (x2, z2): Masks) -> Option<(Masks, f64)> {
    let (x, z) = (x1 ^ x2, z1 ^ z2);
    // With P = i^y X^x Z^z: moving Z^z1 past X^x2 gives a sign for each common bit.
    let y = (x1 & z1).count_ones() + (x2 & z2).count_ones() + 4 * 64 - (x & z).count_ones();
    let power = (y + 2 * (z1 & x2).count_ones()) % 4;
    match power {
        0 => Some(((x, z), 1.0)),
        2 => Some(((x, z), -1.0)),
        _ => None,
    }
}
