//! Records of shots, counted.

use std::collections::BTreeMap;

use circuit::flat::BitSource;

use crate::counts::KeyFormat;

/// How often each record came out; records are bit vectors of a fixed number of words.
#[derive(Default)]
pub(super) struct Rows {
    words: usize,
    /// Records one after the other, not yet sorted.
    fresh: Vec<u64>,
    counted: BTreeMap<Box<[u64]>, u64>,
}

/// Words that wait to be sorted, at most.
const MAX_FRESH: usize = 1 << 16;

impl Rows {
    pub(super) fn add(&mut self, row: &[u64]) {
        if self.words == 0 {
            self.words = row.len();
        }
        if row.is_empty() {
            *self.counted.entry(Box::default()).or_default() += 1;
            return;
        }
        self.fresh.extend_from_slice(row);
        if self.fresh.len() >= MAX_FRESH {
            self.settle();
        }
    }

    fn settle(&mut self) {
        let mut rows: Vec<&[u64]> = self.fresh.chunks_exact(self.words.max(1)).collect();
        rows.sort_unstable();
        for equal in rows.chunk_by(|a, b| a == b) {
            *self.counted.entry(equal[0].into()).or_default() += equal.len() as u64;
        }
        self.fresh.clear();
    }

    pub(super) fn merge(&mut self, mut other: Self) {
        other.settle();
        for (row, count) in other.counted {
            *self.counted.entry(row).or_default() += count;
        }
    }

    /// Counts by key. `sources` says where each classical bit comes from: a constant, or bit
    /// `place(record)` of a row.
    pub(super) fn keys(
        mut self,
        format: &KeyFormat,
        sources: &[BitSource],
        place: impl Fn(u32) -> usize,
        counts: &mut BTreeMap<String, u64>,
    ) {
        self.settle();
        for (row, count) in self.counted {
            let key = format.key(|i| match sources[i] {
                BitSource::Constant(bit) => bit,
                BitSource::Record(r) => {
                    let at = place(r);
                    row[at / 64] >> (at % 64) & 1 == 1
                }
            });
            *counts.entry(key).or_default() += count;
        }
    }
}

/// Where the bits of a key come from; without classical bits, from one record for each qubit.
pub(super) fn sources(format: &KeyFormat, clbits: &[BitSource]) -> Vec<BitSource> {
    if format.covers_qubits() {
        (0..).take(format.len()).map(BitSource::Record).collect()
    } else {
        clbits.to_vec()
    }
}
