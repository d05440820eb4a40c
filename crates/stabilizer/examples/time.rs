//! What Clifford circuits take here, to be held against Stim: `cargo xtask bench methods` runs both on the same
//! circuits.
//!
//! With a folder as its argument it writes the circuits there. A line for each case: name, seconds.

use std::time::Instant;

use sim::RunControl;
use stabilizer::surface_code::{Memory, Noise};
use stabilizer::{Circuit, Limits, Pauli, Sampler, detection_counts, run};

/// Numbers that look random, the same each time (Marsaglia, Xorshift RNGs, 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 11) % n as u64).unwrap_or(0)
    }
}

/// Layers of a random one of H, S, S† on every qubit and CX on random pairs, measured at the end.
fn random_clifford(n: u32, layers: u32) -> Circuit {
    let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ u64::from(n));
    let mut c = Circuit::default();
    for _ in 0..layers {
        for q in 0..n {
            c.append(["H", "S", "H", "S_DAG"][random.below(4)], &[], &[q]);
        }
        let mut order: Vec<u32> = (0..n).collect();
        for i in (1..order.len()).rev() {
            order.swap(i, random.below(i + 1));
        }
        for pair in order.chunks_exact(2) {
            c.append("CX", &[], pair);
        }
    }
    c.append("M", &[], &(0..n).collect::<Vec<_>>());
    c
}

fn surface(distance: u32) -> Circuit {
    let p = 0.001;
    let noise = Noise { after_clifford: p, before_round: 0.0, before_measure: p, after_reset: p };
    let memory = Memory { distance, rounds: distance, basis: Pauli::Z, noise };
    memory.circuit().expect("a distance that there is")
}

/// Best of some runs, in seconds.
#[expect(clippy::disallowed_methods, reason = "a program: it measures time")]
fn best(repeat: u32, mut f: impl FnMut()) -> f64 {
    (0..repeat)
        .map(|_| {
            let start = Instant::now();
            f();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

#[expect(clippy::print_stdout, reason = "a program: it prints")]
#[expect(clippy::disallowed_methods, reason = "a program: it has arguments and writes files")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1);
    let (limits, control) = (Limits::default(), RunControl::default());
    let write = |name: &str, circuit: &Circuit| match &folder {
        Some(folder) => std::fs::write(format!("{folder}/{name}.stim"), circuit.to_string()),
        None => Ok(()),
    };
    for (n, layers, repeat) in [(100, 100, 20), (1000, 100, 5)] {
        let c = random_clifford(n, layers);
        let name = format!("clifford_{n}");
        write(&name, &c)?;
        let seconds = best(repeat, || {
            let shot = run::run(&c, 1, 0, &limits, &control).expect("it fits");
            std::hint::black_box(shot.record.len());
        });
        println!("{name} one {seconds:.6}");
        if n == 100 {
            let seconds = best(3, || {
                let sampler = Sampler::new(&c, &limits).expect("it fits");
                let mut ones = 0_u64;
                let count = |sum: &mut u64, batch: &stabilizer::Batch| {
                    *sum += u64::from(batch.record(99)[0].count_ones());
                };
                sampler
                    .records(1_000_000, 1, &control, || 0, count, |sum| ones += sum)
                    .expect("it fits");
                std::hint::black_box(ones);
            });
            println!("{name} million {seconds:.6}");
        }
    }
    for distance in [3, 5, 7, 9, 11] {
        let c = surface(distance);
        let name = format!("surface_{distance}");
        write(&name, &c)?;
        let seconds = best(5, || {
            let found = detection_counts(&c, 100_000, 1, &limits, &control).expect("it fits");
            std::hint::black_box(found.shots);
        });
        println!("{name} detectors {seconds:.6}");
    }
    Ok(())
}
