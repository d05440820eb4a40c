//! Values of the program's inputs: a field for each, a slider where it is a real number.

use std::f64::consts::PI;

use leptos::prelude::*;

use crate::icon::{Glyph, Icon};
use crate::messages::{fill, t};
use crate::program::Input;
use crate::state::Lab;

/// Steps of a slider over its range.
const STEPS: i32 = 64;

#[component]
pub fn Inputs() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let message = move || {
        lab.missing.with(|names| match names.as_slice() {
            [] => None,
            [name] => Some(fill(t().input_missing, &[("name", name)])),
            names => Some(fill(t().input_missing_many, &[("names", &names.join(", "))])),
        })
    };
    view! {
        <Show when=move || lab.declared.with(|d| !d.is_empty())>
            <section class="inputs" aria-label=t().inputs>
                <For each=move || lab.declared.get() key=|input| (input.name.clone(), input.ty.clone()) let:input>
                    <Field input=input />
                </For>
                <p class="inputs-missing" role="status">
                    {move || {
                        message()
                            .map(|text| {
                                view! {
                                    <Glyph icon=Icon::Info />
                                    <span>{text}</span>
                                }
                            })
                    }}
                </p>
            </section>
        </Show>
    }
}

#[component]
fn Field(input: Input) -> impl IntoView {
    let lab = expect_context::<Lab>();
    let label = fill(t().input_value, &[("name", &input.name)]);
    let (real, example) = (input.is_real(), input.example());
    let range = if input.is_angle() { (0.0, 2.0 * PI) } else { (-2.0 * PI, 2.0 * PI) };
    let name = StoredValue::new(input.name.clone());
    let typed = Memo::new(move |_| {
        lab.inputs
            .with(|inputs| name.with_value(|name| inputs.get(name).cloned().unwrap_or_default()))
    });
    let value = Memo::new(move |_| typed.with(|typed| editor::expr::evaluate(typed).ok()));
    let wrong = move || real && typed.with(|typed| !typed.is_empty()) && value.get().is_none();
    let set = move |text: &str, slider: bool| {
        name.with_value(|name| lab.set_input(name, text, slider));
    };
    // A value outside the usual range widens it.
    let ends = move || {
        let at = value.get().unwrap_or(0.0);
        (range.0.min(at), range.1.max(at))
    };
    view! {
        <label class="input-field">
            <span class="input-name">{input.name.clone()}</span>
            <span class="input-type">{input.ty.clone()}</span>
            <input
                type="text"
                class="num"
                placeholder=example
                aria-label=label.clone()
                aria-invalid=move || wrong().to_string()
                title=move || if wrong() { fill(t().input_not_a_number, &[("example", example)]) } else { String::new() }
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=typed
                on:change=move |event| set(&event_target_value(&event), false)
            />
            {real
                .then(|| {
                    view! {
                        <input
                            type="range"
                            aria-label=label
                            min=move || ends().0.to_string()
                            max=move || ends().1.to_string()
                            step=move || ((ends().1 - ends().0) / f64::from(STEPS)).to_string()
                            prop:value=move || value.get().unwrap_or(0.0).to_string()
                            on:input=move |event| {
                                if let Ok(value) = event_target_value(&event).parse::<f64>() {
                                    set(&editor::expr::from_value(value), true);
                                }
                            }
                        />
                    }
                })}
        </label>
    }
}
