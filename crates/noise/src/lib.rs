//! Noise models: which channels follow which gate on which qubits, and how readout errs.
//!
//! A model comes from a document ([`parse`]) or from the calibration of a device ([`device`]). What it
//! says is one question per gate: [`NoiseModel::after`].
//!
//! Order: the first operand of a gate, its first control if it has one, is the low bit of a channel
//! on the gate's qubits. Readout matrices are `[true value][value read]`.

mod device;
mod document;

use std::collections::BTreeMap;
use std::sync::Arc;

use circuit::classical::Duration;
use circuit::{Qubit, UnitaryInstruction};
use quantum_info::{Channel, ChannelError};
use smallvec::SmallVec;

pub use device::{Device, device, devices};
pub use document::{MAX_DOCUMENT_BYTES, parse};

/// `[true value][value read]`; each row adds up to 1.
pub type ReadoutMatrix = [[f64; 2]; 2];

/// Why a document is no noise model.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoiseError {
    #[error("a noise model of {bytes} bytes; at most {MAX_DOCUMENT_BYTES}")]
    TooLong { bytes: usize },
    #[error("the noise model cannot be read: {0}")]
    Json(String),
    #[error(
        "a noise model of the format `{found}`; known are `conformance-noise-model/1`, `ketlab-noise-model/1`, \
         `ketlab-device/1` and the properties of a backend"
    )]
    Format { found: String },
    #[error("{place}: {error}")]
    Channel { place: String, error: ChannelError },
    #[error("{place}: the channel acts on {found} qubits, the gate on {expected}")]
    Width { place: String, found: usize, expected: usize },
    #[error("{place}: rows of a readout matrix are two probabilities that add up to 1")]
    Readout { place: String },
    #[error("{place}: {message}")]
    Value { place: String, message: String },
}

/// Something about a gate that whoever asked for the model should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// The device does not couple these qubits: it would have to move them. The median error of its
    /// couplers is used.
    Uncoupled(u32, u32),
    /// The model says nothing about gates on that many qubits: they stay exact.
    TooWide(usize),
}

/// A channel and the qubits that it acts on.
pub type Applied = (Arc<Channel>, SmallVec<[Qubit; 3]>);

/// Channels that follow some gates.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    /// Names of the gate table; `None` for all.
    pub(crate) gates: Option<Vec<String>>,
    /// In the order of the operands; `None` for all.
    pub(crate) qubits: Option<Vec<u32>>,
    /// Of the gate.
    pub(crate) num_qubits: usize,
    /// On all operands together.
    pub(crate) together: Vec<Arc<Channel>>,
    /// On one after the other, each channel on all before the next.
    pub(crate) each: Vec<Arc<Channel>>,
}

impl Rule {
    fn applies(&self, name: Option<&str>, qubits: &[Qubit]) -> bool {
        self.num_qubits == qubits.len()
            && self.gates.as_ref().is_none_or(|g| name.is_some_and(|n| g.iter().any(|x| x == n)))
            && self.qubits.as_ref().is_none_or(|q| q.iter().copied().eq(qubits.iter().map(|q| q.0)))
    }
}

/// What is noisy. See the [module](self).
#[derive(Debug, Clone, Default)]
pub struct NoiseModel {
    name: String,
    rules: Vec<Rule>,
    readout: Option<ReadoutMatrix>,
    readout_of: BTreeMap<u32, ReadoutMatrix>,
    device: Option<Arc<Device>>,
    /// What the rules were made of.
    document: Option<Arc<document::Document>>,
    /// How strong it is, compared with the document or the calibration.
    factor: f64,
}

impl NoiseModel {
    /// For people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same model, `factor` times as strong: 0 for none, 1 for as it is. Probabilities, times and angles are
    /// multiplied; a channel that is given by its matrices can only be weakened, and becomes a mixture of itself and
    /// nothing. The depolarizing part of a device's gates ends where it mixes fully.
    ///
    /// # Errors
    /// Where a probability would exceed 1, with its place, and for a factor that is negative or not finite.
    pub fn scaled(&self, factor: f64) -> Result<Self, NoiseError> {
        if !(factor >= 0.0 && factor.is_finite()) {
            return Err(NoiseError::Value {
                place: "strength".to_owned(),
                message: format!("{factor} is no strength of noise: it is 0 or more"),
            });
        }
        if let Some(document) = &self.document {
            return document::model(document, self.factor * factor);
        }
        let readout_of = self
            .readout_of
            .iter()
            .map(|(&q, m)| Ok((q, document::readout(m, &format!("qubits[{q}]"), factor)?)));
        Ok(Self {
            readout_of: readout_of.collect::<Result<_, NoiseError>>()?,
            device: self.device.as_ref().map(|d| Arc::new(d.scaled(self.factor * factor))),
            factor: self.factor * factor,
            ..self.clone()
        })
    }

    /// Qubits of the device that it stands for.
    pub fn num_qubits(&self) -> Option<u32> {
        self.device.as_ref().map(|d| d.num_qubits())
    }

    /// Appends to `out` the channels that follow a gate, in order.
    pub fn after(&self, u: &UnitaryInstruction, out: &mut Vec<Applied>) -> Option<Remark> {
        let qubits: SmallVec<[Qubit; 3]> = u.qubits().collect();
        if qubits.is_empty() {
            return None;
        }
        if let Some(device) = &self.device {
            return device.after(u, &qubits, out);
        }
        // Controls that were added to a gate make it another one.
        let name = u
            .gate
            .map(circuit::Gate::spec)
            .filter(|s| s.num_qubits() == qubits.len())
            .map(|s| s.name);
        for rule in self.rules.iter().filter(|r| r.applies(name, &qubits)) {
            out.extend(rule.together.iter().map(|c| (Arc::clone(c), qubits.clone())));
            for channel in &rule.each {
                out.extend(
                    qubits.iter().map(|&q| (Arc::clone(channel), SmallVec::from_slice(&[q]))),
                );
            }
        }
        let widest = self.rules.iter().map(|r| r.num_qubits).max()?;
        (qubits.len() > widest).then_some(Remark::TooWide(qubits.len()))
    }

    /// Appends the channel of a qubit that waits.
    pub fn idle(&self, duration: Duration, qubit: Qubit, out: &mut Vec<Applied>) {
        if let Some(channel) = self.device.as_ref().and_then(|d| d.idle(duration, qubit)) {
            out.push((Arc::new(channel), SmallVec::from_slice(&[qubit])));
        }
    }

    /// How a measurement of a qubit errs, if it does.
    pub fn readout(&self, qubit: Qubit) -> Option<ReadoutMatrix> {
        self.readout_of.get(&qubit.0).copied().or(self.readout)
    }

    /// Whether any readout errs.
    pub fn has_readout_errors(&self) -> bool {
        self.readout.is_some() || !self.readout_of.is_empty()
    }
}

#[cfg(test)]
mod tests;
