//! What must hold of every reader on any text: it answers, within its bounds, and what it gives can be
//! used. The fuzz targets of `fuzz/` and the replay of their corpus call these functions alone.

use std::collections::BTreeMap;

use api::run::Program;
use circuit::machine;
use qasm::{Compiled, LineIndex, Options};
use quantum_info::Observable;

/// A reader, and what its name is as a fuzz target and as a folder of the corpus.
pub type Reader = (&'static str, fn(&str));

/// All of them.
pub const READERS: [Reader; 9] = [
    ("compile", compile),
    ("compile2", compile2),
    ("flatten", flatten),
    ("format", format),
    ("document", document),
    ("expression", expression),
    ("observable", observable),
    ("input", input),
    ("stim", stim),
];

/// Operations that a text may expand to here: enough for all code paths, few enough for speed.
const MAX_OPERATIONS: u64 = 20_000;

fn options() -> Options {
    let limits = qasm::Limits {
        operations: MAX_OPERATIONS,
        array_elements: 10_000,
        qubits: 1_000,
        clbits: 10_000,
        ..qasm::Limits::default()
    };
    Options { limits, ..Options::default() }
}

fn compiled(text: &str) -> Compiled {
    let compiled = qasm::compile(text, &options());
    let lines = LineIndex::new(text);
    for d in &compiled.diagnostics {
        for (span, _) in d.labels.iter().map(|(s, t)| (*s, t)).chain([(d.span, &d.message)]) {
            let (start, end) = (span.start as usize, span.end as usize);
            assert!(start <= end && end <= text.len(), "{d:?} lies outside the text");
            assert!(text.is_char_boundary(start) && text.is_char_boundary(end), "{d:?}");
            assert!(lines.line_column(text, span.start).line >= 1, "{d:?}");
        }
    }
    assert_eq!(compiled.circuit.is_none(), compiled.has_errors());
    compiled
}

/// Whatever compiles is written in version 3, and in version 2 where that can say it; what is
/// written compiles, and is written alike again.
pub fn compile(text: &str) {
    let Some(circuit) = compiled(text).circuit else { return };
    let written = [Some(qasm::emit3(&circuit)), qasm::emit2(&circuit).ok()];
    for (version, first) in [3, 2].into_iter().zip(written) {
        let Some(first) = first else { continue };
        let again = compiled(&first);
        let Some(circuit) = &again.circuit else {
            panic!("written as version {version} is refused: {:?}\n{first}", again.diagnostics);
        };
        let second = if version == 3 { Ok(qasm::emit3(circuit)) } else { qasm::emit2(circuit) };
        assert_eq!(second.as_ref(), Ok(&first), "written twice as version {version} differs");
    }
}

/// [`compile`] of a text of version 2, with its library.
pub fn compile2(text: &str) {
    compile(&format!("OPENQASM 2.0;\ninclude \"qelib1.inc\";\n{text}"));
}

/// A circuit is unrolled, counted and divided into layers.
pub fn flatten(text: &str) {
    let text =
        format!("include \"stdgates.inc\"; include \"ketlab.inc\"; qubit[5] q; bit[5] c;\n{text}");
    let Some(circuit) = compiled(&text).circuit else { return };
    let limits = machine::Limits {
        max_operations: MAX_OPERATIONS,
        max_statements: 10 * MAX_OPERATIONS,
        ..machine::Limits::default()
    };
    let program = machine::Program::new(&circuit);
    if let Ok(flat) = program.and_then(|p| p.flatten(&BTreeMap::new(), limits)) {
        let n = circuit.num_qubits();
        for instruction in &flat.instructions {
            let qubits = circuit::stats::qubits_of(instruction);
            assert!(qubits.iter().all(|q| q.0 < n), "{instruction:?} has a qubit of no register");
        }
        let layers = circuit::Dag::new(&flat.instructions, n).layers(&flat.instructions);
        assert!(layers.len() <= flat.instructions.len());
    }
}

/// Formatting twice is formatting once, and leaves the program alone.
pub fn format(text: &str) {
    let Ok(once) = qasm::format(text) else { return };
    assert_eq!(qasm::format(&once).as_ref(), Ok(&once));
    // A circuit keeps the blanks of calibrations and the places of comments.
    let meaning = |text: &str| {
        compiled(text).circuit.map(|c| {
            let mut bare = (*c).clone();
            bare.comments.clear();
            qasm::format(&qasm::emit3(&bare))
        })
    };
    assert_eq!(meaning(&once), meaning(text), "{once}");
}

/// What compiles is drawn; the text of the picture compiles and is drawn alike.
pub fn document(text: &str) {
    let text = format!("OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[4] q;\nbit[4] c;\n{text}");
    let Some(circuit) = compiled(&text).circuit else { return };
    let Ok(document) = editor::from_circuit(&circuit, &text) else { return };
    document.check().expect("a picture that was read keeps its invariants");
    let _ = editor::draw::document(&document);
    let _ = editor::describe::circuit(&document, &editor::describe::ENGLISH);
    let written = editor::emit(&document);
    let again = compiled(&written);
    let Some(circuit) = &again.circuit else {
        panic!("the text of the picture is refused: {:?}\n{written}", again.diagnostics);
    };
    let second = editor::from_circuit(circuit, &written).expect("it was drawn before");
    assert_eq!(statements(&editor::emit(&second)), statements(&written));
}

/// Without the comments that stand alone: an empty one is no part of a picture.
fn statements(text: &str) -> Vec<&str> {
    text.lines().filter(|l| !l.is_empty() && !l.trim_start().starts_with("//")).collect()
}

/// An angle as it is typed on the canvas.
pub fn expression(text: &str) {
    let _ = editor::expr::to_label(text);
    let written = editor::expr::to_openqasm(text);
    if editor::expr::parse(text).is_ok() {
        assert!(editor::expr::parse(&written).is_ok(), "{text} is written as {written}");
    }
    if let Ok(value) = editor::expr::evaluate(text) {
        let program = format!("const float[64] x = {written};");
        let again = compiled(&program);
        assert!(again.circuit.is_some(), "{value}: {program} {:?}", again.diagnostics);
    }
}

/// The text of an observable.
pub fn observable(text: &str) {
    for num_qubits in [0, 1, 3, 70] {
        let Ok(observable) = Observable::parse(text, num_qubits) else { continue };
        assert!(!observable.terms.is_empty());
        for term in &observable.terms {
            assert!(term.weight.is_finite());
            assert!(term.paulis.iter().all(|(q, _)| (*q as usize) < num_qubits));
            assert!(term.paulis.is_sorted_by(|a, b| a.0 < b.0));
        }
    }
}

/// The value of an input, for each type that has values.
pub fn input(text: &str) {
    const TYPES: [&str; 9] = [
        "bool",
        "bit",
        "bit[5]",
        "int[7]",
        "uint[128]",
        "float",
        "angle[9]",
        "complex",
        "duration",
    ];
    for ty in TYPES {
        let program = Program::openqasm(format!("input {ty} x; qubit q; U(0, 0, 0) q;"));
        let inputs = BTreeMap::from([("x".to_owned(), text.to_owned())]);
        if let Ok(flat) = runner::flatten(&program, None, &inputs) {
            assert_eq!(flat.num_qubits, 1);
        }
    }
}

/// A circuit in the format of Stim: what is read is written and reads back the same, is sampled, and
/// its errors are found, all of it within bounds.
pub fn stim(text: &str) {
    let limits = stabilizer::ReadLimits { qubits: 200, nesting: 16, ..Default::default() };
    let circuit = match stabilizer::read(text, &limits) {
        Ok(circuit) => circuit,
        Err(found) => {
            assert!(!found.is_empty());
            for d in found {
                let line = text.split('\n').nth(d.line as usize - 1);
                let len = line.expect("a line of the text").chars().count();
                assert!(d.column >= 1 && d.column as usize <= len + 1, "{d:?}");
                assert!(d.end_column > d.column, "{d:?}");
            }
            return;
        }
    };
    let written = circuit.to_string();
    let again = stabilizer::read(&written, &limits);
    assert_eq!(again.as_ref(), Ok(&circuit), "written as\n{written}");
    let limits = stabilizer::Limits { memory_bytes: 1 << 24, max_operations: MAX_OPERATIONS / 10 };
    let control = sim::RunControl::default();
    let _ = stabilizer::run::run(&circuit, 1, 0, &limits, &control);
    let _ = stabilizer::detection_counts(&circuit, 70, 1, &limits, &control);
    if let Ok(model) = stabilizer::ErrorModel::of(&circuit, &limits, &control) {
        assert!(model.mechanisms.iter().all(|m| (0.0..=1.0).contains(&m.probability)));
        let _ = stabilizer::Decoder::new(&model);
    }
}
