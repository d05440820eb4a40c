use super::*;
use crate::command::{Command, Fragment, Place, apply, palette_gate};
use crate::{Clbit, Definition};

fn put(document: &Document, op: Operation) -> Document {
    let row = op.qubits().map(|q| q.0).min().unwrap_or(0);
    let at = Place::Before(document.columns.len());
    let command =
        Command::Insert { fragment: Fragment::single(op), place: at, row, assign_bits: false };
    apply(document, &command).unwrap_or_else(|e| panic!("{e}")).document
}

/// The statements of a circuit of `operations` on five qubits and three bits.
fn check(operations: &[Operation], expected: &[&str]) {
    let document = operations.iter().fold(Document::new(5, 3), |d, op| put(&d, op.clone()));
    let text = emit(&document);
    let body: Vec<&str> = text.lines().skip_while(|l| !l.starts_with("bit")).skip(2).collect();
    assert_eq!(body, expected);
}

fn gate(gate: Gate, qubits: &[u32]) -> Operation {
    let qubits: Vec<Qubit> = qubits.iter().copied().map(Qubit).collect();
    Operation::gate(gate, palette_gate(gate).params().to_vec(), &qubits)
}

#[test]
fn a_program_has_version_registers_and_statements() {
    let document = put(&put(&Document::new(2, 0), gate(Gate::H, &[0])), gate(Gate::Cx, &[0, 1]));
    assert_eq!(
        emit(&document),
        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n\nqubit[2] q;\n\nh q[0];\ncx q[0], q[1];\n"
    );
}

#[test]
fn controls_become_names_or_modifiers() {
    let mut anti = gate(Gate::Ccx, &[0, 1, 2]);
    anti.controls[1].on = false;
    let mut power = gate(Gate::Cx, &[3, 4]);
    power.power = Some(Param { text: "1/2".into(), value: Some(0.5) });
    let mut inverse = gate(Gate::Iswap, &[0, 1]);
    inverse.inverse = true;
    check(
        &[
            gate(Gate::Cx, &[4, 0]),
            gate(Gate::Ccx, &[0, 1, 2]),
            gate(Gate::C3x, &[0, 1, 2, 3]),
            gate(Gate::C4x, &[0, 1, 2, 3, 4]),
            gate(Gate::Csx, &[0, 1]),
            anti,
            power,
            inverse,
            gate(Gate::Cu, &[0, 1]),
            gate(Gate::Cu3, &[0, 1]),
            gate(Gate::Rzz, &[3, 1]),
        ],
        &[
            "cx q[4], q[0];",
            "ccx q[0], q[1], q[2];",
            "ctrl(3) @ x q[0], q[1], q[2], q[3];",
            "ctrl(4) @ x q[0], q[1], q[2], q[3], q[4];",
            "ctrl @ sx q[0], q[1];",
            "ctrl @ negctrl @ x q[0], q[1], q[2];",
            "ctrl @ pow(1.0/2.0) @ x q[3], q[4];",
            "inv @ iswap q[0], q[1];",
            "cu(pi/2, pi/2, pi/2, pi/2) q[0], q[1];",
            "ctrl @ U(pi/2, pi/2, pi/2) q[0], q[1];",
            "rzz(pi/2) q[3], q[1];",
        ],
    );
}

#[test]
fn an_extra_control_stands_outside_those_a_gate_brings() {
    let document = put(&Document::new(3, 0), gate(Gate::Cu, &[1, 2]));
    let id = document.columns[0].operations[0].id;
    let document = apply(&document, &Command::AddControl { id, qubit: Qubit(0), on: false })
        .expect("free")
        .document;
    assert!(emit(&document).ends_with("negctrl @ cu(pi/2, pi/2, pi/2, pi/2) q[0], q[1], q[2];\n"));
}

#[test]
fn measurement_reset_barrier_conditions_and_text() {
    let mut conditional = gate(Gate::X, &[2]);
    conditional.condition = Some(Condition::Bit { clbit: Clbit(1), value: false });
    let mut register = gate(Gate::Z, &[2]);
    register.condition = Some(Condition::Register { register: 0, value: 5 });
    check(
        &[
            Operation::measure(Qubit(1), Some(Clbit(1))),
            Operation::measure(Qubit(1), None),
            Operation::reset(Qubit(1)),
            Operation::barrier(&[Qubit(0), Qubit(2)]),
            Operation::barrier(&[]),
            conditional,
            register,
            Operation::text("for int i in [0:3] {\n  h q[i];\n}", &[], &[]),
        ],
        &[
            "c[1] = measure q[1];",
            "measure q[1];",
            "reset q[1];",
            "barrier q[0], q[2];",
            "barrier;",
            "if (!c[1]) x q[2];",
            "if (c == 5) z q[2];",
            "for int i in [0:3] {",
            "  h q[i];",
            "}",
        ],
    );
}

#[test]
fn a_whole_register_is_measured_in_one_line() {
    let mut document = Document::new(3, 3);
    for i in 0..3 {
        let command = Command::Insert {
            fragment: Fragment::single(Operation::measure(Qubit(i), Some(Clbit(i)))),
            place: Place::At(0),
            row: i,
            assign_bits: false,
        };
        document = apply(&document, &command).expect("room").document;
    }
    let emitted = emit_with(&document, Options::default());
    assert!(emitted.text.ends_with("\nc = measure q;\n"), "{}", emitted.text);
    assert_eq!(emitted.spans.len(), 3);
    assert_eq!(&emitted.text[emitted.spans[1].1.clone()], "c = measure q;");
}

#[test]
fn places_of_statements_are_known() {
    let document = put(&put(&Document::new(2, 0), gate(Gate::H, &[0])), gate(Gate::Cx, &[0, 1]));
    let emitted = emit_with(&document, Options::default());
    let id = document.columns[1].operations[0].id;
    let span = emitted.span_of(id).expect("it is there");
    assert_eq!(&emitted.text[span.clone()], "cx q[0], q[1];");
    assert_eq!(emitted.operation_at(span.start + 3), Some(id));
    assert_eq!(emitted.operation_at(0), None);
}

#[test]
fn parameters_comments_and_definitions_are_declared() {
    let mut header = Header { qubits: vec![Register::scalar("anc")], ..Header::default() };
    header.definitions.push(
        Definition {
            name: "twice".into(),
            num_params: 0,
            num_qubits: 1,
            text: "gate twice a { x a; x a; }".into(),
            late: false,
            body: None,
        }
        .into(),
    );
    let mut document =
        put(&Document::from_header(header), Operation::call("twice", Vec::new(), &[Qubit(0)]));
    let id = put(&document, gate(Gate::Rx, &[0])).columns[1].operations[0].id;
    document = put(&document, gate(Gate::Rx, &[0]));
    document = apply(&document, &Command::SetParams { id, texts: vec!["2*theta^2".into()] })
        .expect("fine")
        .document;
    document = apply(&document, &Command::SetComment { column: 1, text: "turn\nhere".into() })
        .expect("fine")
        .document;
    assert_eq!(
        emit(&document),
        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n\ninput float[64] theta;\n\ngate twice a { x a; x a; }\n\n\
         qubit anc;\n\ntwice anc;\n// turn\n// here\nrx(2*theta**2) anc;\n"
    );
}

#[test]
fn gates_beyond_the_standard_library_can_be_defined_with_what_they_need() {
    let document = put(&Document::new(2, 0), gate(Gate::SqrtIswap, &[0, 1]));
    let text = emit_with(&document, Options { define_gates: true }).text;
    let at = |needle: &str| text.find(needle).unwrap_or_else(|| panic!("{needle} in {text}"));
    assert!(at("gate rzz(theta) a, b") < at("gate rxx(theta) a, b"));
    assert!(at("gate ryy(theta) a, b") < at("gate siswap a, b {"));
    assert!(!text.contains("gate cx"));
}
