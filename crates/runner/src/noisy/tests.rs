//! Density matrix and trajectories against each other, and what both refuse.

use std::collections::BTreeMap;

use api::run::{Limits, Method, Noise, Precision, Program, RunRequest, RunResult, Want};

use crate::{Context, estimate, run};

const CONTEXT: Context<'static> = Context::new(&|| 0.0);

const MODEL: &str = r#"{"format": "conformance-noise-model/1",
    "after_1q_gate": [{"type": "amplitude_damping", "gamma": 0.1}, {"type": "depolarizing", "lambda": 0.05}],
    "after_2q_gate": [{"type": "depolarizing", "lambda": 0.1}],
    "after_2q_gate_on_each_qubit": [{"type": "thermal_relaxation", "time": 1, "t1": 10, "t2": 12}],
    "readout_matrix": [[0.95, 0.05], [0.1, 0.9]]}"#;

fn request(text: &str, method: Method, shots: u32) -> RunRequest {
    RunRequest {
        program: Program::openqasm(format!("OPENQASM 3.1;\ninclude \"stdgates.inc\";\n{text}")),
        method,
        precision: Precision::F64,
        fast: false,
        shots,
        seed: 5,
        inputs: BTreeMap::new(),
        noise: Some(Noise::Model(MODEL.to_owned())),
        gradient: None,
        want: Want::default(),
        limits: Limits::default(),
    }
}

fn result(request: &RunRequest) -> RunResult {
    run(request, &CONTEXT).unwrap_or_else(|e| panic!("{:?}", e.diagnostics))
}

/// Code of the refusal.
fn refused(request: &RunRequest) -> String {
    run(request, &CONTEXT).unwrap_err().diagnostics[0].code.clone()
}

/// Programs that steer by outcomes, reset, select, and say noise themselves.
const PROGRAMS: &[&str] = &[
    // Nothing is measured: all qubits are.
    "qubit[3] q; h q[0]; cx q[0], q[1]; cx q[1], q[2]; ry(0.3) q[2];",
    // Teleportation, with errors of the readout that steers it.
    "qubit[3] q; bit[2] m; bit r; ry(1.1) q[0]; h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0];
     m[0] = measure q[0]; m[1] = measure q[1]; if (m[1]) x q[2]; if (m[0]) z q[2]; r = measure q[2];",
    // Until success: branches meet again.
    "qubit q; bit c; int n = 0; h q; c = measure q; while (c && n < 5) { h q; c = measure q; n += 1; }",
    "qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; reset q[0]; ry(0.4) q[0]; c = measure q;",
    "qubit[2] q; bit[3] c; h q[0]; c[0] = measure q[0]; cx q[0], q[1]; c[1] = measure q[1]; c[2] = measure q[0];",
    "qubit[2] q; bit[2] c; h q[0];
     @ketlab.noise amplitude_damping(0.3)
     barrier q[0];
     cx q[0], q[1];
     @ketlab.noise depolarizing(0.2)
     barrier q[0], q[1];
     c = measure q;",
    // One qubit into two bits: each reading errs by itself.
    "qubit q; bit[2] c; ry(0.7) q; c[0] = measure q; c[1] = measure q;",
];

#[test]
fn trajectories_sample_what_the_density_matrix_computes() {
    const SHOTS: u32 = 40_000;
    for program in PROGRAMS {
        let mut exact = request(program, Method::DensityMatrix, SHOTS);
        exact.want.probabilities = true;
        let exact = result(&exact);
        let p = exact.probabilities.as_ref().unwrap();
        assert!((p.values().sum::<f64>() - 1.0).abs() < 1e-9, "{program}");
        let sampled = result(&request(program, Method::Trajectories, SHOTS));
        assert_eq!(sampled.method, Method::Trajectories);
        for counts in [&exact.counts, &sampled.counts] {
            assert_eq!(counts.values().sum::<u64>(), u64::from(SHOTS));
            for (key, p) in p {
                let n = f64::from(SHOTS);
                let found = counts.get(key).copied().unwrap_or(0) as f64;
                let bound = 5.0 * (n * p * (1.0 - p)).sqrt() + 1.5;
                assert!((found - n * p).abs() <= bound, "{program}: {key}: {found} for {}", n * p);
            }
            assert!(counts.keys().all(|k| p.contains_key(k)), "{program}");
        }
    }
}

#[test]
fn averages_of_trajectories_are_expectation_values() {
    const SHOTS: u32 = 20_000;
    for program in PROGRAMS {
        let n = if program.contains("[3] q") {
            3
        } else {
            2 - usize::from(program.contains("qubit q;"))
        };
        let observables = ["Z", "X"].map(|p| p.repeat(n)).to_vec();
        let ask = |method, shots| {
            let mut r = request(program, method, shots);
            r.want = Want { qubits: true, expectations: observables.clone(), ..Want::default() };
            result(&r)
        };
        let exact = ask(Method::DensityMatrix, 0);
        let sampled = ask(Method::Trajectories, SHOTS);
        // Values of single histories lie between -1 and 1.
        let bound = 5.0 / f64::from(SHOTS).sqrt();
        for (a, b) in exact.expectations.iter().zip(&sampled.expectations) {
            assert!((a.value - b.value).abs() < bound, "{program}: {a:?} and {b:?}");
        }
        for (a, b) in exact.qubits.iter().zip(&sampled.qubits) {
            for (x, y) in a.bloch.iter().zip(b.bloch) {
                assert!((x - y).abs() < bound, "{program}");
            }
        }
    }
}

#[test]
fn without_noise_both_give_the_distribution_of_the_state_vector() {
    for program in PROGRAMS.iter().filter(|p| !p.contains("@ketlab")) {
        let mut pure = request(program, Method::Auto, 0);
        pure.noise = None;
        pure.want.probabilities = true;
        let mut mixed = RunRequest { method: Method::DensityMatrix, ..pure.clone() };
        let pure = result(&pure);
        assert_eq!(pure.method, Method::Statevector);
        mixed.want.qubits = true;
        let mixed = result(&mixed);
        let (p, q) = (pure.probabilities.unwrap(), mixed.probabilities.unwrap());
        assert_eq!(p.keys().collect::<Vec<_>>(), q.keys().collect::<Vec<_>>(), "{program}");
        for (key, x) in &p {
            assert!((x - q[key]).abs() < 1e-12, "{program}: {key}");
        }
    }
}

#[test]
fn counts_do_not_depend_on_threads() {
    for program in PROGRAMS {
        for method in [Method::Trajectories, Method::DensityMatrix] {
            let of = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let mut request = request(program, method, 3000);
                request.want.expectations = Vec::new();
                request.want.qubits = true;
                let r = pool.install(|| result(&request));
                (r.counts, r.qubits.iter().map(|q| q.bloch.map(f64::to_bits)).collect::<Vec<_>>())
            };
            assert_eq!(of(1), of(4), "{program}");
        }
    }
}

#[test]
fn little_memory_changes_no_distribution() {
    // Room for few states: histories are followed alone.
    let program = "qubit[14] q; for int i in [0:12] { h q[i]; cx q[i], q[i + 1]; } bit[2] c; c[0] = measure q[0]; c[1] = measure q[13];";
    let mut tight = request(program, Method::Trajectories, 400);
    tight.limits.memory_bytes = (1 << 20) + (1 << 18) + (1 << 14);
    let tight = result(&tight);
    let wide = result(&request(program, Method::Trajectories, 400));
    assert_eq!(tight.counts.values().sum::<u64>(), 400);
    for (key, n) in &wide.counts {
        let m = tight.counts.get(key).copied().unwrap_or(0);
        // Twice the variance of a count of 400.
        assert!(n.abs_diff(m) < 5 * 15, "{key}: {n} and {m}");
    }
}

#[test]
fn selected_runs_are_normalized() {
    let text =
        "qubit[2] q; h q[0]; cx q[0], q[1]; ry(0.5) q[1];\n@ketlab.postselect 1\nbarrier q[0];\n";
    let mut exact = request(text, Method::DensityMatrix, 0);
    exact.want.probabilities = true;
    exact.want.density_matrix = true;
    let exact = result(&exact);
    assert!((exact.probabilities.as_ref().unwrap().values().sum::<f64>() - 1.0).abs() < 1e-12);
    let m = exact.density_matrix.unwrap();
    let trace: f64 = (0..4).map(|i| m[5 * i][0]).sum();
    assert!((trace - 1.0).abs() < 1e-12 && m[0][0].abs() < 1e-12);
    let sampled = result(&request(text, Method::Trajectories, 10_000));
    let kept: u64 = sampled.counts.values().sum();
    assert!(kept > 3000 && kept < 6000);
}

#[test]
fn auto_takes_what_costs_less_and_says_why() {
    let ghz = |n: u32| {
        format!("qubit[{n}] q; h q[0]; for int i in [0:{}] {{ cx q[i], q[i + 1]; }}", n - 2)
    };
    let few = result(&request(&ghz(5), Method::Auto, 1000));
    assert_eq!(few.method, Method::DensityMatrix);
    assert!(few.reason.contains("less work"), "{}", few.reason);
    let many = result(&request(&ghz(13), Method::Auto, 20));
    assert_eq!(many.method, Method::Trajectories);
    assert!(many.reason.contains("20 shots"), "{}", many.reason);
    let mut tight = request(&ghz(13), Method::Auto, 20);
    tight.limits.memory_bytes = 64 << 20;
    assert!(result(&tight).reason.contains("would need"));
    let told = estimate(&request(&ghz(5), Method::Auto, 1000), &CONTEXT).unwrap();
    assert!(told.memory_bytes.is_some() && told.operations == 5);
}

#[test]
fn devices_are_known_by_name_and_remark_on_what_they_cannot_do() {
    let mut request =
        request("qubit[4] q; h q[0]; cx q[0], q[3]; ccx q[0], q[1], q[2];", Method::Auto, 100);
    request.noise = Some(Noise::Device("hanoi".to_owned()));
    let result = result(&request);
    assert_eq!(result.noise.as_deref(), Some("ibm_hanoi"));
    let codes: Vec<&str> = result.diagnostics.iter().map(|d| d.code.as_str()).collect();
    assert!(
        codes.contains(&"uncoupled_qubits") && codes.contains(&"wide_gates_exact"),
        "{codes:?}"
    );
    request.noise = Some(Noise::Device("atlantis".to_owned()));
    assert_eq!(refused(&request), "unknown_device");
    request.noise = Some(Noise::Device("manila".to_owned()));
    request.program = Program::openqasm("OPENQASM 3.1; qubit[6] q; U(0, 0, 0) q[0];");
    assert_eq!(refused(&request), "device_too_small");
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut wide = request("qubit[20] q; h q;", Method::DensityMatrix, 10);
    assert_eq!(refused(&wide), "too_large");
    wide.method = Method::Auto;
    wide.want.probabilities = true;
    assert_eq!(refused(&wide), "needs_density_matrix");
    wide.method = Method::Trajectories;
    assert_eq!(refused(&wide), "needs_density_matrix");
    let mut small = request("qubit[2] q; h q;", Method::Auto, 10);
    small.want.statevector = true;
    assert_eq!(refused(&small), "no_single_state");
    small.want = Want::default();
    small.method = Method::Statevector;
    assert_eq!(refused(&small), "noise_not_supported");
    small.method = Method::Auto;
    small.noise = Some(Noise::Model("{}".to_owned()));
    assert_eq!(refused(&small), "bad_noise_model");
    let mut twelve = request("qubit[12] q; h q[0];", Method::DensityMatrix, 0);
    twelve.want.density_matrix = true;
    assert_eq!(refused(&twelve), "density_matrix_too_wide");
    let mut pure = request("qubit[2] q; h q;", Method::Statevector, 10);
    pure.noise = None;
    pure.want.density_matrix = true;
    assert_eq!(refused(&pure), "needs_density_matrix");
    let mut many = request("qubit[2] q; h q;", Method::Trajectories, 100_000_000);
    many.limits.memory_bytes = 1 << 30;
    assert_eq!(refused(&many), "too_many_shots");
    let impossible = "qubit q; x q;\n@ketlab.postselect 0\nbarrier q;\n";
    let mut never = request(impossible, Method::DensityMatrix, 10);
    never.noise = Some(Noise::Model(r#"{"format": "conformance-noise-model/1"}"#.to_owned()));
    assert_eq!(refused(&never), "impossible_outcome");
    never.method = Method::Trajectories;
    assert_eq!(refused(&never), "impossible_outcome");
}

const PAULI_MODEL: &str = r#"{"format": "conformance-noise-model/1",
    "after_1q_gate": [{"type": "pauli", "px": 0.04, "py": 0.01, "pz": 0.03}],
    "after_2q_gate": [{"type": "depolarizing", "lambda": 0.1}, {"type": "pauli", "errors": [["XI", 0.05], ["ZY", 0.02]]}],
    "after_2q_gate_on_each_qubit": [{"type": "bit_flip", "p": 0.02}],
    "readout_matrix": [[0.97, 0.03], [0.03, 0.97]]}"#;

/// Pauli frames sample what the density matrix computes.
#[test]
fn frames_sample_what_the_density_matrix_computes_where_noise_is_made_of_paulis() {
    for text in [
        "qubit[3] q; h q[0]; cx q[0], q[1]; s q[1]; cx q[2], q[1]; h q[2];",
        "qubit[3] q; bit[3] c; h q[0]; cx q[0], q[1]; c[0] = measure q[0]; reset q[0]; cx q[1], q[0]; c[1] = measure q[1]; h q[2]; c[2] = measure q[2];",
    ] {
        let noise = Some(Noise::Model(PAULI_MODEL.to_owned()));
        let exact = RunRequest {
            noise: noise.clone(),
            want: Want { probabilities: true, ..Want::default() },
            ..request(text, Method::DensityMatrix, 0)
        };
        let exact = result(&exact).probabilities.expect("asked for");
        let shots = 200_000;
        let sampled = result(&RunRequest { noise, ..request(text, Method::Stabilizer, shots) });
        assert_eq!(sampled.method, Method::Stabilizer);
        let distance: f64 = exact
            .iter()
            .map(|(key, p)| {
                let count = sampled.counts.get(key).copied().unwrap_or(0);
                (count as f64 / f64::from(shots) - p).abs()
            })
            .sum::<f64>()
            / 2.0;
        // The mean distance is below ½ Σ √(2 p (1 - p) / (π N)), at most ½ √(2 K / (π N)): three times that.
        let bound =
            1.5 * (2.0 * exact.len() as f64 / (std::f64::consts::PI * f64::from(shots))).sqrt();
        assert!(distance < bound, "{distance} of at most {bound}: {text}");
        assert_eq!(sampled.counts.values().sum::<u64>(), u64::from(shots));
    }
}

#[test]
fn frames_say_what_they_cannot_do_and_auto_goes_on_without_them() {
    let wide = "qubit[12] q; h q[0]; for int i in [0:10] { cx q[i], q[i + 1]; }";
    let pauli = Some(Noise::Model(PAULI_MODEL.to_owned()));
    let auto =
        |noise, text: &str| result(&RunRequest { noise, ..request(text, Method::Auto, 50) }).method;
    assert_eq!(auto(pauli.clone(), wide), Method::Stabilizer);
    assert_eq!(auto(pauli.clone(), &format!("{wide} t q[3];")), Method::Trajectories);
    assert_eq!(auto(Some(Noise::Model(MODEL.to_owned())), wide), Method::Trajectories);
    let asked = |noise, text: &str, shots| {
        refused(&RunRequest { noise, ..request(text, Method::Stabilizer, shots) })
    };
    assert_eq!(asked(pauli.clone(), &format!("{wide} t q[3];"), 50), "not_pauli_noise");
    assert_eq!(asked(Some(Noise::Model(MODEL.to_owned())), wide, 50), "not_pauli_noise");
    assert_eq!(asked(pauli, wide, 0), "not_pauli_noise");
}
