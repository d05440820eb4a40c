//! Classical data of a program: types, values, and what operators do to them.
//!
//! * [`types`]: `bit[n]`, `bool`, `int[n]`, `uint[n]`, `float[n]`, `angle[n]`, `complex`,
//!   `duration`, `stretch` and arrays of up to 7 dimensions;
//! * [`value`]: a value carries its type with it, so that an expression needs no type annotations;
//! * [`ops`], [`cast`] and [`index`]: operators and built-in functions, conversions, positions and
//!   slices, on values.
//!
//! Semantics, where OpenQASM leaves a choice:
//! * Integers have fixed width and wrap around. A width may be 1 to 128; a plain `int` or `uint` is
//!   of 64 bits, and so is an integer literal that fits.
//! * A float is computed with 64 bits whatever its stated width.
//! * An `angle[n]` is a fraction of a turn in `n` bits, rounded to nearest; a plain `angle` has 64.
//! * A duration is a sum of nanoseconds and device cycles (`dt`), whose ratio stays open.

pub mod bits;
pub mod cast;
mod error;
pub mod index;
pub mod ops;
pub mod types;
pub mod value;

#[cfg(test)]
mod tests;

pub use bits::Bits;
pub use error::ValueError;
pub use types::{ArrayType, Scalar, Type};
pub use value::{Angle, Array, Duration, Value};
