//! A program's steps with the channels between them.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};

use circuit::flat::BitSource;
use circuit::machine::{Channel as Named, Step};
use circuit::{Instruction, Qubit, UnitaryInstruction};
use noise::{Applied, NoiseModel, Remark};
use quantum_info::{Channel, ChannelError};
use smallvec::SmallVec;

use crate::Failure;
use crate::walk::{Rest, Walk};

/// Channels of the program that are kept made.
const KEPT: usize = 64;

/// Statements that may be executed to look ahead, whatever the run itself does.
const LOOKING_IS_CHEAP: u64 = 2_000_000;

/// What happens next to the state.
pub(crate) enum Event {
    Unitary(UnitaryInstruction),
    Channel(Arc<Channel>, SmallVec<[Qubit; 3]>),
    Measure { qubit: Qubit },
    Reset { qubit: Qubit },
    Postselect { qubit: Qubit, outcome: bool },
    Done,
}

/// What all copies share.
#[derive(Default)]
struct Shared {
    made: Mutex<Vec<(Named, usize, Arc<Channel>)>>,
    remarks: Mutex<BTreeSet<Remark>>,
}

/// How a program goes on that only measures terminally from here.
pub(crate) struct Ending {
    /// The qubit of each measurement.
    pub(crate) qubits: Vec<Qubit>,
    /// For each classical bit its value, or the measurement above that gives it.
    pub(crate) clbits: Vec<BitSource>,
}

#[derive(Clone)]
enum Source {
    Walk(Walk),
    Gates { gates: Arc<Vec<Instruction>>, at: usize },
}

/// Where a program stands. A clone goes its own way.
#[derive(Clone)]
pub(crate) struct Steps<'a> {
    source: Source,
    model: Option<&'a NoiseModel>,
    /// Channels that follow the last step.
    waiting: VecDeque<Applied>,
    shared: Arc<Shared>,
    /// Gates, measurements and resets so far.
    pub(crate) operations: u64,
    /// Statements executed to look ahead.
    looked: u64,
    /// What is measured at the end, once nothing else is.
    pub(crate) ending: Option<Arc<Ending>>,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(walk: Walk, model: Option<&'a NoiseModel>) -> Self {
        Self {
            source: Source::Walk(walk),
            model,
            waiting: VecDeque::new(),
            shared: Arc::default(),
            operations: 0,
            looked: 0,
            ending: None,
        }
    }

    pub(crate) fn model(&self) -> Option<&'a NoiseModel> {
        self.model
    }

    pub(crate) fn next(&mut self) -> Result<Event, Failure> {
        loop {
            if let Some((channel, qubits)) = self.waiting.pop_front() {
                return Ok(Event::Channel(channel, qubits));
            }
            let step = match &mut self.source {
                Source::Walk(walk) => walk.next()?,
                Source::Gates { gates, at } => {
                    *at += 1;
                    match gates.get(*at - 1) {
                        Some(Instruction::Unitary(u)) => Step::Unitary(u.clone()),
                        Some(_) => continue,
                        None => Step::Done,
                    }
                }
            };
            match step {
                Step::Unitary(u) => {
                    self.operations += 1;
                    if let Some(model) = self.model {
                        let mut channels = Vec::new();
                        if let Some(remark) = model.after(&u, &mut channels)
                            && let Ok(mut remarks) = self.shared.remarks.lock()
                        {
                            remarks.insert(remark);
                        }
                        self.waiting.extend(channels);
                    }
                    return Ok(Event::Unitary(u));
                }
                Step::Delay { duration, qubits } => {
                    if let Some(model) = self.model {
                        let mut channels = Vec::new();
                        for q in qubits {
                            model.idle(duration, q, &mut channels);
                        }
                        self.waiting.extend(channels);
                    }
                }
                Step::Noise { channel, qubits } => {
                    let made = self.made(&channel, qubits.len())?;
                    return Ok(Event::Channel(made, SmallVec::from_vec(qubits)));
                }
                Step::Measure { qubit } => {
                    self.operations += 1;
                    return Ok(Event::Measure { qubit });
                }
                Step::Reset { qubit } => {
                    self.operations += 1;
                    return Ok(Event::Reset { qubit });
                }
                Step::Postselect { qubit, outcome } => {
                    return Ok(Event::Postselect { qubit, outcome });
                }
                Step::Barrier { .. } => {}
                Step::Done => return Ok(Event::Done),
            }
        }
    }

    /// The outcome of the measurement that [`Steps::next`] gave last.
    pub(crate) fn provide(&mut self, outcome: bool) {
        if let Source::Walk(walk) = &mut self.source {
            walk.provide(outcome);
        }
    }

    pub(crate) fn clbits(&self) -> Vec<bool> {
        match &self.source {
            Source::Walk(walk) => walk.clbits(),
            Source::Gates { .. } => Vec::new(),
        }
    }

    /// Whether both go through the same steps from here, given the same outcomes.
    pub(crate) fn same_future(&self, other: &Self) -> bool {
        match (&self.source, &other.source) {
            (Source::Walk(a), Source::Walk(b)) => {
                self.waiting.is_empty() && other.waiting.is_empty() && a.same_future(b)
            }
            _ => false,
        }
    }

    /// Called where an outcome is awaited: if nothing but gates and terminal measurements follows,
    /// the measurements are put off to the end, and only gates and their noise are handed out from
    /// now on. Looking is given up where it costs more than the run itself.
    pub(crate) fn put_off_measurements(&mut self) -> bool {
        let Source::Walk(walk) = &self.source else { return false };
        if self.looked > LOOKING_IS_CHEAP + self.operations {
            return false;
        }
        let Some(Rest { gates, qubits, clbits }) = walk.rest(&mut self.looked) else {
            return false;
        };
        // The first one has been counted.
        self.operations += (qubits.len() as u64).saturating_sub(1);
        self.ending = Some(Arc::new(Ending { qubits, clbits }));
        self.source = Source::Gates { gates: Arc::new(gates), at: 0 };
        true
    }

    /// What the model remarked so far.
    pub(crate) fn remarks(&self) -> Vec<Remark> {
        self.shared.remarks.lock().map_or(Vec::new(), |r| r.iter().copied().collect())
    }

    /// The channel that a program names.
    fn made(&self, named: &Named, num_qubits: usize) -> Result<Arc<Channel>, Failure> {
        if let Ok(made) = self.shared.made.lock()
            && let Some((_, _, channel)) =
                made.iter().find(|(c, n, _)| *n == num_qubits && c == named)
        {
            return Ok(Arc::clone(channel));
        }
        let channel = Arc::new(
            channel(named, num_qubits)
                .map_err(|e| Failure::Refused { code: "bad_channel", message: e.to_string() })?,
        );
        if let Ok(mut made) = self.shared.made.lock() {
            if made.len() >= KEPT {
                made.remove(0);
            }
            made.push((named.clone(), num_qubits, Arc::clone(&channel)));
        }
        Ok(channel)
    }
}

fn channel(named: &Named, num_qubits: usize) -> Result<Channel, ChannelError> {
    match named {
        Named::Depolarizing { lambda } => Channel::depolarizing(num_qubits, *lambda),
        Named::Pauli { x, y, z } => Channel::pauli(1, &[("X", *x), ("Y", *y), ("Z", *z)]),
        Named::AmplitudeDamping { gamma } => Channel::amplitude_damping(*gamma),
        Named::PhaseDamping { lambda } => Channel::phase_damping(*lambda),
        Named::ThermalRelaxation { time, t1, t2 } => {
            Channel::thermal_relaxation(*time, *t1, *t2, 0.0)
        }
        Named::Kraus(operators) => Channel::kraus(operators),
    }
}
