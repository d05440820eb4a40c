//! Tables of a kept run.

use std::fmt::Write as _;

use serde_json::Value;

use super::circuits::FAMILIES;
use super::figures::{self, Figure};
use super::machine::QUIET_LOAD;
use super::row::{self, ROWS};

/// `section` in place of what lies between the markers of `writer` in `old`; at the end where there are none.
pub fn replace(old: &str, section: &str, writer: &str) -> String {
    let begin = format!("<!-- {writer} writes from here -->");
    let end = "<!-- to here -->";
    let section = format!("{begin}\n\n{}\n\n{end}", section.trim());
    let from = old.find(&begin);
    let between = from.and_then(|from| Some((from, from + old[from..].find(end)?)));
    match between {
        Some((from, to)) => format!("{}{section}{}", &old[..from], &old[to + end.len()..]),
        None if old.trim().is_empty() => section + "\n",
        None => format!("{}\n\n{section}\n", old.trim_end()),
    }
}

/// Three digits and a unit.
pub fn time(seconds: f64) -> String {
    let (value, unit) = match seconds {
        s if s < 1e-3 => (s * 1e6, "µs"),
        s if s < 1.0 => (s * 1e3, "ms"),
        s => (s, "s"),
    };
    format!("{} {unit}", digits(value))
}

/// Three significant digits, no exponent.
pub fn digits(value: f64) -> String {
    match value.abs() {
        v if v >= 99.95 => format!("{value:.0}"),
        v if v >= 9.995 => format!("{value:.1}"),
        v if v >= 0.0995 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

pub fn ratio(value: f64) -> String {
    format!("{} ×", digits(value))
}

/// The first words of a message, as they can stand in a table.
fn cell(message: &str) -> String {
    message.chars().take(60).map(|c| if c.is_control() || c == '|' { ' ' } else { c }).collect()
}

/// A kept run, to be asked.
#[derive(Clone, Copy)]
pub struct Run<'a>(pub &'a Value);

impl<'a> Run<'a> {
    /// Median seconds of a whole circuit.
    pub fn seconds(self, n: usize, family: &str, label: &str, threads: u32) -> Option<f64> {
        self.circuit(n, family, label, threads)["median"].as_f64()
    }

    fn circuit(self, n: usize, family: &str, label: &str, threads: u32) -> &'a Value {
        &self.0["circuits"][n.to_string()][family]["runs"][row::id(label, threads)]
    }

    pub fn gates(self, n: usize, family: &str) -> u64 {
        self.0["circuits"][n.to_string()][family]["gates"].as_u64().unwrap_or(0)
    }

    /// A figure beside whole circuits.
    pub fn extra(self, task: &str, label: &str, threads: u32) -> &'a Value {
        &self.0["extras"][task][row::id(label, threads)]
    }

    pub fn sizes(self) -> Vec<usize> {
        let mut sizes: Vec<usize> = self.0["circuits"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(n, _)| n.parse().ok())
            .collect();
        sizes.sort_unstable();
        sizes
    }

    /// Families measured with `n` qubits, in their usual order.
    pub fn families(self, n: usize) -> Vec<&'static str> {
        let measured = &self.0["circuits"][n.to_string()];
        FAMILIES.iter().map(|f| f.name).filter(|name| measured.get(name).is_some()).collect()
    }

    pub fn threads(self) -> Vec<u32> {
        let threads = self.0["threads"].as_array().into_iter().flatten();
        threads.filter_map(|t| u32::try_from(t.as_u64()?).ok()).collect()
    }

    /// The fastest other simulator in double precision. Those that have one thread only compete with it
    /// whatever the others have.
    pub fn best_f64(self, n: usize, family: &str, threads: u32) -> Option<(&'static str, f64)> {
        ROWS.iter()
            .filter(|row| row.is_peer() && row.precision == "f64")
            .filter_map(|row| {
                let threads = threads.min(row.most_threads);
                Some((row.label, self.seconds(n, family, row.label, threads)?))
            })
            .min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

/// The report.
pub fn markdown(record: &Value) -> String {
    let run = Run(record);
    let mut out = String::new();
    header(&mut out, run);
    figure_table(&mut out, &figures::figures(run));
    for n in run.sizes() {
        for threads in run.threads() {
            size_table(&mut out, run, n, threads);
        }
    }
    scaling(&mut out, run);
    extras(&mut out, run);
    // An empty line between two blocks, and no more.
    while out.contains("\n\n\n") {
        out = out.replace("\n\n\n", "\n\n");
    }
    out
}

fn header(out: &mut String, run: Run) {
    let record = run.0;
    let machine = &record["machine"];
    let text = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    let list = |value: &Value| {
        let words = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        words.collect::<Vec<_>>().join(", ")
    };
    let load = record["load_before"].as_array().into_iter().flatten().filter_map(Value::as_f64);
    let load: Vec<f64> = load.collect();
    let others = record["others"].as_f64();
    let changed = if machine["changed"] == true { ", with changes" } else { "" };
    let mut line = |key: &str, value: &str| {
        writeln!(out, "| {key} | {value} |").expect("a String takes it");
    };
    line(
        "Run",
        &format!("{}, commit {}{changed}", text(&machine["date"]), text(&machine["commit"])),
    );
    line("---", "---");
    line("Command", &format!("`{}`", text(&record["command"])));
    line(
        "Machine",
        &format!(
            "{}, {} cores, {}, {}, {} GiB, {}",
            text(&machine["processor"]),
            machine["cores"],
            list(&machine["simd"]),
            list(&machine["cache"]),
            digits(machine["memory_gib"].as_f64().unwrap_or(0.0)),
            text(&machine["system"]),
        ),
    );
    let mut versions = vec![text(&machine["rustc"])];
    versions.extend(record["versions"].as_object().into_iter().flatten().map(|(name, version)| {
        match name.as_str() {
            row::OURS => format!("Ketlab on a {}", text(version)),
            _ => text(version),
        }
    }));
    line("Versions", &versions.join(" · "));
    line(
        "Rounds",
        &format!("{}, and {} from 23 qubits on", record["rounds"], record["large_rounds"]),
    );
    let averages: Vec<String> = load.iter().map(|load| format!("{load:.2}")).collect();
    let others = others.map_or_else(String::new, |share| {
        format!("; other programs used {:.1} % of the processors during the run", share * 100.0)
    });
    line("Load before", &format!("{}{others}", averages.join(", ")));
    for (name, reason) in record["absent"].as_object().into_iter().flatten() {
        line("Left out", &format!("{name}: {}", text(reason)));
    }
    let wrong = list(&record["disagreements"]);
    let agreed = if wrong.is_empty() {
        "P(1) of each qubit and Σp² of every family at 10 qubits: all within 1e-9 (f64) and 5e-5 (f32) of ours".to_owned()
    } else {
        format!("**wrong: {wrong}**")
    };
    if run.sizes().contains(&super::CHECKED_QUBITS) {
        line("Same results", &agreed);
    }
    let loud = load.first().is_some_and(|&load| load > QUIET_LOAD);
    if loud || record["others"].as_f64().is_some_and(|share| share > 0.05) {
        out.push_str("\n**Taken on a busy machine: no figure of this run is to be quoted.**\n");
    }
}

fn figure_table(out: &mut String, figures: &[Figure]) {
    if figures.is_empty() {
        return;
    }
    out.push_str(
        "\n### Figures to reach\n\n| What | Bar | Goal | Measured | |\n|---|---:|---:|---:|---|\n",
    );
    for figure in figures {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            figure.what,
            figure.bar_text(),
            figure.goal_text(),
            figure.measured_text(),
            figure.verdict()
        )
        .expect("a String takes it");
    }
}

/// One size and number of threads: times, and what they are in terms of the others'.
fn size_table(out: &mut String, run: Run, n: usize, threads: u32) {
    let families = run.families(n);
    let rows: Vec<(&str, u32)> = ROWS
        .iter()
        .map(|row| (row.label, threads.min(row.most_threads)))
        .filter(|&(label, threads)| {
            families.iter().any(|family| !run.circuit(n, family, label, threads).is_null())
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let word = if threads == 1 { "thread" } else { "threads" };
    write!(out, "\n### {n} qubits, {threads} {word}\n\n| Median (least) |")
        .expect("a String takes it");
    for family in &families {
        write!(out, " {family} |").expect("a String takes it");
    }
    writeln!(out, "\n|---|{}", "---:|".repeat(families.len())).expect("a String takes it");
    writeln!(
        out,
        "| *gates* |{}",
        families.iter().map(|f| format!(" *{}* |", run.gates(n, f))).collect::<Vec<_>>().concat()
    )
    .expect("a String takes it");
    for &(label, with) in &rows {
        let cells: String = families
            .iter()
            .map(|family| {
                let found = run.circuit(n, family, label, with);
                match (found["median"].as_f64(), found["least"].as_f64(), found["error"].as_str()) {
                    (Some(median), Some(least), _) => {
                        format!(" {} ({}) |", time(median), time(least))
                    }
                    (_, _, Some(error)) => format!(" {} |", cell(error)),
                    _ => " |".to_owned(),
                }
            })
            .collect();
        let note = if with == threads { String::new() } else { format!(" ({with} thread)") };
        writeln!(out, "| {label}{note} |{cells}").expect("a String takes it");
    }
    for comparison in comparisons(threads) {
        let cells: Vec<Option<(f64, &str)>> =
            families.iter().map(|family| (comparison.of)(run, n, family)).collect();
        if cells.iter().all(Option::is_none) {
            continue;
        }
        let numbers: Vec<f64> = cells.iter().flatten().map(|(value, _)| *value).collect();
        let cells: String = cells
            .iter()
            .map(|cell| match cell {
                Some((value, "")) => format!(" **{}** |", ratio(*value)),
                Some((value, against)) => format!(" **{}** {against} |", ratio(*value)),
                None => " |".to_owned(),
            })
            .collect();
        let mean = figures::geometric_mean(&numbers).map_or_else(String::new, ratio);
        writeln!(out, "| **{}**; geometric mean {mean} |{cells}", comparison.what)
            .expect("a String takes it");
    }
}

struct Comparison {
    what: String,
    of: Ratio,
}

/// Of a run, a size and a family: the ratio, and what it is to.
type Ratio = Box<dyn Fn(Run, usize, &str) -> Option<(f64, &'static str)>>;

/// Times of ours in terms of others', with what they are compared with where that differs.
fn comparisons(threads: u32) -> Vec<Comparison> {
    let against_best = |label: &'static str| Comparison {
        what: format!("{label} ÷ best f64 peer"),
        of: Box::new(move |run, n, family| {
            let (name, best) = run.best_f64(n, family, threads)?;
            Some((run.seconds(n, family, label, threads)? / best, name))
        }),
    };
    let against = |label: &'static str, other: &'static str| Comparison {
        what: format!("{label} ÷ {other}"),
        of: Box::new(move |run, n, family| {
            let other = run.seconds(n, family, other, threads)?;
            Some((run.seconds(n, family, label, threads)? / other, ""))
        }),
    };
    vec![
        against_best(row::F64),
        against_best(row::F64_ENGINE),
        against(row::F64, row::AER),
        against(row::F32, row::QSIM),
        against(row::F32_ENGINE, row::QSIM),
        against_best(row::TAB_F64),
        against(row::TAB_F64, row::F64),
        against(row::TAB_F32, row::QSIM),
        against(row::TAB_F32, row::F32),
    ]
}

/// How much faster two threads are than one.
fn scaling(out: &mut String, run: Run) {
    if ![1, 2].iter().all(|t| run.threads().contains(t)) {
        return;
    }
    let families: Vec<&str> = FAMILIES.iter().map(|f| f.name).collect();
    let mut lines = String::new();
    for n in run.sizes().into_iter().filter(|&n| n >= 16) {
        for row in ROWS.iter().filter(|row| row.most_threads > 1) {
            let cells: Vec<Option<f64>> = families
                .iter()
                .map(|f| Some(run.seconds(n, f, row.label, 1)? / run.seconds(n, f, row.label, 2)?))
                .collect();
            if cells.iter().all(Option::is_none) {
                continue;
            }
            let cells: String = cells
                .into_iter()
                .map(|cell| cell.map_or(" |".to_owned(), |value| format!(" {} |", digits(value))))
                .collect();
            writeln!(lines, "| {n} | {} |{cells}", row.label).expect("a String takes it");
        }
    }
    if !lines.is_empty() {
        writeln!(
            out,
            "\n### One thread ÷ two threads\n\n| Qubits | | {} |\n|---:|---|{}\n{lines}",
            families.join(" | "),
            "---:|".repeat(families.len())
        )
        .expect("a String takes it");
    }
}

const EXTRAS: [(&str, &str); 8] = [
    ("shots", "1,000,000 shots at 20 qubits (qaoa), beyond the state"),
    ("pauli", "20 Pauli strings at 20 qubits (qaoa), beyond the state"),
    ("fixed", "One H on one of 10 qubits: what does not depend on the circuit"),
    ("screen12", "500 gates at 12 qubits and all qubits' states, message to answer"),
    ("screen16", "500 gates at 16 qubits and all qubits' states, message to answer"),
    ("screen20", "qft at 20 qubits and all qubits' states, message to answer"),
    ("largest_f64", "RY on all of 27 qubits and a chain of CX, f64"),
    ("largest_f32", "RY on all of 28 qubits and a chain of CX, f32"),
];

fn extras(out: &mut String, run: Run) {
    let threads = run.threads();
    let ids: Vec<(&str, u32)> =
        ROWS.iter().flat_map(|row| threads.iter().map(|&t| (row.label, t))).collect();
    for (key, title) in EXTRAS {
        let table = &run.0["extras"][key];
        let mut lines = String::new();
        for &(label, threads) in &ids {
            let found = run.extra(key, label, threads);
            let median = found["round_trip"].as_f64().filter(|_| key.starts_with("screen"));
            let least = found["least_round_trip"].as_f64().filter(|_| median.is_some());
            let median = median.or(found["median"].as_f64());
            let least = least.or(found["least"].as_f64());
            let text = match (median.zip(least), found["error"].as_str()) {
                (Some((median, least)), _) => format!("{} | {}", time(median), time(least)),
                (None, Some(error)) => format!("{} |", cell(error)),
                (None, None) => continue,
            };
            let value = found["value"].as_f64().map_or_else(String::new, |v| format!("{v:.12}"));
            writeln!(lines, "| {label} | {threads} | {text} | {value} |")
                .expect("a String takes it");
        }
        if table.is_object() && !lines.is_empty() {
            let value = if key == "pauli" { "Value" } else { "" };
            writeln!(
                out,
                "\n### {title}\n\n| | Threads | Median | Least | {value} |\n|---|---:|---:|---:|---:|\n{lines}"
            )
            .expect("a String takes it");
        }
    }
    qubits(out, run, &ids);
    let mut lines = String::new();
    for &(label, threads) in &ids {
        let found = run.extra("memory", label, threads);
        if let Some((state, beyond)) = found["state"].as_f64().zip(found["beyond"].as_f64()) {
            let mib = f64::from(1 << 20);
            let (state, beyond) = (digits(state / mib), digits(beyond / mib));
            writeln!(lines, "| {label} | {threads} | {state} MiB | {beyond} MiB |")
                .expect("a String takes it");
        }
    }
    if !lines.is_empty() {
        writeln!(
            out,
            "\n### Most memory during hea at 24 qubits\n\n| | Threads | State | Beyond it |\n|---|---:|---:|---:|\n{lines}"
        )
        .expect("a String takes it");
    }
}

/// One H on each qubit.
fn qubits(out: &mut String, run: Run, ids: &[(&str, u32)]) {
    let mut lines = String::new();
    for n in 24..=26 {
        for &(label, threads) in ids {
            let Some(times) = figures::of_qubits(run, n, label, threads) else { continue };
            let mut sorted = times.clone();
            sorted.sort_by(f64::total_cmp);
            let (top, slowest) = (times[times.len() - 1], sorted[sorted.len() - 1]);
            let worst = figures::growth(run, n, label, threads);
            writeln!(
                lines,
                "| {n} | {label} | {threads} | {} | {} | {} | {} |",
                time(sorted[sorted.len() / 2]),
                time(slowest),
                time(top),
                worst.map_or_else(String::new, ratio)
            )
            .expect("a String takes it");
        }
    }
    if !lines.is_empty() {
        writeln!(
            out,
            "\n### One H on each qubit\n\nThe last column is the largest ratio, over the qubits, to 2 (25 qubits) or 4 (26) times the \
             median at 24.\n\n| Qubits | | Threads | Median | Slowest | Top qubit | Growth |\n|---:|---|---:|---:|---:|---:|---:|\n{lines}"
        )
        .expect("a String takes it");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_section_between_the_markers_is_replaced() {
        let first = replace("# Speed\n\nWords.\n", "one", "x");
        assert_eq!(
            first,
            format!(
                "# Speed\n\nWords.\n\n<!-- x writes from here -->\n\none\n\n<!-- to here -->\n"
            )
        );
        let second = replace(&(first + "\nMore.\n"), "two", "x");
        assert_eq!(
            second,
            format!(
                "# Speed\n\nWords.\n\n<!-- x writes from here -->\n\ntwo\n\n<!-- to here -->\n\nMore.\n"
            )
        );
    }

    #[test]
    fn times_have_three_digits() {
        let check = |seconds, expected: &str| assert_eq!(time(seconds), expected);
        check(5.2e-6, "5.20 µs");
        check(0.0123, "12.3 ms");
        check(0.4567, "457 ms");
        check(12.34, "12.3 s");
    }

    #[test]
    fn a_run_without_peers_has_a_report() {
        let mut runs = json!({});
        runs[row::id(row::F64, 1)] = json!({ "median": 0.01, "least": 0.009 });
        let record = json!({
            "threads": [1], "load_before": [0.1], "machine": {}, "circuits": { "20": { "qft": { "gates": 240, "runs": runs } } },
        });
        let text = markdown(&record);
        assert!(text.contains("| Ketlab f64 | 10.0 ms (9.00 ms) |"), "{text}");
        assert!(!text.contains("busy machine"), "{text}");
    }
}
