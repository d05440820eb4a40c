//! One quiet line: by what method, with what, how long; shots and seed can be changed in place.

use api::run::{MAX_SHOTS, Method, Precision};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::displays::format::{duration, grouped};
use crate::icon::{Glyph, Icon};
use crate::messages::{fill, t};
use crate::sim_client::WorkerStatus;
use crate::state::Lab;

#[component]
pub fn StatusLine() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let facts = move || {
        lab.sim.settled.with(|result| {
            let r = result.as_ref()?;
            let method = match r.method {
                Method::Statevector => t().method_statevector,
                Method::DensityMatrix => t().method_density_matrix,
                Method::Trajectories => t().method_trajectories,
                Method::Stabilizer => t().method_stabilizer,
                Method::Auto => t().method_auto,
            };
            let precision = match r.precision {
                Precision::F64 => "f64",
                Precision::F32 => "f32",
            };
            let many = |n: u32, one: &'static str, many: &'static str| {
                if n == 1 { one.to_owned() } else { fill(many, &[("n", &grouped(u64::from(n)))]) }
            };
            let facts = [
                method.to_owned(),
                precision.to_owned(),
                many(r.num_qubits, t().qubits_one, t().qubits_many),
                many(r.threads, t().threads_one, t().threads_many),
                duration(r.seconds),
            ];
            let reason = r.reason.clone();
            Some(view! {
                <span class="facts num" title=reason>
                    {facts.map(|fact| view! { <span class="fact">{fact}</span> }).collect_view()}
                </span>
            })
        })
    };
    let starting = move || {
        lab.sim.result.with(Option::is_none) && lab.sim.worker.get() == WorkerStatus::Starting
    };
    let shots_hint = fill(t().shots_hint, &[("max", &grouped(u64::from(MAX_SHOTS)))]);
    view! {
        <footer class="status-line">
            {facts}
            <Show when=starting>
                <span class="soft">{t().starting}</span>
            </Show>
            <span class="status-note soft">{move || lab.sim.note.get()}</span>
            <span class="grow"></span>
            <Arithmetic />
            <label class="status-field" title=shots_hint.clone()>
                <NumberField
                    value=Signal::derive(move || u64::from(lab.settings.get().shots))
                    max=u64::from(MAX_SHOTS)
                    set=Callback::new(move |n: u64| {
                        let shots = u32::try_from(n).unwrap_or(MAX_SHOTS);
                        lab.settings.update(|s| s.shots = shots);
                        lab.run_now();
                    })
                />
                <span>{t().shots}</span>
            </label>
            <label class="status-field" title=t().seed_hint>
                <span>{t().seed}</span>
                <NumberField
                    value=Signal::derive(move || lab.settings.get().seed)
                    max=MAX_SEED
                    set=Callback::new(move |seed: u64| {
                        lab.settings.update(|s| s.seed = seed);
                        lab.run_now();
                    })
                />
            </label>
            <button
                class="button quiet icon small"
                title=t().reroll
                aria-label=t().reroll
                aria-keyshortcuts="Control+Enter"
                on:click=move |_| lab.reroll()
            >
                <Glyph icon=Icon::Dice />
            </button>
        </footer>
    }
}

/// In what numbers the state is held and computed.
#[component]
fn Arithmetic() -> impl IntoView {
    const CHOICES: [(&str, Precision, bool); 4] = [
        ("f64", Precision::F64, false),
        ("f32", Precision::F32, false),
        ("f64 fast", Precision::F64, true),
        ("f32 fast", Precision::F32, true),
    ];
    let lab = expect_context::<Lab>();
    let chosen = move || lab.settings.with(|s| (s.precision, s.fast));
    let choose = move |event| {
        let value = event_target_value(&event);
        if let Some((_, precision, fast)) = CHOICES.into_iter().find(|(name, ..)| *name == value) {
            lab.settings.update(|s| (s.precision, s.fast) = (precision, fast));
            lab.run_now();
        }
    };
    let options = CHOICES.map(|(name, precision, fast)| {
        view! { <option selected=move || chosen() == (precision, fast)>{name}</option> }
    });
    view! {
        <select
            class="field num"
            aria-label=t().arithmetic
            title=t().arithmetic_hint
            on:change=choose
        >
            {options.collect_view()}
        </select>
    }
}

/// Seeds that survive being a JavaScript number.
const MAX_SEED: u64 = (1 << 53) - 1;

/// A whole number from 0, taken over on Enter and when the field is left. Shows what is wrong
/// instead of correcting it silently.
#[component]
fn NumberField(#[prop(into)] value: Signal<u64>, max: u64, set: Callback<u64>) -> impl IntoView {
    let invalid = RwSignal::new(false);
    let read = move |input: &HtmlInputElement| {
        let digits: String =
            input.value().chars().filter(|c| !c.is_whitespace() && !"_,.'".contains(*c)).collect();
        digits.parse::<u64>().ok().filter(|n| *n <= max)
    };
    let input_of = |target: Option<web_sys::EventTarget>| {
        target.and_then(|t| t.dyn_into::<HtmlInputElement>().ok())
    };
    view! {
        <input
            class="field bare num"
            type="text"
            inputmode="numeric"
            autocomplete="off"
            size=move || value.get().to_string().len().max(2).to_string()
            aria-invalid=move || invalid.get().then_some("true")
            prop:value=move || value.get().to_string()
            on:input=move |event| {
                if let Some(input) = input_of(event.target()) {
                    invalid.set(read(&input).is_none());
                    input.set_size(u32::try_from(input.value().len()).unwrap_or(16).clamp(2, 17));
                }
            }
            on:change=move |event| {
                if let Some(input) = input_of(event.target()) {
                    if let Some(n) = read(&input) {
                        input.set_value(&n.to_string());
                        if n != value.get_untracked() {
                            set.run(n);
                        }
                    } else {
                        input.set_value(&value.get_untracked().to_string());
                        invalid.set(false);
                    }
                }
            }
            on:keydown=move |event| {
                if let (true, Some(input)) = (event.key() == "Enter", input_of(event.target())) {
                    let _ = input.blur();
                }
            }
        />
    }
}
