//! A whole program: registers, variables, gates, subroutines, and the main body.

use crate::classical::{Scalar, Type};
use crate::operation::Block;
use crate::span::Span;
use crate::{Clbit, Qubit};

/// A quantum program.
///
/// Qubits are numbered flat in order of declaration; so are the classical bits, over all global
/// `bit` and `bit[n]` variables that are not constants.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Circuit {
    pub name: Option<String>,
    pub registers: Vec<QuantumRegister>,
    /// Global variables and global aliases, in order of declaration.
    pub variables: Vec<Variable>,
    pub gates: Vec<GateDefinition>,
    pub subroutines: Vec<Subroutine>,
    /// Slots of the main body's frame: variables that blocks of the main body declare.
    pub num_locals: u32,
    /// Their names in the source, by slot, for writing; may be shorter, and an empty one is none.
    pub local_names: Vec<String>,
    pub body: Block,
    /// In order of their places.
    pub comments: Vec<Comment>,
}

/// A quantum register. Registers follow one another without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantumRegister {
    pub name: String,
    /// Its first qubit.
    pub first: Qubit,
    pub size: u32,
    /// Declared without a size, `qubit q;`, or physical, `$3`: it cannot be indexed.
    pub single: bool,
    pub span: Span,
}

/// How a global variable meets the outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Role {
    #[default]
    Plain,
    /// Not to be changed; not shown among results.
    Const,
    /// Its value is given with the run.
    Input,
    /// Shown as the result. Where there are outputs, other variables are still kept.
    Output,
    /// A `let` alias: a slot without a value of its own.
    Alias,
}

/// A global variable.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    pub name: String,
    /// Of an alias of bits, the type of the bits; of an alias of qubits, without meaning.
    pub ty: Type,
    pub role: Role,
    pub span: Span,
}

/// A gate defined by a sequence of others.
///
/// Its body may hold gates, barriers, delays, blocks, boxes, `for` and `if` over its parameters,
/// constants and loop variables. It calls only gates that stand before it, so that expansion ends.
#[derive(Debug, Clone, PartialEq)]
pub struct GateDefinition {
    pub name: String,
    pub params: Vec<String>,
    pub qubits: Vec<String>,
    /// Slots of its frame: parameters, then loop variables.
    pub num_locals: u32,
    /// Their names in the source, by slot, for writing; may be shorter, and an empty one is none.
    pub local_names: Vec<String>,
    /// `None` for an `opaque` gate: it can be declared, not run.
    pub body: Option<Block>,
    pub span: Span,
}

/// A parameter of a subroutine.
#[derive(Debug, Clone, PartialEq)]
pub struct SubroutineParam {
    pub name: String,
    pub kind: ParamKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ParamKind {
    /// By value, converted to the type.
    Scalar(Scalar),
    /// `None` for `qubit q`.
    Qubits(Option<u32>),
    Array {
        element: Scalar,
        shape: ArrayShape,
        mutable: bool,
    },
}

/// What an array argument must look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArrayShape {
    Dims(Vec<u32>),
    /// `#dim = n`
    NumDims(u32),
}

/// `def` or `extern`.
#[derive(Debug, Clone, PartialEq)]
pub struct Subroutine {
    pub name: String,
    /// They take the first slots of the frame, in order.
    pub params: Vec<SubroutineParam>,
    pub returns: Option<Scalar>,
    pub num_locals: u32,
    /// Their names in the source, by slot, for writing; may be shorter, and an empty one is none.
    pub local_names: Vec<String>,
    /// `None` for `extern`: it can be declared, not run.
    pub body: Option<Block>,
    pub span: Span,
}

/// A comment, with its delimiters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub text: String,
    pub span: Span,
}

/// A register of classical bits: a global `bit` or `bit[n]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassicalRegister {
    /// Position in [`Circuit::variables`].
    pub variable: u32,
    pub first: Clbit,
    pub size: u32,
}

impl Circuit {
    pub fn num_qubits(&self) -> u32 {
        self.registers.last().map_or(0, |r| r.first.0 + r.size)
    }

    pub fn num_clbits(&self) -> u32 {
        self.classical_registers().last().map_or(0, |r| r.first.0 + r.size)
    }

    /// The registers that count keys show, in order of declaration: the last one stands leftmost.
    pub fn classical_registers(&self) -> Vec<ClassicalRegister> {
        let mut first = 0;
        let mut out = Vec::new();
        for (variable, v) in (0..).zip(&self.variables) {
            let size = v.ty.num_clbits();
            if size > 0 && matches!(v.role, Role::Plain | Role::Output | Role::Input) {
                out.push(ClassicalRegister { variable, first: Clbit(first), size });
                first += size;
            }
        }
        out
    }
}
