//! In which order waiting maps run, and how many of them on a block while it is in the cache.
//!
//! As for state vectors: a stage takes, in order, every map whose digits fit into its window and that
//! shares none with maps put off before it.

use super::{DensityMatrix, Waiting};
use crate::kernel::pauli::Map;
use crate::progress::{RunControl, Stop};
use crate::{Real, SimError};

/// Sizes that fit caches. Tests make them small.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// Digits of a block: `4^7` numbers are 128 KiB of `f64`.
    pub(crate) block: usize,
    /// Lowest digits that are in every window: runs of 128 bytes of `f64`.
    pub(crate) low: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { block: 7, low: 2 }
    }
}

impl<T: Real> DensityMatrix<T> {
    /// Runs what is in the queue.
    pub(super) fn run(&mut self, control: &RunControl) -> Result<(), SimError> {
        let waiting = std::mem::take(&mut self.waiting);
        self.last.fill(None);
        let stop = Stop::new(control);
        let mut maps: Vec<Map> = Vec::new();
        let total = waiting.len().max(1) as f64;
        for (i, item) in waiting.into_iter().enumerate() {
            match item {
                Waiting::Map(map) => maps.push(map),
                Waiting::Grow(p) => {
                    self.run_maps(std::mem::take(&mut maps), &stop)?;
                    super::check_density_memory(
                        self.vector.digits() + 1,
                        T::PRECISION,
                        self.available_bytes,
                    )?;
                    self.vector.grow(&p)?;
                }
            }
            stop.report(i as f64 / total);
        }
        self.run_maps(maps, &stop)
    }

    fn run_maps(&mut self, maps: Vec<Map>, stop: &Stop) -> Result<(), SimError> {
        let digits = self.vector.digits();
        let low: u64 = (1 << self.sizes.low.min(digits)) - 1;
        let mut rest = maps;
        while !rest.is_empty() {
            let (mut window, mut blocked) = (low, 0);
            let (mut taken, mut later) = (Vec::new(), Vec::new());
            for map in rest {
                let mask = map.mask();
                let grown = window | mask;
                let fits = grown.count_ones() as usize <= self.sizes.block || taken.is_empty();
                if mask & blocked == 0 && fits {
                    window = grown;
                    taken.push(map);
                } else {
                    blocked |= mask;
                    later.push(map);
                }
            }
            // Digits that cost nothing: longer runs in memory.
            for d in 0..digits {
                if (window.count_ones() as usize) < self.sizes.block {
                    window |= 1 << d;
                }
            }
            let window: Vec<u8> = (0..64).filter(|d| window >> d & 1 == 1).collect();
            let taken: Vec<&Map> = taken.iter().collect();
            self.vector.run(&window, &taken, stop)?;
            rest = later;
        }
        Ok(())
    }
}
