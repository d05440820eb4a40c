//! The coefficients of a density matrix in the Pauli basis, and linear maps on few of its digits.
//!
//! `4^n` real numbers; digit `d` of an index, 0 to 3 for I, X, Y, Z, says which Pauli stands on wire
//! `d`. Numbers lie in segments of at most `2^20`, as amplitudes do. As for amplitudes, maps on the
//! digits of a window run block by block in the cache. Each output is the sum over the entries of its
//! row in ascending order of columns, whatever the instruction set.

use smallvec::SmallVec;

use super::simd::vectorized;
use crate::limits::try_vec;
use crate::progress::Stop;
use crate::{Real, SimError, par};

/// Digits that choose the place within a segment.
pub(crate) const SEGMENT_DIGITS: usize = 10;
/// Numbers that are worked on side by side.
const WIDTH: usize = 8;

/// A real matrix on the digits of `k` wires, most of its entries 0. The first digit is the low one
/// of its index.
#[derive(Debug, Clone)]
pub(crate) struct Map {
    pub(crate) digits: SmallVec<[u8; 3]>,
    /// Entries of row `r` are `starts[r]..starts[r + 1]`.
    starts: Vec<u32>,
    entries: Vec<(u8, f64)>,
}

/// Entries up to this are what rounding leaves of 0.
const NOTHING: f64 = 1.2e-16;

impl Map {
    /// From a row-major matrix of `4^k` rows.
    pub(crate) fn new(digits: &[u8], matrix: &[f64]) -> Self {
        let n = 1_usize << (2 * digits.len());
        let rows = matrix.chunks_exact(n).map(|row| {
            (0_u8..=u8::MAX).zip(row.iter().copied()).filter(|(_, x)| x.abs() > NOTHING)
        });
        Self::from_rows(SmallVec::from_slice(digits), rows)
    }

    fn from_rows(
        digits: SmallVec<[u8; 3]>,
        rows: impl Iterator<Item = impl Iterator<Item = (u8, f64)>>,
    ) -> Self {
        let (mut starts, mut entries) = (vec![0], Vec::new());
        for row in rows {
            entries.extend(row);
            starts.push(u32::try_from(entries.len()).unwrap_or(u32::MAX));
        }
        Self { digits, starts, entries }
    }

    /// Number of entries that are not 0.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    fn row(&self, r: usize) -> &[(u8, f64)] {
        &self.entries[self.starts[r] as usize..self.starts[r + 1] as usize]
    }

    fn dim(&self) -> usize {
        self.starts.len() - 1
    }

    /// `self · before`, both on the same digits in the same order.
    pub(crate) fn after(&self, before: &Self) -> Self {
        debug_assert_eq!(self.digits, before.digits);
        let n = self.dim();
        let mut sum = vec![0.0; n];
        let rows = (0..n).map(|r| {
            sum.fill(0.0);
            for &(m, a) in self.row(r) {
                for &(c, b) in before.row(usize::from(m)) {
                    sum[usize::from(c)] += a * b;
                }
            }
            let kept: SmallVec<[(u8, f64); 16]> = (0_u8..=u8::MAX)
                .zip(sum.iter().copied())
                .filter(|(_, x)| x.abs() > NOTHING)
                .collect();
            kept.into_iter()
        });
        Self::from_rows(self.digits.clone(), rows)
    }

    /// A map of one digit as one of several: the identity on the others.
    pub(crate) fn widened(digits: &[u8], digit: u8, one: &[f64; 16]) -> Self {
        let at = digits.iter().position(|&d| d == digit).unwrap_or(0);
        let n = 1_usize << (2 * digits.len());
        let rows = (0..n).map(|r| {
            let d = r >> (2 * at) & 3;
            (0..4).filter_map(move |e| {
                let x = one[4 * d + e];
                let c = u8::try_from(r & !(3 << (2 * at)) | e << (2 * at)).unwrap_or(0);
                (x.abs() > NOTHING).then_some((c, x))
            })
        });
        Self::from_rows(SmallVec::from_slice(digits), rows)
    }

    pub(crate) fn mask(&self) -> u64 {
        self.digits.iter().map(|d| 1 << d).sum()
    }
}

/// A map on the digits of a block, its entries of the vector's width.
struct Local<T> {
    /// Digits within the block, ascending.
    at: SmallVec<[usize; 3]>,
    /// Where the number of column or row `c` lies, from where that of 0 lies.
    offsets: Vec<usize>,
    starts: Vec<u32>,
    entries: Vec<(u8, T)>,
}

impl<T: Real> Local<T> {
    fn new(map: &Map, window: &[u8]) -> Self {
        let place = |d: u8| window.iter().position(|&w| w == d).unwrap_or(0);
        let places: SmallVec<[usize; 3]> = map.digits.iter().map(|&d| place(d)).collect();
        let offsets = (0..map.dim())
            .map(|c| places.iter().enumerate().map(|(k, p)| (c >> (2 * k) & 3) << (2 * p)).sum())
            .collect();
        let mut at = places;
        at.sort_unstable();
        let entries = map.entries.iter().map(|&(c, x)| (c, T::from_f64(x))).collect();
        Self { at, offsets, starts: map.starts.clone(), entries }
    }

    #[inline(always)]
    fn run(&self, block: &mut [T]) {
        match self.at.len() {
            1 => self.run_dim::<4>(block),
            2 => self.run_dim::<16>(block),
            _ => self.run_dim::<64>(block),
        }
    }

    /// The `e`-th index whose digits of the map are 0.
    #[inline(always)]
    fn base(&self, e: usize) -> usize {
        self.at.iter().fold(e, |i, p| {
            let low = (1_usize << (2 * p)) - 1;
            (i & !low) << 2 | i & low
        })
    }

    #[inline(always)]
    fn run_dim<const D: usize>(&self, block: &mut [T]) {
        let count = block.len() / D;
        // Runs of at least 16 numbers, or numbers that lie apart.
        let contiguous = self.at[0] >= 2;
        let width = WIDTH.min(count);
        let mut x = [[T::ZERO; WIDTH]; D];
        let mut e = 0;
        while e < count {
            if contiguous {
                let base = self.base(e);
                for (x, offset) in x.iter_mut().zip(&self.offsets) {
                    x.copy_from_slice(&block[base + offset..base + offset + WIDTH]);
                }
                for r in 0..D {
                    let sum = self.row_sum(&x, r);
                    let to = base + self.offsets[r];
                    block[to..to + WIDTH].copy_from_slice(&sum);
                }
            } else {
                let mut bases = [0; WIDTH];
                for (l, base) in bases.iter_mut().enumerate().take(width) {
                    *base = self.base(e + l);
                }
                for (x, offset) in x.iter_mut().zip(&self.offsets) {
                    for l in 0..width {
                        x[l] = block[bases[l] + offset];
                    }
                }
                for r in 0..D {
                    let sum = self.row_sum(&x, r);
                    for l in 0..width {
                        block[bases[l] + self.offsets[r]] = sum[l];
                    }
                }
            }
            e += WIDTH;
        }
    }

    #[inline(always)]
    fn row_sum<const D: usize>(&self, x: &[[T; WIDTH]; D], r: usize) -> [T; WIDTH] {
        let mut sum = [T::ZERO; WIDTH];
        for &(c, a) in &self.entries[self.starts[r] as usize..self.starts[r + 1] as usize] {
            let from = &x[usize::from(c) & (D - 1)];
            for l in 0..WIDTH {
                sum[l] += a * from[l];
            }
        }
        sum
    }
}

/// `4^digits` real numbers.
pub(crate) struct PauliVector<T> {
    /// Each of `4^min(digits, segment_digits)` numbers.
    segments: Vec<Vec<T>>,
    digits: usize,
    segment_digits: usize,
}

/// Start of each segment; blocks are disjoint, and each is given to one thread.
struct Shared<T> {
    starts: Vec<*mut T>,
    segment_len: usize,
}

// SAFETY: the pointers are to memory that a `PauliVector` lends exclusively while a stage runs;
// threads use disjoint blocks of it.
unsafe impl<T: Send> Sync for Shared<T> {}

impl<T> Shared<T> {
    fn at(&self, index: usize) -> *mut T {
        // SAFETY: the remainder is below the segment's length; a bad segment would panic.
        unsafe { self.starts[index / self.segment_len].add(index % self.segment_len) }
    }
}

impl<T: Real> PauliVector<T> {
    /// One number, 1.
    pub(crate) fn one(segment_digits: usize) -> Self {
        Self { segments: vec![vec![T::ONE]], digits: 0, segment_digits }
    }

    pub(crate) fn digits(&self) -> usize {
        self.digits
    }

    /// One more digit, the highest: the tensor product with `p`.
    pub(crate) fn grow(&mut self, p: &[f64; 4]) -> Result<(), SimError> {
        let p = p.map(T::from_f64);
        if self.digits < self.segment_digits {
            let old = self.segments[0].len();
            let mut larger = try_vec(4 * old)?;
            for f in p {
                larger.extend(self.segments[0].iter().map(|&x| f * x));
            }
            self.segments[0] = larger;
        } else {
            let old = self.segments.len();
            self.segments.try_reserve_exact(3 * old).map_err(|_| SimError::OutOfMemory {
                needed_bytes: (3 * old * size_of::<Vec<T>>()) as u64,
            })?;
            for f in &p[1..] {
                for s in 0..old {
                    let mut copy = try_vec(self.segments[s].len())?;
                    copy.extend(self.segments[s].iter().map(|&x| *f * x));
                    self.segments.push(copy);
                }
            }
            for x in self.segments[..old].iter_mut().flatten() {
                *x = p[0] * *x;
            }
        }
        self.digits += 1;
        Ok(())
    }

    pub(crate) fn try_clone(&self) -> Result<Self, SimError> {
        let mut segments = try_vec(self.segments.len())?;
        for s in &self.segments {
            let mut copy = try_vec(s.len())?;
            copy.extend_from_slice(s);
            segments.push(copy);
        }
        Ok(Self { segments, digits: self.digits, segment_digits: self.segment_digits })
    }

    pub(crate) fn get(&self, index: usize) -> T {
        let per = self.segments[0].len();
        self.segments[index / per][index % per]
    }

    pub(crate) fn set(&mut self, index: usize, x: T) {
        let per = self.segments[0].len();
        self.segments[index / per][index % per] = x;
    }

    /// `self += other`, number by number; both of one size.
    pub(crate) fn add(&mut self, other: &Self) {
        debug_assert_eq!(self.digits, other.digits);
        for (a, b) in self.segments.iter_mut().flatten().zip(other.segments.iter().flatten()) {
            *a += *b;
        }
    }

    /// `Σ x²`.
    pub(crate) fn squares(&self) -> f64 {
        let parts = par::map(self.segments.len(), |s| {
            self.segments[s].iter().map(|x| x.to_f64() * x.to_f64()).sum::<f64>()
        });
        parts.iter().sum()
    }

    /// Runs maps one after the other. All their digits are in `window`, which is ascending and
    /// begins with as many of the lowest digits as it can.
    pub(crate) fn run(
        &mut self,
        window: &[u8],
        maps: &[&Map],
        stop: &Stop,
    ) -> Result<(), SimError> {
        let local: Vec<Local<T>> = maps.iter().map(|m| Local::new(m, window)).collect();
        let segment_len = self.segments[0].len();
        let block_len = 1_usize << (2 * window.len());
        let outer: Vec<u8> = (0_u8..).take(self.digits).filter(|d| !window.contains(d)).collect();
        let blocks = 1_usize << (2 * outer.len());
        // Lowest digits in a row: runs that are contiguous in memory.
        let low = (0_u8..).zip(window).take_while(|(i, d)| i == *d).count();
        let run = (1_usize << (2 * low)).min(segment_len);
        let in_place = low == window.len() && block_len <= segment_len;
        let high = &window[run.trailing_zeros() as usize / 2..];
        let spread = |e: usize, digits: &[u8]| -> usize {
            digits.iter().enumerate().map(|(k, d)| (e >> (2 * k) & 3) << (2 * d)).sum()
        };
        let offsets: Vec<usize> = (0..block_len / run).map(|e| spread(e, high)).collect();
        let shared =
            Shared { starts: self.segments.iter_mut().map(Vec::as_mut_ptr).collect(), segment_len };
        let pieces = blocks.min(if blocks == 1 { 1 } else { 8 * par::num_threads() });
        let results = par::map(pieces, |piece| -> Result<(), SimError> {
            let mut scratch: Vec<T> = try_vec(if in_place { 0 } else { block_len })?;
            scratch.resize(if in_place { 0 } else { block_len }, T::ZERO);
            for b in blocks * piece / pieces..blocks * (piece + 1) / pieces {
                stop.check()?;
                let base = spread(b, &outer);
                let block = if in_place {
                    // SAFETY: the block lies within one segment and belongs to this thread alone.
                    unsafe { std::slice::from_raw_parts_mut(shared.at(base), block_len) }
                } else {
                    for (to, offset) in scratch.chunks_exact_mut(run).zip(&offsets) {
                        // SAFETY: a run lies within one segment; the block is this thread's alone.
                        let from =
                            unsafe { std::slice::from_raw_parts(shared.at(base | offset), run) };
                        to.copy_from_slice(from);
                    }
                    &mut scratch[..]
                };
                for part in local.chunks(16) {
                    stop.check()?;
                    vectorized(|| {
                        for map in part {
                            map.run(block);
                        }
                    });
                }
                if !in_place {
                    for (from, offset) in scratch.chunks_exact(run).zip(&offsets) {
                        // SAFETY: as for reading.
                        unsafe { std::slice::from_raw_parts_mut(shared.at(base | offset), run) }
                            .copy_from_slice(from);
                    }
                }
            }
            Ok(())
        });
        crate::progress::first_error(results)
    }
}
