//! Why an operation on values is refused.

use super::types::Type;

/// What went wrong, without a place: whoever evaluates adds it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ValueError {
    #[error("`{op}` is not defined for `{left}` and `{right}`")]
    BinaryTypes { op: &'static str, left: Type, right: Type },
    #[error("`{op}` is not defined for `{operand}`")]
    UnaryType { op: &'static str, operand: Type },
    #[error("a value of type `{from}` cannot become `{to}`")]
    Cast { from: Type, to: Type },
    #[error("division by zero")]
    DivisionByZero,
    #[error("a shift by {by} places: the number of places must not be negative")]
    NegativeShift { by: i128 },
    #[error("`{function}` has no real value at {at}")]
    Domain { function: &'static str, at: f64 },
    #[error("{value} is not a finite number")]
    NotFinite { value: f64 },
    #[error("index {index} is out of range: there are {size} positions, numbered from 0")]
    IndexOutOfRange { index: i128, size: u32 },
    #[error("the step of a range must not be 0")]
    ZeroStep,
    #[error("a value of type `{0}` cannot be indexed")]
    NotIndexable(Type),
    #[error("`{ty}` takes at most {expected} indices; found {found}")]
    TooManyIndices { ty: Type, expected: usize, found: usize },
    #[error("expected an integer, found a value of type `{0}`")]
    NotInteger(Type),
    #[error("expected a number, found a value of type `{0}`")]
    NotNumber(Type),
    #[error("expected a condition, found a value of type `{0}`")]
    NotCondition(Type),
    #[error("`{function}` takes {expected} arguments; found {found}")]
    ArgumentCount { function: &'static str, expected: usize, found: usize },
    #[error("the initial value does not have the shape of `{0}`")]
    ArrayShape(Type),
    #[error("{found} values cannot be assigned to {expected} positions")]
    Length { expected: usize, found: usize },
    #[error("the arrays have no dimension {0}")]
    Dimension(i128),
    #[error("a value of more than 16,777,216 elements")]
    TooLarge,
    #[error("durations in `dt` and in seconds cannot be compared without a target")]
    Incomparable,
}
