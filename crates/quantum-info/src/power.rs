//! Powers of unitary matrices.

use num_complex::Complex64;

use crate::Matrix;
use crate::matrix::cis;

/// An argument this close to -π counts as π, so that rounding does not choose the root of -1.
const BRANCH_ATOL: f64 = 1e-9;
/// Off-diagonal size, against unit size of the matrix, at which a Jacobi sweep stops.
const JACOBI_ATOL: f64 = 1e-15;
const MAX_SWEEPS: usize = 60;

impl Matrix {
    /// `self^exponent`, by repeated squaring.
    #[must_use]
    pub fn power_integer(&self, mut exponent: u128) -> Self {
        let mut power = Self::identity(self.dim());
        let mut square = self.clone();
        while exponent > 0 {
            if exponent & 1 == 1 {
                power = power.mul(&square);
            }
            exponent >>= 1;
            if exponent > 0 {
                square = square.mul(&square);
            }
        }
        power
    }

    /// The principal power of a unitary: `V diag(e^{i φ exponent}) V†` with `φ` in (-π, π].
    #[must_use]
    pub fn power_principal(&self, exponent: f64) -> Self {
        let (phases, vectors) = self.unitary_eigen();
        let d = self.dim();
        let mut out = Self::zero(d);
        for (k, phi) in phases.iter().enumerate() {
            let factor = cis(phi * exponent);
            for r in 0..d {
                let a = vectors.at(r, k) * factor;
                for c in 0..d {
                    out.set(r, c, out.at(r, c) + a * vectors.at(c, k).conj());
                }
            }
        }
        out
    }

    /// Arguments in (-π, π] of a unitary's eigenvalues, and its eigenvectors as columns.
    ///
    /// `cos(φ0)·(U + U†)/2 + sin(φ0)·(U - U†)/2i` is Hermitian, commutes with `U` and has the
    /// eigenvalues `cos(φ - φ0)`: its eigenvectors are those of `U` unless two of them lie
    /// symmetrically about `φ0`. The best of several `φ0` is taken.
    pub fn unitary_eigen(&self) -> (Vec<f64>, Self) {
        let d = self.dim();
        let adjoint = self.dagger();
        let mut best: Option<(f64, Self, Self)> = None;
        for attempt in 0..8 {
            let phi = 0.618_033_988_75 + 0.754_877_666_2 * f64::from(attempt);
            let (c, s) = (libm::cos(phi) / 2.0, libm::sin(phi) / 2.0);
            let mut hermitian = Self::zero(d);
            for row in 0..d {
                for col in 0..d {
                    let (u, v) = (self.at(row, col), adjoint.at(row, col));
                    hermitian.set(row, col, (u + v) * c + (u - v) * Complex64::new(0.0, -s));
                }
            }
            let vectors = hermitian_eigenvectors(hermitian);
            let image = vectors.dagger().mul(&self.mul(&vectors));
            let residual = off_diagonal(&image);
            if best.as_ref().is_none_or(|(r, _, _)| residual < *r) {
                best = Some((residual, vectors, image));
            }
            if residual < 1e-14 * d as f64 {
                break;
            }
        }
        let Some((_, vectors, image)) = best else { return (Vec::new(), Self::identity(d)) };
        let phases = (0..d)
            .map(|k| {
                let phi = libm::atan2(image.at(k, k).im, image.at(k, k).re);
                if phi < BRANCH_ATOL - std::f64::consts::PI {
                    phi + std::f64::consts::TAU
                } else {
                    phi
                }
            })
            .collect();
        (phases, vectors)
    }
}

/// Largest entry off the diagonal.
fn off_diagonal(m: &Matrix) -> f64 {
    let mut worst = 0.0_f64;
    for r in 0..m.dim() {
        for c in 0..m.dim() {
            if r != c {
                worst = worst.max(m.at(r, c).norm());
            }
        }
    }
    worst
}

/// Eigenvectors of a Hermitian matrix as columns: cyclic Jacobi rotations (Golub and Van Loan,
/// Matrix Computations, section 8.5, for complex entries).
fn hermitian_eigenvectors(mut a: Matrix) -> Matrix {
    let d = a.dim();
    let mut v = Matrix::identity(d);
    for _ in 0..MAX_SWEEPS {
        if off_diagonal(&a) <= JACOBI_ATOL {
            break;
        }
        for p in 0..d {
            for q in p + 1..d {
                let apq = a.at(p, q);
                let size = apq.norm();
                if size <= JACOBI_ATOL * 1e-3 {
                    continue;
                }
                let tau = (a.at(q, q).re - a.at(p, p).re) / (2.0 * size);
                let t =
                    if tau < 0.0 { -1.0 } else { 1.0 } / (tau.abs() + libm::sqrt(1.0 + tau * tau));
                let c = 1.0 / libm::sqrt(1.0 + t * t);
                let up = apq / size * (t * c);
                // Columns p and q of `a` and `v` by the rotation, then rows of `a` by its adjoint.
                for m in [&mut a, &mut v] {
                    for r in 0..d {
                        let (x, y) = (m.at(r, p), m.at(r, q));
                        m.set(r, p, x * c - y * up.conj());
                        m.set(r, q, x * up + y * c);
                    }
                }
                for k in 0..d {
                    let (x, y) = (a.at(p, k), a.at(q, k));
                    a.set(p, k, x * c - y * up);
                    a.set(q, k, x * up.conj() + y * c);
                }
            }
        }
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::{FRAC_1_SQRT_2, PI};

    const ATOL: f64 = 1e-12;

    fn c(re: f64, im: f64) -> Complex64 {
        Complex64::new(re, im)
    }

    fn x() -> Matrix {
        Matrix::from_rows([[c(0.0, 0.0), c(1.0, 0.0)], [c(1.0, 0.0), c(0.0, 0.0)]])
    }

    fn h() -> Matrix {
        let r = c(FRAC_1_SQRT_2, 0.0);
        Matrix::from_rows([[r, r], [r, -r]])
    }

    fn assert_close(a: &Matrix, b: &Matrix) {
        assert!(a.max_difference(b) < ATOL, "{a:?} is not {b:?}");
    }

    #[test]
    fn the_root_of_x_is_sx() {
        let (p, m) = (c(0.5, 0.5), c(0.5, -0.5));
        assert_close(&x().power_principal(0.5), &Matrix::from_rows([[p, m], [m, p]]));
    }

    #[test]
    fn minus_one_has_the_argument_pi_whatever_the_rounding() {
        let z = Matrix::diagonal_from(&[c(1.0, 0.0), c(-1.0, -1e-16)]);
        assert_close(&z.power_principal(0.5), &Matrix::diagonal_from(&[c(1.0, 0.0), c(0.0, 1.0)]));
    }

    #[test]
    fn roots_multiply_back_also_with_degenerate_eigenvalues() {
        let swap = Matrix::from_rows([
            [c(1.0, 0.0), c(0.0, 0.0), c(0.0, 0.0), c(0.0, 0.0)],
            [c(0.0, 0.0), c(0.0, 0.0), c(1.0, 0.0), c(0.0, 0.0)],
            [c(0.0, 0.0), c(1.0, 0.0), c(0.0, 0.0), c(0.0, 0.0)],
            [c(0.0, 0.0), c(0.0, 0.0), c(0.0, 0.0), c(1.0, 0.0)],
        ]);
        let t = Matrix::diagonal_from(&[c(1.0, 0.0), cis(PI / 4.0)]);
        let mixed = Matrix::kron(&h().mul(&t), &x());
        for u in [
            swap.clone(),
            x().controlled(1),
            Matrix::kron(&h(), &h()),
            mixed,
            Matrix::kron(&swap, &h().mul(&t)),
        ] {
            for k in [2_u32, 3, 7] {
                let root = u.power_principal(1.0 / f64::from(k));
                assert!(root.unitary_deviation() < ATOL);
                assert_close(&root.power_integer(k.into()), &u);
            }
            assert_close(&u.power_principal(-1.0), &u.dagger());
            assert_close(&u.power_integer(0), &Matrix::identity(u.dim()));
        }
    }

    #[test]
    fn eigenvalues_that_lie_symmetrically_about_the_first_guess_are_told_apart() {
        let phi = 0.618_033_988_75;
        let d = Matrix::diagonal_from(&[cis(phi + 0.4), cis(phi - 0.4)]);
        let u = h().mul(&d).mul(&h());
        assert_close(&u.power_principal(0.5).power_integer(2), &u);
    }
}
