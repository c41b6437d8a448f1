//! The parser of API keys on any bytes.
#![no_main]

#[path = "../../crates/auth/tests/it/any_key.rs"]
mod any_key;

libfuzzer_sys::fuzz_target!(
    init: pm33_fuzz::plant(any_key::seeds()),
    |bytes: &[u8]| any_key::hold(bytes)
);
