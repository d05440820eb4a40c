//! Random tokens, and the hashes under which they are kept.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// 256 random bits from the system, hexadecimal.
pub fn random() -> String {
    hex(&rand::random::<[u8; 32]>())
}

/// `count` letters and digits that are not mistaken for each other, for people to type: each one of 31.
pub fn code(count: usize) -> String {
    const SIGNS: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    let mut code = String::with_capacity(count);
    while code.len() < count {
        // Of 256 values the last 8 would favour the first signs.
        let byte = usize::from(rand::random::<u8>());
        if byte < 256 / SIGNS.len() * SIGNS.len() {
            code.push(char::from(SIGNS[byte % SIGNS.len()]));
        }
    }
    code
}

/// SHA-256, hexadecimal. Enough for what has 128 random bits or more; passwords go to Argon2.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        write!(text, "{byte:02x}").expect("a String");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_have_their_length() {
        assert_ne!(random(), random());
        assert_eq!((random().len(), code(10).len()), (64, 10));
        assert!(!code(200).contains(['0', 'O', '1', 'I', 'L']));
    }

    #[test]
    fn the_hash_is_the_known_one() {
        // FIPS 180-2, appendix B.1.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc"), known);
    }
}
