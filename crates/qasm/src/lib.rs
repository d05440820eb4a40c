//! OpenQASM 2.0 and 3.1: read, check, lower to a circuit, write.
//!
//! Text goes through [`lex`], [`parse`](mod@parse) and the checks; each stage can be looked at. Reading
//! never fails and never panics: every problem is a [`Diagnostic`].

pub mod ast;
pub mod compile;
pub mod diagnostic;
mod emit;
mod format;
pub mod lex;
mod library;
mod lower;
pub mod parse;
pub mod span;

pub use ast::{Ast, Version};
pub use compile::{Compiled, Limits, Options, compile};
pub use diagnostic::{Diagnostic, Severity};
pub use emit::{Emit2Error, emit2, emit3};
pub use format::format;
pub use parse::{Parsed, parse};
pub use span::{LineColumn, LineIndex, Span};

#[cfg(test)]
mod tests;
