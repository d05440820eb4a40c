//! Expressions, the things that can be assigned to, and the qubits that an operation names.
//!
//! Names are resolved: a variable is a position among the circuit's globals or in the frame of the
//! body it stands in (see [`VarRef`]). Types are not written on expressions: values carry theirs
//! and operators convert as OpenQASM has it (see [`crate::classical`]); an explicit cast is
//! [`ExprKind::Cast`]. An expression over input variables is what other frameworks call a symbolic
//! parameter: it stays as it is until binding or a run gives the inputs.

use std::sync::Arc;

use crate::classical::{Type, Value};
use crate::span::Span;

/// A slot of storage: of a classical variable or of a `let` alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VarRef {
    /// Position in [`crate::Circuit::variables`].
    Global(u32),
    /// Position in the frame of the enclosing body. The frame of a subroutine begins with its
    /// parameters, the frame of a gate with its (real) parameters, in order; the frame of the main
    /// body belongs to the block-local variables of the program.
    Local(u32),
}

/// A quantum register of the circuit: position in [`crate::Circuit::registers`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegisterId(pub u32);

/// A custom gate: position in [`crate::Circuit::gates`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GateId(pub u32);

/// A subroutine: position in [`crate::Circuit::subroutines`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubroutineId(pub u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    /// `-x`
    Negate,
    /// `!x`
    Not,
    /// `~x`
    BitNot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    /// Truncates towards zero between integers.
    Div,
    /// Sign of the dividend.
    Mod,
    /// `**`
    Pow,
    BitAnd,
    BitOr,
    BitXor,
    Shl,
    Shr,
    /// `&&`: the right side is evaluated only where the left is true.
    And,
    /// `||`: the right side is evaluated only where the left is false.
    Or,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl BinaryOp {
    /// As OpenQASM writes it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Mod => "%",
            Self::Pow => "**",
            Self::BitAnd => "&",
            Self::BitOr => "|",
            Self::BitXor => "^",
            Self::Shl => "<<",
            Self::Shr => ">>",
            Self::And => "&&",
            Self::Or => "||",
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}

/// A built-in function. `sizeof` and `durationof` are expressions of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Builtin {
    Arccos,
    Arcsin,
    Arctan,
    Ceiling,
    Cos,
    Exp,
    Floor,
    Log,
    /// As `%`.
    Mod,
    Popcount,
    Pow,
    Rotl,
    Rotr,
    Sin,
    Sqrt,
    Tan,
    /// Real part of a complex number.
    Real,
    /// Imaginary part of a complex number.
    Imag,
    Abs,
    /// Natural logarithm, as OpenQASM 2 calls it.
    Ln,
}

impl Builtin {
    /// All of them, in alphabetical order of their names.
    pub const ALL: [(&'static str, Self); 20] = [
        ("abs", Self::Abs),
        ("arccos", Self::Arccos),
        ("arcsin", Self::Arcsin),
        ("arctan", Self::Arctan),
        ("ceiling", Self::Ceiling),
        ("cos", Self::Cos),
        ("exp", Self::Exp),
        ("floor", Self::Floor),
        ("imag", Self::Imag),
        ("ln", Self::Ln),
        ("log", Self::Log),
        ("mod", Self::Mod),
        ("popcount", Self::Popcount),
        ("pow", Self::Pow),
        ("real", Self::Real),
        ("rotl", Self::Rotl),
        ("rotr", Self::Rotr),
        ("sin", Self::Sin),
        ("sqrt", Self::Sqrt),
        ("tan", Self::Tan),
    ];

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(n, _)| *n == name).map(|&(_, b)| b)
    }

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, b)| *b == self).map_or("", |&(n, _)| n)
    }

    pub fn num_args(self) -> usize {
        match self {
            Self::Mod | Self::Pow | Self::Rotl | Self::Rotr => 2,
            _ => 1,
        }
    }
}

/// An expression and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    pub kind: ExprKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ExprKind {
    Literal(Value),
    Variable(VarRef),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<(Expr, Expr)>),
    Cast(Type, Box<Expr>),
    /// `base[a]`, `base[a, b]`, `base[a:b]`, `base[{a, b}]`: one list of items per pair of brackets.
    Index(Box<Expr>, Vec<IndexItem>),
    /// `a ++ b ++ c`, of bits or of arrays. Of bits, the first operand is the low end, as for
    /// qubits.
    Concat(Vec<Expr>),
    /// `{a, b, c}`: the initial value of an array; its type is that of the variable.
    Array(Vec<Expr>),
    Builtin(Builtin, Vec<Expr>),
    /// `sizeof(array)` or `sizeof(array, dimension)`; without a dimension that of the first.
    SizeOf(Box<Expr>, Option<Box<Expr>>),
    /// Number of qubits.
    SizeOfQubits(Box<QubitExpr>),
    /// A subroutine's result.
    Call(Box<Call>),
    /// Measures in the Z basis: a `bit` for a single qubit, `bit[n]` for a register or slice.
    Measure(Box<QubitExpr>),
    /// `durationof({ … })`: 0 without a target that has durations.
    DurationOf(Arc<crate::operation::Block>),
}

impl Expr {
    pub fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind, span }
    }

    pub fn literal(value: Value) -> Self {
        Self::new(ExprKind::Literal(value), Span::NONE)
    }

    pub fn int(value: i64) -> Self {
        Self::literal(Value::int(64, value.into()))
    }

    pub fn float(value: f64) -> Self {
        Self::literal(Value::Float(value))
    }

    pub fn bool(value: bool) -> Self {
        Self::literal(Value::Bool(value))
    }

    pub fn variable(var: VarRef) -> Self {
        Self::new(ExprKind::Variable(var), Span::NONE)
    }

    #[must_use]
    pub fn unary(op: UnaryOp, operand: Self) -> Self {
        let span = operand.span;
        Self::new(ExprKind::Unary(op, Box::new(operand)), span)
    }

    #[must_use]
    pub fn binary(op: BinaryOp, left: Self, right: Self) -> Self {
        let span = left.span.to(right.span);
        Self::new(ExprKind::Binary(op, Box::new((left, right))), span)
    }

    #[must_use]
    pub fn cast(ty: impl Into<Type>, operand: Self) -> Self {
        let span = operand.span;
        Self::new(ExprKind::Cast(ty.into(), Box::new(operand)), span)
    }

    /// `self[index]`.
    #[must_use]
    pub fn at(self, index: Self) -> Self {
        let span = self.span.to(index.span);
        Self::new(ExprKind::Index(Box::new(self), vec![IndexItem::Single(index)]), span)
    }

    /// The literal's value.
    pub fn as_literal(&self) -> Option<&Value> {
        match &self.kind {
            ExprKind::Literal(v) => Some(v),
            _ => None,
        }
    }
}

/// `start : step : stop`, both ends included. A missing step is 1; of an index, a missing start is
/// the first and a missing stop the last position (exchanged for a negative step).
#[derive(Debug, Clone, PartialEq)]
pub struct RangeExpr {
    pub start: Option<Expr>,
    pub step: Option<Expr>,
    pub stop: Option<Expr>,
    pub span: Span,
}

/// One entry between the brackets of an index. Negative positions count from the end, -1 the last.
#[derive(Debug, Clone, PartialEq)]
pub enum IndexItem {
    Single(Expr),
    Range(Box<RangeExpr>),
    /// `{a, b, c}`
    Set(Vec<Expr>),
}

/// What can be assigned to: a variable, or part of one. Each pair of brackets adds one entry to
/// `path`: elements or slices of an array first, then bits (of `bit[n]`, `int`, `uint`, `angle`).
#[derive(Debug, Clone, PartialEq)]
pub struct LValue {
    pub var: VarRef,
    pub path: Vec<Vec<IndexItem>>,
    pub span: Span,
}

impl LValue {
    pub fn var(var: VarRef) -> Self {
        Self { var, path: Vec::new(), span: Span::NONE }
    }

    /// One element or bit of a variable.
    pub fn at(var: VarRef, index: Expr) -> Self {
        Self { var, path: vec![vec![IndexItem::Single(index)]], span: Span::NONE }
    }
}

/// The qubits an operation names, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct QubitExpr {
    pub kind: QubitExprKind,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum QubitExprKind {
    /// A whole register. One declared without a size (`qubit q;`) is a single qubit.
    Register(RegisterId),
    /// Qubit of the circuit by its flat number; for circuits built without registers in mind.
    Qubit(crate::Qubit),
    /// Of a gate's body: the gate's qubit argument at this position.
    Argument(u32),
    /// A `let` alias, or a quantum parameter of a subroutine (at its position in the frame).
    Variable(VarRef),
    /// The items between the brackets. `q[i]` is a single qubit, all others are registers.
    Index(Box<QubitExpr>, Vec<IndexItem>),
    /// `a ++ b`
    Concat(Vec<QubitExpr>),
}

impl QubitExpr {
    pub fn new(kind: QubitExprKind, span: Span) -> Self {
        Self { kind, span }
    }

    pub fn register(id: RegisterId) -> Self {
        Self::new(QubitExprKind::Register(id), Span::NONE)
    }

    pub fn qubit(qubit: crate::Qubit) -> Self {
        Self::new(QubitExprKind::Qubit(qubit), Span::NONE)
    }

    pub fn argument(position: u32) -> Self {
        Self::new(QubitExprKind::Argument(position), Span::NONE)
    }

    pub fn variable(var: VarRef) -> Self {
        Self::new(QubitExprKind::Variable(var), Span::NONE)
    }

    /// `self[index]`.
    #[must_use]
    pub fn at(self, index: Expr) -> Self {
        let span = self.span.to(index.span);
        Self::new(QubitExprKind::Index(Box::new(self), vec![IndexItem::Single(index)]), span)
    }
}

/// A call of a subroutine.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub subroutine: SubroutineId,
    /// One per parameter, of the kind that the parameter asks for.
    pub args: Vec<Argument>,
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// A scalar or a `readonly` array, by value.
    Value(Expr),
    Qubits(QubitExpr),
    /// A `mutable` array.
    Reference(LValue),
}

/// What a `for` runs over.
#[derive(Debug, Clone, PartialEq)]
pub enum Iterable {
    /// Start and stop are given.
    Range(Box<RangeExpr>),
    Set(Vec<Expr>),
    /// The elements of a one-dimensional array or the bits of a `bit[n]`.
    Value(Expr),
}
