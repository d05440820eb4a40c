//! Any text is answered; what compiles is written, and what is written compiles.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tests::readers::compile(text));
