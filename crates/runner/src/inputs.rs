//! Values of `input` parameters, read as the language reads them: `0.5`, `pi/4`, `true`, `"0110"`.

use std::collections::BTreeMap;

use api::run::RunError;
use circuit::machine::{Limits, Machine, Program, Step};
use circuit::{Circuit, Role, Value};

use crate::diagnostics;

/// Longest value, in bytes: an array literal of some size still fits.
const MAX_INPUT_BYTES: usize = 64 << 10;

/// The value of each given input. Names that the program does not have, and inputs that are not
/// given, are found when the machine starts.
pub(crate) fn read(
    circuit: &Circuit,
    texts: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>, RunError> {
    let mut values = BTreeMap::new();
    for (name, text) in texts {
        let Some(variable) =
            circuit.variables.iter().find(|v| v.role == Role::Input && v.name == *name)
        else {
            let message = format!("the program has no input `{name}`");
            return Err(diagnostics::request("unknown_input", message));
        };
        let value = evaluate(&variable.ty.to_string(), text).ok_or_else(|| {
            let message =
                format!("`{text}` is not a value of type `{}` for the input `{name}`", variable.ty);
            diagnostics::request("input_type", message)
        })?;
        values.insert(name.clone(), value);
    }
    Ok(values)
}

/// Lets the language itself read the value: as the initial value of a variable of the type. The
/// characters admitted cannot end the statement.
fn evaluate(ty: &str, text: &str) -> Option<Value> {
    let admitted = |c: char| c.is_alphanumeric() || " _+-*/%().,\"{}".contains(c);
    if text.is_empty() || text.len() > MAX_INPUT_BYTES || !text.chars().all(admitted) {
        return None;
    }
    let program = format!("OPENQASM 3.1;\n{ty} value = {text};\n");
    let circuit = qasm::compile(&program, &qasm::Options::default()).circuit?;
    let limits = Limits { max_operations: 0, max_statements: 1_000, ..Limits::default() };
    let mut machine = Machine::new(&Program::new(&circuit).ok()?, &BTreeMap::new(), limits).ok()?;
    if machine.next().ok()? != Step::Done {
        return None;
    }
    let mut variables = machine.variables();
    variables.find(|(v, _)| v.name == "value").map(|(_, value)| value.clone())
}
