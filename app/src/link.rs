//! A circuit in the fragment of an address, which browsers do not send to a server:
//! `c=` and the project's JSON, deflated, in base64url.

use api::project::{Project, VERSION};
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

const PREFIX: &str = "c=";
/// Longer addresses are cut by some programs on the way.
const MAX_LINK_BYTES: usize = 30_000;
/// A link from anywhere may unpack to this, no more.
const MAX_UNPACKED_BYTES: usize = 4 << 20;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Whether a fragment is meant to hold a circuit.
pub fn is_link(fragment: &str) -> bool {
    fragment.starts_with(PREFIX)
}

/// None where the link would be too long.
pub fn encode(project: &Project) -> Option<String> {
    let json = serde_json::to_vec(project).ok()?;
    let text = format!("{PREFIX}{}", to_base64(&compress_to_vec(&json, 9)));
    (text.len() <= MAX_LINK_BYTES).then_some(text)
}

/// None where it is no project, or one of a later version of the page.
pub fn decode(fragment: &str) -> Option<Project> {
    let packed = from_base64(fragment.strip_prefix(PREFIX)?)?;
    let json = decompress_to_vec_with_limit(&packed, MAX_UNPACKED_BYTES).ok()?;
    serde_json::from_slice(&json).ok().filter(|p: &Project| p.version <= VERSION)
}

fn to_base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |w, &b| w << 8 | u32::from(b)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            out.push(ALPHABET[(word >> (18 - 6 * i)) as usize & 63] as char);
        }
    }
    out
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut word, mut bits) = (0_u32, 0);
    for c in text.bytes() {
        let digit = ALPHABET.iter().position(|&a| a == c)?;
        word = word << 6 | u32::try_from(digit).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push(((word >> bits) & 0xff) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::project::RunSettings;
    use api::run::Program;

    fn project(text: &str) -> Project {
        Project {
            version: VERSION,
            name: "Näme".into(),
            program: Program::openqasm(text),
            settings: RunSettings::default(),
            inputs: [("theta".to_owned(), "pi/4".to_owned())].into(),
            hidden: vec!["q[1]".to_owned()],
        }
    }

    #[test]
    fn a_link_holds_the_whole_circuit() {
        for text in ["", "h q;", "OPENQASM 3.0;\nqubit[3] q;\n// π\n"] {
            let p = project(text);
            let fragment = encode(&p).expect("short");
            assert!(fragment.bytes().skip(2).all(|b| ALPHABET.contains(&b)), "{fragment}");
            assert_eq!(decode(&fragment), Some(p));
        }
    }

    #[test]
    fn broken_links_are_refused() {
        let good = encode(&project("h q;")).expect("short");
        for bad in ["", "c=", "c=%%%", "c=AAAA", &good[..good.len() / 2], "x=abc"] {
            assert_eq!(decode(bad), None, "{bad}");
        }
        let mut later = project("h q;");
        later.version = VERSION + 1;
        assert_eq!(decode(&encode(&later).expect("short")), None);
    }

    #[test]
    fn links_stay_short_and_unpack_to_little() {
        let noise: String = (0..200_000_u64)
            .map(|i| char::from(b'a' + (i * i * 7919 % 23 * (i % 11) % 26) as u8))
            .collect();
        let packed = encode(&project(&noise));
        assert!(packed.is_none_or(|p| p.len() <= MAX_LINK_BYTES));
        let bomb = to_base64(&compress_to_vec(&vec![b' '; MAX_UNPACKED_BYTES + 1], 9));
        assert_eq!(decode(&format!("c={bomb}")), None);
    }
}
