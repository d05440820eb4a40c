//! Clifford gates under a noise model whose channels are Pauli errors: Pauli frames.

use std::collections::BTreeSet;

use api::run::Method;
use circuit::flat::Flat;
use circuit::{Instruction, Qubit, machine};
use noise::{Applied, NoiseModel};
use quantum_info::Channel;
use stabilizer::{Circuit, Recognizer};

use super::frames;
use super::rows::sources;
use crate::{Failure, Job, MAX_LISTED, Outcome};

/// Narrower registers have density matrices, which are exact and cheap.
const MIN_QUBITS: u32 = 9;

/// By how much a channel may miss being made of Pauli errors.
const ATOL: f64 = 1e-12;

/// What keeps a job from being one for frames.
type Reason = String;

/// Counts of a noisy job, if frames can give them.
pub(crate) fn run(
    job: &Job,
    program: &std::sync::Arc<machine::Program>,
    limits: machine::Limits,
) -> Result<Option<Outcome>, Failure> {
    let asked = job.request.method == Method::Stabilizer;
    let wide = job.circuit.num_qubits() >= MIN_QUBITS;
    let considered = asked || job.request.method == Method::Auto && wide;
    if !considered {
        return Ok(None);
    }
    let refuse = |reason: Reason| {
        let message = format!("the stabilizer method cannot do this under noise: {reason}");
        if asked { Err(Failure::Refused { code: "not_pauli_noise", message }) } else { Ok(None) }
    };
    let want = &job.request.want;
    let counts_alone = !want.probabilities
        && !want.statevector
        && !want.density_matrix
        && want.top_amplitudes == 0
        && job.observables.is_empty()
        && job.request.shots > 0;
    if !counts_alone {
        return refuse("it gives counts, from at least one shot".to_owned());
    }
    let listed =
        machine::Limits { max_operations: limits.max_operations.min(MAX_LISTED), ..limits };
    let flat = match program.flatten(&job.inputs, listed) {
        Ok(flat) => flat,
        Err(error) => return refuse(error.to_string()),
    };
    let format = job.format(&flat);
    let mut noisy = match noisy_circuit(&flat, job.noise.as_ref()) {
        Ok(noisy) => noisy,
        Err(reason) => return refuse(reason),
    };
    if format.covers_qubits() {
        for q in 0..flat.num_qubits {
            match misreading(job.noise.as_ref(), Qubit(q)) {
                Ok(p) => measure(&mut noisy.circuit, Qubit(q), p),
                Err(reason) => return refuse(reason),
            }
        }
    }
    let mut outcome =
        frames::counts(job, &noisy.circuit, &format, &sources(&format, &flat.clbits))?;
    if want.qubits && !job.only_estimate {
        outcome.observed.qubits = frames::qubits(job, &noisy.unmeasured)?;
    }
    outcome.remarks = noisy.remarks.into_iter().collect();
    outcome.reason = format!(
        "Clifford gates alone, and noise made of Pauli errors: Pauli frames on {} qubits",
        flat.num_qubits
    );
    Ok(Some(outcome))
}

struct Noisy {
    circuit: Circuit,
    /// The same without what measures all qubits at the end.
    unmeasured: Circuit,
    remarks: BTreeSet<noise::Remark>,
}

fn noisy_circuit(flat: &Flat, model: Option<&NoiseModel>) -> Result<Noisy, Reason> {
    let mut recognizer = Recognizer::default();
    let mut circuit = Circuit::default();
    let mut remarks = BTreeSet::new();
    // Names all qubits.
    circuit.append("I", &[], &(0..flat.num_qubits).collect::<Vec<_>>());
    let mut channels: Vec<Applied> = Vec::new();
    for instruction in &flat.instructions {
        match instruction {
            Instruction::Unitary(u) => {
                let Some(clifford) = recognizer.recognize(u) else {
                    return Err("not all of its gates are Clifford gates".to_owned());
                };
                let qubits = super::numbers(u.qubits());
                clifford.instructions(&qubits).into_iter().for_each(|i| circuit.push(i));
                if let Some(model) = model {
                    channels.clear();
                    remarks.extend(model.after(u, &mut channels));
                    for (channel, qubits) in &channels {
                        push(&mut circuit, channel, qubits)?;
                    }
                }
            }
            Instruction::Measure { qubit, .. } => {
                let p = misreading(model, *qubit)?;
                measure(&mut circuit, *qubit, p);
            }
            Instruction::Reset { qubit } => circuit.append("R", &[], &[qubit.0]),
            Instruction::Barrier { .. } => {}
        }
    }
    Ok(Noisy { unmeasured: circuit.clone(), circuit, remarks })
}

fn measure(circuit: &mut Circuit, qubit: Qubit, p: f64) {
    let args: &[f64] = if p > 0.0 { &[p] } else { &[] };
    circuit.append("M", args, &[qubit.0]);
}

/// Probability that a qubit is read wrongly, which frames know only where it is the same for both values.
fn misreading(model: Option<&NoiseModel>, qubit: Qubit) -> Result<f64, Reason> {
    let Some(matrix) = model.and_then(|m| m.readout(qubit)) else { return Ok(0.0) };
    if (matrix[0][1] - matrix[1][0]).abs() > ATOL {
        return Err("its readout errs differently on 0 and on 1".to_owned());
    }
    Ok(matrix[0][1])
}

fn push(circuit: &mut Circuit, channel: &Channel, qubits: &[Qubit]) -> Result<(), Reason> {
    let Some(errors) = pauli_probabilities(channel) else {
        return Err("one of its channels is not made of Pauli errors".to_owned());
    };
    // The first target of a pair has the high digit there, and the second qubit here.
    let targets: Vec<u32> = qubits.iter().rev().map(|q| q.0).collect();
    match targets.len() {
        1 => circuit.append("PAULI_CHANNEL_1", &errors[1..], &targets),
        2 => circuit.append("PAULI_CHANNEL_2", &errors[1..], &targets),
        _ => return Err("one of its channels acts on more than two qubits".to_owned()),
    }
    Ok(())
}

/// Probabilities of the Pauli strings of a channel, by their digits (I, X, Y, Z, the first qubit lowest), if it is a
/// mixture of them. With the diagonal `λ` of the transfer matrix: `p_j = 4^-k Σ_i ± λ_i`, the sign
/// negative where strings `i` and `j` anticommute.
fn pauli_probabilities(channel: &Channel) -> Option<Vec<f64>> {
    let n = 1_usize << (2 * channel.num_qubits());
    let transfer = channel.transfer();
    let diagonal = (0..n).all(|i| (0..n).all(|j| i == j || transfer[i * n + j].abs() <= ATOL));
    if !diagonal {
        return None;
    }
    let probability = |j: usize| {
        let signed =
            |i: usize| if anticommute(i, j) { -transfer[i * n + i] } else { transfer[i * n + i] };
        (0..n).map(signed).sum::<f64>() / n as f64
    };
    let found: Vec<f64> = (0..n).map(probability).collect();
    let sound = found.iter().all(|p| *p >= -ATOL);
    sound.then(|| found.into_iter().map(|p| p.max(0.0)).collect())
}

fn anticommute(mut i: usize, mut j: usize) -> bool {
    let mut odd = false;
    while i > 0 && j > 0 {
        let (a, b) = (i % 4, j % 4);
        odd ^= a != 0 && b != 0 && a != b;
        (i, j) = (i / 4, j / 4);
    }
    odd
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_of_pauli_channels_are_found_and_others_refused() {
        let close = |found: &[f64], wanted: &[f64]| {
            found.len() == wanted.len()
                && found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-12)
        };
        let one = Channel::pauli(1, &[("X", 0.1), ("Z", 0.2)]).unwrap();
        assert!(close(&pauli_probabilities(&one).unwrap(), &[0.7, 0.1, 0.0, 0.2]));
        // Strings have the highest qubit first: X on qubit 1, Z on qubit 0.
        let two = Channel::pauli(2, &[("XZ", 0.3)]).unwrap();
        let found = pauli_probabilities(&two).unwrap();
        assert!((found[4 + 3] - 0.3).abs() < 1e-12 && (found[0] - 0.7).abs() < 1e-12);
        assert_eq!(pauli_probabilities(&Channel::amplitude_damping(0.1).unwrap()), None);
    }
}
