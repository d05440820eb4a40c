//! What is read where something else was measured.

use std::collections::BTreeMap;

use circuit::Qubit;
use circuit::flat::BitSource;
use noise::{NoiseModel, ReadoutMatrix};
use sim::binomial;

use super::steps::Ending;
use crate::Failure;
use crate::counts::KeyFormat;

/// Most bits that come from measurements in one key.
const MAX_RECORDS: usize = 64;

/// The measurements that the bits of a key show.
pub(super) struct Shown {
    /// The qubit of each; one may be measured several times.
    pub(super) qubits: Vec<Qubit>,
    matrices: Vec<Option<ReadoutMatrix>>,
    /// For each bit of the key its value, or the measurement above.
    bits: Vec<BitSource>,
}

impl Shown {
    /// Of a program that ends with measurements, or without any: then of all qubits.
    pub(super) fn new(
        ending: Option<&Ending>,
        num_qubits: u32,
        model: Option<&NoiseModel>,
    ) -> Result<Self, Failure> {
        let (mut qubits, mut bits) = (Vec::new(), Vec::new());
        if let Some(ending) = ending {
            // Records that no bit shows are left out.
            let mut new = vec![None; ending.qubits.len()];
            for source in &ending.clbits {
                bits.push(match *source {
                    constant @ BitSource::Constant(_) => constant,
                    BitSource::Record(r) => {
                        let at = *new[r as usize].get_or_insert_with(|| {
                            qubits.push(ending.qubits[r as usize]);
                            u32::try_from(qubits.len() - 1).unwrap_or(u32::MAX)
                        });
                        BitSource::Record(at)
                    }
                });
            }
        } else {
            qubits = (0..num_qubits).map(Qubit).collect();
            bits = (0..num_qubits).map(BitSource::Record).collect();
        }
        if qubits.len() > MAX_RECORDS {
            return Err(Failure::Refused {
                code: "too_many_measurements",
                message: format!(
                    "{} measurements in one key under noise; at most {MAX_RECORDS}",
                    qubits.len()
                ),
            });
        }
        let matrices = qubits.iter().map(|&q| model.and_then(|m| m.readout(q))).collect();
        Ok(Self { qubits, matrices, bits })
    }

    /// The key that shows `value`, bit `r` of which is measurement `r`.
    pub(super) fn key(&self, format: &KeyFormat, value: u64) -> String {
        format.key(|i| match self.bits[i] {
            BitSource::Constant(bit) => bit,
            BitSource::Record(r) => value >> r & 1 == 1,
        })
    }

    /// From what is measured to what is read, for a distribution over the measurements.
    pub(super) fn blur(&self, p: &mut [f64]) {
        blur_by(&self.matrices, p);
    }

    /// The same for counts, by draws from `uniform`.
    pub(super) fn flip(
        &self,
        counts: BTreeMap<u64, u64>,
        uniform: &mut impl FnMut() -> f64,
    ) -> BTreeMap<u64, u64> {
        let mut counts = counts;
        for (r, matrix) in self.matrices.iter().enumerate() {
            let Some(m) = matrix else { continue };
            let mut read = BTreeMap::new();
            for (value, count) in counts {
                let bit = usize::from(value >> r & 1 == 1);
                let wrong = binomial(count, m[bit][1 - bit], &mut *uniform);
                if wrong < count {
                    *read.entry(value).or_default() += count - wrong;
                }
                if wrong > 0 {
                    *read.entry(value ^ 1 << r).or_default() += wrong;
                }
            }
            counts = read;
        }
        counts
    }
}

/// From what is measured to what is read, for a distribution over `qubits`.
pub(crate) fn blur(p: &mut [f64], qubits: &[Qubit], model: &NoiseModel) {
    blur_by(&qubits.iter().map(|&q| model.readout(q)).collect::<Vec<_>>(), p);
}

/// Bit `r` of an index is read as matrix `r` says.
fn blur_by(matrices: &[Option<ReadoutMatrix>], p: &mut [f64]) {
    for (r, matrix) in matrices.iter().enumerate() {
        let Some(m) = matrix else { continue };
        for block in p.chunks_exact_mut(2 << r) {
            let (zeros, ones) = block.split_at_mut(1 << r);
            for (a, b) in zeros.iter_mut().zip(ones) {
                (*a, *b) = (*a * m[0][0] + *b * m[1][0], *a * m[0][1] + *b * m[1][1]);
            }
        }
    }
}
