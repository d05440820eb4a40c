//! What gates become: their inverses, powers, controls and matrices.

use super::*;

#[test]
fn custom_gates_are_inverted_repeated_and_controlled_with_their_phase() {
    let w = matrix_of_w(&[], 2);
    assert!(w.unitary_deviation() < ATOL);
    assert_close(&matrix_of_w(&[Modifier::Inv], 2), &w.dagger());
    assert_close(&matrix_of_w(&[Modifier::Pow(Expr::int(3))], 2), &w.power_integer(3));
    assert_close(&matrix_of_w(&[Modifier::Pow(Expr::int(-2))], 2), &w.dagger().power_integer(2));
    assert_close(&matrix_of_w(&[Modifier::Pow(Expr::int(0))], 2), &Matrix::identity(4));
    assert_close(&matrix_of_w(&[Modifier::Ctrl(None)], 3), &w.controlled(1));
    assert_close(&matrix_of_w(&[Modifier::Ctrl(Some(Expr::int(2)))], 4), &w.controlled(2));
    let root = matrix_of_w(&[Modifier::Pow(Expr::float(0.5))], 2);
    assert_close(&root.mul(&root), &w);
    let nested = [Modifier::Inv, Modifier::Ctrl(None), Modifier::Pow(Expr::float(0.5))];
    assert_close(&matrix_of_w(&nested, 3), &root.dagger().controlled(1));
}

#[test]
fn anti_controls_act_where_the_control_is_zero() {
    let m = matrix_of_call(table(Gate::X), &[Modifier::NegCtrl(None)], &[], 2);
    assert!((m.at(0b10, 0b00) - 1.0).norm() < ATOL);
    assert!((m.at(0b01, 0b01) - 1.0).norm() < ATOL);
    // ctrl @ negctrl: the outer control comes first.
    let m =
        matrix_of_call(table(Gate::X), &[Modifier::Ctrl(None), Modifier::NegCtrl(None)], &[], 3);
    assert!((m.at(0b101, 0b001) - 1.0).norm() < ATOL);
    assert!((m.at(0b011, 0b011) - 1.0).norm() < ATOL);
}

#[test]
fn powers_of_table_gates_and_of_controlled_ones_are_principal() {
    let x = Gate::X.spec().matrix(&[]);
    let half = Modifier::Pow(Expr::float(0.5));
    assert_close(
        &matrix_of_call(table(Gate::X), std::slice::from_ref(&half), &[], 1),
        &Gate::Sx.spec().matrix(&[]),
    );
    assert_close(
        &matrix_of_call(table(Gate::Cx), std::slice::from_ref(&half), &[], 2),
        &Gate::Csx.spec().matrix(&[]),
    );
    let both = [half.clone(), Modifier::Pow(Expr::int(2))];
    assert_close(&matrix_of_call(table(Gate::X), &both, &[], 1), &Matrix::identity(2));
    let both = [Modifier::Pow(Expr::int(2)), half];
    assert_close(&matrix_of_call(table(Gate::X), &both, &[], 1), &x);
    let m = matrix_of_call(GateRef::GlobalPhase, &[Modifier::Ctrl(None)], &[0.4], 1);
    assert_close(&m, &Gate::P.spec().matrix(&[0.4]));
}

#[test]
#[expect(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "numbers of four bits"
)]
fn blocks_permute_basis_states_as_they_say() {
    let check = |block: BlockGate, n: u32, f: &dyn Fn(u64) -> u64| {
        let m = matrix_of_call(GateRef::Block(block), &[], &[], n);
        let back = matrix_of_call(GateRef::Block(block), &[Modifier::Inv], &[], n);
        assert_close(&back, &m.dagger());
        for x in 0..1_u64 << n {
            let to = usize::try_from(f(x)).unwrap();
            let from = usize::try_from(x).unwrap();
            assert!((m.at(to, from) - 1.0).norm() < ATOL, "{block:?}: {x} does not go to {to}");
        }
    };
    for amount in [-5_i64, -1, 0, 1, 3, 7] {
        check(BlockGate::Increment { num_qubits: 4, amount }, 4, &|x| {
            (x as i64 + amount).rem_euclid(16) as u64
        });
        check(BlockGate::Rotate { num_qubits: 4, amount }, 4, &|x| {
            let by = amount.rem_euclid(4) as u32;
            (x << by | x >> (4 - by)) & 15
        });
        check(BlockGate::ModularIncrement { num_qubits: 3, amount, modulus: 6 }, 3, &|x| {
            if x < 6 { (x as i64 + amount).rem_euclid(6) as u64 } else { x }
        });
        check(BlockGate::MultiplyAdd { split: 2, num_qubits: 3, factor: amount }, 5, &|x| {
            let (a, b) = (x & 3, x >> 2);
            a | ((b as i64 + amount * a as i64).rem_euclid(8) as u64) << 2
        });
    }
    check(BlockGate::Add { split: 2, num_qubits: 3 }, 5, &|x| {
        x & 3 | (((x >> 2) + (x & 3)) % 8) << 2
    });
    check(BlockGate::Add { split: 3, num_qubits: 2 }, 5, &|x| {
        x & 7 | (((x >> 3) + (x & 7)) % 4) << 3
    });
    for factor in [1, 3, 5, 15, 21] {
        check(BlockGate::Multiply { num_qubits: 4, factor }, 4, &|x| x * factor % 16);
    }
    check(BlockGate::ModularMultiply { num_qubits: 4, factor: 7, modulus: 15 }, 4, &|x| {
        if x < 15 { x * 7 % 15 } else { x }
    });
    check(BlockGate::Xor { split: 2 }, 4, &|x| x ^ (x & 3) << 2);
    check(BlockGate::Reverse { num_qubits: 3 }, 3, &|x| (x & 1) << 2 | x & 2 | x >> 2);
}

#[test]
fn diagonal_blocks_and_the_fourier_transform_have_their_phases() {
    for n in 1..=4_u32 {
        let m = matrix_of_call(GateRef::Block(BlockGate::Qft { num_qubits: n }), &[], &[], n);
        let g =
            matrix_of_call(GateRef::Block(BlockGate::PhaseGradient { num_qubits: n }), &[], &[], n);
        let dim = 1_usize << n;
        for y in 0..dim {
            for x in 0..dim {
                let phase = quantum_info::cis(2.0 * PI * (x * y) as f64 / dim as f64);
                assert!((m.at(y, x) - phase / (dim as f64).sqrt()).norm() < ATOL);
            }
            assert!(
                (g.at(y, y) - quantum_info::cis(2.0 * PI * y as f64 / dim as f64)).norm() < ATOL
            );
        }
    }
    let m = matrix_of_call(
        GateRef::Block(BlockGate::SignIfLess { split: 2, num_qubits: 4 }),
        &[],
        &[],
        4,
    );
    for x in 0..16_usize {
        let sign = if x & 3 < x >> 2 { -1.0 } else { 1.0 };
        assert!((m.at(x, x) - sign).norm() < ATOL);
    }
}

#[test]
fn pauli_rotations_are_exponentials_also_under_control_and_powers() {
    let paulis = [Some(Pauli::Y), None, Some(Pauli::X), Some(Pauli::Z)];
    let one = |g: Gate| g.spec().matrix(&[]);
    let p = [Gate::Y, Gate::Id, Gate::X, Gate::Z]
        .iter()
        .skip(1)
        .fold(one(Gate::Y), |m, &g| Matrix::kron(&one(g), &m));
    let theta = 0.7;
    let mut want = p.scale(Complex64::new(0.0, -(theta / 2.0_f64).sin()));
    for i in 0..16 {
        want.set(i, i, want.at(i, i) + (theta / 2.0_f64).cos());
    }
    let gate = || builder::pauli_rotation(&paulis);
    assert_close(&matrix_of_call(gate(), &[], &[theta], 4), &want);
    assert_close(
        &matrix_of_call(gate(), &[Modifier::Ctrl(None)], &[theta], 5),
        &want.controlled(1),
    );
    let third = Modifier::Pow(Expr::float(1.0 / 3.0));
    let root =
        matrix_of_call(gate(), &[Modifier::Ctrl(None), third.clone()], &[theta + 2.0 * PI], 5);
    // e^{-iθ/2 P} of an angle past 2π has the eigenvalues of -e^{-i(θ-2π)/2 P}.
    assert_close(&root.power_integer(3), &want.scale(Complex64::new(-1.0, 0.0)).controlled(1));
    let identity = matrix_of_call(builder::pauli_rotation(&[None]), &[], &[theta], 1);
    assert_close(&identity, &Matrix::identity(2).scale(quantum_info::cis(-theta / 2.0)));
}

#[test]
fn preparation_takes_zero_to_the_amplitudes() {
    let raw = [
        (0.1, 0.3),
        (-0.5, 0.0),
        (0.0, 0.0),
        (0.2, -0.2),
        (0.0, 0.0),
        (0.0, 0.0),
        (0.0, 0.7),
        (-0.1, 0.1),
    ];
    let norm: f64 = raw.iter().map(|(a, b)| a * a + b * b).sum::<f64>().sqrt();
    let amps: Vec<_> = raw.iter().map(|&(a, b)| Complex64::new(a / norm, b / norm)).collect();
    let m = matrix_of_call(builder::prepare(&amps).unwrap(), &[], &[], 3);
    for (i, a) in amps.iter().enumerate() {
        assert!((m.at(i, 0) - a).norm() < ATOL);
    }
    assert!(m.unitary_deviation() < ATOL);
    assert!(builder::prepare(&amps[..3]).is_err());
    assert!(builder::prepare(&[Complex64::new(f64::NAN, 0.0)]).is_err());
}
