//! What compiles and what does not, and where.

use std::collections::BTreeMap;
use std::fs;

use qasm::{Compiled, LineIndex, Options, Severity};

use super::data::{self, Case};

pub fn options(case: &Case) -> Options {
    let mut includes = BTreeMap::new();
    if let Some(folder) = &case.folder {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.extension().is_none_or(|e| e != "json") {
                includes.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    Options { includes, ..Options::default() }
}

/// Programs on which we differ from the interpreter that wrote the index, and why. It checks what it
/// executes; we check the whole program before anything runs.
const DIFFERENCES: [(&str, &str); 7] = [
    (
        "qasm3/openqasm-examples/arrays.qasm",
        "its first error is found in a run; ours is the second declaration of a constant",
    ),
    (
        "qasm3/pyqasm-resources/valid1.qasm",
        "a subroutine uses a constant that is declared after it",
    ),
    ("qe-qasm/cphase.qasm", "a gate that is never called has an undeclared qubit"),
    ("qe-qasm/test-big-int.qasm", "an integer literal above 2^128"),
    ("qe-qasm/test-bitset-cast.qasm", "one bit is assigned to eight"),
    ("qe-qasm/test-ifelse-12.qasm", "the branch that is not taken has an undeclared qubit"),
    ("qe-qasm/test-nested-while-loop-1.qasm", "a loop without an end is found in a run"),
];

fn first_error(source: &str, compiled: &Compiled) -> Option<(u32, u32, String)> {
    let d = compiled.diagnostics.iter().find(|d| d.severity == Severity::Error)?;
    let at = LineIndex::new(source).line_column(source, d.span.start);
    Some((at.line, at.column, d.message.clone()))
}

#[expect(clippy::print_stdout, reason = "how many there are is to be seen")]
fn check(cases: &[Case]) {
    let mut wrong = Vec::new();
    let mut compiled_count = 0;
    for c in cases {
        let compiled = qasm::compile(&c.source, &options(c));
        let error = first_error(&c.source, &compiled);
        assert_eq!(compiled.circuit.is_some(), error.is_none(), "{}", c.name);
        compiled_count += usize::from(error.is_none());
        let place = c.error.or(c.semantic_error);
        let before = wrong.len();
        match (&error, place) {
            (Some((line, column, message)), Some(place))
                if !place.allows(&c.source, *line, *column) =>
            {
                wrong.push(format!(
                    "{}: {line}:{column} `{message}`, expected {}:{}",
                    c.name, place.line, place.column
                ));
            }
            (None, Some(place)) if !c.may_accept && c.must_parse.is_some() => {
                wrong.push(format!(
                    "{} is accepted, expected an error at {}:{}",
                    c.name, place.line, place.column
                ));
            }
            (Some(e), None) if c.expected.is_some() => {
                wrong.push(format!("{} is refused at {e:?}", c.name));
            }
            _ => {}
        }
        if DIFFERENCES.iter().any(|d| d.0 == c.name) {
            assert_eq!(wrong.len(), before + 1, "{} agrees by now: take it off the list", c.name);
            wrong.pop();
        }
    }
    println!("{compiled_count} of {} compile", cases.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn the_openqasm_2_files_compile_as_their_index_says() {
    check(&data::indexed("qasm2"));
}

#[test]
fn the_openqasm_3_files_compile_as_their_index_says() {
    check(&data::indexed("qasm3"));
}

#[test]
fn the_qe_qasm_programs_compile_as_their_index_says() {
    check(&data::qe_qasm());
}

#[test]
fn wrong_openqasm_2_programs_are_refused_at_their_place() {
    check(&data::invalid("qasm2"));
}

#[test]
fn wrong_openqasm_3_programs_are_refused_at_their_place() {
    check(&data::invalid("qasm3"));
}
