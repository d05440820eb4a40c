//! Operations of a plan made ready for the blocks of one stage: coefficients in the state's
//! precision, bits turned into masks of tiles and lanes.

use num_complex::{Complex, Complex64};
use smallvec::SmallVec;

use super::dense::{
    Block, CROSSED, DENSE, Form, LaneOne, One, OneLanes, REAL, Two, TwoIn, TwoLanes, TwoMixed,
};
use super::diagonal::{self, Sweep, WIDE_BITS};
use super::exchange::{Exchange, LaneExchange};
use super::generic::{Generic, WideDiagonal};
use super::simd::Level;
use super::{LANE_BITS, LANES, Tile};
use crate::Real;
use crate::plan::op::{Action, Op};
use crate::real::complex_from_f64;

/// Not a bit of the block.
const OUTSIDE: u8 = u8::MAX;

/// Which bits of the vector's index make the index within a block.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    /// The lowest bits, all in the window: blocks are made of runs of `2^low_bits` amplitudes.
    pub(crate) low_bits: usize,
    /// The others; `high[k]` is bit `low_bits + k` of the block's index.
    pub(crate) high: SmallVec<[u8; 12]>,
    /// From bits of the vector to bits of the block.
    map: [u8; 64],
}

/// Controls split by where their bits lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) outer_mask: u64,
    pub(crate) outer_value: u64,
    /// Bits of the tile index.
    pub(crate) fixed: usize,
    pub(crate) value: usize,
    /// Bit `l`: the controls among the lanes hold in lane `l`.
    pub(crate) lanes: u8,
}

impl Window {
    /// `high` has no bit twice and none below `low_bits`; `low_bits` is at least [`LANE_BITS`].
    pub(crate) fn new(low_bits: usize, high: SmallVec<[u8; 12]>) -> Self {
        debug_assert!(low_bits >= LANE_BITS);
        let mut map = [OUTSIDE; 64];
        for (to, from) in (0..).zip((0..low_bits).chain(high.iter().map(|&b| usize::from(b)))) {
            map[from] = to;
        }
        Self { low_bits, high, map }
    }

    /// The window of the lowest `bits` bits of a block.
    pub(crate) fn inner(&self, bits: usize) -> Self {
        debug_assert!(bits <= self.block_bits());
        let low = self.low_bits.min(bits);
        Self::new(low, self.high[..bits - low].iter().copied().collect())
    }

    pub(crate) fn block_bits(&self) -> usize {
        self.low_bits + self.high.len()
    }

    pub(crate) fn tile_bits(&self) -> usize {
        self.block_bits() - LANE_BITS
    }

    /// Whether a block is one run of memory.
    pub(crate) fn is_contiguous(&self) -> bool {
        self.high.iter().enumerate().all(|(k, &b)| usize::from(b) == self.low_bits + k)
    }

    /// Bit of the block, if `bit` is in the window.
    pub(crate) fn local(&self, bit: u8) -> Option<usize> {
        let at = self.map[usize::from(bit)];
        (at != OUTSIDE).then_some(usize::from(at))
    }

    /// The part of a mask that lies in the window, as a mask of the block's index.
    pub(crate) fn local_mask(&self, mask: u64, value: u64) -> (u64, u64) {
        let mut out = (0, 0);
        for b in (0..64).filter(|b| mask >> b & 1 == 1) {
            if let Some(at) = self.local(b) {
                out.0 |= 1 << at;
                out.1 |= (value >> b & 1) << at;
            }
        }
        out
    }

    pub(crate) fn place(&self, mask: u64, value: u64) -> Place {
        let mut place = Place { outer_mask: 0, outer_value: 0, fixed: 0, value: 0, lanes: u8::MAX };
        let (mut lane_mask, mut lane_value) = (0, 0);
        let mut rest = mask;
        while rest != 0 {
            let b = rest.trailing_zeros();
            rest &= rest - 1;
            let on = value >> b & 1;
            match self.map[b as usize] {
                OUTSIDE => {
                    place.outer_mask |= 1 << b;
                    place.outer_value |= on << b;
                }
                at if usize::from(at) < LANE_BITS => {
                    lane_mask |= 1 << at;
                    lane_value |= usize::from(on == 1) << at;
                }
                at => {
                    place.fixed |= 1 << (usize::from(at) - LANE_BITS);
                    place.value |= usize::from(on == 1) << (usize::from(at) - LANE_BITS);
                }
            }
        }
        if lane_mask != 0 {
            place.lanes = (0..LANES).filter(|l| l & lane_mask == lane_value).map(|l| 1 << l).sum();
        }
        place
    }
}

/// One operation, ready to run on blocks.
pub(crate) struct LocalOp<T> {
    /// It runs in blocks whose outer bits equal `outer_value` within `outer_mask`.
    pub(crate) outer_mask: u64,
    pub(crate) outer_value: u64,
    fixed: usize,
    value: usize,
    body: Body<T>,
}

enum Body<T> {
    One { target: usize, form: Form, c: [Complex<T>; 4] },
    OneLanes { target: usize, c: Box<[Tile<T>; 4]> },
    LaneOne { bit: usize, c: Box<[Tile<T>; 2]> },
    Two { targets: [usize; 2], c: Box<[Complex<T>; 16]> },
    TwoLanes { targets: [usize; 2], c: Box<[Tile<T>; 16]> },
    TwoMixed { bit: usize, target: usize, c: Box<[Tile<T>; 8]> },
    TwoIn { bits: [usize; 2], c: Box<[Tile<T>; 4]> },
    Exchange { target: usize, lanes: u8 },
    LaneExchange { bit: usize, lanes: u8 },
    Sweep(Sweep<T>),
    Generic(Box<Generic<T>>),
    WideDiagonal(Box<WideDiagonal>),
}

/// Makes the operations of a stage ready. Neighbouring diagonal ones are collected.
pub(crate) fn localize<T: Real>(ops: &[Op], window: &Window) -> Vec<LocalOp<T>> {
    let mut out = Vec::with_capacity(ops.len());
    let mut run: SmallVec<[&Op; 16]> = SmallVec::new();
    for op in ops {
        if op.is_diagonal() && (op.reads() & !op.ctrl_mask).count_ones() as usize <= WIDE_BITS {
            run.push(op);
            continue;
        }
        flush(&mut run, window, &mut out);
        out.push(prepare(op, window));
    }
    flush(&mut run, window, &mut out);
    out
}

fn flush<T: Real>(run: &mut SmallVec<[&Op; 16]>, window: &Window, out: &mut Vec<LocalOp<T>>) {
    if run.is_empty() {
        return;
    }
    out.extend(diagonal::collect(run, window).into_iter().map(|sweep| LocalOp {
        outer_mask: sweep.outer_mask,
        outer_value: sweep.outer_value,
        fixed: 0,
        value: 0,
        body: Body::Sweep(sweep),
    }));
    run.clear();
}

/// Per-lane coefficients: `at(l)` where lane `l` is on, else those of the identity.
fn lanes<T: Real>(on: u8, identity: bool, at: impl Fn(usize) -> Complex64) -> Tile<T> {
    let mut tile = Tile::ZERO;
    for l in 0..LANES {
        let z = if on >> l & 1 == 1 {
            at(l)
        } else {
            Complex64::new(f64::from(u8::from(identity)), 0.0)
        };
        tile.set(l, complex_from_f64(z));
    }
    tile
}

fn prepare<T: Real>(op: &Op, window: &Window) -> LocalOp<T> {
    let place = window.place(op.ctrl_mask, op.ctrl_value);
    let on = place.lanes;
    // Splits a target's bit: in the tile, or above.
    let split = |bit: u8| -> Result<usize, usize> {
        let at = window.local(bit).unwrap_or(0);
        debug_assert!(window.local(bit).is_some(), "a stage holds the targets of its operations");
        if at < LANE_BITS { Err(1 << at) } else { Ok(1 << (at - LANE_BITS)) }
    };
    let mut fixed = place.fixed;
    let body = match &op.action {
        Action::X { bit } => match split(*bit) {
            Ok(target) => {
                fixed |= target;
                Body::Exchange { target, lanes: on }
            }
            Err(bit) => Body::LaneExchange { bit, lanes: on },
        },
        Action::One { bit, u } => match split(*bit) {
            Ok(target) => {
                fixed |= target;
                let c = [u[0], u[1], u[3], u[2]];
                if on == u8::MAX {
                    Body::One { target, form: Form::of(u), c: c.map(complex_from_f64) }
                } else {
                    let tile = |k: usize| lanes(on, k.is_multiple_of(2), |_| c[k]);
                    Body::OneLanes { target, c: Box::new([tile(0), tile(1), tile(2), tile(3)]) }
                }
            }
            Err(bit) => {
                let row = |l: usize| usize::from(l & bit != 0);
                let tile = |m: usize| lanes(on, m == 0, |l| u[2 * row(l) + (row(l) ^ m)]);
                Body::LaneOne { bit, c: Box::new([tile(0), tile(1)]) }
            }
        },
        Action::Two { bits, u } => {
            let entry = |r: usize, m: usize| u[4 * r + (r ^ m)];
            match bits.map(split) {
                [Ok(x), Ok(y)] => {
                    fixed |= x | y;
                    if on == u8::MAX {
                        let c = std::array::from_fn(|k| complex_from_f64(entry(k / 4, k % 4)));
                        Body::Two { targets: [x, y], c: Box::new(c) }
                    } else {
                        let c = std::array::from_fn(|k| {
                            lanes(on, k.is_multiple_of(4), |_| entry(k / 4, k % 4))
                        });
                        Body::TwoLanes { targets: [x, y], c: Box::new(c) }
                    }
                }
                // The first bit is the lower one, so that the second alone is never in the tile.
                [Err(bit), Ok(target)] | [Ok(target), Err(bit)] => {
                    fixed |= target;
                    let c = std::array::from_fn(|k| {
                        lanes(on, k.is_multiple_of(4), |l| {
                            entry(usize::from(l & bit != 0) | (k / 4) << 1, k % 4)
                        })
                    });
                    Body::TwoMixed { bit, target, c: Box::new(c) }
                }
                [Err(x), Err(y)] => {
                    let c = std::array::from_fn(|m| {
                        lanes(on, m == 0, |l| {
                            entry(usize::from(l & x != 0) | usize::from(l & y != 0) << 1, m)
                        })
                    });
                    Body::TwoIn { bits: [x, y], c: Box::new(c) }
                }
            }
        }
        _ => match (Generic::new(op, window), WideDiagonal::new(op)) {
            // Its own controls are of the whole index: nothing is skipped here.
            (_, Some(wide)) => {
                return LocalOp {
                    outer_mask: 0,
                    outer_value: 0,
                    fixed: 0,
                    value: 0,
                    body: Body::WideDiagonal(Box::new(wide)),
                };
            }
            (Some(generic), None) => Body::Generic(Box::new(generic)),
            (None, None) => unreachable!("every action has a kernel"),
        },
    };
    LocalOp {
        outer_mask: place.outer_mask,
        outer_value: place.outer_value,
        fixed,
        value: place.value,
        body,
    }
}

impl<T: Real> LocalOp<T> {
    /// Applies the operation to the block of tiles that starts at `tiles`, whose bits outside the
    /// window are `outer`.
    ///
    /// # Safety
    /// `tiles` is good for `2^window.tile_bits()` tiles that nobody else uses meanwhile.
    #[inline]
    pub(crate) unsafe fn run(
        &self,
        level: Level,
        tiles: *mut Tile<T>,
        window: &Window,
        outer: u64,
    ) {
        if outer & self.outer_mask != self.outer_value {
            return;
        }
        let block =
            Block { tiles, count: 1 << window.tile_bits(), fixed: self.fixed, value: self.value };
        match &self.body {
            Body::One { target, form, c } => match form {
                Form::Dense => {
                    T::dispatch(level, One::<T, DENSE> { block, target: *target, c: *c });
                }
                Form::Real => {
                    T::dispatch(level, One::<T, REAL> { block, target: *target, c: *c });
                }
                Form::Crossed => {
                    T::dispatch(level, One::<T, CROSSED> { block, target: *target, c: *c });
                }
            },
            Body::OneLanes { target, c } => {
                T::dispatch(level, OneLanes { block, target: *target, c });
            }
            Body::LaneOne { bit, c } => match bit {
                1 => {
                    T::dispatch(level, LaneOne::<T, 1> { block, c });
                }
                2 => {
                    T::dispatch(level, LaneOne::<T, 2> { block, c });
                }
                _ => {
                    T::dispatch(level, LaneOne::<T, 4> { block, c });
                }
            },
            Body::Two { targets, c } => {
                T::dispatch(level, Two { block, targets: *targets, c });
            }
            Body::TwoLanes { targets, c } => {
                T::dispatch(level, TwoLanes { block, targets: *targets, c });
            }
            Body::TwoMixed { bit, target, c } => match bit {
                1 => {
                    T::dispatch(level, TwoMixed::<T, 1> { block, target: *target, c });
                }
                2 => {
                    T::dispatch(level, TwoMixed::<T, 2> { block, target: *target, c });
                }
                _ => {
                    T::dispatch(level, TwoMixed::<T, 4> { block, target: *target, c });
                }
            },
            Body::TwoIn { bits, c } => match bits {
                [1, 2] => {
                    T::dispatch(level, TwoIn::<T, 1, 2, 3> { block, c });
                }
                [1, 4] => {
                    T::dispatch(level, TwoIn::<T, 1, 4, 5> { block, c });
                }
                _ => {
                    T::dispatch(level, TwoIn::<T, 2, 4, 6> { block, c });
                }
            },
            Body::Exchange { target, lanes } => {
                T::dispatch(level, Exchange { block, target: *target, lanes: *lanes });
            }
            Body::LaneExchange { bit, lanes } => match bit {
                1 => {
                    T::dispatch(level, LaneExchange::<T, 1> { block, lanes: *lanes });
                }
                2 => {
                    T::dispatch(level, LaneExchange::<T, 2> { block, lanes: *lanes });
                }
                _ => {
                    T::dispatch(level, LaneExchange::<T, 4> { block, lanes: *lanes });
                }
            },
            Body::Sweep(sweep) => sweep.run(level, block, outer),
            Body::Generic(generic) => {
                // SAFETY: the caller's promise.
                unsafe { generic.run(block, window.block_bits()) };
            }
            Body::WideDiagonal(wide) => {
                // SAFETY: the caller's promise.
                unsafe {
                    wide.run(block, |index| outer | window.spread(index));
                }
            }
        }
    }
}

impl Window {
    /// An index of the block as bits of the vector's index.
    pub(crate) fn spread(&self, index: u64) -> u64 {
        let low = index & ((1 << self.low_bits) - 1);
        self.high
            .iter()
            .enumerate()
            .fold(low, |i, (k, b)| i | (index >> (self.low_bits + k) & 1) << b)
    }
}
