//! The same for OpenQASM 2 with its library.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tests::readers::compile2(text));
