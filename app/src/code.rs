//! The program as text: editor, highlighting, completion, problems.

pub mod editor;
pub mod highlight;
pub mod language;
pub mod mirror;

use std::ops::Range;

use leptos::prelude::{Callback, RwSignal, Signal};

pub use editor::{CodeEditor, Jump};

/// What connects the text with the picture. Places are bytes of the text.
#[derive(Clone, Copy)]
pub struct Link {
    /// What is chosen in the picture.
    pub marks: Signal<Vec<Range<usize>>>,
    /// Selects this and takes the focus.
    pub show: RwSignal<Option<Range<usize>>>,
    /// The cursor moved there; `None` without the focus.
    pub on_cursor: Callback<Option<usize>>,
    /// To the picture of what stands there.
    pub on_picture: Callback<usize>,
    pub on_undo: Callback<()>,
    pub on_redo: Callback<()>,
}
