//! The operations that a plan is made of, on bits of the vector instead of qubits.

use std::sync::Arc;

use num_complex::Complex64;
use quantum_info::Matrix;
use smallvec::SmallVec;

/// `2^k` phases.
#[derive(Debug, Clone)]
pub(crate) enum Entries {
    Few(SmallVec<[Complex64; 4]>),
    Many(Arc<[Complex64]>),
}

impl Entries {
    pub(crate) fn as_slice(&self) -> &[Complex64] {
        match self {
            Self::Few(e) => e,
            Self::Many(e) => e,
        }
    }
}

/// Bits of the vector's index.
pub(crate) type Bits = SmallVec<[u8; 4]>;

/// What is done where the controls hold. The first bit is the low bit of a matrix index.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// Multiplies by `entries[i]`, `i` made of `bits`; no bits: one phase.
    Diagonal {
        bits: Bits,
        entries: Entries,
    },
    X {
        bit: u8,
    },
    /// Row-major.
    One {
        bit: u8,
        u: [Complex64; 4],
    },
    /// Row-major; `bits[0] < bits[1]`.
    Two {
        bits: [u8; 2],
        u: Box<[Complex64; 16]>,
    },
    /// Three targets and more.
    Dense {
        bits: Bits,
        u: Box<Matrix>,
    },
    /// `map[i]` is where `i` goes.
    Permutation {
        bits: Bits,
        map: Arc<[u32]>,
    },
}

/// An action under controls: it happens where `index & ctrl_mask == ctrl_value`.
#[derive(Debug, Clone)]
pub(crate) struct Op {
    pub(crate) ctrl_mask: u64,
    pub(crate) ctrl_value: u64,
    pub(crate) action: Action,
}

fn mask_of(bits: &[u8]) -> u64 {
    bits.iter().map(|b| 1 << b).sum()
}

impl Op {
    pub(crate) fn new(action: Action) -> Self {
        Self { ctrl_mask: 0, ctrl_value: 0, action }
    }

    /// Bits between whose values amplitude moves.
    pub(crate) fn mixes(&self) -> u64 {
        match &self.action {
            Action::Diagonal { .. } => 0,
            Action::X { bit } | Action::One { bit, .. } => 1 << bit,
            Action::Two { bits, .. } => mask_of(bits),
            Action::Dense { bits, .. } | Action::Permutation { bits, .. } => mask_of(bits),
        }
    }

    /// Bits that only choose what happens.
    pub(crate) fn reads(&self) -> u64 {
        match &self.action {
            Action::Diagonal { bits, .. } => self.ctrl_mask | mask_of(bits),
            _ => self.ctrl_mask,
        }
    }

    pub(crate) fn is_diagonal(&self) -> bool {
        matches!(self.action, Action::Diagonal { .. })
    }
}
