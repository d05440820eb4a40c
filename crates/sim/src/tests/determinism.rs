//! The default mode gives the same bits for any instruction set and any number of threads.

use circuit::{Gate, Instruction};
use num_complex::Complex64;

use super::{SMALL, SMALL_SEGMENT, amplitudes, assert_close, gate, planned, scramble, state};
use crate::{Level, Real, reference};

fn bits(amps: &[Complex64]) -> Vec<(u64, u64)> {
    amps.iter().map(|a| (a.re.to_bits(), a.im.to_bits())).collect()
}

/// Gates that take every kernel.
fn circuit(n: u32) -> Vec<Instruction> {
    let mut all = scramble(n);
    for round in 0..3_u32 {
        for q in 0..n {
            let (r, s) = ((q + 1 + round) % n, (q + 3 + round) % n);
            let t = 0.1 + f64::from(q + round);
            all.push(gate(Gate::U, &[t, 0.3, 0.2], &[q]));
            all.push(gate(Gate::Rxx, &[t], &[q, r]));
            all.push(gate(Gate::Cp, &[t], &[q, s]));
            all.push(gate(Gate::Crx, &[t], &[q, s]));
            all.push(gate(Gate::Ccx, &[], &[q, r, (r + 1) % n]));
            all.push(gate(Gate::Rzz, &[t], &[r, s]));
            all.push(gate(Gate::Rx, &[t], &[r]));
            all.push(gate(Gate::Rccx, &[], &[q, r, (r + 1) % n]));
        }
    }
    all
}

fn levels_agree<T: Real>(atol: f64) {
    let n = 8;
    let plan = planned(&circuit(n), n as usize, SMALL);
    let scalar =
        bits(&amplitudes(&state::<T>(&plan.clone().with_level(Level::Scalar), SMALL_SEGMENT)));
    for level in Level::available() {
        let found = amplitudes(&state::<T>(&plan.clone().with_level(level), SMALL_SEGMENT));
        if level.fused() {
            assert_close(&found, &reference::run(&circuit(n), n as usize), atol);
        } else {
            assert_eq!(bits(&found), scalar, "{level:?}");
        }
    }
}

#[test]
fn all_instruction_sets_give_the_bits_of_scalar_code() {
    levels_agree::<f64>(1e-12);
    levels_agree::<f32>(1e-5);
}

#[test]
fn segments_do_not_change_a_bit() {
    let n = 9;
    let plan = planned(&circuit(n), n as usize, SMALL);
    let one = bits(&amplitudes(&state::<f64>(&plan, 20)));
    for segment_bits in 3..9 {
        assert_eq!(bits(&amplitudes(&state::<f64>(&plan, segment_bits))), one);
    }
}

#[cfg(feature = "parallel")]
#[test]
fn one_two_and_three_threads_give_the_same_bits() {
    use crate::RunControl;
    use quantum_info::Observable;

    let n = 10;
    let plan = planned(&circuit(n), n as usize, SMALL);
    let observable = Observable::parse("0.3*ZZIXIYIIXI + XXXXXXXXXX - 0.7*ZIIIIIIIIZ", 10).unwrap();
    let control = RunControl::default();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let s = state::<f64>(&plan, SMALL_SEGMENT);
            (
                bits(&amplitudes(&s)),
                s.sample(200_000, 5, &control).unwrap(),
                s.expectation(&observable, &control).unwrap().to_bits(),
                s.bloch_vectors(&control)
                    .unwrap()
                    .iter()
                    .flatten()
                    .map(|x| x.to_bits())
                    .collect::<Vec<_>>(),
                s.marginals(&[circuit::Qubit(3), circuit::Qubit(9)], &control).unwrap(),
                s.norm_squared().to_bits(),
            )
        })
    };
    let one = run(1);
    assert!(run(2) == one);
    assert!(run(3) == one);
}

#[test]
fn a_known_circuit_gives_known_bits() {
    // Guards against a change of the arithmetic: whoever changes it changes every user's counts.
    let plan = planned(&circuit(8), 8, crate::plan::Tuning::default());
    let hash = |amps: &[Complex64]| {
        bits(amps).iter().flat_map(|(a, b)| [*a, *b]).fold(0xcbf2_9ce4_8422_2325_u64, |h, x| {
            (h ^ x).wrapping_mul(0x0100_0000_01b3).rotate_left(17)
        })
    };
    assert_eq!(hash(&amplitudes(&state::<f64>(&plan, 20))), 8_815_993_581_502_965_165);
}
