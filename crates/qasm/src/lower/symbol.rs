//! What names stand for.

use circuit::{GateRef, QubitExprKind, Scalar, SubroutineId, SubroutineParam, Type, Value, VarRef};
use smallvec::SmallVec;

use crate::library::Library;
use crate::span::Span;

/// A classical type as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ty {
    Scalar(Scalar),
    /// `None` for sizes that only a run knows.
    Array {
        element: Scalar,
        dims: SmallVec<[Option<u32>; 4]>,
    },
    /// Of a subroutine without a result.
    Void,
    /// After an error, or not decided before a run.
    Unknown,
}

impl Ty {
    pub fn of(ty: &Type) -> Self {
        match ty {
            Type::Scalar(s) => Self::Scalar(*s),
            Type::Array(a) => {
                Self::Array { element: a.element, dims: a.dims.iter().map(|&d| Some(d)).collect() }
            }
        }
    }

    pub fn scalar(&self) -> Option<Scalar> {
        match self {
            Self::Scalar(s) => Some(*s),
            _ => None,
        }
    }
}

impl std::fmt::Display for Ty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scalar(s) => s.fmt(f),
            Self::Array { element, dims } => {
                write!(f, "array[{element}")?;
                for d in dims {
                    match d {
                        Some(d) => write!(f, ", {d}")?,
                        None => f.write_str(", ?")?,
                    }
                }
                f.write_str("]")
            }
            Self::Void => f.write_str("no value"),
            Self::Unknown => f.write_str("?"),
        }
    }
}

/// Which qubits, as far as that is known; each is a number that no other qubit has.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known {
    /// `first..first + size`.
    Range(u64),
    List(std::sync::Arc<[u64]>),
    No,
}

/// Qubits, named or picked.
#[derive(Debug, Clone)]
pub(super) struct Qubits {
    pub kind: QubitExprKind,
    /// Not a register: cannot be indexed.
    pub single: bool,
    /// 1 for a single one; `None` where only a run knows it.
    pub size: Option<u32>,
    pub known: Known,
}

impl Qubits {
    /// The number of the qubit at `position`.
    pub fn at(&self, position: u32) -> Option<u64> {
        match &self.known {
            Known::Range(first) => Some(first + u64::from(position)),
            Known::List(list) => list.get(position as usize).copied(),
            Known::No => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Variable {
    pub var: VarRef,
    pub ty: Ty,
    pub access: Access,
    /// Of a constant.
    pub value: Option<Value>,
    pub declared: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Mutable,
    Const,
    Input,
    /// A `readonly` array.
    Readonly,
    /// Of a gate.
    GateParam,
}

#[derive(Debug, Clone)]
pub(super) struct GateSymbol {
    /// `None` for an opaque gate and for one whose definition is wrong.
    pub gate: Option<GateRef>,
    pub opaque: bool,
    /// What the call writes; those past the gate's own are dropped (`u0`).
    pub num_params: usize,
    pub ignored_params: usize,
    pub num_qubits: usize,
    /// Operations it expands to.
    pub cost: u64,
    pub library: Option<Library>,
    pub replaceable: bool,
    pub declared: Option<Span>,
}

#[derive(Debug, Clone)]
pub(super) struct SubroutineSymbol {
    pub id: SubroutineId,
    pub params: std::sync::Arc<[SubroutineParam]>,
    pub returns: Option<Scalar>,
    pub external: bool,
    pub cost: u64,
    pub declared: Span,
}

#[derive(Debug, Clone)]
pub(super) enum Symbol {
    Qubits(Qubits, Span),
    Variable(Box<Variable>),
    Gate(Box<GateSymbol>),
    Subroutine(Box<SubroutineSymbol>),
}

impl Symbol {
    /// May be used in gates and subroutines though declared outside.
    pub fn crosses_into_bodies(&self) -> bool {
        match self {
            Self::Qubits(..) => false,
            Self::Variable(v) => v.access == Access::Const,
            Self::Gate(_) | Self::Subroutine(_) => true,
        }
    }

    pub fn is_gate(&self) -> bool {
        matches!(self, Self::Gate(_))
    }

    /// A gate of a library that the program may define anew.
    pub fn is_replaceable(&self) -> bool {
        matches!(self, Self::Gate(g) if g.replaceable)
    }

    pub fn library(&self) -> Option<Library> {
        match self {
            Self::Gate(g) => g.library,
            _ => None,
        }
    }

    pub fn declared(&self) -> Option<Span> {
        match self {
            Self::Qubits(_, span) => Some(*span),
            Self::Variable(v) => Some(v.declared),
            Self::Gate(g) => g.declared,
            Self::Subroutine(s) => Some(s.declared),
        }
    }

    /// For messages.
    pub fn what(&self) -> &'static str {
        match self {
            Self::Qubits(q, _) if q.single => "a qubit",
            Self::Qubits(..) => "a quantum register",
            Self::Variable(v) => match v.ty {
                Ty::Scalar(Scalar::Bits(_)) => "a classical register",
                Ty::Scalar(Scalar::Bit) => "a classical bit",
                _ if v.access == Access::Const => "a constant",
                _ if v.access == Access::GateParam => "a parameter",
                _ => "a classical variable",
            },
            Self::Gate(_) => "a gate",
            Self::Subroutine(_) => "a subroutine",
        }
    }
}
