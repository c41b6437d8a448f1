//! Exports with bytes changed, cut and repeated: every reader holds.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    any_export::hold,
    exports::{self, Layout},
};

fn export() -> impl Strategy<Value = Vec<u8>> {
    (select(Layout::ALL), 1_usize..6, any::<u64>()).prop_map(|(layout, records, seed)| {
        let mut bytes = Vec::new();
        exports::write(layout, records, seed, &mut bytes).unwrap();
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_exports_hold(mut bytes in export(), length in any::<prop::sample::Index>(),
        changes in vec((any::<prop::sample::Index>(), select(b"\",;\n\r\t\0\xff=1A".to_vec())), 0..8)) {
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        hold(&bytes);
        bytes.truncate(length.index(bytes.len()));
        hold(&bytes);
    }

    #[test]
    fn any_bytes_hold(bytes in vec(any::<u8>(), 0..300)) {
        hold(&bytes);
    }

    #[test]
    fn any_cells_under_a_known_header_hold(cells in vec("[ -~]{0,12}", 0..60), layout in select(Layout::ALL)) {
        let header = layout.header();
        let rows: Vec<String> = cells.chunks(header.len()).map(|row| row.join(",")).collect();
        hold(format!("{}\n{}\n", header.join(","), rows.join("\n")).as_bytes());
    }
}
