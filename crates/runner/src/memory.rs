//! Memory experiments of the surface code: sampled as Pauli frames, decoded by matching.

use api::run::memory::{Basis, MAX_DISTANCE, MemoryRequest, MemoryResult};
use api::run::{MAX_SHOTS, Program, RunError, SampleRequest};
use sim::RunControl;
use stabilizer::Pauli;
use stabilizer::surface_code::{Memory, Noise};

use crate::{Context, METHODS, diagnostics, stim};

/// Runs an experiment. The same seed gives the same numbers for any number of threads.
pub fn memory(request: &MemoryRequest, context: &Context) -> Result<MemoryResult, RunError> {
    if !METHODS {
        return Err(crate::needs_methods());
    }
    let refuse = |code, message: String| Err(diagnostics::request(code, message));
    if request.distance > MAX_DISTANCE {
        return refuse("bad_distance", format!("a distance of at most {MAX_DISTANCE} is possible"));
    }
    if request.shots > MAX_SHOTS {
        return refuse("too_many_shots", format!("at most {MAX_SHOTS} shots are possible"));
    }
    let started = (context.seconds)();
    let time_up = || context.time_is_up(started, request.limits.time_ms);
    let control =
        RunControl { cancel: context.cancel, deadline: Some(&time_up), progress: context.progress };
    let experiment = Memory {
        distance: request.distance,
        rounds: request.rounds,
        basis: match request.basis {
            Basis::X => Pauli::X,
            Basis::Z => Pauli::Z,
        },
        noise: Noise::uniform(request.noise),
    };
    let circuit = match experiment.circuit() {
        Ok(circuit) => circuit,
        Err(error) => return refuse("bad_experiment", error.to_string()),
    };
    let sample = SampleRequest {
        program: Program::stim(""),
        shots: request.shots,
        seed: request.seed,
        decode: true,
        limits: request.limits,
    };
    let limits = stabilizer::Limits {
        memory_bytes: request.limits.memory_bytes,
        max_operations: request.limits.max_operations,
    };
    let found = stim::sampled(&sample, &circuit, &limits, &control)
        .map_err(|error| diagnostics::from_failure(&error.into(), ""))?;
    Ok(MemoryResult {
        num_qubits: found.num_qubits,
        shots: u64::from(found.shots),
        errors: found.logical.map_or(0, |logical| logical.errors),
        detector_rates: found.detectors,
        threads: found.threads,
        seconds: (context.seconds)() - started,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(distance: u32, noise: f64) -> MemoryRequest {
        MemoryRequest {
            distance,
            rounds: distance,
            basis: Basis::Z,
            noise,
            shots: 5_000,
            seed: 5,
            limits: api::run::Limits::default(),
        }
    }

    fn rate(distance: u32, noise: f64) -> f64 {
        let result = memory(&request(distance, noise), &crate::tests::CONTEXT).expect("runs");
        assert_eq!(result.num_qubits, 2 * distance * distance - 1);
        assert_eq!(result.detector_rates.len(), ((distance * distance - 1) * distance) as usize);
        result.errors as f64 / result.shots as f64
    }

    #[test]
    fn below_the_threshold_a_larger_code_is_better_and_above_it_worse() {
        assert!(rate(5, 0.003) < rate(3, 0.003));
        assert!(rate(5, 0.03) > rate(3, 0.03));
        assert!(rate(3, 0.0) == 0.0);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for wrong in [request(1, 0.01), request(26, 0.01), request(3, 1.5), request(3, f64::NAN)] {
            assert!(memory(&wrong, &crate::tests::CONTEXT).is_err(), "{wrong:?}");
        }
    }
}
