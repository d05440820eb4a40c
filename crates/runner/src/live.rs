//! What a shell keeps between the runs of one user: states to go on from, programs that were read.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sim::{Checkpoints, Plan, Precision, Real, RunControl, Statevector};

use crate::Failure;
use crate::program::Programs;

/// Kept states of both precisions, in bounded memory, and the latest few programs. Results are the same bits with and without.
pub struct Live {
    max_bytes: u64,
    f64: Mutex<Checkpoints<f64>>,
    f32: Mutex<Checkpoints<f32>>,
    pub(crate) programs: Programs,
}

/// A final state, and what puts it back.
pub(crate) enum Kept<T: Real> {
    Resumed(sim::Resumed<T>),
    Own(Statevector<T>),
}

impl<T: Real> Kept<T> {
    pub(crate) fn state(&self) -> &Statevector<T> {
        match self {
            Self::Resumed(run) => &run.state,
            Self::Own(state) => state,
        }
    }
}

impl Live {
    /// Keeps at most `max_bytes`, and less where a run needs the memory.
    pub fn new(max_bytes: u64) -> Self {
        Self {
            max_bytes,
            f64: Mutex::new(Checkpoints::new(max_bytes)),
            f32: Mutex::new(Checkpoints::new(max_bytes)),
            programs: Programs::default(),
        }
    }

    /// Bytes of the states now held.
    pub fn size_bytes(&self) -> u64 {
        lock(&self.f64).size_bytes() + lock(&self.f32).size_bytes()
    }

    /// Drops all states.
    pub fn clear(&self) {
        lock(&self.f64).limit(0);
        lock(&self.f32).limit(0);
    }

    /// Makes room for a run in precision `T` that needs `needed` of `memory` bytes.
    pub(crate) fn make_room<T: Real>(&self, memory: u64, needed: u64) {
        let spare = memory.saturating_sub(needed).min(self.max_bytes);
        // One precision at a time is in use.
        let (own, other) = match T::PRECISION {
            Precision::F64 => (spare, 0),
            Precision::F32 => (0, spare),
        };
        lock(&self.f64).limit(own);
        lock(&self.f32).limit(other);
    }

    /// The state after a plan, from the nearest one kept.
    pub(crate) fn run<T: Real>(
        &self,
        plan: &Plan,
        available_bytes: u64,
        control: &RunControl,
    ) -> Result<Kept<T>, Failure> {
        let plans = std::slice::from_ref(plan);
        // The two precisions are two types: whichever `T` is, the other arm is never taken.
        let any: Box<dyn std::any::Any> = match T::PRECISION {
            Precision::F64 => Box::new(lock(&self.f64).run(plans, available_bytes, control)?),
            Precision::F32 => Box::new(lock(&self.f32).run(plans, available_bytes, control)?),
        };
        let run = any.downcast::<sim::Resumed<T>>().expect("the precision says which type it is");
        Ok(Kept::Resumed(*run))
    }

    /// The state after several plans, from the nearest one kept; it is given away.
    pub(crate) fn state_after(
        &self,
        plans: &[Plan],
        available_bytes: u64,
        control: &RunControl,
    ) -> Result<Statevector<f64>, Failure> {
        Ok(lock(&self.f64).run(plans, available_bytes, control)?.state)
    }

    /// Takes a final state that has been read.
    pub(crate) fn put_back<T: Real>(&self, kept: Kept<T>) {
        let Kept::Resumed(run) = kept else { return };
        let any: Box<dyn std::any::Any> = Box::new(run);
        match any.downcast::<sim::Resumed<f64>>() {
            Ok(run) => lock(&self.f64).put_back(*run),
            Err(any) => {
                if let Ok(run) = any.downcast::<sim::Resumed<f32>>() {
                    lock(&self.f32).put_back(*run);
                }
            }
        }
    }
}

fn lock<T: Real>(of: &Mutex<Checkpoints<T>>) -> MutexGuard<'_, Checkpoints<T>> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
