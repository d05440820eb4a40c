//! Spike.
use wasm_bindgen::prelude::*;
#[cfg(feature = "threads")]
pub use wasm_bindgen_rayon::init_thread_pool;
#[wasm_bindgen]
pub fn hello(n: u32) -> u32 { n + 1 }
