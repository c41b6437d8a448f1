//! Whether a filter selects one item: what a text search asks of each of its hits, and what the indexes are held against.

use super::Snapshot;
use crate::{BacklogFilter, ItemId, Mode, WorkItem};

impl Snapshot {
    /// Whether a filter selects an item.
    pub fn selects(&self, filter: &BacklogFilter, item: &WorkItem) -> bool {
        let any = |list: bool, hit: bool| !list || hit;
        if !filter.ids.is_empty() {
            return filter.ids.contains(&item.id);
        }
        (filter.mode == Mode::Full || item.is_active())
            && any(!filter.types.is_empty(), filter.types.contains(&item.item_type))
            && any(!filter.statuses.is_empty(), filter.statuses.contains(&item.status))
            && any(!filter.priorities.is_empty(), filter.priorities.contains(&item.priority))
            && any(!filter.teams.is_empty(), item.team.is_some_and(|team| filter.teams.contains(&team)))
            && any(
                !filter.sprints.is_empty(),
                item.sprint.is_some_and(|sprint| filter.sprints.contains(&sprint)),
            )
            && any(
                !filter.objectives.is_empty(),
                item.objectives.iter().any(|link| filter.objectives.contains(&link.objective)),
            )
            && any(
                !filter.labels.is_empty(),
                item.labels
                    .iter()
                    .any(|label| filter.labels.iter().any(|wanted| wanted.eq_ignore_ascii_case(label))),
            )
            && any(
                !filter.assignees.is_empty(),
                item.assignee.as_deref().is_some_and(|name| {
                    let name = name.to_lowercase();
                    filter.assignees.iter().any(|wanted| wanted.to_lowercase() == name)
                }),
            )
            && filter.updated_since.is_none_or(|since| item.updated >= since)
            && any(!filter.under.is_empty(), self.is_under(item, &filter.under))
    }

    fn is_under(&self, item: &WorkItem, ancestors: &[ItemId]) -> bool {
        let mut parent = item.parent;
        // Parents make no circle; the bound is for data that was broken elsewhere.
        for _ in 0..1_000 {
            match parent {
                None => return false,
                Some(id) if ancestors.contains(&id) => return true,
                Some(id) => parent = self.get(id).and_then(|found| found.parent),
            }
        }
        false
    }
}
