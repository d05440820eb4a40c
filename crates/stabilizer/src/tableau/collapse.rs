//! The state after a measurement with a random result.

use sim::vectorized;

use super::{Row, STEP, Tableau, parity, steps, steps_mut};

/// Gates that are put before `C`, on all rows. See [`Tableau::collapse`].
struct Gates {
    /// The pivot: word and bit.
    word: usize,
    bit: u32,
    /// Qubits that the pivot is the control of a CX on.
    others: Vec<u64>,
    /// Whether S is applied to the pivot after that.
    s: bool,
    /// Whether X is, at the end.
    flip: bool,
}

impl Gates {
    #[inline(always)]
    fn pivot(&self, words: &[u64]) -> u64 {
        words[self.word] >> self.bit & 1
    }

    #[inline(always)]
    fn cx(&self, x: &mut [u64], z: &mut [u64]) {
        let mut odd = [0; STEP];
        for (z, others) in steps(z).iter().zip(steps(&self.others)) {
            for i in 0..STEP {
                odd[i] ^= z[i] & others[i];
            }
        }
        z[self.word] ^= u64::from(parity(odd)) << self.bit;
        if self.pivot(x) == 1 {
            for (x, others) in steps_mut(x).iter_mut().zip(steps(&self.others)) {
                for i in 0..STEP {
                    x[i] ^= others[i];
                }
            }
        }
    }

    /// S if asked for, H, X if asked for: the new phase.
    #[inline(always)]
    fn turn(&self, x: &mut [u64], z: &mut [u64], phase: u8) -> u8 {
        let (has_x, before) = (self.pivot(x), self.pivot(z));
        let mut has_z = before;
        let mut quarters = u64::from(phase);
        if self.s {
            // X → iXZ.
            quarters += has_x;
            has_z ^= has_x;
        }
        // XZ → ZX = -XZ.
        quarters += 2 * (has_x & has_z);
        x[self.word] ^= (has_x ^ has_z) << self.bit;
        z[self.word] ^= (before ^ has_x) << self.bit;
        // What had X has Z now.
        if self.flip {
            quarters += 2 * has_x;
        }
        (quarters % 4).to_le_bytes()[0]
    }
}

impl Tableau {
    /// Projects on the eigenspace of what `image` is the image of: `image` has an X somewhere.
    ///
    /// The state is `C|0…0⟩`; gates that leave |0…0⟩ alone can be put before `C`. CX from one qubit of
    /// |0…0⟩, the pivot, on all others where the image has an X, and S on the pivot where it has a Y
    /// there, leave an X on the pivot alone. With H there the image is made of Z: the state is then the
    /// one in which the measurement gave its sign, and X on the pivot makes it the other.
    pub(super) fn collapse(&mut self, image: &Row, outcome: bool) {
        let word = image.x.iter().position(|&x| x != 0).expect("the result is random");
        let bit = image.x[word].trailing_zeros();
        let mut others = image.x.clone();
        others[word] &= !(1 << bit);
        let mut gates = Gates { word, bit, others, s: false, flip: false };

        // The image itself says whether it has a Y there, and which sign it gets.
        let mut row = image.clone();
        gates.cx(&mut row.x, &mut row.z);
        gates.s = gates.pivot(&row.z) == 1;
        row.phase = gates.turn(&mut row.x, &mut row.z, row.phase);
        debug_assert!(row.x.iter().all(|&x| x == 0), "the image is made of Z");
        gates.flip = (row.phase >= 2) != outcome;

        let (w, bits, phases) = (self.words, &mut self.bits, &mut self.phases);
        vectorized(|| {
            for (row, phase) in bits.chunks_exact_mut(2 * w).zip(phases) {
                let (x, z) = row.split_at_mut(w);
                gates.cx(x, z);
                *phase = gates.turn(x, z, *phase);
            }
        });
    }
}
