//! Issues of Jira's REST API, with the history that their changelog tells.
#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use pm33_interchange::{Format, ImportPlan};
use pm33_product::Status;
use serde_json::{Value, json};

use crate::plan::{check_balance, needs, options, parent, told};

fn read(value: &Value) -> ImportPlan {
    let plan = pm33_interchange::plan(value.to_string().as_bytes(), &options()).unwrap();
    check_balance(&plan);
    plan
}

fn change(at: &str, from: &str, to: &str) -> Value {
    json!({ "created": at, "items": [{ "field": "status", "fromString": from, "toString": to }] })
}

fn page() -> Value {
    json!({ "total": 2, "names": { "customfield_5": "Story Points" }, "issues": [
        { "id": "1", "key": "A-1", "self": "https://x", "fields": {
            "summary": "Pay", "issuetype": { "name": "Story" }, "project": { "key": "A", "name": "Shop" },
            "status": { "name": "Released to all", "statusCategory": { "key": "done" } },
            "created": "2024-03-01T09:00:00.000+0100", "resolutiondate": "2024-03-09T09:00:00.000+0100",
            "priority": { "name": "High" }, "assignee": { "displayName": "Ann" }, "customfield_5": 5.0, "labels": ["web"],
            "customfield_9": [{ "id": 1, "name": "S 1", "state": "closed", "startDate": "2024-03-01T00:00:00.000Z", "endDate": "2024-03-14T00:00:00.000Z" }],
            "issuelinks": [{ "type": { "inward": "is blocked by", "outward": "blocks" }, "inwardIssue": { "key": "A-2" } }],
            "comment": { "comments": [{ "body": "x" }], "total": 1 } },
          "changelog": { "total": 3, "histories": [
            change("2024-03-08T09:00:00.000+0100", "In Review", "Released to all"),
            change("2024-03-02T09:00:00.000+0100", "To Do", "In Progress"),
            change("2024-03-05T09:00:00.000+0100", "In Progress", "In Review"),
          ] } },
        { "id": "2", "key": "A-2", "fields": { "summary": "Base", "status": { "name": "To Do", "statusCategory": { "key": "new" } },
            "parent": { "id": "1", "key": "A-1" }, "created": "2024-03-01T09:00:00.000+0100" },
          "changelog": { "total": 9, "histories": [] } },
    ] })
}

#[test]
fn history_comes_from_the_changelog() {
    let plan = read(&page());
    assert_eq!(plan.report.format, Format::JiraJson);
    let one = &plan.items[0];
    let history: Vec<_> = one.item.history.iter().map(|change| (change.to, change.at.to_string())).collect();
    assert_eq!(
        history,
        [
            (Status::Backlog, "2024-03-01T08:00:00Z".to_owned()),
            (Status::InProgress, "2024-03-02T08:00:00Z".to_owned()),
            (Status::InReview, "2024-03-05T08:00:00Z".to_owned()),
            (Status::Done, "2024-03-08T08:00:00Z".to_owned()),
        ]
    );
    assert_eq!(one.item.started.unwrap().to_string(), "2024-03-02T08:00:00Z");
    assert_eq!(one.item.finished.unwrap().to_string(), "2024-03-08T08:00:00Z");
    assert_eq!(
        (one.item.points, one.item.assignee.as_deref(), one.team_name.as_deref()),
        (Some(5.0), Some("Ann"), Some("Shop"))
    );
    assert_eq!(one.sprint.as_ref().unwrap().end.unwrap().to_string(), "2024-03-14");
    assert_eq!(needs(one), ["A-2"]);
    assert_eq!(parent(&plan.items[1]), Some("A-1"));
}

#[test]
fn a_log_that_was_cut_is_told_and_proves_no_beginning() {
    let plan = read(&page());
    assert!(plan.items[1].item.history.len() <= 1);
    assert_eq!(told(&plan, "changelog").len(), 1);
}

#[test]
fn a_page_with_an_issue_on_each_line_is_one_page() {
    let page = page();
    let lines: Vec<String> = page["issues"].as_array().unwrap().iter().map(ToString::to_string).collect();
    let text = format!("{{\"issues\":[{}],\"names\":{}}}\n", lines.join(",\n"), page["names"]);
    let by_line = pm33_interchange::plan(text.as_bytes(), &options()).unwrap();
    assert_eq!(by_line.report, read(&page).report);
    assert_eq!(by_line.items[0].item.points, Some(5.0));
}

#[test]
fn issues_as_a_list_or_line_by_line_are_the_same() {
    let issues = page()["issues"].clone();
    let lines: Vec<String> = issues.as_array().unwrap().iter().map(ToString::to_string).collect();
    let by_line = pm33_interchange::plan(lines.join("\n").as_bytes(), &options()).unwrap();
    let as_list = read(&issues);
    assert_eq!(by_line.items.len(), 2);
    assert_eq!(by_line.report, as_list.report);
}
