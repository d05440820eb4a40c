//! Remarks on a program: plain data with byte spans. The page and the command line turn spans into
//! lines and columns with a [`crate::LineIndex`].

use crate::span::Span;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Note,
    Warning,
    /// The program cannot be run.
    Error,
}

/// One remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Stable, for programs and for documentation: `unknown_gate`, ….
    pub code: &'static str,
    /// One sentence without a full stop.
    pub message: String,
    /// What the message is about.
    pub span: Span,
    /// Further places, each with a few words.
    pub labels: Vec<(Span, String)>,
    /// How to mend it.
    pub help: Option<String>,
}

impl Diagnostic {
    pub fn new(
        severity: Severity,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
    ) -> Self {
        Self { severity, code, message: message.into(), span, labels: Vec::new(), help: None }
    }

    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, span, message)
    }

    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, span, message)
    }

    pub fn note(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, span, message)
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push((span, text.into()));
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// The name in `known` that `name` was most likely meant to be: the nearest by edits, at most a
/// third of its length away. Names longer than 40 characters are not compared.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let a: Vec<char> = name.chars().take(41).collect();
    if a.len() > 40 || a.is_empty() {
        return None;
    }
    let most = (a.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        if candidate == name
            || candidate.len().abs_diff(name.len()) > 3 * most
            || candidate.len() > 160
        {
            continue;
        }
        let distance = edit_distance(&a, candidate, most + 1);
        // A name of one letter shares nothing with another of one letter.
        let shares =
            a.len() > 1 || candidate.eq_ignore_ascii_case(name) || candidate.starts_with(a[0]);
        if distance <= most && shares && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// Edits (insert, delete, replace, swap of neighbors; a change of case alone counts as none but the
/// names differ) between two names; anything above `limit` is given as `limit`.
fn edit_distance(a: &[char], b: &str, limit: usize) -> usize {
    let b: Vec<char> = b.chars().collect();
    if a.len().abs_diff(b.len()) > limit {
        return limit;
    }
    let same = |x: char, y: char| x.eq_ignore_ascii_case(&y);
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(!same(a[i - 1], b[j - 1]));
            let mut d = replace.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]) {
                d = d.min(before[j - 2] + 1);
            }
            row.push(d);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()].min(limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_or_none() {
        let gates = ["x", "y", "cx", "ccx", "swap", "cswap", "measure", "rzz"];
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(nearest(name, gates), expected, "{name}");
        };
        check("sawp", Some("swap"));
        check("CX", Some("cx"));
        check("mesure", Some("measure"));
        check("q", None);
        check("hadamard", None);
        check(&"z".repeat(1000), None);
    }
}
