//! Sweeps under noise: the program is read and made into steps once, its noise is made anew for each strength.
//!
//! Each point is, bit for bit, the run of its own with that noise, whatever the method. Narrow registers go
//! one point to a thread; of wide ones each point has all threads.

use std::collections::BTreeMap;
use std::sync::Arc;

use api::run::sweep::{SweepPoint, SweepRequest};
use api::run::{Method, RunRequest};
use noise::NoiseModel;
use sim::Real;

use super::{Found, num_points, point, point_job, single, sweep_point, values};
use crate::{Failure, Job};

/// Registers up to this wide go one to a thread: a density matrix of 1 MiB.
const NARROW_QUBITS: u32 = 8;

/// Points that are worked on together where a thread has one: progress is told after each lot.
const TOGETHER: usize = 16;

/// Widest register whose outcomes without noise are known exactly.
const EXACT_QUBITS: u32 = 20;

/// Shots that stand for the outcomes without noise where they are not known exactly, at least.
const IDEAL_SHOTS: u32 = 1 << 14;

type Distribution = BTreeMap<String, f64>;

pub(super) fn points<T: Real>(request: &SweepRequest, job: &Job) -> Result<Found, Failure> {
    let total = num_points(request);
    let lot = if job.circuit.num_qubits() <= NARROW_QUBITS { TOGETHER } else { 1 };
    let mut found = Found::default();
    let mut ideal: Option<(usize, Arc<Distribution>)> = None;
    while found.points.len() < total {
        job.control.check()?;
        let from = found.points.len();
        let numbers: Vec<usize> = (from..total.min(from + lot)).collect();
        let mut plans = Vec::with_capacity(numbers.len());
        for &i in &numbers {
            let mut to_compare = None;
            if request.fidelity {
                // Strengths of one program in a row have one ideal.
                let known = ideal.take().filter(|(of, _)| point(request, *of) == point(request, i));
                let (_, distribution) = match known {
                    Some(known) => ideal.insert(known),
                    None => ideal.insert((i, Arc::new(without_noise::<T>(request, job, i)?))),
                };
                to_compare = Some(Arc::clone(distribution));
            }
            plans.push((i, model(request, job, i)?, to_compare));
        }
        let results = sim::map(plans.len(), |k| {
            let (i, model, ideal) = &plans[k];
            one_point::<T>(request, job, *i, model, ideal.as_deref())
        });
        for result in results {
            let (point, remarks) = result?;
            found.points.push(point);
            found.remarks.extend(remarks);
        }
        if let Some(progress) = job.control.progress {
            progress(found.points.len() as f64 / total as f64);
        }
    }
    found.remarks.sort_unstable();
    found.remarks.dedup();
    Ok(found)
}

/// The noise of a point.
fn model(request: &SweepRequest, job: &Job, i: usize) -> Result<NoiseModel, Failure> {
    let given = job.noise.as_ref().expect("a sweep under noise has a model");
    let Some(&scale) = request.noise_scales.get(i) else { return Ok(given.clone()) };
    given.scaled(scale).map_err(|error| Failure::Refused {
        code: "bad_noise_scale",
        message: format!("with noise {scale} times as strong: {error}"),
    })
}

fn one_point<T: Real>(
    request: &SweepRequest,
    job: &Job,
    i: usize,
    model: &NoiseModel,
    ideal: Option<&Distribution>,
) -> Result<(SweepPoint, Vec<noise::Remark>), Failure> {
    let scale = request.noise_scales.get(i).copied();
    let single = if scale.is_some() { job.request.clone() } else { single(job, i) };
    let inputs = values(request, job, point(request, i));
    let one = Job { inputs, noise: Some(model.clone()), ..point_job(job, &single) };
    let mut outcome = one.run::<T>()?;
    let remarks = std::mem::take(&mut outcome.remarks);
    let method = outcome.method;
    let mut found = sweep_point(outcome);
    found.fidelity = ideal.map(|ideal| fidelity(&distribution(&found), ideal));
    if !request.probabilities {
        found.probabilities = None;
    }
    Ok((SweepPoint { noise_scale: scale, method: Some(method), ..found }, remarks))
}

/// Outcomes of the program at a point without the noise that was asked for: exact where they can be, else counted.
fn without_noise<T: Real>(
    request: &SweepRequest,
    job: &Job,
    i: usize,
) -> Result<Distribution, Failure> {
    let mut exact = RunRequest { method: Method::Auto, shots: 0, ..job.request.clone() };
    exact.want.qubits = false;
    exact.want.probabilities = true;
    let run = |request_: &RunRequest| {
        let inputs = values(request, job, point(request, i));
        let one = Job { inputs, observables: Vec::new(), ..point_job(job, request_) };
        one.run::<T>().map(|outcome| distribution(&sweep_point(outcome)))
    };
    if job.circuit.num_qubits() <= EXACT_QUBITS {
        match run(&exact) {
            // Too many branches, or noise of the program's own on a wide register.
            Err(Failure::Refused { .. }) => {}
            other => return other,
        }
    }
    let mut counted = RunRequest {
        shots: exact.shots.max(job.request.shots).max(IDEAL_SHOTS),
        // Other numbers than those of the noisy shots.
        seed: !job.request.seed,
        ..exact
    };
    counted.want.probabilities = false;
    run(&counted)
}

fn distribution(point: &SweepPoint) -> Distribution {
    if let Some(probabilities) = &point.probabilities {
        return probabilities.clone();
    }
    let shots: u64 = point.counts.values().sum();
    point.counts.iter().map(|(key, &n)| (key.clone(), n as f64 / shots.max(1) as f64)).collect()
}

/// `(Σ √(p q))²`, at most 1.
fn fidelity(p: &Distribution, q: &Distribution) -> f64 {
    let sum: f64 = p.iter().filter_map(|(key, p)| q.get(key).map(|q| (p * q).sqrt())).sum();
    (sum * sum).min(1.0)
}

#[cfg(test)]
mod tests {
    use api::run::{Limits, Noise, Precision, Program};

    use super::*;
    use crate::tests::CONTEXT;

    const GHZ: &str = r#"OPENQASM 3.0; include "stdgates.inc"; qubit[4] q; h q[0]; cx q[0], q[1]; cx q[1], q[2]; cx q[2], q[3];"#;

    /// The document, `scale` times as strong by hand.
    fn document(scale: f64) -> String {
        let (p1, p2, gamma, r) = (0.01 * scale, 0.02 * scale, 0.03 * scale, 0.04 * scale);
        format!(
            r#"{{"format": "conformance-noise-model/1", "name": "by hand",
                "after_1q_gate": [{{"type": "depolarizing", "lambda": {p1}}}, {{"type": "coherent_rx", "angle": {p2}}}],
                "after_2q_gate": [{{"type": "depolarizing", "lambda": {p2}}}],
                "after_2q_gate_on_each_qubit": [{{"type": "amplitude_damping", "gamma": {gamma}}}],
                "readout_matrix": [[{}, {r}], [{r}, {}]]}}"#,
            1.0 - r,
            1.0 - r
        )
    }

    fn request(text: &str, method: Method, shots: u32, scales: &[f64]) -> SweepRequest {
        SweepRequest {
            program: Program::openqasm(text),
            method,
            precision: Precision::F64,
            fast: false,
            names: Vec::new(),
            points: Vec::new(),
            noise: Some(Noise::Model(document(1.0))),
            noise_scales: scales.to_vec(),
            inputs: BTreeMap::new(),
            shots,
            seed: 9,
            expectations: Vec::new(),
            qubits: false,
            probabilities: false,
            fidelity: true,
            limits: Limits::default(),
        }
    }

    fn swept(request: &SweepRequest) -> Vec<SweepPoint> {
        crate::sweep(request, &CONTEXT).unwrap_or_else(|e| panic!("{:?}", e.diagnostics)).points
    }

    fn alone(request: &SweepRequest, document: String) -> api::run::RunResult {
        let single = RunRequest {
            program: request.program.clone(),
            method: request.method,
            precision: request.precision,
            fast: false,
            shots: request.shots,
            seed: request.seed,
            inputs: BTreeMap::new(),
            noise: Some(Noise::Model(document)),
            gradient: None,
            want: api::run::Want {
                probabilities: request.probabilities,
                expectations: request.expectations.clone(),
                ..api::run::Want::default()
            },
            limits: Limits::default(),
        };
        crate::run(&single, &CONTEXT).unwrap_or_else(|e| panic!("{:?}", e.diagnostics))
    }

    #[test]
    fn each_strength_gives_what_a_run_with_that_noise_gives() {
        let scales = [0.0, 0.5, 1.0, 2.0];
        for (method, shots) in [
            (Method::DensityMatrix, 0),
            (Method::DensityMatrix, 300),
            (Method::Trajectories, 300),
            (Method::Auto, 300),
        ] {
            let mut r = request(GHZ, method, shots, &scales);
            r.expectations = vec!["XXXX".into(), "IIZZ".into()];
            r.probabilities = shots == 0;
            for (point, scale) in swept(&r).iter().zip(scales) {
                let single = alone(&r, document(scale));
                assert_eq!(point.noise_scale, Some(scale));
                assert_eq!(point.counts, single.counts, "{method:?} {scale}");
                assert_eq!(point.method, Some(single.method));
                assert_eq!(point.probabilities, single.probabilities);
                for (a, b) in point.expectations.iter().zip(&single.expectations) {
                    assert_eq!(a.to_bits(), b.value.to_bits(), "{method:?} {scale}");
                }
            }
        }
    }

    #[test]
    fn frames_are_swept_as_well() {
        let text = "OPENQASM 3.0; include \"stdgates.inc\"; qubit[40] q; h q[0]; for int i in [0:38] { cx q[i], q[i + 1]; }";
        let pauli = |p: f64| {
            format!(
                r#"{{"format": "conformance-noise-model/1", "after_2q_gate": [{{"type": "depolarizing", "lambda": {p}}}]}}"#
            )
        };
        let scales = [0.0, 1.0, 3.0];
        let r = SweepRequest {
            noise: Some(Noise::Model(pauli(0.01))),
            ..request(text, Method::Auto, 2000, &scales)
        };
        let points = swept(&r);
        for (point, scale) in points.iter().zip(scales) {
            assert_eq!(point.method, Some(Method::Stabilizer));
            assert_eq!(point.counts, alone(&r, pauli(0.01 * scale)).counts, "{scale}");
        }
        // Both ideal distributions are counted: half and half, to 5 σ.
        let f: Vec<f64> = points.iter().map(|p| p.fidelity.unwrap()).collect();
        assert!(f[0] > 0.99 && f[0] > f[1] && f[1] > f[2], "{f:?}");
    }

    #[test]
    fn fidelity_falls_from_one_and_inputs_may_vary_as_well() {
        let points = swept(&request(GHZ, Method::Auto, 0, &[0.0, 0.5, 1.0, 5.0]));
        let f: Vec<f64> = points.iter().map(|p| p.fidelity.unwrap()).collect();
        assert!((f[0] - 1.0).abs() < 1e-12 && f.windows(2).all(|w| w[1] < w[0]), "{f:?}");
        assert!(points.iter().all(|p| p.probabilities.is_none() && p.purity.is_some()));

        let turned = r#"OPENQASM 3.0; include "stdgates.inc"; input float a; qubit q; rx(a) q;"#;
        let mut r = request(turned, Method::Auto, 0, &[0.0, 1.0, 0.0, 1.0]);
        r.names = vec!["a".into()];
        r.points = vec![vec![0.3], vec![0.3], vec![2.0], vec![2.0]];
        r.expectations = vec!["Z".into()];
        let points = swept(&r);
        assert!((points[0].expectations[0] - 0.3_f64.cos()).abs() < 1e-12);
        assert!((points[2].expectations[0] - 2.0_f64.cos()).abs() < 1e-12);
        assert!(points[2].fidelity > Some(1.0 - 1e-12) && points[3].fidelity < Some(0.9999));
    }

    #[test]
    fn the_same_whatever_the_threads() {
        let r = request(GHZ, Method::Auto, 200, &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
        let on = |n: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
            pool.install(|| swept(&r))
        };
        assert_eq!(on(1), on(3));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let code = |r: &SweepRequest| {
            let error = crate::sweep(r, &CONTEXT).unwrap_err();
            error.diagnostics[0].code.clone()
        };
        let good = request(GHZ, Method::Auto, 0, &[0.0, 1.0]);
        assert_eq!(code(&SweepRequest { noise: None, ..good.clone() }), "needs_noise");
        for scale in [-1.0, f64::NAN, f64::INFINITY, 30.0] {
            let r = SweepRequest { noise_scales: vec![scale], ..good.clone() };
            assert_eq!(code(&r), "bad_noise_scale", "{scale}");
        }
        let mut r = good.clone();
        r.points = vec![Vec::new(); 3];
        assert_eq!(code(&r), "bad_point");
        let cancel = std::sync::atomic::AtomicU32::new(1);
        let context = crate::Context { cancel: Some(&cancel), ..CONTEXT };
        let error = crate::sweep(&good, &context).unwrap_err();
        assert_eq!(error.kind, api::run::RunErrorKind::Cancelled);
    }
}
