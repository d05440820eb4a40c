//! Gates on more qubits than a transfer matrix is made for.
//!
//! The digits of their qubits are turned from Pauli coefficients into entries of the matrix, ket in the
//! low and bra in the high bit; the gate then acts on the kets and its conjugate on the bras, as on a
//! state vector of `2n` qubits. That vector is complex: it takes twice the memory for the while.

use circuit::{GateMatrix, Instruction, Qubit, UnitaryInstruction};
use num_complex::{Complex, Complex64};
use quantum_info::Matrix;
use smallvec::SmallVec;

use super::DensityMatrix;
use crate::kernel::memory::SEGMENT_BITS;
use crate::layout::Layout;
use crate::limits::check_memory;
use crate::progress::RunControl;
use crate::{PlanOptions, Real, SimError, Statevector, plan};

impl<T: Real> DensityMatrix<T> {
    pub(super) fn apply_wide(
        &mut self,
        u: &UnitaryInstruction,
        control: &RunControl,
    ) -> Result<(), SimError> {
        for q in u.qubits() {
            self.activate(q.index());
        }
        self.settle(control)?;
        let bits = 2 * self.vector.digits();
        check_memory(bits, T::PRECISION, self.available_bytes.saturating_sub(self.size_bytes()))?;
        let digit = |q: Qubit| u32::from(self.wires[q.index()].digit.unwrap_or(0));
        let (ket, bra) = (|q: Qubit| Qubit(2 * digit(q)), |q: Qubit| Qubit(2 * digit(q) + 1));
        let basis = entries_from_coefficients();
        let turn = |matrix: &Matrix| -> Vec<Instruction> {
            u.qubits()
                .map(|q| {
                    Instruction::Unitary(UnitaryInstruction {
                        gate: None,
                        controls: SmallVec::new(),
                        targets: SmallVec::from_slice(&[ket(q), bra(q)]),
                        matrix: GateMatrix::Dense(matrix.clone()),
                    })
                })
                .collect()
        };
        let mut circuit = turn(&basis);
        circuit.push(Instruction::Unitary(placed(u, &ket)));
        circuit.push(Instruction::Unitary(placed(&conjugate(u), &bra)));
        circuit.extend(turn(&basis.dagger()));

        let mut layout = Layout::empty(bits);
        for b in 0..bits {
            layout.activate(b);
        }
        let plan = plan(&circuit, &PlanOptions::from_layout(layout.clone()))?;
        let mut state = Statevector::<T>::with_segments(bits, SEGMENT_BITS)?;
        state.amps.grow(bits)?;
        state.layout = layout;
        for index in 0..1_usize << bits {
            state.amps.set(index as u64, Complex::new(self.vector.get(index), T::ZERO));
        }
        state.apply(&plan, control)?;
        let map = state.layout.logical_map();
        for at in 0..1_u64 << bits {
            let index = usize::try_from(map.apply(at)).unwrap_or(0);
            self.vector.set(index, state.amps.get(at).re);
        }
        Ok(())
    }
}

/// From I, X, Y, Z to the entries (0,0), (1,0), (0,1), (1,1), times √2: unitary.
fn entries_from_coefficients() -> Matrix {
    let h = std::f64::consts::FRAC_1_SQRT_2;
    let (o, r, i) = (Complex64::new(0.0, 0.0), Complex64::new(h, 0.0), Complex64::new(0.0, h));
    Matrix::from_rows([[r, o, o, r], [o, r, i, o], [o, r, -i, o], [r, o, o, -r]])
}

/// The gate on other qubits.
fn placed(u: &UnitaryInstruction, place: &impl Fn(Qubit) -> Qubit) -> UnitaryInstruction {
    let mut u = u.clone();
    u.targets.iter_mut().for_each(|q| *q = place(*q));
    u.controls.iter_mut().for_each(|c| c.qubit = place(c.qubit));
    u.gate = None;
    u
}

fn conjugate(u: &UnitaryInstruction) -> UnitaryInstruction {
    let mut u = u.clone();
    match &mut u.matrix {
        GateMatrix::Dense(m) => {
            for r in 0..m.dim() {
                for c in 0..m.dim() {
                    m.set(r, c, m.at(r, c).conj());
                }
            }
        }
        GateMatrix::Diagonal(d) => *d = d.iter().map(Complex64::conj).collect(),
        GateMatrix::Permutation(_) => {}
    }
    u
}
