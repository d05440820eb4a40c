//! Gates without a fixed matrix, written as sequences of controlled gates: Pauli rotations, state
//! preparation, and the blocks of any width.
//!
//! Every function gives the steps in order of time, on the qubits it is given. Arithmetic uses no
//! ancilla: an increment is a cascade of controlled flips, an addition one controlled increment for
//! each bit of the summand. Modular arithmetic is written as a permutation of basis states.

use num_complex::Complex64;
use quantum_info::{Matrix, Pauli, cis};
use smallvec::{SmallVec, smallvec};
use std::f64::consts::{PI, TAU};
use std::sync::Arc;

use crate::operation::BlockGate;
use crate::{Control, Gate, GateMatrix, Qubit, UnitaryInstruction};

/// Most qubits of a block that is written as a table of `2^n` entries.
pub const MAX_TABLE_QUBITS: u32 = 20;

/// Most qubits of any other block.
pub const MAX_BLOCK_QUBITS: usize = 256;

const ZERO: Complex64 = Complex64::new(0.0, 0.0);
const ONE: Complex64 = Complex64::new(1.0, 0.0);

fn gate(gate: Gate, params: &[f64], qubits: &[Qubit]) -> UnitaryInstruction {
    UnitaryInstruction::from_gate(gate, params, qubits)
}

/// `matrix` on `targets` where `controls` are all 1.
fn controlled(matrix: Matrix, controls: &[Qubit], target: Qubit) -> UnitaryInstruction {
    UnitaryInstruction {
        gate: None,
        controls: controls.iter().map(|&qubit| Control { qubit, on: true }).collect(),
        targets: smallvec![target],
        matrix: GateMatrix::Dense(matrix),
    }
}

fn flip(controls: &[Qubit], target: Qubit) -> UnitaryInstruction {
    controlled(Matrix::from_rows([[ZERO, ONE], [ONE, ZERO]]), controls, target)
}

/// A phase on the subspace where `qubits` are all 1; on everything where there are none.
pub(super) fn phase(angle: f64, qubits: &[Qubit]) -> UnitaryInstruction {
    UnitaryInstruction {
        gate: None,
        controls: qubits.iter().map(|&qubit| Control { qubit, on: true }).collect(),
        targets: SmallVec::new(),
        matrix: GateMatrix::Dense(Matrix::from_rows([[cis(angle)]])),
    }
}

/// `exp(-i θ/2 P)`. The second value is the position of the step that holds the angle: under
/// controls it alone needs them.
pub(super) fn pauli_rotation(
    theta: f64,
    paulis: &[Option<Pauli>],
    qubits: &[Qubit],
) -> (Vec<UnitaryInstruction>, usize) {
    let active: Vec<(Qubit, Pauli)> =
        qubits.iter().zip(paulis).filter_map(|(&q, &p)| Some((q, p?))).collect();
    let Some((&(last, _), rest)) = active.split_last() else {
        return (vec![phase(-theta / 2.0, &[])], 0);
    };
    if rest.is_empty() {
        let rotation = match active[0].1 {
            Pauli::X => Gate::Rx,
            Pauli::Y => Gate::Ry,
            Pauli::Z => Gate::Rz,
        };
        return (vec![gate(rotation, &[theta], &[last])], 0);
    }
    // Each Pauli is brought to Z, the parity is written to the last qubit, turned, and taken back.
    let mut before = Vec::new();
    let mut after = Vec::new();
    for &(q, p) in &active {
        match p {
            Pauli::X => {
                before.push(gate(Gate::H, &[], &[q]));
                after.push(gate(Gate::H, &[], &[q]));
            }
            Pauli::Y => {
                before.push(gate(Gate::Sx, &[], &[q]));
                after.push(gate(Gate::Sxdg, &[], &[q]));
            }
            Pauli::Z => {}
        }
    }
    let ladder: Vec<_> = rest.iter().map(|&(q, _)| gate(Gate::Cx, &[], &[q, last])).collect();
    let mut steps = before;
    steps.extend(ladder.iter().cloned());
    let middle = steps.len();
    steps.push(gate(Gate::Rz, &[theta], &[last]));
    steps.extend(ladder.into_iter().rev());
    steps.extend(after);
    (steps, middle)
}

/// Takes |0…0⟩ to `amps` (of norm 1): the qubits are turned one after the other, from the highest
/// down, each by an angle that depends on those above it; then the phases are set.
pub(super) fn prepare(amps: &[Complex64], qubits: &[Qubit]) -> Vec<UnitaryInstruction> {
    let n = qubits.len();
    // weight[i] = Σ |amps|² over the indices whose bits from `level` up are those of `i`.
    let mut weights: Vec<Vec<f64>> = vec![amps.iter().map(Complex64::norm_sqr).collect()];
    for level in 0..n {
        let below = &weights[level];
        weights.push(below.chunks(2).map(|w| w.iter().sum()).collect());
    }
    let mut steps = Vec::new();
    for level in (0..n).rev() {
        for (above, &total) in weights[level + 1].iter().enumerate() {
            let (zero, one) = (weights[level][2 * above], weights[level][2 * above + 1]);
            if total <= 0.0 || one <= 0.0 {
                continue;
            }
            let half = libm::atan2(libm::sqrt(one), libm::sqrt(zero));
            let (c, s) =
                (Complex64::new(libm::cos(half), 0.0), Complex64::new(libm::sin(half), 0.0));
            let mut turn = controlled(Matrix::from_rows([[c, -s], [s, c]]), &[], qubits[level]);
            turn.controls = qubits[level + 1..]
                .iter()
                .enumerate()
                .map(|(j, &qubit)| Control { qubit, on: above >> j & 1 == 1 })
                .collect();
            steps.push(turn);
        }
    }
    let phases: Arc<[Complex64]> =
        amps.iter().map(|a| if a.norm() > 0.0 { a / a.norm() } else { ONE }).collect();
    if phases.iter().any(|p| (p - ONE).norm() > 0.0) {
        steps.push(UnitaryInstruction {
            gate: None,
            controls: SmallVec::new(),
            targets: SmallVec::from_slice(qubits),
            matrix: GateMatrix::Diagonal(phases),
        });
    }
    steps
}

/// `x → x + 1` on `qubits` where `controls` are all 1, from the highest bit down.
fn increment(controls: &[Qubit], qubits: &[Qubit], steps: &mut Vec<UnitaryInstruction>) {
    for (j, &q) in qubits.iter().enumerate().rev() {
        let all: SmallVec<[Qubit; 8]> = controls.iter().chain(&qubits[..j]).copied().collect();
        steps.push(flip(&all, q));
    }
}

/// `x → x + amount mod 2^n` where `controls` are all 1: one increment for each bit of the amount.
fn add_constant(
    controls: &[Qubit],
    amount: u64,
    qubits: &[Qubit],
    steps: &mut Vec<UnitaryInstruction>,
) {
    for j in 0..qubits.len().min(64) {
        if amount >> j & 1 == 1 {
            increment(controls, &qubits[j..], steps);
        }
    }
    // A negative amount continues with ones above bit 63; wider registers are refused before.
}

/// Why a block cannot be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlockError {
    TooWide,
    Meaningless(&'static str),
}

/// Number of qubits a block acts on.
pub(super) fn width(block: &BlockGate) -> u64 {
    match *block {
        BlockGate::Qft { num_qubits }
        | BlockGate::PhaseGradient { num_qubits }
        | BlockGate::Increment { num_qubits, .. }
        | BlockGate::Multiply { num_qubits, .. }
        | BlockGate::ModularIncrement { num_qubits, .. }
        | BlockGate::ModularMultiply { num_qubits, .. }
        | BlockGate::Reverse { num_qubits }
        | BlockGate::Rotate { num_qubits, .. }
        | BlockGate::SignIfLess { num_qubits, .. } => num_qubits.into(),
        BlockGate::Add { split, num_qubits } | BlockGate::MultiplyAdd { split, num_qubits, .. } => {
            u64::from(split) + u64::from(num_qubits)
        }
        BlockGate::Xor { split } => 2 * u64::from(split),
    }
}

/// The steps of a block; `qubits` are as many as [`width`] says.
pub(super) fn expand(
    block: &BlockGate,
    qubits: &[Qubit],
) -> Result<Vec<UnitaryInstruction>, BlockError> {
    let mut steps = Vec::new();
    let n = qubits.len();
    if n > MAX_BLOCK_QUBITS {
        return Err(BlockError::TooWide);
    }
    match *block {
        BlockGate::Qft { .. } => qft(qubits, &mut steps),
        BlockGate::PhaseGradient { .. } => {
            for (j, &q) in qubits.iter().enumerate() {
                steps.push(gate(Gate::P, &[TAU * power_of_two(j, n)], &[q]));
            }
        }
        BlockGate::Increment { amount, .. } => {
            check_width(n)?;
            add_constant(&[], amount.cast_unsigned(), qubits, &mut steps);
        }
        BlockGate::Add { split, .. } => {
            let (a, b) = qubits.split_at(split as usize);
            check_width(b.len())?;
            for (j, &control) in a.iter().enumerate().take(b.len()) {
                increment(&[control], &b[j..], &mut steps);
            }
        }
        BlockGate::MultiplyAdd { split, factor, .. } => {
            let (a, b) = qubits.split_at(split as usize);
            check_width(b.len())?;
            for (j, &control) in a.iter().enumerate().take(b.len()) {
                let amount = factor.cast_unsigned().wrapping_shl(u32::try_from(j).unwrap_or(64));
                add_constant(&[control], amount, b, &mut steps);
            }
        }
        BlockGate::Multiply { factor, .. } => {
            check_width(n)?;
            if factor & 1 == 0 {
                return Err(BlockError::Meaningless(
                    "the factor of a multiplication modulo 2^n is odd",
                ));
            }
            // x → factor·x: from the highest bit down, bit j adds (factor - 1)·2^j, which changes
            // only the bits above it.
            for (j, &control) in qubits.iter().enumerate().rev() {
                add_constant(
                    &[control],
                    (factor >> 1) & low_bits(n - j - 1),
                    &qubits[j + 1..],
                    &mut steps,
                );
            }
        }
        BlockGate::ModularIncrement { amount, modulus, .. } => {
            let m = check_modulus(n, modulus)?;
            let by = amount.rem_euclid(i64::try_from(m).unwrap_or(i64::MAX)).cast_unsigned();
            steps.push(table(qubits, |x| if x < m { (x + by) % m } else { x }));
        }
        BlockGate::ModularMultiply { factor, modulus, .. } => {
            let m = check_modulus(n, modulus)?;
            if gcd(factor, m) != 1 {
                return Err(BlockError::Meaningless(
                    "the factor of a modular multiplication is coprime to the modulus",
                ));
            }
            steps.push(table(qubits, |x| if x < m { x * (factor % m) % m } else { x }));
        }
        BlockGate::Xor { split } => {
            let (a, b) = qubits.split_at(split as usize);
            steps.extend(a.iter().zip(b).map(|(&a, &b)| gate(Gate::Cx, &[], &[a, b])));
        }
        BlockGate::Reverse { .. } => reverse(qubits, &mut steps),
        BlockGate::Rotate { amount, .. } if n > 0 => {
            // A rotation is two reflections.
            let by = usize::try_from(amount.rem_euclid(i64::try_from(n).unwrap_or(1))).unwrap_or(0);
            reverse(&qubits[..n - by], &mut steps);
            reverse(&qubits[n - by..], &mut steps);
            reverse(qubits, &mut steps);
        }
        BlockGate::Rotate { .. } => {}
        BlockGate::SignIfLess { split, .. } => {
            if split as usize > n {
                return Err(BlockError::Meaningless(
                    "the first number has more qubits than there are",
                ));
            }
            if n > MAX_TABLE_QUBITS as usize {
                return Err(BlockError::TooWide);
            }
            let signs = (0..1_u64 << n)
                .map(|x| if x & low_bits(split as usize) < x >> split { -ONE } else { ONE })
                .collect();
            steps.push(UnitaryInstruction {
                gate: None,
                controls: SmallVec::new(),
                targets: SmallVec::from_slice(qubits),
                matrix: GateMatrix::Diagonal(signs),
            });
        }
    }
    Ok(steps)
}

/// `2^(j - n)`.
fn power_of_two(j: usize, n: usize) -> f64 {
    libm::exp2(j as f64 - n as f64)
}

fn low_bits(n: usize) -> u64 {
    if n >= 64 { u64::MAX } else { (1 << n) - 1 }
}

fn check_width(n: usize) -> Result<(), BlockError> {
    if n > 64 { Err(BlockError::TooWide) } else { Ok(()) }
}

fn check_modulus(n: usize, modulus: u64) -> Result<u64, BlockError> {
    if n > MAX_TABLE_QUBITS as usize {
        return Err(BlockError::TooWide);
    }
    if modulus == 0 || modulus > 1 << n {
        return Err(BlockError::Meaningless("the modulus is at least 1 and at most 2^n"));
    }
    Ok(modulus)
}

fn gcd(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn table(qubits: &[Qubit], f: impl Fn(u64) -> u64) -> UnitaryInstruction {
    let map = (0..1_u64 << qubits.len()).map(|x| u32::try_from(f(x)).unwrap_or(0)).collect();
    UnitaryInstruction {
        gate: None,
        controls: SmallVec::new(),
        targets: SmallVec::from_slice(qubits),
        matrix: GateMatrix::Permutation(map),
    }
}

fn reverse(qubits: &[Qubit], steps: &mut Vec<UnitaryInstruction>) {
    let n = qubits.len();
    for j in 0..n / 2 {
        steps.push(gate(Gate::Swap, &[], &[qubits[j], qubits[n - 1 - j]]));
    }
}

/// Nielsen and Chuang, section 5.1, with the qubits exchanged at the end.
fn qft(qubits: &[Qubit], steps: &mut Vec<UnitaryInstruction>) {
    for j in (0..qubits.len()).rev() {
        steps.push(gate(Gate::H, &[], &[qubits[j]]));
        for k in (0..j).rev() {
            steps.push(gate(Gate::Cp, &[PI * power_of_two(k, j)], &[qubits[k], qubits[j]]));
        }
    }
    reverse(qubits, steps);
}
