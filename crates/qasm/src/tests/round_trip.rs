//! parse ∘ emit = identity, and formatting twice is formatting once, on random programs.

use std::fmt::Write as _;

use proptest::prelude::*;

use crate::{Options, compile, emit2, emit3, format};

fn angle() -> impl Strategy<Value = String> {
    prop_oneof![
        (-8i32..8, 1i32..9).prop_map(|(k, d)| format!("{k}*pi/{d}")),
        (-10.0..10.0f64).prop_map(|x| format!("{x:?}")),
        Just("theta".to_owned()),
        Just("-(theta + 1.5)*2 - n/3".to_owned()),
        Just("sin(theta)**2".to_owned()),
        Just("2**-(3 - n)".to_owned()),
    ]
}

fn operation() -> impl Strategy<Value = String> {
    let qubit =
        || prop_oneof![(0u32..2).prop_map(|i| format!("a[{i}]")), Just("single".to_owned())];
    prop_oneof![
        (angle(), qubit()).prop_map(|(t, q)| format!("rz({t}) {q};")),
        (angle(), 0u32..2).prop_map(|(t, i)| format!("crx({t}) b[{i}], single;")),
        Just("cx a, b;".to_owned()),
        Just("iswap a[0], b[-1];".to_owned()),
        Just("mine(0.25) a[1], single;".to_owned()),
        (0u32..4, qubit()).prop_map(|(k, q)| format!("ctrl @ pow({k}) @ inv @ x b[0], {q};")),
        Just("negctrl(2) @ z a[0], a[1], b;".to_owned()),
        Just("c = measure a;".to_owned()),
        Just("flag = measure single;".to_owned()),
        Just("reset b;".to_owned()),
        Just("barrier a, b[0];".to_owned()),
        Just("barrier;".to_owned()),
        Just("delay[100ns + 2us] single;".to_owned()),
        Just("delay[durationof({ ecr a[0], b[0]; mine(1.5) a[0], b[1]; })] single;".to_owned()),
        Just("h a[{0, 1}];".to_owned()),
        Just("h a[0:1];".to_owned()),
        Just("n = (n + 3)*2 - -n % 5;".to_owned()),
        Just("n <<= 1;".to_owned()),
        Just("c[0] = !flag;".to_owned()),
        Just("m[1, 0] += n;".to_owned()),
        Just("gphase(pi/7);".to_owned()),
        Just("sub(b, n);".to_owned()),
    ]
}

fn statement() -> impl Strategy<Value = String> {
    operation().prop_recursive(3, 24, 4, |inner| {
        let block = prop::collection::vec(inner, 0..4).prop_map(|v| v.join(" "));
        prop_oneof![
            block.clone().prop_map(|b| format!("if (c == 2 || !flag && n > 3) {{ {b} }}")),
            (block.clone(), block.clone())
                .prop_map(|(a, b)| format!("if (flag) {{ {a} }} else {{ {b} }}")),
            block.clone().prop_map(|b| format!("for int i in [0:2:6] {{ {b} n += i; }}")),
            block.clone().prop_map(|b| format!(
                "for uint[8] i in {{3, 1}} {{ int[8] t = i + 1; {b} n -= t; }}"
            )),
            block.clone().prop_map(|b| format!("while (n < 3) {{ {b} n += 1; break; }}")),
            (block.clone(), block.clone()).prop_map(|(a, b)| format!(
                "switch (n) {{ case 1, 2 {{ {a} }} default {{ {b} }} }}"
            )),
            block.clone().prop_map(|b| format!("box {{ {b} }}")),
            block.prop_map(|b| format!("{{ let part = a[1:-1:0] ++ b; h part; {b} }}")),
        ]
    })
}

fn program() -> impl Strategy<Value = String> {
    prop::collection::vec(statement(), 0..12).prop_map(|v| {
        let mut text = String::from(
            "// head\nOPENQASM 3.0;\ninclude \"stdgates.inc\";\ninclude \"ketlab.inc\";\ninput float theta;\n\
             gate mine(t) p, q { rx(t) p; for int i in [1:2] { ry(t*i) q; } cx p, q; }\n\
             qubit[2] a;\nqubit[2] b;\nqubit single;\nbit[2] c;\nbit flag;\nint n = 5;\nconst uint k = 3;\n\
             array[int[8], 2, 2] m = {{1, 2}, {k, 4}};\n\
             def sub(qubit[2] q, int times) -> bit { for int i in [1:times] { h q; } bit r; r = measure q[0]; return r; }\n",
        );
        for s in v {
            let _ = writeln!(text, "{s} // note");
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_as_the_same_circuit(text in program()) {
        let compiled = compile(&text, &Options::default());
        prop_assert!(compiled.circuit.is_some(), "{text}\n{:?}", compiled.diagnostics);
        let first = emit3(&compiled.circuit.unwrap());
        let again = compile(&first, &Options::default());
        prop_assert!(again.circuit.is_some(), "{first}\n{:?}", again.diagnostics);
        prop_assert_eq!(emit3(&again.circuit.unwrap()), first);
    }

    #[test]
    fn formatting_keeps_the_program_and_is_idempotent(text in program()) {
        let once = format(&text).unwrap();
        prop_assert_eq!(format(&once).unwrap(), once.clone());
        let emitted = |t: &str| compile(t, &Options::default()).circuit.map(|c| emit3(&c));
        prop_assert_eq!(emitted(&once), emitted(&text));
        prop_assert_eq!(once.matches("// note").count(), text.matches("// note").count());
    }
}

#[test]
fn what_version_2_can_say_is_read_back() {
    let text = "OPENQASM 2.0;\ninclude \"qelib1.inc\";\ngate g(t) p,q { rx(-t/2+1) p; cx p,q; }\nqreg q[3];\ncreg c[2];\n\
                h q;\ng(pi/3) q[0],q[2];\ncu3(0.1,0.2,0.3) q[0],q[1];\nif(c==2) x q[1];\nbarrier q[0],q[1];\nreset q[2];\nmeasure q[0] -> c[1];\n";
    let c = compile(text, &Options::default()).circuit.unwrap();
    let first = emit2(&c).unwrap();
    let again = compile(&first, &Options::default());
    assert!(again.circuit.is_some(), "{first}\n{:?}", again.diagnostics);
    assert_eq!(emit2(&again.circuit.unwrap()).unwrap(), first);
}

#[test]
fn version_2_refuses_what_it_cannot_say() {
    let check = |body: &str, what: &str| {
        let text = format!("include \"stdgates.inc\"; qubit[3] q; bit[3] c; {body}");
        let c = compile(&text, &Options::default()).circuit.unwrap();
        let e = emit2(&c).unwrap_err();
        assert!(e.to_string().contains(what), "{e}");
    };
    check("while (c[0]) { x q[0]; }", "loop");
    check("if (c[0]) x q[0];", "condition");
    check("pow(0.5) @ x q[0];", "pow");
    check("int a = 3;", "variable");
    check("measure q[0];", "without a bit");
}

/// Writes a program and reads what is written; gives the text.
fn written(text: &str) -> String {
    let compiled = compile(text, &Options::default());
    let first = emit3(&compiled.circuit.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics)));
    let again = compile(&first, &Options::default()).circuit.expect("what is written is read");
    assert_eq!(emit3(&again), first);
    first
}

#[test]
fn names_of_blocks_are_kept() {
    let text = written(
        "include \"stdgates.inc\"; qubit[4] q; int total;\n\
         for int step in [0:3] { int[8] twice = 2 * step; total += twice; }\n\
         for int step in [0:1] { h q[step]; }\n\
         gate g(angle_) a { for int times in [1:2] { rz(angle_ * times) a; } }\n\
         def f(int n) -> int { int sum = n; return sum; }\n",
    );
    for line in [
        "for int[64] step in [0:3] {",
        "  int[8] twice = 2*step;",
        "for int[64] step in [0:1] {",
        "  for int[64] times in [1:2] {",
        "  int[64] sum = n;",
    ] {
        assert!(text.lines().any(|l| l == line), "`{line}` is missing in\n{text}");
    }
}

#[test]
fn a_name_that_is_taken_gets_a_number() {
    let text = written(
        "int i = 1; for int i in [0:1] { int[8] i = 3; i += 1; } for int i in [2:3] { i; }",
    );
    assert!(text.contains("for int[64] i_1 in [0:1]"), "{text}");
    assert!(text.contains("int[8] i_2 = 3;\n  i_2 += 1;"), "{text}");
    assert!(text.contains("for int[64] i_1 in [2:3]"), "{text}");
}

#[test]
fn gates_that_only_a_duration_names_are_defined() {
    let check = |text: &str| {
        let text = format!("OPENQASM 3.0; include \"ketlab.inc\"; qubit[2] q; {text}");
        let first = compile(&text, &Options::default()).circuit.expect("compiles");
        let written = emit3(&first);
        let again = compile(&written, &Options::default());
        assert!(!again.has_errors(), "{written}\n{:?}", again.diagnostics);
        assert_eq!(emit3(&again.circuit.expect("compiles")), written);
    };
    check("delay[durationof({ h q[0]; })] q;");
    check("duration d = 2 * durationof({ if (true) { iswap q[0], q[1]; } }); delay[d] q;");
    check("box[durationof({ delay[durationof({ ryy(1) q[0], q[1]; })] q; })] { }");
    check("duration d = durationof({ @mark it\n ecr q[0], q[1]; x q[0]; });");
}
