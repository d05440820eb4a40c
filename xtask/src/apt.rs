//! Packages of the distribution, where it is Debian or a relative of it.

use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context as _, Result, bail};

use crate::process::{find, probe, run};
use crate::say;

/// Set once the lists of packages are fresh.
static UPDATED: OnceLock<()> = OnceLock::new();

/// Whether packages can be installed here without asking anyone.
pub fn usable() -> bool {
    prefix().is_some()
}

/// Installs `packages`; says so first.
pub fn install(packages: &[&str], why: &str) -> Result<()> {
    let Some(prefix) = prefix() else {
        bail!(
            "{why} needs the packages {}, and they cannot be installed from here",
            packages.join(" ")
        );
    };
    say(format_args!("installing for {why}, with apt-get: {}", packages.join(" ")));
    if UPDATED.set(()).is_ok() {
        run(apt(prefix).args(["update", "-qq"]))?;
    }
    run(apt(prefix).args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages))
        .with_context(|| format!("{why} needs the packages {}", packages.join(" ")))
}

fn apt(prefix: &[&str]) -> Command {
    let mut words = prefix.iter().copied().chain(["apt-get"]);
    let mut command = Command::new(words.next().expect("apt-get at least"));
    command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// What stands before `apt-get`: nothing for the superuser, `sudo` where it asks for no password.
fn prefix() -> Option<&'static [&'static str]> {
    find("apt-get")?;
    let user = probe(Command::new("id").arg("-u"))?;
    if user.trim() == "0" {
        return Some(&[]);
    }
    probe(Command::new("sudo").args(["-n", "true"]))?;
    Some(&["sudo", "-n"])
}
