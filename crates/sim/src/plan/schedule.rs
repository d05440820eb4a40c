//! Operations are put into stages, each on a window of bits that fits the cache.
//!
//! Greedy list scheduling: a stage takes, in order, every operation whose mixed bits are in the
//! window (or still fit into it) and that commutes with all operations put off so far. Two
//! operations commute where every bit that they share is only read by both.

use smallvec::SmallVec;

use super::op::{Action, Op};
use super::{Step, Tuning};
use crate::kernel::LANE_BITS;
use crate::kernel::block::Stage;
use crate::kernel::local::Window;

/// Blocks never have more bits than this; only permutations may ask for more, and do without.
const MAX_BLOCK_BITS: usize = 20;
/// How far back a diagonal operation is moved to join others.
const LOOK_BACK: usize = 64;

/// Appends stages for `ops` to `steps`; returns the number of bits in use at the end.
pub(crate) fn schedule(
    ops: Vec<Op>,
    bits_before: usize,
    num_bits: usize,
    tuning: Tuning,
    steps: &mut Vec<Step>,
) -> usize {
    let mut bits = bits_before;
    if num_bits <= tuning.block_bits {
        let mut stage = Collector::default();
        for op in ops {
            stage.push(op);
        }
        if !stage.is_empty() || num_bits > bits {
            let window = Window::new(num_bits.max(LANE_BITS), SmallVec::new());
            steps.push(Step::Stage(Stage {
                window,
                bits_before: bits,
                bits: num_bits,
                ops: stage.finish(),
            }));
        }
        return num_bits;
    }
    let low = tuning.low_bits.max(LANE_BITS);
    let room = tuning.block_bits.saturating_sub(low).max(2);
    let mut rest: Vec<Op> = ops;
    while !rest.is_empty() {
        let first_need = high_bits(rest[0].mixes(), low).count_ones() as usize;
        if low + first_need > MAX_BLOCK_BITS && matches!(rest[0].action, Action::Permutation { .. })
        {
            let op = rest.remove(0);
            bits = bits.max(top(op.mixes() | op.reads()));
            steps.push(Step::Everywhere(op));
            continue;
        }
        let (taken, deferred, window) = take(rest, low, room.max(first_need));
        rest = deferred;
        let used = taken.touched.max(1);
        let after = bits.max(top(used | window)).max(LANE_BITS.min(num_bits));
        let window = complete(window, low, tuning.block_bits, after);
        steps.push(Step::Stage(Stage {
            window,
            bits_before: bits,
            bits: after,
            ops: taken.ops.finish(),
        }));
        bits = after;
    }
    if bits < num_bits {
        // Qubits whose operations turned out to be nothing: zeros, without a pass.
        let window = Window::new(low, SmallVec::new());
        steps.push(Step::Stage(Stage {
            window,
            bits_before: bits,
            bits: num_bits,
            ops: Vec::new(),
        }));
    }
    num_bits
}

/// Bits from `low` on.
fn high_bits(mask: u64, low: usize) -> u64 {
    mask >> low << low
}

/// One more than the highest bit.
fn top(mask: u64) -> usize {
    64 - mask.leading_zeros() as usize
}

struct Taken {
    ops: Collector,
    /// Bits that the operations mix or read.
    touched: u64,
}

/// Operations for one stage, those put off, and the window's high bits.
fn take(ops: Vec<Op>, low: usize, room: usize) -> (Taken, Vec<Op>, u64) {
    let mut taken = Taken { ops: Collector::default(), touched: 0 };
    let mut deferred = Vec::new();
    let (mut window, mut mixed, mut read) = (0_u64, 0_u64, 0_u64);
    for op in ops {
        let (m, r) = (op.mixes(), op.reads());
        let grown = window | high_bits(m, low);
        let free = m & (mixed | read) == 0 && r & mixed == 0;
        if free && grown.count_ones() as usize <= room {
            window = grown;
            taken.touched |= m | r;
            taken.ops.push(op);
        } else {
            mixed |= m;
            read |= r;
            deferred.push(op);
        }
    }
    (taken, deferred, window)
}

/// A window of the lowest bits and those of `mask`, filled up from below.
fn complete(mask: u64, low: usize, block_bits: usize, bits: usize) -> Window {
    let low = low.min(bits).max(LANE_BITS);
    let mut mask = high_bits(mask, low);
    let mut next = low;
    while low + (mask.count_ones() as usize) < block_bits && next < bits {
        mask |= 1 << next;
        next += 1;
    }
    Window::new(low, (0..64).filter(|b| mask >> b & 1 == 1).collect())
}

/// A list in which diagonal operations move back to the run of diagonal ones before, where they
/// commute with what lies between.
#[derive(Default)]
struct Collector {
    slots: Vec<Slot>,
}

enum Slot {
    /// Diagonal operations.
    Diagonal(Vec<Op>),
    Op(Op),
}

impl Collector {
    fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    fn push(&mut self, op: Op) {
        if !op.is_diagonal() {
            self.slots.push(Slot::Op(op));
            return;
        }
        let reads = op.reads();
        for slot in self.slots.iter_mut().rev().take(LOOK_BACK) {
            match slot {
                Slot::Diagonal(run) => {
                    run.push(op);
                    return;
                }
                Slot::Op(other) if other.mixes() & reads != 0 => break,
                Slot::Op(_) => {}
            }
        }
        self.slots.push(Slot::Diagonal(vec![op]));
    }

    fn finish(self) -> Vec<Op> {
        let mut ops = Vec::with_capacity(self.slots.len());
        for slot in self.slots {
            match slot {
                Slot::Diagonal(run) => ops.extend(run),
                Slot::Op(op) => ops.push(op),
            }
        }
        ops
    }
}
