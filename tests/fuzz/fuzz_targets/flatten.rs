//! What compiles is unrolled, within its bounds.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tests::readers::flatten(text));
