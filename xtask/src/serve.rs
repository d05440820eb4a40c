//! Building and starting the server.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::cache::Target;
use crate::process::{command, run as run_to_end};
use crate::{page, say};

const ADDRESS: &str = "127.0.0.1:8080";
/// Where the server listens while Trunk has the page.
const BEHIND: &str = "127.0.0.1:8081";

/// Builds what is missing and serves; does not return while the server runs.
pub fn run(args: &[String]) -> Result<()> {
    let args = args.strip_prefix(&["--".to_owned()]).unwrap_or(args);
    page::build()?;
    let server = server(false)?;
    let mut serve = command(server);
    serve.arg("serve").args(args);
    if !args.iter().any(|arg| arg.starts_with("--listen"))
        && std::env::var_os("KETLAB_LISTEN").is_none()
    {
        serve.args(["--listen", ADDRESS]);
        say(format_args!("serving at http://{ADDRESS} (stop with Ctrl-C)"));
    }
    replace_by(serve)
}

/// The page through Trunk with live reload, `/api` and the like through the server.
pub fn dev() -> Result<()> {
    page::vendor()?;
    let server = server(false)?;
    let mut serve = command(server);
    let mut child = serve.args(["serve", "--listen", BEHIND]).spawn()?;
    say(format_args!("page with live reload at http://{ADDRESS}, server at http://{BEHIND}"));
    let outcome = page::trunk("serve").and_then(|(mut trunk, _target)| {
        // Trunk passes on what is the server's.
        run_to_end(trunk.args(["--port", "8080"]))
    });
    child.kill()?;
    child.wait()?;
    outcome
}

/// Builds the server; `release` with optimisation. Returns the program's path.
pub fn server(release: bool) -> Result<PathBuf> {
    let target = Target::open("host")?;
    let mut cargo = cargo(&target);
    cargo.args(["build", "--quiet", "--package", "server", "--bin", "ketlab"]);
    if release {
        cargo.arg("--release");
    }
    say(format_args!("building the server{}", if release { ", optimised" } else { "" }));
    run_to_end(&mut cargo)?;
    let profile = if release { "release" } else { "debug" };
    Ok(target.path().join(profile).join(format!("ketlab{}", std::env::consts::EXE_SUFFIX)))
}

/// Cargo for this machine's own programs.
pub fn cargo(target: &Target) -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.env("CARGO_TARGET_DIR", target.path());
    // This program was started by Cargo, which told it of its package. Build scripts that watch these variables
    // would think that they had changed with the clone, or with the way in which Cargo was started.
    for (name, _) in std::env::vars_os() {
        let of_package = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if of_package {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// The server in this program's place, so that it gets the signals itself.
#[cfg(unix)]
fn replace_by(mut command: Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec().into())
}

#[cfg(not(unix))]
fn replace_by(mut command: Command) -> Result<()> {
    run_to_end(&mut command)
}
