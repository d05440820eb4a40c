//! Any text is answered; what compiles is written, and what is written compiles.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qasm::{Options, compile, emit2, emit3};

fuzz_target!(|text: &str| {
    let options = Options::default();
    if let Some(circuit) = compile(text, &options).circuit {
        let _ = emit2(&circuit);
        let written = emit3(&circuit);
        assert!(compile(&written, &options).circuit.is_some(), "{written}");
    }
});
