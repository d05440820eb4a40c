//! What is read off a density matrix.

use circuit::Qubit;
use num_complex::Complex64;
use quantum_info::{Observable, Pauli};

use super::{DensityMatrix, Wire};
use crate::limits::try_vec;
use crate::progress::RunControl;
use crate::{Real, SimError};

/// Widest register whose matrix is listed entry by entry.
pub const MAX_LISTED_DENSITY_QUBITS: usize = 10;

/// Widest distribution.
const MAX_MARGINAL_QUBITS: usize = 26;

impl<T: Real> DensityMatrix<T> {
    /// 1, or the probability of the outcomes that were selected.
    pub fn trace(&mut self, control: &RunControl) -> Result<f64, SimError> {
        self.settle(control)?;
        Ok(self.coefficient(|_| 0))
    }

    /// The coefficient of a Pauli string, `tr(ρ P)`: `digit(q)` is 0 to 3 for I, X, Y, Z.
    fn coefficient(&self, digit: impl Fn(usize) -> usize) -> f64 {
        let (mut index, mut apart) = (0, 1.0);
        for (q, Wire { digit: at, product, .. }) in self.wires.iter().enumerate() {
            let d = digit(q);
            match at {
                Some(at) => index |= d << (2 * usize::from(*at)),
                None => apart *= product[d],
            }
        }
        apart * self.vector.get(index).to_f64()
    }

    /// `tr(ρ O)`, of the normalized state.
    pub fn expectation(
        &mut self,
        observable: &Observable,
        control: &RunControl,
    ) -> Result<f64, SimError> {
        let trace = self.trace(control)?;
        let num_qubits = self.num_qubits();
        let mut sum = 0.0;
        let mut digits = vec![0; num_qubits];
        for term in &observable.terms {
            digits.fill(0);
            for &(qubit, pauli) in &term.paulis {
                let Some(d) = digits.get_mut(qubit as usize) else {
                    return Err(SimError::ObservableWidth { qubit, num_qubits });
                };
                *d = match pauli {
                    Pauli::X => 1,
                    Pauli::Y => 2,
                    Pauli::Z => 3,
                };
            }
            sum += term.weight * self.coefficient(|q| digits[q]);
        }
        Ok(sum / trace)
    }

    /// Bloch vector of each qubit, of the normalized state.
    pub fn bloch_vectors(&mut self, control: &RunControl) -> Result<Vec<[f64; 3]>, SimError> {
        let trace = self.trace(control)?;
        Ok((0..self.num_qubits())
            .map(|qubit| {
                [1, 2, 3].map(|d| self.coefficient(|q| if q == qubit { d } else { 0 }) / trace)
            })
            .collect())
    }

    /// `tr(ρ²) / tr(ρ)²`: 1 for a pure state, `2^-n` for the fully mixed one.
    pub fn purity(&mut self, control: &RunControl) -> Result<f64, SimError> {
        let trace = self.trace(control)?;
        let apart: f64 = self
            .wires
            .iter()
            .filter(|w| w.digit.is_none())
            .map(|w| w.product.iter().map(|x| x * x).sum::<f64>() / 2.0)
            .product();
        let halves = 0.5_f64.powi(i32::try_from(self.vector.digits()).unwrap_or(0));
        Ok(self.vector.squares() * halves * apart / (trace * trace))
    }

    /// Probability of each outcome of measuring `qubits`, the first the low bit of the outcome's
    /// index; they add up to the trace. At most 26 qubits.
    pub fn marginals(
        &mut self,
        qubits: &[Qubit],
        control: &RunControl,
    ) -> Result<Vec<f64>, SimError> {
        if qubits.len() > MAX_MARGINAL_QUBITS {
            return Err(SimError::TooManyQubits {
                what: "probabilities",
                asked: qubits.len(),
                max: MAX_MARGINAL_QUBITS,
            });
        }
        self.distinct(qubits)?;
        self.settle(control)?;
        let len = 1_usize << qubits.len();
        let mut p: Vec<f64> = try_vec(len)?;
        // Coefficients of the strings of I and Z, then a Walsh-Hadamard transform.
        let place = |of: &dyn Fn(usize) -> bool| -> (usize, f64) {
            let (mut index, mut factor) = (0, 1.0);
            for (k, q) in qubits.iter().enumerate() {
                let z = of(k);
                match &self.wires[q.index()] {
                    Wire { digit: Some(at), .. } => {
                        index |= (usize::from(z) * 3) << (2 * usize::from(*at));
                    }
                    Wire { product, .. } => factor *= product[if z { 3 } else { 0 }],
                }
            }
            (index, factor)
        };
        let others: f64 = self
            .wires
            .iter()
            .enumerate()
            .filter(|(q, w)| w.digit.is_none() && !qubits.iter().any(|x| x.index() == *q))
            .map(|(_, w)| w.product[0])
            .product();
        for i in 0..len {
            let (index, factor) = place(&|k| i >> k & 1 == 1);
            p.push(others * factor * self.vector.get(index).to_f64());
        }
        for k in 0..qubits.len() {
            control.check()?;
            for block in p.chunks_exact_mut(2 << k) {
                let (low, high) = block.split_at_mut(1 << k);
                for (a, b) in low.iter_mut().zip(high) {
                    (*a, *b) = (0.5 * (*a + *b), 0.5 * (*a - *b));
                }
            }
        }
        // What rounding leaves below 0 is 0.
        for x in &mut p {
            *x = x.max(0.0);
        }
        Ok(p)
    }

    /// Probability of each basis state. At most 26 qubits.
    pub fn probabilities(&mut self, control: &RunControl) -> Result<Vec<f64>, SimError> {
        let qubits: Vec<Qubit> = (0..u32::MAX).take(self.num_qubits()).map(Qubit).collect();
        self.marginals(&qubits, control)
    }

    /// The matrix, `2^n × 2^n`, row-major, normalized. At most [`MAX_LISTED_DENSITY_QUBITS`].
    pub fn matrix(&mut self, control: &RunControl) -> Result<Vec<Complex64>, SimError> {
        let all: Vec<Qubit> = (0..u32::MAX).take(self.num_qubits()).map(Qubit).collect();
        self.reduced(&all, control)
    }

    /// The matrix of some qubits with all others traced out, the first one the low bit of an index: row-major,
    /// normalized. At most [`MAX_LISTED_DENSITY_QUBITS`].
    pub fn reduced(
        &mut self,
        qubits: &[Qubit],
        control: &RunControl,
    ) -> Result<Vec<Complex64>, SimError> {
        let n = qubits.len();
        if n > MAX_LISTED_DENSITY_QUBITS {
            return Err(SimError::TooManyQubits {
                what: "a density matrix entry by entry",
                asked: n,
                max: MAX_LISTED_DENSITY_QUBITS,
            });
        }
        self.distinct(qubits)?;
        let mut place = vec![None; self.num_qubits()];
        for (k, q) in qubits.iter().enumerate() {
            place[q.index()] = Some(k);
        }
        let trace = self.trace(control)?;
        let scale = 0.5_f64.powi(i32::try_from(n).unwrap_or(0)) / trace;
        let mut entries: Vec<Complex64> = try_vec(1 << (2 * n))?;
        entries.extend((0..1_usize << (2 * n)).map(|index| {
            let digit = |q: usize| place[q].map_or(0, |k: usize| index >> (2 * k) & 3);
            Complex64::new(scale * self.coefficient(digit), 0.0)
        }));
        // Digit by digit from I, X, Y, Z to the entries (0,0), (0,1), (1,0), (1,1).
        for q in 0..n {
            control.check()?;
            let stride = 1 << (2 * q);
            for block in entries.chunks_exact_mut(4 * stride) {
                for i in 0..stride {
                    let [a, b, c, d] = [0, 1, 2, 3].map(|k| block[i + k * stride]);
                    let turned = Complex64::new(-c.im, c.re);
                    block[i] = a + d;
                    block[i + stride] = b - turned;
                    block[i + 2 * stride] = b + turned;
                    block[i + 3 * stride] = a - d;
                }
            }
        }
        let dim = 1_usize << n;
        let mut out: Vec<Complex64> = try_vec(dim * dim)?;
        let spread = |x: usize| -> usize { (0..n).map(|q| (x >> q & 1) << (2 * q)).sum() };
        for r in 0..dim {
            let row = 2 * spread(r);
            out.extend((0..dim).map(|c| entries[row + spread(c)]));
        }
        Ok(out)
    }
}
