//! Circuits in the format of Stim: what is read is written, sampled and analyzed.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tests::readers::stim(text));
