//! Looks at states inside a program.
//!
//! One run is followed. The outcome of measurement `i` is decided by the number `i` of one random
//! stream, so that a prefix of a program has the outcomes of the whole. Qubits that a program without
//! feed-forward never touches are not simulated. Under noise the state is a density matrix ([`mixed`]).

mod display;
mod mixed;
mod pure;
mod read;

use std::collections::BTreeMap;
use std::sync::Arc;

use api::run::{Decided, Displayed, InspectRequest, Inspection, Probe, Reading, RunError};
use circuit::machine::{Machine, Program, Step};
use circuit::{Circuit, Instruction, Qubit, Statement, StatementKind};
use sim::rng::{Purpose, Rng};
use sim::{RunControl, SimError, Statevector};

use crate::walk::Walk;
use crate::{
    Context, Failure, METHODS, diagnostics, inputs, machine_limits, needs_methods, noisy, program,
};
use pure::Run;

/// Measurements and resets of one run, at most: a loop that never ends is told.
const MAX_DECISIONS: usize = 20_000;
/// Steps of a run that are counted.
const MAX_TRACE: usize = 1 << 20;
/// Statements looked at to see whether only terminal measurements follow.
const MAX_LOOKED: u64 = 2_000_000;

/// A state with the numbers that its qubits have in the program.
pub(crate) struct View {
    pub(crate) state: Statevector<f64>,
    /// Of the program.
    pub(crate) num_qubits: u32,
    /// Where a qubit of the program lies in the state; those without a place are |0⟩.
    place: Vec<Option<Qubit>>,
    /// The other way round.
    qubits: Vec<Qubit>,
}

impl View {
    /// Place in the state of a qubit of the program.
    pub(crate) fn place(&self, qubit: Qubit) -> Option<Qubit> {
        self.place.get(qubit.index()).copied().flatten()
    }

    /// The basis state of the program that `index` of the state stands for. Up to 64 qubits.
    pub(crate) fn spread(&self, index: u64) -> u64 {
        self.qubits.iter().enumerate().fold(0, |out, (i, q)| out | (index >> i & 1) << q.0)
    }
}

/// A program that was followed to its end.
struct Followed {
    view: View,
    displays: Vec<Displayed>,
    outcomes: Vec<Decided>,
    probability: f64,
    /// Steps, where numbers that describe the program are asked for.
    trace: Vec<Instruction>,
}

/// Looks at states inside a program. Errors as [`crate::run`].
pub fn inspect(request: &InspectRequest, context: &Context) -> Result<Inspection, RunError> {
    let started = (context.seconds)();
    let time_ms = request.limits.time_ms;
    let time_up = || context.time_is_up(started, time_ms);
    let control =
        RunControl { cancel: context.cancel, deadline: Some(&time_up), progress: context.progress };
    let text = &request.program.text;
    let failed = |error: Failure| diagnostics::from_failure(&error, text);

    if request.noise.is_some() && !METHODS {
        return Err(needs_methods());
    }
    let read = program::read_openqasm(&request.program, context)?;
    let circuit = &read.circuit;
    let values = inputs::read(circuit, &request.inputs)?;
    let program = read.steps().map_err(|e| failed(e.into()))?;
    let job = Job { request, circuit, program, values: &values, control, live: context.live };
    if request.noise.is_some() || noisy::applies_noise(circuit) {
        if !METHODS {
            return Err(needs_methods());
        }
        let noise = request.noise.as_ref();
        let model = noise.map(|noise| noisy::model(noise, circuit.num_qubits())).transpose()?;
        let mut inspection = job.under_noise(model.as_ref(), context).map_err(failed)?;
        inspection.seconds = (context.seconds)() - started;
        return Ok(inspection);
    }
    let now = job.follow(request.displays).map_err(failed)?;
    let readings = job.readings(&now.view, true, Some(&now.trace)).map_err(failed)?;
    let (mut before, mut fidelity) = (Vec::new(), None);
    if let Some(earlier) = &request.before {
        let read = program::read_openqasm(earlier, context)?;
        let program = read.steps().map_err(|e| failed(e.into()))?;
        let values = inputs::read(&read.circuit, &request.inputs)?;
        let job = Job { circuit: &read.circuit, program, values: &values, ..job };
        let then = job.follow(false).map_err(failed)?;
        before = job.readings(&then.view, false, None).map_err(failed)?;
        fidelity = overlap(&then.view, &now.view, &control).map_err(failed)?;
    }
    Ok(Inspection {
        num_qubits: circuit.num_qubits(),
        readings,
        before,
        fidelity,
        displays: now.displays,
        outcomes: now.outcomes,
        probability: now.probability,
        seconds: (context.seconds)() - started,
    })
}

#[derive(Clone, Copy)]
struct Job<'a> {
    request: &'a InspectRequest,
    circuit: &'a Circuit,
    program: &'a Arc<Program>,
    values: &'a BTreeMap<String, circuit::Value>,
    control: RunControl<'a>,
    live: Option<&'a crate::Live>,
}

impl Job<'_> {
    /// `trace` has the steps of a run that depends on outcomes.
    fn readings(
        &self,
        view: &View,
        whole: bool,
        trace: Option<&[Instruction]>,
    ) -> Result<Vec<Reading>, Failure> {
        self.request
            .probes
            .iter()
            .map(|probe| match probe {
                // About the program, which has no difference to an earlier step.
                Probe::Unitary | Probe::Statistics if !whole => {
                    Ok(Reading::Refused { message: String::new() })
                }
                Probe::Unitary => Ok(self.unitary()),
                Probe::Statistics => Ok(self.statistics(trace)),
                probe => read::probe(view, probe, &self.control),
            })
            .map(said)
            .collect()
    }

    /// What is asked for under noise. Displays are those of the state without it, where the program has one.
    fn under_noise(
        &self,
        model: Option<&noise::NoiseModel>,
        context: &Context,
    ) -> Result<Inspection, Failure> {
        let shown = if self.request.displays && self.request.noise.is_some() {
            match self.follow(true) {
                Ok(followed) => followed.displays,
                // As where a program has no single state.
                Err(Failure::Refused { .. }) => Vec::new(),
                Err(error) => return Err(error),
            }
        } else {
            Vec::new()
        };
        let mut now = self.mixed(model)?;
        let readings = self.mixed_readings(&mut now, true)?;
        let (outcomes, probability) = match now {
            Ok(now) => (now.outcomes, now.probability),
            Err(_) => (Vec::new(), 1.0),
        };
        let mut before = Vec::new();
        if let Some(earlier) = &self.request.before
            && let Ok(read) = program::read_openqasm(earlier, context)
            && let Ok(values) = inputs::read(&read.circuit, &self.request.inputs)
        {
            let job =
                Job { circuit: &read.circuit, program: read.steps()?, values: &values, ..*self };
            let mut then = job.mixed(model)?;
            before = job.mixed_readings(&mut then, false)?;
        }
        Ok(Inspection {
            num_qubits: self.circuit.num_qubits(),
            readings,
            before,
            fidelity: None,
            displays: shown,
            outcomes,
            probability,
            seconds: 0.0,
        })
    }

    /// The state under noise, or why there is none.
    fn mixed(
        &self,
        model: Option<&noise::NoiseModel>,
    ) -> Result<Result<mixed::Mixed, String>, Failure> {
        match mixed::follow(self, model) {
            Ok(state) => Ok(Ok(state)),
            Err(error @ Failure::Refused { .. }) => Ok(Err(error.to_string())),
            Err(error) => Err(error),
        }
    }

    fn mixed_readings(
        &self,
        state: &mut Result<mixed::Mixed, String>,
        whole: bool,
    ) -> Result<Vec<Reading>, Failure> {
        let of = |probe: &Probe| match (probe, &mut *state) {
            (Probe::Unitary | Probe::Statistics, _) if !whole => {
                Ok(Reading::Refused { message: String::new() })
            }
            (Probe::Unitary, _) => Ok(self.unitary()),
            (Probe::Statistics, _) => Ok(self.statistics(None)),
            (_, Err(message)) => Ok(Reading::Refused { message: message.clone() }),
            (probe, Ok(state)) => mixed::probe(state, probe, self),
        };
        self.request.probes.iter().map(of).map(said).collect()
    }

    /// Which outcome decision `number` has, `one` the probability of 1 and `drawn` the number drawn for it; and
    /// whether it was chosen by hand.
    fn decided(&self, number: usize, one: f64, drawn: f64) -> (bool, bool) {
        let choice = self.request.choices.iter().find(|(n, _)| *n as usize == number);
        let likely = |outcome: bool| if outcome { one } else { 1.0 - one };
        // What cannot happen cannot be chosen either.
        let chosen = choice.map(|c| c.1).filter(|&outcome| likely(outcome) > 1e-12);
        (chosen.unwrap_or(drawn < one), chosen.is_some())
    }

    fn flat(&self) -> Result<circuit::flat::Flat, Failure> {
        let limits = machine_limits(self.request.limits.max_operations.min(crate::MAX_LISTED));
        Ok(self.program.flatten(self.values, limits)?)
    }

    /// Of a program whose steps depend on outcomes, along this run.
    fn statistics(&self, trace: Option<&[Instruction]>) -> Reading {
        let along = trace.map(|steps| circuit::flat::Flat {
            num_qubits: self.circuit.num_qubits(),
            instructions: steps.to_vec(),
            num_records: 0,
            clbits: vec![
                circuit::flat::BitSource::Constant(false);
                self.circuit.num_clbits() as usize
            ],
            terminal: Vec::new(),
        });
        match self.flat().or_else(|error| along.ok_or(error)) {
            Ok(flat) => {
                let s = circuit::Stats::new(&flat);
                Reading::Statistics(api::run::Statistics {
                    num_qubits: s.num_qubits,
                    active_qubits: s.active_qubits,
                    num_clbits: s.num_clbits,
                    operations: s.operations,
                    depth: s.depth,
                    two_qubit_gates: s.two_qubit_gates,
                    multi_qubit_gates: s.multi_qubit_gates,
                    two_qubit_depth: s.two_qubit_depth,
                    t_count: s.t_count,
                    measurements: s.measurements,
                    resets: s.resets,
                    gates: s.gates,
                })
            }
            Err(error) => Reading::Refused { message: error.to_string() },
        }
    }

    /// Of the gates alone: measurements at the end are left out.
    fn unitary(&self) -> Reading {
        let refused = |message: String| Reading::Refused { message };
        let flat = match self.flat() {
            Ok(flat) => flat,
            Err(error) => return refused(error.to_string()),
        };
        if !flat.is_terminal() {
            return refused("the circuit measures or resets and goes on: it has no matrix".into());
        }
        let n = flat.num_qubits as usize;
        if n > read::MAX_UNITARY_QUBITS {
            return refused(format!(
                "the matrix of {n} qubits is too large to list; at most {} qubits",
                read::MAX_UNITARY_QUBITS
            ));
        }
        let gates: Vec<Instruction> = flat
            .instructions
            .into_iter()
            .filter(|i| matches!(i, Instruction::Unitary(_)))
            .collect();
        match sim::unitary(&gates, n, self.request.limits.memory_bytes, &self.control) {
            Ok(matrix) => Reading::Unitary {
                num_qubits: flat.num_qubits,
                matrix: matrix.entries().iter().map(|z| [z.re, z.im]).collect(),
            },
            Err(error) => refused(error.to_string()),
        }
    }

    /// Follows the program to its end.
    fn follow(&self, with_displays: bool) -> Result<Followed, Failure> {
        let limits = machine_limits(self.request.limits.max_operations);
        let displays =
            if with_displays { display::collect(&self.circuit.body) } else { BTreeMap::new() };
        let mut run = Run {
            job: self,
            view: self.empty_view()?,
            pending: Vec::new(),
            fresh: true,
            outcomes: Vec::new(),
            probability: 1.0,
            shown: Vec::new(),
            rng: Rng::new(self.request.seed, Purpose::Shot, 0),
        };
        let mut machine = Machine::new(self.program, self.values, limits)?;
        let traced = self.request.probes.contains(&Probe::Statistics);
        let mut trace = Vec::new();
        let mut left = displays.len();
        let mut looked = 0;
        loop {
            let step = machine.next()?;
            if traced && trace.len() < MAX_TRACE {
                trace.extend(match &step {
                    Step::Unitary(u) => Some(Instruction::Unitary(u.clone())),
                    Step::Measure { qubit } => {
                        Some(Instruction::Measure { qubit: *qubit, record: 0 })
                    }
                    Step::Reset { qubit } => Some(Instruction::Reset { qubit: *qubit }),
                    Step::Barrier { qubits } => {
                        Some(Instruction::Barrier { qubits: qubits.clone() })
                    }
                    _ => None,
                });
            }
            match step {
                Step::Unitary(u) => run.gate(&u)?,
                Step::Measure { qubit } => {
                    if !self.request.collapse && left == 0 && looked < MAX_LOOKED {
                        let walk = Walk::machine(machine.clone());
                        if let Some(rest) = walk.rest(&mut looked) {
                            for instruction in &rest.gates {
                                if let Instruction::Unitary(u) = instruction {
                                    run.gate(u)?;
                                }
                            }
                            if traced {
                                trace.extend(rest.gates);
                                let others = rest.qubits.iter().skip(1);
                                trace.extend(
                                    others.map(|&qubit| Instruction::Measure { qubit, record: 0 }),
                                );
                            }
                            break;
                        }
                    }
                    let outcome = run.decide(qubit, false)?;
                    machine.provide(outcome);
                }
                Step::Reset { qubit } => {
                    run.decide(qubit, true)?;
                }
                Step::Postselect { qubit, outcome } => {
                    run.flush()?;
                    if let Some(place) = run.view.place(qubit) {
                        let one = run.view.state.probability_one(place)?;
                        run.probability *= if outcome { one } else { 1.0 - one };
                        run.view.state.collapse(place, outcome)?;
                    } else if outcome {
                        return Err(SimError::ImpossibleOutcome.into());
                    }
                }
                Step::Barrier { qubits } => {
                    let place = machine.place();
                    if let Some(display) = displays.get(&(place.source, place.start)) {
                        run.flush()?;
                        left = left.saturating_sub(usize::from(!run.has_shown(display.tag)));
                        let reading = display.read(&run.view, &qubits, self)?;
                        run.show(display.tag, reading);
                    }
                }
                Step::Noise { .. } => {
                    return Err(Failure::Refused {
                        code: "noise_not_supported",
                        message: "the program applies noise, which the state vector cannot hold"
                            .to_owned(),
                    });
                }
                Step::Delay { .. } => {}
                Step::Done => break,
            }
        }
        run.flush()?;
        Ok(Followed {
            view: run.view,
            displays: run.shown,
            outcomes: run.outcomes,
            probability: run.probability,
            trace,
        })
    }

    /// |0…0⟩ of the qubits that the program touches, as far as that is known beforehand.
    fn empty_view(&self) -> Result<View, Failure> {
        let num_qubits = self.circuit.num_qubits();
        let mut used = vec![true; num_qubits as usize];
        // A narrow register is held whole: looking for what is not touched costs more.
        if num_qubits > 12
            && let Ok(flat) = self.flat()
        {
            used.fill(false);
            for instruction in &flat.instructions {
                match instruction {
                    Instruction::Unitary(u) => u.qubits().for_each(|q| used[q.index()] = true),
                    Instruction::Measure { qubit, .. } | Instruction::Reset { qubit } => {
                        used[qubit.index()] = true;
                    }
                    Instruction::Barrier { .. } => {}
                }
            }
        }
        let qubits: Vec<Qubit> = (0..num_qubits).map(Qubit).filter(|q| used[q.index()]).collect();
        let mut place = vec![None; num_qubits as usize];
        for (at, q) in (0..).zip(&qubits) {
            place[q.index()] = Some(Qubit(at));
        }
        let state = Statevector::zero(qubits.len(), self.request.limits.memory_bytes)?;
        Ok(View { state, num_qubits, place, qubits })
    }
}

fn too_many_decisions(number: usize) -> Result<(), Failure> {
    if number < MAX_DECISIONS {
        return Ok(());
    }
    Err(Failure::Refused {
        code: "too_many_measurements",
        message: format!(
            "the program measures or resets qubits more than {MAX_DECISIONS} times in one run"
        ),
    })
}

/// What has no answer says why, but that the run was stopped.
fn said(reading: Result<Reading, Failure>) -> Result<Reading, Failure> {
    match reading {
        Err(Failure::Sim(e @ (SimError::Cancelled | SimError::TimedOut))) => Err(e.into()),
        Err(error) => Ok(Reading::Refused { message: error.to_string() }),
        Ok(reading) => Ok(reading),
    }
}

/// `|⟨a|b⟩|²` of two states of one program; none where their registers differ.
fn overlap(a: &View, b: &View, control: &RunControl) -> Result<Option<f64>, Failure> {
    if a.num_qubits != b.num_qubits {
        return Ok(None);
    }
    if a.qubits == b.qubits {
        return Ok(Some(a.state.fidelity(&b.state, control)?));
    }
    // The shorter program may touch fewer qubits: those are |0⟩ in it.
    if a.num_qubits > 64 || a.qubits.len() > 20 {
        return Ok(None);
    }
    let mut sum = sim::Complex64::new(0.0, 0.0);
    for (index, amplitude) in (0..).zip(a.state.amplitudes(0..1 << a.qubits.len())?) {
        let full = a.spread(index);
        let inside = b.qubits.iter().fold(0, |m, q| m | 1_u64 << q.0);
        if full & !inside == 0 {
            let at = b.qubits.iter().enumerate().fold(0, |i, (j, q)| i | (full >> q.0 & 1) << j);
            sum += amplitude.conj() * b.state.amplitude(at);
        }
    }
    Ok(Some(sum.norm_sqr()))
}

#[cfg(test)]
mod tests;
