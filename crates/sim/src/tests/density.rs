//! Density matrices: equal to state vectors where nothing is noisy, equal to sums over Kraus
//! operators where something is.

use circuit::{Gate, GateMatrix, Instruction, Qubit, UnitaryInstruction};
use num_complex::Complex64;
use quantum_info::{Channel, Matrix, Observable, Pauli};
use smallvec::SmallVec;

use crate::density::DensityMatrix;
use crate::density::schedule::Sizes;
use crate::{Real, RunControl, reference};

/// Blocks of `4^3` numbers, runs of 4, segments of `4^2`.
fn small<T: Real>(n: usize) -> DensityMatrix<T> {
    DensityMatrix::with_sizes(n, u64::MAX, Sizes { block: 3, low: 1 }, 2)
}

fn large<T: Real>(n: usize) -> DensityMatrix<T> {
    DensityMatrix::zero(n, u64::MAX).unwrap()
}

fn gate(g: Gate, params: &[f64], qubits: &[u32]) -> UnitaryInstruction {
    let qubits: Vec<Qubit> = qubits.iter().map(|&q| Qubit(q)).collect();
    UnitaryInstruction::from_gate(g, params, &qubits)
}

/// Gates of every kind and width on `n` qubits, from a simple generator.
fn circuit(n: u32, len: usize, seed: u64) -> Vec<UnitaryInstruction> {
    let mut rng = crate::Rng::new(seed, crate::rng::Purpose::Other, 0);
    let mut pick = |k: u32| {
        let u = rng.next() * f64::from(k);
        (0..k).find(|i| u < f64::from(i + 1)).unwrap_or(0)
    };
    let mut out = Vec::new();
    for i in 0..len {
        let angle = 0.1 + 0.7 * i as f64;
        let a = pick(n);
        let b = (a + 1 + pick(n - 1)) % n;
        let c = (0..n).find(|c| *c != a && *c != b).unwrap_or(0);
        out.push(match pick(12) {
            0 => gate(Gate::H, &[], &[a]),
            1 => gate(Gate::Rx, &[angle], &[a]),
            2 => gate(Gate::T, &[], &[a]),
            3 => gate(Gate::Cx, &[], &[a, b]),
            4 => gate(Gate::Swap, &[], &[a, b]),
            5 => gate(Gate::Rzz, &[angle], &[a, b]),
            6 => gate(Gate::Cu3, &[angle, 0.3, -0.4], &[a, b]),
            7 => gate(Gate::Iswap, &[], &[a, b]),
            8 if n > 2 => gate(Gate::Ccx, &[], &[a, b, c]),
            9 if n > 2 => gate(Gate::Peres, &[], &[a, c, b]),
            10 if n > 3 => {
                let d = (0..n).find(|d| ![a, b, c].contains(d)).unwrap();
                gate(Gate::C3x, &[], &[a, b, c, d])
            }
            _ => gate(Gate::Sx, &[], &[a]),
        });
    }
    out
}

fn check_pure<T: Real>(n: u32, seed: u64, atol: f64, mut rho: DensityMatrix<T>) {
    let control = RunControl::default();
    let gates = circuit(n, 30, seed);
    for u in &gates {
        rho.apply(u, &control).unwrap();
    }
    let instructions: Vec<Instruction> = gates.into_iter().map(Instruction::Unitary).collect();
    let psi = reference::run(&instructions, n as usize);
    let matrix = rho.matrix(&control).unwrap();
    for (r, a) in psi.iter().enumerate() {
        for (c, b) in psi.iter().enumerate() {
            let error = (matrix[r * psi.len() + c] - a * b.conj()).norm();
            assert!(error < atol, "n = {n}, seed {seed}: entry ({r}, {c}) is off by {error:e}");
        }
    }
    let p = rho.probabilities(&control).unwrap();
    for (p, a) in p.iter().zip(&psi) {
        assert!((p - a.norm_sqr()).abs() < atol);
    }
    assert!((rho.purity(&control).unwrap() - 1.0).abs() < 10.0 * atol);
}

#[test]
fn a_pure_circuit_gives_the_projector_on_its_state_vector() {
    for seed in 0..6 {
        for n in 2..=5 {
            check_pure::<f64>(n, seed, 1e-12, small(n as usize));
            check_pure::<f64>(n, seed, 1e-12, large(n as usize));
            check_pure::<f32>(n, seed, 2e-5, small(n as usize));
        }
    }
}

/// `Σ K ρ K†` on full matrices.
fn apply_kraus(rho: &Matrix, kraus: &[Matrix], qubits: &[u32]) -> Matrix {
    let n = rho.num_qubits();
    let mut sum = Matrix::zero(rho.dim());
    for k in kraus {
        let column = |state: &[Complex64]| {
            let u = UnitaryInstruction {
                gate: None,
                controls: SmallVec::new(),
                targets: qubits.iter().map(|&q| Qubit(q)).collect(),
                matrix: GateMatrix::Dense(k.clone()),
            };
            reference::apply(&u, state)
        };
        let mut full = Matrix::zero(1 << n);
        for c in 0..full.dim() {
            let mut e = vec![Complex64::new(0.0, 0.0); full.dim()];
            e[c] = Complex64::new(1.0, 0.0);
            for (r, z) in column(&e).into_iter().enumerate() {
                full.set(r, c, z);
            }
        }
        let image = full.mul(rho).mul(&full.dagger());
        for r in 0..sum.dim() {
            for c in 0..sum.dim() {
                sum.set(r, c, sum.at(r, c) + image.at(r, c));
            }
        }
    }
    sum
}

fn channels() -> Vec<Channel> {
    vec![
        Channel::depolarizing(1, 0.1).unwrap(),
        Channel::depolarizing(2, 0.2).unwrap(),
        Channel::amplitude_damping(0.3).unwrap(),
        Channel::generalized_amplitude_damping(0.2, 0.25).unwrap(),
        Channel::thermal_relaxation(2.0, 10.0, 14.0, 0.0).unwrap(),
        Channel::flip(Pauli::Y, 0.15).unwrap(),
        Channel::pauli(3, &[("XYZ", 0.1), ("IZI", 0.2)]).unwrap(),
    ]
}

#[test]
fn channels_are_sums_over_their_kraus_operators() {
    let control = RunControl::default();
    for n in 3..=4_u32 {
        for mut rho in [small::<f64>(n as usize), large(n as usize)] {
            let mut slow = Matrix::zero(1 << n);
            slow.set(0, 0, Complex64::new(1.0, 0.0));
            for (i, u) in circuit(n, 20, 7).iter().enumerate() {
                rho.apply(u, &control).unwrap();
                let targets: Vec<u32> = u.targets.iter().map(|q| q.0).collect();
                let full = crate::density::full_matrix(u);
                let all: Vec<u32> =
                    targets.into_iter().chain(u.controls.iter().map(|c| c.qubit.0)).collect();
                slow = apply_kraus(&slow, &[full], &all);
                let all_channels = channels();
                let channel = &all_channels[i % all_channels.len()];
                let shift = u32::try_from(i).unwrap();
                let qubits: Vec<u32> =
                    (0..3).take(channel.num_qubits()).map(|k| (2 * k + shift) % n).collect();
                if (1..qubits.len()).any(|k| qubits[..k].contains(&qubits[k])) {
                    continue;
                }
                let kraus: Vec<Matrix> =
                    channel.operators().iter().map(|o| o.matrix.clone()).collect();
                slow = apply_kraus(&slow, &kraus, &qubits);
                let qubits: Vec<Qubit> = qubits.into_iter().map(Qubit).collect();
                rho.apply_channel(channel, &qubits, &control).unwrap();
            }
            let fast = Matrix::from_entries(&rho.matrix(&control).unwrap()).unwrap();
            assert!(fast.max_difference(&slow) < 1e-12);
            assert!((rho.trace(&control).unwrap() - 1.0).abs() < 1e-13);
            let purity: f64 = slow.entries().iter().map(Complex64::norm_sqr).sum();
            assert!((rho.purity(&control).unwrap() - purity).abs() < 1e-12);
        }
    }
}

#[test]
fn expectation_values_and_bloch_vectors_are_coefficients() {
    let control = RunControl::default();
    let mut rho = large::<f64>(3);
    rho.apply(&gate(Gate::H, &[], &[0]), &control).unwrap();
    rho.apply(&gate(Gate::Cx, &[], &[0, 1]), &control).unwrap();
    rho.apply_channel(&Channel::depolarizing(2, 0.2).unwrap(), &[Qubit(0), Qubit(1)], &control)
        .unwrap();
    let o = Observable::parse("2*IZZ + IXX - ZII", 3).unwrap();
    assert!((rho.expectation(&o, &control).unwrap() - (1.6 + 0.8 - 1.0)).abs() < 1e-14);
    assert_eq!(
        rho.bloch_vectors(&control).unwrap()[2].map(f64::to_bits),
        [0.0_f64, 0.0, 1.0].map(f64::to_bits)
    );
    assert!(rho.bloch_vectors(&control).unwrap()[0].iter().all(|x| x.abs() < 1e-15));
}

#[test]
fn selected_outcomes_and_resets_are_projections() {
    let control = RunControl::default();
    let mut rho = small::<f64>(2);
    rho.apply(&gate(Gate::Ry, &[1.0], &[0]), &control).unwrap();
    rho.apply(&gate(Gate::Cx, &[], &[0, 1]), &control).unwrap();
    let p1 = (0.5_f64).sin().powi(2);
    let mut read_one = rho.try_clone().unwrap();
    read_one.select(Qubit(0), [0.1, 0.8]).unwrap();
    let weight = 0.1 * (1.0 - p1) + 0.8 * p1;
    assert!((read_one.trace(&control).unwrap() - weight).abs() < 1e-14);
    let p = read_one.probabilities(&control).unwrap();
    assert!((p[3] - 0.8 * p1).abs() < 1e-14 && (p[0] - 0.1 * (1.0 - p1)).abs() < 1e-14);
    // What was read and what was not add up to a state that was measured.
    let mut read_zero = rho.try_clone().unwrap();
    read_zero.select(Qubit(0), [0.9, 0.2]).unwrap();
    read_one.add(read_zero, &control).unwrap();
    let m = read_one.matrix(&control).unwrap();
    assert!((m[0].re - (1.0 - p1)).abs() < 1e-14 && m[3].norm() < 1e-14);
    rho.reset(Qubit(0)).unwrap();
    let p = rho.probabilities(&control).unwrap();
    assert!((p[2] - p1).abs() < 1e-14 && (p[0] - (1.0 - p1)).abs() < 1e-14 && p[1] + p[3] < 1e-14);
}

#[test]
fn what_is_malformed_or_too_large_is_refused() {
    let control = RunControl::default();
    let mut rho = large::<f64>(2);
    assert!(rho.apply(&gate(Gate::H, &[], &[2]), &control).is_err());
    let d = Channel::depolarizing(2, 0.1).unwrap();
    assert!(rho.apply_channel(&d, &[Qubit(0), Qubit(0)], &control).is_err());
    assert!(rho.apply_channel(&d, &[Qubit(0)], &control).is_err());
    let error = DensityMatrix::<f64>::zero(16, 4 << 30).err().unwrap().to_string();
    assert_eq!(
        error,
        "the density matrix of 16 qubits needs 32.0 GiB and 4 GiB may be used: enough for 14 qubits"
    );
    assert!(DensityMatrix::<f32>::zero(1000, u64::MAX - 1).is_err());
}
