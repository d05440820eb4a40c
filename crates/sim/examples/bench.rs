//! Times whole circuits, planning included: the least of several runs.
//!
//! ```text
//! cargo run --release -p sim --features parallel --example bench -- [f64|f32] [fast] [threads=1] [n=20,24] [FAMILY …]
//! ```
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a program for the terminal, with a clock"
)]
#![allow(clippy::needless_for_each, reason = "one line per loop over gates")]

use std::f64::consts::PI;
use std::time::Duration;

use circuit::{Gate, Instruction, Qubit, UnitaryInstruction};
use sim::rng::{Purpose, Rng};
use sim::{PlanOptions, Real, RunControl, Statevector, plan};

/// A clock: the processor time of this thread where there is one thread and the system tells, so
/// that other programs matter less; else the time of day.
#[derive(Clone, Copy)]
struct Clock(Option<Duration>, std::time::Instant);

impl Clock {
    fn now() -> Self {
        Self(
            if sim::num_threads() == 1 { processor_time() } else { None },
            std::time::Instant::now(),
        )
    }

    fn elapsed(self) -> Duration {
        let wall = self.1.elapsed();
        // The system counts in ticks: of no use for short times, which are seldom interrupted anyway.
        if wall < Duration::from_millis(20) {
            return wall;
        }
        self.0.zip(processor_time()).map_or(wall, |(from, to)| to.saturating_sub(from))
    }
}

fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Builds a circuit gate by gate.
struct Builder {
    out: Vec<Instruction>,
    rng: Rng,
}

impl Builder {
    fn new(seed: u64) -> Self {
        Self { out: Vec::new(), rng: Rng::new(seed, Purpose::Other, 0) }
    }

    fn gate(&mut self, g: Gate, params: &[f64], qubits: &[usize]) {
        let qubits: Vec<Qubit> =
            qubits.iter().map(|&q| Qubit(u32::try_from(q).expect("small registers"))).collect();
        self.out.push(Instruction::Unitary(UnitaryInstruction::from_gate(g, params, &qubits)));
    }

    fn angle(&mut self, to: f64) -> f64 {
        self.rng.next() * to
    }

    fn haar(&mut self, q: usize) {
        let theta = 2.0 * self.rng.next().sqrt().asin();
        let (phi, lambda) = (self.angle(2.0 * PI), self.angle(2.0 * PI));
        self.gate(Gate::U, &[theta, phi, lambda], &[q]);
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number below n")]
    fn below(&mut self, n: usize) -> usize {
        (self.rng.next() * n as f64) as usize
    }

    fn shuffled(&mut self, n: usize) -> Vec<usize> {
        let mut p: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            let j = self.below(i + 1);
            p.swap(i, j);
        }
        p
    }
}

fn ghz(n: usize) -> Vec<Instruction> {
    let mut c = Builder::new(0);
    c.gate(Gate::H, &[], &[0]);
    (1..n).for_each(|q| c.gate(Gate::Cx, &[], &[q - 1, q]));
    c.out
}

fn qft(n: usize) -> Vec<Instruction> {
    let mut c = Builder::new(7);
    for q in 0..n {
        let t = c.angle(PI);
        c.gate(Gate::Ry, &[t], &[q]);
    }
    for i in (0..n).rev() {
        c.gate(Gate::H, &[], &[i]);
        for j in (0..i).rev() {
            c.gate(Gate::Cp, &[PI / (1_u64 << (i - j)) as f64], &[j, i]);
        }
    }
    (0..n / 2).for_each(|i| c.gate(Gate::Swap, &[], &[i, n - 1 - i]));
    c.out
}

/// Brickwork of random pairs, each with a template of three CX that covers SU(4).
fn qv(n: usize) -> Vec<Instruction> {
    let mut c = Builder::new(1000 + n as u64);
    let depth = match n {
        0..=16 => n,
        17..=20 => 10,
        _ => 5,
    };
    for _ in 0..depth {
        for pair in c.shuffled(n).chunks_exact(2) {
            let (a, b) = (pair[0], pair[1]);
            c.haar(a);
            c.haar(b);
            c.gate(Gate::Cx, &[], &[b, a]);
            let t = c.angle(2.0 * PI);
            c.gate(Gate::Rz, &[t], &[a]);
            let t = c.angle(2.0 * PI);
            c.gate(Gate::Ry, &[t], &[b]);
            c.gate(Gate::Cx, &[], &[a, b]);
            let t = c.angle(2.0 * PI);
            c.gate(Gate::Ry, &[t], &[b]);
            c.gate(Gate::Cx, &[], &[b, a]);
            c.haar(a);
            c.haar(b);
        }
    }
    c.out
}

fn hea(n: usize) -> Vec<Instruction> {
    let mut c = Builder::new(2000 + n as u64);
    for _ in 0..if n <= 20 { 20 } else { 6 } {
        for q in 0..n {
            for g in [Gate::Rx, Gate::Ry, Gate::Rz] {
                let t = c.angle(2.0 * PI);
                c.gate(g, &[t], &[q]);
            }
        }
        (1..n).for_each(|q| c.gate(Gate::Cx, &[], &[q - 1, q]));
    }
    c.out
}

/// Cuccaro's ripple-carry adder on uniform superpositions.
fn adder(n: usize) -> Vec<Instruction> {
    let mut c = Builder::new(0);
    let m = (n - 2) / 2;
    let (b, a) = (|i: usize| 1 + 2 * i, |i: usize| 2 + 2 * i);
    let before = |i: usize| if i == 0 { 0 } else { a(i - 1) };
    for q in (0..m).map(b).chain((0..m).map(a)) {
        c.gate(Gate::H, &[], &[q]);
        c.gate(Gate::T, &[], &[q]);
    }
    for i in 0..m {
        c.gate(Gate::Cx, &[], &[a(i), b(i)]);
        c.gate(Gate::Cx, &[], &[a(i), before(i)]);
        c.gate(Gate::Ccx, &[], &[before(i), b(i), a(i)]);
    }
    c.gate(Gate::Cx, &[], &[a(m - 1), n - 1]);
    for i in (0..m).rev() {
        c.gate(Gate::Ccx, &[], &[before(i), b(i), a(i)]);
        c.gate(Gate::Cx, &[], &[a(i), before(i)]);
        c.gate(Gate::Cx, &[], &[before(i), b(i)]);
    }
    c.out
}

fn grover(n: usize) -> Vec<Instruction> {
    fn marked(c: &mut Builder, k: usize) {
        let anc = |i: usize| k + i;
        c.gate(Gate::Ccx, &[], &[0, 1, anc(0)]);
        (2..k - 1).for_each(|i| c.gate(Gate::Ccx, &[], &[i, anc(i - 2), anc(i - 1)]));
        c.gate(Gate::Cz, &[], &[anc(k - 3), k - 1]);
        (2..k - 1).rev().for_each(|i| c.gate(Gate::Ccx, &[], &[i, anc(i - 2), anc(i - 1)]));
        c.gate(Gate::Ccx, &[], &[0, 1, anc(0)]);
    }
    let mut c = Builder::new(3000 + n as u64);
    let k = n / 2 + 1;
    let zeros: Vec<usize> = (0..k).filter(|_| c.rng.next() < 0.5).collect();
    (0..k).for_each(|q| c.gate(Gate::H, &[], &[q]));
    for _ in 0..2 {
        zeros.iter().for_each(|&q| c.gate(Gate::X, &[], &[q]));
        marked(&mut c, k);
        zeros.iter().for_each(|&q| c.gate(Gate::X, &[], &[q]));
        (0..k).for_each(|q| c.gate(Gate::H, &[], &[q]));
        (0..k).for_each(|q| c.gate(Gate::X, &[], &[q]));
        marked(&mut c, k);
        (0..k).for_each(|q| c.gate(Gate::X, &[], &[q]));
        (0..k).for_each(|q| c.gate(Gate::H, &[], &[q]));
    }
    c.out
}

fn qaoa(n: usize) -> Vec<Instruction> {
    let mut c = Builder::new(4000 + n as u64);
    (0..n).for_each(|q| c.gate(Gate::H, &[], &[q]));
    for _ in 0..3 {
        let (gamma, beta) = (c.angle(PI), c.angle(PI));
        (0..n).for_each(|q| c.gate(Gate::Rzz, &[gamma], &[q, (q + 1) % n]));
        (0..n).for_each(|q| c.gate(Gate::Rx, &[beta], &[q]));
    }
    c.out
}

fn clift(n: usize) -> Vec<Instruction> {
    let mut c = Builder::new(5000 + n as u64);
    for _ in 0..20 {
        for q in 0..n {
            let g = if c.rng.next() < 0.1 {
                Gate::T
            } else {
                [Gate::H, Gate::S, Gate::Sdg, Gate::X][c.below(4)]
            };
            c.gate(g, &[], &[q]);
        }
        for pair in c.shuffled(n).chunks_exact(2) {
            c.gate(Gate::Cx, &[], pair);
        }
    }
    c.out
}

type Family = (&'static str, fn(usize) -> Vec<Instruction>);

const FAMILIES: [Family; 8] = [
    ("ghz", ghz),
    ("qft", qft),
    ("qv", qv),
    ("hea", hea),
    ("adder", adder),
    ("grover", grover),
    ("qaoa", qaoa),
    ("clift", clift),
];

/// Least time of plan and run, and of the plan alone.
fn time<T: Real>(
    circuit: &[Instruction],
    n: usize,
    fast: bool,
) -> (Duration, Duration, usize, usize) {
    let control = RunControl::default();
    let (mut best, mut best_plan) = (Duration::MAX, Duration::MAX);
    let (mut passes, mut operations) = (0, 0);
    let begun = std::time::Instant::now();
    let mut state = Statevector::<T>::zero(n, u64::MAX).expect("memory");
    let mut rounds = 0;
    while rounds < 2 || (begun.elapsed() < Duration::from_millis(400) && rounds < 2000) {
        if n <= 16 {
            state.reset_all();
        } else {
            state = Statevector::<T>::zero(n, u64::MAX).expect("memory");
        }
        let start = Clock::now();
        let p = plan(circuit, &PlanOptions::new(n).fast(fast)).expect("a good circuit");
        best_plan = best_plan.min(start.elapsed());
        state.apply(&p, &control).expect("it runs");
        best = best.min(start.elapsed());
        (passes, operations) = (p.summary().passes, p.summary().operations);
        rounds += 1;
    }
    let norm = state.norm_squared();
    assert!((norm - 1.0).abs() < 1e-3, "the norm is {norm}");
    (best, best_plan, passes, operations)
}

/// What is asked of a finished state.
fn extras<T: Real>(n: usize) {
    let control = RunControl::default();
    let p = plan(&hea(n)[..(3 * n) + n - 1], &PlanOptions::new(n)).expect("a good circuit");
    let mut state = Statevector::<T>::zero(n, u64::MAX).expect("memory");
    state.apply(&p, &control).expect("it runs");
    let least = |f: &dyn Fn()| {
        (0..5)
            .map(|_| {
                let start = Clock::now();
                f();
                start.elapsed()
            })
            .min()
            .unwrap_or_default()
    };
    let shots = least(&|| drop(state.sample(1_000_000, 1, &control)));
    let letters =
        |i: usize| -> String {
            (0..n)
                .map(|q| {
                    if (q * 7 + i * 3) % 20 < 1 + i % 6 {
                        ['X', 'Y', 'Z'][(q + i) % 3]
                    } else {
                        'I'
                    }
                })
                .collect()
        };
    let text = (0..20).map(letters).collect::<Vec<_>>().join(" + ");
    let sum = quantum_info::Observable::parse(&text, n).expect("an observable");
    let pauli = least(&|| drop(state.expectation(&sum, &control)));
    let bloch = least(&|| drop(state.bloch_vectors(&control)));
    println!(
        "n = {n}: 1,000,000 shots {shots:.1?}, 20 Pauli strings {pauli:.1?}, Bloch vectors {bloch:.1?}"
    );
}

/// Nanoseconds per thousand amplitudes of single gates, by the place of their qubits, in the cache.
fn kernels<T: Real>(fast: bool) {
    const N: usize = 14;
    let control = RunControl::default();
    let spread = plan(&hea(N)[..3 * N + N - 1], &PlanOptions::new(N)).expect("a good circuit");
    let mut state = Statevector::<T>::zero(N, u64::MAX).expect("memory");
    state.apply(&spread, &control).expect("it runs");
    let gates: [(Gate, &[f64]); 11] = [
        (Gate::U, &[0.1, 0.2, 0.3]),
        (Gate::H, &[]),
        (Gate::Rx, &[0.1]),
        (Gate::Rz, &[0.1]),
        (Gate::X, &[]),
        (Gate::Cx, &[]),
        (Gate::Cp, &[0.1]),
        (Gate::Crx, &[0.1]),
        (Gate::Rxx, &[0.1]),
        (Gate::Rzz, &[0.1]),
        (Gate::Ccx, &[]),
    ];
    let places: [[usize; 3]; 7] =
        [[0, 1, 2], [2, 0, 1], [1, 5, 9], [5, 1, 9], [4, 7, 10], [13, 3, 8], [3, 13, 8]];
    for (g, params) in gates {
        print!("{:5}", g.spec().name);
        for place in places {
            let mut c = Builder::new(0);
            let qubits = &place[..g.spec().num_qubits()];
            c.gate(g, params, qubits);
            let p = plan(&c.out, &PlanOptions::from_layout(state.layout().clone()).fast(fast))
                .expect("a good circuit");
            let best = (0..200)
                .map(|_| {
                    let start = std::time::Instant::now();
                    state.apply(&p, &control).expect("it runs");
                    start.elapsed()
                })
                .min()
                .unwrap_or_default();
            print!("  {qubits:?} {:.0}", best.as_nanos() as f64 / f64::from(1 << (N - 10)));
        }
        println!();
    }
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |a: &str| args.iter().any(|x| x == a);
    let value = |key: &str| args.iter().find_map(|a| a.strip_prefix(key));
    let sizes: Vec<usize> =
        value("n=").unwrap_or("10,16,20").split(',').filter_map(|s| s.parse().ok()).collect();
    let fast = has("fast");
    #[cfg(feature = "parallel")]
    rayon::ThreadPoolBuilder::new()
        .num_threads(value("threads=").and_then(|t| t.parse().ok()).unwrap_or(1))
        .build_global()
        .expect("the first pool");
    if has("kernels") {
        if has("f32") {
            kernels::<f32>(fast);
        } else {
            kernels::<f64>(fast);
        }
        return;
    }
    let some = FAMILIES.iter().any(|f| has(f.0)) || has("extras");
    for &n in &sizes {
        for (name, family) in FAMILIES {
            if some && !has(name) {
                continue;
            }
            let circuit = family(n);
            let (best, planning, passes, operations) = if has("f32") {
                time::<f32>(&circuit, n, fast)
            } else {
                time::<f64>(&circuit, n, fast)
            };
            println!(
                "{name:7} n = {n:2} {:5} gates {operations:5} ops {passes:3} passes  plan {planning:>9.1?}  total {best:>9.1?}",
                circuit.len()
            );
        }
        if !some || has("extras") {
            if has("f32") { extras::<f32>(n) } else { extras::<f64>(n) }
        }
    }
}
