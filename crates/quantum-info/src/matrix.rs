//! Square complex matrices of dimension `2^k` for small `k`: the matrices of gates.

use num_complex::Complex64;
use smallvec::SmallVec;

/// Largest deviation of `u†u` from the identity, entry by entry, at which `u` counts as unitary.
pub const UNITARY_ATOL: f64 = 1e-9;

const ZERO: Complex64 = Complex64::new(0.0, 0.0);
const ONE: Complex64 = Complex64::new(1.0, 0.0);

/// `e^{i angle}`, from the software library on every platform: gate matrices are then equal bit
/// for bit in the browser and on the server.
pub fn cis(angle: f64) -> Complex64 {
    Complex64::new(libm::cos(angle), libm::sin(angle))
}

/// Why a matrix is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MatrixError {
    #[error("a gate's matrix has 2^k rows and as many columns; {rows} rows with {entries} entries")]
    Shape { rows: usize, entries: usize },
    #[error("the matrix is not unitary: u†u differs from the identity by {deviation:e}")]
    NotUnitary { deviation: f64 },
}

/// A square matrix of dimension `dim = 2^k`, row-major: entry `(r, c)` is `data[r * dim + c]`.
/// Of one qubit it needs no heap: there are many of these.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Always a power of two; `data.len() == dim * dim`.
    dim: usize,
    data: SmallVec<[Complex64; 4]>,
}

impl Matrix {
    /// From rows.
    pub fn from_rows<const D: usize>(rows: [[Complex64; D]; D]) -> Self {
        debug_assert!(D.is_power_of_two());
        Self { dim: D, data: SmallVec::from_slice(rows.as_flattened()) }
    }

    /// From row-major entries; `entries.len()` must be `4^k`.
    pub fn from_entries(entries: &[Complex64]) -> Result<Self, MatrixError> {
        let dim = entries.len().isqrt();
        if dim * dim != entries.len() || !dim.is_power_of_two() {
            return Err(MatrixError::Shape { rows: dim, entries: entries.len() });
        }
        Ok(Self { dim, data: SmallVec::from_slice(entries) })
    }

    pub fn identity(dim: usize) -> Self {
        Self::diagonal_from(&vec![ONE; dim])
    }

    pub fn zero(dim: usize) -> Self {
        debug_assert!(dim.is_power_of_two());
        Self { dim, data: SmallVec::from_elem(ZERO, dim * dim) }
    }

    pub fn diagonal_from(entries: &[Complex64]) -> Self {
        let mut m = Self::zero(entries.len());
        for (i, &e) in entries.iter().enumerate() {
            m.data[i * entries.len() + i] = e;
        }
        m
    }

    /// Number of rows, `2^k`.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// `k`.
    pub fn num_qubits(&self) -> usize {
        self.dim.trailing_zeros() as usize
    }

    /// Row-major entries.
    pub fn entries(&self) -> &[Complex64] {
        &self.data
    }

    pub fn at(&self, row: usize, col: usize) -> Complex64 {
        self.data[row * self.dim + col]
    }

    pub fn set(&mut self, row: usize, col: usize, value: Complex64) {
        self.data[row * self.dim + col] = value;
    }

    /// `self · right`.
    #[must_use]
    pub fn mul(&self, right: &Self) -> Self {
        assert_eq!(self.dim, right.dim, "factors have one dimension");
        let d = self.dim;
        let mut out = Self::zero(d);
        for r in 0..d {
            for k in 0..d {
                let a = self.data[r * d + k];
                if a == ZERO {
                    continue;
                }
                for c in 0..d {
                    out.data[r * d + c] += a * right.data[k * d + c];
                }
            }
        }
        out
    }

    /// `high ⊗ low`: the qubits of `low` come first (are the low bits).
    #[must_use]
    pub fn kron(high: &Self, low: &Self) -> Self {
        let (h, l) = (high.dim, low.dim);
        let d = h * l;
        let mut out = Self::zero(d);
        for r in 0..d {
            for c in 0..d {
                out.data[r * d + c] = high.at(r / l, c / l) * low.at(r % l, c % l);
            }
        }
        out
    }

    #[must_use]
    pub fn scale(&self, factor: Complex64) -> Self {
        Self { dim: self.dim, data: self.data.iter().map(|&e| e * factor).collect() }
    }

    /// Conjugate transpose.
    #[must_use]
    pub fn dagger(&self) -> Self {
        let d = self.dim;
        let mut out = Self::zero(d);
        for r in 0..d {
            for c in 0..d {
                out.data[c * d + r] = self.data[r * d + c].conj();
            }
        }
        out
    }

    /// The gate under `count` controls that are all 1; the controls are the low bits (come first).
    #[must_use]
    pub fn controlled(&self, count: usize) -> Self {
        let low = 1 << count;
        let d = self.dim * low;
        let mut out = Self::identity(d);
        for r in 0..self.dim {
            for c in 0..self.dim {
                out.data[(r * low + low - 1) * d + (c * low + low - 1)] = self.at(r, c);
            }
        }
        out
    }

    /// Largest entry of `|u†u - 1|`.
    pub fn unitary_deviation(&self) -> f64 {
        let p = self.dagger().mul(self);
        let mut worst = 0.0_f64;
        for r in 0..self.dim {
            for c in 0..self.dim {
                let want = if r == c { ONE } else { ZERO };
                let d = (p.at(r, c) - want).norm();
                // `f64::max` would swallow NaN.
                worst = if d.is_nan() { f64::INFINITY } else { worst.max(d) };
            }
        }
        worst
    }

    pub fn check_unitary(&self) -> Result<(), MatrixError> {
        let deviation = self.unitary_deviation();
        // Written so that NaN is refused too.
        if deviation <= UNITARY_ATOL { Ok(()) } else { Err(MatrixError::NotUnitary { deviation }) }
    }

    /// Largest entry of `|self - other|`.
    pub fn max_difference(&self, other: &Self) -> f64 {
        assert_eq!(self.dim, other.dim, "compared matrices have one dimension");
        self.data.iter().zip(&other.data).map(|(a, b)| (a - b).norm()).fold(0.0, f64::max)
    }

    /// Equal to within `atol` after dividing by a global phase.
    pub fn equals_up_to_phase(&self, other: &Self, atol: f64) -> bool {
        if self.dim != other.dim {
            return false;
        }
        let overlap: Complex64 = self.data.iter().zip(&other.data).map(|(a, b)| a.conj() * b).sum();
        if overlap.norm() < 1e-12 {
            return false;
        }
        self.scale(overlap / overlap.norm()).max_difference(other) <= atol
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn x() -> Matrix {
        Matrix::from_rows([[ZERO, ONE], [ONE, ZERO]])
    }

    #[test]
    fn controlled_x_flips_the_high_bit_where_the_low_bit_is_set() {
        let cx = x().controlled(1);
        assert_eq!(cx.at(0b11, 0b01), ONE);
        assert_eq!(cx.at(0b01, 0b11), ONE);
        assert_eq!(cx.at(0b00, 0b00), ONE);
        assert_eq!(cx.at(0b10, 0b10), ONE);
        assert_eq!(cx.at(0b11, 0b11), ZERO);
    }

    #[test]
    fn a_matrix_with_nan_is_not_unitary() {
        let mut m = x();
        m.set(0, 0, Complex64::new(f64::NAN, 0.0));
        assert!(m.check_unitary().is_err());
    }

    #[test]
    fn kron_puts_the_second_factor_on_the_low_bits() {
        let m = Matrix::kron(&Matrix::identity(2), &x());
        assert_eq!(m.at(0b01, 0b00), ONE);
        assert_eq!(m.at(0b10, 0b00), ZERO);
    }
}
