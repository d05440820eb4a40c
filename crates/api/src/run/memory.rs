//! Memory experiments of the rotated surface code.

use serde::{Deserialize, Serialize};

use super::Limits;

/// Most qubits along an edge of the patch.
pub const MAX_DISTANCE: u32 = 25;

/// Which logical operator is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    X,
    #[default]
    Z,
}

/// Prepare an eigenstate of a logical operator, keep it for some rounds, measure it; sample that, and let
/// a matching decoder say what was flipped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemoryRequest {
    /// From 2 to [`MAX_DISTANCE`].
    pub distance: u32,
    /// From 1.
    pub rounds: u32,
    #[serde(default)]
    pub basis: Basis,
    /// Probability of a depolarizing error after each gate and on each data qubit before each round, and
    /// of a flip at each measurement and reset.
    pub noise: f64,
    pub shots: u32,
    #[serde(default)]
    pub seed: u64,
    #[serde(default)]
    pub limits: Limits,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemoryResult {
    /// Data qubits and those of the checks.
    pub num_qubits: u32,
    pub shots: u64,
    /// Shots in which the logical result was not what the decoder said.
    pub errors: u64,
    /// How often each detector fired, in the order of the rounds: a share of the shots.
    pub detector_rates: Vec<f64>,
    pub threads: u32,
    pub seconds: f64,
}
