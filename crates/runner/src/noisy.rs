//! Programs under noise: of a model that was asked for, or that the program itself applies.
//!
//! Two methods. [`density`] holds the mixed state and gives exact answers; measurements that steer the
//! program branch it, and branches that meet add up. [`trajectories`] follows pure states: each shot is one
//! history of the noise, and histories that begin alike are run once.
//!
//! Both are driven by [`steps::Steps`]: the program's own steps and the channels that follow them.

mod density;
mod readout;
pub(crate) mod steps;
mod trajectories;

use api::run::{Method, Noise, RunError};
use circuit::machine::{self, Step};
use circuit::{Circuit, StatementKind};
use noise::NoiseModel;
use sim::{Real, density as dm, limits};

use crate::counts::KeyFormat;
use crate::walk::Walk;
use crate::{Failure, Job, Outcome, diagnostics};
pub(crate) use readout::blur;
use steps::Steps;

/// Branches less likely than this are not followed for exact answers.
const NEGLIGIBLE: f64 = 1e-14;

/// Work of a density matrix on one number, in units of that of trajectories on one amplitude.
const DENSITY_COST: f64 = 0.5;

/// Reads what was asked for.
pub(crate) fn model(noise: &Noise, num_qubits: u32) -> Result<NoiseModel, RunError> {
    let model = match noise {
        Noise::Device(name) => noise::device(name).ok_or_else(|| {
            let known: Vec<&str> = noise::devices().collect();
            let shown: String = name.chars().take(60).collect();
            diagnostics::request(
                "unknown_device",
                format!("there is no device `{shown}`; known are {}", known.join(", ")),
            )
        })?,
        Noise::Model(text) => noise::parse(text)
            .map_err(|e| diagnostics::request("bad_noise_model", e.to_string()))?,
    };
    if let Some(n) = model.num_qubits().filter(|&n| n < num_qubits) {
        return Err(diagnostics::request(
            "device_too_small",
            format!("the program has {num_qubits} qubits and {} has {n}", model.name()),
        ));
    }
    Ok(model)
}

/// Whether the program applies channels itself.
pub(crate) fn applies_noise(circuit: &Circuit) -> bool {
    let noise = |s: &circuit::Statement| matches!(s.kind, StatementKind::Noise(_));
    crate::any_statement(&circuit.body, &noise)
        || circuit
            .subroutines
            .iter()
            .filter_map(|s| s.body.as_ref())
            .any(|body| crate::any_statement(body, &noise))
}

/// Whether a run of this job is one of ours.
pub(crate) fn is_noisy(job: &Job) -> bool {
    match job.request.method {
        Method::DensityMatrix | Method::Trajectories => true,
        Method::Auto | Method::Statevector | Method::Stabilizer => {
            job.noise.is_some() || applies_noise(job.circuit)
        }
    }
}

pub(crate) fn run<T: Real>(
    job: &Job,
    program: &std::sync::Arc<machine::Program>,
    limits: machine::Limits,
) -> Result<Outcome, Failure> {
    let want = &job.request.want;
    if want.statevector {
        return Err(Failure::Refused {
            code: "no_single_state",
            message:
                "under noise the state is mixed: it has no state vector; ask for the density matrix"
                    .to_owned(),
        });
    }
    if job.request.method == Method::Statevector {
        return Err(Failure::Refused {
            code: "noise_not_supported",
            message: "the state vector cannot hold noise: use `density_matrix` or `trajectories`"
                .to_owned(),
        });
    }
    let machine = machine::Machine::new(program, &job.inputs, limits)?;
    let format = format(job, &machine)?;
    let (method, reason) = choose::<T>(job, program)?;
    let steps = Steps::new(Walk::machine(machine), job.noise.as_ref());
    if let Some(live) = job.live {
        // These methods hold states of their own.
        live.clear();
    }
    let mut outcome = match method {
        _ if job.only_estimate => Outcome::default(),
        Method::Trajectories => trajectories::run::<T>(job, &steps, &format)?,
        _ => density::run::<T>(job, &steps, &format)?,
    };
    let n = job.circuit.num_qubits() as usize;
    outcome.method = method;
    outcome.reason = reason;
    outcome.measured_all = format.covers_qubits();
    outcome.remarks = steps.remarks();
    outcome.needed_bytes = Some(match method {
        Method::Trajectories => limits::needed_bytes(n, T::PRECISION),
        _ => dm::density_bytes(n, T::PRECISION),
    });
    if job.only_estimate {
        outcome.operations = program.least_operations();
    }
    Ok(outcome)
}

/// What keys show. A program that comes to its end without having measured was not steered by
/// outcomes: it measures in no run.
fn format(job: &Job, machine: &machine::Machine) -> Result<KeyFormat, Failure> {
    let mut probe = machine.clone();
    let mut steps = 0_u32;
    loop {
        if steps.is_multiple_of(1 << 16) {
            job.control.check()?;
        }
        steps = steps.wrapping_add(1);
        match probe.next()? {
            Step::Measure { .. } => return Ok(KeyFormat::of_clbits(job.circuit)),
            Step::Done => break,
            _ => {}
        }
    }
    Ok(if crate::assigns_bits(job.circuit, &job.circuit.body) {
        KeyFormat::of_clbits(job.circuit)
    } else {
        KeyFormat::of_qubits(job.circuit)
    })
}

/// The method and why.
fn choose<T: Real>(job: &Job, program: &machine::Program) -> Result<(Method, String), Failure> {
    let request = job.request;
    let n = job.circuit.num_qubits() as usize;
    let shots = request.shots;
    let memory = request.limits.memory_bytes;
    let exact = request.want.probabilities || request.want.density_matrix || shots == 0;
    let fits = dm::density_bytes(n, T::PRECISION) <= memory;
    let needs_exact = || Failure::Refused {
        code: "needs_density_matrix",
        message: format!(
            "exact probabilities under noise need the density matrix of {n} qubits, {}: ask for counts instead",
            limits::shown_bytes(dm::density_bytes(n, T::PRECISION))
        ),
    };
    let method = match request.method {
        Method::DensityMatrix => Method::DensityMatrix,
        Method::Trajectories if exact => {
            return Err(Failure::Refused {
                code: "needs_density_matrix",
                message:
                    "trajectories give counts and averages over shots: exact probabilities need \
                          the density matrix, and averages at least one shot"
                        .to_owned(),
            });
        }
        Method::Trajectories => Method::Trajectories,
        // The state vector was refused before, and the stabilizer method has answered.
        Method::Auto | Method::Statevector | Method::Stabilizer => {
            if exact && !fits {
                return Err(needs_exact());
            }
            let gates = program.least_operations().max(1) as f64;
            let power = |k: usize| libm::exp2(k as f64);
            let density = DENSITY_COST * power(2 * n) * gates;
            let histories = f64::from(shots) * power(n) * gates;
            if exact || fits && density <= histories {
                Method::DensityMatrix
            } else {
                Method::Trajectories
            }
        }
    };
    let reason = match (method, request.method) {
        (Method::DensityMatrix, Method::Auto) if exact => {
            format!("exact answers under noise: the density matrix of {n} qubits fits into memory")
        }
        (Method::DensityMatrix, Method::Auto) => format!(
            "under noise, 4^{n} numbers once are less work than 2^{n} amplitudes for each of {shots} shots"
        ),
        (Method::Trajectories, Method::Auto) if !fits => format!(
            "under noise, and a density matrix of {n} qubits would need {}: one history of the noise per shot",
            limits::shown_bytes(dm::density_bytes(n, T::PRECISION))
        ),
        (Method::Trajectories, Method::Auto) => format!(
            "under noise, 2^{n} amplitudes for each of {shots} shots are less work than 4^{n} numbers once"
        ),
        _ => "asked for".to_owned(),
    };
    if method == Method::DensityMatrix {
        dm::check_density_memory(n, T::PRECISION, memory)?;
    } else {
        limits::check_memory(n, T::PRECISION, memory)?;
    }
    Ok((method, reason))
}

#[cfg(test)]
mod tests;
