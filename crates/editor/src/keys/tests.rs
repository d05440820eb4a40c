use super::*;
use crate::command::apply;
use crate::emit::emit;

fn press(key: &str) -> Press {
    let upper = key.len() == 1 && key.chars().all(char::is_uppercase);
    Press { key: key.into(), shift: upper, ..Press::default() }
}

/// Types keys, each let go before the next; `c-x` is `x` while `c` is held. Gives the statements.
fn check(qubits: u32, typed: &[&str], expected: &str) -> (Document, Selection) {
    let (mut document, mut selection, mut keyboard) =
        (Document::new(qubits, 0), Selection::default(), Keyboard::default());
    for word in typed {
        let parts: Vec<&str> = if word.len() > 1 && !word.contains("Arrow") {
            word.split('-').collect()
        } else {
            vec![word]
        };
        let mut actions: Vec<Action> =
            parts.iter().filter_map(|k| keyboard.down(&press(k), false)).collect();
        actions.extend(parts.iter().rev().filter_map(|k| keyboard.up(&press(k))));
        for action in actions {
            match perform(action, &document, &selection) {
                Outcome::Do { command, then, touched } => {
                    let applied =
                        apply(&document, &command).unwrap_or_else(|e| panic!("{word}: {e}"));
                    document = applied.document;
                    selection = if touched { then.with(applied.touched) } else { then };
                }
                Outcome::Select(next) => selection = next,
                Outcome::Nothing | Outcome::Page(_) => {}
            }
        }
    }
    let text = emit(&document);
    let statements =
        text.lines().skip(3).filter(|l| !l.is_empty() && !l.contains("bit")).collect::<Vec<_>>();
    assert_eq!(statements.join(" "), expected, "{typed:?}");
    (document, selection)
}

#[test]
fn letters_write_gates_and_the_caret_goes_on() {
    let (document, selection) =
        check(1, &["h", "x", "S", "t"], "h q[0]; x q[0]; sdg q[0]; t q[0];");
    assert_eq!((document.columns.len(), selection.caret.column), (4, 4));
}

#[test]
fn held_letters_are_adjectives_and_act_alone_when_let_go() {
    check(2, &["c-x"], "cx q[0], q[1];");
    check(1, &["s-x", "s-Y", "r-z"], "sx q[0]; sydg q[0]; rz(pi/2) q[0];");
    check(1, &["s", "r"], "s q[0]; reset q[0];");
}

#[test]
fn a_control_goes_to_the_gate_in_the_column() {
    let down = "ArrowDown";
    check(3, &["x", "ArrowLeft", down, "c", down, "o"], "negctrl @ ctrl @ x q[2], q[1], q[0];");
    check(2, &["x", "ArrowLeft", down, "c", "c"], "x q[0];");
    check(2, &["x", "ArrowLeft", down, "c", "o"], "negctrl @ x q[1], q[0];");
}

#[test]
fn the_last_wire_takes_gates_on_two_wires_without_growing() {
    let (document, _) = check(2, &["ArrowDown", "w"], "swap q[0], q[1];");
    assert_eq!(document.num_qubits(), 2);
}

#[test]
fn delete_takes_what_is_under_the_caret() {
    check(1, &["h", "x", "ArrowLeft", "Delete"], "h q[0];");
}

#[test]
fn inverting_prefers_a_gate_of_its_own() {
    check(1, &["t", "ArrowLeft", "'"], "tdg q[0];");
    check(1, &["r-x", "ArrowLeft", "'"], "inv @ rx(pi/2) q[0];");
    check(1, &["h", "ArrowLeft", "'"], "h q[0];");
}

#[test]
fn no_two_lines_share_a_key() {
    let mut seen = std::collections::BTreeSet::new();
    for binding in BINDINGS {
        for key in binding.keys {
            assert!(seen.insert(*key), "{key}");
        }
    }
}

#[test]
fn every_single_key_of_the_table_does_what_it_says() {
    for binding in BINDINGS {
        for key in binding.keys.iter().filter(|k| !k.contains(' ')) {
            let mut rest = *key;
            let mut press = Press::default();
            while let Some((modifier, tail)) =
                rest.split_once('+').filter(|(m, t)| !m.is_empty() && !t.is_empty())
            {
                match modifier {
                    "Mod" => press.command = true,
                    "Shift" => press.shift = true,
                    other => panic!("{other}"),
                }
                rest = tail;
            }
            press.key = rest.to_owned();
            let mut keyboard = Keyboard::default();
            let action = keyboard.down(&press, false).or_else(|| keyboard.up(&press));
            assert_eq!(action, Some(binding.action), "{key}");
        }
    }
}
