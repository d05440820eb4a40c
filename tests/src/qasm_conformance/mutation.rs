//! The conformance files, broken in small ways: nothing panics, and what still reads is written and
//! formatted as it should be.

use crate::mutation::{Random, mutated};
use crate::readers;

use super::data::{self, Case};

fn check(text: &str) {
    readers::compile(text);
    readers::format(text);
}

#[test]
fn broken_files_are_answered() {
    let cases: Vec<Case> =
        [data::indexed("qasm2"), data::indexed("qasm3"), data::qe_qasm()].concat();
    let mut random = Random::new(0x9e37_79b9_7f4a_7c15);
    let rounds = if cfg!(debug_assertions) { 1 } else { 20 };
    for c in cases.iter().filter(|c| c.source.len() < 3_000) {
        check(&c.source);
        for _ in 0..rounds {
            check(&mutated(&c.source, &mut random));
        }
    }
}
