//! Devices: noise from calibration data.
//!
//! Of each qubit T1, T2 and the errors of its readout are known, of each gate of the device its length and
//! its error, the average infidelity. A gate is followed by the relaxation of its qubits over its length
//! and by a depolarizing channel whose `λ` makes the whole as bad as was measured. With the process
//! fidelities `F` of what is wanted, `F_r` of the relaxation and `4^-k` of full depolarizing, which compose
//! as in
//!
//! ```text
//! F = (1 - λ) F_r + λ 4^-k        average fidelity = (2^k F + 1) / (2^k + 1)
//! ```
//!
//! (Horodecki, Horodecki and Horodecki, quant-ph/9807091.) Where relaxation alone is worse than the gate
//! was measured, `λ` is 0.
//!
//! A circuit need not be written in the gates of the device: a gate that is not is charged as many of them
//! as it takes (`h` one `sx`, a general rotation two, `swap` three couplings). Phases are exact, as
//! the device does them by its clock. There is no crosstalk and no noise of qubits that wait, but in `delay`.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use circuit::classical::Duration;
use circuit::{Gate, GateMatrix, Qubit, UnitaryInstruction};
use quantum_info::Channel;
use serde::Deserialize;
use smallvec::SmallVec;

use crate::document::{is_as_given, json, readout};
use crate::{Applied, NoiseError, NoiseModel, Remark};

/// Most qubits of a device.
const MAX_QUBITS: usize = 10_000;

/// Devices that are known by name, with their calibration.
#[cfg(not(any(test, feature = "devices")))]
const KNOWN: &[(&str, &str)] = &[];
#[cfg(any(test, feature = "devices"))]
const KNOWN: &[(&str, &str)] = &[
    ("boston", include_str!("../devices/boston.json")),
    ("hanoi", include_str!("../devices/hanoi.json")),
    ("manila", include_str!("../devices/manila.json")),
    ("miami", include_str!("../devices/miami.json")),
    ("sherbrooke", include_str!("../devices/sherbrooke.json")),
    ("torino", include_str!("../devices/torino.json")),
];

/// Names of the devices, in order.
pub fn devices() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(name, _)| *name)
}

/// The noise of a device by its name, with or without `ibm_` or `ibmq_` before it.
pub fn device(name: &str) -> Option<NoiseModel> {
    let short = name.strip_prefix("ibm_").or(name.strip_prefix("ibmq_")).unwrap_or(name);
    let (_, text) = KNOWN.iter().find(|(known, _)| *known == short)?;
    Some(parse(text).expect("the tests read every device"))
}

/// A channel and the operands that it acts on, by number.
type OnOperands = (Arc<Channel>, SmallVec<[usize; 2]>);

/// Calibrated properties of a gate on its qubits.
#[derive(Debug, Clone)]
struct Calibrated {
    /// Average infidelity.
    error: f64,
    length_ns: f64,
    /// On the gate's operands: made when first asked for.
    channels: OnceLock<Vec<OnOperands>>,
}

#[derive(Debug, Clone, Copy)]
struct QubitData {
    t1_ns: f64,
    t2_ns: f64,
}

type Key = Vec<u32>;

/// The calibration of a device.
#[derive(Debug, Clone)]
pub struct Device {
    qubits: Vec<QubitData>,
    /// By name and operands.
    gates: BTreeMap<String, BTreeMap<Key, Calibrated>>,
    dt_ns: Option<f64>,
    /// Of the couplers.
    median: (f64, f64),
    /// The gate that couples two qubits.
    coupler: Option<&'static str>,
    /// By how much all of it is stronger than calibrated.
    factor: f64,
}

#[derive(Deserialize)]
struct Snapshot {
    name: String,
    #[serde(default)]
    dt_ns: Option<f64>,
    /// T1, T2 in µs, P(read 1 | is 0), P(read 0 | is 1).
    qubits: Vec<[f64; 4]>,
    /// Operands, error, length in ns.
    gates: BTreeMap<String, Vec<(Key, f64, f64)>>,
}

#[derive(Deserialize)]
struct Properties {
    backend_name: String,
    qubits: Vec<Vec<Property>>,
    gates: Vec<GateProperties>,
}

#[derive(Deserialize)]
struct Property {
    name: String,
    #[serde(default)]
    unit: String,
    value: f64,
}

#[derive(Deserialize)]
struct GateProperties {
    gate: String,
    qubits: Key,
    parameters: Vec<Property>,
}

/// Reads `ketlab-device/1`.
pub(crate) fn parse(text: &str) -> Result<NoiseModel, NoiseError> {
    model(json(text)?)
}

/// Reads the properties of a backend, as its service returns them.
pub(crate) fn parse_properties(text: &str) -> Result<NoiseModel, NoiseError> {
    let properties: Properties = json(text)?;
    let scale = |p: &Property, to: &str| match (p.unit.as_str(), to) {
        ("s", "us") => 1e6,
        ("ms", "us") | ("us" | "µs", "ns") => 1e3,
        ("ns", "us") => 1e-3,
        ("s", "ns") => 1e9,
        _ => 1.0,
    };
    let mut qubits = Vec::with_capacity(properties.qubits.len());
    for (i, list) in properties.qubits.iter().enumerate() {
        let get = |name: &str| list.iter().find(|p| p.name == name);
        let time = |name: &str| get(name).map(|p| p.value * scale(p, "us"));
        let Some(t1) = time("T1") else {
            return Err(value(format!("qubits[{i}]"), "T1 is missing"));
        };
        let wrong = |name: &str| get(name).or(get("readout_error")).map_or(0.0, |p| p.value);
        qubits.push([
            t1,
            time("T2").unwrap_or(2.0 * t1),
            wrong("prob_meas1_prep0"),
            wrong("prob_meas0_prep1"),
        ]);
    }
    let mut gates: BTreeMap<String, Vec<(Key, f64, f64)>> = BTreeMap::new();
    for g in properties.gates {
        let get = |name: &str| g.parameters.iter().find(|p| p.name == name);
        if let (Some(error), Some(length)) = (get("gate_error"), get("gate_length"))
            && !g.gate.starts_with("measure")
        {
            let length = length.value * scale(length, "ns");
            gates.entry(g.gate.clone()).or_default().push((g.qubits, error.value, length));
        }
    }
    model(Snapshot { name: properties.backend_name, dt_ns: None, qubits, gates })
}

fn value(place: String, message: &str) -> NoiseError {
    NoiseError::Value { place, message: message.to_owned() }
}

fn model(snapshot: Snapshot) -> Result<NoiseModel, NoiseError> {
    if snapshot.qubits.is_empty() || snapshot.qubits.len() > MAX_QUBITS {
        return Err(value("qubits".to_owned(), "a device has 1 to 10000 qubits"));
    }
    let mut found = NoiseModel {
        name: snapshot.name.chars().take(200).collect(),
        factor: 1.0,
        ..NoiseModel::default()
    };
    let mut qubits = Vec::with_capacity(snapshot.qubits.len());
    for (q, &[t1, t2, one_for_zero, zero_for_one]) in (0_u32..).zip(&snapshot.qubits) {
        if !(t1 > 0.0 && t2 > 0.0) {
            return Err(value(format!("qubits[{q}]"), "T1 and T2 are positive"));
        }
        // Estimates of T2 beyond what is possible are cut.
        qubits.push(QubitData { t1_ns: t1 * 1e3, t2_ns: t2.min(2.0 * t1) * 1e3 });
        let matrix = [[1.0 - one_for_zero, one_for_zero], [zero_for_one, 1.0 - zero_for_one]];
        found.readout_of.insert(q, readout(&matrix, &format!("qubits[{q}]"), 1.0)?);
    }
    let mut gates: BTreeMap<String, BTreeMap<Key, Calibrated>> = BTreeMap::new();
    for (name, list) in snapshot.gates {
        let of = gates.entry(name.clone()).or_default();
        for (operands, error, length_ns) in list {
            let place = || format!("gates.{name} on {operands:?}");
            let inside = operands.iter().all(|&q| (q as usize) < qubits.len());
            if operands.is_empty() || operands.len() > 2 || !inside {
                return Err(value(place(), "operands are one or two qubits of the device"));
            }
            if !(error >= 0.0 && length_ns >= 0.0 && length_ns.is_finite()) {
                return Err(value(place(), "error and length are not negative"));
            }
            // 1 stands for a gate that could not be calibrated.
            if error < 1.0 {
                of.insert(operands, Calibrated { error, length_ns, channels: OnceLock::new() });
            }
        }
    }
    let coupler = ["cz", "ecr", "cx"].into_iter().find(|n| gates.contains_key(*n));
    let middle = |pick: fn(&Calibrated) -> f64| {
        let of = coupler.and_then(|c| gates.get(c)).into_iter().flat_map(|g| g.values());
        let mut all: Vec<f64> = of.map(pick).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(0.0)
    };
    let median = (middle(|c| c.error), middle(|c| c.length_ns));
    found.device = Some(Arc::new(Device {
        qubits,
        gates,
        dt_ns: snapshot.dt_ns,
        median,
        coupler,
        factor: 1.0,
    }));
    Ok(found)
}

/// Gates of the device that a gate on one qubit takes.
fn pulses(u: &UnitaryInstruction) -> Option<(&'static str, usize)> {
    let named = u.gate.filter(|_| u.controls.is_empty());
    match named {
        Some(Gate::Id) => return Some(("id", 1)),
        Some(Gate::X | Gate::Y) => return Some(("x", 1)),
        Some(Gate::Sx | Gate::Sxdg | Gate::Sy | Gate::Sydg | Gate::H | Gate::U2 | Gate::Gpi2) => {
            return Some(("sx", 1));
        }
        _ => {}
    }
    let zero = num_complex::Complex64::new(0.0, 0.0);
    let diagonal = match &u.matrix {
        GateMatrix::Dense(m) => m.dim() == 2 && m.at(0, 1) == zero && m.at(1, 0) == zero,
        GateMatrix::Diagonal(_) => true,
        GateMatrix::Permutation(_) => false,
    };
    // No targets: a phase under one control.
    if diagonal || u.targets.is_empty() { None } else { Some(("sx", 2)) }
}

/// How often two qubits are coupled for a gate on them.
fn couplings(u: &UnitaryInstruction) -> usize {
    match u.gate.filter(|g| g.spec().num_qubits() == 2) {
        Some(Gate::Cx | Gate::Cy | Gate::Cz | Gate::Ch | Gate::Ecr) => 1,
        Some(
            Gate::Rzz
            | Gate::Rxx
            | Gate::Ryy
            | Gate::Rzx
            | Gate::Cp
            | Gate::Crx
            | Gate::Cry
            | Gate::Crz
            | Gate::Cu
            | Gate::Cu3
            | Gate::Cs
            | Gate::Csdg
            | Gate::Csx
            | Gate::Iswap
            | Gate::SqrtIswap
            | Gate::Dcx
            | Gate::XxMinusYy
            | Gate::XxPlusYy
            | Gate::Ms,
        ) => 2,
        _ => 3,
    }
}

impl Device {
    pub(crate) fn num_qubits(&self) -> u32 {
        u32::try_from(self.qubits.len()).unwrap_or(u32::MAX)
    }

    /// The same device with noise that is `factor` times as strong as calibrated.
    pub(crate) fn scaled(&self, factor: f64) -> Self {
        let mut scaled = Self { factor, ..self.clone() };
        let gates = scaled.gates.values_mut().flat_map(BTreeMap::values_mut);
        gates.for_each(|gate| gate.channels = OnceLock::new());
        scaled
    }

    fn calibrated(&self, name: &str, operands: &[u32]) -> Option<&Calibrated> {
        self.gates.get(name)?.get(operands)
    }

    pub(crate) fn after(
        &self,
        u: &UnitaryInstruction,
        qubits: &[Qubit],
        out: &mut Vec<Applied>,
    ) -> Option<Remark> {
        match *qubits {
            [q] => {
                let (name, count) = pulses(u)?;
                let found =
                    self.calibrated(name, &[q.0]).or_else(|| self.calibrated("sx", &[q.0]))?;
                self.append(found, qubits, count, out);
                None
            }
            [a, b] => {
                let (name, count) = match u.gate {
                    Some(Gate::Rzz) if self.calibrated("rzz", &[a.0, b.0]).is_some() => ("rzz", 1),
                    Some(Gate::Rzz) if self.calibrated("rzz", &[b.0, a.0]).is_some() => ("rzz", 1),
                    _ => (self.coupler?, couplings(u)),
                };
                if let Some(found) = self.calibrated(name, &[a.0, b.0]) {
                    self.append(found, qubits, count, out);
                } else if let Some(found) = self.calibrated(name, &[b.0, a.0]) {
                    self.append(found, &[b, a], count, out);
                } else {
                    let (error, length_ns) = self.median;
                    let found = Calibrated { error, length_ns, channels: OnceLock::new() };
                    self.append(&found, qubits, count, out);
                    return Some(Remark::Uncoupled(a.0.min(b.0), a.0.max(b.0)));
                }
                None
            }
            _ => Some(Remark::TooWide(qubits.len())),
        }
    }

    fn append(&self, gate: &Calibrated, qubits: &[Qubit], count: usize, out: &mut Vec<Applied>) {
        let channels = gate.channels.get_or_init(|| self.channels(gate, qubits));
        for _ in 0..count {
            out.extend(channels.iter().map(|(channel, operands)| {
                (Arc::clone(channel), operands.iter().map(|&k| qubits[k]).collect())
            }));
        }
    }

    /// Relaxation of each qubit, then what is missing to the measured error.
    fn channels(&self, gate: &Calibrated, qubits: &[Qubit]) -> Vec<OnOperands> {
        let k = qubits.len();
        let mut all = Vec::new();
        let mut relaxed = 1.0;
        for (i, &q) in qubits.iter().enumerate() {
            // What is missing to the measured error is missing to it as calibrated.
            let calibrated = self.relaxation(gate.length_ns, q);
            relaxed *= calibrated.as_ref().map_or(1.0, Channel::process_fidelity);
            let channel = if is_as_given(self.factor) {
                calibrated
            } else {
                self.relaxation(self.factor * gate.length_ns, q)
            };
            all.extend(channel.map(|c| (Arc::new(c), SmallVec::from_slice(&[i]))));
        }
        let (d, mixed) = (f64::from(1_u32 << k), 1.0 / f64::from(1_u32 << (2 * k)));
        let wanted = ((1.0 - gate.error) * (d + 1.0) - 1.0) / d;
        let missing = ((relaxed - wanted) / (relaxed - mixed)).clamp(0.0, 1.0);
        let lambda = (self.factor * missing).min(1.0);
        if lambda > 0.0
            && let Ok(channel) = Channel::depolarizing(k, lambda)
        {
            all.push((Arc::new(channel), (0..k).collect()));
        }
        all
    }

    fn relaxation(&self, time_ns: f64, qubit: Qubit) -> Option<Channel> {
        let of = self.qubits.get(qubit.index())?;
        let channel = Channel::thermal_relaxation(time_ns, of.t1_ns, of.t2_ns, 0.0).ok()?;
        (!channel.is_identity()).then_some(channel)
    }

    pub(crate) fn idle(&self, duration: Duration, qubit: Qubit) -> Option<Channel> {
        let time = duration.ns + duration.dt * self.dt_ns.unwrap_or(0.0);
        self.relaxation(self.factor * time, qubit)
    }
}
