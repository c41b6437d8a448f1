//! What the fuzzer begins with: a small export of each layout, as its tracker writes it.

#[path = "../../../crates/interchange/tests/exports/mod.rs"]
#[expect(dead_code, reason = "each target begins with its own layouts")]
mod exports;

pub(crate) use exports::Layout;

/// Writes an export of three records for each layout.
pub(crate) fn of(layouts: &[Layout]) -> Vec<Vec<u8>> {
    let seed = |layout: &Layout| {
        let mut bytes = Vec::new();
        exports::write(*layout, 3, 7, &mut bytes).expect("an export is written");
        bytes
    };
    layouts.iter().map(seed).collect()
}
