//! Times runs in one process, for `cargo xtask bench`, which describes the requests: one JSON object a
//! line on standard input, one JSON object a line in answer.
//!
//! ```text
//! cargo run --release -p runner --features parallel --example time -- THREADS
//! ```
#![allow(clippy::print_stdout, reason = "a program for the terminal")]
#![expect(clippy::disallowed_methods, reason = "a program: it reads files and clocks")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::time::Instant;

use api::run::{Limits, Method, Precision, Program, RunRequest, RunResult, Want};
use circuit::{Gate, Instruction, Qubit, UnitaryInstruction, machine};
use quantum_info::Observable;
use serde_json::{Value, json};
use sim::{PlanOptions, Real, RunControl, Statevector, plan};

type Answer = Result<Value, String>;

fn main() {
    let threads = std::env::args().nth(1).and_then(|t| t.parse().ok()).unwrap_or(1);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    say(&json!({ "ready": true, "version": version() }));
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let answer = match serde_json::from_str(&line) {
            Ok(request) => pool.install(|| answer(&request)),
            Err(error) => Err(error.to_string()),
        };
        say(&answer.unwrap_or_else(|error| json!({ "error": error })));
    }
}

fn say(value: &Value) {
    println!("{value}");
    drop(std::io::stdout().flush());
}

fn version() -> String {
    #[cfg(target_arch = "x86_64")]
    let level = if is_x86_feature_detected!("avx512f") {
        "AVX-512"
    } else if is_x86_feature_detected!("avx2") {
        "AVX2"
    } else {
        "SSE2"
    };
    #[cfg(not(target_arch = "x86_64"))]
    let level = std::env::consts::ARCH;
    format!("processor with {level}")
}

fn answer(request: &Value) -> Answer {
    let single = request["precision"] == "f32";
    match request["task"].as_str() {
        Some("circuit") if request["engine"] == true && single => engine::<f32>(request),
        Some("circuit") if request["engine"] == true => engine::<f64>(request),
        Some("circuit") => whole(request),
        Some("shots") => shots(request),
        Some("pauli") => pauli(request),
        Some("qubits") if single => qubits::<f32>(request),
        Some("qubits") => qubits::<f64>(request),
        Some("memory") => memory(request),
        _ => Err("no such task".to_owned()),
    }
}

/// Calls `f`, which says how many seconds of it count, once unseen if it is short, then until the budget
/// is spent.
fn timed(request: &Value, mut f: impl FnMut() -> Result<f64, String>) -> Result<Vec<f64>, String> {
    let budget = request["budget"].as_f64().unwrap_or(0.2);
    let most = request["most"].as_u64().unwrap_or(100);
    let start = Instant::now();
    let first = f()?;
    let mut seconds = if first < budget / 4.0 { Vec::new() } else { vec![first] };
    while seconds.is_empty()
        || (start.elapsed().as_secs_f64() < budget && (seconds.len() as u64) < most)
    {
        seconds.push(f()?);
    }
    Ok(seconds)
}

fn text(request: &Value) -> Result<String, String> {
    let path = request["path"].as_str().ok_or("no path")?;
    std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))
}

fn run_request(request: &Value) -> Result<RunRequest, String> {
    Ok(RunRequest {
        program: Program::openqasm(text(request)?),
        method: Method::Statevector,
        precision: if request["precision"] == "f32" { Precision::F32 } else { Precision::F64 },
        fast: request["fast"] == true,
        shots: 0,
        seed: 1,
        inputs: BTreeMap::new(),
        noise: None,
        gradient: None,
        want: Want::default(),
        limits: Limits { memory_bytes: u64::MAX, ..Limits::default() },
    })
}

fn run(request: &RunRequest) -> Result<RunResult, String> {
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64();
    let context = runner::Context::new(&clock);
    runner::run(request, &context).map_err(|error| format!("{error:?}"))
}

/// As a user has it: `RunResult::seconds` holds everything but reading the text.
fn whole(request: &Value) -> Answer {
    let mut r = run_request(request)?;
    let seconds = timed(request, || Ok(run(&r)?.seconds))?;
    let mut answer = json!({ "seconds": seconds });
    if request["check"] == true {
        r.want = Want { statevector: true, qubits: true, ..Want::default() };
        let result = run(&r)?;
        let ones: Vec<f64> = result.qubits.iter().map(|q| q.probability_one).collect();
        let amplitudes = result.statevector.unwrap_or_default();
        let ipr: f64 = amplitudes.iter().map(|[re, im]| (re * re + im * im).powi(2)).sum();
        answer["ones"] = ones.into();
        answer["ipr"] = ipr.into();
    }
    Ok(answer)
}

fn instructions(request: &Value) -> Result<(Vec<Instruction>, usize), String> {
    let compiled = qasm::compile(&text(request)?, &qasm::Options::default());
    let circuit = compiled.circuit.ok_or("the program is wrong")?;
    let program = machine::Program::new(&circuit).map_err(|e| e.to_string())?;
    let flat =
        program.flatten(&BTreeMap::new(), machine::Limits::default()).map_err(|e| e.to_string())?;
    Ok((flat.instructions, flat.num_qubits as usize))
}

/// Plan and evolution on a state that is kept, as most peers are timed.
fn engine<T: Real>(request: &Value) -> Answer {
    let (circuit, n) = instructions(request)?;
    let options = PlanOptions::new(n).fast(request["fast"] == true);
    let mut state = Statevector::<T>::zero(n, u64::MAX).map_err(|e| e.to_string())?;
    let mut planning = f64::MAX;
    let seconds = timed(request, || {
        state.reset_all();
        let start = Instant::now();
        let p = plan(&circuit, &options).map_err(|e| e.to_string())?;
        planning = planning.min(start.elapsed().as_secs_f64());
        state.apply(&p, &RunControl::default()).map_err(|e| e.to_string())?;
        Ok(start.elapsed().as_secs_f64())
    })?;
    Ok(json!({ "seconds": seconds, "planning": planning }))
}

fn prepared(request: &Value) -> Result<Statevector<f64>, String> {
    let (circuit, n) = instructions(request)?;
    let p = plan(&circuit, &PlanOptions::new(n)).map_err(|e| e.to_string())?;
    let mut state = Statevector::<f64>::zero(n, u64::MAX).map_err(|e| e.to_string())?;
    state.apply(&p, &RunControl::default()).map_err(|e| e.to_string())?;
    Ok(state)
}

/// Samples of a finished state: outcomes and how often, in order.
fn shots(request: &Value) -> Answer {
    let state = prepared(request)?;
    let count = request["shots"].as_u64().ok_or("no shots")?;
    let seconds = timed(request, || {
        let start = Instant::now();
        let counts = state.sample(count, 1, &RunControl::default()).map_err(|e| e.to_string())?;
        let took = start.elapsed().as_secs_f64();
        if counts.iter().map(|&(_, times)| times).sum::<u64>() != count {
            return Err("shots are missing".to_owned());
        }
        Ok(took)
    })?;
    Ok(json!({ "seconds": seconds }))
}

fn pauli(request: &Value) -> Answer {
    let state = prepared(request)?;
    let sum = request["sum"].as_str().ok_or("no sum")?;
    let sum = Observable::parse(sum, state.num_qubits()).map_err(|e| e.to_string())?;
    let mut value = 0.0;
    let seconds = timed(request, || {
        let start = Instant::now();
        value = state.expectation(&sum, &RunControl::default()).map_err(|e| e.to_string())?;
        Ok(start.elapsed().as_secs_f64())
    })?;
    Ok(json!({ "seconds": seconds, "value": value }))
}

/// The median time of one H on each qubit of a state without zeros, planning included.
fn qubits<T: Real>(request: &Value) -> Answer {
    let n = request["n"].as_u64().and_then(|n| u32::try_from(n).ok()).ok_or("no n")?;
    let gate = |g: Gate, params: &[f64], qubits: &[u32]| {
        let qubits: Vec<Qubit> = qubits.iter().map(|&q| Qubit(q)).collect();
        Instruction::Unitary(UnitaryInstruction::from_gate(g, params, &qubits))
    };
    let mut dense: Vec<Instruction> =
        (0..n).map(|q| gate(Gate::Ry, &[0.3 + f64::from(q)], &[q])).collect();
    dense.extend((1..n).map(|q| gate(Gate::Cx, &[], &[q - 1, q])));
    let mut state = Statevector::<T>::zero(n as usize, u64::MAX).map_err(|e| e.to_string())?;
    let seconds = |state: &mut Statevector<T>, circuit: &[Instruction]| {
        let start = Instant::now();
        let options =
            PlanOptions::from_layout(state.layout().clone()).fast(request["fast"] == true);
        let p = plan(circuit, &options).map_err(|e| e.to_string())?;
        state.apply(&p, &RunControl::default()).map_err(|e| e.to_string())?;
        Ok::<f64, String>(start.elapsed().as_secs_f64())
    };
    seconds(&mut state, &dense)?;
    let mut of_qubit = vec![Vec::new(); n as usize];
    // From the lowest to the highest and again: a qubit that is moved to a better place pays for it.
    for _ in 0..request["rounds"].as_u64().unwrap_or(3) {
        for (q, times) in (0..n).zip(&mut of_qubit) {
            times.push(seconds(&mut state, &[gate(Gate::H, &[], &[q])])?);
        }
    }
    if (state.norm_squared() - 1.0).abs() > 1e-3 {
        return Err("the norm is lost".to_owned());
    }
    Ok(json!({ "qubits": of_qubit.iter_mut().map(|times| median(times)).collect::<Vec<_>>() }))
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Most memory during a run beyond the state and what the process held before, where the system tells.
fn memory(request: &Value) -> Answer {
    let r = run_request(request)?;
    let high = |key: &str| {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(key))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib << 10)
    };
    // 5 sets the high mark back to what is held now.
    std::fs::write("/proc/self/clear_refs", "5").map_err(|e| e.to_string())?;
    let before = high("VmRSS:").ok_or("the system does not tell")?;
    let n = run(&r)?.num_qubits;
    let most = high("VmHWM:").ok_or("the system does not tell")?;
    let state: u64 = (if request["precision"] == "f32" { 8 } else { 16 }) << n;
    Ok(json!({ "state": state, "beyond": most.saturating_sub(before).saturating_sub(state) }))
}
