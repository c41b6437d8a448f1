//! A workspace's items as a table for spreadsheets, which is read back to the same items. References are by key, cells that
//! begin like a formula are made harmless. What is no item's, and links to objectives, are in the archive of lines only.

use std::{collections::BTreeSet, io::Write};

use pm33_product::{Backlog, CustomValue, Freshness, ProductError, Snapshot, StateChange, WorkItem};
use pm33_tenancy::{Timestamp, WorkspaceRef};

use crate::{InterchangeError, formula::disarm, list, mapped};

/// Items whose descriptions are read at once.
const CHUNK: usize = 200;

/// The columns before the custom fields.
const COLUMNS: [&str; 30] = [
    "Key",
    "Type",
    "Title",
    "Description",
    "Status",
    "Priority",
    "Story Points",
    "Estimate Days",
    "Parent",
    "Team",
    "Sprint",
    "Sprint Start",
    "Sprint End",
    "Assignee",
    "Labels",
    "Skills",
    "Blocked By",
    "Lag Days",
    "Related",
    "Release Date",
    "Due Date",
    "Created",
    "Started",
    "Finished",
    "Updated",
    "Archived",
    "External Source",
    "External Id",
    "Scoring",
    "History",
];

/// Writes the items of a workspace as CSV; gives how many.
///
/// # Errors
/// When the store does not answer, or nothing can be written.
pub async fn export_table<S: Backlog + ?Sized>(
    store: &S,
    at: WorkspaceRef,
    out: &mut (dyn Write + Send),
    progress: &(dyn Fn(usize) + Sync),
) -> Result<usize, InterchangeError> {
    let store_error = |error: ProductError| InterchangeError::Unreadable(std::io::Error::other(error));
    let table_error = |error: csv::Error| InterchangeError::Unreadable(std::io::Error::other(error));
    let snapshot = store.snapshot(at, Freshness::Newest).await.map_err(store_error)?;
    let mut items: Vec<_> = snapshot.items().collect();
    items.sort_unstable_by_key(|item| item.number);
    let custom: BTreeSet<(&str, &str)> = items
        .iter()
        .filter_map(|item| item.custom.as_deref())
        .flatten()
        .map(|(name, value)| (name.as_str(), kind(value)))
        .collect();
    let mut table = csv::Writer::from_writer(out);
    let header = COLUMNS.into_iter().map(str::to_owned);
    table
        .write_record(header.chain(custom.iter().map(|(name, kind)| format!("Custom {kind} ({name})"))))
        .map_err(table_error)?;
    let mut done = 0;
    for chunk in items.chunks(CHUNK) {
        let ids: Vec<_> = chunk.iter().map(|item| item.id).collect();
        let descriptions = store.descriptions(at, &ids).await.map_err(store_error)?;
        for (item, description) in chunk.iter().zip(descriptions) {
            let history = store.history(at, item.id).await.map_err(store_error)?;
            let cells = cells(&snapshot, item, description, &history).into_iter();
            let others = custom.iter().map(|(name, kind)| custom_cell(item, name, kind));
            table.write_record(cells.chain(others).map(disarm)).map_err(table_error)?;
        }
        done += chunk.len();
        progress(done);
    }
    table.flush()?;
    Ok(done)
}

fn cells(
    snapshot: &Snapshot,
    item: &WorkItem,
    description: String,
    history: &[StateChange],
) -> [String; COLUMNS.len()] {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let key = |id| snapshot.get(id).map(|item| snapshot.key(item).to_string());
    let sprint = item.sprint.and_then(|sprint| snapshot.sprint(sprint));
    let (needs, lags): (Vec<String>, Vec<String>) =
        item.dependencies.iter().filter_map(|need| Some((key(need.on)?, need.lag_days.to_string()))).unzip();
    let lags = if lags.iter().all(|lag| lag == "0") { Vec::new() } else { lags };
    let related: Vec<String> = item.related.iter().filter_map(|other| key(*other)).collect();
    [
        snapshot.key(item).to_string(),
        item.item_type.to_string(),
        item.title.to_string(),
        description,
        item.status.to_string(),
        item.priority.to_string(),
        number(item.points),
        number(item.estimate_days),
        item.parent.and_then(key).unwrap_or_default(),
        item.team.and_then(|team| snapshot.team(team)).map(|team| team.name.to_string()).unwrap_or_default(),
        sprint.map(|sprint| sprint.name.to_string()).unwrap_or_default(),
        sprint.map(|sprint| sprint.start.to_string()).unwrap_or_default(),
        sprint.map(|sprint| sprint.end.to_string()).unwrap_or_default(),
        item.assignee.as_deref().unwrap_or_default().to_owned(),
        list::join(&item.labels),
        list::join(&item.skills),
        list::join(&needs),
        list::join(&lags),
        list::join(&related),
        item.release.map(|day| day.to_string()).unwrap_or_default(),
        item.due.map(|day| day.to_string()).unwrap_or_default(),
        time(item.created),
        time(item.started),
        time(item.finished),
        time(Some(item.updated)),
        time(item.archived),
        item.external.as_deref().map(|external| external.source.clone()).unwrap_or_default(),
        item.external.as_deref().map(|external| external.id.clone()).unwrap_or_default(),
        item.scoring.as_deref().map(mapped::write_scoring).unwrap_or_default(),
        mapped::write_history(history),
    ]
}

/// What a custom field holds, in its column's name: numbers, lists and other texts come back as what they are.
fn kind(value: &CustomValue) -> &'static str {
    match value {
        CustomValue::Text(_) => "field",
        CustomValue::Number(_) => "number",
        CustomValue::List(_) => "list",
    }
}

fn custom_cell(item: &WorkItem, name: &str, of_kind: &str) -> String {
    let value = item.custom.as_deref().and_then(|custom| custom.get(name));
    match value.filter(|value| kind(value) == of_kind) {
        None => String::new(),
        Some(CustomValue::Text(text)) => text.clone(),
        Some(CustomValue::Number(number)) => number.to_string(),
        Some(CustomValue::List(list)) => list::join(list),
    }
}
