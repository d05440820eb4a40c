//! A program at work on a state vector: gates as they come, decisions one by one.

use api::run::{Decided, Displayed, Reading};
use circuit::{Control, Gate, Instruction, Qubit, UnitaryInstruction};
use sim::rng::Rng;
use sim::{PlanOptions, plan};

use super::{Job, View, too_many_decisions};
use crate::Failure;

/// Gates collected before they are run, at most.
const MAX_PENDING: usize = 1 << 16;

/// A program at work.
pub(super) struct Run<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) view: View,
    pub(super) pending: Vec<Instruction>,
    /// Nothing has been done to the state.
    pub(super) fresh: bool,
    pub(super) outcomes: Vec<Decided>,
    pub(super) probability: f64,
    pub(super) shown: Vec<Displayed>,
    pub(super) rng: Rng,
}

impl Run<'_> {
    pub(super) fn gate(&mut self, u: &UnitaryInstruction) -> Result<(), Failure> {
        let rename = |q: Qubit| self.view.place(q).unwrap_or(q);
        let renamed = UnitaryInstruction {
            gate: u.gate,
            controls: u
                .controls
                .iter()
                .map(|c| Control { qubit: rename(c.qubit), on: c.on })
                .collect(),
            targets: u.targets.iter().map(|&q| rename(q)).collect(),
            matrix: u.matrix.clone(),
        };
        self.pending.push(Instruction::Unitary(renamed));
        if self.pending.len() >= MAX_PENDING { self.flush() } else { Ok(()) }
    }

    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        self.job.control.check()?;
        if self.pending.is_empty() {
            return Ok(());
        }
        let job = self.job;
        let control = &job.control;
        // The beginning of a program is the same from step to step and from edit to edit.
        let live = job.live.filter(|_| self.fresh && self.pending.len() > sim::SLICE);
        if let Some(live) = live {
            let options = PlanOptions::new(self.view.state.num_qubits());
            let plans = sim::slices(&self.pending, &options)?;
            let memory = job.request.limits.memory_bytes;
            live.make_room::<f64>(memory, 2 * self.view.state.size_bytes());
            self.view.state = live.state_after(&plans, memory, control)?;
        } else {
            let options = PlanOptions::from_layout(self.view.state.layout().clone());
            self.view.state.apply(&plan(&self.pending, &options)?, control)?;
        }
        self.fresh = false;
        self.pending.clear();
        Ok(())
    }

    /// Measures, and with `reset` sets the qubit to |0⟩.
    pub(super) fn decide(&mut self, qubit: Qubit, reset: bool) -> Result<bool, Failure> {
        self.flush()?;
        let number = self.outcomes.len();
        too_many_decisions(number)?;
        let place = self.view.place(qubit);
        let one = match place {
            Some(place) => self.view.state.probability_one(place)?,
            None => 0.0,
        };
        let (outcome, chosen) = self.job.decided(number, one, self.rng.at(number as u64));
        let probability = if outcome { one } else { 1.0 - one };
        self.probability *= probability;
        self.outcomes.push(Decided { qubit: qubit.0, reset, outcome, probability, chosen });
        if let Some(place) = place {
            self.view.state.collapse(place, outcome)?;
            if reset && outcome {
                let x = UnitaryInstruction::from_gate(Gate::X, &[], &[place]);
                self.pending.push(Instruction::Unitary(x));
                self.flush()?;
            }
        }
        Ok(outcome)
    }

    pub(super) fn has_shown(&self, tag: u64) -> bool {
        self.shown.iter().any(|d| d.tag == tag)
    }

    pub(super) fn show(&mut self, tag: u64, reading: Reading) {
        match self.shown.iter_mut().find(|d| d.tag == tag) {
            Some(d) => d.reading = reading,
            None => self.shown.push(Displayed { tag, reading }),
        }
    }
}
