//! Errors of a batch of frames.

use super::{Engine, Lanes, qubit};
use crate::circuit::{Instruction, Target};
use crate::frame::LANES;
use crate::gate::{Channel, bits};
use crate::random::Source;
use crate::run::outcomes;

/// From this probability on bits are drawn for every shot.
const DENSE: f64 = 1.0 / 24.0;

impl Engine<'_> {
    /// Flips the last `count` results with the probability of the instruction.
    #[inline(always)]
    pub(super) fn wrong_results(&mut self, i: &Instruction, count: usize) {
        let p = i.probability();
        if p <= 0.0 {
            return;
        }
        let first = self.measured - count;
        let Self { ring, source, .. } = self;
        let mask = ring.len() - 1;
        strike(source, p, count, |_, k, lane, bits| {
            ring[(first + k) & mask].0[lane] ^= bits;
        });
    }

    #[inline(always)]
    pub(super) fn noise(&mut self, channel: Channel, i: &Instruction) {
        match channel {
            Channel::Identity => {}
            Channel::Single(pauli) => {
                let (x, z) = bits(pauli);
                let Self { frames, source, .. } = self;
                strike(source, i.probability(), i.targets.len(), |_, k, lane, bits| {
                    let frame = &mut frames[qubit(i.targets[k])];
                    if x {
                        frame.x.0[lane] ^= bits;
                    }
                    if z {
                        frame.z.0[lane] ^= bits;
                    }
                });
            }
            Channel::Correlated(chained) => {
                if !chained {
                    self.struck = Lanes::ZERO;
                }
                let mut strikes = Lanes::ZERO;
                strike(&mut self.source, i.probability(), 1, |_, _, lane, bits| {
                    strikes.0[lane] |= bits;
                });
                for (strikes, struck) in strikes.0.iter_mut().zip(&mut self.struck.0) {
                    *strikes &= !*struck;
                    *struck |= *strikes;
                }
                for target in &i.targets {
                    if let Target::Pauli { pauli, qubit, .. } = *target {
                        self.frames[qubit as usize].multiply(pauli, &strikes);
                    }
                }
            }
            Channel::Depolarize1
            | Channel::Depolarize2
            | Channel::Pauli1
            | Channel::Pauli2
            | Channel::HeraldedErase
            | Channel::HeraldedPauli => self.exclusive(channel, i),
        }
    }

    /// Strikes groups of targets in one of several ways; if it is heralded, a record tells.
    fn exclusive(&mut self, channel: Channel, i: &Instruction) {
        let targets = &i.targets[..];
        let size = if matches!(channel, Channel::Depolarize2 | Channel::Pauli2) { 2 } else { 1 };
        let heralded = matches!(channel, Channel::HeraldedErase | Channel::HeraldedPauli);
        // All as likely as each other.
        let even =
            matches!(channel, Channel::Depolarize1 | Channel::Depolarize2 | Channel::HeraldedErase);
        let ways = outcomes(channel, &i.args);
        let first = self.measured;
        let count = targets.len() / size;
        if heralded {
            for _ in 0..count {
                self.push(Lanes::ZERO);
            }
        }
        let Some(total) = ways.last().map(|w| w.up_to) else { return };
        let number = u32::try_from(ways.len()).unwrap_or(u32::MAX);
        let Self { frames, ring, source, .. } = self;
        let mask = ring.len() - 1;
        strike(source, total.min(1.0), count, |source, k, lane, struck| {
            if heralded {
                ring[(first + k) & mask].0[lane] |= struck;
            }
            let mut left = struck;
            while left != 0 {
                let bit = left & left.wrapping_neg();
                left ^= bit;
                let way = if even {
                    &ways[source.below(number) as usize]
                } else {
                    let u = source.uniform() * total;
                    ways.iter().find(|w| u < w.up_to).unwrap_or(&ways[ways.len() - 1])
                };
                for (j, &target) in targets[k * size..(k + 1) * size].iter().enumerate() {
                    let frame = &mut frames[qubit(target)];
                    let (x, z) = way.bits(j);
                    frame.x.0[lane] ^= if x { bit } else { 0 };
                    frame.z.0[lane] ^= if z { bit } else { 0 };
                }
            }
        });
    }
}

/// Which of `count` things are struck in which shots, each with probability `p`: `hit` hears of the
/// thing, the lane and the bits.
#[inline(always)]
fn strike(
    source: &mut Source,
    p: f64,
    count: usize,
    mut hit: impl FnMut(&mut Source, usize, usize, u64),
) {
    if p < DENSE {
        source.rare(p, (count * 64 * LANES) as u64, |source, i| {
            #[expect(clippy::cast_possible_truncation, reason = "below count * 64 * LANES")]
            let i = i as usize;
            hit(source, i / (64 * LANES), i / 64 % LANES, 1 << (i % 64));
        });
        return;
    }
    for k in 0..count {
        let mut mask = [0; LANES];
        source.biased(p, &mut mask);
        for (lane, &bits) in mask.iter().enumerate() {
            if bits != 0 {
                hit(source, k, lane, bits);
            }
        }
    }
}
