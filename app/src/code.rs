//! The program as text: editor, highlighting, problems.

pub mod editor;
pub mod highlight;

pub use editor::{CodeEditor, Jump};
