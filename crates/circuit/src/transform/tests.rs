//! Transformations against dense matrices, on random circuits.

use std::collections::BTreeMap;

use proptest::prelude::*;
use quantum_info::Matrix;

use super::*;
use crate::builder::{self, CircuitBuilder};
use crate::classical::Scalar;
use crate::dense::matrix_of;
use crate::gate::GATES;
use crate::{Flat, Instruction, Limits, Machine, Program, Step};

const ATOL: f64 = 1e-9;

fn flat(circuit: &Circuit) -> Flat {
    Program::new(circuit).unwrap().flatten(&BTreeMap::new(), Limits::default()).unwrap()
}

fn matrix(circuit: &Circuit) -> Matrix {
    let flat = flat(circuit);
    let steps = flat.instructions.iter().filter_map(|i| match i {
        Instruction::Unitary(u) => Some(u),
        Instruction::Barrier { .. } => None,
        other => panic!("{other:?}"),
    });
    let qubits: Vec<Qubit> = (0..circuit.num_qubits()).map(Qubit).collect();
    matrix_of(steps, &qubits)
}

fn assert_close(a: &Matrix, b: &Matrix) {
    assert!(a.max_difference(b) < ATOL, "the matrices differ by {:e}", a.max_difference(b));
}

/// A gate of the table on at most `num_qubits` qubits, its angles and its qubits, and a modifier.
fn any_gate(num_qubits: u32) -> impl Strategy<Value = (Gate, Vec<f64>, Vec<u32>, u8)> {
    let fitting: Vec<Gate> =
        GATES.iter().filter(|g| g.num_qubits() <= num_qubits as usize).map(|g| g.gate).collect();
    let order = Just((0..num_qubits).collect::<Vec<u32>>()).prop_shuffle();
    (prop::sample::select(fitting), prop::collection::vec(-7.0..7.0_f64, 4), order, 0..5_u8)
        .prop_map(|(gate, mut params, mut qubits, modifier)| {
            params.truncate(gate.spec().num_params());
            qubits.truncate(gate.spec().num_qubits());
            (gate, params, qubits, modifier)
        })
}

fn any_circuit(num_qubits: u32) -> impl Strategy<Value = Circuit> {
    prop::collection::vec(any_gate(num_qubits), 0..8).prop_map(move |gates| {
        let mut b = CircuitBuilder::with_qubits(num_qubits).unwrap();
        for (gate, params, qubits, modifier) in gates {
            let modifiers: &[Modifier] = match modifier {
                0 => &[Modifier::Inv],
                1 => &[Modifier::Pow(Expr::int(2))],
                2 => &[Modifier::Pow(Expr::float(-0.3))],
                _ => &[],
            };
            b.call(GateRef::Table(gate), modifiers, &params, &qubits).unwrap();
        }
        let every = QubitExpr::register(crate::RegisterId(0));
        b.push(StatementKind::Gate(Box::new(builder::call(
            GateRef::Table(Gate::H),
            &[],
            [],
            [every],
        ))));
        b.finish().unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_circuit_and_its_inverse_make_the_identity(c in any_circuit(3)) {
        let map: Vec<Qubit> = (0..3).map(Qubit).collect();
        let both = compose(&c, &inverse(&c).unwrap(), &map).unwrap();
        assert_close(&matrix(&both), &Matrix::identity(8));
    }

    #[test]
    fn definitions_all_the_way_down_change_nothing(c in any_circuit(3)) {
        let basic = decompose(&c, |g| g == Gate::U);
        assert_close(&matrix(&basic), &matrix(&c));
        for i in &flat(&basic).instructions {
            if let Instruction::Unitary(u) = i {
                prop_assert!(u.gate.is_none() || u.gate == Some(Gate::U));
            }
        }
    }

    #[test]
    fn controls_powers_and_products_are_those_of_matrices(c in any_circuit(2), d in any_circuit(1)) {
        let (m, n) = (matrix(&c), matrix(&d));
        let on_top = |count: usize| {
            // `control` puts its qubits after the others: at the high end.
            let mut big = Matrix::identity(m.dim() << count);
            let offset = big.dim() - m.dim();
            for r in 0..m.dim() {
                for k in 0..m.dim() {
                    big.set(offset + r, offset + k, m.at(r, k));
                }
            }
            big
        };
        assert_close(&matrix(&control(&c, 2, true).unwrap()), &on_top(2));
        assert_close(&matrix(&power(&c, 3.0).unwrap()), &m.power_integer(3));
        let root = matrix(&power(&c, 0.5).unwrap());
        assert_close(&root.mul(&root), &m);
        assert_close(&matrix(&tensor(&c, &d).unwrap()), &Matrix::kron(&n, &m));
    }

    #[test]
    fn the_machine_gives_the_steps_of_the_flat_list_and_is_deterministic(c in any_circuit(3)) {
        let program = Program::new(&c).unwrap();
        let steps = |mut machine: Machine| {
            let mut steps = Vec::new();
            loop {
                match machine.next().unwrap() {
                    Step::Unitary(u) => steps.push(Instruction::Unitary(u)),
                    Step::Done => return steps,
                    other => panic!("{other:?}"),
                }
            }
        };
        let machine = Machine::new(&program, &BTreeMap::new(), Limits::default()).unwrap();
        let first = steps(machine.clone());
        prop_assert_eq!(&first, &steps(machine));
        prop_assert_eq!(&first, &flat(&c).instructions);
    }

    #[test]
    fn limits_hold_exactly(c in any_circuit(3)) {
        let program = Program::new(&c).unwrap();
        let count = flat(&c).instructions.len() as u64;
        let run = |max_operations| {
            program.flatten(&BTreeMap::new(), Limits { max_operations, ..Limits::default() }).is_ok()
        };
        prop_assert!(run(count));
        prop_assert!(!run(count - 1));
    }
}

fn rotation_by_input() -> Circuit {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let theta = b.variable("theta", Scalar::FLOAT, Role::Input).unwrap();
    b.push(StatementKind::Declare { var: theta, ty: Scalar::FLOAT.into(), init: None });
    let rx =
        builder::call(GateRef::Table(Gate::Rx), &[], [Expr::variable(theta)], [builder::qubit(0)]);
    b.push(StatementKind::Gate(Box::new(rx)));
    b.gate(Gate::Cx, &[], &[0, 1]).unwrap();
    b.finish().unwrap()
}

#[test]
fn inputs_stay_symbolic_until_they_are_bound() {
    let c = rotation_by_input();
    let bound = |c: &Circuit, theta: f64| {
        bind(c, &BTreeMap::from([("theta".into(), Value::Float(theta))])).unwrap()
    };
    let back = inverse(&c).unwrap();
    assert_close(&matrix(&bound(&back, 0.4)), &matrix(&bound(&c, 0.4)).dagger());
    assert!(matrix(&bound(&c, 0.4)).max_difference(&matrix(&bound(&c, 0.5))) > 0.01);
    assert!(bind(&c, &BTreeMap::from([("phi".into(), Value::Float(0.1))])).is_err());
    assert!(
        bind(&c, &BTreeMap::from([("theta".into(), Value::Bits("10".parse().unwrap()))])).is_ok()
    );
    assert!(bind(&bound(&c, 0.1), &BTreeMap::from([("theta".into(), Value::Float(0.1))])).is_err());
}

#[test]
fn qubits_are_renamed_and_measurements_keep_their_bits() {
    let mut b = CircuitBuilder::with_qubits(2).unwrap();
    let c = b.bits("c", 2).unwrap();
    b.gate(Gate::Cx, &[], &[0, 1]).unwrap().measure(0, c, 1).unwrap();
    let circuit = b.finish().unwrap();
    let moved = remap(&circuit, &[Qubit(4), Qubit(2)], 5).unwrap();
    let f = flat(&moved);
    assert_eq!(f.num_qubits, 5);
    let Instruction::Unitary(u) = &f.instructions[0] else { panic!("a gate comes first") };
    assert_eq!(u.qubits().collect::<Vec<_>>(), [Qubit(4), Qubit(2)]);
    assert_eq!(f.instructions[1], Instruction::Measure { qubit: Qubit(4), record: 0 });
    assert!(remap(&circuit, &[Qubit(1), Qubit(1)], 5).is_err());
    assert!(remap(&circuit, &[Qubit(1), Qubit(5)], 5).is_err());
    // A second copy has bits of its own.
    let twice = compose(&circuit, &circuit, &[Qubit(1), Qubit(0)]).unwrap();
    assert_eq!(twice.variables.iter().map(|v| v.name.as_str()).collect::<Vec<_>>(), ["c", "c_2"]);
    assert_eq!(flat(&twice).clbits.len(), 4);
    assert!(matches!(inverse(&circuit), Err(TransformError::NotUnitary { .. })));
}
