//! The state of a register under Clifford gates, as an inverse tableau.
//!
//! The state is `C|0…0⟩` for a Clifford unitary `C`. For every qubit `q` two rows hold the Pauli
//! strings `T(X_q)` and `T(Z_q)`, where `T(P) = C† P C`. A gate multiplies rows; a measurement of `P`
//! is decided if `T(P)` consists of Z alone, and its result is then the sign of `T(P)`: no elimination
//! is needed (Gidney, arXiv:2103.02202, section 3).
//!
//! A row is `i^k X^x Z^z` with bit vectors `x` and `z`, all X before all Z on each qubit. In this form
//! `(X^x Z^z)(X^x' Z^z') = (-1)^{z·x'} X^{x+x'} Z^{z+z'}`, so that a product costs one parity.

mod collapse;
mod outcomes;

use sim::{Work, vectorized};

use crate::gate::{Clifford1, Pair, bits};
use crate::{Error, Pauli};

pub use outcomes::{OutcomeBit, Outcomes};

/// A stabilizer state of `n` qubits. Holds about `n²/2` bytes.
#[derive(Debug, Clone)]
pub struct Tableau {
    num_qubits: usize,
    /// Words of a bit vector.
    words: usize,
    /// Row `r`: `x` from `2·r·words`, then `z`.
    bits: Vec<u64>,
    /// `k` of each row, modulo 4.
    phases: Vec<u8>,
    /// Where `T(X_q)` and `T(Z_q)` are: H and SWAP exchange entries here and move no row.
    x_row: Vec<u32>,
    z_row: Vec<u32>,
}

/// One string of a tableau, apart from it.
#[derive(Debug, Clone, Default)]
struct Row {
    x: Vec<u64>,
    z: Vec<u64>,
    phase: u8,
}

/// Words that are worked on together; rows are padded to a multiple.
const STEP: usize = 4;

fn padded_words(num_qubits: usize) -> usize {
    num_qubits.div_ceil(64 * STEP).max(1) * STEP
}

/// Bit vectors by steps.
#[inline(always)]
fn steps(words: &[u64]) -> &[[u64; STEP]] {
    words.as_chunks().0
}

#[inline(always)]
fn steps_mut(words: &mut [u64]) -> &mut [[u64; STEP]] {
    words.as_chunks_mut().0
}

/// `a := a · b`; the parity of what they anticommute in is returned.
#[inline(always)]
fn multiply(ax: &mut [u64], az: &mut [u64], bx: &[u64], bz: &[u64]) -> u8 {
    let mut odd = [0; STEP];
    let b = steps(bx).iter().zip(steps(bz));
    for ((ax, az), (bx, bz)) in steps_mut(ax).iter_mut().zip(steps_mut(az)).zip(b) {
        for i in 0..STEP {
            odd[i] ^= az[i] & bx[i];
            ax[i] ^= bx[i];
            az[i] ^= bz[i];
        }
    }
    parity(odd)
}

#[inline(always)]
fn parity(words: [u64; STEP]) -> u8 {
    let word = words[0] ^ words[1] ^ words[2] ^ words[3];
    u8::from(word.count_ones() % 2 == 1)
}

/// A gate on each of some qubits.
struct Singles<'a, I> {
    tableau: &'a mut Tableau,
    inverse: Clifford1,
    on: I,
}

impl<I: IntoIterator<Item = u32>> Work for Singles<'_, I> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for q in self.on {
            self.tableau.apply_inverse(self.inverse, q);
        }
    }
}

/// A gate on each of some pairs.
struct Pairs<'a, I> {
    tableau: &'a mut Tableau,
    factors: &'a [Pair],
    on: I,
}

impl<I: IntoIterator<Item = (u32, u32)>> Work for Pairs<'_, I> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (a, b) in self.on {
            self.tableau.apply_pair(self.factors, a, b);
        }
    }
}

impl Tableau {
    /// Bytes that a register takes.
    pub fn needed_bytes(num_qubits: usize) -> u64 {
        let words = padded_words(num_qubits) as u64;
        (num_qubits as u64).saturating_mul(4 * 8 * words + 16)
    }

    /// All qubits in |0⟩; refused where that takes more than `available_bytes`.
    pub fn new(num_qubits: usize, available_bytes: u64) -> Result<Self, Error> {
        let needed_bytes = Self::needed_bytes(num_qubits);
        let refused = Error::TooLarge { needed_bytes, available_bytes };
        let words = padded_words(num_qubits);
        let len = num_qubits.checked_mul(4 * words);
        let (Some(len), Ok(rows)) = (len, u32::try_from(2 * num_qubits as u64)) else {
            return Err(refused);
        };
        let mut bits = Vec::new();
        if needed_bytes > available_bytes || bits.try_reserve_exact(len).is_err() {
            return Err(refused);
        }
        bits.resize(len, 0);
        for q in 0..num_qubits {
            let bit = 1 << (q % 64);
            bits[2 * (2 * q) * words + q / 64] = bit;
            bits[(2 * (2 * q + 1) + 1) * words + q / 64] = bit;
        }
        Ok(Self {
            num_qubits,
            words,
            bits,
            phases: vec![0; 2 * num_qubits],
            x_row: (0..rows).step_by(2).collect(),
            z_row: (1..rows).step_by(2).collect(),
        })
    }

    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    fn start(&self, row: u32) -> usize {
        2 * row as usize * self.words
    }

    /// `T(P)` of a row of its own, where `P` is X or Z.
    fn generator(&self, q: u32, pauli: Pauli) -> u32 {
        if pauli == Pauli::X { self.x_row[q as usize] } else { self.z_row[q as usize] }
    }

    /// row `a` := row `a` · row `b`, times `i^turns`.
    #[inline(always)]
    fn multiply_rows(&mut self, a: u32, b: u32, turns: u8) {
        let (w, start_a, start_b) = (self.words, self.start(a), self.start(b));
        let (low, high) = self.bits.split_at_mut(start_a.max(start_b));
        let (row_a, row_b) = if start_a < start_b {
            (&mut low[start_a..start_a + 2 * w], &mut high[..2 * w])
        } else {
            (&mut high[..2 * w], &mut low[start_b..start_b + 2 * w])
        };
        let (ax, az) = row_a.split_at_mut(w);
        let (bx, bz) = row_b.split_at(w);
        let odd = multiply(ax, az, bx, bz);
        let phase = self.phases[a as usize] + self.phases[b as usize] + 2 * odd + turns;
        self.phases[a as usize] = phase % 4;
    }

    /// row `a` := `i^turns` · `row` · row `a`.
    fn multiply_left(&mut self, a: u32, row: &Row, turns: u8) {
        let (w, start) = (self.words, self.start(a));
        let (ax, az) = self.bits[start..start + 2 * w].split_at_mut(w);
        let mut odd = [0; STEP];
        let row_steps = steps(&row.x).iter().zip(steps(&row.z));
        for ((ax, az), (bx, bz)) in steps_mut(ax).iter_mut().zip(steps_mut(az)).zip(row_steps) {
            for i in 0..STEP {
                odd[i] ^= bz[i] & ax[i];
                ax[i] ^= bx[i];
                az[i] ^= bz[i];
            }
        }
        let phase = self.phases[a as usize] + row.phase + 2 * parity(odd) + turns;
        self.phases[a as usize] = phase % 4;
    }

    /// `T(P)` of a product of Paulis on different qubits.
    fn image(&self, factors: &[(u32, Pauli)]) -> Row {
        let w = self.words;
        let mut row = Row { x: vec![0; w], z: vec![0; w], phase: 0 };
        let mut times = |r: u32| {
            let start = self.start(r);
            let (bx, bz) = self.bits[start..start + 2 * w].split_at(w);
            let odd = multiply(&mut row.x, &mut row.z, bx, bz);
            row.phase = (row.phase + self.phases[r as usize] + 2 * odd) % 4;
        };
        let mut turns = 0;
        for &(q, pauli) in factors {
            let (x, z) = bits(pauli);
            if x {
                times(self.x_row[q as usize]);
            }
            if z {
                times(self.z_row[q as usize]);
            }
            // Y = i X Z.
            turns += u8::from(x && z);
            turns %= 4;
        }
        row.phase = (row.phase + turns) % 4;
        row
    }

    /// A single-qubit gate on `q`.
    #[inline(always)]
    fn apply_inverse(&mut self, inverse: Clifford1, q: u32) {
        use Pauli::{X, Y, Z};
        let i = q as usize;
        let (x, z) = (self.x_row[i], self.z_row[i]);
        // T'(P) = T(U† P U), Y = i X Z.
        let swap = match (inverse.x.1, inverse.z.1) {
            (X, Z) => false,
            (Z, X) => true,
            (Y, Z) => {
                self.multiply_rows(x, z, 1);
                false
            }
            // i X Z = -i Z X.
            (X, Y) => {
                self.multiply_rows(z, x, 3);
                false
            }
            (Y, X) => {
                self.multiply_rows(z, x, 3);
                true
            }
            (Z, Y) => {
                self.multiply_rows(x, z, 1);
                true
            }
            _ => unreachable!("a Clifford gate takes X and Z to different Paulis"),
        };
        if swap {
            self.x_row[i] = z;
            self.z_row[i] = x;
        }
        let (x, z) = (self.x_row[i] as usize, self.z_row[i] as usize);
        self.phases[x] = (self.phases[x] + 2 * u8::from(inverse.x.0)) % 4;
        self.phases[z] = (self.phases[z] + 2 * u8::from(inverse.z.0)) % 4;
    }

    /// A single-qubit gate on each of `qubits`.
    pub fn apply1(&mut self, gate: Clifford1, qubits: impl IntoIterator<Item = u32>) {
        let all = Singles { tableau: self, inverse: gate.inverse(), on: qubits };
        // Entering wider instructions would cost more than they save.
        if all.tableau.words == STEP { all.run() } else { vectorized(all) }
    }

    /// A Pauli gate.
    pub fn apply_pauli(&mut self, pauli: Pauli, q: u32) {
        let (x, z) = bits(pauli);
        let flip = |phase: &mut u8, anticommutes: bool| {
            *phase = (*phase + 2 * u8::from(anticommutes)) % 4;
        };
        flip(&mut self.phases[self.x_row[q as usize] as usize], z);
        flip(&mut self.phases[self.z_row[q as usize] as usize], x);
    }

    /// A two-qubit gate on each of `pairs` of different qubits.
    pub fn apply2(&mut self, factors: &[Pair], pairs: impl IntoIterator<Item = (u32, u32)>) {
        let all = Pairs { tableau: self, factors, on: pairs };
        if all.tableau.words == STEP { all.run() } else { vectorized(all) }
    }

    #[inline(always)]
    fn apply_pair(&mut self, factors: &[Pair], a: u32, b: u32) {
        for factor in factors {
            match *factor {
                Pair::Controlled(p, q) => self.controlled((a, p), (b, q)),
                Pair::Sqrt(p, dagger) => self.rotate(&[(a, p), (b, p)], false, dagger),
                Pair::Swap => {
                    self.x_row.swap(a as usize, b as usize);
                    self.z_row.swap(a as usize, b as usize);
                }
            }
        }
    }

    /// A generator of one qubit that anticommutes with the Pauli there is multiplied by the Pauli of the
    /// other.
    #[inline(always)]
    fn controlled(&mut self, (a, p): (u32, Pauli), (b, q): (u32, Pauli)) {
        if p == Pauli::Y || q == Pauli::Y {
            let (of_a, of_b) = (self.image(&[(a, p)]), self.image(&[(b, q)]));
            self.spread(a, p, &of_b, 0);
            self.spread(b, q, &of_a, 0);
            return;
        }
        let other = |p: Pauli| if p == Pauli::X { Pauli::Z } else { Pauli::X };
        self.multiply_rows(self.generator(a, other(p)), self.generator(b, q), 0);
        self.multiply_rows(self.generator(b, other(q)), self.generator(a, p), 0);
    }

    /// Multiplies the generators of `q` that anticommute with `pauli` from the left by `i^turns · row`.
    fn spread(&mut self, q: u32, pauli: Pauli, row: &Row, turns: u8) {
        let (x, z) = bits(pauli);
        if z {
            self.multiply_left(self.x_row[q as usize], row, turns);
        }
        if x {
            self.multiply_left(self.z_row[q as usize], row, turns);
        }
    }

    /// `exp(-iπ/4 P)` for a product of Paulis on different qubits, `-P` where `inverted`; the inverse
    /// with `dagger`.
    pub fn rotate(&mut self, factors: &[(u32, Pauli)], inverted: bool, dagger: bool) {
        // G† R G = i P R where P and R anticommute.
        let row = self.image(factors);
        let turns = if inverted ^ dagger { 3 } else { 1 };
        for &(q, pauli) in factors {
            self.spread(q, pauli, &row, turns);
        }
    }

    /// Expectation value of a product of Paulis on different qubits: 1, 0 or -1.
    pub fn expectation(&self, factors: &[(u32, Pauli)]) -> i8 {
        match self.certain(&self.image(factors)) {
            Some(false) => 1,
            Some(true) => -1,
            None => 0,
        }
    }

    /// The result of measuring what `row` is the image of, if it is certain: `true` for -1.
    #[expect(clippy::unused_self, reason = "rows of other tableaus mean nothing here")]
    fn certain(&self, row: &Row) -> Option<bool> {
        row.x.iter().all(|&w| w == 0).then_some(row.phase >= 2)
    }

    /// Measures a product of Paulis on different qubits: `true` for -1. Where the result is random,
    /// `outcome` is asked for it, and the state afterwards is the projected one.
    pub fn measure(&mut self, factors: &[(u32, Pauli)], outcome: impl FnOnce() -> bool) -> bool {
        if let [(q, Pauli::Z)] = factors {
            return self.measure_z(*q, outcome);
        }
        let row = self.image(factors);
        self.certain(&row).unwrap_or_else(|| {
            let outcome = outcome();
            self.collapse(&row, outcome);
            outcome
        })
    }

    /// Measures a qubit in the Z basis.
    pub fn measure_z(&mut self, q: u32, outcome: impl FnOnce() -> bool) -> bool {
        let row = self.z_row[q as usize];
        let start = self.start(row);
        if self.bits[start..start + self.words].iter().all(|&w| w == 0) {
            return self.phases[row as usize] >= 2;
        }
        let image = self.image(&[(q, Pauli::Z)]);
        let outcome = outcome();
        self.collapse(&image, outcome);
        outcome
    }

    /// To the +1 eigenstate of `basis`.
    pub fn reset(&mut self, basis: Pauli, q: u32, outcome: impl FnOnce() -> bool) {
        if self.measure(&[(q, basis)], outcome) {
            let flip = if basis == Pauli::Z { Pauli::X } else { Pauli::Z };
            self.apply_pauli(flip, q);
        }
    }
}
