//! Noise channels: completely positive maps that keep the trace.
//!
//! ```text
//! ρ → Σ_m K_m ρ K_m†        Σ_m K_m† K_m = 1
//! ```
//!
//! A [`Channel`] holds its Kraus operators, for trajectories, and its Pauli transfer matrix, for
//! density matrices. Qubits as everywhere: the first is the low bit of a matrix index. In a transfer
//! matrix a qubit is a digit, 0 to 3 for I, X, Y, Z, and the first qubit is the low digit.
//!
//! Conventions: `λ` of depolarizing is the weight of the fully mixed state, not the probability of an
//! error; damping and relaxation as in Nielsen and Chuang, "Quantum Computation and Quantum
//! Information", section 8.3.

use num_complex::Complex64;

use crate::{Matrix, Pauli};

/// Most qubits that a channel acts on.
pub const MAX_CHANNEL_QUBITS: usize = 3;

/// By how much `Σ K†K` may differ from the identity, entry by entry.
pub const CHANNEL_ATOL: f64 = 1e-8;

const ZERO: Complex64 = Complex64::new(0.0, 0.0);
const ONE: Complex64 = Complex64::new(1.0, 0.0);

/// Why there is no such channel.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ChannelError {
    #[error("{what} is {value}, not a probability between 0 and 1")]
    Probability { what: &'static str, value: f64 },
    #[error("the probabilities of errors add up to {sum}, more than 1")]
    Sum { sum: f64 },
    #[error(
        "T1 = {t1}, T2 = {t2} for a time of {time}: times are not negative and T2 is at most 2 T1"
    )]
    Relaxation { time: f64, t1: f64, t2: f64 },
    #[error("a channel on {asked} qubits; on 1 to {MAX_CHANNEL_QUBITS}")]
    Width { asked: usize },
    #[error("operators of a channel are of one size")]
    Sizes,
    #[error(
        "the channel does not keep the trace: the sum of K†K differs from the identity by {deviation:e}"
    )]
    NotTracePreserving { deviation: f64 },
    #[error(
        "the superoperator is not completely positive: its Choi matrix has the eigenvalue {eigenvalue}"
    )]
    NotPositive { eigenvalue: f64 },
    #[error("a superoperator on {expected_qubits} qubits has 4^{expected_qubits} rows")]
    SuperoperatorShape { expected_qubits: usize },
    #[error("`{text}` is not a Pauli string on {num_qubits} qubits")]
    PauliString { text: String, num_qubits: usize },
}

/// One Kraus operator.
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    pub matrix: Matrix,
    /// The smallest probability that it has on any state: the lowest eigenvalue of `K†K`.
    pub least: f64,
    /// The largest; equal to `least` up to rounding for a multiple of a unitary.
    pub most: f64,
}

impl Operator {
    fn new(matrix: Matrix) -> Self {
        let squares = matrix.dagger().mul(&matrix);
        let (values, _) = squares.hermitian_eigen();
        let at = |i: usize| values[i].clamp(0.0, 1.0);
        Self { matrix, least: at(0), most: at(values.len() - 1) }
    }

    /// Whether its probability is the same on every state.
    pub fn is_fixed(&self) -> bool {
        self.most - self.least <= 1e-13
    }

    /// Whether it is a multiple of the identity.
    pub fn is_identity(&self) -> bool {
        let m = &self.matrix;
        (0..m.dim()).all(|r| {
            (0..m.dim()).all(|c| if r == c { m.at(r, r) == m.at(0, 0) } else { m.at(r, c) == ZERO })
        })
    }
}

/// A channel on a few qubits.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    num_qubits: usize,
    /// The one that is most certain first; at least one.
    operators: Vec<Operator>,
    /// `4^k × 4^k`, row-major.
    transfer: Vec<f64>,
}

fn probability(what: &'static str, value: f64) -> Result<f64, ChannelError> {
    if (0.0..=1.0).contains(&value) {
        Ok(value)
    } else {
        Err(ChannelError::Probability { what, value })
    }
}

fn real(x: f64) -> Complex64 {
    Complex64::new(x, 0.0)
}

impl Channel {
    /// From Kraus operators of one size, `Σ K†K = 1` to within [`CHANNEL_ATOL`].
    pub fn kraus(operators: &[Matrix]) -> Result<Self, ChannelError> {
        let Some(first) = operators.first() else { return Err(ChannelError::Width { asked: 0 }) };
        let num_qubits = first.num_qubits();
        if num_qubits == 0 || num_qubits > MAX_CHANNEL_QUBITS {
            return Err(ChannelError::Width { asked: num_qubits });
        }
        if operators.iter().any(|m| m.dim() != first.dim()) {
            return Err(ChannelError::Sizes);
        }
        let mut sum = Matrix::zero(first.dim());
        for k in operators {
            let square = k.dagger().mul(k);
            for r in 0..sum.dim() {
                for c in 0..sum.dim() {
                    sum.set(r, c, sum.at(r, c) + square.at(r, c));
                }
            }
        }
        let deviation = sum.max_difference(&Matrix::identity(first.dim()));
        let numbers = operators.iter().flat_map(Matrix::entries).all(|z| z.is_finite());
        if !numbers || deviation > CHANNEL_ATOL {
            return Err(ChannelError::NotTracePreserving { deviation });
        }
        Ok(Self::of(operators.to_vec()))
    }

    /// From operators that are known to make a channel. Those that are zero are left out.
    fn of(matrices: Vec<Matrix>) -> Self {
        let num_qubits = matrices[0].num_qubits();
        let transfer = transfer_matrix(&matrices);
        let mut operators: Vec<Operator> = matrices
            .into_iter()
            .filter(|m| m.entries().iter().any(|z| *z != ZERO))
            .map(Operator::new)
            .collect();
        operators.sort_by(|a, b| b.least.total_cmp(&a.least));
        Self { num_qubits, operators, transfer }
    }

    /// Unitaries, each with its probability; the rest of the probability leaves the state as it is.
    fn mixture(num_qubits: usize, parts: Vec<(f64, Matrix)>) -> Self {
        let sum: f64 = parts.iter().map(|(p, _)| p).sum();
        let identity = Matrix::identity(1 << num_qubits).scale(real((1.0 - sum).max(0.0).sqrt()));
        let scaled =
            parts.into_iter().filter(|(p, _)| *p > 0.0).map(|(p, u)| u.scale(real(p.sqrt())));
        Self::of(std::iter::once(identity).chain(scaled).collect())
    }

    /// The unitary `u` as a channel: a coherent error. Checked as operators are.
    pub fn unitary(u: &Matrix) -> Result<Self, ChannelError> {
        Self::kraus(std::slice::from_ref(u))
    }

    /// `ρ → (1 - λ) ρ + λ 1/2^n`.
    pub fn depolarizing(num_qubits: usize, lambda: f64) -> Result<Self, ChannelError> {
        if num_qubits == 0 || num_qubits > MAX_CHANNEL_QUBITS {
            return Err(ChannelError::Width { asked: num_qubits });
        }
        probability("λ of depolarizing", lambda)?;
        let strings = 1_usize << (2 * num_qubits);
        let each = lambda / strings as f64;
        let parts = (1..strings).map(|i| (each, pauli_matrix(i, num_qubits))).collect();
        Ok(Self::mixture(num_qubits, parts))
    }

    /// Pauli strings with their probabilities, each one letter of `IXYZ` per qubit, highest first.
    pub fn pauli(num_qubits: usize, errors: &[(&str, f64)]) -> Result<Self, ChannelError> {
        if num_qubits == 0 || num_qubits > MAX_CHANNEL_QUBITS {
            return Err(ChannelError::Width { asked: num_qubits });
        }
        let mut of = vec![0.0; 1 << (2 * num_qubits)];
        for &(text, p) in errors {
            let refused =
                || ChannelError::PauliString { text: text.chars().take(20).collect(), num_qubits };
            if text.len() != num_qubits {
                return Err(refused());
            }
            let index = text.chars().try_fold(0, |i, c| "IXYZ".find(c).map(|d| i << 2 | d));
            of[index.ok_or_else(refused)?] += probability("the probability of a Pauli error", p)?;
        }
        let sum: f64 = of.iter().sum();
        if sum > 1.0 + 1e-12 {
            return Err(ChannelError::Sum { sum });
        }
        let parts = (1..of.len()).map(|i| (of[i], pauli_matrix(i, num_qubits))).collect();
        Ok(Self::mixture(num_qubits, parts))
    }

    /// One Pauli with probability `p`: a bit flip, bit and phase flip, or phase flip.
    pub fn flip(pauli: Pauli, p: f64) -> Result<Self, ChannelError> {
        let letter = match pauli {
            Pauli::X => "X",
            Pauli::Y => "Y",
            Pauli::Z => "Z",
        };
        Self::pauli(1, &[(letter, p)])
    }

    /// `K0 = diag(1, √(1-γ))`, `K1 = √γ |0⟩⟨1|`.
    pub fn amplitude_damping(gamma: f64) -> Result<Self, ChannelError> {
        Self::generalized_amplitude_damping(gamma, 0.0)
    }

    /// Damping towards a population `excited` of |1⟩.
    pub fn generalized_amplitude_damping(gamma: f64, excited: f64) -> Result<Self, ChannelError> {
        probability("γ of damping", gamma)?;
        probability("the excited population", excited)?;
        let (down, up) = ((1.0 - excited).sqrt(), excited.sqrt());
        let keep = (1.0 - gamma).sqrt();
        let row = |a: f64, b: f64, c: f64, d: f64| {
            Matrix::from_rows([[real(a), real(b)], [real(c), real(d)]])
        };
        Ok(Self::of(vec![
            row(down, 0.0, 0.0, down * keep),
            row(0.0, down * gamma.sqrt(), 0.0, 0.0),
            row(up * keep, 0.0, 0.0, up),
            row(0.0, 0.0, up * gamma.sqrt(), 0.0),
        ]))
    }

    /// Coherences times `√(1-λ)`.
    pub fn phase_damping(lambda: f64) -> Result<Self, ChannelError> {
        probability("λ of phase damping", lambda)?;
        Self::flip(Pauli::Z, (1.0 - (1.0 - lambda).sqrt()) / 2.0)
    }

    /// For `time`, in the unit of `t1` and `t2`: coherences times `exp(-t/T2)`, the distance of
    /// the population of |1⟩ from `excited` times `exp(-t/T1)`. Infinite times are no relaxation.
    pub fn thermal_relaxation(
        time: f64,
        t1: f64,
        t2: f64,
        excited: f64,
    ) -> Result<Self, ChannelError> {
        let fits = time >= 0.0
            && time.is_finite()
            && t1 > 0.0
            && t2 > 0.0
            && t2 <= 2.0 * t1 * (1.0 + 1e-12);
        if !fits {
            return Err(ChannelError::Relaxation { time, t1, t2 });
        }
        let gamma = -libm::expm1(-time / t1);
        let damping = Self::generalized_amplitude_damping(gamma, excited)?;
        // What damping leaves to do for the coherences.
        let rate = if t1.is_finite() { 1.0 / t2 - 0.5 / t1 } else { 1.0 / t2 };
        let flip = (-libm::expm1(-time * rate.max(0.0)) / 2.0).clamp(0.0, 0.5);
        if flip == 0.0 {
            return Ok(damping);
        }
        let z = Matrix::diagonal_from(&[ONE, real(-1.0)]);
        let mut all = Vec::new();
        for op in &damping.operators {
            let m = &op.matrix;
            if m.at(0, 0) == ZERO && m.at(1, 1) == ZERO {
                // A jump: the flip before it is a phase.
                all.push(m.clone());
            } else {
                all.push(m.scale(real((1.0 - flip).sqrt())));
                all.push(z.mul(m).scale(real(flip.sqrt())));
            }
        }
        Ok(Self::of(all))
    }

    /// From the matrix that acts on `vec(ρ)`, columns stacked: `vec(A ρ B) = (Bᵀ ⊗ A) vec(ρ)`. Its
    /// Kraus operators are the eigenvectors of the Choi matrix (Wood, Biamonte and Cory, "Tensor
    /// networks and graphical calculus for open quantum systems", arXiv:1111.6950, section 4.4).
    pub fn superoperator(s: &Matrix) -> Result<Self, ChannelError> {
        let bits = s.num_qubits();
        if bits == 0 || bits > 2 * MAX_CHANNEL_QUBITS {
            return Err(ChannelError::Width { asked: bits.div_ceil(2) });
        }
        if !bits.is_multiple_of(2) {
            return Err(ChannelError::SuperoperatorShape { expected_qubits: bits.div_ceil(2) });
        }
        let d = 1_usize << (bits / 2);
        // Entry ((c, r), (c', r')) of the Choi matrix is ⟨r| E(|c⟩⟨c'|) |r'⟩.
        let mut choi = Matrix::zero(d * d);
        for c in 0..d {
            for c2 in 0..d {
                for r in 0..d {
                    for r2 in 0..d {
                        choi.set(c * d + r, c2 * d + r2, s.at(r2 * d + r, c2 * d + c));
                    }
                }
            }
        }
        let numbers = s.entries().iter().all(|z| z.is_finite());
        if !numbers || choi.max_difference(&choi.dagger()) > CHANNEL_ATOL {
            return Err(ChannelError::NotPositive { eigenvalue: f64::NAN });
        }
        let (values, vectors) = choi.hermitian_eigen();
        if let Some(&eigenvalue) = values.first().filter(|&&v| v < -CHANNEL_ATOL) {
            return Err(ChannelError::NotPositive { eigenvalue });
        }
        let mut operators = Vec::new();
        for (k, &value) in values.iter().enumerate().rev().filter(|(_, v)| **v > 1e-14) {
            let mut m = Matrix::zero(d);
            for c in 0..d {
                for r in 0..d {
                    m.set(r, c, vectors.at(c * d + r, k) * value.sqrt());
                }
            }
            operators.push(m);
        }
        Self::kraus(&operators)
    }

    /// This channel with probability `weight`, nothing with the rest.
    ///
    /// # Panics
    /// Where `weight` is not between 0 and 1.
    #[must_use]
    pub fn weakened(&self, weight: f64) -> Self {
        assert!((0.0..=1.0).contains(&weight), "{weight} is no probability");
        let mut matrices =
            vec![Matrix::identity(1 << self.num_qubits).scale(real((1.0 - weight).sqrt()))];
        matrices.extend(self.operators.iter().map(|k| k.matrix.scale(real(weight.sqrt()))));
        Self::of(matrices)
    }

    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// The Kraus operators; the first is the one most certain.
    pub fn operators(&self) -> &[Operator] {
        &self.operators
    }

    /// The Pauli transfer matrix, `4^k × 4^k`, row-major: `2^-k tr(P_i E(P_j))`.
    pub fn transfer(&self) -> &[f64] {
        &self.transfer
    }

    /// The matrix on `vec(ρ)`, columns stacked: `Σ conj(K) ⊗ K`.
    pub fn to_superoperator(&self) -> Matrix {
        let d = 1_usize << self.num_qubits;
        let mut sum = Matrix::zero(d * d);
        for op in &self.operators {
            let mut conj = op.matrix.clone();
            for r in 0..d {
                for c in 0..d {
                    conj.set(r, c, op.matrix.at(r, c).conj());
                }
            }
            let product = Matrix::kron(&conj, &op.matrix);
            for r in 0..d * d {
                for c in 0..d * d {
                    sum.set(r, c, sum.at(r, c) + product.at(r, c));
                }
            }
        }
        sum
    }

    /// Whether it does nothing, up to rounding.
    pub fn is_identity(&self) -> bool {
        let n = 1_usize << (2 * self.num_qubits);
        self.transfer.iter().enumerate().all(|(k, x)| {
            let wanted = if k % (n + 1) == 0 { 1.0 } else { 0.0 };
            (x - wanted).abs() < 1e-15
        })
    }

    /// The fidelity of its Choi state with that of the identity: `4^-k tr(transfer)`.
    pub fn process_fidelity(&self) -> f64 {
        let n = 1_usize << (2 * self.num_qubits);
        (0..n).map(|i| self.transfer[i * (n + 1)]).sum::<f64>() / n as f64
    }
}

/// What digit `d` of a Pauli string flips and signs: X is 1, Y 2, Z 3.
fn flips(index: usize, k: usize) -> (usize, usize) {
    (0..k).fold((0, 0), |(x, z), q| match index >> (2 * q) & 3 {
        0 => (x, z),
        1 => (x | 1 << q, z),
        2 => (x | 1 << q, z | 1 << q),
        _ => (x, z | 1 << q),
    })
}

/// `P|c⟩ = entry · |c ^ x⟩`.
fn pauli_entry(x: usize, z: usize, c: usize) -> Complex64 {
    const POWERS: [Complex64; 4] =
        [ONE, Complex64::new(0.0, 1.0), Complex64::new(-1.0, 0.0), Complex64::new(0.0, -1.0)];
    let turns = (x & z).count_ones() + 2 * (c & z).count_ones();
    POWERS[turns as usize % 4]
}

/// The matrix of a Pauli string by its digits.
pub fn pauli_matrix(index: usize, num_qubits: usize) -> Matrix {
    let (x, z) = flips(index, num_qubits);
    let mut m = Matrix::zero(1 << num_qubits);
    for c in 0..m.dim() {
        m.set(c ^ x, c, pauli_entry(x, z, c));
    }
    m
}

/// The Pauli transfer matrix of `ρ → Σ K ρ K†`: `4^k × 4^k`, row-major, the operators of `k` qubits
/// each. They need not keep the trace.
pub fn transfer_matrix(operators: &[Matrix]) -> Vec<f64> {
    let k = operators.first().map_or(0, Matrix::num_qubits);
    let (d, n) = (1_usize << k, 1_usize << (2 * k));
    let mut out = vec![0.0; n * n];
    let mut left = vec![ZERO; d * d];
    let mut image = vec![ZERO; d * d];
    for j in 0..n {
        let (x, z) = flips(j, k);
        image.fill(ZERO);
        for op in operators {
            let e = op.entries();
            // (K P)[r, c] = K[r, c ^ x] · entry(c).
            for c in 0..d {
                let phase = pauli_entry(x, z, c);
                for r in 0..d {
                    left[r * d + c] = e[r * d + (c ^ x)] * phase;
                }
            }
            for r in 0..d {
                for m in 0..d {
                    let a = left[r * d + m];
                    if a == ZERO {
                        continue;
                    }
                    for c in 0..d {
                        image[r * d + c] += a * e[c * d + m].conj();
                    }
                }
            }
        }
        for i in 0..n {
            let (x, z) = flips(i, k);
            // tr(P M) = Σ_c P[c ^ x, c] · M[c, c ^ x].
            let trace: f64 =
                (0..d).map(|c| (pauli_entry(x, z, c) * image[c * d + (c ^ x)]).re).sum();
            out[i * n + j] = trace / d as f64;
        }
    }
    out
}

#[cfg(test)]
mod tests;
