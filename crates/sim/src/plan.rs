//! From instructions to passes over memory.
//!
//! * [`lower`]: instructions become [`op::Op`]s on bits of the vector. Swaps only exchange labels;
//!   qubits that are still |0⟩ take no part; runs of one-qubit gates become one matrix; what lies on
//!   one pair of qubits is multiplied out where that costs less ([`fuse`]).
//! * [`schedule`]: operations are put into stages, each of which works on a window of bits so small
//!   that a block of amplitudes stays in the cache. Operations that commute trade places for that.
//!   Controls and diagonals need no room in the window.
//!
//! A plan is a function of the instructions and the options alone, not of the machine or its
//! threads: with it the order of operations on each amplitude is fixed.

pub(crate) mod fuse;
mod lower;
pub(crate) mod op;
mod schedule;

use circuit::Instruction;

use crate::kernel::block::Stage;
use crate::layout::Layout;
use crate::{Level, SimError};
use op::Op;

/// How to plan.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// Where the qubits lie when the plan starts: [`Layout::empty`] for a fresh register,
    /// [`Plan::output`] of the plan before, or [`crate::Statevector::layout`].
    pub layout: Layout,
    /// May contract products and sums: equal to the default only statistically.
    pub fast: bool,
    pub(crate) tuning: Tuning,
}

impl PlanOptions {
    /// For a register of `num_qubits` in |0…0⟩.
    pub fn new(num_qubits: usize) -> Self {
        Self::from_layout(Layout::empty(num_qubits))
    }

    pub fn from_layout(layout: Layout) -> Self {
        Self { layout, fast: false, tuning: Tuning::default() }
    }

    #[must_use]
    pub fn fast(mut self, fast: bool) -> Self {
        self.fast = fast;
        self
    }
}

/// Sizes that fit caches. Tests make them small, so that few qubits take every path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tuning {
    /// Bits of a block: `2^14` amplitudes are 256 KiB of `f64`, half of a second-level cache.
    pub(crate) block_bits: usize,
    /// Lowest bits that are in every window: runs of 4 KiB of `f64`.
    pub(crate) low_bits: usize,
    /// Bits of an inner block: 16 KiB of `f64`, half of a first-level cache.
    pub(crate) inner_bits: usize,
    pub(crate) fuse: bool,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { block_bits: 14, low_bits: 8, inner_bits: 10, fuse: true }
    }
}

/// One step of a plan.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Stage(Stage),
    /// A permutation of more bits than any block has.
    Everywhere(Op),
    /// `bit` is `None` for a qubit that has no bit: it is |0⟩.
    Measure {
        bit: Option<u8>,
        record: u32,
    },
    Reset {
        bit: u8,
    },
}

/// Instructions made ready to run on a state.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(crate) steps: Vec<Step>,
    pub(crate) input: Layout,
    pub(crate) output: Layout,
    pub(crate) level: Level,
}

/// What a plan will do, for estimates and for curious readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlanSummary {
    /// Passes over the vector.
    pub passes: usize,
    /// Operations after fusion.
    pub operations: usize,
    pub measurements: usize,
    /// Bits of the vector's index at the end.
    pub active_qubits: usize,
}

impl Plan {
    /// Where the qubits will lie.
    pub fn output(&self) -> &Layout {
        &self.output
    }

    /// Whether it neither measures nor resets.
    pub fn is_unitary(&self) -> bool {
        !self.steps.iter().any(|s| matches!(s, Step::Measure { .. } | Step::Reset { .. }))
    }

    /// Uses another instruction set than the best: for comparing them.
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    pub fn summary(&self) -> PlanSummary {
        let mut s =
            PlanSummary { active_qubits: self.output.num_active(), ..PlanSummary::default() };
        for step in &self.steps {
            match step {
                Step::Stage(stage) => {
                    s.passes += 1;
                    s.operations += stage.groups.iter().map(|g| g.ops.len()).sum::<usize>();
                }
                Step::Everywhere(_) => {
                    s.passes += 1;
                    s.operations += 1;
                }
                Step::Measure { .. } | Step::Reset { .. } => {
                    s.passes += 1;
                    s.measurements += 1;
                }
            }
        }
        s
    }
}

/// Plans `instructions`. Refuses what is malformed: see [`SimError`].
pub fn plan(instructions: &[Instruction], options: &PlanOptions) -> Result<Plan, SimError> {
    let mut steps = Vec::new();
    let mut lowering = lower::Lowering::new(&options.layout, options.tuning)?;
    let mut bits = options.layout.num_active();
    let mut close = |lowering: &mut lower::Lowering, steps: &mut Vec<Step>| {
        let ops = lowering.finish();
        bits = schedule::schedule(ops, bits, lowering.num_bits(), options.tuning, steps);
    };
    for instruction in instructions {
        match instruction {
            Instruction::Unitary(u) => lowering.unitary(u)?,
            Instruction::Barrier { .. } => {}
            Instruction::Measure { qubit, record } => {
                let bit = lowering.settle(*qubit)?;
                close(&mut lowering, &mut steps);
                steps.push(Step::Measure { bit, record: *record });
            }
            Instruction::Reset { qubit } => {
                if let Some(bit) = lowering.settle(*qubit)? {
                    close(&mut lowering, &mut steps);
                    steps.push(Step::Reset { bit });
                }
            }
        }
    }
    lowering.settle_all();
    close(&mut lowering, &mut steps);
    Ok(Plan {
        steps,
        input: options.layout.clone(),
        output: lowering.layout(),
        level: Level::best(options.fast),
    })
}
