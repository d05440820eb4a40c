//! Estimates and what runs then took, for programs given as files.
//!
//! ```text
//! cargo run --release -p runner --features parallel --example estimate -- FILE …
//! ```
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a program for the terminal, with a clock"
)]

use std::time::Instant;

use api::run::{Limits, Method, Precision, Program, RunRequest, Want};

fn main() {
    let start = Instant::now();
    let clock = || start.elapsed().as_secs_f64();
    for (precision, width) in
        [(Precision::F64, runner::Width::F64), (Precision::F32, runner::Width::F32)]
    {
        let from = clock();
        let found = runner::calibrate(width, &clock);
        println!("{precision:?}: calibrated in {:.2} s: {found:?}", clock() - from);
        let estimates = runner::Estimates { calibration: &|_| found, hear: &|_| () };
        for file in std::env::args().skip(1) {
            let request = RunRequest {
                program: Program::openqasm(std::fs::read_to_string(&file).unwrap()),
                method: Method::Auto,
                precision,
                fast: false,
                shots: 0,
                seed: 1,
                inputs: std::collections::BTreeMap::new(),
                noise: None,
                gradient: None,
                want: Want::default(),
                limits: Limits { memory_bytes: u64::MAX, ..Limits::default() },
            };
            let context =
                runner::Context { estimates: Some(estimates), ..runner::Context::new(&clock) };
            let expected = runner::estimate(&request, &context).unwrap().seconds.unwrap();
            let took = runner::run(&request, &context).unwrap().seconds;
            println!("{file}: {expected:.4} s expected, {took:.4} s taken, {:.2}", expected / took);
        }
    }
}
