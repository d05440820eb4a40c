//! Telling the page why the worker is dead.
//!
//! A panic aborts its thread. Where that is a thread of the pool, the worker waits for it for ever,
//! and no event reaches the page; so the hook posts on a channel that the page listens to.

use std::sync::OnceLock;

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

use crate::host::BroadcastChannel;

static CHANNEL: OnceLock<String> = OnceLock::new();

/// Installs the hook. The first channel stays.
pub fn tell_panics_on(channel: String) {
    if CHANNEL.set(channel).is_err() {
        return;
    }
    std::panic::set_hook(Box::new(|info| tell(&info.to_string())));
}

pub fn channel() -> String {
    CHANNEL.get().cloned().unwrap_or_default()
}

fn tell(reason: &str) {
    let message = Object::new();
    for (key, value) in [("type", "crash"), ("kind", "panic"), ("message", reason)] {
        // Cannot fail on a plain object, and a hook must not panic.
        let _ = Reflect::set(&message, &JsValue::from_str(key), &JsValue::from_str(value));
    }
    let channel = BroadcastChannel::new(&channel());
    channel.post_message(&message);
    channel.close();
}
