//! The commands on files: exit codes, places of errors, the fields of their JSON.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

struct Answer {
    code: i32,
    out: String,
    err: String,
}

impl Answer {
    fn json(&self) -> Value {
        assert_eq!(self.out.matches('\n').count(), 1, "one line: {}", self.out);
        serde_json::from_str(&self.out).unwrap()
    }
}

/// Runs `ketlab` with the program on standard input.
fn ketlab(args: &[&str], program: impl AsRef<[u8]>) -> Answer {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ketlab"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(program.as_ref()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Answer {
        code: output.status.code().expect("not killed"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

const ROTATED: &str = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\ninput float theta;\nqubit[2] q;\n\
                       bit[2] c;\nrx(theta) q[0];\ncx q[0], q[1];\nc = measure q;\n";

#[test]
fn a_run_gives_the_fields_that_were_asked_for() {
    let args = ["run", "-", "--json", "--shots", "10", "--seed", "1", "--input", "theta=pi"];
    let more = ["--probabilities", "--statevector", "--expect", "0.5*ZZ - XI", "--expect", "-ZI"];
    let answer = ketlab(&[&args[..], &more].concat(), ROTATED);
    assert_eq!(answer.code, 0, "{}", answer.err);
    let result = answer.json();
    assert_eq!(result["counts"], json!({ "11": 10 }));
    assert_eq!(result["probabilities"], json!({ "11": 1.0 }));
    assert!(result["truncated"].as_f64().unwrap() < 1e-12);
    let state = result["statevector"].as_array().unwrap();
    assert_eq!(state.len(), 4);
    assert!((state[3][1].as_f64().unwrap() + 1.0).abs() < 1e-12, "{state:?}");
    let expectations = result["expectations"].as_array().unwrap();
    for (found, (observable, value)) in
        expectations.iter().zip([("0.5*ZZ - XI", 0.5), ("-ZI", 1.0)])
    {
        assert_eq!(found["observable"], observable);
        assert!((found["value"].as_f64().unwrap() - value).abs() < 1e-12, "{found}");
    }
    assert_eq!(expectations.len(), 2);
}

#[test]
fn refusals_exit_with_2_and_say_where() {
    let check = |args: &[&str], program: &[u8], code: &str, place: (u32, u32)| {
        let answer = ketlab(&[args, &["-", "--json"]].concat(), program);
        assert_eq!(answer.code, 2, "{code}: {}", answer.err);
        let first = &answer.json()["diagnostics"][0];
        assert_eq!(first["code"], code);
        assert_eq!(first["severity"], "error");
        assert_eq!(
            (first["line"].as_u64(), first["column"].as_u64()),
            (Some(place.0.into()), Some(place.1.into())),
            "{first}"
        );
        assert!(!first["message"].as_str().unwrap().is_empty());
    };
    let rotated = ROTATED.as_bytes();
    check(&["check"], b"qubit q;\nx q\ny q;", "syntax", (3, 1));
    check(&["check"], "bit é;\n/* µ */ oops q;".as_bytes(), "unknown_gate", (2, 9));
    check(&["check"], b"qubit q;\nbit b\xff;", "not_utf8", (2, 6));
    check(&["stats"], b"qubit[2000000000] q;", "too_large", (1, 7));
    check(&["run"], rotated, "missing_input", (3, 13));
    check(&["run", "--input", "theta=up"], rotated, "input_type", (0, 0));
    check(&["run", "--input", "theta=1", "--input", "x=1"], rotated, "unknown_input", (0, 0));
    check(&["run", "--input", "theta=1", "--input", "theta=2"], rotated, "input_twice", (0, 0));
    check(&["run", "--input", "theta=1", "--expect", "Z"], rotated, "bad_observable", (0, 0));
    check(&["run"], b"extern f(int) -> int;\nint i = f(2);", "extern", (2, 9));
}

#[test]
fn a_refusal_for_people_names_the_file_the_line_and_the_way_out() {
    let answer = ketlab(&["check", "-"], "include \"stdgates.inc\";\nqubit q;\nhh q;\n");
    assert_eq!((answer.code, answer.out.as_str()), (2, ""));
    for part in ["error[unknown_gate]", "-:3:1", "hh q;", "help: did you mean"] {
        assert!(answer.err.contains(part), "{part}: {}", answer.err);
    }
    let answer = ketlab(&["check", "-"], b"qubit q;\n\xff");
    assert!(answer.err.contains("line 2, column 1"), "{}", answer.err);
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let answer = ketlab(&["run", "nowhere/at/all.qasm", "--json"], "");
    assert_eq!(answer.code, 2);
    assert_eq!(answer.json()["diagnostics"][0]["code"], "unreadable_file");
}

#[test]
fn files_beside_the_program_are_included_and_none_from_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("parts.inc"), "gate mine q { U(pi, 0, pi) q; }").unwrap();
    fs::write(path("main.qasm"), "include \"parts.inc\"; qubit q; mine q; bit b = measure q;")
        .unwrap();
    fs::write(path("out.qasm"), "include \"../parts.inc\";").unwrap();
    let run =
        |name: &str| ketlab(&["run", path(name).to_str().unwrap(), "--json", "--shots", "3"], "");
    assert_eq!(run("main.qasm").json()["counts"], json!({ "1": 3 }));
    let answer = run("out.qasm");
    assert_eq!(
        (answer.code, &answer.json()["diagnostics"][0]["code"]),
        (2, &json!("include_path"))
    );
}

#[test]
fn formatting_keeps_the_comments_and_refuses_what_it_cannot_read() {
    let answer = ketlab(&["fmt", "-"], "// a\nqubit   q ;/* b */ U ( 0,0 , 0 )q; // c");
    assert_eq!(answer.code, 0, "{}", answer.err);
    for part in ["// a\n", "/* b */", "U(0, 0, 0) q;", "// c\n"] {
        assert!(answer.out.contains(part), "{part}: {}", answer.out);
    }
    assert_eq!(ketlab(&["fmt", "-"], &answer.out).out, answer.out);
    assert_eq!(ketlab(&["fmt", "-"], "qubit [").code, 2);
}

#[test]
fn circuits_of_stim_run_and_their_detectors_are_sampled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bell.stim");
    fs::write(&path, "H 0\nCX 0 1\nX_ERROR(0.25) 1\nM 0 1\nDETECTOR rec[-1] rec[-2]\n").unwrap();
    let file = path.to_str().unwrap();
    let run = ketlab(&["run", file, "--json", "--shots", "1000", "--seed", "1"], "").json();
    assert_eq!(run["method"], "stabilizer");
    assert_eq!(run["counts"].as_object().unwrap().len(), 4);
    let args = ["sample-detectors", file, "--json", "--shots", "100000", "--seed", "1"];
    let first = ketlab(&[&args[..], &["--threads", "1"]].concat(), "").json();
    let rate = first["detectors"][0].as_f64().unwrap();
    // Five standard deviations.
    assert!((rate - 0.25).abs() < 0.0069, "{rate}");
    let second = ketlab(&[&args[..], &["--threads", "3"]].concat(), "").json();
    assert_eq!(first["detectors"], second["detectors"]);
    fs::write(&path, "H 0\nM 1 x\n").unwrap();
    let refused = ketlab(&["sample-detectors", file, "--json"], "");
    assert_eq!(refused.code, 2);
    assert_eq!(refused.json()["diagnostics"][0]["column"], 5);
    let check = ketlab(&["check", file], "");
    assert_eq!(check.code, 2);
    assert!(check.err.contains("bad_target"), "{}", check.err);
}

#[test]
fn a_surface_code_is_made_sampled_and_decoded() {
    let shared = ["--surface-code", "3", "--noise", "0.002"];
    let circuit = ketlab(&[&["sample-detectors"], &shared[..], &["--print"]].concat(), "");
    assert!(circuit.out.contains("REPEAT 2 {"), "{}", circuit.out);
    let args =
        [&["sample-detectors"], &shared[..], &["--decode", "--json", "--seed", "5"]].concat();
    let found = ketlab(&args, "").json();
    assert_eq!(found["detectors"].as_array().unwrap().len(), 24);
    let logical = &found["logical"];
    let (rate, flipped) =
        (logical["rate"].as_f64().unwrap(), found["observables"][0].as_f64().unwrap());
    assert!(rate > 0.0 && rate < flipped / 5.0, "{logical}");
    // The same circuit from standard input.
    let piped = ["sample-detectors", "-", "--decode", "--json", "--seed", "5"];
    assert_eq!(ketlab(&piped, circuit.out).json()["logical"], *logical);
    let refused = ketlab(&["sample-detectors", "--surface-code", "1"], "");
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("distance from 2 to 99"), "{}", refused.err);
}

#[test]
fn one_program_under_several_strengths_of_its_noise() {
    let bell = "include \"stdgates.inc\";\nqubit[2] q;\nh q[0];\ncx q[0], q[1];\n";
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, p: f64| {
        let path = folder.path().join(name);
        let model = format!(
            r#"{{"format": "conformance-noise-model/1", "name": "{name}", "after_2q_gate": [{{"type": "depolarizing", "lambda": {p}}}]}}"#
        );
        fs::write(&path, model).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (once, twice) = (write("once.json", 0.1), write("twice.json", 0.2));
    let args = ["run", "-", "--json", "--seed", "4", "--shots", "500", "--expect", "ZZ"];
    let run = |more: &[&str]| ketlab(&[&args[..], more].concat(), bell);
    let swept = run(&["--noise", &once, "--noise-scale", "0,1,2"]);
    assert_eq!(swept.code, 0, "{}", swept.err);
    let swept = swept.json();
    assert_eq!(swept["noise"], "once.json");
    let points = swept["points"].as_array().unwrap();
    assert_eq!(points.len(), 3);
    for (point, single) in [
        (&points[0], run(&["--method", "density_matrix"])),
        (&points[1], run(&["--noise", &once])),
        (&points[2], run(&["--noise", &twice])),
    ] {
        let single = single.json();
        assert_eq!(point["counts"], single["counts"]);
        assert_eq!(point["expectations"][0], single["expectations"][0]["value"]);
    }
    let value = |i: usize| points[i]["expectations"][0].as_f64().unwrap();
    for (i, scale, expected) in [(0, 0.0, 1.0), (1, 1.0, 0.9), (2, 2.0, 0.8)] {
        assert_eq!(points[i]["noise_scale"], json!(scale));
        assert!((value(i) - expected).abs() < 1e-12, "{}", value(i));
    }
    let text =
        ketlab(&["run", "-", "--noise", &once, "--noise-scale", "0.5", "--shots", "0"], bell);
    assert!(text.out.contains("noise × 0.5 · density_matrix · fidelity 0."), "{}", text.out);
    let refused = run(&["--noise", &once, "--noise-scale", "20"]);
    assert_eq!(
        (refused.code, &refused.json()["diagnostics"][0]["code"]),
        (2, &json!("bad_noise_scale"))
    );
    assert_eq!(run(&["--noise-scale", "1"]).code, 2, "of which noise?");
}

#[test]
fn noise_comes_from_a_file_or_a_device() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("model.json");
    fs::write(
        &model,
        r#"{"format": "conformance-noise-model/1", "after_1q_gate": [{"type": "bit_flip", "p": 0.25}]}"#,
    )
    .unwrap();
    let model = model.to_str().unwrap();
    let flip = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit q;\nbit c;\nx q;\nc = measure q;\n";
    let args = ["run", "-", "--json", "--shots", "0", "--probabilities", "--density-matrix"];
    let answer = ketlab(&[&args[..], &["--noise", model]].concat(), flip);
    assert_eq!(answer.code, 0, "{}", answer.err);
    let result = answer.json();
    assert_eq!(result["method"], "density_matrix");
    assert!((result["probabilities"]["0"].as_f64().unwrap() - 0.25).abs() < 1e-12);
    assert!((result["density_matrix"][3][0].as_f64().unwrap() - 0.75).abs() < 1e-12);
    assert!((result["purity"].as_f64().unwrap() - 0.625).abs() < 1e-12);

    let args = ["run", "-", "--json", "--shots", "200", "--seed", "3", "--noise", "hanoi"];
    let run = |method| ketlab(&[&args[..], &["--method", method]].concat(), flip).json();
    for method in ["density_matrix", "trajectories"] {
        let result = run(method);
        assert_eq!((&result["method"], &result["noise"]), (&json!(method), &json!("ibm_hanoi")));
        assert!(result["counts"]["1"].as_u64().unwrap() > 180, "{result}");
        assert_eq!(run(method)["counts"], result["counts"]);
    }
    for (noise, code) in [("atlantis", "unknown_device"), ("none.json", "unreadable_file")] {
        let answer = ketlab(&["run", "-", "--json", "--noise", noise], flip);
        assert_eq!(answer.code, 2);
        assert_eq!(answer.json()["diagnostics"][0]["code"], code);
    }
    let text = ketlab(&["run", "-", "--seed", "1", "--noise", model], flip);
    assert!(text.out.contains("density_matrix") && text.out.contains("tr ρ² ="), "{}", text.out);
}

#[test]
fn gradients_are_derivatives_by_inputs() {
    let args = ["run", "-", "--json", "--input", "theta=0.3", "--gradient", "-IZ"];
    let found = |more: &[&str]| {
        let answer = ketlab(&[&args[..], more].concat(), ROTATED);
        assert_eq!(answer.code, 0, "{}", answer.err);
        answer.json()["gradient"].clone()
    };
    // ⟨-Z⟩ = -cos θ.
    for method in ["auto", "adjoint", "parameter_shift"] {
        let gradient = found(&["--gradient-method", method]);
        let derivative = &gradient["derivatives"][0];
        assert_eq!(derivative["input"], "theta");
        assert!((derivative["value"].as_f64().unwrap() - 0.3_f64.sin()).abs() < 1e-10);
        assert!((gradient["value"].as_f64().unwrap() + 0.3_f64.cos()).abs() < 1e-10);
    }
    let counted = found(&["--gradient-shots", "10000", "--seed", "1"]);
    assert_eq!(counted["method"], "parameter_shift");
    let value = counted["derivatives"][0]["value"].as_f64().unwrap();
    // Half of a difference of two means, each within five standard errors.
    assert!((value - 0.3_f64.sin()).abs() < 5.0 / (2.0_f64 * 10_000.0).sqrt(), "{value}");
}
