//! The browser's storage for this origin. It can be full, blocked or cleared at any time: reading
//! then finds nothing and writing says so.

use leptos::prelude::window;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Larger values are not read back: they are not ours.
const MAX_BYTES: usize = 8 << 20;

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// The value under `key`, if there is one and it can be read.
pub fn load<T: DeserializeOwned>(key: &str) -> Option<T> {
    let text = storage()?.get_item(key).ok()??;
    if text.len() > MAX_BYTES {
        return None;
    }
    serde_json::from_str(&text).ok()
}

/// Whether it was written.
pub fn save<T: Serialize>(key: &str, value: &T) -> bool {
    let Ok(text) = serde_json::to_string(value) else { return false };
    storage().is_some_and(|s| s.set_item(key, &text).is_ok())
}

/// Writes what is text already.
pub fn save_text(key: &str, text: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, text);
    }
}

/// Takes away what is kept under `key`.
pub fn remove(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
}
