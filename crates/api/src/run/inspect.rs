//! Looks at states inside a program: what the displays ask for, and what they get.
//!
//! An inspection follows **one** run of the program. The outcome of each measurement is drawn from
//! the seed and the number of the measurement alone, so it stays the same while someone steps
//! through the program or edits behind it; and it can be chosen by hand.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Amplitude, Limits, Noise, Program, QubitState};

/// What to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InspectRequest {
    /// [`InspectRequest::probes`] read the state at its end.
    pub program: Program,
    /// A shorter program that is read too, for the difference: one step earlier.
    #[serde(default)]
    pub before: Option<Program>,
    pub seed: u64,
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// Outcomes chosen by hand: number of the measurement or reset, from 0 in order of execution.
    #[serde(default)]
    pub choices: Vec<(u32, bool)>,
    /// Measurements at the end collapse the state too. Otherwise it is read before them.
    #[serde(default)]
    pub collapse: bool,
    #[serde(default)]
    pub probes: Vec<Probe>,
    /// Whether inline displays, `@ketlab.display`, are read.
    #[serde(default)]
    pub displays: bool,
    /// Noise that follows the gates: [`InspectRequest::probes`] then ask about the mixed state, on up to 10 qubits.
    /// Displays and [`Inspection::fidelity`] go on showing the state without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
    #[serde(default)]
    pub limits: Limits,
}

/// One question about a state, or about the program. Qubits are numbers; a list of qubits gives the
/// bits of an index, the first one the lowest; an empty list stands for all qubits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Probe {
    /// Distribution over some qubits, at most `top` entries, the largest.
    Probabilities { qubits: Vec<u32>, top: u32 },
    /// The largest amplitudes, at most `top`.
    Amplitudes { top: u32 },
    /// Bloch vectors of all qubits.
    Qubits,
    /// Reduced density matrix of some qubits.
    Density { qubits: Vec<u32> },
    /// Entropy of each cut, and mutual information between some qubits.
    Entanglement { qubits: Vec<u32> },
    /// Expectation value of an observable such as `0.5*ZZI - XIX`, highest qubit first.
    Expectation { observable: String },
    /// The matrix of the program.
    Unitary,
    /// Numbers that describe the program.
    Statistics,
}

/// The answer to one [`Probe`] or inline display.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reading {
    Probabilities {
        num_qubits: u32,
        /// Index and probability, ascending by index.
        entries: Vec<(u64, f64)>,
        /// Probability of what is not listed.
        rest: f64,
    },
    Amplitudes {
        num_qubits: u32,
        /// Largest first.
        entries: Vec<Amplitude>,
    },
    Qubits {
        qubits: Vec<QubitState>,
    },
    Density {
        qubits: Vec<u32>,
        /// Row by row, `[re, im]`.
        matrix: Vec<[f64; 2]>,
        /// `Tr ρ²`.
        purity: f64,
    },
    Entanglement {
        /// Cut `k` lies between qubits `k` and `k + 1`.
        cuts: Vec<Cut>,
        /// The qubits that pairs were computed of.
        qubits: Vec<u32>,
        /// Mutual information in bits, 0 to 2, for each pair of [`Reading::Entanglement::qubits`].
        pairs: Vec<(u32, u32, f64)>,
    },
    Expectation {
        value: f64,
        /// `√(⟨O²⟩ - ⟨O⟩²)`.
        deviation: f64,
    },
    /// Outcomes of a few shots, in order.
    Sample {
        num_qubits: u32,
        shots: Vec<u64>,
    },
    Unitary {
        num_qubits: u32,
        matrix: Vec<[f64; 2]>,
    },
    Statistics(Statistics),
    /// Amplitudes were asked for, and the qubits have no pure state of their own.
    Mixed {
        purity: f64,
    },
    /// The display's controls are never satisfied.
    Never,
    /// Why there is no answer.
    Refused {
        message: String,
    },
}

/// Entanglement of the sides of a cut, in bits: the entropy of one side where the whole is pure.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "measure", content = "bits", rename_all = "snake_case")]
pub enum Cut {
    VonNeumann(f64),
    /// `-log2 Tr ρ²`, where the matrix is too large to be diagonalized in a moment: not above the
    /// von Neumann entropy.
    Renyi2(f64),
    /// Of a mixed state: `log2 |ρ^{T_A}|_1`, the partial transpose's trace norm. 0 where nothing can be distilled.
    Negativity(f64),
    /// Too much work.
    Unknown,
}

/// Numbers that describe a circuit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Statistics {
    pub num_qubits: u32,
    pub active_qubits: u32,
    pub num_clbits: u32,
    pub operations: u64,
    pub depth: u32,
    pub two_qubit_gates: u64,
    pub multi_qubit_gates: u64,
    pub two_qubit_depth: u32,
    pub t_count: u64,
    pub measurements: u64,
    pub resets: u64,
    /// By name.
    pub gates: BTreeMap<String, u64>,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    pub num_qubits: u32,
    /// One for each probe.
    pub readings: Vec<Reading>,
    /// The same for [`InspectRequest::before`]; empty without it.
    #[serde(default)]
    pub before: Vec<Reading>,
    /// `|⟨before|now⟩|²`.
    #[serde(default)]
    pub fidelity: Option<f64>,
    /// In order of execution; of a display in a loop, the last time.
    #[serde(default)]
    pub displays: Vec<Displayed>,
    /// Measurements and resets, in order of execution.
    #[serde(default)]
    pub outcomes: Vec<Decided>,
    /// Of all [`Inspection::outcomes`] together.
    pub probability: f64,
    pub seconds: f64,
}

/// An inline display and what it shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Displayed {
    /// The number behind `#` in the annotation, or the byte at which it begins.
    pub tag: u64,
    pub reading: Reading,
}

/// A measurement or reset of this run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Decided {
    pub qubit: u32,
    pub reset: bool,
    pub outcome: bool,
    /// How likely that was.
    pub probability: f64,
    /// By hand.
    pub chosen: bool,
}
