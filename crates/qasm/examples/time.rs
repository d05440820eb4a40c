//! Times the language layer on long, on typical and on hostile texts; the table of docs/performance.md.
//!
//! ```text
//! cargo run --release -p qasm --example time [-- PART_OF_A_NAME [ROUNDS]]
//! ```
//!
//! Each row is the least of the rounds: what else the machine does only adds. Where the system tells how
//! long this thread was on a processor (Linux), that is what counts, and waiting for others does not.
#![allow(clippy::print_stdout, reason = "a program for the terminal")]
#![expect(clippy::disallowed_methods, reason = "a program: it reads clocks and arguments")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use qasm::{Options, compile, emit2, emit3, format, parse};

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let rounds = std::env::args().nth(2).and_then(|r| r.parse().ok()).unwrap_or(7);
    println!("| What | ms |\n|---|---:|");
    let row = |name: &str, f: &dyn Fn()| {
        if !name.contains(&wanted) {
            return;
        }
        let first = Instant::now();
        f();
        // The system counts in steps of some milliseconds: what is short is repeated.
        let repeats = (0.1 / first.elapsed().as_secs_f64()).clamp(1.0, 10_000.0).ceil();
        let mut best = f64::INFINITY;
        for _ in 0..rounds {
            let (wall, processor) = (Instant::now(), processor_secs());
            let mut done = 0.0;
            while done < repeats {
                f();
                done += 1.0;
            }
            let took = match (processor, processor_secs()) {
                (Some(start), Some(end)) => end - start,
                _ => wall.elapsed().as_secs_f64(),
            };
            best = best.min(took / repeats);
        }
        println!("| {name} | {:.1} |", best * 1e3);
    };
    let options = Options::default();
    for (name, text) in [
        ("100,000 gates", gates(100_000)),
        ("100,000 gates, version 2", gates_2(100_000)),
        ("1,000 lines", mixed(1_000)),
    ] {
        row(&format!("{name}: parse"), &|| drop(black_box(parse(&text))));
        row(&format!("{name}: compile"), &|| drop(black_box(compile(&text, &options))));
        let compiled = compile(&text, &options);
        let errors = compiled.diagnostics.first();
        let circuit = compiled.circuit.unwrap_or_else(|| panic!("{name}: {errors:?}"));
        row(&format!("{name}: emit3"), &|| drop(black_box(emit3(&circuit))));
        if emit2(&circuit).is_ok() {
            row(&format!("{name}: emit2"), &|| drop(black_box(emit2(&circuit))));
        }
        row(&format!("{name}: format"), &|| drop(black_box(format(&text))));
    }
    for (name, text) in hostile() {
        row(&format!("hostile: {name}"), &|| drop(black_box(compile(&text, &options))));
    }
}

/// Seconds that this thread has spent on a processor.
fn processor_secs() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos: u64 = text.split(' ').next()?.parse().ok()?;
    Some(nanos as f64 / 1e9)
}

/// One statement a line, over 20 qubits.
fn gates(count: usize) -> String {
    let mut text =
        "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[20] q;\nbit[20] c;\n".to_owned();
    for i in 0..count {
        let (a, b) = (i % 20, (i * 7 + 3) % 19);
        let b = if b < a { b } else { b + 1 };
        let _ = match i % 4 {
            0 => writeln!(text, "h q[{a}];"),
            1 => writeln!(text, "cx q[{a}], q[{b}];"),
            2 => writeln!(text, "rz(pi/{}) q[{a}];", i % 64 + 1),
            _ => writeln!(text, "u3(0.{i}, {i}.5, -pi/2) q[{a}];"),
        };
    }
    text + "c = measure q;\n"
}

fn gates_2(count: usize) -> String {
    gates(count)
        .replace("OPENQASM 3.0", "OPENQASM 2.0")
        .replace("stdgates", "qelib1")
        .replace("qubit[20] q", "qreg q[20]")
        .replace("bit[20] c", "creg c[20]")
        .replace("c = measure q;", "measure q -> c;")
}

/// What people write: registers, definitions, loops, conditions, comments.
fn mixed(lines: usize) -> String {
    let mut text = "OPENQASM 3.0;\ninclude \"stdgates.inc\";\nqubit[8] q;\nbit[8] c;\nint n = 3;\ninput float theta;\n".to_owned();
    for i in 0..lines.saturating_sub(6) / 10 {
        let _ = write!(
            text,
            "// part {i}\ngate g{i}(t) a, b {{\n  rx(t / 2) a;\n  cx a, b;\n}}\n\
             for int k in [0:6] {{ g{i}(theta * {i}) q[k], q[k + 1]; }}\n\
             ctrl @ rz(pi / 4) q[0], q[{}];\nc[{}] = measure q[2];\n\
             if (c[0] && n > 2) {{ x q[3]; }} else {{ n = n + 1; }}\nh q[1:2:7];\n",
            i % 7 + 1,
            i % 8,
        );
    }
    text
}

/// Texts that are meant to hurt.
fn hostile() -> Vec<(&'static str, String)> {
    let n = 100_000;
    let chain = |pieces: &mut dyn Iterator<Item = String>| pieces.collect::<String>();
    let nested = (0..120).fold("1".to_owned(), |s, _| format!("({s}{})", "+1".repeat(490)));
    let bomb = |call: &dyn Fn(i32) -> String| chain(&mut (1..64).map(call));
    vec![
        ("100,000 brackets", format!("x = {}1;", "(".repeat(n))),
        ("100,000 blocks", "{".repeat(n)),
        ("100,000 `else if`", format!("if (a) {}", "x q; else if (a) ".repeat(n))),
        ("rows of operators in brackets", format!("int x = {nested};")),
        ("2^63 loops", "qubit q; for int i in [0:9223372036854775806] { U(0,0,0) q; }".to_owned()),
        ("10^9 qubits", "qubit[1000000000] q;".to_owned()),
        (
            "gate bomb",
            "gate g0 q { U(1,2,3) q; U(1,2,3) q; }\n".to_owned()
                + &bomb(&|i| format!("gate g{i} q {{ g{p} q; g{p} q; g{p} q; }}\n", p = i - 1))
                + "qubit q; g63 q;",
        ),
        (
            "subroutine bomb",
            "def f0(qubit q) { U(0,0,0) q; U(0,0,0) q; }\n".to_owned()
                + &bomb(&|i| format!("def f{i}(qubit q) {{ f{p}(q); f{p}(q); }}\n", p = i - 1))
                + "qubit q; f63(q);",
        ),
        ("recursion", "def f(qubit q) { f(q); } qubit q; f(q);".to_owned()),
        ("1 MB name", format!("qubit {};", "a".repeat(1 << 20))),
        ("1 MB number", format!("int a = {};", "1".repeat(1 << 20))),
        ("1 MB comment without an end", format!("/* {}", "*".repeat(1 << 20))),
        ("1 MB of quotes", "\"".repeat(1 << 20)),
        ("1 MB of semicolons", ";".repeat(1 << 20)),
        ("1 MB of at signs", "@".repeat(1 << 20)),
        ("1 MB of `gate g`", "gate g ".repeat((1 << 20) / 7)),
        ("1 MB of NUL", "\0".repeat(1 << 20)),
        ("20,000 registers", chain(&mut (0..20_000).map(|i| format!("qubit[60] q{i};\n")))),
        (
            "20,000 slices of 99,999",
            "qubit[100000] q;\n".to_owned()
                + &chain(&mut (0..20_000).map(|i| format!("let a{i} = q[0:99998];\n"))),
        ),
        (
            "20,000 broadcasts over 100,000",
            "include \"stdgates.inc\"; qubit[100000] q;\n".to_owned() + &"h q;\n".repeat(20_000),
        ),
        (
            "unknown gates among 5,000",
            chain(&mut (0..5_000).map(|i| format!("gate g{i} q {{ }} gg{i} q;\n"))),
        ),
        ("huge powers", "const int[64] a = 2 ** (2 ** 60); const float b = 2.0 ** 1e9;".to_owned()),
        ("wide arrays", "array[int, 1000000000, 1000000000] a;".to_owned()),
        ("10^9 controls", "qubit[2] q; ctrl(1000000000) @ U(0,0,0) q[0], q[1];".to_owned()),
    ]
}
