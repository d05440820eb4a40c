//! A program for many values of its inputs.
//!
//! Narrow registers are batched: what all points of a batch begin with is run once, then each thread
//! takes one point after another. Wide ones, and programs that measure and go on, are run point by
//! point, each from what is kept of the one before.

use std::collections::BTreeMap;

use api::run::sweep::{MAX_SWEEP_POINTS, MAX_SWEEP_VALUES, SweepPoint, SweepRequest, SweepResult};
use api::run::{MAX_SHOTS, Method, Precision, RunError, RunErrorKind, RunRequest, Want};
use circuit::flat::Flat;
use circuit::{Instruction, Value, machine};
use sim::{Real, RunControl, Statevector};

use crate::{
    Context, Failure, Job, Live, MAX_LISTED, Outcome, compile, diagnostics, inputs, machine_limits,
    observable, terminal,
};

/// Registers up to this wide are batched.
const BATCHED_QUBITS: u32 = 14;

/// Points of a batch: a function of the request alone, since it decides what is shared.
const BATCH: usize = 64;

/// Runs a sweep.
pub fn sweep(request: &SweepRequest, context: &Context) -> Result<SweepResult, RunError> {
    check(request)?;
    let compiled = compile(&request.program, context.files);
    let remarks = diagnostics::from_qasm(&compiled.diagnostics, &request.program.text);
    let Some(circuit) = compiled.circuit else {
        return Err(RunError { kind: RunErrorKind::Program, diagnostics: remarks });
    };
    let n = circuit.num_qubits();
    let observables = request
        .expectations
        .iter()
        .map(|text| observable(text, n))
        .collect::<Result<Vec<_>, _>>()?;
    let each = observables.len() + if request.qubits { n as usize } else { 0 };
    if each.saturating_mul(request.points.len()) > MAX_SWEEP_VALUES {
        return Err(diagnostics::request(
            "too_many_values",
            format!(
                "{each} values for each of {} points; at most {MAX_SWEEP_VALUES} in all",
                request.points.len()
            ),
        ));
    }
    let fixed = inputs::read(&circuit, &request.inputs)?;
    let started = (context.seconds)();
    let time_up = || context.time_is_up(started, request.limits.time_ms);
    let control =
        RunControl { cancel: context.cancel, deadline: Some(&time_up), progress: context.progress };
    let single = RunRequest {
        program: request.program.clone(),
        method: Method::Auto,
        precision: request.precision,
        fast: request.fast,
        shots: request.shots,
        seed: request.seed,
        inputs: request.inputs.clone(),
        noise: None,
        gradient: None,
        want: Want { qubits: request.qubits, ..Want::default() },
        limits: request.limits,
    };
    let job = Job {
        request: &single,
        circuit: &circuit,
        stim: None,
        observables,
        inputs: fixed,
        noise: None,
        gradient: None,
        control,
        live: None,
        estimates: None,
        only_estimate: false,
    };
    let found = match request.precision {
        Precision::F64 => points::<f64>(request, &job),
        Precision::F32 => points::<f32>(request, &job),
    };
    let (points, shared) =
        found.map_err(|error| diagnostics::from_failure(&error, &request.program.text))?;
    Ok(SweepResult {
        num_qubits: n,
        points,
        shared_gates: shared as u64,
        threads: u32::try_from(sim::num_threads()).unwrap_or(u32::MAX),
        seconds: (context.seconds)() - started,
        diagnostics: remarks,
    })
}

fn check(request: &SweepRequest) -> Result<(), RunError> {
    let refuse = |code, message| Err(diagnostics::request(code, message));
    if request.shots > MAX_SHOTS {
        return refuse("too_many_shots", format!("at most {MAX_SHOTS} shots are possible"));
    }
    if request.points.len() > MAX_SWEEP_POINTS {
        return refuse(
            "too_many_points",
            format!("{} points; at most {MAX_SWEEP_POINTS}", request.points.len()),
        );
    }
    let wrong = |p: &Vec<f64>| p.len() != request.names.len() || p.iter().any(|x| !x.is_finite());
    if let Some(i) = request.points.iter().position(wrong) {
        return refuse(
            "bad_point",
            format!("point {i} needs {} finite numbers", request.names.len()),
        );
    }
    Ok(())
}

fn points<T: Real>(request: &SweepRequest, job: &Job) -> Result<(Vec<SweepPoint>, usize), Failure> {
    let program = machine::Program::new(job.circuit)?;
    let limits = machine_limits(request.limits.max_operations);
    let listed =
        machine::Limits { max_operations: limits.max_operations.min(MAX_LISTED), ..limits };
    let values = |point: &[f64]| -> BTreeMap<String, Value> {
        let swept = request.names.iter().cloned().zip(point.iter().map(|&x| Value::Float(x)));
        job.inputs.clone().into_iter().chain(swept).collect()
    };
    let total = request.points.len().max(1) as f64;
    let mut found = Vec::with_capacity(request.points.len());
    let mut shared = 0;
    if job.circuit.num_qubits() <= BATCHED_QUBITS {
        for batch in request.points.chunks(BATCH) {
            job.control.check()?;
            let flats: Result<Vec<Flat>, _> =
                sim::map(batch.len(), |i| program.flatten(&values(&batch[i]), listed))
                    .into_iter()
                    .collect();
            // What depends on outcomes is found out at the first point.
            let Ok(flats) = flats else { break };
            if !flats.iter().all(Flat::is_terminal) {
                break;
            }
            let results;
            (results, shared) = run_batch::<T>(job, &flats, found.len())?;
            found.extend(results);
            if let Some(progress) = job.control.progress {
                progress(found.len() as f64 / total);
            }
        }
    }
    let live = Live::new(job.request.limits.memory_bytes / 2);
    for (i, point) in request.points.iter().enumerate().skip(found.len()) {
        job.control.check()?;
        let single = single(job, i);
        let inputs = values(point);
        let one = Job { inputs, live: Some(&live), ..point_job(job, &single) };
        found.push(sweep_point(one.run::<T>()?));
        if let Some(progress) = job.control.progress {
            progress((i + 1) as f64 / total);
        }
    }
    Ok((found, shared))
}

/// The request of point `i`.
fn single(job: &Job, i: usize) -> RunRequest {
    RunRequest { seed: job.request.seed.wrapping_add(i as u64), ..job.request.clone() }
}

/// A job of one point, its inputs left out.
fn point_job<'a>(job: &Job<'a>, request: &'a RunRequest) -> Job<'a> {
    Job {
        request,
        circuit: job.circuit,
        stim: None,
        observables: job.observables.clone(),
        inputs: BTreeMap::new(),
        noise: job.noise.clone(),
        gradient: None,
        control: RunControl { progress: None, ..job.control },
        live: None,
        estimates: None,
        only_estimate: false,
    }
}

fn sweep_point(outcome: Outcome) -> SweepPoint {
    SweepPoint {
        expectations: outcome.observed.expectations,
        probability_one: outcome.observed.qubits.iter().map(|q| q.probability_one).collect(),
        counts: outcome.counts,
    }
}

/// Points whose numbers begin at `from`. What comes out is, bit for bit, what runs of their own give:
/// they are planned and read in the same way.
fn run_batch<T: Real>(
    job: &Job,
    flats: &[Flat],
    from: usize,
) -> Result<(Vec<SweepPoint>, usize), Failure> {
    let circuits: Vec<Vec<Instruction>> = flats
        .iter()
        .map(|f| {
            let unitaries = f.instructions.iter().filter(|i| matches!(i, Instruction::Unitary(_)));
            unitaries.cloned().collect()
        })
        .collect();
    let quiet = RunControl { progress: None, ..job.control };
    let read = |i: usize, state: Statevector<T>| -> Result<SweepPoint, Failure> {
        let flat = &flats[i];
        let single = single(job, from + i);
        let format = job.format(flat);
        let outcome = terminal::read_whole(&point_job(job, &single), flat, &format, state)?;
        Ok(sweep_point(outcome))
    };
    let n = job.circuit.num_qubits() as usize;
    let memory = job.request.limits.memory_bytes;
    let swept = sim::sweep::<T, _, _>(&circuits, n, job.request.fast, memory, &quiet, read)?;
    Ok((swept.results, swept.shared))
}
