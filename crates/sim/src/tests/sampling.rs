//! Counts: their statistics, their determinism.

use std::collections::BTreeMap;

use circuit::{Gate, Qubit};

use super::{SMALL, SMALL_SEGMENT, amplitudes, gate, planned, scramble, state};
use crate::{RunControl, Statevector};

fn scrambled(n: u32) -> Statevector<f64> {
    let mut circuit = scramble(n);
    circuit.push(gate(Gate::Swap, &[], &[0, n - 1]));
    state(&planned(&circuit, n as usize, SMALL), SMALL_SEGMENT)
}

#[test]
fn counts_follow_the_probabilities() {
    let control = RunControl::default();
    let s = scrambled(8);
    let p: Vec<f64> = amplitudes(&s).iter().map(num_complex::Complex::norm_sqr).collect();
    for shots in [1_000_u64, 400_000] {
        let counts = s.sample(shots, 9, &control).unwrap();
        assert_eq!(counts.iter().map(|c| c.1).sum::<u64>(), shots);
        assert!(counts.windows(2).all(|w| w[0].0 < w[1].0));
        let counts: BTreeMap<u64, u64> = counts.into_iter().collect();
        // Each count is binomial; 256 of them stay within six standard deviations, and one more for
        // the discreteness of small ones.
        for (i, p) in (0..).zip(&p) {
            let k = counts.get(&i).copied().unwrap_or(0) as f64;
            let mean = p * shots as f64;
            assert!(
                (k - mean).abs() <= 6.0 * (mean * (1.0 - p)).sqrt() + 6.0,
                "{i}: {k} instead of {mean}"
            );
        }
        // Pearson's statistic over cells that expect five and more: its mean is the number of cells
        // less one, its variance twice that.
        let cells: Vec<_> = (0..).zip(&p).filter(|(_, p)| **p * shots as f64 >= 5.0).collect();
        let chi: f64 = cells
            .iter()
            .map(|(i, p)| {
                let mean = *p * shots as f64;
                (counts.get(i).copied().unwrap_or(0) as f64 - mean).powi(2) / mean
            })
            .sum();
        let degrees = cells.len() as f64;
        assert!((chi - degrees).abs() < 6.0 * (2.0 * degrees).sqrt(), "{chi} for {degrees}");
    }
}

#[test]
fn memory_and_counts_agree() {
    let control = RunControl::default();
    let s = scrambled(7);
    for (shots, seed) in [(0, 1), (1, 2), (70_000, 3)] {
        let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
        for i in s.sample_memory(shots, seed, &control).unwrap() {
            *counts.entry(i).or_default() += 1;
        }
        assert_eq!(
            s.sample(shots, seed, &control).unwrap(),
            counts.into_iter().collect::<Vec<_>>()
        );
    }
}

#[test]
fn seeds_matter_and_repeat() {
    let control = RunControl::default();
    let s = scrambled(6);
    let draw = |seed| s.sample(1000, seed, &control).unwrap();
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    assert_ne!(
        s.sample_memory(64, 1, &control).unwrap(),
        s.sample_memory(64, 2, &control).unwrap()
    );
}

#[test]
fn impossible_outcomes_never_come_out() {
    let control = RunControl::default();
    let n = 9;
    let mut circuit = vec![gate(Gate::H, &[], &[0])];
    circuit.extend((1..n).map(|q| gate(Gate::Cx, &[], &[q - 1, q])));
    let s = state::<f32>(&planned(&circuit, n as usize, SMALL), SMALL_SEGMENT);
    let counts = s.sample(100_000, 4, &control).unwrap();
    assert_eq!(counts.iter().map(|c| c.0).collect::<Vec<_>>(), [0, (1 << n) - 1]);
    // Half of the shots each, to six standard deviations.
    assert!((counts[0].1 as f64 - 50_000.0).abs() < 6.0 * 25_000_f64.sqrt());
}

#[test]
fn marginals_sum_the_probabilities() {
    let control = RunControl::default();
    let s = scrambled(8);
    let p: Vec<f64> = amplitudes(&s).iter().map(num_complex::Complex::norm_sqr).collect();
    for qubits in [vec![], vec![7], vec![3, 0, 5], (0..8).rev().collect::<Vec<u32>>()] {
        let asked: Vec<Qubit> = qubits.iter().map(|&q| Qubit(q)).collect();
        let mut wanted = vec![0.0; 1 << qubits.len()];
        for (i, x) in p.iter().enumerate() {
            let outcome: usize = qubits.iter().enumerate().map(|(k, q)| (i >> q & 1) << k).sum();
            wanted[outcome] += x;
        }
        let found = s.marginals(&asked, &control).unwrap();
        assert!(found.iter().zip(&wanted).all(|(a, b)| (a - b).abs() < 1e-14));
    }
    assert_eq!(s.probabilities(&control).unwrap(), {
        let mut again = vec![0.0; 256];
        again.iter_mut().zip(&p).for_each(|(a, b)| *a += b);
        again
    });
    assert!(s.marginals(&[Qubit(1), Qubit(1)], &control).is_err());
}
