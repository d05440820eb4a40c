//! Operations are put into stages, each on a window of bits that fits the cache.
//!
//! Greedy list scheduling: a stage takes, in order, every operation whose mixed bits are in the
//! window (or still fit into it) and that commutes with all operations put off so far. Two
//! operations commute where every bit that they share is only read by both.

use smallvec::SmallVec;

use super::op::{Action, Op};
use super::{Step, Tuning};
use crate::kernel::LANE_BITS;
use crate::kernel::block::{Group, Stage};
use crate::kernel::local::Window;

/// Blocks never have more bits than this; only permutations may ask for more, and do without.
const MAX_BLOCK_BITS: usize = 20;
/// Operations among which a stage chooses: keeps planning linear in the circuit.
const LOOK_AHEAD: usize = 2048;
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
        if !ops.is_empty() || num_bits > bits {
            let window = Window::new(num_bits.max(LANE_BITS), SmallVec::new());
            let groups = group(ops, &window, tuning.inner_bits);
            steps.push(Step::Stage(Stage { window, bits_before: bits, bits: num_bits, groups }));
        }
        return num_bits;
    }
    let low = tuning.low_bits.max(LANE_BITS);
    let room = tuning.block_bits.saturating_sub(low).max(2);
    let mut input = ops.into_iter();
    let mut rest: Vec<Op> = Vec::new();
    loop {
        rest.extend(input.by_ref().take(LOOK_AHEAD - rest.len().min(LOOK_AHEAD)));
        let Some(first) = rest.first() else { break };
        let need = high_bits(first.mixes(), low).count_ones() as usize;
        if low + need > MAX_BLOCK_BITS && matches!(first.action, Action::Permutation { .. }) {
            let op = rest.remove(0);
            bits = bits.max(top(op.mixes() | op.reads()));
            steps.push(Step::Everywhere(op));
            continue;
        }
        let choice = choose(&rest, low, room.max(need), num_bits);
        let mut stage = Vec::new();
        let (mut used, mut window) = (0, 0);
        let mut taken = choice.taken.iter();
        rest = rest
            .into_iter()
            .filter_map(|op| {
                if taken.next() == Some(&true) {
                    used |= op.mixes() | op.reads();
                    window |= op.mixes();
                    stage.push(op);
                    None
                } else {
                    Some(op)
                }
            })
            .collect();
        let after = bits.max(top(used)).max(LANE_BITS.min(num_bits));
        let mut window = complete(window, low, tuning.block_bits, after);
        if !window.is_contiguous() {
            window = by_use(&window, &stage);
        }
        let groups = group(stage, &window, tuning.inner_bits);
        steps.push(Step::Stage(Stage { window, bits_before: bits, bits: after, groups }));
        bits = after;
    }
    if bits < num_bits {
        // Qubits whose operations turned out to be nothing: zeros, without a pass.
        let window = Window::new(low, SmallVec::new());
        steps.push(Step::Stage(Stage {
            window,
            bits_before: bits,
            bits: num_bits,
            groups: Vec::new(),
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

/// Which operations a window allows.
struct Choice {
    taken: Vec<bool>,
    count: usize,
}

/// The best window for the next stage: by the order of operations, or any run of neighbouring bits,
/// whichever allows most of them.
fn choose(ops: &[Op], low: usize, room: usize, num_bits: usize) -> Choice {
    let masks: Vec<(u64, u64)> = ops.iter().map(|op| (op.mixes(), op.reads())).collect();
    let mut best = take(&masks, low, 0, room);
    if best.count == ops.len() {
        return best;
    }
    for from in low..=num_bits.saturating_sub(room) {
        let window = ((1 << room) - 1) << from;
        let other = take(&masks, low, window, room);
        if other.count > best.count {
            best = other;
        }
    }
    best
}

/// Takes what a window allows that holds `window` and grows to `room` high bits.
fn take(masks: &[(u64, u64)], low: usize, mut window: u64, room: usize) -> Choice {
    let mut taken = vec![false; masks.len()];
    let mut count = 0;
    let (mut mixed, mut read) = (0_u64, 0_u64);
    for (take, &(m, r)) in taken.iter_mut().zip(masks) {
        let grown = window | high_bits(m, low);
        let free = m & (mixed | read) == 0 && r & mixed == 0;
        if free && grown.count_ones() as usize <= room {
            window = grown;
            *take = true;
            count += 1;
        } else {
            mixed |= m;
            read |= r;
        }
    }
    Choice { taken, count }
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

/// The same window with its high bits in the order of how often they are mixed, so that the inner
/// blocks hold those that are mixed most.
fn by_use(window: &Window, ops: &[Op]) -> Window {
    let mut uses = [0_u32; 64];
    for op in ops {
        let mut mixes = op.mixes();
        while mixes != 0 {
            uses[mixes.trailing_zeros() as usize] += 1;
            mixes &= mixes - 1;
        }
    }
    let mut high = window.high.clone();
    high.sort_by_key(|b| (std::cmp::Reverse(uses[usize::from(*b)]), *b));
    Window::new(window.low_bits, high)
}

/// Splits the operations of a stage into groups: those that mix nothing outside the inner window,
/// block by inner block in the first-level cache, and the others.
fn group(ops: Vec<Op>, window: &Window, inner_bits: usize) -> Vec<Group> {
    if window.block_bits() <= inner_bits {
        let mut all = Collector::default();
        for op in ops {
            all.push(op);
        }
        return vec![Group { inner: None, ops: all.finish() }];
    }
    let inner = window.inner(inner_bits);
    let inside = |op: &Op| {
        let mixes = op.mixes();
        (0_u8..64).all(|b| mixes >> b & 1 == 0 || inner.local(b).is_some())
    };
    let mut groups = Vec::new();
    let mut input = ops.into_iter();
    let mut rest: Vec<Op> = Vec::new();
    loop {
        rest.extend(input.by_ref().take(LOOK_AHEAD - rest.len().min(LOOK_AHEAD)));
        let Some(first) = rest.first() else { return groups };
        let wanted = inside(first);
        let mut group = Collector::default();
        let mut deferred = Vec::new();
        let (mut mixed, mut read) = (0_u64, 0_u64);
        for op in rest {
            let (m, r) = (op.mixes(), op.reads());
            if m & (mixed | read) == 0 && r & mixed == 0 && inside(&op) == wanted {
                group.push(op);
            } else {
                mixed |= m;
                read |= r;
                deferred.push(op);
            }
        }
        rest = deferred;
        groups.push(Group { inner: wanted.then(|| inner.clone()), ops: group.finish() });
    }
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
