//! Why an edit is refused.

use super::{MAX_CLBITS, MAX_COLUMNS, MAX_QUBITS};
use crate::document::Invalid;
use crate::expr::ExprError;

/// Why an edit was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error("{0}")]
    Invalid(#[from] Invalid),
    #[error("parameter {index}: {error}")]
    Expression { index: usize, error: ExprError },
    #[error("`{0}` is none of the letters I, X, Y, Z")]
    PauliLetter(char),
    #[error("one letter for each of the {needed} qubits is needed")]
    PauliLength { needed: u32 },
    #[error("that is no longer in the circuit")]
    Gone,
    #[error("nothing is selected")]
    Nothing,
    #[error("there is no wire above the first one")]
    AboveTop,
    #[error("there is no wire there: the circuit has {0} qubits")]
    BelowBottom(u32),
    #[error("a circuit on the canvas has at most {MAX_QUBITS} qubits")]
    TooManyQubits,
    #[error("a circuit on the canvas has at most {MAX_CLBITS} classical bits")]
    TooManyClbits,
    #[error("a circuit on the canvas has at most {MAX_COLUMNS} columns")]
    TooManyColumns,
    #[error("a {0} has no parameters")]
    NoParams(String),
    #[error("`{0}` takes no controls")]
    NoControls(String),
    #[error("a barrier takes no condition")]
    NoCondition,
    #[error("qubit {0} is already used by this gate")]
    QubitInUse(String),
    #[error("qubit {0} is not part of this gate")]
    NotItsQubit(String),
    #[error("`{0}` is not a name: letters, digits and `_`, not beginning with a digit")]
    BadName(String),
    #[error("`{0}` is a word of the language")]
    ReservedName(String),
    #[error("`{0}` is already in use")]
    NameTaken(String),
    #[error("a gate and `{gate}` act on different numbers of qubits: {needed}, not {given}")]
    GateWidth { gate: &'static str, needed: usize, given: usize },
    #[error("the text block in column {column} names `{register}`: change it in the text first")]
    TextNames { register: String, column: usize },
    #[error("`{register}` is used by the condition in column {column}")]
    ConditionNames { register: String, column: usize },
    #[error("`{name}` is used in column {column}")]
    ParameterInUse { name: String, column: usize },
    #[error("there is no register there")]
    NoRegister,
    #[error("the last qubit stays: a circuit needs one")]
    LastQubit,
    #[error("one wire stays in view")]
    LastShown,
    #[error("a measurement cannot be part of a gate, nor can a reset, a condition or a text block")]
    NotUnitary,
    #[error("an operation between the chosen ones depends on both sides: choose it as well")]
    Between,
    #[error(
        "this gate cannot be taken apart: it is a matrix, has a loop, or is inverted or raised to a power"
    )]
    NoBody,
    #[error("`{name}` is used on {qubits} qubits: its wires stay as they are")]
    GateQubits { name: String, qubits: u32 },
    #[error("`{0}` can only use gates that are defined before it")]
    CallsLater(String),
    #[error("`{name}` is used in {user}")]
    DefinitionInUse { name: String, user: String },
    #[error("a value must be a finite number")]
    NotFinite,
    #[error("a text block needs a text")]
    EmptyText,
    #[error("at most {0} copies at a time")]
    TooManyCopies(u32),
}
