//! Circuit to text that other tools read back: OpenQASM 3 in full, OpenQASM 2 where it can say it.
//!
//! Gates of the table that the standard include lacks are defined in the text, marked
//! `@ketlab.gate`, so that reading gives the gate of the table again and other tools its
//! definition. Variables of blocks have no names in a circuit and get new ones.

mod expr;
mod names;
mod v2;
mod v3;

use circuit::Circuit;

use crate::span::Span;

/// Why a circuit cannot be written as OpenQASM 2.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("OpenQASM 2 cannot say this: {what}")]
pub struct Emit2Error {
    pub what: String,
    /// Where it stands in the text that the circuit came from.
    pub span: Option<Span>,
}

/// The circuit as OpenQASM 3.
pub fn emit3(circuit: &Circuit) -> String {
    v3::emit(circuit)
}

/// The circuit as OpenQASM 2.0.
pub fn emit2(circuit: &Circuit) -> Result<String, Emit2Error> {
    v2::emit(circuit)
}
