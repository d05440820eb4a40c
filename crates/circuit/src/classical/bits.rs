//! Strings of classical bits.

use smallvec::SmallVec;
use std::fmt;

/// The bits of a `bit[n]`; bit 0 is the least significant. Up to 128 need no heap.
///
/// `Display` and `FromStr` write the highest bit first.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Bits {
    len: u32,
    /// `ceil(len / 64)` words, lowest first; bits from `len` on are 0.
    words: SmallVec<[u64; 2]>,
}

impl Bits {
    /// `len` bits, all 0.
    pub fn zeros(len: u32) -> Self {
        Self { len, words: SmallVec::from_elem(0, len.div_ceil(64) as usize) }
    }

    /// The low `len` bits of `value`; above 128 they are 0.
    #[expect(clippy::cast_possible_truncation, reason = "the low and the high word are meant")]
    pub fn from_u128(len: u32, value: u128) -> Self {
        let mut bits = Self::zeros(len);
        if let Some(word) = bits.words.get_mut(0) {
            *word = value as u64;
        }
        if let Some(word) = bits.words.get_mut(1) {
            *word = (value >> 64) as u64;
        }
        bits.trim();
        bits
    }

    /// From lowest to highest.
    #[expect(clippy::cast_possible_truncation, reason = "callers bound the number of bits")]
    pub fn from_bools(bools: impl ExactSizeIterator<Item = bool>) -> Self {
        let mut bits = Self::zeros(bools.len() as u32);
        for (i, b) in (0..).zip(bools) {
            bits.set(i, b);
        }
        bits
    }

    fn trim(&mut self) {
        let used = self.len % 64;
        if used != 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << used) - 1;
        }
    }

    pub fn len(&self) -> u32 {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bit `i`; `i < len`.
    pub fn get(&self, i: u32) -> bool {
        debug_assert!(i < self.len);
        self.words[(i / 64) as usize] >> (i % 64) & 1 == 1
    }

    /// Sets bit `i`; `i < len`.
    pub fn set(&mut self, i: u32, value: bool) {
        debug_assert!(i < self.len);
        let word = &mut self.words[(i / 64) as usize];
        *word = *word & !(1 << (i % 64)) | u64::from(value) << (i % 64);
    }

    /// From lowest to highest.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = bool> + '_ {
        (0..self.len as usize).map(|i| self.words[i / 64] >> (i % 64) & 1 == 1)
    }

    /// As an unsigned number; `None` where a bit above 127 is set.
    pub fn to_u128(&self) -> Option<u128> {
        if self.words.iter().skip(2).any(|&w| w != 0) {
            return None;
        }
        let word = |i| u128::from(self.words.get(i).copied().unwrap_or(0));
        Some(word(0) | word(1) << 64)
    }

    pub fn count_ones(&self) -> u32 {
        self.words.iter().map(|w| w.count_ones()).sum()
    }

    pub fn any(&self) -> bool {
        self.words.iter().any(|&w| w != 0)
    }

    /// Word by word; both have one length.
    #[must_use]
    pub fn zip(&self, other: &Self, f: impl Fn(u64, u64) -> u64) -> Self {
        debug_assert_eq!(self.len, other.len);
        let words = self.words.iter().zip(&other.words).map(|(&a, &b)| f(a, b)).collect();
        let mut out = Self { len: self.len, words };
        out.trim();
        out
    }

    #[must_use]
    pub fn not(&self) -> Self {
        self.zip(self, |a, _| !a)
    }

    /// Towards the highest bit by `by`, zeros shifted in.
    #[must_use]
    pub fn shl(&self, by: u64) -> Self {
        let mut out = Self::zeros(self.len);
        for i in 0..self.len {
            if let Some(from) = u64::from(i).checked_sub(by) {
                out.set(i, self.get(u32::try_from(from).expect("below the length")));
            }
        }
        out
    }

    /// Towards bit 0 by `by`, zeros shifted in.
    #[must_use]
    pub fn shr(&self, by: u64) -> Self {
        let mut out = Self::zeros(self.len);
        for i in 0..self.len {
            if let Some(from) = u64::from(i).checked_add(by).and_then(|f| u32::try_from(f).ok())
                && from < self.len
            {
                out.set(i, self.get(from));
            }
        }
        out
    }

    /// Rotated towards the highest bit by `by`, which may be negative.
    #[must_use]
    pub fn rotl(&self, by: i128) -> Self {
        let mut out = Self::zeros(self.len);
        for i in 0..self.len {
            let to = (i128::from(i) + by % i128::from(self.len)).rem_euclid(i128::from(self.len));
            out.set(u32::try_from(to).expect("below the length"), self.get(i));
        }
        out
    }

    /// `self` on the low bits, `high` above.
    #[must_use]
    pub fn concat(&self, high: &Self) -> Self {
        let mut out = Self::zeros(self.len + high.len);
        for (i, b) in (0..).zip(self.iter().chain(high.iter())) {
            out.set(i, b);
        }
        out
    }
}

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for i in (0..self.len).rev() {
            f.write_str(if self.get(i) { "1" } else { "0" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Why text is not a bit string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a bit string consists of `0`, `1` and `_`")]
pub struct BitsError;

impl std::str::FromStr for Bits {
    type Err = BitsError;

    /// Highest bit first; `_` separates.
    fn from_str(text: &str) -> Result<Self, BitsError> {
        let mut bools = Vec::with_capacity(text.len());
        for c in text.bytes().rev() {
            match c {
                b'0' => bools.push(false),
                b'1' => bools.push(true),
                b'_' => {}
                _ => return Err(BitsError),
            }
        }
        Ok(Self::from_bools(bools.into_iter()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(text: &str) -> Bits {
        text.parse().unwrap()
    }

    #[test]
    fn strings_are_read_and_written_highest_bit_first() {
        let b = bits("10_10");
        assert_eq!((b.len(), b.get(0), b.get(1)), (4, false, true));
        assert_eq!(b.to_string(), "1010");
        assert_eq!("1x".parse::<Bits>(), Err(BitsError));
    }

    #[test]
    fn shifts_and_rotations_move_towards_the_highest_bit() {
        let b = bits("1010");
        assert_eq!(b.shl(1), bits("0100"));
        assert_eq!(b.shr(2), bits("0010"));
        assert_eq!(b.shr(u64::MAX), bits("0000"));
        assert_eq!(b.rotl(1), bits("0101"));
        assert_eq!(bits("0011").rotl(-1), bits("1001"));
        assert_eq!(Bits::zeros(0).rotl(3), Bits::zeros(0));
    }

    #[test]
    fn bits_past_the_length_stay_clear() {
        assert_eq!(Bits::from_u128(3, 0xff).to_u128(), Some(7));
        assert_eq!(bits("0101").not().to_u128(), Some(0b1010));
        let wide = Bits::zeros(200).not();
        assert_eq!((wide.count_ones(), wide.to_u128()), (200, None));
    }
}
