//! Stands in for `runner` until it lands.
use api::run::{Diagnostic, Program, RunError, RunErrorKind, RunRequest, RunResult, Severity};
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Context<'a> {
    pub cancel: Option<&'a AtomicU32>,
    pub deadline: Option<&'a (dyn Fn() -> bool + Sync)>,
    pub progress: Option<&'a (dyn Fn(f64) + Sync)>,
    pub seconds: &'a (dyn Fn() -> f64 + Sync),
}

pub fn check(_: &Program) -> Vec<Diagnostic> {
    Vec::new()
}

pub fn run(request: &RunRequest, context: &Context) -> Result<RunResult, RunError> {
    let start = (context.seconds)();
    let steps = request.shots;
    for step in 0..steps {
        if context.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed) != 0) {
            return Err(error(RunErrorKind::Cancelled, "cancelled"));
        }
        if context.deadline.is_some_and(|up| up()) {
            return Err(error(RunErrorKind::Resources, "time"));
        }
        #[cfg(feature = "threads")]
        {
            use rayon::prelude::*;
            let v: Vec<f64> = (0..64)
                .into_par_iter()
                .map(|i| (0..100_000).map(|k| f64::from(i * k + 1).sqrt()).sum())
                .collect();
            std::hint::black_box(v);
        }
        #[cfg(not(feature = "threads"))]
        {
            let v: Vec<f64> =
                (0..64).map(|i| (0..100_000).map(|k| f64::from(i * k + 1).sqrt()).sum()).collect();
            std::hint::black_box(v);
        }
        if let Some(p) = context.progress {
            p(f64::from(step) / f64::from(steps));
        }
    }
    #[cfg(feature = "threads")]
    let threads = rayon::current_num_threads() as u32;
    #[cfg(not(feature = "threads"))]
    let threads = 1;
    Ok(RunResult {
        num_qubits: 0,
        num_clbits: 0,
        method: request.method,
        reason: "stub".into(),
        precision: request.precision,
        fast: false,
        threads,
        shots: request.shots,
        seed: request.seed,
        counts: Default::default(),
        seconds: (context.seconds)() - start,
        operations: 0,
        probabilities: None,
        statevector: None,
        top_amplitudes: vec![],
        qubits: vec![],
        expectations: vec![],
        diagnostics: vec![],
    })
}

fn error(kind: RunErrorKind, message: &str) -> RunError {
    RunError {
        kind,
        diagnostics: vec![Diagnostic {
            severity: Severity::Error,
            code: "stub".into(),
            message: message.into(),
            line: 0,
            column: 0,
            end_line: 0,
            end_column: 0,
            help: None,
        }],
    }
}
