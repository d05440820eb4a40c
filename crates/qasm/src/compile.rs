//! From text to circuit in one call.

use std::collections::BTreeMap;
use std::sync::Arc;

use circuit::Circuit;

use crate::ast::Version;
use crate::diagnostic::Diagnostic;
use crate::lower;
use crate::parse;

/// Bounds that are checked before work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of the text and of all that it includes.
    pub source_bytes: usize,
    pub qubits: u32,
    /// Of all classical bits.
    pub clbits: u32,
    /// Elements of one array, and of all arrays together.
    pub array_elements: u64,
    /// Operations that the program expands to as far as that is known without running it: gates
    /// unrolled, registers broadcast, loops of known length repeated.
    pub operations: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            source_bytes: parse::MAX_SOURCE_BYTES,
            qubits: 100_000,
            clbits: 1_000_000,
            array_elements: 4_000_000,
            operations: 100_000_000,
        }
    }
}

/// What a program may see of the world.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Files that it may include, by the name that it writes.
    pub includes: BTreeMap<String, String>,
    pub limits: Limits,
}

/// A program, read and checked.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// None if there are errors.
    pub circuit: Option<Arc<Circuit>>,
    /// In order of place. Spans are of the main text; what is wrong in an included file is told at
    /// the `include`.
    pub diagnostics: Vec<Diagnostic>,
    pub version: Version,
}

impl Compiled {
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Reads, checks and lowers a program.
pub fn compile(text: &str, options: &Options) -> Compiled {
    if text.len() > options.limits.source_bytes {
        let message = format!(
            "the text has {} bytes; at most {} are read",
            text.len(),
            options.limits.source_bytes
        );
        let d = Diagnostic::error("source_too_long", crate::Span::default(), message);
        return Compiled { circuit: None, diagnostics: vec![d], version: Version::V3 };
    }
    let parsed = parse::parse(text);
    let version = parsed.ast.version;
    let mut diagnostics = parsed.diagnostics;
    if diagnostics.iter().any(Diagnostic::is_error) {
        // What a broken text declares is not known: remarks on its meaning would be noise.
        return Compiled { circuit: None, diagnostics, version };
    }
    let (circuit, more) = lower::lower(&parsed.ast, &parsed.comments, options);
    diagnostics.extend(more);
    diagnostics.sort_by_key(|d| (d.span.start, d.span.end));
    let circuit =
        if diagnostics.iter().any(Diagnostic::is_error) { None } else { circuit.map(Arc::new) };
    Compiled { circuit, diagnostics, version }
}
