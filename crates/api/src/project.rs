//! The saved file: what autosave keeps and what export writes.

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
