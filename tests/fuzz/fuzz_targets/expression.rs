//! Angles as they are typed on the canvas.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tests::readers::expression(text));
