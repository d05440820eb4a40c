//! Gates that only an annotation can say.

use circuit::{BlockGate, Circuit, GateRef, QubitExprKind, Statement, StatementKind, VarRef};

use crate::emit::expr::{float, plain_float};

/// The gate that a definition consists of, where only an annotation can say it.
pub(super) fn special_gate(circuit: &Circuit, i: usize) -> Option<&GateRef> {
    let g = &circuit.gates[i];
    let [Statement { kind: StatementKind::Gate(call), .. }] =
        g.body.as_ref()?.statements.as_slice()
    else {
        return None;
    };
    let in_order = call.operands.len() == g.qubits.len()
        && (0..).zip(&call.operands).all(|(i, q)| q.kind == QubitExprKind::Argument(i));
    let params_in_order = call.params.len() == g.params.len()
        && (0..)
            .zip(&call.params)
            .all(|(i, p)| p.kind == circuit::ExprKind::Variable(VarRef::Local(i)));
    let special =
        !matches!(call.gate, GateRef::Table(_) | GateRef::GlobalPhase | GateRef::Custom(_));
    (special && in_order && params_in_order && call.modifiers.is_empty()).then_some(&call.gate)
}

/// `annotation#qubits`; equal for equal gates.
pub(super) fn special_key(gate: &GateRef, qubits: usize) -> String {
    let text = match gate {
        GateRef::Unitary(m) => format!("unitary {}", matrix(m)),
        GateRef::Diagonal(d) => format!("diagonal {}", complex_list(d)),
        GateRef::Permutation(p) => {
            format!(
                "permutation {{{}}}",
                p.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
            )
        }
        GateRef::PauliRotation(p) => {
            // Written highest qubit first, as everywhere.
            let letters: String = p
                .iter()
                .rev()
                .map(|p| match p {
                    None => 'I',
                    Some(circuit::Pauli::X) => 'X',
                    Some(circuit::Pauli::Y) => 'Y',
                    Some(circuit::Pauli::Z) => 'Z',
                })
                .collect();
            format!("pauli_rotation {letters}")
        }
        GateRef::Prepare(a) => format!("prepare {}", complex_list(a)),
        GateRef::Block(b) => block(b),
        GateRef::Table(_) | GateRef::GlobalPhase | GateRef::Custom(_) => String::new(),
    };
    format!("{text}#{qubits}")
}

pub(super) fn split_key(key: &str) -> (usize, &str) {
    let (text, qubits) = key.rsplit_once('#').unwrap_or((key, "1"));
    (qubits.parse().unwrap_or(1), text)
}

fn block(b: &BlockGate) -> String {
    match *b {
        BlockGate::Qft { .. } => "block qft".to_owned(),
        BlockGate::PhaseGradient { .. } => "block phase_gradient".to_owned(),
        BlockGate::Increment { amount, .. } => format!("block increment({amount})"),
        BlockGate::Add { split, .. } => format!("block add({split})"),
        BlockGate::Multiply { factor, .. } => format!("block multiply({factor})"),
        BlockGate::ModularIncrement { amount, modulus, .. } => {
            format!("block modular_increment({amount}, {modulus})")
        }
        BlockGate::ModularMultiply { factor, modulus, .. } => {
            format!("block modular_multiply({factor}, {modulus})")
        }
        BlockGate::MultiplyAdd { split, factor, .. } => {
            format!("block multiply_add({split}, {factor})")
        }
        BlockGate::Xor { .. } => "block xor".to_owned(),
        BlockGate::Reverse { .. } => "block reverse".to_owned(),
        BlockGate::Rotate { amount, .. } => format!("block rotate({amount})"),
        BlockGate::SignIfLess { split, .. } => format!("block sign_if_less({split})"),
    }
}

pub(super) fn matrix(m: &circuit::Matrix) -> String {
    let rows: Vec<String> = m.entries().chunks(m.dim()).map(complex_list).collect();
    format!("{{{}}}", rows.join(", "))
}

fn complex_list(list: &[num_complex::Complex64]) -> String {
    let items: Vec<String> = list
        .iter()
        .map(|c| match (c.re, c.im) {
            (re, 0.0) => float(re),
            (0.0, im) => format!("{}im", plain_float(im)),
            (re, im) if im < 0.0 => format!("{} - {}im", plain_float(re), plain_float(-im)),
            (re, im) => format!("{} + {}im", plain_float(re), plain_float(im)),
        })
        .collect();
    format!("{{{}}}", items.join(", "))
}
