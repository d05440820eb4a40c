//! What a machine keeps: slots of variables, and its budget.

use std::sync::Arc;

use super::error::{RuntimeError, RuntimeErrorKind};
use crate::Qubit;
use crate::classical::{Type, Value};
use crate::expr::VarRef;
use crate::span::Span;

/// Bounds of one run. Counted, not timed: the same program stops at the same place everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Quantum operations: gates after expansion, measurements, resets.
    pub max_operations: u64,
    /// Statements executed, those of gate bodies and loop headers included.
    pub max_statements: u64,
    /// Subroutines active at a time.
    pub max_call_depth: u32,
    /// For the values of all variables alive at a time, roughly.
    pub max_memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_operations: 100_000_000,
            max_statements: 400_000_000,
            max_call_depth: 1_000,
            max_memory_bytes: 256 << 20,
        }
    }
}

/// Limits and what has been used of them.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    pub limits: Limits,
    pub operations: u64,
    pub statements: u64,
    pub memory: u64,
}

impl Budget {
    pub fn operation(&mut self, span: Span) -> Result<(), RuntimeError> {
        self.operations += 1;
        if self.operations > self.limits.max_operations {
            let limit = self.limits.max_operations;
            return Err(RuntimeError::new(RuntimeErrorKind::TooManyOperations { limit }, span));
        }
        Ok(())
    }

    pub fn statement(&mut self, span: Span) -> Result<(), RuntimeError> {
        self.statements += 1;
        if self.statements > self.limits.max_statements {
            let limit = self.limits.max_statements;
            return Err(RuntimeError::new(RuntimeErrorKind::TooManyStatements { limit }, span));
        }
        Ok(())
    }

    /// Before a value of this type is made.
    pub fn allocate(&mut self, bytes: u64, span: Span) -> Result<(), RuntimeError> {
        self.memory = self.memory.saturating_add(bytes);
        if self.memory > self.limits.max_memory_bytes {
            let limit = self.limits.max_memory_bytes;
            return Err(RuntimeError::new(RuntimeErrorKind::Memory { limit }, span));
        }
        Ok(())
    }
}

/// Bytes that a variable of this type takes, roughly; saturates.
pub(super) fn size_of_type(ty: &Type) -> u64 {
    let scalar = |clbits: u32| size_of::<Value>() as u64 + u64::from(clbits / 8);
    match ty {
        Type::Scalar(s) => scalar(s.num_clbits()),
        Type::Array(a) => {
            scalar(a.element.num_clbits()).saturating_mul(a.len().map_or(u64::MAX, |n| n as u64))
        }
    }
}

/// Where a value comes from, as far as measurements have a part in it. Kept only while a program is
/// flattened.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Origin {
    /// No measurement has a part in it.
    #[default]
    Fixed,
    /// Each bit is fixed (`None`) or the outcome in this record.
    Records(Arc<[Option<u32>]>),
    /// Computed from outcomes.
    Computed,
}

/// One classical bit of another variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BitPlace {
    pub var: VarRef,
    /// `None` for a single `bit`.
    pub bit: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum Content {
    #[default]
    Empty,
    Value(Value),
    Qubits {
        qubits: Arc<[Qubit]>,
        single: bool,
    },
    Bits(Arc<[BitPlace]>),
}

/// Storage of one variable or alias.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Slot {
    pub content: Content,
    pub origin: Origin,
}

impl Slot {
    pub fn of(value: Value) -> Self {
        Self { content: Content::Value(value), origin: Origin::Fixed }
    }

    pub fn value(&self) -> Option<&Value> {
        match &self.content {
            Content::Value(v) => Some(v),
            _ => None,
        }
    }
}
