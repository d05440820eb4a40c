//! Formatting twice is formatting once, and changes no meaning.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tests::readers::format(text));
