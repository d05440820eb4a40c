//! Reads the program that a command names, and the files beside it that it may include.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use api::run::{Diagnostic, Noise, Program, RunError, RunErrorKind};

/// Largest file that is read, in bytes: beyond it no checker is asked.
pub const MAX_SOURCE_BYTES: u64 = 64 << 20;

/// Largest files beside the program that are offered for `include`, and how many of them.
const MAX_SIBLING_BYTES: u64 = 1 << 20;
const MAX_SIBLINGS: usize = 256;

/// A program from a file.
pub struct Source {
    /// As named on the command line.
    pub name: String,
    pub program: Program,
    /// The `.qasm` and `.inc` files of the same folder, by name: what `include` can reach.
    pub siblings: BTreeMap<String, String>,
}

/// Reads `path`, or standard input for `-`.
pub fn read(path: &Path) -> Result<Source, RunError> {
    let name = path.display().to_string();
    let stdin = path.as_os_str() == "-";
    let bytes = if stdin {
        read_bounded(std::io::stdin().lock())
    } else {
        std::fs::File::open(path).and_then(read_bounded)
    }
    .map_err(|error| refusal("unreadable_file", format!("cannot read {name}: {error}")))?;
    if bytes.len() as u64 > MAX_SOURCE_BYTES {
        let message = format!("{name} is longer than {} MiB", MAX_SOURCE_BYTES >> 20);
        return Err(refusal("too_long", message));
    }
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(&error))?;
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("stim")) {
        return Ok(Source { name, program: Program::stim(text), siblings: BTreeMap::new() });
    }
    let siblings = if stdin { BTreeMap::new() } else { siblings(path) };
    Ok(Source { name, program: Program::openqasm(text), siblings })
}

/// The values of `--input`, by name: each input once.
pub fn inputs(given: &[(String, String)]) -> Result<BTreeMap<String, String>, RunError> {
    let mut inputs = BTreeMap::new();
    for (name, value) in given {
        if inputs.insert(name.clone(), value.clone()).is_some() {
            return Err(refusal("input_twice", format!("the input `{name}` is given twice")));
        }
    }
    Ok(inputs)
}

/// What `--noise` names: a file if there is one, else a device.
pub fn noise(given: &str) -> Result<Noise, RunError> {
    let path = Path::new(given);
    let is_json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("json"));
    if !is_json && !path.is_file() {
        return Ok(Noise::Device(given.to_owned()));
    }
    let bytes = std::fs::File::open(path)
        .and_then(read_bounded)
        .map_err(|error| refusal("unreadable_file", format!("cannot read {given}: {error}")))?;
    String::from_utf8(bytes)
        .map(Noise::Model)
        .map_err(|_| refusal("not_utf8", format!("{given} is not UTF-8 text")))
}

/// One byte more than allowed, so that the caller sees the excess.
fn read_bounded(reader: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_SOURCE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn siblings(path: &Path) -> BTreeMap<String, String> {
    let folder =
        path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeMap::new() };
    let own_name = path.file_name();
    let mut names: Vec<_> = entries
        .flatten()
        .filter(|entry| Some(entry.file_name().as_os_str()) != own_name)
        .filter(|entry| entry.metadata().is_ok_and(|m| m.is_file() && m.len() <= MAX_SIBLING_BYTES))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| {
            Path::new(name)
                .extension()
                .is_some_and(|e| e.eq_ignore_ascii_case("inc") || e.eq_ignore_ascii_case("qasm"))
        })
        .collect();
    names.sort();
    // `include` names a file with the extension it was given: the header files come first.
    names.sort_by_key(|name| {
        Path::new(name).extension().is_none_or(|e| !e.eq_ignore_ascii_case("inc"))
    });
    names.truncate(MAX_SIBLINGS);
    names
        .into_iter()
        .filter_map(|name| {
            std::fs::read_to_string(folder.join(&name)).ok().map(|text| (name, text))
        })
        .collect()
}

fn not_utf8(error: &std::string::FromUtf8Error) -> RunError {
    let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    let good = String::from_utf8_lossy(good);
    let line = good.matches('\n').count() + 1;
    let column = good.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    let mut refusal = refusal("not_utf8", "the file is not UTF-8 text".to_owned());
    let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    refusal.kind = RunErrorKind::Program;
    refusal.diagnostics[0].line = place(line);
    refusal.diagnostics[0].column = place(column);
    refusal.diagnostics[0].help = Some("save it as UTF-8 and try again".to_owned());
    refusal
}

fn refusal(code: &str, message: String) -> RunError {
    RunError { kind: RunErrorKind::Request, diagnostics: vec![Diagnostic::error(code, message)] }
}
