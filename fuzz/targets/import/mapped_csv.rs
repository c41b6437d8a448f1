//! A table with a mapping of the caller's on any bytes.
#![no_main]

#[path = "../../../crates/interchange/tests/it/any_export.rs"]
#[expect(dead_code, reason = "property tests use the rest")]
mod any_export;
#[path = "../../../crates/interchange/tests/exports/mod.rs"]
mod exports;

use any_export::Reader;
use exports::Layout;

libfuzzer_sys::fuzz_target!(
    init: pm33_fuzz::plant(seeds(Layout::ALL)),
    |bytes: &[u8]| any_export::hold_as(Reader::Mapped, bytes)
);

fn seeds(layouts: &[Layout]) -> Vec<Vec<u8>> {
    let seed = |layout: &Layout| {
        let mut bytes = Vec::new();
        exports::write(*layout, 3, 7, &mut bytes).expect("an export is written");
        bytes
    };
    layouts.iter().map(seed).collect()
}
