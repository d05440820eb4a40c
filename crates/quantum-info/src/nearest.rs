//! The unitary nearest to a matrix.

use num_complex::Complex64;

use crate::Matrix;

/// Change between two steps, against entries of size 1, at which the iteration has settled.
const SETTLED: f64 = 1e-14;
/// Convergence is quadratic; near-singular matrices take `log2` of their condition number first.
const MAX_STEPS: usize = 100;
/// A pivot this small against the matrix's largest entry makes it singular.
const SINGULAR: f64 = 1e-12;

impl Matrix {
    /// The unitary factor of the polar decomposition, which is the unitary nearest to `self` in the
    /// Frobenius norm. `None` for a singular matrix, which has no single nearest one, or one with
    /// entries that are not finite.
    ///
    /// Newton's iteration `X ← (X + X⁻†)/2` from `X = self` (N. J. Higham, SIAM J. Sci. Stat. Comput.
    /// 7, 1160 (1986), doi:10.1137/0907079).
    pub fn nearest_unitary(&self) -> Option<Self> {
        let mut x = self.clone();
        for _ in 0..MAX_STEPS {
            let other = x.inverse()?.dagger();
            let mut next = Self::zero(x.dim());
            for r in 0..x.dim() {
                for c in 0..x.dim() {
                    next.set(r, c, (x.at(r, c) + other.at(r, c)) * 0.5);
                }
            }
            let change = next.max_difference(&x);
            x = next;
            if change <= SETTLED {
                return Some(x);
            }
        }
        (x.unitary_deviation() <= 1e-12).then_some(x)
    }

    /// By Gauss-Jordan elimination with row pivots. `None` where a pivot vanishes.
    fn inverse(&self) -> Option<Self> {
        let d = self.dim();
        let (mut left, mut right) = (self.clone(), Self::identity(d));
        let scale = self.entries().iter().map(|z| z.norm()).fold(0.0, f64::max);
        if !scale.is_finite() || self.entries().iter().any(|z| !z.is_finite()) {
            return None;
        }
        for col in 0..d {
            let norm = |m: &Self, r: usize| m.at(r, col).norm();
            let pivot = (col..d).max_by(|&a, &b| norm(&left, a).total_cmp(&norm(&left, b)))?;
            if norm(&left, pivot) <= SINGULAR * scale {
                return None;
            }
            for m in [&mut left, &mut right] {
                for c in 0..d {
                    let (a, b) = (m.at(col, c), m.at(pivot, c));
                    m.set(col, c, b);
                    m.set(pivot, c, a);
                }
            }
            let inverse = left.at(col, col).inv();
            for m in [&mut left, &mut right] {
                for c in 0..d {
                    m.set(col, c, m.at(col, c) * inverse);
                }
            }
            for r in (0..d).filter(|&r| r != col) {
                let factor: Complex64 = left.at(r, col);
                for m in [&mut left, &mut right] {
                    for c in 0..d {
                        m.set(r, c, m.at(r, c) - factor * m.at(col, c));
                    }
                }
            }
        }
        Some(right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(entries: &[(f64, f64)]) -> Matrix {
        let entries: Vec<Complex64> = entries.iter().map(|&(a, b)| Complex64::new(a, b)).collect();
        Matrix::from_entries(&entries).expect("square")
    }

    #[test]
    fn a_unitary_is_its_own_nearest() {
        let u = matrix(&[(0.6, 0.0), (0.0, 0.8), (0.0, 0.8), (0.6, 0.0)]);
        assert!(u.nearest_unitary().expect("regular").max_difference(&u) < 1e-15);
    }

    #[test]
    fn rounded_entries_come_back_and_stretched_ones_shrink() {
        let rounded = matrix(&[(0.7, 0.0), (0.7, 0.0), (0.7, 0.0), (-0.7, 0.0)]);
        let h = rounded.nearest_unitary().expect("regular");
        let s = std::f64::consts::FRAC_1_SQRT_2;
        assert!(h.max_difference(&matrix(&[(s, 0.0), (s, 0.0), (s, 0.0), (-s, 0.0)])) < 1e-14);
        let stretched = matrix(&[(3.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.5)]);
        let d = stretched.nearest_unitary().expect("regular");
        assert!(
            d.max_difference(&matrix(&[(1.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 1.0)])) < 1e-14
        );
    }

    #[test]
    fn nothing_is_nearer_than_the_answer() {
        let m = matrix(&[(1.0, 0.2), (0.3, -0.5), (-0.4, 0.1), (0.9, 0.6)]);
        let best = m.nearest_unitary().expect("regular");
        let distance = |u: &Matrix| -> f64 {
            m.entries().iter().zip(u.entries()).map(|(a, b)| (a - b).norm_sqr()).sum()
        };
        assert!(best.unitary_deviation() < 1e-14);
        for k in 0..40 {
            // Small turns of the answer about each axis.
            let t = 0.01 * (f64::from(k) - 19.5);
            let (c, s) = (t.cos(), t.sin());
            for turn in [
                matrix(&[(c, s), (0.0, 0.0), (0.0, 0.0), (c, -s)]),
                matrix(&[(c, 0.0), (s, 0.0), (-s, 0.0), (c, 0.0)]),
                matrix(&[(c, 0.0), (0.0, s), (0.0, s), (c, 0.0)]),
                matrix(&[(c, s), (0.0, 0.0), (0.0, 0.0), (c, s)]),
            ] {
                assert!(distance(&turn.mul(&best)) >= distance(&best));
            }
        }
    }

    #[test]
    fn singular_and_infinite_matrices_have_none() {
        assert_eq!(
            matrix(&[(1.0, 0.0), (1.0, 0.0), (1.0, 0.0), (1.0, 0.0)]).nearest_unitary(),
            None
        );
        assert_eq!(
            matrix(&[(f64::NAN, 0.0), (0.0, 0.0), (0.0, 0.0), (1.0, 0.0)]).nearest_unitary(),
            None
        );
        assert_eq!(Matrix::zero(4).nearest_unitary(), None);
    }
}
