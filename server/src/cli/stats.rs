//! `ketlab stats`: what a circuit consists of.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use circuit::stats::Stats;
use serde::Serialize;

use super::{report, source};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// An OpenQASM 2 or 3 file; `-` reads standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Value of an `input` parameter of the program. May be repeated.
    #[arg(long = "input", value_name = "NAME=VALUE", value_parser = super::run::parse_input)]
    pub inputs: Vec<(String, String)>,

    /// Print one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// The numbers, with the names that they have in JSON.
#[derive(Serialize)]
struct Numbers<'a> {
    num_qubits: u32,
    active_qubits: u32,
    num_clbits: u32,
    operations: u64,
    depth: u32,
    two_qubit_gates: u64,
    two_qubit_depth: u32,
    multi_qubit_gates: u64,
    t_count: u64,
    measurements: u64,
    resets: u64,
    gates: &'a BTreeMap<String, u64>,
}

/// Exit code 0, 2 where the program is wrong or its steps depend on measurement outcomes.
pub fn main(args: &Args) -> ExitCode {
    let source = match source::read(&args.file) {
        Ok(source) => source,
        Err(error) => return report::refuse(&error, None, args.json),
    };
    let flat = source::inputs(&args.inputs)
        .and_then(|inputs| runner::flatten(&source.program, Some(&source.siblings), &inputs));
    let flat = match flat {
        Ok(flat) => flat,
        Err(error) => return report::refuse(&error, Some(&source), args.json),
    };
    let s = Stats::new(&flat);
    let numbers = Numbers {
        num_qubits: s.num_qubits,
        active_qubits: s.active_qubits,
        num_clbits: s.num_clbits,
        operations: s.operations,
        depth: s.depth,
        two_qubit_gates: s.two_qubit_gates,
        two_qubit_depth: s.two_qubit_depth,
        multi_qubit_gates: s.multi_qubit_gates,
        t_count: s.t_count,
        measurements: s.measurements,
        resets: s.resets,
        gates: &s.gates,
    };
    if args.json {
        return report::print_json(&numbers);
    }
    let mut out = String::new();
    for (name, value) in [
        ("qubits", u64::from(s.num_qubits)),
        ("qubits in use", u64::from(s.active_qubits)),
        ("classical bits", u64::from(s.num_clbits)),
        ("operations", s.operations),
        ("depth", u64::from(s.depth)),
        ("two-qubit gates", s.two_qubit_gates),
        ("two-qubit depth", u64::from(s.two_qubit_depth)),
        ("larger gates", s.multi_qubit_gates),
        ("T count", s.t_count),
        ("measurements", s.measurements),
        ("resets", s.resets),
    ] {
        let _ = writeln!(out, "{name:<16} {value:>10}");
    }
    out.push_str("\ngates\n");
    for (name, count) in &s.gates {
        let _ = writeln!(out, "  {name:<14} {count:>10}");
    }
    report::print(&out);
    ExitCode::SUCCESS
}
