//! GitHub issues as JSON, in the shape of `gh issue list --json …`.
//!
//! | column | becomes |
//! |---|---|
//! | `number`, `url` | external id `owner/name#12`; without a repository `12`; without a number the URL, the node id, or a fingerprint of title, creation and body |
//! | `title` | title; beyond 500 characters cut there, the full title heads the description |
//! | `body` | description; beyond 65,536 characters cut there, with a warning |
//! | `state`, `stateReason` | status: open is backlog, closed is done or, by its reason, cancelled; merged is done |
//! | `createdAt`, `closedAt`, `updatedAt` | times, and the state history they prove; what is no date stays unknown |
//! | `labels` | labels; also type (`bug`, `kind/feature`), priority (`P1`, `priority/high`) and team (by the options) |
//! | `assignees` | the first is the assignee; all of several also a custom field |
//! | `milestone` | custom field; its due date, where it has one, the due date |
//! | anything else | custom field |
//!
//! One external id twice: where title, creation and body are the same, it is one issue exported twice, and the newer
//! record counts; else both become items, and the id of the one that was created later gets a fingerprint as its ending.

mod dates;
mod identity;
mod issue;
mod labels;
mod people;
mod state;

pub(crate) use identity::ID_MAX;
pub(crate) use issue::read_issue;

/// What becomes of a column, in words; `None` for a custom field.
pub(crate) fn becomes(column: &str) -> Option<&'static str> {
    Some(match column {
        "number" => "external id",
        "title" => "title",
        "body" => "description",
        "state" | "stateReason" | "closed" => "status",
        "createdAt" => "created",
        "closedAt" => "finished",
        "updatedAt" => "updated",
        "labels" => "labels, item_type, priority, team",
        "issueType" => "item_type",
        "assignees" => "assignee",
        "url" => "external id, custom field",
        "milestone" => "custom field, due",
        _ => return None,
    })
}
