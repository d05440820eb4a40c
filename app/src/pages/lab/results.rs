//! The dock: what came out, or why nothing did. Up to three displays side by side; where there is
//! room for one only, the latest chosen.

use leptos::html;
use leptos::prelude::*;

use super::outcome::Outcome;
use crate::displays::Shown as _;
use crate::displays::words::words;
use crate::state::prefs::Display;
use crate::state::{Lab, Prefs};

/// Below this width there is room for one display. As in the style sheet.
const NARROW: i32 = 860;

#[component]
pub fn Results() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let prefs = expect_context::<Prefs>();
    let dock = NodeRef::<html::Div>::new();
    let latest = move || prefs.open.with(|open| open.last().copied());
    let choose = move |this: Display| {
        let narrow = dock.get_untracked().is_some_and(|dock| dock.offset_width() < NARROW);
        let open = prefs.open.get_untracked();
        if open.contains(&this) && !narrow && open.len() > 1 {
            prefs.open.update(|open| open.retain(|d| *d != this));
        } else {
            prefs.show(this);
        }
    };
    // A circuit that is not drawn is shown by its rates.
    Effect::new(move |_| {
        if lab.stim.with(Option::is_some) {
            prefs.show(Display::Codes);
        }
    });
    let tab = move |this: Display| {
        view! {
            <button
                class="display-tab"
                class:latest=move || latest() == Some(this)
                aria-pressed=move || prefs.open.with(|open| open.contains(&this)).to_string()
                on:click=move |_| choose(this)
            >
                {this.title()}
            </button>
        }
    };
    // In the order of the tabs, so that nothing changes sides.
    let open = Memo::new(move |_| {
        let open = prefs.open.get();
        Display::ALL.into_iter().filter(|d| open.contains(d)).collect::<Vec<_>>()
    });
    view! {
        <div class="results" node_ref=dock class:old=move || !lab.is_fresh()>
            <div class="display-tabs" role="group" aria-label=words().displays>
                {Display::ALL.into_iter().map(tab).collect_view()}
            </div>
            <Outcome />
            <div class="displays" data-count=move || open.with(Vec::len).to_string()>
                <For each=move || open.get() key=|d| *d let:display>
                    <div class="display-slot" class:latest=move || latest() == Some(display)>
                        {display.view()}
                    </div>
                </For>
            </div>
        </div>
    }
}
