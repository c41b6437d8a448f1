//! Times of a mapped record. What is no date stays unknown, and its text is kept.

use jiff::civil::Date;
use pm33_tenancy::Timestamp;
use serde_json::Value;

use super::{Reading, cells};
use crate::{dates, mapping::Columns, row::Row, source::Record};

/// The times that a record tells of.
#[derive(Debug, Default)]
pub(super) struct Times {
    pub(super) created: Option<Timestamp>,
    /// As the file has it, to tell records apart.
    pub(super) created_as_given: String,
    pub(super) started: Option<Timestamp>,
    pub(super) finished: Option<Timestamp>,
    /// Where `finished` stands.
    pub(super) finished_column: String,
    pub(super) cancelled: Option<Timestamp>,
    pub(super) updated: Option<Timestamp>,
    pub(super) due: Option<Date>,
    pub(super) release: Option<Date>,
}

pub(super) fn read(row: &mut Row, by: &Reading<'_>) -> Times {
    let fields = &by.mapping.fields;
    let created_column = row.first_of(fields.created.names()).unwrap_or_default().to_owned();
    let started_column = row.first_of(fields.started.names()).unwrap_or_default().to_owned();
    let (created, created_as_given) = time(row, &fields.created, by);
    let (started, started_as_given) = time(row, &fields.started, by);
    let finished_column = row.first_of(fields.finished.names()).unwrap_or_default().to_owned();
    let (finished, _) = time(row, &fields.finished, by);
    let (cancelled, _) = time(row, &fields.cancelled, by);
    let (updated, _) = time(row, &fields.updated, by);
    let mut times = Times {
        created,
        started,
        finished,
        cancelled,
        updated,
        created_as_given,
        finished_column,
        due: date(row, &fields.due, by),
        release: date(row, &fields.release, by),
    };
    // Which of two contradicting times is wrong cannot be known; the finish is what flow is measured by.
    let ended = times.finished.or(times.cancelled);
    if let (Some(created), Some(ended)) = (times.created, ended)
        && ended < created
    {
        times.created = None;
        let given = Value::String(times.created_as_given.clone());
        row.give_back(
            &created_column,
            &given,
            "later than the end; counts as unknown and is kept as a custom field",
        );
    }
    if let (Some(started), Some(ended)) = (times.started, ended)
        && ended < started
    {
        times.started = None;
        let given = Value::String(started_as_given);
        row.give_back(
            &started_column,
            &given,
            "later than the end; counts as unknown and is kept as a custom field",
        );
    }
    times
}

/// A written date of the first of the columns that has content.
fn written(row: &mut Row, columns: &Columns) -> Option<(String, String, Option<dates::Written>)> {
    let (column, text) = cells::text(row, columns)?;
    let written = dates::parse(&text);
    if written.is_none() {
        unreadable(row, &column, &text);
    }
    Some((column, text, written))
}

fn unreadable(row: &mut Row, column: &str, text: &str) {
    let told = "no date that can be read, such as 2026-03-01T09:30:00Z; counts as unknown, its text is a custom field";
    row.give_back(column, &Value::from(text), told);
}

fn time(row: &mut Row, columns: &Columns, by: &Reading<'_>) -> (Option<Timestamp>, String) {
    let Some((column, text, written)) = written(row, columns) else { return (None, String::new()) };
    let Some(written) = written else { return (None, text) };
    let time = written.time(by.orders.of(&column), by.options.offset);
    match time {
        None => unreadable(row, &column, &text),
        Some(time) if time > by.options.now => {
            row.warn(&column, "lies in the future", Some(&Value::from(text.as_str())));
        }
        Some(_) => {}
    }
    (time, text)
}

/// Since when it is put away.
pub(super) fn archived(row: &mut Row, by: &Reading<'_>) -> Option<Timestamp> {
    time(row, &by.mapping.fields.archived, by).0
}

/// A day.
pub(super) fn date(row: &mut Row, columns: &Columns, by: &Reading<'_>) -> Option<Date> {
    let (column, text, written) = written(row, columns)?;
    let date = written?.date(by.orders.of(&column));
    if date.is_none() {
        unreadable(row, &column, &text);
    }
    date
}

/// The texts of a record's date cells.
pub(crate) fn cells_of_dates<'c>(
    record: &Record,
    columns: &'c [&str],
) -> impl Iterator<Item = (&'c str, String)> {
    let fields = record.fields.as_ref().map(|fields| fields.0.as_slice()).unwrap_or_default();
    columns.iter().filter_map(|column| {
        let (_, value) = fields.iter().find(|(name, _)| name == column)?;
        Some((*column, cells::word(value)?))
    })
}
