//! Expectation values and what else is read off a state, against their definitions.

use circuit::{Gate, Instruction, Qubit};
use num_complex::Complex64;
use quantum_info::{Observable, Pauli};

use super::{SMALL, SMALL_SEGMENT, amplitudes, gate, planned, scramble, state};
use crate::reference;
use crate::{RunControl, Statevector};

const N: u32 = 7;

fn subject() -> (Statevector<f64>, Vec<Complex64>) {
    let mut circuit = scramble(N);
    circuit.push(gate(Gate::Swap, &[], &[1, 6]));
    circuit.push(gate(Gate::T, &[], &[4]));
    let s = state(&planned(&circuit, N as usize, SMALL), SMALL_SEGMENT);
    let amps = reference::run(&circuit, N as usize);
    (s, amps)
}

/// `O|ψ⟩`, term by term.
fn applied(observable: &Observable, amps: &[Complex64]) -> Vec<Complex64> {
    let mut out = vec![Complex64::new(0.0, 0.0); amps.len()];
    for term in &observable.terms {
        let mut v = amps.to_vec();
        for &(q, p) in &term.paulis {
            let g = match p {
                Pauli::X => Gate::X,
                Pauli::Y => Gate::Y,
                Pauli::Z => Gate::Z,
            };
            let Instruction::Unitary(u) = gate(g, &[], &[q]) else { unreachable!() };
            v = reference::apply(&u, &v);
        }
        out.iter_mut().zip(v).for_each(|(o, x)| *o += x * term.weight);
    }
    out
}

fn dot(a: &[Complex64], b: &[Complex64]) -> Complex64 {
    a.iter().zip(b).map(|(x, y)| x.conj() * y).sum()
}

#[test]
fn every_pauli_string_on_a_few_qubits_has_its_mean() {
    let (s, amps) = subject();
    let control = RunControl::default();
    // All strings on qubits 0, 2, 4 and 6: in the tile, in the chunk and beyond it.
    for code in 0..256_usize {
        let letters: String = (0..N)
            .rev()
            .map(|q| if q % 2 == 0 { ['I', 'X', 'Y', 'Z'][code >> q & 3] } else { 'I' })
            .collect();
        let o = Observable::parse(&letters, N as usize).unwrap();
        let found = s.expectation(&o, &control).unwrap();
        let wanted = dot(&amps, &applied(&o, &amps)).re;
        assert!((found - wanted).abs() < 1e-13, "{letters}: {found} instead of {wanted}");
    }
}

#[test]
fn many_strings_share_passes() {
    // Eleven bits in pieces of four: flips of the number of a piece span seven dimensions, a pass four.
    let n = 11;
    let s = state::<f64>(&planned(&scramble(n), n as usize, SMALL), SMALL_SEGMENT);
    let amps = amplitudes(&s);
    let letters = |i: u32| -> String {
        let letter = |q: u32| (i * i + 3 * i * q + q * q * q / 2 + 5 * (i ^ q)) % 7;
        (0..n).map(|q| ['I', 'X', 'Y', 'Z', 'I', 'X', 'Z'][letter(q) as usize]).collect()
    };
    let mut all: Vec<String> = (0..40).map(letters).collect();
    // The same flips with other signs.
    all.extend((0..20).map(|i| letters(i).replace('X', "T").replace('Y', "X").replace('T', "Y")));
    let o = Observable::parse(&all.join(" + "), n as usize).unwrap();
    let found = s.means(&o, &RunControl::default()).unwrap();
    for (term, found) in o.terms.iter().zip(found) {
        let (x, z) = term.masks();
        let sum: Complex64 = (0_u64..)
            .zip(&amps)
            .map(|(j, a)| {
                let sign = if (j & z).count_ones() % 2 == 1 { -1.0 } else { 1.0 };
                sign * amps[usize::try_from(j ^ x).unwrap()].conj() * a
            })
            .sum();
        let wanted = (Complex64::i().powu((x & z).count_ones()) * sum).re;
        assert!((found - wanted).abs() < 1e-13, "{term:?}: {found} instead of {wanted}");
    }
}

#[test]
fn sums_and_variances() {
    let (s, amps) = subject();
    let control = RunControl::default();
    for text in [
        "0.5*ZZIIIIX - XIXYIII + 2*IIIIIII",
        "ZIIIIII",
        "XXIIIII + ZIIIIII - 0.3*YYYYYYY + XXIIIII",
    ] {
        let o = Observable::parse(text, N as usize).unwrap();
        let image = applied(&o, &amps);
        let mean = dot(&amps, &image).re;
        let variance = dot(&image, &image).re - mean * mean;
        let found = s.moments(&o, &control).unwrap();
        assert!((found.mean - mean).abs() < 1e-12);
        assert!(
            (found.variance - variance).abs() < 1e-12,
            "{text}: {} instead of {variance}",
            found.variance
        );
        assert_eq!(found.mean.to_bits(), s.expectation(&o, &control).unwrap().to_bits());
    }
    assert!(s.expectation(&Observable::parse("ZIIIIIIIII", 10).unwrap(), &control).is_err());
}

#[test]
fn bloch_vectors_are_the_means_of_the_paulis() {
    let (s, amps) = subject();
    let found = s.bloch_vectors(&RunControl::default()).unwrap();
    for q in 0..N as usize {
        for (k, letter) in ["X", "Y", "Z"].iter().enumerate() {
            let text = format!("{}{letter}{}", "I".repeat(N as usize - 1 - q), "I".repeat(q));
            let o = Observable::parse(&text, N as usize).unwrap();
            assert!((found[q][k] - dot(&amps, &applied(&o, &amps)).re).abs() < 1e-13);
        }
        let p = s.probability_one(Qubit(u32::try_from(q).unwrap())).unwrap();
        assert!((p - (1.0 - found[q][2]) / 2.0).abs() < 1e-13);
    }
}

#[test]
fn reduced_density_matrices_trace_out_the_rest() {
    let (s, amps) = subject();
    let control = RunControl::default();
    for qubits in [vec![3_u32], vec![6, 0], vec![2, 5, 1]] {
        let asked: Vec<Qubit> = qubits.iter().map(|&q| Qubit(q)).collect();
        let rho = s.reduced_density_matrix(&asked, &control).unwrap();
        let part =
            |i: usize| -> usize { qubits.iter().enumerate().map(|(k, q)| (i >> q & 1) << k).sum() };
        let mask: usize = qubits.iter().map(|q| 1 << q).sum();
        for r in 0..rho.dim() {
            for c in 0..rho.dim() {
                let mut wanted = Complex64::new(0.0, 0.0);
                for (i, x) in amps.iter().enumerate() {
                    for (j, y) in amps.iter().enumerate() {
                        if i & !mask == j & !mask && part(i) == r && part(j) == c {
                            wanted += x * y.conj();
                        }
                    }
                }
                assert!((rho.at(r, c) - wanted).norm() < 1e-13);
            }
        }
    }
}

#[test]
fn entropies_of_known_states() {
    let control = RunControl::default();
    let n = 6;
    let mut ghz = vec![gate(Gate::H, &[], &[0])];
    ghz.extend((1..n - 1).map(|q| gate(Gate::Cx, &[], &[q - 1, q])));
    let s = state::<f64>(&planned(&ghz, n as usize, SMALL), SMALL_SEGMENT);
    let entropy = |qubits: &[u32]| {
        s.entropy(&qubits.iter().map(|&q| Qubit(q)).collect::<Vec<_>>(), &control).unwrap()
    };
    assert!((entropy(&[0]) - 1.0).abs() < 1e-12);
    assert!((entropy(&[1, 2, 5]) - 1.0).abs() < 1e-12);
    assert!(entropy(&[5]).abs() < 1e-12);
    assert!(entropy(&[0, 1, 2, 3, 4]).abs() < 1e-12);
    // cos²θ and sin²θ with θ = 0.3.
    let s = state::<f64>(
        &planned(&[gate(Gate::Ry, &[0.6], &[1]), gate(Gate::Cx, &[], &[1, 0])], 2, SMALL),
        SMALL_SEGMENT,
    );
    let p = 0.3_f64.sin().powi(2);
    let wanted = -p * p.log2() - (1.0 - p) * (1.0 - p).log2();
    assert!((s.entropy(&[Qubit(0)], &control).unwrap() - wanted).abs() < 1e-12);
}

#[test]
fn the_entropy_of_a_scrambled_cut_is_the_same_from_both_sides() {
    let (s, _) = subject();
    let control = RunControl::default();
    let cut = |q: std::ops::Range<u32>| q.map(Qubit).collect::<Vec<_>>();
    let a = s.entropy(&cut(0..3), &control).unwrap();
    let b = s.entropy(&cut(3..7), &control).unwrap();
    assert!((a - b).abs() < 1e-12 && a > 0.1);
    // From the eigenvalues' definition: the purity is the sum of their squares, and bounds it.
    let rho = s.reduced_density_matrix(&cut(0..3), &control).unwrap();
    let purity: f64 = rho.entries().iter().map(Complex64::norm_sqr).sum();
    assert!(a >= -purity.log2() - 1e-12 && a <= 3.0);
}

#[test]
fn the_largest_amplitudes_come_in_order() {
    let (s, amps) = subject();
    let control = RunControl::default();
    let mut order: Vec<usize> = (0..amps.len()).collect();
    order.sort_by(|a, b| amps[*b].norm_sqr().total_cmp(&amps[*a].norm_sqr()));
    for count in [0, 1, 10, 1000] {
        let found = s.largest(count, &control).unwrap();
        assert_eq!(found.len(), count.min(amps.len()));
        for ((i, a), j) in found.iter().zip(&order) {
            assert_eq!(*i, *j as u64);
            assert!((a - amps[*j]).norm() < 1e-13);
        }
    }
    let s = state::<f64>(&planned(&[gate(Gate::H, &[], &[1])], 3, SMALL), SMALL_SEGMENT);
    let found: Vec<u64> = s.largest(5, &control).unwrap().iter().map(|x| x.0).collect();
    assert_eq!(found, [0, 2]);
}

#[test]
fn overlaps_do_not_depend_on_the_layout() {
    let control = RunControl::default();
    let (s, amps) = subject();
    assert!((s.fidelity(&s, &control).unwrap() - 1.0).abs() < 1e-12);
    let other =
        [gate(Gate::H, &[], &[5]), gate(Gate::Cx, &[], &[5, 2]), gate(Gate::Ry, &[0.2], &[0])];
    let t = state::<f64>(&planned(&other, N as usize, SMALL), 20);
    let wanted = dot(&amps, &reference::run(&other, N as usize));
    assert!((s.inner_product(&t, &control).unwrap() - wanted).norm() < 1e-13);
    assert!((t.inner_product(&s, &control).unwrap() - wanted.conj()).norm() < 1e-13);
    assert!((s.amplitudes(3..9).unwrap()[1] - amplitudes(&s)[4]).norm() == 0.0);
}
