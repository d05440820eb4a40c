use std::collections::BTreeMap;

use api::run::{
    GradientMethod, GradientRequest, GradientResult, Limits, Method, Noise, Precision, Program,
    RunRequest, Want,
};

use crate::{Context, run};

const CONTEXT: Context<'static> = Context::new(&|| 0.0);

const PROGRAM: &str = "OPENQASM 3.1; include \"stdgates.inc\";
    input float theta; input angle phi; input int n;
    gate twice(a) q { ry(a / 2) q; ry(a / 2) q; }
    qubit[3] q; bit[3] c;
    h q;
    for int i in [0:n] { twice(theta * (i + 1)) q[i]; crz(sin(theta) + 0.1) q[i], q[i + 1]; }
    ctrl @ rx(phi) q[2], q[0];
    float later = 3 * theta;
    rz(later) q[1]; cp(-phi) q[0], q[1]; ry(0.3) q[2];
    c = measure q;";

const OBSERVABLE: &str = "ZII + 0.5*XXI - 0.25*YIZ + 0.7*IXX";

fn request(method: GradientMethod, shots: u32) -> RunRequest {
    let inputs = [("theta", "0.7"), ("phi", "1.25"), ("n", "1")];
    RunRequest {
        program: Program::openqasm(PROGRAM),
        method: Method::Auto,
        precision: Precision::F64,
        fast: false,
        shots: 0,
        seed: 3,
        inputs: inputs.map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect(),
        noise: None,
        gradient: Some(GradientRequest { observable: OBSERVABLE.to_owned(), method, shots }),
        want: Want::default(),
        limits: Limits::default(),
    }
}

fn gradient(request: &RunRequest) -> GradientResult {
    run(request, &CONTEXT).unwrap_or_else(|e| panic!("{:?}", e.diagnostics)).gradient.unwrap()
}

fn energy(request: &RunRequest, theta: f64, phi: f64) -> f64 {
    let mut plain = RunRequest { gradient: None, ..request.clone() };
    plain.want.expectations = vec![OBSERVABLE.to_owned()];
    plain.inputs.insert("theta".to_owned(), theta.to_string());
    plain.inputs.insert("phi".to_owned(), phi.to_string());
    run(&plain, &CONTEXT).unwrap().expectations[0].value
}

/// By central differences of whole runs.
fn differences(request: &RunRequest) -> [f64; 2] {
    let h = 1e-4;
    let (t, p) = (0.7, 1.25);
    let e = |t, p| energy(request, t, p);
    [(e(t + h, p) - e(t - h, p)) / (2.0 * h), (e(t, p + h) - e(t, p - h)) / (2.0 * h)]
}

const NOISE: &str = r#"{"format": "conformance-noise-model/1",
    "after_1q_gate": [{"type": "amplitude_damping", "gamma": 0.05}],
    "after_2q_gate": [{"type": "depolarizing", "lambda": 0.1}]}"#;

#[test]
fn derivatives_of_expressions_are_those_of_differences() {
    for method in [GradientMethod::Auto, GradientMethod::Adjoint, GradientMethod::ParameterShift] {
        let request = request(method, 0);
        let found = gradient(&request);
        let names: Vec<&str> = found.derivatives.iter().map(|d| d.input.as_str()).collect();
        assert_eq!(names, ["theta", "phi"]);
        assert!((found.value - energy(&request, 0.7, 1.25)).abs() < 1e-9);
        for (d, slow) in found.derivatives.iter().zip(differences(&request)) {
            assert!((d.value - slow).abs() < 1e-6, "{method:?}: {d:?} and {slow}");
        }
    }
    let adjoint = gradient(&request(GradientMethod::Adjoint, 0));
    let shift = gradient(&request(GradientMethod::ParameterShift, 0));
    for (a, b) in adjoint.derivatives.iter().zip(&shift.derivatives) {
        assert!((a.value - b.value).abs() < 1e-10);
    }
    assert!(shift.evaluations > 10 && adjoint.evaluations == 1);
}

#[test]
fn derivatives_under_noise_are_those_of_differences() {
    let mut request = request(GradientMethod::Auto, 0);
    request.noise = Some(Noise::Model(NOISE.to_owned()));
    let found = gradient(&request);
    assert_eq!(found.method, GradientMethod::ParameterShift);
    for (d, slow) in found.derivatives.iter().zip(differences(&request)) {
        assert!((d.value - slow).abs() < 1e-6, "{d:?} and {slow}");
    }
}

#[test]
fn shots_give_derivatives_within_their_error() {
    const SHOTS: u32 = 20_000;
    for noise in [None, Some(Noise::Model(NOISE.to_owned()))] {
        let mut exact = request(GradientMethod::ParameterShift, 0);
        exact.noise.clone_from(&noise);
        let exact = gradient(&exact);
        let mut counted = request(GradientMethod::Auto, SHOTS);
        counted.noise = noise;
        let again = gradient(&counted);
        let counted = gradient(&counted);
        assert_eq!(counted, again, "the same seed gives the same derivatives");
        // Each of at most 60 runs is off by the sum of weights over the root of the shots; each
        // coefficient is at most 1.
        let bound = 5.0 * 2.45 * (60.0 / f64::from(SHOTS)).sqrt();
        for (a, b) in exact.derivatives.iter().zip(&counted.derivatives) {
            let error = (a.value - b.value).abs();
            assert!(error > 0.0 && error < bound, "{a:?} and {b:?}");
        }
    }
}

#[test]
fn what_has_no_derivative_is_refused() {
    let refused =
        |request: &RunRequest| run(request, &CONTEXT).unwrap_err().diagnostics[0].code.clone();
    assert_eq!(refused(&request(GradientMethod::Adjoint, 10)), "needs_parameter_shift");
    let with = |text: &str| {
        let mut r = request(GradientMethod::Auto, 0);
        r.program = Program::openqasm(format!("OPENQASM 3.1; include \"stdgates.inc\"; {text}"));
        r.inputs = BTreeMap::new();
        if text.contains("input float x") {
            r.inputs.insert("x".to_owned(), "0.4".to_owned());
        }
        r.gradient.as_mut().unwrap().observable = "Z".to_owned();
        r
    };
    assert_eq!(refused(&with("qubit q; ry(0.1) q;")), "no_parameters");
    assert_eq!(
        refused(&with("input float x; qubit q; bit c; ry(x) q; c = measure q; if (c) x q;")),
        "gradient_of_measurements"
    );
    assert_eq!(
        refused(&with("input float x; qubit q; ry(x) q; if (x > 0.4) h q;")),
        "structure_depends_on_input"
    );
    assert_eq!(
        refused(&with("input float x; qubit q; ry(x) q;\n@ketlab.noise bit_flip(0.1)\nbarrier q;")),
        "noisy_gradient"
    );
    let mut wrong = with("input float x; qubit q; ry(x) q;");
    wrong.gradient.as_mut().unwrap().observable = "ZZ".to_owned();
    assert_eq!(refused(&wrong), "bad_observable");
}
