//! The noise files of the conformance suite through `runner`: exactly by the density matrix, and by
//! trajectories within the error of their shots.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use api::run::{Limits, Method, Noise, Precision, Program, RunRequest, RunResult, Want};
use serde_json::Value;

use crate::qasm_conformance::data;

fn folder() -> PathBuf {
    data::root().join("noise")
}

fn text(path: &str) -> String {
    // Files name each other with the folder before or without.
    let path = path.strip_prefix("noise/").unwrap_or(path);
    fs::read_to_string(folder().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

struct Case {
    name: String,
    expected: Value,
}

fn cases() -> Vec<Case> {
    let index: Vec<String> = serde_json::from_str(&text("index.json")).unwrap();
    assert_eq!(index.len(), 70);
    index
        .into_iter()
        .map(|name| {
            let expected: Value = serde_json::from_str(&text(&name)).unwrap();
            assert_eq!(expected["format"], "conformance-noise/1");
            Case { name, expected }
        })
        .collect()
}

impl Case {
    fn request(&self, method: Method, precision: Precision, shots: u32) -> RunRequest {
        RunRequest {
            program: Program::openqasm(text(self.expected["circuit"].as_str().unwrap())),
            method,
            precision,
            fast: false,
            shots,
            seed: 11,
            inputs: BTreeMap::new(),
            noise: Some(Noise::Model(text(self.expected["model"].as_str().unwrap()))),
            gradient: None,
            want: Want::default(),
            limits: Limits::default(),
        }
    }

    fn num_qubits(&self) -> usize {
        usize::try_from(self.expected["n_qubits"].as_u64().unwrap()).unwrap()
    }

    /// The expected probabilities by key.
    fn probabilities(&self) -> Vec<(String, f64)> {
        let n = self.num_qubits();
        let list = self.expected["probabilities"].as_array().unwrap();
        assert_eq!(list.len(), 1 << n);
        list.iter().enumerate().map(|(i, p)| (format!("{i:0n$b}"), p.as_f64().unwrap())).collect()
    }
}

fn run(request: &RunRequest) -> RunResult {
    let context = runner::Context::new(&|| 0.0);
    runner::run(request, &context).unwrap_or_else(|e| panic!("{:?}", e.diagnostics))
}

fn check_density(precision: Precision, atol: f64) {
    for case in cases() {
        let mut request = case.request(Method::Auto, precision, 0);
        request.want =
            Want { probabilities: true, density_matrix: true, qubits: true, ..Want::default() };
        let result = run(&request);
        assert_eq!(result.method, Method::DensityMatrix);
        let name = &case.name;
        let found = result.probabilities.unwrap();
        for (key, p) in case.probabilities() {
            let q = found.get(&key).copied().unwrap_or(0.0);
            assert!((p - q).abs() < atol, "{name}: P({key}) is {q}, expected {p}");
        }
        let purity = case.expected["purity"].as_f64().unwrap();
        assert!((result.purity.unwrap() - purity).abs() < atol, "{name}: purity");
        let dim = 1 << case.num_qubits();
        let matrix = result.density_matrix.unwrap();
        let before = case.expected["probabilities_before_readout_error"].as_array().unwrap();
        for (i, p) in before.iter().enumerate() {
            let [re, im] = matrix[i * dim + i];
            assert!((re - p.as_f64().unwrap()).abs() < atol && im.abs() < atol, "{name}: {i}");
        }
        if let Some(wanted) = case.expected.get("density_matrix") {
            for (k, [re, im]) in matrix.into_iter().enumerate() {
                let entry = |part: &str| wanted[part][k / dim][k % dim].as_f64().unwrap();
                let error = (re - entry("real")).hypot(im - entry("imag"));
                assert!(error < atol, "{name}: entry {k} is off by {error:e}");
            }
        }
    }
}

#[test]
fn noise_files_give_their_recorded_density_matrices() {
    check_density(Precision::F64, 1e-9);
}

#[test]
fn noise_files_give_their_recorded_density_matrices_in_single_precision() {
    check_density(Precision::F32, 1e-5);
}

#[test]
fn trajectories_and_the_density_matrix_sample_the_recorded_distributions() {
    const SHOTS: u32 = 40_000;
    for case in cases() {
        for method in [Method::Trajectories, Method::DensityMatrix] {
            let result = run(&case.request(method, Precision::F64, SHOTS));
            assert_eq!(result.method, method);
            assert_eq!(result.counts.values().sum::<u64>(), u64::from(SHOTS));
            let all = case.probabilities();
            // Each count is binomial: 5.5 standard deviations and a half, over some thousand counts.
            for (key, p) in &all {
                let n = f64::from(SHOTS);
                let found = result.counts.get(key).copied().unwrap_or(0) as f64;
                let bound = 5.5 * (n * p * (1.0 - p)).sqrt() + 1.5;
                assert!(
                    (found - n * p).abs() <= bound,
                    "{} by {method:?}: {key} came {found} times, expected {}",
                    case.name,
                    n * p
                );
            }
        }
    }
}
