//! Exports with bytes changed, cut and repeated: every reader holds.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::{collection::vec, prelude::*, sample::select};

use crate::{
    any_export::{self, hold, hold_as},
    exports::{self, Layout},
};

fn export() -> impl Strategy<Value = Vec<u8>> {
    (select(Layout::ALL), 1_usize..6, any::<u64>()).prop_map(|(layout, records, seed)| {
        let mut bytes = Vec::new();
        exports::write(layout, records, seed, &mut bytes).unwrap();
        bytes
    })
}

#[test]
fn what_is_whole_is_read() {
    use pm33_interchange::Format;
    let all = any_export::documents();
    let [github, jira, mapping, archive] = all.as_slice() else { panic!("four documents") };
    for (bytes, format) in [(github, Format::GithubJson), (jira, Format::JiraJson)] {
        let mut options = pm33_interchange::ImportOptions::new("2026-12-01T00:00:00Z".parse().unwrap());
        options.format = Some(format);
        assert_eq!(pm33_interchange::plan(bytes, &options).unwrap().report.totals.made, 1, "{format:?}");
        hold_as(any_export::Reader::As(format), bytes);
    }
    assert!(pm33_interchange::Mapping::parse(str::from_utf8(mapping).unwrap()).is_ok());
    assert!(pm33_interchange::is_archive(archive));
    let lines = str::from_utf8(archive).unwrap().lines();
    assert!(lines.map(serde_json::from_str::<pm33_interchange::Line>).all(|line| line.is_ok()));
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
    fn damaged_documents_hold(mut bytes in select(any_export::documents()), length in any::<prop::sample::Index>(),
        changes in vec((any::<prop::sample::Index>(), select(b"\",:{}[]\n\0\xff-19eE.".to_vec())), 0..4)) {
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
