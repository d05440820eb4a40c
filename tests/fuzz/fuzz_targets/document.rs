//! What compiles is drawn; the text of a picture is a program.

#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| tests::readers::document(text));
