//! Programs of Clifford gates, on a tableau: thousands of qubits, whatever their entanglement.
//!
//! ```text
//! a unitary, then measurements:   gates once, joint results of all measurements       (terminal)
//! measurement and reset between:  Pauli frames, many shots at once, for counts         (frames)
//! steps that depend on outcomes, exact answers:  branch by branch                      (follow)
//! ```

mod follow;
pub(crate) mod frames;
pub(crate) mod noisy;
mod rows;
mod terminal;

use circuit::flat::Flat;
use circuit::{Instruction, Qubit, UnitaryInstruction};
use stabilizer::{Error, Recognizer, Tableau};

use api::run::{Method, QubitState};

use crate::counts::KeyFormat;
use crate::observe::{Observed, qubit_state};
use crate::walk::Walk;
use crate::{Failure, Job, Outcome};

/// Registers from this width on go to a tableau by themselves; narrower ones are no work either way,
/// and a state vector can be asked for its amplitudes.
const MIN_QUBITS: usize = 16;

/// The same where the program measures and goes on: a state vector is run once for each branch.
const MIN_DYNAMIC_QUBITS: usize = 10;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Stopped(stopped) => Self::Sim(stopped),
            other => Self::Refused { code: code(&other), message: other.to_string() },
        }
    }
}

fn code(error: &Error) -> &'static str {
    match error {
        Error::TooLarge { .. } => "too_large",
        Error::TooManyOperations { .. } => "too_many_operations",
        Error::RandomDetector { .. } | Error::RandomObservable { .. } => "random_detector",
        Error::NotGraphlike { .. } | Error::TooManyObservables { .. } | Error::Decoder(_) => {
            "not_decodable"
        }
        Error::NotHermitian => "not_hermitian",
        Error::Stopped(_) => "stopped",
    }
}

/// Code of the refusal of a program that is not made of Clifford gates.
const NOT_CLIFFORD: &str = "not_clifford";

fn not_clifford(unitary: &UnitaryInstruction) -> Failure {
    let name = unitary.gate.map_or("a unitary", |gate| gate.spec().name);
    let qubits: Vec<String> = unitary.qubits().map(|q| q.to_string()).collect();
    Failure::Refused {
        code: NOT_CLIFFORD,
        message: format!(
            "{name} on qubits {} is no Clifford gate: the stabilizer method cannot hold its state",
            qubits.join(", ")
        ),
    }
}

/// Amplitudes are asked for: a tableau has none.
fn wants_amplitudes(job: &Job) -> bool {
    job.request.want.statevector || job.request.want.top_amplitudes > 0
}

fn check_wants(job: &Job) -> Result<(), Failure> {
    if !wants_amplitudes(job) {
        return Ok(());
    }
    Err(Failure::Refused {
        code: "no_amplitudes",
        message: "the stabilizer method holds no amplitudes: ask for counts, probabilities or expectation values"
            .to_owned(),
    })
}

/// Whether a register of this width is looked at for Clifford gates.
fn considered(job: &Job, least: usize) -> Result<bool, Failure> {
    if job.request.method == Method::Stabilizer {
        return check_wants(job).map(|()| true);
    }
    let wide = job.circuit.num_qubits() as usize >= least;
    Ok(job.request.method == Method::Auto && wide && !wants_amplitudes(job))
}

/// Runs a program that is a list, if it is one for a tableau.
pub(crate) fn flat(
    job: &Job,
    flat: &std::sync::Arc<Flat>,
    format: &KeyFormat,
) -> Result<Option<Outcome>, Failure> {
    let terminal = flat.is_terminal();
    let least = if terminal { MIN_QUBITS } else { MIN_DYNAMIC_QUBITS };
    if !considered(job, least)? {
        return Ok(None);
    }
    let mut recognizer = Recognizer::default();
    let other = flat.instructions.iter().find_map(|i| match i {
        Instruction::Unitary(u) if recognizer.recognize(u).is_none() => Some(u),
        _ => None,
    });
    if let Some(unitary) = other {
        return match job.request.method {
            Method::Auto => Ok(None),
            _ => Err(not_clifford(unitary)),
        };
    }
    let mut outcome = if terminal {
        terminal::run(job, flat, format, &mut recognizer)?
    } else {
        let exact =
            job.request.want.probabilities || !job.observables.is_empty() || job.request.shots == 0;
        if exact {
            follow::run(job, &Walk::flat(flat.clone()), format)?
        } else {
            frames::run(job, flat, format, &mut recognizer)?
        }
    };
    let gates = flat.instructions.iter().filter(|i| matches!(i, Instruction::Unitary(_))).count();
    outcome.reason = format!(
        "{} Clifford {}: a tableau of {} qubits instead of a state vector",
        if gates == 1 { "the one gate is a".to_owned() } else { format!("all {gates} gates are") },
        if gates == 1 { "gate" } else { "gates" },
        flat.num_qubits
    );
    Ok(Some(outcome))
}

/// Runs a program whose steps depend on outcomes, if it is one for a tableau.
pub(crate) fn dynamic(
    job: &Job,
    walk: &Walk,
    format: &KeyFormat,
) -> Result<Option<Outcome>, Failure> {
    if !considered(job, MIN_DYNAMIC_QUBITS)? {
        return Ok(None);
    }
    match follow::run(job, walk, format) {
        Ok(mut outcome) => {
            outcome.reason = format!(
                "the program measures and goes on, with Clifford gates alone: {} {} of a tableau of {} qubits followed",
                outcome.branches,
                if outcome.branches == 1 { "branch" } else { "branches" },
                job.circuit.num_qubits()
            );
            Ok(Some(outcome))
        }
        // A state vector may be able to.
        Err(Failure::Refused { code: NOT_CLIFFORD, .. }) if job.request.method == Method::Auto => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn new_tableau(job: &Job) -> Result<Tableau, Failure> {
    let n = job.circuit.num_qubits() as usize;
    Ok(Tableau::new(n, job.request.limits.memory_bytes)?)
}

/// Applies a gate, or says that it is none of these.
fn apply(
    tableau: &mut Tableau,
    recognizer: &mut Recognizer,
    unitary: &UnitaryInstruction,
) -> Result<(), Failure> {
    let Some(clifford) = recognizer.recognize(unitary) else { return Err(not_clifford(unitary)) };
    let qubits: Vec<u32> = unitary.qubits().map(|q| q.0).collect();
    clifford.apply(tableau, &qubits);
    Ok(())
}

/// What is wanted of a state beside results of measurements.
fn observe(job: &Job, tableau: &Tableau, qubits: bool, all: bool) -> Observed {
    let mut observed = Observed::default();
    if qubits {
        observed.qubits = bloch_vectors(tableau).into_iter().map(qubit_state).collect();
    }
    if all {
        observed.expectations = expectations(job, tableau);
    }
    observed
}

/// Of all observables.
pub(crate) fn expectations(job: &Job, tableau: &Tableau) -> Vec<f64> {
    let mean = |t: &quantum_info::PauliTerm| t.weight * f64::from(tableau.expectation(&t.paulis));
    job.observables.iter().map(|o| o.terms.iter().map(mean).sum()).collect()
}

fn bloch_vectors(tableau: &Tableau) -> Vec<[f64; 3]> {
    use quantum_info::Pauli::{X, Y, Z};
    (0..tableau.num_qubits())
        .map(|q| {
            let q = u32::try_from(q).expect("qubits are numbered in 32 bits");
            [X, Y, Z].map(|p| f64::from(tableau.expectation(&[(q, p)])))
        })
        .collect()
}

/// Bloch vectors of qubits whose mean Paulis are known.
fn qubit_states(means: &[[f64; 3]]) -> Vec<QubitState> {
    means.iter().copied().map(qubit_state).collect()
}

fn numbers(qubits: impl IntoIterator<Item = Qubit>) -> Vec<u32> {
    qubits.into_iter().map(|q| q.0).collect()
}

#[cfg(test)]
mod tests;
