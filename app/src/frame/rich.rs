//! Messages with `code` in them.

use leptos::prelude::*;

/// `text`, with what stands between backticks in the code font.
pub fn rich(text: &str) -> impl IntoView + use<> {
    let parts: Vec<AnyView> = text
        .split('`')
        .enumerate()
        .map(|(i, part)| {
            let part = part.to_owned();
            if i % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
        })
        .collect();
    parts
}
