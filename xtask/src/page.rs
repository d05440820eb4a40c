//! The page: assets from npm, then Trunk, once for the lab and once for the portal, then compression. It lands in
//! `dist/page`, from where the server embeds it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::cache::Target;
use crate::process::{Work, run};
use crate::stamp::{self, Inputs, Stamp};
use crate::toolchain::Compiler;
use crate::{at, npm, root, say, tools, worker};

pub const OUT: &str = "dist/page";
/// The second program, with accounts and projects: its document, and the folder that it is served from.
const PORTAL: &str = "app/portal.html";
const PORTAL_FOLDER: &str = "portal";
/// In `app/node_modules`.
const PACKAGES: &str = "page's packages";
const VENDOR: &str = "public/vendor";
/// As `app/index.html` names it.
const BOOT_SCRIPT: &str = "public/vendor/boot/boot.js";
/// Entry points that are bundled into one file each.
const BUNDLES: &str = "app/vendor";

/// Bundles the scripts named by its arguments into the folder named first. Through the library: the
/// program in `esbuild/bin` is a script or a binary, as its installation went.
const BUNDLE: &str = "
const [outdir, ...entryPoints] = process.argv.slice(1);
require('esbuild').buildSync({
  outdir, entryPoints, bundle: true, minify: true, format: 'esm', target: 'es2022',
  legalComments: 'linked', logLevel: 'warning',
});";

/// The page's own script, which goes into the document.
const BOOT: &str = "app/boot";
const BUNDLE_BOOT: &str = "
require('esbuild').buildSync({
  outfile: process.argv[1], entryPoints: ['boot/boot.js'], bundle: true, minify: true, format: 'iife',
  target: 'es2022', logLevel: 'warning',
});";
/// From one style sheet on standard input.
const MINIFY_CSS: &str = "
const css = require('fs').readFileSync(0, 'utf8');
process.stdout.write(require('esbuild').transformSync(css, { loader: 'css', minify: true, target: 'chrome123' }).code);";

/// Files of npm packages that the page serves, as they are.
const ASSETS: [(&str, &str); 3] = [
    // The basic bundle has no heat map.
    ("plotly.js-cartesian-dist-min/plotly-cartesian.min.js", "plotly/plotly-cartesian.min.js"),
    (
        "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
        "fonts/inter-latin-wght-normal.woff2",
    ),
    (
        "@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2",
        "fonts/jetbrains-mono-latin-wght-normal.woff2",
    ),
];

/// What the browser does not get smaller by compression: fonts and pictures carry their own.
const COMPRESSED: [&str; 3] = ["woff2", "png", "br"];

/// Builds worker, assets and page, as far as they have changed.
pub fn build() -> Result<()> {
    worker::build(compilation)?;
    vendor()?;
    let compiler = Compiler::for_page()?;
    let stamp = stamp(compiler)?;
    let (out, portal) = (at(OUT), at(OUT).join(PORTAL_FOLDER));
    let documents = [&out, &portal].map(|folder| folder.join("index.html"));
    if stamp.fits(&documents) || stamp.fetch(std::slice::from_ref(&out))? {
        return Ok(());
    }
    npm::install("app", PACKAGES)?;
    say("building the page");
    // A release build: the page is served as users get it.
    let (mut lab, target) = trunk("build")?;
    run(lab.args(["--release"]))?;
    drop(target);
    finish()?;
    // After the first, which empties the folder. Same build folder and profile: what both need is there.
    let (mut second, _target) = trunk("build")?;
    let url = format!("/{PORTAL_FOLDER}/");
    run(second.args(["--release", "--public-url", &url, "--dist"]).arg(portal).arg(PORTAL))?;
    say("compressing the page");
    compress()?;
    stamp.keep_for_all(&[out])
}

/// The longest part of the page's build, for when a worker is compiled: the page holds the workers, so that it
/// has to be built then too.
fn compilation() -> Result<Option<Work>> {
    let target = Target::open("page")?;
    let mut cargo = Compiler::for_page()?.cargo()?;
    // As Trunk calls it.
    cargo.args(["build", "--target=wasm32-unknown-unknown", "--profile", "wasm", "--bins"]);
    cargo.arg("--manifest-path").arg(at("app/Cargo.toml"));
    cargo.env("CARGO_TARGET_DIR", target.path());
    Ok(Some(Work { name: "page", target, command: cargo }))
}

fn stamp(compiler: &Compiler) -> Result<Stamp> {
    Ok(Inputs::default()
        .path("app")?
        .path("crates")?
        .path("public")?
        .path("Cargo.toml")?
        .path("Cargo.lock")?
        .path(".cargo/config.toml")?
        .path("trunk.toml")?
        .path("xtask/src/page.rs")?
        .text(&compiler.version()?)
        .stamp("page"))
}

/// Trunk, with compiler, tools and build folder; the latter is held as long as the second value lives.
pub fn trunk(subcommand: &str) -> Result<(Command, Target)> {
    let (bin, bindgen) = (tools::trunk()?, tools::wasm_bindgen()?);
    let target = Target::open("page")?;
    let mut trunk = crate::process::command(bin.join("trunk"));
    let compiler = Compiler::for_page()?;
    let shims = shims(compiler, &bindgen)?;
    compiler.prepare(&mut trunk, &[&shims, &bin, &bindgen])?;
    // `NO_COLOR=1`, which many set, is an invalid value to this version of Trunk.
    trunk.arg(subcommand).env("CARGO_TARGET_DIR", target.path()).env_remove("NO_COLOR");
    Ok((trunk, target))
}

/// A folder of programs that go in front of the search path of Trunk. Its hooks call `cargo xtask`, which is to be
/// this program, not another one built with the page's compiler and flags. And wasm-bindgen leaves out the
/// functions' names, which Trunk cannot ask for: they are a third of the page.
#[cfg(unix)]
fn shims(compiler: &Compiler, bindgen: &Path) -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt as _;

    let this = std::env::current_exe().context("this program does not know its own path")?;
    let folder = at("dist/.shim");
    fs::create_dir_all(&folder)?;
    let cargo = format!(
        "if [ \"$1\" = xtask ]; then shift; exec '{}' \"$@\"; fi\nexec '{}' \"$@\"",
        this.display(),
        compiler.cargo_path()?.display()
    );
    let bindgen = bindgen.join("wasm-bindgen");
    let bindgen = format!(
        "if [ \"$1\" = --version ]; then exec '{0}' \"$@\"; fi\nexec '{0}' --remove-name-section \"$@\"",
        bindgen.display()
    );
    for (name, body) in [("cargo", cargo), ("wasm-bindgen", bindgen)] {
        let script = folder.join(name);
        fs::write(&script, format!("#!/bin/sh\n{body}\n"))?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    }
    Ok(folder)
}

/// Elsewhere the hooks build that other program, which costs some seconds, and the names stay.
#[cfg(not(unix))]
fn shims(_compiler: &Compiler, _bindgen: &Path) -> Result<PathBuf> {
    Ok(at("dist/.shim"))
}

/// Copies and bundles what comes from npm.
pub fn vendor() -> Result<()> {
    let bundles = bundles()?;
    let mut inputs = Inputs::default()
        .path("app/package-lock.json")?
        .path(BUNDLES)?
        .path(BOOT)?
        .path("xtask/src/page.rs")?;
    for (_, to) in ASSETS {
        inputs = inputs.text(to);
    }
    let stamp = inputs.stamp("page's assets");
    let out = at(VENDOR);
    if stamp.fits(std::slice::from_ref(&out)) || stamp.fetch(std::slice::from_ref(&out))? {
        return Ok(());
    }
    npm::install("app", PACKAGES)?;
    say("gathering the page's assets");
    let modules = at("app/node_modules");
    for (from, to) in ASSETS {
        let to = at(VENDOR).join(to);
        fs::create_dir_all(to.parent().expect("below the vendor folder"))?;
        fs::copy(modules.join(from), &to).with_context(|| format!("npm brought no {from}"))?;
    }
    if !bundles.is_empty() {
        let mut esbuild = npm::node()?;
        esbuild.current_dir(at("app")).args(["-e", BUNDLE]).arg(at(VENDOR)).args(bundles);
        run(&mut esbuild)?;
        name_bundles()?;
    }
    let mut esbuild = npm::node()?;
    esbuild.current_dir(at("app")).args(["-e", BUNDLE_BOOT]).arg(at(BOOT_SCRIPT));
    run(&mut esbuild)?;
    stamp.keep_for_all(&[out])
}

/// Makes the document carry all that the first frame needs: styles instead of links to them, and what its own
/// script (`app/boot`) wants to know of the build. Trunk's way of starting the program makes way for that script.
fn finish() -> Result<()> {
    let file = at(OUT).join("index.html");
    let mut document = fs::read_to_string(&file)?;
    let mut styles = String::new();
    while let Some((tag, at_tag)) = cut(&mut document, "<link rel=\"stylesheet\"", ">") {
        let sheet = at(OUT).join(attribute(&tag, "href")?.trim_start_matches('/'));
        styles.push_str(&fs::read_to_string(&sheet)?);
        fs::remove_file(&sheet)?;
        if !document[at_tag..].contains("<link rel=\"stylesheet\"") {
            let minified = npm::filter(at("app"), MINIFY_CSS, &styles)?;
            document.insert_str(at_tag, &format!("<style>{}</style>", minified.trim()));
        }
    }
    let (script, _) = cut(&mut document, "<script type=\"module\">", "</script>")
        .context("Trunk's script is not in the document")?;
    let quoted = |ending: &str| {
        let mut names = script.split('\'').filter(|name| name.ends_with(ending));
        names.next().map(str::to_owned).with_context(|| format!("Trunk's script names no {ending}"))
    };
    let (program, module) = (quoted(".js")?, quoted("_bg.wasm")?);
    while cut(&mut document, "<link rel=\"modulepreload\"", ">").is_some() {}
    while cut(&mut document, "<link rel=\"preload\"", ">").is_some() {}
    let read = |path: PathBuf| -> Result<serde_json::Value> {
        Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
    };
    let boot = serde_json::json!({
        "app": { "script": program, "module": module },
        "bundles": read(at(VENDOR).join("bundles.json"))?,
        "sim": read(at("public/sim/manifest.json"))?,
        "first": read(at(BOOT).join("first.json"))?,
    });
    // No `<` that could end the element.
    let boot = boot.to_string().replace('<', "\\u003c");
    let body = document.find("<body>").context("the document has no body")? + "<body>".len();
    document.insert_str(
        body,
        &format!("\n    <script type=\"application/json\" id=\"boot\">{boot}</script>"),
    );
    fs::write(&file, document)?;
    // It is in the document.
    Ok(fs::remove_dir_all(at(OUT).join("vendor/boot"))?)
}

/// Takes the first element that begins with `start` out of `document`; where it stood.
fn cut(document: &mut String, start: &str, end: &str) -> Option<(String, usize)> {
    let from = document.find(start)?;
    let to = from + document[from..].find(end)? + end.len();
    let element = document[from..to].to_owned();
    document.replace_range(from..to, "");
    Some((element, from))
}

fn attribute<'a>(tag: &'a str, name: &str) -> Result<&'a str> {
    let value = tag.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
    value.map(|(value, _)| value).with_context(|| format!("no {name} in {tag}"))
}

/// Gives each bundle a name with its content's hash, and writes which is which to `bundles.json`.
fn name_bundles() -> Result<()> {
    let mut names = BTreeMap::new();
    for entry in fs::read_dir(at(VENDOR))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "js") {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let name = format!("{stem}-{}.js", &stamp::digest(&fs::read(&path)?)[..16]);
            fs::rename(&path, at(VENDOR).join(&name))?;
            names.insert(stem, name);
        }
    }
    fs::write(at(VENDOR).join("bundles.json"), serde_json::to_string_pretty(&names)? + "\n")?;
    Ok(())
}

/// The entry points: the scripts directly in the folder.
fn bundles() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if at(BUNDLES).is_dir() {
        for entry in fs::read_dir(at(BUNDLES))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "js") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Puts `NAME.br` beside each file that gets smaller by it.
fn compress() -> Result<()> {
    let files = compressible()?;
    for (file, compressed) in std::iter::zip(&files, npm::brotli(&files)?) {
        if fs::metadata(&compressed)?.len() < fs::metadata(file)?.len() {
            let mut name = file.clone().into_os_string();
            name.push(".br");
            fs::copy(&compressed, PathBuf::from(name))?;
        }
    }
    Ok(())
}

fn compressible() -> Result<Vec<PathBuf>> {
    let mut files = stamp::files(&at(OUT), &[])?;
    files.retain(|file| {
        !COMPRESSED.iter().any(|extension| file.extension().is_some_and(|is| is == *extension))
    });
    Ok(files)
}

/// Bytes over the wire of the portal's own files.
pub fn portal_bytes() -> Result<u64> {
    let mut sum = 0;
    for file in stamp::files(&at(OUT).join(PORTAL_FOLDER), &[])? {
        if file.extension().is_none_or(|extension| extension != "br") {
            sum += sent_bytes(&file)?;
        }
    }
    Ok(sum)
}

/// Of a file, or of its compressed form where there is one.
fn sent_bytes(file: &Path) -> Result<u64> {
    let mut compressed = file.to_path_buf().into_os_string();
    compressed.push(".br");
    let compressed = PathBuf::from(compressed);
    let sent = if compressed.exists() { &compressed } else { file };
    Ok(fs::metadata(sent).with_context(|| format!("no {}", sent.display()))?.len())
}

/// Bytes over the wire of everything at the top of the page: what it loads before anything lazy,
/// except the worker.
pub fn eager_bytes() -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(at(OUT))? {
        let path = entry?.path();
        if path.is_file() && path.extension().is_none_or(|extension| extension != "br") {
            sum += sent_bytes(&path)?;
        }
    }
    // The fonts come at once too.
    for file in stamp::files(&at(OUT).join("vendor/fonts"), &[])? {
        sum += fs::metadata(root().join(file))?.len();
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_cut_out_of_a_document() {
        let mut document = String::from("<p>a</p><link rel=\"x\" href=\"/b-1.css\"/><i>c</i>");
        let (tag, at) = cut(&mut document, "<link rel=\"x\"", ">").unwrap();
        assert_eq!(attribute(&tag, "href").unwrap(), "/b-1.css");
        assert!(attribute(&tag, "src").is_err());
        assert_eq!((document.as_str(), &document[at..]), ("<p>a</p><i>c</i>", "<i>c</i>"));
        assert!(cut(&mut document, "<link", ">").is_none());
    }
}
