//! Stepping through more than a screen holds. Says what part is shown.

use leptos::prelude::*;

use super::format::grouped;
use crate::icon::{Glyph, Icon};
use crate::messages::{fill, t};

/// Previous, "1–64 of 1024", next; nothing where all fits.
#[component]
pub fn Pager(
    /// Page from 0.
    page: RwSignal<usize>,
    /// Entries on a page.
    size: usize,
    /// Entries in all.
    #[prop(into)]
    total: Signal<usize>,
) -> impl IntoView {
    let last = move || total.get().saturating_sub(1) / size;
    let at = move || page.get().min(last());
    let range = move || {
        let from = at() * size;
        let to = (from + size).min(total.get());
        fill(
            t().page_of,
            &[
                ("from", &grouped(from as u64 + 1)),
                ("to", &grouped(to as u64)),
                ("total", &grouped(total.get() as u64)),
            ],
        )
    };
    view! {
        <Show when=move || { total.get() > size }>
            <div class="pager">
                <button
                    class="button quiet icon small"
                    aria-label=t().previous_page
                    disabled=move || at() == 0
                    on:click=move |_| page.set(at().saturating_sub(1))
                >
                    <Glyph icon=Icon::ChevronLeft />
                </button>
                <span class="num soft">{range}</span>
                <button
                    class="button quiet icon small"
                    aria-label=t().next_page
                    disabled=move || at() == last()
                    on:click=move |_| page.set((at() + 1).min(last()))
                >
                    <Glyph icon=Icon::ChevronRight />
                </button>
            </div>
        </Show>
    }
}
