//! Operations on three and more qubits, and wide diagonals: one amplitude at a time.
//!
//! Slower than the other kernels and without conditions on the bits. Groups of `2^k` amplitudes are
//! read, combined and written back.

use std::sync::Arc;

use num_complex::Complex;

use super::Amplitudes;
use super::dense::Block;
use super::local::Window;
use super::memory::place;
use crate::Real;
use crate::plan::op::{Action, Entries, Op};
use crate::real::complex_from_f64;

/// An operation on bits of a block, whose bits are all in the block unless it is diagonal.
pub(crate) struct Generic<T> {
    /// Bits of the block's index that are fixed (targets and controls), and the controls' value.
    fixed: u64,
    value: u64,
    /// What each group index adds to the block's index.
    offsets: Vec<u64>,
    kind: Kind<T>,
}

enum Kind<T> {
    /// Row-major, `2^k` wide.
    Dense(Vec<Complex<T>>),
    Permutation(Arc<[u32]>),
}

fn offsets(bits: &[usize]) -> Vec<u64> {
    (0..1_u64 << bits.len())
        .map(|i| bits.iter().enumerate().map(|(j, b)| (i >> j & 1) << b).sum())
        .collect()
}

impl<T: Real> Generic<T> {
    /// `None` for an operation that has kernels of its own.
    pub(crate) fn new(op: &Op, window: &Window) -> Option<Self> {
        let (bits, kind) = match &op.action {
            Action::Dense { bits, u } => {
                (bits, Kind::Dense(u.entries().iter().map(|&z| complex_from_f64(z)).collect()))
            }
            Action::Permutation { bits, map } => (bits, Kind::Permutation(Arc::clone(map))),
            _ => return None,
        };
        let local: Vec<usize> = bits.iter().map(|&b| window.local(b).unwrap_or(0)).collect();
        let (ctrl, value) = window.local_mask(op.ctrl_mask, op.ctrl_value);
        let fixed = local.iter().fold(ctrl, |m, b| m | 1 << b);
        Some(Self { fixed, value, offsets: offsets(&local), kind })
    }

    /// Applies it to a block of `2^block_bits` amplitudes.
    ///
    /// # Safety
    /// `block.tiles` is good for the block and nobody else uses it meanwhile.
    pub(crate) unsafe fn run(&self, block: Block<T>, block_bits: usize) {
        // SAFETY: the caller's promise; all indices are below `2^block_bits`.
        let tiles = unsafe { std::slice::from_raw_parts_mut(block.tiles, block.count) };
        let mut old = vec![Complex::new(T::ZERO, T::ZERO); self.offsets.len()];
        let mut free = 0_u64;
        while free < 1 << block_bits {
            let base = free | self.value;
            for (z, offset) in old.iter_mut().zip(&self.offsets) {
                let (tile, lane) = place(base | offset);
                *z = tiles[tile].get(lane);
            }
            match &self.kind {
                Kind::Dense(u) => {
                    for (row, offset) in u.chunks_exact(old.len()).zip(&self.offsets) {
                        let mut sum = Complex::new(T::ZERO, T::ZERO);
                        for (c, a) in row.iter().zip(&old) {
                            sum = Complex::new(
                                sum.re + c.re * a.re - c.im * a.im,
                                sum.im + c.re * a.im + c.im * a.re,
                            );
                        }
                        let (tile, lane) = place(base | offset);
                        tiles[tile].set(lane, sum);
                    }
                }
                Kind::Permutation(map) => {
                    for (z, &to) in old.iter().zip(map.iter()) {
                        let (tile, lane) = place(base | self.offsets[to as usize]);
                        tiles[tile].set(lane, *z);
                    }
                }
            }
            free = ((free | self.fixed) + 1) & !self.fixed;
        }
    }
}

/// A diagonal with too many entries for tables made for a block.
pub(crate) struct WideDiagonal {
    ctrl_mask: u64,
    ctrl_value: u64,
    bits: Vec<u8>,
    entries: Entries,
}

impl WideDiagonal {
    pub(crate) fn new(op: &Op) -> Option<Self> {
        let Action::Diagonal { bits, entries } = &op.action else { return None };
        Some(Self {
            ctrl_mask: op.ctrl_mask,
            ctrl_value: op.ctrl_value,
            bits: bits.to_vec(),
            entries: entries.clone(),
        })
    }

    /// Applies it to a block; `spread` turns an index of the block into one of the vector.
    ///
    /// # Safety
    /// As for [`Generic::run`].
    pub(crate) unsafe fn run<T: Real>(&self, block: Block<T>, spread: impl Fn(u64) -> u64) {
        // SAFETY: the caller's promise.
        let tiles = unsafe { std::slice::from_raw_parts_mut(block.tiles, block.count) };
        for (t, tile) in (0_u64..).zip(tiles) {
            for lane in 0..super::LANES {
                let index = spread(t << super::LANE_BITS | lane as u64);
                if index & self.ctrl_mask == self.ctrl_value {
                    let i: usize = self
                        .bits
                        .iter()
                        .enumerate()
                        .map(|(k, b)| usize::from(index >> b & 1 == 1) << k)
                        .sum();
                    let c: Complex<T> = complex_from_f64(self.entries.as_slice()[i]);
                    let a = tile.get(lane);
                    tile.set(
                        lane,
                        Complex::new(c.re * a.re - c.im * a.im, c.re * a.im + c.im * a.re),
                    );
                }
            }
        }
    }
}

/// Permutations too wide for any block: follows their cycles through the whole vector, with one bit
/// of memory per entry of the map.
pub(crate) fn permute_everywhere<T: Real>(
    amps: &mut Amplitudes<T>,
    bits: &[u8],
    map: &[u32],
    ctrl_mask: u64,
    ctrl_value: u64,
    mut check: impl FnMut() -> Result<(), crate::SimError>,
) -> Result<(), crate::SimError> {
    let spread = |i: u32| -> u64 {
        bits.iter().enumerate().map(|(k, b)| (u64::from(i) >> k & 1) << b).sum()
    };
    let fixed = bits.iter().fold(ctrl_mask, |m, b| m | 1 << b);
    let mut done: Vec<u64> = crate::limits::try_vec(map.len().div_ceil(64))?;
    done.resize(map.len().div_ceil(64), 0);
    let mut free = 0_u64;
    let end = 1_u64 << amps.bits();
    let mut steps = 0_u32;
    while free < end {
        let base = free | ctrl_value;
        done.fill(0);
        for start in 0..u32::try_from(map.len()).unwrap_or(u32::MAX) {
            if done[start as usize / 64] >> (start % 64) & 1 == 1 || map[start as usize] == start {
                continue;
            }
            let mut carried = amps.get(base | spread(start));
            let mut at = start;
            loop {
                done[at as usize / 64] |= 1 << (at % 64);
                let to = map[at as usize];
                let place = base | spread(to);
                let displaced = amps.get(place);
                amps.set(place, carried);
                carried = displaced;
                at = to;
                steps = steps.wrapping_add(1);
                if steps.is_multiple_of(1 << 16) {
                    check()?;
                }
                if to == start {
                    break;
                }
            }
        }
        free = ((free | fixed) + 1) & !fixed;
    }
    Ok(())
}
