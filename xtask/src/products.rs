//! Products that a clone has built, kept in the cache by what they were made from: the next clone that
//! needs the same takes them from there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result};

use crate::{cache, root, stamp};

/// Of each product, the ones used last stay.
const KEPT: usize = 6;

pub fn has(product: &str, digest: &str) -> Result<bool> {
    Ok(folder(product)?.join(digest).is_dir())
}

/// Copies the product of this digest to where it lies in a clone. Whether the cache has it.
pub fn fetch(product: &str, digest: &str) -> Result<bool> {
    if !has(product, digest)? {
        return Ok(false);
    }
    let folder = folder(product)?.join(digest);
    // Not the one that is dropped next.
    File::open(&folder)?.set_modified(SystemTime::now())?;
    copy(&folder, root())?;
    Ok(true)
}

/// Keeps the files and folders `paths` of this clone.
pub fn keep(product: &str, digest: &str, paths: &[PathBuf]) -> Result<()> {
    let folder = folder(product)?;
    let staged = folder.join(format!("{digest}.{}", std::process::id()));
    for path in paths {
        let name = path.strip_prefix(root()).context("a product lies in the repository")?;
        copy(path, &staged.join(name))?;
    }
    // Whole or not at all; another clone may have been first.
    if fs::rename(&staged, folder.join(digest)).is_err() {
        fs::remove_dir_all(&staged)?;
    }
    drop_oldest(&folder)
}

fn folder(product: &str) -> Result<PathBuf> {
    let folder = cache::folder()?.join("products").join(product);
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// The file, or everything in the folder, `from` at `to`.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in stamp::files(from, &[])? {
        let name = file.strip_prefix(from)?;
        let to = if name.as_os_str().is_empty() { to.to_path_buf() } else { to.join(name) };
        fs::create_dir_all(to.parent().expect("it lies in a folder"))?;
        fs::copy(&file, &to).with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(())
}

fn drop_oldest(folder: &Path) -> Result<()> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        found.push((entry.metadata()?.modified()?, entry.path()));
    }
    found.sort();
    for (_, path) in found.iter().rev().skip(KEPT) {
        fs::remove_dir_all(path)?;
    }
    Ok(())
}
