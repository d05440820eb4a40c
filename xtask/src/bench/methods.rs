//! `bench methods`: noise, gradients and Clifford circuits here, in the tab, and on the simulators that are best at them.
//!
//! The native programs write the cases into a folder, and everybody reads them there. Each runs them by itself, one
//! after another, and tells the least time of some runs.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::{machine, report, venv, write};
use crate::cache::Target;
use crate::process::run as run_to_end;
use crate::{at, npm, say, serve, test, worker};

/// What is compared: the case, the words for it, and bar, bar in the tab, goal as ratios to the peer.
const CASES: [(&str, &str, [f64; 3]); 9] = [
    ("density_8", "Density matrix, 8 qubits", [0.25, 0.25, 0.13]),
    ("density_10", "Density matrix, 10 qubits", [0.25, 0.25, 0.13]),
    ("density_12", "Density matrix, 12 qubits", [0.25, 0.25, 0.13]),
    ("trajectories_f32", "Trajectories, 16 qubits, 1,000 shots, f32", [0.8, 1.6, 0.3]),
    ("gradient", "Gradient, 12 qubits, 100 parameters", [0.6, 0.9, 0.25]),
    ("clifford_100_one", "Clifford, 100 qubits, one shot", [3.0, 6.0, 1.0]),
    ("clifford_1000_one", "Clifford, 1,000 qubits, one shot", [3.0, 6.0, 1.0]),
    ("clifford_100_million", "Clifford, 100 qubits, 1,000,000 shots", [3.0, 6.0, 1.0]),
    ("surface_11_detectors", "Surface code, distance 11, 100,000 shots", [3.0, 6.0, 1.0]),
];

struct Options {
    peers: Vec<PathBuf>,
    browser: bool,
    threads: Vec<u32>,
    out: Option<PathBuf>,
}

impl Options {
    fn read(args: &[String]) -> Result<Self> {
        let mut options =
            Self { peers: Vec::new(), browser: false, threads: vec![1, 2], out: None };
        let mut args = args.iter();
        while let Some(name) = args.next() {
            let mut value = || args.next().with_context(|| format!("{name} needs a value"));
            match name.as_str() {
                "--peers" => options.peers = value()?.split(',').map(PathBuf::from).collect(),
                "--browser" => options.browser = true,
                "--threads" => {
                    options.threads = value()?
                        .split(',')
                        .map(|t| t.parse().with_context(|| format!("`{t}` is no number")))
                        .collect::<Result<_>>()?;
                }
                "--out" => options.out = Some(value()?.into()),
                other => bail!("no option `{other}`\n\n{}", super::HELP),
            }
        }
        Ok(options)
    }
}

/// One time.
#[derive(Debug, Clone, PartialEq)]
struct Time {
    case: String,
    threads: u32,
    /// The simulator, or one of ours.
    who: String,
    seconds: f64,
    check: Option<f64>,
}

const NATIVE: &str = "Ketlab";
const TAB: &str = "Chromium";

pub fn run(args: &[String]) -> Result<()> {
    let options = Options::read(args)?;
    let target = Target::open("host")?;
    say("building the simulator, optimised");
    for (package, example) in [("runner", "noise"), ("stabilizer", "time")] {
        run_to_end(
            serve::cargo(&target).args(["build", "--quiet", "--release", "--package"]).args([
                package,
                "--features",
                "parallel",
                "--example",
                example,
            ]),
        )?;
    }
    let program = |name: &str| {
        target.path().join(format!("release/examples/{name}{}", std::env::consts::EXE_SUFFIX))
    };
    if options.browser {
        worker::build(|| Ok(None))?;
        npm::install("tests/e2e", "packages of the browser journeys")?;
    }
    let folder = crate::cache::folder()?.join("bench/methods");
    fs::create_dir_all(&folder)?;
    let load = machine::quiet();
    let mut times = Vec::new();
    let mut versions = Vec::new();
    for &threads in &options.threads {
        say(format_args!("threads: {threads}"));
        let mut ours = crate::process::command(program("noise"));
        ours.arg(threads.to_string()).arg(&folder);
        times.extend(lines(&mut ours)?.iter().filter_map(|l| time(l, threads, Some(NATIVE))));
        let mut clifford = crate::process::command(program("time"));
        clifford.arg(&folder).env("RAYON_NUM_THREADS", threads.to_string());
        times.extend(clifford_times(&output(&mut clifford)?, threads));
        for peers in &options.peers {
            let mut python = crate::process::command(venv::python(peers)?);
            python.arg(at("tests/bench/methods.py")).arg(&folder).arg(threads.to_string());
            for name in ["OMP_NUM_THREADS", "QULACS_NUM_THREADS"] {
                python.env(name, threads.to_string());
            }
            python.env("OMP_WAIT_POLICY", "passive").env("OPENBLAS_NUM_THREADS", "1");
            for line in lines(&mut python)? {
                versions.extend(line["version"].as_str().map(str::to_owned));
                times.extend(time(&line, threads, None));
            }
        }
        if options.browser {
            let mut node = npm::node()?;
            node.arg(at("tests/bench/methods.mjs"))
                .arg(&folder)
                .arg(threads.to_string())
                .env("KETLAB_CHROMIUM", test::chromium()?);
            for line in lines(&mut node)? {
                versions.extend(line["version"].as_str().map(str::to_owned));
                times.extend(time(&line, threads, Some(TAB)));
            }
        }
    }
    versions.sort();
    versions.dedup();
    let wrong = disagreements(&times);
    write(
        &markdown(&times, &versions, &load, &wrong),
        "cargo xtask bench methods",
        options.out.as_deref(),
    )?;
    ensure!(wrong.is_empty(), "simulators disagree:\n  {}", wrong.join("\n  "));
    Ok(())
}

fn output(command: &mut std::process::Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The objects of a program's output, one a line; what is none is chatter of a library.
fn lines(command: &mut std::process::Command) -> Result<Vec<Value>> {
    let text = output(command)?;
    text.lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str(line).context("a line that is no object"))
        .collect()
}

fn time(line: &Value, threads: u32, who: Option<&str>) -> Option<Time> {
    Some(Time {
        case: line["case"].as_str()?.to_owned(),
        threads,
        who: who.or(line["peer"].as_str())?.to_owned(),
        seconds: line["seconds"].as_f64()?,
        check: line["check"].as_f64(),
    })
}

/// Lines of `crates/stabilizer/examples/time.rs`: name, case, seconds.
fn clifford_times(text: &str, threads: u32) -> Vec<Time> {
    let of = |line: &str| {
        let mut words = line.split_whitespace();
        let case = format!("{}_{}", words.next()?, words.next()?);
        let seconds = words.next()?.parse().ok()?;
        Some(Time { case, threads, who: NATIVE.to_owned(), seconds, check: None })
    };
    text.lines().filter_map(of).collect()
}

/// Numbers that every simulator must give alike.
fn disagreements(times: &[Time]) -> Vec<String> {
    let checked = |case: &str| case.starts_with("density") || case == "gradient";
    let mut wrong = Vec::new();
    for t in times.iter().filter(|t| checked(&t.case)) {
        let ours = times.iter().find(|o| o.case == t.case && o.who == NATIVE);
        if let (Some(expected), Some(found)) = (ours.and_then(|o| o.check), t.check)
            && (found - expected).abs() > 1e-9 * expected.abs().max(1.0)
        {
            wrong.push(format!("{}: {} has {found}, {NATIVE} has {expected}", t.case, t.who));
        }
    }
    wrong
}

fn markdown(times: &[Time], versions: &[String], load: &[f64], wrong: &[String]) -> String {
    let machine = machine::describe();
    let text = |key: &str| machine[key].as_str().unwrap_or("?").to_owned();
    let mut out = format!(
        "{}, commit {}, {}, {} cores; {}; load before {load:?}. {}\n\n",
        text("date"),
        text("commit"),
        text("processor"),
        machine["cores"],
        versions.join(" · "),
        if wrong.is_empty() {
            "Diagonals of the density matrices and gradients agree to 1e-9.".to_owned()
        } else {
            format!("**Wrong:** {}.", wrong.join("; "))
        },
    );
    if load.first().is_some_and(|&load| load > machine::QUIET_LOAD) {
        out.push_str("**Taken on a busy machine: no figure of this run is to be quoted.**\n\n");
    }
    out.push_str(
        "| What | Threads | Peer | Ketlab | ÷ peer | Bar | Goal | | Chromium | ÷ peer | Bar | |\n\
         |---|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|---|\n",
    );
    let mut threads: Vec<u32> = times.iter().map(|t| t.threads).collect();
    threads.sort_unstable();
    threads.dedup();
    for (case, what, [bar, tab_bar, goal]) in CASES {
        for &threads in &threads {
            let of = |who: &dyn Fn(&str) -> bool, threads: u32| {
                times.iter().find(|t| t.case == case && t.threads == threads && who(&t.who))
            };
            let peer = |name: &str| name != NATIVE && name != TAB;
            // One that has one thread only competes with it.
            let peer = of(&peer, threads).or_else(|| of(&peer, 1));
            let cell = |t: Option<&Time>| t.map_or("–".to_owned(), |t| report::time(t.seconds));
            let ratio = |t: Option<&Time>| Some(t?.seconds / peer?.seconds);
            let shown = |r: Option<f64>| r.map_or("–".to_owned(), report::ratio);
            let verdict = |r: Option<f64>, bar: f64| match r {
                Some(r) if r <= goal => "goal",
                Some(r) if r <= bar => "bar",
                Some(_) => "**missed**",
                None => "",
            };
            let (native, tab) = (of(&|w| w == NATIVE, threads), of(&|w| w == TAB, threads));
            if native.is_none() && tab.is_none() {
                continue;
            }
            let named =
                peer.map_or("–".to_owned(), |p| format!("{} {}", p.who, report::time(p.seconds)));
            let _ = writeln!(
                out,
                "| {what} | {threads} | {named} | {} | {} | ≤ {} | ≤ {} | {} | {} | {} | ≤ {} | {} |",
                cell(native),
                shown(ratio(native)),
                report::ratio(bar),
                report::ratio(goal),
                verdict(ratio(native), bar),
                cell(tab),
                shown(ratio(tab)),
                report::ratio(tab_bar),
                verdict(ratio(tab), tab_bar),
            );
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(case: &str, who: &str, threads: u32, seconds: f64, check: Option<f64>) -> Time {
        Time { case: case.to_owned(), threads, who: who.to_owned(), seconds, check }
    }

    #[test]
    fn times_are_held_against_the_peer_and_its_only_thread() {
        let times = [
            one("clifford_100_one", "Stim", 1, 1e-3, None),
            one("clifford_100_one", NATIVE, 1, 2e-3, None),
            one("clifford_100_one", TAB, 1, 7e-3, None),
            one("clifford_100_one", NATIVE, 2, 0.5e-3, None),
        ];
        let table = markdown(&times, &["stim 1".to_owned()], &[0.0], &[]);
        assert!(table.contains("| 1 | Stim 1.00 ms | 2.00 ms | 2.00 × | ≤ 3.00 × | ≤ 1.00 × | bar | 7.00 ms | 7.00 × | ≤ 6.00 × | **missed** |"), "{table}");
        assert!(table.contains("| 2 | Stim 1.00 ms | 500 µs | 0.50 × |"), "{table}");
        assert!(!table.contains("busy"));
    }

    #[test]
    fn a_simulator_that_computes_something_else_is_named() {
        let mut times = vec![
            one("gradient", NATIVE, 1, 1.0, Some(12.0)),
            one("gradient", "Qulacs", 1, 1.0, Some(12.0 + 1e-12)),
            // Draws of their own.
            one("trajectories_f32", NATIVE, 1, 1.0, Some(3.0)),
            one("trajectories_f32", TAB, 1, 1.0, Some(4.0)),
        ];
        assert!(disagreements(&times).is_empty());
        times[1].check = Some(12.1);
        assert_eq!(disagreements(&times).len(), 1);
    }

    #[test]
    fn lines_of_the_programs_are_read() {
        let found = clifford_times("clifford_100 one 0.000950\nnoise\n", 1);
        assert_eq!(found, [one("clifford_100_one", NATIVE, 1, 0.000_95, None)]);
        let line = serde_json::json!({ "case": "gradient", "peer": "Qulacs", "seconds": 0.5, "check": null });
        assert_eq!(time(&line, 2, None), Some(one("gradient", "Qulacs", 2, 0.5, None)));
    }

    #[test]
    fn several_environments_can_be_named() {
        let args: Vec<String> = ["--peers", "/a,/b", "--threads", "1"].map(str::to_owned).into();
        let options = Options::read(&args).unwrap();
        assert_eq!((options.peers.len(), options.threads), (2, vec![1]));
        assert!(Options::read(&["--fast".to_owned()]).is_err());
    }
}
