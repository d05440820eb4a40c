//! Circuits that begin alike, each on a state of its own, side by side.

use circuit::Instruction;

use crate::checkpoint::{same_op, same_step};
use crate::kernel::block::{Group, Stage};
use crate::limits::needed_bytes;
use crate::plan::{Plan, Step};
use crate::{PlanOptions, Real, RunControl, SimError, Statevector, par, plan};

/// What the circuits gave, and how many instructions they begin with in common.
pub struct Sweep<R> {
    pub results: Vec<R>,
    pub shared: usize,
}

/// Runs each circuit from |0…0⟩ and gives what `read` makes of its number and final state.
///
/// Each circuit is planned as a whole; the operations that all plans begin with are run once, the
/// others are spread over the threads, one circuit to a thread: for small registers, of which several
/// fit. Amplitudes are the bits that each circuit gives when it runs alone.
pub fn sweep<T: Real, R: Send, E: From<SimError> + Send>(
    circuits: &[Vec<Instruction>],
    num_qubits: usize,
    fast: bool,
    available_bytes: u64,
    control: &RunControl,
    read: impl Fn(usize, Statevector<T>) -> Result<R, E> + Sync + Send,
) -> Result<Sweep<R>, E> {
    let Some((first, others)) = circuits.split_first() else {
        return Ok(Sweep { results: Vec::new(), shared: 0 });
    };
    let shared = others.iter().fold(first.len(), |most, c| {
        first[..most].iter().zip(c).take_while(|(a, b)| a == b).count()
    });
    let states = par::num_threads() as u64 + 1;
    let needed = needed_bytes(num_qubits, T::PRECISION).saturating_mul(states);
    if needed > available_bytes {
        return Err(SimError::TooLarge {
            num_qubits,
            needed_bytes: needed,
            available_bytes,
            fits_qubits: crate::limits::largest_register(available_bytes / states, T::PRECISION),
        }
        .into());
    }
    let quiet = RunControl { progress: None, ..*control };
    let options = PlanOptions::new(num_qubits).fast(fast);
    let plans = par::map(circuits.len(), |i| -> Result<Plan, SimError> {
        control.check()?;
        plan(&circuits[i], &options)
    });
    let plans = plans.into_iter().collect::<Result<Vec<Plan>, _>>()?;
    if !plans.iter().all(Plan::is_unitary) {
        return Err(SimError::NotUnitary.into());
    }
    let cut = plans[1..].iter().fold(Cut::end(&plans[0]), |cut, p| cut.meet(&plans[0], p));
    let mut begun = Statevector::<T>::for_plan(&plans[0], available_bytes)?;
    let head = cut.head(&plans[0]);
    for i in 0..head.steps.len() {
        begun.run_step(&head, i, &quiet)?;
    }
    let results = par::map(circuits.len(), |i| -> Result<R, E> {
        control.check()?;
        let mut state = begun.try_clone()?;
        let tail = cut.tail(&plans[i]);
        for step in 0..tail.steps.len() {
            state.run_step(&tail, step, &quiet)?;
        }
        state.end_plan(&tail)?;
        read(i, state)
    });
    Ok(Sweep { results: results.into_iter().collect::<Result<_, _>>()?, shared })
}

/// A place in a plan: so many whole steps, then so many whole groups of a stage, then so many
/// operations of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cut {
    step: usize,
    group: usize,
    op: usize,
}

impl Cut {
    fn end(plan: &Plan) -> Self {
        Self { step: plan.steps.len(), group: 0, op: 0 }
    }

    /// The last place up to here before which `other` does what `plan` does.
    fn meet(self, plan: &Plan, other: &Plan) -> Self {
        let steps = plan.steps.iter().zip(&other.steps);
        for (step, (a, b)) in steps.enumerate().take(self.step + 1) {
            if same_step(a, b) {
                continue;
            }
            let (group, op) = match (a, b) {
                (Step::Stage(a), Step::Stage(b)) => common(a, b),
                _ => (0, 0),
            };
            return self.min(Self { step, group, op });
        }
        self.min(Self { step: plan.steps.len().min(other.steps.len()), group: 0, op: 0 })
    }

    /// What comes before.
    fn head(self, plan: &Plan) -> Plan {
        let mut steps = plan.steps[..self.step].to_vec();
        if self.inside()
            && let Step::Stage(stage) = &plan.steps[self.step]
        {
            let mut groups = stage.groups[..self.group].to_vec();
            if self.op > 0 {
                let whole = &stage.groups[self.group];
                let ops = whole.ops[..self.op].to_vec();
                groups.push(Group { inner: whole.inner.clone(), ops });
            }
            steps.push(Step::Stage(Stage { groups, ..stage.clone() }));
        }
        with_steps(plan, steps)
    }

    /// What comes after.
    fn tail(self, plan: &Plan) -> Plan {
        let mut steps = plan.steps[self.step..].to_vec();
        if self.inside()
            && let Some(Step::Stage(stage)) = steps.first_mut()
        {
            stage.groups.drain(..self.group);
            if self.op > 0 {
                stage.groups[0].ops.drain(..self.op);
            }
            stage.bits_before = stage.bits;
        }
        with_steps(plan, steps)
    }

    fn inside(self) -> bool {
        self.group > 0 || self.op > 0
    }
}

fn with_steps(plan: &Plan, steps: Vec<Step>) -> Plan {
    Plan { steps, input: plan.input.clone(), output: plan.output.clone(), level: plan.level }
}

/// Groups, and operations of the next, that two stages begin with in common and after which either
/// may be interrupted without a change of a bit: none unless one block holds the whole vector, since
/// a stage passes over blocks that nothing has come into yet.
fn common(a: &Stage, b: &Stage) -> (usize, usize) {
    let alike = a.bits_before == b.bits_before && a.bits == b.bits;
    let whole = |s: &Stage| s.window.is_contiguous() && s.window.block_bits() >= s.bits;
    if !alike || !whole(a) || !whole(b) || a.window.block_bits() != b.window.block_bits() {
        return (0, 0);
    }
    let inner = |g: &Group| g.inner.as_ref().map(|w| (w.low_bits, w.high.clone()));
    for (i, (a, b)) in a.groups.iter().zip(&b.groups).enumerate() {
        if inner(a) != inner(b) {
            return (i, 0);
        }
        let mut op = a.ops.iter().zip(&b.ops).take_while(|(a, b)| same_op(a, b)).count();
        if op < a.ops.len().max(b.ops.len()) {
            // Neighbouring diagonal operations are multiplied out together: not torn apart.
            while op > 0 && a.ops[op - 1].is_diagonal() {
                op -= 1;
            }
            return (i, op);
        }
    }
    (a.groups.len().min(b.groups.len()), 0)
}

/// `f(0), …, f(count - 1)` on the threads of the simulator, in this order.
pub fn map<R: Send>(count: usize, f: impl Fn(usize) -> R + Sync + Send) -> Vec<R> {
    par::map(count, f)
}
