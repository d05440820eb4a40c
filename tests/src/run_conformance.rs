//! The OpenQASM conformance files through `runner`, as the page and the command line run them: both
//! precisions, exact distributions over all measurement branches, states, single-qubit expectations.

use std::collections::BTreeMap;
use std::fs;

use api::run::{Limits, Method, Precision, Program, RunRequest, RunResult, Want};
use serde_json::Value;

use crate::qasm_conformance::data::{self, Case};

/// Wider programs have other tests: here all of them run in seconds.
const MAX_QUBITS: u64 = if cfg!(debug_assertions) { 16 } else { 22 };

fn files(c: &Case) -> BTreeMap<String, String> {
    let Some(folder) = &c.folder else { return BTreeMap::new() };
    fs::read_dir(folder)
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            fs::read_to_string(entry.path()).ok().map(|text| (name, text))
        })
        .collect()
}

fn inputs(c: &Case) -> BTreeMap<String, String> {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), |s| format!("\"{s}\""));
    c.inputs.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), text(v))).collect()
}

fn run(c: &Case, precision: Precision, want: Want) -> Result<RunResult, String> {
    let request = RunRequest {
        program: Program::openqasm(c.source.clone()),
        method: Method::Auto,
        precision,
        fast: false,
        shots: 0,
        seed: 1,
        inputs: inputs(c),
        noise: None,
        gradient: None,
        want,
        limits: Limits::default(),
    };
    let files = files(c);
    let context = runner::Context { files: Some(&files), ..runner::Context::new(&|| 0.0) };
    runner::run(&request, &context).map_err(|e| format!("{:?}", e.diagnostics))
}

/// Absolute, as the suite's README sets it.
fn tolerance(precision: Precision, operations: u64) -> f64 {
    match precision {
        Precision::F64 => 1e-9,
        Precision::F32 => 1e-5 * (operations as f64 / 100.0).sqrt().max(1.0),
    }
}

fn compare(result: &RunResult, expected: &Value, precision: Precision) -> Result<(), String> {
    let atol = tolerance(precision, result.operations);
    if let (Some(state), Some(want)) = (&result.statevector, expected.get("statevector")) {
        let anchor = usize::try_from(want["anchor_index"].as_u64().unwrap()).unwrap();
        let [re, im] = state[anchor];
        let size = re.hypot(im);
        if size < 1e-6 {
            return Err(format!("the amplitude at {anchor} is {size}"));
        }
        let (c, s) = (re / size, im / size);
        for entry in want["amplitudes"].as_array().unwrap() {
            let i = usize::try_from(entry[0].as_u64().unwrap()).unwrap();
            let [re, im] = state[i];
            let (re, im) = (re * c + im * s, im * c - re * s);
            let error = (re - entry[1].as_f64().unwrap()).hypot(im - entry[2].as_f64().unwrap());
            if error > atol {
                return Err(format!("amplitude {i} is {re} {im}, expected {entry}"));
            }
        }
        for (z, e) in
            want["z_expectations"].as_array().into_iter().flatten().zip(&result.expectations)
        {
            if (z.as_f64().unwrap() - e.value).abs() > atol {
                return Err(format!("⟨{}⟩ is {}, expected {z}", e.observable, e.value));
            }
        }
    }
    if let (Some(want), false) = (expected.get("distribution"), result.measured_all) {
        let ours: BTreeMap<String, f64> =
            result.probabilities.iter().flatten().map(|(k, p)| (k.replace(' ', ""), *p)).collect();
        let cut =
            want["truncated_mass"].as_f64().or(expected["truncated_mass"].as_f64()).unwrap_or(0.0);
        let listed_all = result.truncated.unwrap_or(0.0) < 1e-6;
        for pair in want["outcomes"].as_array().into_iter().flatten() {
            let (key, p) = (pair[0].as_str().unwrap(), pair[1].as_f64().unwrap());
            match ours.get(key) {
                Some(q) if (p - q).abs() <= atol + 2.0 * cut => {}
                None if p <= atol + 2.0 * cut => {}
                None if !listed_all => {}
                other => return Err(format!("P({key}) is {other:?}, expected {p}")),
            }
        }
        let total = ours.values().sum::<f64>() + result.truncated.unwrap_or(0.0);
        if (total - 1.0).abs() > atol.max(1e-6) {
            return Err(format!("probabilities add up to {total}"));
        }
    }
    Ok(())
}

fn check(folder: &str, precision: Precision) {
    let (mut checked, mut wide, mut wrong) = (0, 0, Vec::new());
    for c in data::indexed(folder) {
        let Some(expected) = &c.expected else { continue };
        if c.do_not_run {
            continue;
        }
        let n = expected["n_qubits"].as_u64().unwrap();
        if n > MAX_QUBITS {
            wide += 1;
            continue;
        }
        let z = |q: u64| (0..n).rev().map(|i| if i == q { 'Z' } else { 'I' }).collect::<String>();
        let state = expected.get("statevector").is_some();
        let want = Want {
            probabilities: expected.get("distribution").is_some(),
            statevector: state,
            expectations: if state { (0..n).map(z).collect() } else { Vec::new() },
            ..Want::default()
        };
        match run(&c, precision, want) {
            Err(e) => wrong.push(format!("{}: {e}", c.name)),
            Ok(result) => {
                checked += 1;
                let alternative =
                    expected.get("alternative").map(|a| compare(&result, a, precision));
                if let (Err(e), false) =
                    (compare(&result, expected, precision), matches!(alternative, Some(Ok(()))))
                {
                    wrong.push(format!("{}: {e}", c.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {checked} files differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(checked > 80, "{checked} files were run in {folder}, {wide} left out as too wide");
}

#[test]
fn openqasm_2_files_give_their_recorded_results() {
    check("qasm2", Precision::F64);
}

#[test]
fn openqasm_3_files_give_their_recorded_results() {
    check("qasm3", Precision::F64);
}

#[test]
fn openqasm_2_files_give_their_recorded_results_in_single_precision() {
    check("qasm2", Precision::F32);
}

#[test]
fn openqasm_3_files_give_their_recorded_results_in_single_precision() {
    check("qasm3", Precision::F32);
}
