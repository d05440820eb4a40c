//! `ketlab check`: reads a program and says what is wrong with it.

use std::path::PathBuf;
use std::process::ExitCode;

use api::run::{Diagnostic, RunError, RunErrorKind, Severity};
use serde::Serialize;

use super::{report, source};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// An OpenQASM 2 or 3 file, or a `.stim` circuit; `-` reads OpenQASM from standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Exit code 0 without errors (there may be warnings), 2 with.
pub fn main(args: &Args) -> ExitCode {
    #[derive(Serialize)]
    struct Checked<'a> {
        diagnostics: &'a [Diagnostic],
    }
    let source = match source::read(&args.file) {
        Ok(source) => source,
        Err(error) => return report::refuse(&error, None, args.json),
    };
    let diagnostics = runner::check(&source.program, Some(&source.siblings));
    if diagnostics.iter().any(|d| d.severity == Severity::Error) {
        let error = RunError { kind: RunErrorKind::Program, diagnostics };
        return report::refuse(&error, Some(&source), args.json);
    }
    if args.json {
        return report::print_json(&Checked { diagnostics: &diagnostics });
    }
    let text: String = diagnostics.iter().map(|d| report::text(d, Some(&source))).collect();
    report::print(&text);
    ExitCode::SUCCESS
}
