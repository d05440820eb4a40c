//! An expectation value over one or two parameters: as a curve or a heat map; and a slider for each
//! parameter, which can be set in motion.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use api::run::sweep::{SweepPoint, SweepRequest};
use api::run::{Limits, Precision, Program};
use editor::expr;
use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;

use super::expectation::expand;
use super::format;
use super::frame::{Empty, Exports, Frame};
use super::words::words;
use crate::messages::fill;
use crate::program::Input;
use crate::state::Lab;
use crate::state::prefs::Display;

/// Points along one axis.
const MAX_POINTS: usize = 201;
/// A piece of a sweep should take about so long: it cannot be interrupted from here.
const PIECE_SECONDS: f64 = 0.12;
/// A turn of the animation takes so many steps of so long.
const TURN_STEPS: f64 = 120.0;
const FRAME: Duration = Duration::from_millis(50);

/// One swept parameter.
#[derive(Debug, Clone, PartialEq)]
struct Axis {
    name: String,
    values: Vec<f64>,
}

/// A sweep, as far as it has come.
#[derive(Debug, Clone, PartialEq)]
struct Swept {
    observable: String,
    x: Axis,
    y: Option<Axis>,
    /// Row by row: `x` runs fastest.
    values: Vec<f64>,
    text: Arc<str>,
}

impl Swept {
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
    let num_qubits = Memo::new(move |_| lab.document.with(editor::Document::num_qubits));
    let first = Fields::new(61);
    let second = Fields::new(31);
    let observable = RwSignal::new(String::from("Z0"));
    let swept = RwSignal::new(None::<Swept>);
    let running = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    // The first parameter is the obvious choice; one that is gone is none.
    Effect::new(move |_| {
        let names = names.get();
        if !names.contains(&first.name.get_untracked()) {
            first.name.set(names.first().cloned().unwrap_or_default());
        }
        if !names.contains(&second.name.get_untracked()) {
            second.name.set(String::new());
        }
    });
    on_cleanup(move || {
        running.try_set(false);
    });
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
        swept.set(Some(Swept {
            observable: observable.get_untracked(),
            x,
            y,
            values: Vec::new(),
            text: lab.text.get_untracked(),
        }));
        go_on(lab, swept, running, problem, num_qubits.get_untracked(), 8);
    };
    let drawing = move || {
        swept.with(|s| {
            let s = s.as_ref()?;
            let content = if s.y.is_some() { draw_map(s) } else { draw_curve(s) };
            Some(view! {
                <svg
                    class="figure sweep-plot"
                    viewBox="0 0 460 240"
                    role="img"
                    aria-label=format!("⟨{}⟩", s.observable)
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
            let mut head = vec![s.x.name.clone()];
            head.extend(s.y.as_ref().map(|y| y.name.clone()));
            head.push(s.observable.clone());
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
        names
            .get()
            .into_iter()
            .map(|name| {
                let chosen = fields.name.get() == name;
                view! { <option value=name.clone() selected=chosen>{name.clone()}</option> }
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
        Signal::derive(move || names.with(Vec::is_empty).then(|| words().no_parameters.to_owned()));
    view! {
        <Frame display=Display::Sweep exports=exports note=note scroll=true>
            <Show when=move || !names.with(Vec::is_empty)>
                <div class="sliders">
                    <For each=move || names.get() key=Clone::clone let:name>
                        <Slider lab=lab name=name />
                    </For>
                </div>
                <form
                    class="sweep-form"
                    on:submit=move |event| {
                        event.prevent_default();
                        if running.get_untracked() { running.set(false) } else { start() }
                    }
                >
                    <label class="display-field">
                        <span>"⟨"</span>
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
                        <span>"⟩"</span>
                    </label>
                    <label class="display-field">
                        <select
                            class="field"
                            aria-label=words().parameter
                            on:change=move |event| first.name.set(event_target_value(&event))
                        >
                            {move || options(first)}
                        </select>
                    </label>
                    {range(first)}
                    <label class="display-field">
                        <span>{words().second}</span>
                        <select
                            class="field"
                            on:change=move |event| second.name.set(event_target_value(&event))
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
        let mut names = vec![s.x.name.clone()];
        names.extend(s.y.as_ref().map(|y| y.name.clone()));
        inputs.retain(|name, _| !names.contains(name));
        let points = (done..(done + size).min(s.total()))
            .map(|i| {
                let mut point = vec![s.x.values[i % n]];
                point.extend(s.y.as_ref().map(|y| y.values[i / n]));
                point
            })
            .collect();
        let mut limits = Limits::default();
        if let Some(bytes) = lab.sim.memory_bytes() {
            limits.memory_bytes = bytes;
        }
        Some(SweepRequest {
            program: Program::openqasm(s.text.to_string()),
            precision: Precision::F64,
            fast: false,
            names,
            points,
            inputs,
            shots: 0,
            seed: lab.settings.with_untracked(|s| s.seed),
            expectations: vec![expand(&s.observable, num_qubits)],
            qubits: false,
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
                        let value = |p: &SweepPoint| p.expectations.first().copied();
                        s.values.extend(piece.points.iter().filter_map(value));
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

/// The value of one parameter, by hand or in motion.
#[component]
fn Slider(lab: Lab, name: String) -> impl IntoView {
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

/// Corners of the drawing's inside.
const LEFT: f64 = 46.0;
const RIGHT: f64 = 450.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 204.0;

fn bounds(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Pauli strings lie between -1 and 1: that frame does not jump.
    if values.is_empty() || (low >= -1.0 - 1e-9 && high <= 1.0 + 1e-9) {
        return (-1.0, 1.0);
    }
    let room = (high - low).max(1e-9) * 0.05;
    (low - room, high + room)
}

fn frame(out: &mut String, x: &Axis, (low, high): (f64, f64), left_title: &str) {
    let _ = write!(
        out,
        r#"<rect class="plot-frame" x="{LEFT}" y="{TOP}" width="{}" height="{}"/>"#,
        RIGHT - LEFT,
        BOTTOM - TOP
    );
    for i in 0..=4 {
        let share = f64::from(i) / 4.0;
        let y = BOTTOM - share * (BOTTOM - TOP);
        let value = low + share * (high - low);
        let _ = write!(
            out,
            r#"<line class="grid-line" x1="{LEFT}" y1="{y:.1}" x2="{RIGHT}" y2="{y:.1}"/><text class="tick" x="{}" y="{y:.1}" text-anchor="end">{}</text>"#,
            LEFT - 6.0,
            format::signed(value)
        );
        let at = LEFT + share * (RIGHT - LEFT);
        let (first, last) = (x.values[0], x.values[x.values.len() - 1]);
        let label = crate::displays::sweep::angle(first + share * (last - first));
        let _ = write!(
            out,
            r#"<text class="tick" x="{at:.1}" y="{}" text-anchor="middle">{label}</text>"#,
            BOTTOM + 13.0
        );
    }
    let _ = write!(
        out,
        r#"<text class="axis-title" x="{}" y="233" text-anchor="middle">{}</text><text class="axis-title" transform="translate(9 {}) rotate(-90)" text-anchor="middle">{}</text>"#,
        f64::midpoint(LEFT, RIGHT),
        escape(&x.name),
        f64::midpoint(TOP, BOTTOM),
        escape(left_title)
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// As fractions of π where they are.
fn angle(value: f64) -> String {
    let exact = expr::from_value(value);
    if exact.contains("pi") { expr::to_label(&exact) } else { format::signed(value) }
}

fn draw_curve(s: &Swept) -> String {
    let (low, high) = bounds(&s.values);
    let mut out = String::new();
    frame(&mut out, &s.x, (low, high), &format!("⟨{}⟩", s.observable));
    let n = (s.x.values.len() - 1).max(1) as f64;
    let mut path = String::new();
    for (i, v) in s.values.iter().enumerate() {
        let x = LEFT + i as f64 / n * (RIGHT - LEFT);
        let y = BOTTOM - (v - low) / (high - low) * (BOTTOM - TOP);
        let _ = write!(path, "{}{x:.2} {y:.2}", if i == 0 { "M" } else { "L" });
    }
    let _ = write!(out, r#"<path class="curve" d="{path}"/>"#);
    for (i, v) in s.values.iter().enumerate() {
        let x = LEFT + i as f64 / n * (RIGHT - LEFT);
        let y = BOTTOM - (v - low) / (high - low) * (BOTTOM - TOP);
        let _ = write!(
            out,
            r#"<circle class="point" cx="{x:.2}" cy="{y:.2}" r="4"><title>{} = {}: {}</title></circle>"#,
            escape(&s.x.name),
            angle(s.x.values[i]),
            format::real(*v)
        );
    }
    out
}

fn draw_map(s: &Swept) -> String {
    let Some(y) = &s.y else { return String::new() };
    let (low, high) = bounds(&s.values);
    let ends = (y.values[0], y.values[y.values.len() - 1]);
    let mut out = String::new();
    frame(&mut out, &s.x, ends, &y.name);
    let (nx, ny) = (s.x.values.len() as f64, y.values.len() as f64);
    let (w, h) = ((RIGHT - LEFT) / nx, (BOTTOM - TOP) / ny);
    for (i, v) in s.values.iter().enumerate() {
        let (column, row) = ((i % s.x.values.len()) as f64, (i / s.x.values.len()) as f64);
        let share = ((v - low) / (high - low)).clamp(0.0, 1.0);
        // Blue below, red above the middle, pale at it: equal steps of lightness.
        let (hue, depth) =
            if share < 0.5 { (255, 1.0 - 2.0 * share) } else { (30, 2.0 * share - 1.0) };
        let _ = write!(
            out,
            r#"<rect fill="oklch({:.3} {:.3} {hue})" x="{:.2}" y="{:.2}" width="{:.2}" height="{:.2}"><title>{}</title></rect>"#,
            0.95 - 0.5 * depth,
            0.17 * depth,
            LEFT + column * w,
            BOTTOM - (row + 1.0) * h,
            w + 0.3,
            h + 0.3,
            format::real(*v)
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_done_sweep_is_drawn() {
        let axis = |name: &str| Axis { name: name.into(), values: vec![0.0, 1.0, 2.0] };
        let mut s = Swept {
            observable: "Z0 < 1".into(),
            x: axis("a"),
            y: None,
            values: vec![1.0, 0.5],
            text: "".into(),
        };
        let curve = draw_curve(&s);
        assert_eq!(curve.matches("<circle").count(), 2);
        assert!(curve.contains("&lt;") && !curve.contains("Z0 < 1"));
        s.y = Some(axis("b"));
        assert_eq!(s.total(), 9);
        assert_eq!(draw_map(&s).matches("oklch").count(), 2);
    }
}
