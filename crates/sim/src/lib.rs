//! Simulation of quantum circuits.
//!
//! The state vector: [`plan()`] turns bound [`circuit::Instruction`]s into a [`Plan`], a
//! [`Statevector`] runs it, and is asked: [`Statevector::sample`], [`Statevector::expectation`],
//! [`Statevector::bloch_vectors`], ….
//!
//! ```
//! use circuit::{Gate, Instruction, Qubit, UnitaryInstruction};
//! use sim::{PlanOptions, RunControl, Statevector, plan};
//!
//! let gate = |g, qubits: &[Qubit]| Instruction::Unitary(UnitaryInstruction::from_gate(g, &[], qubits));
//! let bell = [gate(Gate::H, &[Qubit(0)]), gate(Gate::Cx, &[Qubit(0), Qubit(1)])];
//! let control = RunControl::default();
//! let mut state = Statevector::<f64>::zero(2, u64::MAX)?;
//! state.apply(&plan(&bell, &PlanOptions::new(2))?, &control)?;
//! let counts = state.sample(1000, 42, &control)?;
//! assert!(counts.iter().all(|&(index, _)| index == 0b00 || index == 0b11));
//! # Ok::<(), sim::SimError>(())
//! ```
//!
//! **Same circuit, same bits**: without [`PlanOptions::fast`], amplitudes, samples and expectation
//! values are equal bit for bit on every machine, for any number of threads and any instruction set.
//!
//! Qubit 0 is the least significant bit of a basis state. No clocks, no files, no randomness of its
//! own: seeds, cancellation and deadlines come from the caller.

#![allow(
    clippy::inline_always,
    reason = "kernels must be inlined into the function that enables their instructions"
)]
#![allow(clippy::needless_range_loop, reason = "loops over lanes run over several arrays at once")]

mod binomial;
mod checkpoint;
pub mod density;
mod estimate;
mod expectation;
pub mod gradient;
mod kernel;
mod layout;
pub mod limits;
pub mod method;
mod par;
mod plan;
mod probe;
mod progress;
mod real;
pub mod reduce;
#[cfg(any(test, feature = "reference"))]
pub mod reference;
pub mod rng;
mod sample;
mod statevector;
mod sweep;
#[cfg(test)]
mod tests;
mod unitary;

pub use binomial::{binomial, multinomial};
pub use checkpoint::{Checkpoints, Resumed, SLICE, slices};
pub use density::DensityMatrix;
pub use estimate::Calibration;
pub use expectation::Moments;
pub use kernel::Level;
pub use kernel::simd::{Work, vectorized};
pub use layout::Layout;
pub use limits::SimError;
pub use num_complex::{Complex, Complex64};
pub use par::num_threads;
pub use plan::{Plan, PlanOptions, PlanSummary, plan};
pub use progress::{DeadlineFn, ProgressFn, RunControl};
pub use real::{Precision, Real};
pub use rng::Rng;
pub use statevector::Statevector;
pub use sweep::{Sweep, map, sweep};
pub use unitary::unitary;
