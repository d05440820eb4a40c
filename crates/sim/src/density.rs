//! The density matrix.
//!
//! A [`DensityMatrix`] of `n` qubits is held by its real coefficients in the Pauli basis,
//!
//! ```text
//! ρ = 2^-n Σ_P r_P P        r_P = tr(ρ P)
//! ```
//!
//! `4^n` real numbers: 10 qubits take 8 MiB, 13 take 512 MiB. Gates and channels are real matrices on
//! the digits of their qubits, few of whose entries are not 0: a Clifford gate permutes, Pauli and
//! depolarizing channels scale. An expectation value is one coefficient.
//!
//! Maps are collected, multiplied where that saves work, and run window by window in the cache: see
//! [`schedule`]. As for state vectors, qubits that nothing has entangled yet are held apart, and what
//! a circuit gives is the same bit for bit on every machine and for any number of threads.
//!
//! Invariant: `r_I` is the trace, 1 unless outcomes were selected: see [`DensityMatrix::select`].

mod read;
pub(crate) mod schedule;
mod wide;

use circuit::{Gate, GateMatrix, Qubit, UnitaryInstruction};
use num_complex::Complex64;
use quantum_info::Matrix;
use quantum_info::channel::{Channel, MAX_CHANNEL_QUBITS, transfer_matrix};

use crate::kernel::pauli::{Map, PauliVector, SEGMENT_DIGITS};
use crate::limits::{self, SimError};
use crate::progress::RunControl;
use crate::{Precision, Real};
pub use read::MAX_LISTED_DENSITY_QUBITS;
use schedule::Sizes;

/// Widest density matrix: its indices have 62 bits.
pub const MAX_DENSITY_QUBITS: usize = limits::MAX_QUBITS / 2;

/// Maps that wait, at most.
const MAX_WAITING: usize = 512;

/// Entries of a map on two qubits up to which maps on one of them are multiplied into it: what it
/// then does at once is as much work as it is in parts, for fewer passes.
const FOLDED: usize = 72;

/// A real 4×4 matrix on the coefficients of one qubit: I, X, Y, Z; row-major.
type Map4 = [f64; 16];

const IDENTITY: Map4 = [1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1., 0., 0., 0., 0., 1.];

/// `a · b`.
fn product(a: &Map4, b: &Map4) -> Map4 {
    std::array::from_fn(|k| {
        let (r, c) = (k / 4, k % 4);
        a[4 * r] * b[c]
            + a[4 * r + 1] * b[4 + c]
            + a[4 * r + 2] * b[8 + c]
            + a[4 * r + 3] * b[12 + c]
    })
}

#[derive(Debug, Clone)]
struct Wire {
    /// Its digit in the vector; without, the qubit is `product` by itself.
    digit: Option<u8>,
    /// Coefficients of I, X, Y, Z.
    product: [f64; 4],
    /// What is yet to be done to it.
    pending: Option<Map4>,
}

/// What is yet to be done to the vector.
#[derive(Debug, Clone)]
enum Waiting {
    Map(Map),
    /// One more digit.
    Grow([f64; 4]),
}

/// The state of a register, mixed or pure.
pub struct DensityMatrix<T: Real> {
    /// One per qubit.
    wires: Vec<Wire>,
    vector: PauliVector<T>,
    waiting: Vec<Waiting>,
    /// For each digit the last map in `waiting` that touches it.
    last: Vec<Option<usize>>,
    available_bytes: u64,
    sizes: Sizes,
}

/// Bytes of a whole run on one density matrix; saturates.
pub fn density_bytes(num_qubits: usize, precision: Precision) -> u64 {
    if num_qubits > MAX_DENSITY_QUBITS - 4 {
        return u64::MAX;
    }
    let numbers = (precision.amplitude_bytes() / 2) << (2 * num_qubits);
    numbers.saturating_add(if num_qubits > 7 { limits::WORKING_BYTES } else { 1 << 20 })
}

/// The widest register whose density matrix fits into `available` bytes.
pub fn largest_density_register(available: u64, precision: Precision) -> usize {
    (0..MAX_DENSITY_QUBITS).rev().find(|&n| density_bytes(n, precision) <= available).unwrap_or(0)
}

/// Refuses what does not fit into `available` bytes.
pub fn check_density_memory(
    num_qubits: usize,
    precision: Precision,
    available: u64,
) -> Result<(), SimError> {
    let needed_bytes = density_bytes(num_qubits, precision);
    if needed_bytes <= available {
        return Ok(());
    }
    Err(SimError::DensityTooLarge {
        num_qubits,
        needed_bytes,
        available_bytes: available,
        fits_qubits: largest_density_register(available, precision),
    })
}

impl<T: Real> DensityMatrix<T> {
    /// |0…0⟩ on `num_qubits` qubits. Memory is taken as qubits become entangled; more than
    /// `available_bytes` is refused now.
    pub fn zero(num_qubits: usize, available_bytes: u64) -> Result<Self, SimError> {
        check_density_memory(num_qubits, T::PRECISION, available_bytes)?;
        Ok(Self::with_sizes(num_qubits, available_bytes, Sizes::default(), SEGMENT_DIGITS))
    }

    pub(crate) fn with_sizes(
        num_qubits: usize,
        available_bytes: u64,
        sizes: Sizes,
        segment_digits: usize,
    ) -> Self {
        let wire = Wire { digit: None, product: [1.0, 0.0, 0.0, 1.0], pending: None };
        Self {
            wires: vec![wire; num_qubits],
            vector: PauliVector::one(segment_digits),
            waiting: Vec::new(),
            last: Vec::new(),
            available_bytes,
            sizes,
        }
    }

    pub fn num_qubits(&self) -> usize {
        self.wires.len()
    }

    /// Bytes of the coefficients, once all that waits is done.
    pub fn size_bytes(&self) -> u64 {
        (T::PRECISION.amplitude_bytes() / 2) << (2 * self.last.len())
    }

    /// A copy that goes its own way.
    pub fn try_clone(&self) -> Result<Self, SimError> {
        Ok(Self {
            wires: self.wires.clone(),
            vector: self.vector.try_clone()?,
            waiting: self.waiting.clone(),
            last: self.last.clone(),
            available_bytes: self.available_bytes,
            sizes: self.sizes,
        })
    }

    fn wire(&self, qubit: Qubit) -> Result<usize, SimError> {
        let num_qubits = self.wires.len();
        if qubit.index() < num_qubits {
            return Ok(qubit.index());
        }
        Err(SimError::NoSuchQubit { qubit, num_qubits })
    }

    fn distinct(&self, qubits: &[Qubit]) -> Result<(), SimError> {
        for (i, &qubit) in qubits.iter().enumerate() {
            self.wire(qubit)?;
            if qubits[..i].contains(&qubit) {
                return Err(SimError::RepeatedQubit { qubit });
            }
        }
        Ok(())
    }

    /// Does a gate: `ρ → U ρ U†`.
    pub fn apply(&mut self, u: &UnitaryInstruction, control: &RunControl) -> Result<(), SimError> {
        // Targets are the low bits.
        let qubits: Vec<Qubit> =
            u.targets.iter().copied().chain(u.controls.iter().map(|c| c.qubit)).collect();
        self.distinct(&qubits)?;
        check_shape(u)?;
        if qubits.is_empty() {
            return Ok(());
        }
        if u.gate == Some(Gate::Swap) && u.controls.is_empty() {
            self.wires.swap(qubits[0].index(), qubits[1].index());
            return Ok(());
        }
        if qubits.len() > MAX_CHANNEL_QUBITS {
            return self.apply_wide(u, control);
        }
        self.transfer(&qubits, &transfer_matrix(&[full_matrix(u)]), control)
    }

    /// Lets a channel act: its first qubit is `qubits[0]`.
    pub fn apply_channel(
        &mut self,
        channel: &Channel,
        qubits: &[Qubit],
        control: &RunControl,
    ) -> Result<(), SimError> {
        self.distinct(qubits)?;
        if qubits.len() != channel.num_qubits() {
            return Err(SimError::MatrixShape {
                targets: qubits.len(),
                entries: channel.transfer().len(),
            });
        }
        self.transfer(qubits, channel.transfer(), control)
    }

    /// To |0⟩, whatever it was.
    pub fn reset(&mut self, qubit: Qubit) -> Result<(), SimError> {
        let mut m = [0.0; 16];
        (m[0], m[12]) = (1.0, 1.0);
        self.one(qubit, &m)
    }

    /// Keeps the part in which a measurement of the qubit is read as something that a |0⟩ is read as
    /// with probability `reads[0]` and a |1⟩ with `reads[1]`; the trace becomes the probability of
    /// that: `ρ → Σ_b reads[b] |b⟩⟨b| ρ |b⟩⟨b|`.
    pub fn select(&mut self, qubit: Qubit, reads: [f64; 2]) -> Result<(), SimError> {
        let (half, difference) = (0.5 * (reads[0] + reads[1]), 0.5 * (reads[0] - reads[1]));
        let mut m = [0.0; 16];
        (m[0], m[15]) = (half, half);
        (m[3], m[12]) = (difference, difference);
        self.one(qubit, &m)
    }

    fn one(&mut self, qubit: Qubit, m: &Map4) -> Result<(), SimError> {
        let w = self.wire(qubit)?;
        let wire = &mut self.wires[w];
        if wire.digit.is_some() {
            wire.pending = Some(wire.pending.map_or(*m, |before| product(m, &before)));
        } else {
            let p = wire.product;
            wire.product = std::array::from_fn(|r| (0..4).map(|c| m[4 * r + c] * p[c]).sum());
        }
        Ok(())
    }

    fn transfer(
        &mut self,
        qubits: &[Qubit],
        matrix: &[f64],
        control: &RunControl,
    ) -> Result<(), SimError> {
        if let [qubit] = *qubits {
            return self.one(qubit, &std::array::from_fn(|k| matrix[k]));
        }
        for q in qubits {
            self.activate(q.index());
        }
        let digits: Vec<u8> =
            qubits.iter().map(|q| self.wires[q.index()].digit.unwrap_or(0)).collect();
        let mut order: Vec<usize> = (0..digits.len()).collect();
        order.sort_by_key(|&k| digits[k]);
        let sorted: Vec<u8> = order.iter().map(|&k| digits[k]).collect();
        let n = 1_usize << (2 * digits.len());
        let mut map = if order.is_sorted() {
            Map::new(&digits, matrix)
        } else {
            let old = |i: usize| -> usize {
                order.iter().enumerate().map(|(at, &k)| (i >> (2 * at) & 3) << (2 * k)).sum()
            };
            let moved: Vec<f64> = (0..n * n).map(|k| matrix[old(k / n) * n + old(k % n)]).collect();
            Map::new(&sorted, &moved)
        };
        for &q in qubits {
            if let Some(before) = self.settle_wire(q.index(), digits.len() == 2) {
                let digit = self.wires[q.index()].digit.unwrap_or(0);
                let folded = map.after(&Map::widened(&sorted, digit, &before));
                if digits.len() == 2 && folded.len() <= FOLDED {
                    map = folded;
                } else {
                    self.push(Map::new(&[digit], &before));
                }
            }
        }
        // Into the map before, if it is on these very digits and nothing is between.
        let last = self.last[usize::from(sorted[0])];
        if let Some(i) = last
            && sorted.iter().all(|&d| self.last[usize::from(d)] == last)
            && let Waiting::Map(before) = &self.waiting[i]
            && before.digits[..] == sorted[..]
        {
            let both = map.after(before);
            if both.len() <= map.len() + before.len() {
                self.waiting[i] = Waiting::Map(both);
                return Ok(());
            }
        }
        self.push(map);
        if self.waiting.len() >= MAX_WAITING {
            self.run(control)?;
        }
        Ok(())
    }

    fn push(&mut self, map: Map) {
        for &d in &map.digits {
            self.last[usize::from(d)] = Some(self.waiting.len());
        }
        self.waiting.push(Waiting::Map(map));
    }

    /// Gives a qubit its digit.
    fn activate(&mut self, w: usize) {
        if self.wires[w].digit.is_none() {
            self.wires[w].digit = u8::try_from(self.last.len()).ok();
            self.last.push(None);
            self.waiting.push(Waiting::Grow(self.wires[w].product));
        }
    }

    /// Multiplies what is pending on a wire into the map before it, where that costs nothing;
    /// returns it where there is no such map, and `fold` is set.
    fn settle_wire(&mut self, w: usize, fold: bool) -> Option<Map4> {
        let pending = self.wires[w].pending.take()?;
        if pending == IDENTITY {
            return None;
        }
        let digit = self.wires[w].digit?;
        if let Some(i) = self.last[usize::from(digit)]
            && let Waiting::Map(before) = &self.waiting[i]
            && before.digits.len() <= 2
        {
            let both = Map::widened(&before.digits, digit, &pending).after(before);
            if both.len() <= FOLDED {
                self.waiting[i] = Waiting::Map(both);
                return None;
            }
        }
        if fold {
            return Some(pending);
        }
        self.push(Map::new(&[digit], &pending));
        None
    }

    /// Does all that waits. What is read of the state does this first; errors leave a state that is
    /// good for nothing.
    pub fn settle(&mut self, control: &RunControl) -> Result<(), SimError> {
        for w in 0..self.wires.len() {
            self.settle_wire(w, false);
        }
        self.run(control)
    }

    /// `self += other`, for states of one program on branches that have met. Both must have gone
    /// through the same gates.
    pub fn add(&mut self, mut other: Self, control: &RunControl) -> Result<(), SimError> {
        if self.num_qubits() != other.num_qubits() {
            return Err(SimError::OtherWidth {
                left: self.num_qubits(),
                right: other.num_qubits(),
            });
        }
        // Qubits held apart on one side must be in the vector on both, in the same order.
        for w in 0..self.wires.len() {
            self.activate(w);
            other.activate(w);
        }
        self.settle(control)?;
        other.settle(control)?;
        let same = self.wires.iter().zip(&other.wires).all(|(a, b)| a.digit == b.digit);
        if same {
            self.vector.add(&other.vector);
        } else {
            for index in 0..1_usize << (2 * self.vector.digits()) {
                let from: usize = self
                    .wires
                    .iter()
                    .zip(&other.wires)
                    .map(|(a, b)| {
                        let at = |w: &Wire| 2 * usize::from(w.digit.unwrap_or(0));
                        (index >> at(a) & 3) << at(b)
                    })
                    .sum();
                let mut sum = self.vector.get(index);
                sum += other.vector.get(from);
                self.vector.set(index, sum);
            }
        }
        Ok(())
    }
}

fn check_shape(u: &UnitaryInstruction) -> Result<(), SimError> {
    let targets = u.targets.len();
    let dim = 1_usize.checked_shl(u32::try_from(targets).unwrap_or(u32::MAX)).unwrap_or(0);
    let (rows, entries) = match &u.matrix {
        GateMatrix::Dense(m) => (m.dim(), m.entries().len()),
        GateMatrix::Diagonal(d) => (d.len(), d.len()),
        GateMatrix::Permutation(p) => (p.len(), p.len()),
    };
    if rows == dim { Ok(()) } else { Err(SimError::MatrixShape { targets, entries }) }
}

/// The matrix on targets and controls, the targets the low bits.
pub(crate) fn full_matrix(u: &UnitaryInstruction) -> Matrix {
    let t = u.targets.len();
    let wanted: usize =
        u.controls.iter().enumerate().map(|(k, c)| usize::from(c.on) << k).sum::<usize>();
    let mut m = Matrix::zero(1 << (t + u.controls.len()));
    let one = Complex64::new(1.0, 0.0);
    for i in 0..m.dim() {
        if i >> t != wanted {
            m.set(i, i, one);
            continue;
        }
        let (c, high) = (i & ((1 << t) - 1), i >> t << t);
        match &u.matrix {
            GateMatrix::Dense(small) => {
                for r in 0..small.dim() {
                    m.set(high | r, i, small.at(r, c));
                }
            }
            GateMatrix::Diagonal(d) => m.set(i, i, d[c]),
            GateMatrix::Permutation(p) => m.set(high | p[c] as usize, i, one),
        }
    }
    m
}
