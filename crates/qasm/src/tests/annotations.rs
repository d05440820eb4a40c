//! `@ketlab.…`: read, checked, and written back.

use circuit::{BlockGate, GateRef, NoiseRef, StatementKind};

use crate::{Options, compile, emit3};

fn gate_of(text: &str) -> Result<GateRef, String> {
    let compiled = compile(text, &Options::default());
    let Some(c) = compiled.circuit else {
        return Err(compiled.diagnostics.iter().find(|d| d.is_error()).unwrap().message.clone());
    };
    // What is written is read as the same.
    let again = emit3(&c);
    let second = compile(&again, &Options::default());
    assert_eq!(
        second.circuit.map(|c| emit3(&c)).as_deref(),
        Some(again.as_str()),
        "{:?}",
        second.diagnostics
    );
    let call = |s: &circuit::Statement| match &s.kind {
        StatementKind::Gate(call) => call.gate.clone(),
        other => panic!("{other:?}"),
    };
    match c.gates.first().and_then(|g| g.body.as_ref()) {
        Some(body) => Ok(call(&body.statements[0])),
        None => Ok(call(&c.body.statements[0])),
    }
}

fn accepted(annotation: &str, gate: &str) -> GateRef {
    gate_of(&format!("@ketlab.{annotation}\ngate {gate} {{ }}\n")).unwrap()
}

fn refused(annotation: &str, gate: &str, message: &str) {
    let e = gate_of(&format!("@ketlab.{annotation}\ngate {gate} {{ }}\n")).unwrap_err();
    assert!(e.contains(message), "{e}");
}

#[test]
fn a_gate_is_given_by_its_entries() {
    assert!(
        matches!(accepted("unitary {{0, 1}, {1, 0}}", "g a"), GateRef::Unitary(m) if m.dim() == 2)
    );
    assert!(
        matches!(accepted("diagonal {1, -1, 1im, sqrt(0.5) - sqrt(0.5)*1im}", "g a, b"), GateRef::Diagonal(d) if d.len() == 4)
    );
    assert!(
        matches!(accepted("permutation {0, 2, 1, 3}", "g a, b"), GateRef::Permutation(p) if *p == [0, 2, 1, 3])
    );
    assert!(matches!(
        accepted("prepare {sqrt(0.5), 0, 0, sqrt(0.5)}", "g a, b"),
        GateRef::Prepare(_)
    ));
    assert!(
        matches!(accepted("pauli_rotation XIZ", "g(t) a, b, c"), GateRef::PauliRotation(p) if p[0] == Some(circuit::Pauli::Z))
    );
    refused("unitary {{1, 1}, {1, 0}}", "g a", "not unitary");
    refused("unitary {{0, 1}, {1, 0}}", "g a, b", "4 rows");
    refused("unitary {{0, 1}, {1, 0}}", "g(t) a", "0 parameters");
    refused("diagonal {1, 2}", "g a", "modulus 1");
    refused("permutation {0, 0}", "g a", "twice");
    refused("permutation {0, 9}", "g a", "out of range");
    refused("prepare {1, 1}", "g a", "add up");
    refused("pauli_rotation XQ", "g(t) a, b", "Pauli string");
    refused("unitry {{0, 1}, {1, 0}}", "g a", "did you mean `unitary`");
    refused("unitary {{0, 1}, {1, 0}", "g a", "expected");
}

#[test]
fn blocks_are_named_with_their_numbers() {
    assert_eq!(
        accepted("block qft", "g a, b, c"),
        GateRef::Block(BlockGate::Qft { num_qubits: 3 })
    );
    let expected = BlockGate::ModularMultiply { num_qubits: 4, factor: 7, modulus: 15 };
    assert_eq!(accepted("block modular_multiply(7, 15)", "g a, b, c, d"), GateRef::Block(expected));
    refused("block modular_multiply(5, 15)", "g a, b, c, d", "not a block");
    refused("block add(9)", "g a, b", "not a block");
}

#[test]
fn a_gate_of_the_table_is_known_by_its_annotation() {
    let text = "include \"stdgates.inc\";\n@ketlab.gate iswap\ngate mine a, b { x a; }\nqubit[2] q;\nmine q[0], q[1];\n";
    assert_eq!(gate_of(text), Ok(GateRef::Table(circuit::Gate::Iswap)));
    refused("gate iswap", "g a", "2 qubits");
    refused("gate nothing", "g a", "no gate `nothing`");
}

#[test]
fn noise_and_post_selection_stand_on_a_barrier() {
    let text = "qubit[2] q;\n@ketlab.noise depolarizing(0.1)\nbarrier q[0], q[1];\n@ketlab.postselect 1\nbarrier q[0];\n@ketlab.noise kraus({{1, 0}, {0, sqrt(0.5)}}, {{0, sqrt(0.5)}, {0, 0}})\nbarrier q[1];\n";
    let compiled = compile(text, &Options::default());
    let c = compiled.circuit.unwrap();
    let kinds: Vec<_> = c.body.statements.iter().map(|s| &s.kind).collect();
    assert!(
        matches!(kinds[0], StatementKind::Noise(n) if n.channel == NoiseRef::Depolarizing && n.operands.len() == 2)
    );
    assert!(matches!(kinds[1], StatementKind::Postselect { .. }));
    assert!(matches!(kinds[2], StatementKind::Noise(n) if matches!(n.channel, NoiseRef::Kraus(_))));
    let again = emit3(&c);
    let second = compile(&again, &Options::default()).circuit.unwrap();
    assert_eq!(emit3(&second), again);
    let wrong =
        compile("qubit q;\n@ketlab.noise bit_flip(0.1, 0.2)\nbarrier q;\n", &Options::default());
    assert!(wrong.circuit.is_none());
}

#[test]
fn annotations_of_others_are_kept() {
    let text = "qubit q;\n@other  thing 1\nU(0.1, 0.2, 0.3) q;\n";
    let c = compile(text, &Options::default()).circuit.unwrap();
    let a = c.body.statements[0].annotations.as_ref().unwrap();
    assert_eq!((a[0].keyword.as_str(), a[0].content.as_str()), ("other", "thing 1"));
    assert!(emit3(&c).contains("@other thing 1\n"));
}
