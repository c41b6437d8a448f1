//! Status and state history, as far as the record proves them.

use pm33_product::{StateChange, Status, StatusCategory};
use pm33_tenancy::Timestamp;
use serde_json::Value;

use super::{Reading, cells, times::Times, vocabulary};
use crate::{report::Remark, row::Row};

/// Where an item stands and how it got there.
pub(super) struct State {
    pub(super) status: Status,
    pub(super) created: Option<Timestamp>,
    pub(super) started: Option<Timestamp>,
    pub(super) finished: Option<Timestamp>,
    pub(super) history: Vec<StateChange>,
}

pub(super) fn read(row: &mut Row, by: &Reading<'_>, times: &Times) -> State {
    let told = status(row, by, times);
    let status = ended_how(row, by, told);
    let ended = if status == Status::Cancelled { times.cancelled.or(times.finished) } else { times.finished };
    if status.is_open()
        && let Some(finished) = times.finished
    {
        let given = Value::String(finished.to_string());
        row.give_back(&times.finished_column, &given, "set on an open item; kept as a custom field");
    }
    let finished = ended.filter(|_| !status.is_open());
    let mut history = Vec::new();
    let mut last = None;
    let steps = [(times.created, Status::Backlog), (times.started, Status::InProgress), (finished, status)];
    for (at, to) in steps {
        if let Some(at) = at {
            history.push(StateChange { from: last, to, at, by: None });
            last = Some(to);
        }
    }
    // A start before the creation is an item that was filed late: the order is that of the times.
    history.sort_by_key(|change| change.at);
    let mut before = None;
    for change in &mut history {
        change.from = before;
        before = Some(change.to);
    }
    State { status, created: times.created, started: times.started, finished, history }
}

/// Notes that nothing tells since when a record is done.
pub(super) fn note_undated(row: &mut Row, state: &State) {
    if state.status == Status::Done && state.finished.is_none() {
        row.note(Remark::DoneUndated);
    }
}

/// The status that word, category and times tell, in this order.
fn status(row: &mut Row, by: &Reading<'_>, times: &Times) -> Status {
    let fields = &by.mapping.fields;
    let category = cells::text(row, &fields.status_category);
    let category = category.and_then(|(column, text)| {
        let found = vocabulary::category(&text);
        if found.is_none() {
            row.give_back(
                &column,
                &Value::from(text),
                "not To Do, In Progress or Done; kept as a custom field",
            );
        }
        found
    });
    let told = cells::text(row, &fields.status);
    if by.mapping.done_by_date && times.finished.is_some() {
        if let Some((column, text)) = told {
            row.keep_taken(&column, &Value::from(text));
        }
        return Status::Done;
    }
    let Some((column, text)) = told else {
        return category.map_or_else(|| by_times(times), phase);
    };
    if let Some(status) = vocabulary::told(&text, by) {
        return status;
    }
    match (vocabulary::status(&text), category) {
        (Some(status), None) => status,
        (Some(status), Some(category)) if status.category() == category => status,
        (_, Some(category)) => {
            row.keep_taken(&column, &Value::from(text));
            phase(category)
        }
        (None, None) => {
            let status = by_times(times);
            let told = format!(
                "{text:?} is no status that is known; by its times it counts as {status}, the word is a custom field; a \
                 mapping's [statuses] can say otherwise"
            );
            row.give_back(&column, &Value::from(text), &told);
            status
        }
    }
}

/// The status that stands for a whole phase.
fn phase(category: StatusCategory) -> Status {
    match category {
        StatusCategory::ToDo => Status::Backlog,
        StatusCategory::Doing => Status::InProgress,
        StatusCategory::Finished => Status::Done,
    }
}

fn by_times(times: &Times) -> Status {
    if times.cancelled.is_some() {
        Status::Cancelled
    } else if times.finished.is_some() {
        Status::Done
    } else if times.started.is_some() {
        Status::InProgress
    } else {
        Status::Backlog
    }
}

/// What a resolution makes of a finished item.
fn ended_how(row: &mut Row, by: &Reading<'_>, status: Status) -> Status {
    let Some((column, text)) = cells::text(row, &by.mapping.fields.resolution) else { return status };
    match vocabulary::resolution(&text) {
        Some(end) if status == Status::Done => end,
        Some(_) => status,
        None => {
            row.keep_taken(&column, &Value::from(text));
            status
        }
    }
}
