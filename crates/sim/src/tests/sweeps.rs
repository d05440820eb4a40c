//! Circuits run side by side: the bits of circuits run alone.

use circuit::{Gate, Instruction};

use super::{amplitudes, gate, scramble};
use crate::{PlanOptions, RunControl, SimError, Statevector, plan, sweep};

fn bits(state: &Statevector<f64>) -> Vec<(u64, u64)> {
    amplitudes(state).iter().map(|a| (a.re.to_bits(), a.im.to_bits())).collect()
}

/// Circuits that differ from gate `from` on, and what they share according to [`sweep`].
fn check(n: u32, from: usize, points: usize) -> usize {
    let circuits: Vec<Vec<Instruction>> = (0..points)
        .map(|point| {
            let mut all = scramble(n);
            for q in 0..n {
                all.push(gate(Gate::Rzz, &[0.3], &[q, (q + 1) % n]));
                all.push(gate(Gate::Cp, &[0.7], &[q, (q + 2) % n]));
                all.push(gate(Gate::Rx, &[0.2 + f64::from(q)], &[q]));
            }
            let from = from.min(all.len());
            for (i, g) in (0_u32..).zip(&mut all[from..]) {
                // Also angles at which gates vanish.
                let angle = 0.1 * point as f64;
                match i % 3 {
                    0 => *g = gate(Gate::Ry, &[angle], &[i % n]),
                    1 => *g = gate(Gate::Rzz, &[angle], &[i % n, (i + 1) % n]),
                    _ => {}
                }
            }
            all
        })
        .collect();
    let control = RunControl::default();
    let swept =
        sweep::<f64, _, SimError>(&circuits, n as usize, false, u64::MAX, &control, |i, state| {
            Ok((i, bits(&state)))
        })
        .unwrap();
    for (i, (number, found)) in swept.results.iter().enumerate() {
        assert_eq!(i, *number);
        let plan = plan(&circuits[i], &PlanOptions::new(n as usize)).unwrap();
        let mut alone = Statevector::<f64>::for_plan(&plan, u64::MAX).unwrap();
        alone.apply(&plan, &control).unwrap();
        assert_eq!(*found, bits(&alone), "{n} qubits, gates from {from}, point {i}");
    }
    swept.shared
}

#[test]
fn a_sweep_gives_the_bits_of_single_runs() {
    // In one block, in inner blocks, in several blocks.
    for n in [3, 6, 12, 15] {
        for from in [0, 1, 7, 16, 19, 40, usize::MAX] {
            check(n, from, 3);
        }
    }
    assert_eq!(check(6, 19, 2), 19);
    assert_eq!(check(6, 19, 1), 6 + 2 * 5 + 3 * 6);
}
