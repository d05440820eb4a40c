//! A run: what is asked of the simulator and what it answers. The same in the worker, in a server
//! job and on the command line.

mod detectors;
mod gradient;
mod inspect;
pub mod sweep;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use detectors::*;
pub use gradient::*;
pub use inspect::*;

/// Most shots of one run.
pub const MAX_SHOTS: u32 = 100_000_000;

/// How a program is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// OpenQASM 2 or 3; the version line decides.
    Openqasm,
    /// The circuit format of Stim.
    Stim,
}

/// A circuit's wire form is its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Program {
    pub language: Language,
    pub text: String,
}

impl Program {
    pub fn openqasm(text: impl Into<String>) -> Self {
        Self { language: Language::Openqasm, text: text.into() }
    }

    pub fn stim(text: impl Into<String>) -> Self {
        Self { language: Language::Stim, text: text.into() }
    }
}

/// How the state is represented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Chosen by circuit, request and memory.
    #[default]
    Auto,
    Statevector,
    /// Clifford gates, measurement and reset alone; any width.
    Stabilizer,
    /// Mixed states, exactly.
    DensityMatrix,
    /// Pure states, one noisy history per shot; histories that begin alike are run once.
    Trajectories,
}

/// Code of the refusal of a build that lacks what was asked for: noise, Clifford circuits at scale, gradients.
/// Another build has it.
pub const NEEDS_METHODS: &str = "needs_methods";

/// What is noisy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noise {
    /// A device by its name, such as `hanoi`: qubit `i` of the program is qubit `i` of the device.
    Device(String),
    /// The text of a noise model.
    Model(String),
}

/// Width of a real number in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    #[default]
    F64,
    F32,
}

/// What to compute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRequest {
    pub program: Program,
    #[serde(default)]
    pub method: Method,
    #[serde(default)]
    pub precision: Precision,
    /// May reorder and contract floating-point operations: equal to the default mode only
    /// statistically.
    #[serde(default)]
    pub fast: bool,
    /// 0 for no sampling; at most [`MAX_SHOTS`].
    pub shots: u32,
    pub seed: u64,
    /// Values of the program's `input` parameters, as written (`0.5`, `pi/4`, `true`, `"0110"`).
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
    /// Noise that follows the program's gates, beside what the program itself says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Noise>,
    /// Derivatives of an expectation value by the program's inputs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient: Option<GradientRequest>,
    #[serde(default)]
    pub want: Want,
    #[serde(default)]
    pub limits: Limits,
}

/// What is wanted beside counts.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each asks for one thing")]
pub struct Want {
    /// Exact distribution over the classical bits, all measurement branches followed.
    pub probabilities: bool,
    /// Of the exact distribution only the outcomes that are in the counts, and at most this many of the
    /// others, the most probable; 0 for all.
    pub top_probabilities: u32,
    /// The whole final state; refused above [`Limits::max_statevector_qubits`].
    pub statevector: bool,
    /// The whole density matrix; needs the method `density_matrix` and at most 10 qubits.
    pub density_matrix: bool,
    /// Only the most frequent counts, at most this many; 0 for all.
    pub top_counts: u32,
    /// The state's largest amplitudes, at most this many; 0 for none.
    pub top_amplitudes: u32,
    /// Reduced Bloch vector of each qubit, and from it P(1).
    pub qubits: bool,
    /// Observables such as `0.5*ZZI - XIX`, highest qubit first.
    pub expectations: Vec<String>,
}

/// Bounds that are checked before work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// For the state and everything that is allocated beside it.
    pub memory_bytes: u64,
    /// Wall time; 0 for none.
    pub time_ms: u64,
    /// Operations that a program may expand to, loops unrolled.
    pub max_operations: u64,
    pub max_statevector_qubits: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 4 << 30,
            time_ms: 0,
            max_operations: 100_000_000,
            max_statevector_qubits: 24,
        }
    }
}

/// Total variation distance `½ Σ |n/N - p|` of counts from exact probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TotalVariation {
    /// 0 to 1.
    pub distance: f64,
    /// About what chance alone gives with so many shots: `½ Σ √(2/π p (1 - p) / N)`.
    pub expected: f64,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    pub num_qubits: u32,
    /// All global classical bits.
    pub num_clbits: u32,
    /// The program neither measures nor writes a classical bit: all qubits were measured at its end,
    /// and keys cover the qubits.
    #[serde(default)]
    pub measured_all: bool,
    pub method: Method,
    /// Why `auto` chose this method.
    pub reason: String,
    pub precision: Precision,
    pub fast: bool,
    pub threads: u32,
    pub shots: u32,
    pub seed: u64,
    /// Bit strings over all classical bits, register by register in the order of declaration from
    /// the right, highest bit first, a space between registers. Sorted by key.
    pub counts: BTreeMap<String, u64>,
    /// How many different outcomes there were: more than `counts` has where [`Want::top_counts`] cut.
    #[serde(default)]
    pub distinct_outcomes: u64,
    /// Simulation alone: without reading and checking the text.
    pub seconds: f64,
    /// What was expected before the run, where somebody asked for it and it was worth a look: see
    /// [`Estimate::seconds`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_seconds: Option<f64>,
    /// Gates, measurements and resets executed; of the longest branch where measurements branch.
    pub operations: u64,
    /// Branches followed: 1 for a program that is run once and sampled at its end.
    #[serde(default = "one")]
    pub branches: u64,
    /// Exact probabilities; keys as in [`RunResult::counts`]. Entries above 1e-12, the 65,536 largest,
    /// or fewer as [`Want::top_probabilities`] has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<BTreeMap<String, f64>>,
    /// Sum of the probabilities that were left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncated: Option<f64>,
    /// How far all counts are from the exact distribution, both asked for: also where answers list a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_variation: Option<TotalVariation>,
    /// `[re, im]` in index order, qubit 0 least significant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statevector: Option<Vec<[f64; 2]>>,
    /// `2^n × 2^n` entries `[re, im]`, row by row, qubit 0 least significant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub density_matrix: Option<Vec<[f64; 2]>>,
    /// tr ρ², where a density matrix was held to the end: 1 for a pure state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purity: Option<f64>,
    /// The name of the noise model, where one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gradient: Option<GradientResult>,
    /// Largest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub top_amplitudes: Vec<Amplitude>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub qubits: Vec<QubitState>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<Expectation>,
    /// Warnings and notes on the program.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Diagnostic>,
}

fn one() -> u64 {
    1
}

/// One amplitude of the final state.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Amplitude {
    pub index: u64,
    pub re: f64,
    pub im: f64,
}

/// The state of one qubit with all others traced out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct QubitState {
    /// Bloch vector `(⟨X⟩, ⟨Y⟩, ⟨Z⟩)`; its length is 1 for a pure and 0 for a fully mixed state.
    pub bloch: [f64; 3],
    /// P(1) = (1 - ⟨Z⟩) / 2.
    pub probability_one: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Expectation {
    /// As asked for.
    pub observable: String,
    pub value: f64,
}

/// A run was refused or failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunError {
    pub kind: RunErrorKind,
    /// At least one.
    pub diagnostics: Vec<Diagnostic>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunErrorKind {
    /// The program is wrong: syntax or meaning.
    Program,
    /// It does not fit: memory, time, operations, width.
    Resources,
    /// The request is wrong: an observable's width, an unknown input, too many shots.
    Request,
    /// It went wrong while running: an index out of range, a division by zero.
    Runtime,
    Cancelled,
    /// Our fault.
    Internal,
}

/// A remark on a program, with its place. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Stable, for programs: `unknown_gate`, ….
    pub code: String,
    pub message: String,
    /// 0 where the remark has no place.
    pub line: u32,
    pub column: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub end_line: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub end_column: u32,
    /// How to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error that has no place in the program.
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: code.to_owned(),
            message: message.into(),
            line: 0,
            column: 0,
            end_line: 0,
            end_column: 0,
            help: None,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Note,
    Warning,
    Error,
}

/// What a run will take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Within a factor of 2 on a machine that does nothing else. None where it depends on what is
    /// measured.
    pub seconds: Option<f64>,
    /// The state and what is held beside it; likewise.
    pub memory_bytes: Option<u64>,
    pub operations: u64,
    /// What would be simulated, and why.
    pub reason: String,
}

/// Progress of a run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// 0 to 1.
    pub fraction: f32,
}

/// Page to worker. One JSON text per message; `id` pairs a request with its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToWorker {
    /// A newer `Run` supersedes one in flight: the page raises the cancel flag first.
    Run { id: u64, request: Box<RunRequest> },
    /// What a run will take; nothing is run.
    Estimate { id: u64, request: Box<RunRequest> },
    /// One program for many values of its inputs; superseded and cancelled as `Run` is.
    Sweep { id: u64, request: Box<sweep::SweepRequest> },
    /// Detectors of a circuit of Stim or of a surface code; superseded and cancelled as `Run` is.
    Sample { id: u64, request: Box<SampleRequest> },
    /// Read and check only.
    Check { id: u64, program: Program },
    /// Look at states inside a program.
    Inspect { id: u64, request: Box<InspectRequest> },
}

/// Worker to page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromWorker {
    /// Ready for requests; sent once more when the thread pool is up.
    Ready {
        threads: u32,
        max_memory_bytes: u64,
    },
    Progress {
        id: u64,
        progress: Progress,
    },
    Done {
        id: u64,
        result: Box<RunResult>,
    },
    Estimated {
        id: u64,
        estimate: Estimate,
    },
    Swept {
        id: u64,
        result: Box<sweep::SweepResult>,
    },
    Sampled {
        id: u64,
        result: Box<SampleResult>,
    },
    Failed {
        id: u64,
        error: RunError,
    },
    Checked {
        id: u64,
        diagnostics: Vec<Diagnostic>,
    },
    Inspected {
        id: u64,
        inspection: Box<Inspection>,
    },
}
