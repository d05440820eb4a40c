//! Detectors and observables of circuits in the text format of Stim.

use serde::{Deserialize, Serialize};

use super::{Limits, Program};

/// What to sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleRequest {
    /// Of [`super::Language::Stim`].
    pub program: Program,
    pub shots: u32,
    pub seed: u64,
    /// Whether to decode every shot by matching, for the logical error rate.
    #[serde(default)]
    pub decode: bool,
    #[serde(default)]
    pub limits: Limits,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleResult {
    pub num_qubits: u32,
    /// Results of one shot.
    pub num_measurements: u64,
    pub shots: u32,
    pub seed: u64,
    pub threads: u32,
    /// Share of the shots in which each detector fired.
    pub detectors: Vec<f64>,
    /// Share of the shots in which each observable was flipped.
    pub observables: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logical: Option<LogicalRates>,
    /// Without reading the text.
    pub seconds: f64,
}

/// What a matching decoder left wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LogicalRates {
    /// Shots in which some observable was not what the decoder said.
    pub errors: u64,
    /// Their share.
    pub rate: f64,
    /// Share of wrong shots by observable.
    pub observables: Vec<f64>,
    /// Different errors that the decoder knows.
    pub mechanisms: u64,
    /// False where errors that exclude each other had to be taken for independent ones.
    pub exact: bool,
}
