//! The one random number generator: Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random
//! numbers: as easy as 1, 2, 3", SC'11, doi:10.1145/2063384.2063405.
//!
//! It is a function of a key and a counter, so that draw `i` of stream `s` under a seed is the same
//! wherever and in whatever order it is computed. The seed is the key; the counter holds the stream
//! in its high and the position in its low half.

use crate::kernel::simd::{Work, vectorized};

const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

#[expect(clippy::cast_possible_truncation, reason = "the halves of a product")]
#[inline(always)]
fn split(product: u64) -> (u32, u32) {
    ((product >> 32) as u32, product as u32)
}

/// The ten rounds: four words from a counter of four and a key of two.
#[inline(always)]
fn philox(mut c: [u32; 4], mut k: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        let (hi0, lo0) = split(u64::from(MULTIPLIERS[0]) * u64::from(c[0]));
        let (hi1, lo1) = split(u64::from(MULTIPLIERS[1]) * u64::from(c[2]));
        c = [hi1 ^ c[1] ^ k[0], lo1, hi0 ^ c[3] ^ k[1], lo0];
        k = [k[0].wrapping_add(WEYL[0]), k[1].wrapping_add(WEYL[1])];
    }
    c
}

/// Uniform in `[0, 1)` with 53 bits.
#[inline(always)]
fn unit(high: u32, low: u32) -> f64 {
    let bits = (u64::from(high) << 32 | u64::from(low)) >> 11;
    bits as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// One stream of uniform numbers.
#[derive(Debug, Clone)]
pub struct Rng {
    key: [u32; 2],
    stream: [u32; 2],
    position: u64,
}

/// What a stream is for, so that no two uses of one seed share numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Purpose {
    /// Outcomes of measurements in the course of a shot; one stream per shot.
    Shot = 1,
    /// How many shots fall into which half of a piece of the vector; one stream per piece.
    Halves = 2,
    /// Where in its piece a shot falls; one stream per piece.
    Within = 3,
    /// Anything a caller draws for itself.
    Other = 4,
    /// The order of shots.
    Order = 5,
    /// Pauli frames of a batch of shots; one stream per batch.
    Frames = 16,
}

#[expect(clippy::cast_possible_truncation, reason = "the halves of a word")]
fn halves(x: u64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

impl Rng {
    /// Stream `index` of a purpose, `index < 2^56`.
    pub fn new(seed: u64, purpose: Purpose, index: u64) -> Self {
        debug_assert!(index < 1 << 56, "the top byte of the stream names its purpose");
        Self { key: halves(seed), stream: halves(index | (purpose as u64) << 56), position: 0 }
    }

    /// The stream from which shot `shot` draws its measurement outcomes.
    pub fn for_shot(seed: u64, shot: u64) -> Self {
        Self::new(seed, Purpose::Shot, shot)
    }

    /// Next number, uniform in `[0, 1)`.
    #[expect(clippy::should_implement_trait, reason = "an endless stream is no iterator")]
    pub fn next(&mut self) -> f64 {
        let x = self.at(self.position);
        self.position += 1;
        x
    }

    /// Number `position` of the stream.
    pub fn at(&self, position: u64) -> f64 {
        let [lo, hi] = halves(position >> 1);
        let w = philox([lo, hi, self.stream[0], self.stream[1]], self.key);
        if position & 1 == 0 { unit(w[0], w[1]) } else { unit(w[2], w[3]) }
    }

    /// Numbers `first..first + out.len()` of the stream; `first` must be even.
    pub fn fill(&self, first: u64, out: &mut [f64]) {
        vectorized(Fill { rng: self, first, out });
    }

    #[inline(always)]
    fn numbers(&self, first: u64, out: &mut [f64]) {
        debug_assert!(first.is_multiple_of(2), "blocks hold two numbers");
        let mut block = first >> 1;
        let mut eights = out.chunks_exact_mut(2 * WIDE);
        for part in &mut eights {
            let w = self.wide(block);
            for l in 0..WIDE {
                part[2 * l] = unit(w[0][l], w[1][l]);
                part[2 * l + 1] = unit(w[2][l], w[3][l]);
            }
            block += WIDE as u64;
        }
        for (block, pair) in (block..).zip(eights.into_remainder().chunks_mut(2)) {
            let [lo, hi] = halves(block);
            let w = philox([lo, hi, self.stream[0], self.stream[1]], self.key);
            pair[0] = unit(w[0], w[1]);
            if let Some(second) = pair.get_mut(1) {
                *second = unit(w[2], w[3]);
            }
        }
    }

    /// Words `first..first + out.len()` of the stream, two to a block as numbers are; `first` must be even.
    pub fn fill_words(&self, first: u64, out: &mut [u64]) {
        vectorized(Fill { rng: self, first, out });
    }

    #[inline(always)]
    fn words(&self, first: u64, out: &mut [u64]) {
        debug_assert!(first.is_multiple_of(2), "blocks hold two words");
        let word = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        let mut block = first >> 1;
        let mut eights = out.chunks_exact_mut(2 * WIDE);
        for part in &mut eights {
            let w = self.wide(block);
            for l in 0..WIDE {
                part[2 * l] = word(w[0][l], w[1][l]);
                part[2 * l + 1] = word(w[2][l], w[3][l]);
            }
            block += WIDE as u64;
        }
        for (block, pair) in (block..).zip(eights.into_remainder().chunks_mut(2)) {
            let [lo, hi] = halves(block);
            let w = philox([lo, hi, self.stream[0], self.stream[1]], self.key);
            pair[0] = word(w[0], w[1]);
            if let Some(second) = pair.get_mut(1) {
                *second = word(w[2], w[3]);
            }
        }
    }

    /// Halves `first..first + out.len()` of words, `first` a multiple of 32. Their order is not that of
    /// [`Rng::fill_words`]: of eight blocks at a time all first quarters come, then all second ones, and so on.
    pub fn fill_halves(&self, first: u64, out: &mut [u32]) {
        vectorized(Fill { rng: self, first, out });
    }

    #[inline(always)]
    fn halves(&self, from: u64, out: &mut [u32]) {
        const AT_ONCE: usize = 4 * WIDE;
        debug_assert!(from.is_multiple_of(AT_ONCE as u64));
        for (group, part) in (from / AT_ONCE as u64..).zip(out.chunks_mut(AT_ONCE)) {
            let words = self.wide(group * WIDE as u64);
            part.copy_from_slice(&words.as_flattened()[..part.len()]);
        }
    }

    /// [`philox`] on the blocks from `block` on, side by side, for the compiler to use vectors.
    #[inline(always)]
    fn wide(&self, block: u64) -> [[u32; WIDE]; 4] {
        let mut c = [[0; WIDE], [0; WIDE], [self.stream[0]; WIDE], [self.stream[1]; WIDE]];
        for l in 0..WIDE {
            [c[0][l], c[1][l]] = halves(block + l as u64);
        }
        let mut k = self.key;
        for _ in 0..ROUNDS {
            let mut next = [[0; WIDE]; 4];
            for l in 0..WIDE {
                let (hi0, lo0) = split(u64::from(MULTIPLIERS[0]) * u64::from(c[0][l]));
                let (hi1, lo1) = split(u64::from(MULTIPLIERS[1]) * u64::from(c[2][l]));
                next[0][l] = hi1 ^ c[1][l] ^ k[0];
                next[1][l] = lo1;
                next[2][l] = hi0 ^ c[3][l] ^ k[1];
                next[3][l] = lo0;
            }
            c = next;
            k = [k[0].wrapping_add(WEYL[0]), k[1].wrapping_add(WEYL[1])];
        }
        c
    }
}

/// A part of a stream, to be written with the best instructions there are.
struct Fill<'a, T> {
    rng: &'a Rng,
    first: u64,
    out: &'a mut [T],
}

impl Work for Fill<'_, f64> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.rng.numbers(self.first, self.out);
    }
}

impl Work for Fill<'_, u64> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.rng.words(self.first, self.out);
    }
}

impl Work for Fill<'_, u32> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.rng.halves(self.first, self.out);
    }
}

/// Blocks computed side by side.
const WIDE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rounds_give_the_published_answers() {
        // Random123, kat_vectors, philox4x32 with 10 rounds.
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn filling_drawing_and_looking_up_agree() {
        let mut rng = Rng::new(7, Purpose::Other, 3);
        let mut filled = [0.0; 41];
        rng.fill(0, &mut filled);
        let mut tail = [0.0; 35];
        rng.fill(6, &mut tail);
        assert_eq!(filled[6..], tail);
        for (i, x) in (0..).zip(filled) {
            assert_eq!(x.to_bits(), rng.at(i).to_bits());
            assert_eq!(x.to_bits(), rng.next().to_bits());
        }
    }

    #[test]
    fn halves_of_words_are_those_of_the_blocks() {
        let rng = Rng::new(7, Purpose::Other, 3);
        let mut words = [0; 75];
        rng.fill_halves(64, &mut words);
        for (i, word) in words.into_iter().enumerate() {
            let (group, inside) = (2 + i as u64 / 32, i % 32);
            let block = group * 8 + inside as u64 % 8;
            let [lo, hi] = halves(block);
            let all = philox([lo, hi, rng.stream[0], rng.stream[1]], rng.key);
            assert_eq!(word, all[inside / 8], "{i}");
        }
    }

    #[test]
    fn streams_seeds_and_purposes_differ() {
        let first = |seed, purpose, index| Rng::new(seed, purpose, index).next().to_bits();
        let all = [
            first(1, Purpose::Shot, 0),
            first(2, Purpose::Shot, 0),
            first(1, Purpose::Shot, 1),
            first(1, Purpose::Halves, 0),
            first(1 << 32, Purpose::Shot, 0),
        ];
        for (i, a) in all.iter().enumerate() {
            for b in &all[..i] {
                assert_ne!(a, b);
            }
        }
    }

    #[test]
    fn numbers_are_uniform_to_five_sigma() {
        let rng = Rng::new(11, Purpose::Other, 0);
        let n = 200_000;
        let mut xs = vec![0.0; n];
        rng.fill(0, &mut xs);
        let mean = xs.iter().sum::<f64>() / n as f64;
        // The variance of a uniform number is 1/12.
        assert!((mean - 0.5).abs() < 5.0 * (1.0 / 12.0 / n as f64).sqrt());
        let low = xs.iter().filter(|&&x| x < 0.1).count() as f64;
        assert!((low - 0.1 * n as f64).abs() < 5.0 * (0.09 * n as f64).sqrt());
        assert!(xs.iter().all(|x| (0.0..1.0).contains(x)));
    }
}
