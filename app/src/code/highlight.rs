//! OpenQASM by line: pieces of one color each, and the underlines of diagnostics.

use api::run::{Diagnostic, Severity};

use super::language::{self, Kind};

/// A piece of a line in one color and with one underline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub kind: Kind,
    pub mark: Option<Severity>,
    pub text: String,
}

/// An underline within a line, in characters from 0, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub start: usize,
    pub end: usize,
    pub severity: Severity,
}

/// Longer lines are shown plain: they are data, and each piece costs a node.
const MAX_HIGHLIGHTED: usize = 2000;

/// Pieces of one line, none left out; `in_comment` says whether it starts inside `/* … */`, and the
/// answer's second part whether the next one does.
pub fn tokens(line: &str, in_comment: bool) -> (Vec<(Kind, &str)>, bool) {
    let mut out = Vec::new();
    let mut at = 0;
    for (kind, range) in language::tokens(line, in_comment) {
        if at < range.start {
            out.push((Kind::Plain, &line[at..range.start]));
        }
        at = range.end;
        out.push((kind, &line[range]));
    }
    if at < line.len() {
        out.push((Kind::Plain, &line[at..]));
    }
    let open = match out.last() {
        Some((Kind::Comment, text)) => {
            let begins = text.starts_with("/*") || (in_comment && out.len() == 1);
            begins && !(text.ends_with("*/") && (text.len() > 3 || in_comment))
        }
        _ => in_comment && out.is_empty(),
    };
    (out, open)
}

/// A line in pieces, cut where color or underline changes.
pub fn segments(line: &str, in_comment: bool, marks: &[Mark]) -> Vec<Segment> {
    let tokens = if line.len() > MAX_HIGHLIGHTED {
        vec![(Kind::Plain, line)]
    } else {
        tokens(line, in_comment).0
    };
    let mut out: Vec<Segment> = Vec::new();
    let mut at = 0;
    for (kind, text) in tokens {
        if marks.is_empty() {
            out.push(Segment { kind, mark: None, text: text.to_owned() });
            continue;
        }
        for c in text.chars() {
            let mark =
                marks.iter().filter(|m| (m.start..m.end).contains(&at)).map(|m| m.severity).max();
            match out.last_mut() {
                Some(last) if last.kind == kind && last.mark == mark => last.text.push(c),
                _ => out.push(Segment { kind, mark, text: c.to_string() }),
            }
            at += 1;
        }
    }
    // A remark behind the last character still needs something to underline.
    if let Some(mark) = marks.iter().find(|m| m.start >= at) {
        out.push(Segment { kind: Kind::Plain, mark: Some(mark.severity), text: " ".into() });
    }
    out
}

/// Underlines on line `line` (from 0) of `length` characters.
pub fn marks(diagnostics: &[Diagnostic], line: usize, length: usize) -> Vec<Mark> {
    let number = u32::try_from(line + 1).unwrap_or(u32::MAX);
    diagnostics
        .iter()
        .filter(|d| d.line > 0)
        .filter_map(|d| {
            let end_line = d.end_line.max(d.line);
            if !(d.line..=end_line).contains(&number) {
                return None;
            }
            let column = |c: u32| c.saturating_sub(1) as usize;
            let start = if d.line == number { column(d.column) } else { 0 };
            let end = if end_line > number {
                length
            } else if d.end_column > 0 {
                column(d.end_column)
            } else {
                start + 1
            };
            Some(Mark { start, end: end.max(start + 1), severity: d.severity })
        })
        .collect()
}

/// For each line whether it starts inside a block comment; empty where no line does.
pub fn comment_states(text: &str) -> Vec<bool> {
    if !text.contains("/*") {
        return Vec::new();
    }
    let mut inside = false;
    text.split('\n')
        .map(|line| {
            let before = inside;
            inside = tokens(line, inside).1;
            before
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_of_a_line_is_in_one_token() {
        for line in ["", "a/b/*c*/d", "/*", "π*½ \"x", "@ketlab.x y", "if(c==3) x q[1];", "💥 h q;"]
        {
            let joined: String = tokens(line, false).0.into_iter().map(|(_, t)| t).collect();
            assert_eq!(joined, line);
        }
    }

    #[test]
    fn block_comments_go_on_to_the_next_line() {
        assert_eq!(comment_states("h q;\n/* a\nb */ x q;\ny q;"), [false, false, true, false]);
        assert_eq!(comment_states("h q;"), [false; 0]);
        assert_eq!(tokens("b */ x", true).0[0], (Kind::Comment, "b */"));
    }

    fn remark(line: u32, column: u32, end_line: u32, end_column: u32) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code: "x".into(),
            message: "x".into(),
            line,
            column,
            end_line,
            end_column,
            help: None,
        }
    }

    #[test]
    fn a_diagnostic_underlines_its_characters_on_its_lines() {
        let d = [remark(1, 3, 1, 5)];
        let marks_0 = marks(&d, 0, 6);
        let pieces = segments("cx q,q;", false, &marks_0);
        let underlined: String =
            pieces.iter().filter(|s| s.mark.is_some()).map(|s| s.text.as_str()).collect();
        assert_eq!(underlined, " q");
        assert!(marks(&d, 1, 6).is_empty());

        let two = [remark(1, 3, 2, 2)];
        assert_eq!(marks(&two, 0, 9)[0], Mark { start: 2, end: 9, severity: Severity::Error });
        assert_eq!(marks(&two, 1, 9)[0], Mark { start: 0, end: 1, severity: Severity::Error });
        assert!(marks(&[remark(0, 0, 0, 0)], 0, 9).is_empty(), "no place, no underline");
    }

    #[test]
    fn a_remark_behind_the_end_of_a_line_is_still_seen() {
        for line in ["", "h q"] {
            let length = line.chars().count();
            let column = u32::try_from(length).expect("short") + 1;
            let pieces = segments(line, false, &marks(&[remark(1, column, 0, 0)], 0, length));
            assert_eq!(pieces.last().and_then(|s| s.mark), Some(Severity::Error), "{line:?}");
        }
    }
}
