use circuit::{Gate, Qubit, UnitaryInstruction};

use super::*;

fn gate(g: Gate, params: &[f64], qubits: &[u32]) -> UnitaryInstruction {
    let qubits: Vec<Qubit> = qubits.iter().map(|&q| Qubit(q)).collect();
    UnitaryInstruction::from_gate(g, params, &qubits)
}

fn after(model: &NoiseModel, u: &UnitaryInstruction) -> Vec<Applied> {
    let mut out = Vec::new();
    model.after(u, &mut out);
    out
}

#[test]
fn a_document_says_what_follows_gates_of_one_and_two_qubits() {
    let model = parse(
        r#"{"format": "conformance-noise-model/1",
            "after_1q_gate": [{"type": "bit_flip", "p": 0.1}],
            "after_2q_gate": [{"type": "depolarizing", "lambda": 0.05, "qubits": 2}],
            "after_2q_gate_on_each_qubit": [{"type": "phase_damping", "lambda": 0.12}],
            "readout_matrix": [[0.97, 0.03], [0.06, 0.94]], "kraus": {}}"#,
    )
    .unwrap();
    assert_eq!(after(&model, &gate(Gate::H, &[], &[3])).len(), 1);
    let cx = after(&model, &gate(Gate::Cx, &[], &[3, 1]));
    let on: Vec<Vec<u32>> = cx.iter().map(|(_, q)| q.iter().map(|q| q.0).collect()).collect();
    assert_eq!(on, [vec![3, 1], vec![3], vec![1]]);
    assert_eq!(model.readout(Qubit(7)), Some([[0.97, 0.03], [0.06, 0.94]]));
    let mut out = Vec::new();
    assert_eq!(model.after(&gate(Gate::Ccx, &[], &[0, 1, 2]), &mut out), Some(Remark::TooWide(3)));
    assert!(out.is_empty());
}

#[test]
fn rules_are_for_single_gates_and_qubits() {
    let model = parse(
        r#"{"format": "ketlab-noise-model/1", "name": "mine", "rules": [
            {"gates": ["cnot"], "qubits": [0, 1], "channels": [{"type": "pauli", "errors": [["XZ", 0.1]]}]},
            {"num_qubits": 1, "gates": ["sx"], "channels": [{"type": "coherent_rx", "angle": 0.01}]},
            {"num_qubits": 3, "gates": ["ccx"], "on_each_qubit": [{"type": "bit_flip", "p": 0.2}]}],
            "readout": [{"qubits": [1], "matrix": [[0.9, 0.1], [0.2, 0.8]]}]}"#,
    )
    .unwrap();
    assert_eq!(after(&model, &gate(Gate::Cx, &[], &[0, 1])).len(), 1);
    assert_eq!(after(&model, &gate(Gate::Cx, &[], &[1, 0])).len(), 0);
    assert_eq!(after(&model, &gate(Gate::Cz, &[], &[0, 1])).len(), 0);
    assert_eq!(after(&model, &gate(Gate::Sx, &[], &[5])).len(), 1);
    assert_eq!(after(&model, &gate(Gate::Ccx, &[], &[0, 1, 2])).len(), 3);
    assert_eq!(model.readout(Qubit(0)), None);
    assert!(model.readout(Qubit(1)).is_some());
    // A control that was added makes another gate of it.
    let mut controlled = gate(Gate::Sx, &[], &[0]);
    controlled.controls.push(circuit::Control { qubit: Qubit(1), on: true });
    assert!(after(&model, &controlled).is_empty());
}

#[test]
fn all_forms_of_channels_are_read() {
    let x = "[[[0,0],[1,0]],[[1,0],[0,0]]]";
    let swap = "[[[1,0],[0,0],[0,0],[0,0]],[[0,0],[1,0],[0,0],[0,0]],[[0,0],[0,0],[1,0],[0,0]],[[0,0],[0,0],[0,0],[1,0]]]";
    for channel in [
        format!(r#"{{"type": "coherent", "matrix": {x}}}"#),
        format!(r#"{{"type": "kraus", "operators": [{x}]}}"#),
        format!(r#"{{"type": "superoperator", "matrix": {swap}}}"#),
        r#"{"type": "bit_phase_flip", "p": 0.5}"#.to_owned(),
        r#"{"type": "thermal_relaxation", "t1": 50, "t2": 70, "time": 1}"#.to_owned(),
        r#"{"type": "generalized_amplitude_damping", "gamma": 0.1, "excited_population": 0.2}"#
            .to_owned(),
    ] {
        let text =
            format!(r#"{{"format": "conformance-noise-model/1", "after_1q_gate": [{channel}]}}"#);
        let model = parse(&text).unwrap_or_else(|e| panic!("{channel}: {e}"));
        assert_eq!(after(&model, &gate(Gate::X, &[], &[0])).len(), 1);
    }
}

#[test]
fn what_is_no_model_is_refused_with_the_place() {
    let check = |text: &str, expected: &str| {
        let error = parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    };
    check("{", "cannot be read");
    check("[1]", "cannot be read");
    check(r#"{"format": "other/1"}"#, "`other/1`");
    check("{}", "`none`");
    check(&" ".repeat(MAX_DOCUMENT_BYTES + 1), "at most");
    let with = |part: &str| format!(r#"{{"format": "conformance-noise-model/1", {part}}}"#);
    check(
        &with(r#""after_1q_gate": [{"type": "depolarizing", "lambda": 1.5}]"#),
        "after_1q_gate[0]: λ of depolarizing is 1.5",
    );
    check(&with(r#""after_1q_gate": [{"type": "gremlins"}]"#), "gremlins");
    check(
        &with(r#""after_2q_gate": [{"type": "bit_flip", "p": 0.1}]"#),
        "after_2q_gate[0]: the channel acts on 1 qubits, the gate on 2",
    );
    check(&with(r#""readout_matrix": [[0.9, 0.2], [0, 1]]"#), "readout_matrix: rows");
    check(&with(r#""rules": [{"num_qubits": 1}]"#), "rules");
    check(
        &with(r#""after_1q_gate": [{"type": "kraus", "operators": [[[[1,0]],[[1,0]]]]}]"#),
        "a row of 1 entries",
    );
    check(
        r#"{"format": "ketlab-noise-model/1", "rules": [{"gates": ["nope"], "num_qubits": 1}]}"#,
        "no gate `nope`",
    );
}

/// The average fidelity of what follows a gate.
fn average_fidelity(channels: &[Applied]) -> f64 {
    let k = channels.iter().map(|(c, _)| c.num_qubits()).max().unwrap_or(1);
    let d = f64::from(1_u32 << k);
    // Relaxation of single qubits and depolarizing of all compose by their process fidelities.
    let (mut relaxed, mut lambda) = (1.0, 0.0);
    for (c, _) in channels {
        if c.num_qubits() == k
            && c.operators().iter().all(quantum_info::channel::Operator::is_fixed)
        {
            lambda = 1.0 - c.transfer()[c.transfer().len() - 1];
        } else {
            relaxed *= c.process_fidelity();
        }
    }
    let f = (1.0 - lambda) * relaxed + lambda / (d * d);
    (d * f + 1.0) / (d + 1.0)
}

#[test]
fn every_device_is_read_and_its_gates_are_as_bad_as_measured() {
    for name in devices() {
        let model = device(name).unwrap();
        assert!(model.num_qubits().unwrap() >= 5, "{name}");
        assert!(model.has_readout_errors());
        assert!(after(&model, &gate(Gate::Rz, &[0.3], &[0])).is_empty());
        assert!(!after(&model, &gate(Gate::H, &[], &[0])).is_empty());
    }
    // sx on qubit 0 and cx on qubits 0 and 1 of the snapshot.
    let hanoi = device("ibm_hanoi").unwrap();
    let text: serde_json::Value =
        serde_json::from_str(include_str!("../devices/hanoi.json")).unwrap();
    let error = |name: &str| text["gates"][name][0][1].as_f64().unwrap();
    let sx = after(&hanoi, &gate(Gate::Sx, &[], &[0]));
    assert!((1.0 - average_fidelity(&sx) - error("sx")).abs() < 1e-12);
    let cx = after(&hanoi, &gate(Gate::Cx, &[], &[0, 1]));
    assert!((1.0 - average_fidelity(&cx) - error("cx")).abs() < 1e-12);
    assert!(device("nowhere").is_none());
}

#[test]
fn gates_beyond_the_device_are_charged_and_remarked() {
    let hanoi = device("hanoi").unwrap();
    let count = |u: &UnitaryInstruction| after(&hanoi, u).len();
    assert_eq!(count(&gate(Gate::Ry, &[0.1], &[0])), 2 * count(&gate(Gate::Sx, &[], &[0])));
    assert_eq!(count(&gate(Gate::Swap, &[], &[0, 1])), 3 * count(&gate(Gate::Cx, &[], &[0, 1])));
    let mut out = Vec::new();
    assert_eq!(hanoi.after(&gate(Gate::Cx, &[], &[9, 0]), &mut out), Some(Remark::Uncoupled(0, 9)));
    assert!(!out.is_empty());
}

#[test]
fn waiting_relaxes() {
    let hanoi = device("hanoi").unwrap();
    let mut out = Vec::new();
    hanoi.idle(Duration::from_ns(1000.0), Qubit(0), &mut out);
    hanoi.idle(Duration::from_dt(4500.0), Qubit(0), &mut out);
    assert_eq!(out.len(), 2);
    let decay = |c: &Channel| c.transfer()[15];
    assert!((decay(&out[0].0) - decay(&out[1].0)).abs() < 1e-9);
    assert!((decay(&out[0].0) - (-1.0 / 198.126_180_18_f64).exp()).abs() < 1e-9);
}

#[test]
fn the_properties_of_a_backend_are_a_model() {
    let property = |name: &str, unit: &str, value: f64| {
        format!(r#"{{"date": "x", "name": "{name}", "unit": "{unit}", "value": {value}}}"#)
    };
    let qubit = [
        property("T1", "us", 100.0),
        property("T2", "ms", 0.08),
        property("prob_meas0_prep1", "", 0.02),
        property("prob_meas1_prep0", "", 0.01),
    ]
    .join(",");
    let gate_text = format!(
        r#"{{"qubits": [0], "gate": "sx", "parameters": [{}, {}]}}"#,
        property("gate_error", "", 0.001),
        property("gate_length", "ns", 40.0)
    );
    let text = format!(
        r#"{{"backend_name": "mine", "backend_version": "1", "qubits": [[{qubit}]], "gates": [{gate_text}]}}"#
    );
    let model = parse(&text).unwrap();
    assert_eq!((model.name(), model.num_qubits()), ("mine", Some(1)));
    assert_eq!(model.readout(Qubit(0)), Some([[0.99, 0.01], [0.02, 0.98]]));
    let sx = after(&model, &gate(Gate::Sx, &[], &[0]));
    assert!((1.0 - average_fidelity(&sx) - 0.001).abs() < 1e-12);
}

/// A channel's transfer matrix after `sx` on qubit 0, or after `cx` on 0 and 1.
fn strength(model: &NoiseModel, u: &UnitaryInstruction) -> Vec<Vec<f64>> {
    after(model, u).into_iter().map(|(channel, _)| channel.transfer().to_vec()).collect()
}

#[test]
fn a_model_times_two_is_the_document_with_twice_the_numbers() {
    let document = |s: f64| {
        let each = [
            format!(r#"{{"type": "depolarizing", "lambda": {}}}"#, 0.01 * s),
            format!(r#"{{"type": "pauli", "px": {}, "pz": {}}}"#, 0.02 * s, 0.01 * s),
            format!(r#"{{"type": "amplitude_damping", "gamma": {}}}"#, 0.03 * s),
            format!(r#"{{"type": "thermal_relaxation", "time": {s}, "t1": 50, "t2": 60}}"#),
            format!(r#"{{"type": "coherent_rx", "angle": {}}}"#, 0.1 * s),
        ];
        let r = 0.04 * s;
        format!(
            r#"{{"format": "conformance-noise-model/1", "after_1q_gate": [{}], "readout_matrix": [[{}, {r}], [{}, {}]]}}"#,
            each.join(","),
            1.0 - r,
            0.5 * r,
            1.0 - 0.5 * r
        )
    };
    let sx = gate(Gate::Sx, &[], &[0]);
    let close = |a: &[Vec<f64>], b: &[Vec<f64>]| {
        a.len() == b.len()
            && a.iter().flatten().zip(b.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-12)
    };
    let one = parse(&document(1.0)).unwrap();
    for s in [0.0, 0.5, 2.0, 7.0] {
        let (scaled, written) = (one.scaled(s).unwrap(), parse(&document(s)).unwrap());
        assert!(close(&strength(&scaled, &sx), &strength(&written, &sx)), "{s}");
        let (a, b) = (scaled.readout(Qubit(0)).unwrap(), written.readout(Qubit(0)).unwrap());
        assert!((a[0][1] - b[0][1]).abs() < 1e-15 && (a[1][0] - b[1][0]).abs() < 1e-15);
    }
    let again = one.scaled(0.5).unwrap().scaled(2.0).unwrap();
    assert!(close(&strength(&again, &sx), &strength(&one, &sx)));
}

#[test]
fn what_cannot_be_stronger_is_refused_with_its_place() {
    let of = |channel: &str| {
        parse(&format!(
            r#"{{"format": "conformance-noise-model/1", "after_1q_gate": [{channel}]}}"#
        ))
        .unwrap()
    };
    let flip = of(r#"{"type": "bit_flip", "p": 0.4}"#);
    let said = flip.scaled(3.0).unwrap_err().to_string();
    assert!(said.starts_with("after_1q_gate[0]: ") && said.contains("1.2"), "{said}");
    assert!(flip.scaled(-1.0).is_err() && flip.scaled(f64::NAN).is_err());
    let kraus = of(r#"{"type": "kraus", "operators": [[[[0, 0], [1, 0]], [[1, 0], [0, 0]]]]}"#);
    assert!(kraus.scaled(1.5).is_err());
    // X with certainty, half of the time.
    let x = gate(Gate::X, &[], &[0]);
    let half = strength(&kraus.scaled(0.5).unwrap(), &x);
    assert!(half[0][10].abs() < 1e-12 && (half[0][5] - 1.0).abs() < 1e-12, "{half:?}");
    let root = of(r#"{"type": "coherent", "matrix": [[[0, 0], [1, 0]], [[1, 0], [0, 0]]]}"#);
    let twice = strength(&root.scaled(2.0).unwrap(), &x);
    assert!((twice[0][10] - 1.0).abs() < 1e-9, "X twice is nothing: {twice:?}");
}

#[test]
fn a_device_is_weaker_and_stronger_as_well() {
    let hanoi = device("hanoi").unwrap();
    let cx = gate(Gate::Cx, &[], &[0, 1]);
    let fidelity = |s: f64| -> f64 {
        after(&hanoi.scaled(s).unwrap(), &cx).iter().map(|(c, _)| c.process_fidelity()).product()
    };
    assert!((fidelity(0.0) - 1.0).abs() < 1e-12);
    assert_eq!(strength(&hanoi.scaled(1.0).unwrap(), &cx), strength(&hanoi, &cx));
    let lost = |s: f64| 1.0 - fidelity(s);
    // Small errors add up.
    assert!(
        (lost(2.0) / lost(1.0) - 2.0).abs() < 0.05 && (lost(0.5) / lost(1.0) - 0.5).abs() < 0.01
    );
    let again = hanoi.scaled(0.5).unwrap().scaled(2.0).unwrap();
    assert_eq!(strength(&again, &cx), strength(&hanoi, &cx));
    let wrong = |s: f64| hanoi.scaled(s).unwrap().readout(Qubit(3)).unwrap()[0][1];
    assert!((wrong(3.0) - 3.0 * wrong(1.0)).abs() < 1e-15);
}
