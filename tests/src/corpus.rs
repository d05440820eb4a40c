//! What fuzzing has found, replayed: each reader gets its corpus (`suite/corpus/READER/`), and the corpus
//! broken in small ways, the same each time. The targets of `fuzz/` search on from the same files.

use std::fs;
use std::path::Path;

use crate::mutation::{Random, mutated};
use crate::readers::READERS;

/// Broken texts per reader.
const MUTATIONS: usize = if cfg!(debug_assertions) { 1_500 } else { 30_000 };

fn corpus(name: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("suite/corpus").join(name);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    // In one order everywhere: the mutations follow from it.
    paths.sort();
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn every_reader_answers_its_corpus_and_what_is_near_it() {
    std::thread::scope(|threads| {
        for (name, read) in READERS {
            threads.spawn(move || {
                let texts = corpus(name);
                assert!(texts.len() >= 5, "{name} has {} texts", texts.len());
                for text in &texts {
                    read(text);
                }
                let mut random = Random::new(0x9e37_79b9_7f4a_7c15);
                for i in 0..MUTATIONS {
                    read(&mutated(&texts[i % texts.len()], &mut random));
                }
            });
        }
    });
}
