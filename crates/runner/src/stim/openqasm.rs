//! A circuit of Stim as a program in OpenQASM 3: what can be said there, with `@ketlab.noise` for Pauli channels.
//!
//! Clifford gates that the language has no name for are written as what they are made of, up to a global phase. Loops
//! are written out. The record is the register `rec`, result `i` its bit `i`.

use std::fmt::Write as _;

use quantum_info::Pauli;
use stabilizer::circuit::product;
use stabilizer::gate::{Action, Channel, Clifford1, Pair, Signed};
use stabilizer::{Circuit, Instruction, Target};

/// Longest program, in operations of the circuit: what is longer is not looked at as a picture or a text.
const MAX_OPERATIONS: u64 = 20_000;

/// The program, or why there is none.
pub(super) fn openqasm(circuit: &Circuit) -> Result<String, String> {
    let summary = circuit.summary();
    if summary.num_detectors > 0 || summary.num_observables > 0 {
        return Err(format!(
            "it has {} detectors and {} observables, for which OpenQASM has no words",
            summary.num_detectors, summary.num_observables
        ));
    }
    if summary.operations > MAX_OPERATIONS {
        return Err(format!(
            "it has {} operations, loops written out; at most {MAX_OPERATIONS}",
            summary.operations
        ));
    }
    let mut writer =
        Writer { out: String::from("OPENQASM 3.0;\ninclude \"stdgates.inc\";\n\n"), record: 0 };
    let registers =
        [("qubit", u64::from(summary.num_qubits), "q"), ("bit", summary.num_measurements, "rec")];
    for (kind, size, name) in registers.into_iter().filter(|r| r.1 > 0) {
        let _ = writeln!(writer.out, "{kind}[{size}] {name};");
    }
    writer.out.push('\n');
    circuit.for_each(&mut |instruction| writer.instruction(instruction))?;
    Ok(writer.out)
}

struct Writer {
    out: String,
    /// Results so far.
    record: u64,
}

/// Gates on one qubit that are named, with what they make of X and Z.
const NAMED: [(&str, Signed, Signed); 7] = [
    ("h", (false, Pauli::Z), (false, Pauli::X)),
    ("s", (false, Pauli::Y), (false, Pauli::Z)),
    ("sdg", (true, Pauli::Y), (false, Pauli::Z)),
    ("x", (false, Pauli::X), (true, Pauli::Z)),
    ("y", (true, Pauli::X), (true, Pauli::Z)),
    ("z", (true, Pauli::X), (false, Pauli::Z)),
    ("sx", (false, Pauli::X), (true, Pauli::Y)),
];

/// Of X, Y, Z.
const CONTROLLED: [&str; 3] = ["cx", "cy", "cz"];

/// The shortest word of named gates, in order of execution.
fn word(wanted: Clifford1) -> Vec<&'static str> {
    let nothing = Clifford1 { x: (false, Pauli::X), z: (false, Pauli::Z) };
    let mut known = vec![(nothing, Vec::new())];
    let mut at = 0;
    while at < known.len() {
        let (made, of) = known[at].clone();
        if made == wanted {
            return of;
        }
        for (name, x, z) in NAMED {
            let gate = Clifford1 { x, z };
            let image = |(sign, pauli): Signed| {
                let (turned, to) = match pauli {
                    Pauli::X => gate.x,
                    Pauli::Y => gate.y(),
                    Pauli::Z => gate.z,
                };
                (sign ^ turned, to)
            };
            let next = Clifford1 { x: image(made.x), z: image(made.z) };
            if known.iter().all(|k| k.0 != next) {
                known.push((next, of.iter().copied().chain([name]).collect()));
            }
        }
        at += 1;
    }
    unreachable!("H and S make all gates of one qubit that map Paulis to Paulis")
}

/// Takes a Pauli to Z and back: gates that are their own inverse.
fn to_z(pauli: Pauli) -> &'static [&'static str] {
    match pauli {
        Pauli::X => &["h"],
        // Takes Y to Z, Z to Y and X to -X.
        Pauli::Y => &["sx", "z"],
        Pauli::Z => &[],
    }
}

fn qubit(target: Target) -> Result<u32, String> {
    target.index().ok_or_else(|| "it uses a result where a qubit stands".to_owned())
}

impl Writer {
    fn instruction(&mut self, i: &Instruction) -> Result<(), String> {
        match i.gate.action {
            Action::Unitary1(gate) => {
                let word = if i.gate.name == "I" { vec!["id"] } else { word(gate) };
                for &target in &i.targets {
                    self.gates(&word, qubit(target)?);
                }
            }
            Action::Unitary2(pairs) => {
                for group in i.groups() {
                    self.pair(group, pairs)?;
                }
            }
            Action::Rotate(inverse) => {
                for group in i.groups() {
                    let found = product(group).ok_or("the product of an SPP is not Hermitian")?;
                    let gate = if found.inverted ^ inverse { "sdg" } else { "s" };
                    self.on_product(&found.factors, |writer, last| writer.gates(&[gate], last));
                }
            }
            Action::Measure { basis, reset } => {
                if i.args.first().is_some_and(|&p| p > 0.0) && !reset {
                    return Err(misread(i));
                }
                for &target in &i.targets {
                    let Target::Qubit { index, inverted } = target else {
                        return Err("it measures what is no qubit".to_owned());
                    };
                    self.gates(to_z(basis), index);
                    if let Some(&p) = i.args.first().filter(|&&p| p > 0.0) {
                        self.noise(&format!("bit_flip({p})"), &[index]);
                    }
                    self.measure(index, inverted);
                    if reset {
                        self.line(&format!("reset q[{index}];"));
                    }
                    self.gates(to_z(basis), index);
                }
            }
            Action::Reset(basis) => {
                for &target in &i.targets {
                    let q = qubit(target)?;
                    self.line(&format!("reset q[{q}];"));
                    self.gates(to_z(basis), q);
                }
            }
            Action::MeasurePair(pauli) => {
                certain(i)?;
                for group in i.groups() {
                    let [
                        Target::Qubit { index: a, inverted: m },
                        Target::Qubit { index: b, inverted: n },
                    ] = *group
                    else {
                        return Err("it measures what is no pair of qubits".to_owned());
                    };
                    self.measure_product(&[(a, pauli), (b, pauli)], m ^ n);
                }
            }
            Action::MeasureProduct => {
                certain(i)?;
                for group in i.groups() {
                    let found = product(group).ok_or("the product of an MPP is not Hermitian")?;
                    self.measure_product(&found.factors, found.inverted);
                }
            }
            Action::Pad => {
                certain(i)?;
                for &target in &i.targets {
                    self.bit(target == Target::qubit(1));
                }
            }
            Action::Noise(channel) => self.channel(i, channel)?,
            Action::Tick => self.line("barrier q;"),
            Action::Detector
            | Action::Observable
            | Action::Coordinates
            | Action::ShiftCoordinates => {}
        }
        Ok(())
    }

    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn gates(&mut self, word: &[&str], q: u32) {
        for gate in word {
            self.line(&format!("{gate} q[{q}];"));
        }
    }

    fn two(&mut self, gate: &str, a: u32, b: u32) {
        self.line(&format!("{gate} q[{a}], q[{b}];"));
    }

    fn pair(&mut self, group: &[Target], pairs: &[Pair]) -> Result<(), String> {
        let [first, second] = *group else {
            return Err("a gate on pairs has half a pair".to_owned());
        };
        for &pair in pairs {
            if let Pair::Controlled(a, b) = pair {
                let (control, acts, target) = match (first, second) {
                    (Target::Record(back), target) => (back, b, target),
                    (target, Target::Record(back)) => (back, a, target),
                    _ => {
                        let (p, q) = (qubit(first)?, qubit(second)?);
                        match (a, b) {
                            (Pauli::Z, acts) => {
                                self.two(CONTROLLED[acts as usize], p, q);
                                continue;
                            }
                            (acts, Pauli::Z) => {
                                self.two(CONTROLLED[acts as usize], q, p);
                                continue;
                            }
                            _ => {}
                        }
                        self.gates(to_z(a), p);
                        self.gates(to_z(b), q);
                        self.two("cz", p, q);
                        self.gates(to_z(a), p);
                        self.gates(to_z(b), q);
                        continue;
                    }
                };
                let bit =
                    self.record.checked_sub(u64::from(control)).ok_or("it looks back too far")?;
                // A result that controls the phase of a result changes nothing.
                if let Some(q) = target.index() {
                    let gate = match acts {
                        Pauli::X => "x",
                        Pauli::Y => "y",
                        Pauli::Z => "z",
                    };
                    self.line(&format!("if (rec[{bit}]) {gate} q[{q}];"));
                }
                continue;
            }
            let (a, b) = (qubit(first)?, qubit(second)?);
            match pair {
                Pair::Swap => self.two("swap", a, b),
                Pair::Sqrt(pauli, inverse) => {
                    let gate = if inverse { "sdg" } else { "s" };
                    self.on_product(&[(a, pauli), (b, pauli)], |writer, last| {
                        writer.gates(&[gate], last);
                    });
                }
                Pair::Controlled(..) => {}
            }
        }
        Ok(())
    }

    /// Does something to the last qubit of a product while its Z is the product.
    fn on_product(&mut self, factors: &[(u32, Pauli)], act: impl FnOnce(&mut Self, u32)) {
        let Some((&(last, _), others)) = factors.split_last() else { return };
        for &(q, p) in factors {
            self.gates(to_z(p), q);
        }
        for &(q, _) in others {
            self.two("cx", q, last);
        }
        act(self, last);
        for &(q, _) in others.iter().rev() {
            self.two("cx", q, last);
        }
        for &(q, p) in factors {
            self.gates(to_z(p), q);
        }
    }

    fn measure_product(&mut self, factors: &[(u32, Pauli)], inverted: bool) {
        if factors.is_empty() {
            self.bit(inverted);
        } else {
            self.on_product(factors, |writer, last| writer.measure(last, inverted));
        }
    }

    fn measure(&mut self, q: u32, inverted: bool) {
        let turn: &[&str] = if inverted { &["x"] } else { &[] };
        self.gates(turn, q);
        let bit = self.record;
        self.line(&format!("rec[{bit}] = measure q[{q}];"));
        self.gates(turn, q);
        self.record += 1;
    }

    fn bit(&mut self, value: bool) {
        let bit = self.record;
        self.line(&format!("rec[{bit}] = {};", u8::from(value)));
        self.record += 1;
    }

    fn noise(&mut self, channel: &str, qubits: &[u32]) {
        let list: Vec<String> = qubits.iter().map(|q| format!("q[{q}]")).collect();
        self.line(&format!("@ketlab.noise {channel}\nbarrier {};", list.join(", ")));
    }

    fn channel(&mut self, i: &Instruction, channel: Channel) -> Result<(), String> {
        let p = i.args.first().copied().unwrap_or(0.0);
        let (text, width) = match channel {
            Channel::Identity => return Ok(()),
            Channel::Single(Pauli::X) => (format!("bit_flip({p})"), 1),
            Channel::Single(Pauli::Y) => (format!("bit_phase_flip({p})"), 1),
            Channel::Single(Pauli::Z) => (format!("phase_flip({p})"), 1),
            Channel::Depolarize1 if p <= 0.75 => (format!("depolarizing({p} * 4 / 3)"), 1),
            Channel::Depolarize2 if p <= 0.9375 => (format!("depolarizing({p} * 16 / 15)"), 2),
            Channel::Pauli1 => {
                let [x, y, z] = i.args[..] else {
                    return Err("PAULI_CHANNEL_1 has three numbers".to_owned());
                };
                (format!("pauli({x}, {y}, {z})"), 1)
            }
            _ => return Err(format!("it has `{}`, for which no annotation stands", i.gate.name)),
        };
        for group in i.targets.chunks(width) {
            let qubits = group.iter().map(|&t| qubit(t)).collect::<Result<Vec<_>, _>>()?;
            self.noise(&text, &qubits);
        }
        Ok(())
    }
}

fn misread(i: &Instruction) -> String {
    format!(
        "its `{}` gives wrong results while the qubit stays right, which OpenQASM cannot say",
        i.gate.name
    )
}

fn certain(i: &Instruction) -> Result<(), String> {
    if i.args.first().is_some_and(|&p| p > 0.0) { Err(misread(i)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use api::run::{Limits, Method, Precision, Program, RunRequest, Want};
    use stabilizer::gate::{GATES, Targets};

    use super::*;

    fn converted(text: &str) -> Result<String, String> {
        openqasm(&stabilizer::read(text, &stabilizer::ReadLimits::default()).unwrap())
    }

    fn counts(program: Program, method: Method, shots: u32) -> Vec<(String, u64)> {
        let text = program.text.clone();
        let request = RunRequest {
            program,
            method,
            precision: Precision::F64,
            fast: false,
            shots,
            seed: 3,
            inputs: std::collections::BTreeMap::new(),
            noise: None,
            gradient: None,
            want: Want::default(),
            limits: Limits::default(),
        };
        let result = crate::run(&request, &crate::tests::CONTEXT);
        result
            .unwrap_or_else(|e| panic!("{:?}\n{text}", e.diagnostics))
            .counts
            .into_iter()
            .collect()
    }

    /// Both have the outcomes of the circuit, each within six standard deviations of the other.
    #[track_caller]
    fn check(stim: &str) {
        const SHOTS: u32 = 20_000;
        let text = converted(stim).unwrap_or_else(|e| panic!("{e}\n{stim}"));
        let ours = counts(Program::openqasm(&*text), Method::Auto, SHOTS);
        let theirs = counts(Program::stim(stim), Method::Auto, SHOTS);
        let get = |of: &[(String, u64)], key: &str| {
            of.iter().find(|(k, _)| k == key).map_or(0.0, |(_, n)| *n as f64) / f64::from(SHOTS)
        };
        for (key, _) in ours.iter().chain(&theirs) {
            let (a, b) = (get(&ours, key), get(&theirs, key));
            let sigma = (2.0 * a.max(b) * (1.0 - a.min(b)) / f64::from(SHOTS)).sqrt();
            assert!((a - b).abs() <= 6.0 * sigma, "{key}: {a} {b}\n{stim}\n{text}");
        }
    }

    #[test]
    fn every_gate_of_the_table_does_what_it_does() {
        let mut tried = 0;
        for gate in GATES {
            let (before, on) = match (gate.action, gate.targets) {
                (Action::Unitary1(_), _) => ("", "0"),
                (Action::Unitary2(_), _) => ("H 1\nS 1\nCX 1 2\n", "0 1"),
                (Action::Rotate(_), Targets::Products) => ("H 1\n", "!X0*Y1*Z2 Y0"),
                _ => continue,
            };
            // Each basis in, each basis out.
            for state in ["", "H 0\n", "H 0\nS 0\n", "X 0\n"] {
                for basis in ["MX", "MY", "M"] {
                    check(&format!("{state}{before}{} {on}\n{basis} 0 1 2", gate.name));
                }
            }
            tried += 1;
        }
        assert_eq!(tried, 24 + 22 + 2);
    }

    #[test]
    fn measurements_resets_noise_loops_and_feedback_are_said() {
        check("RX 0\nMX 0 !0\nMRY 0\nMY 0\nRY 1\nMY !1\nMR(0.25) 2\nM 2");
        check("H 0\nMXX 0 1\nMZZ !0 1\nMYY 0 1\nMPP X0*X1*Z2 !Y0*Y1\nM 0 1 2\nMPAD 1 0");
        check(
            "H 0\nREPEAT 3 {\n M 0\n CX rec[-1] 1\n H 0\n TICK\n}\nCZ 0 rec[-1]\nXCZ 1 rec[-2]\nM 0 1",
        );
        check(
            "H 0\nCX 0 1\nX_ERROR(0.1) 0\nZ_ERROR(0.2) 1\nY_ERROR(0.1) 0\nDEPOLARIZE1(0.3) 1\nDEPOLARIZE2(0.2) 0 1\nPAULI_CHANNEL_1(0.1, 0.05, 0.2) 0\nI_ERROR(0.5) 0\nMX 0\nM 1",
        );
        assert!(converted("QUBIT_COORDS(1, 2) 0\nH 0").unwrap().contains("qubit[1] q;\n\nh q[0];"));
    }

    #[test]
    fn what_cannot_be_said_is_told() {
        for (text, why) in [
            (
                "M 0\nDETECTOR rec[-1]\nOBSERVABLE_INCLUDE(0) rec[-1]",
                "1 detectors and 1 observables",
            ),
            ("M(0.1) 0", "`M` gives wrong results"),
            ("HERALDED_ERASE(0.1) 0", "HERALDED_ERASE"),
            ("E(0.1) X0 X1", "CORRELATED_ERROR"),
            ("DEPOLARIZE1(0.9) 0", "DEPOLARIZE1"),
            ("REPEAT 100000 {\n H 0\n}", "operations"),
        ] {
            let said = converted(text).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
    }
}
