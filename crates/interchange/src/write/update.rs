//! Bringing an item that is there up to what the file says: only fields that the file has are touched, and links are
//! added, never removed.

use pm33_product::{Author, Backlog, ItemPatch, NewItem, ProductError, WorkItem};

use super::Writer;

impl Writer {
    /// Updates a known item; whether anything changed.
    pub(super) async fn update<S: Backlog + ?Sized>(
        &mut self,
        store: &S,
        known: &WorkItem,
        mut item: NewItem,
        author: Author,
    ) -> Result<bool, ProductError> {
        let history = std::mem::take(&mut item.history);
        let told_status = self.has(&["status", "status_category", "resolution", "finished"]);
        // Where the file tells when the status was reached, the change is recorded at that time.
        if let Some(reached) = history.last().filter(|last| told_status && last.to == item.status)
            && known.status != item.status
        {
            let patch = ItemPatch { status: Some(item.status), ..ItemPatch::default() };
            store.update(self.at, known.id, patch, Author { at: reached.at, ..author }).await?;
        }
        let patch = self.patch(known, item);
        let changed = store.update(self.at, known.id, patch, author).await?;
        store.add_history(self.at, known.id, &history).await?;
        Ok(changed.version != known.version)
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
