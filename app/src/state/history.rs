//! Undo and redo over text and picture alike: a step is the program before an edit, as it was
//! written and as it was drawn.
//!
//! Documents share their columns, and texts are kept word for word, so that undoing an edit of the
//! picture brings back comments and layout. Old steps are dropped when all texts together pass
//! [`MAX_BYTES`]; at least one step stays.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use editor::{Document, Source};
use serde::{Deserialize, Serialize};

/// Bytes of text that are kept for undo.
const MAX_BYTES: usize = 32 << 20;
/// Bytes of text that survive a reload.
const MAX_STORED_BYTES: usize = 512 << 10;

/// Values of the program's inputs, by name, as typed.
pub type Inputs = BTreeMap<String, String>;

/// The program at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    pub text: Arc<str>,
    pub inputs: Arc<Inputs>,
    /// What the canvas showed, and where that is in the text; after a reload it is drawn from the
    /// text again.
    pub drawn: Option<(Document, Arc<Source>)>,
}

/// Consecutive edits of one kind are one step: a word typed, a slider dragged.
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    pub key: String,
    /// Milliseconds.
    pub at: f64,
}

/// Edits that follow each other faster than this are one step, if they have the same key.
const MERGE_WITHIN_MS: f64 = 900.0;

#[derive(Debug, Default)]
pub struct History {
    /// Oldest first.
    past: VecDeque<Snapshot>,
    /// Next to redo last.
    future: Vec<Snapshot>,
    bytes: usize,
    last: Option<Merge>,
}

impl History {
    /// Records the program `before` an edit.
    pub fn record(&mut self, before: Snapshot, merge: Option<Merge>) {
        let joins = match (&self.last, &merge) {
            (Some(last), Some(now)) => {
                last.key == now.key && now.at - last.at < MERGE_WITHIN_MS && !self.past.is_empty()
            }
            _ => false,
        };
        self.last = merge;
        self.future.clear();
        if joins {
            return;
        }
        self.bytes += before.text.len();
        self.past.push_back(before);
        while self.bytes > MAX_BYTES && self.past.len() > 1 {
            if let Some(oldest) = self.past.pop_front() {
                self.bytes -= oldest.text.len();
            }
        }
    }

    /// The program before the last step; `present` can be redone.
    pub fn undo(&mut self, present: Snapshot) -> Option<Snapshot> {
        let before = self.past.pop_back()?;
        self.bytes -= before.text.len();
        self.future.push(present);
        self.last = None;
        Some(before)
    }

    /// The program that was undone last; `present` can be undone.
    pub fn redo(&mut self, present: Snapshot) -> Option<Snapshot> {
        let after = self.future.pop()?;
        self.bytes += present.text.len();
        self.past.push_back(present);
        self.last = None;
        Some(after)
    }

    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// The newest steps, as they are kept over a reload.
    pub fn to_stored(&self) -> Stored {
        let mut room = MAX_STORED_BYTES;
        let mut take = |texts: &mut dyn Iterator<Item = &Snapshot>| {
            let mut kept: Vec<Step> = Vec::new();
            for snapshot in texts {
                let Some(left) = room.checked_sub(snapshot.text.len()) else { break };
                room = left;
                kept.push(if snapshot.inputs.is_empty() {
                    Step::Text(snapshot.text.to_string())
                } else {
                    Step::WithInputs(snapshot.text.to_string(), (*snapshot.inputs).clone())
                });
            }
            kept.reverse();
            kept
        };
        let past = take(&mut self.past.iter().rev());
        let future = take(&mut self.future.iter().rev());
        Stored { past, future }
    }

    pub fn from_stored(stored: Stored) -> Self {
        let snapshot = |step: Step| {
            let (text, inputs) = match step {
                Step::Text(text) => (text, Inputs::default()),
                Step::WithInputs(text, inputs) => (text, inputs),
            };
            Snapshot { text: text.into(), inputs: Arc::new(inputs), drawn: None }
        };
        let past: VecDeque<Snapshot> = stored.past.into_iter().map(snapshot).collect();
        let bytes = past.iter().map(|s| s.text.len()).sum();
        Self { past, future: stored.future.into_iter().map(snapshot).collect(), bytes, last: None }
    }
}

/// Texts of a history, oldest past first, next future last.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stored {
    past: Vec<Step>,
    future: Vec<Step>,
}

/// A text, with the inputs' values where there are any.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Step {
    Text(String),
    WithInputs(String, Inputs),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Snapshot {
        Snapshot { text: text.into(), inputs: Arc::default(), drawn: None }
    }

    #[expect(clippy::unnecessary_wraps, reason = "reads as the argument it is")]
    fn typed(ms: f64) -> Option<Merge> {
        Some(Merge { key: "text".into(), at: ms })
    }

    #[test]
    fn steps_go_back_and_forth() {
        let mut h = History::default();
        h.record(at("a"), None);
        h.record(at("b"), None);
        assert_eq!(h.undo(at("c")), Some(at("b")));
        assert_eq!(h.undo(at("b")), Some(at("a")));
        assert_eq!(h.undo(at("a")), None);
        assert_eq!(h.redo(at("a")), Some(at("b")));
        h.record(at("b"), None);
        assert!(!h.can_redo(), "an edit forgets what was undone");
    }

    #[test]
    fn fast_typing_is_one_step_and_a_pause_starts_another() {
        let mut h = History::default();
        h.record(at(""), typed(0.0));
        h.record(at("h"), typed(500.0));
        h.record(at("he"), typed(1000.0));
        h.record(at("hey"), typed(5000.0));
        assert_eq!(h.undo(at("hey!")), Some(at("hey")));
        assert_eq!(h.undo(at("hey")), Some(at("")));
        assert!(!h.can_undo());
    }

    #[test]
    fn typing_after_an_undo_is_a_step_of_its_own() {
        let mut h = History::default();
        h.record(at(""), typed(0.0));
        h.undo(at("h"));
        h.record(at(""), typed(10.0));
        assert!(h.can_undo());
    }

    #[test]
    fn a_stored_history_goes_on_where_it_was() {
        let mut h = History::default();
        for text in ["a", "b", "c"] {
            h.record(at(text), None);
        }
        h.undo(at("d"));
        let mut h = History::from_stored(h.to_stored());
        assert_eq!(h.redo(at("c")), Some(at("d")));
        assert_eq!(h.undo(at("d")), Some(at("c")));
        assert_eq!(h.undo(at("c")), Some(at("b")));
    }

    #[test]
    fn values_of_inputs_are_part_of_a_step() {
        let with = |value: &str| Snapshot {
            inputs: Arc::new(Inputs::from([("theta".to_owned(), value.to_owned())])),
            ..at("input float theta;")
        };
        let mut h = History::default();
        h.record(with("1"), None);
        let json = serde_json::to_string(&h.to_stored()).expect("plain data");
        let stored = serde_json::from_str(&json).expect("as written");
        assert_eq!(History::from_stored(stored).undo(with("2")), Some(with("1")));
        // As it was kept before there were values.
        let old: Stored = serde_json::from_str("{\"past\":[\"a\"],\"future\":[]}").expect("read");
        assert_eq!(History::from_stored(old).undo(at("b")), Some(at("a")));
    }

    #[test]
    fn memory_is_bounded_and_the_newest_steps_stay() {
        let mut h = History::default();
        let big = "x".repeat(MAX_BYTES / 2);
        for _ in 0..5 {
            h.record(at(&big), None);
        }
        assert!(h.bytes <= MAX_BYTES);
        assert_eq!(h.past.len(), 2);
        assert!(h.to_stored().past.is_empty(), "too large for the browser's storage");
    }
}
