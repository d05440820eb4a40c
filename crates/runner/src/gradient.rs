//! Derivatives of an expectation value by the program's inputs.
//!
//! Which gates an input changes, and how, is found by flattening the program around the given values: see
//! [`depend`]. Any expression of the language may stand in an angle.
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

mod depend;
mod shift;

use std::collections::BTreeMap;

use api::run::{Derivative, GradientMethod, GradientRequest, GradientResult, MAX_SHOTS, RunError};
use circuit::classical::Array;
use circuit::flat::Flat;
use circuit::{Circuit, Instruction, Role, UnitaryInstruction, Value, machine};
use quantum_info::{Matrix, Observable};
use sim::Real;
use sim::gradient::GradientOptions;

use crate::{Failure, Job, diagnostics, machine_limits, noisy};

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
    let program = job.program.steps()?;
    let limits = machine_limits(job.request.limits.max_operations.min(MAX_STEPS));
    let flat = program.flatten(&job.inputs, limits).map_err(|e| steered(e.into()))?;
    if !flat.is_terminal() {
        return Err(steered(Failure::Refused { code: "", message: String::new() }));
    }
    let unitaries = unitaries(&flat);
    let around =
        depend::Around { job, program, limits, parameters: &parameters, unitaries: &unitaries };
    let dependences = around.dependences()?;
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

#[cfg(test)]
mod tests;
