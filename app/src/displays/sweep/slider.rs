//! A slider for each parameter, which can be set in motion.

use std::time::Duration;

use editor::expr;
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;

use crate::displays::format;
use crate::displays::words::words;
use crate::state::Lab;

/// A turn of the animation takes so many steps of so long.
const TURN_STEPS: f64 = 120.0;
const FRAME: Duration = Duration::from_millis(50);

/// The value of one parameter, by hand or in motion.
#[component]
pub fn Slider(lab: Lab, name: String) -> impl IntoView {
    let name = StoredValue::new(name);
    let value = Memo::new(move |_| {
        let typed = lab.inputs.with(|inputs| name.with_value(|n| inputs.get(n).cloned()));
        typed.and_then(|text| expr::evaluate(&text).ok()).unwrap_or(0.0)
    });
    let set = move |value: f64| name.with_value(|n| lab.set_input(n, &format!("{value:.4}"), true));
    let motion = StoredValue::new(None::<IntervalHandle>);
    let moving = RwSignal::new(false);
    let stop = move || {
        if let Some(handle) = motion.get_value() {
            handle.clear();
        }
        motion.set_value(None);
        moving.try_set(false);
    };
    let toggle = move |_| {
        if moving.get_untracked() {
            return stop();
        }
        let step = std::f64::consts::TAU / TURN_STEPS;
        let handle = set_interval_with_handle(
            move || {
                let next = value.get_untracked() + step;
                set(if next > std::f64::consts::PI { next - std::f64::consts::TAU } else { next });
            },
            FRAME,
        );
        motion.set_value(handle.ok());
        moving.set(true);
    };
    on_cleanup(stop);
    let label = name.get_value();
    view! {
        <div class="slider-row">
            <span class="mono">{label.clone()}</span>
            <input
                type="range"
                class="slider"
                min="-3.1415926535897931"
                max="3.1415926535897931"
                step="0.01"
                aria-label=label
                prop:value=move || value.get().to_string()
                on:input=move |event| {
                    if let Ok(value) = event_target_value(&event).parse::<f64>() {
                        set(value);
                    }
                }
            />
            <span class="num mono value-cell">{move || format::signed(value.get())}</span>
            <button
                class="button quiet small"
                aria-pressed=move || moving.get().to_string()
                on:click=toggle
            >
                {move || if moving.get() { words().pause } else { words().animate }}
            </button>
        </div>
    }
}
