//! Circuits in the text format of Stim, and memory experiments of the surface code: runs, and rates of their detectors.

mod openqasm;

use api::run::{
    Basis, Diagnostic, Language, LogicalRates, MAX_DISTANCE, MemoryExperiment, Program, RunError,
    RunErrorKind, SampleRequest, SampleResult, Sampled,
};
use circuit::flat::BitSource;
use circuit::{QuantumRegister, Qubit, Role, Scalar, Span, Type, Variable};
use sim::RunControl;
use stabilizer::surface_code::{Memory, Noise};
use stabilizer::{
    Batch, Circuit, Decoder, ErrorModel, Limits, Pauli, ReadLimits, Sampler, detection_counts,
    logical_errors,
};

use crate::clifford::frames;
use crate::counts::KeyFormat;
use crate::{Context, Failure, Job, Outcome, diagnostics, program};

/// Reads a circuit, or says what is wrong with it.
pub(crate) fn read(text: &str) -> Result<Circuit, Vec<Diagnostic>> {
    stabilizer::read(text, &ReadLimits::default()).map_err(|found| {
        found
            .into_iter()
            .map(|d| Diagnostic {
                line: d.line,
                column: d.column,
                end_line: d.line,
                end_column: d.end_column,
                ..Diagnostic::error(d.code, d.message)
            })
            .collect()
    })
}

/// Qubits and record of a circuit as the registers of a program without statements: what results are
/// dressed by. The record is one register, result 0 in its lowest bit.
pub(crate) fn registers(circuit: &Circuit) -> Result<circuit::Circuit, RunError> {
    let summary = circuit.summary();
    let bits = u32::try_from(summary.num_measurements).map_err(|_| {
        let message = format!("{} results are too many to list", summary.num_measurements);
        RunError {
            kind: RunErrorKind::Resources,
            diagnostics: vec![Diagnostic::error("too_large", message)],
        }
    })?;
    let mut program = circuit::Circuit::default();
    if summary.num_qubits > 0 {
        program.registers.push(QuantumRegister {
            name: "q".to_owned(),
            first: Qubit(0),
            size: summary.num_qubits,
            single: false,
            span: Span::NONE,
        });
    }
    if bits > 0 {
        program.variables.push(Variable {
            name: "rec".to_owned(),
            ty: Type::Scalar(Scalar::Bits(bits)),
            role: Role::Plain,
            span: Span::NONE,
        });
    }
    Ok(program)
}

/// Counts of a circuit.
pub(crate) fn run(job: &Job, circuit: &Circuit) -> Result<Outcome, Failure> {
    use api::run::Method;

    let want = &job.request.want;
    let refused = |code: &'static str, message: &str| {
        Err(Failure::Refused { code, message: message.to_owned() })
    };
    if !matches!(job.request.method, Method::Auto | Method::Stabilizer) {
        return refused("needs_stabilizer", "circuits of Stim run with the method `stabilizer`");
    }
    if want.statevector || want.top_amplitudes > 0 || want.probabilities {
        return refused(
            "no_amplitudes",
            "a circuit of Stim gives counts: it has no amplitudes and no exact distribution here",
        );
    }
    let summary = circuit.summary();
    let certain = summary.num_measurements == 0 && !summary.noisy;
    if !job.observables.is_empty() && !certain {
        return refused(
            "no_single_state",
            "the circuit measures or is noisy: expectation values would differ from shot to shot",
        );
    }
    let format = if summary.num_measurements == 0 {
        KeyFormat::of_qubits(job.circuit)
    } else {
        KeyFormat::of_clbits(job.circuit)
    };
    let sources: Vec<BitSource> = (0..).take(format.len()).map(BitSource::Record).collect();
    let mut outcome = frames::sample(job, circuit, &format, &sources)?;
    if !job.observables.is_empty() && !job.only_estimate {
        let limits = frames::limits(job);
        let state = stabilizer::run::reference_state(circuit, &limits, &job.control)?;
        outcome.observed.expectations = crate::clifford::expectations(job, &state);
    }
    outcome.operations = summary.operations;
    "a circuit of Stim: Pauli frames against a reference from a tableau"
        .clone_into(&mut outcome.reason);
    Ok(outcome)
}

fn refusal(failure: &Failure) -> RunError {
    diagnostics::from_failure(failure, "")
}

/// Samples detectors and observables, and decodes if that is wanted.
pub fn sample_detectors(
    request: &SampleRequest,
    context: &Context,
) -> Result<SampleResult, RunError> {
    if !crate::METHODS {
        return Err(crate::needs_methods());
    }
    if request.shots > api::run::MAX_SHOTS {
        return Err(diagnostics::request(
            "too_many_shots",
            format!("at most {} shots are possible", api::run::MAX_SHOTS),
        ));
    }
    let (read, made);
    let circuit = match &request.circuit {
        Sampled::Program(program) if program.language != Language::Stim => {
            return Err(diagnostics::request(
                "needs_stim",
                "detectors are there in circuits of Stim alone".to_owned(),
            ));
        }
        Sampled::Program(program) => {
            read = program::read(program, context)?;
            read.stim.as_ref().expect("a program of Stim has been read as one")
        }
        Sampled::SurfaceCode(experiment) => {
            made = memory(experiment)?;
            &made
        }
    };
    let started = (context.seconds)();
    let time_up = || context.time_is_up(started, request.limits.time_ms);
    let control =
        RunControl { cancel: context.cancel, deadline: Some(&time_up), progress: context.progress };
    let limits = Limits {
        memory_bytes: request.limits.memory_bytes,
        max_operations: request.limits.max_operations,
    };
    let result = sampled(request, circuit, &limits, &control);
    let mut result = result.map_err(|error| refusal(&error.into()))?;
    result.seconds = (context.seconds)() - started;
    if request.convert {
        match openqasm::openqasm(circuit) {
            Ok(text) => result.openqasm = Some(text),
            Err(reason) => result.not_openqasm = Some(reason),
        }
    }
    Ok(result)
}

fn sampled(
    request: &SampleRequest,
    circuit: &Circuit,
    limits: &Limits,
    control: &RunControl,
) -> Result<SampleResult, stabilizer::Error> {
    let summary = circuit.summary();
    let shots = u64::from(request.shots);
    let rate = |n: u64| if shots == 0 { 0.0 } else { n as f64 / shots as f64 };
    let counts = detection_counts(circuit, shots, request.seed, limits, control)?;
    let logical = if request.decode {
        let model = ErrorModel::of(circuit, limits, control)?;
        let decoder = Decoder::new(&model)?;
        let found = logical_errors(circuit, &decoder, shots, request.seed, limits, control)?;
        Some(LogicalRates {
            errors: found.errors,
            rate: found.rate(),
            observables: found.observables.iter().map(|&n| rate(n)).collect(),
            mechanisms: model.mechanisms.len() as u64,
            exact: model.exact,
        })
    } else {
        None
    };
    let plain = summary.num_detectors == 0 && summary.num_observables == 0;
    let ones = if plain && shots > 0 {
        ones(circuit, shots, request.seed, limits, control)?
    } else {
        Vec::new()
    };
    Ok(SampleResult {
        num_qubits: summary.num_qubits,
        num_measurements: summary.num_measurements,
        shots: request.shots,
        seed: request.seed,
        threads: u32::try_from(sim::num_threads()).unwrap_or(u32::MAX),
        detectors: counts.detectors.iter().map(|&n| rate(n)).collect(),
        observables: counts.observables.iter().map(|&n| rate(n)).collect(),
        results: ones.into_iter().map(rate).collect(),
        logical,
        openqasm: None,
        not_openqasm: None,
        seconds: 0.0,
    })
}

/// Results that are counted one by one, at most.
const MAX_RESULTS: u64 = 10_000;

/// In how many shots each result is 1.
fn ones(
    circuit: &Circuit,
    shots: u64,
    seed: u64,
    limits: &Limits,
    control: &RunControl,
) -> Result<Vec<u64>, stabilizer::Error> {
    let sampler = Sampler::new(circuit, limits)?;
    let num = sampler.summary().num_measurements.min(MAX_RESULTS);
    let mut all = vec![0; usize::try_from(num).unwrap_or(0)];
    let none = all.clone();
    let add = |sum: &mut Vec<u64>, batch: &Batch| {
        for (i, n) in sum.iter_mut().enumerate() {
            *n += batch.record(i).iter().map(|w| u64::from(w.count_ones())).sum::<u64>();
        }
    };
    let merge = |group: Vec<u64>| all.iter_mut().zip(group).for_each(|(sum, n)| *sum += n);
    sampler.records(shots, seed, control, || none.clone(), add, merge)?;
    Ok(all)
}

/// The circuit of an experiment.
fn memory(asked: &MemoryExperiment) -> Result<Circuit, RunError> {
    if asked.distance > MAX_DISTANCE {
        return Err(diagnostics::request(
            "bad_distance",
            format!("a distance of at most {MAX_DISTANCE} is possible"),
        ));
    }
    let experiment = Memory {
        distance: asked.distance,
        rounds: asked.rounds,
        basis: match asked.basis {
            Basis::X => Pauli::X,
            Basis::Z => Pauli::Z,
        },
        noise: Noise::uniform(asked.noise),
    };
    experiment.circuit().map_err(|error| diagnostics::request("surface_code", error.to_string()))
}

/// A memory experiment of the rotated surface code as a circuit of Stim.
pub fn surface_code(experiment: &MemoryExperiment) -> Result<Program, RunError> {
    Ok(Program { language: Language::Stim, text: memory(experiment)?.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(distance: u32, noise: f64) -> SampleRequest {
        let experiment = MemoryExperiment { distance, rounds: distance, basis: Basis::Z, noise };
        SampleRequest {
            circuit: Sampled::SurfaceCode(experiment),
            shots: 5_000,
            seed: 5,
            decode: true,
            convert: false,
            limits: api::run::Limits::default(),
        }
    }

    fn rate(distance: u32, noise: f64) -> f64 {
        let result =
            sample_detectors(&request(distance, noise), &crate::tests::CONTEXT).expect("runs");
        assert_eq!(result.num_qubits, 2 * distance * distance - 1);
        assert_eq!(result.detectors.len(), ((distance * distance - 1) * distance) as usize);
        result.logical.expect("decoded").rate
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
            assert!(sample_detectors(&wrong, &crate::tests::CONTEXT).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn without_detectors_results_are_counted() {
        let circuit = Sampled::Program(Program::stim("X 0\nM 0 1\nH 1\nM(0.25) 1 2"));
        let request = SampleRequest { circuit, decode: false, ..request(3, 0.0) };
        let found = sample_detectors(&request, &crate::tests::CONTEXT).expect("runs").results;
        assert_eq!(found[..2], [1.0, 0.0]);
        // To five standard deviations of 5,000 shots.
        assert!((found[2] - 0.5).abs() < 0.036 && (found[3] - 0.25).abs() < 0.031, "{found:?}");
    }

    #[test]
    fn a_circuit_says_whether_openqasm_can_say_it() {
        let ask = |text: &str| {
            let circuit = Sampled::Program(Program::stim(text));
            let request = SampleRequest {
                circuit,
                convert: true,
                decode: false,
                shots: 0,
                ..request(3, 0.0)
            };
            sample_detectors(&request, &crate::tests::CONTEXT).expect("readable")
        };
        assert!(ask("H 0\nM 0").openqasm.is_some_and(|text| text.contains("h q[0];")));
        let noisy = ask("M(0.1) 0");
        assert!(noisy.openqasm.is_none() && noisy.not_openqasm.is_some());
    }
}
