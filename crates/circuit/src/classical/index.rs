//! Indexing: positions, slices and sets, of arrays and of the bits of a value.

use std::sync::Arc;

use smallvec::SmallVec;

use super::bits::Bits;
use super::cast::{cast_scalar, raw};
use super::error::ValueError;
use super::types::Scalar;
use super::value::{Angle, Array, Value};

/// One index with its expressions evaluated. Negative positions count from the end.
#[derive(Debug, Clone, PartialEq)]
pub enum Index {
    Single(i128),
    Range { start: Option<i128>, step: i128, stop: Option<i128> },
    Set(Vec<i128>),
}

/// Positions that an [`Index`] selects among `size`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    One(u32),
    Many(Vec<u32>),
}

impl Selection {
    pub fn positions(&self) -> &[u32] {
        match self {
            Self::One(p) => std::slice::from_ref(p),
            Self::Many(p) => p,
        }
    }
}

fn position(index: i128, size: u32) -> Result<u32, ValueError> {
    let from_start = if index < 0 { index.saturating_add(size.into()) } else { index };
    u32::try_from(from_start)
        .ok()
        .filter(|&p| p < size)
        .ok_or(ValueError::IndexOutOfRange { index, size })
}

impl Index {
    /// Every position selected lies in `0..size`, or the index is refused; positions may repeat in
    /// a set.
    pub fn select(&self, size: u32) -> Result<Selection, ValueError> {
        match self {
            Self::Single(i) => Ok(Selection::One(position(*i, size)?)),
            Self::Set(items) => Ok(Selection::Many(
                items.iter().map(|&i| position(i, size)).collect::<Result<_, _>>()?,
            )),
            Self::Range { start, step, stop } => {
                let n = i128::from(size);
                if *step == 0 {
                    return Err(ValueError::ZeroStep);
                }
                let up = *step > 0;
                let wrap = |i: i128| if i < 0 { i.saturating_add(n) } else { i };
                let start = start.map_or(if up { 0 } else { n - 1 }, wrap);
                let stop = stop.map_or(if up { n - 1 } else { 0 }, wrap);
                let Some(last) = range_last(start, *step, stop) else {
                    return Ok(Selection::Many(Vec::new()));
                };
                // With both ends inside, everything between is, and there are at most `size` of it.
                position(if start < 0 { start - n } else { start }, size)?;
                position(if last < 0 { last - n } else { last }, size)?;
                let mut out = Vec::new();
                let mut i = start;
                loop {
                    out.push(position(i, size)?);
                    if i == last {
                        return Ok(Selection::Many(out));
                    }
                    i += step;
                }
            }
        }
    }
}

/// Last value that `start, start + step, …` takes without passing `stop`; `None` for none.
pub fn range_last(start: i128, step: i128, stop: i128) -> Option<i128> {
    if step == 0 || (step > 0 && start > stop) || (step < 0 && start < stop) {
        return None;
    }
    // Modulo 2^128 the distance is exact, and so is the result.
    let distance = (if step > 0 { stop.wrapping_sub(start) } else { start.wrapping_sub(stop) })
        .cast_unsigned();
    let steps = (distance / step.unsigned_abs()).cast_signed();
    Some(start.wrapping_add(steps.wrapping_mul(step)))
}

/// Number of bits that can be indexed.
fn bit_width(value: &Value) -> Result<u32, ValueError> {
    match value {
        Value::Bits(b) => Ok(b.len()),
        Value::Int { width, .. } | Value::Uint { width, .. } => Ok(*width),
        Value::Angle(a) => Ok(a.width()),
        _ => Err(ValueError::NotIndexable(value.ty())),
    }
}

fn bit_of(value: &Value, i: u32) -> bool {
    match value {
        Value::Bits(b) => b.get(i),
        _ => raw(value).is_some_and(|v| v >> i & 1 == 1),
    }
}

/// Offsets of the selected elements and the dimensions that remain; missing indices take all.
fn elements(
    array: &Array,
    indices: &[Index],
) -> Result<(Vec<usize>, SmallVec<[u32; 4]>), ValueError> {
    if indices.len() > array.dims.len() {
        return Err(ValueError::TooManyIndices {
            ty: Value::Array(Box::new(array.clone())).ty(),
            expected: array.dims.len(),
            found: indices.len(),
        });
    }
    let mut offsets = vec![0_usize];
    let mut dims = SmallVec::new();
    for (d, &size) in array.dims.iter().enumerate() {
        let selection = match indices.get(d) {
            Some(index) => index.select(size)?,
            None => Selection::Many((0..size).collect()),
        };
        if let Selection::Many(m) = &selection {
            dims.push(u32::try_from(m.len()).unwrap_or(u32::MAX));
        }
        let mut next =
            Vec::with_capacity(offsets.len().saturating_mul(selection.positions().len()));
        for &base in &offsets {
            next.extend(selection.positions().iter().map(|&p| base * size as usize + p as usize));
        }
        offsets = next;
    }
    Ok((offsets, dims))
}

/// `value[indices]`: an element or a part of an array, or one or several bits of a scalar. A single
/// bit is a `bit`, several are `bit[n]`.
pub fn index(value: &Value, indices: &[Index]) -> Result<Value, ValueError> {
    if let Value::Array(a) = value {
        // The whole path to one element, as in loops.
        let (offsets, dims) = elements(a, indices)?;
        if dims.is_empty() {
            return Ok(a.data[offsets[0]].clone());
        }
        let data = offsets.iter().map(|&o| a.data[o].clone()).collect();
        return Ok(Value::Array(Box::new(Array {
            element: a.element,
            dims,
            data: Arc::new(data),
        })));
    }
    let width = bit_width(value)?;
    let [one] = indices else {
        return Err(ValueError::TooManyIndices {
            ty: value.ty(),
            expected: 1,
            found: indices.len(),
        });
    };
    Ok(match one.select(width)? {
        Selection::One(i) => Value::Bit(bit_of(value, i)),
        Selection::Many(m) => Value::Bits(Bits::from_bools(m.iter().map(|&i| bit_of(value, i)))),
    })
}

/// `target[path[0]][path[1]]… = value`, the value converted to what stands there.
pub fn assign(target: &mut Value, path: &[Vec<Index>], value: &Value) -> Result<(), ValueError> {
    let Some((indices, rest)) = path.split_first() else {
        *target = super::cast::cast(value, &target.ty())?;
        return Ok(());
    };
    if let Value::Array(a) = target {
        let (offsets, dims) = elements(a, indices)?;
        let data = Arc::make_mut(&mut a.data);
        if dims.is_empty() {
            return assign(&mut data[offsets[0]], rest, value);
        }
        let Value::Array(from) = value else { return Err(ValueError::NotIndexable(value.ty())) };
        if !rest.is_empty() {
            // `a[0:1][0] = …`: index the slice, then write through.
            let mut part = Value::Array(Box::new(Array {
                element: a.element,
                dims,
                data: Arc::new(offsets.iter().map(|&o| data[o].clone()).collect()),
            }));
            assign(&mut part, rest, value)?;
            let Value::Array(part) = part else { return Ok(()) };
            for (&o, v) in offsets.iter().zip(part.data.iter()) {
                data[o] = v.clone();
            }
            return Ok(());
        }
        if from.dims != dims {
            return Err(ValueError::Length { expected: offsets.len(), found: from.data.len() });
        }
        for (&o, v) in offsets.iter().zip(from.data.iter()) {
            data[o] = cast_scalar(v, a.element)?;
        }
        return Ok(());
    }
    let [one] = indices.as_slice() else {
        return Err(ValueError::TooManyIndices {
            ty: target.ty(),
            expected: 1,
            found: indices.len(),
        });
    };
    if !rest.is_empty() {
        return Err(ValueError::NotIndexable(Scalar::Bit.into()));
    }
    match one.select(bit_width(target)?)? {
        Selection::One(i) => {
            let Value::Bit(b) = cast_scalar(value, Scalar::Bit)? else { return Ok(()) };
            set_bit(target, i, b);
        }
        Selection::Many(m) => {
            let len = u32::try_from(m.len()).unwrap_or(u32::MAX);
            let Value::Bits(bits) = cast_scalar(value, Scalar::Bits(len))? else { return Ok(()) };
            for (&i, b) in m.iter().zip(bits.iter()) {
                set_bit(target, i, b);
            }
        }
    }
    Ok(())
}

/// `i` is below the width.
pub(crate) fn set_bit(target: &mut Value, i: u32, bit: bool) {
    let with = |v: u128| v & !(1 << i) | u128::from(bit) << i;
    match target {
        Value::Bits(b) => b.set(i, bit),
        Value::Bit(b) | Value::Bool(b) => *b = bit,
        Value::Int { width, value } => {
            *target = Value::int(*width, with(value.cast_unsigned()).cast_signed());
        }
        Value::Uint { width, value } => *target = Value::uint(*width, with(*value)),
        Value::Angle(a) => *a = Angle::from_raw(a.width(), with(a.raw())),
        Value::Float(_) | Value::Complex(_) | Value::Duration(_) | Value::Array(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: Option<i128>, step: i128, stop: Option<i128>) -> Index {
        Index::Range { start, step, stop }
    }

    #[expect(clippy::needless_pass_by_value, reason = "literals read better")]
    fn check(index: Index, size: u32, expected: Option<&[u32]>) {
        assert_eq!(
            index.select(size).ok().as_ref().map(Selection::positions),
            expected,
            "{index:?} of {size}"
        );
    }

    #[test]
    fn ranges_include_both_ends_and_count_from_the_end_where_negative() {
        check(range(Some(0), 2, Some(5)), 6, Some(&[0, 2, 4]));
        check(range(Some(-2), 1, Some(-1)), 6, Some(&[4, 5]));
        check(range(None, -2, None), 5, Some(&[4, 2, 0]));
        check(range(Some(3), 1, Some(1)), 6, Some(&[]));
        check(range(Some(2), 1, Some(9)), 6, None);
        check(range(Some(0), 0, Some(1)), 6, None);
        check(range(Some(0), i128::MAX, None), 6, Some(&[0]));
        check(range(Some(i128::MIN), 1, Some(i128::MAX)), 6, None);
        check(Index::Single(-7), 6, None);
        check(Index::Set(vec![1, -1, 1]), 3, Some(&[1, 2, 1]));
    }

    fn int(v: i128) -> Value {
        Value::int(8, v)
    }

    fn matrix() -> Value {
        super::super::ops::array_from(
            Scalar::Int(8),
            &[2, 3],
            &(1..=6).map(int).collect::<Vec<_>>(),
        )
        .unwrap()
    }

    #[test]
    fn arrays_are_read_and_written_by_element_and_by_slice() {
        let mut m = matrix();
        let at = |m: &Value, i: &[Index]| index(m, i).unwrap();
        assert_eq!(at(&m, &[Index::Single(1), Index::Single(2)]), int(6));
        let row = at(&m, &[Index::Single(1)]);
        assign(&mut m, &[vec![Index::Single(0)]], &row).unwrap();
        assert_eq!(at(&m, &[Index::Single(0), Index::Single(0)]), int(4));
        let column = at(&m, &[range(None, 1, None), Index::Single(1)]);
        assert_eq!(at(&column, &[Index::Single(1)]), int(5));
        assert!(assign(&mut m, &[vec![Index::Single(0)]], &column).is_err());
        assert!(index(&m, &[Index::Single(2)]).is_err());
        // A bit of an element.
        assign(
            &mut m,
            &[vec![Index::Single(1), Index::Single(0)], vec![Index::Single(0)]],
            &Value::Bit(true),
        )
        .unwrap();
        assert_eq!(at(&m, &[Index::Single(1), Index::Single(0)]), int(5));
    }

    #[test]
    fn bits_of_numbers_are_read_and_written() {
        let mut v = Value::int(4, -1);
        assign(&mut v, &[vec![Index::Single(3)]], &Value::Bit(false)).unwrap();
        assert_eq!(v, Value::int(4, 7));
        let low = index(&v, &[range(Some(0), 1, Some(1))]).unwrap();
        assert_eq!(low, Value::Bits("11".parse().unwrap()));
        assert!(index(&Value::Float(1.0), &[Index::Single(0)]).is_err());
    }
}
