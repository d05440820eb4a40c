//! Texts broken in small ways.

/// Numbers that look random, the same each time (Marsaglia, Xorshift RNGs, 2003).
pub struct Random(u64);

impl Random {
    /// `seed` is not 0.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % n.max(1)
    }
}

const PIECES: [&str; 30] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ";",
    ",",
    ":",
    "=",
    "==",
    "->",
    "@",
    "++",
    "-",
    "**",
    "/*",
    "*/",
    "//",
    "\"",
    "$0",
    "@ketlab.unitary {",
    "measure ",
    "gate g q {",
    "ctrl @ ",
    "99999999999999999999999999",
    "\u{0}",
    "π",
    "1.5.5",
    "#",
];

/// `text` with up to three things cut, put in, doubled or swapped.
pub fn mutated(text: &str, random: &mut Random) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(chars.len() + 1);
        let to = (at + random.below(12)).min(chars.len());
        match random.below(5) {
            0 => {
                chars.drain(at..to);
            }
            1 => {
                let piece = PIECES[random.below(PIECES.len())];
                chars.splice(at..at, piece.chars());
            }
            2 => {
                let copy: Vec<char> = chars[at..to].to_vec();
                let place = random.below(chars.len() + 1);
                chars.splice(place..place, copy);
            }
            3 => chars.truncate(at),
            _ => {
                let other = random.below(chars.len().max(1));
                if at < chars.len() && other < chars.len() {
                    chars.swap(at, other);
                }
            }
        }
    }
    chars.into_iter().collect()
}
