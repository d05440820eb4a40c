//! Conversions between types, implicit and explicit alike.

use std::sync::Arc;

use num_complex::Complex64;

use super::bits::Bits;
use super::error::ValueError;
use super::types::{Scalar, Type};
use super::value::{Angle, Array, Value, mask};

/// `value` as a value of type `to`.
///
/// * Integers wrap around; a float is cut off towards zero first; bits are read as an unsigned
///   number (and so, as `int[n]` of their own length, in two's complement).
/// * An integer becomes bits by its two's complement. Bits of another length are refused, as are
///   bits and angles of different lengths.
/// * A real number becomes an angle as radians.
pub fn cast(value: &Value, to: &Type) -> Result<Value, ValueError> {
    match to {
        Type::Scalar(s) => cast_scalar(value, *s),
        Type::Array(t) => {
            let Value::Array(a) = value else { return Err(refused(value, to)) };
            if a.dims != t.dims {
                return Err(refused(value, to));
            }
            if a.element == t.element {
                return Ok(value.clone());
            }
            let data =
                a.data.iter().map(|v| cast_scalar(v, t.element)).collect::<Result<_, _>>()?;
            Ok(Value::Array(Box::new(Array {
                element: t.element,
                dims: t.dims.clone(),
                data: Arc::new(data),
            })))
        }
    }
}

fn refused(value: &Value, to: &Type) -> ValueError {
    ValueError::Cast { from: value.ty(), to: to.clone() }
}

/// [`cast`] to a scalar.
pub fn cast_scalar(value: &Value, to: Scalar) -> Result<Value, ValueError> {
    let refuse = || refused(value, &Type::Scalar(to));
    Ok(match to {
        Scalar::Bit => match value {
            Value::Bit(b) | Value::Bool(b) => Value::Bit(*b),
            Value::Bits(b) if b.len() == 1 => Value::Bit(b.get(0)),
            Value::Int { .. } | Value::Uint { .. } => {
                Value::Bit(raw(value).is_some_and(|v| v & 1 == 1))
            }
            _ => return Err(refuse()),
        },
        Scalar::Bits(n) => match value {
            Value::Bits(b) if b.len() == n => value.clone(),
            Value::Bit(b) if n == 1 => Value::Bits(Bits::from_u128(1, u128::from(*b))),
            Value::Angle(a) if a.width() == n => Value::Bits(Bits::from_u128(n, a.raw())),
            Value::Bool(b) => Value::Bits(Bits::from_u128(n, u128::from(*b))),
            Value::Int { value: v, .. } if *v < 0 && n > 128 => {
                // Sign bits above the 128 that fit.
                let low = Bits::from_u128(n, raw(value).unwrap_or(0));
                let ones = Bits::zeros(n).not().shl(128);
                Value::Bits(low.zip(&ones, |a, b| a | b))
            }
            Value::Int { .. } | Value::Uint { .. } => {
                Value::Bits(Bits::from_u128(n, raw(value).unwrap_or(0)))
            }
            _ => return Err(refuse()),
        },
        Scalar::Bool => Value::Bool(value.as_bool().ok_or_else(refuse)?),
        Scalar::Int(w) => Value::int(w, integer_from(value, to)?.cast_signed()),
        Scalar::Uint(w) => Value::uint(w, integer_from(value, to)?),
        Scalar::Float(_) => Value::Float(value.as_real().ok_or_else(refuse)?),
        Scalar::Angle(w) => match value {
            Value::Angle(a) => Value::Angle(a.resized(w)),
            Value::Bits(b) if b.len() == w => {
                Value::Angle(Angle::from_raw(w, b.to_u128().unwrap_or(0)))
            }
            Value::Int { .. } | Value::Uint { .. } | Value::Float(_) => {
                let radians = value.as_real().ok_or_else(refuse)?;
                Value::Angle(
                    Angle::from_radians(w, radians)
                        .ok_or(ValueError::NotFinite { value: radians })?,
                )
            }
            _ => return Err(refuse()),
        },
        Scalar::Complex(_) => match value {
            Value::Complex(_) => value.clone(),
            _ => Value::Complex(Complex64::new(value.as_real().ok_or_else(refuse)?, 0.0)),
        },
        Scalar::Duration | Scalar::Stretch => match value {
            Value::Duration(_) => value.clone(),
            _ => return Err(refuse()),
        },
    })
}

/// Two's complement of an integer, an angle's numerator, or bits.
pub(super) fn raw(value: &Value) -> Option<u128> {
    match value {
        Value::Int { value, .. } => Some(value.cast_unsigned()),
        Value::Uint { value, .. } => Some(*value),
        Value::Bit(b) | Value::Bool(b) => Some(u128::from(*b)),
        Value::Angle(a) => Some(a.raw()),
        Value::Bits(b) => b.to_u128(),
        _ => None,
    }
}

fn integer_from(value: &Value, to: Scalar) -> Result<u128, ValueError> {
    match value {
        Value::Float(f) => {
            let cut = libm::trunc(*f);
            if !cut.is_finite() {
                return Err(ValueError::NotFinite { value: *f });
            }
            // Past 2^128 every float is a multiple of 2^75: bring it into range first.
            let reduced = libm::fmod(cut, libm::ldexp(1.0, 128));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "below 2^128 in size"
            )]
            let size = reduced.abs() as u128;
            Ok(if reduced < 0.0 { size.wrapping_neg() } else { size })
        }
        // Longer strings than 128 bits lose what an integer cannot hold.
        Value::Bits(b) => {
            let low = Bits::from_bools(b.iter().take(128).collect::<Vec<_>>().into_iter());
            Ok(mask(low.to_u128().unwrap_or(0), 128))
        }
        Value::Int { .. } | Value::Uint { .. } | Value::Bit(_) | Value::Bool(_) => {
            Ok(raw(value).unwrap_or(0))
        }
        _ => Err(refused(value, &Type::Scalar(to))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[expect(clippy::needless_pass_by_value, reason = "literals read better")]
    fn check(value: Value, to: Scalar, expected: Option<Value>) {
        assert_eq!(cast_scalar(&value, to).ok(), expected, "{value:?} to {to}");
    }

    fn bits(text: &str) -> Value {
        Value::Bits(text.parse().unwrap())
    }

    #[test]
    fn bits_read_as_signed_or_unsigned_numbers() {
        check(bits("1101"), Scalar::Uint(4), Some(Value::uint(4, 13)));
        check(bits("1101"), Scalar::Int(4), Some(Value::int(4, -3)));
        check(bits("1101"), Scalar::Int(8), Some(Value::int(8, 13)));
        check(bits("1101"), Scalar::Bits(3), None);
        check(Value::int(8, -1), Scalar::Bits(3), Some(bits("111")));
        check(
            Value::int(8, -2),
            Scalar::Bits(130),
            Some(Value::Bits(Bits::zeros(130).not().shl(1))),
        );
    }

    #[test]
    fn floats_are_cut_off_towards_zero_and_wrap() {
        check(Value::Float(3.9), Scalar::Int(8), Some(Value::int(8, 3)));
        check(Value::Float(-3.9), Scalar::Int(8), Some(Value::int(8, -3)));
        check(Value::Float(257.0), Scalar::Uint(8), Some(Value::uint(8, 1)));
        check(Value::Float(-1.0), Scalar::Uint(128), Some(Value::uint(128, u128::MAX)));
        check(Value::Float(1e300), Scalar::Int(64), Some(Value::int(64, 0)));
        check(Value::Float(f64::NAN), Scalar::Int(8), None);
    }

    #[test]
    fn angles_come_from_radians_and_from_bits_of_their_width() {
        check(Value::Float(PI / 2.0), Scalar::Angle(4), Some(Value::Angle(Angle::from_raw(4, 4))));
        check(bits("0100"), Scalar::Angle(4), Some(Value::Angle(Angle::from_raw(4, 4))));
        check(bits("0100"), Scalar::Angle(5), None);
        check(Value::Angle(Angle::from_raw(4, 4)), Scalar::Int(4), None);
        check(Value::Float(f64::INFINITY), Scalar::Angle(4), None);
    }
}
