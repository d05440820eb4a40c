//! One batch of frames through a circuit.

mod noise;

use sim::rng::Purpose;
use sim::{RunControl, Work, vectorized};

use super::LANES;
use crate::circuit::{Circuit, Instruction, Item, Summary, Target, observable, product};
use crate::gate::{Action, Clifford1, Pair, bits};
use crate::random::Source;
use crate::{Error, Pauli};

/// A bit for each shot.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(align(64))]
pub(super) struct Lanes(pub(super) [u64; LANES]);

impl Lanes {
    const ZERO: Self = Self([0; LANES]);

    #[inline(always)]
    fn xor(&mut self, other: &Self) {
        for i in 0..LANES {
            self.0[i] ^= other.0[i];
        }
    }
}

/// Frames of one qubit: where they have an X and where a Z.
#[derive(Clone, Copy)]
struct Frame {
    x: Lanes,
    z: Lanes,
}

impl Frame {
    /// Where the frame anticommutes with a Pauli.
    #[inline(always)]
    fn anticommutes(&self, pauli: Pauli) -> Lanes {
        match pauli {
            Pauli::X => self.z,
            Pauli::Z => self.x,
            Pauli::Y => {
                let mut both = self.x;
                both.xor(&self.z);
                both
            }
        }
    }

    /// Multiplies by a Pauli where `mask` says so.
    #[inline(always)]
    fn multiply(&mut self, pauli: Pauli, mask: &Lanes) {
        let (x, z) = bits(pauli);
        if x {
            self.x.xor(mask);
        }
        if z {
            self.z.xor(mask);
        }
    }
}

pub(super) struct Engine<'a> {
    circuit: &'a Circuit,
    frames: Vec<Frame>,
    /// Flips of results, at their number modulo the length, a power of 2.
    ring: Vec<Lanes>,
    measured: usize,
    num_measurements: usize,
    pub(super) detectors: Vec<Lanes>,
    pub(super) observables: Vec<Lanes>,
    /// Where an error of the chain of correlated ones has struck.
    struck: Lanes,
    source: Source,
}

/// Results that are held.
fn ring_len(summary: &Summary, all: bool) -> u64 {
    let len = if all {
        summary.num_measurements
    } else {
        u64::from(summary.lookback).saturating_add(summary.most_results)
    };
    len.max(1).checked_next_power_of_two().unwrap_or(u64::MAX)
}

/// Bytes of an engine.
pub(super) fn needed_bytes(summary: &Summary, records: bool) -> u64 {
    let rows = ring_len(summary, records)
        .saturating_add(summary.num_detectors)
        .saturating_add(u64::from(summary.num_observables))
        .saturating_add(2 * u64::from(summary.num_qubits));
    rows.saturating_mul(size_of::<Lanes>() as u64)
}

/// A number that the check of memory has let through.
fn size(n: u64) -> usize {
    usize::try_from(n).expect("checked against memory")
}

#[inline(always)]
fn qubit(target: Target) -> usize {
    match target {
        Target::Qubit { index, .. } | Target::Pauli { qubit: index, .. } => index as usize,
        Target::Record(_) | Target::Times => unreachable!("no qubit stands here"),
    }
}

/// All instructions, on the frames as they are.
struct Batch<'e, 'a, 'c> {
    engine: &'e mut Engine<'a>,
    control: &'e RunControl<'c>,
}

impl Work for Batch<'_, '_, '_> {
    type Output = Result<(), Error>;

    #[inline(always)]
    fn run(self) -> Self::Output {
        self.engine.all(self.control)
    }
}

impl<'a> Engine<'a> {
    pub(super) fn new(circuit: &'a Circuit, summary: &Summary, records: bool) -> Self {
        Self {
            circuit,
            frames: vec![Frame { x: Lanes::ZERO, z: Lanes::ZERO }; summary.num_qubits as usize],
            ring: vec![Lanes::ZERO; size(ring_len(summary, records))],
            measured: 0,
            num_measurements: if records { size(summary.num_measurements) } else { 0 },
            detectors: Vec::with_capacity(size(summary.num_detectors)),
            observables: vec![Lanes::ZERO; summary.num_observables as usize],
            struck: Lanes::ZERO,
            source: Source::new(0, Purpose::Frames, 0),
        }
    }

    pub(super) fn run(&mut self, seed: u64, batch: u64, control: &RunControl) -> Result<(), Error> {
        self.source = Source::new(seed, Purpose::Frames, batch);
        self.measured = 0;
        self.detectors.clear();
        self.observables.fill(Lanes::ZERO);
        self.struck = Lanes::ZERO;
        for q in 0..self.frames.len() {
            self.frames[q] = Frame { x: Lanes::ZERO, z: self.random() };
        }
        vectorized(Batch { engine: self, control })
    }

    /// Turns flips into results and clears what lies beyond the last shot.
    pub(super) fn finish(&mut self, reference: &[bool], shots: usize) {
        for (row, &one) in self.ring.iter_mut().zip(reference) {
            if one {
                row.0.iter_mut().for_each(|w| *w = !*w);
            }
        }
        if shots < 64 * LANES {
            let records = self.num_measurements;
            let rows = self.detectors.iter_mut().chain(&mut self.observables);
            for row in rows.chain(&mut self.ring[..records]) {
                for (lane, word) in row.0.iter_mut().enumerate() {
                    let live = shots.saturating_sub(64 * lane).min(64);
                    *word &= if live == 64 { u64::MAX } else { (1 << live) - 1 };
                }
            }
        }
    }

    /// All results; none where only detectors are kept.
    pub(super) fn records(&self) -> &[Lanes] {
        &self.ring[..self.num_measurements]
    }

    #[inline(always)]
    fn all(&mut self, control: &RunControl) -> Result<(), Error> {
        let mut stack: Vec<(&[Item], usize, u64)> = vec![(&self.circuit.items, 0, 1)];
        let mut turns = 0_u32;
        while let Some((items, at, left)) = stack.last_mut() {
            let Some(item) = items.get(*at) else {
                *left -= 1;
                *at = 0;
                if *left == 0 {
                    stack.pop();
                }
                turns = turns.wrapping_add(1);
                if turns.is_multiple_of(64) {
                    control.check()?;
                }
                continue;
            };
            *at += 1;
            match item {
                Item::Instruction(i) => self.step(i),
                Item::Repeat { count, body, .. } => stack.push((body, 0, *count)),
            }
        }
        Ok(())
    }

    #[inline(always)]
    fn random(&mut self) -> Lanes {
        let mut lanes = Lanes::ZERO;
        for word in &mut lanes.0 {
            *word = self.source.word();
        }
        lanes
    }

    #[inline(always)]
    fn recorded(&self, look_back: u32) -> &Lanes {
        &self.ring[(self.measured - look_back as usize) & (self.ring.len() - 1)]
    }

    #[inline(always)]
    fn push(&mut self, flips: Lanes) {
        let at = self.measured & (self.ring.len() - 1);
        self.ring[at] = flips;
        self.measured += 1;
    }

    #[inline(always)]
    fn two(&mut self, a: usize, b: usize) -> (&mut Frame, &mut Frame) {
        let [a, b] = self.frames.get_disjoint_mut([a, b]).expect("the qubits of a pair differ");
        (a, b)
    }

    #[inline(always)]
    fn step(&mut self, i: &Instruction) {
        match i.gate.action {
            Action::Unitary1(gate) => self.unitary1(gate, &i.targets),
            Action::Unitary2(factors) => {
                for pair in i.targets.chunks_exact(2) {
                    for &factor in factors {
                        self.unitary2(factor, pair[0], pair[1]);
                    }
                }
            }
            Action::Rotate(_) => {
                for group in i.groups() {
                    let Some(product) = product(group) else { continue };
                    let mask = self.product(&product.factors);
                    for &(q, pauli) in &product.factors {
                        self.frames[q as usize].multiply(pauli, &mask);
                    }
                }
            }
            Action::Measure { basis, reset } => {
                for &target in &i.targets {
                    let q = qubit(target);
                    let flips = self.frames[q].anticommutes(basis);
                    self.push(flips);
                    let random = self.random();
                    if reset {
                        self.frames[q] = Frame { x: Lanes::ZERO, z: Lanes::ZERO };
                    }
                    self.frames[q].multiply(basis, &random);
                }
                self.wrong_results(i, i.targets.len());
            }
            Action::Reset(basis) => {
                for &target in &i.targets {
                    let random = self.random();
                    let frame = &mut self.frames[qubit(target)];
                    *frame = Frame { x: Lanes::ZERO, z: Lanes::ZERO };
                    frame.multiply(basis, &random);
                }
            }
            Action::MeasurePair(basis) => {
                for pair in i.targets.chunks_exact(2) {
                    let factors = [pair[0], pair[1]].map(|t| (t.index().unwrap_or(0), basis));
                    self.measure_product(&factors);
                }
                self.wrong_results(i, i.targets.len() / 2);
            }
            Action::MeasureProduct => {
                let before = self.measured;
                for group in i.groups() {
                    if let Some(product) = product(group) {
                        self.measure_product(&product.factors);
                    }
                }
                self.wrong_results(i, self.measured - before);
            }
            Action::Pad => {
                for _ in &i.targets {
                    self.push(Lanes::ZERO);
                }
                self.wrong_results(i, i.targets.len());
            }
            Action::Noise(channel) => self.noise(channel, i),
            Action::Detector => {
                let value = self.parity(&i.targets);
                self.detectors.push(value);
            }
            Action::Observable => {
                let value = self.parity(&i.targets);
                self.observables[observable(i) as usize].xor(&value);
            }
            Action::Coordinates | Action::ShiftCoordinates | Action::Tick => {}
        }
    }

    #[inline(always)]
    fn unitary1(&mut self, gate: Clifford1, targets: &[Target]) {
        use Pauli::{X, Y, Z};
        #[inline(always)]
        fn each(frames: &mut [Frame], targets: &[Target], f: impl Fn(&mut Frame)) {
            for &target in targets {
                f(&mut frames[qubit(target)]);
            }
        }
        let frames = &mut self.frames;
        match (gate.x.1, gate.z.1) {
            (Z, X) => each(frames, targets, |f| std::mem::swap(&mut f.x, &mut f.z)),
            (Y, Z) => each(frames, targets, |f| f.z.xor(&f.x.clone())),
            (X, Y) => each(frames, targets, |f| f.x.xor(&f.z.clone())),
            // X → Y, Z → X.
            (Y, X) => each(frames, targets, |f| {
                let x = f.x;
                f.x.xor(&f.z.clone());
                f.z = x;
            }),
            // X → Z, Z → Y.
            (Z, Y) => each(frames, targets, |f| {
                let z = f.z;
                f.z.xor(&f.x.clone());
                f.x = z;
            }),
            // A Pauli, up to phase.
            _ => {}
        }
    }

    #[inline(always)]
    fn unitary2(&mut self, factor: Pair, first: Target, second: Target) {
        let (a, b) = match (first, second) {
            (Target::Qubit { index: a, .. }, Target::Qubit { index: b, .. }) => (a, b),
            (Target::Record(k), Target::Qubit { index, .. })
            | (Target::Qubit { index, .. }, Target::Record(k)) => {
                if let Pair::Controlled(p, q) = factor {
                    let pauli = if matches!(first, Target::Record(_)) { q } else { p };
                    let mask = *self.recorded(k);
                    self.frames[index as usize].multiply(pauli, &mask);
                }
                return;
            }
            _ => return,
        };
        let (a, b) = self.two(a as usize, b as usize);
        match factor {
            Pair::Controlled(Pauli::Z, Pauli::X) => {
                b.x.xor(&a.x);
                a.z.xor(&b.z);
            }
            Pair::Controlled(Pauli::Z, Pauli::Z) => {
                b.z.xor(&a.x);
                a.z.xor(&b.x);
            }
            Pair::Controlled(p, q) => {
                let (of_a, of_b) = (a.anticommutes(p), b.anticommutes(q));
                b.multiply(q, &of_a);
                a.multiply(p, &of_b);
            }
            Pair::Sqrt(p, _) => {
                let mut mask = a.anticommutes(p);
                mask.xor(&b.anticommutes(p));
                a.multiply(p, &mask);
                b.multiply(p, &mask);
            }
            Pair::Swap => std::mem::swap(a, b),
        }
    }

    /// Where frames anticommute with a product.
    #[inline(always)]
    fn product(&self, factors: &[(u32, Pauli)]) -> Lanes {
        let mut mask = Lanes::ZERO;
        for &(q, pauli) in factors {
            mask.xor(&self.frames[q as usize].anticommutes(pauli));
        }
        mask
    }

    #[inline(always)]
    fn measure_product(&mut self, factors: &[(u32, Pauli)]) {
        let flips = self.product(factors);
        self.push(flips);
        let random = self.random();
        for &(q, pauli) in factors {
            self.frames[q as usize].multiply(pauli, &random);
        }
    }

    #[inline(always)]
    fn parity(&self, targets: &[Target]) -> Lanes {
        let mut sum = Lanes::ZERO;
        for target in targets {
            match *target {
                Target::Record(k) => sum.xor(self.recorded(k)),
                Target::Pauli { pauli, qubit, .. } => {
                    sum.xor(&self.frames[qubit as usize].anticommutes(pauli));
                }
                Target::Qubit { .. } | Target::Times => {}
            }
        }
        sum
    }
}
