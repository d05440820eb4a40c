//! Which Rust compiler builds for WebAssembly. Nothing outside this file decides that.
//!
//! The worker needs the standard library's source (`-Z build-std` with atomics), the page only a
//! compiled standard library for wasm32. Two ways lead there: rustup (the nightly that
//! `sim-wasm/rust-toolchain.toml` pins; the wasm32 target of the stable compiler), and the compiler
//! of Debian, which carries its source and is made to accept unstable options. What is there already comes
//! first; then rustup is asked to install, then apt. Both are announced.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::process::{command, find, path_with, probe, run_within};
use crate::{apt, at, say};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// How long rustup may try: without a way to its server it can wait for ever.
const RUSTUP_LIMIT: Duration = Duration::from_mins(10);

const DISTRIBUTION: &str = "/usr/bin";
const PACKAGES: [&str; 5] =
    ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "rust-web-clippy"];
/// Oldest compiler that the workspace takes.
const OLDEST: (u32, u32) = (1, 95);

#[derive(Clone)]
pub enum Compiler {
    /// A toolchain of rustup, by name. `build_std` where it has to bring its own standard library.
    Rustup { toolchain: String, build_std: bool },
    /// `/usr/bin/rustc`, always with its own standard library.
    Distribution,
}

impl Compiler {
    /// For the worker: has the standard library's source and takes unstable options.
    pub fn for_worker() -> Result<&'static Self> {
        static CHOSEN: OnceLock<Compiler> = OnceLock::new();
        once(&CHOSEN, || {
            let pinned = pinned_nightly()?;
            let nightly = Self::Rustup { toolchain: pinned.clone(), build_std: true };
            if has_source(&pinned) {
                return Ok(nightly);
            }
            if distribution_works() {
                return Ok(Self::Distribution);
            }
            if find("rustup").is_some() {
                say(format_args!(
                    "installing the compiler {pinned} with rustup; your default stays as it is"
                ));
                let mut install = command("rustup");
                install.args([
                    "toolchain",
                    "install",
                    &pinned,
                    "--profile",
                    "minimal",
                    "--no-self-update",
                ]);
                install.args([
                    "--component",
                    "rust-src",
                    "--component",
                    "clippy",
                    "--target",
                    TARGET,
                ]);
                match run_within(&mut install, RUSTUP_LIMIT) {
                    Ok(()) if has_source(&pinned) => return Ok(nightly),
                    Ok(()) => say("rustup installed it without its source"),
                    Err(error) => say(format_args!("{error:#}")),
                }
            }
            install_distribution(&format!(
                "rustup toolchain install {pinned} --profile minimal --component rust-src --component clippy --target {TARGET}"
            ))
        })
    }

    /// For the page: any compiler that can build for [`TARGET`].
    pub fn for_page() -> Result<&'static Self> {
        static CHOSEN: OnceLock<Compiler> = OnceLock::new();
        once(&CHOSEN, || {
            let toolchain = std::env::var("RUSTUP_TOOLCHAIN").unwrap_or_else(|_| "stable".into());
            let stable = Self::Rustup { toolchain: toolchain.clone(), build_std: false };
            if has_target(&toolchain) {
                return Ok(stable);
            }
            if distribution_works() {
                return Ok(Self::Distribution);
            }
            let install = format!("rustup target add {TARGET} --toolchain {toolchain}");
            if find("rustup").is_some() {
                say(format_args!("adding a target to your Rust: {install}"));
                let mut add = command("rustup");
                add.args(["target", "add", TARGET, "--toolchain", &toolchain]);
                match run_within(&mut add, RUSTUP_LIMIT) {
                    Ok(()) => return Ok(stable),
                    Err(error) => say(format_args!("{error:#}")),
                }
            }
            install_distribution(&install)
        })
    }

    /// Its Cargo, with the environment it needs.
    pub fn cargo(&self) -> Result<Command> {
        let mut cargo = match self {
            Self::Rustup { toolchain, .. } => {
                let mut rustup = command("rustup");
                rustup.args(["run", toolchain, "cargo"]);
                rustup
            }
            Self::Distribution => command(Path::new(DISTRIBUTION).join("cargo")),
        };
        self.prepare(&mut cargo, &[])?;
        Ok(cargo)
    }

    /// The program that [`Self::cargo`] comes to, for one that is told to use it by [`Self::prepare`].
    pub fn cargo_path(&self) -> Result<PathBuf> {
        match self {
            Self::Rustup { .. } => find("cargo").context("no cargo on the search path"),
            Self::Distribution => Ok(Path::new(DISTRIBUTION).join("cargo")),
        }
    }

    /// Makes `command` use this compiler when it calls `cargo` by itself, as Trunk does. `folders` come
    /// first in the search path.
    pub fn prepare(&self, command: &mut Command, folders: &[&Path]) -> Result<()> {
        // Cargo runs this program with variables that name its own compiler.
        for name in [
            "CARGO",
            "RUSTC",
            "RUSTDOC",
            "RUSTUP_TOOLCHAIN",
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
        ] {
            command.env_remove(name);
        }
        let mut path = folders.to_vec();
        match self {
            Self::Rustup { toolchain, build_std } => {
                command.env("RUSTUP_TOOLCHAIN", toolchain);
                if *build_std {
                    command.env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
                }
            }
            Self::Distribution => {
                path.push(Path::new(DISTRIBUTION));
                command
                    .env("RUSTC", Path::new(DISTRIBUTION).join("rustc"))
                    .env("RUSTDOC", Path::new(DISTRIBUTION).join("rustdoc"))
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
            }
        }
        command.env("PATH", path_with(&path)?);
        Ok(())
    }

    /// What a stamp has to know of it.
    pub fn version(&self) -> Result<String> {
        let mut rustc = match self {
            Self::Rustup { toolchain, .. } => {
                let mut rustup = command("rustup");
                rustup.args(["run", toolchain, "rustc"]);
                rustup
            }
            Self::Distribution => command(Path::new(DISTRIBUTION).join("rustc")),
        };
        probe(rustc.arg("-vV")).context("the compiler does not say its version")
    }
}

fn once(
    cell: &'static OnceLock<Compiler>,
    choose: impl FnOnce() -> Result<Compiler>,
) -> Result<&'static Compiler> {
    if cell.get().is_none() {
        let compiler = choose()?;
        return Ok(cell.get_or_init(|| compiler));
    }
    Ok(cell.get().expect("looked at above"))
}

/// The `channel` of `sim-wasm/rust-toolchain.toml`.
fn pinned_nightly() -> Result<String> {
    let file = at("sim-wasm/rust-toolchain.toml");
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", file.display()))?;
    text.lines()
        .find_map(|line| line.strip_prefix("channel = "))
        .map(|name| name.trim_matches('"').to_owned())
        .context("sim-wasm/rust-toolchain.toml names no channel")
}

fn sysroot(rustc: &mut Command) -> Option<PathBuf> {
    probe(rustc.args(["--print", "sysroot"])).map(|path| PathBuf::from(path.trim()))
}

/// A toolchain of rustup that is installed. `rustup run` would install a missing one by itself.
fn installed(toolchain: &str) -> Option<PathBuf> {
    let list = probe(command("rustup").args(["toolchain", "list"]))?;
    let mut names = list.lines().filter_map(|line| line.split_whitespace().next());
    names.find(|name| {
        *name == toolchain || name.strip_prefix(toolchain).is_some_and(|rest| rest.starts_with('-'))
    })?;
    sysroot(command("rustup").args(["run", toolchain, "rustc"]))
}

fn has_source(toolchain: &str) -> bool {
    installed(toolchain).is_some_and(|root| root.join("lib/rustlib/src/rust/library/std").is_dir())
}

fn has_target(toolchain: &str) -> bool {
    installed(toolchain)
        .is_some_and(|root| root.join("lib/rustlib").join(TARGET).join("lib").is_dir())
}

fn distribution() -> Command {
    command(Path::new(DISTRIBUTION).join("rustc"))
}

fn distribution_works() -> bool {
    let has = |name: &str| Path::new(DISTRIBUTION).join(name).is_file();
    let source = || {
        sysroot(&mut distribution())
            .is_some_and(|root| root.join("lib/rustlib/src/rust/library/std").exists())
    };
    let recent =
        || version_line("release: ").is_some_and(|(major, minor)| (major, minor) >= OLDEST);
    let linker =
        || linker_package().is_some_and(|package| has(&package.replace("lld-", "wasm-ld-")));
    has("rustc") && has("cargo") && has("cargo-clippy") && recent() && source() && linker()
}

/// Major and minor number after `key` in what the distribution's compiler says of itself.
fn version_line(key: &str) -> Option<(u32, u32)> {
    let text = probe(distribution().arg("-vV"))?;
    let version = text.lines().find_map(|line| line.strip_prefix(key))?;
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The linker that belongs to its LLVM.
fn linker_package() -> Option<String> {
    version_line("LLVM version: ").map(|(major, _)| format!("lld-{major}"))
}

fn install_distribution(other_way: &str) -> Result<Compiler> {
    if apt::usable() {
        let installed = apt::install(&PACKAGES, "building for WebAssembly")
            .and_then(|()| linker_package().context("the compiler does not name its LLVM"))
            .and_then(|linker| apt::install(&[&linker], "building for WebAssembly"));
        match installed {
            Ok(()) if distribution_works() => return Ok(Compiler::Distribution),
            Ok(()) => say("the distribution's compiler is too old or incomplete"),
            Err(error) => say(format_args!("{error:#}")),
        }
    }
    bail!(
        "no compiler for WebAssembly. Install one with\n  {other_way}\nor, on Debian 12, as root\n  \
           apt-get install {} lld-22\nand start this command again",
        PACKAGES.join(" ")
    )
}
