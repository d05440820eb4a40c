//! Input that is meant to hurt: each is answered with a diagnostic, soon, on a small stack.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::{Options, compile, format, parse};

/// The limit is 100 ms; tests are not optimized and share the machine.
const SLACK: u32 = if cfg!(debug_assertions) { 40 } else { 10 };

/// Compiles on a stack as small as a browser's, within the time, and gives the first error's code.
fn answer(text: String) -> Option<&'static str> {
    answer_with(text, Options::default())
}

#[expect(clippy::disallowed_methods, reason = "the time and the stack are what is tested")]
fn answer_with(text: String, options: Options) -> Option<&'static str> {
    std::thread::Builder::new()
        .stack_size(if cfg!(debug_assertions) { 4 << 20 } else { 1 << 20 })
        .spawn(move || {
            let start = Instant::now();
            let compiled = compile(&text, &options);
            let time = start.elapsed();
            assert!(time < Duration::from_millis(100) * SLACK, "{time:?}");
            let formatted = format(&text);
            drop(formatted);
            compiled.diagnostics.iter().find(|d| d.is_error()).map(|d| d.code)
        })
        .unwrap()
        .join()
        .unwrap()
}

fn check(text: impl Into<String>, code: &str) {
    let text = text.into();
    let head: String = text.chars().take(60).collect();
    assert_eq!(answer(text), Some(code), "{head}");
}

#[test]
fn nesting_is_bounded() {
    let n = 100_000;
    check(format!("x = {}1;", "(".repeat(n)), "nested_too_deep");
    check(format!("x = {}1;", "-".repeat(n)), "nested_too_deep");
    check(format!("x = {}1;", "2**".repeat(n)), "nested_too_deep");
    check(format!("x = {}1;", "1+".repeat(n)), "nested_too_deep");
    check(format!("x = {}1;", "f(".repeat(n)), "nested_too_deep");
    check(format!("x = {}1;", "int(".repeat(n)), "nested_too_deep");
    check(format!("x = a{};", "[0]".repeat(n)), "nested_too_deep");
    check(format!("x = {}0;", "a[".repeat(n)), "nested_too_deep");
    check("{".repeat(n), "nested_too_deep");
    check("if (true) ".repeat(n), "nested_too_deep");
    check(format!("if (a) {}", "x q; else if (a) ".repeat(n)), "nested_too_deep");
    check("for int i in [0:1] ".repeat(n), "nested_too_deep");
    check(format!("array[int, 1] a = {}", "{".repeat(n)), "nested_too_deep");
    check("durationof({".repeat(n), "nested_too_deep");
    check("switch (i) { default {".repeat(n), "nested_too_deep");
    check("@ketlab.unitary {".to_owned() + &"{".repeat(n) + "\ngate g q { }", "nested_too_deep");
}

#[test]
fn rows_of_operators_in_brackets_are_bounded_together() {
    let nested = |mut inner: String, levels: u32| {
        for _ in 0..levels {
            inner = format!("({inner}{})", "+1".repeat(490));
        }
        inner
    };
    check(format!("int x = {};", nested("1".to_owned(), 120)), "nested_too_deep");
    check(format!("int x = sin({});", nested("a[0]".to_owned(), 60)), "nested_too_deep");
    check(format!("x = durationof({{ y = {}; }});", nested("1".to_owned(), 60)), "nested_too_deep");
    let rows = format!("{{{}}}", vec![nested("1".to_owned(), 1); 40].join(", "));
    assert_eq!(answer(format!("array[int, 40] a = {rows};")), None);
}

#[test]
fn the_deepest_allowed_nesting_fits_on_a_small_stack() {
    let n = 120;
    assert_eq!(answer(format!("int x = {}1{};", "(".repeat(n), ")".repeat(n))), None);
    assert_eq!(answer(format!("{}{}", "{".repeat(n), "}".repeat(n))), None);
    let n = 60;
    assert_eq!(
        answer(format!(
            "{}int x = {}1{};",
            "if (true) ".repeat(n),
            "-(".repeat(n / 2),
            ")".repeat(n / 2)
        )),
        None
    );
    assert_eq!(answer(format!("int x = {}1;", "1+".repeat(499))), None);
}

#[test]
fn sizes_are_bounded() {
    check("qubit[1000000000] q;", "too_large");
    check("OPENQASM 2.0; qreg q[1000000000];", "too_large");
    check("qubit[99999999999999999999999999999999999999999999] q;", "too_large");
    check("bit[1000000000] c;", "too_large");
    check("array[int, 1000000000, 1000000000] a;", "too_large");
    check("array[int, 1000000000] a;", "too_large");
    check("int[100000] a;", "too_large");
    check("int a = 1e999;", "too_large");
    check("qubit[2] q; ctrl(1000000000) @ U(0,0,0) q, q;", "too_large");
    let many: String = (0..20_000).fold(String::new(), |mut s, i| {
        let _ = writeln!(s, "qubit[60] q{i};");
        s
    });
    check(many, "too_many_qubits");
}

#[test]
fn long_words_are_refused() {
    let n = 1 << 20;
    check(format!("qubit {};", "a".repeat(n)), "name_too_long");
    check(format!("qubit {};", "π".repeat(n / 2)), "name_too_long");
    check(format!("int a = {};", "1".repeat(n)), "number_too_long");
    check(format!("bit[3] a = \"{}\";", "1".repeat(2 * n)), "too_large");
    check(format!("/* {}", "*".repeat(n)), "unterminated_comment");
    check(format!("include \"{}\";", "a".repeat(n)), "include_missing");
}

#[test]
fn what_a_program_expands_to_is_bounded() {
    check(
        "include \"stdgates.inc\"; qubit q; for int i in [0:9223372036854775806] { x q; }",
        "too_many_operations",
    );
    check("int a; for int i in [0:9223372036854775806] { a += 1; }", "too_many_operations");
    check("int a; for uint[128] i in [0:int[128](2)**126] { }", "too_many_operations");
    let mut bomb = "gate g0 q { U(1,2,3) q; U(1,2,3) q; }\n".to_owned();
    for i in 1..64 {
        let _ = writeln!(bomb, "gate g{i} q {{ g{p} q; g{p} q; g{p} q; }}", p = i - 1);
    }
    assert_eq!(answer(bomb.clone()), None);
    check(bomb + "qubit q; g63 q;", "too_many_operations");
    let mut calls = "include \"stdgates.inc\"; def f0(qubit q) { x q; x q; }\n".to_owned();
    for i in 1..64 {
        let _ = writeln!(calls, "def f{i}(qubit q) {{ f{p}(q); f{p}(q); }}", p = i - 1);
    }
    check(calls + "qubit q; f63(q);", "too_many_operations");
    let loops = "for int i in [0:9999] ".repeat(20);
    check(format!("include \"stdgates.inc\"; qubit q; {loops} x q;"), "too_many_operations");
    check(
        format!("include \"stdgates.inc\"; qubit[100000] q; {}", "h q;".repeat(20_000)),
        "too_many_operations",
    );
    let aliases: String = (0..20_000).fold("qubit[100000] q;".to_owned(), |mut s, i| {
        let _ = writeln!(s, "let a{i} = q[0:99998];");
        s
    });
    check(aliases, "too_many_qubits");
    let unknown = |mut s: String, i| {
        let _ = writeln!(s, "gate g{i} q {{ }} gg{i} q;");
        s
    };
    check((0..5_000).fold(String::new(), unknown), "unknown_gate");
}

#[test]
fn nothing_calls_itself() {
    check("gate g q { g q; } qubit q; g q;", "unknown_gate");
    check("def f() -> int { return f(); } int a = f();", "undefined");
    check("def f() { g(); } def g() { f(); } f();", "undefined");
}

#[test]
fn includes_end() {
    let files = |list: &[(&str, &str)]| Options {
        includes: list.iter().map(|(n, t)| ((*n).to_owned(), (*t).to_owned())).collect(),
        ..Options::default()
    };
    let run = |text: &str, list: &[(&str, &str)]| answer_with(text.to_owned(), files(list));
    assert_eq!(run("include \"a\";", &[("a", "include \"a\";")]), Some("include_cycle"));
    assert_eq!(
        run("include \"a\";", &[("a", "include \"b\";"), ("b", "include \"a\";")]),
        Some("include_cycle")
    );
    assert_eq!(run("include \"/etc/passwd\";", &[]), Some("include_path"));
    assert_eq!(
        run("include \"../../secret\";", &[("../../secret", "int a;")]),
        Some("include_path")
    );
    assert_eq!(run("include \"C:\\\\x\";", &[]), Some("include_path"));
    let names: Vec<String> = (0..40).map(|i| format!("f{i}")).collect();
    let texts: Vec<String> =
        (0..40).map(|i| format!("include \"f{}\";include \"f{}\";", i + 1, i + 1)).collect();
    let mut bomb: Vec<(&str, &str)> =
        names.iter().zip(&texts).map(|(n, t)| (n.as_str(), t.as_str())).collect();
    bomb.push(("f40", ""));
    assert_eq!(run("include \"f0\";", &bomb), Some("too_many_includes"));
}

#[test]
fn rubbish_is_answered_once_and_soon() {
    for piece in [
        "}", ")", "]", ";", "@", "#", "\u{0}", "💥", "if", "gate g", "qubit q", "\"", "'", "/",
        "OPENQASM", "x q", "1", "a=", "{;", "cal {",
    ] {
        let text = piece.repeat(10_000 / piece.len());
        answer(text.clone());
        answer(format!("OPENQASM 2.0;{text}"));
        answer(format!("{piece} ").repeat(10_000 / piece.len()));
        let found = parse(&text).diagnostics.iter().filter(|d| d.is_error()).count();
        assert!(found <= crate::parse::MAX_ERRORS, "{piece}: {found}");
    }
}

#[test]
fn arithmetic_of_constants_does_not_overflow() {
    for e in [
        "2 ** (2 ** 60)",
        "1 << 200",
        "-9223372036854775808 / -1",
        "uint[128](-1) + 1",
        "int[128](2) ** 127 * 2",
        "5 % -1",
        "float(1) / 3e-320",
        "rotl(\"1010\", 2 ** 62)",
        "\"1\" << 100",
        "int(1e300)",
        "uint[1](3)",
        "sqrt(2.0) ** 1e6",
        "popcount(2 ** 70)",
    ] {
        answer(format!("const int[64] a = {e};"));
        answer(format!("float f = {e}; qubit q; U({e}, f, f) q;"));
    }
}

#[test]
fn many_remarks_hide_neither_an_error_nor_the_rest_of_the_program() {
    let empty = "bit b;;".to_owned() + &"nop;;".repeat(300);
    assert_eq!(answer(empty.clone() + "oops q;"), Some("unknown_gate"));
    assert_eq!(answer(empty.clone() + "x ="), Some("syntax"));
    let circuit = compile(&(empty + "qubit q; U(0, 0, 0) q;"), &Options::default()).circuit;
    assert_eq!(circuit.unwrap().num_qubits(), 1);
}
