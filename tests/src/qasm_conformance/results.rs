//! What programs compute: statevectors, exact distributions over the classical bits, variables.
//! Every measurement branch is followed by a slow and obvious simulation.

use std::collections::BTreeMap;
use std::sync::Arc;

use circuit::{
    Control, Flat, GateMatrix, Instruction, Limits, Machine, Program, Step, UnitaryInstruction,
};
use num_complex::Complex64;
use serde_json::Value;

use super::data::{self, Case};
use super::semantics::options;

/// Amplitudes times steps that one file may take.
const WORK: f64 = if cfg!(debug_assertions) { 2e6 } else { 1e9 };
const MAX_BRANCHES: usize = 20_000;
const ATOL: f64 = 1e-9;

type State = Vec<Complex64>;

fn holds(controls: &[Control], i: usize) -> bool {
    controls.iter().all(|c| (i >> c.qubit.index() & 1 == 1) == c.on)
}

fn apply(state: &mut State, u: &UnitaryInstruction) {
    let k = u.targets.len();
    let targets: Vec<usize> = u.targets.iter().map(|t| t.index()).collect();
    let mask: usize = targets.iter().map(|t| 1 << t).sum();
    let spread = |x: usize| -> usize { (0..k).map(|j| (x >> j & 1) << targets[j]).sum() };
    let places: Vec<usize> = (0..1 << k).map(spread).collect();
    let mut old = vec![Complex64::default(); 1 << k];
    for base in (0..state.len()).filter(|i| i & mask == 0) {
        if !holds(&u.controls, base) {
            continue;
        }
        for (o, p) in old.iter_mut().zip(&places) {
            *o = state[base | p];
        }
        match &u.matrix {
            GateMatrix::Dense(m) => {
                for (row, p) in places.iter().enumerate() {
                    state[base | p] = (0..1 << k).map(|col| m.at(row, col) * old[col]).sum();
                }
            }
            GateMatrix::Diagonal(d) => {
                for (i, p) in places.iter().enumerate() {
                    state[base | p] = d[i] * old[i];
                }
            }
            GateMatrix::Permutation(map) => {
                for (i, &to) in map.iter().enumerate() {
                    state[base | places[to as usize]] = old[i];
                }
            }
        }
    }
}

fn probability_one(state: &State, q: usize) -> f64 {
    state.iter().enumerate().filter(|(i, _)| i >> q & 1 == 1).map(|(_, a)| a.norm_sqr()).sum()
}

/// The part in which qubit `q` is `outcome`, normalized.
fn collapse(state: &mut State, q: usize, outcome: bool, p: f64) {
    for (i, a) in state.iter_mut().enumerate() {
        *a = if (i >> q & 1 == 1) == outcome { *a / p.sqrt() } else { Complex64::default() };
    }
}

fn flip(state: &mut State, q: usize) {
    for i in 0..state.len() {
        if i >> q & 1 == 0 {
            state.swap(i, i | 1 << q);
        }
    }
}

fn ground(n: u32) -> State {
    let mut state = vec![Complex64::default(); 1 << n];
    state[0] = Complex64::new(1.0, 0.0);
    state
}

/// What a program computes.
struct Outcome {
    /// Where there is a single state before the terminal measurements.
    state: Option<State>,
    distribution: BTreeMap<String, f64>,
    /// Of a program with one outcome.
    variables: Option<BTreeMap<String, circuit::Value>>,
}

/// `Err` says why it was skipped.
fn run(c: &Case) -> Result<Outcome, String> {
    let compiled = qasm::compile(&c.source, &options(c));
    let circuit = compiled.circuit.expect("checked before");
    let program = Program::new(&circuit).map_err(|e| format!("refused: {e}"))?;
    let mut inputs = BTreeMap::new();
    for (name, v) in c.inputs.as_object().into_iter().flatten() {
        let value = match v {
            Value::Bool(b) => circuit::Value::Bool(*b),
            Value::Number(n) if n.is_i64() => circuit::Value::int(64, n.as_i64().unwrap().into()),
            v => circuit::Value::Float(v.as_f64().ok_or("an input of another type")?),
        };
        inputs.insert(name.clone(), value);
    }
    let n = program.num_qubits();
    if n > 20 {
        return Err(format!("{n} qubits"));
    }
    let limits =
        Limits { max_operations: 1_000_000, max_statements: 10_000_000, ..Limits::default() };
    if let Ok(flat) = program.flatten(&inputs, limits)
        && flat.is_terminal()
    {
        let mut outcome = run_flat(&flat)?;
        if flat.num_records == 0 {
            outcome.variables =
                run_branches(&program, &inputs, limits, 0).ok().and_then(|o| o.variables);
        }
        return Ok(outcome);
    }
    run_branches(&program, &inputs, limits, n)
}

fn run_flat(flat: &Flat) -> Result<Outcome, String> {
    let work = 2f64.powi(flat.num_qubits.cast_signed()) * flat.instructions.len() as f64;
    if work > WORK {
        return Err(format!("{} qubits, {} steps", flat.num_qubits, flat.instructions.len()));
    }
    let mut state = ground(flat.num_qubits);
    let mut measured = vec![0; flat.num_records as usize];
    for i in &flat.instructions {
        match i {
            Instruction::Unitary(u) => apply(&mut state, u),
            Instruction::Measure { qubit, record } => measured[*record as usize] = qubit.index(),
            Instruction::Reset { .. } => unreachable!("terminal programs have none"),
            Instruction::Barrier { .. } => {}
        }
    }
    let mut distribution = BTreeMap::new();
    for (i, a) in state.iter().enumerate() {
        let p = a.norm_sqr();
        if p > 1e-14 {
            let bit = |source: &circuit::BitSource| match source {
                circuit::BitSource::Constant(b) => *b,
                circuit::BitSource::Record(r) => i >> measured[*r as usize] & 1 == 1,
            };
            let key: String =
                flat.clbits.iter().rev().map(|s| if bit(s) { '1' } else { '0' }).collect();
            *distribution.entry(key).or_insert(0.0) += p;
        }
    }
    Ok(Outcome { state: Some(state), distribution, variables: None })
}

fn run_branches(
    program: &Arc<Program>,
    inputs: &BTreeMap<String, circuit::Value>,
    limits: Limits,
    n: u32,
) -> Result<Outcome, String> {
    let machine = Machine::new(program, inputs, limits).map_err(|e| format!("refused: {e}"))?;
    let mut stack = vec![(machine, ground(n), 1.0)];
    let mut distribution = BTreeMap::new();
    let mut variables = None;
    let mut leaves = 0;
    let mut work = 0.0;
    while let Some((mut machine, mut state, p)) = stack.pop() {
        loop {
            work += state.len() as f64;
            if work > WORK || stack.len() + leaves > MAX_BRANCHES {
                return Err(format!("{n} qubits and many branches"));
            }
            match machine.next().map_err(|e| format!("fails: {e}"))? {
                _ if n == 0 && leaves > 0 => break,
                Step::Unitary(u) if n > 0 => apply(&mut state, &u),
                Step::Measure { qubit } => {
                    let one = if n == 0 { 0.0 } else { probability_one(&state, qubit.index()) };
                    for (outcome, q) in [(true, one), (false, 1.0 - one)] {
                        // Below 1e-12 a branch is rounding.
                        if q * p > 1e-12 {
                            let mut branch = machine.clone();
                            branch.provide(outcome);
                            let mut part = state.clone();
                            collapse(&mut part, qubit.index(), outcome, q);
                            stack.push((branch, part, p * q));
                        }
                    }
                    break;
                }
                Step::Reset { qubit } if n > 0 => {
                    let q = qubit.index();
                    let one = probability_one(&state, q);
                    if one > 1e-12 {
                        let mut part = state.clone();
                        collapse(&mut part, q, true, one);
                        flip(&mut part, q);
                        if 1.0 - one < 1e-12 {
                            state = part;
                            continue;
                        }
                        stack.push((machine.clone(), part, p * one));
                    }
                    collapse(&mut state, q, false, 1.0 - one);
                    stack.push((machine, state, p * (1.0 - one)));
                    break;
                }
                Step::Unitary(_)
                | Step::Reset { .. }
                | Step::Barrier { .. }
                | Step::Delay { .. } => {}
                Step::Noise { .. } | Step::Postselect { .. } => return Err("noise".to_owned()),
                Step::Done => {
                    leaves += 1;
                    *distribution.entry(machine.clbits().to_string()).or_insert(0.0) += p;
                    let all = machine
                        .variables()
                        .map(|(v, value)| (v.name.clone(), value.clone()))
                        .collect();
                    variables = (leaves == 1).then_some(all);
                    break;
                }
            }
        }
    }
    Ok(Outcome { state: None, distribution, variables })
}

fn compare(outcome: &Outcome, expected: &Value) -> Result<(), String> {
    if let (Some(state), Some(sv)) = (&outcome.state, expected.get("statevector")) {
        compare_state(state, sv)?;
    }
    if let Some(d) = expected.get("distribution") {
        let slack = ATOL
            + 2.0
                * d["truncated_mass"]
                    .as_f64()
                    .unwrap_or(0.0)
                    .max(expected["truncated_mass"].as_f64().unwrap_or(0.0));
        for pair in d["outcomes"].as_array().into_iter().flatten() {
            let (key, p) =
                (pair[0].as_str().unwrap_or_default(), pair[1].as_f64().unwrap_or(f64::NAN));
            let ours = outcome.distribution.get(key).copied().unwrap_or(0.0);
            if (ours - p).abs() > slack {
                return Err(format!("P({key}) is {ours}, expected {p}"));
            }
        }
        let total: f64 = outcome.distribution.values().sum();
        if (total - 1.0).abs() > 1e-6 {
            return Err(format!("probabilities add up to {total}"));
        }
    }
    if let (Some(ours), Some([one])) =
        (&outcome.variables, expected["variables"].as_array().map(Vec::as_slice))
    {
        for (name, value) in one["values"].as_object().into_iter().flatten() {
            if let Some(v) = ours.get(name)
                && !agrees(v, value)
            {
                return Err(format!("`{name}` is {v:?}, expected {value}"));
            }
        }
    }
    Ok(())
}

fn compare_state(state: &State, sv: &Value) -> Result<(), String> {
    let anchor = usize::try_from(sv["anchor_index"].as_u64().unwrap_or(0)).unwrap();
    let Some(a) = state.get(anchor).filter(|a| a.norm() > 1e-9) else {
        return Err(format!("the amplitude at {anchor} is 0"));
    };
    let phase = a / a.norm();
    for entry in sv["amplitudes"].as_array().into_iter().flatten() {
        let i = usize::try_from(entry[0].as_u64().unwrap()).unwrap();
        let want = Complex64::new(entry[1].as_f64().unwrap(), entry[2].as_f64().unwrap());
        let ours = state.get(i).copied().unwrap_or_default() / phase;
        if (ours - want).norm() > ATOL {
            return Err(format!("amplitude {i} is {ours}, expected {want}"));
        }
    }
    for (q, z) in sv["z_expectations"].as_array().into_iter().flatten().enumerate() {
        let ours = 1.0 - 2.0 * probability_one(state, q);
        if (ours - z.as_f64().unwrap()).abs() > ATOL {
            return Err(format!("<Z> of qubit {q} is {ours}, expected {z}"));
        }
    }
    Ok(())
}

/// A variable against its record; forms that are not understood agree.
fn agrees(ours: &circuit::Value, theirs: &Value) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs().max(1.0);
    match (ours, theirs) {
        (circuit::Value::Array(a), Value::Array(_)) => {
            fn leaves<'v>(v: &'v Value, out: &mut Vec<&'v Value>) {
                match v {
                    Value::Array(items) => items.iter().for_each(|i| leaves(i, out)),
                    leaf => out.push(leaf),
                }
            }
            let mut flat = Vec::new();
            leaves(theirs, &mut flat);
            // Complex elements are pairs there.
            flat.len() != a.data.len() || a.data.iter().zip(flat).all(|(o, t)| agrees(o, t))
        }
        (circuit::Value::Complex(c), Value::Array(pair)) => {
            pair.len() == 2
                && close(c.re, pair[0].as_f64().unwrap_or(f64::NAN))
                && close(c.im, pair[1].as_f64().unwrap_or(f64::NAN))
        }
        (circuit::Value::Bits(b), Value::String(s)) => b.to_string() == *s,
        (circuit::Value::Angle(a), Value::Object(o)) => {
            o["angle_radians"].as_f64().is_none_or(|x| close(a.radians(), x))
        }
        (v, Value::Bool(b)) => v.as_bool() == Some(*b),
        (v, Value::Number(n)) => {
            v.as_real().is_none_or(|x| close(x, n.as_f64().unwrap_or(f64::NAN)))
        }
        _ => true,
    }
}

/// The same program as we write it, in version 3 and, where it can say it, in version 2.
fn rewritten(c: &Case) -> Vec<Case> {
    let circuit = qasm::compile(&c.source, &options(c)).circuit.expect("checked before");
    let texts = [Some(qasm::emit3(&circuit)), qasm::emit2(&circuit).ok()];
    texts.into_iter().flatten().map(|source| Case { source, folder: None, ..c.clone() }).collect()
}

/// What is written compiles, is written alike again, and computes the same.
fn check_rewritten(c: &Case, expected: &Value) -> Result<(), String> {
    for (version, r) in [3, 2].into_iter().zip(rewritten(c)) {
        let compiled = qasm::compile(&r.source, &options(&r));
        let Some(circuit) = &compiled.circuit else {
            let e = compiled.diagnostics.iter().find(|d| d.is_error());
            return Err(format!("written as version {version} is refused: {e:?}\n{}", r.source));
        };
        if version == 3 && qasm::emit3(circuit) != r.source {
            return Err(format!("written twice differs:\n{}\n{}", r.source, qasm::emit3(circuit)));
        }
        let outcome = run(&r).map_err(|e| format!("written as version {version}: {e}"))?;
        let outcome = Outcome { variables: None, ..outcome };
        let alternative = expected.get("alternative").map(|a| compare(&outcome, a));
        if let (Err(e), false) = (compare(&outcome, expected), matches!(alternative, Some(Ok(()))))
        {
            return Err(format!("written as version {version}: {e}\n{}", r.source));
        }
    }
    Ok(())
}

/// Programs whose record we do not share, and why.
const DIFFERENCES: [(&str, &str); 0] = [];

#[expect(clippy::print_stdout, reason = "what was left out is to be seen")]
fn check(cases: &[Case]) {
    let (mut checked, mut skipped, mut wrong) = (0, Vec::new(), Vec::new());
    for c in cases {
        let Some(expected) = &c.expected else { continue };
        if c.do_not_run || qasm::compile(&c.source, &options(c)).has_errors() {
            continue;
        }
        match run(c) {
            Err(why) if why.starts_with("fails") || why.starts_with("refused") => {
                wrong.push(format!("{} {why}", c.name));
            }
            Err(why) => skipped.push(format!("{}: {why}", c.name)),
            Ok(outcome) => {
                let first = compare(&outcome, expected);
                let second = expected.get("alternative").map(|a| compare(&outcome, a));
                checked += 1;
                if let (Err(e), false) = (first, matches!(second, Some(Ok(())))) {
                    wrong.push(format!("{}: {e}", c.name));
                } else if c.source.len() < 4_000
                    && let Err(e) = check_rewritten(c, expected)
                {
                    wrong.push(format!("{}: {e}", c.name));
                }
            }
        }
        if let Some(d) = DIFFERENCES.iter().find(|d| d.0 == c.name) {
            assert!(wrong.pop().is_some(), "{} agrees by now: take it off the list", d.0);
        }
    }
    println!(
        "{checked} checked, {} skipped as too large for the reference: {skipped:#?}",
        skipped.len()
    );
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), checked, wrong.join("\n"));
}

#[test]
fn openqasm_2_programs_compute_what_is_expected() {
    check(&data::indexed("qasm2"));
}

#[test]
fn openqasm_3_programs_compute_what_is_expected() {
    check(&data::indexed("qasm3"));
}

#[test]
fn qe_qasm_programs_compute_what_is_expected() {
    check(&data::qe_qasm());
}
