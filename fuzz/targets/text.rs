//! The boundary for strings from outside on any bytes.
#![no_main]

#[path = "../../crates/text/tests/it/any_text.rs"]
mod any_text;

libfuzzer_sys::fuzz_target!(
    init: pm33_fuzz::plant(any_text::seeds()),
    |bytes: &[u8]| any_text::hold(bytes)
);
