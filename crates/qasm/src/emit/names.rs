//! Names that a text may use: no reserved word, none twice.

use std::collections::HashSet;

use crate::ast::Version;
use crate::lex::{Kw, Tok, lex};

pub(super) struct Names {
    version: Version,
    taken: HashSet<String>,
}

impl Names {
    pub fn new(version: Version, reserved: impl IntoIterator<Item = &'static str>) -> Self {
        let mut taken: HashSet<String> = Kw::all(version).map(str::to_owned).collect();
        taken.extend(["pi", "U", "CX", "opaque", "pragma"].map(str::to_owned));
        if version == Version::V3 {
            taken.extend(
                ["tau", "euler", "sizeof", "im", "dt", "ns", "us", "ms", "s"].map(str::to_owned),
            );
            taken.extend(circuit::Builtin::ALL.iter().map(|b| b.0.to_owned()));
        } else {
            taken.extend(["sin", "cos", "tan", "exp", "ln", "sqrt"].map(str::to_owned));
        }
        taken.extend(reserved.into_iter().map(str::to_owned));
        Self { version, taken }
    }

    /// `wanted` if it is free and a name, or one like it; from now on taken.
    pub fn take(&mut self, wanted: &str) -> String {
        let mut base = if self.is_name(wanted) { wanted.to_owned() } else { cleaned(wanted) };
        if self.version == Version::V2 {
            base = ascii_lowercase_start(&base);
        }
        let mut name = base.clone();
        let mut n = 0u32;
        while self.taken.contains(&name) {
            n += 1;
            name = format!("{base}_{n}");
        }
        self.taken.insert(name.clone());
        name
    }

    /// One that is given back when its block ends.
    pub fn release(&mut self, name: &str) {
        self.taken.remove(name);
    }

    fn is_name(&self, text: &str) -> bool {
        let lexed = lex(text, self.version);
        let [token, _] = lexed.tokens.as_slice() else { return false };
        // A reserved word is a name that is taken.
        matches!(token.kind, Tok::Ident | Tok::Kw(_)) && token.span.len() == text.len()
    }
}

fn cleaned(text: &str) -> String {
    let mut name: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '_' { c } else { '_' })
        .take(100)
        .collect();
    if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
        name.insert(0, '_');
    }
    name
}

/// Names of version 2 are ASCII and begin with a small letter.
fn ascii_lowercase_start(text: &str) -> String {
    let mut name: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name.insert_str(0, "v_");
    }
    name
}
