//! Clifford circuits at scale.
//!
//! * [`Tableau`]: the state of thousands of qubits under Clifford gates, measurement and reset, for
//!   programs that decide on outcomes;
//! * [`Sampler`]: many shots of a noisy circuit at once, as the Pauli frames of [`frame`];
//! * [`Circuit`]: circuits in the sense of Stim, with detectors and observables; [`read`] reads its
//!   text format, `Display` writes it;
//! * [`ErrorModel`]: which detectors each error flips; [`Decoder`]: what a matching decoder makes of
//!   them; [`surface_code`]: memory experiments to run both on;
//! * [`Clifford`]: which unitaries are Clifford gates.
//!
//! Qubit 0 is the least significant bit. Phases of states are not kept: they cannot be observed. No
//! clocks, no files, no randomness of its own: seeds and cancellation come from the caller, and the
//! same seed gives the same results for any number of threads.

#![allow(
    clippy::inline_always,
    reason = "loops over words must be inlined into the function that enables vector instructions"
)]
#![allow(clippy::needless_range_loop, reason = "loops over words run over several arrays at once")]

pub mod circuit;
pub mod clifford;
pub mod decode;
pub mod error_model;
pub mod frame;
pub mod gate;
mod random;
mod read;
pub mod run;
pub mod surface_code;
mod tableau;
#[cfg(test)]
mod tests;
mod write;

pub use circuit::{Circuit, Instruction, Item, Limits, Product, Summary, Target};
pub use clifford::{Clifford, Op, Recognizer};
pub use decode::{Decoder, LogicalErrors, logical_errors};
pub use error_model::{ErrorModel, Mechanism};
pub use frame::{Batch, DetectionCounts, Sampler, detection_counts};
pub use quantum_info::Pauli;
pub use read::{Diagnostic, ReadLimits, read};
pub use run::{Shot, reference_sample};
pub use tableau::{OutcomeBit, Outcomes, Tableau};

/// Why a circuit is refused or a simulation stopped. Shown as it stands.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    #[error("the circuit needs {} and {} may be used", sim::limits::shown_bytes(*needed_bytes), sim::limits::shown_bytes(*available_bytes))]
    TooLarge { needed_bytes: u64, available_bytes: u64 },
    #[error("the circuit has more than {limit} operations, loops unrolled")]
    TooManyOperations { limit: u64 },
    #[error("the Pauli product of an instruction is not Hermitian")]
    NotHermitian,
    #[error(
        "detector {detector} depends on a random measurement: without noise it is not always the same"
    )]
    RandomDetector { detector: u64 },
    #[error(
        "observable {observable} depends on a random measurement: without noise it is not always the same"
    )]
    RandomObservable { observable: u64 },
    #[error(
        "the error that flips {detectors} detectors at once is not made of errors that flip one or two"
    )]
    NotGraphlike { detectors: usize },
    #[error("the decoder takes at most {max} observables and the circuit has {found}")]
    TooManyObservables { found: u32, max: u32 },
    #[error("the matching decoder refuses the error model: {0}")]
    Decoder(String),
    #[error(transparent)]
    Stopped(#[from] sim::SimError),
}
