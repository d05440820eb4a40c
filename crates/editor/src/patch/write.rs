//! Edits of a text, gathered and then made at once, with the places of everything afterwards.

use std::ops::Range;

use crate::document::{Document, OpId};
use crate::emit::{self, Emitted};
use crate::source::{Declared, Segment, Source};

/// Something new in the text.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Without blanks around it.
    pub text: String,
    pub declares: Option<Declared>,
    pub operations: Vec<OpId>,
    pub comment: bool,
}

impl Piece {
    pub fn declaration(text: String, declares: Declared) -> Self {
        Self { text, declares: Some(declares), operations: Vec::new(), comment: false }
    }

    pub fn comment(lines: &[String]) -> Self {
        let lines: Vec<String> = lines.iter().map(|l| format!("// {l}")).collect();
        let text = lines.join("\n");
        Self { text, declares: None, operations: Vec::new(), comment: true }
    }
}

/// Replaces bytes by pieces, each with what stands before and after it.
#[derive(Debug)]
struct Edit {
    range: Range<usize>,
    pieces: Vec<(String, Piece, String)>,
}

#[derive(Debug, Default)]
pub struct Edits {
    edits: Vec<Edit>,
    deleted: Vec<Range<usize>>,
}

/// Bytes of the line that holds `at`, without its end.
fn line(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    let end = text[at..].find('\n').map_or(text.len(), |i| at + i);
    let end = if text[start..end].ends_with('\r') { end - 1 } else { end };
    start..end.max(at)
}

fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// The blanks that a line begins with.
fn indent(text: &str, at: usize) -> String {
    let line = line(text, at);
    text[line].chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
}

/// Only blanks and comments, all of them closed on this line.
fn is_remark(rest: &str) -> bool {
    let rest = rest.trim();
    if rest.is_empty() || rest.starts_with("//") {
        return true;
    }
    rest.strip_prefix("/*")
        .and_then(|r| r.split_once("*/"))
        .is_some_and(|(_, after)| is_remark(after))
}

impl Edits {
    pub fn replace(&mut self, range: Range<usize>, piece: Piece) {
        self.edits.push(Edit { range, pieces: vec![(String::new(), piece, String::new())] });
    }

    /// A statement; its line goes too where nothing else is on it.
    pub fn delete(&mut self, range: Range<usize>) {
        self.deleted.push(range);
    }

    pub fn delete_comment(&mut self, range: Range<usize>) {
        self.deleted.push(range);
    }

    /// Whether a statement is replaced or deleted already.
    pub fn touches(&self, range: &Range<usize>) -> bool {
        self.deleted.contains(range) || self.edits.iter().any(|e| e.range == *range)
    }

    /// Whether new statements come into the text.
    pub fn says_something(&self) -> bool {
        self.edits.iter().any(|e| e.pieces.iter().any(|p| !p.1.operations.is_empty()))
    }

    /// Pieces after a statement: on lines of their own, or on its line where another statement,
    /// which begins at `next`, shares it. `apart` leaves a blank line.
    pub fn after(
        &mut self,
        text: &str,
        range: &Range<usize>,
        next: Option<usize>,
        pieces: Vec<Piece>,
        apart: bool,
    ) {
        let end = line(text, range.end).end;
        let shared = next.is_some_and(|next| next < end) || !is_remark(&text[range.end..end]);
        let blanks = indent(text, range.start);
        let at = if shared { range.end } else { end };
        let mut first = apart;
        let pieces = pieces
            .into_iter()
            .map(|piece| {
                if shared && !piece.comment {
                    return (" ".to_owned(), piece, String::new());
                }
                let lead = if std::mem::take(&mut first) { "\n\n" } else { "\n" };
                let tail = if shared { "\n" } else { "" };
                (format!("{lead}{blanks}"), piece, tail.to_owned())
            })
            .collect::<Vec<_>>();
        let last = apart && is_blank(&text[at..]);
        let mut edit = Edit { range: at..if last { text.len() } else { at }, pieces };
        if let Some((_, _, tail)) = edit.pieces.last_mut().filter(|_| last) {
            "\n".clone_into(tail);
        }
        self.edits.push(edit);
    }

    /// Pieces before a statement, on lines of their own; with `above`, before its comments too.
    pub fn before(&mut self, text: &str, range: &Range<usize>, pieces: Vec<Piece>, above: bool) {
        let mut start = line(text, range.start).start;
        if !is_blank(&text[start..range.start]) {
            let pieces = pieces
                .into_iter()
                .map(|piece| {
                    let (lead, tail) = if piece.comment { ("\n", "\n") } else { ("", " ") };
                    (lead.to_owned(), piece, tail.to_owned())
                })
                .collect();
            self.edits.push(Edit { range: range.start..range.start, pieces });
            return;
        }
        let blanks = indent(text, range.start);
        while above && start > 0 {
            let before = line(text, start - 1);
            if !text[before.clone()].trim_start().starts_with("//") {
                break;
            }
            start = before.start;
        }
        let pieces =
            pieces.into_iter().map(|piece| (blanks.clone(), piece, "\n".to_owned())).collect();
        self.edits.push(Edit { range: start..start, pieces });
    }

    /// Pieces before a declaration, with a blank line after them.
    pub fn apart(&mut self, text: &str, range: &Range<usize>, pieces: Vec<Piece>) {
        let count = pieces.len();
        self.before(text, range, pieces, true);
        if let Some((_, _, tail)) = self.edits.last_mut().and_then(|e| e.pieces.get_mut(count - 1))
        {
            tail.push('\n');
        }
    }

    pub fn at_end(&mut self, text: &str, pieces: Vec<Piece>) {
        let mut lead = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        let pieces = pieces
            .into_iter()
            .map(|piece| (std::mem::take(&mut lead).to_owned(), piece, "\n".to_owned()))
            .collect();
        self.edits.push(Edit { range: text.len()..text.len(), pieces });
    }

    /// Plain lines before byte `at`, which begins a line or ends the text.
    pub fn lines_at(&mut self, text: &str, at: usize, lines: &[&str]) {
        let lead = if at > 0 && !text[..at].ends_with('\n') { "\n" } else { "" };
        let pieces = lines
            .iter()
            .map(|line| {
                let piece = Piece {
                    text: (*line).to_owned(),
                    declares: None,
                    operations: Vec::new(),
                    comment: false,
                };
                (lead.to_owned(), piece, "\n".to_owned())
            })
            .collect();
        // Before everything else that comes to this place.
        self.edits.insert(0, Edit { range: at..at, pieces });
    }

    /// Deletions, widened to whole lines and to blanks beside them.
    fn deletions(&mut self, text: &str) -> Vec<Range<usize>> {
        self.deleted.sort_by_key(|r| r.start);
        let mut merged: Vec<Range<usize>> = Vec::new();
        for range in self.deleted.drain(..) {
            match merged.last_mut() {
                Some(last)
                    if text[last.end..range.start].chars().all(|c| c == ' ' || c == '\t') =>
                {
                    last.end = range.end;
                }
                _ => merged.push(range),
            }
        }
        let occupied = |range: &Range<usize>| {
            self.edits.iter().any(|e| e.range.start > range.start && e.range.end < range.end)
        };
        merged
            .into_iter()
            .map(|range| {
                let (start, end) = (line(text, range.start).start, line(text, range.end).end);
                let (before, after) =
                    (is_blank(&text[start..range.start]), is_blank(&text[range.end..end]));
                let blanks = |s: &str| s.len() - s.trim_start_matches([' ', '\t']).len();
                let wide = if before && after {
                    let rest = &text[end..];
                    let newline = if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) };
                    start..end + newline
                } else if before {
                    range.start..range.end + blanks(&text[range.end..end])
                } else {
                    let head = &text[start..range.start];
                    let gap = head.len() - head.trim_end_matches([' ', '\t']).len();
                    range.start - gap..range.end
                };
                if occupied(&wide) { range } else { wide }
            })
            .collect()
    }

    /// The new text, what stands in it, and its comments. `kept` are the segments of `text`; those
    /// that are replaced or deleted drop out.
    pub fn apply(
        &mut self,
        text: &str,
        kept: Vec<Segment>,
        comments: &[Range<usize>],
    ) -> (String, Vec<Segment>, Vec<Range<usize>>) {
        let deletions = self.deletions(text);
        let mut edits = std::mem::take(&mut self.edits);
        edits.extend(deletions.into_iter().map(|range| Edit { range, pieces: Vec::new() }));
        // Insertions come before what is taken away at the same place, in the order they were made.
        edits.sort_by_key(|e| (e.range.start, e.range.end));
        let mut out = String::with_capacity(text.len() + 64);
        let mut segments = Vec::with_capacity(kept.len());
        let mut remarks = Vec::with_capacity(comments.len());
        let mut kept = kept.into_iter().peekable();
        let mut comments = comments.iter().cloned().peekable();
        let mut at = 0;
        let mut copy = |out: &mut String,
                        segments: &mut Vec<Segment>,
                        remarks: &mut Vec<Range<usize>>,
                        from: usize,
                        to: usize| {
            let shift =
                |r: &Range<usize>, out: &str| out.len() + r.start - from..out.len() + r.end - from;
            while let Some(segment) = kept.next_if(|s| s.range.start < to) {
                if segment.range.start >= from && segment.range.end <= to {
                    let range = shift(&segment.range, out);
                    segments.push(Segment { range, ..segment });
                }
            }
            while let Some(comment) = comments.next_if(|c| c.start < to) {
                if comment.start >= from && comment.end <= to {
                    remarks.push(shift(&comment, out));
                }
            }
            out.push_str(&text[from..to]);
        };
        for edit in edits {
            // What lies inside a deletion that was made already is gone.
            let start = edit.range.start.max(at);
            copy(&mut out, &mut segments, &mut remarks, at, start);
            at = edit.range.end.max(start);
            for (lead, piece, tail) in edit.pieces {
                let blanks = lead.trim_start_matches('\n').to_owned();
                out.push_str(&lead);
                let from = out.len();
                if piece.comment {
                    for (i, line) in piece.text.lines().enumerate() {
                        if i > 0 {
                            out.push('\n');
                            out.push_str(&blanks);
                        }
                        let from = out.len();
                        out.push_str(line);
                        remarks.push(from..out.len());
                    }
                } else {
                    out.push_str(&piece.text);
                    if piece.declares.is_some() || !piece.operations.is_empty() {
                        let range = from..out.len();
                        let Piece { declares, operations, .. } = piece;
                        segments.push(Segment { range, declares, operations });
                    }
                }
                out.push_str(&tail);
            }
        }
        copy(&mut out, &mut segments, &mut remarks, at, text.len());
        (out, segments, remarks)
    }
}

/// The places of a text that was just written.
pub fn source_of(emitted: &Emitted, document: &Document) -> Source {
    let header = &*document.header;
    let mut segments: Vec<Segment> = Vec::new();
    let mut whole = header.qubits.iter().all(|r| !r.name.starts_with('$'));
    let mut from = emitted.text.find("OPENQASM").unwrap_or(0);
    let mut declare = |text: String, declares: Declared| match emitted.text[from..].find(&text) {
        Some(at) => {
            let range = from + at..from + at + text.len();
            from = range.end;
            segments.push(Segment { range, declares: Some(declares), operations: Vec::new() });
        }
        None => whole = false,
    };
    for (i, p) in header.parameters.iter().enumerate() {
        declare(emit::input(p), Declared::Parameter(i));
    }
    let definitions =
        |late: bool| header.definitions.iter().enumerate().filter(move |d| d.1.late == late);
    for (i, d) in definitions(false) {
        declare(d.text.trim().to_owned(), Declared::Definition(i));
    }
    for (i, r) in header.qubits.iter().enumerate().filter(|r| !r.1.name.starts_with('$')) {
        declare(emit::declaration("qubit", r), Declared::Qubits(i));
    }
    for (i, r) in header.clbits.iter().enumerate() {
        declare(emit::declaration("bit", r), Declared::Clbits(i));
    }
    for (i, d) in definitions(true) {
        declare(d.text.trim().to_owned(), Declared::Definition(i));
    }
    let body = from;
    let mut comments = Vec::new();
    let mut end = body;
    let mut remarks = |from: usize, to: usize| {
        let mut at = from;
        for line in emitted.text[from..to].split_inclusive('\n') {
            if line.starts_with("//") {
                comments.push(at..at + line.trim_end().len());
            }
            at += line.len();
        }
    };
    for (id, span) in &emitted.spans {
        match segments.last_mut() {
            Some(last) if last.range == *span => last.operations.push(*id),
            _ => {
                remarks(end, span.start);
                end = span.end;
                segments.push(Segment {
                    range: span.clone(),
                    declares: None,
                    operations: vec![*id],
                });
            }
        }
    }
    remarks(end, emitted.text.len());
    Source { segments, comments, version_2: false, whole }
}
