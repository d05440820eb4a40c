//! Derivatives of an expectation value by the program's inputs.
//!
//! Which gates an input changes, and how, is found by flattening the program around the given values: any
//! expression of the language may stand in an angle. Of each matrix the five-point difference is taken,
//! whose error is far below that of the amplitudes, matrices being analytic in their angles.
//!
//! Two methods then: the adjoint one of [`sim::gradient`], and parameter shift. For the latter the generator
//! `H = i ∂U U†` of a gate is written as a sum of Pauli strings, and each string `P` contributes
//!
//! ```text
//! h_P (f(π/4) - f(-π/4))        f(t) = ⟨O⟩ with exp(-i t P) after the gate
//! ```
//!
//! (Mitarai et al., arXiv:1803.00745; Crooks, arXiv:1905.13311, for the sum.) It needs nothing but expectation
//! values, so that they can be noisy or estimated from shots.

mod shift;

use std::collections::BTreeMap;

use api::run::{Derivative, GradientMethod, GradientRequest, GradientResult, MAX_SHOTS, RunError};
use circuit::classical::{Angle, Array};
use circuit::flat::Flat;
use circuit::{Circuit, GateMatrix, Instruction, Role, UnitaryInstruction, Value, machine};
use quantum_info::{Matrix, Observable};
use sim::gradient::GradientOptions;
use sim::{Complex64, Real};

use crate::{Failure, Job, diagnostics, machine_limits, noisy};

/// Distance of the points of a difference; a power of two, so that sums with it are exact.
const STEP: f64 = 1.0 / 512.0;

/// Steps of an angle in a turn.
const ANGLE_STEPS: u32 = 12;

/// Entries of a matrix that differ by less are the same.
const SAME: f64 = 1e-15;

/// Inputs by which is differentiated, at most.
const MAX_PARAMETERS: usize = 10_000;

/// Steps of a program whose derivatives are looked for, at most.
const MAX_STEPS: u64 = 1_000_000;

/// What is asked for, read.
pub(crate) struct Asked {
    pub(crate) observable: Observable,
    pub(crate) method: GradientMethod,
    pub(crate) shots: u32,
}

/// Checks a request.
pub(crate) fn read(
    request: &GradientRequest,
    num_qubits: u32,
    noisy: bool,
) -> Result<Asked, RunError> {
    if request.shots > MAX_SHOTS {
        return Err(diagnostics::request(
            "too_many_shots",
            format!("at most {MAX_SHOTS} shots are possible"),
        ));
    }
    let observable = crate::observable(&request.observable, num_qubits)?;
    let method = match request.method {
        GradientMethod::Auto if noisy || request.shots > 0 => GradientMethod::ParameterShift,
        GradientMethod::Auto => GradientMethod::Adjoint,
        GradientMethod::Adjoint if noisy || request.shots > 0 => {
            return Err(diagnostics::request(
                "needs_parameter_shift",
                "adjoint derivatives are exact and without noise: with noise or shots use parameter_shift"
                    .to_owned(),
            ));
        }
        method => method,
    };
    Ok(Asked { observable, method, shots: request.shots })
}

/// An input, or one element of it.
struct Parameter {
    name: String,
    input: String,
    /// Position in the data of an array.
    element: Option<usize>,
}

/// How an instruction depends on a parameter.
struct Dependence {
    instruction: usize,
    parameter: usize,
    /// Of the matrix on the targets.
    matrix: Matrix,
}

pub(crate) fn run<T: Real>(job: &Job, asked: &Asked) -> Result<GradientResult, Failure> {
    let refused = |code, message: &str| Failure::Refused { code, message: message.to_owned() };
    if noisy::applies_noise(job.circuit) {
        return Err(refused(
            "noisy_gradient",
            "derivatives of programs that apply noise themselves: give the noise as a model instead",
        ));
    }
    let parameters = parameters(job.circuit, &job.inputs);
    if parameters.is_empty() {
        return Err(refused(
            "no_parameters",
            "derivatives are by inputs of type float or angle, and the program has none",
        ));
    }
    if parameters.len() > MAX_PARAMETERS {
        return Err(refused("too_many_parameters", "derivatives by more than 10000 inputs"));
    }
    let program = machine::Program::new(job.circuit)?;
    let limits = machine_limits(job.request.limits.max_operations.min(MAX_STEPS));
    let flat = program.flatten(&job.inputs, limits).map_err(|e| steered(e.into()))?;
    if !flat.is_terminal() {
        return Err(steered(Failure::Refused { code: "", message: String::new() }));
    }
    let unitaries = unitaries(&flat);
    let found = sim::map(parameters.len(), |p| -> Result<Vec<Dependence>, Failure> {
        job.control.check()?;
        dependences(job, &program, limits, &parameters[p], p, &unitaries)
    });
    let mut dependences = Vec::new();
    for part in found {
        dependences.extend(part?);
    }
    let (value, derivatives, evaluations) = match asked.method {
        GradientMethod::ParameterShift => {
            shift::run::<T>(job, asked, &unitaries, &dependences, parameters.len())?
        }
        GradientMethod::Auto | GradientMethod::Adjoint => {
            let instructions: Vec<Instruction> =
                unitaries.into_iter().map(Instruction::Unitary).collect();
            let derivatives: Vec<sim::gradient::Derivative> = dependences
                .into_iter()
                .map(|d| sim::gradient::Derivative {
                    instruction: d.instruction,
                    parameter: d.parameter,
                    matrix: d.matrix,
                })
                .collect();
            let options = GradientOptions {
                available_bytes: job.request.limits.memory_bytes,
                fast: job.request.fast,
            };
            let found = sim::gradient::gradient::<T>(
                &instructions,
                flat.num_qubits as usize,
                &derivatives,
                parameters.len(),
                &asked.observable,
                options,
                &job.control,
            )?;
            (found.value, found.derivatives, 1)
        }
    };
    let text = job.request.gradient.as_ref().map_or(String::new(), |g| g.observable.clone());
    Ok(GradientResult {
        observable: text,
        method: asked.method,
        value,
        derivatives: parameters
            .into_iter()
            .zip(derivatives)
            .map(|(p, value)| Derivative { input: p.name, value })
            .collect(),
        evaluations,
    })
}

/// The refusal for programs that are not a unitary.
fn steered(failure: Failure) -> Failure {
    match failure {
        Failure::Program(e)
            if !matches!(
                e.kind,
                machine::RuntimeErrorKind::DependsOnOutcome | machine::RuntimeErrorKind::NotFlat
            ) =>
        {
            Failure::Program(e)
        }
        _ => Failure::Refused {
            code: "gradient_of_measurements",
            message: "the program measures and goes on: derivatives are of unitary programs"
                .to_owned(),
        },
    }
}

fn unitaries(flat: &Flat) -> Vec<UnitaryInstruction> {
    flat.instructions
        .iter()
        .filter_map(|i| match i {
            Instruction::Unitary(u) => Some(u.clone()),
            _ => None,
        })
        .collect()
}

/// All inputs that are real numbers, elements of arrays one by one.
fn parameters(circuit: &Circuit, inputs: &BTreeMap<String, Value>) -> Vec<Parameter> {
    let real = |v: &Value| matches!(v, Value::Float(_) | Value::Angle(_));
    let mut all = Vec::new();
    for variable in circuit.variables.iter().filter(|v| v.role == Role::Input) {
        let input = variable.name.clone();
        match inputs.get(&input) {
            Some(v) if real(v) => {
                all.push(Parameter { name: input.clone(), input, element: None });
            }
            Some(Value::Array(a)) => {
                for (at, _) in a.data.iter().enumerate().filter(|(_, v)| real(v)) {
                    let name = format!("{input}[{}]", index(a, at));
                    all.push(Parameter { name, input: input.clone(), element: Some(at) });
                }
            }
            _ => {}
        }
    }
    all
}

/// The index of element `at`, as it is written.
fn index(a: &Array, at: usize) -> String {
    let mut rest = at;
    let mut parts: Vec<String> = a
        .dims
        .iter()
        .rev()
        .map(|&d| {
            let d = (d as usize).max(1);
            let i = rest % d;
            rest /= d;
            i.to_string()
        })
        .collect();
    parts.reverse();
    parts.join(",")
}

/// The value `steps` steps away, and the length of a step.
fn moved(value: &Value, steps: i32) -> (Value, f64) {
    match value {
        Value::Float(x) => (Value::Float(x + f64::from(steps) * STEP), STEP),
        Value::Angle(a) => {
            // Narrow angles cannot move by less than their last bit.
            let bits = a.width().saturating_sub(ANGLE_STEPS);
            let step = 1_u128 << bits;
            let by = step.wrapping_mul(u128::from(steps.unsigned_abs()));
            let raw = if steps < 0 { a.raw().wrapping_sub(by) } else { a.raw().wrapping_add(by) };
            let turn = std::f64::consts::TAU;
            let width = turn * libm::exp2(f64::from(bits) - f64::from(a.width()));
            (Value::Angle(Angle::from_raw(a.width(), raw)), width)
        }
        other => (other.clone(), STEP),
    }
}

/// The instructions that a parameter changes.
fn dependences(
    job: &Job,
    program: &std::sync::Arc<machine::Program>,
    limits: machine::Limits,
    parameter: &Parameter,
    number: usize,
    unitaries: &[UnitaryInstruction],
) -> Result<Vec<Dependence>, Failure> {
    let mut step = STEP;
    let mut at = |steps: i32| -> Result<Vec<UnitaryInstruction>, Failure> {
        let mut inputs = job.inputs.clone();
        if let Some(value) = inputs.get_mut(&parameter.input) {
            match (value, parameter.element) {
                (Value::Array(a), Some(e)) => {
                    let mut data = a.data.to_vec();
                    (data[e], step) = moved(&data[e], steps);
                    a.data = std::sync::Arc::new(data);
                }
                (value, _) => {
                    let (new, width) = moved(value, steps);
                    (*value, step) = (new, width);
                }
            }
        }
        let flat = program.flatten(&inputs, limits).map_err(|e| steered(e.into()))?;
        let found = self::unitaries(&flat);
        let same_form = found.len() == unitaries.len()
            && found.iter().zip(unitaries).all(|(a, b)| {
                a.targets == b.targets && a.controls == b.controls && form(a) == form(b)
            });
        if !same_form {
            return Err(Failure::Refused {
                code: "structure_depends_on_input",
                message: format!(
                    "the input `{}` decides which gates there are: there is no derivative by it",
                    parameter.name
                ),
            });
        }
        Ok(found)
    };
    let next = at(1)?;
    let changed: Vec<usize> =
        (0..unitaries.len()).filter(|&i| differ(&next[i], &unitaries[i])).collect();
    if changed.is_empty() {
        return Ok(Vec::new());
    }
    let (before, far_before, far_next) = (at(-1)?, at(-2)?, at(2)?);
    Ok(changed
        .into_iter()
        .map(|i| {
            let entries: Vec<Complex64> = entries(&next[i])
                .iter()
                .zip(entries(&before[i]))
                .zip(entries(&far_next[i]).iter().zip(entries(&far_before[i])))
                .map(|((n, b), (fn_, fb))| ((n - b) * 8.0 - (fn_ - fb)) / (12.0 * step))
                .collect();
            let matrix = match &unitaries[i].matrix {
                GateMatrix::Dense(_) => {
                    Matrix::from_entries(&entries).expect("as many entries as the matrix has")
                }
                _ => Matrix::diagonal_from(&entries),
            };
            Dependence { instruction: i, parameter: number, matrix }
        })
        .collect())
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

#[cfg(test)]
mod tests;
