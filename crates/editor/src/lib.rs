//! The circuit editor without a screen: a [`Document`] is what the canvas shows, a [`Command`]
//! changes it, [`History`] takes it back, [`geometry`] says where everything lies, and [`emit`]
//! writes it as OpenQASM 3.
//!
//! Everything here is a pure function of plain data. Rows are qubits from the top, columns are time
//! from the left; operations of one column touch different qubits, so their order does not matter.
//! What a picture cannot draw is kept as a block of text that names the qubits it touches.

pub mod command;
pub mod definition;
pub mod describe;
pub mod display;
pub mod document;
pub mod draw;
pub mod emit;
pub mod expr;
pub mod gates;
pub mod geometry;
pub mod gesture;
pub mod hidden;
pub mod history;
pub mod keys;
pub mod label;
pub mod listing;
pub mod matrix;
pub mod patch;
pub mod place;
pub mod read;
pub mod selection;
pub mod source;

pub use circuit::{Clbit, Control, Gate, Qubit};
pub use command::{Applied, Command, EditError, Fragment, Place, apply, palette_gate};
pub use display::{Display, DisplayKind};
pub use document::{
    Column, Condition, Definition, Document, Header, Io, OpId, Operation, Param, Parameter,
    Register, What,
};
pub use emit::{emit, emit_with};

pub use geometry::Layout;
pub use history::History;
pub use patch::{Patched, patch, rewrite, same_circuit};
pub use read::{from_circuit, with_source};
pub use selection::Selection;
pub use source::Source;
