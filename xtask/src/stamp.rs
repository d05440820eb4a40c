//! Whether a product is still the one that its inputs make.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::{at, products, root, say};

/// Folders that are never an input.
const NOT_SOURCES: [&str; 3] = ["node_modules", "target", ".git"];

/// Paths and contents that a product is made from.
#[derive(Default)]
pub struct Inputs(Sha256);

impl Inputs {
    /// A file or folder of the repository, with everything in it. What does not exist counts as that.
    pub fn path(self, path: &str) -> Result<Self> {
        self.path_without(path, &[])
    }

    /// As [`Self::path`], without the paths in `left_out`.
    pub fn path_without(mut self, path: &str, left_out: &[&str]) -> Result<Self> {
        let left_out: Vec<PathBuf> = left_out.iter().map(|path| at(path)).collect();
        for file in files(&at(path), &left_out)? {
            let name = file.strip_prefix(root()).unwrap_or(&file).to_string_lossy().into_owned();
            let content =
                fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            self.0.update((name.len() as u64).to_le_bytes());
            self.0.update(name);
            self.0.update((content.len() as u64).to_le_bytes());
            self.0.update(content);
        }
        Ok(self)
    }

    /// Anything else: a compiler's version, flags.
    pub fn text(mut self, text: &str) -> Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text);
        self
    }

    pub fn stamp(self, product: &'static str) -> Stamp {
        Stamp { product, digest: hex(&self.0.finalize()) }
    }
}

pub struct Stamp {
    product: &'static str,
    digest: String,
}

impl Stamp {
    /// Whether the product was made from these inputs; says so. `outputs` must all be there too.
    pub fn fits(&self, outputs: &[PathBuf]) -> bool {
        let fits = self.is_here(outputs);
        if fits {
            say(format_args!("{}: nothing changed, reused", self.product));
        }
        fits
    }

    /// Whether the product need not be built: [`Self::fits`] or [`Self::fetch`] will say yes.
    pub fn is_built(&self, outputs: &[PathBuf]) -> Result<bool> {
        Ok(self.is_here(outputs) || products::has(&self.name(), &self.digest)?)
    }

    fn is_here(&self, outputs: &[PathBuf]) -> bool {
        fs::read_to_string(self.file()).is_ok_and(|old| old == self.digest)
            && outputs.iter().all(|output| output.exists())
    }

    /// Whether some clone has made the product from these inputs: then it is now here too. `outputs` are removed
    /// first: what is left of an older one must not stay.
    pub fn fetch(&self, outputs: &[PathBuf]) -> Result<bool> {
        self.clear()?;
        for output in outputs {
            if output.is_dir() {
                fs::remove_dir_all(output)?;
            }
        }
        let fetched = products::fetch(&self.name(), &self.digest)?;
        if fetched {
            say(format_args!("{}: built before, taken from the cache", self.product));
            self.keep()?;
        }
        Ok(fetched)
    }

    /// As [`Self::keep`], and for other clones too, which find the files and folders `outputs` by
    /// [`Self::fetch`].
    pub fn keep_for_all(&self, outputs: &[PathBuf]) -> Result<()> {
        products::keep(&self.name(), &self.digest, outputs)?;
        self.keep()
    }

    /// Call before the product is touched: an interrupted build must not look like a finished one.
    pub fn clear(&self) -> Result<()> {
        if self.file().exists() {
            fs::remove_file(self.file())?;
        }
        Ok(())
    }

    /// Call when the product is complete.
    pub fn keep(&self) -> Result<()> {
        fs::create_dir_all(at("dist/.stamps"))?;
        Ok(fs::write(self.file(), &self.digest)?)
    }

    fn file(&self) -> PathBuf {
        at("dist/.stamps").join(self.name())
    }

    fn name(&self) -> String {
        self.product.replace(' ', "-")
    }
}

/// All files at or below `path`, sorted.
pub fn files(path: &Path, left_out: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![path.to_path_buf()];
    while let Some(path) = open.pop() {
        let name = path.file_name().unwrap_or_default();
        if left_out.contains(&path) || NOT_SOURCES.iter().any(|folder| name == *folder) {
            continue;
        }
        if path.is_dir() {
            for entry in fs::read_dir(&path)? {
                open.push(entry?.path());
            }
        } else if path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

pub fn digest(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes everything");
        text
    })
}
