//! The frame around every page.

use leptos::prelude::*;

#[component]
pub fn App() -> impl IntoView {
    view! { <main>"Ketlab"</main> }
}
