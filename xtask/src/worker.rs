//! The worker: its variants, built from `sim-wasm`, and the manifest that the page chooses from.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::json;

use crate::cache::Target;
use crate::process::{Work, command, run, run_together};
use crate::stamp::{self, Inputs, Stamp};
use crate::toolchain::{Compiler, TARGET};
use crate::{at, npm, say, tools};

const OUT: &str = "public/sim";
/// Base name of what wasm-bindgen makes.
const MODULE: &str = "sim";

struct Variant {
    name: &'static str,
    /// Its name in messages and stamps.
    product: &'static str,
    /// Cargo's build folder: one for each, since the module has the same name in all.
    target: &'static str,
    features: &'static [&'static str],
    flags: Flags,
    /// Needs a cross-origin isolated page.
    isolated: bool,
    /// Needs a browser with relaxed SIMD. Only the fast mode uses its instructions.
    relaxed: bool,
}

/// Which flags the compiler gets.
enum Flags {
    /// Those in `sim-wasm/.cargo/config.toml`, and these.
    More(&'static [&'static str]),
    /// These alone.
    Only(&'static str),
}

/// Most capable first: the page takes the first one that it can. The one for one thread is small, since every
/// page without isolation waits for it; a page that needs more than state vectors loads the last one in its place.
const VARIANTS: [Variant; 4] = [
    Variant {
        name: "relaxed",
        product: "worker with threads and relaxed SIMD",
        target: "sim-relaxed",
        features: &["--features", "threads,methods"],
        flags: Flags::More(&["-C", "target-feature=+relaxed-simd"]),
        isolated: true,
        relaxed: true,
    },
    Variant {
        name: "threads",
        product: "worker with threads",
        target: "sim-threads",
        features: &["--features", "threads,methods"],
        flags: Flags::More(&[]),
        isolated: true,
        relaxed: false,
    },
    Variant {
        name: "single",
        product: "worker on one thread",
        target: "sim-single",
        features: &[],
        flags: Flags::Only("-C target-feature=+simd128"),
        isolated: false,
        relaxed: false,
    },
    Variant {
        name: "full",
        product: "worker on one thread with all methods",
        target: "sim-full",
        features: &["--features", "methods"],
        flags: Flags::Only("-C target-feature=+simd128"),
        isolated: false,
        relaxed: false,
    },
];

/// Builds what has changed and writes the manifest. Where anything has to be compiled, `beside` is asked
/// for more work: all of it is done at the same time, since the last step of each piece, the longest, keeps one
/// core busy and no more.
pub fn build(beside: impl FnOnce() -> Result<Option<Work>>) -> Result<()> {
    let mut work = compilation()?;
    if !work.is_empty() && std::thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
        work.extend(beside()?);
        let names: Vec<_> = work.iter().map(|piece| piece.name).collect();
        say(format_args!("compiling at the same time: {}", names.join(", ")));
        run_together(work)?;
    }
    let compiler = Compiler::for_worker()?;
    let bindgen = tools::wasm_bindgen()?;
    fs::create_dir_all(at(OUT))?;
    let mut entries = Vec::new();
    for variant in &VARIANTS {
        let stamp = stamp_of(variant, compiler)?;
        let folder = if let Some(folder) = present(variant, &stamp)? {
            folder
        } else {
            say(format_args!("building the {}", variant.product));
            let staged = stage(variant, compiler, &bindgen)?;
            let folder = publish(variant, &staged)?;
            stamp.keep_for_all(std::slice::from_ref(&folder))?;
            folder
        };
        entries.push(entry(variant, &folder)?);
    }
    let manifest = serde_json::to_string_pretty(&json!({ "variants": entries }))? + "\n";
    let file = at(OUT).join("manifest.json");
    if fs::read_to_string(&file).ok().as_deref() != Some(&manifest) {
        fs::write(&file, manifest)?;
    }
    Ok(())
}

/// What has to be compiled, in pieces that need no order.
fn compilation() -> Result<Vec<Work>> {
    let compiler = Compiler::for_worker()?;
    fs::create_dir_all(at(OUT))?;
    let mut pieces = Vec::new();
    for variant in &VARIANTS {
        let here = built(variant)?;
        if stamp_of(variant, compiler)?.is_built(here.as_slice())? {
            continue;
        }
        let target = Target::open(variant.target)?;
        let command = cargo(variant, compiler, target.path())?;
        pieces.push(Work { name: variant.product, target, command });
    }
    Ok(pieces)
}

fn stamp_of(variant: &Variant, compiler: &Compiler) -> Result<Stamp> {
    Ok(Inputs::default()
        .path("sim-wasm")?
        .path("crates")?
        .path("Cargo.toml")?
        .path("Cargo.lock")?
        .path("xtask/src/worker.rs")?
        .text(&compiler.version()?)
        .stamp(variant.product))
}

/// The variant's folder, if it is there or another clone has made it; an older one is removed.
fn present(variant: &Variant, stamp: &Stamp) -> Result<Option<PathBuf>> {
    let old = built(variant)?;
    if let Some(folder) = &old
        && stamp.fits(std::slice::from_ref(folder))
    {
        return Ok(old);
    }
    if stamp.fetch(old.as_slice())? { built(variant) } else { Ok(None) }
}

/// Size in bytes of the single-thread worker as it goes over the wire.
pub fn brotli_bytes_of_single() -> Result<u64> {
    let single = VARIANTS.iter().find(|variant| variant.name == "single");
    let folder = built(single.expect("it is one of them"))?
        .context("the single-thread worker is not built")?;
    npm::brotli(&stamp::files(&folder, &[])?)?
        .iter()
        .try_fold(0, |sum, file| Ok(sum + fs::metadata(file)?.len()))
}

/// The folder of a variant that was built before.
fn built(variant: &Variant) -> Result<Option<PathBuf>> {
    let prefix = format!("{}-", variant.name);
    let mut found = None;
    for entry in fs::read_dir(at(OUT))? {
        let path = entry?.path();
        let matches =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix));
        if matches && let Some(older) = found.replace(path) {
            // Left by an interrupted build: neither can be trusted.
            fs::remove_dir_all(older)?;
            fs::remove_dir_all(found.take().expect("just put there"))?;
        }
    }
    Ok(found)
}

fn cargo(variant: &Variant, compiler: &Compiler, target: &Path) -> Result<Command> {
    let mut cargo = compiler.cargo()?;
    // Cargo reads `sim-wasm/.cargo/config.toml` only from there.
    cargo.current_dir(at("sim-wasm"));
    cargo.args(["build", "--package", "sim-wasm", "--profile", "wasm-sim", "--target", TARGET]);
    cargo.args(variant.features).env("CARGO_TARGET_DIR", target);
    match variant.flags {
        Flags::More([]) => {}
        // Cargo joins the lists of all its configurations.
        Flags::More(flags) => {
            cargo.arg("--config").arg(format!("target.{TARGET}.rustflags = {flags:?}"));
        }
        Flags::Only(flags) => {
            cargo.env("RUSTFLAGS", flags);
        }
    }
    Ok(cargo)
}

/// Compiles a variant and gathers its files in a folder beside Cargo's.
fn stage(variant: &Variant, compiler: &Compiler, bindgen: &Path) -> Result<PathBuf> {
    let target = Target::open(variant.target)?;
    run(&mut cargo(variant, compiler, target.path())?)?;

    let staged = target.path().join("staged");
    if staged.exists() {
        fs::remove_dir_all(&staged)?;
    }
    let wasm = target.path().join(TARGET).join("wasm-sim").join(format!("{MODULE}.wasm"));
    run(command(bindgen.join("wasm-bindgen"))
        .args([
            "--target",
            "web",
            "--no-typescript",
            "--remove-name-section",
            "--out-name",
            MODULE,
            "--out-dir",
        ])
        .arg(&staged)
        .arg(&wasm))?;
    for script in ["worker.js", "guard.js"] {
        fs::copy(at("sim-wasm/js").join(script), staged.join(script))?;
    }
    let module = fs::read_to_string(staged.join(format!("{MODULE}.js")))?;
    let memory = match shared_memory(&module)? {
        Some((initial, maximum)) => {
            format!("{{ initialPages: {initial}, maximumPages: {maximum} }}")
        }
        None => "null".into(),
    };
    ensure!(
        (memory == "null") != variant.isolated,
        "the {} has the wrong kind of memory",
        variant.product
    );
    fs::write(staged.join("variant.js"), format!("export const memory = {memory};\n"))?;
    if variant.isolated {
        mend_pool_script(&staged)?;
    }
    Ok(staged)
}

/// Moves the files to a folder named after their content.
fn publish(variant: &Variant, staged: &Path) -> Result<PathBuf> {
    let mut all = String::new();
    let files = stamp::files(staged, &[])?;
    for file in &files {
        let name = file.strip_prefix(staged)?.display();
        writeln!(all, "{name} {}", stamp::digest(&fs::read(file)?))?;
    }
    let folder = at(OUT).join(format!("{}-{}", variant.name, &stamp::digest(all.as_bytes())[..16]));
    for file in &files {
        let to = folder.join(file.strip_prefix(staged)?);
        fs::create_dir_all(to.parent().expect("it lies in the folder"))?;
        fs::copy(file, to)?;
    }
    Ok(folder)
}

fn entry(variant: &Variant, folder: &Path) -> Result<serde_json::Value> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let wasm = folder.join(format!("{MODULE}_bg.wasm"));
    let compressed = npm::brotli(std::slice::from_ref(&wasm))?;
    // All that the worker imports, so that the page can ask for it at once.
    let mut scripts = Vec::new();
    for file in stamp::files(folder, &[])? {
        if file.extension().is_some_and(|extension| extension == "js") {
            let name = file.strip_prefix(folder)?.to_string_lossy().replace('\\', "/");
            scripts.push(name);
        }
    }
    scripts.sort();
    Ok(json!({
        "name": variant.name,
        "worker": format!("{name}/worker.js"),
        "isolated": variant.isolated,
        "relaxed": variant.relaxed,
        "methods": !variant.features.is_empty(),
        "scripts": scripts,
        "wasm_bytes": fs::metadata(&wasm)?.len(),
        "brotli_bytes": fs::metadata(&compressed[0])?.len(),
    }))
}

/// Pages at the start and at most of the shared memory that the script from wasm-bindgen makes.
fn shared_memory(module: &str) -> Result<Option<(u32, u32)>> {
    let Some((_, rest)) = module.split_once("new WebAssembly.Memory({") else { return Ok(None) };
    let (fields, _) = rest.split_once('}').context("the memory's fields do not end")?;
    let field = |name: &str| {
        fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.trim().parse().ok())
    };
    match (field("initial:"), field("maximum:")) {
        (Some(initial), Some(maximum)) if fields.contains("shared:true") => {
            Ok(Some((initial, maximum)))
        }
        _ => bail!("cannot read the memory `{fields}`"),
    }
}

/// The pool's script as it comes with wasm-bindgen-rayon imports its module by a folder's name, which a
/// file server does not answer, so that the start never ends; and it tells nobody when its thread dies.
fn mend_pool_script(staged: &Path) -> Result<()> {
    let scripts = stamp::files(&staged.join("snippets"), &[])?;
    let [script] = scripts.as_slice() else {
        bail!("wasm-bindgen made {} snippets and not 1", scripts.len())
    };
    let text = mended(&fs::read_to_string(script)?)?;
    Ok(fs::write(script, text)?)
}

fn mended(script: &str) -> Result<String> {
    let mut text = script.to_owned();
    for (from, to) in [
        ("import('../../..')", format!("import('../../../{MODULE}.js')")),
        (
            "pkg.wbg_rayon_start_worker(receiver);",
            "guarded(pkg, pkg.channelName(), () => pkg.wbg_rayon_start_worker(receiver));".into(),
        ),
    ] {
        ensure!(
            text.matches(from).count() == 1,
            "wasm-bindgen-rayon's script has changed: no single `{from}`"
        );
        text = text.replace(from, &to);
    }
    Ok(format!("import {{ guarded }} from '../../../guard.js';\n{text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shared_memory_is_read_from_the_generated_script() {
        let script = "x = { memory: memory || new WebAssembly.Memory({initial:18,maximum:65536,shared:true}), };";
        assert_eq!(shared_memory(script).unwrap(), Some((18, 65536)));
        assert_eq!(shared_memory("const wasm = 1;").unwrap(), None);
        assert!(shared_memory("new WebAssembly.Memory({initial:18})").is_err());
    }

    #[test]
    fn a_pool_script_of_another_form_is_refused() {
        let script =
            "const pkg = await import('../../..');\npkg.wbg_rayon_start_worker(receiver);\n";
        let text = mended(script).unwrap();
        assert!(
            text.contains("import('../../../sim.js')")
                && text.contains("guarded(pkg, pkg.channelName()")
        );
        assert!(mended("pkg.wbg_rayon_start_worker(receiver);").is_err());
    }
}
