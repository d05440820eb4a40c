//! Operators, one check for each rule.

use super::ValueError;
use super::ops::{binary, binary_type, builtin, concat, unary};
use super::types::Scalar;
use super::value::{Angle, Duration, Value};
use crate::expr::{BinaryOp, Builtin, UnaryOp};

fn int(w: u32, v: i128) -> Value {
    Value::int(w, v)
}

fn uint(w: u32, v: u128) -> Value {
    Value::uint(w, v)
}

fn bits(text: &str) -> Value {
    Value::Bits(text.parse().unwrap())
}

fn angle(w: u32, v: u128) -> Value {
    Value::Angle(Angle::from_raw(w, v))
}

#[expect(clippy::needless_pass_by_value, reason = "literals read better")]
fn check(left: Value, op: BinaryOp, right: Value, expected: Value) {
    assert_eq!(binary(op, &left, &right), Ok(expected), "{left:?} {op:?} {right:?}");
}

#[test]
fn integers_meet_in_the_wider_and_in_unsigned_at_equal_width() {
    check(int(8, 120), BinaryOp::Add, int(8, 10), int(8, -126));
    check(int(8, 120), BinaryOp::Add, int(16, 10), int(16, 130));
    check(uint(8, 3), BinaryOp::Sub, int(8, 5), uint(8, 254));
    check(uint(8, 3), BinaryOp::Sub, int(64, 5), int(64, -2));
    check(Value::Bit(true), BinaryOp::Add, int(64, 1), int(64, 2));
    assert_eq!(binary_type(BinaryOp::Mul, Scalar::Uint(8), Scalar::Int(8)), Some(Scalar::Uint(8)));
    assert_eq!(binary_type(BinaryOp::Add, Scalar::Duration, Scalar::Int(8)), None);
}

#[test]
fn division_truncates_towards_zero_and_refuses_zero() {
    check(int(16, -17), BinaryOp::Div, int(16, 5), int(16, -3));
    check(int(16, -17), BinaryOp::Mod, int(16, 5), int(16, -2));
    check(int(8, -128), BinaryOp::Div, int(8, -1), int(8, -128));
    check(int(64, 3), BinaryOp::Div, int(64, 5), int(64, 0));
    check(Value::Float(17.0), BinaryOp::Div, int(64, 5), Value::Float(3.4));
    assert_eq!(binary(BinaryOp::Div, &int(8, 1), &int(8, 0)), Err(ValueError::DivisionByZero));
    assert_eq!(binary(BinaryOp::Mod, &uint(8, 1), &uint(8, 0)), Err(ValueError::DivisionByZero));
    assert_eq!(
        binary(BinaryOp::Div, &Value::Float(1.0), &int(8, 0)),
        Err(ValueError::DivisionByZero)
    );
}

#[test]
fn powers_keep_the_type_unless_the_exponent_is_negative() {
    check(int(16, 5), BinaryOp::Pow, int(64, 3), int(64, 125));
    check(int(8, -2), BinaryOp::Pow, int(8, 3), int(8, -8));
    check(int(64, 2), BinaryOp::Pow, int(64, -1), Value::Float(0.5));
    check(
        uint(64, 3),
        BinaryOp::Pow,
        uint(64, u128::from(u64::MAX)),
        uint(64, 12_297_829_382_473_034_411),
    );
    assert!(binary(BinaryOp::Pow, &int(64, 0), &int(64, -1)).is_err());
    assert!(binary(BinaryOp::Pow, &Value::Float(-1.0), &Value::Float(0.5)).is_err());
}

#[test]
fn shifts_past_the_width_give_zero_and_negative_ones_are_refused() {
    check(int(64, 1), BinaryOp::Shl, int(64, 6), int(64, 64));
    check(uint(8, 255), BinaryOp::Shl, int(64, 1 << 40), uint(8, 0));
    check(int(8, -128), BinaryOp::Shr, int(64, 200), int(8, -1));
    check(angle(3, 5), BinaryOp::Shr, int(64, 1), angle(3, 2));
    check(bits("1010"), BinaryOp::Shl, int(64, 1), bits("0100"));
    check(Value::Bool(true), BinaryOp::Shl, int(64, 3), int(64, 8));
    let by = -1;
    assert_eq!(
        binary(BinaryOp::Shl, &int(8, 1), &int(8, by)),
        Err(ValueError::NegativeShift { by })
    );
}

#[test]
fn angles_add_as_angles_and_multiply_by_integers() {
    check(angle(8, 64), BinaryOp::Add, angle(8, 200), angle(8, 8));
    check(angle(3, 0), BinaryOp::Add, Value::Float(std::f64::consts::FRAC_PI_2), angle(3, 2));
    check(angle(8, 64), BinaryOp::Mul, int(64, 3), angle(8, 192));
    check(angle(8, 64), BinaryOp::Div, int(64, 2), angle(8, 32));
    check(angle(8, 64), BinaryOp::Div, int(64, -2), angle(8, 224));
    check(angle(8, 64), BinaryOp::Div, angle(8, 16), uint(8, 4));
    check(
        angle(8, 128),
        BinaryOp::Mul,
        Value::Float(0.5),
        Value::Float(std::f64::consts::FRAC_PI_2),
    );
    check(angle(8, 64), BinaryOp::Eq, Value::Float(std::f64::consts::FRAC_PI_2), Value::Bool(true));
    assert_eq!(unary(UnaryOp::Negate, &angle(3, 2)), Ok(angle(3, 6)));
}

#[test]
fn bits_compare_with_bits_and_with_numbers() {
    check(bits("10"), BinaryOp::Eq, int(64, 2), Value::Bool(true));
    check(bits("10"), BinaryOp::Eq, bits("10"), Value::Bool(true));
    check(bits("10"), BinaryOp::Gt, bits("01"), Value::Bool(true));
    check(Value::Bit(true), BinaryOp::Eq, int(64, 1), Value::Bool(true));
    check(int(4, -8), BinaryOp::Eq, int(64, -8), Value::Bool(true));
    check(bits("1010"), BinaryOp::BitXor, bits("0110"), bits("1100"));
    check(Value::Bool(true), BinaryOp::BitOr, Value::Bool(false), Value::Bool(true));
    assert!(binary(BinaryOp::BitAnd, &bits("10"), &bits("100")).is_err());
}

#[test]
fn durations_scale_and_divide_within_one_unit() {
    let ns = |x| Value::Duration(Duration::from_ns(x));
    check(int(64, 2), BinaryOp::Mul, ns(50.0), ns(100.0));
    check(ns(100.0), BinaryOp::Div, ns(50.0), Value::Float(2.0));
    let dt = Value::Duration(Duration::from_dt(1.0));
    assert_eq!(binary(BinaryOp::Lt, &ns(1.0), &dt), Err(ValueError::Incomparable));
    check(ns(1.0), BinaryOp::Gt, unary(UnaryOp::Negate, &dt).unwrap(), Value::Bool(true));
    assert!(binary(BinaryOp::Add, &ns(1.0), &int(64, 1)).is_err());
}

#[test]
fn functions_refuse_what_lies_outside_their_domain() {
    let f = |b, x| builtin(b, &[x]);
    assert_eq!(f(Builtin::Popcount, bits("1010")), Ok(uint(64, 2)));
    assert_eq!(f(Builtin::Ceiling, Value::Float(0.2)), Ok(Value::Float(1.0)));
    assert_eq!(builtin(Builtin::Rotl, &[bits("1010"), int(64, 1)]), Ok(bits("0101")));
    assert_eq!(builtin(Builtin::Mod, &[int(64, 7), int(64, 4)]), Ok(int(64, 3)));
    assert!(f(Builtin::Arccos, Value::Float(2.0)).is_err());
    assert!(f(Builtin::Log, int(64, 0)).is_err());
    assert!(f(Builtin::Sqrt, Value::Float(-1.0)).is_err());
    assert!(f(Builtin::Sin, bits("01")).is_ok());
    for (name, b) in Builtin::ALL {
        assert_eq!((b.name(), Builtin::by_name(name)), (name, Some(b)));
    }
}

#[test]
fn concatenation_puts_the_first_operand_at_the_low_end() {
    assert_eq!(concat(&[bits("01"), bits("111"), Value::Bit(false)]), Ok(bits("011101")));
    assert!(concat(&[bits("01"), int(8, 1)]).is_err());
}
