//! Any text is answered; what compiles is written, and what is written compiles.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| { std::fs::write("/dev/shm/last", text).unwrap(); tests::readers::compile(text) });
