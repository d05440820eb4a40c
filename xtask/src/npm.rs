//! What Node and npm do: assets for the page, compression.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::process::{command, find, run};
use crate::stamp::{self, Inputs};
use crate::{at, cache, say};

/// Compresses each file named on standard input (source, tab, destination), with the highest quality.
const COMPRESS: &str = "
const fs = require('fs'), zlib = require('zlib');
for (const line of fs.readFileSync(0, 'utf8').split('\\n')) {
  if (line === '') continue;
  const [from, to] = line.split('\\t');
  const data = fs.readFileSync(from);
  fs.writeFileSync(to + '.part', zlib.brotliCompressSync(data, { params: {
    [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
    [zlib.constants.BROTLI_PARAM_LGWIN]: 24,
    [zlib.constants.BROTLI_PARAM_SIZE_HINT]: data.length,
  } }));
  fs.renameSync(to + '.part', to);
}";

/// Whether npm's packages in `folder` fit its lock file; installs them where they do not.
pub fn install(folder: &str, product: &'static str) -> Result<()> {
    let modules = at(folder).join("node_modules");
    let stamp = Inputs::default()
        .path(&format!("{folder}/package.json"))?
        .path(&format!("{folder}/package-lock.json"))?
        .stamp(product);
    if stamp.fits(&[modules]) {
        return Ok(());
    }
    stamp.clear()?;
    ensure!(find("npm").is_some(), "npm is missing: install Node.js 20 or newer");
    say(format_args!(
        "installing the {product} with npm, as {folder}/package-lock.json names them"
    ));
    let mut npm = command(if cfg!(windows) { "npm.cmd" } else { "npm" });
    run(npm.current_dir(at(folder)).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    stamp.keep()
}

/// Node, in the repository's root.
pub fn node() -> Result<Command> {
    ensure!(find("node").is_some(), "node is missing: install Node.js 20 or newer");
    Ok(command("node"))
}

/// What a script for Node makes of `input`, in `folder`.
pub fn filter(folder: PathBuf, script: &str, input: &str) -> Result<String> {
    let mut node = node()?;
    node.current_dir(folder).args(["-e", script]);
    let mut child = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    child.stdin.take().expect("piped").write_all(input.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "a script for Node failed");
    Ok(String::from_utf8(output.stdout)?)
}

/// The brotli form of each file, in the cache, by content.
pub fn brotli(files: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let folder = cache::folder()?.join("brotli");
    fs::create_dir_all(&folder)?;
    let mut compressed = Vec::new();
    let mut list = String::new();
    for file in files {
        let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let to = folder.join(stamp::digest(&content));
        if !to.exists() {
            writeln!(list, "{}\t{}", file.display(), to.display())?;
        }
        compressed.push(to);
    }
    if !list.is_empty() {
        let mut node = node()?.args(["-e", COMPRESS]).stdin(Stdio::piped()).spawn()?;
        node.stdin.take().expect("piped").write_all(list.as_bytes())?;
        if !node.wait()?.success() {
            bail!("compression failed");
        }
    }
    Ok(compressed)
}
