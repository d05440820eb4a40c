//! Circuits that begin alike, each on a state of its own, side by side.

use circuit::Instruction;

use crate::limits::needed_bytes;
use crate::{PlanOptions, Real, RunControl, SimError, Statevector, par, plan};

/// What the circuits gave, and how many instructions they begin with in common.
pub struct Sweep<R> {
    pub results: Vec<R>,
    pub shared: usize,
}

/// Runs each circuit from |0…0⟩ and gives what `read` makes of its number and final state.
///
/// What all circuits begin with is run once. The others are spread over the threads, one circuit to a
/// thread: for small registers, of which several fit. Amplitudes may differ by rounding from those of a circuit
/// planned as a whole; they do not depend on the number of threads.
pub fn sweep<T: Real, R: Send>(
    circuits: &[Vec<Instruction>],
    num_qubits: usize,
    fast: bool,
    available_bytes: u64,
    control: &RunControl,
    read: impl Fn(usize, &Statevector<T>) -> Result<R, SimError> + Sync + Send,
) -> Result<Sweep<R>, SimError> {
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
        });
    }
    let quiet = RunControl { progress: None, ..*control };
    let start = plan(&first[..shared], &PlanOptions::new(num_qubits).fast(fast))?;
    let mut begun = Statevector::<T>::for_plan(&start, available_bytes)?;
    begun.apply(&start, &quiet)?;
    let results = par::map(circuits.len(), |i| {
        control.check()?;
        let mut state = begun.try_clone()?;
        let options = PlanOptions::from_layout(state.layout().clone()).fast(fast);
        state.apply(&plan(&circuits[i][shared..], &options)?, &quiet)?;
        read(i, &state)
    });
    Ok(Sweep { results: results.into_iter().collect::<Result<_, _>>()?, shared })
}

/// `f(0), …, f(count - 1)` on the threads of the simulator, in this order.
pub fn map<R: Send>(count: usize, f: impl Fn(usize) -> R + Sync + Send) -> Vec<R> {
    par::map(count, f)
}
