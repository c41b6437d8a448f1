//! Whatever has no field is kept as a custom field or reported as lost.

use pm33_product::CustomValue;
use serde_json::json;

use crate::plan::{one, plan, told};

#[test]
fn a_long_title_is_cut_and_heads_the_description() {
    let long = "word ".repeat(120);
    let (plan, item) = one(&json!({ "number": 1, "title": long, "body": "Body", "state": "OPEN" }));
    assert_eq!(item.item.title, long[..500].trim_end());
    assert_eq!(item.item.description, format!("{}\n\nBody", long.trim()));
    assert_eq!(told(&plan, "title").len(), 1);
}

#[test]
fn a_long_description_is_cut_and_the_loss_is_counted() {
    let (plan, item) =
        one(&json!({ "number": 1, "title": "t", "body": "é".repeat(65_540), "state": "OPEN" }));
    assert_eq!(item.item.description.chars().count(), 65_536);
    let problem =
        plan.report.problems.iter().find(|problem| problem.column.as_deref() == Some("body")).unwrap();
    assert_eq!(problem.value.as_deref(), Some("4 characters lost"));
}

#[test]
fn columns_without_a_field_become_custom_fields() {
    let (plan, item) = one(&json!({
        "number": 1, "title": "t", "state": "OPEN", "id": "I_1", "isPinned": false, "closed": false, "projectCards": [],
        "author": { "login": "someone", "is_bot": false }, "comments": [{ "body": "first" }],
        "reactionGroups": [{ "content": "HEART", "users": { "totalCount": 2 } }], "points": 3.5,
        "milestone": { "title": "v2", "dueOn": "2026-09-01T07:00:00Z", "number": 4, "description": null },
    }));
    let custom = &item.item.custom;
    assert_eq!(custom["author"], CustomValue::Text("someone".into()));
    assert_eq!(custom["milestone"], CustomValue::Text("v2".into()));
    assert_eq!(custom["points"], CustomValue::Number(3.5));
    assert_eq!(custom["comments"], CustomValue::Text(r#"[{"body":"first"}]"#.into()));
    assert_eq!(item.item.due.unwrap().to_string(), "2026-09-01");
    let of = |name: &str| {
        let column = plan.report.columns.iter().find(|column| column.name == name).unwrap();
        (column.used, column.kept, column.dropped, column.empty)
    };
    assert_eq!(of("title"), (1, 0, 0, 0));
    assert_eq!(of("milestone"), (0, 1, 0, 0));
    assert_eq!(of("milestone.dueOn"), (1, 0, 0, 0));
    assert_eq!(of("milestone.number"), (0, 0, 1, 0));
    assert_eq!(of("milestone.description"), (0, 0, 0, 1));
    assert_eq!(of("author.is_bot"), (0, 0, 1, 0));
    assert_eq!(of("projectCards"), (0, 0, 0, 1));
}

#[test]
fn what_cannot_be_kept_is_reported() {
    let name = "n".repeat(101);
    let mut record =
        json!({ "number": 1, "title": "t", "state": "OPEN", "big": "x".repeat(10_001), name.as_str(): 1 });
    for at in 0..101 {
        record[format!("field {at}")] = json!(at);
    }
    let (plan, item) = one(&record);
    assert_eq!(item.item.custom.len(), 100);
    let lost: Vec<_> =
        plan.report.problems.iter().filter(|problem| problem.message.starts_with("not kept")).collect();
    assert_eq!(lost.len(), 3);
    assert_eq!(plan.report.columns.iter().map(|column| column.dropped).sum::<usize>(), 3);
}

#[test]
fn a_repeated_column_is_reported() {
    let text = br#"[{"number":1,"title":"first","title":"second","state":"OPEN"}]"#;
    let plan = crate::plan::github(text, &crate::plan::options()).unwrap();
    assert_eq!(plan.items[0].item.title, "second");
    assert_eq!(plan.report.problems[0].value.as_deref(), Some("first"));
}

#[test]
fn texts_pass_the_boundary_and_removals_are_counted() {
    let (plan, item) = one(&json!({
        "number": 1, "title": "hid\u{2060}den\u{e0041}", "body": "a\r\nb\u{1b}[31m", "state": "OPEN",
        "labels": [{ "name": "la\u{202e}bel" }], "cust\u{2060}om": "\u{7}v",
    }));
    assert_eq!((item.item.title.as_str(), item.item.description.as_str()), ("hidden", "a\nb"));
    assert_eq!(item.item.labels, ["label"]);
    assert_eq!(item.item.custom["custom"], CustomValue::Text("v".into()));
    assert_eq!(plan.report.removed.total(), 6);
}

#[test]
fn the_report_reads_as_a_table_and_as_json() {
    let plan = plan(
        &json!([{ "number": 1, "title": "t", "state": "OPEN", "url": "https://github.com/a/b/issues/1" }, 7, 8]),
    );
    let table = plan.report.to_string();
    assert!(table.contains("3 records read, 1 items, 2 skipped, 0 warnings"), "{table}");
    assert!(table.contains("url           1        0        1"), "{table}");
    assert!(table.contains("(record 2") && table.contains("skipped:"), "{table}");
    let json = serde_json::to_value(&plan.report).unwrap();
    assert_eq!((&json["format"], &json["totals"]["read"]), (&json!("github_json"), &json!(3)));
}
