//! A matching decoder: which observables the errors behind a set of detection events have flipped.
//!
//! The errors of the circuit are edges between detectors, weighted by `ln((1 - p) / p)`; the likeliest
//! set of edges that explains the events is a matching of least weight. It is found by sparse blossom
//! (Higgott and Gidney, arXiv:2303.15933) in the package `rmatching`, a port of that algorithm that is
//! plain Rust without dependencies: it builds for the browser as well.

use std::collections::BTreeMap;

use rmatching::Matching;
use sim::RunControl;

use crate::Error;
use crate::circuit::{Circuit, Limits};
use crate::error_model::ErrorModel;
use crate::frame::{Batch, LANES, Sampler};

/// Most observables: they are bits of a word.
const MAX_OBSERVABLES: u32 = 64;

/// Probabilities closer to 0 and 1 have weights that nothing could outweigh.
const LEAST: f64 = 1e-12;

/// A decoder for the errors of one circuit.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoder {
    num_detectors: usize,
    edges: Vec<Weighted>,
}

#[derive(Debug, Clone, PartialEq)]
struct Weighted {
    detectors: Vec<u32>,
    observables: Vec<usize>,
    probability: f64,
}

impl Decoder {
    /// For the errors of a model; refused where one of them is no edge and not made of edges.
    pub fn new(model: &ErrorModel) -> Result<Self, Error> {
        if model.num_observables > MAX_OBSERVABLES {
            return Err(Error::TooManyObservables {
                found: model.num_observables,
                max: MAX_OBSERVABLES,
            });
        }
        // Of edges between the same detectors that flip different observables the likelier one counts.
        let mut strongest: BTreeMap<Vec<u32>, Weighted> = BTreeMap::new();
        for (edge, probability) in model.edges()? {
            let observables = edge.observables.iter().map(|&o| o as usize).collect();
            let weighted = Weighted { detectors: edge.detectors.clone(), observables, probability };
            let entry = strongest.entry(edge.detectors).or_insert_with(|| weighted.clone());
            if probability > entry.probability {
                *entry = weighted;
            }
        }
        Ok(Self {
            num_detectors: model.num_detectors as usize,
            edges: strongest.into_values().collect(),
        })
    }

    /// Observables that were flipped, ascending, where these detectors fired and no others.
    pub fn decode(&self, detectors: &[u32]) -> Vec<u32> {
        let mut syndrome = vec![0_u8; self.num_detectors];
        for &d in detectors {
            if let Some(bit) = syndrome.get_mut(d as usize) {
                *bit = 1;
            }
        }
        let said = self.solver().decode(&syndrome);
        (0..).zip(said).filter(|(_, bit)| *bit == 1).map(|(o, _)| o).collect()
    }

    /// A solver, which keeps its buffers from shot to shot.
    fn solver(&self) -> Matching {
        let mut matching = Matching::new();
        for edge in &self.edges {
            let p = edge.probability.clamp(LEAST, 1.0 - LEAST);
            let weight = libm::log((1.0 - p) / p);
            match edge.detectors[..] {
                [a] => matching.add_boundary_edge(a as usize, weight, &edge.observables, p),
                [a, b] => matching.add_edge(a as usize, b as usize, weight, &edge.observables, p),
                _ => {}
            }
        }
        matching
    }
}

/// What a decoder made of the shots of a circuit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogicalErrors {
    pub shots: u64,
    /// Shots in which some observable was not what the decoder said.
    pub errors: u64,
    /// The same for each observable.
    pub observables: Vec<u64>,
}

impl LogicalErrors {
    /// Share of wrong shots.
    pub fn rate(&self) -> f64 {
        if self.shots == 0 { 0.0 } else { self.errors as f64 / self.shots as f64 }
    }
}

/// Samples a circuit and decodes every shot.
pub fn logical_errors(
    circuit: &Circuit,
    decoder: &Decoder,
    shots: u64,
    seed: u64,
    limits: &Limits,
    control: &RunControl,
) -> Result<LogicalErrors, Error> {
    let sampler = Sampler::new(circuit, limits)?;
    let observables = sampler.summary().num_observables as usize;
    let mut total = LogicalErrors { shots, errors: 0, observables: vec![0; observables] };
    sampler.detectors(
        shots,
        seed,
        control,
        || State { solver: decoder.solver(), found: LogicalErrors::default() },
        |state, batch| state.add(decoder, batch),
        |state| {
            total.errors += state.found.errors;
            total.observables.iter_mut().zip(state.found.observables).for_each(|(a, b)| *a += b);
        },
    )?;
    Ok(total)
}

struct State {
    solver: Matching,
    found: LogicalErrors,
}

impl State {
    fn add(&mut self, decoder: &Decoder, batch: &Batch) {
        self.found.observables.resize(batch.num_observables(), 0);
        let mut syndrome = vec![0_u8; decoder.num_detectors];
        let mut said = Vec::new();
        // Most detectors are quiet: events of each shot, gathered row by row.
        let mut events: Vec<Vec<u32>> = vec![Vec::new(); batch.shots];
        for d in 0..batch.num_detectors() {
            for lane in 0..LANES {
                let mut word = batch.detector(d)[lane];
                while word != 0 {
                    let shot = 64 * lane + word.trailing_zeros() as usize;
                    events[shot].push(u32::try_from(d).unwrap_or(u32::MAX));
                    word &= word - 1;
                }
            }
        }
        for (shot, events) in events.iter().enumerate() {
            said.clear();
            if !events.is_empty() {
                for &d in events {
                    syndrome[d as usize] = 1;
                }
                self.solver.decode_into(&syndrome, &mut said);
                for &d in events {
                    syndrome[d as usize] = 0;
                }
            }
            let mut wrong = false;
            for (o, count) in self.found.observables.iter_mut().enumerate() {
                let flipped = batch.observable(o)[shot / 64] >> (shot % 64) & 1 == 1;
                if flipped != (said.get(o) == Some(&1)) {
                    *count += 1;
                    wrong = true;
                }
            }
            self.found.errors += u64::from(wrong);
        }
    }
}
