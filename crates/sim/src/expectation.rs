//! Expectation values and variances of observables.
//!
//! With `x` and `z` the bits where a Pauli string flips and signs, and `y = |x & z|`,
//!
//! ```text
//! ⟨P⟩ = i^y Σ_j (-1)^{|j & z|} conj(a[j ^ x]) a[j]
//! ```
//!
//! Strings that flip the same bits share the products, whatever they sign; strings that flip others
//! share passes over the memory as far as the cache goes: see [`Visit`]. Sums are taken in double precision for both widths of amplitudes.

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
        let (groups, names): (Vec<Group>, Vec<Vec<Masks>>) = groups.into_values().unzip();
        let mut sums: Vec<Vec<f64>> = groups.iter().map(|g| vec![0.0; g.signs.len()]).collect();
        let piece_bits = PIECE_BITS.min(self.amps.chunk_bits());
        let far_bits = self.amps.bits().saturating_sub(piece_bits);
        for visit in visits(groups.iter().map(|g| g.flips >> piece_bits), far_bits) {
            self.visit(&groups, &visit, &mut sums, control)?;
        }
        for ((group, names), sums) in groups.iter().zip(names).zip(&sums) {
            for ((masks, z), sum) in names.into_iter().zip(&group.signs).zip(sums) {
                // i^y times the sum; its real part was taken for even y, its imaginary one for odd.
                let y = (group.flips & z).count_ones() % 4;
                let sign = if matches!(y, 1 | 2) { -1.0 } else { 1.0 };
                values.insert(masks, sum * if group.half() { 2.0 * sign } else { sign });
            }
        }
        Ok(values)
    }

    /// Adds what one pass over the vector gives for its groups.
    fn visit(
        &self,
        groups: &[Group],
        visit: &Visit,
        sums: &mut [Vec<f64>],
        control: &RunControl,
    ) -> Result<(), SimError> {
        /// Cosets at a time, between two looks at the control.
        const WAVE: usize = 256;
        let piece_bits = PIECE_BITS.min(self.amps.chunk_bits());
        let combinations = visit.combinations();
        let count = visit.num_cosets();
        for from in (0..count).step_by(WAVE) {
            control.check()?;
            let parts = par::map(WAVE.min(count - from), |i| {
                let first = visit.coset(from + i);
                let mut lanes = Vec::with_capacity(visit.members.len());
                for &member in &visit.members {
                    let group = &groups[member];
                    let mut sums = vec![[0.0; LANES]; group.signs.len()];
                    for combination in &combinations {
                        self.pair(group, first ^ combination, piece_bits, &mut sums);
                    }
                    lanes.push(sums);
                }
                lanes
            });
            for (&member, lanes) in parts.iter().flat_map(|part| visit.members.iter().zip(part)) {
                let strings = sums[member].iter_mut().zip(&groups[member].signs);
                for ((sum, z), lanes) in strings.zip(lanes) {
                    let lane_signs = z % LANES as u64;
                    for (l, x) in (0_u64..).zip(lanes) {
                        *sum += if (l & lane_signs).count_ones() % 2 == 1 { -x } else { *x };
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds the share of piece `p` and of the one that the flips lead to.
    fn pair(&self, group: &Group, p: u64, piece_bits: usize, sums: &mut [[f64; LANES]]) {
        let half = group.half();
        let top = if half { 1_u64 << group.flips.ilog2() } else { 0 };
        let base = p << piece_bits;
        if base & top != 0 {
            return;
        }
        let within = (1 << piece_bits) - 1;
        let pass = Pass {
            own: self.piece(p, piece_bits),
            other: self.piece(p ^ group.flips >> piece_bits, piece_bits),
            near: place((group.flips & within) >> LANE_BITS),
            skip: place((top & within) >> LANE_BITS),
            base,
            group,
        };
        vectorized(|| match group.flips % LANES as u64 {
            0 if !half => pass.diagonal(sums),
            0 => pass.flipping::<0>(sums),
            1 => pass.flipping::<1>(sums),
            2 => pass.flipping::<2>(sums),
            3 => pass.flipping::<3>(sums),
            4 => pass.flipping::<4>(sums),
            5 => pass.flipping::<5>(sums),
            6 => pass.flipping::<6>(sums),
            _ => pass.flipping::<7>(sums),
        });
    }

    /// Piece `p` of the vector, `2^bits` amplitudes.
    fn piece(&self, p: u64, bits: usize) -> &[Tile<T>] {
        let per = self.amps.chunk_bits() - bits;
        let len = 1 << (bits - LANE_BITS);
        let from = place(p & ((1 << per) - 1)) * len;
        &self.amps.chunk(place(p >> per))[from..from + len]
    }
}

/// Bits of the pieces that a pass over the vector is made of: 32 KiB of `f64`.
const PIECE_BITS: usize = 11;

/// Pieces that stay in the second-level cache together, as a power of two: 512 KiB of `f64`.
const TOGETHER: usize = 4;

/// A pass over the vector for some groups. What their flips do to the number of a piece spans a small
/// space; the pieces of one coset of it lead to each other alone and are read from memory once for all
/// of the groups.
struct Visit {
    members: Vec<usize>,
    /// Each has a highest bit of its own, which no other has.
    basis: Vec<u64>,
    far_bits: usize,
}

impl Visit {
    /// What is left of `flips` in terms of the basis.
    fn rest(&self, flips: u64) -> u64 {
        self.basis.iter().fold(flips, |f, b| if f >> b.ilog2() & 1 == 1 { f ^ b } else { f })
    }

    /// Whether the basis spans `flips`, enlarged if there is room.
    fn spans(&mut self, flips: u64) -> bool {
        let rest = self.rest(flips);
        if rest == 0 {
            return true;
        }
        if self.basis.len() == TOGETHER {
            return false;
        }
        for b in &mut self.basis {
            if *b >> rest.ilog2() & 1 == 1 {
                *b ^= rest;
            }
        }
        self.basis.push(rest);
        true
    }

    fn num_cosets(&self) -> usize {
        1 << (self.far_bits - self.basis.len())
    }

    /// A member of coset `i`: the one without any of the highest bits.
    fn coset(&self, i: usize) -> u64 {
        let taken = self.basis.iter().fold(0_u64, |mask, b| mask | 1 << b.ilog2());
        let free = (0..self.far_bits).filter(|b| taken >> b & 1 == 0);
        free.enumerate().fold(0, |out, (k, b)| out | (i as u64 >> k & 1) << b)
    }

    /// What leads from one member of a coset to all of them.
    fn combinations(&self) -> Vec<u64> {
        self.basis.iter().fold(vec![0], |mut all, b| {
            all.extend_from_within(..);
            let half = all.len() / 2;
            all[half..].iter_mut().for_each(|c| *c ^= b);
            all
        })
    }
}

/// Few passes that serve all groups, given what each flips in the number of a piece: a pass takes what
/// its space spans, in order.
fn visits(flips: impl Iterator<Item = u64>, far_bits: usize) -> Vec<Visit> {
    let mut left: Vec<(usize, u64)> = flips.enumerate().collect();
    let mut visits = Vec::new();
    while !left.is_empty() {
        let mut visit = Visit { members: Vec::new(), basis: Vec::new(), far_bits };
        for &(_, flips) in &left {
            visit.spans(flips);
        }
        left.retain(|&(group, flips)| {
            let outside = visit.rest(flips) != 0;
            if !outside {
                visit.members.push(group);
            }
            outside
        });
        // Pieces enough for a thread to work on.
        for b in 0..far_bits {
            visit.spans(1 << b);
        }
        visits.push(visit);
    }
    visits
}

impl Group {
    /// Where flips reach beyond the tile, `j` and `j ^ x` give the same real part: one is taken.
    fn half(&self) -> bool {
        self.flips >> LANE_BITS != 0
    }
}

/// One piece's share of a group.
struct Pass<'a, T> {
    own: &'a [Tile<T>],
    /// The piece that the flips lead to, and the flips of the tile's index.
    other: &'a [Tile<T>],
    near: usize,
    /// Tiles with this bit are not visited.
    skip: usize,
    base: u64,
    group: &'a Group,
}

/// Tiles of a piece at most.
const TILES: usize = 1 << (PIECE_BITS - LANE_BITS);

/// For each index of a tile, the sign bit where it has an odd number of ones.
const ODD: [u64; TILES] = {
    let mut signs = [0; TILES];
    let mut i = 0;
    while i < TILES {
        signs[i] = ((i.count_ones() % 2) as u64) << 63;
        i += 1;
    }
    signs
};

impl<T: Real> Pass<'_, T> {
    /// Adds to sums per string and lane, without the signs that lie in the lanes.
    #[inline(always)]
    fn diagonal(&self, sums: &mut [[f64; LANES]]) {
        if let ([z], [sum]) = (&self.group.signs[..], &mut *sums) {
            let signs = self.signs(*z);
            for (t, tile) in self.own.iter().enumerate() {
                add(sum, &weight(tile), signs.of(t));
            }
            return;
        }
        for (t, tile) in self.own.iter().enumerate() {
            let p = weight(tile);
            for (sum, z) in sums.iter_mut().zip(&self.group.signs) {
                add(sum, &p, self.signs(*z).of(t));
            }
        }
    }

    #[inline(always)]
    fn flipping<const X: usize>(&self, sums: &mut [[f64; LANES]]) {
        if let ([z], [sum]) = (&self.group.signs[..], &mut *sums) {
            let signs = self.signs(*z);
            if (self.group.flips & z).count_ones() % 2 == 1 {
                self.each(|t, a, b| add(sum, &imaginary::<T, X>(a, b), signs.of(t)));
            } else {
                self.each(|t, a, b| add(sum, &real::<T, X>(a, b), signs.of(t)));
            }
            return;
        }
        self.each(|t, a, b| {
            let (re, im) = (real::<T, X>(a, b), imaginary::<T, X>(a, b));
            for (sum, z) in sums.iter_mut().zip(&self.group.signs) {
                let odd = (self.group.flips & z).count_ones() % 2 == 1;
                add(sum, if odd { &im } else { &re }, self.signs(*z).of(t));
            }
        });
    }

    /// Calls `f` with the number of each tile to visit, the tile, and the one that the flips lead to.
    #[inline(always)]
    fn each(&self, mut f: impl FnMut(usize, &Tile<T>, &Tile<T>)) {
        if self.skip == 0 {
            for (t, a) in self.own.iter().enumerate() {
                f(t, a, &self.other[t ^ self.near]);
            }
            return;
        }
        for run in (0..self.own.len()).step_by(2 * self.skip) {
            for t in run..run + self.skip {
                f(t, &self.own[t], &self.other[t ^ self.near]);
            }
        }
    }

    fn signs(&self, z: u64) -> Signs {
        Signs {
            base: u64::from((self.base & z).count_ones() % 2) << 63,
            tiles: place(z >> LANE_BITS) & (TILES - 1),
        }
    }
}

/// The signs of a string on the tiles of a piece.
#[derive(Clone, Copy)]
struct Signs {
    base: u64,
    tiles: usize,
}

impl Signs {
    /// The sign bit for tile `t`.
    #[inline(always)]
    fn of(self, t: usize) -> u64 {
        self.base ^ ODD[t & self.tiles]
    }
}

#[inline(always)]
fn weight<T: Real>(tile: &Tile<T>) -> [f64; LANES] {
    let mut p = [0.0; LANES];
    for l in 0..LANES {
        let (re, im) = (tile.re[l].to_f64(), tile.im[l].to_f64());
        p[l] = re * re + im * im;
    }
    p
}

/// Real parts of `conj(b) a`, the lanes of `b` flipped.
#[inline(always)]
fn real<T: Real, const X: usize>(a: &Tile<T>, b: &Tile<T>) -> [f64; LANES] {
    let mut p = [0.0; LANES];
    for l in 0..LANES {
        p[l] = b.re[l ^ X].to_f64() * a.re[l].to_f64() + b.im[l ^ X].to_f64() * a.im[l].to_f64();
    }
    p
}

/// Imaginary parts of the same.
#[inline(always)]
fn imaginary<T: Real, const X: usize>(a: &Tile<T>, b: &Tile<T>) -> [f64; LANES] {
    let mut p = [0.0; LANES];
    for l in 0..LANES {
        p[l] = b.re[l ^ X].to_f64() * a.im[l].to_f64() - b.im[l ^ X].to_f64() * a.re[l].to_f64();
    }
    p
}

/// Adds `x` with its signs turned where `sign` is the sign bit.
#[inline(always)]
fn add(sum: &mut [f64; LANES], x: &[f64; LANES], sign: u64) {
    for l in 0..LANES {
        sum[l] += f64::from_bits(x[l].to_bits() ^ sign);
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
