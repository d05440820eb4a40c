//! The state vector.
//!
//! A [`Statevector`] of `n` qubits stands for `2^n` amplitudes; qubit `q` is bit `q` of a basis
//! state's index. It holds fewer as long as qubits are still |0⟩, and in an order of its own: see
//! [`Layout`]. The largest registers take 16 bytes (`f64`) or 8 (`f32`) per amplitude: 20 qubits
//! 16 MiB, 27 qubits 2 GiB.
//!
//! Invariant: `Σ |amplitude|² = 1` to within rounding. Unitary gates keep it; [`Statevector::collapse`]
//! restores it.

use std::ops::Range;

use circuit::Qubit;
use num_complex::{Complex, Complex64};

use crate::kernel::block::run_stage;
use crate::kernel::generic::permute_everywhere;
use crate::kernel::memory::{Amplitudes, SEGMENT_BITS, Tile};
use crate::kernel::{LANE_BITS, LANES};
use crate::layout::Layout;
use crate::limits::{MAX_QUBITS, check_memory, try_vec};
use crate::plan::op::Action;
use crate::plan::{Plan, Step};
use crate::progress::{RunControl, Stop};
use crate::{Real, SimError, par};

/// A pure state of a register.
pub struct Statevector<T: Real> {
    pub(crate) amps: Amplitudes<T>,
    /// `layout.num_active() == amps.bits()`.
    pub(crate) layout: Layout,
}

impl<T: Real> Statevector<T> {
    /// |0…0⟩ on `num_qubits` qubits; refused where the full state would need more than
    /// `available_bytes`. Memory is taken as qubits come into use.
    pub fn zero(num_qubits: usize, available_bytes: u64) -> Result<Self, SimError> {
        if num_qubits > MAX_QUBITS {
            return Err(SimError::TooManyQubits {
                what: "state vector",
                asked: num_qubits,
                max: MAX_QUBITS,
            });
        }
        check_memory(num_qubits, T::PRECISION, available_bytes)?;
        Self::with_segments(num_qubits, SEGMENT_BITS)
    }

    /// A fresh register for `plan`, refused where the qubits that the plan brings into use need more
    /// than `available_bytes`: a wide register of which few qubits are touched is cheap.
    pub fn for_plan(plan: &Plan, available_bytes: u64) -> Result<Self, SimError> {
        check_memory(plan.output.num_active(), T::PRECISION, available_bytes)?;
        let num_qubits = plan.input.num_qubits();
        let amps = Amplitudes::one(plan.output.num_active(), SEGMENT_BITS)?;
        Ok(Self { amps, layout: Layout::empty(num_qubits) })
    }

    pub(crate) fn with_segments(num_qubits: usize, segment_bits: usize) -> Result<Self, SimError> {
        Ok(Self {
            amps: Amplitudes::one(num_qubits, segment_bits)?,
            layout: Layout::empty(num_qubits),
        })
    }

    pub fn num_qubits(&self) -> usize {
        self.layout.num_qubits()
    }

    /// Where the qubits lie: what the next plan starts from.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Bytes of the amplitudes now held.
    pub fn size_bytes(&self) -> u64 {
        T::PRECISION.amplitude_bytes() << self.amps.bits()
    }

    /// Back to |0…0⟩, keeping memory where that is cheap.
    pub fn reset_all(&mut self) {
        self.amps.clear();
        self.layout = Layout::empty(self.num_qubits());
    }

    /// A copy, for checkpoints and comparisons.
    pub fn try_clone(&self) -> Result<Self, SimError> {
        Ok(Self { amps: self.amps.try_clone()?, layout: self.layout.clone() })
    }

    /// Runs a plan without measurements.
    ///
    /// The plan must have been made for this state's layout. After an error the state is a mixture of
    /// before and after and good for nothing but [`Statevector::reset_all`].
    pub fn apply(&mut self, plan: &Plan, control: &RunControl) -> Result<(), SimError> {
        if !plan.is_unitary() {
            return Err(SimError::NotUnitary);
        }
        self.run(plan, &mut || 0.0, &mut [], control)
    }

    /// Runs a plan. Each measurement and each reset takes one number from `uniform`, in `[0, 1)`;
    /// outcomes go into `record`. Errors as for [`Statevector::apply`].
    pub fn run(
        &mut self,
        plan: &Plan,
        uniform: &mut dyn FnMut() -> f64,
        record: &mut [bool],
        control: &RunControl,
    ) -> Result<(), SimError> {
        if plan.input != self.layout {
            return Err(SimError::OtherLayout);
        }
        let total = plan.steps.len().max(1) as f64;
        for (i, step) in plan.steps.iter().enumerate() {
            match step {
                Step::Measure { bit, record: at } => {
                    control.check()?;
                    let len = record.len();
                    let slot = record
                        .get_mut(*at as usize)
                        .ok_or(SimError::NoSuchRecord { record: *at, len })?;
                    let u = uniform();
                    *slot = match bit {
                        Some(bit) => self.measure_bit(usize::from(*bit), u, control)?,
                        None => false,
                    };
                }
                Step::Reset { bit } => {
                    control.check()?;
                    let u = uniform();
                    if self.measure_bit(usize::from(*bit), u, control)? {
                        self.flip_bit(usize::from(*bit));
                    }
                }
                Step::Stage(_) | Step::Everywhere(_) => {
                    let share = |x: f64| control.report((i as f64 + x) / total);
                    self.run_step(plan, i, &RunControl { progress: Some(&share), ..*control })?;
                }
            }
        }
        self.end_plan(plan)?;
        control.report(1.0);
        Ok(())
    }

    /// Runs step `i` of a plan, which neither measures nor resets, on what the steps before it left.
    pub(crate) fn run_step(
        &mut self,
        plan: &Plan,
        i: usize,
        control: &RunControl,
    ) -> Result<(), SimError> {
        let stop = Stop::new(control);
        stop.check()?;
        match &plan.steps[i] {
            Step::Stage(stage) => {
                run_stage(&mut self.amps, stage, plan.level, &stop, (0.0, 1.0))?;
            }
            Step::Everywhere(op) => {
                if let Action::Permutation { bits, map } = &op.action {
                    let top = 64 - (op.mixes() | op.reads()).leading_zeros() as usize;
                    self.amps.grow(top.max(self.amps.bits()))?;
                    permute_everywhere(
                        &mut self.amps,
                        bits,
                        map,
                        op.ctrl_mask,
                        op.ctrl_value,
                        || stop.check(),
                    )?;
                }
            }
            Step::Measure { .. } | Step::Reset { .. } => return Err(SimError::NotUnitary),
        }
        Ok(())
    }

    /// Settles the register after the last step of a plan.
    pub(crate) fn end_plan(&mut self, plan: &Plan) -> Result<(), SimError> {
        self.amps.grow(plan.output.num_active())?;
        self.layout = plan.output.clone();
        Ok(())
    }

    fn check_qubit(&self, qubit: Qubit) -> Result<(), SimError> {
        if qubit.index() < self.num_qubits() {
            return Ok(());
        }
        Err(SimError::NoSuchQubit { qubit, num_qubits: self.num_qubits() })
    }

    /// The bit of a qubit, `None` if the qubit is |0⟩.
    pub(crate) fn bit(&self, qubit: Qubit) -> Result<Option<usize>, SimError> {
        self.check_qubit(qubit)?;
        Ok(self.layout.position(qubit))
    }

    /// Probability to measure 1, between 0 and 1.
    pub fn probability_one(&self, qubit: Qubit) -> Result<f64, SimError> {
        Ok(match self.bit(qubit)? {
            Some(bit) => {
                let [zero, one] = self.weights(bit, &RunControl::default())?;
                // Divided by the norm: rounding must not make a certain outcome uncertain.
                if zero + one > 0.0 { one / (zero + one) } else { 0.0 }
            }
            None => 0.0,
        })
    }

    /// `Σ |amplitude|²` where the bit is 0 and where it is 1.
    fn weights(&self, bit: usize, control: &RunControl) -> Result<[f64; 2], SimError> {
        let amps = &self.amps;
        let chunk_bits = amps.chunk_bits();
        let parts = par::map(amps.num_chunks(), |c| -> Result<[f64; 2], SimError> {
            control.check()?;
            let tiles = amps.chunk(c);
            if bit >= chunk_bits {
                let mut out = [0.0; 2];
                out[c >> (bit - chunk_bits) & 1] = weight(tiles, |_| true).iter().sum();
                return Ok(out);
            }
            let (zero, one) = if bit >= LANE_BITS {
                let step = 1 << (bit - LANE_BITS);
                (weight(tiles, |t| t & step == 0), weight(tiles, |t| t & step != 0))
            } else {
                let all = weight(tiles, |_| true);
                let part = |on: bool| {
                    let mut lanes = [0.0; LANES];
                    for (l, x) in lanes.iter_mut().enumerate() {
                        if (l >> bit & 1 == 1) == on {
                            *x = all[l];
                        }
                    }
                    lanes
                };
                (part(false), part(true))
            };
            Ok([zero.iter().sum(), one.iter().sum()])
        });
        let mut sum = [0.0; 2];
        for part in parts {
            let [zero, one] = part?;
            sum = [sum[0] + zero, sum[1] + one];
        }
        Ok(sum)
    }

    /// Measures a qubit with `u`, uniform in `[0, 1)` and chosen by the caller, and collapses it.
    pub fn measure(&mut self, qubit: Qubit, u: f64) -> Result<bool, SimError> {
        Ok(match self.bit(qubit)? {
            Some(bit) => self.measure_bit(bit, u, &RunControl::default())?,
            None => false,
        })
    }

    fn measure_bit(&mut self, bit: usize, u: f64, control: &RunControl) -> Result<bool, SimError> {
        let weights = self.weights(bit, control)?;
        let total = weights[0] + weights[1];
        // Written so that an outcome without weight is never chosen.
        let one = weights[1] > 0.0 && (u < weights[1] / total || weights[0] <= 0.0);
        self.project(bit, one, weights[usize::from(one)], control)?;
        Ok(one)
    }

    /// Projects a qubit onto `outcome` and normalizes.
    pub fn collapse(&mut self, qubit: Qubit, outcome: bool) -> Result<(), SimError> {
        let Some(bit) = self.bit(qubit)? else {
            return if outcome { Err(SimError::ImpossibleOutcome) } else { Ok(()) };
        };
        let control = RunControl::default();
        let weight = self.weights(bit, &control)?[usize::from(outcome)];
        if weight <= 0.0 {
            return Err(SimError::ImpossibleOutcome);
        }
        self.project(bit, outcome, weight, &control)
    }

    /// Keeps the amplitudes whose bit is `outcome`, whose weight is `weight`, and scales them to 1.
    /// After an error the state is good for nothing.
    fn project(
        &mut self,
        bit: usize,
        outcome: bool,
        weight: f64,
        control: &RunControl,
    ) -> Result<(), SimError> {
        let scale = T::from_f64(if weight > 0.0 { 1.0 / weight.sqrt() } else { 1.0 });
        let chunk_bits = self.amps.chunk_bits();
        self.amps.for_each_chunk_mut(|c, tiles| {
            if control.check().is_err() {
                return;
            }
            for (t, tile) in tiles.iter_mut().enumerate() {
                for l in 0..LANES {
                    let on = if bit >= chunk_bits {
                        c >> (bit - chunk_bits) & 1 == 1
                    } else {
                        (t << LANE_BITS | l) >> bit & 1 == 1
                    };
                    let factor = if on == outcome { scale } else { T::ZERO };
                    tile.re[l] = tile.re[l] * factor;
                    tile.im[l] = tile.im[l] * factor;
                }
            }
        });
        control.check()
    }

    /// To |0⟩: measures with `u` and flips the qubit if it was 1.
    pub fn reset(&mut self, qubit: Qubit, u: f64) -> Result<(), SimError> {
        if let Some(bit) = self.bit(qubit)?
            && self.measure_bit(bit, u, &RunControl::default())?
        {
            self.flip_bit(bit);
        }
        Ok(())
    }

    /// X on a bit that is 1 everywhere.
    fn flip_bit(&mut self, bit: usize) {
        let end = 1_u64 << self.amps.bits();
        let step = 1_u64 << bit;
        if bit >= LANE_BITS {
            let mut base = 0;
            while base < end {
                let (a, b) = (base, base | step);
                self.amps.swap_tiles(a >> LANE_BITS, b >> LANE_BITS);
                base = ((base | step | (LANES as u64 - 1)) + 1) & !step;
            }
        } else {
            self.amps.for_each_chunk_mut(|_, tiles| {
                for tile in tiles {
                    let old = *tile;
                    for l in 0..LANES {
                        tile.set(l, old.get(l ^ (1 << bit)));
                    }
                }
            });
        }
    }

    /// The amplitude of a basis state; 0 outside the register.
    pub fn amplitude(&self, index: u64) -> Complex64 {
        if self.num_qubits() < 64 && index >> self.num_qubits() != 0 {
            return Complex64::new(0.0, 0.0);
        }
        self.layout.physical(index).map_or(Complex64::new(0.0, 0.0), |p| wide(self.amps.get(p)))
    }

    /// The amplitudes of basis states `range`, for reading a state in slices.
    pub fn amplitudes(&self, range: Range<u64>) -> Result<Vec<Complex64>, SimError> {
        let end = range.end.min(1 << self.num_qubits());
        let start = range.start.min(end);
        let len = usize::try_from(end - start)
            .map_err(|_| SimError::OutOfMemory { needed_bytes: u64::MAX })?;
        let mut out = try_vec(len)?;
        out.extend((start..end).map(|i| self.amplitude(i)));
        Ok(out)
    }

    /// `⟨ψ|ψ⟩`: 1 to within rounding.
    pub fn norm_squared(&self) -> f64 {
        let amps = &self.amps;
        let parts =
            par::map(amps.num_chunks(), |c| weight(amps.chunk(c), |_| true).iter().sum::<f64>());
        parts.iter().sum()
    }
}

/// `|amplitude|²` summed lane by lane over the tiles chosen by `of`.
#[inline(always)]
pub(crate) fn weight<T: Real>(tiles: &[Tile<T>], of: impl Fn(usize) -> bool) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for (t, tile) in tiles.iter().enumerate() {
        if of(t) {
            for l in 0..LANES {
                let (re, im) = (tile.re[l].to_f64(), tile.im[l].to_f64());
                sums[l] += re * re + im * im;
            }
        }
    }
    sums
}

/// In double precision.
pub(crate) fn wide<T: Real>(z: Complex<T>) -> Complex64 {
    Complex64::new(z.re.to_f64(), z.im.to_f64())
}
