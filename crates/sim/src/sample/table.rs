//! Draws from few amplitudes: cumulative weights and a guide into them.

use super::{BLOCK, Hits, NUMBERS};
use crate::kernel::simd::vectorized;
use crate::rng::Rng;

/// Steps of the guide.
const STEPS: usize = 2 * BLOCK;

/// Places up to [`BLOCK`] and how often each was drawn.
pub(super) struct Table {
    /// Ascending; entry `i` is the weight of `0..=i`. From `len` on infinite, so that a search ends.
    sums: Box<[f64; BLOCK + 4]>,
    /// For each step of the total, the number of sums that lie in steps before: a search that begins
    /// there misses nothing.
    guide: Box<[u16; STEPS + 1]>,
    counts: Box<[u32; BLOCK]>,
    len: usize,
    /// Last place that has weight.
    last: usize,
    /// Steps for each unit of weight; 0 without a guide.
    scale: f64,
}

/// The step that `x` falls into. Never falls as `x` grows, which is all that a search needs.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 0")]
#[inline(always)]
fn step(x: f64, scale: f64) -> usize {
    ((x * scale) as u32 as usize).min(STEPS - 1)
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            sums: Box::new([f64::INFINITY; BLOCK + 4]),
            guide: Box::new([0; STEPS + 1]),
            counts: Box::new([0; BLOCK]),
            len: 0,
            last: 0,
            scale: 0.0,
        }
    }

    /// Takes the weights of at most [`BLOCK`] places, from which `lookups` will be drawn.
    pub(super) fn fill(&mut self, weights: &[f64], lookups: u64) {
        self.len = weights.len();
        let mut total = 0.0;
        for (sum, w) in self.sums.iter_mut().zip(weights) {
            total += w;
            *sum = total;
        }
        self.sums[self.len..].fill(f64::INFINITY);
        self.counts.fill(0);
        self.last = self.sums[..self.len].partition_point(|&s| s < total);
        self.scale = 0.0;
        if lookups >= self.len as u64 / 4 && total > 0.0 {
            self.scale = STEPS as f64 / total;
            vectorized(|| self.aim());
        }
    }

    /// Makes the guide.
    #[inline(always)]
    fn aim(&mut self) {
        let mut steps = [0_u16; BLOCK];
        for (to, &sum) in steps.iter_mut().zip(&self.sums[..self.len]) {
            *to = u16::try_from(step(sum, self.scale)).unwrap_or(0);
        }
        self.guide.fill(0);
        // The last sum of a step counts.
        for (i, &s) in (1..).zip(&steps[..self.len]) {
            self.guide[usize::from(s) + 1] = i;
        }
        let mut most = 0;
        for at in self.guide.iter_mut() {
            most = most.max(*at);
            *at = most;
        }
    }

    /// Draws `shots` numbers, from the beginning of a stream.
    pub(super) fn draw(&mut self, shots: u64, rng: &Rng) {
        let mut numbers = [0.0; NUMBERS];
        let mut from = 0;
        while from < shots {
            let len = usize::try_from(shots - from).unwrap_or(NUMBERS).min(NUMBERS);
            vectorized(|| rng.fill(from, &mut numbers[..len]));
            let total = self.sums[self.last];
            for &u in &numbers[..len] {
                let at = self.find(u * total);
                self.counts[at] += 1;
            }
            from += len as u64;
        }
    }

    /// The first place whose sum exceeds `x`, but none without weight.
    #[inline(always)]
    fn find(&self, x: f64) -> usize {
        if self.scale == 0.0 {
            return self.sums[..self.len].partition_point(|&s| s <= x).min(self.last);
        }
        let mut i = usize::from(self.guide[step(x, self.scale)]);
        // Mostly two steps are enough: taken without a branch that nobody can predict.
        i += usize::from(self.sums[i] <= x);
        i += usize::from(self.sums[i] <= x);
        while self.sums[i] <= x {
            i += 1;
        }
        // Rounding may take `x` up to the total.
        i.min(self.last)
    }

    /// Appends what was drawn; place `i` is called `first + i`.
    pub(super) fn collect(&self, first: u64, out: &mut Hits) {
        // Every place is written, and the next over it where nothing was drawn: no branch.
        let mut end = out.len();
        out.resize(end + self.len, (0, 0));
        for (i, &count) in (first..).zip(&self.counts[..self.len]) {
            out[end] = (i, u64::from(count));
            end += usize::from(count > 0);
        }
        out.truncate(end);
    }
}
