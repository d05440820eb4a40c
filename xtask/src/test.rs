//! All tests: the WebAssembly builds, Rust on this machine, journeys in a real browser.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::cache::Target;
use crate::postgres::Cluster;
use crate::process::{command, find, output};
use crate::serve::cargo;
use crate::{apt, at, npm, page, say, tools};

#[derive(Default)]
struct Count {
    passed: u64,
    failed: u64,
}

pub fn run() -> Result<()> {
    let mut count = Count::default();
    // First, since the server embeds it: the other way round the server would be built twice.
    page::build()?;
    let target = Target::open("host")?;
    let programs = build(&target)?;
    rust(&target, &mut count)?;
    postgres(&programs, &mut count)?;
    journeys(&programs, &mut count)?;
    println!("{} passed, {} failed", count.passed, count.failed);
    if count.failed > 0 {
        bail!("tests failed");
    }
    Ok(())
}

/// What the tests in Rust are built into, and the server that is built for them: everything here uses these, since
/// Cargo compiles a package anew for another choice of packages.
struct Programs {
    server: PathBuf,
    server_tests: Vec<PathBuf>,
}

/// Everything that runs on this machine. The page's package is among it: its plain functions have tests.
fn cargo_test(target: &Target) -> Command {
    let mut test = cargo(target);
    test.args(["test", "--workspace", "--exclude", "sim-wasm", "--no-fail-fast"]);
    test
}

fn build(target: &Target) -> Result<Programs> {
    say("building the tests in Rust");
    let mut server = None;
    let mut server_tests = Vec::new();
    let mut build = cargo_test(target);
    build.args(["--no-run", "--message-format=json-render-diagnostics"]);
    for line in output(&mut build)?.lines() {
        let message: Value = serde_json::from_str(line).context("Cargo's messages are JSON")?;
        let manifest = message["manifest_path"].as_str().map(Path::new);
        let of_server = manifest.is_some_and(|path| path == at("server/Cargo.toml"));
        let Some(program) = message["executable"].as_str().filter(|_| of_server) else { continue };
        if message["profile"]["test"] == true {
            server_tests.push(program.into());
        } else if message["target"]["name"] == "ketlab" {
            server = Some(program.into());
        }
    }
    ensure!(!server_tests.is_empty(), "the server has no tests");
    Ok(Programs { server: server.context("Cargo did not build the server")?, server_tests })
}

fn rust(target: &Target, count: &mut Count) -> Result<()> {
    say("tests in Rust");
    counted(&mut cargo_test(target), count)
}

/// The server's tests once more, on PostgreSQL.
fn postgres(programs: &Programs, count: &mut Count) -> Result<()> {
    let cluster = Cluster::start()?;
    say("tests of the server on PostgreSQL");
    for program in &programs.server_tests {
        let mut test = command(program);
        // As Cargo starts it.
        test.current_dir(at("server")).env("CARGO_MANIFEST_DIR", at("server"));
        test.env("KETLAB_TEST_DATABASE", cluster.address());
        counted(&mut test, count)?;
    }
    Ok(())
}

/// Runs `test` and adds its results.
fn counted(test: &mut Command, count: &mut Count) -> Result<()> {
    let before = count.failed;
    let mut lines = 0;
    let success = stream(test, |line| {
        if let Some((passed, failed)) = rust_result(line) {
            count.passed += passed;
            count.failed += failed;
            lines += 1;
        }
    })?;
    ensure!(success || count.failed > before, "the tests did not run to their end");
    ensure!(lines > 0, "the tests reported no results");
    Ok(())
}

/// Passed and failed, from the last line of a test program.
fn rust_result(line: &str) -> Option<(u64, u64)> {
    let rest = line.strip_prefix("test result: ")?;
    let number = |word: &str| {
        let before = rest.split(word).next()?;
        before.trim_end().rsplit(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    Some((number(" passed;")?, number(" failed;")?))
}

fn journeys(programs: &Programs, count: &mut Count) -> Result<()> {
    let chromium = chromium()?;
    npm::install("tests/e2e", "packages of the browser journeys")?;
    say(format_args!("journeys in {}", chromium.display()));
    let (trunk, held) = page::trunk("serve")?;
    // The journeys start Trunk themselves, through the environment; the folder is free for it.
    drop(held);
    let report = at("dist/journeys.tap");
    let mut node = npm::node()?;
    node.current_dir(at("tests/e2e"));
    for (name, value) in trunk.get_envs() {
        match value {
            Some(value) => node.env(name, value),
            None => node.env_remove(name),
        };
    }
    node.args([
        "--test",
        "--test-concurrency=1",
        "--test-reporter=spec",
        "--test-reporter-destination=stdout",
    ]);
    node.arg("--test-reporter=tap")
        .arg(format!("--test-reporter-destination={}", report.display()));
    node.args(journey_files()?);
    node.env("KETLAB_BIN", &programs.server)
        .env("KETLAB_CHROMIUM", chromium)
        .env("KETLAB_TRUNK", tools::trunk()?.join("trunk"));
    let success = node.status().context("cannot start node")?.success();
    let report = fs::read_to_string(&report).context("the journeys left no report")?;
    let number = |key: &str| {
        let line = report.lines().find_map(|line| line.strip_prefix(key));
        line.and_then(|number| number.trim().parse::<u64>().ok())
            .with_context(|| format!("no `{key}` in the report"))
    };
    let failed = number("# fail ")? + number("# cancelled ")?;
    count.passed += number("# pass ")?;
    count.failed += failed;
    ensure!(success == (failed == 0), "the journeys' report contradicts their outcome");
    Ok(())
}

fn journey_files() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(at("tests/e2e"))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            files.push(path);
        }
    }
    files.sort();
    ensure!(!files.is_empty(), "tests/e2e has no journeys");
    Ok(files)
}

/// The browser: `KETLAB_CHROMIUM`, one that is installed, or one that apt brings.
pub fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("KETLAB_CHROMIUM").filter(|named| !named.is_empty()) {
        let path = PathBuf::from(&named);
        let path = if path.is_file() { Some(path) } else { find(&named.to_string_lossy()) };
        return path.with_context(|| {
            format!("KETLAB_CHROMIUM names {}, which is not there", named.display())
        });
    }
    if let Some(found) = installed() {
        return Ok(found);
    }
    if apt::usable() {
        apt::install(&["chromium", "fonts-dejavu"], "the browser journeys")?;
    }
    installed().context(
        "the browser journeys need Chromium or Chrome: install one, or name it in KETLAB_CHROMIUM",
    )
}

fn installed() -> Option<PathBuf> {
    const NAMES: [&str; 4] =
        ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
    const ELSEWHERE: [&str; 2] = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ];
    NAMES
        .iter()
        .find_map(|name| find(name))
        .or_else(|| ELSEWHERE.iter().map(PathBuf::from).find(|path| path.is_file()))
}

/// Runs `command`, passes its output on line by line, shows each line to `see`. Whether it succeeded.
fn stream(command: &mut Command, mut see: impl FnMut(&str)) -> Result<bool> {
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let mut out = std::io::stdout().lock();
    for line in BufReader::new(child.stdout.take().expect("piped")).lines() {
        let line = line?;
        see(&line);
        writeln!(out, "{line}")?;
    }
    Ok(child.wait()?.success())
}

#[cfg(test)]
mod tests {
    use super::rust_result;

    #[test]
    fn the_last_line_of_a_test_program_is_counted() {
        let line = "test result: FAILED. 12 passed; 3 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s";
        assert_eq!(rust_result(line), Some((12, 3)));
        assert_eq!(rust_result("test gates::x ... ok"), None);
    }
}
