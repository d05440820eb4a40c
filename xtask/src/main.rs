//! Every project command: `cargo xtask help` lists them.
//!
//! Each product (the worker's variants, the assets from npm, the page, the server) has a stamp of what went
//! into it; a product whose stamp still fits is reused. Tools, build folders and finished products lie in a
//! cache outside the clone (`KETLAB_CACHE`), so that the next clone starts warm. What is installed or reused is said.
#![allow(clippy::print_stdout, reason = "a command line tool talks on standard output")]

mod apt;
mod arrows;
mod bench;
mod cache;
mod check;
mod dist;
mod layers;
mod npm;
mod page;
mod postgres;
mod process;
mod products;
mod serve;
mod stamp;
mod test;
mod toolchain;
mod tools;
mod worker;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::{Result, bail};

const HELP: &str = "\
cargo xtask COMMAND

  run [ARGS]   build what is missing and serve the page at http://127.0.0.1:8080;
               ARGS go to `ketlab serve`
  dev          the page with live reload at http://127.0.0.1:8080, the server behind it
  sim          the worker's variants, into public/sim
  vendor       fonts and scripts from npm, into public/vendor
  dist         the release binary with the page inside, dist/ketlab, and its sizes
  bench [ARGS] whole circuits against other simulators; `bench --help` lists ARGS
  check        format, clippy on both targets, arrows between packages, generated files
  test         all tests, browser journeys included
  bless        update generated files and snapshots
  ci           check and test

Variables: KETLAB_CACHE (tools, build folders, products), KETLAB_CHROMIUM (browser for the journeys),
KETLAB_SCREENSHOTS (where the journeys leave pictures).
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match command(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn command(args: &[String]) -> Result<()> {
    let (name, rest) =
        args.split_first().map_or(("help", args), |(name, rest)| (name.as_str(), rest));
    if !rest.is_empty() && !matches!(name, "run" | "bench") {
        bail!("`{name}` takes no arguments");
    }
    match name {
        "run" => serve::run(rest),
        "dev" => serve::dev(),
        "sim" => worker::build(|| Ok(None)),
        "vendor" => page::vendor(),
        "dist" => dist::build(),
        "bench" => bench::run(rest),
        "check" => check::run(),
        "test" => test::run(),
        "bless" => check::bless(),
        "ci" => check::run().and_then(|()| test::run()),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("no command `{other}`\n\n{HELP}"),
    }
}

/// The repository.
pub fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        // Set by `cargo run`. What was set at build time may be another clone, where they share a build folder.
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let package = package.filter(|folder| folder.ends_with("xtask"));
        let package = package.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        package.parent().expect("this package lies in the repository").to_path_buf()
    })
}

/// A path in the repository.
pub fn at(path: &str) -> PathBuf {
    root().join(path)
}

/// One line on what is done.
pub fn say(what: impl std::fmt::Display) {
    println!("ketlab: {what}");
}
