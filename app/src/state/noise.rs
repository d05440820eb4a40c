//! Noise beside the ideal circuit: which, and the run that has it.

use std::sync::Arc;
use std::time::Duration;

use api::project::{NoiseSettings, NoiseSource};
use api::run::{Noise, RunErrorKind, RunRequest, RunResult, Want};
use gloo_net::http::Request;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::Lab;
use crate::displays::words::words;
use crate::messages::fill;

/// Devices whose calibration comes with the page, with their number of qubits.
pub const DEVICES: [(&str, u32); 6] = [
    ("manila", 5),
    ("hanoi", 27),
    ("miami", 120),
    ("sherbrooke", 127),
    ("torino", 133),
    ("boston", 156),
];

/// An older noisy result is shown so long while a new one is computed.
const KEPT: Duration = Duration::from_millis(300);

/// What the noisy run gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Noisy {
    /// There is no noise.
    #[default]
    Off,
    Running,
    Done(Arc<RunResult>),
    Failed(String),
}

impl Noisy {
    pub fn result(&self) -> Option<&Arc<RunResult>> {
        match self {
            Self::Done(result) => Some(result),
            _ => None,
        }
    }
}

/// The state's part for noise.
#[derive(Clone, Copy)]
pub struct NoiseState {
    pub noisy: RwSignal<Noisy>,
    /// The model in use.
    pub model: RwSignal<Option<Arc<str>>>,
    /// Number of the newest request.
    asked: StoredValue<u64>,
    /// Name and text of the device that was fetched last.
    device: StoredValue<Option<(String, String)>>,
}

impl NoiseState {
    pub fn new() -> Self {
        Self {
            noisy: RwSignal::new(Noisy::Off),
            model: RwSignal::new(None),
            asked: StoredValue::new(0),
            device: StoredValue::new(None),
        }
    }

    fn ask(self) -> u64 {
        self.asked.update_value(|n| *n += 1);
        self.asked.get_value()
    }
}

impl Lab {
    /// Changes the noise and runs with it.
    pub fn set_noise(self, change: impl FnOnce(&mut NoiseSettings)) {
        self.settings.update(|s| change(&mut s.noise));
        self.run_noisy(self.text.get_untracked().to_string());
    }

    /// Runs `text` with the chosen noise, after the ideal run.
    pub(super) fn run_noisy(self, text: String) {
        let state = self.noise;
        let asked = state.ask();
        let noise = match self.settings.with_untracked(|s| s.noise.clone()) {
            NoiseSettings { source: NoiseSource::Off, .. } => {
                state.model.set(None);
                if state.noisy.with_untracked(|n| *n != Noisy::Off) {
                    state.noisy.set(Noisy::Off);
                    self.sim.quiet();
                }
                return;
            }
            settings @ NoiseSettings { source: NoiseSource::Custom, .. } => model(&settings),
            NoiseSettings { source: NoiseSource::Device(name), .. } => {
                let known = state.device.with_value(|d| {
                    d.as_ref().filter(|(known, _)| *known == name).map(|(_, text)| text.clone())
                });
                let Some(known) = known else {
                    state.noisy.set(Noisy::Running);
                    return spawn_local(async move {
                        let fetched = fetch(&name).await;
                        if state.asked.try_get_value() != Some(asked) {
                            return;
                        }
                        if let Some(device) = fetched {
                            state.device.set_value(Some((name, device)));
                            self.run_noisy(text);
                        } else {
                            let said = fill(words().device_missing, &[("name", &name)]);
                            state.noisy.set(Noisy::Failed(said));
                        }
                    });
                };
                known
            }
        };
        if state.model.with_untracked(|m| m.as_deref() != Some(&*noise)) {
            state.model.set(Some(noise.as_str().into()));
        }
        // A result that takes long is not shown beside a newer circuit.
        set_timeout(
            move || {
                if state.asked.try_get_value() == Some(asked)
                    && state.noisy.get_untracked() != Noisy::Off
                    && state.noisy.with_untracked(|n| n.result().is_some())
                {
                    state.noisy.set(Noisy::Running);
                }
            },
            KEPT,
        );
        if state.noisy.with_untracked(|n| n.result().is_none()) {
            state.noisy.set(Noisy::Running);
        }
        let request = RunRequest {
            noise: Some(Noise::Model(noise)),
            want: Want { top_counts: super::lab::TOP_COUNTS, ..Want::default() },
            ..self.request(text)
        };
        self.sim.noisy(request, move |answer| {
            // Counts as an answer to the newest request: what the timer would clear is here.
            state.ask();
            state.noisy.set(match answer {
                Ok(result) => Noisy::Done(Arc::new(result)),
                Err(error) if error.kind == RunErrorKind::Cancelled => Noisy::Running,
                Err(error) => Noisy::Failed(
                    error.diagnostics.first().map(|d| d.message.clone()).unwrap_or_default(),
                ),
            });
        });
    }
}

async fn fetch(name: &str) -> Option<String> {
    let response = Request::get(&format!("/devices/{name}.json")).send().await.ok()?;
    if response.ok() { response.text().await.ok() } else { None }
}

/// The numbers as a noise model, format `conformance-noise-model/1`.
fn model(settings: &NoiseSettings) -> String {
    let of = |kind: &str, name: &str, value: f64| {
        (value > 0.0).then(|| serde_json::json!({ "type": kind, name: value.min(1.0) }))
    };
    let each: Vec<_> = [
        of("amplitude_damping", "gamma", settings.amplitude_damping),
        of("phase_damping", "lambda", settings.phase_damping),
    ]
    .into_iter()
    .flatten()
    .collect();
    let one = of("depolarizing", "lambda", settings.depolarizing_1q);
    let two = of("depolarizing", "lambda", settings.depolarizing_2q);
    let p = settings.readout.clamp(0.0, 0.5);
    serde_json::json!({
        "format": "conformance-noise-model/1",
        "name": "custom",
        "after_1q_gate": one.into_iter().chain(each.iter().cloned()).collect::<Vec<_>>(),
        "after_2q_gate": two.into_iter().collect::<Vec<_>>(),
        "after_2q_gate_on_each_qubit": each,
        "readout_matrix": (p > 0.0).then_some([[1.0 - p, p], [p, 1.0 - p]]),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_become_a_model_without_what_is_zero() {
        let settings = NoiseSettings {
            depolarizing_1q: 0.01,
            amplitude_damping: 0.02,
            readout: 0.03,
            ..NoiseSettings::default()
        };
        let value: serde_json::Value = serde_json::from_str(&model(&settings)).expect("JSON");
        assert_eq!(value["after_1q_gate"].as_array().map(Vec::len), Some(2));
        assert_eq!(value["after_2q_gate"].as_array().map(Vec::len), Some(0));
        assert_eq!(value["after_2q_gate_on_each_qubit"][0]["gamma"], 0.02);
        assert_eq!(value["readout_matrix"][0][0], 0.97);
    }
}
