//! `ketlab run`: the simulator of the page on the command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use api::run::{
    GradientMethod, GradientRequest, Limits, MAX_SHOTS, Method, Precision, RunError, RunRequest,
    RunResult, Want,
};
use clap::ValueEnum;

use super::{report, source};

/// Share of the machine's memory that a run may take unless told otherwise.
const MEMORY_SHARE: f64 = 0.8;

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub struct Args {
    /// An OpenQASM 2 or 3 file, or a `.stim` circuit; `-` reads OpenQASM from standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// How often the circuit is run; 0 for no counts.
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(0..=i64::from(MAX_SHOTS)))]
    pub shots: u32,

    /// The same seed gives the same counts everywhere. [default: a random one, printed]
    #[arg(long)]
    pub seed: Option<u64>,

    /// How the state is held.
    #[arg(long, value_enum, default_value_t = MethodArg::Auto)]
    pub method: MethodArg,

    /// Width of a real number in the state.
    #[arg(long, value_enum, default_value_t = PrecisionArg::F64)]
    pub precision: PrecisionArg,

    /// Faster, and equal to the default mode only statistically.
    #[arg(long)]
    pub fast: bool,

    /// Threads to use. [default: one per core]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub threads: Option<u32>,

    /// Most memory that the state may take, in MiB. [default: four fifths of the machine's]
    #[arg(long, value_name = "MIB")]
    pub memory: Option<u64>,

    /// Wall time after which the run is given up, in seconds.
    #[arg(long, value_name = "SECONDS")]
    pub time_limit: Option<f64>,

    /// Value of an `input` parameter of the program. May be repeated.
    #[arg(long = "input", value_name = "NAME=VALUE", value_parser = parse_input)]
    pub inputs: Vec<(String, String)>,

    /// The exact distribution over the classical bits, all measurement branches followed.
    #[arg(long)]
    pub probabilities: bool,

    /// All amplitudes of the final state.
    #[arg(long)]
    pub statevector: bool,

    /// Expectation value of a sum of Pauli strings, for example "0.5*ZZI - XIX", highest qubit
    /// first. May be repeated.
    #[arg(long = "expect", value_name = "OBSERVABLE", allow_hyphen_values = true)]
    pub expectations: Vec<String>,

    /// Noise after the gates: a noise model's file, or a device, for example `hanoi`.
    #[arg(long, value_name = "FILE|DEVICE")]
    pub noise: Option<String>,

    /// All entries of the density matrix of the final state.
    #[arg(long)]
    pub density_matrix: bool,

    /// Derivatives of the expectation value of an observable by the program's inputs.
    #[arg(long, value_name = "OBSERVABLE", allow_hyphen_values = true)]
    pub gradient: Option<String>,

    /// How derivatives are found.
    #[arg(long, value_enum, default_value_t = GradientArg::Auto)]
    pub gradient_method: GradientArg,

    /// Shots for each run of a parameter shift; 0 for exact values.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=i64::from(MAX_SHOTS)))]
    pub gradient_shots: u32,

    /// Say how long the run would take and what memory, and run nothing.
    #[arg(long)]
    pub estimate: bool,

    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MethodArg {
    Auto,
    Statevector,
    #[value(name = "density_matrix")]
    DensityMatrix,
    Trajectories,
    Stabilizer,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GradientArg {
    Auto,
    Adjoint,
    #[value(name = "parameter_shift")]
    ParameterShift,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PrecisionArg {
    F64,
    F32,
}

pub(super) fn parse_input(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("expected NAME=VALUE, for example theta=pi/4".to_owned()),
    }
}

/// Exit code 0, 2 where the program or the request is refused, 1 for a fault of ours.
pub fn main(args: &Args) -> ExitCode {
    let source = match source::read(&args.file) {
        Ok(source) => source,
        Err(error) => return report::refuse(&error, None, args.json),
    };
    let threads = args.threads.unwrap_or_else(default_threads);
    let pool = match rayon::ThreadPoolBuilder::new().num_threads(threads as usize).build() {
        Ok(pool) => pool,
        Err(error) => return report::fault(&format!("cannot start {threads} threads: {error}")),
    };
    let request = match request(args, &source) {
        Ok(request) => request,
        Err(error) => return report::refuse(&error, Some(&source), args.json),
    };
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64();
    let context = runner::Context {
        cancel: None,
        deadline: None,
        progress: None,
        seconds: &clock,
        files: Some(&source.siblings),
        live: None,
        estimates: Some(runner::Estimates {
            calibration: &|precision| runner::calibrate(precision, &clock),
            hear: &|seconds| {
                if !args.json && !args.estimate {
                    report::remark(&format!("this takes about {seconds:.1} s"));
                }
            },
        }),
    };
    if args.estimate {
        return match pool.install(|| runner::estimate(&request, &context)) {
            Ok(estimate) if args.json => report::print_json(&estimate),
            Ok(estimate) => {
                print_estimate(&estimate);
                ExitCode::SUCCESS
            }
            Err(error) => report::refuse(&error, Some(&source), args.json),
        };
    }
    match pool.install(|| runner::run(&request, &context)) {
        Ok(result) if args.json => report::print_json(&result),
        Ok(result) => {
            print(&result, &source);
            ExitCode::SUCCESS
        }
        Err(error) => report::refuse(&error, Some(&source), args.json),
    }
}

fn request(args: &Args, source: &source::Source) -> Result<RunRequest, RunError> {
    let memory_bytes = memory_bytes(args.memory);
    let time_ms = time_ms(args.time_limit);
    Ok(RunRequest {
        program: source.program.clone(),
        method: match args.method {
            MethodArg::Auto => Method::Auto,
            MethodArg::Statevector => Method::Statevector,
            MethodArg::DensityMatrix => Method::DensityMatrix,
            MethodArg::Trajectories => Method::Trajectories,
            MethodArg::Stabilizer => Method::Stabilizer,
        },
        precision: match args.precision {
            PrecisionArg::F64 => Precision::F64,
            PrecisionArg::F32 => Precision::F32,
        },
        fast: args.fast,
        shots: args.shots,
        seed: args.seed.unwrap_or_else(random_seed),
        inputs: source::inputs(&args.inputs)?,
        noise: args.noise.as_deref().map(source::noise).transpose()?,
        gradient: args.gradient.as_ref().map(|observable| GradientRequest {
            observable: observable.clone(),
            method: match args.gradient_method {
                GradientArg::Auto => GradientMethod::Auto,
                GradientArg::Adjoint => GradientMethod::Adjoint,
                GradientArg::ParameterShift => GradientMethod::ParameterShift,
            },
            shots: args.gradient_shots,
        }),
        want: Want {
            probabilities: args.probabilities,
            statevector: args.statevector,
            density_matrix: args.density_matrix,
            expectations: args.expectations.clone(),
            ..Want::default()
        },
        limits: Limits { memory_bytes, time_ms, ..Limits::default() },
    })
}

/// Half the range: other tools read the number as a double.
pub(super) fn random_seed() -> u64 {
    rand::random::<u64>() >> 11
}

/// Of a number of MiB, or what the machine has.
pub(super) fn memory_bytes(mib: Option<u64>) -> u64 {
    mib.map_or_else(default_memory, |mib| mib.saturating_mul(1 << 20))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates; never negative"
)]
pub(super) fn time_ms(seconds: Option<f64>) -> u64 {
    seconds.map_or(0, |seconds| (seconds.max(0.001) * 1000.0) as u64)
}

pub(super) fn default_threads() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a u64")]
fn default_memory() -> u64 {
    let system = sysinfo::System::new_with_specifics(
        sysinfo::RefreshKind::nothing()
            .with_memory(sysinfo::MemoryRefreshKind::nothing().with_ram()),
    );
    (system.total_memory() as f64 * MEMORY_SHARE) as u64
}

fn print_estimate(estimate: &api::run::Estimate) {
    use std::fmt::Write as _;

    let mut out = String::new();
    if let Some(seconds) = estimate.seconds {
        let _ = write!(out, "about {seconds:.2} s · ");
    }
    if let Some(bytes) = estimate.memory_bytes {
        let _ = write!(out, "{:.1} MiB · ", bytes as f64 / f64::from(1 << 20));
    }
    report::print(&format!("{out}{} operations\n{}\n", estimate.operations, estimate.reason));
}

/// Text for people.
fn print(result: &RunResult, source: &source::Source) {
    use std::fmt::Write as _;

    let mut out = String::new();
    for diagnostic in &result.diagnostics {
        out.push_str(&report::text(diagnostic, Some(source)));
    }
    let _ = writeln!(
        out,
        "{} qubits · {} · {} · {} {} · seed {} · {:.3} ms",
        result.num_qubits,
        report::method(result.method),
        report::precision(result.precision),
        result.threads,
        if result.threads == 1 { "thread" } else { "threads" },
        result.seed,
        result.seconds * 1e3,
    );
    if result.shots > 0 {
        let _ = writeln!(out, "\n{} shots", result.shots);
        let width = result.counts.values().max().map_or(1, |n| n.to_string().len());
        for (key, count) in &result.counts {
            let _ = writeln!(out, "  {key}  {count:>width$}");
        }
    }
    if let Some(probabilities) = &result.probabilities {
        let _ = writeln!(out, "\nprobabilities");
        for (key, p) in probabilities {
            let _ = writeln!(out, "  {key}  {p:.9}");
        }
        if let Some(truncated) = result.truncated.filter(|&t| t > 0.0) {
            let _ = writeln!(out, "  left out: {truncated:.3e}");
        }
    }
    if let Some(amplitudes) = &result.statevector {
        let _ = writeln!(out, "\nstatevector");
        for (index, [re, im]) in amplitudes.iter().enumerate() {
            let _ = writeln!(
                out,
                "  {index:0width$b}  {re:+.9} {im:+.9}i",
                width = result.num_qubits.max(1) as usize
            );
        }
    }
    if let Some(entries) = &result.density_matrix {
        let _ = writeln!(out, "\ndensity matrix");
        for row in entries.chunks(1 << result.num_qubits) {
            for [re, im] in row {
                let _ = write!(out, "  {re:+.6} {im:+.6}i");
            }
            out.push('\n');
        }
    }
    if let Some(purity) = result.purity {
        let _ = writeln!(out, "tr ρ² = {purity:.9}");
    }
    for expectation in &result.expectations {
        let _ = writeln!(out, "⟨{}⟩ = {:.9}", expectation.observable, expectation.value);
    }
    if let Some(gradient) = &result.gradient {
        let _ = writeln!(out, "⟨{}⟩ = {:.9}", gradient.observable, gradient.value);
        for d in &gradient.derivatives {
            let _ = writeln!(out, "  d/d {} = {:+.9}", d.input, d.value);
        }
    }
    report::print(&out);
}
