//! Which unitaries are Clifford gates, and of what gates they are made.
//!
//! A unitary is a Clifford gate if it takes Pauli strings to Pauli strings. That is read off its
//! matrix; from the images of X and Z of each qubit follows a sequence of one- and two-qubit gates
//! (Aaronson and Gottesman, arXiv:quant-ph/0406196, section VI).

mod synthesis;

use circuit::{GateMatrix, UnitaryInstruction};
use num_complex::Complex64;

use crate::circuit::{Instruction, Target};
use crate::gate::{Action, Clifford1, GATES, Pair, Signed};
use crate::{Pauli, Tableau};

/// Widest unitary that is looked at. Wider ones take longer than the answer is worth.
const MAX_QUBITS: usize = 5;

/// How far entries may lie from those of a Clifford gate.
const ATOL: f64 = 1e-9;

/// A gate on positions of a qubit list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    One(Clifford1, usize),
    Two(Pair, usize, usize),
}

/// A Clifford gate as a sequence of gates; its phase is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Clifford {
    pub ops: Vec<Op>,
}

/// `±` a product of Paulis: on qubit `j` an X where bit `j` of `x` is set, a Z where that of `z` is, Y
/// where both are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) x: u32,
    pub(crate) z: u32,
    pub(crate) minus: bool,
}

impl Clifford {
    /// Of a unitary on its [`UnitaryInstruction::qubits`]; `None` if it is no Clifford gate, or acts on
    /// more than five qubits.
    pub fn recognize(unitary: &UnitaryInstruction) -> Option<Self> {
        let k = unitary.controls.len() + unitary.targets.len();
        if k > MAX_QUBITS {
            return None;
        }
        let matrix = full_matrix(unitary);
        let images = (0..k)
            .map(|j| {
                let x = image(&matrix, k, Text { x: 1 << j, z: 0, minus: false })?;
                let z = image(&matrix, k, Text { x: 0, z: 1 << j, minus: false })?;
                Some([x, z])
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self { ops: synthesis::ops(&images) })
    }

    /// Applies it to qubits of a state.
    pub fn apply(&self, tableau: &mut Tableau, qubits: &[u32]) {
        for op in &self.ops {
            match *op {
                Op::One(gate, j) => tableau.apply1(gate, [qubits[j]]),
                Op::Two(pair, a, b) => tableau.apply2(&[pair], [(qubits[a], qubits[b])]),
            }
        }
    }

    /// As instructions of a circuit.
    pub fn instructions(&self, qubits: &[u32]) -> Vec<Instruction> {
        self.ops
            .iter()
            .map(|op| {
                let (gate, targets) = match *op {
                    Op::One(gate, j) => {
                        (named(|a| *a == Action::Unitary1(gate)), vec![Target::qubit(qubits[j])])
                    }
                    Op::Two(pair, a, b) => {
                        // Every controlled Pauli has a name one way round.
                        let (pair, a, b) = match pair {
                            Pair::Controlled(p, q) if !has_name(pair) => {
                                (Pair::Controlled(q, p), b, a)
                            }
                            _ => (pair, a, b),
                        };
                        let gate =
                            named(|action| matches!(action, Action::Unitary2([p]) if *p == pair));
                        (gate, vec![Target::qubit(qubits[a]), Target::qubit(qubits[b])])
                    }
                };
                Instruction { gate, args: Vec::new(), targets, tag: None }
            })
            .collect()
    }
}

fn has_name(pair: Pair) -> bool {
    GATES.iter().any(|g| matches!(g.action, Action::Unitary2([p]) if *p == pair))
}

fn named(is: impl Fn(&Action) -> bool) -> &'static crate::gate::GateSpec {
    GATES.iter().find(|g| is(&g.action)).expect("the table has all Clifford gates of this kind")
}

/// Remembers what it has looked at: programs use few different gates.
#[derive(Debug, Default)]
pub struct Recognizer {
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    on: Vec<bool>,
    matrix: GateMatrix,
    clifford: Option<Clifford>,
}

/// Gates that are remembered.
const MAX_KNOWN: usize = 64;

impl Recognizer {
    /// [`Clifford::recognize`], from memory where the gate has been seen.
    pub fn recognize(&mut self, unitary: &UnitaryInstruction) -> Option<&Clifford> {
        let seen = self.known.iter().position(|known| {
            known.matrix == unitary.matrix
                && known.on.iter().copied().eq(unitary.controls.iter().map(|c| c.on))
        });
        let at = if let Some(at) = seen {
            at
        } else {
            if self.known.len() == MAX_KNOWN {
                self.known.swap_remove(0);
            }
            self.known.push(Known {
                on: unitary.controls.iter().map(|c| c.on).collect(),
                matrix: unitary.matrix.clone(),
                clifford: Clifford::recognize(unitary),
            });
            self.known.len() - 1
        };
        self.known[at].clifford.as_ref()
    }
}

/// Row-major, controls in the low bits of the index.
fn full_matrix(u: &UnitaryInstruction) -> Vec<Complex64> {
    let c = u.controls.len();
    let size = 1_usize << (c + u.targets.len());
    let on = u.controls.iter().enumerate().fold(0, |on, (j, c)| on | usize::from(c.on) << j);
    let mut matrix = vec![Complex64::ZERO; size * size];
    for row in 0..size {
        for col in 0..size {
            let low = (1 << c) - 1;
            matrix[row * size + col] = if row & low != col & low {
                Complex64::ZERO
            } else if row & low != on {
                Complex64::from(if row == col { 1.0 } else { 0.0 })
            } else {
                entry(&u.matrix, row >> c, col >> c)
            };
        }
    }
    matrix
}

fn entry(matrix: &GateMatrix, row: usize, col: usize) -> Complex64 {
    match matrix {
        GateMatrix::Dense(m) => m.at(row, col),
        GateMatrix::Diagonal(d) if row == col => d[row],
        GateMatrix::Permutation(map) if map[col] as usize == row => Complex64::ONE,
        _ => Complex64::ZERO,
    }
}

/// `U P U†` as a Pauli string, if it is one.
fn image(u: &[Complex64], num_qubits: usize, p: Text) -> Option<Text> {
    let size = 1_usize << num_qubits;
    let (px, pz) = (p.x as usize, p.z as usize);
    let odd = |bits: usize| bits.count_ones() % 2 == 1;
    // P is X or Z of one qubit: P|c⟩ = (-1)^{z·c} |c + x⟩, so (U P)[r][c] = (-1)^{z·c} U[r][c + x].
    let at = |row: usize, col: usize| -> Complex64 {
        (0..size)
            .map(|c| {
                let term = u[row * size + (c ^ px)] * u[col * size + c].conj();
                if odd(pz & c) { -term } else { term }
            })
            .sum()
    };
    let x = (0..size).find(|&row| at(row, 0).norm() > 0.5)?;
    let first = at(x, 0);
    let mut z = 0;
    for j in 0..num_qubits {
        let col = 1 << j;
        if (at(col ^ x, col) + first).norm() < ATOL {
            z |= col;
        }
    }
    for row in 0..size {
        for col in 0..size {
            let expected = match row ^ x == col {
                true if odd(z & col) => -first,
                true => first,
                false => Complex64::ZERO,
            };
            if (at(row, col) - expected).norm() > ATOL {
                return None;
            }
        }
    }
    // The string has i for each Y in this form.
    let i = Complex64::I.powu((x & z).count_ones() % 4);
    let narrow = |bits: usize| u32::try_from(bits).expect("at most five bits");
    let sign = first / i;
    let minus = if (sign - 1.0).norm() < ATOL {
        false
    } else if (sign + 1.0).norm() < ATOL {
        true
    } else {
        return None;
    };
    Some(Text { x: narrow(x), z: narrow(z), minus })
}

/// The Pauli of one qubit, if the string has one there and nowhere else.
pub(crate) fn single(text: Text, j: usize) -> Option<Signed> {
    let bit = 1 << j;
    let pauli = match (text.x == bit, text.z == bit) {
        (true, false) if text.z == 0 => Pauli::X,
        (false, true) if text.x == 0 => Pauli::Z,
        (true, true) => Pauli::Y,
        _ => return None,
    };
    Some((text.minus, pauli))
}
