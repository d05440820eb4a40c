//! Names that a program may give.

use circuit::Gate;

use super::EditError;
use crate::document::Document;

/// Whether `name` is a word of OpenQASM 3, or of its built-in constants and functions.
pub fn is_reserved(name: &str) -> bool {
    const RESERVED: &[&str] = &[
        "OPENQASM",
        "include",
        "defcalgrammar",
        "def",
        "cal",
        "defcal",
        "gate",
        "extern",
        "box",
        "let",
        "break",
        "continue",
        "if",
        "else",
        "end",
        "return",
        "for",
        "while",
        "in",
        "switch",
        "case",
        "default",
        "pragma",
        "input",
        "output",
        "const",
        "readonly",
        "mutable",
        "qreg",
        "qubit",
        "creg",
        "bool",
        "bit",
        "int",
        "uint",
        "float",
        "angle",
        "complex",
        "array",
        "void",
        "duration",
        "stretch",
        "gphase",
        "inv",
        "pow",
        "ctrl",
        "negctrl",
        "durationof",
        "delay",
        "reset",
        "measure",
        "barrier",
        "true",
        "false",
        "pi",
        "tau",
        "euler",
        "im",
        "sizeof",
        "nop",
        "opaque",
        "sin",
        "cos",
        "tan",
        "arcsin",
        "arccos",
        "arctan",
        "sqrt",
        "exp",
        "log",
        "ln",
        "floor",
        "ceiling",
        "mod",
        "popcount",
        "rotl",
        "rotr",
        "real",
        "imag",
        "U",
        "CX",
    ];
    RESERVED.contains(&name)
}

/// Whether a name can be declared in a program, and is free in `document`.
pub fn check_name(document: &Document, name: &str) -> Result<(), EditError> {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    if !first || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') || name.len() > 64 {
        return Err(EditError::BadName(name.to_owned()));
    }
    if is_reserved(name) {
        return Err(EditError::ReservedName(name.to_owned()));
    }
    if document.header.is_taken(name) || Gate::by_name(name).is_some() {
        return Err(EditError::NameTaken(name.to_owned()));
    }
    Ok(())
}
