//! Bringing an item that is there up to what the file says: only fields that the file has are touched, and links are
//! added, never removed.

use pm33_product::{Author, Backlog, ItemPatch, NewItem, ProductError, StateChange, WorkItem};

use super::{Writer, archived};
use crate::Archival;

/// Records named.
const NAMED: usize = 8;

/// Records whose items have changed their status here since the export was made.
#[derive(Debug, Default)]
pub(super) struct Overtaken {
    count: usize,
    first: Vec<usize>,
}

impl Overtaken {
    fn note(&mut self, record: usize) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(record);
        }
    }

    /// A note on the file, where there are any.
    pub(super) fn told(&self) -> Option<String> {
        let Self { count, first } = self;
        let named: Vec<_> = first.iter().map(usize::to_string).collect();
        let more = if *count > first.len() { ", …" } else { "" };
        (*count > 0).then(|| {
            format!(
                "{count} × status changed here after this export; the export's counts again, from the time of that change \
                 on (record {}{more})",
                named.join(", ")
            )
        })
    }
}

impl Writer {
    /// Updates a known item; whether anything changed.
    pub(super) async fn update<S: Backlog + ?Sized>(
        &mut self,
        store: &S,
        record: usize,
        known: &WorkItem,
        (mut item, archival): (NewItem, Archival),
        author: Author,
    ) -> Result<bool, ProductError> {
        let history = std::mem::take(&mut item.history);
        let told_status = self.has(&["status", "status_category", "resolution", "finished"]);
        if told_status && known.status != item.status {
            self.reach(store, record, known, &history, &item, author).await?;
        }
        let put_away = archived(archival, known.archived, author);
        let patch =
            ItemPatch { archived: self.has(&["archived"]).then_some(put_away), ..self.patch(known, item) };
        let last = Author { at: author.at.max(known.updated), ..author };
        let changed = store.update(self.at, known.id, patch, last).await?;
        store.add_history(self.at, known.id, &history).await?;
        Ok(changed.version != known.version)
    }

    /// Records a change of status at the time that the file tells, but never before the last change that is recorded.
    /// Start and finish stay for the patch that follows, so that it gives the time of the item's last change.
    async fn reach<S: Backlog + ?Sized>(
        &mut self,
        store: &S,
        record: usize,
        known: &WorkItem,
        told: &[StateChange],
        item: &NewItem,
        author: Author,
    ) -> Result<(), ProductError> {
        let reached = told.last().filter(|last| last.to == item.status);
        let reached = reached.map_or(author.at, |last| last.at);
        let recorded = store.history(self.at, known.id).await?.last().map(|last| last.at);
        let recorded = recorded.unwrap_or(reached);
        if reached < recorded {
            self.overtaken.note(record);
        }
        let patch = ItemPatch {
            status: Some(item.status),
            started: Some(known.started),
            finished: Some(known.finished),
            ..ItemPatch::default()
        };
        store.update(self.at, known.id, patch, Author { at: reached.max(recorded), ..author }).await?;
        Ok(())
    }

    fn has(&self, any: &[&str]) -> bool {
        any.iter().any(|field| self.fields.contains(field))
    }

    fn patch(&self, known: &WorkItem, item: NewItem) -> ItemPatch {
        let told = |field: &str| self.fields.contains(field);
        let status = self.has(&["status", "status_category", "resolution", "finished"]);
        let moved = status && known.status != item.status;
        ItemPatch {
            item_type: told("item_type").then_some(item.item_type),
            title: Some(item.title),
            description: told("description").then_some(item.description),
            status: status.then_some(item.status),
            priority: told("priority").then_some(item.priority),
            points: told("points").then_some(item.points),
            estimate_days: self
                .has(&["estimate_days", "estimate_hours", "estimate_seconds"])
                .then_some(item.estimate_days),
            team: item.team.map(Some),
            sprint: item.sprint.map(Some),
            assignee: told("assignee").then_some(item.assignee),
            labels: told("labels").then_some(item.labels),
            skills: told("skills").then_some(item.skills),
            scoring: told("scoring").then_some(item.scoring),
            release: told("release").then_some(item.release),
            due: told("due").then_some(item.due),
            custom: (!item.custom.is_empty()).then_some(item.custom),
            created: item.created,
            started: (item.started.is_some() || moved && !told("started"))
                .then_some(item.started.or(known.started)),
            finished: (told("finished") || told("cancelled") || moved).then_some(item.finished),
            ..ItemPatch::default()
        }
    }
}
