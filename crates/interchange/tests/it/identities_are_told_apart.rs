//! External ids: stable for a record, unique in a file, never silently shared.

use pm33_interchange::Outcome;
use serde_json::{Value, json};

use crate::plan::{id, one, plan, told};

fn url(repository: &str, number: u32) -> String {
    format!("https://github.com/{repository}/issues/{number}")
}

fn issue(number: &Value, url: &str, title: &str) -> Value {
    json!({ "number": number, "url": url, "title": title, "state": "OPEN", "createdAt": "2024-01-01T00:00:00Z" })
}

#[test]
fn a_number_is_an_id_within_its_repository() {
    let records = json!([
        issue(&json!(7), &url("a/b", 7), "one"),
        issue(&json!(7), &url("c/d", 7), "two"),
        issue(&json!("7"), "", "three")
    ]);
    let plan = plan(&records);
    assert_eq!(plan.items.iter().map(id).collect::<Vec<_>>(), ["a/b#7", "c/d#7", "7"]);
    assert_eq!(told(&plan, "number"), ["3: a text; read as the number it shows"]);
}

#[test]
fn without_a_number_the_url_or_a_fingerprint_is_the_id() {
    let (_, by_url) = one(&issue(&json!(0), "https://example.test/x", "t"));
    assert_eq!(id(&by_url), "https://example.test/x");
    let odd = issue(&json!("a non-empty string"), "", "t");
    let (plan, by_content) = one(&odd);
    assert!(id(&by_content).starts_with("content-"));
    assert_eq!(id(&by_content), id(&one(&odd).1));
    assert_eq!(told(&plan, "number").len(), 1);
    assert!(by_content.item.custom.contains_key("number"));
    let (_, by_node) = one(&json!({ "id": "I_9", "title": "t", "state": "OPEN" }));
    assert_eq!(id(&by_node), "I_9");
}

#[test]
fn different_issues_under_one_number_all_stay() {
    let same = url("a/b", 1);
    let records = json!([
        issue(&json!(1), &same, "one"),
        issue(&json!(1), &same, "two"),
        issue(&json!(1), &same, "three")
    ]);
    let first = plan(&records);
    assert_eq!(first.items.len(), 3);
    let mut ids: Vec<_> = first.items.iter().map(id).collect();
    ids.sort_unstable();
    assert_eq!(ids[0], "a/b#1");
    assert!(ids[1..].iter().all(|id| id.starts_with("a/b#1~")), "{ids:?}");
    assert_eq!(told(&first, "number").len(), 2);
    let again = plan(&records);
    assert!(first.items.iter().map(id).eq(again.items.iter().map(id)));
}

#[test]
fn which_of_several_issues_keeps_their_number_does_not_hang_on_the_order_of_the_file() {
    let same = url("a/b", 1);
    let records: Vec<_> =
        [("one", "2024-01-02"), ("two", "2024-01-01"), ("three", ""), ("four", ""), ("five", "2024-01-01")]
            .into_iter()
            .map(|(title, created)| {
                let mut record = issue(&json!(1), &same, title);
                record["createdAt"] = json!(created);
                record
            })
            .collect();
    let ids = |records: Vec<Value>| {
        let plan = plan(&Value::from(records));
        let mut ids: Vec<_> =
            plan.items.iter().map(|item| (item.item.title.clone(), id(item).to_owned())).collect();
        ids.sort_unstable();
        ids
    };
    let backwards = records.iter().rev().cloned().collect();
    let dated = records[..2].to_vec();
    assert_eq!(ids(records), ids(backwards));
    assert_eq!(ids(dated)[1], ("two".to_owned(), "a/b#1".to_owned()), "the oldest keeps it");
}

#[test]
fn of_an_issue_exported_twice_the_newer_record_counts() {
    let state = |state: &str, updated: &str| {
        let mut record = issue(&json!(1), &url("a/b", 1), "same");
        record["state"] = json!(state);
        record["updatedAt"] = json!(updated);
        record
    };
    let (old, new) = (state("OPEN", "2024-02-01T00:00:00Z"), state("CLOSED", "2024-03-01T00:00:00Z"));
    for (records, record) in [(json!([old, new]), 2), (json!([new, old]), 1), (json!([new, new]), 2)] {
        let plan = plan(&records);
        assert_eq!((plan.items.len(), plan.items[0].record, plan.report.totals.skipped), (1, record, 1));
        assert_eq!(plan.items[0].item.status.as_str(), "done");
        let skipped = plan.report.problems.iter().find(|problem| problem.outcome == Outcome::Skipped);
        assert_eq!(skipped.and_then(|problem| problem.value.clone()), Some(format!("record {record}")));
    }
}
