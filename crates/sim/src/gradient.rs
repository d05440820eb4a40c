//! Derivatives of an expectation value by all parameters of a circuit: one run forward, one backward.
//!
//! With `|ψ⟩` the state and `|λ⟩ = O|ψ⟩`, both taken back gate by gate,
//!
//! ```text
//! ∂⟨O⟩/∂x = 2 Re Σ_g ⟨λ_g| (∂U_g/∂x) U_g† |ψ_g⟩      both just after gate g
//! ```
//!
//! over the gates `g` in which `x` occurs (Jones and Gacon, "Efficient calculation of gradients in
//! classical simulations of variational quantum algorithms", arXiv:2009.02823). Gates that share no qubit
//! are read at the same place: between two places the inverse gates are planned together, once for both
//! states.

use circuit::{GateMatrix, Instruction, Qubit, UnitaryInstruction};
use num_complex::{Complex, Complex64};
use quantum_info::{Matrix, Observable};

use crate::kernel::simd::vectorized;
use crate::kernel::{LANE_BITS, LANES, Tile};
use crate::limits::{check_memory, state_bytes};
use crate::{PlanOptions, Real, RunControl, SimError, Statevector, par, plan};

/// How the matrix of an instruction changes with a parameter.
#[derive(Debug, Clone)]
pub struct Derivative {
    /// Position among the instructions; a unitary.
    pub instruction: usize,
    pub parameter: usize,
    /// Of the matrix on the targets, under the same controls; `2^targets` rows.
    pub matrix: Matrix,
}

/// An expectation value and its derivatives.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    pub value: f64,
    /// One per parameter.
    pub derivatives: Vec<f64>,
}

/// A derivative that is read at a place: `∂U U†` on the targets.
struct Reading {
    targets: Vec<Qubit>,
    /// Qubits and whether they are to be 1.
    controls: Vec<(Qubit, bool)>,
    generator: Matrix,
    parameter: usize,
}

/// A Pauli string among those that flip the same bits: which it signs, weight, quarter turns.
type Signed = (u64, f64, u32);

/// Inverse gates, then what is read after them.
#[derive(Default)]
struct Place {
    inverse: Vec<Instruction>,
    readings: Vec<Reading>,
}

/// `⟨O⟩` after `instructions` on |0…0⟩ and its derivatives by `num_parameters` parameters.
///
/// Refuses measurements, derivatives that are not of the form of their instruction, and what needs more
/// than `available_bytes`: two states.
pub fn gradient<T: Real>(
    instructions: &[Instruction],
    num_qubits: usize,
    derivatives: &[Derivative],
    num_parameters: usize,
    observable: &Observable,
    options: GradientOptions,
    control: &RunControl,
) -> Result<Gradient, SimError> {
    let room = options.available_bytes.saturating_sub(state_bytes(num_qubits, T::PRECISION));
    check_memory(num_qubits, T::PRECISION, room)?;
    let places = places(instructions, num_qubits, derivatives)?;
    let mut psi = Statevector::<T>::zero(num_qubits, room)?;
    let forward = plan(instructions, &PlanOptions::new(num_qubits).fast(options.fast))?;
    psi.apply(&forward, control)?;
    // An observable may flip qubits that are still |0⟩.
    for q in 0..num_qubits {
        psi.layout.activate(q);
    }
    psi.amps.grow(num_qubits)?;
    let mut lambda = psi.try_clone()?;
    let value = lambda.apply_observable(&psi, observable, control)?;
    let mut out = vec![0.0; num_parameters];
    let total = places.len().max(1) as f64;
    let quiet = RunControl { progress: None, ..*control };
    for (i, place) in places.iter().enumerate() {
        if !place.inverse.is_empty() {
            let options = PlanOptions::from_layout(psi.layout.clone()).fast(options.fast);
            let back = plan(&place.inverse, &options)?;
            psi.apply(&back, &quiet)?;
            lambda.apply(&back, &quiet)?;
        }
        for r in &place.readings {
            out[r.parameter] += 2.0 * lambda.bracket(&psi, r, control)?;
        }
        control.report((i + 1) as f64 / total);
    }
    Ok(Gradient { value, derivatives: out })
}

/// How to run.
#[derive(Debug, Clone, Copy)]
pub struct GradientOptions {
    pub available_bytes: u64,
    /// May contract products and sums.
    pub fast: bool,
}

/// From the end to the beginning: a gate with derivatives is read at the first place where no gate
/// after it is left on its qubits.
fn places(
    instructions: &[Instruction],
    num_qubits: usize,
    derivatives: &[Derivative],
) -> Result<Vec<Place>, SimError> {
    let mut of: Vec<Vec<&Derivative>> = vec![Vec::new(); instructions.len()];
    let mut last_needed = instructions.len();
    for d in derivatives {
        let list = of.get_mut(d.instruction).ok_or(SimError::NotUnitary)?;
        list.push(d);
        last_needed = last_needed.min(d.instruction);
    }
    let mut level = vec![0_usize; num_qubits];
    let mut places: Vec<Place> = Vec::new();
    for (i, instruction) in instructions.iter().enumerate().rev() {
        let u = match instruction {
            Instruction::Unitary(u) => u,
            Instruction::Barrier { .. } => continue,
            Instruction::Measure { .. } | Instruction::Reset { .. } => {
                return Err(SimError::NotUnitary);
            }
        };
        if i < last_needed {
            // Nothing before it is asked for.
            break;
        }
        let mut at = 0;
        for qubit in u.qubits() {
            let of = level.get(qubit.index()).ok_or(SimError::NoSuchQubit { qubit, num_qubits })?;
            at = at.max(*of);
        }
        for d in &of[i] {
            let dim = 1 << u.targets.len();
            if d.matrix.dim() != dim {
                let entries = d.matrix.entries().len();
                return Err(SimError::MatrixShape { targets: u.targets.len(), entries });
            }
            place(&mut places, at).readings.push(Reading {
                targets: u.targets.to_vec(),
                controls: u.controls.iter().map(|c| (c.qubit, c.on)).collect(),
                generator: d.matrix.mul(&target_matrix(u).dagger()),
                parameter: d.parameter,
            });
        }
        // One that is read is taken back after that.
        let taken_back = at + usize::from(!of[i].is_empty());
        place(&mut places, taken_back).inverse.push(Instruction::Unitary(inverse(u)));
        for q in u.qubits() {
            level[q.index()] = taken_back;
        }
    }
    // What would be taken back after the last reading need not be.
    while places.last().is_some_and(|p| p.readings.is_empty()) {
        places.pop();
    }
    Ok(places)
}

fn place(places: &mut Vec<Place>, at: usize) -> &mut Place {
    while places.len() <= at {
        places.push(Place::default());
    }
    &mut places[at]
}

/// The matrix on the targets.
fn target_matrix(u: &UnitaryInstruction) -> Matrix {
    match &u.matrix {
        GateMatrix::Dense(m) => m.clone(),
        GateMatrix::Diagonal(d) => Matrix::diagonal_from(d),
        GateMatrix::Permutation(p) => {
            let mut m = Matrix::zero(p.len());
            for (from, &to) in p.iter().enumerate() {
                m.set(to as usize, from, Complex64::new(1.0, 0.0));
            }
            m
        }
    }
}

fn inverse(u: &UnitaryInstruction) -> UnitaryInstruction {
    let matrix = match &u.matrix {
        GateMatrix::Dense(m) => GateMatrix::Dense(m.dagger()),
        GateMatrix::Diagonal(d) => GateMatrix::Diagonal(d.iter().map(Complex64::conj).collect()),
        GateMatrix::Permutation(p) => {
            let mut back = vec![0; p.len()];
            for (from, &to) in (0_u32..).zip(p.iter()) {
                back[to as usize] = from;
            }
            GateMatrix::Permutation(back.into())
        }
    };
    UnitaryInstruction {
        gate: None,
        controls: u.controls.clone(),
        targets: u.targets.clone(),
        matrix,
    }
}

impl<T: Real> Statevector<T> {
    /// Becomes `O|ψ⟩`; returns `⟨ψ|O|ψ⟩`. Both have the same layout with a bit for every qubit.
    fn apply_observable(
        &mut self,
        psi: &Self,
        observable: &Observable,
        control: &RunControl,
    ) -> Result<f64, SimError> {
        let num_qubits = psi.num_qubits();
        let mut groups: Vec<(u64, Vec<Signed>)> = Vec::new();
        for term in &observable.terms {
            if let Some(&(qubit, _)) = term.paulis.iter().find(|(q, _)| *q as usize >= num_qubits) {
                return Err(SimError::ObservableWidth { qubit, num_qubits });
            }
            let (x, z) = term.masks();
            let ((flips, _), (signs, _)) =
                (psi.layout.physical_mask(x), psi.layout.physical_mask(z));
            let entry = (signs, term.weight, (x & z).count_ones() % 4);
            match groups.iter_mut().find(|(f, _)| *f == flips) {
                Some((_, list)) => list.push(entry),
                None => groups.push((flips, vec![entry])),
            }
        }
        let chunk_bits = self.amps.chunk_bits();
        let stopped = std::sync::Mutex::new(Ok(()));
        self.amps.for_each_chunk_mut(|c, tiles| {
            if let Err(e) = control.check() {
                if let Ok(mut slot) = stopped.lock() {
                    *slot = Err(e);
                }
                return;
            }
            let base = (c as u64) << chunk_bits;
            for (t, tile) in (0_u64..).zip(tiles) {
                for l in 0..LANES {
                    let to = base | t << LANE_BITS | l as u64;
                    let mut sum = Complex64::new(0.0, 0.0);
                    for (flips, list) in &groups {
                        let from = to ^ flips;
                        let mut factor = Complex64::new(0.0, 0.0);
                        for &(signs, weight, turns) in list {
                            let w =
                                if (from & signs).count_ones() & 1 == 1 { -weight } else { weight };
                            match turns {
                                0 => factor.re += w,
                                1 => factor.im += w,
                                2 => factor.re -= w,
                                _ => factor.im -= w,
                            }
                        }
                        // Lanes beyond a small register hold 0.
                        let a = if l < 1 << psi.amps.bits().min(LANE_BITS) {
                            psi.amps.get(from)
                        } else {
                            Complex::new(T::ZERO, T::ZERO)
                        };
                        sum += factor * Complex64::new(a.re.to_f64(), a.im.to_f64());
                    }
                    tile.set(l, Complex::new(T::from_f64(sum.re), T::from_f64(sum.im)));
                }
            }
        });
        stopped.into_inner().unwrap_or(Ok(()))?;
        Ok(psi.inner_product(self, control)?.re)
    }

    /// `Re ⟨self| G |psi⟩`, the generator under its controls. Both have the same layout.
    fn bracket(
        &self,
        psi: &Self,
        reading: &Reading,
        control: &RunControl,
    ) -> Result<f64, SimError> {
        control.check()?;
        let bit = |q: Qubit| self.layout.position(q).unwrap_or(0);
        if let ([target], []) = (&reading.targets[..], &reading.controls[..]) {
            return Ok(self.bracket_one(psi, bit(*target), &reading.generator));
        }
        let (mut ctrl_mask, mut ctrl_value) = (0_u64, 0_u64);
        for &(q, on) in &reading.controls {
            ctrl_mask |= 1 << bit(q);
            ctrl_value |= u64::from(on) << bit(q);
        }
        let targets: Vec<usize> = reading.targets.iter().map(|&q| bit(q)).collect();
        let g = &reading.generator;
        let offset = |i: usize| -> u64 {
            targets.iter().enumerate().map(|(k, b)| (i as u64 >> k & 1) << b).sum()
        };
        let fixed = ctrl_mask | offset(g.dim() - 1);
        let free: Vec<usize> = (0..self.amps.bits()).filter(|b| fixed >> b & 1 == 0).collect();
        let entries: Vec<(u64, u64, Complex64)> = (0..g.dim())
            .flat_map(|r| (0..g.dim()).map(move |c| (r, c)))
            .map(|(r, c)| (offset(r), offset(c), g.at(r, c)))
            .filter(|(_, _, z)| *z != Complex64::new(0.0, 0.0))
            .collect();
        // A fixed number of pieces.
        let piece_bits = free.len().min(6);
        let each = 1_u64 << (free.len() - piece_bits);
        let parts = par::map(1 << piece_bits, |piece| {
            let mut sum = 0.0;
            for e in piece as u64 * each..(piece as u64 + 1) * each {
                let base: u64 =
                    free.iter().enumerate().fold(ctrl_value, |x, (i, b)| x | (e >> i & 1) << b);
                for &(r, c, z) in &entries {
                    let (l, p) = (self.amps.get(base | r), psi.amps.get(base | c));
                    let (lr, li) = (l.re.to_f64(), l.im.to_f64());
                    let (pr, pi) = (p.re.to_f64(), p.im.to_f64());
                    // Re (conj(l) z p).
                    sum += z.re * (lr * pr + li * pi) - z.im * (lr * pi - li * pr);
                }
            }
            sum
        });
        Ok(parts.iter().sum())
    }

    /// The same for one qubit without controls: `Re Σ g_ab ⟨a|…⟩` over the parts that `g` asks for.
    fn bracket_one(&self, psi: &Self, bit: usize, g: &Matrix) -> f64 {
        let mut sum = 0.0;
        for (row, col) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let z = g.at(row, col);
            if z.re != 0.0 {
                sum += z.re * self.correlation::<false>(psi, bit, row, col);
            }
            if z.im != 0.0 {
                sum -= z.im * self.correlation::<true>(psi, bit, row, col);
            }
        }
        sum
    }

    /// Real or imaginary part of `Σ conj(self[i]) psi[j]` over the `i` whose bit is `row` and the `j`
    /// that differ from them at most in that bit, which is `col`.
    fn correlation<const IM: bool>(&self, psi: &Self, bit: usize, row: usize, col: usize) -> f64 {
        let chunk_bits = self.amps.chunk_bits();
        let chunks = par::map(self.amps.num_chunks(), |c| {
            let mine = self.amps.chunk(c);
            if bit >= chunk_bits {
                let far = bit - chunk_bits;
                if c >> far & 1 != row {
                    return 0.0;
                }
                let theirs = psi.amps.chunk(if row == col { c } else { c ^ 1 << far });
                return vectorized(|| dot::<T, IM, 0>(mine.iter().zip(theirs))).iter().sum();
            }
            let theirs = psi.amps.chunk(c);
            if bit >= LANE_BITS {
                let step = 1 << (bit - LANE_BITS);
                let pairs = mine.chunks_exact(2 * step).zip(theirs.chunks_exact(2 * step));
                let side = |on: usize| on * step..(on + 1) * step;
                return vectorized(|| {
                    let mut lanes = [0.0; LANES];
                    for (m, t) in pairs {
                        let part = dot::<T, IM, 0>(m[side(row)].iter().zip(&t[side(col)]));
                        for k in 0..LANES {
                            lanes[k] += part[k];
                        }
                    }
                    lanes
                })
                .iter()
                .sum();
            }
            let lanes = vectorized(|| {
                let pairs = mine.iter().zip(theirs);
                match (row == col, bit) {
                    (true, _) => dot::<T, IM, 0>(pairs),
                    (false, 0) => dot::<T, IM, 1>(pairs),
                    (false, 1) => dot::<T, IM, 2>(pairs),
                    (false, _) => dot::<T, IM, 4>(pairs),
                }
            });
            (0..LANES).filter(|k| k >> bit & 1 == row).map(|k| lanes[k]).sum()
        });
        chunks.iter().sum()
    }
}

/// Lane by lane the real or imaginary part of `Σ conj(a[k]) b[k ^ X]`.
#[inline(always)]
fn dot<'a, T: Real, const IM: bool, const X: usize>(
    pairs: impl Iterator<Item = (&'a Tile<T>, &'a Tile<T>)>,
) -> [f64; LANES] {
    let mut sum = [0.0; LANES];
    for (a, b) in pairs {
        for k in 0..LANES {
            let (ar, ai) = (a.re[k].to_f64(), a.im[k].to_f64());
            let (br, bi) = (b.re[k ^ X].to_f64(), b.im[k ^ X].to_f64());
            sum[k] += if IM { ar * bi - ai * br } else { ar * br + ai * bi };
        }
    }
    sum
}
