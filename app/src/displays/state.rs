//! The state's largest amplitudes, for the displays that draw them.

use api::run::{Amplitude, Probe, Reading};
use leptos::prelude::*;

use super::counts::refusal;
use super::format;
use super::words::words;
use crate::messages::{fill, t};
use crate::state::{Inspector, Lab};

/// Amplitudes asked for.
const TOP: u32 = 256;

/// What is listed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Listed {
    pub num_qubits: u32,
    pub entries: Vec<Amplitude>,
    /// One step earlier.
    pub before: Option<Vec<Amplitude>>,
}

/// What is known of the state where the scrub bar stands.
#[derive(Clone, Copy)]
pub struct State {
    pub listed: Memo<Listed>,
    /// What is left out, or the overlap with the step before.
    pub note: Signal<Option<String>>,
    /// Why there is nothing.
    pub empty: Signal<Option<String>>,
}

/// |amplitude|².
pub fn weight(a: &Amplitude) -> f64 {
    a.re * a.re + a.im * a.im
}

/// Asks for the largest amplitudes under `name`, unless the run has told them already.
pub fn largest(name: &'static str) -> State {
    let lab = expect_context::<Lab>();
    let inspector = expect_context::<Inspector>();
    let result = lab.sim.settled;
    // The run has the amplitudes where it has one final state.
    let from_run = Memo::new(move |_| {
        inspector.column.get().is_none()
            && result.with(|r| r.as_ref().is_none_or(|r| !r.top_amplitudes.is_empty()))
    });
    let probes = Signal::derive(move || {
        if from_run.get() { Vec::new() } else { vec![Probe::Amplitudes { top: TOP }] }
    });
    let view = inspector.want(name, probes);
    let listed = Memo::new(move |_| {
        if from_run.get() {
            return result.with(|r| {
                r.as_ref()
                    .map(|r| Listed {
                        num_qubits: r.num_qubits,
                        entries: r.top_amplitudes.clone(),
                        before: None,
                    })
                    .unwrap_or_default()
            });
        }
        view.with(|view| {
            let entries = |r: Option<&Reading>| match r {
                Some(Reading::Amplitudes { num_qubits, entries }) => {
                    Some((*num_qubits, entries.clone()))
                }
                _ => None,
            };
            let (num_qubits, now) = entries(view.now.first()).unwrap_or_default();
            Listed {
                num_qubits,
                entries: now,
                before: entries(view.before.first()).map(|(_, entries)| entries),
            }
        })
    });
    // What the list leaves out is said, not implied.
    let note = Signal::derive(move || {
        let overlap = inspector.seen.with(|s| s.as_ref().and_then(|s| s.inspection.fidelity));
        let overlap = overlap.filter(|_| inspector.column.get().is_some());
        listed.with(|listed| {
            let count = listed.entries.len() as u64;
            let sum: f64 = listed.entries.iter().map(weight).sum();
            let all = 1_u64.checked_shl(listed.num_qubits).unwrap_or(u64::MAX);
            if count > 0 && count < all && sum < 1.0 - 1e-9 {
                let of = fill(
                    t().amplitudes_of,
                    &[("n", &format::grouped(count)), ("total", &format::grouped(all))],
                );
                return Some(format!(
                    "{of}, {}",
                    fill(t().state_sum, &[("p", &format::percent(sum))])
                ));
            }
            overlap.map(|f| fill(words().fidelity, &[("f", &format::percent(f))]))
        })
    });
    let empty = Signal::derive(move || {
        if listed.with(|l| !l.entries.is_empty())
            || (from_run.get() && result.with(Option::is_none))
        {
            return None;
        }
        view.with(|v| refusal(&v.now)).or_else(|| inspector.error.get())
    });
    State { listed, note, empty }
}
