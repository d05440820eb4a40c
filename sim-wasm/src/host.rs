//! What the browser gives: messages, a clock, a channel.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// To the page, when called on the worker's own thread. On a thread of the pool it would go to
    /// the worker.
    #[wasm_bindgen(js_name = postMessage)]
    pub fn post_message(text: &str);

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    #[wasm_bindgen(thread_local_v2, js_namespace = performance, js_name = timeOrigin)]
    static TIME_ORIGIN: f64;

    pub type BroadcastChannel;
    #[wasm_bindgen(constructor)]
    pub fn new(name: &str) -> BroadcastChannel;
    #[wasm_bindgen(method, js_name = postMessage)]
    pub fn post_message(this: &BroadcastChannel, message: &JsValue);
    #[wasm_bindgen(method)]
    pub fn close(this: &BroadcastChannel);
}

/// Milliseconds since some moment, the same one on every thread.
pub fn now_ms() -> f64 {
    TIME_ORIGIN.with(|origin| origin + performance_now())
}
