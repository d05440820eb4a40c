//! The saved file: what autosave keeps and what export writes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::run::{Precision, Program};

/// Format version written by this code.
pub const VERSION: u32 = 1;

/// A project: one program and how it was last run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// [`VERSION`] of the writer.
    pub version: u32,
    pub name: String,
    pub program: Program,
    #[serde(default)]
    pub settings: RunSettings,
    /// Values of the program's `input` parameters, as typed. Those of names that the program no
    /// longer declares are kept.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, String>,
    /// Names of the wires that the picture does not show, as `q[2]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
}

/// What the person chose beside the circuit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunSettings {
    pub shots: u32,
    /// The same seed gives the same counts on every device.
    pub seed: u64,
    #[serde(default, skip_serializing_if = "is_default")]
    pub precision: Precision,
    /// Fused by measured cost, multiplied and added in one step: equal to the other mode only within rounding.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fast: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub noise: NoiseSettings,
}

/// The noise that is simulated beside the ideal circuit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct NoiseSettings {
    pub source: NoiseSource,
    /// λ of the depolarizing channel after each gate on one qubit: 0 to 1.
    pub depolarizing_1q: f64,
    /// The same after each gate on two.
    pub depolarizing_2q: f64,
    /// γ of amplitude damping on each qubit of a gate: 0 to 1.
    pub amplitude_damping: f64,
    /// λ of phase damping on each qubit of a gate: 0 to 1.
    pub phase_damping: f64,
    /// Probability that a bit is read wrongly: 0 to ½.
    pub readout: f64,
}

/// Where noise comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoiseSource {
    #[default]
    Off,
    /// The numbers of [`NoiseSettings`].
    Custom,
    /// A device, by its name.
    Device(String),
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Default for RunSettings {
    fn default() -> Self {
        Self {
            shots: 1024,
            seed: 42,
            precision: Precision::F64,
            fast: false,
            noise: NoiseSettings::default(),
        }
    }
}
