use super::*;
use crate::emit::emit;
use crate::{Control, expr};

/// A circuit from lines such as `h 0`, `cx 0 1`, `measure 2`, each in a column of its own unless a
/// line holds several, separated by `;`.
fn circuit(qubits: u32, lines: &[&str]) -> Document {
    let mut document = Document::new(qubits, 0);
    for (column, line) in lines.iter().enumerate() {
        for part in line.split(';') {
            let mut words = part.split_whitespace();
            let name = words.next().expect("a name");
            let qubits: Vec<Qubit> = words.map(|w| Qubit(w.parse().expect("a qubit"))).collect();
            let op = match name {
                "measure" => Operation::measure(qubits[0], None),
                "reset" => Operation::reset(qubits[0]),
                "barrier" => Operation::barrier(&qubits),
                "text" => Operation::text("h q[0];", &qubits, &[]),
                name => {
                    let gate = Gate::by_name(name).expect("a gate");
                    Operation::gate(gate, palette_gate(gate).params().to_vec(), &qubits)
                }
            };
            let row = op.qubits().map(|q| q.0).min().unwrap_or(0);
            let fragment = Fragment::single(op);
            document = done(
                &document,
                &Command::Insert { fragment, place: Place::At(column), row, assign_bits: true },
            );
        }
    }
    document
}

fn done(document: &Document, command: &Command) -> Document {
    let applied = apply(document, command).unwrap_or_else(|e| panic!("{command:?}: {e}"));
    applied.document.check().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    applied.document
}

/// The statements, columns separated by `|`, empty columns as nothing.
fn picture(document: &Document) -> String {
    let columns: Vec<String> = document
        .columns
        .iter()
        .map(|c| {
            let parts: Vec<String> = c
                .operations
                .iter()
                .map(|op| crate::emit::statement(op, &document.header).replace("; ", ";"))
                .collect();
            parts.join(" ")
        })
        .collect();
    columns.join(" | ")
}

fn check(document: &Document, command: &Command, expected: &str) -> Document {
    let document = done(document, command);
    assert_eq!(picture(&document), expected, "{command:?}");
    document
}

fn check_refused(document: &Document, command: &Command, expected: &EditError) {
    assert_eq!(apply(document, command).as_ref(), Err(expected), "{command:?}");
}

fn id(document: &Document, column: usize, row: u32) -> OpId {
    document.at(column, row).expect("something is there").id
}

fn insert_at(op: Operation, place: Place, row: u32) -> Command {
    Command::Insert { fragment: Fragment::single(op), place, row, assign_bits: true }
}

#[test]
fn a_gate_goes_into_a_free_cell_or_opens_a_column() {
    let document = circuit(2, &["h 0"]);
    let x = || palette_gate(Gate::X);
    check(&document, &insert_at(x(), Place::At(0), 1), "h q[0]; x q[1];");
    check(&document, &insert_at(x(), Place::At(0), 0), "x q[0]; | h q[0];");
    check(&document, &insert_at(x(), Place::Before(0), 1), "x q[1]; | h q[0];");
    check(&document, &insert_at(x(), Place::At(3), 0), "h q[0]; |  |  | x q[0];");
}

#[test]
fn wires_are_added_for_what_reaches_below_the_last_one() {
    let document = Document::new(2, 0);
    let grown = check(
        &document,
        &insert_at(palette_gate(Gate::Ccx), Place::At(0), 1),
        "ccx q[1], q[2], q[3];",
    );
    assert_eq!(grown.num_qubits(), 4);
    check_refused(
        &document,
        &insert_at(palette_gate(Gate::X), Place::At(0), 3),
        &EditError::BelowBottom(2),
    );
    let huge = Operation::gate(Gate::Cx, Vec::new(), &[Qubit(0), Qubit(u32::MAX - 1)]);
    check_refused(&document, &insert_at(huge, Place::At(0), 0), &EditError::TooManyQubits);
}

#[test]
fn measurements_get_the_bit_of_their_qubit() {
    let document = circuit(3, &["measure 1"]);
    assert_eq!(document.num_clbits(), 3);
    assert_eq!(picture(&document), "c[1] = measure q[1];");
}

#[test]
fn two_measurements_into_one_bit_do_not_share_a_column() {
    let document = circuit(2, &["measure 0"]);
    let other = Operation::measure(Qubit(1), Some(Clbit(0)));
    check(
        &document,
        &insert_at(other, Place::At(0), 1),
        "c[0] = measure q[1]; | c[0] = measure q[0];",
    );
}

#[test]
fn moving_within_the_grid_leaves_a_gap_and_between_columns_does_not() {
    let document = circuit(2, &["h 0", "x 0", "y 0"]);
    let ids = vec![id(&document, 0, 0)];
    let to = |place, rows| Command::Move { ids: ids.clone(), place, rows };
    check(&document, &to(Place::At(1), 1), " | x q[0]; h q[1]; | y q[0];");
    check(&document, &to(Place::Before(2), 0), "x q[0]; | h q[0]; | y q[0];");
    check(&document, &to(Place::Before(3), 0), "x q[0]; | y q[0]; | h q[0];");
    check(&document, &to(Place::At(0), 0), "h q[0]; | x q[0]; | y q[0];");
    check_refused(&document, &to(Place::At(0), -1), &EditError::AboveTop);
    check_refused(&document, &to(Place::At(0), 9), &EditError::BelowBottom(2));
}

#[test]
fn a_group_moves_together_and_keeps_its_identifiers() {
    let document = circuit(3, &["h 0", "cx 0 1", "x 2"]);
    let ids = vec![id(&document, 0, 0), id(&document, 1, 0)];
    let command = Command::Move { ids: ids.clone(), place: Place::At(3), rows: 1 };
    let moved = check(&document, &command, " |  | x q[2]; | h q[1]; | cx q[1], q[2];");
    assert_eq!(vec![id(&moved, 3, 1), id(&moved, 4, 1)], ids);
}

#[test]
fn deleting_keeps_the_place_of_the_rest() {
    let document = circuit(2, &["h 0", "x 0", "y 0"]);
    check(&document, &Command::Delete { ids: vec![id(&document, 1, 0)] }, "h q[0]; |  | y q[0];");
    check(&document, &Command::Delete { ids: vec![id(&document, 2, 0)] }, "h q[0]; | x q[0];");
    check_refused(&document, &Command::Delete { ids: Vec::new() }, &EditError::Nothing);
}

#[test]
fn repeating_appends_copies() {
    let document = circuit(2, &["h 0", "cx 0 1", "z 1"]);
    let ids = vec![id(&document, 0, 0), id(&document, 1, 0)];
    check(
        &document,
        &Command::Repeat { ids, times: 2 },
        "h q[0]; | cx q[0], q[1]; | h q[0]; | cx q[0], q[1]; | h q[0]; | cx q[0], q[1]; | z q[1];",
    );
}

#[test]
fn controls_are_added_toggled_moved_and_removed() {
    let document = circuit(4, &["x 1; h 3"]);
    let gate = id(&document, 0, 1);
    let one = check(
        &document,
        &Command::AddControl { id: gate, qubit: Qubit(0), on: true },
        "cx q[0], q[1]; h q[3];",
    );
    let anti = check(
        &one,
        &Command::ToggleControl { id: gate, qubit: Qubit(0) },
        "negctrl @ x q[0], q[1]; h q[3];",
    );
    check(
        &anti,
        &Command::Rewire { id: gate, from: Qubit(0), to: Qubit(2) },
        "negctrl @ x q[2], q[1]; h q[3];",
    );
    check(
        &one,
        &Command::Rewire { id: gate, from: Qubit(0), to: Qubit(1) },
        "cx q[1], q[0]; h q[3];",
    );
    check(&one, &Command::RemoveControl { id: gate, qubit: Qubit(0) }, "x q[1]; h q[3];");
    // Where its line would run through another gate, it moves to a column of its own.
    check(
        &document,
        &Command::AddControl { id: gate, qubit: Qubit(3), on: true },
        "h q[3]; | cx q[3], q[1];",
    );
    check_refused(
        &document,
        &Command::AddControl { id: gate, qubit: Qubit(1), on: true },
        &EditError::QubitInUse("q[1]".into()),
    );
    let measure = circuit(2, &["measure 0"]);
    check_refused(
        &measure,
        &Command::AddControl { id: id(&measure, 0, 0), qubit: Qubit(1), on: true },
        &EditError::NoControls("measure".into()),
    );
}

#[test]
fn the_phase_of_cu_goes_with_its_control() {
    let document = circuit(2, &["cu 0 1"]);
    let gate = id(&document, 0, 0);
    check(
        &document,
        &Command::RemoveControl { id: gate, qubit: Qubit(0) },
        "U(pi/2, pi/2, pi/2) q[1];",
    );
}

#[test]
fn expressions_are_read_and_new_names_become_parameters() {
    let document = circuit(1, &["rx 0"]);
    let gate = id(&document, 0, 0);
    let set = |text: &str| Command::SetParams { id: gate, texts: vec![text.into()] };
    let named = check(&document, &set("2*theta + π/4"), "rx(2*theta + pi/4) q[0];");
    assert_eq!(named.inputs().collect::<Vec<_>>(), [("theta", 0.0)]);
    let tuned = done(&named, &Command::SetParameter { name: "theta".into(), value: 1.0 });
    let value = tuned.at(0, 0).expect("rx").params()[0].value.expect("a value");
    assert!((value - 2.0 - std::f64::consts::FRAC_PI_4).abs() < 1e-12);
    check_refused(
        &document,
        &set("2 *"),
        &EditError::Expression { index: 1, error: expr::ExprError::End },
    );
    check_refused(&document, &set("measure"), &EditError::ReservedName("measure".into()));
    check_refused(
        &tuned,
        &Command::RemoveParameter { name: "theta".into() },
        &EditError::ParameterInUse { name: "theta".into(), column: 1 },
    );
    let renamed = Command::RenameParameter { from: "theta".into(), to: "angle_1".into() };
    check(&tuned, &renamed, "rx(2*angle_1 + pi/4) q[0];");
}

#[test]
fn wires_are_added_removed_and_moved_with_what_is_on_them() {
    let document = circuit(3, &["h 0", "cx 0 2", "x 1"]);
    check(&document, &Command::AddQubit { at: 1 }, "h q[0]; | cx q[0], q[3]; | x q[2];");
    check(&document, &Command::RemoveQubit { at: 1 }, "h q[0]; | cx q[0], q[1];");
    check(&document, &Command::RemoveQubit { at: 0 }, " |  | x q[0];");
    check(&document, &Command::MoveQubit { from: 0, to: 2 }, "h q[2]; | cx q[2], q[1]; | x q[0];");
    check_refused(&Document::new(1, 0), &Command::RemoveQubit { at: 0 }, &EditError::LastQubit);
    check_refused(&document, &Command::RemoveQubit { at: 3 }, &EditError::BelowBottom(3));
}

#[test]
fn a_moved_wire_splits_columns_that_would_cross() {
    let document = circuit(4, &["cx 0 1; cx 2 3"]);
    check(&document, &Command::MoveQubit { from: 0, to: 2 }, "cx q[2], q[0]; | cx q[1], q[3];");
}

#[test]
fn wires_and_registers_are_renamed() {
    let document = circuit(3, &["h 0; x 1; y 2"]);
    check(
        &document,
        &Command::RenameQubits { register: 0, name: "data".into() },
        "h data[0]; x data[1]; y data[2];",
    );
    check(&document, &Command::NameQubit { at: 1, name: "anc".into() }, "h q[0]; x anc; y q2[0];");
    check_refused(
        &document,
        &Command::RenameQubits { register: 0, name: "cx".into() },
        &EditError::NameTaken("cx".into()),
    );
    check_refused(
        &document,
        &Command::RenameQubits { register: 0, name: "2q".into() },
        &EditError::BadName("2q".into()),
    );
}

#[test]
fn text_blocks_are_pasted_only_where_they_act() {
    let document = circuit(3, &["text 0"]);
    let ids: Vec<OpId> = document.operations().map(|op| op.id).collect();
    let (fragment, row) = Fragment::copy(&document, &ids).expect("something is chosen");
    let paste = |row| Command::Insert {
        fragment: fragment.clone(),
        place: Place::At(2),
        row,
        assign_bits: false,
    };
    assert_eq!(done(&document, &paste(row)).operations().count(), 2);
    let error = EditError::TextNames { register: "q".into(), column: 3 };
    check_refused(&document, &paste(row + 1), &error);
}

#[test]
fn text_blocks_follow_names_and_guard_numbers() {
    let document = circuit(2, &["text"]);
    check(&document, &Command::RenameQubits { register: 0, name: "reg".into() }, "h reg[0];");
    let error = EditError::TextNames { register: "q".into(), column: 1 };
    check_refused(&document, &Command::MoveQubit { from: 0, to: 1 }, &error);
    check_refused(&document, &Command::RemoveQubit { at: 1 }, &error);
    // A new wire at the end starts a register of its own, so that the text means what it meant.
    assert!(
        emit(&done(&document, &Command::AddQubit { at: 2 })).contains("qubit[2] q;\nqubit[1] q2;")
    );
}

#[test]
fn classical_registers_are_guarded_by_conditions() {
    let mut document = circuit(2, &["measure 0", "x 1"]);
    let gate = id(&document, 1, 1);
    let condition = Some(Condition::Bit { clbit: Clbit(1), value: true });
    document = check(
        &document,
        &Command::SetCondition { id: gate, condition },
        "c[0] = measure q[0]; | if (c[1]) x q[1];",
    );
    check_refused(
        &document,
        &Command::RemoveClbits { register: 0 },
        &EditError::ConditionNames { register: "c".into(), column: 2 },
    );
    document = done(&document, &Command::AddClbits { register: Register::scalar("flag") });
    let condition = Some(Condition::Bit { clbit: Clbit(2), value: false });
    document = done(&document, &Command::SetCondition { id: gate, condition });
    let document = done(&document, &Command::RemoveClbits { register: 0 });
    assert_eq!(picture(&document), "measure q[0]; | if (!flag) x q[1];");
}

#[test]
fn a_condition_and_the_measurement_it_reads_do_not_share_a_column() {
    let document = circuit(2, &["measure 0; x 1"]);
    let gate = id(&document, 0, 1);
    let condition = Some(Condition::Register { register: 0, value: 1 });
    check(
        &document,
        &Command::SetCondition { id: gate, condition },
        "c[0] = measure q[0]; | if (c == 1) x q[1];",
    );
}

#[test]
fn columns_are_inserted_removed_and_closed_up() {
    let document = circuit(2, &["h 0", "x 1", "z 0"]);
    check(&document, &Command::InsertColumn { at: 1 }, "h q[0]; |  | x q[1]; | z q[0];");
    check(&document, &Command::RemoveColumn { at: 1 }, "h q[0]; | z q[0];");
    check(&document, &Command::MoveColumn { from: 0, to: 2 }, "x q[1]; | z q[0]; | h q[0];");
    check(&document, &Command::Compact, "h q[0]; x q[1]; | z q[0];");
}

#[test]
fn a_selection_becomes_a_gate_and_comes_apart_again() {
    let document = circuit(3, &["h 2", "cx 2 0", "rz 0"]);
    let rz = id(&document, 2, 0);
    let document = done(&document, &Command::SetParams { id: rz, texts: vec!["theta/2".into()] });
    let ids: Vec<OpId> = document.operations().map(|op| op.id).collect();
    let grouped =
        check(&document, &Command::Group { ids, name: "kick".into() }, "kick(theta) q[0], q[2];");
    assert_eq!(
        &*grouped.header.definitions[0].text,
        "gate kick(theta) q0, q1 {\n  h q1;\n  cx q1, q0;\n  rz(theta/2) q0;\n}"
    );
    let call = id(&grouped, 0, 0);
    let set = done(&grouped, &Command::SetParams { id: call, texts: vec!["pi + 1".into()] });
    check(&set, &Command::Ungroup { id: call }, "h q[2]; | cx q[2], q[0]; | rz((pi + 1)/2) q[0];");
}

#[test]
fn grouping_keeps_the_order_of_what_stands_between() {
    // `z 1` follows the chosen `h 1` and `y 0` precedes the chosen `x 0`.
    let document = circuit(2, &["h 1; y 0", "z 1; x 0"]);
    let ids = vec![id(&document, 0, 1), id(&document, 1, 0)];
    check(
        &document,
        &Command::Group { ids, name: "g".into() },
        "y q[0]; | g q[0], q[1]; | z q[1];",
    );
    let trapped = circuit(2, &["h 0", "cx 0 1", "x 1"]);
    let ids = vec![id(&trapped, 0, 0), id(&trapped, 2, 1)];
    check_refused(&trapped, &Command::Group { ids, name: "g".into() }, &EditError::Between);
    let measured = circuit(1, &["measure 0"]);
    let ids = vec![id(&measured, 0, 0)];
    check_refused(&measured, &Command::Group { ids, name: "g".into() }, &EditError::NotUnitary);
}

#[test]
fn an_ungrouped_gate_hands_its_controls_on() {
    let document = circuit(3, &["h 1; x 2"]);
    let ids: Vec<OpId> = document.operations().map(|op| op.id).collect();
    let grouped = done(&document, &Command::Group { ids, name: "g".into() });
    let call = id(&grouped, 0, 1);
    let controlled = done(&grouped, &Command::AddControl { id: call, qubit: Qubit(0), on: false });
    check(
        &controlled,
        &Command::Ungroup { id: call },
        "negctrl @ h q[0], q[1]; | negctrl @ x q[0], q[2];",
    );
}

#[test]
fn a_gate_is_exchanged_for_another_of_its_width() {
    let document = circuit(2, &["cx 0 1"]);
    let gate = id(&document, 0, 0);
    check(&document, &Command::SetGate { id: gate, gate: Gate::Ry }, "cry(pi/2) q[0], q[1];");
    check_refused(
        &document,
        &Command::SetGate { id: gate, gate: Gate::Swap },
        &EditError::GateWidth { gate: "swap", needed: 2, given: 2 },
    );
}

#[test]
fn a_refused_part_refuses_the_whole() {
    let document = circuit(2, &["h 0"]);
    let commands = vec![Command::AddQubit { at: 2 }, Command::AddQubit { at: 99 }];
    check_refused(&document, &Command::All(commands), &EditError::BelowBottom(3));
}

#[test]
fn the_same_control_on_both_sides_is_invalid() {
    let mut op = palette_gate(Gate::X);
    op.controls.push(Control { qubit: Qubit(0), on: true });
    let document = Document::new(1, 0);
    let expected = EditError::Invalid(crate::document::Invalid::SameQubit {
        name: "x".into(),
        qubit: "q[0]".into(),
    });
    check_refused(&document, &insert_at(op, Place::At(0), 0), &expected);
}
