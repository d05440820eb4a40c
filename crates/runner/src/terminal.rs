//! Programs that are a unitary followed by measurements: one state, sampled at its end.
//!
//! Of a wide register only what is asked for is simulated: the gates in its past, in parts that no
//! gate connects.

mod distribution;
mod division;
mod listing;
mod product;

use circuit::flat::Flat;
use circuit::{Instruction, Qubit};
use quantum_info::PauliTerm;
use sim::{Calibration, Real, RunControl, Statevector, limits, method};

use crate::counts::KeyFormat;
use crate::live::Kept;
use crate::observe::Observed;
use crate::{Failure, Job, Outcome};
pub(crate) use distribution::check_marginal_width;
use division::{Ask, Division, divide, gates, whole_asks, widest_of_all};
pub(crate) use listing::{Probabilities, largest_probabilities, most_frequent};

/// A part and its final state.
struct Solved<T: Real> {
    qubits: Vec<Qubit>,
    state: Kept<T>,
}

pub(crate) fn run<T: Real>(job: &Job, flat: &Flat, format: &KeyFormat) -> Result<Outcome, Failure> {
    let want = &job.request.want;
    let num_qubits = flat.num_qubits as usize;
    let memory = job.request.limits.memory_bytes;
    if want.statevector && num_qubits > job.request.limits.max_statevector_qubits as usize {
        return Err(Failure::Refused {
            code: "statevector_too_wide",
            message: format!(
                "all amplitudes of {num_qubits} qubits are too many to list; at most {} qubits",
                job.request.limits.max_statevector_qubits
            ),
        });
    }
    let divisions = divide(job, flat, format)?;
    let widest = divisions.iter().map(Division::widest).max().unwrap_or(0);
    let choice = method::choose(widest, T::PRECISION, memory)?;
    if let Some(live) = job.live {
        let needed = divisions.iter().map(Division::needed_bytes::<T>).max().unwrap_or(0);
        live.make_room::<T>(memory, needed);
    }
    let mut outcome = Outcome {
        operations: flat
            .instructions
            .iter()
            .filter(|i| !matches!(i, Instruction::Barrier { .. }))
            .count() as u64,
        branches: 1,
        measured_all: format.covers_qubits(),
        reason: reason::<T>(flat, &divisions, widest).unwrap_or(choice.reason),
        ..Outcome::default()
    };
    outcome.needed_bytes = divisions.iter().map(Division::needed_bytes::<T>).max();
    outcome.estimated_seconds = expected::<T>(job, &divisions)?;
    if job.only_estimate {
        return Ok(outcome);
    }
    let mut means = no_means(job);
    let (count, total) = (divisions.len(), divisions.len() as f64);
    for (i, division) in divisions.into_iter().enumerate() {
        let share = |x: f64| {
            if let Some(progress) = job.control.progress {
                progress((i as f64 + x) / total);
            }
        };
        let control = RunControl { progress: Some(&share), ..job.control };
        let control = if count == 1 { &job.control } else { &control };
        let solved = solve::<T>(job, &division, memory, control)?;
        read(job, flat, format, &division.asks, &solved, &mut outcome, &mut means)?;
        if let Some(live) = job.live {
            for s in solved {
                live.put_back(s.state);
            }
        }
    }
    outcome.observed.expectations = weighted(job, &means);
    Ok(outcome)
}

/// What [`run`] reads of the final state of a whole register, from a state that is there already.
pub(crate) fn read_whole<T: Real>(
    job: &Job,
    flat: &Flat,
    format: &KeyFormat,
    state: Statevector<T>,
) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::default();
    let mut means = no_means(job);
    let qubits = (0..flat.num_qubits).map(Qubit).collect();
    let solved = [Solved { qubits, state: Kept::Own(state) }];
    read(job, flat, format, &whole_asks(job), &solved, &mut outcome, &mut means)?;
    outcome.observed.expectations = weighted(job, &means);
    Ok(outcome)
}

/// Means of all strings of all observables, before they are known.
fn no_means(job: &Job) -> Vec<Vec<f64>> {
    job.observables.iter().map(|o| vec![0.0; o.terms.len()]).collect()
}

fn weighted(job: &Job, means: &[Vec<f64>]) -> Vec<f64> {
    job.observables
        .iter()
        .zip(means)
        .map(|(o, means)| o.terms.iter().zip(means).map(|(t, mean)| t.weight * mean).sum())
        .collect()
}

/// Reads what is asked of the parts of a division.
fn read<T: Real>(
    job: &Job,
    flat: &Flat,
    format: &KeyFormat,
    asks: &[Ask],
    solved: &[Solved<T>],
    outcome: &mut Outcome,
    means: &mut [Vec<f64>],
) -> Result<(), Failure> {
    let want = &job.request.want;
    let num_qubits = flat.num_qubits as usize;
    let quiet = RunControl { progress: None, ..job.control };
    for ask in asks {
        match ask {
            Ask::Outcomes => {
                let sources = distribution::sources(flat, solved, format);
                let sampled = distribution::counts(job, solved, &sources, format)?;
                if want.probabilities {
                    let exact =
                        distribution::probabilities(job, solved, &sources, format, &sampled)?;
                    outcome.probabilities = Some(exact);
                }
                (outcome.counts, outcome.distinct_outcomes) = (sampled.counts, sampled.distinct);
            }
            Ask::Displays => {
                outcome.observed = Observed {
                    expectations: std::mem::take(&mut outcome.observed.expectations),
                    ..product::displays(want, solved, num_qubits, &quiet)?
                };
            }
            Ask::Strings(strings) => {
                let terms: Vec<&PauliTerm> =
                    strings.iter().map(|&(o, t)| &job.observables[o].terms[t]).collect();
                let values = product::means(&terms, solved, num_qubits, &quiet)?;
                strings.iter().zip(values).for_each(|(&(o, t), v)| means[o][t] = v);
            }
        }
    }
    Ok(())
}

/// Seconds that the run will take, if somebody wants to know; refused where the time limit is far off.
fn expected<T: Real>(job: &Job, divisions: &[Division]) -> Result<Option<f64>, Failure> {
    /// Runs that an ordinary machine does in this time are not worth a calibration.
    const NOTICED: f64 = 0.3;
    /// By how much an estimate must be over the limit before it is believed.
    const SURE: f64 = 4.0;
    let Some(estimates) = job.estimates else { return Ok(None) };
    let of = |c: &Calibration| -> f64 {
        let plans = divisions.iter().flat_map(|d| &d.parts);
        plans.map(|(_, plan)| c.seconds::<T>(plan)).sum()
    };
    if !job.only_estimate && of(&Calibration::NOMINAL) < NOTICED {
        return Ok(None);
    }
    let Some(calibration) = (estimates.calibration)(T::PRECISION) else { return Ok(None) };
    let seconds = of(&calibration);
    (estimates.hear)(seconds);
    let limit = job.request.limits.time_ms as f64 / 1e3;
    if !job.only_estimate && limit > 0.0 && seconds > SURE * limit {
        return Err(Failure::Refused {
            code: "time_limit",
            message: format!("the run would take about {seconds:.0} s and {limit} s may be used"),
        });
    }
    Ok(Some(seconds))
}

/// Runs all parts of a division.
fn solve<T: Real>(
    job: &Job,
    division: &Division,
    memory: u64,
    control: &RunControl,
) -> Result<Vec<Solved<T>>, Failure> {
    let mut held = 0;
    let mut solved = Vec::with_capacity(division.parts.len());
    for (part, plan) in &division.parts {
        let room = memory.saturating_sub(held);
        let state = if let Some(live) = job.live {
            live.run(plan, room, control)?
        } else {
            let mut state = Statevector::<T>::for_plan(plan, room)?;
            state.apply(plan, control)?;
            Kept::Own(state)
        };
        held += state.state().size_bytes();
        solved.push(Solved { qubits: part.qubits.clone(), state });
    }
    Ok(solved)
}

/// What was simulated and what would have been without division; `None` where all of it is.
fn reason<T: Real>(flat: &Flat, divisions: &[Division], widest: usize) -> Option<String> {
    let all = gates(flat).count();
    let most = divisions.iter().map(Division::gates).max().unwrap_or(0);
    let parts = divisions.iter().map(|d| d.parts.len()).max().unwrap_or(0);
    if most < all {
        let whole = widest_of_all(flat);
        let states = match divisions.len() {
            1 => String::new(),
            n => format!(" in {n} simulations"),
        };
        return Some(format!(
            "at most {most} of {all} gates matter for what is asked{states}; the widest state has {widest} qubits, \
             all gates would need one of {whole}: {}",
            limits::shown_bytes(limits::needed_bytes(whole, T::PRECISION))
        ));
    }
    (parts > 1).then(|| {
        format!(
            "{parts} parts that no gate connects, simulated apart; the widest has {widest} qubits"
        )
    })
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).expect("a register has fewer than 2^32 qubits")
}
