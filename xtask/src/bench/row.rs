//! What is timed: one row of the tables each.

use serde_json::{Value, json};

/// Programs that are no peers of `tests/bench/peers.py`.
pub const OURS: &str = "ketlab";
pub const BROWSER: &str = "chromium";

pub struct Row {
    pub label: &'static str,
    /// Rows with the same program and number of threads share a process.
    pub program: &'static str,
    pub precision: &'static str,
    /// The program's own word for what is different about this row.
    pub variant: &'static str,
    pub most_threads: u32,
    /// What it is asked beside circuits.
    pub tasks: &'static [&'static str],
}

const fn row(
    label: &'static str,
    program: &'static str,
    precision: &'static str,
    variant: &'static str,
    most_threads: u32,
    tasks: &'static [&'static str],
) -> Row {
    Row { label, program, precision, variant, most_threads, tasks }
}

pub const F64: &str = "Ketlab f64";
pub const F64_ENGINE: &str = "Ketlab f64, engine";
pub const F32: &str = "Ketlab f32 fast";
pub const F32_ENGINE: &str = "Ketlab f32 fast, engine";
pub const TAB_F64: &str = "Chromium f64";
pub const TAB_F32: &str = "Chromium f32 fast";
pub const LIGHTNING: &str = "Lightning f64";
pub const QULACS: &str = "Qulacs f64";
pub const AER: &str = "Aer f64";
pub const QSIM: &str = "qsim f32";

const MANY: u32 = 1024;

pub const ROWS: [Row; 13] = [
    row(F64, OURS, "f64", "", MANY, &["shots", "pauli", "qubits", "memory"]),
    row(F64_ENGINE, OURS, "f64", "engine", MANY, &[]),
    row(F32, OURS, "f32", "", MANY, &["qubits", "memory"]),
    row(F32_ENGINE, OURS, "f32", "engine", MANY, &[]),
    row(TAB_F64, BROWSER, "f64", "", MANY, &["shots", "pauli", "screen"]),
    row(TAB_F32, BROWSER, "f32", "", MANY, &[]),
    row(QULACS, "qulacs", "f64", "", MANY, &["shots", "pauli", "qubits"]),
    row("Qulacs f64, light", "qulacs", "f64", "light", MANY, &[]),
    row(LIGHTNING, "lightning", "f64", "f64", 1, &["pauli", "qubits"]),
    row(AER, "aer", "f64", "", MANY, &["shots", "pauli"]),
    row("Aer f64, tuned", "aer", "f64", "tuned", MANY, &[]),
    row("Lightning f32", "lightning", "f32", "f32", 1, &[]),
    row(QSIM, "qsim", "f32", "", MANY, &[]),
];

impl Row {
    /// What makes a request one of this row.
    pub fn request(&self) -> Value {
        json!({
            "precision": self.precision,
            // Ours in single precision is the fast mode.
            "fast": self.precision == "f32",
            "engine": self.variant == "engine",
            "variant": self.variant,
        })
    }

    pub fn is_peer(&self) -> bool {
        self.program != OURS && self.program != BROWSER
    }
}

/// Name of a row's figures.
pub fn id(label: &str, threads: u32) -> String {
    format!("{label} · {threads}")
}
