//! Random bits and rare events from one stream of [`sim::rng`].

use sim::rng::{Purpose, Rng};

/// Words at a time.
const WORDS: usize = 256;

/// Bits of a probability that are drawn bit by bit; what is left over is a rare event.
const DENSE_BITS: u32 = 12;

/// A stream of random words.
pub(crate) struct Source {
    rng: Rng,
    drawn: u64,
    words: [u64; WORDS],
    at: usize,
}

impl Source {
    pub(crate) fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        Self { rng: Rng::new(seed, purpose, index), drawn: 0, words: [0; WORDS], at: WORDS }
    }

    fn refill(&mut self) {
        self.rng.fill_words(self.drawn, &mut self.words);
        self.drawn += WORDS as u64;
        self.at = 0;
    }

    #[inline(always)]
    pub(crate) fn word(&mut self) -> u64 {
        if self.at == WORDS {
            self.refill();
        }
        let word = self.words[self.at];
        self.at += 1;
        word
    }

    /// Uniform in `[0, 1)` with 53 bits.
    #[inline(always)]
    pub(crate) fn uniform(&mut self) -> f64 {
        (self.word() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform below `n`, up to one part in 2^32.
    #[inline(always)]
    pub(crate) fn below(&mut self, n: u32) -> u32 {
        (((self.word() >> 32) * u64::from(n)) >> 32) as u32
    }

    pub(crate) fn bit(&mut self) -> bool {
        self.word() >> 63 == 1
    }

    /// Which of `0..count` independent events of probability `p` happen, in order. Steps from one to
    /// the next: the time is that of what happens.
    #[inline(always)]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 <= skip < count"
    )]
    pub(crate) fn rare(&mut self, p: f64, count: u64, mut happens: impl FnMut(&mut Self, u64)) {
        if p <= 0.0 {
            return;
        }
        if p >= 1.0 {
            for i in 0..count {
                happens(self, i);
            }
            return;
        }
        // The number of failures before a success is geometric: floor(ln(u) / ln(1 - p)).
        let scale = 1.0 / libm::log1p(-p);
        let mut next = 0_u64;
        loop {
            let skip = libm::log(1.0 - self.uniform()) * scale;
            if skip >= (count - next) as f64 {
                return;
            }
            next += skip as u64;
            if next >= count {
                return;
            }
            happens(self, next);
            next += 1;
            if next == count {
                return;
            }
        }
    }

    /// A word each of whose bits is set with probability `k / 2^DENSE_BITS`.
    #[inline(always)]
    fn dense_word(&mut self, k: u32) -> u64 {
        let mut word = 0;
        // From the lowest bit that counts: or halves the distance to 1, and to 0.
        for bit in k.trailing_zeros()..DENSE_BITS {
            let random = self.word();
            if k >> bit & 1 == 1 {
                word |= random;
            } else {
                word &= random;
            }
        }
        word
    }

    /// Sets each bit with probability `p`.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 < p < 1")]
    pub(crate) fn biased(&mut self, p: f64, out: &mut [u64]) {
        out.fill(0);
        if p >= 1.0 {
            out.fill(u64::MAX);
            return;
        }
        let steps = f64::from(1_u32 << DENSE_BITS);
        let k = (p * steps) as u32;
        let exact = f64::from(k) / steps;
        if k > 0 {
            for word in &mut *out {
                *word = self.dense_word(k);
            }
        }
        // P(either) = exact + (1 - exact)·rest = p.
        let rest = (p - exact) / (1.0 - exact);
        self.rare(rest, 64 * out.len() as u64, |_, i| out[(i >> 6) as usize] |= 1 << (i & 63));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five standard deviations of a binomial share.
    fn check_share(hits: u64, count: u64, p: f64) {
        let bound = 5.0 * (p * (1.0 - p) / count as f64).sqrt() + 1e-12;
        assert!((hits as f64 / count as f64 - p).abs() <= bound, "{hits} of {count}, p = {p}");
    }

    #[test]
    fn events_happen_as_often_as_their_probability_says() {
        let count = 1 << 20;
        for p in [0.0, 1e-4, 0.013, 0.3, 0.5, 0.999, 1.0] {
            let mut source = Source::new(3, Purpose::Frames, 1);
            let mut hits = 0;
            let mut last = None;
            source.rare(p, count, |_, i| {
                assert!(i < count && last < Some(i));
                last = Some(i);
                hits += 1;
            });
            check_share(hits, count, p);
            let mut words = vec![0; 1 << 14];
            source.biased(p, &mut words);
            check_share(words.iter().map(|w| u64::from(w.count_ones())).sum(), count, p);
        }
    }

    #[test]
    fn small_numbers_are_uniform() {
        let mut source = Source::new(5, Purpose::Frames, 0);
        let mut counts = [0; 15];
        for _ in 0..150_000 {
            counts[source.below(15) as usize] += 1;
        }
        for c in counts {
            check_share(c, 150_000, 1.0 / 15.0);
        }
    }
}
