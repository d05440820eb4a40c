//! The real number types that amplitudes are made of.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Mul, Neg, Sub};

use num_complex::Complex;

use crate::kernel::Dispatch;

/// Width of a real number in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Precision {
    F64,
    F32,
}

impl Precision {
    /// Bytes of one amplitude: real and imaginary part.
    pub const fn amplitude_bytes(self) -> u64 {
        match self {
            Self::F64 => 16,
            Self::F32 => 8,
        }
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f64 {}
    impl Sealed for f32 {}
}

/// `f64` or `f32`.
pub trait Real:
    Copy
    + Debug
    + Default
    + PartialEq
    + PartialOrd
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + Dispatch
    + sealed::Sealed
    + 'static
{
    const ZERO: Self;
    const ONE: Self;
    const PRECISION: Precision;

    /// Rounded to nearest.
    fn from_f64(x: f64) -> Self;
    fn to_f64(self) -> f64;
    /// `a` where the lane is off, `b` where it is on: a choice of bits, never arithmetic.
    #[must_use]
    fn pick(on: bool, a: Self, b: Self) -> Self {
        if on { b } else { a }
    }
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const PRECISION: Precision = Precision::F64;

    #[inline(always)]
    fn from_f64(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const PRECISION: Precision = Precision::F32;

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "rounding is the point")]
    fn from_f64(x: f64) -> Self {
        x as f32
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
}

/// `z` with parts of type `T`.
pub(crate) fn complex_from_f64<T: Real>(z: Complex<f64>) -> Complex<T> {
    Complex::new(T::from_f64(z.re), T::from_f64(z.im))
}
