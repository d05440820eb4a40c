//! Undo and redo without limit.
//!
//! A step keeps what it changed and nothing else: the columns that were replaced (all others are
//! shared with the present) and the header if it differs. So a long history of a large circuit is as
//! small as the edits in it.

use std::sync::Arc;

use crate::document::{Column, Document, Header};

/// The change between two documents, in both directions.
#[derive(Debug, Clone, PartialEq)]
struct Patch {
    /// First column that differs.
    at: usize,
    before: Vec<Arc<Column>>,
    after: Vec<Arc<Column>>,
    /// Present where the headers differ.
    headers: Option<(Arc<Header>, Arc<Header>)>,
    next_ids: (u64, u64),
}

/// One step that can be taken back.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    /// What was done, for the menu: `Move`.
    label: Arc<str>,
    /// Steps with the same key that follow each other count as one: the ticks of one slider.
    merge: Option<Arc<str>>,
    patch: Patch,
}

/// A document and how it came about.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    present: Document,
    past: Vec<Step>,
    /// Next to redo last.
    future: Vec<Step>,
}

impl Patch {
    fn between(old: &Document, new: &Document) -> Self {
        let same = |(a, b): &(&Arc<Column>, &Arc<Column>)| Arc::ptr_eq(a, b) || a == b;
        let at = old.columns.iter().zip(&new.columns).take_while(same).count();
        let rest = old.columns[at..]
            .iter()
            .rev()
            .zip(new.columns[at..].iter().rev())
            .take_while(same)
            .count();
        Self {
            at,
            before: old.columns[at..old.columns.len() - rest].to_vec(),
            after: new.columns[at..new.columns.len() - rest].to_vec(),
            headers: (old.header != new.header)
                .then(|| (Arc::clone(&old.header), Arc::clone(&new.header))),
            next_ids: (old.next_id, new.next_id),
        }
    }

    fn reversed(self) -> Self {
        Self {
            at: self.at,
            before: self.after,
            after: self.before,
            headers: self.headers.map(|(a, b)| (b, a)),
            next_ids: (self.next_ids.1, self.next_ids.0),
        }
    }

    fn apply(&self, document: &mut Document) {
        document.columns.splice(self.at..self.at + self.before.len(), self.after.iter().cloned());
        if let Some((_, header)) = &self.headers {
            document.header = Arc::clone(header);
        }
        document.next_id = self.next_ids.1;
    }
}

impl History {
    pub fn new(document: Document) -> Self {
        Self { present: document, past: Vec::new(), future: Vec::new() }
    }

    pub fn document(&self) -> &Document {
        &self.present
    }

    /// Makes `document` the present. What was undone before can no longer be redone. Steps with the
    /// same `merge` key that follow each other are taken back together.
    pub fn push(&mut self, document: Document, label: &str, merge: Option<&str>) {
        if document.columns == self.present.columns && document.header == self.present.header {
            return;
        }
        self.future.clear();
        let merges =
            merge.is_some() && self.past.last().is_some_and(|step| step.merge.as_deref() == merge);
        let mut base = self.present.clone();
        if merges && let Some(step) = self.past.pop() {
            step.patch.reversed().apply(&mut base);
        }
        let patch = Patch::between(&base, &document);
        self.past.push(Step { label: label.into(), merge: merge.map(Into::into), patch });
        self.present = document;
    }

    /// Ends a run of merged steps: the next one stands alone.
    pub fn seal(&mut self) {
        if let Some(step) = self.past.last_mut() {
            step.merge = None;
        }
    }

    /// Goes back one step; false where there is none.
    pub fn undo(&mut self) -> bool {
        let Some(step) = self.past.pop() else { return false };
        let step = Step { patch: step.patch.reversed(), ..step };
        step.patch.apply(&mut self.present);
        self.future.push(step);
        true
    }

    /// Takes an undo back; false where there is none.
    pub fn redo(&mut self) -> bool {
        let Some(step) = self.future.pop() else { return false };
        // `undo` turned the patch round; turned again, it leads from the past to the future.
        let step = Step { patch: step.patch.reversed(), merge: None, ..step };
        step.patch.apply(&mut self.present);
        self.past.push(step);
        true
    }

    /// What an undo would take back.
    pub fn undo_label(&self) -> Option<&str> {
        self.past.last().map(|step| &*step.label)
    }

    /// What a redo would do again.
    pub fn redo_label(&self) -> Option<&str> {
        self.future.last().map(|step| &*step.label)
    }

    /// Steps behind and ahead.
    pub fn depth(&self) -> (usize, usize) {
        (self.past.len(), self.future.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Command, Fragment, Place, apply, palette_gate};
    use crate::{Gate, Operation, Qubit};

    fn add(document: &Document, gate: Gate, column: usize, row: u32) -> Document {
        let fragment = Fragment::single(palette_gate(gate));
        let command =
            Command::Insert { fragment, place: Place::At(column), row, assign_bits: true };
        apply(document, &command).expect("there is room").document
    }

    #[test]
    fn undo_and_redo_walk_through_every_version() {
        let mut history = History::new(Document::new(2, 0));
        let mut versions = vec![history.document().clone()];
        for (i, gate) in [Gate::H, Gate::X, Gate::Cx, Gate::Rz].into_iter().enumerate() {
            let next = add(history.document(), gate, i / 2, u32::try_from(i % 2).expect("small"));
            history.push(next, "Place", None);
            versions.push(history.document().clone());
        }
        let next = apply(history.document(), &Command::MoveQubit { from: 0, to: 1 })
            .expect("two wires")
            .document;
        history.push(next, "Move wire", None);
        versions.push(history.document().clone());
        for version in versions.iter().rev().skip(1) {
            assert!(history.undo());
            assert_eq!(history.document(), version);
        }
        assert!(!history.undo());
        for version in versions.iter().skip(1) {
            assert!(history.redo());
            assert_eq!(history.document(), version);
        }
        assert!(!history.redo());
    }

    #[test]
    fn an_edit_after_an_undo_forgets_what_was_undone() {
        let mut history = History::new(Document::new(1, 0));
        history.push(add(history.document(), Gate::H, 0, 0), "Place", None);
        history.undo();
        history.push(add(history.document(), Gate::X, 0, 0), "Place", None);
        assert_eq!(history.depth(), (1, 0));
        assert_eq!(history.undo_label(), Some("Place"));
    }

    #[test]
    fn ticks_of_one_slider_are_one_step() {
        let mut history = History::new(Document::new(1, 0));
        let start = history.document().clone();
        for value in [0.1, 0.2, 0.3] {
            let command = Command::SetParameter { name: "theta".into(), value };
            let next = apply(history.document(), &command).expect("a parameter").document;
            history.push(next, "Set theta", Some("theta"));
        }
        assert_eq!(history.depth(), (1, 0));
        history.undo();
        assert_eq!(history.document().columns, start.columns);
        assert!(history.document().header.parameters.is_empty());
        history.redo();
        assert_eq!(history.document().inputs().next(), Some(("theta", 0.3)));
    }

    #[test]
    fn a_step_keeps_only_the_columns_it_changed() {
        let mut document = Document::new(1, 0);
        for i in 0..100 {
            document = add(&document, Gate::H, i, 0);
        }
        let mut history = History::new(document);
        let command = Command::Insert {
            fragment: Fragment::single(Operation::reset(Qubit(0))),
            place: Place::Before(50),
            row: 0,
            assign_bits: false,
        };
        history.push(apply(history.document(), &command).expect("room").document, "Place", None);
        let patch = &history.past[0].patch;
        assert_eq!((patch.at, patch.before.len(), patch.after.len()), (50, 0, 1));
    }
}
