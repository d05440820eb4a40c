//! The dock: what came out, or why nothing did.

use leptos::prelude::*;

use super::outcome::Outcome;
use crate::displays::{Amplitudes, Bloch, Counts};
use crate::messages::t;
use crate::state::prefs::Display;
use crate::state::{Lab, Prefs};

#[component]
pub fn Results() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let prefs = expect_context::<Prefs>();
    let result = lab.sim.result;
    let shown = move || match prefs.display.get() {
        Display::Counts => "counts",
        Display::State => "state",
        Display::Qubits => "qubits",
    };
    let tab = move |this: Display, label: &'static str| {
        view! {
            <button
                aria-pressed=move || (prefs.display.get() == this).to_string()
                on:click=move |_| prefs.display.set(this)
            >
                {label}
            </button>
        }
    };
    view! {
        <div class="results" data-display=shown class:old=move || !lab.is_fresh()>
            <div class="segments display-tabs" role="group" aria-label=t().results>
                {tab(Display::Counts, t().counts)}
                {tab(Display::State, t().state)}
                {tab(Display::Qubits, t().qubits)}
            </div>
            <Outcome />
            <div class="displays">
                <Counts result=result />
                <Amplitudes result=result />
                <Bloch result=result />
            </div>
        </div>
    }
}
