//! Runs of diagonal operations, collected into few tables of phases and applied in one sweep.
//!
//! A table covers some bits of the index. Those in the tile become lanes of its entries; those above
//! the block choose a part of the table once per block; the others are looked up for each tile, by
//! two small tables. A bit that all operations of a sweep are controlled by is not in the table: the
//! sweep skips half of the block instead.

use num_complex::Complex;
use smallvec::SmallVec;

use super::dense::{Block, PhaseTable, Phases};
use super::local::Window;
use super::simd::Level;
use super::{LANE_BITS, LANES, Tile};
use crate::Real;
use crate::plan::op::{Action, Op};

/// Most bits of a table beside the lanes; with lanes, `2^9` amplitudes are 8 KiB of `f64`.
const TABLE_BITS: u32 = 6;
/// Diagonals on more bits are looked up where they lie.
pub(crate) const WIDE_BITS: usize = 10;

const LANE_MASK: u64 = (1 << LANE_BITS) - 1;

/// Operations that share a table.
struct Part<'p> {
    ctrl_mask: u64,
    ctrl_value: u64,
    /// Bits of the table.
    bits: u64,
    ops: SmallVec<[&'p Op; 8]>,
}

/// One sweep: tables under common controls.
pub(crate) struct Sweep<T> {
    /// Controls above the lanes.
    controls: (u64, u64),
    /// Those of them outside the block.
    pub(crate) outer_mask: u64,
    pub(crate) outer_value: u64,
    fixed: usize,
    value: usize,
    tables: Vec<Table<T>>,
}

struct Table<T> {
    entries: Vec<Tile<T>>,
    low: Vec<u16>,
    high: Vec<u16>,
    /// Bits outside the block, with the bit of the entry's index that each is.
    outer: SmallVec<[(u8, u8); 8]>,
}

impl<'p> Part<'p> {
    fn new(op: &'p Op) -> Self {
        Self {
            ctrl_mask: op.ctrl_mask,
            ctrl_value: op.ctrl_value,
            bits: op.reads() & !op.ctrl_mask,
            ops: SmallVec::from_slice(&[op]),
        }
    }

    /// Takes `op` in if the table stays small and the sweep is worth it.
    fn join(&mut self, op: &'p Op, table_bits: u32) -> bool {
        // Controls on which both agree.
        let common = self.ctrl_mask & op.ctrl_mask & !(self.ctrl_value ^ op.ctrl_value);
        let bits = (self.bits | self.ctrl_mask | op.reads()) & !common;
        let share = |mask: u64| 1.0 / f64::from(1_u32 << mask.count_ones().min(20));
        if (bits & !LANE_MASK).count_ones() > table_bits
            || share(common) > share(self.ctrl_mask) + share(op.ctrl_mask)
        {
            return false;
        }
        self.ctrl_value &= common;
        self.ctrl_mask = common;
        self.bits = bits;
        self.ops.push(op);
        true
    }
}

/// Sweeps that together do what `ops` do. All are diagonal, on at most [`WIDE_BITS`] bits each.
pub(crate) fn collect<T: Real>(ops: &[&Op], window: &Window) -> Vec<Sweep<T>> {
    // A table as large as the block would cost more than it saves.
    let table_bits =
        TABLE_BITS.min(u32::try_from(window.tile_bits()).unwrap_or(0).saturating_sub(3)).max(1);
    let mut parts: Vec<Part> = Vec::new();
    for op in ops {
        if !parts.iter_mut().any(|p| p.join(op, table_bits)) {
            parts.push(Part::new(op));
        }
    }
    let mut sweeps: Vec<Sweep<T>> = Vec::new();
    for part in &parts {
        let table = Table::new(part, window);
        let controls = (part.ctrl_mask & !LANE_MASK, part.ctrl_value & !LANE_MASK);
        if let Some(sweep) = sweeps.iter_mut().find(|s| s.controls == controls) {
            sweep.tables.push(table);
            continue;
        }
        let place = window.place(controls.0, controls.1);
        sweeps.push(Sweep {
            controls,
            outer_mask: place.outer_mask,
            outer_value: place.outer_value,
            fixed: place.fixed,
            value: place.value,
            tables: vec![table],
        });
    }
    sweeps
}

/// Multiplies the entries of a table, whose indices in the vector are `indices`, by the phases of
/// one operation.
fn multiply(op: &Op, entries: &mut [Tile<f64>], indices: &[u64]) {
    let Action::Diagonal { bits, entries: phases } = &op.action else { return };
    let phases = phases.as_slice();
    let at = |index: u64| -> usize {
        bits.iter().enumerate().map(|(k, b)| usize::from(index >> b & 1 == 1) << k).sum()
    };
    let in_lanes = op.reads() & LANE_MASK != 0;
    // What the lane adds to the index of the phase; none where its controls do not hold.
    let lanes: [Option<usize>; LANES] = std::array::from_fn(|l| {
        let lane = l as u64;
        ((lane ^ op.ctrl_value) & op.ctrl_mask & LANE_MASK == 0).then(|| at(lane))
    });
    for (tile, &index) in entries.iter_mut().zip(indices) {
        if (index ^ op.ctrl_value) & op.ctrl_mask & !LANE_MASK != 0 {
            continue;
        }
        let high = at(index & !LANE_MASK);
        if in_lanes {
            for (l, lane) in lanes.iter().enumerate() {
                if let Some(low) = lane {
                    tile.set(l, tile.get(l) * phases[high | low]);
                }
            }
        } else {
            let p = phases[high];
            for l in 0..LANES {
                let (re, im) = (tile.re[l], tile.im[l]);
                tile.re[l] = re * p.re - im * p.im;
                tile.im[l] = re * p.im + im * p.re;
            }
        }
    }
}

impl<T: Real> Table<T> {
    fn new(part: &Part, window: &Window) -> Self {
        let above: SmallVec<[u8; 16]> =
            (0_u8..64).filter(|b| (part.bits & !LANE_MASK) >> b & 1 == 1).collect();
        // The vector's index of each entry, lanes apart.
        let mut indices = vec![part.ctrl_value & !LANE_MASK; 1 << above.len()];
        for (e, b) in
            above.iter().enumerate().flat_map(|(k, b)| (1 << k..2 << k).map(move |e| (e, b)))
        {
            indices[e] = indices[e - (1 << e.ilog2())] | 1 << b;
        }
        let mut entries = vec![Tile::<f64>::splat(Complex::new(1.0, 0.0)); 1 << above.len()];
        for op in &part.ops {
            multiply(op, &mut entries, &indices);
        }
        let mut outer = SmallVec::new();
        let mut local: SmallVec<[(usize, u16); 16]> = SmallVec::new();
        for (k, &b) in (0_u8..).zip(&above) {
            match window.local(b) {
                Some(at) => local.push((at - LANE_BITS, 1 << k)),
                None => outer.push((b, k)),
            }
        }
        let low_bits = window.tile_bits().min(6);
        let table = |from: usize, bits: usize| -> Vec<u16> {
            let mut v = vec![0; 1 << bits];
            for &(at, weight) in &local {
                if (from..from + bits).contains(&at) {
                    let step = 1 << (at - from);
                    for (i, x) in v.iter_mut().enumerate() {
                        if i & step != 0 {
                            *x |= weight;
                        }
                    }
                }
            }
            v
        };
        Self {
            low: table(0, low_bits),
            high: table(low_bits, window.tile_bits() - low_bits),
            outer,
            entries: entries
                .iter()
                .map(|t| Tile { re: t.re.map(T::from_f64), im: t.im.map(T::from_f64) })
                .collect(),
        }
    }

    fn on(&self, outer: u64) -> PhaseTable<'_, T> {
        let base = self.outer.iter().map(|&(b, k)| ((outer >> b & 1) as usize) << k).sum();
        PhaseTable { entries: &self.entries, low: &self.low, high: &self.high, base }
    }
}

impl<T: Real> Sweep<T> {
    /// Applies the sweep to the block whose bits outside the window are `outer`.
    pub(crate) fn run(&self, level: Level, block: Block<T>, outer: u64) {
        let tables: SmallVec<[PhaseTable<'_, T>; 4]> =
            self.tables.iter().map(|t| t.on(outer)).collect();
        let block = Block { fixed: self.fixed, value: self.value, ..block };
        T::dispatch(level, Phases { block, tables: &tables });
    }
}
