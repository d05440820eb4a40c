//! What is read off a state beside samples.

use api::run::{Amplitude, QubitState, Want};
use quantum_info::Observable;
use sim::{Real, RunControl, Statevector};

use crate::Failure;

/// Answers to [`api::run::Want`]; for several branches, averages by their weight.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    pub(crate) statevector: Option<Vec<[f64; 2]>>,
    pub(crate) top_amplitudes: Vec<Amplitude>,
    pub(crate) qubits: Vec<QubitState>,
    pub(crate) expectations: Vec<f64>,
}

pub(crate) fn qubit_state(bloch: [f64; 3]) -> QubitState {
    QubitState { bloch, probability_one: ((1.0 - bloch[2]) / 2.0).clamp(0.0, 1.0) }
}

/// Reads what is wanted of one state.
pub(crate) fn observe<T: Real>(
    state: &Statevector<T>,
    want: &Want,
    observables: &[Observable],
    control: &RunControl,
) -> Result<Observed, Failure> {
    let mut observed = Observed::default();
    if want.statevector {
        let all = state.amplitudes(0..1 << state.num_qubits())?;
        observed.statevector = Some(all.iter().map(|a| [a.re, a.im]).collect());
    }
    if want.top_amplitudes > 0 {
        let largest = state.largest(want.top_amplitudes as usize, control)?;
        observed.top_amplitudes =
            largest.into_iter().map(|(index, a)| Amplitude { index, re: a.re, im: a.im }).collect();
    }
    if want.qubits {
        observed.qubits = state.bloch_vectors(control)?.into_iter().map(qubit_state).collect();
    }
    for observable in observables {
        observed.expectations.push(state.expectation(observable, control)?);
    }
    Ok(observed)
}

/// A sum of observations, each times its weight.
#[derive(Debug, Default)]
pub(crate) struct Average {
    pub(crate) qubits: Vec<[f64; 3]>,
    pub(crate) qubits_weight: f64,
    pub(crate) expectations: Vec<f64>,
    pub(crate) expectations_weight: f64,
}

impl Average {
    pub(crate) fn add_qubits(&mut self, bloch: &[[f64; 3]], weight: f64) {
        if self.qubits.is_empty() {
            self.qubits = vec![[0.0; 3]; bloch.len()];
        }
        for (sum, b) in self.qubits.iter_mut().zip(bloch) {
            for (s, x) in sum.iter_mut().zip(b) {
                *s += weight * x;
            }
        }
        self.qubits_weight += weight;
    }

    pub(crate) fn add_expectations(&mut self, values: &[f64], weight: f64) {
        self.expectations.resize(values.len(), 0.0);
        for (sum, v) in self.expectations.iter_mut().zip(values) {
            *sum += weight * v;
        }
        self.expectations_weight += weight;
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.qubits.resize(self.qubits.len().max(other.qubits.len()), [0.0; 3]);
        for (sum, b) in self.qubits.iter_mut().zip(other.qubits) {
            for (s, x) in sum.iter_mut().zip(b) {
                *s += x;
            }
        }
        self.qubits_weight += other.qubits_weight;
        self.expectations.resize(self.expectations.len().max(other.expectations.len()), 0.0);
        for (sum, v) in self.expectations.iter_mut().zip(other.expectations) {
            *sum += v;
        }
        self.expectations_weight += other.expectations_weight;
    }

    pub(crate) fn finish(self) -> Observed {
        let w = self.qubits_weight;
        Observed {
            qubits: self.qubits.into_iter().map(|b| qubit_state(b.map(|x| x / w))).collect(),
            expectations: self
                .expectations
                .into_iter()
                .map(|v| v / self.expectations_weight)
                .collect(),
            ..Observed::default()
        }
    }
}
