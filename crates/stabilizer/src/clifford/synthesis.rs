//! A sequence of gates from the images of X and Z.

use super::{Op, Text, single};
use crate::Pauli;
use crate::gate::{Action, Clifford1, GATES, Pair};

/// Gates that take every X and Z to its image, `images[j]` being those of X and of Z on qubit `j`.
pub(super) fn ops(images: &[[Text; 2]]) -> Vec<Op> {
    match images {
        [] => Vec::new(),
        [[x, z]] => {
            let gate = Clifford1 {
                x: single(*x, 0).expect("one qubit"),
                z: single(*z, 0).expect("one qubit"),
            };
            // Nothing, up to phase.
            if gate == IDENTITY { Vec::new() } else { vec![Op::One(gate, 0)] }
        }
        [_, _] => known_pair(images).unwrap_or_else(|| reduce(images)),
        _ => reduce(images),
    }
}

const IDENTITY: Clifford1 = Clifford1 { x: (false, Pauli::X), z: (false, Pauli::Z) };
const H: Clifford1 = Clifford1 { x: (false, Pauli::Z), z: (false, Pauli::X) };
const S: Clifford1 = Clifford1 { x: (false, Pauli::Y), z: (false, Pauli::Z) };
const SQRT_X: Clifford1 = Clifford1 { x: (false, Pauli::X), z: (true, Pauli::Y) };
const X: Clifford1 = Clifford1 { x: (false, Pauli::X), z: (true, Pauli::Z) };
const Z: Clifford1 = Clifford1 { x: (true, Pauli::X), z: (false, Pauli::Z) };
const CX: Pair = Pair::Controlled(Pauli::Z, Pauli::X);

/// What a gate makes of a string.
fn conjugate(text: &mut Text, op: Op) {
    let bit = |bits: u32, j: usize| bits >> j & 1 == 1;
    match op {
        Op::One(gate, j) => {
            let (x, z) = (bit(text.x, j), bit(text.z, j));
            let image = match (x, z) {
                (false, false) => return,
                (true, false) => gate.x,
                (true, true) => gate.y(),
                (false, true) => gate.z,
            };
            text.minus ^= image.0;
            let (x, z) = crate::gate::bits(image.1);
            text.x = text.x & !(1 << j) | u32::from(x) << j;
            text.z = text.z & !(1 << j) | u32::from(z) << j;
        }
        Op::Two(Pair::Swap, a, b) => {
            for bits in [&mut text.x, &mut text.z] {
                if bit(*bits, a) != bit(*bits, b) {
                    *bits ^= 1 << a | 1 << b;
                }
            }
        }
        // CX: the others are not used here.
        Op::Two(_, c, t) => {
            let (xc, zt) = (bit(text.x, c), bit(text.z, t));
            text.minus ^= xc && zt && bit(text.x, t) == bit(text.z, c);
            text.x ^= u32::from(xc) << t;
            text.z ^= u32::from(zt) << c;
        }
    }
}

/// One two-qubit gate that does it, if there is one.
fn known_pair(images: &[[Text; 2]]) -> Option<Vec<Op>> {
    GATES.iter().find_map(|g| {
        let Action::Unitary2(factors) = g.action else { return None };
        // Gates whose factors are all CX or SWAP, and CZ, are told apart by their effect.
        let sequence: Vec<Op> = match factors {
            [Pair::Swap] => vec![Op::Two(Pair::Swap, 0, 1)],
            [Pair::Controlled(p, q)] => {
                let to_z = |p: Pauli| match p {
                    Pauli::Z => IDENTITY,
                    Pauli::X => H,
                    // Y → Z, and back by itself: H_YZ.
                    Pauli::Y => Clifford1 { x: (true, Pauli::X), z: (false, Pauli::Y) },
                };
                let to_x = |q: Pauli| match q {
                    Pauli::X => IDENTITY,
                    Pauli::Z => H,
                    // Y → X, and back by itself: H_XY.
                    Pauli::Y => Clifford1 { x: (false, Pauli::Y), z: (true, Pauli::Z) },
                };
                let (a, b) = (Op::One(to_z(*p), 0), Op::One(to_x(*q), 1));
                vec![a, b, Op::Two(CX, 0, 1), a, b]
            }
            _ => return None,
        };
        let reached = |text: Text| {
            let mut text = text;
            for &op in &sequence {
                conjugate(&mut text, op);
            }
            text
        };
        let fits = images.iter().enumerate().all(|(j, [x, z])| {
            reached(Text { x: 1 << j, z: 0, minus: false }) == *x
                && reached(Text { x: 0, z: 1 << j, minus: false }) == *z
        });
        fits.then(|| vec![Op::Two(factors[0], 0, 1)])
    })
}

/// Takes the images back to X and Z, qubit by qubit; the inverse of that is what is wanted.
fn reduce(images: &[[Text; 2]]) -> Vec<Op> {
    let n = images.len();
    let mut images = images.to_vec();
    let mut back: Vec<Op> = Vec::new();
    let mut apply = |images: &mut Vec<[Text; 2]>, op: Op| {
        images.iter_mut().flatten().for_each(|text| conjugate(text, op));
        back.push(op);
    };
    for j in 0..n {
        // The image of X: X on all its qubits, gathered on one, moved to its place.
        for l in j..n {
            let [a, _] = images[j];
            match (a.x >> l & 1, a.z >> l & 1) {
                (0, 1) => apply(&mut images, Op::One(H, l)),
                (1, 1) => apply(&mut images, Op::One(S, l)),
                _ => {}
            }
        }
        let pivot = (j..n).find(|&l| images[j][0].x >> l & 1 == 1).expect("a unitary");
        if pivot != j {
            apply(&mut images, Op::Two(Pair::Swap, pivot, j));
        }
        for l in j + 1..n {
            if images[j][0].x >> l & 1 == 1 {
                apply(&mut images, Op::Two(CX, j, l));
            }
        }
        // That of Z anticommutes with it: Y or Z there.
        if images[j][1].x >> j & 1 == 1 {
            apply(&mut images, Op::One(SQRT_X, j));
        }
        for l in j + 1..n {
            let [_, b] = images[j];
            if b.x >> l & 1 == 1 {
                if b.z >> l & 1 == 1 {
                    apply(&mut images, Op::One(S, l));
                }
                apply(&mut images, Op::One(H, l));
            }
            if images[j][1].z >> l & 1 == 1 {
                apply(&mut images, Op::Two(CX, l, j));
            }
        }
        if images[j][0].minus {
            apply(&mut images, Op::One(Z, j));
        }
        if images[j][1].minus {
            apply(&mut images, Op::One(X, j));
        }
    }
    back.into_iter()
        .rev()
        .map(|op| match op {
            Op::One(gate, l) => Op::One(gate.inverse(), l),
            two @ Op::Two(..) => two,
        })
        .collect()
}
