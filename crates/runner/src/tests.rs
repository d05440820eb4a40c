use std::collections::BTreeMap;

use api::run::sweep::SweepRequest;
use api::run::{Limits, Method, Precision, Program, RunError, RunRequest, RunResult, Want};

use crate::{Context, Estimates, Live, estimate, run, sweep};

fn request(text: &str, shots: u32) -> RunRequest {
    RunRequest {
        program: Program::openqasm(text),
        method: Method::Auto,
        precision: Precision::F64,
        fast: false,
        shots,
        seed: 7,
        inputs: BTreeMap::new(),
        noise: None,
        gradient: None,
        want: Want::default(),
        limits: Limits::default(),
    }
}

pub(crate) const CONTEXT: Context<'static> = Context::new(&|| 0.0);

fn execute(request: &RunRequest) -> Result<RunResult, RunError> {
    run(request, &CONTEXT)
}

fn counts(text: &str, shots: u32) -> Vec<(String, u64)> {
    execute(&request(text, shots)).unwrap().counts.into_iter().collect()
}

const BELL: &str = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; creg c[2]; h q[0]; cx q[0],q[1]; measure q -> c;";

#[test]
fn a_bell_pair_gives_equal_bits() {
    let c = counts(BELL, 1000);
    assert_eq!(c.iter().map(|(k, _)| k.as_str()).collect::<Vec<_>>(), ["00", "11"]);
    assert_eq!(c.iter().map(|(_, n)| n).sum::<u64>(), 1000);
    // Five standard deviations of a fair coin.
    assert!(c[0].1.abs_diff(500) < 80, "{c:?}");
}

#[test]
fn the_same_seed_gives_the_same_counts() {
    assert_eq!(counts(BELL, 1000), counts(BELL, 1000));
}

#[test]
fn keys_cover_all_registers_with_a_space_between() {
    let text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; creg a[1]; creg b[2]; x q[1]; measure q[1] -> a[0];";
    assert_eq!(counts(text, 10), [("00 1".to_owned(), 10)]);
}

#[test]
fn without_classical_bits_all_qubits_are_measured() {
    let text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[3]; creg c[2]; x q[1];";
    let result = execute(&request(text, 5)).unwrap();
    assert!(result.measured_all);
    assert_eq!(result.counts.into_iter().collect::<Vec<_>>(), [("010".to_owned(), 5)]);
}

const TELEPORT: &str = r#"OPENQASM 3.0; include "stdgates.inc";
qubit[3] q; bit a; bit b; bit r;
ry(0.7) q[0]; h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0];
a = measure q[0]; b = measure q[1];
if (b) x q[2];
if (a) z q[2];
ry(-0.7) q[2];
r = measure q[2];"#;

#[test]
fn teleportation_works_on_every_branch() {
    let mut r = request(TELEPORT, 4000);
    r.want.probabilities = true;
    let result = execute(&r).unwrap();
    for key in result.counts.keys() {
        assert!(key.starts_with('0'), "the teleported qubit is back in |0⟩: {key}");
    }
    assert_eq!(result.counts.len(), 4);
    let p = result.probabilities.unwrap();
    assert_eq!(p.len(), 4);
    for (key, p) in p {
        assert!((p - 0.25).abs() < 1e-9, "{key}: {p}");
    }
}

#[test]
fn branches_are_found_again_where_there_is_no_room_for_copies() {
    let mut wide = request(TELEPORT, 4000);
    let roomy = execute(&wide).unwrap();
    wide.limits.memory_bytes = sim::limits::needed_bytes(3, sim::Precision::F64);
    assert_eq!(execute(&wide).unwrap().counts, roomy.counts);
}

#[test]
fn reset_forgets_and_measurement_in_the_middle_collapses() {
    let text = r#"OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c;
        h q[0]; cx q[0], q[1]; c[0] = measure q[0]; reset q[0]; h q[0]; h q[0]; c[1] = measure q[1];"#;
    for (key, n) in counts(text, 1000) {
        assert!(key == "00" || key == "11", "{key}: {n}");
    }
}

#[test]
fn parts_that_no_gate_connects_are_simulated_apart() {
    let text = r#"OPENQASM 3.0; include "stdgates.inc"; qubit[100] q; bit[100] c;
        for int i in [0:2:98] { x q[i]; cx q[i], q[i+1]; }
        c = measure q;"#;
    let mut r = request(text, 100);
    r.want.probabilities = true;
    r.want.qubits = true;
    r.want.expectations = vec!["Z".repeat(100), format!("0.5*{}X", "I".repeat(99))];
    let result = execute(&r).unwrap();
    assert_eq!(result.counts.into_iter().collect::<Vec<_>>(), [("1".repeat(100), 100)]);
    assert_eq!(result.qubits.len(), 100);
    assert!(result.qubits.iter().all(|q| (q.probability_one - 1.0).abs() < 1e-9));
    assert!((result.expectations[0].value - 1.0).abs() < 1e-9);
    assert!(result.expectations[1].value.abs() < 1e-9);
    assert!((result.probabilities.unwrap().values().sum::<f64>() - 1.0).abs() < 1e-9);
}

#[test]
fn a_cut_distribution_is_a_part_of_the_whole_one() {
    let one = r#"OPENQASM 3.0; include "stdgates.inc"; qubit[6] q; bit[6] c;
        for int i in [0:5] { ry(0.3 * i + 0.2) q[i]; } for int i in [0:4] { cx q[i], q[i+1]; } c = measure q;"#;
    let two = one.replace("[0:4]", "[0:2]");
    let follows = format!("{one} reset q[0]; h q[0]; c[0] = measure q[0];");
    for text in [one, &two, &follows] {
        let mut r = request(text, 40);
        r.want.probabilities = true;
        let whole = execute(&r).unwrap();
        r.want.top_probabilities = 5;
        let cut = execute(&r).unwrap();
        assert_eq!(cut.counts, whole.counts);
        assert_eq!(cut.total_variation, whole.total_variation);
        assert!(whole.total_variation.is_some());
        let (all, some) = (whole.probabilities.unwrap(), cut.probabilities.unwrap());
        assert_eq!(some.len(), cut.counts.len() + 5);
        assert!(cut.counts.keys().all(|key| some.contains_key(key)));
        assert!(some.iter().all(|(key, p)| all[key].to_bits() == p.to_bits()));
        let sum = some.values().sum::<f64>() + cut.truncated.unwrap();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        // The best of those without a count.
        let mut others: Vec<f64> =
            all.iter().filter(|(k, _)| !cut.counts.contains_key(*k)).map(|(_, p)| *p).collect();
        others.sort_by(|a, b| b.total_cmp(a));
        let least = others[4] - 1e-9;
        assert!(
            some.iter().all(|(key, p)| cut.counts.contains_key(key) || *p >= least),
            "{some:?}"
        );
    }
}

/// A ring of 60 qubits, entangled once around.
fn ring() -> String {
    r#"OPENQASM 3.0; include "stdgates.inc"; qubit[60] q; bit[2] c;
        for int i in [0:59] { ry(0.1 * i + 0.3) q[i]; }
        for int i in [0:2:58] { cx q[i], q[i+1]; }
        for int i in [1:2:57] { crx(0.7) q[i], q[i+1]; }
        "#
    .to_owned()
}

#[test]
fn only_the_past_of_what_is_asked_is_simulated() {
    let measured = ring() + "c[0] = measure q[20]; c[1] = measure q[50];";
    let mut r = request(&measured, 1000);
    let term = |at: &[(usize, char)]| -> String {
        (0..60)
            .rev()
            .map(|q| at.iter().find(|(p, _)| *p == q).map_or('I', |(_, letter)| *letter))
            .collect()
    };
    let (near, far) = (term(&[(20, 'Z'), (21, 'X')]), term(&[(50, 'Z')]));
    r.want.expectations = vec![format!("0.5*{near} + {far}"), far.clone()];
    let result = execute(&r).unwrap();
    assert!(result.reason.contains("would need one of 60"), "{}", result.reason);
    // The same qubits in a register of their own.
    let small = r#"OPENQASM 3.0; include "stdgates.inc"; qubit[6] q; bit[2] c;
        for int i in [0:5] { ry(0.1 * (i + 18) + 0.3) q[i]; }
        for int i in [0:2:4] { cx q[i], q[i+1]; }
        for int i in [1:2:3] { crx(0.7) q[i], q[i+1]; }
        "#;
    let mut s = request(small, 0);
    s.want.expectations = vec!["IIXZII".into()];
    let near = execute(&s).unwrap().expectations[0].value;
    s.program = Program::openqasm(small.replace("+ 18", "+ 48"));
    s.want.expectations = vec!["IIIZII".into()];
    let far = execute(&s).unwrap().expectations[0].value;
    assert!((result.expectations[0].value - 0.5 * near - far).abs() < 1e-12);
    assert!((result.expectations[1].value - far).abs() < 1e-12);
    let ones: u64 = result.counts.iter().filter(|(k, _)| k.starts_with('1')).map(|(_, c)| c).sum();
    // Five standard deviations.
    assert!((ones as f64 / 1000.0 - (1.0 - far) / 2.0).abs() < 0.08);
}

#[test]
fn kept_states_change_no_bit_of_an_answer() {
    let live = Live::new(64 << 20);
    let text = |angle: f64| {
        format!(
            r#"OPENQASM 3.0; include "stdgates.inc"; qubit[17] q;
            for int i in [0:16] {{ ry(0.1 * i + 0.3) q[i]; }}
            for int k in [0:9] {{
                for int i in [0:15] {{ crx(0.7) q[i], q[i+1]; }}
                for int i in [0:7] {{ crx(0.3) q[16 - i], q[i]; }}
            }}
            ry({angle}) q[16];"#
        )
    };
    for angle in [0.1, 0.1, 0.2, 0.3, 0.2] {
        let mut r = request(&text(angle), 2000);
        r.want.qubits = true;
        r.want.top_amplitudes = 5;
        let context = Context { live: Some(&live), ..CONTEXT };
        let (kept, plain) = (run(&r, &context).unwrap(), execute(&r).unwrap());
        assert_eq!(RunResult { seconds: 0.0, ..kept }, RunResult { seconds: 0.0, ..plain });
        assert!(live.size_bytes() > 0 && live.size_bytes() <= 64 << 20);
    }
    // A run that needs the memory gets it.
    let mut r = request(&text(0.5), 10);
    r.limits.memory_bytes = sim::limits::needed_bytes(17, sim::Precision::F64);
    run(&r, &Context { live: Some(&live), ..CONTEXT }).unwrap();
    assert_eq!(live.size_bytes(), 0);
}

#[test]
fn counts_do_not_depend_on_what_else_is_asked() {
    let text =
        ring().replace("60", "18").replace("59", "17").replace("58", "16").replace("57", "15")
            + "c[0] = measure q[3]; c[1] = measure q[12];";
    let plain = execute(&request(&text, 500)).unwrap();
    let mut r = request(&text, 500);
    r.want.qubits = true;
    r.want.statevector = true;
    r.want.top_amplitudes = 3;
    let full = execute(&r).unwrap();
    assert_eq!(plain.counts, full.counts);
    let state = full.statevector.unwrap();
    let one = |q: usize| -> f64 {
        let all = state.iter().enumerate().filter(|(i, _)| i >> q & 1 == 1);
        all.map(|(_, [re, im])| re * re + im * im).sum()
    };
    for (q, shown) in full.qubits.iter().enumerate() {
        assert!((one(q) - shown.probability_one).abs() < 1e-12);
    }
    let top = full.top_amplitudes[0];
    let [re, im] = state[usize::try_from(top.index).unwrap()];
    assert!((re - top.re).abs() < 1e-12 && (im - top.im).abs() < 1e-12);
}

#[test]
fn a_register_that_does_not_fit_says_what_would() {
    let text = "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[40]; h q; t q[0]; cx q[0],q[1];"
        .to_owned()
        + &(1..39).map(|i| format!("cx q[{i}],q[{}];", i + 1)).collect::<Vec<_>>().concat();
    let error = execute(&request(&text, 1)).unwrap_err();
    assert_eq!(error.diagnostics[0].code, "too_large");
    assert!(error.diagnostics[0].message.contains("27 qubits"), "{}", error.diagnostics[0].message);
}

#[test]
fn refusals_name_line_and_column() {
    let error = execute(&request(
        "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[2];\ncxx q[0],q[1];\n",
        1,
    ))
    .unwrap_err();
    assert_eq!((error.diagnostics[0].line, error.diagnostics[0].column), (4, 1));
}

#[test]
fn inputs_are_read_as_the_language_reads_them() {
    let text = r#"OPENQASM 3.0; include "stdgates.inc"; input float theta; input bit[2] b; qubit q; bit c;
        rx(theta) q; if (b[1]) x q; c = measure q;"#;
    let mut r = request(text, 10);
    r.inputs = [("theta".into(), "2*pi/2".into()), ("b".into(), "\"10\"".into())].into();
    let counts = execute(&r).unwrap().counts;
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), [("0 10".to_owned(), 10)]);
    r.inputs.insert("theta".into(), "1; qubit x".into());
    assert_eq!(execute(&r).unwrap_err().diagnostics[0].code, "input_type");
    r.inputs.remove("theta");
    assert_eq!(execute(&r).unwrap_err().diagnostics[0].code, "missing_input");
}

#[test]
fn exact_answers_of_a_terminal_program() {
    let mut r = request(BELL, 0);
    r.want = Want {
        probabilities: true,
        statevector: true,
        top_amplitudes: 2,
        qubits: true,
        expectations: vec!["ZZ".into(), "XX - YY".into()],
        ..Want::default()
    };
    let result = execute(&r).unwrap();
    let h = std::f64::consts::FRAC_1_SQRT_2;
    let state = result.statevector.unwrap();
    assert!((state[0][0] - h).abs() < 1e-12 && (state[3][0] - h).abs() < 1e-12);
    assert_eq!(result.top_amplitudes.len(), 2);
    assert!(result.qubits.iter().all(|q| q.bloch.iter().all(|x| x.abs() < 1e-12)));
    assert!((result.expectations[0].value - 1.0).abs() < 1e-12);
    assert!((result.expectations[1].value - 2.0).abs() < 1e-12);
    assert!(result.counts.is_empty());
}

#[test]
fn a_program_that_branches_has_no_single_state() {
    let mut r = request(TELEPORT, 0);
    r.want.statevector = true;
    assert_eq!(execute(&r).unwrap_err().diagnostics[0].code, "no_single_state");
}

#[test]
fn a_program_that_measures_into_locals_alone_has_the_empty_key() {
    let text = r#"OPENQASM 3.0; include "stdgates.inc"; qubit q;
        def coin(qubit a) -> bit { h a; bit b = measure a; return b; }
        int n = 0; n = int(coin(q));"#;
    let mut r = request(text, 10);
    r.want.probabilities = true;
    let result = execute(&r).unwrap();
    assert!(!result.measured_all);
    assert_eq!(result.counts.into_iter().collect::<Vec<_>>(), [(String::new(), 10)]);
}

#[test]
fn a_loop_until_success_is_followed_to_its_end() {
    // Each turn succeeds with probability 1/4; failures meet again.
    let text = r#"OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[2] flags = "11"; bit out;
        x q[2];
        while (int[2](flags) != 0) { reset q[0]; reset q[1]; h q[0]; h q[1]; flags = measure q[0:1]; }
        out = measure q[2];"#;
    let mut r = request(text, 500);
    r.want.probabilities = true;
    let result = execute(&r).unwrap();
    assert_eq!(result.counts.into_iter().collect::<Vec<_>>(), [("1 00".to_owned(), 500)]);
    let p = result.probabilities.unwrap();
    assert!((p["1 00"] - 1.0).abs() < 1e-9, "{p:?}");
}

#[test]
fn measurements_after_feedback_are_sampled_together() {
    // Twelve fair coins after one correction: 4,096 outcomes, but two branches.
    let text = r#"OPENQASM 3.0; include "stdgates.inc"; qubit[13] q; bit s; bit[12] c;
        h q[12]; s = measure q[12]; if (s) x q[12];
        for int i in [0:11] { h q[i]; }
        c = measure q[0:11];"#;
    let mut r = request(text, 20_000);
    r.want.probabilities = true;
    let result = execute(&r).unwrap();
    assert_eq!(result.branches, 2);
    assert_eq!(result.counts.values().sum::<u64>(), 20_000);
    assert_eq!(result.probabilities.unwrap().len(), 8_192);
}

#[test]
fn the_state_before_terminal_measurements_is_given_after_feedback_too() {
    let text = r#"OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit s; bit c;
        x q[0]; s = measure q[0]; if (s) h q[1]; c = measure q[1];"#;
    let mut r = request(text, 0);
    r.want.statevector = true;
    let state = execute(&r).unwrap().statevector.unwrap();
    let h = std::f64::consts::FRAC_1_SQRT_2;
    assert!((state[1][0] - h).abs() < 1e-12 && (state[3][0] - h).abs() < 1e-12, "{state:?}");
}

#[test]
fn loops_that_never_end_are_told() {
    let told = |text: &str| {
        let mut r = request(text, 1);
        r.limits.max_operations = 20_000;
        execute(&r).unwrap_err().diagnostics[0].code.clone()
    };
    let quantum = r#"OPENQASM 3.0; include "stdgates.inc"; qubit q; bit c; while (true) { h q; c = measure q; }"#;
    assert_eq!(told(quantum), "too_many_operations");
    let fed_back = r#"OPENQASM 3.0; include "stdgates.inc"; qubit q; bit c; while (true) { if (c) h q; c = measure q; }"#;
    assert_eq!(told(fed_back), "too_many_operations");
    let classical = "OPENQASM 3.0; int i = 0; while (true) { i += 1; } qubit q;";
    assert_eq!(told(classical), "too_many_statements");
}

fn sweep_request(text: &str, points: usize) -> SweepRequest {
    SweepRequest {
        program: Program::openqasm(text),
        method: Method::Auto,
        precision: Precision::F64,
        fast: false,
        noise: None,
        noise_scales: Vec::new(),
        names: vec!["a".into(), "b".into()],
        points: (0..points).map(|i| vec![0.01 * i as f64, 1.0 - 0.02 * i as f64]).collect(),
        inputs: BTreeMap::new(),
        shots: 100,
        seed: 3,
        expectations: vec!["IZZ".into(), "XII".into()],
        qubits: true,
        probabilities: false,
        fidelity: false,
        limits: Limits::default(),
    }
}

#[track_caller]
fn check_sweep(text: &str, points: usize, shared: u64) {
    let request = sweep_request(text, points);
    let swept = sweep(&request, &CONTEXT).unwrap();
    assert_eq!((swept.points.len(), swept.shared_gates), (points, shared));
    for (i, point) in swept.points.iter().enumerate() {
        let mut r = self::request(text, 100);
        r.seed = 3 + i as u64;
        for (name, x) in request.names.iter().zip(&request.points[i]) {
            r.inputs.insert(name.clone(), format!("{x:?}"));
        }
        r.want.expectations.clone_from(&request.expectations);
        r.want.qubits = true;
        let single = execute(&r).unwrap();
        assert_eq!(point.counts, single.counts, "point {i}");
        for (a, b) in point.expectations.iter().zip(&single.expectations) {
            assert_eq!(a.to_bits(), b.value.to_bits(), "point {i}");
        }
        for (a, b) in point.probability_one.iter().zip(&single.qubits) {
            assert_eq!(a.to_bits(), b.probability_one.to_bits(), "point {i}");
        }
    }
}

#[test]
fn a_sweep_gives_what_single_runs_give() {
    let head = r#"OPENQASM 3.0; include "stdgates.inc"; input float a; input angle b; qubit[3] q; bit[2] c;"#;
    let body = "h q; cx q[0], q[1]; ry(a) q[1]; crx(b) q[1], q[2];";
    check_sweep(&format!("{head} {body} c[0] = measure q[2]; c[1] = measure q[0];"), 70, 4);
    check_sweep(&format!("{head} {body}"), 5, 4);
    // Branches: point by point.
    check_sweep(
        &format!("{head} {body} c[0] = measure q[0]; if (c[0]) x q[1]; c[1] = measure q[1];"),
        3,
        0,
    );
}

#[test]
fn a_sweep_is_checked_before_it_runs() {
    let text = r#"OPENQASM 3.0; include "stdgates.inc"; input float a; input float b; qubit[3] q; rx(a * b) q;"#;
    let code = |r: &SweepRequest| sweep(r, &CONTEXT).unwrap_err().diagnostics[0].code.clone();
    let good = sweep_request(text, 2);
    let mut r = good.clone();
    r.points[1].pop();
    assert_eq!(code(&r), "bad_point");
    let mut r = good.clone();
    r.points[0][0] = f64::NAN;
    assert_eq!(code(&r), "bad_point");
    let mut r = good.clone();
    r.points = vec![vec![0.0, 0.0]; 100_001];
    assert_eq!(code(&r), "too_many_points");
    let mut r = good.clone();
    r.names[1] = "c".into();
    assert_eq!(code(&r), "unknown_input");
    let cancel = std::sync::atomic::AtomicU32::new(1);
    let context = Context { cancel: Some(&cancel), ..CONTEXT };
    assert_eq!(sweep(&good, &context).unwrap_err().kind, api::run::RunErrorKind::Cancelled);
}

#[test]
fn estimates_are_made_before_the_run_and_refuse_what_is_hopeless() {
    let text = r#"OPENQASM 3.0; include "stdgates.inc"; qubit[20] q;
        for int k in [0:30] { rx(0.3) q; for int i in [0:18] { cx q[i], q[i+1]; } }"#;
    let heard = std::sync::Mutex::new(Vec::new());
    let slow = Some(sim::Calibration::NOMINAL);
    let estimates =
        Estimates { calibration: &|_| slow, hear: &|seconds| heard.lock().unwrap().push(seconds) };
    let context = Context { estimates: Some(estimates), ..CONTEXT };
    let mut r = request(text, 10);
    let found = estimate(&r, &context).unwrap();
    assert!(found.seconds.unwrap() > 0.3, "{found:?}");
    assert!(found.memory_bytes.unwrap() >= 16 << 20);
    assert_eq!(*heard.lock().unwrap(), [found.seconds.unwrap()]);
    r.limits.time_ms = 20;
    let error = run(&r, &context).unwrap_err();
    assert_eq!(error.diagnostics[0].code, "time_limit");
    assert!(error.diagnostics[0].message.contains("would take about"));
    // What is over in no time is not measured.
    let quick = run(&request(BELL, 10), &context).unwrap();
    assert_eq!((quick.estimated_seconds, heard.lock().unwrap().len()), (None, 2));
}
