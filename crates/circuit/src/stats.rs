//! Dependencies, moments and counts of a flat program.

use std::collections::BTreeMap;
use std::f64::consts::FRAC_PI_4;

use crate::gate::Gate;
use crate::{Flat, Instruction, Qubit, UnitaryInstruction};

/// The order that a flat program leaves: an instruction depends on the last one before it on each of
/// its qubits. Barriers order what stands before and after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dag {
    /// For each instruction, those it waits for, ascending and without repetition.
    pub predecessors: Vec<Vec<u32>>,
    /// For each instruction, those that wait for it, ascending.
    pub successors: Vec<Vec<u32>>,
    /// For each instruction, its moment: the earliest at which it can stand. A barrier takes none:
    /// it stands at that of what follows it.
    pub moments: Vec<u32>,
}

impl Dag {
    pub fn new(instructions: &[Instruction], num_qubits: u32) -> Self {
        let mut last: Vec<Option<u32>> = vec![None; num_qubits as usize];
        let mut free = vec![0_u32; num_qubits as usize];
        let mut predecessors = Vec::with_capacity(instructions.len());
        let mut successors: Vec<Vec<u32>> = vec![Vec::new(); instructions.len()];
        let mut moments = Vec::with_capacity(instructions.len());
        for (i, instruction) in (0..).zip(instructions) {
            let qubits = qubits_of(instruction);
            let mut before: Vec<u32> = qubits.iter().filter_map(|q| last[q.index()]).collect();
            before.sort_unstable();
            before.dedup();
            let moment = qubits.iter().map(|q| free[q.index()]).max().unwrap_or(0);
            let takes = u32::from(!matches!(instruction, Instruction::Barrier { .. }));
            for q in &qubits {
                last[q.index()] = Some(i);
                free[q.index()] = moment + takes;
            }
            for &b in &before {
                successors[b as usize].push(i);
            }
            predecessors.push(before);
            moments.push(moment);
        }
        Self { predecessors, successors, moments }
    }

    /// The instructions of each moment, barriers and global phases left out.
    pub fn layers(&self, instructions: &[Instruction]) -> Vec<Vec<u32>> {
        let mut layers: Vec<Vec<u32>> = Vec::new();
        for ((i, instruction), &moment) in (0..).zip(instructions).zip(&self.moments) {
            if matches!(instruction, Instruction::Barrier { .. })
                || qubits_of(instruction).is_empty()
            {
                continue;
            }
            if layers.len() <= moment as usize {
                layers.resize(moment as usize + 1, Vec::new());
            }
            layers[moment as usize].push(i);
        }
        layers
    }
}

/// Qubits an instruction acts on.
pub fn qubits_of(instruction: &Instruction) -> Vec<Qubit> {
    match instruction {
        Instruction::Unitary(u) => u.qubits().collect(),
        Instruction::Measure { qubit, .. } | Instruction::Reset { qubit } => vec![*qubit],
        Instruction::Barrier { qubits } => qubits.clone(),
    }
}

/// Numbers that describe a circuit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// Qubits declared.
    pub num_qubits: u32,
    /// Qubits that something other than a barrier is done to.
    pub active_qubits: u32,
    pub num_clbits: u32,
    /// Gates, measurements and resets; barriers and global phases left out.
    pub operations: u64,
    /// Moments.
    pub depth: u32,
    /// Gates on two qubits, controls included.
    pub two_qubit_gates: u64,
    /// Gates on three and more qubits.
    pub multi_qubit_gates: u64,
    /// Moments if only gates on two and more qubits counted.
    pub two_qubit_depth: u32,
    /// T and T†, and `p` and `rz` by odd multiples of π/4; what larger gates decompose to left out.
    pub t_count: u64,
    pub measurements: u64,
    pub resets: u64,
    /// By name: of the table, with a `c` (control) or `n` (anti-control) in front for each control
    /// beyond the gate's own; `unitary`, `diagonal` and `permutation` for gates without one.
    pub gates: BTreeMap<String, u64>,
}

impl Stats {
    pub fn new(flat: &Flat) -> Self {
        let mut stats = Self {
            num_qubits: flat.num_qubits,
            num_clbits: u32::try_from(flat.clbits.len()).unwrap_or(u32::MAX),
            ..Self::default()
        };
        let n = flat.num_qubits as usize;
        let mut active = vec![false; n];
        let mut depths = vec![0_u32; n];
        let mut wide_depths = vec![0_u32; n];
        for instruction in &flat.instructions {
            let qubits = qubits_of(instruction);
            if qubits.is_empty() {
                continue;
            }
            let barrier = matches!(instruction, Instruction::Barrier { .. });
            let wide = matches!(instruction, Instruction::Unitary(_)) && qubits.len() > 1;
            for (depths, takes) in [(&mut depths, !barrier), (&mut wide_depths, wide)] {
                // A step that takes no time still lets its qubits wait for one another if it is a
                // barrier.
                if takes || barrier {
                    let at = qubits.iter().map(|q| depths[q.index()]).max().unwrap_or(0)
                        + u32::from(takes);
                    for q in &qubits {
                        depths[q.index()] = at;
                    }
                }
            }
            if barrier {
                continue;
            }
            for q in &qubits {
                active[q.index()] = true;
            }
            stats.operations += 1;
            match instruction {
                Instruction::Unitary(u) => {
                    stats.two_qubit_gates += u64::from(qubits.len() == 2);
                    stats.multi_qubit_gates += u64::from(qubits.len() > 2);
                    stats.t_count += u64::from(is_t(u));
                    *stats.gates.entry(name_of(u)).or_default() += 1;
                }
                Instruction::Measure { .. } => stats.measurements += 1,
                Instruction::Reset { .. } => stats.resets += 1,
                Instruction::Barrier { .. } => {}
            }
        }
        stats.active_qubits =
            u32::try_from(active.iter().filter(|&&a| a).count()).unwrap_or(u32::MAX);
        // Trailing barriers take no moment, so the largest is the depth.
        stats.depth = depths.into_iter().max().unwrap_or(0);
        stats.two_qubit_depth = wide_depths.into_iter().max().unwrap_or(0);
        stats
    }
}

fn is_t(u: &UnitaryInstruction) -> bool {
    if !u.controls.is_empty() {
        return false;
    }
    match u.gate {
        Some(Gate::T | Gate::Tdg) => true,
        Some(Gate::P | Gate::Rz) => {
            let crate::GateMatrix::Dense(m) = &u.matrix else { return false };
            // The angle between the two diagonal entries, in eighths of a turn.
            let ratio = m.at(1, 1) * m.at(0, 0).conj();
            let eighths = libm::atan2(ratio.im, ratio.re) / FRAC_PI_4;
            let nearest = libm::round(eighths);
            (eighths - nearest).abs() < 1e-9 && libm::fmod(nearest.abs(), 2.0) > 0.5
        }
        _ => false,
    }
}

fn name_of(u: &UnitaryInstruction) -> String {
    let (base, own) = match (u.gate, &u.matrix) {
        (Some(gate), _) => (gate.spec().name, gate.spec().num_controls),
        (None, crate::GateMatrix::Dense(_)) if u.targets.is_empty() => ("phase", 0),
        (None, crate::GateMatrix::Dense(_)) => ("unitary", 0),
        (None, crate::GateMatrix::Diagonal(_)) => ("diagonal", 0),
        (None, crate::GateMatrix::Permutation(_)) => ("permutation", 0),
    };
    // Modifiers put their controls in front of the gate's own.
    let added = u.controls.len().saturating_sub(own);
    let mut name: String =
        u.controls[..added].iter().map(|c| if c.on { 'c' } else { 'n' }).collect();
    name.push_str(base);
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::CircuitBuilder;
    use crate::operation::{GateRef, Modifier, StatementKind};
    use crate::{Limits, Program};

    fn flat(build: impl FnOnce(&mut CircuitBuilder)) -> Flat {
        let mut b = CircuitBuilder::with_qubits(4).unwrap();
        build(&mut b);
        Program::new(&b.finish().unwrap())
            .unwrap()
            .flatten(&BTreeMap::new(), Limits::default())
            .unwrap()
    }

    #[test]
    fn counts_and_depths_of_a_small_circuit() {
        let f = flat(|b| {
            let c = b.bits("c", 2).unwrap();
            b.gate(Gate::H, &[], &[0]).unwrap().gate(Gate::Cx, &[], &[0, 1]).unwrap();
            b.gate(Gate::T, &[], &[1]).unwrap().gate(Gate::Rz, &[-3.0 * FRAC_PI_4], &[2]).unwrap();
            b.gate(Gate::P, &[2.0 * FRAC_PI_4], &[2]).unwrap();
            b.call(
                GateRef::Table(Gate::X),
                &[Modifier::NegCtrl(None), Modifier::Ctrl(None)],
                &[],
                &[0, 1, 2],
            )
            .unwrap();
            b.call(GateRef::GlobalPhase, &[], &[0.3], &[]).unwrap();
            b.measure(0, c, 0).unwrap().measure(1, c, 1).unwrap();
        });
        let s = Stats::new(&f);
        assert_eq!((s.num_qubits, s.active_qubits, s.num_clbits), (4, 3, 2));
        assert_eq!((s.operations, s.depth, s.two_qubit_depth), (8, 5, 2));
        assert_eq!((s.two_qubit_gates, s.multi_qubit_gates, s.t_count), (1, 1, 2));
        assert_eq!(s.measurements, 2);
        assert_eq!(s.gates["ncx"], 1);
        assert_eq!(s.gates["cx"], 1);
        let dag = Dag::new(&f.instructions, f.num_qubits);
        assert_eq!(dag.layers(&f.instructions).len(), 5);
    }

    #[test]
    fn barriers_order_without_taking_a_moment() {
        let f = flat(|b| {
            b.gate(Gate::H, &[], &[0]).unwrap().gate(Gate::H, &[], &[0]).unwrap();
            b.push(StatementKind::Barrier(Vec::new()));
            b.gate(Gate::H, &[], &[1]).unwrap();
        });
        let dag = Dag::new(&f.instructions, f.num_qubits);
        assert_eq!(dag.moments, [0, 1, 2, 2]);
        assert_eq!(dag.predecessors, [vec![], vec![0], vec![1], vec![2]]);
        assert_eq!(dag.successors[2], [3]);
        assert_eq!(Stats::new(&f).depth, 3);
    }
}
