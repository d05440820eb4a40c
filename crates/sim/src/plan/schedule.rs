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
    let mut list = Worklist::new(ops);
    while let Some(first) = list.first() {
        let need = high_bits(first.mixes(), low).count_ones() as usize;
        if low + need > MAX_BLOCK_BITS && matches!(first.action, Action::Permutation { .. }) {
            let op = list.pop();
            bits = bits.max(top(op.mixes() | op.reads()));
            steps.push(Step::Everywhere(op));
            continue;
        }
        let taken = list.choose(low, room.max(need), num_bits);
        let stage = list.remove(&taken);
        let (mut used, mut window) = (0, 0);
        for op in &stage {
            used |= op.mixes() | op.reads();
            window |= op.mixes();
        }
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

/// Operations not yet placed. They stay where they are; what moves are their numbers.
struct Worklist {
    ops: Vec<Option<Op>>,
    /// For each operation the bits that it mixes and those that it reads.
    masks: Vec<(u64, u64)>,
    /// Operations in view, in order; those from `next` on follow.
    view: Vec<usize>,
    next: usize,
}

impl Worklist {
    fn new(ops: Vec<Op>) -> Self {
        let masks = ops.iter().map(|op| (op.mixes(), op.reads())).collect();
        Self { ops: ops.into_iter().map(Some).collect(), masks, view: Vec::new(), next: 0 }
    }

    /// The first operation; brings into view what there is room for.
    fn first(&mut self) -> Option<&Op> {
        let end = (self.next + LOOK_AHEAD.saturating_sub(self.view.len())).min(self.ops.len());
        self.view.extend(self.next..end);
        self.next = end;
        self.view.first().and_then(|&i| self.ops[i].as_ref())
    }

    fn pop(&mut self) -> Op {
        let i = self.view.remove(0);
        self.ops[i].take().expect("operations in view are there")
    }

    /// Which of the operations in view, in order, can come next if each is `allowed`: those that
    /// commute with all before them that cannot.
    fn take(&self, mut allowed: impl FnMut(u64) -> bool) -> Vec<usize> {
        let mut taken = Vec::new();
        let (mut mixed, mut read) = (0_u64, 0_u64);
        for &i in &self.view {
            let (m, r) = self.masks[i];
            if m & (mixed | read) == 0 && r & mixed == 0 && allowed(m) {
                taken.push(i);
            } else {
                mixed |= m;
                read |= r;
            }
        }
        taken
    }

    /// What the best window for the next stage allows: a window that grows to `room` high bits in
    /// the order of operations, or any run of neighbouring bits.
    fn choose(&self, low: usize, room: usize, num_bits: usize) -> Vec<usize> {
        let mut window = 0;
        let mut best = self.take(|m| {
            let grown = window | high_bits(m, low);
            let fits = grown.count_ones() as usize <= room;
            if fits {
                window = grown;
            }
            fits
        });
        for from in low..=num_bits.saturating_sub(room) {
            if best.len() == self.view.len() {
                break;
            }
            let window = ((1 << room) - 1) << from;
            let other = self.take(|m| high_bits(m, low) & !window == 0);
            if other.len() > best.len() {
                best = other;
            }
        }
        best
    }

    /// Takes operations out; `taken` is in the order of the view.
    fn remove(&mut self, taken: &[usize]) -> Vec<Op> {
        let mut gone = taken.iter().peekable();
        self.view.retain(|i| gone.next_if_eq(&i).is_none());
        taken.iter().filter_map(|&i| self.ops[i].take()).collect()
    }
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
    let outside =
        (0_u8..64).filter(|b| inner.local(*b).is_none()).fold(0_u64, |mask, b| mask | 1 << b);
    let mut groups = Vec::new();
    let mut list = Worklist::new(ops);
    while let Some(first) = list.first() {
        let wanted = first.mixes() & outside == 0;
        let taken = list.take(|m| (m & outside == 0) == wanted);
        let mut group = Collector::default();
        for op in list.remove(&taken) {
            group.push(op);
        }
        groups.push(Group { inner: wanted.then(|| inner.clone()), ops: group.finish() });
    }
    groups
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
