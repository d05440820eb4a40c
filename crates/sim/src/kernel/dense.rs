//! Matrices on one and two qubits.
//!
//! A qubit is *in the tile* (bits 0 to 2: lanes) or *above* it (its bit chooses the tile). Above, a
//! matrix combines whole tiles by scalars; in the tile, it combines a tile with flipped copies of
//! itself by coefficients of each lane. Coefficients are ordered by `m`: entry `(r, r ^ m)`.

use num_complex::Complex;

use super::simd::{Kernel, Simd, registers};
use super::{LANES, Tile};
use crate::Real;

/// Tiles to work on: those of the block whose index has the bits `value` within `fixed`. Target bits
/// are in `fixed` and 0 in `value`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<T> {
    /// Good for `count` tiles, and nobody else's while a kernel runs.
    pub(crate) tiles: *mut Tile<T>,
    /// A power of two.
    pub(crate) count: usize,
    pub(crate) fixed: usize,
    pub(crate) value: usize,
}

/// Steps through the indices below `$count` whose bits in `fixed` equal `value`.
macro_rules! each_tile {
    ($block:expr, |$t:ident| $body:expr) => {
        let fixed = $block.fixed;
        let mut free = 0_usize;
        while free < $block.count {
            let $t = free | $block.value;
            $body
            // Adding 1 to the number with all fixed bits set carries over them.
            free = ((free | fixed) + 1) & !fixed;
        }
    };
}
pub(crate) use each_tile;

/// A complex register: real and imaginary parts.
pub(super) type C<S, T> = (<S as Simd<T>>::V, <S as Simd<T>>::V);

/// `c · a`.
#[inline(always)]
unsafe fn times<T: Copy, S: Simd<T>>(c: C<S, T>, a: C<S, T>) -> C<S, T> {
    // SAFETY: register operations; inside `dispatch`, as the callers are.
    unsafe { (S::mul_sub(c.1, a.1, S::mul(c.0, a.0)), S::mul_add(c.1, a.0, S::mul(c.0, a.1))) }
}

/// `sum + c · a`.
#[inline(always)]
unsafe fn plus_times<T: Copy, S: Simd<T>>(sum: C<S, T>, c: C<S, T>, a: C<S, T>) -> C<S, T> {
    // SAFETY: as for `times`.
    unsafe {
        (
            S::mul_sub(c.1, a.1, S::mul_add(c.0, a.0, sum.0)),
            S::mul_add(c.1, a.0, S::mul_add(c.0, a.1, sum.1)),
        )
    }
}

/// Register `i` of a tile.
#[inline(always)]
pub(super) unsafe fn load<T: Real, S: Simd<T>>(tile: *const Tile<T>, i: usize) -> C<S, T> {
    // SAFETY: the caller's tile is valid and `i < registers(WIDTH)`.
    unsafe {
        (
            S::load((&raw const (*tile).re).cast::<T>().add(i * S::WIDTH)),
            S::load((&raw const (*tile).im).cast::<T>().add(i * S::WIDTH)),
        )
    }
}

#[inline(always)]
pub(super) unsafe fn store<T: Real, S: Simd<T>>(tile: *mut Tile<T>, i: usize, v: C<S, T>) {
    // SAFETY: as for `load`.
    unsafe {
        S::store((&raw mut (*tile).re).cast::<T>().add(i * S::WIDTH), v.0);
        S::store((&raw mut (*tile).im).cast::<T>().add(i * S::WIDTH), v.1);
    }
}

#[inline(always)]
pub(super) unsafe fn splat<T: Real, S: Simd<T>>(z: Complex<T>) -> C<S, T> {
    // SAFETY: as for `times`.
    unsafe { (S::splat(z.re), S::splat(z.im)) }
}

/// Register `i` of the tile whose registers are `v`, with lane `l` taken from lane `l ^ X`.
#[inline(always)]
pub(super) unsafe fn flipped<T: Copy, S: Simd<T>, const X: usize>(
    v: &[C<S, T>; LANES],
    i: usize,
) -> C<S, T> {
    let (mut re, mut im) = v[i ^ (X / S::WIDTH)];
    // Lane bits below WIDTH are flipped within the register, the others choose it.
    // SAFETY: as for `times`.
    unsafe {
        if X & 1 & (S::WIDTH - 1) != 0 {
            (re, im) = (S::flip::<1>(re), S::flip::<1>(im));
        }
        if X & 2 & (S::WIDTH - 1) != 0 {
            (re, im) = (S::flip::<2>(re), S::flip::<2>(im));
        }
        if X & 4 & (S::WIDTH - 1) != 0 {
            (re, im) = (S::flip::<4>(re), S::flip::<4>(im));
        }
    }
    (re, im)
}

/// All registers of a tile; entries past `registers(WIDTH)` are never read.
#[inline(always)]
pub(super) unsafe fn load_all<T: Real, S: Simd<T>>(tile: *const Tile<T>) -> [C<S, T>; LANES] {
    // SAFETY: as for `load`.
    unsafe {
        let zero = S::splat(T::ZERO);
        let mut v = [(zero, zero); LANES];
        for (i, r) in v.iter_mut().enumerate().take(registers(S::WIDTH)) {
            *r = load::<T, S>(tile, i);
        }
        v
    }
}

/// Register `i` of coefficients that differ from lane to lane.
#[inline(always)]
unsafe fn coefficient<T: Real, S: Simd<T>>(tile: &Tile<T>, i: usize) -> C<S, T> {
    // SAFETY: a reference is valid.
    unsafe { load::<T, S>(tile, i) }
}

/// What a 2×2 matrix looks like: fewer products where entries are real or imaginary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Dense,
    /// All entries real, as for H and RY.
    Real,
    /// Real on the diagonal, imaginary off it, as for RX.
    Crossed,
}

impl Form {
    pub(crate) fn of(u: &[Complex<f64>; 4]) -> Self {
        if u.iter().all(|z| z.im == 0.0) {
            Self::Real
        } else if u[0].im == 0.0 && u[3].im == 0.0 && u[1].re == 0.0 && u[2].re == 0.0 {
            Self::Crossed
        } else {
            Self::Dense
        }
    }
}

pub(crate) const DENSE: u8 = 0;
pub(crate) const REAL: u8 = 1;
pub(crate) const CROSSED: u8 = 2;

/// 2×2, above the tile. Coefficients: `u00, u01, u11, u10`.
pub(crate) struct One<T, const FORM: u8> {
    pub(crate) block: Block<T>,
    /// The target's bit of the tile index.
    pub(crate) target: usize,
    pub(crate) c: [Complex<T>; 4],
}

#[inline(always)]
unsafe fn combine<T: Real, S: Simd<T>, const FORM: u8>(
    c: C<S, T>,
    a: C<S, T>,
    d: C<S, T>,
    b: C<S, T>,
) -> C<S, T> {
    // SAFETY: as for `times`.
    unsafe {
        match FORM {
            REAL => {
                (S::mul_add(d.0, b.0, S::mul(c.0, a.0)), S::mul_add(d.0, b.1, S::mul(c.0, a.1)))
            }
            CROSSED => {
                (S::mul_sub(d.1, b.1, S::mul(c.0, a.0)), S::mul_add(d.1, b.0, S::mul(c.0, a.1)))
            }
            _ => plus_times::<T, S>(times::<T, S>(c, a), d, b),
        }
    }
}

impl<T: Real, const FORM: u8> Kernel<T> for One<T, FORM> {
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(self) {
        // SAFETY: the block's promise; `t` and `t | target` are below `count`.
        unsafe {
            let (c0, c1) = (splat::<T, S>(self.c[0]), splat::<T, S>(self.c[1]));
            let (c2, c3) = (splat::<T, S>(self.c[2]), splat::<T, S>(self.c[3]));
            each_tile!(self.block, |t| {
                let p = self.block.tiles.add(t);
                let q = self.block.tiles.add(t | self.target);
                for i in 0..registers(S::WIDTH) {
                    let (a, b) = (load::<T, S>(p, i), load::<T, S>(q, i));
                    store::<T, S>(p, i, combine::<T, S, FORM>(c0, a, c1, b));
                    store::<T, S>(q, i, combine::<T, S, FORM>(c2, b, c3, a));
                }
            });
        }
    }
}

/// 2×2, above the tile, with other coefficients in each lane: controls among the lanes.
pub(crate) struct OneLanes<'a, T> {
    pub(crate) block: Block<T>,
    pub(crate) target: usize,
    pub(crate) c: &'a [Tile<T>; 4],
}

impl<T: Real> Kernel<T> for OneLanes<'_, T> {
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(self) {
        // SAFETY: as for `One`.
        unsafe {
            for i in 0..registers(S::WIDTH) {
                let (c0, c1) =
                    (coefficient::<T, S>(&self.c[0], i), coefficient::<T, S>(&self.c[1], i));
                let (c2, c3) =
                    (coefficient::<T, S>(&self.c[2], i), coefficient::<T, S>(&self.c[3], i));
                each_tile!(self.block, |t| {
                    let p = self.block.tiles.add(t);
                    let q = self.block.tiles.add(t | self.target);
                    let (a, b) = (load::<T, S>(p, i), load::<T, S>(q, i));
                    store::<T, S>(p, i, combine::<T, S, DENSE>(c0, a, c1, b));
                    store::<T, S>(q, i, combine::<T, S, DENSE>(c2, b, c3, a));
                });
            }
        }
    }
}

/// 2×2, in the tile: lane `l` becomes `c[0][l]` times itself plus `c[1][l]` times lane `l ^ X`.
pub(crate) struct LaneOne<'a, T, const X: usize> {
    pub(crate) block: Block<T>,
    pub(crate) c: &'a [Tile<T>; 2],
}

impl<T: Real, const X: usize> Kernel<T> for LaneOne<'_, T, X> {
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(self) {
        // SAFETY: the block's promise.
        unsafe {
            let c0 = load_all::<T, S>(&raw const self.c[0]);
            let c1 = load_all::<T, S>(&raw const self.c[1]);
            each_tile!(self.block, |t| {
                let p = self.block.tiles.add(t);
                let v = load_all::<T, S>(p);
                for i in 0..registers(S::WIDTH) {
                    let sum = times::<T, S>(c0[i], v[i]);
                    store::<T, S>(p, i, plus_times::<T, S>(sum, c1[i], flipped::<T, S, X>(&v, i)));
                }
            });
        }
    }
}

/// 4×4, both qubits above the tile. Coefficients: row `r`, then `m`.
pub(crate) struct Two<'a, T> {
    pub(crate) block: Block<T>,
    /// Tile bits of the first and the second qubit.
    pub(crate) targets: [usize; 2],
    pub(crate) c: &'a [Complex<T>; 16],
}

impl<T: Real> Kernel<T> for Two<'_, T> {
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(self) {
        let [x, y] = self.targets;
        // SAFETY: the block's promise; the four tiles are below `count`.
        unsafe {
            each_tile!(self.block, |t| {
                let base = self.block.tiles;
                let p = [base.add(t), base.add(t | x), base.add(t | y), base.add(t | x | y)];
                for i in 0..registers(S::WIDTH) {
                    let a = [
                        load::<T, S>(p[0], i),
                        load::<T, S>(p[1], i),
                        load::<T, S>(p[2], i),
                        load::<T, S>(p[3], i),
                    ];
                    for r in 0..4 {
                        let mut sum = times::<T, S>(splat::<T, S>(self.c[4 * r]), a[r]);
                        for m in 1..4 {
                            sum =
                                plus_times::<T, S>(sum, splat::<T, S>(self.c[4 * r + m]), a[r ^ m]);
                        }
                        store::<T, S>(p[r], i, sum);
                    }
                }
            });
        }
    }
}

/// 4×4, both qubits above the tile, with other coefficients in each lane.
pub(crate) struct TwoLanes<'a, T> {
    pub(crate) block: Block<T>,
    pub(crate) targets: [usize; 2],
    pub(crate) c: &'a [Tile<T>; 16],
}

impl<T: Real> Kernel<T> for TwoLanes<'_, T> {
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(self) {
        let [x, y] = self.targets;
        // SAFETY: as for `Two`.
        unsafe {
            each_tile!(self.block, |t| {
                let base = self.block.tiles;
                let p = [base.add(t), base.add(t | x), base.add(t | y), base.add(t | x | y)];
                for i in 0..registers(S::WIDTH) {
                    let a = [
                        load::<T, S>(p[0], i),
                        load::<T, S>(p[1], i),
                        load::<T, S>(p[2], i),
                        load::<T, S>(p[3], i),
                    ];
                    for r in 0..4 {
                        let c = &self.c[4 * r..4 * r + 4];
                        let mut sum = times::<T, S>(coefficient::<T, S>(&c[0], i), a[r]);
                        for m in 1..4 {
                            sum = plus_times::<T, S>(sum, coefficient::<T, S>(&c[m], i), a[r ^ m]);
                        }
                        store::<T, S>(p[r], i, sum);
                    }
                }
            });
        }
    }
}

/// 4×4, the first qubit in the tile (lane bit `X`), the second above. Coefficients: tile row, `m`.
pub(crate) struct TwoMixed<'a, T, const X: usize> {
    pub(crate) block: Block<T>,
    pub(crate) target: usize,
    pub(crate) c: &'a [Tile<T>; 8],
}

impl<T: Real, const X: usize> Kernel<T> for TwoMixed<'_, T, X> {
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(self) {
        // SAFETY: as for `One`.
        unsafe {
            each_tile!(self.block, |t| {
                let p = [self.block.tiles.add(t), self.block.tiles.add(t | self.target)];
                let v = [load_all::<T, S>(p[0]), load_all::<T, S>(p[1])];
                for r in 0..2 {
                    let (own, other) = (&v[r], &v[r ^ 1]);
                    for i in 0..registers(S::WIDTH) {
                        let c = &self.c[4 * r..4 * r + 4];
                        let mut sum = times::<T, S>(coefficient::<T, S>(&c[0], i), own[i]);
                        sum = plus_times::<T, S>(
                            sum,
                            coefficient::<T, S>(&c[1], i),
                            flipped::<T, S, X>(own, i),
                        );
                        sum = plus_times::<T, S>(sum, coefficient::<T, S>(&c[2], i), other[i]);
                        sum = plus_times::<T, S>(
                            sum,
                            coefficient::<T, S>(&c[3], i),
                            flipped::<T, S, X>(other, i),
                        );
                        store::<T, S>(p[r], i, sum);
                    }
                }
            });
        }
    }
}

/// 4×4, both qubits in the tile: lane bits `X` and `Y`, `B = X | Y`. Coefficients: `m`.
pub(crate) struct TwoIn<'a, T, const X: usize, const Y: usize, const B: usize> {
    pub(crate) block: Block<T>,
    pub(crate) c: &'a [Tile<T>; 4],
}

impl<T: Real, const X: usize, const Y: usize, const B: usize> Kernel<T> for TwoIn<'_, T, X, Y, B> {
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(self) {
        // SAFETY: the block's promise.
        unsafe {
            each_tile!(self.block, |t| {
                let p = self.block.tiles.add(t);
                let v = load_all::<T, S>(p);
                for i in 0..registers(S::WIDTH) {
                    let c = self.c;
                    let mut sum = times::<T, S>(coefficient::<T, S>(&c[0], i), v[i]);
                    sum = plus_times::<T, S>(
                        sum,
                        coefficient::<T, S>(&c[1], i),
                        flipped::<T, S, X>(&v, i),
                    );
                    sum = plus_times::<T, S>(
                        sum,
                        coefficient::<T, S>(&c[2], i),
                        flipped::<T, S, Y>(&v, i),
                    );
                    sum = plus_times::<T, S>(
                        sum,
                        coefficient::<T, S>(&c[3], i),
                        flipped::<T, S, B>(&v, i),
                    );
                    store::<T, S>(p, i, sum);
                }
            });
        }
    }
}

/// Multiplies tiles by the phases of up to four tables: see [`super::diagonal`].
pub(crate) struct Phases<'a, T> {
    pub(crate) block: Block<T>,
    pub(crate) tables: &'a [PhaseTable<'a, T>],
}

/// Entry of tile `t`: `entries[base | low[t & low_mask] | high[t >> low_bits]]`.
#[derive(Clone, Copy)]
pub(crate) struct PhaseTable<'a, T> {
    pub(crate) entries: &'a [Tile<T>],
    pub(crate) low: &'a [u16],
    pub(crate) high: &'a [u16],
    /// What the bits outside the block add to the index.
    pub(crate) base: usize,
}

impl<T> PhaseTable<'_, T> {
    #[inline(always)]
    unsafe fn entry(&self, t: usize) -> *const Tile<T> {
        let (bits, mask) = (self.low.len().trailing_zeros(), self.low.len() - 1);
        // SAFETY: `low` and `high` cover all tiles of the block, and `entries` all their sums with
        // `base`: `diagonal` builds them together.
        unsafe {
            let index = self.base
                | usize::from(*self.low.get_unchecked(t & mask))
                | usize::from(*self.high.get_unchecked(t >> bits));
            debug_assert!(index < self.entries.len());
            self.entries.as_ptr().add(index)
        }
    }
}

impl<T: Real> Kernel<T> for Phases<'_, T> {
    #[inline(always)]
    unsafe fn run<S: Simd<T>>(self) {
        // SAFETY: the block's promise, and that of the tables.
        unsafe {
            match self.tables {
                [a] => {
                    each_tile!(self.block, |t| {
                        let (p, a) = (self.block.tiles.add(t), a.entry(t));
                        for i in 0..registers(S::WIDTH) {
                            store::<T, S>(
                                p,
                                i,
                                times::<T, S>(load::<T, S>(a, i), load::<T, S>(p, i)),
                            );
                        }
                    });
                }
                [a, b] => {
                    each_tile!(self.block, |t| {
                        let (p, a, b) = (self.block.tiles.add(t), a.entry(t), b.entry(t));
                        for i in 0..registers(S::WIDTH) {
                            let c = times::<T, S>(load::<T, S>(b, i), load::<T, S>(a, i));
                            store::<T, S>(p, i, times::<T, S>(c, load::<T, S>(p, i)));
                        }
                    });
                }
                tables => {
                    each_tile!(self.block, |t| {
                        let p = self.block.tiles.add(t);
                        for i in 0..registers(S::WIDTH) {
                            let mut c = load::<T, S>(tables[0].entry(t), i);
                            for table in &tables[1..] {
                                c = times::<T, S>(load::<T, S>(table.entry(t), i), c);
                            }
                            store::<T, S>(p, i, times::<T, S>(c, load::<T, S>(p, i)));
                        }
                    });
                }
            }
        }
    }
}
