//! Operations on one pair of bits, kept apart or multiplied out, whichever costs less.

use num_complex::Complex64;
use smallvec::SmallVec;

use super::op::{Action, Bits, Entries, Op};
use crate::kernel::dense::Form;

const ZERO: Complex64 = Complex64::new(0.0, 0.0);
const ONE: Complex64 = Complex64::new(1.0, 0.0);

/// Row-major.
pub(crate) type Matrix2 = [Complex64; 4];

/// `a · b`.
pub(crate) fn product(a: &Matrix2, b: &Matrix2) -> Matrix2 {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
    ]
}

pub(crate) fn is_diagonal(u: &Matrix2) -> bool {
    u[1] == ZERO && u[2] == ZERO
}

/// Time for one amplitude while it is in the cache, in units of a dense 2×2 matrix.
fn cost(op: &Op) -> f64 {
    let share = 1.0 / f64::from(1_u32 << op.ctrl_mask.count_ones().min(20));
    share
        * match &op.action {
            Action::Diagonal { .. } => 0.3,
            Action::X { .. } => 0.25,
            Action::One { u, .. } => match Form::of(u) {
                Form::Dense => 1.0,
                Form::Real | Form::Crossed => 0.6,
            },
            Action::Two { .. } => TWO_COST,
            Action::Dense { bits, .. } => f64::from(1_u32 << bits.len().min(20)) * 2.0,
            Action::Permutation { .. } => 4.0,
        }
}

const TWO_COST: f64 = 2.0;

/// Emits `u` on `bit`: as phases, as an exchange with phases, or as it is. Nothing for the identity.
pub(crate) fn emit_one(bit: u8, u: &Matrix2, out: &mut impl FnMut(Op)) {
    if is_diagonal(u) {
        emit_phases(bit, u[0], u[3], out);
    } else if u[0] == ZERO && u[3] == ZERO {
        // [[0, b], [c, 0]] = X · diag(c, b).
        emit_phases(bit, u[2], u[1], out);
        out(Op::new(Action::X { bit }));
    } else {
        out(Op::new(Action::One { bit, u: *u }));
    }
}

fn emit_phases(bit: u8, zero: Complex64, one: Complex64, out: &mut impl FnMut(Op)) {
    if zero == ONE && one == ONE {
        return;
    }
    if zero == ONE {
        out(phase_under(1 << bit, 1 << bit, one));
    } else {
        out(Op::new(Action::Diagonal {
            bits: Bits::from_slice(&[bit]),
            entries: Entries::Few(SmallVec::from_slice(&[zero, one])),
        }));
    }
}

/// A phase where controls hold.
pub(crate) fn phase_under(ctrl_mask: u64, ctrl_value: u64, phase: Complex64) -> Op {
    Op {
        ctrl_mask,
        ctrl_value,
        action: Action::Diagonal {
            bits: Bits::new(),
            entries: Entries::Few(SmallVec::from_slice(&[phase])),
        },
    }
}

/// Operations on bits `a < b`, in order, none of which another operation comes between.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) a: u8,
    pub(crate) b: u8,
    pub(crate) parts: Vec<Op>,
}

impl Pair {
    /// Appends the cheaper of the parts and their product.
    pub(crate) fn emit(self, out: &mut Vec<Op>) {
        let apart: f64 = self.parts.iter().map(cost).sum();
        if self.parts.len() < 2 {
            out.extend(self.parts);
            return;
        }
        // A product can only be worth it where the parts are dear, or where it may be diagonal.
        let twice = self
            .parts
            .iter()
            .filter(|p| p.ctrl_mask != 0 || matches!(p.action, Action::Two { .. }))
            .count();
        if apart <= TWO_COST && twice < 2 {
            out.extend(self.parts);
            return;
        }
        let u = self.product();
        if (0..16).all(|k| k % 5 == 0 || u[k] == ZERO) {
            let entries = [u[0], u[5], u[10], u[15]];
            out.push(Op::new(Action::Diagonal {
                bits: Bits::from_slice(&[self.a, self.b]),
                entries: Entries::Few(SmallVec::from_slice(&entries)),
            }));
        } else if apart <= TWO_COST {
            out.extend(self.parts);
        } else {
            out.push(Op::new(Action::Two { bits: [self.a, self.b], u: Box::new(u) }));
        }
    }

    /// The parts multiplied out, the last one leftmost. Row-major, `a` the low bit.
    fn product(&self) -> [Complex64; 16] {
        let mut u = [ZERO; 16];
        for k in 0..4 {
            u[5 * k] = ONE;
        }
        for part in &self.parts {
            self.apply(part, &mut u);
        }
        u
    }

    /// `part · u`: the part acts on the rows.
    fn apply(&self, part: &Op, u: &mut [Complex64; 16]) {
        let local = |bit: u8| usize::from(bit == self.b);
        let holds = |row: usize| {
            let index = (row as u64 & 1) << self.a | (row as u64 >> 1) << self.b;
            index & part.ctrl_mask == part.ctrl_value
        };
        match &part.action {
            Action::Diagonal { bits, entries } => {
                for row in (0..4).filter(|&r| holds(r)) {
                    let i: usize =
                        bits.iter().enumerate().map(|(k, &b)| (row >> local(b) & 1) << k).sum();
                    for z in &mut u[4 * row..4 * row + 4] {
                        *z *= entries.as_slice()[i];
                    }
                }
            }
            Action::X { bit } => {
                let t = 1 << local(*bit);
                for row in (0..4).filter(|r| r & t == 0 && holds(*r)) {
                    for c in 0..4 {
                        u.swap(4 * row + c, 4 * (row | t) + c);
                    }
                }
            }
            Action::One { bit, u: m } => {
                let t = 1 << local(*bit);
                for row in (0..4).filter(|r| r & t == 0 && holds(*r)) {
                    for c in 0..4 {
                        let (x, y) = (u[4 * row + c], u[4 * (row | t) + c]);
                        u[4 * row + c] = m[0] * x + m[1] * y;
                        u[4 * (row | t) + c] = m[2] * x + m[3] * y;
                    }
                }
            }
            Action::Two { u: m, .. } => {
                let old = *u;
                for r in 0..4 {
                    for c in 0..4 {
                        u[4 * r + c] = (0..4).map(|k| m[4 * r + k] * old[4 * k + c]).sum();
                    }
                }
            }
            Action::Dense { .. } | Action::Permutation { .. } => {
                debug_assert!(false, "a pair holds operations on two bits");
            }
        }
    }
}
