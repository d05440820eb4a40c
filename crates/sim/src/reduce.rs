//! What of a circuit has to be simulated: light cones, and parts that no gate connects.
//!
//! A measurement of some qubits depends on the gates in their past alone, and not on all of those:
//! phases before a measurement in the Z basis change nothing, and a control that is not measured
//! itself matters only by its probabilities. Walking back from the end, each qubit is therefore
//! known to matter not at all, by its outcome alone, or as a whole: see [`Need`].

use circuit::{Control, GateMatrix, Instruction, Qubit, UnitaryInstruction};
use num_complex::Complex64;
use smallvec::SmallVec;

const ZERO: Complex64 = Complex64::new(0.0, 0.0);

/// What matters of a qubit: together with the others, or traced out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Need {
    /// It is traced out.
    #[default]
    Nothing,
    /// Only what a measurement in the Z basis gives.
    Outcome,
    /// Its state.
    State,
}

/// How a unitary acts on its targets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Diagonal,
    /// Basis states become basis states, up to phases.
    Monomial,
    Dense,
}

fn shape(matrix: &GateMatrix) -> Shape {
    match matrix {
        GateMatrix::Diagonal(_) => Shape::Diagonal,
        GateMatrix::Permutation(_) => Shape::Monomial,
        GateMatrix::Dense(m) => {
            let d = m.dim();
            let entries = m.entries();
            let off = entries.iter().enumerate().any(|(k, z)| k % (d + 1) != 0 && *z != ZERO);
            if !off {
                return Shape::Diagonal;
            }
            let single = |row: &[Complex64]| row.iter().filter(|z| **z != ZERO).count() == 1;
            if entries.chunks_exact(d).all(single) { Shape::Monomial } else { Shape::Dense }
        }
    }
}

/// Numbers of the unitaries in the past of what is needed at the end, ascending. `needs` has one
/// entry per qubit; afterwards it says what matters at the start. Other instructions are left out:
/// measurements are the caller's, who says in `needs` what they read.
pub fn light_cone(instructions: &[Instruction], needs: &mut [Need]) -> Vec<usize> {
    let mut kept = Vec::new();
    for (i, instruction) in instructions.iter().enumerate().rev() {
        if let Instruction::Unitary(u) = instruction
            && step_back(u, needs)
        {
            kept.push(i);
        }
    }
    kept.reverse();
    kept
}

/// Whether `u` changes anything that is needed after it; if so, `needs` becomes what is needed before.
fn step_back(u: &UnitaryInstruction, needs: &mut [Need]) -> bool {
    let of = |needs: &[Need], q: Qubit| needs.get(q.index()).copied().unwrap_or_default();
    let shape = shape(&u.matrix);
    let most = |qubits: &mut dyn Iterator<Item = Qubit>| {
        qubits.map(|q| of(needs, q)).max().unwrap_or_default()
    };
    let controls = most(&mut u.controls.iter().map(|c| c.qubit));
    let targets = most(&mut u.targets.iter().copied());
    let most = controls.max(targets);
    // Bits that are only read keep their probabilities, together with all that is not touched.
    let moved = if shape == Shape::Diagonal { Need::Nothing } else { targets };
    if most < Need::State && moved == Need::Nothing {
        return false;
    }
    let mut raise = |q: Qubit, to: Need| {
        if let Some(need) = needs.get_mut(q.index()) {
            *need = to.max(*need);
        }
    };
    for c in &u.controls {
        raise(c.qubit, Need::Outcome);
    }
    let to = match shape {
        Shape::Diagonal => Need::Outcome,
        Shape::Monomial if most < Need::State => Need::Outcome,
        _ => Need::State,
    };
    for &q in &u.targets {
        raise(q, to);
    }
    true
}

/// Qubits that gates connect, with the gates on them.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Position in the part → qubit of the register, ascending.
    pub qubits: Vec<Qubit>,
    /// Unitaries, on positions in the part.
    pub instructions: Vec<Instruction>,
}

/// Divides unitaries into parts that share no qubit, by their lowest qubit. Qubits without a gate
/// are in none; phases without a qubit are dropped.
pub fn parts<'a>(
    unitaries: impl Iterator<Item = &'a UnitaryInstruction> + Clone,
    num_qubits: usize,
) -> Vec<Part> {
    // Union-find over qubits.
    let mut parent: Vec<usize> = (0..num_qubits).collect();
    let mut touched = vec![false; num_qubits];
    for u in unitaries.clone() {
        let mut first = None;
        for q in u.qubits() {
            touched[q.index()] = true;
            let r = root(&mut parent, q.index());
            let f = *first.get_or_insert(r);
            let f = root(&mut parent, f);
            // The lower number wins, so that parts are found in order of their lowest qubit.
            let (low, high) = (f.min(r), f.max(r));
            parent[high] = low;
        }
    }
    let mut part_of_root = vec![usize::MAX; num_qubits];
    let mut place = vec![(usize::MAX, Qubit(0)); num_qubits];
    let mut parts: Vec<Part> = Vec::new();
    for (q, qubit) in (0..num_qubits).zip((0..u32::MAX).map(Qubit)) {
        if !touched[q] {
            continue;
        }
        let r = root(&mut parent, q);
        if part_of_root[r] == usize::MAX {
            part_of_root[r] = parts.len();
            parts.push(Part { qubits: Vec::new(), instructions: Vec::new() });
        }
        let part = &mut parts[part_of_root[r]];
        let at = u32::try_from(part.qubits.len()).unwrap_or(u32::MAX);
        place[q] = (part_of_root[r], Qubit(at));
        part.qubits.push(qubit);
    }
    for u in unitaries {
        let Some(first) = u.qubits().next() else { continue };
        let rename = |q: Qubit| place[q.index()].1;
        let controls: SmallVec<[Control; 2]> =
            u.controls.iter().map(|c| Control { qubit: rename(c.qubit), on: c.on }).collect();
        let renamed = UnitaryInstruction {
            gate: u.gate,
            controls,
            targets: u.targets.iter().map(|&q| rename(q)).collect(),
            matrix: u.matrix.clone(),
        };
        parts[place[first.index()].0].instructions.push(Instruction::Unitary(renamed));
    }
    parts
}

/// The representative of `q`'s set.
fn root(parent: &mut [usize], mut q: usize) -> usize {
    while parent[q] != q {
        parent[q] = parent[parent[q]];
        q = parent[q];
    }
    q
}
