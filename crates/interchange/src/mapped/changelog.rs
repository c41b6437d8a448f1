//! State history as Jira's REST API tells it: each change of status with its time.

use pm33_product::{StateChange, Status, StatusCategory};
use pm33_tenancy::Timestamp;
use serde_json::Value;

use super::{Reading, state::State, vocabulary};
use crate::{dates, report::Fate, row::Row};

/// How much of the log was exported.
#[derive(Clone, Copy, PartialEq)]
enum Reach {
    Whole,
    Cut,
}

/// A change as the log has it.
struct Told<'c> {
    at: Timestamp,
    from: &'c str,
    to: &'c str,
}

/// Replaces the history that times alone prove by the one that the log tells.
pub(super) fn read(row: &mut Row, by: &Reading<'_>, state: &mut State) {
    let Some(column) = row.first_of(by.mapping.fields.changelog.names()).map(str::to_owned) else { return };
    let Some(log) = row.take(&column) else { return };
    let Some(histories) = log.get("histories").and_then(Value::as_array) else {
        row.give_back(&column, &log, "not a changelog with histories; kept as a custom field");
        return;
    };
    let mut told = Vec::new();
    let mut others = std::collections::BTreeSet::new();
    for entry in histories {
        let at = entry.get("created").and_then(Value::as_str).and_then(dates::parse);
        let at = at.and_then(|at| at.time(None, by.options.offset));
        for change in entry.get("items").and_then(Value::as_array).into_iter().flatten() {
            let text = |name: &str| change.get(name).and_then(Value::as_str).unwrap_or_default();
            match (text("field"), at) {
                ("status", Some(at)) => {
                    told.push(Told { at, from: text("fromString"), to: text("toString") });
                }
                ("status", None) => {
                    row.warn(&column, "a change of status without a time; left out", Some(change));
                }
                (other, _) => _ = others.insert(other.to_owned()),
            }
        }
    }
    for other in others.iter().take(20) {
        row.part(&column, other, Fate::Dropped);
    }
    let total = log.get("total").and_then(Value::as_u64).unwrap_or(0);
    let whole = usize::try_from(total).is_ok_and(|total| total <= histories.len());
    let reach = if whole { Reach::Whole } else { Reach::Cut };
    if reach == Reach::Cut {
        let told =
            "the log has more changes than were exported; the history begins with the first that is there";
        row.warn(&column, told, Some(&Value::from(total)));
    }
    told.sort_by_key(|change| change.at);
    apply(row, &column, by, state, &told, reach);
}

fn apply(row: &mut Row, column: &str, by: &Reading<'_>, state: &mut State, told: &[Told<'_>], reach: Reach) {
    let status = |text: &str| vocabulary::told(text, by).or_else(|| vocabulary::status(text));
    let mut history: Vec<StateChange> = Vec::new();
    if let Some(created) = state.created.filter(|_| reach == Reach::Whole) {
        let first = told.first().map_or(Some(state.status), |change| status(change.from));
        history.extend(first.map(|to| StateChange { from: None, to, at: created, by: None }));
    }
    let last = told.len().saturating_sub(1);
    for (at, change) in told.iter().enumerate() {
        // The last change leads to where the issue is now, whose status may be told by its category.
        let to = if at == last { Some(state.status) } else { status(change.to) };
        let Some(to) = to else {
            let told =
                "a status that is not known; this change is left out, a mapping's [statuses] can name it";
            row.warn(column, told, Some(&Value::from(change.to)));
            continue;
        };
        let before = history.last().map(|change| change.to);
        if before != Some(to) {
            history.push(StateChange {
                from: before.or_else(|| status(change.from)),
                to,
                at: change.at,
                by: None,
            });
        }
    }
    if history.is_empty() {
        return;
    }
    state.started =
        history.iter().find(|change| change.to.category() == StatusCategory::Doing).map(|change| change.at);
    if !state.status.is_open() {
        let ended = |change: &&StateChange| change.from.is_none_or(Status::is_open) && !change.to.is_open();
        state.finished = history.iter().rev().find(ended).map(|change| change.at).or(state.finished);
    }
    state.history = history;
}
