//! Lists the files of the built page (`dist/page` at the repository root) for `src/page.rs`, which
//! embeds them. A missing folder is an empty list: the server then says how to build the page.
//!
//! `NAME.br` beside `NAME` is its precompressed form, not a file of its own.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let dist = root.parent().expect("the server lies in the repository").join("dist");
    let page = dist.join("page");

    // Cargo looks at a folder's newest file. A path that does not exist would make it run this
    // script at each build, so `dist` itself, which the repository has, is watched until then.
    let watched = if page.exists() { &page } else { &dist };
    println!("cargo:rerun-if-changed={}", watched.display());
    println!("cargo:rerun-if-changed=build.rs");

    let mut files = BTreeMap::new();
    if page.is_dir() {
        collect(&page, "", &mut files)?;
    }

    let mut code = String::from("&[\n");
    for (name, path) in &files {
        if name.strip_suffix(".br").is_some_and(|plain| files.contains_key(plain)) {
            continue;
        }
        let brotli = match files.get(&format!("{name}.br")) {
            Some(path) => format!("Some(include_bytes!({path:?}))"),
            None => "None".to_owned(),
        };
        writeln!(code, "    ({name:?}, include_bytes!({path:?}), {brotli}),").expect("a String");
    }
    code.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    fs::write(out.join("page_files.rs"), code)
}

/// Adds all files below `folder`, keyed by their path with `/`.
fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let (Some(text), Some(name)) = (path.to_str(), path.file_name().and_then(OsStr::to_str))
        else {
            let message = format!("{} is not UTF-8", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        };
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else {
            files.insert(format!("{prefix}{name}"), text.to_owned());
        }
    }
    Ok(())
}
