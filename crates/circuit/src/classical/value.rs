//! Values: each carries its type.

use std::sync::Arc;

use num_complex::Complex64;
use smallvec::SmallVec;

use super::bits::Bits;
use super::types::{ArrayType, DEFAULT_WIDTH, MAX_WIDTH, Scalar, Type};

/// `2π`.
const TURN: f64 = std::f64::consts::TAU;

/// Only the low `width` bits of `value`.
pub(crate) fn mask(value: u128, width: u32) -> u128 {
    if width >= 128 { value } else { value & ((1 << width) - 1) }
}

/// The low `width` bits of `value` read as two's complement.
#[expect(clippy::cast_possible_wrap, reason = "that is the reading asked for")]
pub(crate) fn sign_extend(value: u128, width: u32) -> i128 {
    let shift = 128 - width.clamp(1, 128);
    ((value << shift) as i128) >> shift
}

/// `value / 2^width` of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Angle {
    width: u32,
    /// Below `2^width`.
    value: u128,
}

impl Angle {
    /// `value` is taken modulo `2^width`.
    pub fn from_raw(width: u32, value: u128) -> Self {
        let width = width.clamp(1, MAX_WIDTH);
        Self { width, value: mask(value, width) }
    }

    /// The nearest angle of that width, modulo a turn; a NaN or infinity gives `None`.
    pub fn from_radians(width: u32, radians: f64) -> Option<Self> {
        if !radians.is_finite() {
            return None;
        }
        let width = width.clamp(1, MAX_WIDTH);
        let turns = radians / TURN;
        let fraction = turns - libm::floor(turns);
        // Exact: scaling by a power of two keeps the mantissa. Above 64 bits the fraction fills the
        // high word alone.
        let high = width.min(64);
        let scaled = libm::round(fraction * libm::ldexp(1.0, high.cast_signed()));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "in 0 ..= 2^64"
        )]
        let raw = (scaled as u128) << (width - high);
        Some(Self { width, value: mask(raw, width) })
    }

    pub fn width(self) -> u32 {
        self.width
    }

    /// The numerator over `2^width`.
    pub fn raw(self) -> u128 {
        self.value
    }

    /// In `[0, 2π)`.
    pub fn radians(self) -> f64 {
        self.value as f64 * libm::ldexp(1.0, -self.width.cast_signed()) * TURN
    }

    /// To another width: high bits are kept, cut off or padded by zeros.
    #[must_use]
    pub fn resized(self, width: u32) -> Self {
        let width = width.clamp(1, MAX_WIDTH);
        let value = if width >= self.width {
            self.value << (width - self.width)
        } else {
            self.value >> (self.width - width)
        };
        Self { width, value }
    }
}

/// A length of time: nanoseconds plus cycles of the device.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Duration {
    pub ns: f64,
    pub dt: f64,
}

impl Duration {
    pub const ZERO: Self = Self { ns: 0.0, dt: 0.0 };

    pub fn from_ns(ns: f64) -> Self {
        Self { ns, dt: 0.0 }
    }

    pub fn from_dt(dt: f64) -> Self {
        Self { ns: 0.0, dt }
    }
}

/// An array. Cloning shares the elements; a write to a shared one copies them.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    pub element: Scalar,
    /// Outermost first.
    pub dims: SmallVec<[u32; 4]>,
    /// Row-major, the product of `dims` of them, each of type `element`.
    pub data: Arc<Vec<Value>>,
}

/// A classical value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Bit(bool),
    Bits(Bits),
    Bool(bool),
    /// `value` is what `width` bits of two's complement can hold.
    Int {
        width: u32,
        value: i128,
    },
    /// `value < 2^width`.
    Uint {
        width: u32,
        value: u128,
    },
    Float(f64),
    Angle(Angle),
    Complex(Complex64),
    Duration(Duration),
    Array(Box<Array>),
}

impl Value {
    /// Wrapped around to `width` bits.
    #[expect(clippy::cast_sign_loss, reason = "two's complement")]
    pub fn int(width: u32, value: i128) -> Self {
        let width = width.clamp(1, MAX_WIDTH);
        Self::Int { width, value: sign_extend(value as u128, width) }
    }

    /// Wrapped around to `width` bits.
    pub fn uint(width: u32, value: u128) -> Self {
        let width = width.clamp(1, MAX_WIDTH);
        Self::Uint { width, value: mask(value, width) }
    }

    /// An integer literal: `int[64]`, and of 128 bits where it needs them.
    pub fn literal(value: u128) -> Self {
        match i64::try_from(value) {
            Ok(v) => Self::Int { width: DEFAULT_WIDTH, value: v.into() },
            Err(_) => match i128::try_from(value) {
                Ok(value) => Self::Int { width: 128, value },
                Err(_) => Self::Uint { width: 128, value },
            },
        }
    }

    /// What a variable of this type holds before it is assigned: zeros.
    ///
    /// The caller has bounded the size of the type.
    pub fn zero(ty: &Type) -> Self {
        match ty {
            Type::Scalar(s) => Self::zero_scalar(*s),
            Type::Array(a) => {
                let ArrayType { element, dims } = &**a;
                let len = a.len().unwrap_or(0);
                Self::Array(Box::new(Array {
                    element: *element,
                    dims: dims.clone(),
                    data: Arc::new(vec![Self::zero_scalar(*element); len]),
                }))
            }
        }
    }

    fn zero_scalar(ty: Scalar) -> Self {
        match ty {
            Scalar::Bit => Self::Bit(false),
            Scalar::Bits(n) => Self::Bits(Bits::zeros(n)),
            Scalar::Bool => Self::Bool(false),
            Scalar::Int(w) => Self::int(w, 0),
            Scalar::Uint(w) => Self::uint(w, 0),
            Scalar::Float(_) => Self::Float(0.0),
            Scalar::Angle(w) => Self::Angle(Angle::from_raw(w, 0)),
            Scalar::Complex(_) => Self::Complex(Complex64::default()),
            Scalar::Duration | Scalar::Stretch => Self::Duration(Duration::ZERO),
        }
    }

    /// Its type. A float's stated width is forgotten: it is 64.
    pub fn ty(&self) -> Type {
        match self {
            Self::Array(a) => {
                Type::Array(Box::new(ArrayType { element: a.element, dims: a.dims.clone() }))
            }
            _ => Type::Scalar(self.scalar_type().expect("not an array")),
        }
    }

    /// Its type, unless it is an array.
    pub fn scalar_type(&self) -> Option<Scalar> {
        Some(match self {
            Self::Bit(_) => Scalar::Bit,
            Self::Bits(b) => Scalar::Bits(b.len()),
            Self::Bool(_) => Scalar::Bool,
            Self::Int { width, .. } => Scalar::Int(*width),
            Self::Uint { width, .. } => Scalar::Uint(*width),
            Self::Float(_) => Scalar::FLOAT,
            Self::Angle(a) => Scalar::Angle(a.width()),
            Self::Complex(_) => Scalar::COMPLEX,
            Self::Duration(_) => Scalar::Duration,
            Self::Array(_) => return None,
        })
    }

    /// As an integer: of integers, bits and booleans; `None` for others and past `i128`.
    pub fn as_integer(&self) -> Option<i128> {
        match self {
            Self::Bit(b) | Self::Bool(b) => Some(i128::from(*b)),
            Self::Bits(b) => b.to_u128().and_then(|v| i128::try_from(v).ok()),
            Self::Int { value, .. } => Some(*value),
            Self::Uint { value, .. } => i128::try_from(*value).ok(),
            _ => None,
        }
    }

    /// As a real number: of integers, floats, angles (radians), bits and booleans.
    pub fn as_real(&self) -> Option<f64> {
        match self {
            Self::Float(f) => Some(*f),
            Self::Angle(a) => Some(a.radians()),
            Self::Uint { value, .. } => Some(*value as f64),
            Self::Bits(b) => b.to_u128().map(|v| v as f64),
            _ => self.as_integer().map(|v| v as f64),
        }
    }

    /// As a condition: nonzero is true; `None` for durations, complex numbers and arrays.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bit(b) | Self::Bool(b) => Some(*b),
            Self::Bits(b) => Some(b.any()),
            Self::Int { value, .. } => Some(*value != 0),
            Self::Uint { value, .. } => Some(*value != 0),
            Self::Float(f) => Some(*f != 0.0),
            Self::Angle(a) => Some(a.raw() != 0),
            Self::Complex(_) | Self::Duration(_) | Self::Array(_) => None,
        }
    }

    /// Bytes that it keeps, roughly; for memory limits.
    pub fn size_bytes(&self) -> u64 {
        let own = size_of::<Self>() as u64;
        match self {
            Self::Bits(b) if b.len() > 128 => own + u64::from(b.len().div_ceil(8)),
            Self::Array(a) => own + a.data.iter().map(Self::size_bytes).sum::<u64>(),
            _ => own,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn integers_wrap_around_at_their_width() {
        assert_eq!(Value::int(4, 8), Value::Int { width: 4, value: -8 });
        assert_eq!(Value::uint(3, 9), Value::Uint { width: 3, value: 1 });
        assert_eq!(Value::int(128, i128::MIN).as_integer(), Some(i128::MIN));
    }

    #[test]
    fn angles_are_fractions_of_a_turn_rounded_to_nearest() {
        let raw = |w, x| Angle::from_radians(w, x).unwrap().raw();
        assert_eq!(raw(8, PI / 2.0), 64);
        assert_eq!(raw(3, -PI / 2.0), 6);
        assert_eq!(raw(3, 2.0 * PI - 1e-9), 0);
        assert_eq!(raw(128, PI), 1 << 127);
        assert_eq!(Angle::from_radians(8, f64::NAN), None);
        assert!((Angle::from_raw(3, 2).radians() - PI / 2.0).abs() < 1e-15);
        assert_eq!(Angle::from_raw(3, 5).resized(5).raw(), 20);
        assert_eq!(Angle::from_raw(5, 21).resized(3).raw(), 5);
    }
}
