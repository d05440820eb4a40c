//! A program for many values of its inputs, or many strengths of its noise.
//!
//! Narrow registers without noise are batched: what all points of a batch begin with is run once, then each
//! thread takes one point after another. Wide ones, and programs that measure and go on, are run point by
//! point, each from what is kept of the one before. What noise does is in [`noisy`].

mod noisy;

use std::collections::BTreeMap;

use api::run::sweep::{MAX_SWEEP_POINTS, MAX_SWEEP_VALUES, SweepPoint, SweepRequest, SweepResult};
use api::run::{MAX_SHOTS, Method, Precision, RunError, RunRequest, Want};
use circuit::flat::Flat;
use circuit::{Instruction, Value, machine};
use sim::{Real, RunControl, Statevector};

use crate::{
    Context, Failure, Job, Live, MAX_LISTED, METHODS, Outcome, diagnostics, inputs, machine_limits,
    needs_methods, observable, program, terminal,
};

/// Registers up to this wide are batched.
const BATCHED_QUBITS: u32 = 14;

/// Points of a batch: a function of the request alone, since it decides what is shared.
const BATCH: usize = 64;

/// Most entries of a distribution that are listed.
const MAX_LISTED_OUTCOMES: usize = 1 << 16;

/// Runs a sweep.
pub fn sweep(request: &SweepRequest, context: &Context) -> Result<SweepResult, RunError> {
    let more =
        request.noise.is_some() || !matches!(request.method, Method::Auto | Method::Statevector);
    if more && !METHODS {
        return Err(needs_methods());
    }
    check(request)?;
    let read = program::read_openqasm(&request.program, context)?;
    let circuit = &read.circuit;
    let n = circuit.num_qubits();
    let observables = request
        .expectations
        .iter()
        .map(|text| observable(text, n))
        .collect::<Result<Vec<_>, _>>()?;
    let listed = 1_usize.checked_shl(n).unwrap_or(usize::MAX).min(MAX_LISTED_OUTCOMES);
    let each = observables.len()
        + if request.qubits { n as usize } else { 0 }
        + if request.probabilities { listed } else { 0 };
    let points = num_points(request);
    if each.saturating_mul(points) > MAX_SWEEP_VALUES {
        return Err(diagnostics::request(
            "too_many_values",
            format!("{each} values for each of {points} points; at most {MAX_SWEEP_VALUES} in all"),
        ));
    }
    let fixed = inputs::read(circuit, &request.inputs)?;
    let noise = match request.noise.as_ref().filter(|_| METHODS) {
        Some(noise) => Some(crate::noisy::model(noise, n)?),
        None => None,
    };
    let started = (context.seconds)();
    let time_up = || context.time_is_up(started, request.limits.time_ms);
    let control =
        RunControl { cancel: context.cancel, deadline: Some(&time_up), progress: context.progress };
    let single = RunRequest {
        program: request.program.clone(),
        method: request.method,
        precision: request.precision,
        fast: request.fast,
        shots: request.shots,
        seed: request.seed,
        inputs: request.inputs.clone(),
        noise: None,
        gradient: None,
        want: Want {
            qubits: request.qubits,
            probabilities: request.probabilities || request.fidelity && request.shots == 0,
            ..Want::default()
        },
        limits: request.limits,
    };
    let job = Job {
        request: &single,
        circuit,
        program: &read,
        observables,
        inputs: fixed,
        noise,
        gradient: None,
        control,
        live: None,
        estimates: None,
        only_estimate: false,
    };
    let found = match request.precision {
        Precision::F64 => points_of::<f64>(request, &job),
        Precision::F32 => points_of::<f32>(request, &job),
    };
    let found = found.map_err(|error| diagnostics::from_failure(&error, &request.program.text))?;
    let mut remarks = read.remarks.clone();
    remarks.extend(diagnostics::from_remarks(&found.remarks));
    Ok(SweepResult {
        num_qubits: n,
        points: found.points,
        noise: job.noise.as_ref().map(|m| m.name().to_owned()),
        shared_gates: found.shared as u64,
        threads: u32::try_from(sim::num_threads()).unwrap_or(u32::MAX),
        seconds: (context.seconds)() - started,
        diagnostics: remarks,
    })
}

/// What all points gave.
#[derive(Default)]
struct Found {
    points: Vec<SweepPoint>,
    shared: usize,
    remarks: Vec<noise::Remark>,
}

fn num_points(request: &SweepRequest) -> usize {
    if request.names.is_empty() && request.points.is_empty() {
        request.noise_scales.len()
    } else {
        request.points.len()
    }
}

/// Values of the swept inputs at a point.
fn point(request: &SweepRequest, i: usize) -> &[f64] {
    request.points.get(i).map_or(&[], Vec::as_slice)
}

fn check(request: &SweepRequest) -> Result<(), RunError> {
    let refuse = |code, message| Err(diagnostics::request(code, message));
    if request.shots > MAX_SHOTS {
        return refuse("too_many_shots", format!("at most {MAX_SHOTS} shots are possible"));
    }
    let points = num_points(request);
    if points > MAX_SWEEP_POINTS {
        return refuse("too_many_points", format!("{points} points; at most {MAX_SWEEP_POINTS}"));
    }
    let wrong = |p: &Vec<f64>| p.len() != request.names.len() || p.iter().any(|x| !x.is_finite());
    if let Some(i) = request.points.iter().position(wrong) {
        return refuse(
            "bad_point",
            format!("point {i} needs {} finite numbers", request.names.len()),
        );
    }
    let scales = request.noise_scales.len();
    if scales > 0 && scales != points {
        return refuse(
            "bad_point",
            format!("{scales} strengths of the noise for {points} points; one for each"),
        );
    }
    if (scales > 0 || request.fidelity) && request.noise.is_none() {
        return refuse("needs_noise", "strengths of the noise need a noise model".to_owned());
    }
    Ok(())
}

/// The inputs of a point, those that do not vary included.
fn values(request: &SweepRequest, job: &Job, point: &[f64]) -> BTreeMap<String, Value> {
    let swept = request.names.iter().cloned().zip(point.iter().map(|&x| Value::Float(x)));
    job.inputs.clone().into_iter().chain(swept).collect()
}

fn points_of<T: Real>(request: &SweepRequest, job: &Job) -> Result<Found, Failure> {
    if METHODS && job.noise.is_some() {
        return noisy::points::<T>(request, job);
    }
    let mut found = Found::default();
    let total = request.points.len().max(1) as f64;
    let as_states = matches!(request.method, Method::Auto | Method::Statevector);
    if job.circuit.num_qubits() <= BATCHED_QUBITS && as_states {
        let program = job.program.steps()?;
        let limits = machine_limits(request.limits.max_operations);
        let listed =
            machine::Limits { max_operations: limits.max_operations.min(MAX_LISTED), ..limits };
        for batch in request.points.chunks(BATCH) {
            job.control.check()?;
            let flats: Result<Vec<Flat>, _> = sim::map(batch.len(), |i| {
                program.flatten(&values(request, job, &batch[i]), listed)
            })
            .into_iter()
            .collect();
            // What depends on outcomes is found out at the first point.
            let Ok(flats) = flats else { break };
            if !flats.iter().all(Flat::is_terminal) {
                break;
            }
            let results;
            (results, found.shared) = run_batch::<T>(job, &flats, found.points.len())?;
            found.points.extend(results);
            if let Some(progress) = job.control.progress {
                progress(found.points.len() as f64 / total);
            }
        }
    }
    let live = Live::new(job.request.limits.memory_bytes / 2);
    for (i, point) in request.points.iter().enumerate().skip(found.points.len()) {
        job.control.check()?;
        let single = single(job, i);
        let inputs = values(request, job, point);
        let one = Job { inputs, live: Some(&live), ..point_job(job, &single) };
        found.points.push(sweep_point(one.run::<T>()?));
        if let Some(progress) = job.control.progress {
            progress((i + 1) as f64 / total);
        }
    }
    Ok(found)
}

/// The request of point `i`.
fn single(job: &Job, i: usize) -> RunRequest {
    RunRequest { seed: job.request.seed.wrapping_add(i as u64), ..job.request.clone() }
}

/// A job of one point, its inputs and its noise left out.
fn point_job<'a>(job: &Job<'a>, request: &'a RunRequest) -> Job<'a> {
    Job {
        request,
        circuit: job.circuit,
        program: job.program,
        observables: job.observables.clone(),
        inputs: BTreeMap::new(),
        noise: None,
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
        probabilities: outcome.probabilities.map(|p| p.entries),
        purity: outcome.purity,
        ..SweepPoint::default()
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
