//! Linear's CSV export on any bytes.
#![no_main]

#[path = "../../../crates/interchange/tests/it/any_export.rs"]
#[expect(dead_code, reason = "property tests use the rest")]
mod any_export;
#[path = "../../../crates/interchange/tests/exports/mod.rs"]
mod exports;

use any_export::Reader;
use exports::Layout;
use pm33_interchange::Format;

libfuzzer_sys::fuzz_target!(
    init: pm33_fuzz::plant(seeds(&[Layout::Linear30, Layout::Linear34])),
    |bytes: &[u8]| any_export::hold_as(Reader::As(Format::LinearCsv), bytes)
);

fn seeds(layouts: &[Layout]) -> Vec<Vec<u8>> {
    let seed = |layout: &Layout| {
        let mut bytes = Vec::new();
        exports::write(*layout, 3, 7, &mut bytes).expect("an export is written");
        bytes
    };
    layouts.iter().map(seed).collect()
}
