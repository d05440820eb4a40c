//! Derivatives of an expectation value.

use serde::{Deserialize, Serialize};

/// How derivatives are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GradientMethod {
    /// Adjoint for exact values without noise, else parameter shift.
    #[default]
    Auto,
    /// One run forward and one backward for all derivatives; exact, without noise.
    Adjoint,
    /// Two runs for each Pauli string of each generator, as a device can do it.
    ParameterShift,
}

/// What to differentiate, by all inputs of type `float` and `angle`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GradientRequest {
    /// Such as `0.5*ZZI - XIX`, highest qubit first.
    pub observable: String,
    #[serde(default)]
    pub method: GradientMethod,
    /// For each run and each group of Pauli strings that are measured together; 0 for exact values.
    #[serde(default)]
    pub shots: u32,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GradientResult {
    /// As asked for.
    pub observable: String,
    pub method: GradientMethod,
    /// The expectation value itself.
    pub value: f64,
    /// In the order of declaration.
    pub derivatives: Vec<Derivative>,
    /// States that were run.
    pub evaluations: u64,
}

/// By one input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Derivative {
    /// `theta`, or `theta[3]` for an element of an array.
    pub input: String,
    pub value: f64,
}

#[cfg(test)]
mod tests {
    use crate::run::{Method, Noise, RunRequest};

    #[test]
    fn requests_from_before_noise_and_gradients_are_read() {
        let old =
            r#"{"program": {"language": "openqasm", "text": "qubit q;"}, "shots": 1, "seed": 2}"#;
        let request: RunRequest = serde_json::from_str(old).unwrap();
        assert_eq!((request.noise, request.gradient), (None, None));
        assert!(!request.want.density_matrix);
    }

    #[test]
    fn new_fields_are_written_as_documented() {
        let text = r#"{"program": {"language": "openqasm", "text": ""}, "shots": 1, "seed": 2,
            "method": "density_matrix", "noise": {"device": "hanoi"}, "gradient": {"observable": "Z"}}"#;
        let request: RunRequest = serde_json::from_str(text).unwrap();
        assert_eq!(request.method, Method::DensityMatrix);
        assert_eq!(request.noise, Some(Noise::Device("hanoi".to_owned())));
        assert_eq!(request.gradient.unwrap().shots, 0);
    }
}
