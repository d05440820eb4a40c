//! Draws from few amplitudes: cumulative weights and a guide into them.
//!
//! A draw is an integer below 2^[`BITS`], and the weights are rounded to multiples of the total's share of
//! one. A table is drawn from fewer than 2^15 times in a run, so that no test could tell.

use super::{BLOCK, Hits, NUMBERS};
use crate::kernel::simd::vectorized;
use crate::rng::Rng;

/// Bits of a draw.
const BITS: u32 = 31;
/// Steps of the guide: as few as leave little to search, since it is made anew for each piece.
const STEPS: usize = BLOCK / 2;
/// Sums that a search looks at together.
const GLANCE: usize = 4;

/// Places up to [`BLOCK`] and how often each was drawn.
pub(super) struct Table {
    /// Ascending; entry `i` is the draws that fall on `0..=i`. From the last place that has weight on more
    /// than any draw, so that a search ends there.
    sums: Box<[u32; BLOCK + GLANCE]>,
    /// For each step of all draws, the number of sums that lie in steps before: a search that begins
    /// there misses nothing.
    guide: Box<[u16; STEPS + 1]>,
    counts: Box<[u32; BLOCK]>,
    len: usize,
    /// Whether there is a guide.
    guided: bool,
}

/// The step that a draw falls into.
#[inline(always)]
fn step(x: u32) -> usize {
    const SHIFT: u32 = BITS - STEPS.trailing_zeros();
    (x >> SHIFT) as usize
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            sums: Box::new([u32::MAX; BLOCK + GLANCE]),
            guide: Box::new([0; STEPS + 1]),
            counts: Box::new([0; BLOCK]),
            len: 0,
            guided: false,
        }
    }

    /// Takes the weights of at most [`BLOCK`] places, from which `lookups` will be drawn.
    pub(super) fn fill(&mut self, weights: &[f64], lookups: u64) {
        self.len = weights.len();
        let mut exact = [0.0; BLOCK];
        let mut total = 0.0;
        for (sum, w) in exact.iter_mut().zip(weights) {
            total += w;
            *sum = total;
        }
        let exact = &exact[..self.len];
        let last = exact.partition_point(|&s| s < total);
        let scale = if total > 0.0 { f64::from(1_u32 << BITS) / total } else { 0.0 };
        vectorized(|| scaled(exact, scale, &mut self.sums[..]));
        self.sums[last..].fill(u32::MAX);
        self.counts.fill(0);
        self.guided = lookups >= self.len as u64 / 4;
        if self.guided {
            vectorized(|| self.aim());
        }
    }

    /// Makes the guide.
    #[inline(always)]
    fn aim(&mut self) {
        let mut steps = [0_u16; BLOCK];
        for (to, &sum) in steps.iter_mut().zip(&self.sums[..self.len]) {
            *to = u16::try_from(step(sum).min(STEPS - 1)).unwrap_or(0);
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
        let mut words = [0; NUMBERS];
        let mut from = 0;
        while from < shots {
            let len = usize::try_from(shots - from).unwrap_or(NUMBERS).min(NUMBERS);
            rng.fill_halves(from, &mut words[..len]);
            for &word in &words[..len] {
                let at = self.find(word >> (u32::BITS - BITS));
                self.counts[at] += 1;
            }
            from += len as u64;
        }
    }

    /// The first place whose sum exceeds `x`: one that has weight.
    #[inline(always)]
    fn find(&self, x: u32) -> usize {
        if !self.guided {
            return self.sums[..self.len - 1].partition_point(|&s| s <= x);
        }
        let mut i = usize::from(self.guide[step(x)]);
        loop {
            // Counted without a branch that nobody can predict; mostly the first glance is enough.
            let passed: usize = self.sums[i..i + GLANCE].iter().map(|&s| usize::from(s <= x)).sum();
            i += passed;
            if passed < GLANCE {
                return i;
            }
        }
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

/// `sums` in draws.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 2^31")]
#[inline(always)]
fn scaled(sums: &[f64], scale: f64, out: &mut [u32]) {
    for (to, sum) in out.iter_mut().zip(sums) {
        *to = (sum * scale) as u32;
    }
}
