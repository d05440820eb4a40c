//! Requests and answers as `api::run` has them.

use std::sync::Arc;

use api::run::{Diagnostic, FromWorker, Limits, RunError, RunErrorKind, ToWorker};

use crate::engine::{self, Outcome};
use crate::{heap, host};

/// Kept free beside a run: stacks of the threads, the text of request and answer, and what the
/// allocator loses to fragmentation.
const RESERVE_BYTES: u64 = 48 << 20;

pub fn ready(threads: u32, max_memory_bytes: u64) -> String {
    encode(&FromWorker::Ready { threads, max_memory_bytes })
}

/// See [`crate::answer`].
pub fn answer(text: &str, threads: u32, patience_ms: f64, max_memory_bytes: u64) -> bool {
    let answer = match serde_json::from_str(text) {
        Ok(ToWorker::Run { id, mut request }) => {
            limit(&mut request.limits, max_memory_bytes);
            match engine::run(id, Arc::from(request), threads, patience_ms) {
                Outcome::Ended(Ok(result)) => FromWorker::Done { id, result: Box::new(result) },
                Outcome::Ended(Err(error)) => FromWorker::Failed { id, error },
                Outcome::PutOff => return false,
            }
        }
        Ok(ToWorker::Estimate { id, mut request }) => {
            limit(&mut request.limits, max_memory_bytes);
            match engine::estimate(id, Arc::from(request), threads) {
                Outcome::Ended(Ok(estimate)) => FromWorker::Estimated { id, estimate },
                Outcome::Ended(Err(error)) => FromWorker::Failed { id, error },
                Outcome::PutOff => return false,
            }
        }
        Ok(ToWorker::Sweep { id, mut request }) => {
            // Points share what they need among themselves; the latest run is of no use to them.
            engine::live().clear();
            limit(&mut request.limits, max_memory_bytes);
            match engine::sweep(id, Arc::from(request), threads, patience_ms) {
                Outcome::Ended(Ok(result)) => FromWorker::Swept { id, result: Box::new(result) },
                Outcome::Ended(Err(error)) => FromWorker::Failed { id, error },
                Outcome::PutOff => return false,
            }
        }
        Ok(ToWorker::Sample { id, mut request }) => {
            limit(&mut request.limits, max_memory_bytes);
            match engine::sample(id, Arc::from(request), threads, patience_ms) {
                Outcome::Ended(Ok(result)) => FromWorker::Sampled { id, result: Box::new(result) },
                Outcome::Ended(Err(error)) => FromWorker::Failed { id, error },
                Outcome::PutOff => return false,
            }
        }
        Ok(ToWorker::Inspect { id, mut request }) => {
            limit(&mut request.limits, max_memory_bytes);
            match engine::inspect(id, Arc::from(request), threads, patience_ms) {
                Outcome::Ended(Ok(inspection)) => {
                    FromWorker::Inspected { id, inspection: Box::new(inspection) }
                }
                Outcome::Ended(Err(error)) => FromWorker::Failed { id, error },
                Outcome::PutOff => return false,
            }
        }
        Ok(ToWorker::Check { id, program }) => {
            FromWorker::Checked { id, diagnostics: runner::check(&program, None) }
        }
        Err(error) => FromWorker::Failed { id: 0, error: unreadable(&error) },
    };
    post(&answer);
    true
}

pub fn post(message: &FromWorker) {
    host::post_message(&encode(message));
}

fn encode(message: &FromWorker) -> String {
    serde_json::to_string(message)
        .expect("strings, numbers and maps with string keys always encode")
}

/// Lowers the memory limit to what this worker can still give.
fn limit(limits: &mut Limits, max_memory_bytes: u64) {
    // What is kept between runs gives way to them.
    let in_use = (heap::in_use() as u64).saturating_sub(engine::live().size_bytes());
    let free = max_memory_bytes.saturating_sub(in_use).saturating_sub(RESERVE_BYTES);
    limits.memory_bytes = limits.memory_bytes.min(free);
}

fn unreadable(error: &serde_json::Error) -> RunError {
    let message = format!("the worker cannot read the request: {error}");
    let diagnostic = Diagnostic::error("bad_message", message);
    RunError { kind: RunErrorKind::Internal, diagnostics: vec![diagnostic] }
}
