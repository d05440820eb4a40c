//! Values of input parameters.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tests::readers::input(text));
