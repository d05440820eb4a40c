//! X under any controls: amplitudes trade places, none is computed.

use super::dense::{Block, each_tile, flipped, load, load_all, store};
use super::simd::{Kernel, Simd, registers};
use super::{LANES, Tile};
use crate::Real;

/// X on a qubit above the tile: tile `t` and `t | target` trade the lanes that are on.
pub(crate) struct Exchange<T> {
    pub(crate) block: Block<T>,
    pub(crate) target: usize,
    /// Bit `l`: lane `l` takes part.
    pub(crate) lanes: u8,
}

fn switches(lanes: u8) -> [bool; LANES] {
    std::array::from_fn(|l| lanes >> l & 1 == 1)
}

#[inline(always)]
fn choose<T: Real>(on: &[bool; LANES], off: &[T; LANES], other: &[T; LANES]) -> [T; LANES] {
    let mut out = *off;
    for l in 0..LANES {
        out[l] = T::pick(on[l], off[l], other[l]);
    }
    out
}

impl<T: Real> Kernel<T> for Exchange<T> {
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(self) {
        // SAFETY: the block's promise; both tiles are below `count` and distinct.
        unsafe {
            if self.lanes == u8::MAX {
                each_tile!(self.block, |t| {
                    let (p, q) = (self.block.tiles.add(t), self.block.tiles.add(t | self.target));
                    for i in 0..registers(S::WIDTH) {
                        let (a, b) = (load::<T, S>(p, i), load::<T, S>(q, i));
                        store::<T, S>(p, i, b);
                        store::<T, S>(q, i, a);
                    }
                });
            } else {
                let on = switches(self.lanes);
                each_tile!(self.block, |t| {
                    let (p, q) = (self.block.tiles.add(t), self.block.tiles.add(t | self.target));
                    let (a, b) = (*p, *q);
                    *p = Tile { re: choose(&on, &a.re, &b.re), im: choose(&on, &a.im, &b.im) };
                    *q = Tile { re: choose(&on, &b.re, &a.re), im: choose(&on, &b.im, &a.im) };
                });
            }
        }
    }
}

/// X on a qubit in the tile: lane `l` takes lane `l ^ X` where it is on.
pub(crate) struct LaneExchange<T, const X: usize> {
    pub(crate) block: Block<T>,
    pub(crate) lanes: u8,
}

#[inline(always)]
fn flip<T: Real, const X: usize>(a: &[T; LANES]) -> [T; LANES] {
    let mut out = *a;
    for l in 0..LANES {
        out[l] = a[l ^ X];
    }
    out
}

impl<T: Real, const X: usize> Kernel<T> for LaneExchange<T, X> {
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(self) {
        let on = switches(self.lanes);
        // SAFETY: the block's promise.
        unsafe {
            if self.lanes == u8::MAX {
                each_tile!(self.block, |t| {
                    let p = self.block.tiles.add(t);
                    let v = load_all::<T, S>(p);
                    for i in 0..registers(S::WIDTH) {
                        store::<T, S>(p, i, flipped::<T, S, X>(&v, i));
                    }
                });
            } else {
                each_tile!(self.block, |t| {
                    let p = self.block.tiles.add(t);
                    let a = *p;
                    *p = Tile {
                        re: choose(&on, &a.re, &flip::<T, X>(&a.re)),
                        im: choose(&on, &a.im, &flip::<T, X>(&a.im)),
                    };
                });
            }
        }
    }
}
