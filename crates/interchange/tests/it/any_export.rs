//! Any bytes through every reader: it ends in a plan whose report balances, or in an error that says something.

use pm33_interchange::{Format, ImportLimits, ImportOptions, Line, Mapping, is_archive, plan};

/// What can be read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reader {
    /// By its columns, whatever it is.
    Found,
    /// As this format.
    As(Format),
    /// By a mapping of the caller's.
    Mapped,
    /// The text of a mapping.
    Mapping,
    /// Lines of an archive.
    Archive,
}

/// Holds for any bytes and every reader.
pub(crate) fn hold(bytes: &[u8]) {
    for reader in [Reader::Found, Reader::Mapped, Reader::Mapping, Reader::Archive] {
        hold_as(reader, bytes);
    }
    for format in Format::ALL {
        hold_as(Reader::As(*format), bytes);
    }
}

/// Holds for any bytes and one reader.
pub(crate) fn hold_as(reader: Reader, bytes: &[u8]) {
    let Ok(now) = "2026-12-01T00:00:00Z".parse() else { return };
    let mut options = ImportOptions::new(now);
    options.limits = ImportLimits { bytes: 1 << 20, records: 10_000, ..ImportLimits::default() };
    match reader {
        Reader::Found => {}
        Reader::As(format) => {
            options.format = Some(format);
            options.date_order = Some(pm33_interchange::DateOrder::DayFirst);
        }
        Reader::Mapped => {
            let mapping =
                "title = \"x\"\nsource = \"x\"\n[fields]\ntitle = [\"Title\", \"a\"]\nid = \"ID\"\n";
            options.mapping = Mapping::parse(mapping).ok();
        }
        Reader::Mapping => {
            let told = str::from_utf8(bytes).map(Mapping::parse);
            assert!(
                told.is_err()
                    || told
                        .is_ok_and(|read| read.map_or_else(|error| !error.to_string().is_empty(), |_| true))
            );
            return;
        }
        Reader::Archive => return hold_archive(bytes),
    }
    read(bytes, &options);
}

/// A line that is read is written so that it reads the same.
fn hold_archive(bytes: &[u8]) {
    let _ = is_archive(bytes);
    for line in bytes.split(|byte| *byte == b'\n') {
        let Ok(line) = serde_json::from_slice::<Line>(line) else { continue };
        let written = serde_json::to_string(&line).unwrap_or_default();
        assert_eq!(serde_json::from_str::<Line>(&written).ok().as_ref(), Some(&line), "{written}");
    }
}

fn read(bytes: &[u8], options: &ImportOptions) {
    match plan(bytes, options) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(plan) => {
            let totals = plan.report.totals;
            assert_eq!(totals.read, totals.made + totals.skipped);
            assert_eq!(plan.items.len(), totals.made + totals.epics);
            for column in &plan.report.columns {
                assert_eq!(
                    column.seen,
                    column.used + column.kept + column.dropped + column.empty,
                    "{}",
                    column.name
                );
            }
            let ids: std::collections::BTreeSet<_> =
                plan.items.iter().map(|item| &item.item.external).collect();
            assert_eq!(ids.len(), plan.items.len(), "each external id occurs once");
        }
    }
}

/// Records of the formats that are no tables, and lines of an archive.
pub(crate) fn documents() -> Vec<Vec<u8>> {
    [
        r#"[{"number":7,"title":"Door jams","body":"x","state":"CLOSED","stateReason":"NOT_PLANNED","createdAt":"2026-01-02T10:00:00Z","closedAt":"2026-02-03T10:00:00Z","updatedAt":"2026-02-03T10:00:00Z","labels":[{"name":"sig-x"}],"assignees":[{"login":"p"}],"milestone":{"title":"v1","dueOn":"2026-03-01"},"url":"https://tracker.example/a/b/issues/7"}]"#,
        r#"{"issues":[{"id":"1","key":"X-1","fields":{"summary":"Door","status":{"name":"Done","statusCategory":{"key":"done"}},"issuetype":{"name":"Story"},"priority":{"name":"High"},"created":"2026-01-02T10:00:00.000+0000","parent":{"key":"X-2"},"labels":["a"],"customfield_1":3.5},"changelog":{"histories":[{"created":"2026-01-03T10:00:00.000+0000","items":[{"field":"status","fromString":"To Do","toString":"Done"}]}]}}]}"#,
        "title = \"x\"\nsource = \"x\"\ndone_by_date = true\n[fields]\ntitle = [\"Title\"]\nlabels = { columns = [\"Tags\"], separator = \";\" }\n[statuses]\nCooking = \"in_progress\"\n",
        "{\"kind\":\"pm33_workspace\",\"version\":1,\"exported\":\"2026-12-01T00:00:00Z\",\"prefix\":\"PAY\"}\n{\"kind\":\"vocabulary\",\"statuses\":{\"QA\":\"in_review\"},\"fields\":{\"S\":{\"type\":\"enum\",\"values\":[\"a\"]}}}\n{\"kind\":\"item\",\"id\":\"019b0000-0000-7000-8000-000000000001\",\"number\":1,\"type\":\"story\",\"title\":\"Door\",\"status\":\"done\",\"priority\":\"high\",\"story_points\":3.5,\"due_date\":\"2026-03-01\",\"updated\":\"2026-12-01T00:00:00Z\",\"history\":[{\"to\":\"done\",\"at\":\"2026-12-01T00:00:00Z\"}]}\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}
