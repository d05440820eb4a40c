//! The observable files of the conformance suite through `runner`: energies of parametrized circuits, and
//! their gradients by both methods.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use api::run::{
    GradientMethod, GradientRequest, Limits, Method, Precision, Program, RunRequest, RunResult,
    Want,
};
use serde_json::Value;

use crate::qasm_conformance::data;

fn text(name: &str) -> String {
    let path = data::root().join("observables").join(name);
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn json(name: &str) -> Value {
    serde_json::from_str(&text(name)).unwrap()
}

fn width(value: &Value) -> usize {
    usize::try_from(value["n_qubits"].as_u64().unwrap()).unwrap()
}

/// The Hamiltonian as it is asked for: `weight*STRING`, highest qubit first.
fn observable(hamiltonian: &Value) -> String {
    let n = width(hamiltonian);
    let mut out = String::new();
    for term in hamiltonian["terms"].as_array().unwrap() {
        let mut letters = vec!['I'; n];
        for pair in term["pauli"].as_array().unwrap() {
            let qubit = usize::try_from(pair[1].as_u64().unwrap()).unwrap();
            letters[n - 1 - qubit] = pair[0].as_str().unwrap().chars().next().unwrap();
        }
        let weight = term["coeff"].as_f64().unwrap();
        let sign = if weight < 0.0 { '-' } else { '+' };
        let letters: String = letters.into_iter().collect();
        let _ = write!(out, " {sign} {}*{letters}", weight.abs());
    }
    out
}

/// The circuit with its numbers made inputs of an array: number `i` becomes `t[i]`.
fn parametrized(source: &str, count: usize) -> String {
    let mut body = String::new();
    let mut found = 0;
    for line in source.lines().filter(|l| !l.starts_with("OPENQASM") && !l.starts_with("include")) {
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('(') {
            let (inside, behind) = after.split_once(')').unwrap();
            let places: Vec<String> = inside
                .split(',')
                .map(|_| {
                    found += 1;
                    format!("t[{}]", found - 1)
                })
                .collect();
            let _ = write!(body, "{before}({})", places.join(", "));
            rest = behind;
        }
        body.push_str(rest);
        body.push('\n');
    }
    assert_eq!(found, count);
    format!("OPENQASM 3.1;\ninclude \"qelib1.inc\";\ninput array[float[64], {count}] t;\n{body}")
}

fn request(program: String) -> RunRequest {
    RunRequest {
        program: Program::openqasm(program),
        method: Method::Auto,
        precision: Precision::F64,
        fast: false,
        shots: 0,
        seed: 1,
        inputs: BTreeMap::new(),
        noise: None,
        gradient: None,
        want: Want::default(),
        limits: Limits::default(),
    }
}

fn run(request: &RunRequest) -> RunResult {
    let context = runner::Context::new(&|| 0.0);
    runner::run(request, &context).unwrap_or_else(|e| panic!("{:?}", e.diagnostics))
}

/// Name, expected values, Hamiltonian.
fn cases() -> Vec<(String, Value, Value)> {
    let index: Vec<String> = serde_json::from_str(&text("index.json")).unwrap();
    let all: Vec<_> = index
        .into_iter()
        .filter(|name| name.ends_with(".expected.json"))
        .map(|name| {
            let expected = json(&name);
            assert_eq!(expected["format"], "conformance-expectation/1");
            let hamiltonian = json(expected["hamiltonian"].as_str().unwrap());
            (name, expected, hamiltonian)
        })
        .collect();
    assert_eq!(all.len(), 21);
    all
}

#[test]
fn circuits_have_their_recorded_energies() {
    for (name, expected, hamiltonian) in cases() {
        let mut request = request(text(expected["circuit"].as_str().unwrap()));
        request.want.expectations = vec![observable(&hamiltonian)];
        let energy = expected["energy"].as_f64().unwrap();
        for (method, precision, atol) in [
            (Method::Auto, Precision::F64, 1e-9),
            (Method::Auto, Precision::F32, 1e-5),
            (Method::DensityMatrix, Precision::F64, 1e-9),
        ] {
            let n = width(&expected);
            if method == Method::DensityMatrix && n > 8 {
                continue;
            }
            (request.method, request.precision) = (method, precision);
            let found = run(&request).expectations[0].value;
            // Single precision: relative to the largest value that there is.
            let size: f64 = hamiltonian["terms"]
                .as_array()
                .unwrap()
                .iter()
                .map(|t| t["coeff"].as_f64().unwrap().abs())
                .sum();
            let atol = if precision == Precision::F32 { atol * size.max(1.0) } else { atol };
            assert!((found - energy).abs() < atol, "{name}: {found}, expected {energy}");
            assert!(found >= hamiltonian["ground_energy"].as_f64().unwrap() - atol, "{name}");
        }
    }
}

#[test]
fn circuits_have_their_recorded_gradients() {
    for (name, expected, hamiltonian) in cases() {
        let parameters = expected["parameters"].as_array().unwrap();
        let values: Vec<String> = parameters.iter().map(Value::to_string).collect();
        let source = text(expected["circuit"].as_str().unwrap());
        let mut request = request(parametrized(&source, values.len()));
        request.inputs.insert("t".to_owned(), format!("{{{}}}", values.join(", ")));
        for method in [GradientMethod::Adjoint, GradientMethod::ParameterShift] {
            request.gradient =
                Some(GradientRequest { observable: observable(&hamiltonian), method, shots: 0 });
            let found = run(&request).gradient.unwrap();
            assert_eq!(found.method, method);
            let energy = expected["energy"].as_f64().unwrap();
            assert!((found.value - energy).abs() < 1e-9, "{name}: {}", found.value);
            let wanted = expected["gradient"].as_array().unwrap();
            assert_eq!(found.derivatives.len(), wanted.len());
            for (i, (d, w)) in found.derivatives.iter().zip(wanted).enumerate() {
                assert_eq!(d.input, format!("t[{i}]"));
                let w = w.as_f64().unwrap();
                assert!(
                    (d.value - w).abs() < 1e-9,
                    "{name} by {method:?}: by t[{i}] {}, expected {w}",
                    d.value
                );
            }
        }
    }
}
