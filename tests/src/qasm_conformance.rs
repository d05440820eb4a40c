//! The public OpenQASM conformance files: verdicts, places of errors, results.

pub(crate) mod data;
mod mutation;
mod results;
mod semantics;
mod syntax;
