//! An expectation value, a fidelity or a probability over one or two parameters, of which one may be the strength of the
//! noise: as a curve or a heat map; and a slider for each parameter.

mod drawing;
mod slider;

use std::sync::Arc;

use api::run::sweep::{SweepPoint, SweepRequest};
use api::run::{Limits, Method, Noise, Precision, Program};
use editor::expr;
use leptos::prelude::*;

use super::expectation::expand;
use super::frame::{Empty, Exports, Frame};
use super::words::words;
use crate::messages::fill;
use crate::program::Input;
use crate::state::Lab;
use crate::state::prefs::Display;
use slider::Slider;

/// Points along one axis.
const MAX_POINTS: usize = 201;
/// A piece of a sweep should take about so long: it is stopped as a whole.
const PIECE_SECONDS: f64 = 0.12;

/// One swept parameter.
#[derive(Debug, Clone, PartialEq)]
struct Axis {
    name: String,
    values: Vec<f64>,
}

/// Stands for the strength of the noise where a parameter is named: no name has a space.
const NOISE: &str = " noise";
/// Up to this width the state under noise is held exactly, and no shots are drawn.
const EXACT_QUBITS: u32 = 10;

impl Axis {
    fn is_noise(&self) -> bool {
        self.name == NOISE
    }

    fn title(&self) -> &str {
        if self.is_noise() { words().noise_scale } else { &self.name }
    }
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantity {
    Expectation,
    /// Of the outcomes, with those without noise.
    Fidelity,
    /// Of one outcome.
    Probability,
}

impl Quantity {
    fn is_share(self) -> bool {
        self != Self::Expectation
    }
}

/// A sweep, as far as it has come.
#[derive(Debug, Clone, PartialEq)]
struct Swept {
    quantity: Quantity,
    /// Or the outcome.
    observable: String,
    x: Axis,
    y: Option<Axis>,
    /// Row by row: `x` runs fastest.
    values: Vec<f64>,
    text: Arc<str>,
}

impl Swept {
    /// What is drawn.
    fn title(&self) -> String {
        match self.quantity {
            Quantity::Expectation => format!("⟨{}⟩", self.observable),
            Quantity::Fidelity => words().fidelity_word.to_owned(),
            Quantity::Probability => format!("P({})", self.observable),
        }
    }

    fn axes(&self) -> impl Iterator<Item = &Axis> {
        std::iter::once(&self.x).chain(&self.y)
    }

    /// The value that is drawn of a point.
    fn read(&self, point: &SweepPoint) -> Option<f64> {
        match self.quantity {
            Quantity::Expectation => point.expectations.first().copied(),
            Quantity::Fidelity => point.fidelity,
            Quantity::Probability => {
                let key = self.observable.trim();
                Some(if let Some(all) = &point.probabilities {
                    all.get(key).copied().unwrap_or(0.0)
                } else {
                    let shots = point.counts.values().sum::<u64>().max(1);
                    point.counts.get(key).map_or(0.0, |&n| n as f64 / shots as f64)
                })
            }
        }
    }

    fn total(&self) -> usize {
        self.x.values.len() * self.y.as_ref().map_or(1, |y| y.values.len())
    }
}

/// What is to be swept, as it is typed.
#[derive(Clone, Copy)]
struct Fields {
    name: RwSignal<String>,
    from: RwSignal<String>,
    to: RwSignal<String>,
    points: RwSignal<usize>,
}

impl Fields {
    fn new(points: usize) -> Self {
        Self {
            name: RwSignal::new(String::new()),
            from: RwSignal::new("0".into()),
            to: RwSignal::new("2*pi".into()),
            points: RwSignal::new(points),
        }
    }

    /// Another parameter, with the range that suits it.
    fn choose(self, name: &str) {
        let noise = name == NOISE;
        if noise != (self.name.get_untracked() == NOISE) {
            self.to.set(if noise { "2" } else { "2*pi" }.to_owned());
            self.points.update(|n| *n = if noise { 21 } else { 61.min(*n * 3) });
        }
        self.name.set(name.to_owned());
    }

    fn axis(self) -> Option<Axis> {
        let from = expr::evaluate(&self.from.get_untracked()).ok()?;
        let to = expr::evaluate(&self.to.get_untracked()).ok()?;
        let n = self.points.get_untracked().clamp(2, MAX_POINTS);
        let step = (to - from) / (n - 1) as f64;
        let values = (0..n).map(|i| from + step * i as f64).collect();
        Some(Axis { name: self.name.get_untracked(), values })
    }
}

/// Names of the inputs that are real numbers.
fn real_names(inputs: &[Input]) -> Vec<String> {
    inputs.iter().filter(|i| i.is_real()).map(|i| i.name.clone()).collect()
}

#[expect(clippy::too_many_lines, reason = "one view and the closures it shares")]
#[component]
pub fn Sweep() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let names = Memo::new(move |_| lab.declared.with(|inputs| real_names(inputs)));
    let model = lab.noise.model;
    // What can be swept.
    let axes = Memo::new(move |_| {
        let mut axes = names.get();
        axes.extend(model.with(Option::is_some).then(|| NOISE.to_owned()));
        axes
    });
    let num_qubits = Memo::new(move |_| lab.document.with(editor::Document::num_qubits));
    let first = Fields::new(61);
    let second = Fields::new(31);
    let observable = RwSignal::new(String::from("Z0"));
    let swept = RwSignal::new(None::<Swept>);
    let running = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    // The first parameter is the obvious choice; one that is gone is none.
    Effect::new(move |_| {
        let axes = axes.get();
        if !axes.contains(&first.name.get_untracked()) {
            first.choose(axes.first().map_or("", String::as_str));
        }
        if !axes.contains(&second.name.get_untracked()) {
            second.choose("");
        }
    });
    let quantity = RwSignal::new(Quantity::Expectation);
    let with_noise =
        Memo::new(move |_| [first, second].iter().any(|f| f.name.with(|n| n == NOISE)));
    let is_outcome = move || with_noise.get() && quantity.get() == Quantity::Probability;
    let stop = move || {
        if running.try_get_untracked() == Some(true) {
            running.set(false);
            lab.sim.halt();
        }
    };
    on_cleanup(stop);
    let start = move || {
        let Some(x) = first.axis() else {
            return problem.set(Some(words().bad_range.to_owned()));
        };
        let two = second.name.with_untracked(|n| !n.is_empty() && *n != x.name);
        let y = if two { second.axis() } else { None };
        if two && y.is_none() {
            return problem.set(Some(words().bad_range.to_owned()));
        }
        problem.set(None);
        running.set(true);
        let noisy = with_noise.get_untracked();
        swept.set(Some(Swept {
            quantity: if noisy { quantity.get_untracked() } else { Quantity::Expectation },
            observable: observable.get_untracked(),
            x,
            y,
            values: Vec::new(),
            text: lab.text.get_untracked(),
        }));
        // Noise takes longer.
        let size = if noisy { 1 } else { 8 };
        go_on(lab, swept, running, problem, num_qubits.get_untracked(), size);
    };
    let drawing = move || {
        swept.with(|s| {
            let s = s.as_ref()?;
            let content = if s.y.is_some() { drawing::map(s) } else { drawing::curve(s) };
            Some(view! {
                <svg
                    class="figure sweep-plot"
                    viewBox="0 0 460 240"
                    role="img"
                    aria-label=s.title()
                    inner_html=content
                ></svg>
            })
        })
    };
    let note = Signal::derive(move || {
        swept.with(|s| {
            let s = s.as_ref()?;
            let stale = !running.get() && lab.text.with(|t| *t != s.text);
            if stale {
                return Some(words().sweep_again.to_owned());
            }
            running.get().then(|| {
                fill(
                    words().swept,
                    &[("n", &s.values.len().to_string()), ("total", &s.total().to_string())],
                )
            })
        })
    });
    let exports = Exports::rows(move || {
        swept.with_untracked(|s| {
            let Some(s) = s else { return Vec::new() };
            let mut head: Vec<String> = s.axes().map(|a| a.title().to_owned()).collect();
            head.push(s.title());
            let mut out = vec![head];
            for (i, value) in s.values.iter().enumerate() {
                let n = s.x.values.len();
                let mut row = vec![s.x.values[i % n].to_string()];
                row.extend(s.y.as_ref().map(|y| y.values[i / n].to_string()));
                row.push(value.to_string());
                out.push(row);
            }
            out
        })
    });
    let options = move |fields: Fields| {
        axes.get()
            .into_iter()
            .map(|name| {
                let chosen = fields.name.get() == name;
                let shown =
                    if name == NOISE { words().noise_scale.to_owned() } else { name.clone() };
                view! { <option value=name selected=chosen>{shown}</option> }
            })
            .collect_view()
    };
    let range = move |fields: Fields| {
        let text = |signal: RwSignal<String>, label: &'static str| {
            view! {
                <label class="display-field">
                    <span>{label}</span>
                    <input
                        class="field mono"
                        type="text"
                        size="5"
                        autocomplete="off"
                        spellcheck="false"
                        prop:value=signal
                        on:input=move |event| signal.set(event_target_value(&event))
                    />
                </label>
            }
        };
        view! {
            {text(fields.from, words().from)}
            {text(fields.to, words().to)}
            <label class="display-field">
                <input
                    class="field num"
                    type="number"
                    min="2"
                    max=MAX_POINTS
                    aria-label=words().points
                    prop:value=move || fields.points.get().to_string()
                    on:change=move |event| {
                        if let Ok(n) = event_target_value(&event).parse::<usize>() {
                            fields.points.set(n.clamp(2, MAX_POINTS));
                        }
                    }
                />
                <span>{words().points}</span>
            </label>
        }
    };
    let empty =
        Signal::derive(move || axes.with(Vec::is_empty).then(|| words().no_parameters.to_owned()));
    view! {
        <Frame display=Display::Sweep exports=exports note=note scroll=true>
            <Show when=move || !axes.with(Vec::is_empty)>
                <div class="sliders">
                    <For each=move || names.get() key=Clone::clone let:name>
                        <Slider lab=lab name=name />
                    </For>
                </div>
                <form
                    class="sweep-form"
                    on:submit=move |event| {
                        event.prevent_default();
                        if running.get_untracked() { stop() } else { start() }
                    }
                >
                    <Show when=move || with_noise.get()>
                        <label class="display-field">
                            <select
                                class="field"
                                aria-label=words().quantity
                                on:change=move |event| {
                                    quantity.set(match event_target_value(&event).as_str() {
                                        "f" => Quantity::Fidelity,
                                        "p" => Quantity::Probability,
                                        _ => Quantity::Expectation,
                                    });
                                }
                            >
                                {[
                                    ("e", Quantity::Expectation, words().pauli),
                                    ("f", Quantity::Fidelity, words().fidelity_word),
                                    ("p", Quantity::Probability, words().success),
                                ]
                                    .into_iter()
                                    .map(|(value, this, text)| {
                                        let chosen = move || quantity.get() == this;
                                        view! { <option value=value selected=chosen>{text}</option> }
                                    })
                                    .collect_view()}
                            </select>
                        </label>
                    </Show>
                    <label
                        class="display-field"
                        hidden=move || with_noise.get() && quantity.get() == Quantity::Fidelity
                    >
                        <span>{move || if is_outcome() { "P(" } else { "⟨" }}</span>
                        <input
                            class="field mono"
                            type="text"
                            size="7"
                            autocomplete="off"
                            spellcheck="false"
                            aria-label=words().observable
                            title=words().observable_hint
                            prop:value=observable
                            on:input=move |event| observable.set(event_target_value(&event))
                        />
                        <span>{move || if is_outcome() { ")" } else { "⟩" }}</span>
                    </label>
                    <label class="display-field">
                        <select
                            class="field"
                            aria-label=words().parameter
                            on:change=move |event| first.choose(&event_target_value(&event))
                        >
                            {move || options(first)}
                        </select>
                    </label>
                    {range(first)}
                    <label class="display-field">
                        <span>{words().second}</span>
                        <select
                            class="field"
                            on:change=move |event| second.choose(&event_target_value(&event))
                        >
                            <option value="">{words().none}</option>
                            {move || options(second)}
                        </select>
                    </label>
                    <Show when=move || second.name.with(|n| !n.is_empty())>{range(second)}</Show>
                    <button class="button small" type="submit">
                        {move || if running.get() { words().stop } else { words().start }}
                    </button>
                </form>
                {move || problem.get().map(|p| view! { <p class="refused" role="alert">{p}</p> })}
                <div class="sweep-area">{drawing}</div>
            </Show>
            <Empty text=empty />
        </Frame>
    }
}

/// Sends the next piece, `size` points.
fn go_on(
    lab: Lab,
    swept: RwSignal<Option<Swept>>,
    running: RwSignal<bool>,
    problem: RwSignal<Option<String>>,
    num_qubits: u32,
    size: usize,
) {
    let request = swept.with_untracked(|s| {
        let s = s.as_ref()?;
        let done = s.values.len();
        let n = s.x.values.len();
        let mut inputs = lab.values();
        // As their sliders show it.
        for name in lab.declared.with_untracked(|declared| real_names(declared)) {
            inputs.entry(name).or_insert_with(|| "0".to_owned());
        }
        let names: Vec<String> =
            s.axes().filter(|a| !a.is_noise()).map(|a| a.name.clone()).collect();
        inputs.retain(|name, _| !names.contains(name));
        let (mut points, mut noise_scales) = (Vec::new(), Vec::new());
        for i in done..(done + size).min(s.total()) {
            let mut point = Vec::new();
            for (axis, at) in s.axes().zip([i % n, i / n]) {
                if axis.is_noise() {
                    noise_scales.push(axis.values[at]);
                } else {
                    point.push(axis.values[at]);
                }
            }
            points.push(point);
        }
        let noise = lab.noise.model.get_untracked().filter(|_| s.axes().any(Axis::is_noise));
        let shots = lab.settings.with_untracked(|s| s.shots.max(1));
        let shots = if noise.is_some() && num_qubits > EXACT_QUBITS { shots } else { 0 };
        let (observe, share) = (s.quantity == Quantity::Expectation, s.quantity);
        let mut limits = Limits::default();
        if let Some(bytes) = lab.sim.memory_bytes() {
            limits.memory_bytes = bytes;
        }
        Some(SweepRequest {
            program: Program::openqasm(s.text.to_string()),
            method: Method::Auto,
            precision: Precision::F64,
            fast: false,
            names,
            points,
            noise: noise.map(|text| Noise::Model(text.to_string())),
            noise_scales,
            inputs,
            shots,
            seed: lab.settings.with_untracked(|s| s.seed),
            expectations: observe.then(|| expand(&s.observable, num_qubits)).into_iter().collect(),
            qubits: false,
            probabilities: share == Quantity::Probability && shots == 0,
            fidelity: share == Quantity::Fidelity,
            limits,
        })
    });
    let Some(request) = request else { return running.set(false) };
    if request.points.is_empty() {
        return running.set(false);
    }
    let asked = request.points.len();
    lab.sim.sweep(request, move |answer| {
        // Stopped, or the display was put away.
        if running.try_get_untracked() != Some(true) {
            return;
        }
        match answer {
            Ok(piece) => {
                swept.update(|s| {
                    if let Some(s) = s {
                        let values: Vec<f64> =
                            piece.points.iter().filter_map(|p| s.read(p)).collect();
                        s.values.extend(values);
                    }
                });
                let each = piece.seconds / asked as f64;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "clamped"
                )]
                let next = (PIECE_SECONDS / each.max(1e-5)).clamp(1.0, 1024.0) as usize;
                go_on(lab, swept, running, problem, num_qubits, next);
            }
            // An edit came in between: the same piece again.
            Err(e) if e.kind == api::run::RunErrorKind::Cancelled => {
                go_on(lab, swept, running, problem, num_qubits, asked);
            }
            Err(error) => {
                problem.set(error.diagnostics.first().map(|d| d.message.clone()));
                running.set(false);
            }
        }
    });
}
