//! How long a plan will take on this machine.
//!
//! A plan says how many amplitudes each kind of operation works on and how often memory is passed
//! through; [`Calibration`] says what that costs here. The caller brings the clock. Estimates are meant to be
//! right within a factor of two on a machine that does nothing else.

use std::sync::Arc;

use circuit::{Gate, GateMatrix, Instruction, Qubit, UnitaryInstruction};
use num_complex::Complex64;
use quantum_info::Matrix;
use smallvec::SmallVec;

use crate::kernel::dense::Form;
use crate::plan::Step;
use crate::plan::op::{Action, Op};
use crate::{Plan, PlanOptions, Real, RunControl, SimError, Statevector, par, plan};

/// Kinds of operations with a rate of their own.
const KINDS: usize = 7;

/// Kind of an operation, and the share of the amplitudes that it works on, times the rows of its
/// matrix where those count.
fn kind(op: &Op) -> (usize, f64) {
    // Controls in the lanes of a tile save nothing.
    let share = f64::max(0.25, 0.5_f64.powi(op.ctrl_mask.count_ones().try_into().unwrap_or(2)));
    let rows = |bits: usize| 2_f64.powi(i32::try_from(bits).unwrap_or(i32::MAX));
    match &op.action {
        Action::Diagonal { .. } => (0, share),
        Action::X { .. } => (1, share),
        Action::One { u, .. } => (if Form::of(u) == Form::Dense { 2 } else { 3 }, share),
        Action::Two { .. } => (4, share),
        Action::Dense { bits, .. } => (5, share * rows(bits.len())),
        Action::Permutation { .. } => (6, share),
    }
}

/// What work costs on a machine, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// For each kind of operation and amplitude in the cache, on one thread.
    operation: [f64; KINDS],
    /// For each operation on one block, however small.
    call: f64,
    /// For each amplitude of a pass through memory, on all threads.
    pass: f64,
    /// For each amplitude that is used for the first time.
    touch: f64,
    /// How much faster all threads are than one.
    speedup: f64,
}

impl Calibration {
    /// An ordinary machine: good enough to tell what is over in no time.
    pub const NOMINAL: Self = Self {
        operation: [0.4e-9, 0.3e-9, 1.0e-9, 0.7e-9, 2.0e-9, 8.0e-9, 8.0e-9],
        call: 0.3e-6,
        pass: 2.0e-9,
        touch: 3.0e-9,
        speedup: 1.0,
    };

    /// Measures this machine for amplitudes of type `T`, in less than a second. `seconds` is a clock.
    pub fn measure<T: Real>(seconds: &dyn Fn() -> f64) -> Result<Self, SimError> {
        /// One block, so that one thread works.
        const SMALL: u32 = 14;
        /// Beyond the caches of most machines.
        const LARGE: u32 = 20;
        /// Several blocks.
        const MIDDLE: u32 = 18;
        let control = RunControl::default();
        let mut operation = [0.0; KINDS];
        let prepared = |n: u32| -> Result<Statevector<T>, SimError> {
            let mut state = Statevector::<T>::zero(n as usize, u64::MAX)?;
            let start = plan(&rotations(n), &PlanOptions::new(n as usize))?;
            state.apply(&start, &control)?;
            Ok(state)
        };
        // The least time of some runs within some milliseconds.
        let least =
            |state: &mut Statevector<T>, list: &[Instruction]| -> Result<(f64, Plan), SimError> {
                let mut options = PlanOptions::from_layout(state.layout().clone());
                options.tuning.fuse = false;
                let plan = plan(list, &options)?;
                let (began, mut least) = (seconds(), f64::INFINITY);
                // A clock that stands still ends by the number of rounds.
                for _ in 0..200 {
                    let from = seconds();
                    state.apply(&plan, &control)?;
                    least = least.min(seconds() - from);
                    if seconds() - began > 0.015 {
                        break;
                    }
                }
                Ok((least, plan))
            };
        let mut small = prepared(SMALL)?;
        for (k, rate) in operation.iter_mut().enumerate() {
            let (time, plan) = least(&mut small, &samples(k, SMALL))?;
            let weight: f64 = ops(&plan).map(|op| kind(op).1).sum();
            *rate = time / (weight.max(1.0) * f64::from(1_u32 << SMALL));
        }
        let mut tiny = prepared(4)?;
        let (time, plan) = least(&mut tiny, &rotations(4))?;
        let call = time / ops(&plan).count().max(1) as f64;
        let mut found = Self { operation, call, pass: 0.0, touch: 0.0, speedup: 1.0 };

        let mut middle = prepared(MIDDLE)?;
        let (time, plan) = least(&mut middle, &samples(4, MIDDLE))?;
        let alone = found.seconds::<T>(&plan);
        found.speedup = (alone / time.max(1e-9)).clamp(1.0, par::num_threads() as f64);
        drop(middle);

        let amplitudes = f64::from(1_u32 << LARGE);
        let start = crate::plan(&rotations(LARGE), &PlanOptions::new(LARGE as usize))?;
        let mut large = None;
        let mut first = f64::INFINITY;
        for _ in 0..3 {
            // One at a time: what was freed may be given again, as it is between runs.
            drop(large.take());
            let from = seconds();
            let mut state = Statevector::<T>::for_plan(&start, u64::MAX)?;
            state.apply(&start, &control)?;
            first = first.min(seconds() - from);
            large = Some(state);
        }
        if let Some(mut large) = large {
            let (time, _) = least(&mut large, &[gate(Gate::X, &[], LARGE - 1)])?;
            found.pass = time / amplitudes;
        }
        found.touch = ((first - found.seconds::<T>(&start)) / amplitudes).max(0.0);
        Ok(found)
    }

    /// Seconds for a plan on amplitudes of type `T`.
    pub fn seconds<T: Real>(&self, plan: &Plan) -> f64 {
        /// Vectors up to this stay in the cache.
        const CACHED_BYTES: f64 = (1 << 20) as f64;
        let mut seconds = 0.0;
        let mut bits = plan.input.num_active();
        for step in &plan.steps {
            let mut passed = 0.0;
            match step {
                Step::Stage(stage) => {
                    let window = &stage.window;
                    let outer = (0_u8..64)
                        .filter(|&b| {
                            usize::from(b) < stage.bits_before && window.local(b).is_none()
                        })
                        .count();
                    let blocks = power(outer);
                    let amplitudes = blocks * power(window.block_bits());
                    let mut work = 0.0;
                    for group in &stage.groups {
                        let inner = group.inner.as_ref().unwrap_or(window).block_bits();
                        let parts = blocks * power(window.block_bits() - inner);
                        for op in &group.ops {
                            let (kind, weight) = kind(op);
                            work += amplitudes * weight * self.operation[kind] + parts * self.call;
                        }
                    }
                    seconds += work / self.speedup.min(blocks);
                    if !stage.groups.is_empty() {
                        passed = amplitudes;
                    }
                    seconds += (power(stage.bits) - power(bits)).max(0.0) * self.touch;
                    bits = stage.bits;
                }
                Step::Everywhere(_) => seconds += power(bits) * self.operation[6],
                Step::Measure { .. } | Step::Reset { .. } => passed = 2.0 * power(bits),
            }
            if passed * T::PRECISION.amplitude_bytes() as f64 > CACHED_BYTES {
                seconds += passed * self.pass;
            }
        }
        seconds
    }
}

fn power(bits: usize) -> f64 {
    2_f64.powi(i32::try_from(bits).unwrap_or(i32::MAX))
}

fn ops(plan: &Plan) -> impl Iterator<Item = &Op> {
    plan.steps.iter().flat_map(|step| match step {
        Step::Stage(stage) => stage.groups.iter().flat_map(|g| &g.ops).collect::<Vec<_>>(),
        _ => Vec::new(),
    })
}

fn gate(gate: Gate, params: &[f64], qubit: u32) -> Instruction {
    Instruction::Unitary(UnitaryInstruction::from_gate(gate, params, &[Qubit(qubit)]))
}

fn rotations(n: u32) -> Vec<Instruction> {
    (0..n).map(|q| gate(Gate::U, &[0.3 + f64::from(q), 0.4, 0.5], q)).collect()
}

/// Operations of one kind spread over `n` qubits.
fn samples(kind: usize, n: u32) -> Vec<Instruction> {
    let single = |g: Gate, params: &[f64]| (0..n).map(|q| gate(g, params, q)).collect();
    let wide = |k: u32, matrix: GateMatrix| {
        let on = |q: u32| {
            Instruction::Unitary(UnitaryInstruction {
                gate: None,
                controls: SmallVec::new(),
                targets: (0..k).map(|j| Qubit((q + j * 5) % n)).collect(),
                matrix: matrix.clone(),
            })
        };
        (0..n).step_by(2).map(on).collect()
    };
    match kind {
        0 => (1..n)
            .map(|q| {
                let on = [Qubit(q - 1), Qubit(q)];
                Instruction::Unitary(UnitaryInstruction::from_gate(Gate::Rzz, &[0.3], &on))
            })
            .collect(),
        1 => single(Gate::X, &[]),
        2 => single(Gate::U, &[0.3, 0.4, 0.5]),
        3 => single(Gate::Ry, &[0.3]),
        4 => wide(2, GateMatrix::Dense(product(2))),
        5 => wide(3, GateMatrix::Dense(product(3))),
        _ => wide(3, GateMatrix::Permutation(Arc::from([1, 2, 3, 4, 5, 6, 7, 0]))),
    }
}

/// The same rotation on each of `k` qubits, as one matrix without zeros.
fn product(k: usize) -> Matrix {
    let (sin, cos) = (0.6, 0.8);
    let one = |r: usize, c: usize| match (r, c) {
        (0, 1) | (1, 0) => Complex64::new(0.0, -sin),
        _ => Complex64::new(cos, 0.0),
    };
    let dim = 1 << k;
    let mut m = Matrix::zero(dim);
    for r in 0..dim {
        for c in 0..dim {
            m.set(r, c, (0..k).map(|j| one(r >> j & 1, c >> j & 1)).product());
        }
    }
    m
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_samples_of_its_own_kind() {
        for k in 0..KINDS {
            let mut options = PlanOptions::from_layout(crate::Layout::full(14));
            options.tuning.fuse = false;
            let plan = plan(&samples(k, 14), &options).unwrap();
            assert!(ops(&plan).count() >= 7);
            assert!(ops(&plan).all(|op| kind(op).0 == k), "{k}: {:?}", ops(&plan).next());
        }
    }

    #[test]
    fn a_calibration_is_positive_and_more_work_takes_longer() {
        // A clock that ticks once a look.
        let ticks = std::cell::Cell::new(0.0);
        let clock = || {
            ticks.set(ticks.get() + 1e-3);
            ticks.get()
        };
        let found = Calibration::measure::<f64>(&clock).unwrap();
        assert!(found.operation.iter().all(|&x| x > 0.0), "{found:?}");
        let of = |n: u32, layers: usize| {
            let mut list = Vec::new();
            for _ in 0..layers {
                list.extend(rotations(n));
                list.extend(samples(4, n));
            }
            let mut options = PlanOptions::new(n as usize);
            options.tuning.fuse = false;
            let plan = plan(&list, &options).unwrap();
            Calibration::NOMINAL.seconds::<f64>(&plan)
        };
        assert!(of(20, 4) > 2.0 * of(18, 4));
        assert!(of(18, 8) > 1.5 * of(18, 4));
    }
}
