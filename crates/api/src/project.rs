//! The saved file: what autosave keeps and what export writes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::run::Program;

/// Format version written by this code.
pub const VERSION: u32 = 1;

/// A project: one program and how it was last run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSettings {
    pub shots: u32,
    /// The same seed gives the same counts on every device.
    pub seed: u64,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self { shots: 1024, seed: 42 }
    }
}
