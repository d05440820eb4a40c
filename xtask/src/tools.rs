//! Tools that Cargo installs, in the cache, one folder per version.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::process::{command, run};
use crate::{at, cache, say};

/// Newer ones want a newer compiler than the oldest that this workspace takes.
const TRUNK: &str = "0.21.14";
const CARGO_DENY: &str = "0.20.2";

/// The folder with `wasm-bindgen`, in the version of `Cargo.lock`: module and tool must match exactly.
pub fn wasm_bindgen() -> Result<PathBuf> {
    // Optimised: it reads and writes whole modules, three in each build.
    let package = Package {
        name: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        locked: false,
        optimised: true,
    };
    install(&package, &locked_version("wasm-bindgen")?)
}

/// The folder with `trunk`.
pub fn trunk() -> Result<PathBuf> {
    // Not optimised: it only calls others, and is there minutes earlier.
    install(&Package { name: "trunk", program: "trunk", locked: true, optimised: false }, TRUNK)
}

/// The folder with `cargo-deny`.
pub fn cargo_deny() -> Result<PathBuf> {
    let package =
        Package { name: "cargo-deny", program: "cargo-deny", locked: true, optimised: false };
    install(&package, CARGO_DENY)
}

struct Package {
    name: &'static str,
    program: &'static str,
    /// With the package's own lock file. Not all registries carry the newest patch versions that one
    /// may name.
    locked: bool,
    optimised: bool,
}

/// Installs a package where its program is not there yet.
fn install(package: &Package, version: &str) -> Result<PathBuf> {
    let program = package.program;
    let folder = cache::folder()?.join("tools").join(format!("{program}-{version}"));
    let bin = folder.join("bin");
    if bin.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)).is_file() {
        return Ok(bin);
    }
    say(format_args!(
        "building the tool {program} {version} once (some minutes), into {}",
        folder.display()
    ));
    // Its own build folder: gone afterwards.
    let build = cache::folder()?.join("target").join(format!("tool-{program}"));
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["install", package.name, "--version", version, "--root"]).arg(&folder);
    if package.locked {
        cargo.arg("--locked");
    }
    if !package.optimised {
        cargo.arg("--debug").env("CARGO_PROFILE_DEV_DEBUG", "0");
    }
    run(cargo.env("CARGO_TARGET_DIR", &build))?;
    if build.exists() {
        fs::remove_dir_all(&build)?;
    }
    Ok(bin)
}

/// Version of `package` in `Cargo.lock`.
pub fn locked_version(package: &str) -> Result<String> {
    let lock = fs::read_to_string(at("Cargo.lock")).context("cannot read Cargo.lock")?;
    let versions = locked_versions(&lock, package);
    match versions.as_slice() {
        [version] => Ok(version.clone()),
        _ => bail!("Cargo.lock has {} versions of {package}", versions.len()),
    }
}

/// All versions of `package` in a lock file's text.
pub fn locked_versions(lock: &str, package: &str) -> Vec<String> {
    let name = format!("name = \"{package}\"");
    let mut versions = Vec::new();
    let mut lines = lock.lines();
    while let Some(line) = lines.next() {
        if line == name {
            let version = lines.next().and_then(|line| line.strip_prefix("version = \""));
            versions.extend(version.map(|version| version.trim_end_matches('"').to_owned()));
        }
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::locked_versions;

    #[test]
    fn a_lock_file_may_hold_several_versions_of_a_package() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"ab\"\nversion = \"9.0.0\"\n\n\
                    [[package]]\nname = \"a\"\nversion = \"2.1.0\"\n";
        assert_eq!(locked_versions(lock, "a"), ["1.0.0", "2.1.0"]);
        assert!(locked_versions(lock, "b").is_empty());
    }
}
