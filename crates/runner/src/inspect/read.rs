//! Readings of one state.

use api::run::{Amplitude, Cut, Probe, QubitState, Reading};
use circuit::Qubit;
use quantum_info::{Matrix, Observable, Pauli, PauliTerm};
use sim::{RunControl, SimError};

use super::View;
use crate::{Failure, observe};

/// Entries of one answer, at most.
const MAX_ENTRIES: u32 = 4096;
/// Qubits of one distribution, at most: the list of all is held for a moment.
const MAX_DISTRIBUTION_QUBITS: usize = 24;
/// Qubits of a density matrix that is shown.
pub(super) const MAX_DENSITY_QUBITS: usize = 6;
/// Qubits of a matrix that is shown.
pub(super) const MAX_UNITARY_QUBITS: usize = 7;
/// A side of a cut up to this is diagonalized.
const MAX_DIAGONALIZED: usize = 6;
/// Work for one cut, and for all pairs, as a power of two of multiplications.
const WORK_BITS: usize = 27;
/// Strings of an observable whose variance is computed.
const MAX_VARIANCE_TERMS: usize = 48;
/// A reduced state whose purity is this close to 1 is a state of its own.
const PURE: f64 = 1e-7;

pub(super) fn probe(view: &View, probe: &Probe, control: &RunControl) -> Result<Reading, Failure> {
    match probe {
        Probe::Probabilities { qubits, top } => {
            probabilities(view, &chosen(view.num_qubits, qubits)?, *top, control)
        }
        Probe::Amplitudes { top } => amplitudes(view, *top, control),
        Probe::Qubits => qubits(view, control),
        Probe::Density { qubits } => density(view, &chosen(view.num_qubits, qubits)?, control),
        Probe::Entanglement { qubits } => {
            entanglement(view, &chosen(view.num_qubits, qubits)?, control)
        }
        Probe::Expectation { observable } => {
            let observable = Observable::parse(observable, view.num_qubits as usize)
                .map_err(|error| refused(error.to_string()))?;
            let (value, deviation) = moments(view, &observable, control)?;
            Ok(Reading::Expectation { value, deviation })
        }
        Probe::Unitary | Probe::Statistics => Err(refused("this is no question about a state")),
    }
}

pub(super) fn refused(message: impl Into<String>) -> Failure {
    Failure::Refused { code: "reading", message: message.into() }
}

/// All qubits for none.
pub(super) fn chosen(num_qubits: u32, qubits: &[u32]) -> Result<Vec<Qubit>, Failure> {
    if qubits.is_empty() {
        return Ok((0..num_qubits).map(Qubit).collect());
    }
    let mut seen = Vec::with_capacity(qubits.len());
    for &q in qubits {
        if q >= num_qubits || seen.contains(&Qubit(q)) {
            return Err(refused(format!("there is no qubit {q}, or it is named twice")));
        }
        seen.push(Qubit(q));
    }
    Ok(seen)
}

/// Those that the state holds, with their positions in the list.
fn held(view: &View, qubits: &[Qubit]) -> (Vec<Qubit>, Vec<usize>) {
    let places = qubits.iter().enumerate();
    places.filter_map(|(at, &q)| view.place(q).map(|p| (p, at))).unzip()
}

fn spread(index: u64, positions: &[usize]) -> u64 {
    positions.iter().enumerate().fold(0, |out, (i, at)| out | (index >> i & 1) << at)
}

pub(super) fn probabilities(
    view: &View,
    qubits: &[Qubit],
    top: u32,
    control: &RunControl,
) -> Result<Reading, Failure> {
    let (places, positions) = held(view, qubits);
    if qubits.len() > 64 {
        return Err(refused("at most 64 qubits at a time: choose some"));
    }
    if places.len() > MAX_DISTRIBUTION_QUBITS {
        return Err(refused(format!(
            "a distribution over {} qubits is too long; choose at most {MAX_DISTRIBUTION_QUBITS}",
            places.len()
        )));
    }
    let all = view.state.marginals(&places, control)?;
    let (mut entries, rest) = largest(all, top);
    for entry in &mut entries {
        entry.0 = spread(entry.0, &positions);
    }
    entries.sort_unstable_by_key(|&(index, _)| index);
    let num_qubits = u32::try_from(qubits.len()).unwrap_or(u32::MAX);
    Ok(Reading::Probabilities { num_qubits, entries, rest })
}

/// The largest of all probabilities, by index, and what the rest adds up to.
pub(super) fn largest(all: Vec<f64>, top: u32) -> (Vec<(u64, f64)>, f64) {
    let top = top.clamp(1, MAX_ENTRIES) as usize;
    let mut entries: Vec<(u64, f64)> = (0_u64..).zip(all).filter(|&(_, p)| p > 1e-12).collect();
    let mut rest = 0.0;
    if entries.len() > top {
        // What differs by rounding alone is a tie, and ties go by index.
        let steps = |p: f64| (p * 1e12).round();
        let order =
            |a: &(u64, f64), b: &(u64, f64)| steps(b.1).total_cmp(&steps(a.1)).then(a.0.cmp(&b.0));
        entries.select_nth_unstable_by(top, order);
        rest = entries.drain(top..).map(|(_, p)| p).sum();
    }
    entries.sort_unstable_by_key(|&(index, _)| index);
    (entries, rest)
}

fn amplitudes(view: &View, top: u32, control: &RunControl) -> Result<Reading, Failure> {
    if view.num_qubits > 64 {
        return Err(refused("amplitudes of more than 64 qubits cannot be named"));
    }
    let largest = view.state.largest(top.clamp(1, MAX_ENTRIES) as usize, control)?;
    let entries = largest
        .into_iter()
        .map(|(index, a)| Amplitude { index: view.spread(index), re: a.re, im: a.im })
        .collect();
    Ok(Reading::Amplitudes { num_qubits: view.num_qubits, entries })
}

fn qubits(view: &View, control: &RunControl) -> Result<Reading, Failure> {
    let vectors = view.state.bloch_vectors(control)?;
    let zero = QubitState { bloch: [0.0, 0.0, 1.0], probability_one: 0.0 };
    let qubits = (0..view.num_qubits)
        .map(|q| view.place(Qubit(q)).map_or(zero, |p| observe::qubit_state(vectors[p.index()])))
        .collect();
    Ok(Reading::Qubits { qubits })
}

fn reduced(view: &View, qubits: &[Qubit], control: &RunControl) -> Result<Matrix, Failure> {
    let (places, positions) = held(view, qubits);
    let small = view.state.reduced_density_matrix(&places, control)?;
    let mut out = Matrix::zero(1 << qubits.len());
    let full = |i: usize| -> usize {
        positions.iter().enumerate().map(|(j, at)| (i >> j & 1) << at).sum()
    };
    for r in 0..small.dim() {
        for c in 0..small.dim() {
            out.set(full(r), full(c), small.at(r, c));
        }
    }
    Ok(out)
}

pub(super) fn purity(rho: &Matrix) -> f64 {
    rho.entries().iter().map(sim::Complex64::norm_sqr).sum::<f64>().min(1.0)
}

pub(super) fn density(
    view: &View,
    qubits: &[Qubit],
    control: &RunControl,
) -> Result<Reading, Failure> {
    // Of a wide register the first ones, which the answer says.
    let qubits = &qubits[..qubits.len().min(MAX_DENSITY_QUBITS)];
    let rho = reduced(view, qubits, control)?;
    Ok(Reading::Density {
        qubits: qubits.iter().map(|q| q.0).collect(),
        matrix: rho.entries().iter().map(|z| [z.re, z.im]).collect(),
        purity: purity(&rho),
    })
}

/// Amplitudes of some qubits, where they have a state of their own. Its phase is that of the largest
/// amplitude made real.
pub(super) fn own_amplitudes(
    view: &View,
    qubits: &[Qubit],
    control: &RunControl,
) -> Result<Reading, Failure> {
    if qubits.len() > MAX_DENSITY_QUBITS && qubits.len() < view.num_qubits as usize {
        return Err(refused(format!(
            "amplitudes of a part are shown of up to {MAX_DENSITY_QUBITS} qubits"
        )));
    }
    let in_order = (0..view.num_qubits).map(Qubit).eq(qubits.iter().copied());
    if in_order {
        return amplitudes(view, 1 << MAX_DENSITY_QUBITS, control);
    }
    let rho = reduced(view, qubits, control)?;
    let purity = purity(&rho);
    if purity < 1.0 - PURE {
        return Ok(Reading::Mixed { purity });
    }
    let top = (0..rho.dim())
        .max_by(|&a, &b| rho.at(a, a).re.total_cmp(&rho.at(b, b).re).then(b.cmp(&a)))
        .unwrap_or(0);
    let norm = rho.at(top, top).re.sqrt();
    let entries = (0..rho.dim())
        .map(|i| (i as u64, rho.at(i, top) / norm))
        .filter(|(_, a)| a.norm_sqr() > 1e-12)
        .map(|(index, a)| Amplitude { index, re: a.re, im: a.im })
        .collect();
    Ok(Reading::Amplitudes { num_qubits: u32::try_from(qubits.len()).unwrap_or(0), entries })
}

fn entanglement(view: &View, qubits: &[Qubit], control: &RunControl) -> Result<Reading, Failure> {
    let held_bits = view.qubits.len();
    let mut cuts = Vec::new();
    for k in 1..view.num_qubits {
        let low: Vec<Qubit> = view.qubits.iter().filter(|q| q.0 < k).copied().collect();
        let side = low.len().min(held_bits - low.len());
        cuts.push(if side == 0 {
            Cut::VonNeumann(0.0)
        } else if side <= MAX_DIAGONALIZED && held_bits + side <= WORK_BITS {
            let places: Vec<Qubit> = low.iter().filter_map(|&q| view.place(q)).collect();
            Cut::VonNeumann(view.state.entropy(&places, control)?)
        } else if side <= 10 && held_bits + side < WORK_BITS {
            let low_is_small = low.len() == side;
            let places: Vec<Qubit> = view
                .qubits
                .iter()
                .filter(|q| (q.0 < k) == low_is_small)
                .filter_map(|&q| view.place(q))
                .collect();
            let rho = view.state.reduced_density_matrix(&places, control)?;
            Cut::Renyi2((-purity(&rho).log2()).max(0.0))
        } else {
            Cut::Unknown
        });
    }
    // As many qubits as the pairs of which are computed in a moment.
    let mut paired = qubits.to_vec();
    let work = |k: usize| (k * k / 2) as u64;
    while paired.len() > 2
        && work(paired.len()).saturating_mul(1 << (held_bits + 2).min(60)) > 1 << WORK_BITS
    {
        paired.pop();
    }
    paired.truncate(32);
    let entropy = |qs: &[Qubit]| -> Result<f64, Failure> {
        let (places, _) = held(view, qs);
        if places.is_empty() {
            return Ok(0.0);
        }
        Ok(view.state.entropy(&places, control)?)
    };
    let single = paired.iter().map(|&q| entropy(&[q])).collect::<Result<Vec<f64>, _>>()?;
    let mut pairs = Vec::new();
    for (i, &a) in paired.iter().enumerate() {
        for (j, &b) in paired.iter().enumerate().skip(i + 1) {
            // Without entropy of its own a qubit shares none.
            let shared = if single[i] < 1e-9 || single[j] < 1e-9 {
                0.0
            } else {
                (single[i] + single[j] - entropy(&[a, b])?).max(0.0)
            };
            pairs.push((a.0, b.0, shared));
        }
    }
    Ok(Reading::Entanglement { cuts, qubits: paired.iter().map(|q| q.0).collect(), pairs })
}

/// Mean and standard deviation. A long observable has no deviation here: NaN is not sent, 0 is.
pub(super) fn moments(
    view: &View,
    observable: &Observable,
    control: &RunControl,
) -> Result<(f64, f64), SimError> {
    // Qubits outside of the state are |0⟩: Z gives 1, X and Y give 0 in the mean, 1 in the square.
    let outside = observable
        .terms
        .iter()
        .any(|t| t.paulis.iter().any(|&(q, p)| p != Pauli::Z && view.place(Qubit(q)).is_none()));
    let terms = observable
        .terms
        .iter()
        .filter(|t| t.paulis.iter().all(|&(q, p)| p == Pauli::Z || view.place(Qubit(q)).is_some()))
        .map(|t| PauliTerm {
            weight: t.weight,
            paulis: t
                .paulis
                .iter()
                .filter_map(|&(q, p)| view.place(Qubit(q)).map(|place| (place.0, p)))
                .collect(),
        })
        .collect::<Vec<_>>();
    let local = Observable { terms };
    if outside || local.terms.len() > MAX_VARIANCE_TERMS {
        return Ok((view.state.expectation(&local, control)?, 0.0));
    }
    let moments = view.state.moments(&local, control)?;
    Ok((moments.mean, moments.variance.sqrt()))
}

/// Outcomes of `shots` measurements of some qubits.
pub(super) fn sample(
    view: &View,
    qubits: &[Qubit],
    shots: u64,
    seed: u64,
    control: &RunControl,
) -> Result<Reading, Failure> {
    let places: Vec<Option<Qubit>> = qubits.iter().map(|&q| view.place(q)).collect();
    if qubits.len() > 64 {
        return Err(refused("at most 64 qubits"));
    }
    let shots = view
        .state
        .sample_memory(shots, seed, control)?
        .into_iter()
        .map(|index| {
            places
                .iter()
                .enumerate()
                .fold(0, |out, (i, p)| out | p.map_or(0, |p| (index >> p.0 & 1) << i))
        })
        .collect();
    Ok(Reading::Sample { num_qubits: u32::try_from(qubits.len()).unwrap_or(0), shots })
}
