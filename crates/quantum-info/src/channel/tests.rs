use super::*;

/// Every constructor, with parameters in the middle and at the ends of their ranges.
fn channels() -> Vec<(&'static str, Channel)> {
    let mut all = Vec::new();
    for p in [0.0, 0.03, 0.4, 1.0] {
        for n in 1..=3 {
            all.push(("depolarizing", Channel::depolarizing(n, p).unwrap()));
        }
        for pauli in [Pauli::X, Pauli::Y, Pauli::Z] {
            all.push(("flip", Channel::flip(pauli, p).unwrap()));
        }
        all.push(("pauli", Channel::pauli(2, &[("XY", p / 2.0), ("IZ", p / 4.0)]).unwrap()));
        all.push(("amplitude damping", Channel::amplitude_damping(p).unwrap()));
        all.push(("generalized damping", Channel::generalized_amplitude_damping(p, 0.25).unwrap()));
        all.push(("phase damping", Channel::phase_damping(p).unwrap()));
        all.push(("relaxation", Channel::thermal_relaxation(10.0 * p, 50.0, 70.0, 0.1).unwrap()));
        all.push((
            "relaxation, T2 = 2 T1",
            Channel::thermal_relaxation(p, 5.0, 10.0, 0.0).unwrap(),
        ));
    }
    all
}

#[test]
fn every_channel_is_completely_positive_and_keeps_the_trace() {
    for (name, channel) in channels() {
        let matrices: Vec<Matrix> = channel.operators().iter().map(|o| o.matrix.clone()).collect();
        assert!(Channel::kraus(&matrices).is_ok(), "{name}");
        let n = 1 << (2 * channel.num_qubits());
        // The trace is the coefficient of the identity: its row is (1, 0, …, 0).
        for (j, x) in channel.transfer()[..n].iter().enumerate() {
            assert!((x - f64::from(u8::from(j == 0))).abs() < 1e-14, "{name}: {x} in column {j}");
        }
        // The Choi matrix of the superoperator has no negative eigenvalues: else this refuses.
        let again = Channel::superoperator(&channel.to_superoperator()).unwrap();
        for (a, b) in channel.transfer().iter().zip(again.transfer()) {
            assert!((a - b).abs() < 1e-12, "{name}: {a} and {b}");
        }
        for op in channel.operators() {
            assert!(op.least <= op.most && op.most <= 1.0, "{name}");
        }
    }
}

#[test]
fn depolarizing_mixes_with_the_weight_that_it_is_given() {
    for n in 1..=3 {
        let channel = Channel::depolarizing(n, 0.2).unwrap();
        let dim = 1 << (2 * n);
        for (k, x) in channel.transfer().iter().enumerate() {
            let wanted = match (k / dim, k % dim) {
                (0, 0) => 1.0,
                (r, c) if r == c => 0.8,
                _ => 0.0,
            };
            assert!((x - wanted).abs() < 1e-14);
        }
        assert!(channel.operators()[0].is_identity() && channel.operators()[0].is_fixed());
    }
}

#[test]
fn relaxation_decays_as_its_times_say() {
    let (time, t1, t2, excited) = (3.0_f64, 50.0_f64, 70.0_f64, 0.2);
    let t = Channel::thermal_relaxation(time, t1, t2, excited).unwrap();
    let r = t.transfer();
    assert!((r[5] - (-time / t2).exp()).abs() < 1e-14);
    assert!((r[10] - (-time / t2).exp()).abs() < 1e-14);
    assert!((r[15] - (-time / t1).exp()).abs() < 1e-14);
    // Towards ⟨Z⟩ = 1 - 2·excited.
    assert!((r[12] - (1.0 - 2.0 * excited) * (1.0 - (-time / t1).exp())).abs() < 1e-14);
    let none = Channel::thermal_relaxation(1.0, f64::INFINITY, f64::INFINITY, 0.0).unwrap();
    assert!(none.is_identity());
}

#[test]
fn the_probability_of_an_operator_lies_between_its_bounds() {
    let damping = Channel::amplitude_damping(0.3).unwrap();
    let ops = damping.operators();
    assert!((ops[0].least - 0.7).abs() < 1e-14 && (ops[0].most - 1.0).abs() < 1e-14);
    assert!(ops[1].least.abs() < 1e-14 && (ops[1].most - 0.3).abs() < 1e-14);
    assert!(!ops[0].is_fixed());
}

#[test]
fn a_unitary_turns_pauli_strings_into_each_other() {
    // CX, control first: X on the control spreads to the target.
    let cx = Matrix::from_entries(
        &[1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0].map(|x| real(f64::from(x))),
    )
    .unwrap();
    let r = transfer_matrix(&[cx]);
    let (xi, xx) = (1, 1 + 4);
    assert!((r[xx * 16 + xi] - 1.0).abs() < 1e-15);
    assert_eq!(r.iter().filter(|x| x.abs() > 1e-12).count(), 16);
}

#[test]
fn what_is_no_channel_is_refused() {
    let half = Matrix::identity(2).scale(real(0.5));
    assert!(matches!(Channel::kraus(&[half]), Err(ChannelError::NotTracePreserving { .. })));
    assert!(matches!(Channel::kraus(&[]), Err(ChannelError::Width { asked: 0 })));
    assert!(matches!(
        Channel::kraus(&[Matrix::identity(16)]),
        Err(ChannelError::Width { asked: 4 })
    ));
    assert!(matches!(
        Channel::kraus(&[Matrix::identity(2), Matrix::identity(4)]),
        Err(ChannelError::Sizes)
    ));
    assert!(matches!(Channel::depolarizing(1, 1.5), Err(ChannelError::Probability { .. })));
    assert!(matches!(Channel::depolarizing(1, f64::NAN), Err(ChannelError::Probability { .. })));
    assert!(matches!(Channel::pauli(1, &[("X", 0.6), ("Z", 0.6)]), Err(ChannelError::Sum { .. })));
    assert!(matches!(Channel::pauli(2, &[("X", 0.1)]), Err(ChannelError::PauliString { .. })));
    assert!(matches!(
        Channel::thermal_relaxation(1.0, 10.0, 30.0, 0.0),
        Err(ChannelError::Relaxation { .. })
    ));
    let mut nan = Matrix::identity(2);
    nan.set(0, 0, real(f64::NAN));
    assert!(Channel::kraus(&[nan.clone()]).is_err());
    // The transpose is positive but not completely so.
    let swap = Matrix::from_entries(
        &[1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1].map(|x| real(f64::from(x))),
    )
    .unwrap();
    assert!(matches!(Channel::superoperator(&swap), Err(ChannelError::NotPositive { .. })));
    assert!(matches!(
        Channel::superoperator(&Matrix::identity(8)),
        Err(ChannelError::SuperoperatorShape { .. })
    ));
}
