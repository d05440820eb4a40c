//! A memory experiment of the rotated surface code, as a circuit of Stim:
//! `cargo run -p stabilizer --example memory -- DISTANCE ROUNDS PROBABILITY [dem]`.
//! With `dem` the errors of the circuit and what they flip.

use sim::RunControl;
use stabilizer::surface_code::{Memory, Noise};
use stabilizer::{Decoder, ErrorModel, Limits, Pauli, logical_errors};

#[expect(clippy::print_stdout, reason = "an example")]
#[expect(clippy::disallowed_methods, reason = "an example is a program")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [distance, rounds, probability, ..] = &args[..] else {
        return Err("expected DISTANCE ROUNDS PROBABILITY".into());
    };
    let memory = Memory {
        distance: distance.parse()?,
        rounds: rounds.parse()?,
        basis: Pauli::Z,
        noise: Noise::uniform(probability.parse()?),
    };
    let circuit = memory.circuit()?;
    let (limits, control) = (Limits::default(), RunControl::default());
    match args.get(3).map(String::as_str) {
        Some("dem") => print!("{}", ErrorModel::of(&circuit, &limits, &control)?),
        Some("rate") => {
            let decoder = Decoder::new(&ErrorModel::of(&circuit, &limits, &control)?)?;
            let found = logical_errors(&circuit, &decoder, 100_000, 1, &limits, &control)?;
            println!("{}", found.rate());
        }
        _ => print!("{circuit}"),
    }
    Ok(())
}
