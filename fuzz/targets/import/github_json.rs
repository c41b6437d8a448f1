//! GitHub's JSON on any bytes.
#![no_main]

#[path = "../../../crates/interchange/tests/it/any_export.rs"]
#[expect(dead_code, reason = "property tests use the rest")]
mod any_export;

use any_export::Reader;
use pm33_interchange::Format;

libfuzzer_sys::fuzz_target!(
    init: pm33_fuzz::plant(any_export::documents()[0..=0].to_vec()),
    |bytes: &[u8]| any_export::hold_as(Reader::As(Format::GithubJson), bytes)
);
