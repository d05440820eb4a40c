//! Formatting twice is formatting once.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qasm::format;

fuzz_target!(|text: &str| {
    if let Ok(once) = format(text) {
        assert_eq!(format(&once).as_deref(), Ok(once.as_str()));
    }
});
