use proptest::prelude::*;

use super::*;
use crate::command::{Command, Fragment, Place, apply, palette_gate};
use crate::document::{Condition, Operation, Register};
use crate::{Clbit, Gate, Qubit, with_source};

fn read(text: &str) -> (Document, Source) {
    let compiled = qasm::compile(text, &qasm::Options::default());
    let circuit = compiled.circuit.unwrap_or_else(|| panic!("{:?}\n{text}", compiled.diagnostics));
    with_source(&circuit, text).unwrap_or_else(|e| panic!("{e}\n{text}"))
}

const HEAD: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n\nqubit[3] q;\nbit[3] c;\n\n";

/// What the text becomes under `commands`, told by the operations' numbers in the order of reading.
#[track_caller]
fn edited(text: &str, commands: &[Command]) -> Patched {
    let (mut document, source) = read(text);
    let mut patched = Patched { text: text.to_owned(), source, rewritten: false };
    for command in commands {
        let new = apply(&document, command).unwrap_or_else(|e| panic!("{command:?}: {e}")).document;
        patched = patch(&patched.text, &patched.source, &document, &new);
        check_places(&patched, &new);
        document = new;
    }
    patched
}

/// As [`edited`], statements after [`HEAD`] alone, and nothing else may change.
#[track_caller]
fn check(before: &str, command: Command, after: &str) {
    let patched = edited(&format!("{HEAD}{before}"), &[command]);
    assert_eq!(patched.text, format!("{HEAD}{after}"));
    assert!(!patched.rewritten);
}

/// The new text says the new document, and its places are those that reading it finds.
#[track_caller]
fn check_places(patched: &Patched, new: &Document) {
    let (again, source) = read(&patched.text);
    assert!(same_circuit(&again, new), "{}\n--- is not ---\n{}", patched.text, crate::emit(new));
    let ranges = |s: &Source| s.segments.iter().map(|s| s.range.clone()).collect::<Vec<_>>();
    assert_eq!(ranges(&patched.source), ranges(&source), "{}", patched.text);
    assert_eq!(patched.source.comments, source.comments, "{}", patched.text);
    let declares = |s: &Source| s.segments.iter().map(|s| s.declares).collect::<Vec<_>>();
    assert_eq!(declares(&patched.source), declares(&source), "{}", patched.text);
    for segment in &patched.source.segments {
        for id in &segment.operations {
            assert!(new.find(*id).is_some(), "{id:?} is not in the document");
        }
    }
    let all: usize = patched.source.segments.iter().map(|s| s.operations.len()).sum();
    assert_eq!(all, new.operations().count(), "each operation stands somewhere\n{}", patched.text);
}

fn put(gate: Gate, column: usize, row: u32) -> Command {
    insert(palette_gate(gate), column, row)
}

fn insert(op: Operation, column: usize, row: u32) -> Command {
    Command::Insert {
        fragment: Fragment::single(op),
        place: Place::At(column),
        row,
        assign_bits: false,
    }
}

fn delete(id: u64) -> Command {
    Command::Delete { ids: vec![OpId(id)] }
}

#[test]
fn a_new_gate_comes_after_what_it_follows() {
    check(
        "h q[0];\n// entangle\ncx q[0], q[1];\n",
        put(Gate::X, 0, 2),
        "h q[0];\nx q[2];\n// entangle\ncx q[0], q[1];\n",
    );
    check(
        "h   q[0]; // why\n\n  cx q[0],q[1];\n",
        put(Gate::X, 2, 0),
        "h   q[0]; // why\n\n  cx q[0],q[1];\n  x q[0];\n",
    );
    check("h q[0]; cx q[0], q[1];\n", put(Gate::Z, 0, 2), "h q[0]; z q[2]; cx q[0], q[1];\n");
    check("", put(Gate::H, 0, 0), "h q[0];\n");
    check(
        "/* a */ h q[0]; /* b\n c */ x q[0];\n",
        put(Gate::Z, 0, 2),
        "/* a */ h q[0]; z q[2]; /* b\n c */ x q[0];\n",
    );
}

#[test]
fn a_gate_at_the_front_stands_before_the_comments_of_the_first() {
    let before = "// begin\nh q[0];\n";
    let command = Command::Insert {
        fragment: Fragment::single(palette_gate(Gate::X)),
        place: Place::Before(0),
        row: 0,
        assign_bits: false,
    };
    check(before, command, "x q[0];\n// begin\nh q[0];\n");
}

#[test]
fn what_is_deleted_goes_with_its_line_and_leaves_comments() {
    check("h q[0];\n  x q[1];\nz q[2];\n", delete(2), "h q[0];\nz q[2];\n");
    check("h q[0]; x q[1]; z q[2];\n", delete(2), "h q[0]; z q[2];\n");
    check("h q[0]; x q[1]; z q[2];\n", delete(1), "x q[1]; z q[2];\n");
    check("h q[0]; x q[1];\n", Command::Delete { ids: vec![OpId(1), OpId(2)] }, "");
    check("// first\nh q[0]; // there\nx q[1];\n", delete(1), "// first\n// there\nx q[1];\n");
}

#[test]
fn one_qubit_taken_from_a_statement_over_a_register_splits_it() {
    check("h q; // all\nx q[0];\n", delete(2), "h q[0]; // all\nh q[2];\nx q[0];\n");
    check("c = measure q;\n", delete(1), "c[1] = measure q[1];\nc[2] = measure q[2];\n");
}

#[test]
fn what_comes_between_the_parts_of_a_statement_splits_it() {
    let command = Command::Insert {
        fragment: Fragment::single(palette_gate(Gate::X)),
        place: Place::At(1),
        row: 0,
        assign_bits: false,
    };
    check("cx q[0], q[1:2];\n", command, "cx q[0], q[1];\nx q[0];\ncx q[0], q[2];\n");
}

#[test]
fn a_changed_parameter_changes_its_statement_alone() {
    let command = Command::SetParams { id: OpId(2), texts: vec!["pi/8".into()] };
    check(
        "h   q[0];\nrx( pi/3 ) q[1]; // turn\nz q[2];\n",
        command,
        "h   q[0];\nrx(pi/8) q[1]; // turn\nz q[2];\n",
    );
}

#[test]
fn what_moves_takes_its_spelling_along() {
    let command = Command::Move { ids: vec![OpId(1)], place: Place::At(3), rows: 0 };
    check("h   q[0]; // a\nx q[0];\nz q[0];\n", command, "// a\nx q[0];\nz q[0];\nh   q[0];\n");
}

#[test]
fn measuring_everything_is_one_statement() {
    let fragment = Fragment {
        columns: vec![(0..3).map(|i| Operation::measure(Qubit(i), Some(Clbit(i)))).collect()],
        height: 3,
    };
    let command = Command::Insert { fragment, place: Place::At(5), row: 0, assign_bits: false };
    check("h q[1];\n", command, "h q[1];\nc = measure q;\n");
}

#[test]
fn a_new_wire_changes_the_declaration_and_statements_over_the_register() {
    let patched = edited(
        &format!("{HEAD}// all\nh q;\nx  q[0];\nbarrier q;\n"),
        &[Command::AddQubit { at: 3 }],
    );
    assert_eq!(
        patched.text,
        format!("{HEAD}// all\nh q[0];\nh q[1];\nh q[2];\nx  q[0];\nbarrier;\n")
            .replace("qubit[3]", "qubit[4]")
    );
}

#[test]
fn registers_come_and_go_beside_the_others() {
    let add = Command::AddClbits { register: Register::new("d", 2) };
    let patched =
        edited(&format!("{HEAD}h q[0];\n"), &[add, Command::RemoveClbits { register: 0 }]);
    assert_eq!(patched.text, format!("{HEAD}h q[0];\n").replace("bit[3] c;", "bit[2] d;"));
}

#[test]
fn parameters_and_gates_of_a_selection_are_declared_above_the_registers() {
    let set = Command::SetParams { id: OpId(1), texts: vec!["2*theta".into()] };
    let group = Command::Group { ids: vec![OpId(2), OpId(3)], name: "pair".into() };
    let patched = edited(
        "// top\nOPENQASM 3.0;\ninclude \"stdgates.inc\";\n// wires\nqubit[2] q;\n\nrx(0.5) q[0]; // turn\nh q[1];\ncx q[1], q[0];\n",
        &[set, group],
    );
    assert_eq!(
        patched.text,
        "// top\nOPENQASM 3.0;\ninclude \"stdgates.inc\";\ninput float[64] theta;\n\n\
         gate pair q0, q1 {\n  h q1;\n  cx q1, q0;\n}\n\n// wires\nqubit[2] q;\n\n\
         rx(2*theta) q[0]; // turn\npair q[0], q[1];\n"
    );
}

#[test]
fn a_gate_beyond_the_library_brings_its_include() {
    let patched = edited(
        "OPENQASM 3.0;\nqubit[2] q;\nU(0, 0, 0) q[0];\n",
        &[put(Gate::Iswap, 1, 0), put(Gate::H, 2, 0)],
    );
    assert_eq!(
        patched.text,
        "OPENQASM 3.0;\ninclude \"ketlab.inc\";\ninclude \"stdgates.inc\";\nqubit[2] q;\nU(0, 0, 0) q[0];\niswap q[0], q[1];\nh q[0];\n"
    );
}

#[test]
fn comments_are_written_changed_and_taken_away() {
    let set = |column, text: &str| Command::SetComment { column, text: text.into() };
    check("h q[0];\ncx q[0], q[1];\n", set(1, "link"), "h q[0];\n// link\ncx q[0], q[1];\n");
    check(
        "// a\nh q[0];\n// b\ncx q[0], q[1]; // c\n",
        set(1, "b"),
        "// a\nh q[0];\n// b\ncx q[0], q[1];\n",
    );
    check("// a\nh q[0];\n", set(0, "new"), "// new\nh q[0];\n");
    check("h q[0]; x q[0];\n", set(1, "two\nlines"), "h q[0]; \n// two\n// lines\nx q[0];\n");
}

#[test]
fn openqasm_2_stays_as_long_as_it_can_say_it() {
    let text = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n\n// wires\nqreg q[2];\ncreg c[2];\nh q[0]; // mix\nmeasure q[0] -> c[0];\n";
    let patched =
        edited(text, &[put(Gate::Cx, 1, 0), put(Gate::P, 3, 1), Command::AddQubit { at: 2 }]);
    assert!(!patched.rewritten);
    assert!(patched.text.contains("qreg q[3];\ncreg c[2];\nh q[0]; // mix\n"), "{}", patched.text);
    assert!(patched.text.contains("u1(pi/2) q[1];"), "{}", patched.text);
    let controlled = edited(text, &[put(Gate::Iswap, 1, 0)]);
    assert!(controlled.rewritten && controlled.text.contains("OPENQASM 3.0;"));
}

#[test]
fn a_text_without_a_version_is_added_to_in_its_own_words() {
    let text = "include \"qelib1.inc\";\nqreg q[2];\ncreg c[2];\nh q[0];\n";
    let measure = insert(Operation::measure(Qubit(0), Some(Clbit(0))), 1, 0);
    assert_eq!(edited(text, &[measure]).text, format!("{text}measure q[0] -> c[0];\n"));
}

#[test]
fn declarations_among_the_statements_stay_before_what_uses_them() {
    let text =
        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nh q[0];\nbit[2] c = measure q;\n";
    let measure = Command::Insert {
        fragment: Fragment::single(Operation::measure(Qubit(1), Some(Clbit(0)))),
        place: Place::Before(0),
        row: 1,
        assign_bits: false,
    };
    let patched = edited(text, std::slice::from_ref(&measure));
    let at = |s: &str| patched.text.find(s).unwrap_or_else(|| panic!("{s} in {}", patched.text));
    assert!(at("bit[2] c") < at("c[0] = measure q[1]"), "{}", patched.text);
    let late = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\nh q[0];\nbit[2] c;\ngate two a { x a; x a; }\n\ntwo q[0];\n";
    edited(late, &[measure, insert(Operation::call("two", Vec::new(), &[Qubit(1)]), 0, 1)]);
}

#[test]
fn a_part_of_a_block_that_moves_away_splits_it() {
    let text = format!(
        "{HEAD}c[0] = measure q[0];\nc = measure q;\nh q[0];\ncx q[0], q[1:2];\nif (c == 5) {{ x q[0]; h q[0]; }}\n"
    );
    edited(&text, &[Command::Move { ids: vec![OpId(8)], place: Place::At(7), rows: 0 }]);
}

/// Pieces of a program with everything that texts have: comments, several statements on a line,
/// registers as a whole, blocks.
fn statement() -> impl Strategy<Value = String> {
    let q = || (0..3_u32).prop_map(|i| format!("q[{i}]"));
    let pair = (0..3_u32, 1..3_u32).prop_map(|(a, d)| format!("q[{a}], q[{}]", (a + d) % 3));
    let simple = prop_oneof![
        4 => (prop_oneof![Just("h"), Just("x  "), Just("t"), Just("rx( pi/3 )"), Just("rz(2*0.1)")], q())
            .prop_map(|(g, q)| format!("{g} {q};")),
        3 => (prop_oneof![Just("cx"), Just("swap"), Just("negctrl @ x"), Just("crz(0.5)")], pair)
            .prop_map(|(g, q)| format!("{g} {q};")),
        1 => Just("h q;".to_owned()),
        1 => Just("cx q[0], q[1:2];".to_owned()),
        1 => (0..3_u32, 0..3_u32).prop_map(|(c, q)| format!("c[{c}] = measure q[{q}];")),
        1 => Just("c = measure q;".to_owned()),
        1 => Just("barrier q;".to_owned()),
        1 => Just("barrier q[0], q[2];".to_owned()),
        1 => q().prop_map(|q| format!("reset {q};")),
        1 => (0..3_u32, q()).prop_map(|(c, q)| format!("if (c[{c}]) z {q};")),
        1 => q().prop_map(|q| format!("if (c == 5) {{ x {q}; h {q}; }}")),
        1 => q().prop_map(|q| format!("for int i in [0:1] {{\n  x {q}; // inside\n}}")),
        1 => q().prop_map(|q| format!("mine {q};")),
    ];
    let before = prop_oneof![
        5 => Just(""), 1 => Just("// why\n"), 1 => Just("\n"), 1 => Just("/* so */ "),
        1 => Just("/* more\n   lines */\n"), 1 => Just("  "), 1 => Just("// why\n// and why\n"),
    ];
    let after = prop_oneof![6 => Just("\n"), 2 => Just(" "), 1 => Just(" // after\n"), 1 => Just(" /* end */\n"), 1 => Just("\n\n")];
    (before, simple, after).prop_map(|(a, s, z)| format!("{a}{s}{z}"))
}

fn program() -> impl Strategy<Value = String> {
    (proptest::collection::vec(statement(), 0..14), any::<bool>()).prop_map(|(statements, end)| {
        let mut text = String::from(
            "// a program\nOPENQASM 3.0;\ninclude \"stdgates.inc\";\n\ngate mine a { h a; } // my own\n// wires\nqubit[3] q;\nbit[3] c;\n\n",
        );
        text.extend(statements);
        if end {
            text.push_str("// the end\n");
        }
        text
    })
}

fn command() -> impl Strategy<Value = Command> {
    let id = || (1..30_u64).prop_map(OpId);
    let ids = proptest::collection::vec(id(), 1..4);
    let place =
        || prop_oneof![(0..10_usize).prop_map(Place::At), (0..10_usize).prop_map(Place::Before)];
    let gates = prop_oneof![
        Just(Gate::X),
        Just(Gate::H),
        Just(Gate::Cx),
        Just(Gate::Rz),
        Just(Gate::Swap),
        Just(Gate::Iswap)
    ];
    prop_oneof![
        5 => (gates, place(), 0..3_u32).prop_map(|(gate, place, row)| Command::Insert {
            fragment: Fragment::single(palette_gate(gate)), place, row, assign_bits: true }),
        1 => (place(), 0..3_u32).prop_map(|(place, row)| Command::Insert {
            fragment: Fragment::single(Operation::measure(Qubit(row), None)), place, row, assign_bits: true }),
        4 => (ids.clone(), place(), -1..2_i64).prop_map(|(ids, place, rows)| Command::Move { ids, place, rows }),
        4 => ids.clone().prop_map(|ids| Command::Delete { ids }),
        1 => (ids.clone(), 1..3_u32).prop_map(|(ids, times)| Command::Repeat { ids, times }),
        2 => (id(), prop_oneof![Just("pi/7"), Just("theta+1")])
            .prop_map(|(id, text)| Command::SetParams { id, texts: vec![text.into()] }),
        1 => (id(), any::<bool>()).prop_map(|(id, inverse)| Command::SetInverse { id, inverse }),
        1 => (id(), 0..3_u32, any::<bool>()).prop_map(|(id, q, on)| Command::AddControl { id, qubit: Qubit(q), on }),
        1 => (id(), 0..3_u32).prop_map(|(id, c)| Command::SetCondition { id, condition: Some(Condition::Bit { clbit: Clbit(c), value: true }) }),
        1 => (0..4_u32).prop_map(|at| Command::AddQubit { at }),
        1 => (0..3_u32).prop_map(|at| Command::RemoveQubit { at }),
        1 => (0..3_u32, 0..3_u32).prop_map(|(from, to)| Command::MoveQubit { from, to }),
        1 => Just(Command::RenameQubits { register: 0, name: "wire".into() }),
        1 => (0..3_u32).prop_map(|at| Command::NameQubit { at, name: "special".into() }),
        1 => (1..5_u32).prop_map(|size| Command::ResizeClbits { register: 0, size }),
        1 => Just(Command::RenameClbits { register: 0, name: "out".into() }),
        1 => (0..8_usize).prop_map(|at| Command::InsertColumn { at }),
        1 => (0..8_usize).prop_map(|at| Command::RemoveColumn { at }),
        1 => (0..8_usize, 0..8_usize).prop_map(|(from, to)| Command::MoveColumn { from, to }),
        1 => (0..8_usize, prop_oneof![Just(""), Just("said"), Just("said\ntwice")])
            .prop_map(|(column, text)| Command::SetComment { column, text: text.into() }),
        1 => Just(Command::Compact),
        1 => Just(Command::SetParameter { name: "theta".into(), value: 0.25 }),
        1 => ids.prop_map(|ids| Command::Group { ids, name: "block".into() }),
    ]
}

/// Comment lines of the columns, sorted.
fn remarks(document: &Document) -> Vec<String> {
    let comments = document.columns.iter().filter_map(|c| c.comment.as_deref());
    let mut all: Vec<String> = comments.flat_map(str::lines).map(|l| l.trim().to_owned()).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_patched_text_says_the_edited_picture(text in program(), commands in proptest::collection::vec(command(), 1..8)) {
        let (mut document, source) = read(&text);
        let mut patched = Patched { text, source, rewritten: false };
        for command in &commands {
            let Ok(applied) = apply(&document, command) else { continue };
            let before = patched.clone();
            patched = patch(&before.text, &before.source, &document, &applied.document);
            check_places(&patched, &applied.document);
            let (again, _) = read(&patched.text);
            prop_assert_eq!(remarks(&again), remarks(&applied.document), "{:?}\n{}\n--- became ---\n{}", command, before.text, patched.text);
            if !patched.rewritten {
                unchanged_lines_stay(&before, &document, &patched, &applied.document)?;
            }
            document = applied.document;
        }
    }

    #[test]
    fn an_edit_that_changes_nothing_leaves_the_text(text in program()) {
        let (document, source) = read(&text);
        prop_assert_eq!(patch(&text, &source, &document, &document).text, text);
    }
}

/// Where wires are the same, the text of each statement that the edit did not touch is still there,
/// word for word, unless the statement was split.
fn unchanged_lines_stay(
    before: &Patched,
    old: &Document,
    after: &Patched,
    new: &Document,
) -> Result<(), TestCaseError> {
    if old.header.qubits != new.header.qubits || old.header.clbits != new.header.clbits {
        return Ok(());
    }
    for segment in &before.source.segments {
        let same = segment.operations.iter().all(|&id| {
            let (a, b) = (old.find(id), new.find(id));
            matches!((a, b), (Some(a), Some(b)) if a.1 == b.1)
        });
        let [id] = segment.operations.as_slice() else { continue };
        if same {
            let now = after.source.span_of(*id).expect("it is there");
            prop_assert_eq!(&before.text[segment.range.clone()], &after.text[now]);
        }
    }
    Ok(())
}

#[test]
fn edits_of_gate_definitions_leave_the_rest_as_it_was_written() {
    let text = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n\n// two in one\ngate pair(t) a, b { h a; cx a, b; rz(t) b; }\n\n\
                qubit[3] q;  // wires\n\n// here it is used\npair(pi/2)   q[0],q[1];\n";
    let (document, _) = read(text);
    let mut inside = crate::definition::open(&document, "pair").expect("has a picture");
    inside = apply(&inside, &put(Gate::X, 3, 0)).expect("room").document;
    let set = Command::SetBody { name: "pair".into(), inside };
    let rename = Command::RenameGate { from: "pair".into(), to: "twin".into() };
    let patched = edited(text, &[set]);
    assert!(
        patched.text.contains("gate pair(t) a, b {\n") && patched.text.contains("  x a;\n"),
        "{}",
        patched.text
    );
    for kept in ["// two in one\n", "// wires\n", "// here it is used\npair(pi/2)   q[0],q[1];\n"] {
        assert!(patched.text.contains(kept), "{}", patched.text);
    }
    let renamed = edited(text, &[rename]);
    assert!(
        renamed.text.contains("gate twin(t)") && renamed.text.contains("// here it is used\n"),
        "{}",
        renamed.text
    );
}

#[test]
fn an_inline_display_is_changed_and_removed_with_its_annotation() {
    let text = "h q[0];\n// here\n@ketlab.display chance\nbarrier q[0];\nx q[1];\n";
    let display = |document: &Document| {
        let found = document.operations().find(|op| matches!(op.what, crate::What::Display(_)));
        found.expect("it is read as a display").id
    };
    let id = display(&read(&format!("{HEAD}{text}")).0);
    check(
        text,
        Command::SetDisplay {
            id,
            kind: crate::DisplayKind::Expectation,
            letters: "X".into(),
            qubits: 1,
        },
        "h q[0];\n// here\n@ketlab.display expectation X\nbarrier q[0];\nx q[1];\n",
    );
    let patched = edited(&format!("{HEAD}{text}"), &[Command::Delete { ids: vec![id] }]);
    assert!(!patched.text.contains("@ketlab"), "{}", patched.text);
}
