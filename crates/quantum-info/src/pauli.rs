//! Pauli strings and observables (real-weighted sums of Pauli strings).

/// A single-qubit Pauli other than the identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pauli {
    X,
    Y,
    Z,
}

/// `weight · P`, where `P` acts with the listed Paulis and with the identity elsewhere. Qubits are
/// in ascending order, each at most once.
#[derive(Debug, Clone, PartialEq)]
pub struct PauliTerm {
    pub weight: f64,
    pub paulis: Vec<(u32, Pauli)>,
}

impl PauliTerm {
    /// Bits of the qubits where the string flips (X or Y) and where it signs (Z or Y).
    ///
    /// Qubits from 64 on are not representable: callers check the width first.
    pub fn masks(&self) -> (u64, u64) {
        let (mut x, mut z) = (0, 0);
        for &(q, p) in &self.paulis {
            let bit = 1_u64 << q;
            if p != Pauli::Z {
                x |= bit;
            }
            if p != Pauli::X {
                z |= bit;
            }
        }
        (x, z)
    }
}

/// `Σ weight · P`. Written highest qubit first: `"0.5*ZZI - XIX"` on three qubits has `Z` on
/// qubits 2 and 1.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observable {
    pub terms: Vec<PauliTerm>,
}

/// Why the text of an observable is refused. `at` counts characters from 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ObservableError {
    #[error("an observable needs at least one Pauli string, for example `0.5*ZZI - XIX`")]
    Empty,
    #[error("expected {expected} at position {at}")]
    Unexpected { at: usize, expected: &'static str },
    #[error("a Pauli string has one letter for each of the {expected} qubits; `{found}` has {len}")]
    Width { expected: usize, found: String, len: usize },
}

/// Strings of an observable whose square is written out, at most.
const MAX_SQUARED_TERMS: usize = 48;

impl Observable {
    /// `O²`. Strings that anticommute leave nothing behind, others their product with a sign. None for more than 48
    /// strings, or qubits from 64 on.
    pub fn squared(&self) -> Option<Self> {
        let inside = self.terms.iter().flat_map(|t| &t.paulis).all(|&(q, _)| q < 64);
        if self.terms.len() > MAX_SQUARED_TERMS || !inside {
            return None;
        }
        let mut sums = std::collections::BTreeMap::<(u64, u64), f64>::new();
        for a in &self.terms {
            let (ax, az) = a.masks();
            for b in &self.terms {
                let (bx, bz) = b.masks();
                if ((az & bx).count_ones() + (ax & bz).count_ones()) % 2 == 1 {
                    continue;
                }
                // A string is i^|x·z| X^x Z^z, and Z^z X^x' = (-1)^|z·x'| X^x' Z^z.
                let (x, z) = (ax ^ bx, az ^ bz);
                let quarters =
                    (ax & az).count_ones() + (bx & bz).count_ones() + 2 * (az & bx).count_ones();
                let turns = (quarters + 64 * 4 - (x & z).count_ones()) % 4;
                let sign = if turns == 0 { 1.0 } else { -1.0 };
                *sums.entry((x, z)).or_default() += sign * a.weight * b.weight;
            }
        }
        let term = |((x, z), weight): ((u64, u64), f64)| {
            let pauli = |q: u32| match (x >> q & 1, z >> q & 1) {
                (1, 0) => Some((q, Pauli::X)),
                (1, 1) => Some((q, Pauli::Y)),
                (0, 1) => Some((q, Pauli::Z)),
                _ => None,
            };
            PauliTerm { weight, paulis: (0..64).filter_map(pauli).collect() }
        };
        Some(Self { terms: sums.into_iter().map(term).collect() })
    }

    /// Reads a sum of terms `[+|-] [number [*]] PAULIS`, where `PAULIS` is one letter of `IXYZ` per
    /// qubit, highest qubit first.
    pub fn parse(text: &str, num_qubits: usize) -> Result<Self, ObservableError> {
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        let mut terms = Vec::new();
        let skip = |at: &mut usize| {
            while chars.get(*at).is_some_and(|c| c.is_whitespace()) {
                *at += 1;
            }
        };
        loop {
            skip(&mut at);
            if at == chars.len() {
                break;
            }
            let mut sign = 1.0;
            match chars[at] {
                '+' => at += 1,
                '-' => {
                    sign = -1.0;
                    at += 1;
                }
                _ if terms.is_empty() => {}
                _ => return Err(ObservableError::Unexpected { at, expected: "`+` or `-`" }),
            }
            skip(&mut at);
            let start = at;
            while chars.get(at).is_some_and(|&c| {
                c.is_ascii_digit()
                    || c == '.'
                    || c == 'e'
                    || c == 'E'
                    || (matches!(c, '+' | '-')
                        && matches!(chars.get(at.wrapping_sub(1)), Some('e' | 'E')))
            }) {
                at += 1;
            }
            let mut weight = sign;
            if at > start {
                let number: String = chars[start..at].iter().collect();
                let value: f64 = number
                    .parse()
                    .ok()
                    .filter(|v: &f64| v.is_finite())
                    .ok_or(ObservableError::Unexpected { at: start, expected: "a number" })?;
                weight *= value;
                skip(&mut at);
                if chars.get(at) == Some(&'*') {
                    at += 1;
                    skip(&mut at);
                }
            }
            let start = at;
            while chars.get(at).is_some_and(|c| matches!(c, 'I' | 'X' | 'Y' | 'Z')) {
                at += 1;
            }
            if at == start {
                return Err(ObservableError::Unexpected {
                    at,
                    expected: "a Pauli string such as `ZZI`",
                });
            }
            let letters = &chars[start..at];
            if letters.len() != num_qubits {
                return Err(ObservableError::Width {
                    expected: num_qubits,
                    found: letters.iter().take(40).collect(),
                    len: letters.len(),
                });
            }
            let paulis = (0_u32..)
                .zip(letters.iter().rev())
                .filter_map(|(q, c)| match c {
                    'X' => Some((q, Pauli::X)),
                    'Y' => Some((q, Pauli::Y)),
                    'Z' => Some((q, Pauli::Z)),
                    _ => None,
                })
                .collect();
            terms.push(PauliTerm { weight, paulis });
        }
        if terms.is_empty() { Err(ObservableError::Empty) } else { Ok(Self { terms }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_of_sums_keep_what_commutes() {
        let square = |text: &str, n| Observable::parse(text, n).unwrap().squared().unwrap();
        let parse = |text: &str, n| Observable::parse(text, n).unwrap();
        assert_eq!(square("X + Z", 1).terms, [PauliTerm { weight: 2.0, paulis: vec![] }]);
        // ZZ·XX = -YY.
        let found = square("0.5*ZZ + XX", 2);
        assert_eq!(found.terms[0], PauliTerm { weight: 1.25, paulis: vec![] });
        assert_eq!(found.terms[1..], parse("-YY", 2).terms);
        // XY·YX = ZZ.
        assert_eq!(square("XY + YX", 2).terms[1..], parse("2*ZZ", 2).terms);
    }

    #[test]
    fn the_leftmost_letter_is_the_highest_qubit() {
        let o = Observable::parse("0.5*ZZI - XIX", 3).unwrap();
        assert_eq!(
            o.terms[0],
            PauliTerm { weight: 0.5, paulis: vec![(1, Pauli::Z), (2, Pauli::Z)] }
        );
        assert_eq!(
            o.terms[1],
            PauliTerm { weight: -1.0, paulis: vec![(0, Pauli::X), (2, Pauli::X)] }
        );
    }

    #[test]
    fn bad_observables_say_where() {
        assert_eq!(Observable::parse("  ", 2), Err(ObservableError::Empty));
        assert!(matches!(
            Observable::parse("ZZ XX", 2),
            Err(ObservableError::Unexpected { at: 3, .. })
        ));
        assert!(matches!(Observable::parse("ZZZ", 2), Err(ObservableError::Width { .. })));
        assert!(matches!(
            Observable::parse("1e999*ZZ", 2),
            Err(ObservableError::Unexpected { .. })
        ));
    }

    #[test]
    fn y_flips_and_signs() {
        let o = Observable::parse("YX", 2).unwrap();
        assert_eq!(o.terms[0].masks(), (0b11, 0b10));
    }
}
