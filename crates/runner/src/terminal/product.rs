//! What is read off a product of states, one for each part of the register. Qubits in no part are |0⟩.

use api::run::{Amplitude, QubitState, Want};
use quantum_info::{Observable, Pauli, PauliTerm};
use sim::Real;

use super::{Solved, to_u32};
use crate::Failure;
use crate::observe::{self, Observed};

/// Everything that is wanted but expectation values.
pub(super) fn displays<T: Real>(
    want: &Want,
    solved: &[Solved<T>],
    num_qubits: usize,
    control: &sim::RunControl,
) -> Result<Observed, Failure> {
    if let [one] = solved
        && one.qubits.len() == num_qubits
    {
        return observe::observe(one.state.state(), want, &[], control);
    }
    let mut observed = Observed::default();
    if want.statevector {
        observed.statevector = Some(amplitudes(solved, num_qubits, control)?);
    }
    if want.qubits {
        observed.qubits =
            vec![QubitState { bloch: [0.0, 0.0, 1.0], probability_one: 0.0 }; num_qubits];
        for s in solved {
            for (q, bloch) in s.qubits.iter().zip(s.state.state().bloch_vectors(control)?) {
                observed.qubits[q.index()] = observe::qubit_state(bloch);
            }
        }
    }
    // Amplitude indices have 64 bits.
    if want.top_amplitudes > 0 && num_qubits <= 64 {
        observed.top_amplitudes = largest(solved, want.top_amplitudes as usize, control)?;
    }
    Ok(observed)
}

/// All amplitudes in index order.
fn amplitudes<T: Real>(
    solved: &[Solved<T>],
    num_qubits: usize,
    control: &sim::RunControl,
) -> Result<Vec<[f64; 2]>, Failure> {
    let mut all = vec![[0.0; 2]; 1 << num_qubits];
    for (i, entry) in (0_u64..).zip(&mut all) {
        if i % (1 << 16) == 0 {
            control.check()?;
        }
        let (mut re, mut im) = (1.0, 0.0);
        let mut rest = i;
        for s in solved {
            let index = s.qubits.iter().enumerate().fold(0, |x, (at, q)| x | (i >> q.0 & 1) << at);
            rest = s.qubits.iter().fold(rest, |r, q| r & !(1 << q.0));
            let a = s.state.state().amplitude(index);
            (re, im) = (re * a.re - im * a.im, re * a.im + im * a.re);
        }
        if rest == 0 {
            *entry = [re, im];
        }
    }
    Ok(all)
}

/// The means of Pauli strings, each the product of what its parts give. Weights are not looked at.
pub(super) fn means<T: Real>(
    terms: &[&PauliTerm],
    solved: &[Solved<T>],
    num_qubits: usize,
    control: &sim::RunControl,
) -> Result<Vec<f64>, Failure> {
    // For each qubit its part, and the place there.
    let mut place = vec![None; num_qubits];
    for (part, s) in solved.iter().enumerate() {
        for (at, q) in s.qubits.iter().enumerate() {
            place[q.index()] = Some((part, to_u32(at)));
        }
    }
    // Z gives 1 on a qubit that is |0⟩, X and Y give 0.
    let mut means: Vec<f64> = terms
        .iter()
        .map(|term| {
            let zero =
                term.paulis.iter().any(|&(q, p)| p != Pauli::Z && place[q as usize].is_none());
            if zero { 0.0 } else { 1.0 }
        })
        .collect();
    for (part, s) in solved.iter().enumerate() {
        // All strings on a part are asked for together: those that flip the same bits share a pass.
        let mut asked = Vec::new();
        let mut of = Vec::new();
        for (i, term) in terms.iter().enumerate() {
            let paulis: Vec<(u32, Pauli)> = term
                .paulis
                .iter()
                .filter_map(|&(q, p)| match place[q as usize] {
                    Some((its, at)) if its == part => Some((at, p)),
                    _ => None,
                })
                .collect();
            if !paulis.is_empty() && means[i] != 0.0 {
                asked.push(PauliTerm { weight: 1.0, paulis });
                of.push(i);
            }
        }
        let values = s.state.state().means(&Observable { terms: asked }, control)?;
        of.into_iter().zip(values).for_each(|(i, value)| means[i] *= value);
    }
    Ok(means)
}

/// The largest amplitudes of a product: they are products of the largest ones.
fn largest<T: Real>(
    solved: &[Solved<T>],
    count: usize,
    control: &sim::RunControl,
) -> Result<Vec<Amplitude>, Failure> {
    let mut best = vec![Amplitude { index: 0, re: 1.0, im: 0.0 }];
    for s in solved {
        let mut next = Vec::new();
        for (value, b) in s.state.state().largest(count, control)? {
            let index =
                s.qubits.iter().enumerate().fold(0, |i, (at, q)| i | ((value >> at & 1) << q.0));
            for a in &best {
                next.push(Amplitude {
                    index: a.index | index,
                    re: a.re * b.re - a.im * b.im,
                    im: a.re * b.im + a.im * b.re,
                });
            }
        }
        let size = |a: &Amplitude| a.re * a.re + a.im * a.im;
        next.sort_by(|a, b| size(b).total_cmp(&size(a)).then_with(|| a.index.cmp(&b.index)));
        next.truncate(count);
        best = next;
    }
    Ok(best)
}
