//! The tableau against state vectors.

use circuit::{Control, Gate, GateMatrix, Qubit, UnitaryInstruction};
use num_complex::Complex64;
use proptest::prelude::*;
use quantum_info::{Matrix, PauliTerm};
use sim::{PlanOptions, RunControl, Statevector, plan};

use crate::gate::{Action, GATES, Pair};
use crate::{Clifford, Pauli, Tableau};

const ATOL: f64 = 1e-9;
const PAULIS: [Pauli; 3] = [Pauli::X, Pauli::Y, Pauli::Z];

/// Every gate of the gate table on multiples of a quarter turn that is a Clifford gate, with its
/// number of qubits.
fn cliffords() -> Vec<(Gate, Vec<f64>, usize)> {
    let quarter = std::f64::consts::FRAC_PI_2;
    let mut found = Vec::new();
    for spec in circuit::gate::GATES {
        let params = spec.num_params();
        for code in 0..4_usize.pow(u32::try_from(params).unwrap()) {
            let angles: Vec<f64> =
                (0..params).map(|k| (code >> (2 * k) & 3) as f64 * quarter).collect();
            let qubits: Vec<Qubit> = (0..5).take(spec.num_qubits()).map(Qubit).collect();
            if qubits.len() < spec.num_qubits() {
                continue;
            }
            let unitary = UnitaryInstruction::from_gate(spec.gate, &angles, &qubits);
            if Clifford::recognize(&unitary).is_some() {
                found.push((spec.gate, angles, spec.num_qubits()));
            }
        }
    }
    found
}

fn apply(state: &mut Statevector<f64>, unitary: &UnitaryInstruction) {
    let options = PlanOptions::from_layout(state.layout().clone());
    let plan = plan(&[circuit::Instruction::Unitary(unitary.clone())], &options).unwrap();
    state.apply(&plan, &RunControl::default()).unwrap();
}

/// All expectation values of Pauli strings of up to three qubits, compared.
fn compare(tableau: &Tableau, state: &Statevector<f64>) {
    let n = u32::try_from(state.num_qubits()).unwrap();
    let mut strings = vec![vec![]];
    for q in 0..n {
        for k in 0..strings.len() {
            if strings[k].len() < 3 {
                strings.extend(PAULIS.map(|p| [&strings[k][..], &[(q, p)]].concat()));
            }
        }
    }
    for paulis in strings {
        let term = PauliTerm { weight: 1.0, paulis: paulis.clone() };
        let observable = quantum_info::Observable { terms: vec![term] };
        let mean = state.expectation(&observable, &RunControl::default()).unwrap();
        let ours = f64::from(tableau.expectation(&paulis));
        assert!((mean - ours).abs() < ATOL, "{paulis:?}: state {mean}, tableau {ours}");
    }
}

#[derive(Debug, Clone)]
enum Step {
    Gate(usize, [u32; 5]),
    Measure(u32, bool),
    Reset(u32, bool),
    /// X on the second where the last result was 1.
    Feed(u32),
}

fn steps(num_gates: usize) -> impl Strategy<Value = Vec<Step>> {
    let qubit = 0..5_u32;
    let order = Just([0, 1, 2, 3, 4]).prop_shuffle();
    let step = prop_oneof![
        8 => (0..num_gates, order).prop_map(|(g, q)| Step::Gate(g, q)),
        1 => (qubit.clone(), any::<bool>()).prop_map(|(q, b)| Step::Measure(q, b)),
        1 => (qubit.clone(), any::<bool>()).prop_map(|(q, b)| Step::Reset(q, b)),
        1 => qubit.prop_map(Step::Feed),
    ];
    prop::collection::vec(step, 0..60)
}

/// Measures both with the result of the tableau, which must be a possible one.
fn measure(tableau: &mut Tableau, state: &mut Statevector<f64>, q: u32, wish: bool) -> bool {
    let one = state.probability_one(Qubit(q)).unwrap();
    let mut random = false;
    let result = tableau.measure_z(q, || {
        random = true;
        wish
    });
    if random {
        assert!((one - 0.5).abs() < ATOL && result == wish);
    } else {
        assert!((one - f64::from(u8::from(result))).abs() < ATOL);
    }
    state.collapse(Qubit(q), result).unwrap();
    result
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 48 } else { 256 }))]

    #[test]
    fn a_tableau_is_the_state_vector(n in 1..=5_u32, program in steps(cliffords().len())) {
        let gates = cliffords();
        let mut tableau = Tableau::new(n as usize, u64::MAX).unwrap();
        let mut state = Statevector::<f64>::zero(n as usize, u64::MAX).unwrap();
        let x = |state: &mut Statevector<f64>, tableau: &mut Tableau, q| {
            tableau.apply_pauli(Pauli::X, q);
            apply(state, &UnitaryInstruction::from_gate(Gate::X, &[], &[Qubit(q)]));
        };
        let mut last = false;
        for step in program {
            match step {
                Step::Gate(g, order) => {
                    let (gate, params, width) = &gates[g];
                    let qubits: Vec<u32> = order.into_iter().filter(|&q| q < n).take(*width).collect();
                    if qubits.len() < *width {
                        continue;
                    }
                    let places: Vec<Qubit> = qubits.iter().map(|&q| Qubit(q)).collect();
                    let unitary = UnitaryInstruction::from_gate(*gate, params, &places);
                    Clifford::recognize(&unitary).unwrap().apply(&mut tableau, &qubits);
                    apply(&mut state, &unitary);
                }
                Step::Measure(q, wish) if q < n => last = measure(&mut tableau, &mut state, q, wish),
                Step::Reset(q, wish) if q < n => {
                    let one = measure(&mut tableau, &mut state, q, wish);
                    if one {
                        x(&mut state, &mut tableau, q);
                    }
                }
                Step::Feed(q) if q < n && last => x(&mut state, &mut tableau, q),
                _ => {}
            }
        }
        compare(&tableau, &state);
    }
}

proptest! {
    #[test]
    fn joint_results_are_those_of_one_measurement_after_the_other(
        program in prop::collection::vec((0..24_usize, 0..70_u32, 0..70_u32), 0..300),
        free in prop::collection::vec(any::<bool>(), 70),
        order in Just((0..70_u32).collect::<Vec<_>>()).prop_shuffle(),
        width in 1..=70_usize,
    ) {
        let mut tableau = Tableau::new(70, u64::MAX).unwrap();
        for (gate, a, b) in program {
            let Action::Unitary1(clifford) = GATES[gate].action else { panic!("{gate}") };
            tableau.apply1(clifford, [a]);
            if a != b {
                tableau.apply2(&[Pair::Controlled(Pauli::Z, Pauli::X)], [(a, b)]);
            }
        }
        let qubits = &order[..width];
        let outcomes = tableau.outcomes(qubits);
        let expected = outcomes.results(|f| free[f]);
        let mut drawn = 0;
        for (&q, expected) in qubits.iter().zip(expected) {
            let found = tableau.measure_z(q, || {
                drawn += 1;
                free[drawn - 1]
            });
            assert_eq!(found, expected, "qubit {q}");
        }
        assert_eq!(drawn, outcomes.num_free());
    }
}

fn dense(unitary: &[[Complex64; 4]; 4]) -> UnitaryInstruction {
    UnitaryInstruction {
        gate: None,
        controls: [].into_iter().collect(),
        targets: [Qubit(0), Qubit(1)].into_iter().collect(),
        matrix: GateMatrix::Dense(Matrix::from_rows(*unitary)),
    }
}

fn entry(p: Pauli, row: usize, col: usize) -> Complex64 {
    match (p, row, col) {
        (Pauli::X, 0, 1) | (Pauli::X, 1, 0) | (Pauli::Z, 0, 0) => Complex64::ONE,
        (Pauli::Z, 1, 1) => -Complex64::ONE,
        (Pauli::Y, 0, 1) => -Complex64::I,
        (Pauli::Y, 1, 0) => Complex64::I,
        _ => Complex64::ZERO,
    }
}

/// `α + β P⊗1 + γ 1⊗Q + δ P⊗Q`, `P` on qubit 0.
fn combination(weights: [Complex64; 4], p: Pauli, q: Pauli) -> UnitaryInstruction {
    let mut rows = [[Complex64::ZERO; 4]; 4];
    let one = |a: usize, b: usize| Complex64::from(if a == b { 1.0 } else { 0.0 });
    for (r, row) in rows.iter_mut().enumerate() {
        for (c, x) in row.iter_mut().enumerate() {
            let (on_p, on_q) = (entry(p, r & 1, c & 1), entry(q, r >> 1, c >> 1));
            let (off_p, off_q) = (one(r & 1, c & 1), one(r >> 1, c >> 1));
            *x = weights[0] * off_p * off_q
                + weights[1] * on_p * off_q
                + weights[2] * off_p * on_q
                + weights[3] * on_p * on_q;
        }
    }
    dense(&rows)
}

/// What the factor is by its definition.
fn matrix_of(pair: Pair) -> UnitaryInstruction {
    let half = Complex64::from(0.5);
    let turn = Complex64::from(std::f64::consts::FRAC_1_SQRT_2);
    match pair {
        Pair::Controlled(p, q) => combination([half, half, half, -half], p, q),
        Pair::Sqrt(p, dagger) => {
            let i = if dagger { Complex64::I } else { -Complex64::I };
            combination([turn, Complex64::ZERO, Complex64::ZERO, i * turn], p, p)
        }
        Pair::Swap => UnitaryInstruction::from_gate(Gate::Swap, &[], &[Qubit(0), Qubit(1)]),
    }
}

#[test]
fn two_qubit_gates_of_the_table_are_what_they_are_defined_to_be() {
    // Some state without symmetry between the qubits, entangled with two others.
    let prepare: Vec<UnitaryInstruction> = [
        (Gate::H, vec![0]),
        (Gate::H, vec![1]),
        (Gate::S, vec![1]),
        (Gate::Cx, vec![0, 2]),
        (Gate::Cx, vec![1, 3]),
        (Gate::Cz, vec![0, 3]),
        (Gate::S, vec![2]),
        (Gate::H, vec![3]),
    ]
    .into_iter()
    .map(|(gate, qubits): (Gate, Vec<u32>)| {
        let places: Vec<Qubit> = qubits.into_iter().map(Qubit).collect();
        UnitaryInstruction::from_gate(gate, &[], &places)
    })
    .collect();
    let mut checked = 0;
    for spec in GATES {
        let Action::Unitary2(factors) = spec.action else { continue };
        let mut tableau = Tableau::new(4, u64::MAX).unwrap();
        let mut state = Statevector::<f64>::zero(4, u64::MAX).unwrap();
        for unitary in &prepare {
            let qubits: Vec<u32> = unitary.qubits().map(|q| q.0).collect();
            Clifford::recognize(unitary).unwrap().apply(&mut tableau, &qubits);
            apply(&mut state, unitary);
        }
        tableau.apply2(factors, [(0, 1)]);
        for &factor in factors {
            apply(&mut state, &matrix_of(factor));
        }
        compare(&tableau, &state);
        checked += 1;
    }
    assert_eq!(checked, 22);
}

#[test]
fn a_gate_is_a_clifford_gate_whatever_its_controls_are_called() {
    let mut cz = UnitaryInstruction::from_gate(Gate::Cz, &[], &[Qubit(0), Qubit(1)]);
    cz.controls = [Control { qubit: Qubit(0), on: false }].into_iter().collect();
    let clifford = Clifford::recognize(&cz).expect("Z where the control is 0");
    // Z on the target and CZ: |+0⟩ goes to |+0⟩, |+1⟩ … as the state vector says.
    let mut tableau = Tableau::new(2, u64::MAX).unwrap();
    let mut state = Statevector::<f64>::zero(2, u64::MAX).unwrap();
    for q in 0..2 {
        let h = UnitaryInstruction::from_gate(Gate::H, &[], &[Qubit(q)]);
        Clifford::recognize(&h).unwrap().apply(&mut tableau, &[q]);
        apply(&mut state, &h);
    }
    clifford.apply(&mut tableau, &[0, 1]);
    apply(&mut state, &cz);
    compare(&tableau, &state);
    let t = UnitaryInstruction::from_gate(Gate::T, &[], &[Qubit(0)]);
    assert_eq!(Clifford::recognize(&t), None);
    let ccx = UnitaryInstruction::from_gate(Gate::Ccx, &[], &[Qubit(0), Qubit(1), Qubit(2)]);
    assert_eq!(Clifford::recognize(&ccx), None);
}

#[test]
fn a_register_that_does_not_fit_is_refused() {
    assert!(Tableau::new(1 << 20, 1 << 30).is_err());
    assert_eq!(Tableau::needed_bytes(1000), 1000 * (4 * 8 * 16 + 16));
}
