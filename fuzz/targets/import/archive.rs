//! Lines of an archive on any bytes.
#![no_main]

#[path = "../../../crates/interchange/tests/it/any_export.rs"]
#[expect(dead_code, reason = "property tests use the rest")]
mod any_export;

use any_export::Reader;

libfuzzer_sys::fuzz_target!(
    init: pm33_fuzz::plant(any_export::documents()[3..=3].to_vec()),
    |bytes: &[u8]| any_export::hold_as(Reader::Archive, bytes)
);
