use proptest::prelude::*;

use super::*;
use crate::command::{Command, Fragment, Place, apply, palette_gate};
use crate::document::{Condition, What};
use crate::emit::{Options, emit, emit_with};
use crate::{Control, Gate, Param};

fn read(text: &str) -> Document {
    let compiled = qasm::compile(text, &qasm::Options::default());
    let circuit = compiled.circuit.unwrap_or_else(|| panic!("{:?}\n{text}", compiled.diagnostics));
    let document = from_circuit(&circuit, text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    document.check().unwrap_or_else(|e| panic!("{e}\n{text}"));
    document
}

/// Reads statements over `q` (4 qubits), `c` (4 bits), `f` (a bit), and writes the picture: columns
/// separated by `|`.
fn check(statements: &str, expected: &str) {
    let document = read(&format!(
        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[4] q;\nbit[4] c;\nbit f;\n{statements}\n"
    ));
    assert_eq!(picture(&document), expected, "{statements}");
}

fn picture(document: &Document) -> String {
    let columns: Vec<String> = document
        .columns
        .iter()
        .map(|c| {
            let parts: Vec<String> = c
                .operations
                .iter()
                .map(|op| {
                    let text = crate::emit::statement(op, &document.header);
                    if matches!(op.what, What::Text { .. }) {
                        let rows: Vec<String> =
                            op.targets.iter().map(ToString::to_string).collect();
                        format!("«{text}»{}", rows.join(","))
                    } else {
                        text
                    }
                })
                .collect();
            parts.join(" ")
        })
        .collect();
    columns.join(" | ")
}

#[test]
fn gates_of_a_program_can_be_opened_and_taken_apart() {
    let document = read(
        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n\
         gate pair(t) a, b { h a; rx(t/2) a; barrier a, b; ctrl @ x a, b; }\n\
         @ketlab.unitary {{0, 1}, {1, 0}}\ngate flip a { }\n\
         qubit[2] q;\npair(pi) q[1], q[0];\nflip q[0];\n",
    );
    let inside = crate::definition::open(&document, "pair").expect("has a picture");
    assert_eq!(inside.columns.len(), 4);
    assert_eq!(inside.header.parameters[0].name.as_ref(), "t");
    assert!(crate::definition::open(&document, "flip").is_none());
    let call = document.at(0, 0).expect("the call").id;
    let apart = apply(&document, &Command::Ungroup { id: call }).expect("taken apart").document;
    let text = emit(&apart);
    assert!(
        text.contains("h q[1];\nrx(pi/2) q[1];\nbarrier q[1], q[0];\ncx q[1], q[0];"),
        "{text}"
    );
}

#[test]
fn gates_go_as_far_left_as_order_allows() {
    check("h q[0]; h q[1]; cx q[0], q[1]; x q[3];", "h q[0]; h q[1]; x q[3]; | cx q[0], q[1];");
    check("cx q[0], q[2]; h q[1];", "cx q[0], q[2]; | h q[1];");
}

#[test]
fn barriers_keep_columns_apart() {
    check("h q[0]; h q[0]; barrier q; x q[1];", "h q[0]; | h q[0]; | barrier; | x q[1];");
    check(
        "h q[0]; barrier q[0], q[1]; x q[1]; y q[2];",
        "h q[0]; y q[2]; | barrier q[0], q[1]; | x q[1];",
    );
}

#[test]
fn registers_are_written_out() {
    check("h q[0:1];", "h q[0]; h q[1];");
    check(
        "c = measure q;",
        "c[0] = measure q[0]; c[1] = measure q[1]; c[2] = measure q[2]; c[3] = measure q[3];",
    );
    check(
        "h q[1]; h q[1]; c = measure q;",
        "h q[1]; | h q[1]; | c[0] = measure q[0]; c[1] = measure q[1]; c[2] = measure q[2]; c[3] = measure q[3];",
    );
    check(
        "h q[1]; c[0:1] = measure q[0:1];",
        "c[0] = measure q[0]; h q[1]; | c[1] = measure q[1];",
    );
    check("reset q[{0, 3}];", "reset q[0]; reset q[3];");
    check("let a = q[1:2]; x a[-1];", "x q[2];");
    check("cx q[0], q[2:3];", "cx q[0], q[2]; | cx q[0], q[3];");
}

#[test]
fn modifiers_become_controls_powers_and_inverses() {
    check("ctrl @ x q[0], q[1];", "cx q[0], q[1];");
    check("negctrl @ ctrl @ x q[0], q[1], q[2];", "negctrl @ ctrl @ x q[0], q[1], q[2];");
    check("ctrl @ cx q[0], q[1], q[2];", "ccx q[0], q[1], q[2];");
    check("inv @ ctrl @ s q[0], q[1];", "ctrl @ inv @ s q[0], q[1];");
    check("pow(0.5) @ inv @ x q[0];", "pow(0.5) @ inv @ x q[0];");
    check("inv @ pow(0.5) @ x q[0];", "pow(-(0.5)) @ x q[0];");
    // An integer division, as OpenQASM has it.
    check("pow(1/2) @ x q[0];", "pow(0) @ x q[0];");
    check("inv @ inv @ t q[0];", "t q[0];");
    check("ctrl(2) @ gphase(pi/4) q[0], q[1];", "cp(pi/4) q[0], q[1];");
}

#[test]
fn conditions_on_bits_and_registers_are_drawn() {
    check("if (c[1]) x q[0];", "if (c[1]) x q[0];");
    check("if (!f) x q[0];", "if (!f) x q[0];");
    check("if (c == 5) x q[0];", "if (c == 5) x q[0];");
    check("if (c[2] == 0) { x q[0]; z q[1]; }", "if (!c[2]) x q[0]; if (!c[2]) z q[1];");
    // The condition holds for the whole block, whatever the block does to it.
    check("if (f) { f = measure q[0]; x q[1]; }", "«if (f) { f = measure q[0]; x q[1]; }»0,1");
}

#[test]
fn a_measurement_and_what_depends_on_it_stand_in_order() {
    check("f = measure q[0]; if (f) x q[3];", "f = measure q[0]; | if (f) x q[3];");
    check("if (f) x q[3]; f = measure q[0];", "if (f) x q[3]; | f = measure q[0];");
}

#[test]
fn what_has_no_picture_is_a_block_on_the_wires_it_names() {
    check("for int i in [0:1] { h q[2]; }", "«for int i in [0:1] { h q[2]; }»2");
    check(
        "x q[0]; if (c[0]) { x q[1]; } else { z q[2]; }",
        "x q[0]; «if (c[0]) { x q[1]; } else { z q[2]; }»1,2",
    );
    check("gphase(pi); h q[0];", "«gphase(pi);» | h q[0];");
    check("x q[0]; int i = 3; i += 1; h q[1];", "x q[0]; | «int i = 3;» | «i += 1;» | h q[1];");
}

#[test]
fn a_whole_program_comes_back_as_it_was() {
    let text = "\
// teleportation
OPENQASM 3.0;
include \"stdgates.inc\";
include \"ketlab.inc\";

input float[64] theta;

const float[64] eps = 0.1;
gate twist(a) x, y {
  rzz(a) x, y;
}

qubit[2] q;
qubit anc;
bit[2] c;

// prepare
rx(2*theta) q[0];
twist(eps) q[0], q[1];
ctrl @ twist(pi/8) anc, q[0], q[1];
c = measure q;
if (c == 3) z anc;
while (c[0]) {
  reset q[0];
  c[0] = measure q[0];
}
";
    let document = read(text);
    assert_eq!(emit(&document), text);
    assert_eq!(emit(&read(&emit(&document))), text);
}

#[test]
fn openqasm_2_becomes_openqasm_3() {
    let document = read(
        "OPENQASM 2.0;\ninclude \"qelib1.inc\";\ngate foo(t) a,b { u1(t/2^2) a; rzz(ln(t)) a,b; }\n\
         qreg q[2];\ncreg c[2];\nfoo(pi/2) q[0],q[1];\nmeasure q -> c;\nif(c==2) u3(0.1,0.2,0.3) q[1];\n",
    );
    let text = emit(&document);
    assert!(text.contains("gate foo(t) a,b { u1(t/2**2) a; rzz(log(t)) a,b; }"), "{text}");
    assert!(text.contains("include \"ketlab.inc\";"), "{text}");
    assert!(
        text.ends_with(
            "foo(pi/2) q[0], q[1];\nc = measure q;\nif (c == 2) U(0.1, 0.2, 0.3) q[1];\n"
        ),
        "{text}"
    );
    assert_eq!(emit(&read(&text)), text);
}

#[test]
fn a_gate_that_takes_a_standard_name_is_renamed() {
    let text = "OPENQASM 2.0;\ngate cx c,t { CX c,t; }\ngate h a { U(pi/2,0,pi) a; }\nqreg q[2];\nh q[0];\ncx q[0],q[1];\n";
    let again = emit(&read(text));
    assert!(again.contains("gate cx_ c,t { CX c,t; }"), "{again}");
    assert!(again.ends_with("h_ q[0];\ncx_ q[0], q[1];\n"), "{again}");
    read(&again);
}

#[test]
fn comments_stay_beside_what_they_explain() {
    let text = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[2] q;\n// make a pair\nh q[0]; // superpose\n/* link */\ncx q[0], q[1];\n// done\n";
    let document = read(text);
    let comments: Vec<Option<&str>> =
        document.columns.iter().map(|c| c.comment.as_deref()).collect();
    assert_eq!(comments, [Some("make a pair\nsuperpose"), Some("link"), Some("done")]);
}

#[test]
fn definitions_keep_their_order_and_declarations_their_extent() {
    let text = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n\nqubit[2] a;\nbit r;\n\n\
                let both = a[0:1];\nlet first = both[0];\nextern vote(bit[2]) -> bit;\n\
                def go(qubit[2] d) -> bit {\n  return measure d[0];\n}\n\nx a[0];\nr = go(a);\n";
    assert_eq!(emit(&read(text)), text);
}

#[test]
fn names_that_openqasm_3_reserves_are_changed() {
    let text = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\nqreg input[1];\ncreg output[1];\n\
                gate inv a { x a; }\ninv input[0];\nmeasure input -> output;\n";
    let again = emit(&read(text));
    assert!(again.ends_with("inv_ input_[0];\noutput_[0] = measure input_[0];\n"), "{again}");
    read(&again);
}

#[test]
fn aliases_of_gates_bring_their_library() {
    let text =
        "OPENQASM 2.0;\ninclude \"qelib1.inc\";\ngate g a { u(0,0,pi) a; }\nqreg q[1];\ng q[0];\n";
    let document = read(text);
    assert!(emit(&document).contains("ketlab.inc"));
    let alone = emit_with(&document, Options { define_gates: true }).text;
    assert!(alone.contains("gate u(theta, phi, lambda) a { U(theta, phi, lambda) a; }"), "{alone}");
    read(&alone);
}

#[test]
fn classical_programs_without_qubits_are_drawn_in_order() {
    let document = read("OPENQASM 3.0;\nint a = 1;\na = 2;\na = 3;\n");
    assert_eq!(picture(&document), "«a = 2;» | «a = 3;»");
}

#[test]
fn what_is_too_large_is_refused_with_its_size() {
    let text = "OPENQASM 3.0;\nqubit[5000] q;\n";
    let circuit = qasm::compile(text, &qasm::Options::default()).circuit.expect("fine");
    assert_eq!(from_circuit(&circuit, text), Err(ReadError::TooManyQubits(5000)));
}

/// A random operation on four qubits and three bits.
fn operation() -> impl Strategy<Value = Operation> {
    let gate = (
        0..circuit::gate::GATES.len(),
        Just([0_u32, 1, 2, 3, 4]).prop_shuffle(),
        0..4_usize,
        any::<[bool; 5]>(),
        -8..9_i32,
    )
        .prop_map(|(gate, order, extra, on, angle)| {
            let gate = circuit::gate::GATES[gate].gate;
            let spec = gate.spec();
            let qubits: Vec<Qubit> = order[..spec.num_qubits()].iter().map(|&q| Qubit(q)).collect();
            let param = Param::from_value(f64::from(angle) * std::f64::consts::PI / 8.0);
            let mut op = Operation::gate(gate, vec![param; spec.num_params()], &qubits);
            let more = order[spec.num_qubits()..].iter().take(extra);
            let outer = more.map(|&q| Control { qubit: Qubit(q), on: on[q as usize] });
            op.controls = outer.chain(op.controls).collect();
            op.inverse = on[0] && extra == 2;
            op
        });
    let measure = (0..5_u32, 0..4_u32)
        .prop_map(|(q, c)| Operation::measure(Qubit(q), (c < 3).then_some(Clbit(c))));
    let reset = (0..5_u32).prop_map(|q| Operation::reset(Qubit(q)));
    let barrier = proptest::collection::btree_set(0..5_u32, 0..5)
        .prop_map(|s| Operation::barrier(&s.into_iter().map(Qubit).collect::<Vec<_>>()));
    let condition = prop_oneof![
        4 => Just(None),
        1 => (0..3_u32, any::<bool>()).prop_map(|(c, value)| Some(Condition::Bit { clbit: Clbit(c), value })),
        1 => (0..8_u64).prop_map(|value| Some(Condition::Register { register: 0, value })),
    ];
    (prop_oneof![6 => gate, 2 => measure, 1 => reset, 1 => barrier], condition).prop_map(
        |(mut op, condition)| {
            if !matches!(op.what, What::Barrier) {
                op.condition = condition;
            }
            op
        },
    )
}

/// A document with the operations at random places.
fn document() -> impl Strategy<Value = Document> {
    proptest::collection::vec((operation(), 0..12_usize), 0..25).prop_map(|operations| {
        operations.into_iter().fold(Document::new(5, 3), |document, (op, column)| {
            let row = op.qubits().map(|q| q.0).min().unwrap_or(0);
            let fragment = Fragment::single(op);
            let command =
                Command::Insert { fragment, place: Place::At(column), row, assign_bits: false };
            apply(&document, &command).map_or(document, |applied| applied.document)
        })
    })
}

/// Statements of one qubit or bit, in order: what does not change when columns close up.
fn by_wire(document: &Document) -> Vec<Vec<String>> {
    let mut out = vec![Vec::new(); 5];
    for op in document.operations() {
        let text = crate::emit::statement(op, &document.header);
        let full: Vec<Qubit> = (0..5).map(Qubit).collect();
        for q in if op.is_full() { full } else { op.qubits().collect() } {
            out[q.index()].push(text.clone());
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn writing_and_reading_gives_the_same_circuit(document in document()) {
        document.check().expect("commands keep the invariants");
        let again = read(&emit(&document));
        prop_assert_eq!(&document.header, &again.header);
        prop_assert_eq!(by_wire(&document), by_wire(&again));
        // Closed up, it stays as it is.
        let text = emit(&again);
        prop_assert_eq!(emit(&read(&text)), text);
    }

    #[test]
    fn a_program_with_its_own_definitions_reads_alike(document in document()) {
        let text = emit_with(&document, Options { define_gates: true }).text;
        let compiled = qasm::compile(&text, &qasm::Options::default());
        prop_assert!(compiled.circuit.is_some(), "{:?}\n{}", compiled.diagnostics, text);
    }

    #[test]
    fn history_takes_every_command_back(document in document(), gate in 0..circuit::gate::GATES.len(), column in 0..12_usize) {
        let mut history = crate::History::new(document.clone());
        let fragment = Fragment::single(palette_gate(circuit::gate::GATES[gate].gate));
        let command = Command::Insert { fragment, place: Place::At(column), row: 0, assign_bits: true };
        let next = apply(&document, &command).expect("there is room").document;
        history.push(next.clone(), "Place", None);
        prop_assert!(history.undo());
        prop_assert_eq!(history.document(), &document);
        prop_assert!(history.redo());
        prop_assert_eq!(history.document(), &next);
    }
}

#[test]
fn parameters_keep_their_text() {
    let document = read(
        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit q;\nrx(3*pi/4 + 0.1) q;\nrz(1.5e-1) q;\n",
    );
    let texts: Vec<&str> =
        document.operations().flat_map(|op| op.params()).map(|p| &*p.text).collect();
    assert_eq!(texts, ["3*pi/4 + 0.1", "1.5e-1"]);
    assert!(document.operations().all(|op| op.params().iter().all(|p| p.value.is_some())));
    assert!(matches!(document.columns[0].operations[0].what, What::Gate { gate: Gate::Rx, .. }));
}
