use std::collections::BTreeMap;

use api::run::{Cut, InspectRequest, Limits, Probe, Program, Reading};

use super::*;

fn context() -> Context<'static> {
    Context::new(&|| 0.0)
}

fn request(text: &str, probes: Vec<Probe>) -> InspectRequest {
    InspectRequest {
        program: Program::openqasm(format!("OPENQASM 3.0;\ninclude \"stdgates.inc\";\n{text}")),
        before: None,
        seed: 1,
        inputs: BTreeMap::new(),
        choices: Vec::new(),
        collapse: false,
        probes,
        displays: true,
        noise: None,
        limits: Limits::default(),
    }
}

fn seen(request: &InspectRequest) -> Inspection {
    inspect(request, &context()).unwrap()
}

const BELL: &str = "qubit[2] q;\nbit[2] c;\nh q[0];\ncx q[0], q[1];\n";

#[test]
fn a_state_is_read_before_measurements_at_the_end_unless_they_are_to_collapse_it() {
    let text = format!("{BELL}c = measure q;\n");
    let probes = vec![Probe::Probabilities { qubits: vec![], top: 8 }];
    let mut asked = request(&text, probes);
    let whole = seen(&asked);
    let Reading::Probabilities { entries, .. } = &whole.readings[0] else { panic!("{whole:?}") };
    assert_eq!(entries.iter().map(|e| e.0).collect::<Vec<_>>(), [0, 3]);
    assert!(whole.outcomes.is_empty());

    asked.collapse = true;
    asked.choices = vec![(0, true)];
    let one = seen(&asked);
    let Reading::Probabilities { entries, .. } = &one.readings[0] else { panic!("{one:?}") };
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].0, 3);
    assert!((one.probability - 0.5).abs() < 1e-12);
    assert!(one.outcomes[0].chosen && one.outcomes[1].outcome, "the second follows the first");
}

#[test]
fn outcomes_of_a_prefix_are_those_of_the_whole() {
    for seed in 0..20 {
        let mut short = request("qubit[3] q;\nh q;\nmeasure q[0];\n", vec![]);
        let mut long =
            request("qubit[3] q;\nh q;\nmeasure q[0];\nh q[0];\nmeasure q[1];\n", vec![]);
        for asked in [&mut short, &mut long] {
            asked.collapse = true;
            asked.seed = seed;
        }
        assert_eq!(seen(&short).outcomes[0], seen(&long).outcomes[0]);
    }
}

#[test]
fn displays_show_the_state_where_they_stand() {
    let text = "qubit[2] q;
@ketlab.display bloch #7
barrier q[0];
h q[0];
@ketlab.display chance
barrier q[0];
cx q[0], q[1];
@ketlab.display amplitudes #9
barrier q[1];
@ketlab.display chance if 1 #10
barrier q[0], q[1];
@ketlab.display expectation XX #11
barrier q;
";
    let found = seen(&request(text, vec![]));
    let by_tag: Vec<&Reading> = found.displays.iter().map(|d| &d.reading).collect();
    assert_eq!(found.displays[0].tag, 7);
    assert!(
        matches!(by_tag[0], Reading::Density { matrix, .. } if (matrix[0][0] - 1.0).abs() < 1e-12)
    );
    assert!(matches!(by_tag[1], Reading::Probabilities { entries, .. } if entries.len() == 2));
    assert!(matches!(by_tag[2], Reading::Mixed { purity } if (purity - 0.5).abs() < 1e-12));
    assert!(
        matches!(by_tag[3], Reading::Probabilities { entries, .. } if entries.len() == 1 && entries[0].0 == 1),
        "where the control is 1 the other is 1 as well"
    );
    assert!(matches!(by_tag[4], Reading::Expectation { value, .. } if (value - 1.0).abs() < 1e-12));
}

#[test]
fn a_bell_pair_shares_one_bit_of_entropy_and_two_of_information() {
    let found = seen(&request(BELL, vec![Probe::Entanglement { qubits: vec![] }]));
    let Reading::Entanglement { cuts, pairs, .. } = &found.readings[0] else { panic!("{found:?}") };
    assert!(matches!(cuts[0], Cut::VonNeumann(s) if (s - 1.0).abs() < 1e-9));
    assert!((pairs[0].2 - 2.0).abs() < 1e-9);
}

#[test]
fn qubits_that_nothing_is_done_to_cost_nothing_and_are_zero() {
    let text = "qubit[60] q;\nh q[50];\ncx q[50], q[59];\n";
    let probes = vec![
        Probe::Qubits,
        Probe::Amplitudes { top: 4 },
        Probe::Expectation { observable: format!("Z{}Z{}", "I".repeat(8), "I".repeat(50)) },
        Probe::Density { qubits: vec![0, 50] },
    ];
    let mut asked = request(text, probes);
    asked.before = Some(Program::openqasm(
        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[60] q;\nh q[50];\n",
    ));
    let found = seen(&asked);
    let Reading::Qubits { qubits } = &found.readings[0] else { panic!("{found:?}") };
    assert!(qubits[0].probability_one < 1e-12 && (qubits[59].probability_one - 0.5).abs() < 1e-12);
    let Reading::Amplitudes { entries, .. } = &found.readings[1] else { panic!("{found:?}") };
    assert_eq!(entries[1].index, 1 << 50 | 1 << 59);
    assert!(
        matches!(found.readings[2], Reading::Expectation { value, .. } if (value - 1.0).abs() < 1e-12)
    );
    assert!(
        matches!(found.readings[3], Reading::Density { purity, .. } if (purity - 0.5).abs() < 1e-12)
    );
    assert!((found.fidelity.unwrap() - 0.25).abs() < 1e-12, "|00⟩ is in both");
}

#[test]
fn what_does_not_fit_is_refused_by_itself() {
    let probes = vec![
        Probe::Unitary,
        Probe::Qubits,
        Probe::Density { qubits: vec![0, 0] },
        Probe::Expectation { observable: "Z".into() },
        Probe::Statistics,
    ];
    let found = seen(&request("qubit[9] q;\nh q;\nt q[0];\ncx q[0], q[1];\n", probes));
    for (i, refused) in [true, false, true, true, false].into_iter().enumerate() {
        let is = matches!(found.readings[i], Reading::Refused { .. });
        assert_eq!(is, refused, "{:?}", found.readings[i]);
    }
    let Reading::Statistics(s) = &found.readings[4] else { panic!("{found:?}") };
    assert_eq!((s.t_count, s.two_qubit_gates, s.depth), (1, 1, 3));
}

#[test]
fn a_program_that_depends_on_outcomes_is_counted_along_its_run() {
    let text = "qubit[2] q;\nbit c;\nx q[0];\nc = measure q[0];\nif (c) x q[1];\nbit[2] d;\nd = measure q;\n";
    let found = seen(&request(text, vec![Probe::Statistics]));
    let Reading::Statistics(s) = &found.readings[0] else { panic!("{found:?}") };
    assert_eq!((s.gates["x"], s.measurements, s.operations), (2, 3, 5));
}
