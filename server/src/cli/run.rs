//! `ketlab run`: the simulator of the page on the command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use api::run::{
    GradientMethod, GradientRequest, MAX_SHOTS, Method, Precision, RunError, RunRequest, RunResult,
    Want,
};
use clap::ValueEnum;

use super::machine::Machine;
use super::{plot, report, source};

mod noise_scale;

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

    /// Run with noise so many times as strong, one after another: 0 for none, 1 for as it is given.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        requires = "noise",
        conflicts_with_all = ["statevector", "density_matrix", "gradient", "estimate"]
    )]
    pub noise_scale: Vec<f64>,

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

    /// Also write the histogram, as a page for the browser, or as plotly's figure where the name ends in `.json`.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["noise_scale", "estimate"])]
    pub plot: Option<PathBuf>,

    /// Say how long the run would take and what memory, and run nothing.
    #[arg(long)]
    pub estimate: bool,

    #[command(flatten)]
    pub machine: Machine,
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
    let json = args.machine.json;
    let source = match source::read(&args.file) {
        Ok(source) => source,
        Err(error) => return report::refuse(&error, None, json),
    };
    let pool = match args.machine.pool() {
        Ok(pool) => pool,
        Err(code) => return code,
    };
    let request = match request(args, &source) {
        Ok(request) => request,
        Err(error) => return report::refuse(&error, Some(&source), json),
    };
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64();
    let context = runner::Context {
        files: Some(&source.siblings),
        estimates: Some(runner::Estimates {
            calibration: &|precision| runner::calibrate(precision, &clock),
            hear: &|seconds| {
                if !json && !args.estimate {
                    report::remark(&format!("this takes about {seconds:.1} s"));
                }
            },
        }),
        ..runner::Context::new(&clock)
    };
    if !args.noise_scale.is_empty() {
        let request = noise_scale::request(args, request);
        return noise_scale::answer(args, &request, &pool, &context, &source);
    }
    if args.estimate {
        return match pool.install(|| runner::estimate(&request, &context)) {
            Ok(estimate) if json => report::print_json(&estimate),
            Ok(estimate) => {
                print_estimate(&estimate);
                ExitCode::SUCCESS
            }
            Err(error) => report::refuse(&error, Some(&source), json),
        };
    }
    let result = match pool.install(|| runner::run(&request, &context)) {
        Ok(result) => result,
        Err(error) => return report::refuse(&error, Some(&source), json),
    };
    if let Some(file) = &args.plot {
        if let Err(error) = plot::write(&result, &source.name, file) {
            return report::fault(&format!("cannot write {}: {error}", file.display()));
        }
        let outcomes = result.counts.len();
        if outcomes > plot::MOST {
            report::remark(&format!(
                "of {outcomes} outcomes the plot has the {} most frequent",
                plot::MOST
            ));
        }
    }
    if json {
        return report::print_json(&result);
    }
    print(&result, &source);
    ExitCode::SUCCESS
}

fn request(args: &Args, source: &source::Source) -> Result<RunRequest, RunError> {
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
        limits: args.machine.limits(),
    })
}

/// Half the range: other tools read the number as a double.
pub(super) fn random_seed() -> u64 {
    rand::random::<u64>() >> 11
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
