//! The stabilizer method against the state vector, and against what is known of codes.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use api::run::{
    Limits, MemoryExperiment, Method, Program, RunRequest, RunResult, SampleRequest, Sampled, Want,
};
use serde_json::json;

use crate::tests::CONTEXT;
use crate::{run, sample_detectors, surface_code};

fn request(program: &Program, method: Method, shots: u32, want: &Want) -> RunRequest {
    let asked = json!({
        "program": program, "method": method, "shots": shots, "seed": 11, "want": want,
    });
    serde_json::from_value(asked).unwrap()
}

fn by(method: Method, text: &str, shots: u32, want: &Want) -> RunResult {
    run(&request(&Program::openqasm(text), method, shots, want), &CONTEXT)
        .unwrap_or_else(|e| panic!("{:?} in\n{text}", e.diagnostics))
}

fn refused(program: &Program, method: Method, want: &Want) -> String {
    run(&request(program, method, 10, want), &CONTEXT).unwrap_err().diagnostics[0].code.clone()
}

fn exact(expectations: &[&str]) -> Want {
    Want {
        probabilities: true,
        qubits: true,
        expectations: expectations.iter().map(|&s| s.to_owned()).collect(),
        ..Want::default()
    }
}

const HEADER: &str = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[4] q; bit[4] c; bit f;\n";

/// Programs with every way to measure and go on, none with a gate that is no Clifford gate.
const PROGRAMS: [&str; 9] = [
    "h q[0]; cx q[0], q[1]; s q[1]; sx q[2]; cz q[1], q[2]; c = measure q;",
    "h q; barrier q; cy q[0], q[3]; rz(pi/2) q[1]; rx(-pi/2) q[2]; swap q[2], q[3]; c[1:2] = measure q[0:1];",
    "h q[0]; ctrl @ x q[0], q[1]; negctrl @ z q[1], q[2]; inv @ s q[0]; pow(3) @ sdg q[1]; c[0] = measure q[1];",
    "h q[0]; cx q[0], q[1]; c[0] = measure q[0]; h q[0]; c[1] = measure q[0]; c[2] = measure q[1];",
    "h q[0]; cx q[0], q[1]; reset q[0]; h q[0]; cx q[0], q[2]; c = measure q;",
    "h q[0]; f = measure q[0]; if (f) { x q[1]; h q[2]; } cx q[2], q[3]; c = measure q;",
    "h q[0]; f = measure q[0]; while (f) { h q[0]; f = measure q[0]; } h q[1]; c[1] = measure q[1];",
    "for int i in [0:2] { h q[i]; cx q[i], q[i + 1]; c[i] = measure q[i]; if (c[i]) z q[i + 1]; } c[3] = measure q[3];",
    "h q[0]; cx q[0], q[1]; u3(pi/2, 0, pi) q[2]; s q[0];",
];

#[test]
fn a_tableau_gives_the_distribution_of_a_state_vector() {
    for body in PROGRAMS {
        // `while` has no end with exact answers.
        let probabilities = !body.contains("while");
        let text = format!("{HEADER}{body}");
        let want = Want {
            probabilities,
            ..exact(if probabilities { &["ZZII + 0.5*IXYZ - YYXX", "IIZI"] } else { &[] })
        };
        let shots = 20_000;
        let ours = by(Method::Stabilizer, &text, shots, &want);
        assert_eq!(ours.method, Method::Stabilizer, "{body}");
        assert_eq!(ours.counts.values().sum::<u64>(), u64::from(shots));
        let theirs = by(Method::Statevector, &text, shots, &want);
        assert_eq!(ours.measured_all, theirs.measured_all);
        if let (Some(a), Some(b)) = (&ours.probabilities, &theirs.probabilities) {
            assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{body}");
            assert!(a.iter().all(|(k, p)| (p - b[k]).abs() < 1e-9), "{body}");
            for (a, b) in ours.expectations.iter().zip(&theirs.expectations) {
                assert!((a.value - b.value).abs() < 1e-9, "{a:?} {b:?} {body}");
            }
            for (a, b) in ours.qubits.iter().zip(&theirs.qubits) {
                let far = a.bloch.iter().zip(b.bloch).any(|(x, y)| (x - y).abs() > 1e-9);
                assert!(!far, "{a:?} {b:?} {body}");
            }
            check_counts(&ours, a);
        }
        let all: BTreeMap<&String, f64> = ours
            .counts
            .keys()
            .chain(theirs.counts.keys())
            .map(|k| {
                let of = |r: &RunResult| r.counts.get(k).copied().unwrap_or(0) as f64;
                (k, of(&ours) - of(&theirs))
            })
            .collect();
        // Five deviations of the difference of two counts.
        for (key, difference) in all {
            let p = ours.counts.get(key).copied().unwrap_or(0) as f64 / f64::from(shots);
            let bound = 5.0 * (2.0 * f64::from(shots) * p.max(1e-3)).sqrt();
            assert!(difference.abs() <= bound, "{key}: {difference} in {body}");
        }
    }
}

fn check_counts(result: &RunResult, probabilities: &BTreeMap<String, f64>) {
    let shots = f64::from(result.shots);
    for (key, &count) in &result.counts {
        let p = probabilities[key];
        let bound = 5.0 * (shots * p * (1.0 - p)).sqrt() + 1e-9;
        assert!((count as f64 - shots * p).abs() <= bound, "{key}: {count}, p = {p}");
    }
}

#[test]
fn counts_alone_come_from_frames_and_are_distributed_alike() {
    // Measured and used again: frames without exact answers, branches with them.
    let text = format!("{HEADER}{}", PROGRAMS[4]);
    let frames = by(Method::Stabilizer, &text, 20_000, &Want { qubits: true, ..Want::default() });
    let branches = by(Method::Stabilizer, &text, 0, &exact(&[]));
    check_counts(&frames, branches.probabilities.as_ref().unwrap());
    for (a, b) in frames.qubits.iter().zip(&branches.qubits) {
        let far = a.bloch.iter().zip(b.bloch).any(|(x, y)| (x - y).abs() > 5.0 / 20_000_f64.sqrt());
        assert!(!far, "{a:?} {b:?}");
    }
}

#[test]
fn wide_clifford_programs_go_to_a_tableau_by_themselves() {
    let mut text = String::from(
        "OPENQASM 3.0; include \"stdgates.inc\"; qubit[1000] q; bit[1000] c; h q[0];\n",
    );
    for i in 0..999 {
        writeln!(text, "cx q[{i}], q[{}];", i + 1).unwrap();
    }
    let measured = format!("{text}c = measure q;");
    let result = by(Method::Auto, &measured, 1000, &Want::default());
    assert_eq!(result.method, Method::Stabilizer);
    assert!(result.reason.contains("Clifford"), "{}", result.reason);
    assert_eq!(result.counts.keys().map(String::len).collect::<Vec<_>>(), [1000, 1000]);
    assert_eq!(result.counts, by(Method::Auto, &measured, 1000, &Want::default()).counts);
    // Teleported along the row, outcome by outcome.
    let fed = format!(
        "{text}for int i in [0:20] {{ bit f = measure q[i]; if (f) x q[i + 1]; reset q[i]; }} c[30] = measure q[30];"
    );
    let result = by(Method::Auto, &fed, 100, &Want::default());
    assert_eq!(result.method, Method::Stabilizer);
    assert_eq!(result.distinct_outcomes, 2);
    // What has T gates is left to the state vector.
    let t = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[17] q; h q; t q[3]; h q[3];";
    assert_eq!(by(Method::Auto, t, 10, &Want::default()).method, Method::Statevector);
    let amplitudes = Want { top_amplitudes: 3, ..Want::default() };
    let h = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[17] q; h q[3];";
    assert_eq!(by(Method::Auto, h, 10, &amplitudes).method, Method::Statevector);
}

#[test]
fn the_stabilizer_method_says_what_it_cannot_do() {
    let text = |body: &str| Program::openqasm(format!("{HEADER}{body}"));
    let none = Want::default();
    assert_eq!(refused(&text("h q[0]; t q[1];"), Method::Stabilizer, &none), "not_clifford");
    let fed = "f = measure q[0]; if (!f) t q[1];";
    assert_eq!(refused(&text(fed), Method::Stabilizer, &none), "not_clifford");
    let all = Want { statevector: true, ..Want::default() };
    assert_eq!(refused(&text("h q[0];"), Method::Stabilizer, &all), "no_amplitudes");
    let wide = Program::openqasm("OPENQASM 3.0; include \"stdgates.inc\"; qubit[40] q; h q;");
    assert_eq!(refused(&wide, Method::Auto, &exact(&[])), "distribution_too_wide");
}

#[test]
fn circuits_of_stim_run_as_programs_do() {
    let stim = |text: &str, want: Want| {
        run(&request(&Program::stim(text), Method::Auto, 1000, &want), &CONTEXT).unwrap()
    };
    let bell = stim("H 0\nCX 0 1\nM 0 1\nM !1", Want::default());
    // The record is one register, the last result leftmost.
    assert_eq!(bell.counts.keys().collect::<Vec<_>>(), ["011", "100"]);
    assert_eq!((bell.num_qubits, bell.num_clbits, bell.measured_all), (2, 3, false));
    let open = Want { qubits: true, expectations: vec!["XX - ZZ".to_owned()], ..Want::default() };
    let open = stim("H 0\nCX 0 1", open);
    assert_eq!(open.counts.keys().collect::<Vec<_>>(), ["00", "11"]);
    assert!(open.measured_all && open.expectations[0].value.abs() < 1e-12);
    assert!(open.qubits.iter().flat_map(|q| q.bloch).all(|x| x.abs() < 1e-12));
    let error =
        run(&request(&Program::stim("H 0\nFOO"), Method::Auto, 1, &Want::default()), &CONTEXT)
            .unwrap_err();
    assert_eq!((error.diagnostics[0].line, error.diagnostics[0].column), (2, 1));
    let vector = refused(&Program::stim("H 0"), Method::Statevector, &Want::default());
    assert_eq!(vector, "needs_stabilizer");
    assert!(crate::check(&Program::stim("H 0"), None).is_empty());
    assert_eq!(crate::check(&Program::stim("H q"), None)[0].code, "bad_target");
}

#[test]
fn detectors_are_sampled_and_decoded() {
    let ask = |program: Program, decode: bool| {
        let request = SampleRequest {
            circuit: Sampled::Program(program),
            shots: 20_000,
            seed: 3,
            decode,
            convert: false,
            limits: Limits::default(),
        };
        sample_detectors(&request, &CONTEXT)
    };
    let experiment = |distance, rounds, noise| MemoryExperiment {
        distance,
        rounds,
        basis: api::run::Basis::Z,
        noise,
    };
    let code = ask(surface_code(&experiment(3, 3, 0.002)).unwrap(), true).unwrap();
    assert_eq!((code.num_qubits, code.detectors.len(), code.observables.len()), (17, 24, 1));
    let logical = code.logical.unwrap();
    assert!(logical.exact && logical.errors > 0);
    assert!(logical.rate < code.observables[0] / 5.0, "{logical:?}");
    assert_eq!(
        surface_code(&experiment(1, 1, 0.1)).unwrap_err().diagnostics[0].code,
        "surface_code"
    );
    let openqasm = ask(Program::openqasm("qubit q;"), false).unwrap_err();
    assert_eq!(openqasm.diagnostics[0].code, "needs_stim");
    let random = ask(Program::stim("H 0\nM 0\nDETECTOR rec[-1]"), true).unwrap_err();
    assert_eq!(random.diagnostics[0].code, "random_detector");
}
