//! How a run is watched and stopped from outside. No clock is read here: the caller brings one.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::SimError;

/// Called with the share done, 0 to 1, from whichever thread got there.
pub type ProgressFn<'a> = &'a (dyn Fn(f64) + Sync);
/// True once the time is up.
pub type DeadlineFn<'a> = &'a (dyn Fn() -> bool + Sync);

/// What may stop a run, and who hears of its progress. The default stops for nothing.
#[derive(Clone, Copy, Default)]
pub struct RunControl<'a> {
    /// Any value but 0 cancels. In the browser the page stores into it from another thread.
    pub cancel: Option<&'a AtomicU32>,
    pub deadline: Option<DeadlineFn<'a>>,
    pub progress: Option<ProgressFn<'a>>,
}

impl RunControl<'_> {
    /// Whether to go on. Cheap enough to be asked between kernels.
    pub fn check(&self) -> Result<(), SimError> {
        if self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed) != 0) {
            return Err(SimError::Cancelled);
        }
        if self.deadline.is_some_and(|up| up()) {
            return Err(SimError::TimedOut);
        }
        Ok(())
    }

    pub(crate) fn report(&self, fraction: f64) {
        if let Some(progress) = self.progress {
            progress(fraction);
        }
    }
}

/// Lets the first thread that has to stop take the others with it, and keeps its reason.
pub(crate) struct Stop<'a> {
    control: &'a RunControl<'a>,
    stopped: AtomicBool,
}

impl<'a> Stop<'a> {
    pub(crate) fn new(control: &'a RunControl<'a>) -> Self {
        Self { control, stopped: AtomicBool::new(false) }
    }

    /// Whether to go on.
    pub(crate) fn check(&self) -> Result<(), SimError> {
        if self.stopped.load(Ordering::Relaxed) {
            return Err(SimError::Cancelled);
        }
        self.control.check().inspect_err(|_| self.stopped.store(true, Ordering::Relaxed))
    }

    pub(crate) fn report(&self, fraction: f64) {
        self.control.report(fraction);
    }
}

/// Of the results of several threads, the reason to stop: one that stopped because another had to
/// says `Cancelled`, and any other reason goes before.
pub(crate) fn first_error(results: Vec<Result<(), SimError>>) -> Result<(), SimError> {
    let mut outcome = Ok(());
    for result in results {
        match result {
            Err(SimError::Cancelled) if outcome.is_err() => {}
            Err(e) => outcome = Err(e),
            Ok(()) => {}
        }
    }
    outcome
}
