//! Declarations, comments and libraries of an edited text.

use std::collections::BTreeMap;

use super::write::Piece;
use super::{Node, Patcher};
use crate::document::{Document, Register};
use crate::emit::{has_word, input, missing_definitions};
use crate::read::source::strip;
use crate::source::Declared;
use crate::{What, gates};

impl Patcher<'_> {
    /// Registers, parameters and definitions that changed, came or went. `None` where they cannot
    /// be mended in place.
    pub(super) fn header(&mut self) -> Option<()> {
        let (old, new) = (self.old, self.new);
        self.registers(&old.header.qubits, &new.header.qubits, Declared::Qubits)?;
        self.registers(&old.header.clbits, &new.header.clbits, Declared::Clbits)?;
        let name = |p: &crate::Parameter| format!("{} {}", p.ty, p.name);
        let before: Vec<String> = old.header.parameters.iter().map(name).collect();
        let after: Vec<String> = new.header.parameters.iter().map(name).collect();
        let texts: Vec<String> = new.header.parameters.iter().map(input).collect();
        self.list(&before, &after, &texts, Declared::Parameter)?;
        let text = |d: &std::sync::Arc<crate::Definition>| d.text.trim().to_owned();
        let before: Vec<String> = old.header.definitions.iter().map(text).collect();
        let after: Vec<String> = new.header.definitions.iter().map(text).collect();
        let late = new.header.definitions.iter().any(|d| d.late && !before.contains(&text(d)));
        if late {
            return None;
        }
        self.list(&before, &after, &after, Declared::Definition)
    }

    fn segment_of(&self, declared: Declared) -> Option<usize> {
        self.source.segments.iter().position(|s| s.declares == Some(declared))
    }

    fn registers(
        &mut self,
        old: &[Register],
        new: &[Register],
        kind: fn(usize) -> Declared,
    ) -> Option<()> {
        let say = |this: &Self, r: &Register| match kind(0) {
            Declared::Qubits(_) => this.dialect.qubits(r),
            _ => this.dialect.clbits(r),
        };
        // By name where the names are the same ones, else by place.
        let by_place = old.len() == new.len();
        let mut partner: Vec<Option<usize>> =
            (0..new.len())
                .map(|i| {
                    if by_place { Some(i) } else { old.iter().position(|r| r.name == new[i].name) }
                })
                .collect();
        let known: Vec<usize> = partner.iter().flatten().copied().collect();
        if !known.is_sorted() {
            return None;
        }
        if known.is_empty() && !new.is_empty() && !old.is_empty() {
            partner[0] = Some(0);
        }
        let mut last: Option<usize> = None;
        let mut added: Vec<(Option<usize>, Piece)> = Vec::new();
        for (i, register) in new.iter().enumerate() {
            if let Some(before) = partner[i] {
                let segment = self.segment_of(kind(before))?;
                self.declared.insert(segment, Some(kind(i)));
                if old[before] != *register {
                    let text = say(self, register)?;
                    // With a statement in it, the statement's own node says both.
                    if self.source.segments[segment].operations.is_empty() {
                        let piece = Piece::declaration(text, kind(i));
                        self.edits.replace(self.source.segments[segment].range.clone(), piece);
                    }
                }
                last = Some(segment);
            } else {
                added.push((last, Piece::declaration(say(self, register)?, kind(i))));
            }
        }
        for before in (0..old.len()).filter(|i| !partner.contains(&Some(*i))) {
            let segment = self.segment_of(kind(before))?;
            self.declared.insert(segment, None);
            if self.source.segments[segment].operations.is_empty() {
                self.edits.delete(self.source.segments[segment].range.clone());
            }
        }
        let first =
            partner.iter().flatten().next().and_then(|&before| self.segment_of(kind(before)));
        for (after, piece) in added {
            if after.is_none()
                && let Some(next) = first
            {
                let range = self.source.segments[next].range.clone();
                self.edits.before(self.text, &range, vec![piece], false);
                continue;
            }
            // The first bits stand after the qubits.
            let fallback = || {
                self.source
                    .segments
                    .iter()
                    .rposition(|s| matches!(s.declares, Some(Declared::Qubits(_))))
            };
            let after = after.or_else(fallback)?;
            let range = self.source.segments[after].range.clone();
            if after > self.first_statement() {
                return None;
            }
            let next = self.source.segments.get(after + 1).map(|s| s.range.start);
            self.edits.after(self.text, &range, next, vec![piece], false);
        }
        Some(())
    }

    /// Declarations known by their whole text: kept, deleted, or added before the registers.
    fn list(
        &mut self,
        old: &[String],
        new: &[String],
        texts: &[String],
        kind: fn(usize) -> Declared,
    ) -> Option<()> {
        let mut used = vec![false; new.len()];
        for (i, before) in old.iter().enumerate() {
            let segment = self.segment_of(kind(i))?;
            let after = (0..new.len()).find(|&j| !used[j] && new[j] == *before);
            match after {
                Some(j) => {
                    used[j] = true;
                    self.declared.insert(segment, Some(kind(j)));
                }
                None if old.len() == new.len()
                    && !new[..].contains(before)
                    && !old.contains(&new[i]) =>
                {
                    // Changed in place: a name, a body.
                    used[i] = true;
                    self.declared.insert(segment, Some(kind(i)));
                    let piece = Piece::declaration(self.spelled(&texts[i])?, kind(i));
                    self.edits.replace(self.source.segments[segment].range.clone(), piece);
                }
                None => {
                    self.declared.insert(segment, None);
                    self.edits.delete(self.source.segments[segment].range.clone());
                }
            }
        }
        let mut added = Vec::new();
        for j in (0..new.len()).filter(|&j| !used[j]) {
            let text = self.spelled(&texts[j])?;
            // What it needs has to be declared above it.
            let first = self.registers_start();
            let needs = |s: &crate::source::Segment| {
                let name = match s.declares {
                    Some(Declared::Definition(d)) => &self.old.header.definitions[d].name,
                    Some(Declared::Parameter(p)) => &self.old.header.parameters[p].name,
                    _ => return false,
                };
                s.range.start >= first && !name.is_empty() && has_word(&text, name)
            };
            if self.source.segments.iter().any(needs) {
                return None;
            }
            added.push(Piece::declaration(text, kind(j)));
        }
        if added.is_empty() {
            return Some(());
        }
        let register = self
            .source
            .segments
            .iter()
            .position(|s| matches!(s.declares, Some(Declared::Qubits(_))))?;
        let range = self.source.segments[register].range.clone();
        self.edits.apart(self.text, &range, added);
        Some(())
    }

    /// Where the first register is declared.
    fn registers_start(&self) -> usize {
        let mut segments = self.source.segments.iter();
        segments
            .find(|s| matches!(s.declares, Some(Declared::Qubits(_))))
            .map_or(usize::MAX, |s| s.range.start)
    }

    /// Declarations are known in OpenQASM 3 alone.
    fn spelled(&self, text: &str) -> Option<String> {
        (!self.source.version_2).then(|| text.to_owned())
    }

    /// Remarks that came, by the position of the statement they stand before; what went is deleted.
    pub(super) fn comments(&mut self, sequence: &[Node]) -> BTreeMap<usize, Vec<String>> {
        let mut came: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        let (mut gone, mut new) = (remarks(self.old), remarks(self.new));
        // What stands in both, line by line, is where it was.
        let mut left: BTreeMap<String, usize> = BTreeMap::new();
        for (_, line) in &gone {
            *left.entry(line.clone()).or_default() += 1;
        }
        new.retain(|(_, line)| take(&mut left, line));
        gone.clear();
        for range in self.source.comments.clone() {
            let text = strip(&self.text[range.clone()]);
            let mut lines: Vec<&str> = text.lines().collect();
            let before = lines.len();
            lines.retain(|line| match left.get_mut(*line) {
                Some(n) if *n > 0 => {
                    *n -= 1;
                    false
                }
                _ => true,
            });
            if lines.len() == before {
                continue;
            }
            if lines.is_empty() {
                self.edits.delete_comment(range);
            } else {
                let text: Vec<String> = lines.iter().map(|l| format!("// {l}")).collect();
                let piece = Piece {
                    comment: true,
                    ..Piece::declaration(text.join("\n"), Declared::Qubits(0))
                };
                self.edits.replace(range, Piece { declares: None, ..piece });
            }
        }
        for (column, line) in new {
            let column_of =
                |node: &Node| node.operations.iter().map(|&at| self.operations[at].1).min();
            let at = sequence
                .iter()
                .position(|n| column_of(n) == Some(column))
                .or_else(|| sequence.iter().position(|n| column_of(n).is_some_and(|c| c > column)))
                .unwrap_or(sequence.len());
            came.entry(at).or_default().push(line);
        }
        came
    }

    /// Includes the libraries that new statements need.
    pub(super) fn libraries(&mut self) -> Option<()> {
        if !self.edits.says_something() {
            return Some(());
        }
        let gates_used = self
            .operations
            .iter()
            .any(|(op, _)| matches!(&op.what, What::Gate { gate, .. } if *gate != crate::Gate::U));
        let has = |file: &str| {
            self.text.lines().any(|l| l.trim_start().starts_with("include") && l.contains(file))
        };
        if self.source.version_2 {
            return (!gates_used || has("qelib1.inc")).then_some(());
        }
        let mut missing = Vec::new();
        let standard = self.operations.iter().any(|(op, _)| {
            matches!(&op.what, What::Gate { gate, .. } if gates::is_standard(*gate) && *gate != crate::Gate::U)
        });
        if standard && !has("stdgates.inc") {
            missing.push("include \"stdgates.inc\";");
        }
        if !missing_definitions(self.new).is_empty() && !has("ketlab.inc") {
            missing.push("include \"ketlab.inc\";");
        }
        if missing.is_empty() {
            return Some(());
        }
        // After the last include, else after the version, else at the top.
        let mut at = 0;
        let mut seen = 0;
        for line in self.text.split_inclusive('\n') {
            let start = line.trim_start();
            let in_comment = self.source.comments.iter().any(|c| c.contains(&seen));
            seen += line.len();
            if !in_comment && (start.starts_with("include") || start.starts_with("OPENQASM")) {
                at = seen;
            }
        }
        let first = self.source.segments.first().map_or(usize::MAX, |s| s.range.start);
        if at > first {
            return None;
        }
        self.edits.lines_at(self.text, at, &missing);
        Some(())
    }
}

/// Comment lines of the columns.
fn remarks(document: &Document) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    for (at, column) in document.columns.iter().enumerate() {
        for line in column.comment.as_deref().unwrap_or("").lines() {
            out.push((at, line.trim().to_owned()));
        }
    }
    out
}

/// Whether `line` is not among `left`; takes it out where it is.
fn take(left: &mut BTreeMap<String, usize>, line: &str) -> bool {
    match left.get_mut(line) {
        Some(n) if *n > 0 => {
            *n -= 1;
            false
        }
        _ => true,
    }
}
