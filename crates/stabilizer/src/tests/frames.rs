//! Frames against single shots on the tableau, and against numbers worked out by hand.

use std::collections::BTreeMap;

use sim::RunControl;

use crate::circuit::Limits;
use crate::frame::{BATCH, Sampler};
use crate::{Circuit, DetectionCounts, ReadLimits, detection_counts, read, run};

fn circuit(text: &str) -> Circuit {
    read(text, &ReadLimits::default()).unwrap_or_else(|d| panic!("{d:?}"))
}

fn counts(circuit: &Circuit, shots: u64) -> DetectionCounts {
    detection_counts(circuit, shots, 7, &Limits::default(), &RunControl::default()).unwrap()
}

/// How often each record came out; records of at most 64 results.
fn records(circuit: &Circuit, shots: u64, seed: u64) -> BTreeMap<u64, u64> {
    let sampler = Sampler::new(circuit, &Limits::default()).unwrap();
    let mut all = BTreeMap::new();
    sampler
        .records(
            shots,
            seed,
            &RunControl::default(),
            BTreeMap::<u64, u64>::new,
            |map, batch| batch.each_record(|row| *map.entry(row[0]).or_default() += 1),
            |map| map.into_iter().for_each(|(k, n)| *all.entry(k).or_default() += n),
        )
        .unwrap();
    all
}

/// Whether a rate is what it should be, within five standard deviations.
fn check_rate(hits: u64, shots: u64, p: f64) {
    let rate = hits as f64 / shots as f64;
    let bound = 5.0 * (p * (1.0 - p) / shots as f64).sqrt() + 1e-12;
    assert!((rate - p).abs() <= bound, "{rate} instead of {p}");
}

/// Both samplers give the same distribution of records: every record's share within five standard
/// deviations of the difference.
fn check_same(text: &str) {
    let circuit = circuit(text);
    let (many, few) = (60_000_u64, 20_000_u64);
    let frames = records(&circuit, many, 3);
    let mut singles: BTreeMap<u64, u64> = BTreeMap::new();
    for shot in 0..few {
        let done = run::run(&circuit, 5, shot, &Limits::default(), &RunControl::default()).unwrap();
        let key = done.record.iter().enumerate().fold(0, |k, (i, &b)| k | u64::from(b) << i);
        *singles.entry(key).or_default() += 1;
    }
    for key in frames.keys().chain(singles.keys()) {
        let of = |map: &BTreeMap<u64, u64>| map.get(key).copied().unwrap_or(0);
        let p = (of(&frames) + of(&singles)) as f64 / (many + few) as f64;
        let bound = 5.0 * (p * (1.0 - p) * (1.0 / many as f64 + 1.0 / few as f64)).sqrt();
        let (a, b) = (of(&frames) as f64 / many as f64, of(&singles) as f64 / few as f64);
        assert!((a - b).abs() <= bound + 2.0 / few as f64, "{key:b}: {a} and {b} in\n{text}");
    }
}

#[test]
fn frames_and_single_shots_give_the_same_records() {
    check_same("H 0\nCX 0 1 1 2\nM 0 1 !2\nMX 0 1 2\n");
    check_same("RX 0\nRY 1\nR 2\nMXX 0 1\nMYY 1 !2\nMZZ 0 2\nMPP X0*Y1*Z2 !Z0*Z1\nM(0.2) 0 1 2\n");
    check_same("H 0\nMR 0\nCX rec[-1] 1\nCZ 0 rec[-1]\nMRX 0\nMRY 1\nXCZ 1 rec[-2]\nM 0 1\n");
    check_same(
        "X_ERROR(0.1) 0\nY_ERROR(0.2) 1\nZ_ERROR(0.3) 2\nDEPOLARIZE1(0.3) 0 1 2\nM 0 1\nMX 2\n",
    );
    check_same("H 0\nDEPOLARIZE2(0.5) 0 1\nCX 0 1\nPAULI_CHANNEL_1(0.1, 0.2, 0.05) 0\nM 1\nMX 0\n");
    check_same(
        "PAULI_CHANNEL_2(0.01,0.02,0.03,0.04,0.05,0.06,0.07,0.08,0.09,0.1,0.01,0.02,0.03,0.04,0.05) 0 1\nM 0\nMX 1\n",
    );
    check_same(
        "E(0.3) X0 Y1\nELSE_CORRELATED_ERROR(0.5) X1\nELSE_CORRELATED_ERROR(0.02) Z0 X2\nM 0 1 2\n",
    );
    check_same(
        "HERALDED_ERASE(0.2) 0 1\nHERALDED_PAULI_CHANNEL_1(0.01, 0.1, 0.2, 0.3) 2\nM 0 1 2\nMPAD(0.25) 0 1\n",
    );
    check_same(
        "H 0 1\nSPP X0*Z1 !Y2\nSPP_DAG Z0*Z1*X2\nISWAP 0 1\nSQRT_YY_DAG 1 2\nCXSWAP 2 0\nM 0 1 2\nMY 0\n",
    );
    check_same("REPEAT 3 {\n H 0\n REPEAT 2 {\n CX 0 1\n M(0.01) 1\n }\n}\nDETECTOR rec[-1]\n");
    check_same(
        "C_XYZ 0\nC_NZYX 1\nH_XY 2\nH_NYZ 0\nSQRT_X 1\nSQRT_Y_DAG 2\nYCX 0 1\nXCY 1 2\nMR 0 1 2\nM 0 1 2\n",
    );
}

#[test]
fn rates_of_detectors_are_those_of_the_errors_they_see() {
    let shots = 400_000;
    // Parities of two errors, of one and a wrong result; below and above the step to dense bits.
    for p in [0.004, 0.2] {
        let text = format!(
            "X_ERROR({p}) 0 1\nM 0 1\nDETECTOR rec[-1] rec[-2]\nM({p}) 1\nDETECTOR rec[-1]\nOBSERVABLE_INCLUDE(1) rec[-2]\n"
        );
        let found = counts(&circuit(&text), shots);
        let either = 2.0 * p * (1.0 - p);
        check_rate(found.detectors[0], shots, either);
        check_rate(found.detectors[1], shots, either);
        assert_eq!(found.observables[0], 0);
        check_rate(found.observables[1], shots, p);
    }
    let erased =
        counts(&circuit("HERALDED_ERASE(0.01) 0\nDETECTOR rec[-1]\nM 0\nDETECTOR rec[-1]"), shots);
    check_rate(erased.detectors[0], shots, 0.01);
    check_rate(erased.detectors[1], shots, 0.005);
}

#[test]
fn a_shot_stays_what_it_is_when_more_follow() {
    let c = circuit("H 0\nDEPOLARIZE1(0.1) 0 1\nCX 0 1\nM 0 1\n");
    let all = |shots: u64| {
        let sampler = Sampler::new(&c, &Limits::default()).unwrap();
        let mut rows = Vec::new();
        sampler
            .records(
                shots,
                9,
                &RunControl::default(),
                Vec::new,
                |rows: &mut Vec<u64>, batch| batch.each_record(|row| rows.push(row[0])),
                |part| rows.extend(part),
            )
            .unwrap();
        rows
    };
    let many = all(40_000);
    assert_eq!(many.len(), 40_000);
    for shots in [1, 63, 64, BATCH as u64, BATCH as u64 + 1, 20_000] {
        assert_eq!(all(shots), many[..usize::try_from(shots).unwrap()]);
    }
}

#[test]
fn long_loops_are_run_and_not_written_out() {
    let c = circuit(
        "REPEAT 100000 {\n MR(0.001) 0\n DETECTOR rec[-1]\n}\nOBSERVABLE_INCLUDE(0) rec[-1]\n",
    );
    assert_eq!(c.summary().num_detectors, 100_000);
    let found = counts(&c, 1024);
    check_rate(found.detectors.iter().sum(), 1024 * 100_000, 0.001);
}

#[test]
fn what_would_not_fit_is_refused_before_it_is_begun() {
    let c = circuit("REPEAT 1000000000000 {\n REPEAT 1000000000 {\n H 0\n }\n}\n");
    assert!(Sampler::new(&c, &Limits::default()).is_err());
    let c = circuit("REPEAT 1000000000 {\n MR 0\n DETECTOR rec[-1]\n}\n");
    let limits = Limits { memory_bytes: 1 << 30, ..Limits::default() };
    let refused = detection_counts(&c, 1, 1, &limits, &RunControl::default());
    assert!(matches!(refused, Err(crate::Error::TooLarge { .. })));
    assert_eq!(counts(&circuit("M 0\nDETECTOR rec[-1]"), 0).detectors, [0]);
}
