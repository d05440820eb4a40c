//! Detectors and observables of circuits: in the text format of Stim, or memory experiments of a surface code.

use serde::{Deserialize, Serialize};

use super::{Limits, Program};

/// Most qubits along an edge of a patch of surface code.
pub const MAX_DISTANCE: u32 = 25;

/// What to sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SampleRequest {
    pub circuit: Sampled,
    pub shots: u32,
    pub seed: u64,
    /// Whether to decode every shot by matching, for the logical error rate.
    #[serde(default)]
    pub decode: bool,
    /// Whether to say how the circuit reads in OpenQASM: [`SampleResult::openqasm`].
    #[serde(default)]
    pub convert: bool,
    #[serde(default)]
    pub limits: Limits,
}

/// Where a circuit with detectors comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampled {
    /// Of [`super::Language::Stim`].
    Program(Program),
    SurfaceCode(MemoryExperiment),
}

/// Prepare an eigenstate of a logical operator of the rotated surface code, keep it for some rounds, measure it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemoryExperiment {
    /// From 2 to [`MAX_DISTANCE`].
    pub distance: u32,
    /// From 1.
    pub rounds: u32,
    #[serde(default)]
    pub basis: Basis,
    /// Probability of a depolarizing error after each gate and on each data qubit before each round, and
    /// of a flip at each measurement and reset.
    pub noise: f64,
}

/// Which logical operator is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    X,
    #[default]
    Z,
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
    /// Share of the shots in which each detector fired; in a memory experiment in the order of the rounds.
    pub detectors: Vec<f64>,
    /// Share of the shots in which each observable was flipped.
    pub observables: Vec<f64>,
    /// Of a circuit without detectors and observables, the share of the shots in which each result is 1: the first
    /// 10,000 of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logical: Option<LogicalRates>,
    /// The circuit as a program in OpenQASM 3, where that can say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openqasm: Option<String>,
    /// Why there is no such program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_openqasm: Option<String>,
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
