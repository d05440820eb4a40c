//! Random circuits, and what is malformed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use circuit::{Gate, GateMatrix, Instruction, Qubit};
use proptest::prelude::*;
use quantum_info::Matrix;

use super::{
    SMALL, SMALL_SEGMENT, amplitudes, assert_close, check, controlled, gate, planned, scramble,
    state,
};
use crate::{
    Layout, PlanOptions, RunControl, SimError, Statevector, limits, plan, reference, unitary,
};

const N: u32 = 8;

prop_compose! {
    fn any_gate()(
        g in prop::sample::select(circuit::gate::GATES.iter().map(|s| s.gate).collect::<Vec<_>>()),
        qubits in Just((0..N).collect::<Vec<_>>()).prop_shuffle(),
        params in prop::array::uniform4(-7.0..7.0_f64),
    ) -> Instruction {
        gate(g, &params[..g.spec().num_params()], &qubits[..g.spec().num_qubits()])
    }
}

/// Gates of the kind that circuits mostly consist of, so that fusion meets long runs.
fn common_gate() -> impl Strategy<Value = Instruction> {
    let pick = prop::sample::select(vec![
        Gate::H,
        Gate::X,
        Gate::T,
        Gate::Rz,
        Gate::Ry,
        Gate::Rx,
        Gate::Cx,
        Gate::Cx,
        Gate::Cz,
        Gate::Cp,
        Gate::Rzz,
        Gate::Swap,
        Gate::Ccx,
    ]);
    (pick, Just((0..N).collect::<Vec<_>>()).prop_shuffle(), -7.0..7.0_f64)
        .prop_map(|(g, q, t)| gate(g, &[t][..g.spec().num_params()], &q[..g.spec().num_qubits()]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn random_circuits_equal_the_reference(circuit in prop::collection::vec(any_gate(), 0..60)) {
        check(&circuit, N as usize);
    }

    #[test]
    fn random_common_circuits_equal_the_reference(circuit in prop::collection::vec(common_gate(), 0..120)) {
        check(&circuit, N as usize);
    }

    #[test]
    fn plans_chained_by_layout_equal_one_plan(circuit in prop::collection::vec(common_gate(), 0..60), cut in 0..60_usize) {
        let cut = cut.min(circuit.len());
        let n = N as usize;
        let mut options = PlanOptions::new(n);
        options.tuning = SMALL;
        let first = plan(&circuit[..cut], &options).unwrap();
        options.layout = first.output().clone();
        let second = plan(&circuit[cut..], &options).unwrap();
        let mut state = Statevector::<f64>::with_segments(n, SMALL_SEGMENT).unwrap();
        let control = RunControl::default();
        state.apply(&first, &control).unwrap();
        // A checkpoint goes on as the state does.
        let mut copy = state.try_clone().unwrap();
        state.apply(&second, &control).unwrap();
        copy.apply(&second, &control).unwrap();
        let wanted = reference::run(&circuit, n);
        assert_close(&amplitudes(&state), &wanted, 1e-12);
        prop_assert_eq!(amplitudes(&state), amplitudes(&copy));
        prop_assert!((state.norm_squared() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_unitary_has_the_circuit_s_columns(circuit in prop::collection::vec(common_gate(), 0..40)) {
        let small: Vec<Instruction> = circuit
            .into_iter()
            .filter(|i| matches!(i, Instruction::Unitary(u) if u.qubits().all(|q| q.index() < 4)))
            .collect();
        let u = unitary(&small, 4, u64::MAX, &RunControl::default()).unwrap();
        for column in 0..16 {
            let mut wanted = vec![num_complex::Complex64::new(0.0, 0.0); 16];
            wanted[column].re = 1.0;
            for i in &small {
                if let Instruction::Unitary(g) = i {
                    wanted = reference::apply(g, &wanted);
                }
            }
            let found: Vec<_> = (0..16).map(|r| u.at(r, column)).collect();
            assert_close(&found, &wanted, 1e-12);
        }
    }
}

#[test]
fn qubits_that_stay_zero_take_no_room() {
    let circuit = [
        gate(Gate::H, &[], &[40]),
        gate(Gate::Cx, &[], &[40, 3]),
        gate(Gate::Ccx, &[], &[0, 40, 7]),
        gate(Gate::Cz, &[], &[5, 3]),
        gate(Gate::Swap, &[], &[3, 50]),
        gate(Gate::X, &[], &[9]),
        gate(Gate::Cx, &[], &[9, 10]),
    ];
    let plan = plan(&circuit, &PlanOptions::new(60)).unwrap();
    assert_eq!(plan.summary().active_qubits, 4);
    let mut state = Statevector::<f64>::for_plan(&plan, 1 << 21).unwrap();
    state.apply(&plan, &RunControl::default()).unwrap();
    let half = std::f64::consts::FRAC_1_SQRT_2;
    let set = 1 << 9 | 1 << 10;
    assert!((state.amplitude(set).re - half).abs() < 1e-15);
    assert!((state.amplitude(set | 1 << 40 | 1 << 50).re - half).abs() < 1e-15);
    assert!(state.amplitude(1 << 40).norm() < 1e-300);
}

#[test]
fn swaps_move_nothing() {
    let n = 16;
    let mut circuit = scramble(n);
    let before = planned(&circuit, 16, crate::plan::Tuning::default()).summary();
    for q in 0..8 {
        circuit.push(gate(Gate::Swap, &[], &[q, 15 - q]));
    }
    assert_eq!(planned(&circuit, 16, crate::plan::Tuning::default()).summary(), before);
}

#[test]
fn a_qft_needs_few_passes() {
    let n = 20;
    let mut circuit = scramble(n);
    let before = planned(&circuit, 20, crate::plan::Tuning::default()).summary().passes;
    for i in (0..n).rev() {
        circuit.push(gate(Gate::H, &[], &[i]));
        for j in (0..i).rev() {
            circuit.push(gate(Gate::Cp, &[1.0 / f64::from(1 << (i - j))], &[j, i]));
        }
    }
    let passes = planned(&circuit, 20, crate::plan::Tuning::default()).summary().passes;
    assert!(passes <= before + 3, "{passes} passes after {before}");
}

#[test]
fn malformed_instructions_are_refused() {
    let options = PlanOptions::new(3);
    let err = |i: Instruction| plan(&[i], &options).unwrap_err();
    assert!(matches!(err(gate(Gate::H, &[], &[3])), SimError::NoSuchQubit { num_qubits: 3, .. }));
    assert!(matches!(
        err(controlled(&[(1, true)], &[1], GateMatrix::Dense(Matrix::identity(2)))),
        SimError::RepeatedQubit { .. }
    ));
    assert!(matches!(
        err(controlled(&[], &[1], GateMatrix::Dense(Matrix::identity(4)))),
        SimError::MatrixShape { .. }
    ));
    assert!(matches!(
        err(controlled(&[], &[0, 1], GateMatrix::Permutation(Arc::from([0, 1, 1, 2])))),
        SimError::MatrixShape { .. }
    ));
    assert!(matches!(
        err(controlled(&[], &[0], GateMatrix::Permutation(Arc::from([0, 7])))),
        SimError::MatrixShape { .. }
    ));
    assert!(matches!(
        err(Instruction::Measure { qubit: Qubit(9), record: 0 }),
        SimError::NoSuchQubit { .. }
    ));
    assert!(matches!(plan(&[], &PlanOptions::new(63)), Err(SimError::TooManyQubits { .. })));
}

#[test]
fn states_that_do_not_fit_are_refused_before_allocating() {
    assert!(matches!(
        Statevector::<f64>::zero(40, 4 << 30),
        Err(SimError::TooLarge { fits_qubits: 27, .. })
    ));
    assert!(matches!(
        Statevector::<f32>::zero(40, 4 << 30),
        Err(SimError::TooLarge { fits_qubits: 28, .. })
    ));
    assert!(
        limits::needed_bytes(27, crate::Precision::F64) < (1 << 31) + (1 << 31) / 20 + (64 << 20)
    );
}

#[test]
fn a_plan_runs_on_its_own_layout_only() {
    let p = planned(&scramble(4), 4, SMALL);
    let mut state = Statevector::<f64>::with_segments(4, 20).unwrap();
    state.apply(&p, &RunControl::default()).unwrap();
    assert_eq!(state.apply(&p, &RunControl::default()), Err(SimError::OtherLayout));
    state.reset_all();
    assert_eq!(state.layout(), &Layout::empty(4));
    state.apply(&p, &RunControl::default()).unwrap();
    assert_close(&amplitudes(&state), &reference::run(&scramble(4), 4), 1e-13);
}

#[test]
fn a_raised_flag_and_a_passed_deadline_stop_a_run() {
    let p = planned(&scramble(8), 8, SMALL);
    let flag = AtomicU32::new(1);
    let mut s = Statevector::<f64>::with_segments(8, SMALL_SEGMENT).unwrap();
    let cancelled = RunControl { cancel: Some(&flag), ..RunControl::default() };
    assert_eq!(s.apply(&p, &cancelled), Err(SimError::Cancelled));
    let late = RunControl { deadline: Some(&|| true), ..RunControl::default() };
    s.reset_all();
    assert_eq!(s.apply(&p, &late), Err(SimError::TimedOut));
    // Raised half-way.
    flag.store(0, Ordering::Relaxed);
    let raise = |x: f64| {
        if x >= 0.3 {
            flag.store(1, Ordering::Relaxed);
        }
    };
    let half = RunControl { cancel: Some(&flag), progress: Some(&raise), ..RunControl::default() };
    s.reset_all();
    assert_eq!(s.apply(&p, &half), Err(SimError::Cancelled));
}

#[test]
fn progress_ends_at_one_and_never_exceeds_it() {
    let p = planned(&scramble(9), 9, SMALL);
    let worst = std::sync::Mutex::new((0.0_f64, 0.0_f64));
    let note = |x: f64| {
        let mut w = worst.lock().unwrap();
        *w = (w.0.max(x), x);
    };
    let control = RunControl { progress: Some(&note), ..RunControl::default() };
    let mut s = Statevector::<f64>::with_segments(9, SMALL_SEGMENT).unwrap();
    s.apply(&p, &control).unwrap();
    assert_eq!(*worst.lock().unwrap(), (1.0, 1.0));
}

#[test]
fn measurements_collapse_and_resets_clear() {
    let n = 7;
    let mut circuit = scramble(n);
    circuit.push(Instruction::Measure { qubit: Qubit(6), record: 0 });
    circuit.push(gate(Gate::H, &[], &[6]));
    circuit.push(Instruction::Measure { qubit: Qubit(1), record: 1 });
    circuit.push(Instruction::Reset { qubit: Qubit(1) });
    circuit.push(gate(Gate::Cx, &[], &[6, 1]));
    let p = planned(&circuit, n as usize, SMALL);
    assert!(!p.is_unitary());
    let wanted = reference::run(&scramble(n), n as usize);
    let weight = |of: &dyn Fn(usize) -> bool| -> f64 {
        (0..1 << n).filter(|i| of(*i)).map(|i| wanted[i].norm_sqr()).sum()
    };
    for (u0, u1) in [(0.0, 0.0), (0.999_999, 0.999_999), (0.3, 0.7)] {
        let mut s = Statevector::<f64>::with_segments(n as usize, SMALL_SEGMENT).unwrap();
        let mut numbers = [u0, u1, 0.5].into_iter();
        let mut record = [false; 2];
        s.run(&p, &mut || numbers.next().unwrap(), &mut record, &RunControl::default()).unwrap();
        let p6 = weight(&|i| i >> 6 & 1 == 1);
        assert_eq!(record[0], u0 < p6);
        let same = |i: usize| (i >> 6 & 1 == 1) == record[0];
        let p1 = weight(&|i| same(i) && i >> 1 & 1 == 1) / weight(&same);
        assert_eq!(record[1], u1 < p1);
        assert!((s.norm_squared() - 1.0).abs() < 1e-12);
        // Qubit 6 is in |+⟩ or |-⟩, and qubit 1 its copy.
        assert!((s.probability_one(Qubit(6)).unwrap() - 0.5).abs() < 1e-12);
        assert!((s.probability_one(Qubit(1)).unwrap() - 0.5).abs() < 1e-12);
    }
    let p = planned(&[Instruction::Measure { qubit: Qubit(0), record: 3 }], 1, SMALL);
    let mut s = Statevector::<f64>::with_segments(1, 20).unwrap();
    assert_eq!(
        s.run(&p, &mut || 0.5, &mut [false], &RunControl::default()),
        Err(SimError::NoSuchRecord { record: 3, len: 1 })
    );
    assert_eq!(s.apply(&p, &RunControl::default()), Err(SimError::NotUnitary));
}

#[test]
fn collapse_keeps_the_branch_asked_for() {
    let n = 6;
    let p = planned(&scramble(n), 6, SMALL);
    for q in 0..n {
        for outcome in [false, true] {
            let mut s = state::<f64>(&p, SMALL_SEGMENT);
            let before = amplitudes(&s);
            s.collapse(Qubit(q), outcome).unwrap();
            let keep: f64 = before
                .iter()
                .enumerate()
                .filter(|(i, _)| (i >> q & 1 == 1) == outcome)
                .map(|(_, a)| a.norm_sqr())
                .sum();
            let wanted: Vec<_> = before
                .iter()
                .enumerate()
                .map(|(i, a)| if (i >> q & 1 == 1) == outcome { a / keep.sqrt() } else { a * 0.0 })
                .collect();
            assert_close(&amplitudes(&s), &wanted, 1e-13);
            assert_eq!(s.collapse(Qubit(q), !outcome), Err(SimError::ImpossibleOutcome));
        }
    }
    let mut zero = Statevector::<f64>::with_segments(2, 20).unwrap();
    assert_eq!(zero.collapse(Qubit(1), true), Err(SimError::ImpossibleOutcome));
    assert_eq!(zero.measure(Qubit(1), 0.0), Ok(false));
}
