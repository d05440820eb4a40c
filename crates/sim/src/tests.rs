//! Tests of the whole engine against the slow one. Sizes are made small, so that a few qubits take
//! every path: several segments, several blocks, gathered and in place.

mod checkpoints;
mod circuits;
mod density;
mod determinism;
mod gradients;
mod kernels;
mod probes;
mod reduction;
mod sampling;
mod sweeps;

use circuit::{Control, Gate, GateMatrix, Instruction, Qubit, UnitaryInstruction};
use num_complex::Complex64;

use crate::plan::Tuning;
use crate::{Plan, PlanOptions, Real, RunControl, Statevector, plan, reference};

/// Blocks of 2^5 amplitudes in runs of 2^3 and inner blocks of 2^4, segments of 2^4.
const SMALL: Tuning = Tuning { block_bits: 5, low_bits: 3, inner_bits: 4, fuse: true };
const SMALL_SEGMENT: usize = 4;

fn gate(g: Gate, params: &[f64], qubits: &[u32]) -> Instruction {
    let qubits: Vec<Qubit> = qubits.iter().map(|&q| Qubit(q)).collect();
    Instruction::Unitary(UnitaryInstruction::from_gate(g, params, &qubits))
}

fn controlled(controls: &[(u32, bool)], targets: &[u32], matrix: GateMatrix) -> Instruction {
    Instruction::Unitary(UnitaryInstruction {
        gate: None,
        controls: controls.iter().map(|&(q, on)| Control { qubit: Qubit(q), on }).collect(),
        targets: targets.iter().map(|&q| Qubit(q)).collect(),
        matrix,
    })
}

/// Rotations that leave no amplitude 0 and no two alike.
fn scramble(n: u32) -> Vec<Instruction> {
    let mut out = Vec::new();
    for q in 0..n {
        out.push(gate(Gate::U, &[0.7 + 0.3 * f64::from(q), 0.2 + f64::from(q), 1.1], &[q]));
    }
    for q in 1..n {
        out.push(gate(Gate::Cx, &[], &[q - 1, q]));
        out.push(gate(Gate::Ry, &[0.4 * f64::from(q)], &[q]));
    }
    out
}

fn planned(instructions: &[Instruction], n: usize, tuning: Tuning) -> Plan {
    let mut options = PlanOptions::new(n);
    options.tuning = tuning;
    plan(instructions, &options).unwrap()
}

fn state<T: Real>(plan: &Plan, segment_bits: usize) -> Statevector<T> {
    let mut state =
        Statevector::<T>::with_segments(plan.output.num_qubits(), segment_bits).unwrap();
    state.apply(plan, &RunControl::default()).unwrap();
    state
}

fn amplitudes<T: Real>(state: &Statevector<T>) -> Vec<Complex64> {
    state.amplitudes(0..1 << state.num_qubits()).unwrap()
}

#[track_caller]
fn assert_close(found: &[Complex64], wanted: &[Complex64], atol: f64) {
    assert_eq!(found.len(), wanted.len());
    for (i, (a, b)) in found.iter().zip(wanted).enumerate() {
        assert!((a - b).norm() <= atol, "amplitude {i}: {a} instead of {b}");
    }
}

/// Runs in every way there is and compares with the reference.
#[track_caller]
fn check(instructions: &[Instruction], n: usize) {
    let wanted = reference::run(instructions, n);
    for tuning in [Tuning::default(), SMALL, Tuning { fuse: false, ..SMALL }] {
        let plan = planned(instructions, n, tuning);
        assert_close(&amplitudes(&state::<f64>(&plan, SMALL_SEGMENT)), &wanted, 1e-12);
        assert_close(&amplitudes(&state::<f64>(&plan, 20)), &wanted, 1e-12);
        assert_close(&amplitudes(&state::<f32>(&plan, SMALL_SEGMENT)), &wanted, 1e-5);
    }
}
