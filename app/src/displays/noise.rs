//! Noise: which, how much, and how far the noisy counts are from the ideal ones.

use api::project::{NoiseSettings, NoiseSource};
use api::run::Method;
use leptos::prelude::*;

use super::format;
use super::frame::{Empty, Exports, Frame};
use super::words::words;
use crate::messages::{fill, t};
use crate::plots::Outcomes;
use crate::state::noise::{DEVICES, Noisy};
use crate::state::prefs::Display;
use crate::state::{Lab, Prefs};

/// A number of [`NoiseSettings`]: its name, the end of its slider, and how to reach it.
struct Strength {
    name: fn() -> &'static str,
    most: f64,
    get: fn(&NoiseSettings) -> f64,
    set: fn(&mut NoiseSettings, f64),
}

const STRENGTHS: [Strength; 5] = [
    Strength {
        name: || words().depolarizing_1q,
        most: 0.2,
        get: |s| s.depolarizing_1q,
        set: |s, v| s.depolarizing_1q = v,
    },
    Strength {
        name: || words().depolarizing_2q,
        most: 0.2,
        get: |s| s.depolarizing_2q,
        set: |s, v| s.depolarizing_2q = v,
    },
    Strength {
        name: || words().amplitude_damping,
        most: 0.2,
        get: |s| s.amplitude_damping,
        set: |s, v| s.amplitude_damping = v,
    },
    Strength {
        name: || words().phase_damping,
        most: 0.2,
        get: |s| s.phase_damping,
        set: |s, v| s.phase_damping = v,
    },
    Strength { name: || words().readout, most: 0.2, get: |s| s.readout, set: |s, v| s.readout = v },
];

/// What a first choice of own numbers begins with: a device of today.
const BEGIN: NoiseSettings = NoiseSettings {
    source: NoiseSource::Custom,
    depolarizing_1q: 0.001,
    depolarizing_2q: 0.01,
    amplitude_damping: 0.0,
    phase_damping: 0.0,
    readout: 0.01,
};

#[expect(clippy::too_many_lines, reason = "one view and the closures it shares")]
#[component]
pub fn Noise() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let prefs = expect_context::<Prefs>();
    let settings = Memo::new(move |_| lab.settings.with(|s| s.noise.clone()));
    let noisy = lab.noise.noisy;
    let choose = move |event: web_sys::Event| {
        let value = event_target_value(&event);
        lab.set_noise(|s| match value.as_str() {
            "off" => s.source = NoiseSource::Off,
            "custom" => {
                let untouched = NoiseSettings { source: NoiseSource::Off, ..s.clone() }
                    == NoiseSettings::default();
                if untouched {
                    *s = BEGIN;
                }
                s.source = NoiseSource::Custom;
            }
            device => s.source = NoiseSource::Device(device.to_owned()),
        });
    };
    let chosen = move || {
        settings.with(|s| match &s.source {
            NoiseSource::Off => "off".to_owned(),
            NoiseSource::Custom => "custom".to_owned(),
            NoiseSource::Device(name) => name.clone(),
        })
    };
    let is_custom = Memo::new(move |_| settings.with(|s| s.source == NoiseSource::Custom));
    let facts = Memo::new(move |_| {
        let ideal = lab.sim.result.get()?;
        let noisy = noisy.get();
        let noisy = noisy.result()?;
        let outcomes = Outcomes::of(&ideal, Some(noisy));
        let mut out = Vec::new();
        if let Some((fidelity, distance)) = outcomes.against_noise() {
            out.push((words().noise_fidelity, format::percent(fidelity)));
            out.push((words().noise_distance, format::percent(distance)));
        }
        if let Some(purity) = noisy.purity {
            out.push((words().noise_purity, format::percent(purity)));
        }
        let method = match noisy.method {
            Method::DensityMatrix => words().density_matrix,
            Method::Trajectories => words().trajectories,
            _ => words().state,
        };
        out.push((words().method, method.to_owned()));
        out.push((words().seconds, format::duration(noisy.seconds)));
        Some(out)
    });
    let remarks = move || {
        noisy
            .with(|n| n.result().map(|r| r.diagnostics.clone()))
            .unwrap_or_default()
            .into_iter()
            .map(|d| view! { <p class="refused">{d.message}</p> })
            .collect_view()
    };
    let note = Signal::derive(move || match noisy.get() {
        Noisy::Running => Some(words().noise_running.to_owned()),
        _ => None,
    });
    let empty = Signal::derive(move || match noisy.get() {
        Noisy::Off => Some(words().noise_off.to_owned()),
        Noisy::Failed(message) => Some(message),
        _ => None,
    });
    let exports = Exports::rows(move || {
        let mut out = vec![["outcome", "ideal", "noisy"].map(str::to_owned).to_vec()];
        let ideal = lab.sim.result.get_untracked();
        let noisy = noisy.get_untracked();
        if let Some(ideal) = ideal {
            for row in Outcomes::of(&ideal, noisy.result()).rows {
                let noisy = row.noisy.map_or_else(String::new, |n| n.to_string());
                out.push(vec![row.key, row.count.to_string(), noisy]);
            }
        }
        out
    });
    view! {
        <Frame display=Display::Noise exports=exports note=note scroll=true>
            <div class="noise-head">
                <label class="display-field">
                    <span>{words().noise_source}</span>
                    <select class="field" prop:value=chosen on:change=choose>
                        <option value="off" selected=move || chosen() == "off">{words().noise_none}</option>
                        <option value="custom" selected=move || chosen() == "custom">{words().noise_custom}</option>
                        <optgroup label=words().noise_device>
                            {DEVICES
                                .iter()
                                .map(|(name, qubits)| {
                                    let label = fill(words().device_of, &[("name", name), ("n", &qubits.to_string())]);
                                    let name = *name;
                                    view! { <option value=name selected=move || chosen() == name>{label}</option> }
                                })
                                .collect_view()}
                        </optgroup>
                    </select>
                </label>
                <Show when=move || lab.noise.model.with(Option::is_some)>
                    <button
                        class="button small"
                        type="button"
                        on:click=move |_| prefs.show(Display::Sweep)
                    >
                        {words().noise_curve}
                    </button>
                </Show>
            </div>
            <Show when=move || is_custom.get()>
                <div class="sliders">
                    {STRENGTHS.iter().map(|s| view! { <StrengthRow lab=lab strength=s /> }).collect_view()}
                </div>
            </Show>
            <dl class="facts-grid">
                {move || {
                    facts.get().unwrap_or_default().into_iter().map(|(name, value)| {
                        view! {
                            <div>
                                <dt>{name}</dt>
                                <dd class="num">{value}</dd>
                            </div>
                        }
                    }).collect_view()
                }}
            </dl>
            {remarks}
            <Empty text=empty />
        </Frame>
    }
}

#[component]
fn StrengthRow(lab: Lab, strength: &'static Strength) -> impl IntoView {
    let value = Memo::new(move |_| lab.settings.with(|s| (strength.get)(&s.noise)));
    let label = (strength.name)();
    let set =
        move |value: f64| lab.set_noise(|s| (strength.set)(s, value.clamp(0.0, strength.most)));
    view! {
        <div class="slider-row noise-row">
            <span>{label}</span>
            <input
                type="range"
                class="slider"
                min="0"
                max=strength.most
                step="0.001"
                aria-label=label
                title=t().probability
                prop:value=move || value.get().to_string()
                on:input=move |event| {
                    if let Ok(value) = event_target_value(&event).parse::<f64>() {
                        set(value);
                    }
                }
            />
            <span class="num mono value-cell">{move || format::percent(value.get())}</span>
        </div>
    }
}
