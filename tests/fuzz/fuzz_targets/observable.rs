//! The text of an observable.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tests::readers::observable(text));
