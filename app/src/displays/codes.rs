//! Error correction. Memory experiments of the surface code: how often the logical qubit is lost, against the noise, for
//! several distances. Of a circuit of Stim: how often its detectors fire and its observables flip, and what a matching
//! decoder makes of them.

mod drawing;

use api::run::{
    Basis, MemoryExperiment, Program, RunErrorKind, SampleRequest, SampleResult, Sampled,
};
use leptos::prelude::*;

use super::format;
use super::frame::{Empty, Exports, Frame};
use super::words::words;
use crate::messages::fill;
use crate::state::Lab;
use crate::state::prefs::Display;
use crate::state::stim::StimFile;
use drawing::small;

/// Distances to choose from.
const DISTANCES: [u32; 5] = [3, 5, 7, 9, 11];
/// Strengths of the noise, from where the code helps to where it harms.
const NOISE: [f64; 8] = [0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.014, 0.02];
/// Shots of one point, to choose from.
const SHOTS: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// A point with so many logical errors is known well enough: to 7 %.
const ENOUGH_ERRORS: u64 = 200;
/// A piece should take about so long: it is stopped as a whole.
const PIECE_SECONDS: f64 = 0.25;

/// One point of a curve.
#[derive(Debug, Clone, PartialEq)]
struct Point {
    circuit: Sampled,
    /// 0 for a circuit of Stim.
    distance: u32,
    noise: f64,
    shots: u64,
    errors: u64,
    /// Share of the detectors that fired, over all shots.
    detection: f64,
    /// Of a circuit of Stim, the rate of each detector and each observable.
    detectors: Vec<f64>,
    observables: Vec<f64>,
    /// Of one without detectors, the share of 1 of each result.
    results: Vec<f64>,
}

/// The mean over `old` and `new` shots.
fn merge(mean: &mut f64, old: f64, more: f64, new: f64) {
    *mean = (*mean * old + more * new) / (old + new);
}

impl Point {
    fn new(circuit: Sampled, distance: u32, noise: f64) -> Self {
        Self {
            circuit,
            distance,
            noise,
            shots: 0,
            errors: 0,
            detection: 0.0,
            detectors: Vec::new(),
            observables: Vec::new(),
            results: Vec::new(),
        }
    }

    fn add(&mut self, piece: &SampleResult) {
        let (old, new) = (self.shots as f64, f64::from(piece.shots));
        let fired = piece.detectors.iter().sum::<f64>();
        merge(&mut self.detection, old, fired / piece.detectors.len().max(1) as f64, new);
        if self.distance == 0 {
            for (all, more) in [
                (&mut self.detectors, &piece.detectors),
                (&mut self.observables, &piece.observables),
                (&mut self.results, &piece.results),
            ] {
                all.resize(more.len(), 0.0);
                all.iter_mut().zip(more).for_each(|(mean, &more)| merge(mean, old, more, new));
            }
        }
        self.shots += u64::from(piece.shots);
        self.errors += piece.logical.as_ref().map_or(0, |l| l.errors);
    }

    fn rate(&self) -> f64 {
        if self.shots == 0 { 0.0 } else { self.errors as f64 / self.shots as f64 }
    }

    fn deviation(&self) -> f64 {
        let p = self.rate();
        if self.shots == 0 { 0.0 } else { (p * (1.0 - p) / self.shots as f64).sqrt() }
    }
}

/// A series of experiments, as far as it has come.
#[derive(Debug, Clone, PartialEq)]
struct Series {
    points: Vec<Point>,
    /// Shots of a point, at most.
    shots: u32,
    seed: u64,
    /// Why shots are not decoded.
    undecoded: Option<String>,
}

impl Series {
    /// Shots of one circuit.
    fn of_file(file: &StimFile, shots: u32, seed: u64) -> Self {
        let circuit = Sampled::Program(Program::stim(file.text.to_string()));
        Self { points: vec![Point::new(circuit, 0, 0.0)], shots, seed, undecoded: None }
    }

    /// The point of a circuit of Stim, if that is what it is.
    fn file(&self) -> Option<&Point> {
        self.points.first().filter(|p| p.distance == 0)
    }

    fn of_code(distances: &[u32], shots: u32, seed: u64) -> Self {
        let points = NOISE
            .iter()
            .rev()
            .flat_map(|&noise| distances.iter().map(move |&distance| (distance, noise)))
            .map(|(distance, noise)| {
                let experiment =
                    MemoryExperiment { distance, rounds: distance, basis: Basis::Z, noise };
                Point::new(Sampled::SurfaceCode(experiment), distance, noise)
            })
            .collect();
        Self { points, shots, seed, undecoded: None }
    }

    fn is_done(&self, point: &Point) -> bool {
        point.shots >= u64::from(self.shots) || point.distance > 0 && point.errors >= ENOUGH_ERRORS
    }

    fn next(&self) -> Option<usize> {
        self.points.iter().position(|p| !self.is_done(p))
    }
}

#[expect(clippy::too_many_lines, reason = "one view and the closures it shares")]
#[component]
pub fn Codes() -> impl IntoView {
    let lab = expect_context::<Lab>();
    let distances = RwSignal::new(vec![3_u32, 5, 7]);
    let shots = RwSignal::new(10_000_u32);
    let series = RwSignal::new(None::<Series>);
    let running = RwSignal::new(false);
    let problem = RwSignal::new(None::<String>);
    let stop = move || {
        if running.try_get_untracked() == Some(true) {
            running.set(false);
            lab.sim.halt();
        }
    };
    on_cleanup(stop);
    let start = move |file: Option<&StimFile>| {
        stop();
        problem.set(None);
        let seed = lab.settings.with_untracked(|s| s.seed);
        let shots = shots.get_untracked();
        series.set(Some(match file {
            Some(file) => Series::of_file(file, shots, seed),
            None => Series::of_code(&distances.get_untracked(), shots, seed),
        }));
        running.set(true);
        go_on(lab, series, running, problem, 1_000);
    };
    // A circuit that was opened is sampled at once.
    Effect::new(move |_| match lab.stim.get() {
        Some(file) if file.found.is_ok() => start(Some(&file)),
        _ => {
            stop();
            if series.with_untracked(|s| s.as_ref().is_some_and(|s| s.file().is_some())) {
                series.set(None);
            }
        }
    });
    let is_file =
        Memo::new(move |_| series.with(|s| s.as_ref().is_some_and(|s| s.file().is_some())));
    let picture = move || {
        series.with(|s| {
            let s = s.as_ref()?;
            let (label, size, content) = match s.file() {
                Some(p) if p.detectors.is_empty() => {
                    (words().results_label, "0 0 460 112", drawing::bars("R", &p.results))
                }
                Some(p) => {
                    (words().detectors_label, "0 0 460 112", drawing::bars("D", &p.detectors))
                }
                None => (words().codes_label, "0 0 460 260", drawing::draw(&s.points)),
            };
            Some(view! {
                <svg
                    class="figure sweep-plot codes-plot"
                    viewBox=size
                    role="img"
                    aria-label=label
                    inner_html=content
                ></svg>
            })
        })
    };
    let table = move || {
        series.with(|s| {
            s.iter()
                .flat_map(|s| &s.points)
                .filter(|p| p.shots > 0)
                .map(|p| {
                    view! {
                        <tr>
                            <td>{p.distance}</td>
                            <td>{format::percent(p.noise)}</td>
                            <td>{format::percent(p.detection)}</td>
                            <td>{format!("{} / {}", format::grouped(p.errors), format::grouped(p.shots))}</td>
                            <td>{small(p.rate())}</td>
                        </tr>
                    }
                })
                .collect_view()
        })
    };
    let facts = move || {
        series.with(|s| {
            let p = s.as_ref()?.file()?;
            let mut all = vec![(words().shots_taken, format::grouped(p.shots))];
            if p.detectors.is_empty() {
                all.push((words().measurements, format::grouped(p.results.len() as u64)));
            } else {
                all.push((words().detectors, format::grouped(p.detectors.len() as u64)));
                all.push((words().detection, small(p.detection)));
            }
            if !p.observables.is_empty() {
                let rates: Vec<String> = p.observables.iter().take(8).map(|r| small(*r)).collect();
                let more = if p.observables.len() > 8 { ", …" } else { "" };
                all.push((words().observables, format!("{}{more}", rates.join(", "))));
                if s.as_ref()?.undecoded.is_none() {
                    let rate = format!("{} ± {}", small(p.rate()), small(p.deviation()));
                    all.push((words().logical_rate, rate));
                }
            }
            let fact = |(name, value): (&'static str, String)| {
                view! {
                    <div>
                        <dt>{name}</dt>
                        <dd class="num">{value}</dd>
                    </div>
                }
            };
            let undecoded = s.as_ref()?.undecoded.as_ref().filter(|_| !p.observables.is_empty());
            let undecoded =
                undecoded.map(|reason| fill(words().stim_undecoded, &[("reason", reason)]));
            Some(view! {
                <dl class="facts-grid">{all.into_iter().map(fact).collect_view()}</dl>
                {undecoded.map(|text| view! { <p class="refused">{text}</p> })}
            })
        })
    };
    // The circuit of Stim that was opened, and the errors in it.
    let file = move || {
        lab.stim.get().map(|file| {
            let errors = file.found.as_ref().err().cloned().unwrap_or_default();
            let label = fill(words().stim_start, &[("name", &file.name)]);
            let name = fill(words().stim_refused, &[("name", &file.name)]);
            let there = errors.is_empty();
            view! {
                {there.then(|| {
                    view! {
                        <button class="button small" type="button" on:click=move |_| start(Some(&file))>
                            {label}
                        </button>
                    }
                })}
                {(!there).then(|| {
                    view! {
                        <div class="refused" role="alert">
                            <p>{name}</p>
                            {errors.into_iter().take(5).map(|e| view! { <p>{e}</p> }).collect_view()}
                        </div>
                    }
                })}
            }
        })
    };
    let exports = Exports::rows(move || {
        let of_file = series.with_untracked(|s| {
            let p = s.as_ref()?.file()?;
            let mut out = vec![vec!["name".to_owned(), "rate".to_owned()]];
            let lists = [("D", &p.detectors), ("L", &p.observables), ("R", &p.results)];
            for (letter, rates) in lists {
                let row = |(i, r): (usize, &f64)| vec![format!("{letter}{i}"), r.to_string()];
                out.extend(rates.iter().enumerate().map(row));
            }
            Some(out)
        });
        if let Some(rows) = of_file {
            return rows;
        }
        let head = [
            "distance",
            "noise",
            "detection_rate",
            "shots",
            "logical_errors",
            "logical_error_rate",
        ];
        let mut out = vec![head.map(str::to_owned).to_vec()];
        series.with_untracked(|s| {
            for p in s.iter().flat_map(|s| &s.points).filter(|p| p.shots > 0) {
                out.push(vec![
                    p.distance.to_string(),
                    p.noise.to_string(),
                    p.detection.to_string(),
                    p.shots.to_string(),
                    p.errors.to_string(),
                    p.rate().to_string(),
                ]);
            }
        });
        out
    });
    let note = Signal::derive(move || {
        series.with(|s| {
            let s = s.as_ref().filter(|_| running.get())?;
            if let Some(p) = s.file() {
                let (n, total) = (format::grouped(p.shots), format::grouped(u64::from(s.shots)));
                return Some(fill(words().swept, &[("n", &n), ("total", &total)]));
            }
            let done = s.points.iter().filter(|p| s.is_done(p)).count().to_string();
            Some(fill(words().swept, &[("n", &done), ("total", &s.points.len().to_string())]))
        })
    });
    let empty = Signal::derive(move || {
        (series.with(Option::is_none) && lab.stim.with(Option::is_none))
            .then(|| words().codes_empty.to_owned())
    });
    view! {
        <Frame display=Display::Codes exports=exports note=note scroll=true>
            <form
                class="sweep-form"
                on:submit=move |event| {
                    event.prevent_default();
                    if running.get_untracked() { stop() } else { start(None) }
                }
            >
                <div class="segments" role="group" aria-label=words().distances title=words().distances>
                    {DISTANCES
                        .iter()
                        .map(|&d| {
                            view! {
                                <button
                                    type="button"
                                    aria-pressed=move || distances.with(|all| all.contains(&d)).to_string()
                                    on:click=move |_| {
                                        distances
                                            .update(|all| {
                                                if !all.contains(&d) {
                                                    all.push(d);
                                                    all.sort_unstable();
                                                } else if all.len() > 1 {
                                                    all.retain(|&other| other != d);
                                                }
                                            });
                                    }
                                >
                                    {format!("d = {d}")}
                                </button>
                            }
                        })
                        .collect_view()}
                </div>
                <label class="display-field">
                    <span>{words().shots_at_most}</span>
                    <select
                        class="field"
                        on:change=move |event| {
                            if let Ok(n) = event_target_value(&event).parse() {
                                shots.set(n);
                            }
                        }
                    >
                        {SHOTS
                            .iter()
                            .map(|&n| {
                                view! {
                                    <option value=n.to_string() selected=move || shots.get() == n>
                                        {format::grouped(u64::from(n))}
                                    </option>
                                }
                            })
                            .collect_view()}
                    </select>
                </label>
                <button class="button small" type="submit">
                    {move || if running.get() { words().stop } else { words().codes_start }}
                </button>
                {file}
            </form>
            {move || problem.get().map(|p| view! { <p class="refused" role="alert">{p}</p> })}
            <div class="sweep-area">{picture}</div>
            {facts}
            <Show when=move || series.with(Option::is_some) && !is_file.get()>
                <table class="codes-table num">
                    <thead>
                        <tr>
                            <th>{words().distance_of_code}</th>
                            <th>{words().noise}</th>
                            <th>{words().detection}</th>
                            <th>{words().logical_errors}</th>
                            <th>{words().logical_rate}</th>
                        </tr>
                    </thead>
                    <tbody>{table}</tbody>
                </table>
            </Show>
            <Empty text=empty />
        </Frame>
    }
}

/// Sends the next piece, of about `size` shots.
fn go_on(
    lab: Lab,
    series: RwSignal<Option<Series>>,
    running: RwSignal<bool>,
    problem: RwSignal<Option<String>>,
    size: u32,
) {
    let request = series.with_untracked(|s| {
        let s = s.as_ref()?;
        let at = s.next()?;
        let point = &s.points[at];
        let left = u64::from(s.shots) - point.shots;
        let shots = u32::try_from(left).unwrap_or(u32::MAX).min(size.max(1));
        // No two pieces draw the same numbers.
        let seed = s.seed.wrapping_add(((at as u64) << 32) + point.shots);
        let request = SampleRequest {
            decode: s.undecoded.is_none(),
            ..lab.sample_request(point.circuit.clone(), shots, seed)
        };
        Some((at, request))
    });
    let Some((at, request)) = request else { return running.set(false) };
    lab.sim.sample(request, move |answer| {
        // Stopped, or the display was put away.
        if running.try_get_untracked() != Some(true) {
            return;
        }
        match answer {
            Ok(piece) => {
                series.update(|s| {
                    if let Some(point) = s.as_mut().and_then(|s| s.points.get_mut(at)) {
                        point.add(&piece);
                    }
                });
                let each = piece.seconds / f64::from(piece.shots.max(1));
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "clamped"
                )]
                let next = (PIECE_SECONDS / each.max(1e-9)).clamp(500.0, 1e6) as u32;
                go_on(lab, series, running, problem, next);
            }
            // An edit came in between: the same piece again.
            Err(e) if e.kind == RunErrorKind::Cancelled => {
                go_on(lab, series, running, problem, size);
            }
            // Rates are there without a decoder.
            Err(error) if error.diagnostics.first().is_some_and(|d| d.code == "not_decodable") => {
                series.update(|s| {
                    if let Some(s) = s {
                        s.undecoded = error.diagnostics.first().map(|d| d.message.clone());
                    }
                });
                go_on(lab, series, running, problem, size);
            }
            Err(error) => {
                problem.set(error.diagnostics.first().map(|d| d.message.clone()));
                running.set(false);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_goes_on_until_each_point_is_known() {
        let mut s = Series::of_code(&[3, 5], 1000, 1);
        assert_eq!(s.points.len(), 2 * NOISE.len());
        assert_eq!(s.next(), Some(0));
        s.points[0].shots = 1000;
        s.points[1].errors = ENOUGH_ERRORS;
        assert_eq!(s.next(), Some(2));
    }
}
