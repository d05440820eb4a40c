//! Shots with one history so far.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use circuit::{Gate, GateMatrix, Instruction, Qubit, UnitaryInstruction};
use quantum_info::channel::Operator;
use quantum_info::{Channel, Matrix};
use sim::rng::{Purpose, Rng};
use sim::{Complex64, PlanOptions, Real, Statevector, plan};
use smallvec::SmallVec;

use super::super::steps::{Event, Steps};
use super::Setting;
use crate::Failure;

/// Instructions collected before they are run, at most.
const MAX_PENDING: usize = 1 << 14;

/// Floors below this are taken for 0: nearly every shot would be looked at anyway.
const LOWEST_FLOOR: f64 = 0.05;

/// One shot.
#[derive(Clone)]
pub(super) struct Shot {
    pub(super) id: u64,
    /// Where its luck ends, on the group's scale.
    luck: f64,
    /// Numbers drawn so far.
    draws: u64,
}

impl Shot {
    /// Uniform in `[0, 1)`.
    fn draw(&mut self, seed: u64) -> f64 {
        let u = Rng::for_shot(seed, self.id).at(self.draws);
        self.draws += 1;
        u
    }

    /// Draws how far luck lasts from `spent` on.
    fn renew(&mut self, seed: u64, spent: f64) {
        self.luck = spent - libm::log(1.0 - self.draw(seed));
    }
}

/// A channel and the qubits that it acts on.
type Applied = (Arc<Channel>, SmallVec<[Qubit; 3]>);

/// What became of some shots.
#[derive(Clone)]
enum Choice {
    /// Kraus operator `index` of the channel, which has this probability.
    Operator { on: Applied, index: usize, probability: f64 },
    /// The qubit was found so and read so.
    Measured { qubit: Qubit, is: bool, read: bool },
    /// The qubit was found so and set to |0⟩.
    Reset { qubit: Qubit, is: bool },
}

/// Shots that leave a group together.
pub(super) struct Part {
    pub(super) shots: Vec<Shot>,
    choice: Choice,
    /// Which of the choices at its place.
    number: u64,
}

/// The groups that leave another where it stands.
#[derive(Default)]
pub(super) struct Division {
    parts: VecDeque<Part>,
}

impl Division {
    pub(super) fn next(&mut self) -> Option<Part> {
        self.parts.pop_front()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

/// Why a group stands.
pub(super) enum Next {
    Divided(Division),
    Ended,
}

/// See the [module above](super).
pub(super) struct Group<'a, T: Real> {
    pub(super) steps: Steps<'a>,
    pub(super) state: Statevector<T>,
    /// To be done to the state.
    pub(super) pending: Vec<Instruction>,
    /// The one whose luck ends first is the last.
    pub(super) shots: Vec<Shot>,
    /// Luck spent.
    spent: f64,
    /// Names the history: a hash of its decisions.
    pub(super) name: u64,
    /// Places so far where it could have divided.
    places: u64,
    seed: u64,
    /// The norm may differ from 1 by more than rounding.
    scaled: bool,
    /// The channel at which some left: its first operator is yet to act on those who stay.
    after: Option<Applied>,
}

impl<'a, T: Real> Group<'a, T> {
    /// Shots that are to begin.
    pub(super) fn new(steps: Steps<'a>, state: Statevector<T>, seed: u64, ids: Range<u64>) -> Self {
        let shots = ids
            .map(|id| {
                let mut shot = Shot { id, luck: 0.0, draws: 0 };
                shot.renew(seed, 0.0);
                shot
            })
            .collect();
        let mut group = Self {
            steps,
            state,
            pending: Vec::new(),
            shots,
            spent: 0.0,
            name: 0,
            places: 0,
            seed,
            scaled: false,
            after: None,
        };
        group.sort();
        group
    }

    pub(super) fn is_empty(&self) -> bool {
        self.shots.is_empty()
    }

    fn sort(&mut self) {
        self.shots.sort_by(|a, b| b.luck.total_cmp(&a.luck).then(b.id.cmp(&a.id)));
    }

    /// Numbers for what concerns the group as a whole, in (0, 1].
    pub(super) fn uniforms(&self) -> impl FnMut() -> f64 + use<T> {
        let mut rng = Rng::new(self.seed, Purpose::Other, self.name >> 8);
        move || 1.0 - rng.next()
    }

    /// Goes on to where shots leave the group, or to the end of the program.
    pub(super) fn run(&mut self, setting: &Setting) -> Result<Next, Failure> {
        if let Some((channel, qubits)) = self.after.take() {
            self.stay(&channel, &qubits);
        }
        loop {
            match self.steps.next()? {
                Event::Unitary(u) => self.push(Instruction::Unitary(u), setting)?,
                Event::Channel(channel, qubits) => {
                    if let Some(division) = self.channel((channel, qubits), setting)? {
                        return Ok(Next::Divided(division));
                    }
                }
                Event::Measure { qubit } => {
                    if !self.steps.put_off_measurements() {
                        return self.measure(qubit, setting);
                    }
                }
                Event::Reset { qubit } => return self.reset(qubit, setting),
                Event::Postselect { qubit, outcome } => {
                    self.flush(setting)?;
                    let one = self.state.probability_one(qubit)?;
                    let seed = self.seed;
                    self.shots.retain_mut(|s| (s.draw(seed) < one) == outcome);
                    if self.is_empty() {
                        return Ok(Next::Divided(Division::default()));
                    }
                    self.state.collapse(qubit, outcome)?;
                    self.scaled = false;
                }
                Event::Done => return Ok(Next::Ended),
            }
        }
    }

    fn push(&mut self, instruction: Instruction, setting: &Setting) -> Result<(), Failure> {
        self.pending.push(instruction);
        if self.pending.len() >= MAX_PENDING {
            self.flush(setting)?;
        }
        Ok(())
    }

    /// Does what waits.
    pub(super) fn flush(&mut self, setting: &Setting) -> Result<(), Failure> {
        setting.control.check()?;
        if !self.pending.is_empty() {
            let options = PlanOptions::from_layout(self.state.layout().clone())
                .fast(setting.job.request.fast);
            self.state.apply(&plan(&self.pending, &options)?, &setting.control)?;
            self.pending.clear();
        }
        Ok(())
    }

    /// Brings the norm to 1, once nothing waits.
    pub(super) fn normalize(&mut self, setting: &Setting) -> Result<(), Failure> {
        if std::mem::take(&mut self.scaled) {
            let factor = 1.0 / self.state.norm_squared().sqrt();
            self.pending.push(operator(&Matrix::identity(1), &[], factor));
            self.flush(setting)?;
        }
        Ok(())
    }

    /// The first operator of a channel acts on those who stay.
    fn stay(&mut self, channel: &Channel, qubits: &[Qubit]) {
        let first = &channel.operators()[0];
        if !first.is_fixed() {
            self.scaled = true;
            self.pending.push(operator(&first.matrix, qubits, 1.0));
        } else if !first.is_identity() {
            self.pending.push(operator(&first.matrix, qubits, 1.0 / first.least.sqrt()));
        }
    }

    /// Lets a channel act; the shots that another operator than the first takes leave the group.
    fn channel(&mut self, on: Applied, setting: &Setting) -> Result<Option<Division>, Failure> {
        let (channel, qubits) = &on;
        self.places += 1;
        let operators = channel.operators();
        if operators.len() == 1 {
            self.stay(channel, qubits);
            return Ok(None);
        }
        let floor = operators[0].least;
        // Without a floor worth the name every shot is looked at, and keeps its luck.
        let (floor, looked_at) = if floor < LOWEST_FLOOR {
            (0.0, std::mem::take(&mut self.shots))
        } else {
            self.spent -= libm::log(floor);
            let from = self.shots.partition_point(|s| s.luck >= self.spent);
            (floor, self.shots.split_off(from))
        };
        if looked_at.is_empty() {
            self.stay(channel, qubits);
            return Ok(None);
        }
        let probabilities: Vec<f64> = if operators.iter().all(Operator::is_fixed) {
            operators.iter().map(|o| o.least).collect()
        } else {
            self.flush(setting)?;
            let rho = self.state.reduced_density_matrix(qubits, &setting.control)?;
            let norm: f64 = (0..rho.dim()).map(|i| rho.at(i, i).re).sum();
            operators.iter().map(|o| weight(&o.matrix, &rho) / norm).collect()
        };
        let left: Vec<f64> = probabilities
            .iter()
            .enumerate()
            .map(|(i, p)| (if i == 0 { p - floor } else { *p }).max(0.0))
            .collect();
        let total: f64 = left.iter().sum();
        let mut taken: Vec<Vec<Shot>> = vec![Vec::new(); operators.len()];
        let mut stays = false;
        for mut shot in looked_at {
            let mut u = shot.draw(self.seed) * total;
            // What rounding leaves over goes to the last that can be.
            let mut index = left.iter().rposition(|p| *p > 0.0).unwrap_or(0);
            for (i, p) in left.iter().enumerate() {
                if u < *p {
                    index = i;
                    break;
                }
                u -= p;
            }
            if floor > 0.0 {
                shot.renew(self.seed, self.spent);
            }
            if index == 0 {
                self.shots.push(shot);
                stays = true;
            } else {
                taken[index].push(shot);
            }
        }
        if stays {
            self.sort();
        }
        let parts: VecDeque<Part> = (0_u64..)
            .zip(taken)
            .enumerate()
            .filter(|(_, (_, shots))| !shots.is_empty())
            .map(|(index, (number, shots))| Part {
                shots,
                choice: Choice::Operator {
                    on: on.clone(),
                    index,
                    probability: probabilities[index],
                },
                number,
            })
            .collect();
        if parts.is_empty() {
            self.stay(channel, qubits);
            return Ok(None);
        }
        self.flush(setting)?;
        self.after = Some(on);
        Ok(Some(Division { parts }))
    }

    /// All shots leave, by what they find and read.
    fn measure(&mut self, qubit: Qubit, setting: &Setting) -> Result<Next, Failure> {
        let errors = self.steps.model().and_then(|m| m.readout(qubit));
        self.decide(qubit, setting, |is, shot, seed| {
            let read = match errors {
                Some(m) => shot.draw(seed) < m[usize::from(is)][1],
                None => is,
            };
            Choice::Measured { qubit, is, read }
        })
    }

    fn reset(&mut self, qubit: Qubit, setting: &Setting) -> Result<Next, Failure> {
        self.decide(qubit, setting, |is, _, _| Choice::Reset { qubit, is })
    }

    fn decide(
        &mut self,
        qubit: Qubit,
        setting: &Setting,
        choice: impl Fn(bool, &mut Shot, u64) -> Choice,
    ) -> Result<Next, Failure> {
        self.flush(setting)?;
        self.places += 1;
        let one = self.state.probability_one(qubit)?;
        let mut parts: [Option<Part>; 4] = [const { None }; 4];
        for mut shot in std::mem::take(&mut self.shots) {
            let is = shot.draw(self.seed) < one;
            let choice = choice(is, &mut shot, self.seed);
            let number = match choice {
                Choice::Measured { is, read, .. } => u64::from(is) << 1 | u64::from(read),
                Choice::Reset { is, .. } => u64::from(is) << 1,
                Choice::Operator { .. } => 0,
            };
            let slot = &mut parts[usize::try_from(number).unwrap_or(0)];
            slot.get_or_insert(Part { shots: Vec::new(), choice, number }).shots.push(shot);
        }
        Ok(Next::Divided(Division { parts: parts.into_iter().flatten().collect() }))
    }

    /// The group that leaves here; with `take` it gets this group's state, which is then of no more
    /// use.
    pub(super) fn child(&mut self, part: Part, take: bool) -> Result<Self, Failure> {
        let state = if take {
            std::mem::replace(&mut self.state, Statevector::zero(0, u64::MAX)?)
        } else {
            self.state.try_clone()?
        };
        let mut child = Self {
            steps: self.steps.clone(),
            state,
            pending: Vec::new(),
            shots: part.shots,
            spent: self.spent,
            name: mixed(mixed(self.name ^ self.places) ^ part.number),
            places: 0,
            seed: self.seed,
            scaled: self.scaled,
            after: None,
        };
        match part.choice {
            Choice::Operator { on: (channel, qubits), index, probability } => {
                let matrix = &channel.operators()[index].matrix;
                child.pending.push(operator(matrix, &qubits, 1.0 / probability.sqrt()));
            }
            Choice::Measured { qubit, is, read } => {
                child.state.collapse(qubit, is)?;
                child.scaled = false;
                child.steps.provide(read);
            }
            Choice::Reset { qubit, is } => {
                child.state.collapse(qubit, is)?;
                child.scaled = false;
                if is {
                    let x = UnitaryInstruction::from_gate(Gate::X, &[], &[qubit]);
                    child.pending.push(Instruction::Unitary(x));
                }
            }
        }
        child.sort();
        Ok(child)
    }
}

/// `factor · matrix` on some qubits.
fn operator(matrix: &Matrix, qubits: &[Qubit], factor: f64) -> Instruction {
    Instruction::Unitary(UnitaryInstruction {
        gate: None,
        controls: SmallVec::new(),
        targets: SmallVec::from_slice(qubits),
        matrix: GateMatrix::Dense(matrix.scale(Complex64::new(factor, 0.0))),
    })
}

/// `tr(K ρ K†)`.
fn weight(k: &Matrix, rho: &Matrix) -> f64 {
    let image = k.mul(rho);
    image.entries().iter().zip(k.entries()).map(|(a, b)| (a * b.conj()).re).sum()
}

/// A finalizer in the style of `SplitMix64` (Steele, Lea, Flood, OOPSLA 2014).
fn mixed(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
