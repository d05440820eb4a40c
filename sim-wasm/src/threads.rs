//! Where a run is computed: on the pool, or on the worker's own thread alone.
//!
//! With the pool, the worker's thread is not a part of it: it waits, passes progress on to the page
//! (which the pool's threads cannot do), and takes the result.

/// Calls `work` and returns its result; meanwhile calls `tick` now and then on this thread, which is
/// the worker's own. `threads` is the size of the pool, 1 where there is none or it is not up yet.
#[cfg(not(feature = "threads"))]
pub fn run_on<R>(_threads: u32, work: impl FnOnce() -> R, _tick: impl FnMut()) -> R {
    work()
}

#[cfg(feature = "threads")]
pub fn run_on<R: Send + 'static>(
    threads: u32,
    work: impl FnOnce() -> R + Send + 'static,
    tick: impl FnMut(),
) -> R {
    if threads > 1 { on_pool(work, tick) } else { alone(work) }
}

#[cfg(feature = "threads")]
fn on_pool<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
    mut tick: impl FnMut(),
) -> R {
    use std::sync::{Arc, Condvar, Mutex, PoisonError};
    use std::time::Duration;

    const TICK: Duration = Duration::from_millis(40);

    let shared = Arc::new((Mutex::new(None), Condvar::new()));
    let theirs = Arc::clone(&shared);
    rayon::spawn(move || {
        let result = work();
        *theirs.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
        theirs.1.notify_one();
    });
    let mut slot = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        if let Some(result) = slot.take() {
            return result;
        }
        // Not `wait_timeout_while`: that reads a clock which this target does not have.
        let (next, waited) =
            shared.1.wait_timeout(slot, TICK).unwrap_or_else(PoisonError::into_inner);
        slot = next;
        if waited.timed_out() {
            tick();
        }
    }
}

/// Runs `work` here, inside a rayon pool of one thread that is this thread itself.
///
/// Without it, the first parallel loop would make rayon set up its global pool, which fails on this
/// target and bars the real one that is still starting. `ThreadPoolBuilder::use_current_thread` would not do: it
/// binds the thread to its small pool for good.
#[cfg(feature = "threads")]
fn alone<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    use std::sync::mpsc;

    let (starter, starts) = mpsc::channel();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .spawn_handler(move |thread| {
            starter.send(thread).map_err(|_| std::io::Error::other("nobody waits for the thread"))
        })
        .build()
        .expect("the handler above only stores the thread, and its receiver lives");
    let thread = starts.recv().expect("a pool of one thread has started one");
    let (sender, results) = mpsc::channel();
    // The pool ends when it is dropped, and with it `run` below.
    pool.spawn(move || {
        // Nobody is left to hear it only if this thread is gone.
        let _ = sender.send(work());
    });
    drop(pool);
    thread.run();
    results.recv().expect("the pool runs every job before it ends")
}
