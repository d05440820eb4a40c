//! A unitary, then measurements: the gates are applied once.

use std::collections::BTreeMap;

use circuit::Instruction;
use circuit::flat::{BitSource, Flat};
use stabilizer::{Outcomes, Recognizer, Tableau};

use api::run::{Method, Want};

use super::rows::{Rows, sources};
use super::{apply, new_tableau, observe};
use crate::counts::KeyFormat;
use crate::terminal::{Probabilities, largest_probabilities, most_frequent};
use crate::{Failure, Job, Outcome};

/// Random bits over which an exact distribution is listed.
const MAX_FREE: usize = 20;

/// Gates between two looks at the time.
const CHECK: usize = 4096;

pub(super) fn run(
    job: &Job,
    flat: &Flat,
    format: &KeyFormat,
    recognizer: &mut Recognizer,
) -> Result<Outcome, Failure> {
    let want = &job.request.want;
    let mut outcome = Outcome {
        method: Method::Stabilizer,
        operations: flat
            .instructions
            .iter()
            .filter(|i| !matches!(i, Instruction::Barrier { .. }))
            .count() as u64,
        branches: 1,
        measured_all: format.covers_qubits(),
        needed_bytes: Some(Tableau::needed_bytes(flat.num_qubits as usize)),
        ..Outcome::default()
    };
    let mut tableau = new_tableau(job)?;
    if job.only_estimate {
        return Ok(outcome);
    }
    let mut qubits = vec![0; flat.num_records as usize];
    for (i, instruction) in flat.instructions.iter().enumerate() {
        if i % CHECK == 0 {
            job.control.check()?;
        }
        match instruction {
            Instruction::Unitary(u) => apply(&mut tableau, recognizer, u)?,
            Instruction::Measure { qubit, record } => qubits[*record as usize] = qubit.0,
            Instruction::Reset { .. } | Instruction::Barrier { .. } => {}
        }
    }
    if format.covers_qubits() {
        qubits = (0..flat.num_qubits).collect();
    }
    outcome.observed = observe(job, &tableau, want.qubits, true);
    let asked = Asked::new(&tableau, &qubits, &sources(format, &flat.clbits));
    if job.request.shots > 0 {
        let counts = asked.counts(job, format, u64::from(job.request.shots), 0)?;
        outcome.distinct_outcomes = counts.len() as u64;
        outcome.counts = most_frequent(counts, want.top_counts);
    }
    if want.probabilities {
        let mut all = BTreeMap::new();
        asked.probabilities(format, 1.0, &mut all)?;
        outcome.probabilities = Some(listed(all, want, &outcome.counts));
    }
    Ok(outcome)
}

pub(super) fn listed(
    all: BTreeMap<String, f64>,
    want: &Want,
    counts: &BTreeMap<String, u64>,
) -> Probabilities {
    largest_probabilities(all.into_iter().collect(), 0.0, want, counts)
}

/// The measurements that a key shows, and their joint distribution.
pub(super) struct Asked {
    sources: Vec<BitSource>,
    /// Position of each record among the measurements that are asked for.
    place: BTreeMap<u32, usize>,
    outcomes: Outcomes,
}

impl Asked {
    /// `qubits[r]` is measured for record `r`.
    pub(super) fn new(tableau: &Tableau, qubits: &[u32], sources: &[BitSource]) -> Self {
        let mut place = BTreeMap::new();
        let mut measured = Vec::new();
        for source in sources {
            if let BitSource::Record(r) = *source {
                place.entry(r).or_insert_with(|| {
                    measured.push(qubits[r as usize]);
                    measured.len() - 1
                });
            }
        }
        Self { sources: sources.to_vec(), place, outcomes: tableau.outcomes(&measured) }
    }

    /// Counts by key; `name` is the branch's.
    pub(super) fn counts(
        &self,
        job: &Job,
        format: &KeyFormat,
        shots: u64,
        name: u64,
    ) -> Result<BTreeMap<String, u64>, Failure> {
        let mut all = Rows::default();
        self.outcomes.sample(
            shots,
            job.request.seed,
            name,
            &job.control,
            Rows::default,
            Rows::add,
            |rows| all.merge(rows),
        )?;
        let mut counts = BTreeMap::new();
        all.keys(format, &self.sources, |r| self.place[&r], &mut counts);
        Ok(counts)
    }

    /// Adds the probabilities of all keys, times `weight`.
    pub(super) fn probabilities(
        &self,
        format: &KeyFormat,
        weight: f64,
        all: &mut BTreeMap<String, f64>,
    ) -> Result<(), Failure> {
        let free = self.outcomes.num_free();
        if free > MAX_FREE {
            return Err(Failure::Refused {
                code: "distribution_too_wide",
                message: format!(
                    "2^{free} outcomes have the same probability, too many to list; at most 2^{MAX_FREE}: measure fewer qubits, or ask for counts"
                ),
            });
        }
        let p = weight / (1_u64 << free) as f64;
        for value in 0..1_u64 << free {
            let bits = self.outcomes.results(|f| value >> f & 1 == 1);
            let key = format.key(|i| match self.sources[i] {
                BitSource::Constant(bit) => bit,
                BitSource::Record(r) => bits[self.place[&r]],
            });
            *all.entry(key).or_default() += p;
        }
        Ok(())
    }
}
