//! `check` and `bless`: what is wrong with the tree without running anything.

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::cache::Target;
use crate::process::{command, output, run as run_to_end};
use crate::serve::cargo;
use crate::toolchain::{Compiler, TARGET};
use crate::{arrows, at, say, tools};

const GATES: &str = "docs/gates.md";

pub fn run() -> Result<()> {
    say("check: format");
    run_to_end(command("cargo").args(["fmt", "--all", "--check"]))
        .context("`cargo fmt --all` mends the format")?;
    say("check: arrows between packages, generated files, paths");
    arrows::check()?;
    one_sqlx()?;
    generated()?;
    machine_paths()?;
    clippy_host()?;
    clippy_browser()?;
    deny()?;
    say("check: passed");
    Ok(())
}

/// Rewrites what is generated.
pub fn bless() -> Result<()> {
    let target = Target::open("host")?;
    fs::write(at(GATES), gates_page(&target)?)?;
    say(format_args!("wrote {GATES}"));
    say("updating snapshots: read each one that changed");
    run_to_end(
        cargo(&target)
            .args(["test", "--quiet", "--workspace", "--exclude", "sim-wasm", "--no-fail-fast"])
            .env("INSTA_UPDATE", "always"),
    )
}

fn clippy_host() -> Result<()> {
    say("check: clippy, for this machine");
    let target = Target::open("host")?;
    let mut clippy = cargo(&target);
    clippy.args([
        "clippy",
        "--quiet",
        "--workspace",
        "--exclude",
        "app",
        "--exclude",
        "sim-wasm",
        "--all-targets",
    ]);
    run_to_end(clippy.args(["--", "-D", "warnings"]))
}

fn clippy_browser() -> Result<()> {
    say("check: clippy, for the browser");
    // The libraries are checked above; another compiler may know other lints.
    let page = Target::open("page")?;
    let mut clippy = Compiler::for_page()?.cargo()?;
    clippy.args([
        "clippy",
        "--quiet",
        "--no-deps",
        "--package",
        "app",
        "--profile",
        "wasm",
        "--target",
        TARGET,
    ]);
    run_to_end(clippy.args(["--", "-D", "warnings"]).env("CARGO_TARGET_DIR", page.path()))?;

    let worker = Target::open("sim-threads")?;
    let mut clippy = Compiler::for_worker()?.cargo()?;
    clippy.args([
        "clippy",
        "--quiet",
        "--package",
        "sim-wasm",
        "--features",
        "threads",
        "--profile",
        "wasm-sim",
    ]);
    clippy.args(["--target", TARGET, "--", "-D", "warnings"]);
    run_to_end(clippy.current_dir(at("sim-wasm")).env("CARGO_TARGET_DIR", worker.path()))
}

/// Two versions of sqlx would mean two of SQLite, one of them without the fix that the store relies on.
fn one_sqlx() -> Result<()> {
    for package in ["sqlx", "libsqlite3-sys"] {
        let version = tools::locked_version(package)?;
        say(format_args!("check: one {package}, {version}"));
    }
    Ok(())
}

fn generated() -> Result<()> {
    let target = Target::open("host")?;
    if fs::read_to_string(at(GATES)).unwrap_or_default() != gates_page(&target)? {
        bail!("{GATES} is out of date: `cargo xtask bless` writes it");
    }
    Ok(())
}

fn gates_page(target: &Target) -> Result<String> {
    output(cargo(target).args([
        "run",
        "--quiet",
        "--package",
        "xtask",
        "--features",
        "gates",
        "--bin",
        "gates",
    ]))
}

/// Paths of somebody's machine have no place in the repository, nor have addresses of registries in lock files.
fn machine_paths() -> Result<()> {
    // Written apart, so that this file does not find itself.
    let mut paths = vec![["/ro", "ot/"].concat(), ["/wo", "rk/"].concat()];
    paths.extend(std::env::var("HOME").ok().filter(|home| home.len() > 1).map(|home| home + "/"));
    let mut wrong = Vec::new();
    for name in
        output(command("git").args(["ls-files", "-z"]))?.split('\0').filter(|name| !name.is_empty())
    {
        let Ok(text) = fs::read_to_string(at(name)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if paths.iter().any(|path| has_path(line, path)) {
                wrong.push(format!("{name}:{}: a path of a machine", number + 1));
            }
            if name.ends_with("package-lock.json") && line.contains("\"resolved\"") {
                wrong.push(format!("{name}:{}: the address of a registry", number + 1));
            }
        }
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n"));
    }
    Ok(())
}

/// Whether `line` names `path` as an absolute path, and not as a part of a longer one or of an address.
fn has_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before
            .is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '}' | '/' | '~'))
    })
}

/// Licenses, sources, duplicates.
fn deny() -> Result<()> {
    let program = tools::cargo_deny()?.join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    say("check: licenses, bans and sources");
    run_to_end(command(program).args([
        "--log-level",
        "error",
        "check",
        "licenses",
        "bans",
        "sources",
    ]))
}

#[cfg(test)]
mod tests {
    use super::has_path;

    #[test]
    fn only_whole_absolute_paths_count() {
        let home = ["/ro", "ot/"].concat();
        assert!(has_path(&format!("see {home}x"), &home));
        assert!(has_path(&format!("\"{home}x\""), &home));
        assert!(!has_path(&format!("https://example.org{home}x"), &home));
        assert!(!has_path(&format!("src{home}x"), &home));
    }
}
