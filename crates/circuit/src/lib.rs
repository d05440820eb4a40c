//! The circuit model: what a quantum program is, independent of any language, file or simulator.
//!
//! * [`circuit`]: the tree of a program, as rich as OpenQASM 3.1: registers, variables, gate
//!   definitions, subroutines, a body of statements ([`operation`], [`expr`], [`classical`]);
//! * [`machine`]: runs the classical part of a circuit and hands out its quantum steps; [`flat`]:
//!   the same as one list, where no step depends on an outcome;
//! * [`gate`]: the gate table, one record per gate;
//! * [`instruction`]: the flat, bound form that simulators execute.
//!
//! Qubit 0 is the least significant bit; the first qubit of a gate is the low bit of its matrix
//! index; bit strings are written highest bit first.

pub mod builder;
pub mod circuit;
pub mod classical;
pub mod definition;
pub mod dense;
pub mod expr;
pub mod flat;
pub mod gate;
pub mod ids;
pub mod instruction;
pub mod machine;
pub mod operation;
pub mod span;
pub mod stats;
pub mod transform;
mod walk;

pub use builder::{BuildError, CircuitBuilder};
pub use circuit::{
    ArrayShape, Circuit, ClassicalRegister, Comment, GateDefinition, ParamKind, QuantumRegister,
    Role, Subroutine, SubroutineParam, Variable,
};
pub use classical::{Scalar, Type, Value};
pub use expr::{
    Argument, BinaryOp, Builtin, Call, Expr, ExprKind, GateId, IndexItem, Iterable, LValue,
    QubitExpr, QubitExprKind, RangeExpr, RegisterId, SubroutineId, UnaryOp, VarRef,
};
pub use flat::{BitSource, Flat};
pub use gate::{Family, Gate, GateSpec};
pub use ids::{Clbit, Qubit};
pub use instruction::{Control, GateMatrix, Instruction, UnitaryInstruction};
pub use machine::{Limits, Machine, Program, RuntimeError, RuntimeErrorKind, Step};
pub use operation::{
    Annotation, Block, BlockGate, Case, GateCall, GateRef, Modifier, NoiseCall, NoiseRef,
    Statement, StatementKind,
};
pub use quantum_info::{Matrix, Pauli};
pub use span::{SourceId, Span};
pub use stats::{Dag, Stats};
pub use walk::durationof_blocks;
