//! Building circuits in code, with the invariants checked as they are built.
//!
//! The editor and tests use it; languages make the tree themselves and have it checked by
//! [`Program::new`].

use std::collections::BTreeSet;
use std::sync::Arc;

use num_complex::Complex64;
use quantum_info::{Matrix, MatrixError, Pauli};
use smallvec::SmallVec;

use crate::circuit::{Circuit, GateDefinition, QuantumRegister, Role, Subroutine, Variable};
use crate::classical::{Scalar, Type};
use crate::expr::{Expr, GateId, LValue, QubitExpr, RegisterId, SubroutineId, VarRef};
use crate::machine::{Program, RuntimeError};
use crate::operation::{Block, BlockGate, GateCall, GateRef, Modifier, Statement, StatementKind};
use crate::span::Span;
use crate::{Gate, Qubit};

/// Largest deviation from norm 1 of amplitudes to prepare, and of diagonal entries.
pub const NORM_ATOL: f64 = 1e-9;

/// Why something cannot be built.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BuildError {
    #[error("`{0}` is declared twice")]
    Redeclared(String),
    #[error("a register has at least one and, with all others, at most 2^32 - 1 qubits or bits")]
    RegisterSize,
    #[error("there is no qubit {qubit}: the circuit has {num_qubits}")]
    NoQubit { qubit: Qubit, num_qubits: u32 },
    #[error("qubit {0} is used twice by one operation")]
    DuplicateQubit(Qubit),
    #[error("`{gate}` acts on {expected} qubits; found {found}")]
    QubitCount { gate: String, expected: usize, found: usize },
    #[error("`{gate}` takes {expected} parameters; found {found}")]
    ParamCount { gate: String, expected: usize, found: usize },
    #[error("{0} is not a finite number")]
    NotFinite(f64),
    #[error(transparent)]
    Matrix(#[from] MatrixError),
    #[error("{len} entries are not 2^k")]
    Length { len: usize },
    #[error("the entries are not of norm 1")]
    Norm,
    #[error("the map is not a bijection of 0..2^k")]
    NotBijective,
    #[error(transparent)]
    Program(#[from] RuntimeError),
}

/// A unitary given by its entries: exactly `4^k`, unitary to 1e-9.
pub fn unitary(entries: &[Complex64]) -> Result<GateRef, BuildError> {
    let matrix = Matrix::from_entries(entries)?;
    matrix.check_unitary()?;
    Ok(GateRef::Unitary(Arc::new(matrix)))
}

/// A diagonal of `2^k` entries of modulus 1.
pub fn diagonal(entries: &[Complex64]) -> Result<GateRef, BuildError> {
    if !entries.len().is_power_of_two() {
        return Err(BuildError::Length { len: entries.len() });
    }
    // Written so that NaN is refused too.
    if !entries.iter().all(|e| (e.norm() - 1.0).abs() <= NORM_ATOL) {
        return Err(BuildError::Norm);
    }
    Ok(GateRef::Diagonal(entries.into()))
}

/// A permutation of the basis states `0..2^k`: `map[i]` is where `i` goes.
pub fn permutation(map: &[u32]) -> Result<GateRef, BuildError> {
    if !map.len().is_power_of_two() {
        return Err(BuildError::Length { len: map.len() });
    }
    let mut hit = vec![false; map.len()];
    for &to in map {
        match hit.get_mut(to as usize) {
            Some(h) if !*h => *h = true,
            _ => return Err(BuildError::NotBijective),
        }
    }
    Ok(GateRef::Permutation(map.into()))
}

/// The preparation of `2^k` amplitudes of norm 1 from |0…0⟩.
pub fn prepare(amps: &[Complex64]) -> Result<GateRef, BuildError> {
    if !amps.len().is_power_of_two() {
        return Err(BuildError::Length { len: amps.len() });
    }
    let norm: f64 = amps.iter().map(Complex64::norm_sqr).sum();
    if (norm - 1.0).abs() <= NORM_ATOL {
        Ok(GateRef::Prepare(amps.into()))
    } else {
        Err(BuildError::Norm)
    }
}

/// `exp(-i θ/2 P)`; `paulis[j]` acts on the `j`-th operand.
pub fn pauli_rotation(paulis: &[Option<Pauli>]) -> GateRef {
    GateRef::PauliRotation(paulis.into())
}

/// Builds a [`Circuit`] statement by statement.
#[derive(Debug, Clone, Default)]
pub struct CircuitBuilder {
    circuit: Circuit,
    names: BTreeSet<String>,
}

impl CircuitBuilder {
    pub fn new() -> Self {
        Self::default()
    }

    /// With one register `q` of that many qubits.
    pub fn with_qubits(num_qubits: u32) -> Result<Self, BuildError> {
        let mut builder = Self::new();
        builder.qubits("q", num_qubits)?;
        Ok(builder)
    }

    fn name(&mut self, name: &str) -> Result<String, BuildError> {
        if self.names.insert(name.into()) {
            Ok(name.into())
        } else {
            Err(BuildError::Redeclared(name.into()))
        }
    }

    /// Declares a quantum register.
    pub fn qubits(&mut self, name: &str, size: u32) -> Result<RegisterId, BuildError> {
        let first = self.circuit.num_qubits();
        if size == 0 || first.checked_add(size).is_none() {
            return Err(BuildError::RegisterSize);
        }
        let name = self.name(name)?;
        let register =
            QuantumRegister { name, first: Qubit(first), size, single: false, span: Span::NONE };
        self.circuit.registers.push(register);
        Ok(RegisterId(count(self.circuit.registers.len() - 1)))
    }

    /// Declares a classical register.
    pub fn bits(&mut self, name: &str, size: u32) -> Result<VarRef, BuildError> {
        let total = self.circuit.num_clbits();
        if size == 0 || total.checked_add(size).is_none() {
            return Err(BuildError::RegisterSize);
        }
        self.variable(name, Scalar::Bits(size), Role::Plain)
    }

    /// Declares a global variable.
    pub fn variable(
        &mut self,
        name: &str,
        ty: impl Into<Type>,
        role: Role,
    ) -> Result<VarRef, BuildError> {
        let name = self.name(name)?;
        self.circuit.variables.push(Variable { name, ty: ty.into(), role, span: Span::NONE });
        Ok(VarRef::Global(count(self.circuit.variables.len() - 1)))
    }

    /// Defines a gate. Its body may call gates defined before it.
    pub fn define(
        &mut self,
        name: &str,
        params: &[&str],
        qubits: &[&str],
        body: Vec<StatementKind>,
    ) -> Result<GateId, BuildError> {
        let name = self.name(name)?;
        self.circuit.gates.push(GateDefinition {
            name,
            params: params.iter().map(|&p| p.into()).collect(),
            qubits: qubits.iter().map(|&q| q.into()).collect(),
            num_locals: count(params.len()),
            local_names: Vec::new(),
            body: Some(Block::new(body.into_iter().map(Statement::from).collect())),
            span: Span::NONE,
        });
        Ok(GateId(count(self.circuit.gates.len() - 1)))
    }

    /// Gives the frame of a gate this many slots: its parameters, then its loop variables.
    pub fn locals_of(&mut self, gate: GateId, num_locals: u32) -> &mut Self {
        if let Some(g) = self.circuit.gates.get_mut(gate.0 as usize) {
            g.num_locals = g.num_locals.max(num_locals);
        }
        self
    }

    /// Adds slots to the frame of the main body and gives the first of them.
    pub fn locals(&mut self, count: u32) -> VarRef {
        let first = self.circuit.num_locals;
        self.circuit.num_locals += count;
        VarRef::Local(first)
    }

    /// Defines a subroutine.
    pub fn subroutine(&mut self, subroutine: Subroutine) -> Result<SubroutineId, BuildError> {
        self.name(&subroutine.name)?;
        self.circuit.subroutines.push(subroutine);
        Ok(SubroutineId(count(self.circuit.subroutines.len() - 1)))
    }

    /// Adds any statement; [`CircuitBuilder::finish`] checks it.
    pub fn push(&mut self, statement: impl Into<Statement>) -> &mut Self {
        self.circuit.body.statements.push(statement.into());
        self
    }

    /// Adds a gate of the table.
    pub fn gate(
        &mut self,
        gate: Gate,
        params: &[f64],
        qubits: &[u32],
    ) -> Result<&mut Self, BuildError> {
        let spec = gate.spec();
        if params.len() != spec.num_params() {
            let (expected, found) = (spec.num_params(), params.len());
            return Err(BuildError::ParamCount { gate: spec.name.into(), expected, found });
        }
        if qubits.len() != spec.num_qubits() {
            let (expected, found) = (spec.num_qubits(), qubits.len());
            return Err(BuildError::QubitCount { gate: spec.name.into(), expected, found });
        }
        self.call(GateRef::Table(gate), &[], params, qubits)
    }

    /// Adds any gate with modifiers; controls come first among the qubits.
    pub fn call(
        &mut self,
        gate: GateRef,
        modifiers: &[Modifier],
        params: &[f64],
        qubits: &[u32],
    ) -> Result<&mut Self, BuildError> {
        if let Some(&p) = params.iter().find(|p| !p.is_finite()) {
            return Err(BuildError::NotFinite(p));
        }
        self.check_qubits(qubits)?;
        let call = call(
            gate,
            modifiers,
            params.iter().map(|&p| Expr::float(p)),
            qubits.iter().map(|&q| qubit(q)),
        );
        Ok(self.push(StatementKind::Gate(Box::new(call))))
    }

    /// Adds a block of any width on these qubits.
    pub fn block(&mut self, block: BlockGate, qubits: &[u32]) -> Result<&mut Self, BuildError> {
        self.call(GateRef::Block(block), &[], &[], qubits)
    }

    /// Adds a measurement of one qubit into one bit of a classical register.
    pub fn measure(&mut self, q: u32, register: VarRef, bit: u32) -> Result<&mut Self, BuildError> {
        self.check_qubits(&[q])?;
        let target = Some(LValue::at(register, Expr::int(bit.into())));
        Ok(self.push(StatementKind::Measure { qubits: qubit(q), target }))
    }

    /// Adds a reset of one qubit.
    pub fn reset(&mut self, q: u32) -> Result<&mut Self, BuildError> {
        self.check_qubits(&[q])?;
        Ok(self.push(StatementKind::Reset(qubit(q))))
    }

    fn check_qubits(&self, qubits: &[u32]) -> Result<(), BuildError> {
        let num_qubits = self.circuit.num_qubits();
        for (i, &q) in qubits.iter().enumerate() {
            if q >= num_qubits {
                return Err(BuildError::NoQubit { qubit: Qubit(q), num_qubits });
            }
            if qubits[..i].contains(&q) {
                return Err(BuildError::DuplicateQubit(Qubit(q)));
            }
        }
        Ok(())
    }

    /// The circuit, checked as a whole.
    pub fn finish(self) -> Result<Circuit, BuildError> {
        Program::new(&self.circuit)?;
        Ok(self.circuit)
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// An operand: one qubit by its number.
pub fn qubit(q: u32) -> QubitExpr {
    QubitExpr::qubit(Qubit(q))
}

/// A gate call without a place.
pub fn call(
    gate: GateRef,
    modifiers: &[Modifier],
    params: impl IntoIterator<Item = Expr>,
    operands: impl IntoIterator<Item = QubitExpr>,
) -> GateCall {
    GateCall {
        gate,
        modifiers: SmallVec::from(modifiers.to_vec()),
        params: params.into_iter().collect(),
        operands: operands.into_iter().collect(),
    }
}
