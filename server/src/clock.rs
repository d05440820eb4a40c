//! The time of day, replaceable in tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Tells the time in microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// `None` for the system's clock.
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands until it is moved by [`Clock::advance`].
    pub fn fixed(now_us: i64) -> Self {
        Self { fixed: Some(Arc::new(AtomicI64::new(now_us))) }
    }

    /// Moves a fixed clock, and all of its clones; the system's clock stays as it is.
    pub fn advance(&self, by_us: i64) {
        if let Some(fixed) = &self.fixed {
            fixed.fetch_add(by_us, Ordering::SeqCst);
        }
    }

    pub fn now_us(&self) -> i64 {
        match &self.fixed {
            Some(fixed) => fixed.load(Ordering::SeqCst),
            None => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .ok()
                .and_then(|since| i64::try_from(since.as_micros()).ok())
                .unwrap_or(0),
        }
    }
}
