//! Fields that this program's own table has and trackers have in other forms: scoring, changes of status, the origin
//! of an item, whether it is put away.

use pm33_product::{Scoring, StateChange, Status, check_scoring};
use pm33_tenancy::Timestamp;
use serde_json::{Map, Value};

use super::{ID_MAX, Reading, cells, state::State, times};
use crate::{
    item::{Archival, Draft},
    row::Row,
};

/// Longest name of an origin, in characters.
const SOURCE_MAX: usize = 50;

/// The origin before this file's, which needs both of its parts.
pub(super) fn origin(row: &mut Row, by: &Reading<'_>, draft: &mut Draft) {
    let fields = &by.mapping.fields;
    let source = cells::text(row, &fields.origin);
    let id = cells::text(row, &fields.origin_id);
    let fits = |text: &str, most: usize| text.chars().count() <= most;
    match (source, id) {
        (Some((_, source)), Some((column, id))) if fits(&source, SOURCE_MAX) && fits(&id, ID_MAX) => {
            draft.origin = Some(pm33_product::External { source, id });
            draft.origin_column = column;
        }
        (source, id) => {
            let told =
                "an origin has a source of 1 to 50 and an id of 1 to 500 characters; kept as a custom field";
            for (column, text) in source.into_iter().chain(id) {
                row.give_back(&column, &Value::from(text), told);
            }
        }
    }
}

/// Whether the item is put away: since when, or yes or no.
pub(super) fn archival(row: &mut Row, by: &Reading<'_>) -> Archival {
    let columns = &by.mapping.fields.archived;
    let word = row.first_of(columns.names()).and_then(|column| cells::word(row.peek(column)?));
    let told = match word.as_deref().map(str::to_lowercase).as_deref() {
        Some("true" | "t" | "yes" | "y" | "1") => Some(Archival::Undated),
        Some("false" | "f" | "no" | "n" | "0") => Some(Archival::No),
        _ => None,
    };
    if let Some(told) = told {
        cells::text(row, columns);
        return told;
    }
    times::archived(row, by).map_or(Archival::No, Archival::Since)
}

/// Scoring inputs: `reach=100; impact=2`.
pub(super) fn scoring(row: &mut Row, by: &Reading<'_>) -> Option<Scoring> {
    let (column, text) = cells::text(row, &by.mapping.fields.scoring)?;
    let read = read_scoring(&text)
        .and_then(|scoring| check_scoring(&scoring).map(|()| scoring).map_err(|broken| broken.to_string()));
    match read {
        Ok(scoring) => Some(scoring),
        Err(what) => {
            let told = format!("must be like reach=100; impact=2 ({what}); kept as a custom field");
            row.give_back(&column, &Value::from(text), &told);
            None
        }
    }
}

fn read_scoring(text: &str) -> Result<Scoring, String> {
    let mut inputs = Map::new();
    for input in text.split(';').map(str::trim).filter(|input| !input.is_empty()) {
        let (name, value) = input.split_once('=').ok_or_else(|| format!("{input:?} has no ="))?;
        let value = value.trim();
        let value =
            serde_json::from_str(value).ok().filter(Value::is_number).unwrap_or_else(|| Value::from(value));
        inputs.insert(name.trim().to_owned(), value);
    }
    serde_json::from_value(Value::Object(inputs)).map_err(|error| error.to_string())
}

/// Scoring inputs as [`scoring`] reads them.
pub(crate) fn write_scoring(scoring: &Scoring) -> String {
    let inputs = match serde_json::to_value(scoring) {
        Ok(Value::Object(inputs)) => inputs,
        _ => Map::new(),
    };
    let input = |(name, value): (String, Value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{name}={value}")
    };
    inputs.into_iter().map(input).collect::<Vec<_>>().join("; ")
}

/// Changes of status, which go before what the times tell: `backlog 2026-03-01T09:30:00Z; backlog>done …`. Where they
/// do not lead to the record's status, its own last change follows.
pub(super) fn history(row: &mut Row, by: &Reading<'_>, state: &mut State) {
    let Some((column, text)) = cells::text(row, &by.mapping.fields.history) else { return };
    let told: Option<Vec<StateChange>> =
        text.split(';').map(str::trim).filter(|change| !change.is_empty()).map(change).collect();
    let Some(mut told) = told else {
        let rule = "must be like backlog 2026-03-01T09:30:00Z; backlog>in_progress 2026-03-02T10:00:00Z; kept as a custom field";
        row.give_back(&column, &Value::from(text), rule);
        return;
    };
    if let (Some(last), Some(own)) = (told.last(), state.history.last())
        && last.to != state.status
        && own.to == state.status
        && own.at >= last.at
    {
        let end = StateChange { from: Some(last.to), ..own.clone() };
        told.push(end);
    }
    state.history = told;
}

fn change(text: &str) -> Option<StateChange> {
    let (step, at) = text.split_once(' ')?;
    let (from, to) = match step.split_once('>') {
        Some((from, to)) => (Some(Status::parse(from)?), to),
        None => (None, step),
    };
    Some(StateChange { from, to: Status::parse(to)?, at: at.trim().parse::<Timestamp>().ok()?, by: None })
}

/// Changes of status as [`history`] reads them.
pub(crate) fn write_history(changes: &[StateChange]) -> String {
    let change = |change: &StateChange| match change.from {
        Some(from) => format!("{from}>{} {}", change.to, change.at),
        None => format!("{} {}", change.to, change.at),
    };
    changes.iter().map(change).collect::<Vec<_>>().join("; ")
}
