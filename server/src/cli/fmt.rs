//! `ketlab fmt`: lays a program out in the one way, comments kept.

use std::path::PathBuf;
use std::process::ExitCode;

use api::run::Severity;

use super::{report, source};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// An OpenQASM 2 or 3 file; `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Change the file instead of printing the result.
    #[arg(long, conflicts_with = "check")]
    pub write: bool,

    /// Change nothing; exit code 2 where the file is laid out otherwise.
    #[arg(long)]
    pub check: bool,
}

/// Exit code 0, 2 where the file has syntax errors (it is left alone) or, with `--check`, differs.
pub fn main(args: &Args) -> ExitCode {
    let source = match source::read(&args.file) {
        Ok(source) => source,
        Err(error) => return report::refuse(&error, None, false),
    };
    let text = &source.program.text;
    let formatted = match qasm::format(text) {
        Ok(formatted) => formatted,
        Err(diagnostics) => {
            let mut error = runner::refusal(&diagnostics, text);
            error.diagnostics.retain(|d| d.severity == Severity::Error);
            return report::refuse(&error, Some(&source), false);
        }
    };
    if args.check {
        return if formatted == *text {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(report::REFUSED)
        };
    }
    if !args.write {
        report::print(&formatted);
        return ExitCode::SUCCESS;
    }
    if args.file.as_os_str() == "-" {
        return report::fault("standard input cannot be written to: leave out --write");
    }
    if formatted == *text {
        return ExitCode::SUCCESS;
    }
    match write_beside(&args.file, &formatted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report::fault(&format!("cannot write {}: {error}", source.name)),
    }
}

/// Writes a new file and puts it in the place of the old one, so that neither is ever half there.
fn write_beside(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".ketlab-fmt");
    let beside = path.with_file_name(name);
    std::fs::write(&beside, text)?;
    let permissions = std::fs::metadata(path)?.permissions();
    std::fs::set_permissions(&beside, permissions)?;
    std::fs::rename(&beside, path)
}
