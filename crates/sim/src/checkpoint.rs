//! States in the middle of plans, kept so that a run that begins like an earlier one goes on from
//! there.
//!
//! A checkpoint is known by everything that led to it: the steps of the plans up to it, entry by
//! entry. A run that finds one executes the remaining steps of its own plan, the same ones that a run
//! from the start would execute on the same amplitudes: results are equal bit for bit, whatever is kept.
//!
//! A step of a plan is a pass over the vector with many operations; operations of later columns may
//! be in early passes. For states after a column use [`slices`], whose plans begin at fixed places.

use circuit::Instruction;

use crate::kernel::block::Group;
use crate::kernel::memory::Amplitudes;
use crate::layout::Layout;
use crate::plan::op::{Action, Op};
use crate::plan::{Plan, Step};
use crate::{PlanOptions, Real, RunControl, SimError, Statevector, plan};

/// Instructions of one slice: see [`slices`].
pub const SLICE: usize = 64;

/// Plans for `instructions` in slices of [`SLICE`], each from where the one before ends.
///
/// The slices of a longer list begin with those of a shorter one but for its last: moving through a
/// circuit, or editing it, leaves the slices before as they are. Amplitudes may differ by rounding from those of
/// a plan for the whole, which may combine operations across slices.
pub fn slices(instructions: &[Instruction], options: &PlanOptions) -> Result<Vec<Plan>, SimError> {
    let mut plans = Vec::new();
    let mut options = options.clone();
    for part in instructions.chunks(SLICE) {
        let plan = plan(part, &options)?;
        options.layout = plan.output().clone();
        plans.push(plan);
    }
    Ok(plans)
}

/// A name of everything that led to a state: 128 bits, so that two never share one by chance.
type Key = [u64; 2];

/// Makes keys.
#[derive(Clone, Copy)]
struct Namer(Key);

impl Namer {
    fn word(&mut self, x: u64) {
        // Two multiply-and-fold hashes with different constants; each step keeps the order.
        const A: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd6e8_feb8_6659_fd93];
        const B: [u64; 2] = [0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db];
        for i in 0..2 {
            let wide = u128::from(self.0[i] ^ x ^ A[i]) * u128::from(B[i] ^ x.rotate_left(32));
            let [low, high] = [wide, wide >> 64].map(|half| half & u128::from(u64::MAX));
            let folded = u64::try_from(low ^ high).unwrap_or(0);
            self.0[i] = self.0[i].rotate_left(23).wrapping_mul(A[i]) ^ folded;
        }
    }

    fn size(&mut self, n: usize) {
        self.word(n as u64);
    }

    fn complex(&mut self, entries: &[num_complex::Complex64]) {
        self.size(entries.len());
        for z in entries {
            self.word(z.re.to_bits());
            self.word(z.im.to_bits());
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.size(bytes.len());
        for &b in bytes {
            self.word(u64::from(b));
        }
    }

    fn layout(&mut self, layout: &Layout) {
        self.size(layout.num_qubits());
        for qubit in (0..u32::MAX).take(layout.num_qubits()).map(circuit::Qubit) {
            self.word(layout.position(qubit).map_or(u64::MAX, |p| p as u64));
        }
    }

    fn op(&mut self, op: &Op) {
        self.word(op.ctrl_mask);
        self.word(op.ctrl_value);
        match &op.action {
            Action::Diagonal { bits, entries } => {
                self.word(0);
                self.bytes(bits);
                self.complex(entries.as_slice());
            }
            Action::X { bit } => self.bytes(&[1, *bit]),
            Action::One { bit, u } => {
                self.bytes(&[2, *bit]);
                self.complex(u);
            }
            Action::Two { bits, u } => {
                self.bytes(&[3, bits[0], bits[1]]);
                self.complex(&u[..]);
            }
            Action::Dense { bits, u } => {
                self.word(4);
                self.bytes(bits);
                self.complex(u.entries());
            }
            Action::Permutation { bits, map } => {
                self.word(5);
                self.bytes(bits);
                self.size(map.len());
                for &to in map.iter() {
                    self.word(u64::from(to));
                }
            }
        }
    }

    fn group(&mut self, group: &Group) {
        self.size(group.inner.as_ref().map_or(0, crate::kernel::local::Window::block_bits));
        self.size(group.ops.len());
        for op in &group.ops {
            self.op(op);
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Stage(stage) => {
                self.word(0);
                self.size(stage.window.low_bits);
                self.bytes(&stage.window.high);
                self.size(stage.bits_before);
                self.size(stage.bits);
                self.size(stage.groups.len());
                for group in &stage.groups {
                    self.group(group);
                }
            }
            Step::Everywhere(op) => {
                self.word(1);
                self.op(op);
            }
            // Not deterministic: plans with these are refused before.
            Step::Measure { .. } | Step::Reset { .. } => self.word(2),
        }
    }
}

/// Whether two operations do the same, bit for bit.
pub(crate) fn same_op(a: &Op, b: &Op) -> bool {
    named(|namer| namer.op(a)) == named(|namer| namer.op(b))
}

/// Whether two steps do the same, bit for bit.
pub(crate) fn same_step(a: &Step, b: &Step) -> bool {
    named(|namer| namer.step(a)) == named(|namer| namer.step(b))
}

fn named(name: impl FnOnce(&mut Namer)) -> Key {
    let mut namer = Namer([0, 0]);
    name(&mut namer);
    namer.0
}

/// A step among several plans: executed before it are all steps of earlier plans and `step` of `plan`.
#[derive(Clone, Copy)]
struct Place {
    plan: usize,
    step: usize,
    key: Key,
    /// Operations up to here.
    work: usize,
}

/// Every place where a run can begin, from the start to the end.
fn places(plans: &[Plan]) -> Vec<Place> {
    let mut namer = Namer([0, 0]);
    let mut work = 0;
    let mut places = Vec::new();
    for (p, plan) in plans.iter().enumerate() {
        namer.layout(&plan.input);
        namer.size(plan.level as usize);
        for (s, step) in plan.steps.iter().enumerate() {
            places.push(Place { plan: p, step: s, key: namer.0, work });
            namer.step(step);
            work += 1 + match step {
                Step::Stage(stage) => stage.groups.iter().map(|g| g.ops.len()).sum(),
                _ => 1,
            };
        }
    }
    places.push(Place { plan: plans.len(), step: 0, key: namer.0, work });
    places
}

struct Entry<T: Real> {
    key: Key,
    amps: Amplitudes<T>,
    used: u64,
}

/// Kept states, in bounded memory.
pub struct Checkpoints<T: Real> {
    max_bytes: u64,
    entries: Vec<Entry<T>>,
    /// Counts runs: what was used least recently goes first.
    runs: u64,
}

/// What came of a run with checkpoints.
pub struct Resumed<T: Real> {
    pub state: Statevector<T>,
    /// Steps that were found done.
    pub reused: usize,
    pub steps: usize,
    key: Key,
}

impl<T: Real> Checkpoints<T> {
    /// Keeps states of `max_bytes` together at most.
    pub fn new(max_bytes: u64) -> Self {
        Self { max_bytes, entries: Vec::new(), runs: 0 }
    }

    /// Bytes now held.
    pub fn size_bytes(&self) -> u64 {
        self.entries.iter().map(|e| bytes(&e.amps)).sum()
    }

    /// Sets the bound, and drops what goes beyond it.
    pub fn limit(&mut self, max_bytes: u64) {
        self.max_bytes = max_bytes;
        self.make_room(0);
    }

    /// Runs `plans` one after another from |0…0⟩, or from the last state on their way that is kept,
    /// and keeps some of the states on the way. `available_bytes` is for the state alone.
    ///
    /// Plans that measure are refused. After an error nothing is lost but the run.
    pub fn run(
        &mut self,
        plans: &[Plan],
        available_bytes: u64,
        control: &RunControl,
    ) -> Result<Resumed<T>, SimError> {
        if !plans.iter().all(Plan::is_unitary) {
            return Err(SimError::NotUnitary);
        }
        let (Some(first), Some(last)) = (plans.first(), plans.last()) else {
            return Err(SimError::OtherLayout);
        };
        if first.input.num_active() > 0 || plans.windows(2).any(|p| p[0].output != p[1].input) {
            return Err(SimError::OtherLayout);
        }
        crate::limits::check_memory(last.output.num_active(), T::PRECISION, available_bytes)?;
        self.runs += 1;
        let places = places(plans);
        let (end, steps) = (places[places.len() - 1], places.len() - 1);
        let mut from = 0;
        for (i, place) in places.iter().enumerate().rev() {
            if let Some(entry) = self.entries.iter_mut().find(|e| e.key == place.key) {
                entry.used = self.runs;
                from = i;
                break;
            }
        }
        // Those further back stay useful, too.
        for place in &places[..from] {
            if let Some(entry) = self.entries.iter_mut().find(|e| e.key == place.key) {
                entry.used = self.runs;
            }
        }
        let mut state = Statevector::<T>::for_plan(last, available_bytes)?;
        state.layout = plans[places[from].plan.min(plans.len() - 1)].input.clone();
        if from > 0
            && let Some(entry) = self.entries.iter().find(|e| e.key == places[from].key)
        {
            state.amps = entry.amps.try_clone()?;
            if from == steps {
                state.layout = last.output.clone();
            }
        }
        let wanted =
            self.wanted(&places, from, T::PRECISION.amplitude_bytes() << last.output.num_active());
        for i in from..steps {
            let place = places[i];
            if i > from && wanted.contains(&i) {
                self.keep(place.key, &state)?;
            }
            let plan = &plans[place.plan];
            let share = |x: f64| {
                let (a, b) = (place.work, places[i + 1].work);
                control.report((a as f64 + x * (b - a) as f64) / end.work.max(1) as f64);
            };
            let own = RunControl { progress: Some(&share), ..*control };
            state.run_step(plan, place.step, &own)?;
            if places[i + 1].plan != place.plan {
                state.end_plan(plan)?;
            }
        }
        control.report(1.0);
        Ok(Resumed { state, reused: from, steps, key: end.key })
    }

    /// Takes the final state of a run, once it has been read, so that the same circuit need not run
    /// again.
    pub fn put_back(&mut self, run: Resumed<T>) {
        if !self.entries.iter().any(|e| e.key == run.key) && self.make_room(bytes(&run.state.amps))
        {
            self.entries.push(Entry { key: run.key, amps: run.state.amps, used: self.runs });
        }
    }

    /// At which places to keep a state: where half, a quarter, … of the work is left, since edits
    /// gather at the end, and evenly in between as far as there is room.
    fn wanted(&self, places: &[Place], from: usize, state_bytes: u64) -> Vec<usize> {
        /// More would cost more copies than they save.
        const MOST: u64 = 12;
        let room = (self.max_bytes / state_bytes.max(1)).min(MOST);
        // The final state takes one of them.
        let count = usize::try_from(room).unwrap_or(0).saturating_sub(1);
        let steps = places.len() - 1;
        let total = places[steps].work;
        let late = count.div_ceil(2);
        let goals = (1..=late)
            .map(|k| total - (total >> k))
            .chain((1..=count - late).map(|k| total * k / (count - late + 1)));
        let mut wanted: Vec<usize> = goals
            .map(|goal| places.partition_point(|p| p.work < goal).min(steps.saturating_sub(1)))
            .filter(|&i| i > from)
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    fn keep(&mut self, key: Key, state: &Statevector<T>) -> Result<(), SimError> {
        if self.entries.iter().any(|e| e.key == key) || !self.make_room(bytes(&state.amps)) {
            return Ok(());
        }
        match state.amps.try_clone() {
            Ok(amps) => self.entries.push(Entry { key, amps, used: self.runs }),
            // No memory for a convenience is no reason to fail.
            Err(SimError::OutOfMemory { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Drops the least recently used until `more` bytes fit; whether they do.
    fn make_room(&mut self, more: u64) -> bool {
        if more > self.max_bytes {
            return false;
        }
        while self.size_bytes() + more > self.max_bytes {
            let oldest = (0..self.entries.len()).min_by_key(|&i| self.entries[i].used);
            let Some(oldest) = oldest else { return false };
            self.entries.remove(oldest);
        }
        true
    }
}

fn bytes<T: Real>(amps: &Amplitudes<T>) -> u64 {
    T::PRECISION.amplitude_bytes() << amps.bits()
}
