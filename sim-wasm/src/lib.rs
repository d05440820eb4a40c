//! The simulator in a Web Worker: start, thread pool and message loop around `runner`.
//!
//! `js/worker.js` is the script that the page starts; it loads this module and calls [`answer`] for
//! one request after another. README.md describes the protocol. The feature `threads` adds shared
//! memory and a pool; without it the same code runs on one thread.
//!
//! Panics abort here. Everything that may come from a user is an error value instead; what still
//! panics is told to the page by [`crash`], and the page starts a fresh worker.

mod crash;
mod engine;
mod heap;
mod host;
mod message;
mod threads;

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use wasm_bindgen::prelude::*;

#[cfg(feature = "threads")]
pub use wasm_bindgen_rayon::init_thread_pool;

/// Not 0: the run in flight stops. With shared memory the page writes it, and nobody else does.
static CANCEL: AtomicU32 = AtomicU32::new(0);

/// What the memory can grow to, in bytes.
static MAX_MEMORY_BYTES: AtomicU64 = AtomicU64::new(0);

/// Called once, before anything else: `channel` is where a panic is told, `max_memory_bytes` what
/// this module's memory can grow to.
#[wasm_bindgen]
pub fn start(channel: String, max_memory_bytes: f64) {
    crash::tell_panics_on(channel);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of bytes up to 2^32"
    )]
    MAX_MEMORY_BYTES.store(max_memory_bytes as u64, Ordering::Relaxed);
}

/// Byte address of the cancel flag, a 32-bit word.
#[wasm_bindgen(js_name = cancelAddress)]
pub fn cancel_address() -> *const u32 {
    CANCEL.as_ptr()
}

/// The message that `threads` threads are there.
#[wasm_bindgen]
pub fn ready(threads: u32) -> String {
    message::ready(threads, MAX_MEMORY_BYTES.load(Ordering::Relaxed))
}

/// Answers the request `text` through `postMessage`. `threads` is how many the pool has; 1 also while
/// it is not up yet. With `patience_ms` above 0, a run that takes longer is given up without an
/// answer, and the return value is false.
#[wasm_bindgen]
pub fn answer(text: &str, threads: u32, patience_ms: f64) -> bool {
    heap::forget_failure();
    message::answer(text, threads, patience_ms, MAX_MEMORY_BYTES.load(Ordering::Relaxed))
}

/// Size in bytes of the latest allocation that failed during this request; 0 if none did.
#[wasm_bindgen(js_name = failedAllocation)]
pub fn failed_allocation() -> f64 {
    heap::failure() as f64
}

/// Dies as a user never can make it die, so that a test sees what the page does then. `kind`: `panic`,
/// `pool_panic` (in a thread of the pool), `memory`.
#[wasm_bindgen]
pub fn provoke(kind: &str) {
    match kind {
        "memory" => {
            let mut kept = Vec::new();
            loop {
                kept.push(std::hint::black_box(Vec::<u8>::with_capacity(1 << 30)));
            }
        }
        #[cfg(feature = "threads")]
        "pool_panic" => threads::run_on(2, || panic!("provoked in the pool"), || ()),
        _ => panic!("provoked"),
    }
}

/// The channel given to [`start`]: each thread of the pool asks for it.
#[wasm_bindgen(js_name = channelName)]
pub fn channel_name() -> String {
    crash::channel()
}
