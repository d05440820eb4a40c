//! The peers: a virtual environment of Python.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::process::{command, find, run};
use crate::say;

/// Known to work with `tests/bench/peers.py` and `tests/bench/methods.py`.
const PACKAGES: [&str; 7] = [
    "qulacs==0.6.14",
    "pennylane==0.45.1",
    "pennylane-lightning==0.45.0",
    "qiskit==2.6.2",
    "qiskit-aer==0.18.2",
    "qsimcirq==0.22.1",
    "stim==1.16.0",
];

pub fn make(folder: &Path) -> Result<()> {
    let python = find("python3").context("python3 is missing: install Python 3.10 or newer")?;
    run(command(python).args(["-m", "venv"]).arg(folder))?;
    say(format_args!("installing {}", PACKAGES.join(", ")));
    run(command(self::python(folder)?).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES))?;
    say(format_args!("now: cargo xtask bench --peers {}", folder.display()));
    Ok(())
}

/// The environment's interpreter.
pub fn python(folder: &Path) -> Result<PathBuf> {
    let name = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let python = std::path::absolute(folder)?.join(name);
    ensure!(
        python.is_file(),
        "no virtual environment in {}: `cargo xtask bench --make-peers {}` makes one",
        folder.display(),
        folder.display()
    );
    Ok(python)
}
