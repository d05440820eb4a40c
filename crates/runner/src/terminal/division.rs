//! What has to be simulated for what is asked: the past of it, in parts that no gate connects.
//!
//! Counts come from the past of what is measured alone, whatever else is asked for: for a seed they do
//! not depend on the displays that a page shows.

use std::collections::BTreeMap;

use circuit::flat::{BitSource, Flat};
use circuit::{Instruction, Qubit, UnitaryInstruction};
use quantum_info::{Observable, Pauli, PauliTerm};
use sim::reduce::{Need, Part, light_cone, parts};
use sim::{Plan, PlanOptions, Real, limits, plan};

use crate::counts::KeyFormat;
use crate::{Failure, Job};

/// Registers up to this wide are simulated whole.
const WHOLE_QUBITS: usize = 16;

/// Pasts that cost no more than this together, in gates times amplitudes, are simulated as one.
const CHEAP: f64 = 4e6;

/// Where the past costs more than this share of everything, everything is simulated: it then serves
/// what else is asked.
const SAVING: f64 = 0.5;

/// How many groups of strings a further one may join.
const NEIGHBORS: usize = 4;

/// Number of an observable, number of a term of it.
type Strings = Vec<(usize, usize)>;

/// What is read off the end of a simulation.
pub(super) enum Ask {
    /// Counts and exact distribution.
    Outcomes,
    /// State vector, qubits, largest amplitudes.
    Displays,
    Strings(Strings),
}

/// A simulation and what is read off it.
pub(super) struct Division {
    kept: Vec<usize>,
    pub(super) parts: Vec<(Part, Plan)>,
    pub(super) asks: Vec<Ask>,
}

impl Division {
    pub(super) fn widest(&self) -> usize {
        self.parts.iter().map(|(_, p)| p.summary().active_qubits).max().unwrap_or(0)
    }

    /// All parts are held at once.
    pub(super) fn needed_bytes<T: Real>(&self) -> u64 {
        let of = |p: &Plan| limits::needed_bytes(p.summary().active_qubits, T::PRECISION);
        self.parts.iter().map(|(_, p)| of(p)).fold(0, u64::saturating_add)
    }

    pub(super) fn gates(&self) -> usize {
        self.kept.len()
    }
}

/// What is asked of a register that is simulated whole.
pub(super) fn whole_asks(job: &Job) -> Vec<Ask> {
    let want = &job.request.want;
    let mut asks = Vec::new();
    let displays = want.statevector || want.qubits || want.top_amplitudes > 0;
    if job.request.shots > 0 || want.probabilities || !displays && job.observables.is_empty() {
        asks.push(Ask::Outcomes);
    }
    if displays {
        asks.push(Ask::Displays);
    }
    if !job.observables.is_empty() {
        let numbers = |(o, observable): (usize, &Observable)| {
            (0..observable.terms.len()).map(move |t| (o, t)).collect::<Vec<_>>()
        };
        asks.push(Ask::Strings(job.observables.iter().enumerate().flat_map(numbers).collect()));
    }
    asks
}

/// Divides the work.
pub(super) fn divide(job: &Job, flat: &Flat, format: &KeyFormat) -> Result<Vec<Division>, Failure> {
    let n = flat.num_qubits as usize;
    if n <= WHOLE_QUBITS {
        let instructions: Vec<Instruction> =
            gates(flat).cloned().map(Instruction::Unitary).collect();
        let kept = (0..instructions.len()).collect();
        let plan = plan(&instructions, &PlanOptions::new(n).fast(job.request.fast))?;
        let part = Part { qubits: (0..flat.num_qubits).map(Qubit).collect(), instructions };
        return Ok(vec![Division { kept, parts: vec![(part, plan)], asks: whole_asks(job) }]);
    }
    let mut asks = Vec::new();
    for ask in whole_asks(job) {
        match ask {
            Ask::Outcomes => asks.push((outcome_needs(flat, format), ask)),
            Ask::Displays => asks.push((vec![Need::State; n], ask)),
            Ask::Strings(all) => asks.extend(cluster(job, flat, all)?),
        }
    }
    let everything = light_cone(&flat.instructions, &mut vec![Need::State; n]);
    let most = SAVING * cost_of(flat, &everything);
    let mut divisions: Vec<Division> = Vec::new();
    for (mut needs, ask) in asks {
        job.control.check()?;
        let mut kept = light_cone(&flat.instructions, &mut needs);
        if cost_of(flat, &kept) > most {
            kept.clone_from(&everything);
        }
        if let Some(known) = divisions.iter_mut().find(|d| d.kept == kept) {
            known.asks.push(ask);
            continue;
        }
        let parts = parts(chosen(flat, &kept), n)
            .into_iter()
            .map(|part| {
                let options = PlanOptions::new(part.qubits.len()).fast(job.request.fast);
                plan(&part.instructions, &options).map(|plan| (part, plan))
            })
            .collect::<Result<Vec<_>, _>>()?;
        divisions.push(Division { kept, parts, asks: vec![ask] });
    }
    Ok(divisions)
}

pub(super) fn gates(flat: &Flat) -> impl Iterator<Item = &UnitaryInstruction> + Clone {
    flat.instructions.iter().filter_map(|i| match i {
        Instruction::Unitary(u) => Some(u),
        _ => None,
    })
}

fn chosen<'a>(
    flat: &'a Flat,
    kept: &'a [usize],
) -> impl Iterator<Item = &'a UnitaryInstruction> + Clone {
    kept.iter().filter_map(|&i| match &flat.instructions[i] {
        Instruction::Unitary(u) => Some(u),
        _ => None,
    })
}

/// What the bits of a key need.
fn outcome_needs(flat: &Flat, format: &KeyFormat) -> Vec<Need> {
    let n = flat.num_qubits as usize;
    if format.covers_qubits() {
        return vec![Need::Outcome; n];
    }
    let mut needs = vec![Need::Nothing; n];
    let mut shown = vec![false; flat.num_records as usize];
    for source in &flat.clbits {
        if let BitSource::Record(r) = source {
            shown[*r as usize] = true;
        }
    }
    for instruction in &flat.instructions {
        if let Instruction::Measure { qubit, record } = instruction
            && shown[*record as usize]
        {
            needs[qubit.index()] = Need::Outcome;
        }
    }
    needs
}

/// Which strings share a simulation. Strings in one place share most of their past; those far apart
/// are cheaper one by one than in one state that is wide enough for all.
fn cluster(job: &Job, flat: &Flat, all: Strings) -> Result<Vec<(Vec<Need>, Ask)>, Failure> {
    struct Group {
        needs: Vec<Need>,
        cost: f64,
        strings: Strings,
    }
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let n = flat.num_qubits as usize;
    let mut union = vec![Need::Nothing; n];
    // For each string's qubits, and whether only their outcome matters, its terms.
    let mut by_needs: BTreeMap<Vec<(u32, bool)>, Strings> = BTreeMap::new();
    for (o, t) in all.iter().copied() {
        let term = &job.observables[o].terms[t];
        add(&mut union, term);
        let mut key: Vec<(u32, bool)> =
            term.paulis.iter().map(|&(q, p)| (q, p == Pauli::Z)).collect();
        key.sort_unstable();
        by_needs.entry(key).or_default().push((o, t));
    }
    let together = cost(flat, &union);
    if together <= CHEAP || by_needs.len() == 1 {
        return Ok(vec![(union, Ask::Strings(all))]);
    }
    let mut groups: Vec<Group> = Vec::new();
    for strings in by_needs.into_values() {
        job.control.check()?;
        let mut needs = vec![Need::Nothing; n];
        add(&mut needs, &job.observables[strings[0].0].terms[strings[0].1]);
        let alone = cost(flat, &needs);
        let mut best: Option<(usize, f64)> = None;
        for (i, group) in groups.iter().enumerate().rev().take(NEIGHBORS) {
            let joined = cost(flat, &join(&group.needs, &needs));
            let more = joined - group.cost;
            if (more <= alone || joined <= CHEAP) && best.is_none_or(|(_, least)| more < least) {
                best = Some((i, more));
            }
        }
        if let Some((i, more)) = best {
            groups[i].needs = join(&groups[i].needs, &needs);
            groups[i].cost += more;
            groups[i].strings.extend(strings);
        } else {
            groups.push(Group { needs, cost: alone, strings });
        }
    }
    if groups.iter().map(|g| g.cost).sum::<f64>() >= together {
        return Ok(vec![(union, Ask::Strings(all))]);
    }
    Ok(groups.into_iter().map(|g| (g.needs, Ask::Strings(g.strings))).collect())
}

fn add(needs: &mut [Need], term: &PauliTerm) {
    for &(q, p) in &term.paulis {
        let need = if p == Pauli::Z { Need::Outcome } else { Need::State };
        needs[q as usize] = needs[q as usize].max(need);
    }
}

fn join(a: &[Need], b: &[Need]) -> Vec<Need> {
    a.iter().zip(b).map(|(a, b)| *a.max(b)).collect()
}

/// What the past of `needs` costs.
fn cost(flat: &Flat, needs: &[Need]) -> f64 {
    cost_of(flat, &light_cone(&flat.instructions, &mut needs.to_vec()))
}

/// Gates times amplitudes, part by part.
fn cost_of(flat: &Flat, kept: &[usize]) -> f64 {
    let amplitudes = |p: &Part| 2_f64.powi(i32::try_from(p.qubits.len()).unwrap_or(i32::MAX));
    parts(chosen(flat, kept), flat.num_qubits as usize)
        .iter()
        .map(|p| p.instructions.len() as f64 * amplitudes(p))
        .sum()
}

/// Qubits of the state that the whole circuit would need, in parts as they are.
pub(super) fn widest_of_all(flat: &Flat) -> usize {
    parts(gates(flat), flat.num_qubits as usize).iter().map(|p| p.qubits.len()).max().unwrap_or(0)
}
