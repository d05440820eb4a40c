//! Measurement and reset between the gates, and counts alone asked for: Pauli frames.

use std::collections::BTreeMap;

use circuit::Instruction;
use circuit::flat::Flat;
use quantum_info::Pauli;
use stabilizer::{Circuit, Limits, Recognizer, Sampler, Target, detection_counts};

use api::run::{Method, QubitState};

use super::rows::{Rows, sources};
use super::{bloch_vectors, qubit_states};
use crate::counts::KeyFormat;
use crate::terminal::most_frequent;
use crate::{Failure, Job, Outcome};

pub(super) fn run(
    job: &Job,
    flat: &Flat,
    format: &KeyFormat,
    recognizer: &mut Recognizer,
) -> Result<Outcome, Failure> {
    let mut circuit = Circuit::default();
    // Names all qubits.
    circuit.append("I", &[], &(0..flat.num_qubits).collect::<Vec<_>>());
    for instruction in &flat.instructions {
        match instruction {
            Instruction::Unitary(u) => {
                let qubits = super::numbers(u.qubits());
                if let Some(clifford) = recognizer.recognize(u) {
                    clifford.instructions(&qubits).into_iter().for_each(|i| circuit.push(i));
                }
            }
            Instruction::Measure { qubit, .. } => circuit.append("M", &[], &[qubit.0]),
            Instruction::Reset { qubit } => circuit.append("R", &[], &[qubit.0]),
            Instruction::Barrier { .. } => {}
        }
    }
    let mut outcome = sample(job, &circuit, format, &sources(format, &flat.clbits))?;
    outcome.operations =
        flat.instructions.iter().filter(|i| !matches!(i, Instruction::Barrier { .. })).count()
            as u64;
    Ok(outcome)
}

pub(crate) fn limits(job: &Job) -> Limits {
    let limits = &job.request.limits;
    Limits { memory_bytes: limits.memory_bytes, max_operations: limits.max_operations }
}

/// Counts, and mean Bloch vectors if they are wanted. Where keys cover the qubits, these are measured
/// at the end.
pub(crate) fn sample(
    job: &Job,
    circuit: &Circuit,
    format: &KeyFormat,
    sources: &[circuit::BitSource],
) -> Result<Outcome, Failure> {
    let mut measured = circuit.clone();
    if format.covers_qubits() {
        measured.append("M", &[], &(0..job.circuit.num_qubits()).collect::<Vec<_>>());
    }
    let mut outcome = counts(job, &measured, format, sources)?;
    if job.request.want.qubits && !job.only_estimate {
        outcome.observed.qubits = qubits(job, circuit)?;
    }
    Ok(outcome)
}

/// Mean states of the qubits over the shots.
pub(super) fn qubits(job: &Job, circuit: &Circuit) -> Result<Vec<QubitState>, Failure> {
    Ok(qubit_states(&means(job, circuit, &limits(job))?))
}

/// Counts of what a circuit measures.
pub(super) fn counts(
    job: &Job,
    measured: &Circuit,
    format: &KeyFormat,
    sources: &[circuit::BitSource],
) -> Result<Outcome, Failure> {
    let want = &job.request.want;
    let limits = limits(job);
    let sampler = Sampler::new(measured, &limits)?;
    let mut outcome = Outcome {
        method: Method::Stabilizer,
        operations: sampler.summary().operations,
        branches: 1,
        measured_all: format.covers_qubits(),
        ..Outcome::default()
    };
    if job.only_estimate {
        return Ok(outcome);
    }
    if job.request.shots > 0 {
        let mut all = Rows::default();
        sampler.records(
            u64::from(job.request.shots),
            job.request.seed,
            &job.control,
            Rows::default,
            |rows: &mut Rows, batch| batch.each_record(|row| rows.add(row)),
            |rows| all.merge(rows),
        )?;
        let mut counts = BTreeMap::new();
        all.keys(format, sources, |r| r as usize, &mut counts);
        outcome.distinct_outcomes = counts.len() as u64;
        outcome.counts = most_frequent(counts, want.top_counts);
    }
    Ok(outcome)
}

/// Mean Bloch vectors over the shots. Which Paulis have a value other than 0 is the same in all shots,
/// and its sign differs from the reference where the frame anticommutes: observables of these Paulis.
fn means(job: &Job, circuit: &Circuit, limits: &Limits) -> Result<Vec<[f64; 3]>, Failure> {
    let n = job.circuit.num_qubits();
    if n == 0 {
        return Ok(Vec::new());
    }
    let quiet = circuit.without_noise();
    let reference = stabilizer::run::reference_state(&quiet, limits, &job.control)?;
    let mut means = bloch_vectors(&reference);
    means.resize(n as usize, [0.0, 0.0, 1.0]);
    let mut observed = circuit.clone();
    let mut asked: Vec<(u32, usize)> = Vec::new();
    for (q, bloch) in (0..).zip(&means) {
        for (k, pauli) in [Pauli::X, Pauli::Y, Pauli::Z].into_iter().enumerate() {
            if bloch[k] != 0.0 {
                let target = Target::Pauli { pauli, qubit: q, inverted: false };
                observed.observe(asked.len(), vec![target]);
                asked.push((q, k));
            }
        }
    }
    let first = circuit.summary().num_observables as usize;
    let shots = u64::from(job.request.shots.max(1));
    let seed = job.request.seed;
    let counts = detection_counts(&observed, shots, seed, limits, &job.control)?;
    debug_assert_eq!(first, 0, "what has observables is not asked for Bloch vectors");
    for (&(q, k), &flips) in asked.iter().zip(&counts.observables) {
        means[q as usize][k] *= 1.0 - 2.0 * flips as f64 / shots as f64;
    }
    Ok(means)
}
