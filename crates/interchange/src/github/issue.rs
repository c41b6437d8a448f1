//! One record to one item.

use jiff::tz::TimeZone;
use pm33_product::{External, ImportedItem, ItemId, NewItem, check_item};
use serde_json::Value;

use super::{dates, identity, labels, people, state, texts};
use crate::{ImportOptions, report::Fate, row::Row};

/// An item with what tells it from another of the same external id.
pub(crate) struct Issue {
    pub(crate) imported: ImportedItem,
    /// Fingerprint of title, creation and body as they are in the file.
    pub(crate) fingerprint: u64,
}

/// Reads a record; without an item the row says why.
pub(crate) fn read_issue(mut row: Row, options: &ImportOptions) -> (Row, Option<Issue>) {
    let issue = issue(&mut row, options);
    (row, issue)
}

fn issue(row: &mut Row, options: &ImportOptions) -> Option<Issue> {
    let title = texts::title(row)?;
    let body = texts::body(row);
    let dates = dates::read(row, options.now);
    let fingerprint = crate::fingerprint::fingerprint(&[&title, &dates.created_as_given, &body]);
    let id = identity::external_id(row, options, fingerprint);
    let (title, description) = texts::fit(row, title, body);

    let mut item = NewItem::titled(ItemId::new(options.now), options.item_type, title);
    item.description = description;
    let state = state::read(row, &dates);
    item.status = state.status;
    item.created = dates.created;
    item.finished = state.finished;
    item.history = state.history;
    let labels = labels::read(row, options);
    item.item_type = labels.item_type.unwrap_or(options.item_type);
    item.priority = labels.priority.unwrap_or(item.priority);
    item.labels = labels.names;
    item.assignee = people::assignee(row);
    milestone(row, &mut item);
    row.keep_rest();
    item.custom = std::mem::take(&mut row.custom);
    item.external = Some(External { source: options.source.clone(), id });
    if let Err(broken) = check_item(&item) {
        row.skip(None, broken.to_string(), None);
        return None;
    }
    let imported =
        ImportedItem { item, team_name: labels.team, updated: dates.updated, record: row.record() };
    Some(Issue { imported, fingerprint })
}

/// A milestone is kept by its title; its due date is the item's.
fn milestone(row: &mut Row, item: &mut NewItem) {
    let Some(value) = row.take("milestone") else { return };
    let due = |map: &serde_json::Map<String, Value>| {
        let text = map.get("dueOn")?.as_str()?;
        Some(TimeZone::UTC.to_datetime(dates::parse(text)?.0.instant()).date())
    };
    match value {
        Value::Object(map) if map.get("title").is_some_and(Value::is_string) => {
            item.due = due(&map);
            for (part, value) in &map {
                let fate = match part.as_str() {
                    _ if value.is_null() => Fate::Empty,
                    "title" => continue,
                    "dueOn" if item.due.is_some() => Fate::Used,
                    _ => Fate::Dropped,
                };
                row.part("milestone", part, fate);
            }
            row.keep_taken("milestone", &map["title"]);
        }
        other => row.keep_taken("milestone", &other),
    }
}
