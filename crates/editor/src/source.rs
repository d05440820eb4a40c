//! Where a picture stands in the text it was read from.
//!
//! A [`Source`] belongs to one text and one document. It lists what the text declares and does, in
//! the order of the text, with byte ranges; what lies between (blank lines, comments, the version,
//! includes) is in no range.

use std::ops::Range;

use crate::document::OpId;

/// What a statement declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// Position in [`Header::qubits`](crate::Header::qubits).
    Qubits(usize),
    /// Position in [`Header::clbits`](crate::Header::clbits).
    Clbits(usize),
    /// Position in [`Header::parameters`](crate::Header::parameters).
    Parameter(usize),
    /// Position in [`Header::definitions`](crate::Header::definitions).
    Definition(usize),
}

/// One statement, with the `;` or `}` that ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Bytes of the text.
    pub range: Range<usize>,
    pub declares: Option<Declared>,
    /// The operations that it stands for: more than one where it names a whole register.
    pub operations: Vec<OpId>,
}

/// The statements of a text, and its comments as far as the picture shows them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// By place; ranges do not overlap.
    pub segments: Vec<Segment>,
    /// Bytes of each comment that a column shows, with its delimiters.
    pub comments: Vec<Range<usize>>,
    pub version_2: bool,
    /// All of the document is in the text under the names that the text has. Otherwise an edit
    /// writes the text anew.
    pub whole: bool,
}

impl Source {
    /// Where an operation is said.
    pub fn span_of(&self, id: OpId) -> Option<Range<usize>> {
        self.segments.iter().find(|s| s.operations.contains(&id)).map(|s| s.range.clone())
    }

    /// The operations of the statement that holds byte `offset`, its ends included.
    pub fn operations_at(&self, offset: usize) -> &[OpId] {
        let at = self.segments.partition_point(|s| s.range.end < offset);
        match self.segments.get(at) {
            Some(s) if s.range.start <= offset => &s.operations,
            _ => &[],
        }
    }
}
