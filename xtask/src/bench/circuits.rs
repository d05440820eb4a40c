//! The families of circuits that are timed, as OpenQASM 2: gates alone, one statement a line, one
//! register `q`. The same size gives the same circuit everywhere.
//!
//! | Family | Circuit |
//! |---|---|
//! | ghz | H and a chain of CX |
//! | qft | the textbook transform of a product state, its final swaps included |
//! | qv | brickwork of random pairs, each with local Haar rotations around a template of three CX that reaches all of SU(4); n layers to 16 qubits, 10 to 20, 5 above |
//! | hea | RX RY RZ on every qubit and a line of CX; 20 layers to 20 qubits, 6 above |
//! | adder | Cuccaro's ripple-carry adder on uniform superpositions |
//! | grover | two iterations of search on n/2 + 1 qubits, a ladder of Toffoli gates over the others |
//! | qaoa | three layers of RZZ on a ring and RX |
//! | clift | 20 layers of random Clifford gates and one tenth T, CX on random pairs |

use std::f64::consts::PI;
use std::fmt::Write as _;

/// A family's name and the circuit of `n` qubits.
pub struct Family {
    pub name: &'static str,
    build: fn(&mut Text, usize),
    /// Fewest qubits for which it makes sense.
    least: usize,
}

pub const FAMILIES: [Family; 8] = [
    Family { name: "ghz", build: ghz, least: 2 },
    Family { name: "qft", build: qft, least: 2 },
    Family { name: "qv", build: qv, least: 2 },
    Family { name: "hea", build: hea, least: 2 },
    Family { name: "adder", build: adder, least: 4 },
    Family { name: "grover", build: grover, least: 6 },
    Family { name: "qaoa", build: qaoa, least: 3 },
    Family { name: "clift", build: clift, least: 2 },
];

/// Smallest number of qubits that all families can have.
pub const LEAST_QUBITS: usize = 6;

/// Largest: more amplitudes than any machine that this is for can hold.
pub const MOST_QUBITS: usize = 32;

impl Family {
    /// The program and its number of gates.
    pub fn circuit(&self, n: usize) -> (String, usize) {
        assert!(n >= self.least, "{} needs {} qubits", self.name, self.least);
        let seed = self.name.bytes().fold(n as u64, |seed, b| seed * 257 + u64::from(b));
        let mut text = Text::new(n, seed);
        (self.build)(&mut text, n);
        (text.out, text.gates)
    }
}

/// Layers of RX and RZ on all qubits and CX on neighbours, `gates` gates in all: what an interactive user
/// has on the screen.
pub fn layers(n: usize, gates: usize) -> String {
    let mut c = Text::new(n, gates as u64);
    let mut first = 0;
    while c.gates < gates {
        for q in (0..n).take(gates - c.gates) {
            c.turn("rx", q);
        }
        for q in (0..n).take(gates - c.gates) {
            c.turn("rz", q);
        }
        for q in (first..n - 1).step_by(2).take(gates - c.gates) {
            c.gate("cx", &[], &[q, q + 1]);
        }
        first = 1 - first;
    }
    c.out
}

/// A sum of `count` Pauli strings of weight 1 to 6 on `n` qubits: weight, then qubit and letter.
pub fn pauli_sum(n: usize, count: usize) -> Vec<(f64, Vec<(usize, char)>)> {
    let mut c = Text::new(n, 99);
    (0..count)
        .map(|_| {
            let weight = 1 + c.below(6.min(n));
            let qubits = c.shuffled(n);
            let coefficient = c.uniform() * 2.0 - 1.0;
            let mut factors: Vec<(usize, char)> =
                qubits[..weight].iter().map(|&q| (q, ['X', 'Y', 'Z'][c.below(3)])).collect();
            factors.sort_unstable();
            (coefficient, factors)
        })
        .collect()
}

struct Text {
    out: String,
    gates: usize,
    random: u64,
}

impl Text {
    fn new(n: usize, seed: u64) -> Self {
        let out = format!("OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg q[{n}];\n");
        Self { out, gates: 0, random: seed }
    }

    fn gate(&mut self, name: &str, params: &[f64], qubits: &[usize]) {
        let params: Vec<String> = params.iter().map(|p| format!("{p:?}")).collect();
        let qubits: Vec<String> = qubits.iter().map(|q| format!("q[{q}]")).collect();
        let params =
            if params.is_empty() { String::new() } else { format!("({})", params.join(",")) };
        writeln!(self.out, "{name}{params} {};", qubits.join(",")).expect("a String takes it");
        self.gates += 1;
    }

    fn gates(&mut self, name: &str, qubits: impl IntoIterator<Item = usize>) {
        qubits.into_iter().for_each(|q| self.gate(name, &[], &[q]));
    }

    /// A rotation by any angle.
    fn turn(&mut self, name: &str, q: usize) {
        let angle = self.angle();
        self.gate(name, &[angle], &[q]);
    }

    /// A rotation of one qubit, all equally likely.
    fn haar(&mut self, q: usize) {
        let theta = 2.0 * self.uniform().sqrt().asin();
        let (phi, lambda) = (self.angle(), self.angle());
        self.gate("u3", &[theta, phi, lambda], &[q]);
    }

    /// `SplitMix64` (Steele, Lea and Flood, doi:10.1145/2714064.2660195), the upper 53 bits.
    fn uniform(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn angle(&mut self) -> f64 {
        self.uniform() * 2.0 * PI
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number from 0 to n - 1"
    )]
    fn below(&mut self, n: usize) -> usize {
        ((self.uniform() * n as f64) as usize).min(n - 1)
    }

    fn shuffled(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            let j = self.below(i + 1);
            order.swap(i, j);
        }
        order
    }
}

fn ghz(c: &mut Text, n: usize) {
    c.gates("h", [0]);
    (1..n).for_each(|q| c.gate("cx", &[], &[q - 1, q]));
}

fn qft(c: &mut Text, n: usize) {
    for q in 0..n {
        let angle = c.uniform() * PI;
        c.gate("ry", &[angle], &[q]);
    }
    for i in (0..n).rev() {
        c.gates("h", [i]);
        for j in (0..i).rev() {
            c.gate("cp", &[PI / (1_u64 << (i - j)) as f64], &[j, i]);
        }
    }
    (0..n / 2).for_each(|q| c.gate("swap", &[], &[q, n - 1 - q]));
}

fn qv(c: &mut Text, n: usize) {
    let depth = match n {
        0..=16 => n,
        17..=20 => 10,
        _ => 5,
    };
    for _ in 0..depth {
        for pair in c.shuffled(n).chunks_exact(2) {
            let (a, b) = (pair[0], pair[1]);
            c.haar(a);
            c.haar(b);
            c.gate("cx", &[], &[b, a]);
            c.turn("rz", a);
            c.turn("ry", b);
            c.gate("cx", &[], &[a, b]);
            c.turn("ry", b);
            c.gate("cx", &[], &[b, a]);
            c.haar(a);
            c.haar(b);
        }
    }
}

fn hea(c: &mut Text, n: usize) {
    for _ in 0..if n <= 20 { 20 } else { 6 } {
        for q in 0..n {
            for name in ["rx", "ry", "rz"] {
                c.turn(name, q);
            }
        }
        (1..n).for_each(|q| c.gate("cx", &[], &[q - 1, q]));
    }
}

/// Qubit 0 is the carry in, then the bits of both numbers in turn, the last qubit is the carry out.
fn adder(c: &mut Text, n: usize) {
    let bits = (n - 2) / 2;
    let sum = |i: usize| 1 + 2 * i;
    // Where the carry into bit `i` lies: the other number's bit before it.
    let carry = |i: usize| 2 * i;
    for q in 1..=2 * bits {
        c.gates("h", [q]);
        c.gates("t", [q]);
    }
    for i in 0..bits {
        let (a, b) = (carry(i + 1), sum(i));
        c.gate("cx", &[], &[a, b]);
        c.gate("cx", &[], &[a, carry(i)]);
        c.gate("ccx", &[], &[carry(i), b, a]);
    }
    c.gate("cx", &[], &[carry(bits), n - 1]);
    for i in (0..bits).rev() {
        let (a, b) = (carry(i + 1), sum(i));
        c.gate("ccx", &[], &[carry(i), b, a]);
        c.gate("cx", &[], &[a, carry(i)]);
        c.gate("cx", &[], &[carry(i), b]);
    }
}

fn grover(c: &mut Text, n: usize) {
    /// Turns the sign where qubits 0 to k - 1 are all 1; the qubits from k on are 0 before and after.
    fn flip_all_ones(c: &mut Text, k: usize) {
        let up = (2..k - 1).map(|i| [i, k + i - 2, k + i - 1]);
        c.gate("ccx", &[], &[0, 1, k]);
        up.clone().for_each(|qubits| c.gate("ccx", &[], &qubits));
        c.gate("cz", &[], &[2 * k - 3, k - 1]);
        up.rev().for_each(|qubits| c.gate("ccx", &[], &qubits));
        c.gate("ccx", &[], &[0, 1, k]);
    }
    let k = n / 2 + 1;
    let zeros: Vec<usize> = (0..k).filter(|_| c.uniform() < 0.5).collect();
    c.gates("h", 0..k);
    for _ in 0..2 {
        c.gates("x", zeros.iter().copied());
        flip_all_ones(c, k);
        c.gates("x", zeros.iter().copied());
        c.gates("h", 0..k);
        c.gates("x", 0..k);
        flip_all_ones(c, k);
        c.gates("x", 0..k);
        c.gates("h", 0..k);
    }
}

fn qaoa(c: &mut Text, n: usize) {
    c.gates("h", 0..n);
    for _ in 0..3 {
        let (gamma, beta) = (c.angle() / 2.0, c.angle() / 2.0);
        (0..n).for_each(|q| c.gate("rzz", &[gamma], &[q, (q + 1) % n]));
        (0..n).for_each(|q| c.gate("rx", &[beta], &[q]));
    }
}

fn clift(c: &mut Text, n: usize) {
    for _ in 0..20 {
        for q in 0..n {
            let name = if c.uniform() < 0.1 { "t" } else { ["h", "s", "sdg", "x"][c.below(4)] };
            c.gates(name, [q]);
        }
        for pair in c.shuffled(n).chunks_exact(2) {
            c.gate("cx", &[], pair);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gates(name: &str, n: usize) -> usize {
        FAMILIES.iter().find(|f| f.name == name).unwrap().circuit(n).1
    }

    #[test]
    fn the_families_have_the_gates_that_their_descriptions_say() {
        assert_eq!(gates("ghz", 20), 20);
        // ry and h on each qubit, a cp on each pair, swaps.
        assert_eq!(gates("qft", 20), 20 + 20 + 190 + 10);
        assert_eq!(gates("qv", 24), 5 * 12 * 10);
        assert_eq!(gates("hea", 20), 20 * (60 + 19));
        assert_eq!(gates("hea", 24), 6 * (72 + 23));
        assert_eq!(gates("adder", 20), 18 * 2 + 9 * 6 + 1);
        assert_eq!(gates("qaoa", 20), 20 + 3 * 40);
        assert_eq!(gates("clift", 20), 20 * 30);
    }

    #[test]
    fn layers_have_as_many_gates_as_are_asked_for() {
        for gates in [1, 13, 500] {
            assert_eq!(layers(12, gates).lines().count(), 3 + gates);
        }
    }

    #[test]
    fn a_circuit_names_each_qubit_once_per_gate_and_none_outside_the_register() {
        for family in &FAMILIES {
            for n in [LEAST_QUBITS, 7, 10, 25] {
                let (text, count) = family.circuit(n);
                assert_eq!(text, family.circuit(n).0, "{} {n}: not deterministic", family.name);
                let mut seen = 0;
                for line in text.lines().skip(3) {
                    let (_, operands) = line.trim_end_matches(';').rsplit_once(' ').unwrap();
                    let mut qubits: Vec<usize> = operands
                        .split(',')
                        .map(|q| q.strip_prefix("q[").unwrap().strip_suffix(']').unwrap())
                        .map(|q| q.parse().unwrap())
                        .collect();
                    assert!(qubits.iter().all(|&q| q < n), "{} {n}: {line}", family.name);
                    let operands = qubits.len();
                    qubits.sort_unstable();
                    qubits.dedup();
                    assert_eq!(qubits.len(), operands, "{} {n}: {line}", family.name);
                    seen += 1;
                }
                assert_eq!(seen, count);
            }
        }
    }
}
