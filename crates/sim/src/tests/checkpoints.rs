//! A run that goes on from a kept state gives the bits of a run from the start.

use circuit::{Gate, Instruction};
use num_complex::Complex64;

use super::{SMALL, amplitudes, assert_close, gate, scramble};
use crate::plan::Tuning;
use crate::{
    Checkpoints, Plan, PlanOptions, Real, RunControl, SLICE, SimError, Statevector, plan,
    reference, slices,
};

fn options(n: usize, tuning: Tuning) -> PlanOptions {
    let mut options = PlanOptions::new(n);
    options.tuning = tuning;
    options
}

/// A circuit of many passes when blocks are small.
fn circuit(n: u32, angle: f64) -> Vec<Instruction> {
    let mut all = scramble(n);
    for layer in 0..6_u32 {
        for q in 0..n {
            all.push(gate(Gate::U, &[angle + f64::from(layer), 0.2, f64::from(q)], &[q]));
        }
        for q in 0..n {
            all.push(gate(Gate::Cx, &[], &[q, (q + 1 + layer % (n - 1)) % n]));
        }
    }
    all
}

fn bits(amps: &[Complex64]) -> Vec<(u64, u64)> {
    amps.iter().map(|a| (a.re.to_bits(), a.im.to_bits())).collect()
}

fn from_the_start<T: Real>(plans: &[Plan]) -> Vec<Complex64> {
    let mut state = Statevector::<T>::zero(plans[0].output().num_qubits(), u64::MAX).unwrap();
    for plan in plans {
        state.apply(plan, &RunControl::default()).unwrap();
    }
    amplitudes(&state)
}

fn edits<T: Real>(max_bytes: u64) -> usize {
    let n = 9;
    let control = RunControl::default();
    let mut kept = Checkpoints::<T>::new(max_bytes);
    let mut reused = 0;
    let first = circuit(n, 0.4);
    for edit in 0..12 {
        let mut c = first.clone();
        // An edit somewhere, now and then the same circuit again.
        let at = c.len() - 1 - (edit % 6) * 9;
        c[at] = gate(Gate::Ry, &[0.1 * (edit / 2) as f64], &[u32::try_from(edit).unwrap() % n]);
        let plans = [plan(&c, &options(n as usize, SMALL)).unwrap()];
        let run = kept.run(&plans, u64::MAX, &control).unwrap();
        assert_eq!(bits(&amplitudes(&run.state)), bits(&from_the_start::<T>(&plans)), "{edit}");
        reused += run.reused;
        kept.put_back(run);
        assert!(kept.size_bytes() <= max_bytes);
    }
    reused
}

#[test]
fn an_edit_goes_on_from_what_is_kept_bit_for_bit() {
    assert!(edits::<f64>(1 << 20) > 12);
    assert!(edits::<f32>(1 << 20) > 12);
    // Room for one state, for none.
    edits::<f64>(16 << 9);
    assert_eq!(edits::<f64>(100), 0);
}

#[test]
fn the_same_circuit_again_costs_no_step() {
    let control = RunControl::default();
    let plans = [plan(&circuit(7, 0.1), &options(7, SMALL)).unwrap()];
    let mut kept = Checkpoints::<f64>::new(1 << 20);
    let run = kept.run(&plans, u64::MAX, &control).unwrap();
    let wanted = amplitudes(&run.state);
    kept.put_back(run);
    let again = kept.run(&plans, u64::MAX, &control).unwrap();
    assert_eq!(again.reused, again.steps);
    assert_eq!(amplitudes(&again.state), wanted);
    // Another precision of the arithmetic is another circuit.
    let fast = [plan(&circuit(7, 0.1), &options(7, SMALL).fast(true)).unwrap()];
    let level = fast[0].level != plans[0].level;
    assert_eq!(kept.run(&fast, u64::MAX, &control).unwrap().reused == 0, level);
}

#[test]
fn stepping_back_and_forth_gives_the_state_after_each_gate() {
    let n = 6;
    let control = RunControl::default();
    let all = circuit(n, 0.7);
    let mut kept = Checkpoints::<f64>::new(1 << 20);
    assert!(all.len() > SLICE + 20);
    for count in [1, 5, SLICE - 1, SLICE, SLICE + 1, all.len(), SLICE + 7, 3, SLICE + 8] {
        let plans = slices(&all[..count], &options(n as usize, SMALL)).unwrap();
        let run = kept.run(&plans, u64::MAX, &control).unwrap();
        assert_eq!(bits(&amplitudes(&run.state)), bits(&from_the_start::<f64>(&plans)));
        let wanted = reference::run(&all[..count], n as usize);
        assert_close(&amplitudes(&run.state), &wanted, 1e-12);
        kept.put_back(run);
    }
    let plans = slices(&all[..SLICE + 9], &options(n as usize, SMALL)).unwrap();
    assert!(kept.run(&plans, u64::MAX, &control).unwrap().reused > 0);
}

#[test]
fn what_measures_is_refused() {
    let measure = Instruction::Measure { qubit: circuit::Qubit(0), record: 0 };
    let plans = [plan(&[gate(Gate::H, &[], &[0]), measure], &options(2, SMALL)).unwrap()];
    let run = Checkpoints::<f64>::new(1 << 20).run(&plans, u64::MAX, &RunControl::default());
    assert_eq!(run.err(), Some(SimError::NotUnitary));
}
