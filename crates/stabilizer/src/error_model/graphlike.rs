//! Errors that flip more than two detectors, as several that flip one or two.
//!
//! A matching decoder knows edges between two detectors, or one and the boundary. An error with more is
//! divided: first into what the X and Z of which it consists flip, else into edges that other errors
//! have.

use std::collections::{BTreeMap, BTreeSet};

use super::{ErrorModel, Mechanism, OBSERVABLES, Symptom, either, xor};
use crate::Error;

/// Steps of the search for known edges of one error.
const MAX_STEPS: u32 = 100_000;

/// An edge: one or two detectors, and the observables that it flips.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Edge {
    pub(crate) detectors: Vec<u32>,
    pub(crate) observables: Vec<u32>,
}

fn num_detectors(symptom: &[u32]) -> usize {
    symptom.partition_point(|&i| i < OBSERVABLES)
}

fn is_edge(symptom: &[u32]) -> bool {
    matches!(num_detectors(symptom), 1 | 2)
}

fn symptom_of(m: &Mechanism) -> Symptom {
    m.detectors.iter().copied().chain(m.observables.iter().map(|o| o + OBSERVABLES)).collect()
}

impl ErrorModel {
    /// Edges with their probabilities. What flips observables and no detector is left out: no decoder
    /// could see it. Refused where an error cannot be divided.
    pub(crate) fn edges(&self) -> Result<BTreeMap<Edge, f64>, Error> {
        let symptoms: Vec<Symptom> = self.mechanisms.iter().map(symptom_of).collect();
        let known: BTreeSet<&Symptom> = symptoms.iter().filter(|s| is_edge(s)).collect();
        let mut by_detector: BTreeMap<u32, Vec<&Symptom>> = BTreeMap::new();
        for edge in &known {
            for &d in &edge[..num_detectors(edge)] {
                by_detector.entry(d).or_default().push(edge);
            }
        }
        let mut edges: BTreeMap<Edge, f64> = BTreeMap::new();
        for (mechanism, symptom) in self.mechanisms.iter().zip(&symptoms) {
            let parts = if mechanism.detectors.len() <= 2 {
                vec![symptom.clone()]
            } else if let Some(parts) = by_parts(&mechanism.parts, &known) {
                parts
            } else {
                let mut steps = MAX_STEPS;
                by_known(symptom, &by_detector, &mut steps)
                    .ok_or(Error::NotGraphlike { detectors: mechanism.detectors.len() })?
            };
            for part in parts.iter().filter(|part| is_edge(part)) {
                let from = num_detectors(part);
                let edge = Edge {
                    detectors: part[..from].to_vec(),
                    observables: part[from..].iter().map(|o| o - OBSERVABLES).collect(),
                };
                let p = edges.entry(edge).or_default();
                *p = either(*p, mechanism.probability);
            }
        }
        Ok(edges)
    }
}

/// The parts, joined so that each flips one or two detectors: as few as possible, and of those the one
/// with most edges that others have.
fn by_parts(parts: &[Symptom], known: &BTreeSet<&Symptom>) -> Option<Vec<Symptom>> {
    if parts.is_empty() || parts.len() > 6 {
        return None;
    }
    let mut best: Option<(usize, usize, Vec<Symptom>)> = None;
    let mut blocks: Vec<Symptom> = Vec::new();
    join(parts, &mut blocks, &mut |blocks| {
        let blocks: Vec<Symptom> = blocks.iter().filter(|b| !b.is_empty()).cloned().collect();
        if !blocks.iter().all(|b| is_edge(b)) {
            return;
        }
        let unknown = blocks.iter().filter(|b| !known.contains(b)).count();
        if best.as_ref().is_none_or(|(n, u, _)| (blocks.len(), unknown) < (*n, *u)) {
            best = Some((blocks.len(), unknown, blocks));
        }
    });
    best.map(|(_, _, blocks)| blocks)
}

/// All ways to join parts to blocks.
fn join(parts: &[Symptom], blocks: &mut Vec<Symptom>, each: &mut impl FnMut(&[Symptom])) {
    let Some((first, rest)) = parts.split_first() else {
        each(blocks);
        return;
    };
    for i in 0..blocks.len() {
        let before = blocks[i].clone();
        blocks[i] = xor(&before, first);
        join(rest, blocks, each);
        blocks[i] = before;
    }
    blocks.push(first.clone());
    join(rest, blocks, each);
    blocks.pop();
}

/// Known edges that make up the symptom, observables included.
fn by_known(
    symptom: &[u32],
    by_detector: &BTreeMap<u32, Vec<&Symptom>>,
    steps: &mut u32,
) -> Option<Vec<Symptom>> {
    let count = num_detectors(symptom);
    if count == 0 {
        return symptom.is_empty().then(Vec::new);
    }
    *steps = steps.checked_sub(1)?;
    let edges = by_detector.get(&symptom[0])?;
    let inside =
        |edge: &&&Symptom| edge[..num_detectors(edge)].iter().all(|d| symptom[..count].contains(d));
    // Pairs first: fewer edges.
    for size in [2, 1] {
        for edge in edges.iter().filter(|e| num_detectors(e) == size).filter(inside) {
            if let Some(mut rest) = by_known(&xor(symptom, edge), by_detector, steps) {
                rest.push((*edge).clone());
                return Some(rest);
            }
        }
    }
    None
}
