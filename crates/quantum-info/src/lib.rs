//! Small linear algebra of quantum information: matrices of gates, Pauli strings, observables, noise
//! channels.
//!
//! Conventions, here and everywhere: qubit 0 is the least significant bit of a basis-state index,
//! matrices are row-major, and the first qubit of a gate is the low bit of its matrix index.
//! Nothing here is large: states live in `sim`.

pub mod channel;
mod hermitian;
pub mod matrix;
mod nearest;
pub mod pauli;
mod power;

pub use channel::{Channel, ChannelError};
pub use matrix::{Matrix, MatrixError, cis};
pub use num_complex::Complex64;
pub use pauli::{Observable, ObservableError, Pauli, PauliTerm};
