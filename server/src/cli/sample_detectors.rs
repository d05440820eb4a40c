//! `ketlab sample-detectors`: how often the detectors and observables of a circuit fire.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use api::run::{
    Basis, Limits, MAX_SHOTS, MemoryExperiment, RunError, SampleRequest, SampleResult, Sampled,
};

use super::machine::Machine;
use super::{report, run, source};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A circuit in the text format of Stim; `-` reads standard input.
    #[arg(value_name = "FILE", required_unless_present = "surface_code")]
    pub file: Option<PathBuf>,

    /// Instead of a file, a memory experiment of the rotated surface code of this distance.
    #[arg(long, value_name = "DISTANCE", conflicts_with = "file")]
    pub surface_code: Option<u32>,

    /// Rounds of the memory experiment. [default: the distance]
    #[arg(long, requires = "surface_code")]
    pub rounds: Option<u32>,

    /// Probability of each error of the memory experiment.
    #[arg(long, value_name = "P", requires = "surface_code", default_value_t = 0.001)]
    pub noise: f64,

    /// Print the circuit of the memory experiment and sample nothing.
    #[arg(long, requires = "surface_code")]
    pub print: bool,

    /// How often the circuit is run.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(0..=i64::from(MAX_SHOTS)))]
    pub shots: u32,

    /// The same seed gives the same rates everywhere. [default: a random one, printed]
    #[arg(long)]
    pub seed: Option<u64>,

    /// Decode every shot by matching, for the logical error rate.
    #[arg(long)]
    pub decode: bool,

    #[command(flatten)]
    pub machine: Machine,
}

/// Exit code 0, 2 where the circuit or the request is refused, 1 for a fault of ours.
pub fn main(args: &Args) -> ExitCode {
    let source = match circuit(args) {
        Ok(source) => source,
        Err(error) => return report::refuse(&error, None, args.machine.json),
    };
    if args.print {
        report::print(&source.program.text);
        return ExitCode::SUCCESS;
    }
    let pool = match args.machine.pool() {
        Ok(pool) => pool,
        Err(code) => return code,
    };
    let request = SampleRequest {
        circuit: Sampled::Program(source.program.clone()),
        shots: args.shots,
        seed: args.seed.unwrap_or_else(run::random_seed),
        decode: args.decode,
        convert: false,
        limits: Limits {
            // Shots are counted apart: this bounds one.
            max_operations: u64::from(u32::MAX),
            ..args.machine.limits()
        },
    };
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64();
    let context = runner::Context::new(&clock);
    match pool.install(|| runner::sample_detectors(&request, &context)) {
        Ok(result) if args.machine.json => report::print_json(&result),
        Ok(result) => {
            print(&result);
            ExitCode::SUCCESS
        }
        Err(error) => report::refuse(&error, Some(&source), args.machine.json),
    }
}

fn circuit(args: &Args) -> Result<source::Source, RunError> {
    if let Some(distance) = args.surface_code {
        let rounds = args.rounds.unwrap_or(distance);
        return Ok(source::Source {
            name: format!("surface code of distance {distance}"),
            program: runner::surface_code(&MemoryExperiment {
                distance,
                rounds,
                basis: Basis::Z,
                noise: args.noise,
            })?,
            siblings: std::collections::BTreeMap::new(),
        });
    }
    let path = args.file.clone().unwrap_or_else(|| PathBuf::from("-"));
    let mut source = source::read(&path)?;
    source.program.language = api::run::Language::Stim;
    Ok(source)
}

fn mean(rates: &[f64]) -> f64 {
    if rates.is_empty() { 0.0 } else { rates.iter().sum::<f64>() / rates.len() as f64 }
}

/// Text for people.
fn print(result: &SampleResult) {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} qubits · {} results · {} shots · {} {} · seed {} · {:.3} ms",
        result.num_qubits,
        result.num_measurements,
        result.shots,
        result.threads,
        if result.threads == 1 { "thread" } else { "threads" },
        result.seed,
        result.seconds * 1e3,
    );
    if !result.detectors.is_empty() {
        let _ = writeln!(
            out,
            "\n{} detectors, mean rate {:.6}",
            result.detectors.len(),
            mean(&result.detectors)
        );
        for (i, rate) in result.detectors.iter().enumerate() {
            let _ = writeln!(out, "  D{i:<7} {rate:.6}");
        }
    }
    if !result.observables.is_empty() {
        let _ = writeln!(out, "\nobservables");
        for (i, rate) in result.observables.iter().enumerate() {
            let _ = writeln!(out, "  L{i:<7} {rate:.6}");
        }
    }
    if let Some(logical) = &result.logical {
        let _ = writeln!(
            out,
            "\nlogical error rate {:.6} ({} wrong of {} shots, {} different errors{})",
            logical.rate,
            logical.errors,
            result.shots,
            logical.mechanisms,
            if logical.exact { "" } else { ", some of them taken for independent" },
        );
    }
    report::print(&out);
}
