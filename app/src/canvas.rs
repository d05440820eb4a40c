//! The circuit on the page: draws an [`editor::Document`] and turns pointer and keys into
//! [`editor::Command`]s. What is a decision lies in `editor`; here is the DOM.
//!
//! [`Board`] is the handle that canvas and palette share. The page makes one, with callbacks for
//! what is its own: taking an edit over, running a preview, undo.

mod board;
mod clipboard;
mod inspector;
mod keyboard;
mod minimap;
mod opened;
mod palette;
pub mod picture;
mod pointer;
mod stage;
mod subject;
mod words;

pub use board::Board;
pub use opened::OpenedGates;
pub use palette::Palette;
pub use stage::CircuitCanvas;
