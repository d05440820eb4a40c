//! An edit of the picture as an edit of the text.
//!
//! [`patch`] changes the statements that the edit changed and leaves everything else as it was
//! written: comments, blank lines, spelling, and statements over whole registers that still say what
//! the picture shows. A statement that is deleted leaves its comments behind, as the picture keeps
//! them; one that moves takes its text along. OpenQASM 2 stays OpenQASM 2 as long as it can say what
//! was added.
//!
//! Where a text cannot be patched (part of it comes from an included file, names had to change,
//! version 2 has no words for the edit), it is written anew by [`emit`](mod@crate::emit).

mod dialect;
mod header;
mod order;
mod write;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::document::{Column, Document, OpId, Operation, What};
use crate::emit::{self, Options, has_word, is_whole_register, whole_registers};
use crate::source::{Declared, Segment, Source};
use dialect::Dialect;
use order::{Graph, Slot};
use write::{Edits, Piece};

/// A text after an edit.
#[derive(Debug, Clone, PartialEq)]
pub struct Patched {
    pub text: String,
    pub source: Source,
    /// Nothing of the old text was kept.
    pub rewritten: bool,
}

/// The text for `new`, from `text`, which says `old` at the places in `source`.
pub fn patch(text: &str, source: &Source, old: &Document, new: &Document) -> Patched {
    attempt(text, source, old, new).unwrap_or_else(|| rewrite(new))
}

/// The text of a document without one to begin with.
pub fn rewrite(document: &Document) -> Patched {
    let emitted = emit::emit_with(document, Options::default());
    let source = write::source_of(&emitted, document);
    Patched { text: emitted.text, source, rewritten: true }
}

/// Whether an operation's call, parameters or text have the word.
fn names(op: &Operation, word: &str) -> bool {
    let called = match &op.what {
        What::Call { name, .. } => **name == *word,
        What::Text { text, .. } => has_word(text, word),
        _ => false,
    };
    called || op.params().iter().chain(&op.power).any(|p| has_word(&p.text, word))
}

fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort();
    items
}

/// Whether two documents say the same: names aside from identifiers, and columns only as far as they
/// order what shares a wire.
pub fn same_circuit(a: &Document, b: &Document) -> bool {
    let (x, y) = (&*a.header, &*b.header);
    let definitions =
        |d: &Document| sorted(d.header.definitions.iter().map(|d| d.text.trim().to_owned()));
    let parameters =
        |d: &Document| sorted(d.header.parameters.iter().map(|p| (p.name.clone(), p.ty.clone())));
    x.qubits == y.qubits
        && x.clbits == y.clbits
        && definitions(a) == definitions(b)
        && parameters(a) == parameters(b)
        && by_wire(a) == by_wire(b)
}

/// Statements of each wire, in order.
fn by_wire(document: &Document) -> Vec<Vec<Arc<str>>> {
    let names = emit::Names::new(&document.header);
    let n = document.num_qubits();
    let mut out = vec![Vec::new(); n.max(1) as usize];
    for op in document.operations() {
        let text: Arc<str> = match op.what {
            // The order of its qubits says nothing, nor whether all of them are named.
            What::Barrier => {
                let mut qubits: Vec<_> =
                    op.targets.iter().filter(|_| op.targets.len() < n as usize).collect();
                qubits.sort();
                format!("barrier {qubits:?}").into()
            }
            _ => emit::statement_with(op, &document.header, &names).into(),
        };
        for row in op.rows(n).filter(|&row| op.covers(row)) {
            out[row as usize].push(Arc::clone(&text));
        }
    }
    out
}

/// A statement of the new text.
struct Node {
    /// Positions in [`Patcher::operations`].
    operations: Vec<usize>,
    slot: Slot,
    /// The statement of the old text in whose place it may stand.
    origin: Option<usize>,
    /// `None` where the old text stays.
    text: Option<String>,
    declares: Option<Declared>,
}

struct Patcher<'a> {
    text: &'a str,
    source: &'a Source,
    old: &'a Document,
    new: &'a Document,
    dialect: Dialect<'a>,
    /// Of the new document, with their columns, column by column.
    operations: Vec<(&'a Arc<Operation>, usize)>,
    /// Registers did not change: what names a whole register still means the same.
    same_wires: bool,
    /// Where old declarations are in the new header; `None` for those that are gone.
    declared: BTreeMap<usize, Option<Declared>>,
    edits: Edits,
}

fn attempt(text: &str, source: &Source, old: &Document, new: &Document) -> Option<Patched> {
    if !source.whole || old.header.comment != new.header.comment {
        return None;
    }
    let operations = (0..)
        .zip(&new.columns)
        .flat_map(|(at, c)| c.operations.iter().map(move |op| (op, at)))
        .collect();
    let same_wires =
        old.header.qubits == new.header.qubits && old.header.clbits == new.header.clbits;
    let mut patcher = Patcher {
        text,
        source,
        old,
        new,
        dialect: Dialect::new(source.version_2, new),
        operations,
        same_wires,
        declared: BTreeMap::new(),
        edits: Edits::default(),
    };
    patcher.header()?;
    let nodes = patcher.nodes()?;
    let sequence = patcher.sequence(nodes)?;
    patcher.place(&sequence)?;
    patcher.libraries()?;
    Some(patcher.finish())
}

impl Patcher<'_> {
    /// Statements of the old text that still hold, changed ones, and new ones.
    fn nodes(&self) -> Option<Vec<Node>> {
        let mut position: BTreeMap<OpId, usize> = BTreeMap::new();
        for (at, (op, _)) in self.operations.iter().enumerate() {
            position.insert(op.id, at);
        }
        let before: BTreeMap<OpId, &Arc<Operation>> =
            self.old.operations().map(|op| (op.id, op)).collect();
        let mut nodes = Vec::new();
        let mut done = vec![false; self.operations.len()];
        let late = self.first_statement();
        for (i, segment) in self.source.segments.iter().enumerate() {
            let slot = (2 * i as u64 + 1, 0);
            let declares = self.declares(i);
            if segment.operations.is_empty() {
                // Declarations after the first statement have to stay before what uses them.
                if i > late && declares.is_some() && !self.edits.touches(&segment.range) {
                    let node = Node {
                        operations: Vec::new(),
                        slot,
                        origin: Some(i),
                        text: None,
                        declares,
                    };
                    nodes.push(node);
                }
                continue;
            }
            let there: Vec<usize> =
                segment.operations.iter().filter_map(|id| position.get(id).copied()).collect();
            for &at in &there {
                done[at] = true;
            }
            let unchanged = there.len() == segment.operations.len()
                && there.iter().all(|&at| {
                    let op = self.operations[at].0;
                    before.get(&op.id).is_some_and(|old| Arc::ptr_eq(old, op) || *old == op)
                });
            let kept_declaration = segment.declares.is_none() || declares == segment.declares;
            if unchanged
                && kept_declaration
                && (self.same_wires || self.is_canonical(segment, &there)?)
            {
                nodes.push(Node { operations: there, slot, origin: Some(i), text: None, declares });
                continue;
            }
            let mut origin = Some(i);
            if segment.declares.is_some() {
                if let Some(Declared::Clbits(r)) = declares {
                    let text = self.dialect.clbits(self.new.header.clbits.get(r)?)?;
                    let node =
                        Node { operations: Vec::new(), slot, origin, text: Some(text), declares };
                    nodes.push(node);
                }
                origin = None;
            }
            for at in there {
                let text = Some(self.dialect.statement(self.operations[at].0)?);
                let seq = u32::try_from(at).ok()?;
                let slot = (slot.0 + u64::from(origin.is_none()), seq);
                nodes.push(Node {
                    operations: vec![at],
                    slot,
                    origin: origin.take(),
                    text,
                    declares: None,
                });
            }
        }
        self.fresh(&mut nodes, &done)?;
        Some(nodes)
    }

    /// Nodes for what the text does not say yet.
    fn fresh(&self, nodes: &mut Vec<Node>, done: &[bool]) -> Option<()> {
        let mut slots: Vec<Option<u64>> = vec![None; self.operations.len()];
        for node in nodes.iter() {
            for &at in &node.operations {
                slots[at] = Some(node.slot.0);
            }
        }
        let mut earliest = vec![0_u64; done.len()];
        let mut latest = vec![u64::MAX; done.len()];
        let mut edges = Vec::new();
        order::dependencies(self.new, &self.operations, |a, b| edges.push((a, b)));
        // Edges come in the order of their later ends.
        for &(a, b) in &edges {
            let after = slots[a].map_or(earliest[a], |s| s + 1);
            earliest[b] = earliest[b].max(after);
        }
        edges.sort_unstable_by_key(|e| std::cmp::Reverse(e.0));
        for &(a, b) in &edges {
            let until = slots[b].map_or(latest[b], |s| s.saturating_sub(1));
            latest[a] = latest[a].min(until);
        }
        let mut neighbor = 0;
        let mut column: Vec<(usize, u64)> = Vec::new();
        for at in 0..done.len() {
            let slot = if let Some(slot) = slots[at] {
                slot
            } else {
                let slot = neighbor.min(latest[at]).max(earliest[at]);
                column.push((at, slot));
                slot
            };
            neighbor = slot + slot % 2;
            let ends =
                self.operations.get(at + 1).is_none_or(|next| next.1 != self.operations[at].1);
            if ends && !column.is_empty() {
                self.fresh_column(nodes, &std::mem::take(&mut column))?;
            }
        }
        Some(())
    }

    /// New statements of one column: measurements of a whole register are one.
    fn fresh_column(&self, nodes: &mut Vec<Node>, new: &[(usize, u64)]) -> Option<()> {
        let column = Column {
            operations: new.iter().map(|&(at, _)| Arc::clone(self.operations[at].0)).collect(),
            comment: None,
        };
        let whole = whole_registers(&column, &self.new.header);
        let mut done: Vec<usize> = Vec::new();
        for &(at, slot) in new {
            if done.contains(&at) {
                continue;
            }
            let id = self.operations[at].0.id;
            let (operations, text, slot) = match whole.iter().find(|(ids, _)| ids.contains(&id)) {
                Some((ids, text)) => {
                    let all: Vec<(usize, u64)> = new
                        .iter()
                        .filter(|(at, _)| ids.contains(&self.operations[*at].0.id))
                        .copied()
                        .collect();
                    let slot = all.iter().map(|a| a.1).max().unwrap_or(slot);
                    (all.iter().map(|a| a.0).collect(), self.dialect.measure_all(text)?, slot)
                }
                None => (vec![at], self.dialect.statement(self.operations[at].0)?, slot),
            };
            done.extend(&operations);
            let slot = (slot, u32::try_from(at).ok()?);
            nodes.push(Node { operations, slot, origin: None, text: Some(text), declares: None });
        }
        Some(())
    }

    /// Whether a statement is spelled as it would be written now, blanks aside.
    fn is_canonical(&self, segment: &Segment, there: &[usize]) -> Option<bool> {
        let canonical = if let [at] = there {
            match self.dialect.statement(self.operations[*at].0) {
                Some(text) => text,
                // A block of version 2 is only known by its text.
                None if matches!(self.operations[*at].0.what, What::Text { .. }) => return None,
                None => return Some(false),
            }
        } else {
            let operations: Vec<Operation> =
                there.iter().map(|&at| (**self.operations[at].0).clone()).collect();
            if !is_whole_register(&operations, &self.new.header) {
                return Some(false);
            }
            let column = Column {
                operations: operations.into_iter().map(Arc::new).collect(),
                comment: None,
            };
            let whole = whole_registers(&column, &self.new.header);
            self.dialect.measure_all(&whole.first()?.1)?
        };
        let plain = |s: &str| s.split_whitespace().collect::<String>();
        Some(plain(&canonical) == plain(&self.text[segment.range.clone()]))
    }

    /// The nodes in the order of the new text. Statements that cannot stay together are split.
    fn sequence(&self, mut nodes: Vec<Node>) -> Option<Vec<Node>> {
        loop {
            let (mut node_of, mut within) =
                (vec![0; self.operations.len()], vec![0; self.operations.len()]);
            for (i, node) in nodes.iter().enumerate() {
                for (place, &at) in node.operations.iter().enumerate() {
                    (node_of[at], within[at]) = (i, place);
                }
            }
            let mut graph = Graph::new(nodes.len());
            let mut turned = Vec::new();
            order::dependencies(self.new, &self.operations, |a, b| {
                graph.edge(node_of[a], node_of[b]);
                if node_of[a] == node_of[b] && within[a] > within[b] {
                    turned.push(node_of[a]);
                }
            });
            self.order_declarations(&nodes, &node_of, &mut graph);
            let slots: Vec<Slot> = nodes.iter().map(|n| n.slot).collect();
            let stuck = match graph.sort(&slots) {
                // Parts of a statement that changed their order.
                Ok(_) if !turned.is_empty() => turned,
                Ok(sorted) => {
                    let mut nodes: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
                    return sorted.into_iter().map(|i| nodes[i].take()).collect();
                }
                Err(stuck) => stuck,
            };
            let split = stuck
                .into_iter()
                .filter(|&i| nodes[i].operations.len() > 1)
                .min_by_key(|&i| nodes[i].slot)?;
            let node = nodes.swap_remove(split);
            let mut origin = node.origin;
            if node.declares.is_some() {
                // The declaration stays where it is.
                let Some(Declared::Clbits(r)) = node.declares else { return None };
                let text = Some(self.dialect.clbits(self.new.header.clbits.get(r)?)?);
                let declares = node.declares;
                nodes.push(Node {
                    operations: Vec::new(),
                    slot: node.slot,
                    origin: origin.take(),
                    text,
                    declares,
                });
            }
            for at in node.operations {
                let text = Some(self.dialect.statement(self.operations[at].0)?);
                let slot = (node.slot.0, u32::try_from(at).ok()?);
                nodes.push(Node {
                    operations: vec![at],
                    slot,
                    origin: origin.take(),
                    text,
                    declares: None,
                });
            }
        }
    }

    /// Position of the first statement that does something.
    fn first_statement(&self) -> usize {
        let segments = &self.source.segments;
        segments.iter().position(|s| !s.operations.is_empty()).unwrap_or(segments.len())
    }

    /// Declarations among the statements come before what uses them, and stay in order.
    fn order_declarations(&self, nodes: &[Node], node_of: &[usize], graph: &mut Graph) {
        let mut declarations: Vec<usize> =
            (0..nodes.len()).filter(|&i| nodes[i].declares.is_some()).collect();
        declarations.sort_by_key(|&i| nodes[i].slot);
        for pair in declarations.windows(2) {
            graph.edge(pair[0], pair[1]);
        }
        let header = &*self.new.header;
        for &i in &declarations {
            for (at, (op, _)) in self.operations.iter().enumerate() {
                let uses = match nodes[i].declares {
                    Some(Declared::Qubits(r)) => {
                        let first: u32 = header.qubits[..r].iter().map(|r| r.size).sum();
                        let own = first..first + header.qubits[r].size;
                        op.is_full() || op.qubits().any(|q| own.contains(&q.0))
                    }
                    Some(Declared::Clbits(r)) => {
                        let first = header.register_start(r);
                        let own = first..first + header.clbits[r].size;
                        op.writes().iter().any(|c| own.contains(&c.0))
                            || own.clone().any(|c| op.reads(crate::Clbit(c), header))
                            || names(op, &header.clbits[r].name)
                    }
                    Some(Declared::Parameter(p)) => names(op, &header.parameters[p].name),
                    Some(Declared::Definition(d)) => {
                        let definition = &header.definitions[d];
                        matches!(&op.what, What::Text { .. })
                            || definition.name.is_empty()
                            || names(op, &definition.name)
                    }
                    None => false,
                };
                if uses {
                    graph.edge(i, node_of[at]);
                }
            }
        }
    }

    /// Which part of the new header the declaration in segment `i` is.
    fn declares(&self, i: usize) -> Option<Declared> {
        self.declared.get(&i).copied().flatten()
    }

    /// Turns the sequence into edits of the text.
    fn place(&mut self, sequence: &[Node]) -> Option<()> {
        let origins: Vec<Option<usize>> = sequence.iter().map(|n| n.origin).collect();
        let staying = order::longest_growing(&origins);
        let mut stays = vec![false; sequence.len()];
        for at in staying {
            stays[at] = true;
        }
        let mut standing = vec![false; self.source.segments.len()];
        for (at, node) in sequence.iter().enumerate() {
            if let Some(i) = node.origin.filter(|_| stays[at]) {
                standing[i] = true;
            }
        }
        let first = self.first_statement();
        for (i, segment) in self.source.segments.iter().enumerate() {
            let statement = !segment.operations.is_empty() || i > first;
            if statement && !standing[i] {
                self.edits.delete(segment.range.clone());
            }
        }
        let comments = self.comments(sequence);
        let mut anchor = None;
        let mut waiting: Vec<Piece> = Vec::new();
        for (at, node) in sequence.iter().enumerate() {
            let remark = comments.get(&at).map(|lines| Piece::comment(lines));
            if let Some(i) = node.origin.filter(|_| stays[at]) {
                let range = self.source.segments[i].range.clone();
                let pieces = std::mem::take(&mut waiting);
                self.insert(anchor, Some(i), pieces);
                if let Some(remark) = remark {
                    self.edits.before(self.text, &range, vec![remark], false);
                }
                if let Some(text) = &node.text {
                    self.edits.replace(range, self.piece(node, text.clone()));
                }
                anchor = Some(i);
            } else {
                let text = match (&node.text, node.origin) {
                    (Some(text), _) => text.clone(),
                    (None, Some(i)) => self.text[self.source.segments[i].range.clone()].to_owned(),
                    (None, None) => return None,
                };
                waiting.extend(remark);
                waiting.push(self.piece(node, text));
            }
        }
        self.insert(anchor, None, waiting);
        if let Some(lines) = comments.get(&sequence.len()) {
            self.edits.at_end(self.text, vec![Piece::comment(lines)]);
        }
        Some(())
    }

    fn piece(&self, node: &Node, text: String) -> Piece {
        let operations = node.operations.iter().map(|&at| self.operations[at].0.id).collect();
        Piece { text, declares: node.declares, operations, comment: false }
    }

    /// After the statement `anchor`, or before `next`, or after what is declared.
    fn insert(&mut self, anchor: Option<usize>, next: Option<usize>, pieces: Vec<Piece>) {
        if pieces.is_empty() {
            return;
        }
        let range = |i: usize| self.source.segments[i].range.clone();
        match (anchor, next) {
            (Some(i), _) => {
                let shares = self.source.segments.get(i + 1).map(|s| s.range.start);
                self.edits.after(self.text, &range(i), shares, pieces, false);
            }
            (None, Some(i)) => self.edits.before(self.text, &range(i), pieces, true),
            (None, None) => match self.first_statement().checked_sub(1) {
                Some(i) => self.edits.after(self.text, &range(i), None, pieces, true),
                None => self.edits.at_end(self.text, pieces),
            },
        }
    }

    fn finish(self) -> Patched {
        let Self { text, source, declared, mut edits, .. } = self;
        let kept = source.segments.iter().enumerate().map(|(i, segment)| {
            let declares = declared.get(&i).copied().flatten();
            Segment { declares, ..segment.clone() }
        });
        let (text, segments, comments) = edits.apply(text, kept.collect(), &source.comments);
        let source = Source { segments, comments, version_2: source.version_2, whole: true };
        Patched { text, source, rewritten: false }
    }
}
