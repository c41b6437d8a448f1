//! A workspace's items as a table for spreadsheets. References are by key, cells that begin like a formula are made
//! harmless; the archive of lines is the form that loses nothing.

use std::{collections::BTreeSet, io::Write};

use pm33_product::{Backlog, CustomValue, Freshness, ProductError, Snapshot, WorkItem};
use pm33_tenancy::{Timestamp, WorkspaceRef};

use crate::{InterchangeError, formula::disarm};

/// Items whose descriptions are read at once.
const CHUNK: usize = 200;
/// What separates several values in one cell.
const SEPARATOR: &str = "; ";

/// The columns before the custom fields.
const COLUMNS: [&str; 26] = [
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
    "Release Date",
    "Due Date",
    "Created",
    "Started",
    "Finished",
    "Updated",
    "Archived",
    "External Source",
    "External Id",
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
    let custom: BTreeSet<&str> = items
        .iter()
        .filter_map(|item| item.custom.as_deref())
        .flat_map(|custom| custom.keys())
        .map(String::as_str)
        .collect();
    let mut table = csv::Writer::from_writer(out);
    let header = COLUMNS.into_iter().map(str::to_owned);
    table
        .write_record(header.chain(custom.iter().map(|name| format!("Custom field ({name})"))))
        .map_err(table_error)?;
    let mut done = 0;
    for chunk in items.chunks(CHUNK) {
        let ids: Vec<_> = chunk.iter().map(|item| item.id).collect();
        let descriptions = store.descriptions(at, &ids).await.map_err(store_error)?;
        for (item, description) in chunk.iter().zip(descriptions) {
            let cells = cells(&snapshot, item, description).into_iter();
            let others = custom.iter().map(|name| custom_cell(item, name));
            table.write_record(cells.chain(others).map(disarm)).map_err(table_error)?;
        }
        done += chunk.len();
        progress(done);
    }
    table.flush()?;
    Ok(done)
}

fn cells(snapshot: &Snapshot, item: &WorkItem, description: String) -> [String; COLUMNS.len()] {
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string()).unwrap_or_default();
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let key = |id| snapshot.get(id).map(|item| snapshot.key(item).to_string());
    let sprint = item.sprint.and_then(|sprint| snapshot.sprint(sprint));
    let needs: Vec<String> = item.dependencies.iter().filter_map(|need| key(need.on)).collect();
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
        item.labels.join(SEPARATOR),
        item.skills.join(SEPARATOR),
        needs.join(SEPARATOR),
        item.release.map(|day| day.to_string()).unwrap_or_default(),
        item.due.map(|day| day.to_string()).unwrap_or_default(),
        time(item.created),
        time(item.started),
        time(item.finished),
        time(Some(item.updated)),
        time(item.archived),
        item.external.as_deref().map(|external| external.source.clone()).unwrap_or_default(),
        item.external.as_deref().map(|external| external.id.clone()).unwrap_or_default(),
    ]
}

fn custom_cell(item: &WorkItem, name: &str) -> String {
    match item.custom.as_deref().and_then(|custom| custom.get(name)) {
        None => String::new(),
        Some(CustomValue::Text(text)) => text.clone(),
        Some(CustomValue::Number(number)) => number.to_string(),
        Some(CustomValue::List(list)) => list.join(SEPARATOR),
    }
}
