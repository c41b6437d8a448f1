//! The reader and the check of exported audit logs on any bytes.
#![no_main]

#[path = "../../crates/tenancy/tests/it/any_line.rs"]
mod any_line;

libfuzzer_sys::fuzz_target!(
    init: pm33_fuzz::plant(any_line::seeds()),
    |bytes: &[u8]| any_line::hold(bytes)
);
