//! Eigenvalues and eigenvectors of small Hermitian matrices.

use num_complex::Complex64;

use crate::Matrix;

/// Sweeps after which it has long converged: each squares what is left beside the diagonal.
const MAX_SWEEPS: usize = 60;

impl Matrix {
    /// Of a Hermitian matrix: eigenvalues, ascending, and a unitary whose column `k` belongs to
    /// eigenvalue `k`. Cyclic Jacobi rotations (Golub and Van Loan, "Matrix Computations", 4th ed.,
    /// section 8.5, with the phase of the entry taken out first). What is not Hermitian is taken as
    /// its upper triangle says.
    pub fn hermitian_eigen(&self) -> (Vec<f64>, Self) {
        let d = self.dim();
        let mut a = self.clone();
        for r in 0..d {
            a.set(r, r, Complex64::new(a.at(r, r).re, 0.0));
            for c in 0..r {
                a.set(r, c, a.at(c, r).conj());
            }
        }
        let mut v = Self::identity(d);
        let scale: f64 = a.entries().iter().map(Complex64::norm_sqr).sum();
        for _ in 0..MAX_SWEEPS {
            let off: f64 = (0..d)
                .flat_map(|r| (0..r).map(move |c| (r, c)))
                .map(|(r, c)| a.at(r, c).norm_sqr())
                .sum();
            if off <= scale * 1e-34 {
                break;
            }
            for p in 0..d {
                for q in p + 1..d {
                    rotate(&mut a, &mut v, p, q);
                }
            }
        }
        let mut order: Vec<usize> = (0..d).collect();
        order.sort_by(|&i, &j| a.at(i, i).re.total_cmp(&a.at(j, j).re));
        let mut vectors = Self::zero(d);
        for (k, &i) in order.iter().enumerate() {
            for r in 0..d {
                vectors.set(r, k, v.at(r, i));
            }
        }
        (order.iter().map(|&i| a.at(i, i).re).collect(), vectors)
    }
}

/// Makes entry `(p, q)` zero: `a → j†·a·j`, `v → v·j`.
fn rotate(a: &mut Matrix, v: &mut Matrix, p: usize, q: usize) {
    let x = a.at(p, q);
    let size = x.norm_sqr().sqrt();
    if size == 0.0 {
        return;
    }
    let phase = x / size;
    let tau = (a.at(q, q).re - a.at(p, p).re) / (2.0 * size);
    let t = tau.signum() / (tau.abs() + (1.0 + tau * tau).sqrt());
    let c = 1.0 / (1.0 + t * t).sqrt();
    let s = t * c;
    let d = a.dim();
    let columns = |m: &mut Matrix| {
        for r in 0..d {
            let (y, z) = (m.at(r, p), m.at(r, q));
            m.set(r, p, y * c - z * phase.conj() * s);
            m.set(r, q, y * phase * s + z * c);
        }
    };
    columns(a);
    columns(v);
    for k in 0..d {
        let (y, z) = (a.at(p, k), a.at(q, k));
        a.set(p, k, y * c - z * phase * s);
        a.set(q, k, y * phase.conj() * s + z * c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eigenvectors_rebuild_the_matrix() {
        let mut m = Matrix::zero(4);
        for r in 0..4 {
            for c in r..4 {
                let z = Complex64::new(
                    libm::sin((r * 5 + c) as f64),
                    if r == c { 0.0 } else { libm::cos((3 * r + 2 * c) as f64) },
                );
                m.set(r, c, z);
                m.set(c, r, z.conj());
            }
        }
        let (values, v) = m.hermitian_eigen();
        assert!(v.unitary_deviation() < 1e-13);
        assert!(values.is_sorted());
        let d = Matrix::diagonal_from(
            &values.iter().map(|&x| Complex64::new(x, 0.0)).collect::<Vec<_>>(),
        );
        assert!(v.mul(&d).mul(&v.dagger()).max_difference(&m) < 1e-13);
    }

    #[test]
    fn equal_eigenvalues_and_diagonals_are_fine() {
        let (values, v) = Matrix::identity(8).hermitian_eigen();
        assert_eq!(values, vec![1.0; 8]);
        assert_eq!(v, Matrix::identity(8));
    }
}
