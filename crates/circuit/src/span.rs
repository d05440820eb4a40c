//! Where a part of a circuit stands in the text it came from.

/// A source text of the program: 0 is the main one, included texts follow in order of inclusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SourceId(pub u16);

/// The bytes `start..end` of one source text. [`Span::NONE`] (also the default) for what was built
/// without a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    pub source: SourceId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// No place.
    pub const NONE: Self = Self { source: SourceId(0), start: u32::MAX, end: u32::MAX };

    /// In the main text.
    pub fn new(start: u32, end: u32) -> Self {
        Self { source: SourceId(0), start, end }
    }

    pub fn is_none(self) -> bool {
        self.start == u32::MAX
    }

    /// From the start of `self` to the end of `last`; both lie in one source.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        if self.is_none() {
            last
        } else if last.is_none() || last.source != self.source {
            self
        } else {
            Self {
                source: self.source,
                start: self.start.min(last.start),
                end: self.end.max(last.end),
            }
        }
    }

    /// `self`, or `other` where `self` has no place.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.is_none() { other } else { self }
    }
}

impl Default for Span {
    fn default() -> Self {
        Self::NONE
    }
}
