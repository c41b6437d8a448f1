//! Lighthouse's CSV export on any bytes.
#![no_main]

#[path = "../../../crates/interchange/tests/it/any_export.rs"]
#[expect(dead_code, reason = "property tests use the rest")]
mod any_export;
mod seeds;

use any_export::Reader;
use pm33_interchange::Format;
use seeds::Layout;

libfuzzer_sys::fuzz_target!(
    init: pm33_fuzz::plant(seeds::of(&[Layout::Lighthouse])),
    |bytes: &[u8]| any_export::hold_as(Reader::As(Format::LighthouseCsv), bytes)
);
