//! One record to one item.

use jiff::tz::TimeZone;
use pm33_product::{External, ItemId, NewItem, check_item};
use serde_json::Value;

use super::{dates, identity, labels, people, state};
use crate::{ImportOptions, item::Draft, report::Fate, row::Row, texts};

/// Reads a record; without a draft the row says why.
pub(crate) fn read_issue(row: &mut Row, source: &str, options: &ImportOptions) -> Option<Draft> {
    let title = texts::title(row, "title")?;
    let body = texts::body(row, "body");
    let dates = dates::read(row, options.now);
    let fingerprint = crate::fingerprint::fingerprint(&[&title, &dates.created_as_given, &body]);
    let id = identity::external_id(row, options, fingerprint);
    let (title, description) = texts::fit(row, ("title", title), ("body", body));

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
    item.external = Some(External { source: source.to_owned(), id });
    if let Err(broken) = check_item(&item) {
        row.skip(None, broken.to_string(), None);
        return None;
    }
    let mut draft = Draft::alone(item, row.record(), fingerprint);
    draft.imported.team_name = labels.team;
    draft.imported.updated = dates.updated;
    Some(draft)
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
