//! All results of measuring many qubits at once.
//!
//! The results of Z measurements on a stabilizer state are random bits and parities of them: qubit by
//! qubit, the image of Z either has an X that the images before it do not make up, and the result is a
//! new random bit, or it is their product with a Z string, and the result follows from theirs. So the
//! distribution is read off by one elimination, without collapsing anything, and shots cost no gates.

use sim::rng::Purpose;
use sim::{RunControl, vectorized};

use super::{Row, Tableau, multiply};
use crate::Error;
use crate::frame::LANES;
use crate::random::Source;

/// Shots of a batch.
const BATCH: usize = 64 * LANES;

/// Batches of a piece that one thread takes.
const GROUP: u64 = 8;

/// Pieces at a time.
const WAVE: usize = 32;

/// The joint distribution of measuring some qubits: every result is a random bit, or a parity of random
/// bits and a constant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes {
    num_free: usize,
    bits: Vec<OutcomeBit>,
}

/// How a result comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutcomeBit {
    /// The random bit of this number.
    Free(usize),
    /// The parity of these random bits and the constant.
    Parity { free: Vec<usize>, constant: bool },
}

impl Tableau {
    /// The distribution of measuring `qubits` in the Z basis, each once.
    pub fn outcomes(&self, qubits: &[u32]) -> Outcomes {
        // Rows with an X that no other has first: what random bits they are made of, and the image.
        struct Pivot {
            word: usize,
            bit: u32,
            row: Row,
            free: Vec<u64>,
        }
        let words = qubits.len().div_ceil(64).max(1);
        let mut pivots: Vec<Pivot> = Vec::new();
        let bits = qubits
            .iter()
            .map(|&q| {
                let mut row = self.image(&[(q, quantum_info::Pauli::Z)]);
                let mut free = vec![0_u64; words];
                vectorized(|| {
                    for p in &pivots {
                        if row.x[p.word] >> p.bit & 1 == 1 {
                            let odd = multiply(&mut row.x, &mut row.z, &p.row.x, &p.row.z);
                            row.phase = (row.phase + p.row.phase + 2 * odd) % 4;
                            free.iter_mut().zip(&p.free).for_each(|(a, b)| *a ^= b);
                        }
                    }
                });
                if let Some(word) = row.x.iter().position(|&x| x != 0) {
                    let number = pivots.len();
                    free[number / 64] ^= 1 << (number % 64);
                    let bit = row.x[word].trailing_zeros();
                    pivots.push(Pivot { word, bit, row, free });
                    return OutcomeBit::Free(number);
                }
                let free =
                    (0..pivots.len()).filter(|f| free[f / 64] >> (f % 64) & 1 == 1).collect();
                OutcomeBit::Parity { free, constant: row.phase >= 2 }
            })
            .collect();
        Outcomes { num_free: pivots.len(), bits }
    }
}

impl Outcomes {
    /// Random bits: there are `2^num_free` results, all as likely.
    pub fn num_free(&self) -> usize {
        self.num_free
    }

    /// One for each qubit that is measured.
    pub fn bits(&self) -> &[OutcomeBit] {
        &self.bits
    }

    /// The results for given random bits.
    pub fn results(&self, free: impl Fn(usize) -> bool) -> Vec<bool> {
        self.bits
            .iter()
            .map(|bit| match bit {
                OutcomeBit::Free(f) => free(*f),
                OutcomeBit::Parity { free: which, constant } => {
                    which.iter().fold(*constant, |sum, &f| sum ^ free(f))
                }
            })
            .collect()
    }

    /// Draws shots. Every piece begins with `start`, `add` hears of each shot as a bit vector, bit `j` of
    /// word `k` being the result of qubit `64 k + j`, and `merge` gets the pieces in order. Stream `name`
    /// of the seed is used.
    #[expect(clippy::too_many_arguments, reason = "a fold with a source of randomness")]
    pub fn sample<A: Send>(
        &self,
        shots: u64,
        seed: u64,
        name: u64,
        control: &RunControl,
        start: impl Fn() -> A + Sync + Send,
        add: impl Fn(&mut A, &[u64]) + Sync + Send,
        mut merge: impl FnMut(A),
    ) -> Result<(), Error> {
        let batches = shots.div_ceil(BATCH as u64);
        let groups = batches.div_ceil(GROUP);
        let mut group = 0;
        while group < groups {
            let count = usize::try_from(groups - group).unwrap_or(WAVE).min(WAVE);
            let done = sim::map(count, |i| -> Result<A, Error> {
                let mut state = start();
                let first = (group + i as u64) * GROUP;
                for batch in first..(first + GROUP).min(batches) {
                    control.check()?;
                    let live = usize::try_from(shots - batch * BATCH as u64).unwrap_or(BATCH);
                    // Names are hashes: streams of different batches do not meet.
                    let stream = name.wrapping_add(batch) & ((1 << 56) - 1);
                    let mut source = Source::new(seed, Purpose::Frames, stream);
                    self.batch(&mut source, live.min(BATCH), |row| add(&mut state, row));
                }
                Ok(state)
            });
            for state in done {
                merge(state?);
            }
            group += count as u64;
        }
        Ok(())
    }

    fn batch(&self, source: &mut Source, shots: usize, each: impl FnMut(&[u64])) {
        let mut free = vec![[0_u64; LANES]; self.num_free];
        free.iter_mut().flatten().for_each(|word| *word = source.word());
        let mut rows = vec![[0_u64; LANES]; self.bits.len()];
        vectorized(|| {
            for (row, bit) in rows.iter_mut().zip(&self.bits) {
                match bit {
                    OutcomeBit::Free(f) => *row = free[*f],
                    OutcomeBit::Parity { free: which, constant } => {
                        *row = [if *constant { u64::MAX } else { 0 }; LANES];
                        for &f in which {
                            row.iter_mut().zip(&free[f]).for_each(|(a, b)| *a ^= b);
                        }
                    }
                }
            }
        });
        crate::frame::each_column(&rows, shots, each);
    }
}
