//! One program for many values of its inputs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Diagnostic, Limits, Precision, Program};

/// Most points of one sweep.
pub const MAX_SWEEP_POINTS: usize = 100_000;

/// Most numbers in an answer: points times what is wanted of each.
pub const MAX_SWEEP_VALUES: usize = 10_000_000;

/// What to compute for each point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepRequest {
    pub program: Program,
    #[serde(default)]
    pub precision: Precision,
    #[serde(default)]
    pub fast: bool,
    /// Names of the inputs that vary.
    pub names: Vec<String>,
    /// For each point a value per name, in the same order.
    pub points: Vec<Vec<f64>>,
    /// The inputs that do not vary, as written.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// For each point; 0 for no counts.
    #[serde(default)]
    pub shots: u32,
    /// Point `i` is sampled with `seed + i`.
    #[serde(default)]
    pub seed: u64,
    /// Observables such as `0.5*ZZI - XIX`, highest qubit first.
    #[serde(default)]
    pub expectations: Vec<String>,
    /// P(1) of each qubit.
    #[serde(default)]
    pub qubits: bool,
    #[serde(default)]
    pub limits: Limits,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepResult {
    pub num_qubits: u32,
    pub points: Vec<SweepPoint>,
    /// Gates that were the same for all points of a batch and run once for it; of the last batch.
    pub shared_gates: u64,
    pub threads: u32,
    /// Without reading and checking the text.
    pub seconds: f64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Diagnostic>,
}

/// One point.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SweepPoint {
    /// In the order asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<f64>,
    /// Qubit 0 first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probability_one: Vec<f64>,
    /// Keys as in [`super::RunResult::counts`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
}
