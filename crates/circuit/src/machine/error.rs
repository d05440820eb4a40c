//! What can go wrong while a program runs.

use crate::classical::{Type, ValueError};
use crate::span::Span;

/// An error and its place.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{kind}")]
pub struct RuntimeError {
    pub kind: RuntimeErrorKind,
    pub span: Span,
}

impl RuntimeError {
    pub fn new(kind: impl Into<RuntimeErrorKind>, span: Span) -> Self {
        Self { kind: kind.into(), span }
    }

    /// With a place, where it has none yet.
    #[must_use]
    pub(crate) fn at(mut self, span: Span) -> Self {
        self.span = self.span.or(span);
        self
    }
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RuntimeErrorKind {
    #[error(transparent)]
    Value(#[from] ValueError),
    #[error("qubit {0} is used twice by one operation")]
    DuplicateQubit(u32),
    #[error(
        "operands of {left} and {right} qubits cannot go together: registers in one operation have one length"
    )]
    Broadcast { left: usize, right: usize },
    #[error("`{gate}` acts on {expected} qubits, modifiers included; found {found}")]
    OperandCount { gate: String, expected: usize, found: usize },
    #[error("`{gate}` takes {expected} parameters; found {found}")]
    ParamCount { gate: String, expected: usize, found: usize },
    #[error("a parameter of `{gate}` is {value}, which is not a finite number")]
    ParamNotFinite { gate: String, value: f64 },
    #[error("a number of controls is a positive integer; found {0}")]
    ControlCount(i128),
    #[error("an exponent is a finite number; found {0}")]
    Exponent(f64),
    #[error(
        "a power with this exponent needs the matrix of `{gate}`, which acts on {num_qubits} qubits; at most {limit} are possible"
    )]
    PowerTooWide { gate: String, num_qubits: usize, limit: usize },
    #[error("{qubits} qubits cannot be measured into {bits} bits")]
    MeasureSize { qubits: usize, bits: usize },
    #[error(
        "`{name}` is an extern function: it is declared here and defined elsewhere, so it cannot be run"
    )]
    Extern { name: String },
    #[error("the gate `{name}` is opaque: it has no definition, so it cannot be run")]
    Opaque { name: String },
    #[error("`{name}` takes {expected} arguments; found {found}")]
    ArgumentCount { name: String, expected: usize, found: usize },
    #[error("argument `{param}` of `{name}` is of another kind")]
    ArgumentKind { name: String, param: String },
    #[error("argument `{param}` of `{name}` has {expected} qubits; found {found}")]
    ArgumentSize { name: String, param: String, expected: usize, found: usize },
    #[error("argument `{param}` of `{name}` is an array of another shape: `{found}`")]
    ArgumentShape { name: String, param: String, found: Type },
    #[error("`{name}` ended without a return value")]
    NoReturnValue { name: String },
    #[error("the program asks for a value of the input `{name}` ({ty})")]
    MissingInput { name: String, ty: Type },
    #[error("the program has no input `{name}`")]
    UnknownInput { name: String },
    #[error("the input `{name}` is of type `{ty}`: {reason}")]
    InputType { name: String, ty: Type, reason: ValueError },
    #[error("a variable is used before it is declared")]
    Undeclared,
    #[error("this must be given by a constant expression")]
    NotConstant,
    #[error("only bits can be renamed by `let`, of a variable that is not an array")]
    AliasKind,
    #[error("the program expands to more than {limit} operations")]
    TooManyOperations { limit: u64 },
    #[error("the program executes more than {limit} statements")]
    TooManyStatements { limit: u64 },
    #[error("subroutines call one another more than {limit} deep")]
    CallDepth { limit: u32 },
    #[error("the classical variables need more than {limit} bytes")]
    Memory { limit: u64 },
    #[error("the outcome of the last measurement was not given")]
    OutcomeMissing,
    #[error("what happens here depends on the outcome of a measurement")]
    DependsOnOutcome,
    #[error("a flat list of gates, measurements and resets cannot hold this")]
    NotFlat,
    #[error("invalid circuit: {0}")]
    Invalid(&'static str),
}
