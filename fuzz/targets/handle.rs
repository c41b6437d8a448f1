//! The opener of sealed handles (cursors, request states) on any bytes.
#![no_main]

#[path = "../../crates/auth/tests/it/any_handle.rs"]
mod any_handle;

libfuzzer_sys::fuzz_target!(
    init: pm33_fuzz::plant(any_handle::seeds()),
    |bytes: &[u8]| any_handle::hold(bytes)
);
