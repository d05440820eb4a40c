//! The one path from a run request to its result: the same code in the worker, on the command line
//! and in server jobs.
//!
//! ```text
//! text → qasm::compile → circuit::machine::Program
//!   steps do not depend on outcomes: flatten → plan → state → sample        (terminal)
//!   they do, or qubits are measured and used again: branch by branch        (branches)
//!   noise: density matrix, or one history of the noise per shot             (noisy)
//!   Clifford gates alone, on many qubits: a tableau or Pauli frames         (clifford)
//! text → stabilizer::read → Pauli frames                                    (stim)
//! ```
//!
//! Nothing here reads a clock, a file or a random source: [`Context`] brings them.

mod branches;
mod clifford;
mod counts;
mod diagnostics;
mod gradient;
mod inputs;
mod inspect;
mod live;
mod noisy;
mod observe;
mod program;
mod stim;
mod sweep;
mod terminal;
mod walk;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use api::run::{
    Diagnostic, Estimate, Language, MAX_SHOTS, Method, Precision, Program, RunError, RunErrorKind,
    RunRequest, RunResult,
};
use circuit::machine;
use circuit::{Circuit, StatementKind};
use quantum_info::Observable;
use sim::RunControl;

pub use inspect::inspect;
pub use live::Live;
pub use sim::{Calibration, Precision as Width, num_threads};
pub use stim::{sample_detectors, surface_code};
pub use sweep::sweep;

/// Whether noise, Clifford circuits at scale, circuits of Stim and gradients are in this build. The first worker that a
/// page loads comes without them. Branches on this are decided by the compiler, which leaves out what they lead to.
pub(crate) const METHODS: bool = cfg!(any(test, feature = "methods"));

/// Wider registers have no state vector in a tab: what runs on them needs another method.
const WIDEST_STATE: u32 = 28;

/// What a build without [`METHODS`] says to what needs them.
pub(crate) fn needs_methods() -> RunError {
    diagnostics::request(
        api::run::NEEDS_METHODS,
        "this build of the simulator holds state vectors alone".to_owned(),
    )
}

/// What a run may use of the world outside.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Any value but 0 cancels.
    pub cancel: Option<&'a AtomicU32>,
    /// True once the caller wants the run to be given up; [`api::run::Limits::time_ms`] is kept besides.
    pub deadline: Option<&'a (dyn Fn() -> bool + Sync)>,
    /// Hears the share done, 0 to 1, from any thread.
    pub progress: Option<&'a (dyn Fn(f64) + Sync)>,
    /// A clock, in seconds from any start.
    pub seconds: &'a (dyn Fn() -> f64 + Sync),
    /// Files that a program may include, by the name that it writes.
    pub files: Option<&'a BTreeMap<String, String>>,
    /// What is kept between runs. Its bytes count towards [`api::run::Limits::memory_bytes`].
    pub live: Option<&'a Live>,
    /// Who says beforehand how long a run will take; none for silence.
    pub estimates: Option<Estimates<'a>>,
}

impl<'a> Context<'a> {
    /// A clock alone: nobody cancels, listens or keeps anything.
    pub const fn new(seconds: &'a (dyn Fn() -> f64 + Sync)) -> Self {
        Self {
            cancel: None,
            deadline: None,
            progress: None,
            seconds,
            files: None,
            live: None,
            estimates: None,
        }
    }

    /// Whether what began at `started`, a reading of the clock, has taken longer than its limit (0 for none), or the caller
    /// says that it is enough.
    pub(crate) fn time_is_up(&self, started: f64, limit_ms: u64) -> bool {
        let late = limit_ms > 0 && ((self.seconds)() - started) * 1e3 > limit_ms as f64;
        late || self.deadline.is_some_and(|up| up())
    }
}

/// What estimates are made of.
#[derive(Clone, Copy)]
pub struct Estimates<'a> {
    /// What this machine takes, measured or known from before. Asked for only where the run is not over
    /// in no time anyway.
    pub calibration: &'a (dyn Fn(sim::Precision) -> Option<Calibration> + Sync),
    /// Hears the seconds expected, before the run begins.
    pub hear: &'a (dyn Fn(f64) + Sync),
}

/// Measures what work costs on this machine, in less than a second. `seconds` is a clock.
pub fn calibrate(precision: sim::Precision, seconds: &dyn Fn() -> f64) -> Option<Calibration> {
    match precision {
        sim::Precision::F64 => Calibration::measure::<f64>(seconds),
        sim::Precision::F32 => Calibration::measure::<f32>(seconds),
    }
    .ok()
}

/// Reads and checks a program.
pub fn check(program: &Program, files: Option<&BTreeMap<String, String>>) -> Vec<Diagnostic> {
    if program.language == Language::Stim {
        return if METHODS {
            stim::read(&program.text).err().unwrap_or_default()
        } else {
            Vec::new()
        };
    }
    let compiled = compile(program, files);
    diagnostics::from_qasm(&compiled.diagnostics, &program.text)
}

/// What a checker says, as a refusal.
pub fn refusal(diagnostics: &[qasm::Diagnostic], text: &str) -> RunError {
    RunError { kind: RunErrorKind::Program, diagnostics: diagnostics::from_qasm(diagnostics, text) }
}

/// The flat list of steps of a program; refused where they depend on measurement outcomes.
pub fn flatten(
    program: &Program,
    files: Option<&BTreeMap<String, String>>,
    inputs: &BTreeMap<String, String>,
) -> Result<circuit::flat::Flat, RunError> {
    let compiled = compile(program, files);
    let Some(circuit) = compiled.circuit else {
        return Err(refusal(&compiled.diagnostics, &program.text));
    };
    let inputs = inputs::read(&circuit, inputs)?;
    machine::Program::new(&circuit)
        .and_then(|p| {
            p.flatten(&inputs, machine_limits(api::run::Limits::default().max_operations))
        })
        .map_err(|error| diagnostics::from_failure(&error.into(), &program.text))
}

fn compile(program: &Program, files: Option<&BTreeMap<String, String>>) -> qasm::Compiled {
    match program.language {
        Language::Openqasm => {
            let options = qasm::Options {
                includes: files.cloned().unwrap_or_default(),
                ..qasm::Options::default()
            };
            qasm::compile(&program.text, &options)
        }
        // What asks for a circuit model cannot have one.
        Language::Stim => qasm::Compiled {
            circuit: None,
            diagnostics: vec![qasm::Diagnostic::error(
                "needs_openqasm",
                qasm::Span::default(),
                "this needs a program in OpenQASM, and the circuit is one of Stim",
            )],
            version: qasm::Version::V3,
        },
    }
}

/// Runs a program.
pub fn run(request: &RunRequest, context: &Context) -> Result<RunResult, RunError> {
    perform(request, context, false, |job, outcome, seconds, remarks| {
        job.result(outcome, seconds, remarks)
    })
}

/// What a run will take. The same refusals as [`run`] where they are known beforehand.
pub fn estimate(request: &RunRequest, context: &Context) -> Result<Estimate, RunError> {
    perform(request, context, true, |_, outcome, _, _| Estimate {
        seconds: outcome.estimated_seconds,
        memory_bytes: outcome.needed_bytes,
        operations: outcome.operations,
        reason: outcome.reason,
    })
}

fn perform<R>(
    request: &RunRequest,
    context: &Context,
    only_estimate: bool,
    finish: impl FnOnce(&Job, Outcome, f64, Vec<Diagnostic>) -> R,
) -> Result<R, RunError> {
    let more = request.noise.is_some()
        || request.gradient.is_some()
        || request.want.density_matrix
        || request.program.language == Language::Stim
        || !matches!(request.method, Method::Auto | Method::Statevector);
    if more && !METHODS {
        return Err(needs_methods());
    }
    if request.shots > MAX_SHOTS {
        return Err(diagnostics::request(
            "too_many_shots",
            format!("at most {MAX_SHOTS} shots are possible"),
        ));
    }
    let read = program::read(&request.program, context)?;
    let circuit = &read.circuit;
    let observables = request
        .want
        .expectations
        .iter()
        .map(|text| observable(text, circuit.num_qubits()))
        .collect::<Result<Vec<_>, _>>()?;
    let inputs = inputs::read(circuit, &request.inputs)?;
    let noise = request
        .noise
        .as_ref()
        .filter(|_| METHODS)
        .map(|noise| noisy::model(noise, circuit.num_qubits()))
        .transpose()?;
    let gradient = request
        .gradient
        .as_ref()
        .filter(|_| METHODS)
        .map(|asked| gradient::read(asked, circuit.num_qubits(), noise.is_some()))
        .transpose()?;

    let started = (context.seconds)();
    let time_up = || context.time_is_up(started, request.limits.time_ms);
    let control =
        RunControl { cancel: context.cancel, deadline: Some(&time_up), progress: context.progress };
    let job = Job {
        request,
        circuit,
        program: &read,
        observables,
        inputs,
        noise,
        gradient,
        control,
        live: context.live,
        estimates: context.estimates,
        only_estimate,
    };
    let outcome = match request.precision {
        Precision::F64 => job.run::<f64>(),
        Precision::F32 => job.run::<f32>(),
    };
    let outcome = outcome.map_err(|error| {
        let error = diagnostics::from_failure(&error, &request.program.text);
        let wide = circuit.num_qubits() > WIDEST_STATE && error.kind == RunErrorKind::Resources;
        // Clifford gates on any number of qubits run elsewhere.
        if wide && !METHODS { needs_methods() } else { error }
    })?;
    let seconds = (context.seconds)() - started;
    Ok(finish(&job, outcome, seconds, read.remarks.clone()))
}

fn observable(text: &str, num_qubits: u32) -> Result<Observable, RunError> {
    Observable::parse(text, num_qubits as usize)
        .map_err(|error| diagnostics::request("bad_observable", format!("`{text}`: {error}")))
}

/// Steps that a program is held as a list of, at most: some hundred megabytes.
const MAX_LISTED: u64 = 4_000_000;

/// Bounds of the classical part. The machine cannot be interrupted between quantum steps, so a loop
/// without any must end by itself within seconds.
fn machine_limits(max_operations: u64) -> machine::Limits {
    let max_statements = max_operations.saturating_mul(20).clamp(100_000, 20_000_000);
    machine::Limits { max_operations, max_statements, ..machine::Limits::default() }
}

/// A request with everything read that can be read before the run.
struct Job<'a> {
    request: &'a RunRequest,
    circuit: &'a Circuit,
    /// What `circuit` is part of.
    program: &'a program::Read,
    observables: Vec<Observable>,
    inputs: BTreeMap<String, circuit::Value>,
    noise: Option<noise::NoiseModel>,
    gradient: Option<gradient::Asked>,
    control: RunControl<'a>,
    live: Option<&'a Live>,
    estimates: Option<Estimates<'a>>,
    /// Nothing is run.
    only_estimate: bool,
}

/// What went wrong while running.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Sim(#[from] sim::SimError),
    #[error(transparent)]
    Program(#[from] machine::RuntimeError),
    #[error("{message}")]
    Refused { code: &'static str, message: String },
}

/// What a run gives before it is dressed for the answer.
#[derive(Default)]
struct Outcome {
    method: Method,
    counts: BTreeMap<String, u64>,
    distinct_outcomes: u64,
    probabilities: Option<terminal::Probabilities>,
    operations: u64,
    branches: u64,
    measured_all: bool,
    reason: String,
    observed: observe::Observed,
    density_matrix: Option<Vec<[f64; 2]>>,
    purity: Option<f64>,
    remarks: Vec<noise::Remark>,
    gradient: Option<api::run::GradientResult>,
    estimated_seconds: Option<f64>,
    needed_bytes: Option<u64>,
}

impl Job<'_> {
    fn run<T: sim::Real>(&self) -> Result<Outcome, Failure> {
        let mut outcome = self.simulate::<T>()?;
        if let Some(asked) = self.gradient.as_ref().filter(|_| METHODS && !self.only_estimate) {
            outcome.gradient = Some(gradient::run::<T>(self, asked)?);
        }
        Ok(outcome)
    }

    fn simulate<T: sim::Real>(&self) -> Result<Outcome, Failure> {
        if let Some(stim) = self.program.stim.as_ref().filter(|_| METHODS) {
            return stim::run(self, stim);
        }
        let program = self.program.steps()?;
        let limits = machine_limits(self.request.limits.max_operations);
        if noisy::is_noisy(self) {
            if !METHODS {
                return Err(Failure::Refused {
                    code: api::run::NEEDS_METHODS,
                    message: String::from("this build of the simulator has no noise"),
                });
            }
            if let Some(outcome) = clifford::noisy::run(self, program, limits)? {
                return Ok(outcome);
            }
            return noisy::run::<T>(self, program, limits);
        }
        if self.request.want.density_matrix {
            return Err(Failure::Refused {
                code: "needs_density_matrix",
                message: "the density matrix is there where the method is `density_matrix`"
                    .to_owned(),
            });
        }
        // Longer programs are walked through piece by piece.
        let listed =
            machine::Limits { max_operations: limits.max_operations.min(MAX_LISTED), ..limits };
        let dynamic = match program.flatten(&self.inputs, listed) {
            Ok(flat) => {
                let format = self.format(&flat);
                let flat = Arc::new(flat);
                if METHODS && let Some(outcome) = clifford::flat(self, &flat, &format)? {
                    return Ok(outcome);
                }
                return if flat.is_terminal() {
                    terminal::run::<T>(self, &flat, &format)
                } else {
                    branches::run::<T>(self, walk::Walk::flat(flat), &format)
                };
            }
            Err(error)
                if matches!(
                    error.kind,
                    machine::RuntimeErrorKind::DependsOnOutcome
                        | machine::RuntimeErrorKind::NotFlat
                ) || limits.max_operations > MAX_LISTED
                    && matches!(
                        error.kind,
                        machine::RuntimeErrorKind::TooManyOperations { .. }
                    ) =>
            {
                walk::Walk::machine(machine::Machine::new(program, &self.inputs, limits)?)
            }
            Err(error) => return Err(error.into()),
        };
        let format = counts::KeyFormat::of_clbits(self.circuit);
        if METHODS && let Some(outcome) = clifford::dynamic(self, &dynamic, &format)? {
            return Ok(outcome);
        }
        branches::run::<T>(self, dynamic, &format)
    }

    /// What the keys of counts show: a program without bits of its own is measured at its end.
    fn format(&self, flat: &circuit::flat::Flat) -> counts::KeyFormat {
        if flat.num_records == 0 && !assigns_bits(self.circuit, &self.circuit.body) {
            counts::KeyFormat::of_qubits(self.circuit)
        } else {
            counts::KeyFormat::of_clbits(self.circuit)
        }
    }

    fn result(&self, outcome: Outcome, seconds: f64, diagnostics: Vec<Diagnostic>) -> RunResult {
        let mut diagnostics = diagnostics;
        diagnostics.extend(diagnostics::from_remarks(&outcome.remarks));
        let total_variation = outcome.probabilities.as_ref().and_then(|p| p.total_variation);
        let (probabilities, truncated) =
            outcome.probabilities.map(|p| (p.entries, p.truncated)).unzip();
        RunResult {
            num_qubits: self.circuit.num_qubits(),
            num_clbits: self.circuit.num_clbits(),
            measured_all: outcome.measured_all,
            method: match outcome.method {
                Method::Auto => Method::Statevector,
                method => method,
            },
            reason: outcome.reason,
            precision: self.request.precision,
            fast: self.request.fast,
            threads: u32::try_from(sim::num_threads()).unwrap_or(u32::MAX),
            shots: self.request.shots,
            seed: self.request.seed,
            counts: outcome.counts,
            distinct_outcomes: outcome.distinct_outcomes,
            seconds,
            estimated_seconds: outcome.estimated_seconds,
            operations: outcome.operations,
            branches: outcome.branches,
            probabilities,
            truncated,
            total_variation,
            statevector: outcome.observed.statevector,
            density_matrix: outcome.density_matrix,
            purity: outcome.purity,
            noise: self.noise.as_ref().map(|m| m.name().to_owned()),
            gradient: outcome.gradient,
            top_amplitudes: outcome.observed.top_amplitudes,
            qubits: outcome.observed.qubits,
            expectations: self
                .request
                .want
                .expectations
                .iter()
                .zip(outcome.observed.expectations)
                .map(|(text, value)| api::run::Expectation { observable: text.clone(), value })
                .collect(),
            diagnostics,
        }
    }
}

/// Whether the program gives a global classical bit a value other than by measuring. A program that
/// neither measures nor does this is measured at its end, all qubits.
fn assigns_bits(circuit: &Circuit, block: &circuit::Block) -> bool {
    let is_bit = |var: circuit::VarRef| match var {
        circuit::VarRef::Global(i) => circuit
            .variables
            .get(i as usize)
            .is_some_and(|v| v.ty.num_clbits() > 0 && v.role != circuit::Role::Const),
        circuit::VarRef::Local(_) => false,
    };
    any_statement(block, &|s| match &s.kind {
        StatementKind::Assign { target, .. } => is_bit(target.var),
        StatementKind::Declare { var, init, .. } => init.is_some() && is_bit(*var),
        _ => false,
    })
}

/// Whether any statement of a block, or of the blocks in it, is so.
fn any_statement(block: &circuit::Block, is: &impl Fn(&circuit::Statement) -> bool) -> bool {
    let inside = |block: &circuit::Block| any_statement(block, is);
    block.statements.iter().any(|s| {
        is(s)
            || match &s.kind {
                StatementKind::Box { body, .. }
                | StatementKind::Block(body)
                | StatementKind::While { body, .. }
                | StatementKind::For { body, .. } => inside(body),
                StatementKind::If { then, otherwise, .. } => {
                    inside(then) || otherwise.as_ref().is_some_and(inside)
                }
                StatementKind::Switch { cases, default, .. } => {
                    cases.iter().any(|c| inside(&c.body)) || default.as_ref().is_some_and(inside)
                }
                _ => false,
            }
    })
}

#[cfg(test)]
pub(crate) mod tests;
