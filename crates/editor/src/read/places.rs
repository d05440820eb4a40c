//! Where what was read stands in the text.

use std::ops::Range;

use circuit::Span;

use super::{OpId, Reader, Statement, StatementKind, VarRef};
use crate::emit::has_word;
use crate::source::{Declared, Segment, Source};

impl Reader<'_> {
    /// The place of a statement in the main text, with the `;` that ends it.
    fn extent(&self, span: Span) -> Option<Range<usize>> {
        let text = self.slice(span)?;
        let start = span.start as usize + (text.len() - text.trim_start().len());
        let mut end = start + text.trim().len();
        if !text.trim_end().ends_with([';', '}']) {
            let rest = self.text.get(end..)?;
            if rest.trim_start().starts_with(';') {
                end += rest.len() - rest.trim_start().len() + 1;
            }
        }
        Some(start..end)
    }

    /// Notes where `operations` are said.
    pub(super) fn note(&mut self, statement: &Statement, operations: Vec<OpId>) {
        if operations.is_empty() {
            return;
        }
        let mut span = statement.span;
        for annotation in statement.annotations.iter().flat_map(|a| a.iter()) {
            span = span.to(annotation.span);
        }
        let declares = match &statement.kind {
            StatementKind::Declare { var: var @ VarRef::Global(_), .. } => {
                self.bits_of(*var).map(|bits| Declared::Clbits(bits.register as usize))
            }
            _ => None,
        };
        if let Some(range) = self.extent(span) {
            self.segments.push(Segment { range, declares, operations });
        }
    }

    /// Everything's place. Call when all is read.
    pub(super) fn source(&mut self) -> Source {
        let mut segments = std::mem::take(&mut self.segments);
        let mut declared: Vec<(Span, Declared)> = Vec::new();
        let mut whole = self.renamed.is_empty();
        for (i, register) in self.circuit.registers.iter().enumerate() {
            if register.name.starts_with('$') {
                whole = false;
            }
            declared.push((self.with_body(self.around(register.span)), Declared::Qubits(i)));
        }
        let mut parameters = 0;
        for (v, variable) in (0..).zip(&self.circuit.variables) {
            let what = if let Some(bits) = self.bits[v as usize] {
                Declared::Clbits(bits.register as usize)
            } else if self.is_parameter(v) {
                parameters += 1;
                Declared::Parameter(parameters - 1)
            } else {
                continue;
            };
            if segments.iter().all(|s| s.declares != Some(what)) {
                declared.push((self.around(variable.span), what));
            }
        }
        for (i, span) in self.defined.iter().enumerate() {
            declared.push((*span, Declared::Definition(i)));
        }
        for (span, what) in declared {
            match self.extent(span).filter(|range| is_declaration(&self.text[range.clone()], what))
            {
                Some(range) => {
                    segments.push(Segment { range, declares: Some(what), operations: Vec::new() });
                }
                None => whole = false,
            }
        }
        segments.sort_by_key(|s| s.range.start);
        whole &= segments.windows(2).all(|w| w[0].range.end <= w[1].range.start);
        let said: usize = segments.iter().map(|s| s.operations.len()).sum();
        whole &= said == self.num_operations;
        let mut comments = std::mem::take(&mut self.shown);
        comments.sort_by_key(|c| c.start);
        let version_2 = self.version_2 || looks_like_version_2(self.text);
        Source { segments, comments, version_2, whole }
    }
}

/// Whether a text without a version is written as OpenQASM 2: what is added is then said so too.
fn looks_like_version_2(text: &str) -> bool {
    !has_word(text, "OPENQASM")
        && (has_word(text, "qreg") || has_word(text, "creg") || text.contains("qelib1.inc"))
}

/// Whether the text of a declaration begins as one does: a name alone is not enough to rewrite it.
fn is_declaration(text: &str, what: Declared) -> bool {
    let starts: &[&str] = match what {
        Declared::Qubits(_) => &["qubit", "qreg"],
        Declared::Clbits(_) => &["bit", "creg", "input", "output"],
        Declared::Parameter(_) => &["input"],
        Declared::Definition(_) => return true,
    };
    starts.iter().any(|start| text.starts_with(start))
}
