//! Runs a stage: for each block of the vector, all operations of the stage while the block is in
//! the cache.
//!
//! A block holds all amplitudes that agree in the bits outside the stage's window. Where the window
//! is the lowest bits, a block is a piece of memory and is worked on in place; else its runs are
//! gathered into a buffer and scattered back, which costs one pass over the memory however many
//! operations there are. Working on scattered runs in place would be worse: their addresses differ
//! by powers of two and would share few cache sets.

use std::sync::atomic::{AtomicU64, Ordering};

use super::local::{LocalOp, Window, localize};
use super::memory::{Amplitudes, LANE_BITS, Tile};
use super::simd::Level;
use crate::limits::try_vec;
use crate::plan::op::Op;
use crate::progress::Stop;
use crate::{Real, SimError, par};

/// How often, in operations on one block, the run's control is asked.
const CHECK_EVERY: usize = 32;

/// Operations on the bits of a window.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    pub(crate) window: Window,
    /// Bits in use before the stage; all amplitudes with higher bits are 0.
    pub(crate) bits_before: usize,
    /// Bits in use from now on.
    pub(crate) bits: usize,
    pub(crate) groups: Vec<Group>,
}

/// Operations that run one after the other on each block, or on each inner block in turn.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    /// The window of the inner blocks: the lowest bits of the stage's blocks. With it, no operation
    /// mixes bits outside.
    pub(crate) inner: Option<Window>,
    pub(crate) ops: Vec<Op>,
}

/// Start of each segment. Blocks are disjoint, and each is given to one thread.
struct Segments<T> {
    starts: Vec<*mut Tile<T>>,
    /// Bits of a tile's index within its segment.
    tile_bits: usize,
}

// SAFETY: the pointers are to memory that `Amplitudes` owns and lends exclusively for the stage;
// threads use disjoint blocks of it.
unsafe impl<T: Send> Sync for Segments<T> {}

impl<T> Segments<T> {
    /// Tile `index` of the vector and those after it in its segment.
    fn at(&self, index: u64) -> *mut Tile<T> {
        let segment = usize::try_from(index >> self.tile_bits).unwrap_or(usize::MAX);
        let within = usize::try_from(index & ((1 << self.tile_bits) - 1)).unwrap_or(0);
        // SAFETY: `within` is below the segment's length; a bad segment would panic.
        unsafe { self.starts[segment].add(within) }
    }
}

/// Puts the bits of `index` at `positions`.
fn deposit(index: u64, positions: &[u8]) -> u64 {
    positions.iter().enumerate().fold(0, |out, (k, p)| out | (index >> k & 1) << p)
}

/// Memory that keeps a block: aligned tiles.
fn buffer<T: Real>(tiles: usize) -> Result<Vec<Tile<T>>, SimError> {
    let mut v = try_vec(tiles)?;
    v.resize(tiles, Tile::ZERO);
    Ok(v)
}

/// Applies a stage. `done` and `total` count the operations of the whole plan, for progress.
pub(crate) fn run_stage<T: Real>(
    amps: &mut Amplitudes<T>,
    stage: &Stage,
    level: Level,
    stop: &Stop,
    progress: (f64, f64),
) -> Result<(), SimError> {
    amps.grow(stage.bits)?;
    let window = &stage.window;
    let groups: Vec<(&Window, Vec<LocalOp<T>>)> = stage
        .groups
        .iter()
        .map(|g| {
            let w = g.inner.as_ref().unwrap_or(window);
            (w, localize(&g.ops, w))
        })
        .collect();
    let segments = Segments {
        tile_bits: amps.tiles_per_segment().trailing_zeros() as usize,
        starts: amps.pointers(),
    };
    // Bits outside the window. Those that were not in use before are 0 wherever there is anything.
    let outer: Vec<u8> = (0..64)
        .filter(|&b| usize::from(b) < stage.bits_before && window.local(b).is_none())
        .collect();
    let blocks = 1_usize << outer.len();
    let in_place = window.is_contiguous() && window.tile_bits() <= segments.tile_bits;
    let fresh = !0_u64 << stage.bits_before.min(63);

    // More pieces than threads, so that they end together; each has one buffer.
    let pieces = blocks.min(if blocks == 1 { 1 } else { 8 * par::num_threads() });
    let finished = AtomicU64::new(0);
    let results = par::map(pieces, |piece| -> Result<(), SimError> {
        let mut scratch = if in_place { Vec::new() } else { buffer::<T>(1 << window.tile_bits())? };
        for b in blocks * piece / pieces..blocks * (piece + 1) / pieces {
            stop.check()?;
            let base = deposit(b as u64, &outer);
            let tiles = if in_place {
                segments.at(base >> LANE_BITS)
            } else {
                gather(&segments, window, base, fresh, &mut scratch);
                scratch.as_mut_ptr()
            };
            for (inner, ops) in &groups {
                for part in 0..1_usize << (window.block_bits() - inner.block_bits()) {
                    let first = part << inner.tile_bits();
                    let outer = base | window.spread((first as u64) << LANE_BITS);
                    for (i, op) in ops.iter().enumerate() {
                        if i % CHECK_EVERY == CHECK_EVERY - 1 {
                            stop.check()?;
                        }
                        // SAFETY: the tiles of this block are used by this thread alone, in place or
                        // in its own buffer; the part ends within the `2^tile_bits` of them.
                        unsafe { op.run(level, tiles.add(first), inner, outer) };
                    }
                }
            }
            if !in_place {
                scatter(&segments, window, base, &scratch);
            }
            let count = finished.fetch_add(1, Ordering::Relaxed) + 1;
            if blocks <= 64 || count.is_multiple_of(blocks as u64 / 64) {
                stop.report(progress.0 + progress.1 * count as f64 / blocks as f64);
            }
        }
        Ok(())
    });
    crate::progress::first_error(results)
}

/// Bits of a run that is contiguous in memory: no longer than a segment.
fn run_bits<T>(segments: &Segments<T>, window: &Window) -> usize {
    window.low_bits.min(segments.tile_bits + LANE_BITS)
}

fn gather<T: Real>(
    segments: &Segments<T>,
    window: &Window,
    base: u64,
    fresh: u64,
    to: &mut [Tile<T>],
) {
    let bits = run_bits(segments, window);
    for (r, run) in (0_u64..).zip(to.chunks_exact_mut(1 << (bits - LANE_BITS))) {
        let offset = window.spread(r << bits);
        if offset & fresh != 0 {
            run.fill(Tile::ZERO);
        } else {
            let from = segments.at((base | offset) >> LANE_BITS);
            // SAFETY: a run lies within one segment, and this block belongs to this thread.
            run.copy_from_slice(unsafe { std::slice::from_raw_parts(from, run.len()) });
        }
    }
}

fn scatter<T: Real>(segments: &Segments<T>, window: &Window, base: u64, from: &[Tile<T>]) {
    let bits = run_bits(segments, window);
    for (r, run) in (0_u64..).zip(from.chunks_exact(1 << (bits - LANE_BITS))) {
        let to = segments.at((base | window.spread(r << bits)) >> LANE_BITS);
        // SAFETY: as for `gather`.
        unsafe { std::slice::from_raw_parts_mut(to, run.len()) }.copy_from_slice(run);
    }
}
