//! The conformance files, broken in small ways: nothing panics, nothing takes long, and every
//! diagnostic lies within its text.

use qasm::{LineIndex, Options};

use super::data::{self, Case};

/// Numbers that look random, the same each time (Marsaglia, Xorshift RNGs, 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
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

fn mutated(text: &str, random: &mut Random) -> String {
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

fn check(text: &str) {
    let options = Options::default();
    let compiled = qasm::compile(text, &options);
    let lines = LineIndex::new(text);
    for d in &compiled.diagnostics {
        let at = lines.line_column(text, d.span.start);
        assert!(d.span.end as usize <= text.len() && at.line >= 1, "{d:?}");
        assert!(
            text.is_char_boundary(d.span.start as usize)
                && text.is_char_boundary(d.span.end as usize),
            "{d:?}\n{text}"
        );
    }
    if let Ok(once) = qasm::format(text) {
        assert_eq!(qasm::format(&once).as_ref(), Ok(&once), "{text}");
    }
    if let Some(c) = compiled.circuit {
        let written = qasm::emit3(&c);
        let again = qasm::compile(&written, &options);
        assert!(again.circuit.is_some(), "{text}\n----\n{written}\n{:?}", again.diagnostics);
    }
}

#[test]
fn broken_files_are_answered() {
    let cases: Vec<Case> =
        [data::indexed("qasm2"), data::indexed("qasm3"), data::qe_qasm()].concat();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let rounds = if cfg!(debug_assertions) { 1 } else { 20 };
    for c in cases.iter().filter(|c| c.source.len() < 3_000) {
        check(&c.source);
        for _ in 0..rounds {
            check(&mutated(&c.source, &mut random));
        }
    }
}
