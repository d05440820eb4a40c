//! The allocator, watched: how much is in use, and whether it had to refuse.
//!
//! A refused allocation aborts without running the panic hook, so the size is kept for
//! `js/guard.js` to tell. Simulation asks with `try_reserve` and does not end here.
#![expect(
    unsafe_code,
    reason = "an allocator is unsafe to implement; this one only counts and passes on"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counted;

#[global_allocator]
static HEAP: Counted = Counted;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static FAILED: AtomicUsize = AtomicUsize::new(0);

/// Bytes that are allocated now.
pub fn in_use() -> usize {
    IN_USE.load(Ordering::Relaxed)
}

/// Size of the latest refused allocation since [`forget_failure`]; 0 for none.
pub fn failure() -> usize {
    FAILED.load(Ordering::Relaxed)
}

pub fn forget_failure() {
    FAILED.store(0, Ordering::Relaxed);
}

fn note(ptr: *mut u8, size: usize) -> *mut u8 {
    if ptr.is_null() {
        FAILED.store(size, Ordering::Relaxed);
    } else {
        IN_USE.fetch_add(size, Ordering::Relaxed);
    }
    ptr
}

// SAFETY: every call goes to `System` with the arguments it came with, and returns what that returns;
// the counters allocate nothing.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`.
        note(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`.
        note(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `realloc`.
        let moved = note(unsafe { System.realloc(ptr, layout, new_size) }, new_size);
        if !moved.is_null() {
            IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        }
        moved
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(ptr, layout) };
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
    }
}
