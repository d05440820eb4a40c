//! Which gates depend on which inputs, and how.
//!
//! The program is flattened with inputs moved a little, and the matrices of its gates are compared. To find
//! out who moves what, inputs are moved together: those with a bit of their number set, then those without it,
//! bit by bit. A gate that answers to exactly one of each two depends on the one input that the answers spell;
//! where a gate depends on several, inputs are moved one by one.
//!
//! Derivatives are five-point differences of the matrices, of all inputs together that share no gate. Their
//! error is far below that of the amplitudes, matrices being analytic in their angles.

use std::sync::Arc;

use circuit::classical::Angle;
use circuit::{GateMatrix, UnitaryInstruction, Value, machine};
use quantum_info::Matrix;
use sim::Complex64;

use super::{Dependence, Parameter, steered, unitaries};
use crate::{Failure, Job};

/// Distance of the points of a difference; a power of two, so that sums with it are exact.
const STEP: f64 = 1.0 / 512.0;

/// Binary digits of the steps of an angle in a turn.
const ANGLE_STEPS: u32 = 12;

/// Entries of a matrix that differ by less are the same.
const SAME: f64 = 1e-15;

/// A program around the values of its inputs.
pub(super) struct Around<'a> {
    pub(super) job: &'a Job<'a>,
    pub(super) program: &'a Arc<machine::Program>,
    pub(super) limits: machine::Limits,
    pub(super) parameters: &'a [Parameter],
    /// The gates at the values.
    pub(super) unitaries: &'a [UnitaryInstruction],
}

impl Around<'_> {
    /// All dependences, instruction by instruction.
    pub(super) fn dependences(&self) -> Result<Vec<Dependence>, Failure> {
        let users = match self.by_codes() {
            Some(users) => users,
            None => self.one_by_one()?,
        };
        // Inputs that share no gate are moved together.
        let mut groups: Vec<(Vec<usize>, Vec<bool>)> = Vec::new();
        for (p, changed) in users.iter().enumerate().filter(|(_, changed)| !changed.is_empty()) {
            let free = groups.iter_mut().find(|(_, taken)| changed.iter().all(|&i| !taken[i]));
            let (members, taken) = if let Some(group) = free {
                group
            } else {
                groups.push((Vec::new(), vec![false; self.unitaries.len()]));
                groups.last_mut().expect("one was just added")
            };
            members.push(p);
            for &i in changed {
                taken[i] = true;
            }
        }
        let found = sim::map(groups.len(), |g| self.differences(&groups[g].0, &users));
        let mut all = Vec::new();
        for part in found {
            all.extend(part?);
        }
        all.sort_by_key(|d| (d.instruction, d.parameter));
        Ok(all)
    }

    /// For each parameter the instructions that it changes; `None` where codes do not tell.
    fn by_codes(&self) -> Option<Vec<Vec<usize>>> {
        let count = self.parameters.len();
        // One more number than there are, so that an instruction that nothing changes has no code.
        let bits = (usize::BITS - count.leading_zeros()) as usize;
        let answers = sim::map(2 * bits, |k| {
            let (bit, side) = (k / 2, k % 2);
            self.changed(&|p| (p + 1) >> bit & 1 == side)
        });
        let mut code = vec![0_usize; self.unitaries.len()];
        let mut moved = vec![false; self.unitaries.len()];
        let mut clear = true;
        // Moved one by one, the input at fault can be named.
        let answers = answers.into_iter().collect::<Result<Vec<_>, _>>().ok()?;
        for (bit, pair) in answers.chunks_exact(2).enumerate() {
            for i in 0..self.unitaries.len() {
                let (off, on) = (pair[0][i], pair[1][i]);
                if bit == 0 {
                    moved[i] = off || on;
                }
                clear &= moved[i] == (off != on) && (moved[i] || !(off || on));
                code[i] |= usize::from(on) << bit;
            }
        }
        if !clear {
            return None;
        }
        let mut users = vec![Vec::new(); count];
        for (i, &code) in code.iter().enumerate().filter(|(i, _)| moved[*i]) {
            users.get_mut(code.checked_sub(1)?)?.push(i);
        }
        Some(users)
    }

    fn one_by_one(&self) -> Result<Vec<Vec<usize>>, Failure> {
        sim::map(self.parameters.len(), |p| {
            let changed = self.changed(&|q| q == p).map_err(|e| match e {
                Failure::Refused { code: STRUCTURE, .. } => Failure::Refused {
                    code: STRUCTURE,
                    message: format!(
                        "the input `{}` decides which gates there are: there is no derivative by it",
                        self.parameters[p].name
                    ),
                },
                other => other,
            })?;
            Ok((0..changed.len()).filter(|&i| changed[i]).collect())
        })
        .into_iter()
        .collect()
    }

    /// Which instructions change where some inputs are moved.
    fn changed(&self, moves: &dyn Fn(usize) -> bool) -> Result<Vec<bool>, Failure> {
        let found = self.moved(&|p| i32::from(moves(p)))?;
        Ok(found.iter().zip(self.unitaries).map(|(a, b)| differ(a, b)).collect())
    }

    /// The gates with each input moved by some steps.
    fn moved(&self, steps: &dyn Fn(usize) -> i32) -> Result<Vec<UnitaryInstruction>, Failure> {
        self.job.control.check()?;
        let mut inputs = self.job.inputs.clone();
        for (p, parameter) in self.parameters.iter().enumerate().filter(|(p, _)| steps(*p) != 0) {
            match (inputs.get_mut(&parameter.input), parameter.element) {
                (Some(Value::Array(a)), Some(e)) => {
                    let data = Arc::make_mut(&mut a.data);
                    data[e] = moved(&data[e], steps(p)).0;
                }
                (Some(value), None) => *value = moved(value, steps(p)).0,
                _ => {}
            }
        }
        let flat = self.program.flatten(&inputs, self.limits).map_err(|e| steered(e.into()))?;
        let found = unitaries(&flat);
        let same_form = found.len() == self.unitaries.len()
            && found.iter().zip(self.unitaries).all(|(a, b)| {
                a.targets == b.targets && a.controls == b.controls && form(a) == form(b)
            });
        if same_form {
            return Ok(found);
        }
        Err(Failure::Refused {
            code: STRUCTURE,
            message: "inputs decide which gates there are: there are no derivatives by them"
                .to_owned(),
        })
    }

    /// Derivatives by inputs that share no gate.
    fn differences(
        &self,
        members: &[usize],
        users: &[Vec<usize>],
    ) -> Result<Vec<Dependence>, Failure> {
        let mut inside = vec![false; self.parameters.len()];
        for &p in members {
            inside[p] = true;
        }
        let at = |steps: i32| self.moved(&|p| if inside[p] { steps } else { 0 });
        let (far_before, before, next, far_next) = (at(-2)?, at(-1)?, at(1)?, at(2)?);
        let mut all = Vec::new();
        for &p in members {
            let step = self.step(p);
            for &i in &users[p] {
                let entries: Vec<Complex64> = (0..entries(&next[i]).len())
                    .map(|k| {
                        let at = |from: &[UnitaryInstruction]| entries(&from[i])[k];
                        ((at(&next) - at(&before)) * 8.0 - (at(&far_next) - at(&far_before)))
                            / (12.0 * step)
                    })
                    .collect();
                let matrix = match &self.unitaries[i].matrix {
                    GateMatrix::Dense(_) => {
                        Matrix::from_entries(&entries).expect("as many entries as the matrix has")
                    }
                    _ => Matrix::diagonal_from(&entries),
                };
                all.push(Dependence { instruction: i, parameter: p, matrix });
            }
        }
        Ok(all)
    }

    /// The length of a step of a parameter.
    fn step(&self, p: usize) -> f64 {
        let parameter = &self.parameters[p];
        match (self.job.inputs.get(&parameter.input), parameter.element) {
            (Some(Value::Array(a)), Some(e)) => moved(&a.data[e], 0).1,
            (Some(value), _) => moved(value, 0).1,
            (None, _) => STEP,
        }
    }
}

/// Refusals of this kind are told with the name of the input.
const STRUCTURE: &str = "structure_depends_on_input";

/// The value `steps` steps away, and the length of a step.
fn moved(value: &Value, steps: i32) -> (Value, f64) {
    match value {
        Value::Float(x) => (Value::Float(x + f64::from(steps) * STEP), STEP),
        Value::Angle(a) => {
            // Narrow angles cannot move by less than their last bit.
            let bits = a.width().saturating_sub(ANGLE_STEPS);
            let by = (1_u128 << bits).wrapping_mul(u128::from(steps.unsigned_abs()));
            let raw = if steps < 0 { a.raw().wrapping_sub(by) } else { a.raw().wrapping_add(by) };
            let width = std::f64::consts::TAU * libm::exp2(f64::from(bits) - f64::from(a.width()));
            (Value::Angle(Angle::from_raw(a.width(), raw)), width)
        }
        other => (other.clone(), STEP),
    }
}

fn form(u: &UnitaryInstruction) -> (u8, usize) {
    match &u.matrix {
        GateMatrix::Dense(m) => (0, m.dim()),
        GateMatrix::Diagonal(d) => (1, d.len()),
        GateMatrix::Permutation(p) => (2, p.len()),
    }
}

fn entries(u: &UnitaryInstruction) -> &[Complex64] {
    match &u.matrix {
        GateMatrix::Dense(m) => m.entries(),
        GateMatrix::Diagonal(d) => d,
        GateMatrix::Permutation(_) => &[],
    }
}

fn differ(a: &UnitaryInstruction, b: &UnitaryInstruction) -> bool {
    match (&a.matrix, &b.matrix) {
        (GateMatrix::Permutation(p), GateMatrix::Permutation(q)) => p != q,
        _ => entries(a).iter().zip(entries(b)).any(|(x, y)| (x - y).norm_sqr() > SAME * SAME),
    }
}
