//! The figures that the simulator is to reach, and whether a run reaches them.

use super::report::{Run, digits, ratio, time};
use super::row;

/// Circuits on which the tab is compared with native programs.
const DENSE: [&str; 4] = ["qft", "qv", "hea", "qaoa"];

#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Ratio,
    Seconds,
    Bytes,
    PerSecond,
}

pub struct Figure {
    pub what: String,
    unit: Unit,
    bar: Option<f64>,
    goal: Option<f64>,
    measured: f64,
    /// More is better.
    more: bool,
}

impl Figure {
    fn text(&self, value: Option<f64>) -> String {
        let Some(value) = value else { return "–".to_owned() };
        match self.unit {
            Unit::Ratio => ratio(value),
            Unit::Seconds => time(value),
            Unit::Bytes => format!("{} MiB", digits(value / f64::from(1 << 20))),
            Unit::PerSecond => format!("{value:.0} /s"),
        }
    }

    fn bound(&self, value: Option<f64>) -> String {
        let sign = if self.more { "≥" } else { "≤" };
        value.map_or("–".to_owned(), |_| format!("{sign} {}", self.text(value)))
    }

    pub fn bar_text(&self) -> String {
        self.bound(self.bar)
    }

    pub fn goal_text(&self) -> String {
        self.bound(self.goal)
    }

    pub fn measured_text(&self) -> String {
        self.text(Some(self.measured))
    }

    pub fn verdict(&self) -> &'static str {
        let reached = |bound: f64| {
            if self.more { self.measured >= bound } else { self.measured <= bound }
        };
        match (self.bar.map(reached), self.goal.map(reached)) {
            (_, Some(true)) => "goal",
            (Some(true), _) => "bar",
            (Some(false), _) => "**missed**",
            (None, _) => "not the goal",
        }
    }
}

#[derive(Default)]
struct Figures(Vec<Figure>);

impl Figures {
    /// A figure of which less is better.
    fn least(
        &mut self,
        what: impl Into<String>,
        unit: Unit,
        (bar, goal): (Option<f64>, Option<f64>),
        measured: Option<f64>,
    ) {
        self.add(what.into(), unit, (bar, goal), measured, false);
    }

    fn add(
        &mut self,
        what: String,
        unit: Unit,
        (bar, goal): (Option<f64>, Option<f64>),
        measured: Option<f64>,
        more: bool,
    ) {
        if let Some(measured) = measured {
            self.0.push(Figure { what, unit, bar, goal, measured, more });
        }
    }
}

/// All figures that this run has measured.
pub fn figures(run: Run) -> Vec<Figure> {
    let mut all = Figures::default();
    against_peers(&mut all, run);
    browser(&mut all, run);
    scaling(&mut all, run);
    small(&mut all, run);
    beyond(&mut all, run);
    all.0
}

/// Ratios over the families that have both.
fn over(run: Run, n: usize, of: impl Fn(&str) -> Option<f64>) -> Vec<f64> {
    run.families(n).into_iter().filter_map(of).collect()
}

fn against_peers(all: &mut Figures, run: Run) {
    let threads_word = |t: u32| if t == 1 { "1 thread".to_owned() } else { format!("{t} threads") };
    for threads in run.threads() {
        for n in [20, 24] {
            let place = format!("{n} qubits, {}", threads_word(threads));
            let f64s = over(run, n, |f| {
                Some(run.seconds(n, f, row::F64, threads)? / run.best_f64(n, f, threads)?.1)
            });
            let bar = if n == 24 { 0.35 } else { 0.5 };
            let what = format!("f64 ÷ best f64 peer, {place}");
            all.least(
                format!("{what}, geometric mean"),
                Unit::Ratio,
                (Some(bar), Some(0.2)),
                geometric_mean(&f64s),
            );
            all.least(format!("{what}, largest"), Unit::Ratio, (Some(0.7), None), largest(&f64s));
            let f32s = over(run, n, |f| {
                Some(
                    run.seconds(n, f, row::F32, threads)?
                        / run.seconds(n, f, row::QSIM, threads)?,
                )
            });
            let bar = if n == 24 { 0.8 } else { 0.9 };
            let what = format!("f32 fast ÷ qsim, {place}");
            all.least(
                format!("{what}, geometric mean"),
                Unit::Ratio,
                (Some(bar), Some(0.4)),
                geometric_mean(&f32s),
            );
            all.least(format!("{what}, largest"), Unit::Ratio, (Some(1.0), None), largest(&f32s));
        }
        // Aer's own time begins after its circuit is built, as that of the engine does.
        for (label, what) in [(row::F64_ENGINE, "f64, plan and run"), (row::F64, "f64")] {
            let aer: Vec<f64> = run
                .sizes()
                .into_iter()
                .flat_map(|n| {
                    over(run, n, |f| {
                        let aer = run.seconds(n, f, row::AER, threads)?;
                        Some(run.seconds(n, f, label, threads)? / aer)
                    })
                })
                .collect();
            all.least(
                format!(
                    "{what} ÷ Aer at its defaults, all sizes, {}, largest",
                    threads_word(threads)
                ),
                Unit::Ratio,
                (Some(0.2), Some(0.05)),
                largest(&aer),
            );
        }
    }
}

fn browser(all: &mut Figures, run: Run) {
    for (n, bar, goal) in [(24, Some(1.0), Some(0.5)), (20, None, Some(1.0))] {
        let ratios = over(run, n, |f| {
            DENSE.contains(&f).then_some(())?;
            Some(run.seconds(n, f, row::TAB_F64, 1)? / run.best_f64(n, f, 1)?.1)
        });
        all.least(
            format!("Chromium f64 ÷ best native f64 peer, {n} qubits, 1 thread, qft qv hea qaoa, largest"),
            Unit::Ratio,
            (bar, goal),
            largest(&ratios),
        );
    }
    let ratios = over(run, 24, |f| {
        DENSE.contains(&f).then_some(())?;
        Some(run.seconds(24, f, row::TAB_F32, 2)? / run.seconds(24, f, row::QSIM, 2)?)
    });
    let what = "Chromium f32 fast ÷ native qsim, 24 qubits, 2 threads, qft qv hea qaoa";
    all.least(
        format!("{what}, geometric mean"),
        Unit::Ratio,
        (Some(1.6), Some(1.0)),
        geometric_mean(&ratios),
    );
    all.least(format!("{what}, largest"), Unit::Ratio, (Some(2.2), None), largest(&ratios));
    for (tab, ours, bar) in [(row::TAB_F64, row::F64, 2.2), (row::TAB_F32, row::F32, 3.0)] {
        // Shorter runs are mostly the clock's steps.
        let sizes = run.sizes().into_iter().filter(|&n| n >= 16);
        let ratios: Vec<f64> = sizes
            .flat_map(|n| run.threads().into_iter().map(move |t| (n, t)))
            .flat_map(|(n, t)| {
                over(run, n, |f| Some(run.seconds(n, f, tab, t)? / run.seconds(n, f, ours, t)?))
            })
            .collect();
        all.least(
            format!("{tab} ÷ our native, from 16 qubits on, largest"),
            Unit::Ratio,
            (Some(bar), Some(1.5)),
            largest(&ratios),
        );
    }
}

fn scaling(all: &mut Figures, run: Run) {
    for label in [row::F64, row::F32, row::TAB_F64, row::TAB_F32] {
        for (families, bar, goal) in
            [(["hea", "qv"], Some(1.6), Some(1.85)), (["qaoa", "qft"], None, Some(1.85))]
        {
            let ratios: Vec<f64> = run
                .sizes()
                .into_iter()
                .filter(|&n| n >= 20)
                .flat_map(|n| {
                    over(run, n, |f| {
                        families.contains(&f).then_some(())?;
                        Some(run.seconds(n, f, label, 1)? / run.seconds(n, f, label, 2)?)
                    })
                })
                .collect();
            all.add(
                format!(
                    "{label}: 1 thread ÷ 2 threads, {}, from 20 qubits on, least",
                    families.join(" ")
                ),
                Unit::Ratio,
                (bar, goal),
                ratios.iter().copied().min_by(f64::total_cmp),
                true,
            );
        }
    }
}

fn small(all: &mut Figures, run: Run) {
    let ratios = over(run, 10, |f| {
        (run.gates(10, f) > 300).then_some(())?;
        Some(run.seconds(10, f, row::F64_ENGINE, 1)? / run.seconds(10, f, row::LIGHTNING, 1)?)
    });
    all.least(
        "f64, plan and run ÷ Lightning's kernels, 10 qubits, above 300 gates, largest",
        Unit::Ratio,
        (Some(1.0), Some(0.5)),
        largest(&ratios),
    );
    let whole = |label| run.extra("fixed", label, 1)["median"].as_f64();
    all.least(
        "f64, fixed cost of a whole run, 10 qubits",
        Unit::Seconds,
        (Some(50e-6), None),
        whole(row::F64),
    );
    for threads in run.threads() {
        let screen = |task| run.extra(task, row::TAB_F64, threads)["round_trip"].as_f64();
        let place =
            format!("in the tab with all qubits' states, message to answer, threads: {threads}");
        for (task, what, bar, goal) in [
            ("screen12", "500 gates, 12 qubits", 4e-3, 2e-3),
            ("screen16", "500 gates, 16 qubits", 50e-3, 25e-3),
            ("screen20", "qft, 20 qubits", 150e-3, 80e-3),
        ] {
            all.least(
                format!("{what}, {place}"),
                Unit::Seconds,
                (Some(bar), Some(goal)),
                screen(task),
            );
        }
        all.add(
            format!("points of a sweep, 500 gates, 12 qubits, {place}"),
            Unit::PerSecond,
            (None, Some(2000.0)),
            screen("screen12").map(|seconds| 1.0 / seconds),
            true,
        );
    }
}

fn beyond(all: &mut Figures, run: Run) {
    // Set as times when Qulacs took these; only the ratio counts.
    for (task, what, peer) in [
        ("shots", "1,000,000 shots, 20 qubits", 0.32),
        ("pauli", "20 Pauli strings, 20 qubits", 0.152),
    ] {
        let goal = if task == "shots" { 0.012 } else { 0.010 };
        for threads in run.threads() {
            for (label, bar) in [(row::F64, 0.025), (row::TAB_F64, 0.040)] {
                let measured = run.extra(task, label, threads)["median"].as_f64();
                let theirs = run.extra(task, row::QULACS, threads)["median"].as_f64();
                all.least(
                    format!("{what}, {label} ÷ Qulacs, threads: {threads}"),
                    Unit::Ratio,
                    (Some(bar / peer), Some(goal / peer)),
                    measured.zip(theirs).map(|(ours, theirs)| ours / theirs),
                );
            }
        }
    }
    for n in [25, 26] {
        let worst = run.threads().into_iter().filter_map(|t| growth(run, n, row::F64, t));
        all.least(
            format!("one H on each of {n} qubits ÷ {} × 24 qubits, slowest", 1 << (n - 24)),
            Unit::Ratio,
            (None, Some(1.15)),
            worst.max_by(f64::total_cmp),
        );
    }
    for label in [row::F64, row::F32] {
        let memory = run.extra("memory", label, 1);
        let allowed = memory["state"].as_f64().map(|state| state * 0.05 + f64::from(64 << 20));
        all.least(
            format!("{label}: memory beyond the state, hea, 24 qubits"),
            Unit::Bytes,
            (allowed, None),
            memory["beyond"].as_f64(),
        );
    }
}

/// Seconds of one H on each qubit.
pub fn of_qubits(run: Run, n: usize, label: &str, threads: u32) -> Option<Vec<f64>> {
    let times = run.extra(&format!("qubits{n}"), label, threads)["qubits"].as_array()?;
    let times: Vec<f64> = times.iter().filter_map(serde_json::Value::as_f64).collect();
    (times.len() == n).then_some(times)
}

/// The largest ratio of the time for a qubit of `n` to what the median at 24 qubits foretells.
pub fn growth(run: Run, n: usize, label: &str, threads: u32) -> Option<f64> {
    if n <= 24 {
        return None;
    }
    let mut before = of_qubits(run, 24, label, threads)?;
    before.sort_by(f64::total_cmp);
    let foretold = before[before.len() / 2] * f64::from(1_u32 << (n - 24));
    largest(&of_qubits(run, n, label, threads)?).map(|slowest| slowest / foretold)
}

fn largest(numbers: &[f64]) -> Option<f64> {
    numbers.iter().copied().max_by(f64::total_cmp)
}

pub fn geometric_mean(numbers: &[f64]) -> Option<f64> {
    let logs: f64 = numbers.iter().map(|x| x.ln()).sum();
    (!numbers.is_empty()).then(|| (logs / numbers.len() as f64).exp())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_mean_of_ratios_is_geometric() {
        assert!((geometric_mean(&[0.25, 4.0]).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(geometric_mean(&[]), None);
    }

    #[test]
    fn a_figure_is_compared_with_its_bar_and_its_goal() {
        let mut circuit = json!({ "gates": 1, "runs": {} });
        for (label, seconds) in [(row::F64, 0.3), (row::LIGHTNING, 1.0), (row::QULACS, 2.0)] {
            circuit["runs"][row::id(label, 1)] = json!({ "median": seconds });
        }
        let record = json!({ "threads": [1], "circuits": { "24": { "ghz": circuit } } });
        let found = figures(Run(&record));
        let figure = |part: &str| found.iter().find(|f| f.what.contains(part)).unwrap();
        let mean = figure("geometric mean");
        assert_eq!((mean.measured_text().as_str(), mean.verdict()), ("0.30 ×", "bar"));
        assert_eq!(mean.bar_text(), "≤ 0.35 ×");
        assert_eq!(figure("largest").verdict(), "bar");
    }
}
