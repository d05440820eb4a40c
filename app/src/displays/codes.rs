//! Memory experiments of the surface code: how often the logical qubit is lost, against the noise, for
//! several distances; and how often detectors fire.

use std::fmt::Write as _;

use api::run::memory::{Basis, MemoryRequest};
use api::run::{Limits, RunErrorKind};
use leptos::prelude::*;

use super::format;
use super::frame::{Empty, Exports, Frame};
use super::words::words;
use crate::messages::fill;
use crate::state::Lab;
use crate::state::prefs::Display;

/// Distances to choose from.
const DISTANCES: [u32; 5] = [3, 5, 7, 9, 11];
/// Strengths of the noise, from where the code helps to where it harms.
const NOISE: [f64; 8] = [0.001, 0.002, 0.003, 0.005, 0.007, 0.01, 0.014, 0.02];
/// Shots of one point, to choose from.
const SHOTS: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// A point with so many logical errors is known well enough: to 7 %.
const ENOUGH_ERRORS: u64 = 200;
/// A piece should take about so long: it cannot be interrupted from here.
const PIECE_SECONDS: f64 = 0.25;

/// One point of a curve.
#[derive(Debug, Clone, PartialEq)]
struct Point {
    distance: u32,
    noise: f64,
    shots: u64,
    errors: u64,
    /// Share of the detectors that fired, over all shots.
    detection: f64,
}

impl Point {
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
}

impl Series {
    fn new(distances: &[u32], shots: u32, seed: u64) -> Self {
        let points = NOISE
            .iter()
            .rev()
            .flat_map(|&noise| distances.iter().map(move |&distance| (distance, noise)))
            .map(|(distance, noise)| Point { distance, noise, shots: 0, errors: 0, detection: 0.0 })
            .collect();
        Self { points, shots, seed }
    }

    fn is_done(&self, point: &Point) -> bool {
        point.shots >= u64::from(self.shots) || point.errors >= ENOUGH_ERRORS
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
    on_cleanup(move || {
        running.try_set(false);
    });
    let start = move || {
        problem.set(None);
        let seed = lab.settings.with_untracked(|s| s.seed);
        series.set(Some(Series::new(&distances.get_untracked(), shots.get_untracked(), seed)));
        running.set(true);
        go_on(lab, series, running, problem, 1_000);
    };
    let picture = move || {
        series.with(|s| {
            let s = s.as_ref()?;
            Some(view! {
                <svg
                    class="figure sweep-plot codes-plot"
                    viewBox="0 0 460 260"
                    role="img"
                    aria-label=words().codes_label
                    inner_html=draw(&s.points)
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
    let exports = Exports::rows(move || {
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
            let done = s.points.iter().filter(|p| s.is_done(p)).count().to_string();
            Some(fill(words().swept, &[("n", &done), ("total", &s.points.len().to_string())]))
        })
    });
    let empty = Signal::derive(move || {
        series.with(Option::is_none).then(|| words().codes_empty.to_owned())
    });
    view! {
        <Frame display=Display::Codes exports=exports note=note scroll=true>
            <form
                class="sweep-form"
                on:submit=move |event| {
                    event.prevent_default();
                    if running.get_untracked() { running.set(false) } else { start() }
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
            </form>
            {move || problem.get().map(|p| view! { <p class="refused" role="alert">{p}</p> })}
            <div class="sweep-area">{picture}</div>
            <Show when=move || series.with(Option::is_some)>
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
        let mut limits = Limits::default();
        if let Some(bytes) = lab.sim.memory_bytes() {
            limits.memory_bytes = bytes;
        }
        let request = MemoryRequest {
            distance: point.distance,
            rounds: point.distance,
            basis: Basis::Z,
            noise: point.noise,
            shots: u32::try_from(left).unwrap_or(u32::MAX).min(size.max(1)),
            // No two pieces draw the same numbers.
            seed: s.seed.wrapping_add(((at as u64) << 32) + point.shots),
            limits,
        };
        Some((at, request))
    });
    let Some((at, request)) = request else { return running.set(false) };
    lab.sim.memory(request, move |answer| {
        // Stopped, or the display was put away.
        if running.try_get_untracked() != Some(true) {
            return;
        }
        match answer {
            Ok(piece) => {
                series.update(|s| {
                    if let Some(point) = s.as_mut().and_then(|s| s.points.get_mut(at)) {
                        let fired = piece.detector_rates.iter().sum::<f64>();
                        let mean = fired / piece.detector_rates.len().max(1) as f64;
                        let (old, new) = (point.shots as f64, piece.shots as f64);
                        point.detection = (point.detection * old + mean * new) / (old + new);
                        point.shots += piece.shots;
                        point.errors += piece.errors;
                    }
                });
                let each = piece.seconds / piece.shots.max(1) as f64;
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
            Err(error) => {
                problem.set(error.diagnostics.first().map(|d| d.message.clone()));
                running.set(false);
            }
        }
    });
}

/// The drawing's edges.
const LEFT: f64 = 58.0;
const RIGHT: f64 = 390.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 220.0;

/// Logical error rates over the noise, both logarithmic, one curve for each distance.
fn draw(points: &[Point]) -> String {
    let known: Vec<&Point> = points.iter().filter(|p| p.shots > 0).collect();
    let (from, to) = (NOISE[0].log10(), NOISE[NOISE.len() - 1].log10());
    let x = |noise: f64| LEFT + (RIGHT - LEFT) * (noise.log10() - from) / (to - from);
    let least = known
        .iter()
        .filter(|p| p.errors > 0)
        .map(|p| p.rate())
        .fold(1e-2, f64::min)
        .log10()
        .floor();
    let y = |rate: f64| {
        let at = (rate.max(1e-12).log10() - least) / -least;
        BOTTOM - (BOTTOM - TOP) * at.clamp(0.0, 1.0)
    };
    let mut out = String::new();
    #[expect(clippy::cast_possible_truncation, reason = "a small whole number")]
    for power in least as i32..=0 {
        let at = y(10_f64.powi(power));
        let label = if power < -2 {
            format!("10{}", superscript(power))
        } else {
            format::percent(10_f64.powi(power))
        };
        let _ = write!(
            out,
            r#"<path class="grid-line" d="M{LEFT} {at:.1}H{RIGHT}"/><text class="tick" x="{:.1}" y="{at:.1}" text-anchor="end">{label}</text>"#,
            LEFT - 6.0
        );
    }
    for noise in NOISE {
        let at = x(noise);
        let _ = write!(
            out,
            r#"<path class="axis" d="M{at:.1} {BOTTOM}v4"/><text class="tick" x="{at:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
            BOTTOM + 13.0,
            format::percent(noise)
        );
    }
    let _ = write!(
        out,
        r#"<text class="axis-title" x="{:.1}" y="{:.1}" text-anchor="middle">{}</text><text class="axis-title" transform="translate(12 {:.1}) rotate(-90)" text-anchor="middle">{}</text>"#,
        f64::midpoint(LEFT, RIGHT),
        BOTTOM + 30.0,
        words().codes_noise,
        f64::midpoint(TOP, BOTTOM),
        words().logical_rate,
    );
    for (i, distance) in DISTANCES.iter().enumerate() {
        let mut curve: Vec<&&Point> =
            known.iter().filter(|p| p.distance == *distance && p.errors > 0).collect();
        if curve.is_empty() {
            continue;
        }
        curve.sort_by(|a, b| a.noise.total_cmp(&b.noise));
        let mut path = String::new();
        let mut marks = String::new();
        for (k, p) in curve.iter().enumerate() {
            let (px, py) = (x(p.noise), y(p.rate()));
            let _ = write!(path, "{}{px:.1} {py:.1}", if k == 0 { "M" } else { "L" });
            let (low, high) = (y(p.rate() - p.deviation()), y(p.rate() + p.deviation()));
            let _ = write!(
                marks,
                r#"<path class="codes-bar" d="M{px:.1} {low:.1}V{high:.1}"/><circle cx="{px:.1}" cy="{py:.1}" r="3"><title>d = {distance}, {}: {} ± {}</title></circle>"#,
                format::percent(p.noise),
                small(p.rate()),
                small(p.deviation()),
            );
        }
        let last = curve[curve.len() - 1];
        let _ = write!(
            out,
            r#"<g class="codes-curve tone-{i}"><path class="codes-line" d="{path}"/>{marks}<text class="codes-name" x="{:.1}" y="{:.1}">d = {distance}</text></g>"#,
            RIGHT + 8.0,
            // Ends lie close together where the code harms.
            y(last.rate()).max(TOP + 14.0 * i as f64),
        );
    }
    out
}

/// A probability, also one that is far below a percent.
fn small(p: f64) -> String {
    if p == 0.0 || p >= 1e-3 {
        return format::percent(p);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a small whole number")]
    let power = p.log10().floor() as i32;
    format!("{:.1}·10{}", p / 10_f64.powi(power), superscript(power))
}

fn superscript(power: i32) -> String {
    power
        .to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            c => char::from_u32(0x2070 + c.to_digit(10).unwrap_or(0)).unwrap_or(c),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_goes_on_until_each_point_is_known() {
        let mut s = Series::new(&[3, 5], 1000, 1);
        assert_eq!(s.points.len(), 2 * NOISE.len());
        assert_eq!(s.next(), Some(0));
        s.points[0].shots = 1000;
        s.points[1].errors = ENOUGH_ERRORS;
        assert_eq!(s.next(), Some(2));
    }

    #[test]
    fn curves_have_a_mark_for_each_point_with_errors() {
        let mut points = Series::new(&[3, 5], 1000, 1).points;
        for p in &mut points {
            (p.shots, p.errors) = (1000, if p.noise < 0.002 { 0 } else { u64::from(p.distance) });
        }
        let svg = draw(&points);
        assert_eq!(svg.matches("<circle").count(), 2 * (NOISE.len() - 1));
        assert_eq!(svg.matches("codes-line").count(), 2);
        assert!(svg.contains("10⁻³"), "{svg}");
        assert_eq!(
            (small(0.25), small(2.5e-4), small(0.0)),
            ("25 %".into(), "2.5·10⁻⁴".into(), "0 %".into())
        );
    }
}
