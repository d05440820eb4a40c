//! `bench page`: what a person waits for, measured in the page that the release binary serves
//! (`tests/bench/page.mjs`).

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::{machine, report, write};
use crate::{at, dist, npm, test};

/// What is waited for, in seconds or bytes, and how much of it there may be.
const LIMITS: [(&str, &str, f64); 10] = [
    ("/visits/cold", "First histogram, nothing kept in the browser", 3.0),
    ("/visits/warm", "First histogram, second visit", 1.0),
    ("/visits/paint", "First paint", 0.0),
    ("/visits/lab_cold", "The whole lab, nothing kept in the browser", 0.0),
    ("/visits/lab_warm", "The whole lab, second visit", 0.0),
    ("/visits/paint_bytes", "Over the wire up to the first paint", 300e3),
    ("/visits/histogram_bytes", "Over the wire up to the first histogram", 0.0),
    ("/opening", "A file of 100,000 gates, from its drop to its results", 1.0),
    ("/edits/12/median", "Key to histogram, 12 qubits", 0.050),
    ("/edits/18/median", "Key to histogram, 18 qubits", 0.150),
];

pub fn run(args: &[String]) -> Result<()> {
    let out = match args {
        [] => None,
        [flag, file] if flag == "--out" => Some(Path::new(file)),
        _ => bail!("cargo xtask bench page [--out FILE]"),
    };
    dist::build()?;
    npm::install("tests/e2e", "packages of the browser journeys")?;
    let load = machine::quiet();
    let mut node = npm::node()?;
    node.arg(at("tests/bench/page.mjs"))
        .env("KETLAB_BIN", at("dist").join(format!("ketlab{}", std::env::consts::EXE_SUFFIX)))
        .env("KETLAB_CHROMIUM", test::chromium()?);
    let output = node.output().context("cannot start node")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let record: Value =
        serde_json::from_slice(&output.stdout).context("page.mjs gave no record")?;
    write(&markdown(&record, &load), "cargo xtask bench page", out)
}

fn markdown(record: &Value, load: &[f64]) -> String {
    let machine = machine::describe();
    let text = |key: &str| machine[key].as_str().unwrap_or("?").to_owned();
    let mut out = format!(
        "{}, commit {}, {}, {} cores, {}; load before {load:?}.\n\n| What | Measured | At most | |\n|---|---:|---:|---|\n",
        text("date"),
        text("commit"),
        text("processor"),
        machine["cores"],
        record["browser"].as_str().unwrap_or("?"),
    );
    for (pointer, name, limit) in LIMITS {
        let Some(mut value) = record.pointer(pointer).and_then(Value::as_f64) else { continue };
        let bytes = pointer.ends_with("bytes");
        if pointer.starts_with("/edits") {
            value /= 1e3;
        }
        let say = |v: f64| if bytes { format!("{:.0} KB", v / 1e3) } else { report::time(v) };
        let (bound, verdict) = match limit {
            0.0 => (String::from("–"), ""),
            limit if value <= limit => (say(limit), "held"),
            limit => (say(limit), "**missed**"),
        };
        let _ = writeln!(out, "| {name} | {} | {bound} | {verdict} |", say(value));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_missed_says_so() {
        let record = serde_json::json!({
            "visits": { "cold": 3.5, "paint_bytes": 250e3 },
            "edits": { "12": { "median": 20.0 } },
        });
        let table = markdown(&record, &[0.0]);
        assert!(
            table.contains(
                "| First histogram, nothing kept in the browser | 3.50 s | 3.00 s | **missed** |"
            ),
            "{table}"
        );
        assert!(
            table.contains("| Over the wire up to the first paint | 250 KB | 300 KB | held |"),
            "{table}"
        );
        assert!(
            table.contains("| Key to histogram, 12 qubits | 20.0 ms | 50.0 ms | held |"),
            "{table}"
        );
    }
}
