//! The Clifford conformance files, as the command line runs them: Pauli expectation values, the
//! possible measurement records, rates of detectors and observables.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use sim::RunControl;
use stabilizer::{
    Circuit, ErrorModel, Limits, Pauli, ReadLimits, Sampler, detection_counts, read,
    reference_sample, run,
};

/// Shots of a circuit whose rates are compared.
const SHOTS: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

/// Against the exact rates: they are written with 13 digits.
const ATOL: f64 = 1e-9;

struct Case {
    name: String,
    circuit: Circuit,
    expected: Value,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("suite/conformance/clifford")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn cases() -> Vec<Case> {
    let names: Vec<String> = serde_json::from_str(&text("index.json")).unwrap();
    names
        .into_iter()
        .map(|name| {
            let circuit = read(&text(&format!("{name}.stim")), &ReadLimits::default())
                .unwrap_or_else(|d| panic!("{name}: {d:?}"));
            let expected = serde_json::from_str(&text(&format!("{name}.expected.json"))).unwrap();
            Case { name, circuit, expected }
        })
        .collect()
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// `[["X", 3], …]`
fn pauli_string(value: &Value) -> Vec<(u32, Pauli)> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|factor| {
            let pauli = match factor[0].as_str().unwrap() {
                "X" => Pauli::X,
                "Y" => Pauli::Y,
                "Z" => Pauli::Z,
                other => panic!("{other}"),
            };
            (u32::try_from(number(&factor[1])).unwrap(), pauli)
        })
        .collect()
}

/// Within five standard deviations.
fn check_rate(name: &str, what: &str, i: usize, count: u64, p: f64) {
    let rate = count as f64 / SHOTS as f64;
    let bound = 5.0 * (p * (1.0 - p) / SHOTS as f64).sqrt();
    assert!((rate - p).abs() <= bound, "{name}: {what} {i} has rate {rate}, not {p}");
}

#[test]
fn every_file_is_read_and_written_again() {
    let cases = cases();
    assert_eq!(cases.len(), 34);
    for case in cases {
        let again = read(&case.circuit.to_string(), &ReadLimits::default()).unwrap();
        assert_eq!(again, case.circuit, "{}", case.name);
        let s = case.circuit.summary();
        let e = &case.expected;
        for (field, found) in [
            ("n_measurements", s.num_measurements),
            ("n_detectors", s.num_detectors),
            ("n_observables", u64::from(s.num_observables)),
            ("n_qubits", u64::from(s.num_qubits)),
        ] {
            if let Some(n) = e.get(field) {
                assert_eq!(found, number(n), "{}: {field}", case.name);
            }
        }
    }
}

#[test]
fn expectation_values_of_paulis_are_those_of_the_suite() {
    let mut compared = 0;
    for case in cases().iter().filter(|c| c.expected.get("paulis").is_some()) {
        let shot =
            run::run(&case.circuit, 1, 0, &Limits::default(), &RunControl::default()).unwrap();
        for entry in case.expected["paulis"].as_array().unwrap() {
            let paulis = pauli_string(&entry["pauli"]);
            let found = i64::from(shot.tableau.expectation(&paulis));
            assert_eq!(Some(found), entry["expectation"].as_i64(), "{}: {entry}", case.name);
            compared += 1;
        }
    }
    assert!(compared > 500, "{compared}");
}

/// How often each record came out, in the order of the record.
fn records(circuit: &Circuit, shots: u64) -> BTreeMap<String, u64> {
    let len = usize::try_from(circuit.summary().num_measurements).unwrap();
    let key = |row: &[u64]| -> String {
        (0..len).map(|i| if row[i / 64] >> (i % 64) & 1 == 1 { '1' } else { '0' }).collect()
    };
    let mut all = BTreeMap::new();
    Sampler::new(circuit, &Limits::default())
        .unwrap()
        .records(
            shots,
            2,
            &RunControl::default(),
            BTreeMap::<String, u64>::new,
            |map, batch| batch.each_record(|row| *map.entry(key(row)).or_default() += 1),
            |map| map.into_iter().for_each(|(k, n)| *all.entry(k).or_default() += n),
        )
        .unwrap();
    all
}

#[test]
fn exactly_the_possible_records_occur() {
    let mut compared = 0;
    for case in cases().iter().filter(|c| c.expected.get("records").is_some()) {
        let possible: BTreeSet<String> = case.expected["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r.as_str().unwrap().to_owned())
            .collect();
        let p = case.expected["uniform_probability"].as_f64().unwrap();
        let found = records(&case.circuit, SHOTS);
        assert!(found.keys().all(|k| possible.contains(k)), "{}: an impossible record", case.name);
        for (i, record) in possible.iter().enumerate() {
            let count = found.get(record).copied().unwrap_or(0);
            check_rate(&case.name, "record", i, count, p);
        }
        // Single shots on the tableau as well.
        for shot in 0..200 {
            let done = run::run(&case.circuit, 3, shot, &Limits::default(), &RunControl::default())
                .unwrap();
            let record: String = done.record.iter().map(|&b| if b { '1' } else { '0' }).collect();
            assert!(possible.contains(&record), "{}: {record}", case.name);
        }
        compared += 1;
    }
    assert_eq!(compared, 4);
}

#[test]
fn reference_samples_are_possible_and_set_off_no_detector() {
    let mut compared = 0;
    for case in cases().iter().filter(|c| c.expected.get("reference_sample").is_some()) {
        let quiet = case.circuit.without_noise();
        let (limits, control) = (Limits::default(), RunControl::default());
        // Where random results are 0 the sample is one sample only: what is not random is the same.
        let found = reference_sample(&quiet, &limits, &control).unwrap();
        let expected = case.expected["reference_sample"].as_str().unwrap();
        let found: String = found.iter().map(|&b| if b { '1' } else { '0' }).collect();
        assert_eq!(found, expected, "{}", case.name);
        assert_eq!(case.expected["noiseless_detectors_all_zero"], Value::Bool(true));
        let counts = detection_counts(&quiet, 2000, 1, &limits, &control).unwrap();
        assert!(counts.detectors.iter().all(|&n| n == 0), "{}", case.name);
        compared += 1;
    }
    assert_eq!(compared, 16);
}

#[test]
fn detectors_and_observables_have_the_exact_rates() {
    let mut compared = 0;
    for case in cases().iter().filter(|c| c.expected.get("detector_rates_exact").is_some()) {
        let (limits, control) = (Limits::default(), RunControl::default());
        let detectors = numbers(&case.expected["detector_rates_exact"]);
        let observables = numbers(&case.expected["observable_flip_rates_exact"]);
        let model = ErrorModel::of(&case.circuit, &limits, &control).unwrap();
        assert!(model.exact, "{}", case.name);
        let counts = detection_counts(&case.circuit, SHOTS, 1, &limits, &control).unwrap();
        for (what, exact, by_model, sampled) in [
            ("detector", detectors, model.detector_rates(), &counts.detectors),
            ("observable", observables, model.observable_rates(), &counts.observables),
        ] {
            assert_eq!((exact.len(), exact.len()), (by_model.len(), sampled.len()));
            for (i, &p) in exact.iter().enumerate() {
                let difference = (by_model[i] - p).abs();
                assert!(difference < ATOL, "{}: {what} {i}: {difference}", case.name);
                check_rate(&case.name, what, i, sampled[i], p);
            }
        }
        compared += 1;
    }
    assert_eq!(compared, 16);
}

/// A Pauli string as the text of an observable, the highest qubit first.
fn observable(paulis: &[(u32, Pauli)], num_qubits: usize) -> String {
    let mut letters = vec!["I"; num_qubits];
    for &(q, pauli) in paulis {
        letters[num_qubits - 1 - q as usize] = match pauli {
            Pauli::X => "X",
            Pauli::Y => "Y",
            Pauli::Z => "Z",
        };
    }
    letters.concat()
}

#[test]
fn the_same_circuits_in_openqasm_have_the_same_expectation_values() {
    let context = runner::Context::new(&|| 0.0);
    let mut compared = 0;
    for case in cases() {
        let (Some(file), Some(paulis)) =
            (case.expected["qasm2"].as_str(), case.expected["paulis"].as_array())
        else {
            continue;
        };
        let num_qubits = usize::try_from(number(&case.expected["n_qubits"])).unwrap();
        let asked: Vec<String> =
            paulis.iter().map(|p| observable(&pauli_string(&p["pauli"]), num_qubits)).collect();
        let request = serde_json::json!({
            "program": { "language": "openqasm", "text": text(file) },
            "method": "stabilizer",
            "shots": 10,
            "seed": 1,
            "want": { "expectations": asked },
        });
        let request = serde_json::from_value(request).unwrap();
        let result = runner::run(&request, &context)
            .unwrap_or_else(|e| panic!("{file}: {:?}", e.diagnostics));
        for (found, expected) in result.expectations.iter().zip(paulis) {
            let expected = expected["expectation"].as_f64().unwrap();
            assert!((found.value - expected).abs() < ATOL, "{file}: {found:?}");
            compared += 1;
        }
    }
    assert!(compared > 500, "{compared}");
}
