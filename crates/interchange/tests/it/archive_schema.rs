//! The schema of an archive's lines as it is published, and lines that it must let through.

use pm33_interchange::{Line, is_archive, line_schema};
use serde_json::{Value, json};

#[test]
fn the_published_schema_is_the_one_of_the_code() {
    let published: Value =
        serde_json::from_str(include_str!("../../../../docs/archive.schema.json")).unwrap();
    assert_eq!(
        published,
        serde_json::to_value(line_schema()).unwrap(),
        "stale: cargo run -p pm33-interchange --example line_schema > docs/archive.schema.json"
    );
}

#[test]
fn the_first_line_tells_an_archive_from_other_json() {
    let first = json!({ "kind": "pm33_workspace", "version": 1, "exported": "2026-12-01T00:00:00Z", "prefix": "PAY" });
    assert!(matches!(serde_json::from_value(first.clone()), Ok(Line::Pm33Workspace { version: 1, .. })));
    assert!(is_archive(format!("{first}\n{{").as_bytes()));
    assert!(!is_archive(b"[{\"number\":1}]") && !is_archive(b"") && !is_archive(b"Issue key,Summary\n"));
}
