//! What commands print: results, and refusals with their place.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use api::run::{Diagnostic, Method, Precision, RunError, RunErrorKind, Severity};
use serde::Serialize;

use super::source::Source;

/// Exit code of a refusal: the input is at fault.
pub const REFUSED: u8 = 2;

/// Longest part of a source line that is shown, in characters.
const SHOWN_CHARS: usize = 160;

/// Standard output may be closed by a reader that has seen enough: no reason to fail.
pub fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Something to know beside the result, on standard error.
pub fn remark(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// One JSON object on a line of its own.
pub fn print_json(value: &impl Serialize) -> ExitCode {
    match serde_json::to_string(value) {
        Ok(text) => {
            print(&text);
            print("\n");
            ExitCode::SUCCESS
        }
        Err(error) => fault(&format!("cannot write the result: {error}")),
    }
}

/// A refusal: with `json` one object on standard output, else text on standard error.
pub fn refuse(error: &RunError, source: Option<&Source>, json: bool) -> ExitCode {
    #[derive(Serialize)]
    struct Refusal<'a> {
        diagnostics: &'a [Diagnostic],
    }
    if json {
        print_json(&Refusal { diagnostics: &error.diagnostics });
    } else {
        let text: String = error.diagnostics.iter().map(|d| text(d, source)).collect();
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
    if error.kind == RunErrorKind::Internal { ExitCode::FAILURE } else { ExitCode::from(REFUSED) }
}

/// A fault of ours.
pub fn fault(message: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "ketlab: {message}");
    ExitCode::FAILURE
}

/// A diagnostic with the line it points at.
pub fn text(d: &Diagnostic, source: Option<&Source>) -> String {
    let severity = match d.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut out = format!("{severity}[{}]: {}\n", d.code, d.message);
    match source {
        Some(source) if d.line > 0 => {
            let _ = writeln!(out, "  --> {}:{}:{}", source.name, d.line, d.column);
            if let Some(line) = source.program.text.lines().nth(d.line as usize - 1) {
                excerpt(&mut out, line, d);
            }
        }
        // Not even read as text.
        None if d.line > 0 => {
            let _ = writeln!(out, "  at line {}, column {}", d.line, d.column);
        }
        _ => {}
    }
    if let Some(help) = &d.help {
        let _ = writeln!(out, "  help: {help}");
    }
    out
}

fn excerpt(out: &mut String, line: &str, d: &Diagnostic) {
    let column = d.column.max(1) as usize - 1;
    // A long line is cut so that the place stays in sight.
    let from = column.saturating_sub(SHOWN_CHARS / 2);
    let shown: String = line
        .chars()
        .skip(from)
        .take(SHOWN_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let length = if d.end_line == d.line && d.end_column > d.column {
        (d.end_column - d.column) as usize
    } else {
        1
    };
    let length = length.min(shown.chars().count().saturating_sub(column - from)).max(1);
    let number = d.line.to_string();
    let _ = writeln!(out, "{number:>4} | {shown}");
    let _ = writeln!(out, "{:>4} | {}{}", "", " ".repeat(column - from), "^".repeat(length));
}

pub fn method(method: Method) -> &'static str {
    match method {
        Method::Auto => "auto",
        Method::Statevector => "statevector",
        Method::DensityMatrix => "density_matrix",
        Method::Trajectories => "trajectories",
        Method::Stabilizer => "stabilizer",
    }
}

pub fn precision(precision: Precision) -> &'static str {
    match precision {
        Precision::F64 => "f64",
        Precision::F32 => "f32",
    }
}
