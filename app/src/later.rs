//! What can wait until the next frame is on screen.
//!
//! A browser hands a frame to other threads, which put it on screen: what is done at once after it takes a
//! core from them, and from the worker.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::prelude::{request_animation_frame, set_timeout};

/// From the beginning of a frame until it is on screen, and what it showed first may be answered.
const FRAME: Duration = Duration::from_millis(32);
/// A page in the background has no frames.
const AT_LATEST: Duration = Duration::from_millis(250);

/// Calls `then` once, when the next frame is on screen.
pub fn after_frame(then: impl FnOnce() + 'static) {
    fn call(then: &Cell<Option<impl FnOnce()>>) {
        if let Some(then) = then.take() {
            then();
        }
    }
    let held = Rc::new(Cell::new(Some(then)));
    let same = Rc::clone(&held);
    request_animation_frame(move || set_timeout(move || call(&same), FRAME));
    set_timeout(move || call(&held), AT_LATEST);
}
