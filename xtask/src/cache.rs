//! The cache outside the clone: tools by version, and Cargo's build folders.
//!
//! Build folders are shared by all clones of one user. Cargo tells by modification times whether a
//! workspace package is to be built anew, and does not know that another clone's sources were the
//! ones compiled last; so each folder remembers its clone, and when that changes, the workspace's own packages
//! are forgotten. Dependencies stay.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::say;

/// `KETLAB_CACHE`, or `ketlab` in the user's cache folder.
pub fn folder() -> Result<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = set("KETLAB_CACHE") {
        return Ok(folder);
    }
    if let Some(folder) = set("XDG_CACHE_HOME") {
        return Ok(folder.join("ketlab"));
    }
    match set("HOME").or_else(|| set("USERPROFILE")) {
        Some(home) => Ok(home.join(".cache").join("ketlab")),
        None => bail!("no home folder: set KETLAB_CACHE to a folder for tools and build results"),
    }
}

/// A build folder of Cargo, for one clone at a time.
pub struct Target {
    path: PathBuf,
    _lock: File,
}

impl Target {
    /// The folder for builds of one kind (a set of compiler flags). Waits while another clone uses it.
    pub fn open(kind: &str) -> Result<Self> {
        let targets = folder()?.join("target");
        let path = targets.join(kind);
        fs::create_dir_all(&path).with_context(|| format!("cannot create {}", path.display()))?;
        let lock = File::create(targets.join(format!("{kind}.lock")))?;
        if lock.try_lock().is_err() {
            say(format_args!("waiting: another command builds in {}", path.display()));
            lock.lock()?;
        }
        let mark = path.join(".clone");
        let clone = crate::root().to_string_lossy();
        let last = fs::read_to_string(&mark).unwrap_or_default();
        if last != clone {
            if !last.is_empty() {
                say(format_args!("{kind}: dependencies built for {last} are reused"));
                forget_members(&path)?;
            }
            fs::write(&mark, clone.as_bytes())?;
        }
        Ok(Self { path, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Removes what Cargo knows about builds of the workspace's packages, in `<profile>/.fingerprint` and
/// `<triple>/<profile>/.fingerprint`.
fn forget_members(target: &Path) -> Result<()> {
    let members = crate::arrows::member_names()?;
    for first in folders(target)? {
        for profile in std::iter::once(first.clone()).chain(folders(&first)?) {
            for unit in folders(&profile.join(".fingerprint"))? {
                let name = unit.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let package =
                    name.rsplit_once('-').map_or(name.as_str(), |(package, _hash)| package);
                if members.iter().any(|member| member == package) {
                    fs::remove_dir_all(&unit)?;
                }
            }
        }
    }
    Ok(())
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if parent.is_dir() {
        for entry in fs::read_dir(parent)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                found.push(entry.path());
            }
        }
    }
    Ok(found)
}
