//! Memory experiments of the rotated surface code.
//!
//! A patch of distance `d` has `d²` data qubits at odd coordinates `(x, y)`, `1 ≤ x, y ≤ 2d - 1`, and
//! `d² - 1` checks at even ones, each on its up to four diagonal neighbors. A check at `(x, y)` is of type X
//! where `(x + y) / 2` is odd; X checks close the patch above and below, Z checks left and right. The
//! logical Z is the row `y = 1`, the logical X the column `x = 1`.
//!
//! Every round measures all checks through a qubit of their own. The four steps run in an order in which
//! a fault of a check's qubit hits its data perpendicular to the logical operator that it could shorten
//! (Tomita and Svore, arXiv:1404.3747, figure 2; Gidney, arXiv:2103.02202, for the names of the noise).

use std::collections::BTreeMap;

use crate::Pauli;
use crate::circuit::{Circuit, Instruction, Item, Target};

/// Probabilities of the errors of an experiment. All of them zero by default.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Noise {
    /// Depolarizing on the qubits of every gate, after it.
    pub after_clifford: f64,
    /// Depolarizing on data qubits, at the beginning of every round.
    pub before_round: f64,
    /// The opposite result, before a measurement.
    pub before_measure: f64,
    /// The opposite state, after a reset.
    pub after_reset: f64,
}

impl Noise {
    /// One probability for everything.
    pub fn uniform(p: f64) -> Self {
        Self { after_clifford: p, before_round: p, before_measure: p, after_reset: p }
    }
}

/// A memory experiment: prepare an eigenstate of a logical operator, keep it for some rounds, measure it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// From 2 to 99.
    pub distance: u32,
    /// From 1 to 1,000,000.
    pub rounds: u32,
    /// Z or X: which logical operator is kept.
    pub basis: Pauli,
    pub noise: Noise,
}

/// What an experiment is refused for.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MemoryError {
    #[error("a rotated surface code has a distance from 2 to 99, not {0}")]
    Distance(u32),
    #[error("a memory experiment has from 1 to 1000000 rounds, not {0}")]
    Rounds(u32),
    #[error("a memory experiment keeps X or Z")]
    Basis,
    #[error("a probability lies between 0 and 1")]
    Probability,
}

type Place = (i64, i64);

struct Check {
    place: Place,
    qubit: u32,
    basis: Pauli,
}

/// Neighbors of a check, in the order of the steps.
fn steps(basis: Pauli) -> [Place; 4] {
    if basis == Pauli::X {
        [(1, 1), (-1, 1), (1, -1), (-1, -1)]
    } else {
        [(1, 1), (1, -1), (-1, 1), (-1, -1)]
    }
}

impl Memory {
    /// The experiment as a circuit with a detector for every comparison of two results of a check, and
    /// observable 0 for the logical operator.
    pub fn circuit(&self) -> Result<Circuit, MemoryError> {
        if !(2..=99).contains(&self.distance) {
            return Err(MemoryError::Distance(self.distance));
        }
        if !(1..=1_000_000).contains(&self.rounds) {
            return Err(MemoryError::Rounds(self.rounds));
        }
        if self.basis == Pauli::Y {
            return Err(MemoryError::Basis);
        }
        let n = &self.noise;
        let all = [n.after_clifford, n.before_round, n.before_measure, n.after_reset];
        if all.iter().any(|p| !(0.0..=1.0).contains(p)) {
            return Err(MemoryError::Probability);
        }
        Ok(Patch::new(self).circuit())
    }
}

struct Patch<'a> {
    memory: &'a Memory,
    data: BTreeMap<Place, u32>,
    /// In the order in which they are measured.
    checks: Vec<Check>,
}

impl<'a> Patch<'a> {
    fn new(memory: &'a Memory) -> Self {
        let d = i64::from(memory.distance);
        let mut data = BTreeMap::new();
        let mut next = 0;
        let mut number = || {
            next += 1;
            next - 1
        };
        for y in 0..d {
            for x in 0..d {
                data.insert((2 * x + 1, 2 * y + 1), number());
            }
        }
        let mut checks = Vec::new();
        for y in 0..=d {
            for x in 0..=d {
                let basis = if (x + y) % 2 == 1 { Pauli::X } else { Pauli::Z };
                let side = x == 0 || x == d;
                let end = y == 0 || y == d;
                let wanted = match basis {
                    Pauli::X => !side,
                    _ => !end,
                };
                if wanted {
                    checks.push(Check { place: (2 * x, 2 * y), qubit: number(), basis });
                }
            }
        }
        Self { memory, data, checks }
    }

    fn data_qubits(&self) -> Vec<u32> {
        let mut qubits: Vec<u32> = self.data.values().copied().collect();
        qubits.sort_unstable();
        qubits
    }

    fn neighbor(&self, check: &Check, step: Place) -> Option<u32> {
        self.data.get(&(check.place.0 + step.0, check.place.1 + step.1)).copied()
    }

    fn circuit(&self) -> Circuit {
        let memory = self.memory;
        let noise = &memory.noise;
        let mut c = Circuit::default();
        let places = self.data.iter().map(|(p, q)| (*q, *p));
        let places: BTreeMap<u32, Place> =
            places.chain(self.checks.iter().map(|check| (check.qubit, check.place))).collect();
        for (q, (x, y)) in places {
            c.append("QUBIT_COORDS", &[x as f64, y as f64], &[q]);
        }
        let data = self.data_qubits();
        let of_checks: Vec<u32> = self.checks.iter().map(|check| check.qubit).collect();
        let (reset, measure, flip) =
            if memory.basis == Pauli::X { ("RX", "MX", "Z_ERROR") } else { ("R", "M", "X_ERROR") };
        c.append(reset, &[], &data);
        error(&mut c, flip, noise.after_reset, &data);
        c.append("R", &[], &of_checks);
        error(&mut c, "X_ERROR", noise.after_reset, &of_checks);
        self.round(&mut c, &data, &of_checks);
        let num_checks = self.checks.len();
        let look_back = |k: usize, of: usize| Target::Record(narrow(of - k));
        for (k, check) in self.checks.iter().enumerate() {
            // The others are random at first.
            if check.basis == memory.basis {
                detector(&mut c, check.place, 0, vec![look_back(k, num_checks)]);
            }
        }
        if memory.rounds > 1 {
            let mut body = Circuit::default();
            self.round(&mut body, &data, &of_checks);
            body.push(Instruction::of("SHIFT_COORDS", &[0.0, 0.0, 1.0], Vec::new()));
            for (k, check) in self.checks.iter().enumerate() {
                let both = vec![look_back(k, num_checks), look_back(k, 2 * num_checks)];
                detector(&mut body, check.place, 0, both);
            }
            let count = u64::from(memory.rounds - 1);
            c.items.push(Item::Repeat { count, body: body.items, tag: None });
        }
        error(&mut c, flip, noise.before_measure, &data);
        c.append(measure, &[], &data);
        // Data qubits are measured in the order of their numbers, which are their positions.
        let result = |q: u32| look_back(q as usize, data.len());
        for (k, check) in self.checks.iter().enumerate() {
            if check.basis == memory.basis {
                let mut seen: Vec<Target> = steps(check.basis)
                    .iter()
                    .filter_map(|&step| self.neighbor(check, step))
                    .map(result)
                    .collect();
                seen.push(look_back(k, num_checks + data.len()));
                detector(&mut c, check.place, 1, seen);
            }
        }
        let logical = self
            .data
            .iter()
            .filter(|((x, y), _)| if memory.basis == Pauli::X { *x == 1 } else { *y == 1 })
            .map(|(_, &q)| result(q))
            .collect();
        c.push(Instruction::of("OBSERVABLE_INCLUDE", &[0.0], logical));
        c
    }

    fn round(&self, c: &mut Circuit, data: &[u32], of_checks: &[u32]) {
        let noise = &self.memory.noise;
        let of_x: Vec<u32> =
            self.checks.iter().filter(|k| k.basis == Pauli::X).map(|k| k.qubit).collect();
        tick(c);
        error(c, "DEPOLARIZE1", noise.before_round, data);
        c.append("H", &[], &of_x);
        error(c, "DEPOLARIZE1", noise.after_clifford, &of_x);
        for step in 0..4 {
            tick(c);
            let mut pairs = Vec::new();
            for check in &self.checks {
                let Some(q) = self.neighbor(check, steps(check.basis)[step]) else { continue };
                pairs.extend(if check.basis == Pauli::X {
                    [check.qubit, q]
                } else {
                    [q, check.qubit]
                });
            }
            c.append("CX", &[], &pairs);
            error(c, "DEPOLARIZE2", noise.after_clifford, &pairs);
        }
        tick(c);
        c.append("H", &[], &of_x);
        error(c, "DEPOLARIZE1", noise.after_clifford, &of_x);
        tick(c);
        error(c, "X_ERROR", noise.before_measure, of_checks);
        c.append("MR", &[], of_checks);
        error(c, "X_ERROR", noise.after_reset, of_checks);
    }
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).expect("a patch has few qubits")
}

fn tick(c: &mut Circuit) {
    c.append("TICK", &[], &[]);
}

fn error(c: &mut Circuit, name: &str, p: f64, qubits: &[u32]) {
    if p > 0.0 {
        c.append(name, &[p], qubits);
    }
}

fn detector(c: &mut Circuit, place: Place, t: u32, results: Vec<Target>) {
    let args = [place.0 as f64, place.1 as f64, f64::from(t)];
    c.push(Instruction::of("DETECTOR", &args, results));
}
