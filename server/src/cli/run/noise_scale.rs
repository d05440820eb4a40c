//! `ketlab run --noise-scale`: one program under several strengths of its noise.

use std::fmt::Write as _;
use std::process::ExitCode;

use api::run::sweep::{SweepRequest, SweepResult};
use api::run::{RunError, RunRequest};

use super::{Args, source};
use crate::cli::report;

/// Longest distribution that is printed for people, in outcomes.
const SHOWN: usize = 16;

/// The sweep that a run stands for.
pub(super) fn request(args: &Args, run: RunRequest) -> SweepRequest {
    SweepRequest {
        program: run.program,
        method: run.method,
        precision: run.precision,
        fast: run.fast,
        names: Vec::new(),
        points: Vec::new(),
        noise: run.noise,
        noise_scales: args.noise_scale.clone(),
        inputs: run.inputs,
        shots: run.shots,
        seed: run.seed,
        expectations: run.want.expectations,
        qubits: false,
        probabilities: run.want.probabilities,
        fidelity: true,
        limits: run.limits,
    }
}

/// Runs it and prints what came out.
pub(super) fn answer(
    args: &Args,
    request: &SweepRequest,
    pool: &rayon::ThreadPool,
    context: &runner::Context,
    source: &source::Source,
) -> ExitCode {
    let found: Result<SweepResult, RunError> = pool.install(|| runner::sweep(request, context));
    match found {
        Ok(result) if args.machine.json => report::print_json(&result),
        Ok(result) => {
            print(&result, request, source);
            ExitCode::SUCCESS
        }
        Err(error) => report::refuse(&error, Some(source), args.machine.json),
    }
}

/// Text for people.
fn print(result: &SweepResult, request: &SweepRequest, source: &source::Source) {
    let mut out = String::new();
    for diagnostic in &result.diagnostics {
        out.push_str(&report::text(diagnostic, Some(source)));
    }
    let _ = writeln!(
        out,
        "{} qubits · {} · {} {} · seed {} · {:.3} ms",
        result.num_qubits,
        result.noise.as_deref().unwrap_or_default(),
        result.threads,
        if result.threads == 1 { "thread" } else { "threads" },
        request.seed,
        result.seconds * 1e3,
    );
    for point in &result.points {
        let _ = write!(out, "\nnoise × {}", point.noise_scale.unwrap_or(1.0));
        if let Some(method) = point.method {
            let _ = write!(out, " · {}", report::method(method));
        }
        if let Some(fidelity) = point.fidelity {
            let _ = write!(out, " · fidelity {fidelity:.9}");
        }
        if let Some(purity) = point.purity {
            let _ = write!(out, " · tr ρ² = {purity:.9}");
        }
        out.push('\n');
        for (observable, value) in request.expectations.iter().zip(&point.expectations) {
            let _ = writeln!(out, "  ⟨{observable}⟩ = {value:.9}");
        }
        for (key, p) in point.probabilities.iter().flatten() {
            let _ = writeln!(out, "  {key}  {p:.9}");
        }
        if point.counts.is_empty() {
            continue;
        }
        let mut largest: Vec<_> = point.counts.iter().collect();
        largest.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        for (key, n) in largest.iter().take(SHOWN) {
            let _ = writeln!(out, "  {key}  {n}");
        }
        if largest.len() > SHOWN {
            let _ =
                writeln!(out, "  and {} more outcomes (--json lists all)", largest.len() - SHOWN);
        }
    }
    report::print(&out);
}
