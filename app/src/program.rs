//! From text to picture: reads OpenQASM, checks it, and lays it out as a document.

use std::collections::BTreeMap;

use api::run::{Diagnostic, Severity};
use editor::Document;
use qasm::LineIndex;

/// What reading a text gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    pub picture: Picture,
    /// In order of place.
    pub diagnostics: Vec<Diagnostic>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Picture {
    Drawn(Document),
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
        Some(circuit) => match editor::from_circuit(&circuit, text) {
            Ok(document) => Picture::Drawn(document),
            Err(error) => Picture::None(error.to_string()),
        },
    };
    Reading { picture, diagnostics }
}

/// Values of the program's inputs, as the document has them.
pub fn inputs(document: &Document) -> BTreeMap<String, String> {
    document.inputs().map(|(name, value)| (name.to_owned(), value.to_string())).collect()
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
            Picture::Drawn(document) => document,
            other => panic!("{other:?} for {text}"),
        }
    }

    #[test]
    fn every_example_is_drawn_without_remarks() {
        for example in EXAMPLES {
            let reading = read(example.text);
            assert_eq!(reading.diagnostics, [], "{}", example.name);
            assert!(matches!(reading.picture, Picture::Drawn(_)), "{}", example.name);
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
    fn a_problem_has_its_line_and_column() {
        let reading =
            read("OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\ncx q[0], q[0];\n");
        assert_eq!(reading.picture, Picture::Broken);
        let d = &reading.diagnostics[0];
        assert_eq!((d.severity, d.line), (Severity::Error, 4));
        assert!(d.column >= 1 && (d.end_line, d.end_column) > (d.line, d.column));
    }
}
