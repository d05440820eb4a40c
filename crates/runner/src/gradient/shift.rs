//! Parameter shift: derivatives from expectation values alone.

use std::collections::BTreeMap;

use circuit::{GateMatrix, Instruction, Qubit, UnitaryInstruction};
use quantum_info::channel::pauli_matrix;
use quantum_info::{Matrix, Observable, Pauli, PauliTerm};
use sim::{
    Complex64, DensityMatrix, PlanOptions, Real, RunControl, Statevector, multinomial, plan,
};
use smallvec::SmallVec;

use super::{Asked, Dependence};
use crate::{Failure, Job};

/// Widest gate whose generator is written as Pauli strings.
const MAX_QUBITS: usize = 3;

/// Coefficients of a generator up to this are what rounding leaves of 0.
const NOTHING: f64 = 1e-11;

/// The value, the derivatives, and how many states were run.
pub(super) fn run<T: Real>(
    job: &Job,
    asked: &Asked,
    unitaries: &[UnitaryInstruction],
    dependences: &[Dependence],
    num_parameters: usize,
) -> Result<(f64, Vec<f64>, u64), Failure> {
    // Each string after each gate is shifted once, whichever parameters it serves.
    let mut shifts: BTreeMap<(usize, usize), Vec<(usize, f64)>> = BTreeMap::new();
    for d in dependences {
        for (string, h) in generator(&unitaries[d.instruction], &d.matrix)? {
            shifts.entry((d.instruction, string)).or_default().push((d.parameter, h));
        }
    }
    let evaluate = Evaluate { job, asked, groups: groups(&asked.observable) };
    let quiet = RunControl { progress: None, ..job.control };
    let value = evaluate.value::<T>(unitaries, None, 0, &quiet)?;
    let mut derivatives = vec![0.0; num_parameters];
    let total = shifts.len().max(1) as f64;
    let mut evaluations = 1;
    for (done, ((at, string), uses)) in shifts.into_iter().enumerate() {
        let qubits = qubits(&unitaries[at]);
        let mut both = [0.0; 2];
        for (value, angle) in
            both.iter_mut().zip([std::f64::consts::FRAC_PI_4, -std::f64::consts::FRAC_PI_4])
        {
            let rotation = rotation(&qubits, string, angle);
            *value = evaluate.value::<T>(unitaries, Some((at, &rotation)), evaluations, &quiet)?;
            evaluations += 1;
        }
        for (parameter, h) in uses {
            derivatives[parameter] += h * (both[0] - both[1]);
        }
        if let Some(progress) = job.control.progress {
            progress((done + 1) as f64 / total);
        }
    }
    Ok((value, derivatives, evaluations))
}

/// Targets, then controls.
fn qubits(u: &UnitaryInstruction) -> SmallVec<[Qubit; 3]> {
    u.targets.iter().copied().chain(u.controls.iter().map(|c| c.qubit)).collect()
}

/// `i ∂U U†` as Pauli strings on targets and controls: their index, and the coefficient.
fn generator(u: &UnitaryInstruction, derivative: &Matrix) -> Result<Vec<(usize, f64)>, Failure> {
    let k = u.targets.len() + u.controls.len();
    if k > MAX_QUBITS {
        return Err(Failure::Refused {
            code: "wide_parameter_shift",
            message: format!("parameter shift for a gate on {k} qubits; at most {MAX_QUBITS}"),
        });
    }
    let own = match &u.matrix {
        GateMatrix::Dense(m) => m.clone(),
        GateMatrix::Diagonal(d) => Matrix::diagonal_from(d),
        GateMatrix::Permutation(_) => return Ok(Vec::new()),
    };
    let small = derivative.mul(&own.dagger()).scale(Complex64::new(0.0, 1.0));
    // Acts where the controls hold, which are the high bits.
    let held: usize = u.controls.iter().enumerate().map(|(i, c)| usize::from(c.on) << i).sum();
    let mut h = Matrix::zero(1 << k);
    let high = held << u.targets.len();
    for r in 0..small.dim() {
        for c in 0..small.dim() {
            h.set(high | r, high | c, small.at(r, c));
        }
    }
    let scale = 1.0 / h.dim() as f64;
    // The identity shifts a phase.
    Ok((1..1_usize << (2 * k))
        .filter_map(|string| {
            let p = pauli_matrix(string, k).mul(&h);
            let x: f64 = (0..p.dim()).map(|i| p.at(i, i).re).sum::<f64>() * scale;
            (x.abs() > NOTHING).then_some((string, x))
        })
        .collect())
}

/// `exp(-i angle P)`.
fn rotation(qubits: &[Qubit], string: usize, angle: f64) -> UnitaryInstruction {
    let p = pauli_matrix(string, qubits.len());
    let mut m = p.scale(Complex64::new(0.0, -libm::sin(angle)));
    for i in 0..m.dim() {
        m.set(i, i, m.at(i, i) + libm::cos(angle));
    }
    UnitaryInstruction {
        gate: None,
        controls: SmallVec::new(),
        targets: SmallVec::from_slice(qubits),
        matrix: GateMatrix::Dense(m),
    }
}

/// Terms that can be measured together: on each qubit all have the same Pauli or none.
struct Group {
    basis: BTreeMap<u32, Pauli>,
    terms: Vec<PauliTerm>,
}

fn groups(observable: &Observable) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for term in &observable.terms {
        let fits = |g: &Group| {
            term.paulis.iter().all(|(q, p)| g.basis.get(q).is_none_or(|other| other == p))
        };
        let at = groups.iter().position(fits).unwrap_or_else(|| {
            groups.push(Group { basis: BTreeMap::new(), terms: Vec::new() });
            groups.len() - 1
        });
        groups[at].basis.extend(term.paulis.iter().copied());
        groups[at].terms.push(term.clone());
    }
    groups
}

/// From the basis of `pauli` to that of Z.
fn to_z(qubit: u32, pauli: Pauli) -> Option<UnitaryInstruction> {
    let h = std::f64::consts::FRAC_1_SQRT_2;
    let (r, i) = (Complex64::new(h, 0.0), Complex64::new(0.0, h));
    let matrix = match pauli {
        Pauli::X => Matrix::from_rows([[r, r], [r, -r]]),
        // H S†.
        Pauli::Y => Matrix::from_rows([[r, -i], [r, i]]),
        Pauli::Z => return None,
    };
    Some(UnitaryInstruction {
        gate: None,
        controls: SmallVec::new(),
        targets: SmallVec::from_slice(&[Qubit(qubit)]),
        matrix: GateMatrix::Dense(matrix),
    })
}

struct Evaluate<'a> {
    job: &'a Job<'a>,
    asked: &'a Asked,
    groups: Vec<Group>,
}

impl Evaluate<'_> {
    /// The expectation value with a gate put in after one of the others. `number` names the
    /// evaluation, for its random numbers.
    fn value<T: Real>(
        &self,
        unitaries: &[UnitaryInstruction],
        inserted: Option<(usize, &UnitaryInstruction)>,
        number: u64,
        control: &RunControl,
    ) -> Result<f64, Failure> {
        control.check()?;
        if self.job.noise.is_some() {
            self.noisy::<T>(unitaries, inserted, number, control)
        } else {
            self.pure::<T>(unitaries, inserted, number, control)
        }
    }

    fn seed(&self, number: u64, group: usize) -> u64 {
        let name = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(group as u64);
        self.job.request.seed ^ name.wrapping_mul(0xbf58_476d_1ce4_e5b9)
    }

    fn pure<T: Real>(
        &self,
        unitaries: &[UnitaryInstruction],
        inserted: Option<(usize, &UnitaryInstruction)>,
        number: u64,
        control: &RunControl,
    ) -> Result<f64, Failure> {
        let n = self.job.circuit.num_qubits() as usize;
        let mut all: Vec<Instruction> = Vec::with_capacity(unitaries.len() + 1);
        for (i, u) in unitaries.iter().enumerate() {
            all.push(Instruction::Unitary(u.clone()));
            if let Some((_, extra)) = inserted.filter(|(at, _)| *at == i) {
                all.push(Instruction::Unitary(extra.clone()));
            }
        }
        let mut state = Statevector::<T>::zero(n, self.job.request.limits.memory_bytes)?;
        let fast = self.job.request.fast;
        state.apply(&plan(&all, &PlanOptions::new(n).fast(fast))?, control)?;
        if self.asked.shots == 0 {
            return Ok(state.expectation(&self.asked.observable, control)?);
        }
        let mut sum = 0.0;
        for (g, group) in self.groups.iter().enumerate() {
            let turns: Vec<Instruction> = group
                .basis
                .iter()
                .filter_map(|(&q, &p)| to_z(q, p).map(Instruction::Unitary))
                .collect();
            let mut turned = state.try_clone()?;
            let options = PlanOptions::from_layout(turned.layout().clone()).fast(fast);
            turned.apply(&plan(&turns, &options)?, control)?;
            let shots = u64::from(self.asked.shots);
            let counts = turned.sample(shots, self.seed(number, g), control)?;
            sum += mean(&group.terms, counts.into_iter(), shots);
        }
        Ok(sum)
    }

    fn noisy<T: Real>(
        &self,
        unitaries: &[UnitaryInstruction],
        inserted: Option<(usize, &UnitaryInstruction)>,
        number: u64,
        control: &RunControl,
    ) -> Result<f64, Failure> {
        let n = self.job.circuit.num_qubits();
        let memory = self.job.request.limits.memory_bytes;
        let mut state = DensityMatrix::<T>::zero(n as usize, memory)?;
        let model = self.job.noise.as_ref();
        let mut channels = Vec::new();
        for (i, u) in unitaries.iter().enumerate() {
            state.apply(u, control)?;
            // Between the gate and its noise, where the derivative is.
            if let Some((_, extra)) = inserted.filter(|(at, _)| *at == i) {
                state.apply(extra, control)?;
            }
            if let Some(model) = model {
                model.after(u, &mut channels);
            }
            for (channel, qubits) in channels.drain(..) {
                state.apply_channel(&channel, &qubits, control)?;
            }
        }
        if self.asked.shots == 0 {
            return Ok(state.expectation(&self.asked.observable, control)?);
        }
        let all: Vec<Qubit> = (0..n).map(Qubit).collect();
        let shots = u64::from(self.asked.shots);
        let mut sum = 0.0;
        for (g, group) in self.groups.iter().enumerate() {
            let mut turned = state.try_clone()?;
            for (&q, &p) in &group.basis {
                if let Some(u) = to_z(q, p) {
                    turned.apply(&u, control)?;
                }
            }
            let mut p = turned.marginals(&all, control)?;
            if let Some(model) = model {
                crate::noisy::blur(&mut p, &all, model);
            }
            let counts = multinomial(shots, &p, self.seed(number, g));
            sum += mean(&group.terms, (0..).zip(counts), shots);
        }
        Ok(sum)
    }
}

/// The sum of the terms' means, all of them strings of Z by now.
fn mean(terms: &[PauliTerm], counts: impl Iterator<Item = (u64, u64)>, shots: u64) -> f64 {
    let masks: Vec<(u64, f64)> =
        terms.iter().map(|t| (t.paulis.iter().fold(0, |m, (q, _)| m | 1 << q), t.weight)).collect();
    let mut sum = 0.0;
    for (index, n) in counts.filter(|(_, n)| *n > 0) {
        let value: f64 = masks
            .iter()
            .map(|(m, w)| if (index & m).count_ones() & 1 == 1 { -w } else { *w })
            .sum();
        sum += n as f64 * value;
    }
    sum / shots as f64
}
