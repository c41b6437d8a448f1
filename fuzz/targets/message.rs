//! The JSON-RPC decoder on any bytes.
#![no_main]

#[path = "../../crates/protocol/tests/it/any_bytes.rs"]
mod any_bytes;

libfuzzer_sys::fuzz_target!(
    init: pm33_fuzz::plant(any_bytes::seeds()),
    |bytes: &[u8]| any_bytes::hold(bytes)
);
