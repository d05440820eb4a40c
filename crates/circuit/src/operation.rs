//! Statements of a circuit's bodies: gates, measurements, control flow, classical assignments.

use std::sync::Arc;

use num_complex::Complex64;
use quantum_info::{Matrix, Pauli};
use smallvec::SmallVec;

use crate::Gate;
use crate::classical::{Scalar, Type};
use crate::expr::{BinaryOp, Call, Expr, GateId, Iterable, LValue, QubitExpr, VarRef};
use crate::span::Span;

/// A sequence of statements. Scopes of names are gone: each variable has a slot of its own.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Block {
    pub statements: Vec<Statement>,
}

impl Block {
    pub fn new(statements: Vec<Statement>) -> Self {
        Self { statements }
    }
}

/// `@keyword rest of line`, kept as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Without the `@`.
    pub keyword: String,
    pub content: String,
    pub span: Span,
}

/// A statement, its place and its annotations.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    pub kind: StatementKind,
    pub span: Span,
    /// `None` for none, which is the rule.
    pub annotations: Option<Arc<[Annotation]>>,
}

impl Statement {
    pub fn new(kind: StatementKind, span: Span) -> Self {
        Self { kind, span, annotations: None }
    }
}

impl From<StatementKind> for Statement {
    fn from(kind: StatementKind) -> Self {
        Self::new(kind, Span::NONE)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum StatementKind {
    Gate(Box<GateCall>),
    /// Measures in the Z basis, each qubit into its bit; without a target the outcomes are dropped.
    Measure {
        qubits: QubitExpr,
        target: Option<LValue>,
    },
    /// To |0⟩.
    Reset(QubitExpr),
    /// On all qubits of the circuit where `qubits` is empty.
    Barrier(Vec<QubitExpr>),
    /// Idles; on all qubits of the circuit where `qubits` is empty.
    Delay {
        duration: Expr,
        qubits: Vec<QubitExpr>,
    },
    /// Timing only: the body runs as it stands.
    Box {
        duration: Option<Expr>,
        body: Block,
    },
    /// `{ … }`
    Block(Block),
    If {
        condition: Expr,
        then: Block,
        otherwise: Option<Block>,
    },
    Switch {
        value: Expr,
        cases: Vec<Case>,
        default: Option<Block>,
    },
    While {
        condition: Expr,
        body: Block,
    },
    For {
        /// Slot of the loop variable; what is assigned to it does not change the iteration.
        var: VarRef,
        ty: Scalar,
        over: Iterable,
        body: Block,
    },
    Break,
    Continue,
    /// Ends the program.
    End,
    Return(Option<Expr>),
    /// Sets the variable to its initial value, or to zero without one, converted to its type.
    /// A global `input` keeps the value it was given.
    Declare {
        var: VarRef,
        ty: Type,
        init: Option<Expr>,
    },
    /// `target = value` or `target op= value`; the value is converted to the target's type.
    Assign {
        target: LValue,
        op: Option<BinaryOp>,
        value: Expr,
    },
    /// A call whose result is dropped.
    Call(Call),
    /// Any other expression as a statement, evaluated for its effects.
    Expr(Expr),
    /// `let` of qubits.
    Alias {
        var: VarRef,
        qubits: QubitExpr,
    },
    /// `let` of classical bits: from here on, reading and writing `var` goes to these bits. One
    /// entry per operand of `++`, low end first.
    BitAlias {
        var: VarRef,
        parts: Vec<LValue>,
    },
    /// A channel, applied where it stands.
    Noise(Box<NoiseCall>),
    /// Keeps only the runs in which the qubit is found in `outcome`; the state is renormalized.
    Postselect {
        qubit: QubitExpr,
        outcome: Expr,
    },
    /// Does nothing; carries annotations (inline displays, for one) and comments.
    Nop,
    /// `pragma …`, kept as written.
    Pragma(String),
    /// `cal`, `defcal`, `defcalgrammar`: kept as written, not executed.
    Calibration(String),
}

/// `case a, b { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Integers, constant where the program is checked.
    pub values: Vec<Expr>,
    pub body: Block,
}

/// A gate with its parameters, modifiers and operands.
///
/// Operands come as OpenQASM writes them: first the controls of the modifiers, outermost modifier
/// first, then the gate's own qubits. Each operand is a single qubit or a register; registers have
/// one length, and the gate is applied once for each position (broadcasting).
#[derive(Debug, Clone, PartialEq)]
pub struct GateCall {
    pub gate: GateRef,
    /// As written, outermost (leftmost) first.
    pub modifiers: SmallVec<[Modifier; 1]>,
    /// Real numbers; angles count in radians.
    pub params: SmallVec<[Expr; 1]>,
    pub operands: SmallVec<[QubitExpr; 2]>,
}

/// A modifier of a gate, `… @`.
#[derive(Debug, Clone, PartialEq)]
pub enum Modifier {
    /// Acts where this many leading qubits are all 1. `None` for one.
    Ctrl(Option<Expr>),
    /// Acts where this many leading qubits are all 0. `None` for one.
    NegCtrl(Option<Expr>),
    Inv,
    /// An integer exponent repeats, a negative one the inverse; any other takes the principal power
    /// of the matrix (arguments of eigenvalues in (-π, π]).
    Pow(Expr),
}

/// Which unitary.
#[derive(Debug, Clone, PartialEq)]
pub enum GateRef {
    /// Of the gate table.
    Table(Gate),
    /// `gphase(γ)`: no qubits of its own; one parameter.
    GlobalPhase,
    Custom(GateId),
    /// `4^k` entries on `k` qubits, unitary; no parameters.
    Unitary(Arc<Matrix>),
    /// `2^k` entries of modulus 1 on `k` qubits; no parameters.
    Diagonal(Arc<[Complex64]>),
    /// `map[i]` is where basis state `i` of `k` qubits goes: a bijection on `0..2^k`; no parameters.
    Permutation(Arc<[u32]>),
    /// `exp(-i θ/2 P)`; `paulis[j]` acts on the `j`-th qubit, `None` is the identity there. One
    /// parameter.
    PauliRotation(Arc<[Option<Pauli>]>),
    /// Takes |0…0⟩ of `k` qubits to `2^k` amplitudes of norm 1. A unitary: what it does to other
    /// states is left open. No parameters. Reset the qubits first to prepare whatever they held.
    Prepare(Arc<[Complex64]>),
    /// A block of any width, as many qubits as operands say.
    Block(BlockGate),
}

/// Unitaries on registers of any width. Qubit 0 of a register is its least significant.
///
/// Where two registers are named, the first `split` qubits are the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockGate {
    /// `|x⟩ → 2^{-n/2} Σ_y e^{2πi xy/2^n} |y⟩` on `n` qubits.
    Qft { num_qubits: u32 },
    /// `|x⟩ → e^{2πi x/2^n} |x⟩`.
    PhaseGradient { num_qubits: u32 },
    /// `x → x + amount mod 2^n`; negative amounts decrement.
    Increment { num_qubits: u32, amount: i64 },
    /// `(a, b) → (a, b + a mod 2^n)`: `a` is the first `split` qubits, `b` the other `n`.
    Add { split: u32, num_qubits: u32 },
    /// `x → factor·x mod 2^n`; `factor` is odd.
    Multiply { num_qubits: u32, factor: u64 },
    /// `x → x + amount mod modulus` for `x < modulus`, others stay; `1 ≤ modulus ≤ 2^n`.
    ModularIncrement { num_qubits: u32, amount: i64, modulus: u64 },
    /// `x → factor·x mod modulus` for `x < modulus`, others stay; `factor` is coprime to `modulus`.
    ModularMultiply { num_qubits: u32, factor: u64, modulus: u64 },
    /// `(a, b) → (a, b + factor·a mod 2^n)`: `a` is the first `split` qubits, `b` the other `n`.
    MultiplyAdd { split: u32, num_qubits: u32, factor: i64 },
    /// `(a, b) → (a, b xor a)` bit by bit; both of `split` qubits.
    Xor { split: u32 },
    /// `x → x` with its bits in reverse order.
    Reverse { num_qubits: u32 },
    /// `bit j → bit j + amount mod n`: rotates the bits.
    Rotate { num_qubits: u32, amount: i64 },
    /// Signs the states with `a < b` by `-1`: `a` is the first `split` qubits, `b` the rest of
    /// `num_qubits`.
    SignIfLess { split: u32, num_qubits: u32 },
}

/// A channel on qubits; parameters are evaluated where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct NoiseCall {
    pub channel: NoiseRef,
    pub params: SmallVec<[Expr; 1]>,
    pub operands: SmallVec<[QubitExpr; 2]>,
}

/// Which channel.
#[derive(Debug, Clone, PartialEq)]
pub enum NoiseRef {
    /// `λ`, on one or more qubits: `ρ → (1 - λ) ρ + λ 1/2^n`.
    Depolarizing,
    /// `p`: X.
    BitFlip,
    /// `p`: Z.
    PhaseFlip,
    /// `p`: Y.
    BitPhaseFlip,
    /// `p_x, p_y, p_z`.
    Pauli,
    /// `γ`: K0 = diag(1, √(1-γ)), K1 = √γ |0⟩⟨1|.
    AmplitudeDamping,
    /// `λ`: coherences times √(1-λ).
    PhaseDamping,
    /// `t, t1, t2` in one unit; ground state cold.
    ThermalRelaxation,
    /// Operators of one dimension with `Σ K†K = 1`; no parameters.
    Kraus(Arc<[Matrix]>),
}

impl NoiseRef {
    pub fn num_params(&self) -> usize {
        match self {
            Self::Kraus(_) => 0,
            Self::Pauli | Self::ThermalRelaxation => 3,
            _ => 1,
        }
    }

    /// `None` for any number.
    pub fn num_qubits(&self) -> Option<usize> {
        match self {
            Self::Depolarizing => None,
            Self::Kraus(k) => k.first().map(Matrix::num_qubits),
            _ => Some(1),
        }
    }
}
