//! Times the work that is measured against other simulators: density matrices, trajectories, gradients. Run by
//! `cargo xtask bench methods`.
//!
//! Arguments: threads, a folder (`-` for none), and names of cases. Each case is written into the folder, for the others
//! to read; and one line of JSON says its least time and a number to check.
#![expect(clippy::disallowed_methods, reason = "a program: it reads arguments and clocks")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use api::run::{
    GradientRequest, Limits, Method, Noise, Precision, Program, RunRequest, RunResult, Want,
};
use circuit::{Gate, Instruction, Qubit, UnitaryInstruction};
use quantum_info::{Matrix, Observable};
use serde_json::{Value, json};
use sim::RunControl;
use sim::gradient::{Derivative, GradientOptions, gradient};

const MODEL: &str = r#"{"format": "conformance-noise-model/1",
    "after_1q_gate": [{"type": "depolarizing", "lambda": 0.01}],
    "after_2q_gate": [{"type": "depolarizing", "lambda": 0.01}]}"#;

/// Name, qubits, parameters.
type Named = (&'static str, Vec<u32>, Vec<f64>);

/// Two layers of rx, rz and a line of cx.
fn noisy(n: u32) -> Vec<Named> {
    let mut gates = Vec::new();
    let mut angle = 0.1;
    for _ in 0..2 {
        for q in 0..n {
            for gate in ["rx", "rz"] {
                angle = (angle * 7.3 + 1.1) % 6.0;
                gates.push((gate, vec![q], vec![angle]));
            }
        }
        gates.extend((0..n - 1).map(|q| ("cx", vec![q, q + 1], Vec::new())));
    }
    gates
}

/// The program, all qubits measured at its end.
fn text_of(n: u32, gates: &[Named]) -> String {
    let mut text =
        format!("OPENQASM 3.1;\ninclude \"stdgates.inc\";\nqubit[{n}] q;\nbit[{n}] c;\n");
    for (name, qubits, params) in gates {
        let params = params.first().map_or_else(String::new, |p| format!("({p})"));
        let qubits: Vec<String> = qubits.iter().map(|q| format!("q[{q}]")).collect();
        let _ = writeln!(text, "{name}{params} {};", qubits.join(", "));
    }
    text + "c = measure q;"
}

fn request(text: String, method: Method, precision: Precision, shots: u32) -> RunRequest {
    RunRequest {
        program: Program::openqasm(text),
        method,
        precision,
        fast: false,
        shots,
        seed: 1,
        inputs: BTreeMap::new(),
        noise: Some(Noise::Model(MODEL.to_owned())),
        gradient: None,
        want: Want::default(),
        limits: Limits { memory_bytes: 8 << 30, ..Limits::default() },
    }
}

fn run(request: &RunRequest) -> RunResult {
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64();
    let context = runner::Context::new(&clock);
    runner::run(request, &context).unwrap_or_else(|e| panic!("{:?}", e.diagnostics))
}

/// Layers of ry or rz and a line of cx: gates, and the parameter of those that have one.
fn ansatz(n: u32, parameters: usize) -> Vec<(Gate, Vec<u32>, Option<usize>)> {
    let (mut gates, mut k, mut layer) = (Vec::new(), 0, 0);
    while k < parameters {
        for q in 0..n {
            if k < parameters {
                gates.push((if layer % 2 == 0 { Gate::Ry } else { Gate::Rz }, vec![q], Some(k)));
                k += 1;
            }
        }
        for q in 0..n - 1 {
            gates.push((Gate::Cx, vec![q, q + 1], None));
        }
        layer += 1;
    }
    gates
}

fn adjoint() -> f64 {
    let n = 12;
    let x = angle;
    let mut instructions = Vec::new();
    let mut derivatives = Vec::new();
    for (gate, qubits, parameter) in ansatz(n, 100) {
        let qubits: Vec<Qubit> = qubits.into_iter().map(Qubit).collect();
        let params: Vec<f64> = parameter.iter().map(|&k| x(k)).collect();
        if let Some(parameter) = parameter {
            let half = |t: f64| {
                // The derivative of a rotation is half of one that is turned by π more.
                let m: Matrix = (gate.spec().base_matrix)(&[t + std::f64::consts::PI]);
                m.scale(num_complex(0.5))
            };
            derivatives.push(Derivative {
                instruction: instructions.len(),
                parameter,
                matrix: half(x(parameter)),
            });
        }
        instructions
            .push(Instruction::Unitary(UnitaryInstruction::from_gate(gate, &params, &qubits)));
    }
    let strings: Vec<String> = (0..11)
        .map(|i| (0..12).rev().map(|q| if q == i || q == i + 1 { 'Z' } else { 'I' }).collect())
        .collect();
    let o = Observable::parse(&strings.join(" + "), 12).expect("a sum of strings");
    let options = GradientOptions { available_bytes: 1 << 30, fast: false };
    let found =
        gradient::<f64>(&instructions, 12, &derivatives, 100, &o, options, &RunControl::default())
            .expect("a unitary circuit");
    found.derivatives.iter().map(|d| d.abs()).sum()
}

fn num_complex(x: f64) -> sim::Complex64 {
    sim::Complex64::new(x, 0.0)
}

/// The same through the language.
fn symbolic() -> RunRequest {
    let mut text =
        "OPENQASM 3.1; include \"stdgates.inc\"; input array[float[64], 100] x; qubit[12] q;\n"
            .to_owned();
    for (gate, qubits, parameter) in ansatz(12, 100) {
        let name = gate.spec().name;
        let _ = match parameter {
            Some(k) => writeln!(text, "{name}(x[{k}]) q[{}];", qubits[0]),
            None => writeln!(text, "{name} q[{}], q[{}];", qubits[0], qubits[1]),
        };
    }
    let values: Vec<String> = (0..100).map(|k| angle(k).to_string()).collect();
    let strings: Vec<String> = (0..11)
        .map(|i| (0..12).rev().map(|q| if q == i || q == i + 1 { 'Z' } else { 'I' }).collect())
        .collect();
    let mut r = request(text, Method::Auto, Precision::F64, 0);
    r.noise = None;
    r.inputs.insert("x".to_owned(), format!("{{{}}}", values.join(", ")));
    r.gradient = Some(GradientRequest {
        observable: strings.join(" + "),
        method: api::run::GradientMethod::Adjoint,
        shots: 0,
    });
    r
}

struct Timer {
    folder: Option<PathBuf>,
    wanted: Vec<String>,
}

impl Timer {
    #[expect(clippy::print_stdout, reason = "that is what it is for")]
    fn time(&self, name: &str, case: &Value, mut f: impl FnMut() -> (f64, f64)) {
        if !self.wanted.is_empty() && !self.wanted.iter().any(|w| name.contains(w.as_str())) {
            return;
        }
        if let Some(folder) = &self.folder {
            let path = folder.join(format!("{name}.json"));
            std::fs::write(path, case.to_string()).expect("the folder can be written to");
        }
        let start = Instant::now();
        let (mut best, mut check) = (f64::INFINITY, 0.0);
        let mut rounds = 0;
        while rounds < 3 || start.elapsed().as_secs_f64() < 1.0 && rounds < 100 {
            let (seconds, value) = f();
            best = best.min(seconds);
            check = value;
            rounds += 1;
        }
        println!("{}", json!({ "case": name, "seconds": best, "check": check }));
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let threads: usize = args.next().and_then(|t| t.parse().ok()).unwrap_or(1);
    let folder = args.next().filter(|f| f != "-").map(PathBuf::from);
    let timer = Timer { folder, wanted: args.collect() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| {
        for n in [8, 10, 12] {
            let gates = noisy(n);
            let mut r = request(text_of(n, &gates), Method::DensityMatrix, Precision::F64, 0);
            r.want.probabilities = true;
            let case = json!({ "n": n, "gates": gates, "request": r });
            timer.time(&format!("density_{n}"), &case, || {
                let result = run(&r);
                let squares = result.probabilities.iter().flatten().map(|(_, p)| p * p).sum();
                (result.seconds, squares)
            });
        }
        for (name, precision) in
            [("trajectories_f32", Precision::F32), ("trajectories_f64", Precision::F64)]
        {
            let (gates, shots) = (noisy(16), 1000);
            let r = request(text_of(16, &gates), Method::Trajectories, precision, shots);
            let case = json!({ "n": 16, "gates": gates, "shots": shots, "request": r });
            timer.time(name, &case, || {
                let result = run(&r);
                (result.seconds, result.branches as f64)
            });
        }
        let gates: Vec<Named> = ansatz(12, 100)
            .into_iter()
            .map(|(gate, qubits, k)| (gate.spec().name, qubits, k.map(angle).into_iter().collect()))
            .collect();
        let r = symbolic();
        let case = json!({ "n": 12, "gates": gates, "request": r });
        timer.time("gradient", &case, || {
            let start = Instant::now();
            let check = adjoint();
            (start.elapsed().as_secs_f64(), check)
        });
        timer.time("gradient_by_inputs", &case, || {
            let result = run(&r);
            let g = result.gradient.expect("asked for");
            (result.seconds, g.derivatives.iter().map(|d| d.value.abs()).sum())
        });
    });
}

fn angle(k: usize) -> f64 {
    3.0 * k as f64 / 99.0
}
