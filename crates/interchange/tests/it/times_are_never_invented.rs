//! Times and history come from the record or stay unknown.

use pm33_product::Status;
use serde_json::json;

use crate::plan::{one, options, told};

#[test]
fn open_and_closed_records_tell_their_history() {
    let (_, open) =
        one(&json!({ "number": 1, "title": "t", "state": "OPEN", "createdAt": "2024-01-01T00:00:00Z" }));
    assert_eq!((open.item.status, open.item.finished, open.item.history.len()), (Status::Backlog, None, 1));
    for (reason, status) in [
        ("COMPLETED", Status::Done),
        ("", Status::Done),
        ("NOT_PLANNED", Status::Cancelled),
        ("duplicate", Status::Cancelled),
    ] {
        let (plan, closed) = one(
            &json!({ "number": 1, "title": "t", "state": "CLOSED", "stateReason": reason,
            "createdAt": "2024-01-01T00:00:00Z", "closedAt": "2024-02-01T00:00:00Z", "updatedAt": "2024-02-02T00:00:00Z" }),
        );
        let history: Vec<_> = closed
            .item
            .history
            .iter()
            .map(|change| (change.from, change.to, change.at.to_string()))
            .collect();
        assert_eq!(
            history,
            [
                (None, Status::Backlog, "2024-01-01T00:00:00Z".to_owned()),
                (Some(Status::Backlog), status, "2024-02-01T00:00:00Z".to_owned()),
            ]
        );
        assert_eq!((closed.item.status, closed.item.finished), (status, Some(closed.item.history[1].at)));
        assert!(closed.updated.is_some());
        assert_eq!(plan.report.totals.warnings, 0);
    }
}

#[test]
fn unknown_dates_stay_unknown_and_their_text_is_kept() {
    let (plan, item) =
        one(&json!({ "number": 1, "title": "t", "state": "CLOSED", "createdAt": "yyyy-mm-ddT00:00:00Z",
        "closedAt": "v1.29T00:00:00Z", "updatedAt": 5 }));
    assert_eq!((item.item.created, item.item.finished, item.updated), (None, None, None));
    assert!(item.item.history.is_empty());
    assert_eq!(item.item.custom.keys().collect::<Vec<_>>(), ["closedAt", "createdAt", "updatedAt"]);
    assert_eq!((told(&plan, "createdAt").len(), told(&plan, "closedAt").len()), (1, 2));
}

#[test]
fn a_finish_before_the_creation_leaves_the_creation_unknown() {
    let (plan, item) =
        one(&json!({ "number": 1, "title": "t", "state": "CLOSED", "createdAt": "2021-11-03T00:00:00Z",
        "closedAt": "2020-11-03T00:00:00Z" }));
    assert!(item.item.created.is_none() && item.item.finished.is_some());
    assert_eq!(item.item.history.len(), 1);
    assert!(item.item.custom.contains_key("createdAt"));
    assert_eq!(told(&plan, "createdAt").len(), 1);
}

#[test]
fn a_state_that_is_none_is_told() {
    let (plan, item) =
        one(&json!({ "number": 1, "title": "t", "state": "ajar", "closedAt": "2024-01-01T00:00:00Z" }));
    assert_eq!((item.item.status, told(&plan, "state").len()), (Status::Done, 1));
    let (plan, item) =
        one(&json!({ "number": 1, "title": "t", "state": "OPEN", "closedAt": "2024-01-01T00:00:00Z" }));
    assert_eq!(
        (item.item.status, item.item.finished, told(&plan, "closedAt").len()),
        (Status::Backlog, None, 1)
    );
    let (plan, item) = one(&json!({ "number": 1, "title": "t", "closed": true }));
    assert_eq!((item.item.status, told(&plan, "state").len()), (Status::Done, 1));
    let (plan, item) = one(&json!({ "number": 1, "title": "t", "state": "CLOSED", "stateReason": "whim" }));
    assert_eq!((item.item.status, told(&plan, "stateReason").len()), (Status::Done, 1));
}

#[test]
fn what_planning_will_miss_is_counted_for_the_file_and_not_told_of_each_record() {
    let text = "Summary,Issue key,Issue id,Issue Type,Status,Status Category,Project name,Created,Updated,Resolved,Sprint\n\
        a,PAY-1,1,Story,Done,Done,Payments,01/Mar/24 9:15 AM,02/Mar/24 9:15 AM,,Sprint 1\n\
        b,PAY-2,2,Story,Done,Done,Payments,01/Mar/24 9:15 AM,02/Mar/24 9:15 AM,,\n\
        c,PAY-3,3,Story,Done,Done,Payments,01/Mar/24 9:15 AM,20/Mar/24 9:15 AM,20/Mar/24 9:15 AM,\n\
        d,PAY-4,4,Story,To Do,To Do,Payments,01/Mar/24 9:15 AM,02/Mar/24 9:15 AM,,\n";
    let plan = pm33_interchange::plan(text.as_bytes(), &options()).unwrap();
    let notes = plan.report.notes.join("\n");
    assert!(notes.contains("2 × done, and nothing says since when"), "{notes}");
    assert!(notes.contains("1 × in a sprint without dates"), "{notes}");
    assert_eq!(plan.report.problems, []);
    assert!(plan.report.to_string().contains(&notes.lines().next().unwrap()[..20]), "{}", plan.report);
}
