//! One run: where it is computed, how it is stopped, who hears of its progress.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use api::run::sweep::{SweepRequest, SweepResult};
use api::run::{
    Estimate, FromWorker, InspectRequest, Inspection, Progress, RunError, RunErrorKind, RunRequest,
    RunResult, SampleRequest, SampleResult,
};

use runner::{Calibration, Estimates, Live, Width, num_threads};

use crate::{CANCEL, MAX_MEMORY_BYTES, host, message, threads};

/// Time between two progress messages.
const PROGRESS_MS: f64 = 40.0;

/// Most bytes of states that are kept between runs, and the share of the memory that they may take.
const KEPT_BYTES: u64 = 512 << 20;
const KEPT_SHARE: u64 = 4;

/// States that the next run may go on from.
pub fn live() -> &'static Live {
    static LIVE: OnceLock<Live> = OnceLock::new();
    LIVE.get_or_init(|| {
        let memory = MAX_MEMORY_BYTES.load(Ordering::Relaxed);
        Live::new(KEPT_BYTES.min(memory / KEPT_SHARE))
    })
}

pub enum Outcome<R> {
    Ended(Result<R, RunError>),
    /// It takes longer than the patience there was.
    PutOff,
}

/// Answers `request`. `threads` and `patience_ms` as in [`crate::answer`].
pub fn run(
    id: u64,
    request: Arc<RunRequest>,
    threads: u32,
    patience_ms: f64,
) -> Outcome<RunResult> {
    watched(id, threads, patience_ms, move |context| runner::run(&request, context))
}

/// What a run will take.
pub fn estimate(id: u64, request: Arc<RunRequest>, threads: u32) -> Outcome<Estimate> {
    watched(id, threads, 0.0, move |context| runner::estimate(&request, context))
}

/// What this machine takes, measured once for each precision and number of threads.
fn calibration(precision: Width) -> Option<Calibration> {
    static KNOWN: Mutex<Vec<(Width, usize, Calibration)>> = Mutex::new(Vec::new());
    let threads = num_threads();
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(&(_, _, found)) = known().iter().find(|k| (k.0, k.1) == (precision, threads)) {
        return Some(found);
    }
    let found = runner::calibrate(precision, &|| host::now_ms() / 1000.0)?;
    known().push((precision, threads, found));
    Some(found)
}

/// The same for a sweep.
pub fn sweep(
    id: u64,
    request: Arc<SweepRequest>,
    threads: u32,
    patience_ms: f64,
) -> Outcome<SweepResult> {
    watched(id, threads, patience_ms, move |context| runner::sweep(&request, context))
}

/// The same for detectors.
pub fn sample(
    id: u64,
    request: Arc<SampleRequest>,
    threads: u32,
    patience_ms: f64,
) -> Outcome<SampleResult> {
    watched(id, threads, patience_ms, move |context| runner::sample_detectors(&request, context))
}

/// The same for a look at states.
pub fn inspect(
    id: u64,
    request: Arc<InspectRequest>,
    threads: u32,
    patience_ms: f64,
) -> Outcome<Inspection> {
    watched(id, threads, patience_ms, move |context| runner::inspect(&request, context))
}

/// Does `work` where there are threads for it, stopped and watched.
fn watched<R: Send + 'static>(
    id: u64,
    threads: u32,
    patience_ms: f64,
    work: impl FnOnce(&runner::Context) -> Result<R, RunError> + Send + 'static,
) -> Outcome<R> {
    let started = host::now_ms();
    // The request's own limit is kept by the runner.
    let impatient = patience_ms > 0.0;
    let deadline = if impatient { started + patience_ms } else { f64::INFINITY };

    let reporter = Arc::new(Reporter::new(id, started));
    let theirs = Arc::clone(&reporter);
    let on_pool = threads > 1;
    let result = threads::run_on(
        threads,
        move || {
            let progress = |fraction: f64| {
                theirs.store(fraction);
                // What is given up and begun anew would run backwards.
                if !on_pool && !impatient {
                    theirs.post_if_due();
                }
            };
            let context = runner::Context {
                cancel: Some(&CANCEL),
                deadline: Some(&|| host::now_ms() > deadline),
                progress: Some(&progress),
                seconds: &|| host::now_ms() / 1000.0,
                files: None,
                live: Some(live()),
                estimates: Some(Estimates { calibration: &calibration, hear: &|_| () }),
            };
            work(&context)
        },
        || reporter.post_if_due(),
    );
    match result {
        // A refusal for another reason that took this long is simply found again.
        Err(error)
            if impatient && error.kind == RunErrorKind::Resources && host::now_ms() > deadline =>
        {
            Outcome::PutOff
        }
        result => Outcome::Ended(result),
    }
}

/// Passes the share done on to the page, not too often.
struct Reporter {
    id: u64,
    /// `f32` bits of the share, and of the latest one posted.
    fraction: AtomicU32,
    posted: AtomicU32,
    /// `f64` bits of when that was.
    posted_at: AtomicU64,
}

impl Reporter {
    fn new(id: u64, started: f64) -> Self {
        Self {
            id,
            fraction: AtomicU32::new(0),
            posted: AtomicU32::new(0),
            posted_at: AtomicU64::new(started.to_bits()),
        }
    }

    /// From any thread.
    #[expect(clippy::cast_possible_truncation, reason = "a share of 1 needs no more digits")]
    fn store(&self, fraction: f64) {
        self.fraction.store((fraction as f32).to_bits(), Ordering::Relaxed);
    }

    /// From the worker's own thread.
    fn post_if_due(&self) {
        let now = host::now_ms();
        if now - f64::from_bits(self.posted_at.load(Ordering::Relaxed)) < PROGRESS_MS {
            return;
        }
        let fraction = self.fraction.load(Ordering::Relaxed);
        if self.posted.swap(fraction, Ordering::Relaxed) == fraction {
            return;
        }
        self.posted_at.store(now.to_bits(), Ordering::Relaxed);
        let progress = Progress { fraction: f32::from_bits(fraction) };
        message::post(&FromWorker::Progress { id: self.id, progress });
    }
}
