//! Operators and built-in functions.
//!
//! Operands of different types are converted as in C: to the wider integer, to unsigned where the
//! widths are equal, to float, to complex. Bits and booleans count as unsigned integers in
//! arithmetic. An angle meets a real number in three ways: `+`, `-` and comparisons take the number
//! as radians; times or divided by an integer it stays an angle; with a float, `*`, `/` and `**`
//! give the float.

use std::cmp::Ordering;

use num_complex::Complex64;

use super::bits::Bits;
use super::cast::raw;
use super::error::ValueError;
use super::types::{DEFAULT_WIDTH, Scalar, Type};
use super::value::{Angle, Duration, Value};
use crate::expr::{BinaryOp, Builtin, UnaryOp};

/// Most elements or bits that a concatenation may have.
const MAX_CONCAT: usize = 1 << 24;

/// `op operand`.
pub fn unary(op: UnaryOp, operand: &Value) -> Result<Value, ValueError> {
    let symbol = match op {
        UnaryOp::Negate => "-",
        UnaryOp::Not => "!",
        UnaryOp::BitNot => "~",
    };
    let refuse = || ValueError::UnaryType { op: symbol, operand: operand.ty() };
    Ok(match op {
        UnaryOp::Not => Value::Bool(!operand.as_bool().ok_or_else(refuse)?),
        UnaryOp::Negate => match operand {
            Value::Int { width, value } => Value::int(*width, value.wrapping_neg()),
            Value::Uint { width, value } => Value::uint(*width, value.wrapping_neg()),
            Value::Float(f) => Value::Float(-f),
            Value::Angle(a) => Value::Angle(Angle::from_raw(a.width(), a.raw().wrapping_neg())),
            Value::Complex(c) => Value::Complex(-c),
            Value::Duration(d) => Value::Duration(Duration { ns: -d.ns, dt: -d.dt }),
            _ => return Err(refuse()),
        },
        UnaryOp::BitNot => match operand {
            Value::Bit(b) => Value::Bit(!b),
            Value::Bool(b) => Value::Bool(!b),
            Value::Bits(b) => Value::Bits(b.not()),
            Value::Int { width, value } => Value::int(*width, !value),
            Value::Uint { width, value } => Value::uint(*width, !value),
            Value::Angle(a) => Value::Angle(Angle::from_raw(a.width(), !a.raw())),
            _ => return Err(refuse()),
        },
    })
}

/// `left op right`, both evaluated. (`&&` and `||` come here once both sides are known.)
pub fn binary(op: BinaryOp, left: &Value, right: &Value) -> Result<Value, ValueError> {
    use BinaryOp::{
        Add, And, BitAnd, BitOr, BitXor, Div, Eq, Ge, Gt, Le, Lt, Mod, Mul, Ne, Or, Pow, Shl, Shr,
        Sub,
    };
    let result = match op {
        And | Or => {
            let (Some(a), Some(b)) = (left.as_bool(), right.as_bool()) else {
                return Err(refused(op, left, right));
            };
            Some(Value::Bool(if op == And { a && b } else { a || b }))
        }
        Shl | Shr => return shift(op, left, right),
        BitAnd | BitOr | BitXor => bitwise(op, left, right),
        Eq | Ne | Lt | Le | Gt | Ge => compare(op, left, right)?.map(Value::Bool),
        Add | Sub | Mul | Div | Mod | Pow => arithmetic(op, left, right)?,
    };
    result.ok_or_else(|| refused(op, left, right))
}

fn refused(op: BinaryOp, left: &Value, right: &Value) -> ValueError {
    ValueError::BinaryTypes { op: op.symbol(), left: left.ty(), right: right.ty() }
}

/// Type of `left op right` as far as the types decide it; `None` where it is not defined.
///
/// One case depends on the values: an integer to a negative power is a float.
pub fn binary_type(op: BinaryOp, left: Scalar, right: Scalar) -> Option<Scalar> {
    binary(op, &one(left), &one(right)).ok()?.scalar_type()
}

/// Type of `op operand`; `None` where it is not defined.
pub fn unary_type(op: UnaryOp, operand: Scalar) -> Option<Scalar> {
    unary(op, &one(operand)).ok()?.scalar_type()
}

/// Type of a built-in function's result; `None` where it is not defined.
pub fn builtin_type(function: Builtin, args: &[Scalar]) -> Option<Scalar> {
    let args: Vec<Value> = args.iter().map(|&a| one(a)).collect();
    builtin(function, &args).ok()?.scalar_type()
}

/// A value of the type at which no operation fails for its value.
fn one(ty: Scalar) -> Value {
    match ty {
        Scalar::Bit => Value::Bit(true),
        Scalar::Bits(n) => Value::Bits(Bits::from_u128(n, 1)),
        Scalar::Bool => Value::Bool(true),
        Scalar::Int(w) if w > 1 => Value::int(w, 1),
        // One bit of two's complement holds -1 and 0; as an exponent 0 keeps the type.
        Scalar::Int(w) => Value::Int { width: w, value: 1 },
        Scalar::Uint(w) => Value::uint(w, 1),
        Scalar::Float(_) => Value::Float(1.0),
        Scalar::Angle(w) => Value::Angle(Angle::from_raw(w, 1)),
        Scalar::Complex(_) => Value::Complex(Complex64::new(1.0, 0.0)),
        Scalar::Duration | Scalar::Stretch => Value::Duration(Duration::from_ns(1.0)),
    }
}

/// The integer type two integers, bits or booleans meet in: width and signedness.
fn common_integer(left: &Value, right: &Value) -> Option<(u32, bool)> {
    let kind = |v: &Value| match v {
        Value::Int { width, .. } => Some((*width, true)),
        Value::Uint { width, .. } => Some((*width, false)),
        Value::Bit(_) | Value::Bool(_) => Some((1, false)),
        Value::Bits(b) if b.len() <= 128 => Some((b.len().max(1), false)),
        _ => None,
    };
    let ((lw, ls), (rw, rs)) = (kind(left)?, kind(right)?);
    Some(match lw.cmp(&rw) {
        Ordering::Greater => (lw, ls),
        Ordering::Less => (rw, rs),
        Ordering::Equal => (lw, ls && rs),
    })
}

fn make_integer(width: u32, signed: bool, raw: u128) -> Value {
    if signed { Value::int(width, raw.cast_signed()) } else { Value::uint(width, raw) }
}

fn shift(op: BinaryOp, left: &Value, right: &Value) -> Result<Value, ValueError> {
    let by = match right {
        Value::Uint { value, .. } => i128::try_from(*value).unwrap_or(i128::MAX),
        Value::Int { .. } | Value::Bit(_) | Value::Bits(_) | Value::Bool(_) => {
            right.as_integer().unwrap_or(i128::MAX)
        }
        _ => return Err(refused(op, left, right)),
    };
    if by < 0 {
        return Err(ValueError::NegativeShift { by });
    }
    let places = u32::try_from(by).unwrap_or(u32::MAX);
    let up = op == BinaryOp::Shl;
    let unsigned =
        |v: u128| (if up { v.checked_shl(places) } else { v.checked_shr(places) }).unwrap_or(0);
    Ok(match left {
        Value::Int { width, value } if up => {
            Value::int(*width, unsigned(value.cast_unsigned()).cast_signed())
        }
        Value::Int { width, value } => Value::int(*width, value >> places.min(127)),
        Value::Uint { width, value } => Value::uint(*width, unsigned(*value)),
        Value::Angle(a) => Value::Angle(Angle::from_raw(a.width(), unsigned(a.raw()))),
        Value::Bits(b) => Value::Bits(if up { b.shl(places.into()) } else { b.shr(places.into()) }),
        Value::Bit(b) => Value::Bit(*b && places == 0),
        // As in sums: a truth value among numbers is one.
        Value::Bool(b) => return shift(op, &Value::int(DEFAULT_WIDTH, (*b).into()), right),
        _ => return Err(refused(op, left, right)),
    })
}

fn bitwise(op: BinaryOp, left: &Value, right: &Value) -> Option<Value> {
    let f = |a: u128, b: u128| match op {
        BinaryOp::BitAnd => a & b,
        BinaryOp::BitOr => a | b,
        _ => a ^ b,
    };
    let word = |a: u64, b: u64| match op {
        BinaryOp::BitAnd => a & b,
        BinaryOp::BitOr => a | b,
        _ => a ^ b,
    };
    Some(match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => Value::Bool(f((*a).into(), (*b).into()) == 1),
        (Value::Bit(a) | Value::Bool(a), Value::Bit(b) | Value::Bool(b)) => {
            Value::Bit(f((*a).into(), (*b).into()) == 1)
        }
        (Value::Bits(a), Value::Bits(b)) if a.len() == b.len() => Value::Bits(a.zip(b, word)),
        (Value::Bits(_), Value::Bits(_)) => return None,
        // An integer beside bits is taken as so many bits.
        (Value::Bits(a), Value::Int { .. } | Value::Uint { .. } | Value::Bit(_)) => {
            Value::Bits(a.zip(&Bits::from_u128(a.len(), raw(right)?), word))
        }
        (Value::Int { .. } | Value::Uint { .. } | Value::Bit(_), Value::Bits(b)) => {
            Value::Bits(Bits::from_u128(b.len(), raw(left)?).zip(b, word))
        }
        (Value::Angle(a), Value::Angle(b)) => {
            let w = a.width().max(b.width());
            Value::Angle(Angle::from_raw(w, f(a.resized(w).raw(), b.resized(w).raw())))
        }
        (Value::Angle(a), Value::Int { .. } | Value::Uint { .. }) => {
            Value::Angle(Angle::from_raw(a.width(), f(a.raw(), raw(right)?)))
        }
        _ => {
            let (width, signed) = common_integer(left, right)?;
            make_integer(width, signed, f(raw(left)?, raw(right)?))
        }
    })
}

fn holds(op: BinaryOp, order: Ordering) -> bool {
    match op {
        BinaryOp::Eq => order == Ordering::Equal,
        BinaryOp::Ne => order != Ordering::Equal,
        BinaryOp::Lt => order == Ordering::Less,
        BinaryOp::Le => order != Ordering::Greater,
        BinaryOp::Gt => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }
}

#[expect(clippy::float_cmp, reason = "that is what the program asks for")]
fn compare(op: BinaryOp, left: &Value, right: &Value) -> Result<Option<bool>, ValueError> {
    let real = |a: f64, b: f64| match op {
        BinaryOp::Eq => a == b,
        BinaryOp::Ne => a != b,
        BinaryOp::Lt => a < b,
        BinaryOp::Le => a <= b,
        BinaryOp::Gt => a > b,
        _ => a >= b,
    };
    Ok(match (left, right) {
        (Value::Complex(_), _) | (_, Value::Complex(_)) => {
            let (Some(a), Some(b)) = (as_complex(left), as_complex(right)) else { return Ok(None) };
            match op {
                BinaryOp::Eq => Some(a == b),
                BinaryOp::Ne => Some(a != b),
                _ => None,
            }
        }
        (Value::Duration(a), Value::Duration(b)) => {
            let order = |x: f64, y: f64| x.partial_cmp(&y).unwrap_or(Ordering::Equal);
            let order = match (order(a.ns, b.ns), order(a.dt, b.dt)) {
                (o, Ordering::Equal) | (Ordering::Equal, o) => o,
                (p, q) if p == q => p,
                _ => return Err(ValueError::Incomparable),
            };
            Some(holds(op, order))
        }
        (Value::Bits(a), Value::Bits(b)) => {
            let width = a.len().max(b.len());
            let bit = |x: &Bits, i| i < x.len() && x.get(i);
            let order = (0..width).rev().map(|i| bit(a, i).cmp(&bit(b, i))).find(|o| o.is_ne());
            Some(holds(op, order.unwrap_or(Ordering::Equal)))
        }
        (Value::Angle(a), _) | (_, Value::Angle(a)) => {
            match (to_angle(left, a.width()), to_angle(right, a.width())) {
                (Some(a), Some(b)) => {
                    let w = a.width().max(b.width());
                    Some(holds(op, a.resized(w).raw().cmp(&b.resized(w).raw())))
                }
                _ => None,
            }
        }
        (Value::Float(_), _) | (_, Value::Float(_)) => match (left.as_real(), right.as_real()) {
            (Some(a), Some(b)) => Some(real(a, b)),
            _ => None,
        },
        _ => match (common_integer(left, right), raw(left), raw(right)) {
            (Some((width, signed)), Some(a), Some(b)) => {
                let order = match (make_integer(width, signed, a), make_integer(width, signed, b)) {
                    (Value::Int { value: a, .. }, Value::Int { value: b, .. }) => a.cmp(&b),
                    (Value::Uint { value: a, .. }, Value::Uint { value: b, .. }) => a.cmp(&b),
                    _ => return Ok(None),
                };
                Some(holds(op, order))
            }
            _ => None,
        },
    })
}

fn as_complex(value: &Value) -> Option<Complex64> {
    match value {
        Value::Complex(c) => Some(*c),
        _ => value.as_real().map(|r| Complex64::new(r, 0.0)),
    }
}

/// An angle as it is, a number as radians in `width` bits.
fn to_angle(value: &Value, width: u32) -> Option<Angle> {
    match value {
        Value::Angle(a) => Some(*a),
        Value::Int { .. } | Value::Uint { .. } | Value::Float(_) => {
            Angle::from_radians(width, value.as_real()?)
        }
        _ => None,
    }
}

fn arithmetic(op: BinaryOp, left: &Value, right: &Value) -> Result<Option<Value>, ValueError> {
    Ok(match (left, right) {
        (Value::Duration(_), _) | (_, Value::Duration(_)) => duration(op, left, right)?,
        (Value::Complex(_), _) | (_, Value::Complex(_)) => complex(op, left, right)?,
        (Value::Angle(_), _) | (_, Value::Angle(_)) => angle(op, left, right)?,
        (Value::Float(_), _) | (_, Value::Float(_)) => float(op, left, right)?,
        _ => integer(op, left, right)?,
    })
}

fn duration(op: BinaryOp, left: &Value, right: &Value) -> Result<Option<Value>, ValueError> {
    let scale = |d: &Duration, f: f64| Value::Duration(Duration { ns: d.ns * f, dt: d.dt * f });
    Ok(match (left, right) {
        (Value::Duration(a), Value::Duration(b)) => match op {
            BinaryOp::Add => Some(Value::Duration(Duration { ns: a.ns + b.ns, dt: a.dt + b.dt })),
            BinaryOp::Sub => Some(Value::Duration(Duration { ns: a.ns - b.ns, dt: a.dt - b.dt })),
            BinaryOp::Div => match (*a, *b) {
                (Duration { ns, dt: 0.0 }, Duration { ns: by, dt: 0.0 })
                | (Duration { dt: ns, ns: 0.0 }, Duration { dt: by, ns: 0.0 }) => {
                    if by == 0.0 {
                        return Err(ValueError::DivisionByZero);
                    }
                    Some(Value::Float(ns / by))
                }
                _ => return Err(ValueError::Incomparable),
            },
            _ => None,
        },
        (Value::Duration(d), by) | (by, Value::Duration(d)) if op == BinaryOp::Mul => {
            number(by).map(|f| scale(d, f))
        }
        (Value::Duration(d), by) if op == BinaryOp::Div => match number(by) {
            Some(0.0) => return Err(ValueError::DivisionByZero),
            Some(f) => Some(scale(d, 1.0 / f)),
            None => None,
        },
        _ => None,
    })
}

/// Integers and floats.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int { .. } | Value::Uint { .. } | Value::Float(_) => value.as_real(),
        _ => None,
    }
}

fn complex(op: BinaryOp, left: &Value, right: &Value) -> Result<Option<Value>, ValueError> {
    let (Some(a), Some(b)) = (as_complex(left), as_complex(right)) else { return Ok(None) };
    let zero = b.re == 0.0 && b.im == 0.0;
    Ok(Some(Value::Complex(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div if zero => return Err(ValueError::DivisionByZero),
        BinaryOp::Div => a / b,
        BinaryOp::Pow if zero => Complex64::new(1.0, 0.0),
        BinaryOp::Pow => {
            if a.re == 0.0 && a.im == 0.0 {
                return if b.re > 0.0 {
                    Ok(Some(Value::Complex(Complex64::default())))
                } else {
                    Err(ValueError::DivisionByZero)
                };
            }
            let (size, arg) = (libm::log(libm::hypot(a.re, a.im)), libm::atan2(a.im, a.re));
            let (re, im) = (b.re * size - b.im * arg, b.re * arg + b.im * size);
            quantum_info::cis(im) * libm::exp(re)
        }
        _ => return Ok(None),
    })))
}

fn angle(op: BinaryOp, left: &Value, right: &Value) -> Result<Option<Value>, ValueError> {
    use BinaryOp::{Add, Div, Mul, Sub};
    Ok(match (op, left, right) {
        (Add | Sub, Value::Angle(a), _) | (Add | Sub, _, Value::Angle(a)) => {
            let (Some(a), Some(b)) = (to_angle(left, a.width()), to_angle(right, a.width())) else {
                return Ok(None);
            };
            let w = a.width().max(b.width());
            let (a, b) = (a.resized(w).raw(), b.resized(w).raw());
            let sum = if op == Add { a.wrapping_add(b) } else { a.wrapping_sub(b) };
            Some(Value::Angle(Angle::from_raw(w, sum)))
        }
        (Mul, Value::Angle(a), by @ (Value::Int { .. } | Value::Uint { .. }))
        | (Mul, by @ (Value::Int { .. } | Value::Uint { .. }), Value::Angle(a)) => {
            raw(by).map(|by| Value::Angle(Angle::from_raw(a.width(), a.raw().wrapping_mul(by))))
        }
        (Div, Value::Angle(a), Value::Angle(b)) => {
            let w = a.width().max(b.width());
            let (a, b) = (a.resized(w).raw(), b.resized(w).raw());
            Some(Value::uint(w, a.checked_div(b).ok_or(ValueError::DivisionByZero)?))
        }
        (Div, Value::Angle(a), Value::Int { .. } | Value::Uint { .. }) => {
            let by = right.as_integer().unwrap_or(i128::MAX);
            let size = a.raw().checked_div(by.unsigned_abs()).ok_or(ValueError::DivisionByZero)?;
            let value = if by < 0 { size.wrapping_neg() } else { size };
            Some(Value::Angle(Angle::from_raw(a.width(), value)))
        }
        _ => float(op, left, right)?,
    })
}

fn float(op: BinaryOp, left: &Value, right: &Value) -> Result<Option<Value>, ValueError> {
    let (Some(a), Some(b)) = (left.as_real(), right.as_real()) else { return Ok(None) };
    Ok(Some(Value::Float(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div | BinaryOp::Mod if b == 0.0 => return Err(ValueError::DivisionByZero),
        BinaryOp::Div => a / b,
        BinaryOp::Mod => libm::fmod(a, b),
        BinaryOp::Pow => real_power(a, b)?,
        _ => return Ok(None),
    })))
}

fn real_power(a: f64, b: f64) -> Result<f64, ValueError> {
    if a == 0.0 && b < 0.0 {
        return Err(ValueError::DivisionByZero);
    }
    let power = libm::pow(a, b);
    if power.is_nan() && !a.is_nan() && !b.is_nan() {
        return Err(ValueError::Domain { function: "**", at: a });
    }
    Ok(power)
}

fn integer(op: BinaryOp, left: &Value, right: &Value) -> Result<Option<Value>, ValueError> {
    if op == BinaryOp::Pow {
        return integer_power(left, right);
    }
    let (Some((width, signed)), Some(a), Some(b)) =
        (common_integer(left, right), raw(left), raw(right))
    else {
        return Ok(None);
    };
    let value = match op {
        BinaryOp::Add => a.wrapping_add(b),
        BinaryOp::Sub => a.wrapping_sub(b),
        BinaryOp::Mul => a.wrapping_mul(b),
        BinaryOp::Div | BinaryOp::Mod => {
            let div = op == BinaryOp::Div;
            match (make_integer(width, signed, a), make_integer(width, signed, b)) {
                (_, Value::Int { value: 0, .. } | Value::Uint { value: 0, .. }) => {
                    return Err(ValueError::DivisionByZero);
                }
                (Value::Int { value: a, .. }, Value::Int { value: b, .. }) => {
                    (if div { a.wrapping_div(b) } else { a.wrapping_rem(b) }).cast_unsigned()
                }
                (Value::Uint { value: a, .. }, Value::Uint { value: b, .. }) => {
                    if div {
                        a / b
                    } else {
                        a % b
                    }
                }
                _ => return Ok(None),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(make_integer(width, signed, value)))
}

/// Of the type of the base; a float where the exponent is negative.
fn integer_power(base: &Value, exponent: &Value) -> Result<Option<Value>, ValueError> {
    if let Value::Int { value, .. } = exponent
        && *value < 0
    {
        return float(BinaryOp::Pow, base, exponent);
    }
    let (Some((width, signed)), Some(mut square), Some(mut left)) =
        (common_integer(base, base), raw(base), raw(exponent))
    else {
        return Ok(None);
    };
    let mut power: u128 = 1;
    while left > 0 {
        if left & 1 == 1 {
            power = power.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        left >>= 1;
    }
    // Bits to a power are a number of the common width.
    let (width, signed) = match common_integer(base, exponent) {
        Some((w, s)) if w > width => (w, s || signed),
        _ => (width, signed),
    };
    Ok(Some(make_integer(width, signed, power)))
}

/// A built-in function at `args`.
pub fn builtin(function: Builtin, args: &[Value]) -> Result<Value, ValueError> {
    let name = function.name();
    if args.len() != function.num_args() {
        return Err(ValueError::ArgumentCount {
            function: name,
            expected: function.num_args(),
            found: args.len(),
        });
    }
    let x = &args[0];
    let refuse = || ValueError::UnaryType { op: name, operand: x.ty() };
    let real = |f: fn(f64) -> f64| {
        let at = x.as_real().ok_or_else(refuse)?;
        let y = f(at);
        if y.is_nan() || y.is_infinite() && at.is_finite() {
            return Err(ValueError::Domain { function: name, at });
        }
        Ok(Value::Float(y))
    };
    match function {
        Builtin::Arccos => real(libm::acos),
        Builtin::Arcsin => real(libm::asin),
        Builtin::Arctan => real(libm::atan),
        Builtin::Ceiling => real(libm::ceil),
        Builtin::Floor => real(libm::floor),
        Builtin::Tan => real(libm::tan),
        Builtin::Cos => real(libm::cos),
        Builtin::Sin => real(libm::sin),
        Builtin::Log | Builtin::Ln => real(libm::log),
        Builtin::Exp => match x {
            Value::Complex(c) => Ok(Value::Complex(quantum_info::cis(c.im) * libm::exp(c.re))),
            _ => real(libm::exp),
        },
        Builtin::Sqrt => match x {
            Value::Complex(c) => {
                let (size, arg) =
                    (libm::sqrt(libm::hypot(c.re, c.im)), libm::atan2(c.im, c.re) / 2.0);
                Ok(Value::Complex(quantum_info::cis(arg) * size))
            }
            _ => real(libm::sqrt),
        },
        Builtin::Abs => match x {
            Value::Int { width, value } => Ok(Value::int(*width, value.wrapping_abs())),
            Value::Complex(c) => Ok(Value::Float(libm::hypot(c.re, c.im))),
            Value::Uint { .. } => Ok(x.clone()),
            Value::Duration(d) => Ok(Value::Duration(Duration { ns: d.ns.abs(), dt: d.dt.abs() })),
            _ => real(f64::abs),
        },
        Builtin::Real | Builtin::Imag => {
            let c = as_complex(x).ok_or_else(refuse)?;
            Ok(Value::Float(if function == Builtin::Real { c.re } else { c.im }))
        }
        Builtin::Mod => binary(BinaryOp::Mod, x, &args[1]),
        Builtin::Pow => binary(BinaryOp::Pow, x, &args[1]),
        Builtin::Popcount => match x {
            Value::Bits(b) => Ok(Value::uint(64, b.count_ones().into())),
            Value::Int { width, value } => Ok(Value::uint(
                64,
                super::value::mask(value.cast_unsigned(), *width).count_ones().into(),
            )),
            Value::Uint { .. } | Value::Bit(_) => {
                Ok(Value::uint(64, raw(x).unwrap_or(0).count_ones().into()))
            }
            _ => Err(refuse()),
        },
        Builtin::Rotl | Builtin::Rotr => {
            let by = args[1].as_integer().ok_or_else(|| ValueError::NotInteger(args[1].ty()))?;
            let by =
                if function == Builtin::Rotl { by } else { by.checked_neg().unwrap_or(i128::MAX) };
            let rotated = |w, v| Bits::from_u128(w, v).rotl(by).to_u128().unwrap_or(0);
            match x {
                Value::Bits(b) => Ok(Value::Bits(b.rotl(by))),
                Value::Uint { width, value } => Ok(Value::uint(*width, rotated(*width, *value))),
                Value::Angle(a) => {
                    Ok(Value::Angle(Angle::from_raw(a.width(), rotated(a.width(), a.raw()))))
                }
                _ => Err(refuse()),
            }
        }
    }
}

/// `parts` joined, the first at the low end (bits) or first (arrays, along the outermost dimension).
pub fn concat(parts: &[Value]) -> Result<Value, ValueError> {
    let total: usize = parts
        .iter()
        .map(|p| match p {
            Value::Array(a) => a.data.len(),
            Value::Bits(b) => b.len() as usize,
            _ => 1,
        })
        .fold(0, usize::saturating_add);
    if total > MAX_CONCAT {
        return Err(ValueError::TooLarge);
    }
    let Some((first, rest)) = parts.split_first() else { return Ok(Value::Bits(Bits::zeros(0))) };
    if let Value::Array(a) = first {
        let mut joined = (**a).clone();
        let mut data = (*joined.data).clone();
        for part in rest {
            match part {
                Value::Array(b)
                    if b.element == joined.element && b.dims.get(1..) == joined.dims.get(1..) =>
                {
                    joined.dims[0] += b.dims[0];
                    data.extend(b.data.iter().cloned());
                }
                _ => {
                    return Err(ValueError::BinaryTypes {
                        op: "++",
                        left: first.ty(),
                        right: part.ty(),
                    });
                }
            }
        }
        joined.data = std::sync::Arc::new(data);
        return Ok(Value::Array(Box::new(joined)));
    }
    let bits = |v: &Value| match v {
        Value::Bit(b) => Ok(Bits::from_u128(1, (*b).into())),
        Value::Bits(b) => Ok(b.clone()),
        _ => Err(ValueError::BinaryTypes { op: "++", left: first.ty(), right: v.ty() }),
    };
    let mut joined = bits(first)?;
    for part in rest {
        joined = joined.concat(&bits(part)?);
    }
    Ok(Value::Bits(joined))
}

/// `sizeof(array, dimension)`.
pub fn size_of(array: &Value, dimension: i128) -> Result<Value, ValueError> {
    let size = match array {
        Value::Array(a) => usize::try_from(dimension).ok().and_then(|d| a.dims.get(d)).copied(),
        Value::Bits(b) if dimension == 0 => Some(b.len()),
        Value::Bits(_) => None,
        _ => return Err(ValueError::NotIndexable(array.ty())),
    };
    size.map(|s| Value::uint(64, s.into())).ok_or(ValueError::Dimension(dimension))
}

/// An array of these dimensions from its elements, row by row, each converted to `element`.
pub fn array_from(element: Scalar, dims: &[u32], flat: &[Value]) -> Result<Value, ValueError> {
    let ty = Type::array(element, dims);
    let Type::Array(shape) = &ty else { return Err(ValueError::ArrayShape(ty)) };
    if shape.len() != Some(flat.len()) {
        return Err(ValueError::ArrayShape(ty));
    }
    let data =
        flat.iter().map(|v| super::cast::cast_scalar(v, element)).collect::<Result<Vec<_>, _>>()?;
    Ok(Value::Array(Box::new(super::value::Array {
        element,
        dims: shape.dims.clone(),
        data: std::sync::Arc::new(data),
    })))
}
