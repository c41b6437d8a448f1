//! Words of trackers that the model does not know by itself.

use pm33_product::{ItemType, Priority, Status, StatusCategory};
use serde_json::Value;

use super::{Reading, cells};
use crate::{mapping::word, row::Row};

const STATUSES: &[(Status, &[&str])] = &[
    (
        Status::Backlog,
        &[
            "icebox",
            "unscheduled",
            "proposed",
            "reopened",
            "draft",
            "funnel",
            "idea",
            "inbox",
            "not started",
            "unstarted",
        ],
    ),
    (
        Status::Planned,
        &[
            "approved",
            "committed",
            "up next",
            "next",
            "ready for development",
            "ready for dev",
            "ready to start",
            "prioritized",
            "prioritised",
            "sprint backlog",
            "scheduled",
            "to be done",
        ],
    ),
    (
        Status::InProgress,
        &[
            "in development",
            "in dev",
            "development",
            "implementing",
            "working",
            "wip",
            "work in progress",
            "ongoing",
            "building",
            "in design",
            "analysis",
            "in analysis",
        ],
    ),
    (
        Status::InReview,
        &[
            "code review",
            "in code review",
            "peer review",
            "in testing",
            "testing",
            "test",
            "in test",
            "qa",
            "in qa",
            "ready for qa",
            "ready for test",
            "ready for testing",
            "ready for review",
            "verification",
            "verifying",
            "validation",
            "awaiting review",
            "ready for deploy",
            "ready for release",
            "ready to merge",
            "uat",
            "acceptance",
        ],
    ),
    (
        Status::Blocked,
        &["waiting", "impeded", "paused", "stalled", "waiting for customer", "waiting for support"],
    ),
    (
        Status::Done,
        &[
            "complete",
            "finished",
            "shipped",
            "released",
            "delivered",
            "deployed",
            "merged",
            "live",
            "verified",
            "fixed",
        ],
    ),
    (
        Status::Cancelled,
        &[
            "won't do",
            "won't fix",
            "wontfix",
            "removed",
            "rejected",
            "abandoned",
            "declined",
            "obsolete",
            "invalid",
            "dropped",
            "not doing",
            "cannot reproduce",
            "not a bug",
        ],
    ),
];

const TYPES: &[(ItemType, &[&str])] = &[
    (ItemType::Feature, &["new feature", "feature request", "capability"]),
    (ItemType::Epic, &["initiative", "theme"]),
    (ItemType::Story, &["requirement", "product backlog item"]),
    (ItemType::Task, &["technical task", "sub-bug", "spike", "test case", "maintenance", "to-do"]),
    (ItemType::Bug, &["incident", "problem", "issue (bug)"]),
    (ItemType::Improvement, &["change", "change request", "refactoring", "technical debt"]),
];

const DONE: &[&str] =
    &["done", "fixed", "resolved", "complete", "completed", "unresolved", "implemented", "delivered"];
const GIVEN_UP: &[&str] = &[
    "won't do",
    "won't fix",
    "wontfix",
    "duplicate",
    "cannot reproduce",
    "incomplete",
    "declined",
    "invalid",
    "obsolete",
    "not a bug",
    "cancelled",
    "canceled",
    "rejected",
    "abandoned",
];

fn folded(text: &str) -> String {
    text.trim().to_lowercase().replace('’', "'").replace(['_'], " ")
}

fn look<T: Copy>(words: &[(T, &[&str])], text: &str) -> Option<T> {
    let text = folded(text);
    words.iter().find(|(_, known)| known.contains(&text.as_str())).map(|(value, _)| *value)
}

/// The status that the mapping or the workspace has for a word: no phase of the tracker says otherwise.
pub(super) fn told(text: &str, by: &Reading<'_>) -> Option<Status> {
    word(&by.mapping.statuses, text).or_else(|| word(&by.options.statuses, text))
}

/// The status for a word.
pub(crate) fn status(text: &str) -> Option<Status> {
    Status::parse(text).or_else(|| look(STATUSES, text))
}

/// The phase for a word.
pub(crate) fn category(text: &str) -> Option<StatusCategory> {
    match folded(text).as_str() {
        "to do" | "todo" | "new" | "undefined" | "proposed" => Some(StatusCategory::ToDo),
        "in progress" | "indeterminate" => Some(StatusCategory::Doing),
        "done" | "complete" | "completed" => Some(StatusCategory::Finished),
        _ => None,
    }
}

/// What a resolution makes of a finished item.
pub(super) fn resolution(text: &str) -> Option<Status> {
    let text = folded(text);
    if GIVEN_UP.contains(&text.as_str()) {
        return Some(Status::Cancelled);
    }
    DONE.contains(&text.as_str()).then_some(Status::Done)
}

/// The type of a record; an unknown word is kept.
pub(super) fn item_type(row: &mut Row, by: &Reading<'_>) -> ItemType {
    let otherwise = by.mapping.item_type.unwrap_or(by.options.item_type);
    let Some((column, text)) = cells::text(row, &by.mapping.fields.item_type) else { return otherwise };
    let found =
        word(&by.mapping.types, &text).or_else(|| ItemType::parse(&text)).or_else(|| look(TYPES, &text));
    found.unwrap_or_else(|| {
        let told = format!(
            "{text:?} is no type that is known; it counts as {otherwise}, the word is a custom field"
        );
        row.give_back(&column, &Value::from(text), &told);
        otherwise
    })
}

/// The priority of a record; an unknown word is kept.
pub(super) fn priority(row: &mut Row, by: &Reading<'_>) -> Priority {
    let Some((column, text)) = cells::text(row, &by.mapping.fields.priority) else { return Priority::None };
    let found = word(&by.mapping.priorities, &text).or_else(|| Priority::parse(&text));
    found.unwrap_or_else(|| {
        let told =
            format!("{text:?} is no priority that is known; it counts as none, the word is a custom field");
        row.give_back(&column, &Value::from(text), &told);
        Priority::None
    })
}
