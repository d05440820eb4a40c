//! From text to picture: reads OpenQASM and lays it out as a document.

use std::collections::BTreeMap;

use api::run::Diagnostic;
use editor::Document;

/// What reading a text gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Absent where the text has errors.
    pub document: Option<Document>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads `text`.
pub fn read(_text: &str) -> Reading {
    Reading { document: None, diagnostics: Vec::new() }
}

/// Values of the program's inputs, as the document has them.
pub fn inputs(document: &Document) -> BTreeMap<String, String> {
    document.inputs().map(|(name, value)| (name.to_owned(), value.to_string())).collect()
}
