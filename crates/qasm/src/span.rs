//! Places in a text: byte ranges, and the lines and columns that people count.

/// A byte range of the source, `start..end`. Always on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(start: u32, end: u32) -> Self {
        debug_assert!(start <= end, "a span runs forward");
        Self { start, end }
    }

    /// The empty span at `at`.
    pub fn at(at: u32) -> Self {
        Self { start: at, end: at }
    }

    /// From the start of `self` to the end of `other`.
    #[must_use]
    pub fn to(self, other: Span) -> Self {
        Self { start: self.start, end: other.end.max(self.start) }
    }

    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// As a range of byte indices.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A line and a column, both from 1. Columns count characters (Unicode scalar values), not bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    pub line: u32,
    pub column: u32,
}

/// Where each line of a text begins. Lines end with `\n`, `\r\n` or a lone `\r`.
#[derive(Debug, Clone)]
pub struct LineIndex {
    /// Byte offset of the first character of each line; never empty, increasing.
    starts: Vec<u32>,
}

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (i, &b) in bytes.iter().enumerate() {
            let ends = b == b'\n' || (b == b'\r' && bytes.get(i + 1) != Some(&b'\n'));
            if ends {
                starts.push(u32::try_from(i + 1).unwrap_or(u32::MAX));
            }
        }
        Self { starts }
    }

    /// Line and column of byte `offset` of `text`, the text that the index was made from. An offset
    /// past the end is taken as the end, one within a character as that character.
    pub fn line_column(&self, text: &str, offset: u32) -> LineColumn {
        let offset = (offset as usize).min(text.len());
        let line = self.starts.partition_point(|&s| s as usize <= offset) - 1;
        let start = self.starts[line] as usize;
        let column = text[start..]
            .char_indices()
            .take_while(|(i, c)| start + i + c.len_utf8() <= offset)
            .count();
        LineColumn { line: to_u32(line) + 1, column: to_u32(column) + 1 }
    }

    /// Number of lines, at least 1; a text that ends with a line end has an empty last line.
    pub fn num_lines(&self) -> usize {
        self.starts.len()
    }

    /// Byte offset of the first character of `line`, from 1.
    pub fn line_start(&self, line: u32) -> Option<u32> {
        self.starts.get((line as usize).checked_sub(1)?).copied()
    }
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, needle: &str, line: u32, column: u32) {
        let offset = to_u32(text.find(needle).unwrap());
        assert_eq!(LineIndex::new(text).line_column(text, offset), LineColumn { line, column });
    }

    #[test]
    fn columns_count_characters_and_lines_end_in_three_ways() {
        check("a\nbc", "c", 2, 2);
        check("a\r\nbc", "c", 2, 2);
        check("a\rbc", "c", 2, 2);
        check("πππx", "x", 1, 4);
        check("a\n\n\nb", "b", 4, 1);
    }

    #[test]
    fn offsets_past_the_end_are_the_end() {
        let text = "ab\n";
        assert_eq!(LineIndex::new(text).line_column(text, 99), LineColumn { line: 2, column: 1 });
    }
}
