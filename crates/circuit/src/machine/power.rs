//! The `inv` and `pow` modifiers: what they do to a matrix.

use std::sync::Arc;

use num_complex::Complex64;
use quantum_info::{Matrix, cis};

use crate::GateMatrix;

/// `pow` and `inv` of one call, in the order in which they apply (innermost first). Neighboring
/// integers are multiplied: `inv` counts as -1.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Power {
    Integer(i128),
    /// At least one real exponent among them.
    Chain(Vec<Exponent>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Exponent {
    Integer(i128),
    Real(f64),
}

impl Power {
    pub const ONE: Self = Self::Integer(1);

    /// Then `exponent` on top.
    pub fn then(self, exponent: Exponent) -> Self {
        match (self, exponent) {
            (Self::Integer(a), Exponent::Integer(b)) => Self::Integer(a.saturating_mul(b)),
            (Self::Integer(1), e @ Exponent::Real(_)) => Self::Chain(vec![e]),
            (Self::Integer(a), e) => Self::Chain(vec![Exponent::Integer(a), e]),
            (Self::Chain(mut chain), e) => {
                chain.push(e);
                Self::Chain(chain)
            }
        }
    }

    fn exponents(&self) -> Vec<Exponent> {
        match self {
            Self::Integer(n) => vec![Exponent::Integer(*n)],
            Self::Chain(chain) => chain.clone(),
        }
    }

    /// Of a dense unitary.
    pub fn of_matrix(&self, matrix: Matrix) -> Matrix {
        self.exponents().into_iter().fold(matrix, |m, e| match e {
            Exponent::Integer(1) => m,
            Exponent::Integer(n) => {
                let power =
                    if n.unsigned_abs() == 1 { m } else { m.power_integer(n.unsigned_abs()) };
                if n < 0 { power.dagger() } else { power }
            }
            Exponent::Real(x) => m.power_principal(x),
        })
    }

    /// Of any unitary; `None` where the matrix would be too wide.
    pub fn of(&self, matrix: GateMatrix, max_qubits: usize) -> Option<GateMatrix> {
        if *self == Self::ONE {
            return Some(matrix);
        }
        match matrix {
            GateMatrix::Dense(m) => Some(GateMatrix::Dense(self.of_matrix(m))),
            GateMatrix::Diagonal(d) => {
                Some(GateMatrix::Diagonal(d.iter().map(|&e| self.of_phase(e)).collect()))
            }
            GateMatrix::Permutation(map) => match self {
                Self::Integer(n) => Some(GateMatrix::Permutation(permutation_power(&map, *n))),
                Self::Chain(_) => {
                    let num_qubits = map.len().trailing_zeros() as usize;
                    if num_qubits > max_qubits {
                        return None;
                    }
                    let mut m = Matrix::zero(map.len());
                    for (from, &to) in map.iter().enumerate() {
                        m.set(to as usize, from, Complex64::new(1.0, 0.0));
                    }
                    Some(GateMatrix::Dense(self.of_matrix(m)))
                }
            },
        }
    }

    /// Of one eigenvalue.
    pub fn of_phase(&self, phase: Complex64) -> Complex64 {
        self.of_matrix(Matrix::from_rows([[phase]])).at(0, 0)
    }

    /// Of `e^{i angle}`: the new angle. Multiples keep the angle's precision; a real exponent first
    /// brings it to (-π, π].
    pub fn of_angle(&self, angle: f64) -> f64 {
        self.exponents().into_iter().fold(angle, |a, e| match e {
            Exponent::Integer(n) => a * n as f64,
            Exponent::Real(x) => principal(a) * x,
        })
    }
}

/// The angle in (-π, π], as [`Matrix::power_principal`] reads it.
fn principal(angle: f64) -> f64 {
    let c = cis(angle);
    let phi = libm::atan2(c.im, c.re);
    if phi < 1e-9 - std::f64::consts::PI { phi + std::f64::consts::TAU } else { phi }
}

/// `map` applied `n` times, by its cycles: the exponent counts modulo their lengths.
fn permutation_power(map: &[u32], n: i128) -> Arc<[u32]> {
    let mut out = vec![0_u32; map.len()];
    let mut seen = vec![false; map.len()];
    for start in 0..map.len() {
        if seen[start] {
            continue;
        }
        let mut cycle = Vec::new();
        let mut i = start;
        while !seen[i] {
            seen[i] = true;
            cycle.push(i);
            i = map[i] as usize;
        }
        let len = cycle.len() as i128;
        let by = usize::try_from(n.rem_euclid(len)).unwrap_or(0);
        for (k, &from) in cycle.iter().enumerate() {
            out[from] = u32::try_from(cycle[(k + by) % cycle.len()]).unwrap_or(0);
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permutations_are_taken_to_powers_by_their_cycles() {
        let map = [1, 2, 0, 3];
        assert_eq!(&*permutation_power(&map, -1), &[2, 0, 1, 3]);
        assert_eq!(&*permutation_power(&map, 3), &[0, 1, 2, 3]);
        assert_eq!(
            permutation_power(&map, i128::MIN),
            permutation_power(&map, i128::MIN.rem_euclid(3))
        );
    }

    #[test]
    fn powers_apply_from_the_inside_out() {
        let s = |p: Power| p.of_phase(Complex64::new(-1.0, 0.0));
        let i = Complex64::new(0.0, 1.0);
        // (-1)² = 1 has the root 1; the root of -1 squared is -1.
        assert!(
            (s(Power::ONE.then(Exponent::Integer(2)).then(Exponent::Real(0.5))) - 1.0).norm()
                < 1e-12
        );
        assert!(
            (s(Power::ONE.then(Exponent::Real(0.5)).then(Exponent::Integer(2))) + 1.0).norm()
                < 1e-12
        );
        // The inverse of the root is not the root of the inverse.
        assert!(
            (s(Power::ONE.then(Exponent::Real(0.5)).then(Exponent::Integer(-1))) + i).norm()
                < 1e-12
        );
        assert!(
            (s(Power::ONE.then(Exponent::Integer(-1)).then(Exponent::Real(0.5))) - i).norm()
                < 1e-12
        );
    }
}
