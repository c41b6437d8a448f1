//! Any bytes through every reader: it ends in a plan whose report balances, or in an error that says something.

use pm33_interchange::{Format, ImportLimits, ImportOptions, Mapping, plan};

/// Holds for any bytes.
pub(crate) fn hold(bytes: &[u8]) {
    let Ok(now) = "2026-12-01T00:00:00Z".parse() else { return };
    let mut options = ImportOptions::new(now);
    options.limits = ImportLimits { bytes: 1 << 20, records: 10_000, ..ImportLimits::default() };
    read(bytes, &options);
    options.date_order = Some(pm33_interchange::DateOrder::DayFirst);
    for format in Format::ALL {
        options.format = Some(*format);
        read(bytes, &options);
    }
    options.format = None;
    options.mapping =
        Mapping::parse("title = \"x\"\nsource = \"x\"\n[fields]\ntitle = [\"Title\", \"a\"]\nid = \"ID\"\n")
            .ok();
    read(bytes, &options);
    if let Ok(text) = std::str::from_utf8(bytes) {
        options.mapping = Mapping::parse(text).ok();
        let _ = pm33_interchange::is_archive(text.as_bytes());
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
