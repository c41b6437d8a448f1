//! Which open items a planning question is about.

use std::collections::BTreeSet;

use pm33_product::{BacklogFilter, ItemId, Mode, Snapshot, Sort};

use crate::{ToolError, backlog::names};

/// The most items that a question may be about.
pub(super) const ITEMS_MAX: usize = 100_000;

/// What was asked for; everything together narrows.
pub(super) struct Asked<'a> {
    pub(super) epic: Option<&'a str>,
    pub(super) ids: &'a [String],
    pub(super) labels: &'a [String],
    pub(super) teams: &'a [String],
}

/// The open items that match.
pub(super) fn open_items(snapshot: &Snapshot, asked: &Asked<'_>) -> Result<BTreeSet<ItemId>, ToolError> {
    let mut filter = BacklogFilter { mode: Mode::Active, ..BacklogFilter::default() };
    if let Some(epic) = asked.epic {
        filter.under = vec![names::item(snapshot, epic)?.id];
    }
    for id in asked.ids {
        filter.ids.push(names::item(snapshot, id)?.id);
    }
    for team in asked.teams {
        filter.teams.push(names::team(snapshot, team)?);
    }
    filter.labels = asked.labels.to_vec();
    let page = snapshot.page(&filter, Sort::Key, None, ITEMS_MAX);
    Ok(page.items.iter().filter(|item| item.status.is_open()).map(|item| item.id).collect())
}
