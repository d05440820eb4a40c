//! Error models, decoding and the surface code.

use sim::RunControl;

use crate::circuit::Limits;
use crate::surface_code::{Memory, MemoryError, Noise};
use crate::{
    Circuit, Decoder, Error, ErrorModel, Pauli, ReadLimits, detection_counts, logical_errors, read,
};

fn circuit(text: &str) -> Circuit {
    read(text, &ReadLimits::default()).unwrap_or_else(|d| panic!("{d:?}"))
}

fn model(text: &str) -> Result<ErrorModel, Error> {
    ErrorModel::of(&circuit(text), &Limits::default(), &RunControl::default())
}

fn check(text: &str, expected: &str) {
    assert_eq!(model(text).unwrap().to_string(), expected, "{text}");
}

#[test]
fn errors_are_followed_to_the_detectors_that_see_them() {
    check("X_ERROR(0.125) 0\nM 0\nDETECTOR rec[-1]", "error(0.125) D0\n");
    check("Z_ERROR(0.125) 0\nM 0\nDETECTOR rec[-1]", "");
    check("X_ERROR(0.25) 0\nR 0\nM 0\nDETECTOR rec[-1]", "");
    check("M(0.25) 0\nDETECTOR rec[-1]\nOBSERVABLE_INCLUDE(2) rec[-1]", "error(0.25) D0 L2\n");
    check(
        "X_ERROR(0.25) 0\nCX 0 1\nM 0 1\nDETECTOR rec[-1]\nDETECTOR rec[-2]",
        "error(0.25) D0 D1\n",
    );
    check("H 0\nZ_ERROR(0.25) 0\nH 0\nX_ERROR(0.5) 0\nM 0\nDETECTOR rec[-1]", "error(0.5) D0\n");
    check(
        "RX 0\nE(0.25) Z0 X1\nMX 0\nM 1\nDETECTOR rec[-1]\nDETECTOR rec[-2]",
        "error(0.25) D0 D1\n",
    );
    check("MR(0.25) 0\nCX rec[-1] 1\nM 1\nDETECTOR rec[-1]", "error(0.25) D0\n");
    check(
        "MPP(0.25) Z0*Z1\nDETECTOR rec[-1]\nX_ERROR(0.125) 0\nMZZ 0 1\nDETECTOR rec[-1]",
        "error(0.25) D0\nerror(0.125) D1\n",
    );
    check("RX 0\nY_ERROR(0.25) 0\nOBSERVABLE_INCLUDE(0) X0", "error(0.25) L0\n");
}

#[test]
fn what_is_random_without_noise_is_refused() {
    let random = |text: &str| model(text).unwrap_err();
    assert_eq!(random("H 0\nM 0\nDETECTOR rec[-1]"), Error::RandomDetector { detector: 0 });
    assert_eq!(random("MX 0\nDETECTOR rec[-1]"), Error::RandomDetector { detector: 0 });
    assert_eq!(
        random("M 0\nMX 0\nM 0\nDETECTOR rec[-3]\nOBSERVABLE_INCLUDE(1) rec[-1]"),
        Error::RandomObservable { observable: 1 }
    );
    assert_eq!(random("MPP X0*X1\nDETECTOR rec[-1]"), Error::RandomDetector { detector: 0 });
    assert!(model("MXX 0 1\nMXX 0 1\nDETECTOR rec[-1] rec[-2]").is_ok());
}

#[test]
fn rates_of_the_model_are_those_of_the_samples() {
    let text = "R 0 1 2\nDEPOLARIZE1(0.05) 0 1\nCX 0 1 1 2\nDEPOLARIZE2(0.1) 0 1 2 0\nPAULI_CHANNEL_1(0.02,0.001,0.03) 2\n\
        SQRT_YY 0 1\nPAULI_CHANNEL_2(0,0.01,0,0,0,0,0,0,0,0,0,0,0,0,0) 0 2\nSQRT_YY_DAG 0 1\nISWAP 1 2\nZ_ERROR(0.01) 1\nISWAP_DAG 1 2\n\
        CX 1 2 0 1\nM(0.03) 0 1 !2\nDETECTOR rec[-1]\nDETECTOR rec[-2] rec[-3]\nDETECTOR rec[-3]\n";
    let found = model(text).unwrap();
    assert!(found.exact);
    let shots = 1_000_000;
    let sampled =
        detection_counts(&circuit(text), shots, 11, &Limits::default(), &RunControl::default())
            .unwrap();
    for (rate, &count) in found.detector_rates().iter().zip(&sampled.detectors) {
        let bound = 5.0 * (rate * (1.0 - rate) / shots as f64).sqrt();
        assert!((count as f64 / shots as f64 - rate).abs() < bound, "{rate}: {count}");
    }
}

fn memory(distance: u32, rounds: u32, basis: Pauli, p: f64) -> Circuit {
    Memory { distance, rounds, basis, noise: Noise::uniform(p) }.circuit().unwrap()
}

#[test]
fn memory_experiments_detect_nothing_where_nothing_happens() {
    for (distance, rounds, basis) in
        [(2, 1, Pauli::Z), (3, 3, Pauli::X), (4, 2, Pauli::Z), (5, 5, Pauli::X)]
    {
        let c = memory(distance, rounds, basis, 0.0);
        let s = c.summary();
        let checks = u64::from(distance * distance - 1);
        assert_eq!(u64::from(s.num_qubits), 2 * checks + 1);
        // At the ends the checks of one type, half of all in a code of odd distance.
        if distance % 2 == 1 {
            assert_eq!(s.num_detectors, checks * u64::from(rounds));
        }
        let found =
            detection_counts(&c, 2000, 1, &Limits::default(), &RunControl::default()).unwrap();
        assert!(found.detectors.iter().chain(&found.observables).all(|&n| n == 0));
        assert_eq!(read(&c.to_string(), &ReadLimits::default()).unwrap(), c);
    }
    let bad = Memory { distance: 1, rounds: 1, basis: Pauli::Z, noise: Noise::default() };
    assert_eq!(bad.circuit(), Err(MemoryError::Distance(1)));
}

/// The fewest errors that flip the observable and no detector: by search over all sets of up to `most`.
fn shortest_logical_error(model: &ErrorModel, most: usize) -> Option<usize> {
    use std::collections::BTreeSet;
    // States: detectors that have fired, and the observable.
    let mut reached: BTreeSet<(Vec<u32>, bool)> = BTreeSet::from([(Vec::new(), false)]);
    for count in 1..=most {
        let mut next = BTreeSet::new();
        for (fired, flipped) in &reached {
            for m in &model.mechanisms {
                // Explain the first event, so that every set is built in one order.
                if fired.first().is_some_and(|d| !m.detectors.contains(d)) {
                    continue;
                }
                let after = (
                    crate::error_model::xor(fired, &m.detectors),
                    flipped ^ !m.observables.is_empty(),
                );
                if after.0.is_empty() && after.1 {
                    return Some(count);
                }
                if after.0.len() <= 2 * (most - count) {
                    next.insert(after);
                }
            }
        }
        reached = next;
    }
    None
}

#[test]
fn it_takes_as_many_errors_as_the_distance_to_fool_a_memory() {
    for (distance, basis) in [(2, Pauli::X), (3, Pauli::Z), (3, Pauli::X)] {
        let c = memory(distance, 2, basis, 0.001);
        let found = ErrorModel::of(&c, &Limits::default(), &RunControl::default()).unwrap();
        assert_eq!(shortest_logical_error(&found, 3), Some(distance as usize), "{basis:?}");
    }
}

#[test]
fn a_larger_code_keeps_its_qubit_better_below_the_threshold() {
    let rate = |distance: u32| {
        let c = memory(distance, distance, Pauli::Z, 0.002);
        let control = RunControl::default();
        let found = ErrorModel::of(&c, &Limits::default(), &control).unwrap();
        let decoder = Decoder::new(&found).unwrap();
        logical_errors(&c, &decoder, 40_000, 5, &Limits::default(), &control).unwrap()
    };
    let (three, five) = (rate(3), rate(5));
    assert_eq!(three.errors, three.observables[0]);
    // About 120 and 40 errors, with deviations of 11 and 7.
    assert!(five.errors > 0 && 3 * five.errors < 2 * three.errors, "{three:?} {five:?}");
}

#[test]
fn a_single_error_is_always_corrected() {
    // All of one error at a time: the decoder must say what it did to the observable.
    let c = memory(3, 3, Pauli::Z, 0.001);
    let found = ErrorModel::of(&c, &Limits::default(), &RunControl::default()).unwrap();
    let decoder = Decoder::new(&found).unwrap();
    for m in &found.mechanisms {
        assert_eq!(decoder.decode(&m.detectors), m.observables, "{m:?}");
    }
}

#[test]
fn errors_that_are_no_edges_are_refused() {
    let text = "E(0.1) X0 X1 X2\nM 0 1 2\nDETECTOR rec[-1]\nDETECTOR rec[-2]\nDETECTOR rec[-3]\nOBSERVABLE_INCLUDE(0) rec[-1]";
    // X0, X1 and X2 apart are edges of their own.
    assert!(Decoder::new(&model(text).unwrap()).is_ok());
    let joined =
        "X_ERROR(0.1) 0\nCX 0 1 0 2\nM 0 1 2\nDETECTOR rec[-1]\nDETECTOR rec[-2]\nDETECTOR rec[-3]";
    let refused = Decoder::new(&model(joined).unwrap());
    assert_eq!(refused, Err(Error::NotGraphlike { detectors: 3 }));
}
