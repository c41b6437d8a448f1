//! Status and state history, as far as the record proves them.

use pm33_product::{StateChange, Status};
use pm33_tenancy::Timestamp;
use serde_json::Value;

use super::dates::Dates;
use crate::row::Row;

/// Where an issue stands and how it got there.
pub(crate) struct State {
    pub(crate) status: Status,
    pub(crate) finished: Option<Timestamp>,
    pub(crate) history: Vec<StateChange>,
}

pub(crate) fn read(row: &mut Row, dates: &Dates) -> State {
    let word = row.take("state");
    let closed_flag = row.take("closed");
    let reason = reason(row);
    let closed = match word.as_ref().and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
        Some("open") => Some(Status::Backlog),
        Some("merged") => Some(Status::Done),
        Some("closed") => Some(reason.unwrap_or(Status::Done)),
        _ => None,
    };
    let status = closed.unwrap_or_else(|| {
        let is_closed = closed_flag.as_ref().and_then(Value::as_bool).unwrap_or(dates.closed.is_some());
        let told = if is_closed {
            "not OPEN, CLOSED or MERGED; it counts as closed"
        } else {
            "not OPEN, CLOSED or MERGED; it counts as open"
        };
        match word {
            Some(word) => row.give_back("state", &word, told),
            None => row.warn("state", told, None),
        }
        if is_closed { reason.unwrap_or(Status::Done) } else { Status::Backlog }
    });
    if status.is_open() {
        if let Some(closed) = dates.closed {
            let given = Value::String(closed.to_string());
            row.give_back("closedAt", &given, "set on an open issue; kept as a custom field");
        }
    } else if dates.closed.is_none() {
        row.warn("closedAt", "unknown for a closed issue; so is when the item was finished", None);
    }
    let finished = dates.closed.filter(|_| !status.is_open());
    let created = dates.created.map(|at| StateChange { from: None, to: Status::Backlog, at, by: None });
    let ended = finished.map(|at| StateChange { from: Some(Status::Backlog), to: status, at, by: None });
    State { status, finished, history: created.into_iter().chain(ended).collect() }
}

/// What a reason makes of a closed issue; one that is not known is kept.
fn reason(row: &mut Row) -> Option<Status> {
    let value = row.take("stateReason")?;
    match value.as_str().map(str::to_ascii_lowercase).as_deref() {
        Some("completed") => Some(Status::Done),
        Some("not_planned" | "duplicate") => Some(Status::Cancelled),
        Some("reopened") => None,
        _ => {
            row.give_back(
                "stateReason",
                &value,
                "not COMPLETED, NOT_PLANNED, DUPLICATE or REOPENED; kept as a custom field",
            );
            None
        }
    }
}
