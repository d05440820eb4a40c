//! The command line. A subcommand is a file in `cli/`, a variant of [`Command`] and an arm in
//! [`main`].

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod check;
mod fmt;
mod machine;
mod operate;
mod plot;
mod report;
pub mod run;
mod sample_detectors;
pub mod serve;
mod source;
mod stats;
mod store;

#[derive(Debug, Parser)]
#[command(
    name = "ketlab",
    version,
    about = "A quantum lab: in the browser and on the command line"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Change users' roles and suspensions, and look whether all data is whole.
    Admin(operate::AdminArgs),
    /// Write a copy of the server's data into a file, while it runs.
    Backup(operate::BackupArgs),
    /// Read an OpenQASM program and say what is wrong with it.
    Check(check::Args),
    /// Lay an OpenQASM program out, comments kept.
    Fmt(fmt::Args),
    /// Bring the tables of the server's database up to date, without serving.
    Migrate(operate::MigrateArgs),
    /// Put a backup in the place of the server's data.
    Restore(operate::RestoreArgs),
    /// Run an OpenQASM program or a circuit of Stim and print its counts.
    Run(run::Args),
    /// Sample the detectors and observables of a circuit of Stim, and decode them.
    SampleDetectors(sample_detectors::Args),
    /// Serve the lab to browsers.
    Serve(serve::Args),
    /// Say what a circuit consists of: gates, depth, T count.
    Stats(stats::Args),
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Admin(args) => operate::administer(&args),
        Command::Backup(args) => operate::backup(&args),
        Command::Check(args) => check::main(&args),
        Command::Fmt(args) => fmt::main(&args),
        Command::Migrate(args) => operate::migrate(&args),
        Command::Restore(args) => operate::restore(&args),
        Command::Run(args) => run::main(&args),
        Command::SampleDetectors(args) => sample_detectors::main(&args),
        Command::Serve(args) => serve::main(&args),
        Command::Stats(args) => stats::main(&args),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serve_listens_on_the_loopback_address_unless_told_otherwise() {
        let Command::Serve(args) = Cli::parse_from(["ketlab", "serve"]).command else {
            panic!("another command")
        };
        assert_eq!(args.listen, "127.0.0.1:8080");
    }
}
