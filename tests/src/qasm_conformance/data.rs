//! The files and what their index says.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Where an error is expected.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

impl Place {
    /// Whether an error may be told at this line and column instead: on the same line, and within
    /// the statement of the place, as the suite's README allows. Tools differ in which token of a
    /// statement they point at.
    pub fn allows(self, source: &str, line: u32, column: u32) -> bool {
        line == self.line && self.statement(source).contains(&(line, column))
    }

    /// The first and the last place of its statement: from behind the `;` or brace before it to the
    /// next one, both in lines and columns; a line is no end, since a `;` may be what is missing.
    fn statement(self, source: &str) -> std::ops::RangeInclusive<(u32, u32)> {
        let here = (self.line, self.column);
        let (mut first, mut last) = ((1, 1), (u32::MAX, 0));
        for (number, line) in (1..).zip(source.lines()) {
            for (column, c) in (1..).zip(line.chars()) {
                let at = (number, column);
                if !matches!(c, ';' | '{' | '}') {
                    continue;
                }
                if at < here {
                    first = (number, column + 1);
                } else if at < last {
                    last = at;
                }
            }
        }
        first..=last
    }
}

/// One program of the suite.
#[derive(Debug, Clone)]
pub struct Case {
    pub name: String,
    pub source: String,
    /// `None`: either is fine.
    pub must_parse: Option<bool>,
    pub error: Option<Place>,
    pub semantic_error: Option<Place>,
    pub may_accept: bool,
    /// `syntax`, `context`, `semantic` or empty.
    pub stage: String,
    pub expected: Option<Value>,
    pub do_not_run: bool,
    pub inputs: Value,
    /// Folder whose other files may be included.
    pub folder: Option<PathBuf>,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("suite/conformance")
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn place(v: &Value) -> Option<Place> {
    let n = |k: &str| u32::try_from(v.get(k)?.as_u64()?).ok();
    Some(Place { line: n("line")?, column: n("column")? })
}

fn text(v: &Value, key: &str) -> String {
    v[key].as_str().unwrap_or_default().to_owned()
}

fn case(entry: &Value, name: String, source: String) -> Case {
    Case {
        name,
        source,
        must_parse: entry["must_parse"].as_bool(),
        error: place(&entry["error"]),
        semantic_error: place(&entry["semantic_error"]),
        may_accept: entry["may_accept"].as_bool().unwrap_or(false),
        stage: text(&entry["error"], "stage"),
        expected: None,
        do_not_run: entry["do_not_run"].as_bool().unwrap_or(false),
        inputs: entry["inputs"].clone(),
        folder: None,
    }
}

/// Entries of `qasm2/index.json` or `qasm3/index.json`.
pub fn indexed(folder: &str) -> Vec<Case> {
    let index = json(&root().join(folder).join("index.json"));
    let mut cases = Vec::new();
    for entry in index.as_array().unwrap() {
        let file = text(entry, "file");
        let path = root().join(&file);
        let mut c = case(entry, file, String::from_utf8(fs::read(&path).unwrap()).unwrap());
        c.expected = entry["expected"].as_str().map(|e| json(&root().join(e)));
        c.folder = entry.get("include_files").map(|_| path.parent().unwrap().to_owned());
        cases.push(c);
    }
    cases
}

/// `invalid/index.json`: every program must be refused at a place.
pub fn invalid(folder: &str) -> Vec<Case> {
    let index = json(&root().join(folder).join("invalid/index.json"));
    let mut cases = Vec::new();
    for entry in index.as_array().unwrap() {
        let file = text(entry, "file");
        let mut c = case(entry, file.clone(), fs::read_to_string(root().join(file)).unwrap());
        c.must_parse = Some(false);
        c.error = place(entry);
        c.stage = text(entry, "stage");
        cases.push(c);
    }
    cases
}

/// The programs of `qasm3/qe-qasm.json`.
pub fn qe_qasm() -> Vec<Case> {
    let all = json(&root().join("qasm3/qe-qasm.json"));
    let mut cases = Vec::new();
    for entry in all["programs"].as_array().unwrap() {
        let mut c = case(entry, format!("qe-qasm/{}", text(entry, "file")), text(entry, "source"));
        c.expected = entry.get("expected").filter(|e| e.is_object()).cloned();
        cases.push(c);
    }
    cases
}

/// Each line of the files in `grammar-invalid` is a program of its own, and wrong.
pub fn grammar_invalid() -> Vec<Case> {
    let index = json(&root().join("qasm3/grammar-invalid/index.json"));
    let mut cases = Vec::new();
    for entry in index.as_array().unwrap() {
        let name = format!("{}:{}", text(entry, "file"), entry["line_of_file"]);
        let mut c = case(entry, name, text(entry, "statement"));
        c.must_parse = Some(false);
        c.error = place(entry);
        c.stage = text(entry, "stage");
        cases.push(c);
    }
    cases
}
