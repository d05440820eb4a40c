//! One program for many values of its inputs, or for many strengths of its noise.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Diagnostic, Limits, Method, Noise, Precision, Program};

/// Most points of one sweep.
pub const MAX_SWEEP_POINTS: usize = 100_000;

/// Most numbers in an answer: points times what is wanted of each.
pub const MAX_SWEEP_VALUES: usize = 10_000_000;

/// What to compute for each point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each asks for one thing")]
pub struct SweepRequest {
    pub program: Program,
    #[serde(default)]
    pub method: Method,
    #[serde(default)]
    pub precision: Precision,
    #[serde(default)]
    pub fast: bool,
    /// Names of the inputs that vary.
    pub names: Vec<String>,
    /// For each point a value per name, in the same order. May be empty where `noise_scales` says how many there are.
    pub points: Vec<Vec<f64>>,
    /// Noise that follows the program's gates, beside what the program itself says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
    /// For each point, how strong the noise is: 0 for none, 1 for as it is given. Empty for 1 everywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub noise_scales: Vec<f64>,
    /// The inputs that do not vary, as written.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// For each point; 0 for no counts.
    #[serde(default)]
    pub shots: u32,
    /// Point `i` is sampled with `seed + i`; with `noise_scales` all points with `seed`, so that what differs between
    /// them is the noise.
    #[serde(default)]
    pub seed: u64,
    /// Observables such as `0.5*ZZI - XIX`, highest qubit first.
    #[serde(default)]
    pub expectations: Vec<String>,
    /// P(1) of each qubit.
    #[serde(default)]
    pub qubits: bool,
    /// The exact distribution.
    #[serde(default)]
    pub probabilities: bool,
    /// How close the outcomes are to those without `noise`: see [`SweepPoint::fidelity`].
    #[serde(default)]
    pub fidelity: bool,
    #[serde(default)]
    pub limits: Limits,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SweepResult {
    pub num_qubits: u32,
    pub points: Vec<SweepPoint>,
    /// The name of the noise model, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<String>,
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
    /// As asked for, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise_scale: Option<f64>,
    /// Under noise, how the state was held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Method>,
    /// In the order asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<f64>,
    /// Qubit 0 first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub probability_one: Vec<f64>,
    /// Keys as in [`super::RunResult::counts`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
    /// As in [`super::RunResult::probabilities`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<BTreeMap<String, f64>>,
    /// `(Σ √(p q))²` with `p` the distribution of the outcomes and `q` that of the program without the noise: exact where
    /// there are no shots, else from counts, which deviate by chance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fidelity: Option<f64>,
    /// tr ρ², where a density matrix was held to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purity: Option<f64>,
}
