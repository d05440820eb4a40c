//! `bench`: whole circuits on this simulator and on others, in turn, in the same run.
//!
//! Each simulator and number of threads is a process of its own that waits while others are asked
//! (`tests/bench/`). For each circuit all of them are visited `--rounds` times, one at a time and from another one
//! on in each round, so that whatever else the machine does hits all alike. Results are kept as JSON; [`report`]
//! makes tables of them. docs/performance.md says what is part of a time and what is not.

mod circuits;
mod figures;
mod machine;
mod methods;
mod options;
mod report;
mod row;
mod venv;
mod waits;
mod worker;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::cache::Target;
use crate::process::run as run_to_end;
use crate::{at, npm, say, serve, test};
use circuits::FAMILIES;
use machine::Ticks;
use options::{Mode, Options};
use row::{ROWS, Row};
use worker::Worker;

/// Where results are kept, whatever else is written.
const KEPT: &str = "dist/bench.json";

/// Size at which all simulators are seen to compute the same.
const CHECKED_QUBITS: usize = 10;

/// From here on, `--large-rounds` counts.
const LARGE_QUBITS: usize = 23;

/// Seconds for which one request repeats a short run.
const BUDGET: f64 = 0.15;

pub const HELP: &str = "\
cargo xtask bench page [--out FILE]     what a person waits for in the page, from the release binary
cargo xtask bench methods [--peers DIR,DIR] [--browser] [--threads LIST] [--out FILE]
                                        noise, gradients and Clifford circuits, against the best at them
cargo xtask bench [OPTIONS]             whole circuits, against other simulators

  --peers DIR          virtual environment with the other simulators
  --make-peers DIR     make it, from the Python package index, and end
  --browser            the worker in Chromium too
  --quick              a part that is over in a quarter of an hour: 20 and 24 qubits, four families, three
                       rounds (two from 23 qubits on), shots, sums and fixed costs, no single gates
  --sizes LIST         qubits, families of one size after a colon [10,16,20,24,26:qft+hea]
  --families LIST      [ghz,qft,qv,hea,adder,grover,qaoa,clift]
  --threads LIST       [1,2]
  --rounds N           visits to each simulator [5], --large-rounds N from 23 qubits on [2]
  --skip LIST          rows that are left out, by a part of their names
  --timeout SECONDS    for one visit [300]; then the row's larger circuits of the family are left out
  --circuits-only      no shots, sums, single gates
  --out FILE           write the report there: between its markers, if it has them
  --render FILE        make the report from a kept run (dist/bench.json) and measure nothing
";

/// Runs the command.
pub fn run(args: &[String]) -> Result<()> {
    if args.first().is_some_and(|arg| arg == "page") {
        return waits::run(&args[1..]);
    }
    if args.first().is_some_and(|arg| arg == "methods") {
        return methods::run(&args[1..]);
    }
    let options = match Options::read(args)? {
        Mode::Help => {
            print!("{HELP}");
            return Ok(());
        }
        Mode::MakePeers(folder) => return venv::make(&folder),
        Mode::Render(from, out) => {
            let text = fs::read_to_string(&from)
                .with_context(|| format!("cannot read {}", from.display()))?;
            return publish(&serde_json::from_str(&text)?, out.as_deref());
        }
        Mode::Measure(options) => options,
    };
    let record = Bench::new(options)?.measure()?;
    publish(&record.value, record.out.as_deref())?;
    if !record.wrong.is_empty() {
        bail!("simulators disagree:\n  {}", record.wrong.join("\n  "));
    }
    Ok(())
}

fn publish(record: &Value, out: Option<&Path>) -> Result<()> {
    let section = report::markdown(record);
    write(&section, "cargo xtask bench", out)
}

/// Prints a section, and puts it between the markers of `writer` in a file.
fn write(section: &str, writer: &str, out: Option<&Path>) -> Result<()> {
    println!("{section}");
    let Some(out) = out else { return Ok(()) };
    let old = fs::read_to_string(out).unwrap_or_default();
    fs::write(out, report::replace(&old, section, writer))
        .with_context(|| format!("cannot write {}", out.display()))?;
    say(format_args!("wrote {}", out.display()));
    Ok(())
}

struct Outcome {
    value: Value,
    out: Option<PathBuf>,
    wrong: Vec<String>,
}

/// A row and a number of threads: one column of figures.
#[derive(Clone)]
struct Entry {
    row: &'static Row,
    threads: u32,
    /// Index into the workers.
    worker: usize,
}

impl Entry {
    fn id(&self) -> String {
        row::id(self.row.label, self.threads)
    }

    fn request(&self, more: &Value) -> Value {
        let mut request = self.row.request();
        for (key, value) in more.as_object().expect("an object") {
            request[key] = value.clone();
        }
        request
    }
}

struct Bench {
    options: Options,
    workers: Vec<Worker>,
    entries: Vec<Entry>,
    folder: PathBuf,
}

impl Bench {
    fn new(options: Options) -> Result<Self> {
        let timer = build_timer()?;
        let python = if let Some(folder) = &options.peers {
            Some(venv::python(folder)?)
        } else {
            say(
                "no other simulators: `cargo xtask bench --make-peers DIR` installs them, --peers DIR uses them",
            );
            None
        };
        let browser = if options.browser {
            crate::worker::build(|| Ok(None))?;
            npm::install("tests/e2e", "packages of the browser journeys")?;
            Some(test::chromium()?)
        } else {
            None
        };
        let mut workers: Vec<Worker> = Vec::new();
        let mut entries = Vec::new();
        for &threads in &options.threads {
            for row in &ROWS {
                let skipped = options.skip.iter().any(|part| row.label.contains(part.as_str()));
                // What has one thread only runs with that, whatever the others have.
                let threads = threads.min(row.most_threads);
                let known =
                    |e: &Entry| e.threads == threads && std::ptr::eq(e.row.label, row.label);
                if skipped || entries.iter().any(known) {
                    continue;
                }
                let program = match row.program {
                    row::OURS => Some(timer.clone()),
                    row::BROWSER => browser.clone(),
                    _ => python.clone(),
                };
                let Some(program) = program else { continue };
                let name = format!("{} {threads}", row.program);
                let worker = workers.iter().position(|w| w.name == name).unwrap_or_else(|| {
                    workers.push(worker(name, row.program, threads, program));
                    workers.len() - 1
                });
                entries.push(Entry { row, threads, worker });
            }
        }
        let folder = crate::cache::folder()?.join("bench");
        fs::create_dir_all(&folder)?;
        Ok(Self { options, workers, entries, folder })
    }

    fn measure(mut self) -> Result<Outcome> {
        let load = machine::quiet();
        let before = Ticks::now();
        let mut record = json!({
            "command": self.options.line,
            "machine": machine::describe(),
            "load_before": load,
            "rounds": self.options.rounds,
            "large_rounds": self.options.large_rounds,
            "threads": self.options.threads,
            "circuits": {},
            "extras": {},
        });
        let mut wrong = Vec::new();
        // Row and family that ran out of time once.
        let mut given_up = Vec::new();
        for (n, families) in self.options.sizes.clone() {
            for family in families {
                let runs = self.circuit(n, &family, &mut given_up)?;
                if n == CHECKED_QUBITS {
                    wrong.extend(disagreements(&family, &runs["runs"]));
                }
                record["circuits"][n.to_string()][&family] = runs;
            }
            self.keep(&mut record, &wrong, before)?;
        }
        if !self.options.circuits_only {
            self.extras(&mut record["extras"])?;
            wrong.extend(other_values("20 Pauli strings", &record["extras"]["pauli"]));
        }
        self.keep(&mut record, &wrong, before)?;
        Ok(Outcome { value: record, out: self.options.out.clone(), wrong })
    }

    /// Writes what is known so far: a long run that is broken off has not been for nothing.
    fn keep(&self, record: &mut Value, wrong: &[String], before: Option<Ticks>) -> Result<()> {
        let others = before.zip(Ticks::now()).map(|(from, to)| to.others_since(from));
        let of_workers = |of: fn(&Worker) -> Option<(&str, &str)>| {
            self.workers.iter().filter_map(of).collect::<BTreeMap<&str, &str>>()
        };
        record["others"] = json!(others);
        record["disagreements"] = json!(wrong);
        record["versions"] =
            json!(of_workers(|w| Some((w.name.split(' ').next()?, w.version.as_deref()?))));
        record["absent"] = json!(of_workers(|w| Some((&w.name, w.absent.as_deref()?))));
        fs::create_dir_all(at("dist"))?;
        fs::write(at(KEPT), serde_json::to_string_pretty(record)? + "\n")
            .with_context(|| format!("cannot write {KEPT}"))
    }

    /// One circuit on everything: `{"gates": …, "runs": {id: {"median", "least", …}}}`.
    fn circuit(
        &mut self,
        n: usize,
        family: &str,
        given_up: &mut Vec<(String, String)>,
    ) -> Result<Value> {
        let known = FAMILIES.iter().find(|f| f.name == family).expect("options are checked");
        let (text, gates) = known.circuit(n);
        let path = self.file(&format!("{family}_n{n:02}.qasm"), &text)?;
        let rounds = if n < LARGE_QUBITS { self.options.rounds } else { self.options.large_rounds };
        let more = json!({
            "task": "circuit",
            "path": path,
            "budget": BUDGET,
            "most": 100,
            "check": n == CHECKED_QUBITS,
            "fresh": n >= LARGE_QUBITS,
        });
        let runs = self.visit(rounds, &more, |entry| {
            !given_up.iter().any(|(id, f)| *id == entry.id() && f == family)
        });
        for (id, run) in runs.as_object().expect("an object") {
            if run.get("error").is_some() {
                given_up.push((id.clone(), family.to_owned()));
            }
        }
        print_runs(&format!("{family}, {n} qubits, {gates} gates"), &runs);
        Ok(json!({ "gates": gates, "runs": runs }))
    }

    /// Asks every entry that `wanted` takes, `rounds` times in turn.
    fn visit(&mut self, rounds: usize, more: &Value, wanted: impl Fn(&Entry) -> bool) -> Value {
        let mut answers: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let entries: Vec<Entry> = self.entries.iter().filter(|e| wanted(e)).cloned().collect();
        let mut failed = Vec::new();
        for round in 0..rounds {
            for i in 0..entries.len() {
                let entry = &entries[(i + round) % entries.len()];
                if failed.contains(&entry.id()) {
                    continue;
                }
                let request = entry.request(more);
                if more["restart"] == true {
                    self.workers[entry.worker].stop();
                }
                let answer = self.workers[entry.worker].ask(&request, self.options.timeout);
                if answer.get("error").is_some() {
                    failed.push(entry.id());
                }
                answers.entry(entry.id()).or_default().push(answer);
            }
        }
        answers.into_iter().map(|(id, answers)| (id, digest(&answers))).collect()
    }

    fn file(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }

    /// Everything that is not a whole circuit of a family.
    fn extras(&mut self, extras: &mut Value) -> Result<()> {
        let rounds = self.options.rounds.min(3);
        let family = |name: &str, n| {
            FAMILIES.iter().find(|f| f.name == name).expect("a family").circuit(n).0
        };
        let qaoa = self.file("qaoa_n20.qasm", &family("qaoa", 20))?;
        let more =
            json!({ "task": "shots", "path": qaoa, "shots": 1_000_000, "budget": 1.0, "most": 5 });
        extras["shots"] = self.visit(rounds, &more, |e| e.row.tasks.contains(&"shots"));
        print_runs("1,000,000 shots, 20 qubits", &extras["shots"]);

        let sum = circuits::pauli_sum(20, 20);
        let terms: Vec<Value> = sum
            .iter()
            .map(|(weight, factors)| {
                let factors: Vec<Value> =
                    factors.iter().map(|(q, letter)| json!([q, letter.to_string()])).collect();
                json!([weight, factors])
            })
            .collect();
        let more = json!({
            "task": "pauli", "path": qaoa, "terms": terms, "sum": sum_text(&sum, 20), "n": 20,
            "budget": 1.0, "most": 5,
        });
        extras["pauli"] = self.visit(rounds, &more, |e| e.row.tasks.contains(&"pauli"));
        print_runs("20 Pauli strings, 20 qubits", &extras["pauli"]);

        let one = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[10];\nh q[0];\n";
        let one = self.file("one_n10.qasm", one)?;
        let more = json!({ "task": "circuit", "path": one, "budget": BUDGET, "most": 100 });
        extras["fixed"] = self.visit(rounds, &more, |_| true);
        print_runs("one gate, 10 qubits", &extras["fixed"]);

        for (key, n, gates) in [("screen12", 12, 500), ("screen16", 16, 500)] {
            let path = self.file(&format!("{key}.qasm"), &circuits::layers(n, gates))?;
            let more = json!({ "task": "screen", "path": path, "budget": 0.5, "most": 100 });
            extras[key] = self.visit(rounds, &more, |e| e.row.tasks.contains(&"screen"));
            print_runs(&format!("{gates} gates and all qubits' states, {n} qubits"), &extras[key]);
        }
        let path = self.file("qft_n20.qasm", &family("qft", 20))?;
        let more = json!({ "task": "screen", "path": path, "budget": 1.0, "most": 20 });
        extras["screen20"] = self.visit(rounds, &more, |e| e.row.tasks.contains(&"screen"));
        print_runs("qft and all qubits' states, 20 qubits", &extras["screen20"]);

        if self.options.quick {
            return Ok(());
        }
        for n in self.options.gate_sizes.clone() {
            let more = json!({ "task": "qubits", "n": n, "rounds": 3 });
            let key = format!("qubits{n}");
            extras[&key] = self.visit(1, &more, |e| e.row.tasks.contains(&"qubits"));
        }
        let path = self.file("hea_n24.qasm", &family("hea", 24))?;
        // In a new process: allocators keep what runs before have freed.
        let more = json!({ "task": "memory", "path": path, "restart": true });
        extras["memory"] = self.visit(1, &more, |e| e.row.tasks.contains(&"memory"));

        for (key, n, precision) in [("largest_f64", 27, "f64"), ("largest_f32", 28, "f32")] {
            let path = self.file(&format!("{key}.qasm"), &largest(n))?;
            let more =
                json!({ "task": "circuit", "path": path, "budget": 0.0, "most": 1, "fresh": true });
            extras[key] = self
                .visit(1, &more, |e| e.row.program == row::BROWSER && e.row.precision == precision);
            print_runs(&format!("{n} qubits in {precision}"), &extras[key]);
        }
        Ok(())
    }
}

/// The program that times runs of ours, with the flags of the release.
fn build_timer() -> Result<PathBuf> {
    let target = Target::open("host")?;
    say("building the simulator, optimised");
    run_to_end(serve::cargo(&target).args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "runner",
        "--features",
        "parallel",
        "--example",
        "time",
    ]))?;
    Ok(target.path().join(format!("release/examples/time{}", std::env::consts::EXE_SUFFIX)))
}

fn worker(name: String, kind: &'static str, threads: u32, program: PathBuf) -> Worker {
    Worker::new(name, move || {
        let count = threads.to_string();
        let mut command = match kind {
            row::OURS => crate::process::command(&program),
            row::BROWSER => {
                let mut node = crate::process::command("node");
                node.arg(at("tests/bench/browser.mjs")).env("KETLAB_CHROMIUM", &program);
                node
            }
            _ => {
                let mut python = crate::process::command(&program);
                python.arg(at("tests/bench/peers.py")).arg(kind);
                // Libraries complain on standard error about packages that nobody asked for.
                python.stderr(std::process::Stdio::null());
                python
            }
        };
        command.arg(&count);
        for name in ["OMP_NUM_THREADS", "QULACS_NUM_THREADS"] {
            command.env(name, &count);
        }
        // Threads that wait for work must not take the processor from the next one's turn.
        command.env("OMP_WAIT_POLICY", "passive").env("OPENBLAS_NUM_THREADS", "1");
        command
    })
}

/// Rotations on all qubits and a chain of CX: nothing of the state stays zero.
fn largest(n: usize) -> String {
    use std::fmt::Write as _;
    let mut text = format!("OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[{n}];\n");
    for q in 0..n {
        writeln!(text, "ry(0.{}) q[{q}];", q + 1).expect("a String takes it");
    }
    for q in 1..n {
        writeln!(text, "cx q[{}],q[{q}];", q - 1).expect("a String takes it");
    }
    text
}

/// As the simulator reads it: strings, highest qubit first.
fn sum_text(sum: &[(f64, Vec<(usize, char)>)], n: usize) -> String {
    let terms: Vec<String> = sum
        .iter()
        .map(|(weight, factors)| {
            let letter = |q: usize| factors.iter().find(|f| f.0 == q).map_or('I', |f| f.1);
            let string: String = (0..n).rev().map(letter).collect();
            format!("{weight:?}*{string}")
        })
        .collect();
    terms.join(" + ").replace("+ -", "- ")
}

/// Answers of all rounds in one: the median of their medians and the least time of all. Beside them what
/// the last answer says that is not a time.
fn digest(answers: &[Value]) -> Value {
    let fine: Vec<&Value> = answers.iter().filter(|a| a.get("error").is_none()).collect();
    let Some(last) = fine.last() else {
        return answers.last().expect("asked at least once").clone();
    };
    let mut digest = (*last).clone();
    for (key, median_key, least_key) in
        [("seconds", "median", "least"), ("round_trips", "round_trip", "least_round_trip")]
    {
        let rounds: Vec<Vec<f64>> = fine
            .iter()
            .filter_map(|a| Some(a[key].as_array()?.iter().filter_map(Value::as_f64).collect()))
            .collect();
        let medians: Vec<f64> = rounds.iter().filter_map(|times| median(times)).collect();
        digest.as_object_mut().expect("an object").remove(key);
        if let Some(median) = median(&medians) {
            digest[median_key] = median.into();
            digest[least_key] = rounds.iter().flatten().copied().fold(f64::MAX, f64::min).into();
            digest[format!("{key}_of_rounds")] = medians.into();
        }
    }
    digest
}

fn median(numbers: &[f64]) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        Some(sorted[middle])
    } else {
        sorted.get(middle.checked_sub(1)?).map(|below| f64::midpoint(*below, sorted[middle]))
    }
}

/// What differs from our own result in double precision on one thread.
fn disagreements(family: &str, runs: &Value) -> Vec<String> {
    let numbers = |run: &Value| -> Option<Vec<f64>> {
        let mut all: Vec<f64> = run["ones"].as_array()?.iter().filter_map(Value::as_f64).collect();
        all.push(run["ipr"].as_f64()?);
        Some(all)
    };
    let runs = runs.as_object().expect("an object");
    let first = ROWS.iter().flat_map(|row| [1, 2].map(|t| row::id(row.label, t)));
    let Some(ours) = first.filter_map(|id| runs.get(&id)).find_map(numbers) else {
        return Vec::new();
    };
    let mut wrong = Vec::new();
    for (id, theirs) in runs.iter().filter_map(|(id, run)| Some((id, numbers(run)?))) {
        let single = ROWS.iter().any(|r| r.precision == "f32" && id.starts_with(r.label));
        let allowed = if single { 5e-5 } else { 1e-9 };
        // In this order a number that is none is the largest.
        let differences = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs());
        let worst = differences.max_by(f64::total_cmp).unwrap_or(f64::NAN);
        if theirs.len() != ours.len() || worst.is_nan() || worst > allowed {
            wrong.push(format!("{family}: {id} differs by {worst:e}"));
        }
    }
    wrong
}

/// Expectation values that differ from the first one.
fn other_values(task: &str, runs: &Value) -> Vec<String> {
    let values = || {
        let runs = runs.as_object().into_iter().flatten();
        runs.filter_map(|(id, run)| Some((id, run["value"].as_f64()?)))
    };
    let Some((first, expected)) = values().next() else { return Vec::new() };
    values()
        .filter(|(_, value)| (value - expected).abs() > 1e-9)
        .map(|(id, value)| format!("{task}: {id} has {value}, {first} has {expected}"))
        .collect()
}

fn print_runs(title: &str, runs: &Value) {
    println!("\n{title}");
    for (id, run) in runs.as_object().into_iter().flatten() {
        let time = |key: &str| run[key].as_f64().map(report::time);
        let median = time("median").zip(time("least"));
        let text = match (median, run["error"].as_str()) {
            (Some((median, least)), _) => format!("{median}, least {least}"),
            (None, error) => error.unwrap_or("no time").to_owned(),
        };
        let trip = time("round_trip").map_or(String::new(), |t| format!(", message to answer {t}"));
        println!("  {id:34} {text}{trip}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_digested_to_the_median_of_medians_and_the_least_of_all() {
        let answers = [
            json!({ "seconds": [3.0, 1.0, 2.0] }),
            json!({ "seconds": [9.0] }),
            json!({ "seconds": [4.0, 6.0], "value": 0.5 }),
        ];
        let digest = digest(&answers);
        assert_eq!(digest["median"], 5.0);
        assert_eq!(digest["least"], 1.0);
        assert_eq!(digest["seconds_of_rounds"], json!([2.0, 9.0, 5.0]));
        assert_eq!(digest["value"], 0.5);
        assert!(digest.get("seconds").is_none());
    }

    #[test]
    fn a_round_that_fails_does_not_spoil_the_others() {
        let failed = json!({ "error": "over 300 s" });
        let once = digest(&[json!({ "seconds": [3.0] }), failed.clone()]);
        assert_eq!(once["median"], 3.0);
        assert_eq!(digest(&[failed])["error"], "over 300 s");
    }

    #[test]
    fn a_simulator_that_computes_something_else_is_named() {
        let run = |p: f64| json!({ "median": 1.0, "ones": [0.5, p], "ipr": 0.25 });
        let mut runs = json!({});
        runs[row::id("Ketlab f64", 1)] = run(0.5);
        runs[row::id("Aer f64", 1)] = run(0.5 + 1e-12);
        runs[row::id("qsim f32", 1)] = run(0.5 + 1e-6);
        assert!(disagreements("ghz", &runs).is_empty());
        runs[row::id("Aer f64", 2)] = run(0.5 + 1e-6);
        let wrong = disagreements("ghz", &runs);
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(wrong[0].starts_with("ghz: Aer f64"));
    }

    #[test]
    fn a_sum_is_written_as_the_simulator_reads_it() {
        assert_eq!(
            sum_text(&[(0.5, vec![(0, 'X'), (2, 'Z')]), (-1.0, vec![(1, 'Y')])], 3),
            "0.5*ZIX - 1.0*IYI"
        );
    }
}
