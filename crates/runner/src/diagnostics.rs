//! Remarks and refusals in the form that crosses the boundary.

use api::run::{Diagnostic, RunError, RunErrorKind, Severity};
use circuit::machine::RuntimeErrorKind;
use qasm::LineIndex;
use sim::SimError;

use crate::Failure;

fn refusal(kind: RunErrorKind, code: &str, message: String) -> RunError {
    RunError { kind, diagnostics: vec![Diagnostic::error(code, message)] }
}

/// The request is wrong, whatever the program.
pub(crate) fn request(code: &str, message: String) -> RunError {
    refusal(RunErrorKind::Request, code, message)
}

/// With lines and columns of `text`.
pub(crate) fn from_qasm(diagnostics: &[qasm::Diagnostic], text: &str) -> Vec<Diagnostic> {
    if diagnostics.is_empty() {
        return Vec::new();
    }
    let index = LineIndex::new(text);
    diagnostics
        .iter()
        .map(|d| {
            let mut out = Diagnostic::error(d.code, d.message.clone());
            out.severity = match d.severity {
                qasm::Severity::Note => Severity::Note,
                qasm::Severity::Warning => Severity::Warning,
                qasm::Severity::Error => Severity::Error,
            };
            place(&mut out, &index, text, d.span.start, d.span.end);
            out.help.clone_from(&d.help);
            out
        })
        .collect()
}

fn place(d: &mut Diagnostic, index: &LineIndex, text: &str, start: u32, end: u32) {
    let from = index.line_column(text, start);
    let to = index.line_column(text, end.max(start));
    (d.line, d.column, d.end_line, d.end_column) = (from.line, from.column, to.line, to.column);
}

/// What a noise model has to say about gates, in one note of each kind.
pub(crate) fn from_remarks(remarks: &[noise::Remark]) -> Vec<Diagnostic> {
    use noise::Remark;

    /// Pairs that are named.
    const NAMED: usize = 8;
    let note = |code: &str, message: String| Diagnostic {
        severity: Severity::Note,
        ..Diagnostic::error(code, message)
    };
    let mut notes = Vec::new();
    let pairs: Vec<String> = remarks
        .iter()
        .filter_map(|r| match r {
            Remark::Uncoupled(a, b) => Some(format!("{a}-{b}")),
            Remark::TooWide(_) => None,
        })
        .collect();
    if !pairs.is_empty() {
        let more = if pairs.len() > NAMED { ", …" } else { "" };
        notes.push(note(
            "uncoupled_qubits",
            format!(
                "the device does not couple qubits {}{more}: gates on them have the median error of its couplers",
                pairs[..pairs.len().min(NAMED)].join(", ")
            ),
        ));
    }
    let widest = remarks.iter().filter_map(|r| match r {
        Remark::TooWide(n) => Some(*n),
        Remark::Uncoupled(..) => None,
    });
    if let Some(n) = widest.min() {
        notes.push(note(
            "wide_gates_exact",
            format!(
                "the noise model says nothing about gates on {n} qubits and more: they are exact"
            ),
        ));
    }
    notes
}

/// What stopped a run.
pub(crate) fn from_failure(failure: &Failure, text: &str) -> RunError {
    match failure {
        Failure::Refused { code, message } => {
            refusal(RunErrorKind::Resources, code, message.clone())
        }
        Failure::Sim(error) => from_sim(error),
        Failure::Program(error) => {
            let (kind, code) = class(&error.kind);
            let mut d = Diagnostic::error(code, error.kind.to_string());
            if !error.span.is_none() && error.span.source == circuit::SourceId(0) {
                place(&mut d, &LineIndex::new(text), text, error.span.start, error.span.end);
            }
            d.help = help(&error.kind).map(str::to_owned);
            RunError { kind, diagnostics: vec![d] }
        }
    }
}

fn from_sim(error: &SimError) -> RunError {
    let (kind, code, help) = match error {
        SimError::DensityTooLarge { .. } => (
            RunErrorKind::Resources,
            "too_large",
            Some("use trajectories, which take the memory of a state vector, or fewer qubits"),
        ),
        SimError::TooLarge { .. } => (
            RunErrorKind::Resources,
            "too_large",
            Some("use fewer qubits, or f32, which takes half of the memory"),
        ),
        SimError::OutOfMemory { .. } => (
            RunErrorKind::Resources,
            "out_of_memory",
            Some("close other programs or use fewer qubits"),
        ),
        SimError::Cancelled => (RunErrorKind::Cancelled, "cancelled", None),
        SimError::TimedOut => (
            RunErrorKind::Resources,
            "time_limit",
            Some("allow more time, or use fewer qubits or gates"),
        ),
        SimError::TooManyQubits { .. } => (RunErrorKind::Resources, "too_many_qubits", None),
        SimError::ImpossibleOutcome => (RunErrorKind::Runtime, "impossible_outcome", None),
        _ => (RunErrorKind::Internal, "internal", None),
    };
    let mut d = Diagnostic::error(code, error.to_string());
    d.help = help.map(str::to_owned);
    RunError { kind, diagnostics: vec![d] }
}

fn class(kind: &RuntimeErrorKind) -> (RunErrorKind, &'static str) {
    use RuntimeErrorKind as K;
    match kind {
        K::TooManyOperations { .. } => (RunErrorKind::Resources, "too_many_operations"),
        K::TooManyStatements { .. } => (RunErrorKind::Resources, "too_many_statements"),
        K::CallDepth { .. } => (RunErrorKind::Resources, "call_depth"),
        K::Memory { .. } => (RunErrorKind::Resources, "classical_memory"),
        K::PowerTooWide { .. } => (RunErrorKind::Resources, "power_too_wide"),
        K::MissingInput { .. } => (RunErrorKind::Request, "missing_input"),
        K::UnknownInput { .. } => (RunErrorKind::Request, "unknown_input"),
        K::InputType { .. } => (RunErrorKind::Request, "input_type"),
        K::Extern { .. } => (RunErrorKind::Runtime, "extern"),
        K::Opaque { .. } => (RunErrorKind::Runtime, "opaque"),
        K::DuplicateQubit(_) => (RunErrorKind::Runtime, "duplicate_qubit"),
        K::OutcomeMissing | K::Invalid(_) => (RunErrorKind::Internal, "internal"),
        _ => (RunErrorKind::Runtime, "runtime"),
    }
}

fn help(kind: &RuntimeErrorKind) -> Option<&'static str> {
    use RuntimeErrorKind as K;
    match kind {
        K::MissingInput { .. } => {
            Some("give it with the run: on the command line `--input name=value`")
        }
        K::DuplicateQubit(_) => Some("the qubits of one gate must differ"),
        _ => None,
    }
}
