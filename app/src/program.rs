//! From text to picture: reads OpenQASM, checks it, and lays it out as a document. And back, to the
//! other version of the language.

use std::sync::Arc;

use api::run::{Diagnostic, Severity};
use editor::{Document, Source, What};
use qasm::lex::{Tok, lex};
use qasm::{LineIndex, Version};

/// What reading a text gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub picture: Picture,
    /// In order of place.
    pub diagnostics: Vec<Diagnostic>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Picture {
    Drawn(Document, Arc<Source>),
    /// The text has errors.
    Broken,
    /// A program that runs and has no picture; why.
    None(String),
}

/// Reads `text`. Takes time in proportion to its length: long texts belong to the worker.
pub fn read(text: &str) -> Reading {
    let compiled = qasm::compile(text, &qasm::Options::default());
    let index = LineIndex::new(text);
    let diagnostics = compiled.diagnostics.iter().map(|d| remark(d, text, &index)).collect();
    let picture = match compiled.circuit {
        None => Picture::Broken,
        Some(circuit) => match editor::with_source(&circuit, text) {
            Ok((document, source)) => Picture::Drawn(document, Arc::new(source)),
            Err(error) => Picture::None(error.to_string()),
        },
    };
    Reading { picture, diagnostics }
}

/// An `input` that a program declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    pub name: String,
    /// As written: `float[64]`, `bit[4]`.
    pub ty: String,
}

impl Input {
    /// A real number, which expressions such as `pi/4` give.
    pub fn is_real(&self) -> bool {
        self.ty.starts_with("float") || self.is_angle()
    }

    pub fn is_angle(&self) -> bool {
        self.ty.starts_with("angle")
    }

    /// What a field for it takes, as an example.
    pub fn example(&self) -> &'static str {
        if self.is_real() {
            "pi/4"
        } else if self.ty.starts_with("bool") {
            "true"
        } else if self.ty.starts_with("bit") {
            "\"01\""
        } else {
            "3"
        }
    }
}

/// Inputs are looked for in so much of a text.
const MAX_INPUTS_FROM: usize = 64 << 10;

/// The inputs that a text declares, right or wrong, in order.
pub fn inputs(text: &str) -> Vec<Input> {
    if !text.contains("input") {
        return Vec::new();
    }
    let mut end = text.len().min(MAX_INPUTS_FROM);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    let tokens = lex(text, Version::V3).tokens;
    let mut out = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != Tok::Kw(qasm::lex::Kw::Input) {
            continue;
        }
        let statement: Vec<_> = tokens[at + 1..]
            .iter()
            .take(16)
            .take_while(|t| !matches!(t.kind, Tok::P(";") | Tok::Eof))
            .collect();
        if let [first, .., name] = statement.as_slice()
            && name.kind == Tok::Ident
        {
            let slice =
                |from: u32, to: u32| text.get(from as usize..to as usize).unwrap_or_default();
            let ty = slice(first.span.start, name.span.start).trim().to_owned();
            let name = slice(name.span.start, name.span.end).to_owned();
            if out.iter().all(|i: &Input| i.name != name) {
                out.push(Input { name, ty });
            }
        }
    }
    out
}

/// Whether a text says that it is OpenQASM 2.
pub fn is_version_2(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start);
    match lines.find(|l| l.starts_with("OPENQASM")) {
        Some(line) => line["OPENQASM".len()..].trim_start().starts_with('2'),
        None => {
            text.lines().any(|l| l.trim_start().starts_with("qreg") || l.contains("qelib1.inc"))
        }
    }
}

/// `text` in a version of OpenQASM: as it is where it is in that version already, else written anew.
/// An error says why it cannot be.
pub fn in_version(text: &str, version_2: bool) -> Result<String, String> {
    if is_version_2(text) == version_2 {
        return Ok(text.to_owned());
    }
    let compiled = qasm::compile(text, &qasm::Options::default());
    let Some(circuit) = compiled.circuit else {
        return Err(compiled.diagnostics.first().map_or_else(String::new, |d| d.message.clone()));
    };
    if version_2 {
        qasm::emit2(&circuit).map_err(|e| e.to_string())
    } else {
        Ok(qasm::emit3(&circuit))
    }
}

/// Whether the exact distribution over the outcomes is had beside the counts in no time: few qubits,
/// and few measurements that the program goes on after.
pub fn is_exact_cheap(document: &Document) -> bool {
    const QUBITS: u32 = 12;
    const BRANCHES: usize = 8;
    if document.num_qubits() == 0 || document.num_qubits() > QUBITS {
        return false;
    }
    // From the end: a measurement is terminal if nothing follows on its qubit.
    let mut used = vec![false; document.num_qubits() as usize];
    let mut branching = 0;
    for column in document.columns.iter().rev() {
        for op in &column.operations {
            let followed = op.qubits().any(|q| used[q.index()]);
            match op.what {
                What::Text { .. } => return false,
                What::Measure { .. } => branching += usize::from(followed),
                What::Reset => branching += 1,
                _ => branching += usize::from(op.condition.is_some()),
            }
            if !matches!(op.what, What::Barrier | What::Display(_)) {
                op.qubits().for_each(|q| used[q.index()] = true);
            }
        }
    }
    branching <= BRANCHES
}

fn remark(d: &qasm::Diagnostic, text: &str, index: &LineIndex) -> Diagnostic {
    let (start, end) = (index.line_column(text, d.span.start), index.line_column(text, d.span.end));
    Diagnostic {
        severity: match d.severity {
            qasm::Severity::Note => Severity::Note,
            qasm::Severity::Warning => Severity::Warning,
            qasm::Severity::Error => Severity::Error,
        },
        code: d.code.to_owned(),
        message: d.message.clone(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        help: d.help.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::examples::EXAMPLES;

    fn drawn(text: &str) -> Document {
        match read(text).picture {
            Picture::Drawn(document, _) => document,
            other => panic!("{other:?} for {text}"),
        }
    }

    #[test]
    fn every_example_is_drawn_without_remarks() {
        for example in EXAMPLES {
            let reading = read(example.text);
            assert_eq!(reading.diagnostics, [], "{}", example.name);
            assert!(matches!(reading.picture, Picture::Drawn(..)), "{}", example.name);
        }
    }

    #[test]
    fn what_is_drawn_and_written_again_is_the_same_picture() {
        for example in EXAMPLES {
            let once = drawn(example.text);
            let text = editor::emit(&once);
            assert_eq!(editor::emit(&drawn(&text)), text, "{}", example.name);
        }
    }

    #[test]
    fn inputs_are_found_with_their_types() {
        let text = "// input int x;\nOPENQASM 3.0;\ninput float[64] theta;\ninput bit [4] mask ;\ninput angle a;\nqubit q;\ninput";
        let found: Vec<(String, String)> =
            inputs(text).into_iter().map(|i| (i.name, i.ty)).collect();
        let expected = [("theta", "float[64]"), ("mask", "bit [4]"), ("a", "angle")];
        assert_eq!(found, expected.map(|(n, t)| (n.to_owned(), t.to_owned())));
    }

    #[test]
    fn a_program_is_said_in_the_other_version() {
        let two =
            "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[2];\nh q[0]; // why\ncx q[0],q[1];\n";
        assert_eq!(in_version(two, true).as_deref(), Ok(two));
        let three = in_version(two, false).expect("version 3 says all that version 2 says");
        assert!(three.starts_with("OPENQASM 3") && three.contains("cx q[0], q[1];"), "{three}");
        assert!(is_version_2(&in_version(&three, true).expect("it came from there")));
        assert!(in_version("OPENQASM 3.0;\nqubit q;\nwhile (true) { }\n", true).is_err());
    }

    #[test]
    fn a_problem_has_its_line_and_column() {
        let reading =
            read("OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\ncx q[0], q[0];\n");
        assert_eq!(reading.picture, Picture::Broken);
        let d = &reading.diagnostics[0];
        assert_eq!((d.severity, d.line), (Severity::Error, 4));
        assert!(d.column >= 1 && (d.end_line, d.end_column) > (d.line, d.column));
    }
}
