//! Looks at the state of a program under noise: a density matrix, exactly.
//!
//! As without noise one run is followed, and the outcome of measurement `i` is decided by the number `i` of the
//! stream, or by hand; an outcome is what is read, errors of the readout included. Resets decide nothing: what
//! they forget is averaged over.

use api::run::{Cut, Decided, Probe, Reading};
use circuit::Qubit;
use circuit::machine::Machine;
use noise::NoiseModel;
use quantum_info::{Matrix, Observable};
use sim::rng::{Purpose, Rng};
use sim::{DensityMatrix, RunControl, SimError};

use super::read::{MAX_DENSITY_QUBITS, chosen, largest, purity, refused};
use super::{Job, too_many_decisions};
use crate::noisy::steps::{Event, Steps};
use crate::walk::Walk;
use crate::{Failure, machine_limits, observe};

/// Widest register whose state under noise is looked at: 8 MiB, and gates in the time of a frame.
pub(super) const MAX_MIXED_QUBITS: u32 = 10;
/// Widest register whose partial transpose is diagonalized.
const MAX_TRANSPOSED_QUBITS: usize = 6;

/// A state under noise, and what was measured on the way to it.
pub(super) struct Mixed {
    state: DensityMatrix<f64>,
    pub(super) outcomes: Vec<Decided>,
    pub(super) probability: f64,
}

/// Follows the program to its end.
pub(super) fn follow(job: &Job, model: Option<&NoiseModel>) -> Result<Mixed, Failure> {
    let n = job.circuit.num_qubits();
    if n > MAX_MIXED_QUBITS {
        return Err(too_wide(n));
    }
    let limits = machine_limits(job.request.limits.max_operations);
    let machine = Machine::new(job.program, job.values, limits)?;
    let mut steps = Steps::new(Walk::machine(machine), model);
    let mut state = DensityMatrix::zero(n as usize, job.request.limits.memory_bytes)?;
    let rng = Rng::new(job.request.seed, Purpose::Shot, 0);
    let mut outcomes: Vec<Decided> = Vec::new();
    let mut probability = 1.0;
    let control = &job.control;
    loop {
        match steps.next()? {
            Event::Unitary(u) => state.apply(&u, control)?,
            Event::Channel(channel, qubits) => state.apply_channel(&channel, &qubits, control)?,
            Event::Reset { qubit } => {
                too_many_decisions(outcomes.len())?;
                state.reset(qubit)?;
                outcomes.push(Decided {
                    qubit: qubit.0,
                    reset: true,
                    outcome: false,
                    probability: 1.0,
                    chosen: false,
                });
            }
            Event::Postselect { qubit, outcome } => {
                let before = state.trace(control)?;
                state.select(qubit, if outcome { [0.0, 1.0] } else { [1.0, 0.0] })?;
                let kept = state.trace(control)? / before;
                if kept < 1e-14 {
                    return Err(SimError::ImpossibleOutcome.into());
                }
                probability *= kept;
            }
            Event::Measure { qubit } => {
                if !job.request.collapse && steps.put_off_measurements() {
                    continue;
                }
                let number = outcomes.len();
                too_many_decisions(number)?;
                let errors = model.and_then(|m| m.readout(qubit));
                let [true_zero, true_one] = errors.unwrap_or([[1.0, 0.0], [0.0, 1.0]]);
                let of = state.marginals(&[qubit], control)?;
                let total = of[0] + of[1];
                let one = (of[0] * true_zero[1] + of[1] * true_one[1]) / total;
                let (outcome, chosen) = job.decided(number, one, rng.at(number as u64));
                let at = usize::from(outcome);
                state.select(qubit, [true_zero[at], true_one[at]])?;
                let likely = if outcome { one } else { 1.0 - one };
                probability *= likely;
                outcomes.push(Decided {
                    qubit: qubit.0,
                    reset: false,
                    outcome,
                    probability: likely,
                    chosen,
                });
                steps.provide(outcome);
            }
            Event::Done => break,
        }
    }
    state.settle(control)?;
    Ok(Mixed { state, outcomes, probability })
}

fn too_wide(n: u32) -> Failure {
    refused(format!(
        "under noise a state is looked at on up to {MAX_MIXED_QUBITS} qubits, and there are {n}: its density matrix has 4^{n} numbers"
    ))
}

/// Answers one question about the state.
pub(super) fn probe(mixed: &mut Mixed, probe: &Probe, job: &Job) -> Result<Reading, Failure> {
    let control = &job.control;
    let n = job.circuit.num_qubits();
    let state = &mut mixed.state;
    match probe {
        Probe::Probabilities { qubits, top } => {
            let qubits = chosen(n, qubits)?;
            let mut all = state.marginals(&qubits, control)?;
            let total: f64 = all.iter().sum();
            for p in &mut all {
                *p /= total;
            }
            let (entries, rest) = largest(all, *top);
            let num_qubits = u32::try_from(qubits.len()).unwrap_or(u32::MAX);
            Ok(Reading::Probabilities { num_qubits, entries, rest })
        }
        Probe::Amplitudes { .. } => Ok(Reading::Mixed { purity: state.purity(control)? }),
        Probe::Qubits => {
            let vectors = state.bloch_vectors(control)?;
            Ok(Reading::Qubits { qubits: vectors.into_iter().map(observe::qubit_state).collect() })
        }
        Probe::Density { qubits } => {
            let mut qubits = chosen(n, qubits)?;
            qubits.truncate(MAX_DENSITY_QUBITS);
            let rho = reduced(state, &qubits, control)?;
            Ok(Reading::Density {
                qubits: qubits.iter().map(|q| q.0).collect(),
                purity: purity(&rho),
                matrix: rho.entries().iter().map(|z| [z.re, z.im]).collect(),
            })
        }
        Probe::Entanglement { qubits } => entanglement(state, &chosen(n, qubits)?, control),
        Probe::Expectation { observable } => {
            let observable = Observable::parse(observable, n as usize)
                .map_err(|error| refused(error.to_string()))?;
            let value = state.expectation(&observable, control)?;
            let deviation = match observable.squared() {
                Some(square) => {
                    (state.expectation(&square, control)? - value * value).max(0.0).sqrt()
                }
                // As of pure states: none for a long one.
                None => 0.0,
            };
            Ok(Reading::Expectation { value, deviation })
        }
        Probe::Unitary | Probe::Statistics => Err(refused("this is no question about a state")),
    }
}

fn reduced(
    state: &mut DensityMatrix<f64>,
    qubits: &[Qubit],
    control: &RunControl,
) -> Result<Matrix, Failure> {
    let entries = state.reduced(qubits, control)?;
    Matrix::from_entries(&entries).map_err(|error| refused(error.to_string()))
}

/// In bits.
fn entropy(rho: &Matrix) -> f64 {
    let (values, _) = rho.hermitian_eigen();
    values.into_iter().filter(|&p| p > 1e-15).map(|p| -p * p.log2()).sum::<f64>().max(0.0)
}

/// The logarithmic negativity of each cut, `log2 |ρ^{T_A}|_1` (Vidal and Werner, quant-ph/0102117; Plenio,
/// quant-ph/0505071), 0 where the sides are not entangled; and what pairs share.
fn entanglement(
    state: &mut DensityMatrix<f64>,
    qubits: &[Qubit],
    control: &RunControl,
) -> Result<Reading, Failure> {
    let n = state.num_qubits();
    let mut cuts = vec![Cut::Unknown; n.saturating_sub(1)];
    if n <= MAX_TRANSPOSED_QUBITS {
        let all: Vec<Qubit> = (0..).take(n).map(Qubit).collect();
        let rho = reduced(state, &all, control)?;
        for (k, cut) in cuts.iter_mut().enumerate() {
            control.check()?;
            let low = (2 << k) - 1;
            let mut transposed = Matrix::zero(rho.dim());
            for r in 0..rho.dim() {
                for c in 0..rho.dim() {
                    transposed.set(r & !low | c & low, c & !low | r & low, rho.at(r, c));
                }
            }
            let (values, _) = transposed.hermitian_eigen();
            let norm: f64 = values.iter().map(|x| x.abs()).sum();
            // What rounding leaves of 0 is 0.
            *cut = Cut::Negativity(if norm < 1.0 + 1e-12 { 0.0 } else { norm.log2() });
        }
    }
    let mut single = Vec::with_capacity(qubits.len());
    for &q in qubits {
        single.push(entropy(&reduced(state, &[q], control)?));
    }
    let mut pairs = Vec::new();
    for (i, &a) in qubits.iter().enumerate() {
        for (j, &b) in qubits.iter().enumerate().skip(i + 1) {
            let both = entropy(&reduced(state, &[a, b], control)?);
            pairs.push((a.0, b.0, (single[i] + single[j] - both).max(0.0)));
        }
    }
    Ok(Reading::Entanglement { cuts, qubits: qubits.iter().map(|q| q.0).collect(), pairs })
}

#[cfg(test)]
mod tests {
    use api::run::{InspectRequest, Limits, Noise, Program};

    use super::*;

    const DEPOLARIZING: &str = r#"{"format": "conformance-noise-model/1",
        "after_2q_gate": [{"type": "depolarizing", "lambda": 0.2}], "readout_matrix": [[0.9, 0.1], [0.2, 0.8]]}"#;

    fn request(text: &str, noise: Option<&str>, probes: Vec<Probe>) -> InspectRequest {
        InspectRequest {
            program: Program::openqasm(format!("OPENQASM 3.0;\ninclude \"stdgates.inc\";\n{text}")),
            before: None,
            seed: 1,
            inputs: std::collections::BTreeMap::new(),
            choices: Vec::new(),
            collapse: false,
            probes,
            displays: false,
            noise: noise.map(|n| Noise::Model(n.to_owned())),
            limits: Limits::default(),
        }
    }

    fn look(request: &InspectRequest) -> api::run::Inspection {
        crate::inspect(request, &crate::tests::CONTEXT)
            .unwrap_or_else(|e| panic!("{:?}", e.diagnostics))
    }

    fn questions() -> Vec<Probe> {
        vec![
            Probe::Probabilities { qubits: vec![1, 0], top: 4 },
            Probe::Qubits,
            Probe::Density { qubits: vec![0, 1] },
            Probe::Entanglement { qubits: Vec::new() },
            Probe::Expectation { observable: "0.5*ZZ + XX".into() },
            Probe::Amplitudes { top: 4 },
            Probe::Statistics,
        ]
    }

    #[test]
    fn a_depolarized_bell_pair_is_a_werner_state() {
        let bell = "qubit[2] q; h q[0]; cx q[0], q[1];";
        let readings = look(&request(bell, Some(DEPOLARIZING), questions())).readings;
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        // 0.8 of the pair and 0.2 of nothing.
        let Reading::Probabilities { entries, .. } = &readings[0] else { panic!("{readings:?}") };
        close(entries[0].1, 0.45);
        close(entries[1].1, 0.05);
        let Reading::Qubits { qubits } = &readings[1] else { panic!("{readings:?}") };
        assert!(qubits.iter().all(|q| q.bloch.iter().all(|x| x.abs() < 1e-12)));
        let Reading::Density { matrix, purity, .. } = &readings[2] else { panic!("{readings:?}") };
        close(matrix[3][0], 0.4);
        close(*purity, 0.64 + 0.36 / 4.0);
        let Reading::Entanglement { cuts, pairs, .. } = &readings[3] else {
            panic!("{readings:?}")
        };
        // Eigenvalues of the partial transpose: three of (1 + p) / 4 and one of (1 - 3p) / 4.
        let Cut::Negativity(bits) = cuts[0] else { panic!("{cuts:?}") };
        close(bits, (3.0 * 0.45_f64 + 0.35).log2());
        let h = |p: f64| -p * p.log2();
        close(pairs[0].2, 2.0 - h(0.85) - 3.0 * h(0.05));
        let Reading::Expectation { value, deviation } = readings[4] else { panic!("{readings:?}") };
        close(value, 0.8 * 1.5);
        // (0.5 ZZ + XX)² = 1.25 - YY, and ⟨YY⟩ = -0.8.
        close(deviation, (1.25 + 0.8 - 1.44_f64).sqrt());
        assert!(matches!(readings[5], Reading::Mixed { purity } if (purity - 0.73).abs() < 1e-12));
        assert!(matches!(readings[6], Reading::Statistics(_)));
    }

    /// All numbers in `v`, in order.
    fn all(v: &serde_json::Value, out: &mut Vec<f64>) {
        match v {
            serde_json::Value::Array(a) => a.iter().for_each(|v| all(v, out)),
            serde_json::Value::Object(o) => o.values().for_each(|v| all(v, out)),
            v => out.extend(v.as_f64()),
        }
    }

    #[test]
    fn without_noise_in_it_a_model_changes_nothing() {
        let text = "qubit[4] q; bit c; h q[0]; cx q[0], q[1]; ry(0.7) q[2]; c = measure q[0]; if (c) x q[3]; crx(0.4) q[2], q[3];";
        let none = r#"{"format": "conformance-noise-model/1"}"#;
        let probes = vec![
            Probe::Qubits,
            Probe::Density { qubits: vec![3, 1, 2] },
            Probe::Expectation { observable: "ZIZI - 0.3*XXII".into() },
            Probe::Probabilities { qubits: vec![2, 3], top: 8 },
        ];
        let (ideal, noisy) =
            (look(&request(text, None, probes.clone())), look(&request(text, Some(none), probes)));
        assert_eq!(ideal.outcomes, noisy.outcomes);
        let numbers = |i: &api::run::Inspection| -> Vec<f64> {
            let json = serde_json::to_value(&i.readings).unwrap();
            let mut out = Vec::new();
            all(&json, &mut out);
            out
        };
        let (a, b) = (numbers(&ideal), numbers(&noisy));
        assert_eq!(a.len(), b.len());
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-7), "{a:?} {b:?}");
    }

    #[test]
    fn outcomes_are_what_is_read_and_may_be_chosen() {
        let text = "qubit q; bit c; x q; c = measure q; if (!c) x q;";
        let mut r =
            request(text, Some(DEPOLARIZING), vec![Probe::Expectation { observable: "Z".into() }]);
        r.choices = vec![(0, false)];
        let seen = look(&r);
        assert!((seen.probability - 0.2).abs() < 1e-12 && seen.outcomes[0].chosen);
        // It was |1⟩ for sure, read as 0, and flipped.
        assert_eq!(seen.readings[0], Reading::Expectation { value: 1.0, deviation: 0.0 });
    }

    #[test]
    fn noise_of_the_program_itself_is_looked_at_and_wide_registers_are_refused() {
        let own = "qubit q; h q;\n@ketlab.noise phase_damping(1)\nbarrier q;";
        let seen = look(&request(own, None, vec![Probe::Density { qubits: vec![0] }]));
        let Reading::Density { purity, .. } = seen.readings[0] else { panic!("{seen:?}") };
        assert!((purity - 0.5).abs() < 1e-12);

        let wide = "qubit[11] q; h q;";
        let seen = look(&request(wide, Some(DEPOLARIZING), vec![Probe::Qubits, Probe::Statistics]));
        assert!(
            matches!(&seen.readings[0], Reading::Refused { message } if message.contains("10 qubits"))
        );
        assert!(matches!(&seen.readings[1], Reading::Statistics(_)));
    }

    #[test]
    fn inline_displays_go_on_showing_the_state_without_noise() {
        let text = "qubit[2] q; h q[0];\n@ketlab.display bloch #7\nbarrier q[0];\ncx q[0], q[1];";
        let mut r = request(text, Some(DEPOLARIZING), vec![Probe::Qubits]);
        r.displays = true;
        let seen = look(&r);
        let ideal = look(&InspectRequest { noise: None, ..r });
        assert_eq!(seen.displays, ideal.displays);
        assert_eq!(seen.displays.len(), 1);
    }
}
