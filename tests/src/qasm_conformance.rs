//! The public OpenQASM conformance files: verdicts, places of errors, results.

mod data;
mod results;
mod semantics;
mod syntax;
