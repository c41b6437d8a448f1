//! A real backlog of 673 records, read where the shared data is present.
#![expect(clippy::print_stderr, reason = "a test that had no data must say so")]

use std::{collections::BTreeSet, path::PathBuf};

use pm33_interchange::{Format, open};
use serde_json::Value;

use crate::plan::{check_balance, github, id, options};

fn data() -> Option<Vec<u8>> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    let folder = std::env::var_os("PM33_TEST_DATA").map_or_else(beside, PathBuf::from);
    let file = folder.join("k8s_enhancements.github.json");
    let bytes = std::fs::read(&file).ok();
    if bytes.is_none() {
        eprintln!("SKIPPED: {} is absent; set PM33_TEST_DATA to the folder that holds it", file.display());
    }
    bytes
}

#[test]
fn every_record_becomes_an_item_and_every_column_is_reported() {
    let Some(bytes) = data() else { return };
    assert_eq!(open(std::io::Cursor::new(&bytes), &options()).unwrap().format(), Format::GithubJson);
    let plan = github(&bytes, &options()).unwrap();
    check_balance(&plan);
    assert_eq!((plan.report.totals.read, plan.report.totals.made, plan.report.totals.skipped), (673, 673, 0));

    let raw: Vec<serde_json::Map<String, Value>> = serde_json::from_slice(&bytes).unwrap();
    let columns: BTreeSet<&str> = raw.iter().flat_map(|record| record.keys().map(String::as_str)).collect();
    for column in &columns {
        let reported = plan.report.columns.iter().find(|reported| reported.name == *column).unwrap();
        assert_eq!((reported.seen, reported.dropped), (673, 0), "{column}");
    }
    for (record, item) in raw.iter().zip(&plan.items) {
        let item = &item.item;
        assert_eq!(item.title, record["title"].as_str().unwrap().trim());
        assert_eq!(item.description, record["body"].as_str().unwrap());
        assert_eq!(item.labels.len(), record["labels"].as_array().unwrap().len());
        assert_eq!(item.status.is_open(), record["state"] == "OPEN");
        // A time appears only where the file has one, and a text that is no time is kept.
        for (column, time) in [("createdAt", item.created), ("closedAt", item.finished)] {
            let given = record[column].as_str();
            assert_eq!(
                given.is_some(),
                time.is_some() || item.custom.contains_key(column),
                "{} {column}",
                item.title
            );
        }
    }
    assert_eq!(
        plan.items.iter().filter(|item| id(item).starts_with("kubernetes/enhancements#")).count(),
        660
    );
    let team = plan.items.iter().filter(|item| item.team_name.as_deref() == Some("sig-node")).count();
    assert_eq!(team, 142);
    eprintln!("{}", plan.report);
}
