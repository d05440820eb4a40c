//! Noise models as documents.
//!
//! * `conformance-noise-model/1`: channels after every one-qubit and every two-qubit gate, one readout
//!   matrix.
//! * `ketlab-noise-model/1`: the same, and `rules` for single gates and qubits, `readout` per qubit.
//! * `ketlab-device/1` and the properties of a backend: see [`crate::device`].

use std::sync::Arc;

use num_complex::Complex64;
use quantum_info::{Channel, Matrix, Pauli};
use serde::Deserialize;

use crate::{NoiseError, NoiseModel, ReadoutMatrix, Rule, device};

/// Longest document.
pub const MAX_DOCUMENT_BYTES: usize = 4 << 20;

/// By how much a row of a readout matrix may miss 1.
const READOUT_ATOL: f64 = 1e-6;

/// A model as it is written; kept, so that it can be made again with other strengths.
#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    #[serde(default)]
    name: String,
    #[serde(default)]
    after_1q_gate: Vec<ChannelDocument>,
    #[serde(default)]
    after_2q_gate: Vec<ChannelDocument>,
    #[serde(default)]
    after_2q_gate_on_each_qubit: Vec<ChannelDocument>,
    #[serde(default)]
    readout_matrix: Option<ReadoutMatrix>,
    #[serde(default)]
    rules: Vec<RuleDocument>,
    #[serde(default)]
    readout: Vec<ReadoutDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleDocument {
    /// Names of the gate table.
    #[serde(default)]
    gates: Option<Vec<String>>,
    /// The operands, in order.
    #[serde(default)]
    qubits: Option<Vec<u32>>,
    /// Of the gate; needed where `qubits` is not given.
    #[serde(default)]
    num_qubits: Option<usize>,
    #[serde(default)]
    channels: Vec<ChannelDocument>,
    #[serde(default)]
    on_each_qubit: Vec<ChannelDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReadoutDocument {
    qubits: Vec<u32>,
    matrix: ReadoutMatrix,
}

/// `[re, im]`, row by row.
type Rows = Vec<Vec<[f64; 2]>>;

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ChannelDocument {
    Depolarizing {
        lambda: f64,
        #[serde(default)]
        qubits: Option<usize>,
    },
    BitFlip {
        p: f64,
    },
    PhaseFlip {
        p: f64,
    },
    BitPhaseFlip {
        p: f64,
    },
    Pauli {
        #[serde(default)]
        px: f64,
        #[serde(default)]
        py: f64,
        #[serde(default)]
        pz: f64,
        /// Strings on several qubits, highest first.
        #[serde(default)]
        errors: Vec<(String, f64)>,
    },
    AmplitudeDamping {
        gamma: f64,
    },
    GeneralizedAmplitudeDamping {
        gamma: f64,
        excited_population: f64,
    },
    PhaseDamping {
        lambda: f64,
    },
    ThermalRelaxation {
        time: f64,
        t1: f64,
        t2: f64,
        #[serde(default)]
        excited_population: f64,
    },
    CoherentRx {
        angle: f64,
    },
    CoherentRy {
        angle: f64,
    },
    CoherentRz {
        angle: f64,
    },
    /// A unitary.
    Coherent {
        matrix: Rows,
    },
    Kraus {
        operators: Vec<Rows>,
    },
    /// On `vec(ρ)`, columns stacked.
    Superoperator {
        matrix: Rows,
    },
}

/// Reads a model. The text is bounded by [`MAX_DOCUMENT_BYTES`] before it is looked at.
pub fn parse(text: &str) -> Result<NoiseModel, NoiseError> {
    #[derive(Deserialize)]
    struct Head {
        format: Option<String>,
        backend_name: Option<String>,
    }

    if text.len() > MAX_DOCUMENT_BYTES {
        return Err(NoiseError::TooLong { bytes: text.len() });
    }
    let head: Head = json(text)?;
    match (head.format.as_deref(), &head.backend_name) {
        (Some(format @ ("conformance-noise-model/1" | "ketlab-noise-model/1")), _) => {
            let document: Document = json(text)?;
            let rules_allowed = format.starts_with("ketlab");
            if !(rules_allowed || document.rules.is_empty() && document.readout.is_empty()) {
                return Err(NoiseError::Value {
                    place: "rules".to_owned(),
                    message: "rules and readout need the format `ketlab-noise-model/1`".to_owned(),
                });
            }
            model(&Arc::new(document), 1.0)
        }
        (Some("ketlab-device/1"), _) => device::parse(text),
        (None, Some(_)) => device::parse_properties(text),
        (found, _) => {
            let found = found.unwrap_or("none").chars().take(60).collect();
            Err(NoiseError::Format { found })
        }
    }
}

pub(crate) fn json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, NoiseError> {
    serde_json::from_str(text).map_err(|e| NoiseError::Json(e.to_string()))
}

/// The model of a document, `factor` times as strong.
pub(crate) fn model(document: &Arc<Document>, factor: f64) -> Result<NoiseModel, NoiseError> {
    let channels = |list: &[ChannelDocument], place: &str, width: usize| {
        list.iter()
            .enumerate()
            .map(|(i, c)| channel(c, &format!("{place}[{i}]"), width, factor))
            .collect::<Result<Vec<_>, _>>()
    };
    let mut rules = vec![
        Rule {
            gates: None,
            qubits: None,
            num_qubits: 1,
            together: channels(&document.after_1q_gate, "after_1q_gate", 1)?,
            each: Vec::new(),
        },
        Rule {
            gates: None,
            qubits: None,
            num_qubits: 2,
            together: channels(&document.after_2q_gate, "after_2q_gate", 2)?,
            each: channels(
                &document.after_2q_gate_on_each_qubit,
                "after_2q_gate_on_each_qubit",
                1,
            )?,
        },
    ];
    let value = |place: &str, message: &str| NoiseError::Value {
        place: place.to_owned(),
        message: message.to_owned(),
    };
    for (i, rule) in document.rules.iter().enumerate() {
        let place = format!("rules[{i}]");
        let num_qubits = match (&rule.qubits, rule.num_qubits) {
            (Some(q), n) if n.is_none_or(|n| n == q.len()) => q.len(),
            (None, Some(n)) => n,
            _ => return Err(value(&place, "`qubits` or `num_qubits` says how wide the gate is")),
        };
        let mut gates = None;
        if let Some(names) = &rule.gates {
            let known = names
                .iter()
                .map(|name| match circuit::Gate::by_name(name) {
                    Some(gate) => Ok(gate.spec().name.to_owned()),
                    None => Err(value(&place, &format!("there is no gate `{name}`"))),
                })
                .collect::<Result<Vec<_>, _>>()?;
            gates = Some(known);
        }
        rules.push(Rule {
            gates,
            qubits: rule.qubits.clone(),
            num_qubits,
            together: channels(&rule.channels, &format!("{place}.channels"), num_qubits)?,
            each: channels(&rule.on_each_qubit, &format!("{place}.on_each_qubit"), 1)?,
        });
    }
    let mut found = NoiseModel {
        name: if document.name.is_empty() {
            "noise model".to_owned()
        } else {
            document.name.chars().take(200).collect()
        },
        rules,
        document: Some(Arc::clone(document)),
        factor,
        ..NoiseModel::default()
    };
    if let Some(m) = &document.readout_matrix {
        found.readout = Some(readout(m, "readout_matrix", factor)?);
    }
    for (i, r) in document.readout.iter().enumerate() {
        let matrix = readout(&r.matrix, &format!("readout[{i}]"), factor)?;
        found.readout_of.extend(r.qubits.iter().map(|&q| (q, matrix)));
    }
    Ok(found)
}

/// Whether a strength changes nothing, not even by rounding.
pub(crate) fn is_as_given(factor: f64) -> bool {
    factor.to_bits() == 1.0_f64.to_bits()
}

/// A readout matrix whose errors are `factor` times as likely.
pub(crate) fn readout(
    m: &ReadoutMatrix,
    place: &str,
    factor: f64,
) -> Result<ReadoutMatrix, NoiseError> {
    check_readout(m, place)?;
    if is_as_given(factor) {
        return Ok(*m);
    }
    let (one_for_zero, zero_for_one) = (factor * m[0][1], factor * m[1][0]);
    let scaled = [[1.0 - one_for_zero, one_for_zero], [zero_for_one, 1.0 - zero_for_one]];
    check_readout(&scaled, place)?;
    Ok(scaled)
}

fn check_readout(m: &ReadoutMatrix, place: &str) -> Result<(), NoiseError> {
    let fits = |row: &[f64; 2]| {
        row.iter().all(|p| (0.0..=1.0).contains(p)) && (row[0] + row[1] - 1.0).abs() <= READOUT_ATOL
    };
    if m.iter().all(fits) { Ok(()) } else { Err(NoiseError::Readout { place: place.to_owned() }) }
}

/// The channel on `width` qubits, `factor` times as strong: probabilities, times and angles are multiplied.
/// What is given by its matrices alone becomes a mixture of itself and nothing, which only weakens it.
fn channel(
    document: &ChannelDocument,
    place: &str,
    width: usize,
    factor: f64,
) -> Result<Arc<Channel>, NoiseError> {
    use ChannelDocument as D;

    let rotation =
        |gate: circuit::Gate, angle: f64| Channel::unitary(&gate.spec().matrix(&[factor * angle]));
    let found = match document {
        D::Depolarizing { lambda, qubits } => {
            Channel::depolarizing(qubits.unwrap_or(width), factor * lambda)
        }
        D::BitFlip { p } => Channel::flip(Pauli::X, factor * p),
        D::PhaseFlip { p } => Channel::flip(Pauli::Z, factor * p),
        D::BitPhaseFlip { p } => Channel::flip(Pauli::Y, factor * p),
        D::Pauli { px, py, pz, errors } if errors.is_empty() => {
            Channel::pauli(1, &[("X", factor * px), ("Y", factor * py), ("Z", factor * pz)])
        }
        D::Pauli { errors, .. } => {
            let errors: Vec<(&str, f64)> =
                errors.iter().map(|(s, p)| (s.as_str(), factor * p)).collect();
            Channel::pauli(errors[0].0.chars().count(), &errors)
        }
        D::AmplitudeDamping { gamma } => Channel::amplitude_damping(factor * gamma),
        D::GeneralizedAmplitudeDamping { gamma, excited_population } => {
            Channel::generalized_amplitude_damping(factor * gamma, *excited_population)
        }
        D::PhaseDamping { lambda } => Channel::phase_damping(factor * lambda),
        D::ThermalRelaxation { time, t1, t2, excited_population } => {
            Channel::thermal_relaxation(factor * time, *t1, *t2, *excited_population)
        }
        D::CoherentRx { angle } => rotation(circuit::Gate::Rx, *angle),
        D::CoherentRy { angle } => rotation(circuit::Gate::Ry, *angle),
        D::CoherentRz { angle } => rotation(circuit::Gate::Rz, *angle),
        D::Coherent { matrix: rows } => {
            let u = matrix(rows, place)?;
            // Checked before a power is taken of it.
            Channel::unitary(&u).and_then(|whole| {
                if is_as_given(factor) {
                    Ok(whole)
                } else {
                    Channel::unitary(&u.power_principal(factor))
                }
            })
        }
        D::Kraus { operators } => {
            let operators =
                operators.iter().map(|rows| matrix(rows, place)).collect::<Result<Vec<_>, _>>()?;
            Channel::kraus(&operators)
        }
        D::Superoperator { matrix: rows } => Channel::superoperator(&matrix(rows, place)?),
    };
    let mut found =
        found.map_err(|error| NoiseError::Channel { place: place.to_owned(), error })?;
    if !is_as_given(factor) && matches!(document, D::Kraus { .. } | D::Superoperator { .. }) {
        if factor > 1.0 {
            return Err(NoiseError::Value {
                place: place.to_owned(),
                message: "a channel given by its matrices can be weakened, not strengthened"
                    .to_owned(),
            });
        }
        found = found.weakened(factor);
    }
    if found.num_qubits() != width {
        return Err(NoiseError::Width {
            place: place.to_owned(),
            found: found.num_qubits(),
            expected: width,
        });
    }
    Ok(Arc::new(found))
}

fn matrix(rows: &Rows, place: &str) -> Result<Matrix, NoiseError> {
    let refused = |message: String| NoiseError::Value { place: place.to_owned(), message };
    if let Some(row) = rows.iter().find(|r| r.len() != rows.len()) {
        return Err(refused(format!(
            "a row of {} entries in a matrix of {} rows",
            row.len(),
            rows.len()
        )));
    }
    let entries: Vec<Complex64> =
        rows.iter().flatten().map(|&[re, im]| Complex64::new(re, im)).collect();
    Matrix::from_entries(&entries).map_err(|e| refused(e.to_string()))
}
