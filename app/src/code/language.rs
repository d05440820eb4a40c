//! What the text editors know about OpenQASM: tokens for color, words to complete, help on a word.
//! Tokens come from the lexer of `qasm`, gates from the gate table, names from the program itself.

use std::collections::BTreeSet;

use circuit::Gate;
use circuit::gate::{GATES, GateSpec};
use qasm::Version;
use qasm::lex::{Kw, Lexed, Tok, lex};
use serde::Serialize;

/// What a piece of text is. The numbers are those of the classes in `vendor/code.js`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    Plain,
    Keyword,
    Gate,
    Number,
    String,
    Comment,
    Type,
}

impl Kind {
    /// Style class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Keyword => "tok-keyword",
            Self::Gate => "tok-gate",
            Self::Number => "tok-number",
            Self::String => "tok-string",
            Self::Comment => "tok-comment",
            Self::Type => "tok-type",
        }
    }
}

/// Names that the language itself gives to numbers.
const CONSTANTS: &[&str] = &["pi", "π", "tau", "τ", "euler", "ℇ"];
/// Reserved words that begin a declaration.
const TYPES: &[&str] = &[
    "qreg", "qubit", "creg", "bool", "bit", "int", "uint", "float", "angle", "complex", "array",
    "void", "duration", "stretch",
];
/// Functions of constant expressions, with what they give.
const FUNCTIONS: &[(&str, &str)] = &[
    ("sin", "sine of an angle in radians"),
    ("cos", "cosine of an angle in radians"),
    ("tan", "tangent of an angle in radians"),
    ("arcsin", "inverse sine, in radians"),
    ("arccos", "inverse cosine, in radians"),
    ("arctan", "inverse tangent, in radians"),
    ("exp", "e to a power"),
    ("log", "natural logarithm"),
    ("sqrt", "square root"),
    ("ceiling", "next integer above"),
    ("floor", "next integer below"),
    ("mod", "remainder of a division"),
    ("popcount", "number of ones among bits"),
    ("rotl", "bits rotated to the left"),
    ("rotr", "bits rotated to the right"),
    ("sizeof", "length of an array"),
];
/// Names of a longer text are not gathered for completion.
const MAX_NAMES_FROM: usize = 256 << 10;

/// Pieces of `text` that have a color: kind and byte range, in order. `in_comment` says whether it
/// begins inside `/* … */`.
pub fn tokens(text: &str, in_comment: bool) -> Vec<(Kind, std::ops::Range<usize>)> {
    let mut out = Vec::new();
    let mut start = 0;
    if in_comment {
        start = text.find("*/").map_or(text.len(), |end| end + 2);
        if start > 0 {
            out.push((Kind::Comment, 0..start));
        }
    }
    let rest = &text[start..];
    // Version 3 has all words of version 2 but one.
    let Lexed { tokens, comments, .. } = lex(rest, Version::V3);
    let mut comments = comments.iter().map(|c| c.start as usize..c.end as usize).peekable();
    for token in tokens {
        let range = token.span.start as usize..token.span.end as usize;
        while let Some(comment) = comments.next_if(|c| c.start < range.start) {
            out.push((Kind::Comment, comment.start + start..comment.end + start));
        }
        let word = rest.get(range.clone()).unwrap_or_default();
        let (kind, range) = match token.kind {
            // An open comment takes the rest.
            Tok::Error if word.starts_with("/*") => (Kind::Comment, range.start..rest.len()),
            Tok::Error if word.starts_with('"') => (Kind::String, range),
            Tok::Kw(_) => (if TYPES.contains(&word) { Kind::Type } else { Kind::Keyword }, range),
            Tok::Ident => (kind_of(word), range),
            Tok::Int | Tok::Float | Tok::Imaginary | Tok::Timing => (Kind::Number, range),
            Tok::BitString | Tok::Str => (Kind::String, range),
            Tok::Annotation | Tok::Pragma => (Kind::Comment, range),
            _ => (Kind::Plain, range),
        };
        if kind != Kind::Plain && !range.is_empty() {
            out.push((kind, range.start + start..range.end + start));
        }
    }
    out.extend(comments.map(|c| (Kind::Comment, c.start + start..c.end + start)));
    out
}

fn kind_of(word: &str) -> Kind {
    if word == "opaque" {
        Kind::Keyword
    } else if CONSTANTS.contains(&word) {
        Kind::Number
    } else if gate(word).is_some() {
        Kind::Gate
    } else {
        Kind::Plain
    }
}

/// The table's gate of this name. Aliases of one letter, `i` for one, are more often variables.
fn gate(word: &str) -> Option<&'static GateSpec> {
    Gate::by_name(word).map(Gate::spec).filter(|spec| spec.name == word || word.len() > 1)
}

/// What is said about a word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Help {
    /// As it is written: `crx(theta) control, target`.
    pub signature: String,
    pub doc: String,
    /// In terms of other gates; may be empty.
    pub definition: String,
}

/// Something that can be written here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completion {
    pub label: String,
    /// `gate`, `keyword`, `constant`, `function`, `variable`.
    pub kind: &'static str,
    pub detail: String,
    pub help: Option<Help>,
    /// Higher ones come first among equal matches.
    pub boost: i8,
}

/// Help on a word of the language: a gate, a constant, a function.
pub fn help(word: &str) -> Option<Help> {
    if let Some(spec) = gate(word) {
        return Some(gate_help(spec, word));
    }
    let (name, doc) = FUNCTIONS.iter().find(|f| f.0 == word)?;
    Some(Help {
        signature: format!("{name}(x)"),
        doc: (*doc).to_owned(),
        definition: String::new(),
    })
}

fn gate_help(spec: &GateSpec, name: &str) -> Help {
    let params: Vec<&str> = spec.params.iter().map(|p| p.name()).collect();
    let params = if params.is_empty() { String::new() } else { format!("({})", params.join(", ")) };
    let qubits = ["a", "b", "c", "d", "e"][..spec.num_qubits()].join(", ");
    Help {
        signature: format!("{name}{params} {qubits}"),
        doc: spec.doc.trim().to_owned(),
        definition: spec.definition.trim().to_owned(),
    }
}

/// Everything that may be written where a word begins: the names of `text`, gates, words.
pub fn completions(text: &str) -> Vec<Completion> {
    let mut out = Vec::new();
    let version_2 = text.lines().take(64).any(|l| l.trim_start().starts_with("OPENQASM 2"));
    let version = if version_2 { Version::V2 } else { Version::V3 };
    for name in own_names(text, version) {
        out.push(Completion {
            label: name,
            kind: "variable",
            detail: String::new(),
            help: None,
            boost: 2,
        });
    }
    for spec in GATES {
        let help = gate_help(spec, spec.name);
        let detail = help.signature[spec.name.len()..].to_owned();
        out.push(Completion {
            label: spec.name.into(),
            kind: "gate",
            detail,
            help: Some(help),
            boost: 1,
        });
    }
    for word in Kw::all(version) {
        out.push(Completion {
            label: word.into(),
            kind: "keyword",
            detail: String::new(),
            help: None,
            boost: 0,
        });
    }
    for constant in ["pi", "tau", "euler"].iter().take(if version_2 { 1 } else { 3 }) {
        out.push(Completion {
            label: (*constant).into(),
            kind: "constant",
            detail: String::new(),
            help: None,
            boost: 0,
        });
    }
    if !version_2 {
        for (name, doc) in FUNCTIONS {
            out.push(Completion {
                label: (*name).into(),
                kind: "function",
                detail: (*doc).into(),
                help: None,
                boost: -1,
            });
        }
    }
    out
}

/// Names that the text uses and that neither the language nor the gate table has.
fn own_names(text: &str, version: Version) -> BTreeSet<String> {
    if text.len() > MAX_NAMES_FROM {
        return BTreeSet::new();
    }
    let word = |t: &qasm::lex::Token| text.get(t.span.start as usize..t.span.end as usize);
    lex(text, version)
        .tokens
        .iter()
        .filter(|t| t.kind == Tok::Ident)
        .filter_map(word)
        .filter(|w| w.len() > 1 && gate(w).is_none() && !CONSTANTS.contains(w))
        .filter(|w| FUNCTIONS.iter().all(|f| f.0 != *w))
        .map(str::to_owned)
        .collect()
}

/// Byte positions of `offsets` (bytes, growing) in UTF-16 units.
pub fn utf16_from_bytes(text: &str, offsets: impl IntoIterator<Item = usize>) -> Vec<usize> {
    let (mut bytes, mut units) = (0, 0);
    offsets
        .into_iter()
        .map(|offset| {
            let part = text.get(bytes..offset.min(text.len())).unwrap_or_default();
            units += if part.is_ascii() { part.len() } else { part.encode_utf16().count() };
            bytes += part.len();
            units
        })
        .collect()
}

/// The byte position of a position in UTF-16 units.
pub fn byte_from_utf16(text: &str, offset: usize) -> usize {
    if text.is_ascii() {
        return offset.min(text.len());
    }
    let mut units = 0;
    for (at, c) in text.char_indices() {
        if units >= offset {
            return at;
        }
        units += c.len_utf16();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, &str)> {
        tokens(text, false).into_iter().map(|(kind, range)| (kind, &text[range])).collect()
    }

    #[test]
    fn words_numbers_and_comments_have_their_colors() {
        assert_eq!(
            kinds("rx(pi/2) q[0]; // turn"),
            [
                (Kind::Gate, "rx"),
                (Kind::Number, "pi"),
                (Kind::Number, "2"),
                (Kind::Number, "0"),
                (Kind::Comment, "// turn"),
            ]
        );
        assert_eq!(kinds("1.5e-3"), [(Kind::Number, "1.5e-3")]);
        assert_eq!(
            kinds("include \"a.inc\";"),
            [(Kind::Keyword, "include"), (Kind::String, "\"a.inc\"")]
        );
        assert_eq!(kinds("\"open"), [(Kind::String, "\"open")]);
        assert_eq!(kinds("qubit é;")[0], (Kind::Type, "qubit"));
        assert_eq!(kinds("a /* b */ c"), [(Kind::Comment, "/* b */")]);
        assert_eq!(
            kinds("h q; /* never\nclosed"),
            [(Kind::Gate, "h"), (Kind::Comment, "/* never\nclosed")]
        );
    }

    #[test]
    fn a_text_may_begin_inside_a_comment() {
        assert_eq!(tokens("b */ x q;", true), [(Kind::Comment, 0..4), (Kind::Gate, 5..6)]);
        assert_eq!(tokens("no end", true), [(Kind::Comment, 0..6)]);
    }

    #[test]
    fn tokens_are_in_order_and_do_not_overlap() {
        for text in [
            "",
            "a/b/*c*/d",
            "/*",
            "π*½ \"x",
            "@ketlab.x y",
            "if(c==3) x q[1];",
            "💥 h q; // é\n#x",
        ] {
            let all = tokens(text, false);
            assert!(all.windows(2).all(|w| w[0].1.end <= w[1].1.start), "{text}: {all:?}");
            assert!(all.iter().all(|t| text.get(t.1.clone()).is_some()), "{text}");
        }
    }

    #[test]
    fn help_tells_signature_sentence_and_definition() {
        let cp = help("cp").expect("a gate");
        assert_eq!(
            cp.signature,
            "cp(lambda) a, b".replace("lambda", gate("cp").expect("there").params[0].name())
        );
        assert!(!cp.doc.is_empty() && !cp.definition.is_empty());
        assert!(help("sqrt").is_some());
        assert_eq!(help("q"), None);
        assert_eq!(help("i"), None);
    }

    #[test]
    fn names_gates_and_words_complete() {
        let all = completions("OPENQASM 3.0;\nqubit[2] data;\ninput float theta;\n");
        let has = |label: &str, kind: &str| all.iter().any(|c| c.label == label && c.kind == kind);
        assert!(has("data", "variable") && has("theta", "variable"));
        assert!(has("crx", "gate") && has("qubit", "keyword") && has("arcsin", "function"));
        let old = completions("OPENQASM 2.0;\nqreg q[1];\n");
        assert!(old.iter().any(|c| c.label == "creg") && !old.iter().any(|c| c.label == "qubit"));
    }

    #[test]
    fn positions_are_counted_in_both_ways() {
        let text = "aé💥b";
        assert_eq!(utf16_from_bytes(text, [0, 1, 3, 7, 8]), [0, 1, 2, 4, 5]);
        for (bytes, units) in [(0, 0), (1, 1), (3, 2), (7, 4), (8, 5), (8, 99)] {
            assert_eq!(byte_from_utf16(text, units), bytes);
        }
    }
}
