//! The matrix of a circuit.
//!
//! Column `c` is what becomes of basis state `c`. All columns are run at once, as one vector of
//! twice as many qubits that starts as `Σ_c |c⟩|c⟩`: the circuit acts on the low half, and the
//! amplitude of `|c⟩|r⟩` ends as entry `(r, c)`.

use circuit::Instruction;
use num_complex::Complex;
use quantum_info::Matrix;

use crate::kernel::memory::SEGMENT_BITS;
use crate::layout::Layout;
use crate::limits::{check_memory, state_bytes};
use crate::{PlanOptions, Precision, RunControl, SimError, Statevector, plan};

/// Widest circuit whose matrix is computed: `4^12` entries are 256 MiB.
pub const MAX_UNITARY_QUBITS: usize = 12;

/// The unitary of `instructions` on `num_qubits` qubits, global phase included. Refuses measurements,
/// more than [`MAX_UNITARY_QUBITS`], and what needs more than `available_bytes`: twice the matrix.
pub fn unitary(
    instructions: &[Instruction],
    num_qubits: usize,
    available_bytes: u64,
    control: &RunControl,
) -> Result<Matrix, SimError> {
    if num_qubits > MAX_UNITARY_QUBITS {
        return Err(SimError::TooManyQubits {
            what: "unitary",
            asked: num_qubits,
            max: MAX_UNITARY_QUBITS,
        });
    }
    let width = 2 * num_qubits;
    check_memory(
        width,
        Precision::F64,
        available_bytes.saturating_sub(state_bytes(width, Precision::F64)),
    )?;
    let mut layout = Layout::empty(width);
    for q in 0..width {
        layout.activate(q);
    }
    for i in instructions {
        check_width(i, num_qubits)?;
    }
    let plan = plan(instructions, &PlanOptions::from_layout(layout.clone()))?;
    if !plan.is_unitary() {
        return Err(SimError::NotUnitary);
    }
    let mut state = Statevector::<f64>::with_segments(width, SEGMENT_BITS)?;
    state.amps.grow(width)?;
    state.layout = layout;
    for c in 1..1_u64 << num_qubits {
        state.amps.set(c << num_qubits | c, Complex::new(1.0, 0.0));
    }
    state.apply(&plan, control)?;
    let dim = 1 << num_qubits;
    let mut matrix = Matrix::zero(dim);
    for c in 0..dim {
        control.check()?;
        for r in 0..dim {
            matrix.set(r, c, state.amplitude((c as u64) << num_qubits | r as u64));
        }
    }
    Ok(matrix)
}

/// The instruction must not reach the half that counts columns.
fn check_width(instruction: &Instruction, num_qubits: usize) -> Result<(), SimError> {
    let outside = match instruction {
        Instruction::Unitary(u) => u.qubits().find(|q| q.index() >= num_qubits),
        Instruction::Measure { .. } | Instruction::Reset { .. } => {
            return Err(SimError::NotUnitary);
        }
        Instruction::Barrier { .. } => None,
    };
    outside.map_or(Ok(()), |qubit| Err(SimError::NoSuchQubit { qubit, num_qubits }))
}
