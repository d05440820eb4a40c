//! The public OpenQASM conformance files: verdicts, places of errors, results.

mod data;
mod semantics;
mod syntax;
