//! Links whose targets were not there when their item was written, and what a new item cannot be made with.

use std::sync::Arc;

use pm33_product::{
    Author, Backlog, CustomFields, CustomValue, Dependency, External, ItemId, ItemPatch, ProductError,
    Strategy, WorkItem,
};
use pm33_tenancy::Timestamp;

use super::{LISTED, Unresolved, Writer};
use crate::ImportedNeed;

/// Why a link leads to nothing.
pub(super) const NOWHERE: &str = "no item has this external id";

/// The item that a link is of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Linked {
    pub(super) item: ItemId,
    pub(super) record: usize,
    /// When it last changed: a link that is made late is no later change.
    pub(super) updated: Timestamp,
}

/// What an item still lacks.
#[derive(Debug)]
pub(super) struct Waiting {
    of: Linked,
    pub(super) parent: Option<External>,
    pub(super) blocked_by: Vec<ImportedNeed>,
    pub(super) related: Vec<External>,
    pub(super) archived: Option<Timestamp>,
}

impl Waiting {
    /// An item that lacks nothing yet.
    pub(super) fn of(of: Linked) -> Self {
        Self { of, parent: None, blocked_by: Vec::new(), related: Vec::new(), archived: None }
    }

    pub(super) fn is_empty(&self) -> bool {
        let Self { of: _, parent, blocked_by, related, archived } = self;
        parent.is_none() && blocked_by.is_empty() && related.is_empty() && archived.is_none()
    }
}

impl Writer {
    /// Makes the links of the next item that waits; `false` when none does.
    ///
    /// # Errors
    /// What the store refuses.
    pub async fn link_next<S: Backlog + Strategy + ?Sized>(
        &mut self,
        store: &S,
    ) -> Result<bool, ProductError> {
        let Some(waiting) = self.waiting.pop_front() else { return Ok(false) };
        let Waiting { of, parent, blocked_by, related, archived } = waiting;
        let mut lost = CustomFields::new();
        if let Some(target) = parent
            && !self.link_parent(store, of, &target).await?
        {
            lost.insert("parent".to_owned(), CustomValue::Text(target.id));
        }
        let mut lost_needs = Vec::new();
        for need in blocked_by {
            if !self.link_need(store, of, &need).await? {
                lost_needs.push(need.on.id);
            }
        }
        let (found, lost_related) = self.find_related(store, of, related).await?;
        for (name, ids) in [("blocked by", lost_needs), ("related", lost_related)] {
            if !ids.is_empty() {
                lost.insert(name.to_owned(), CustomValue::List(ids));
            }
        }
        let patch = ItemPatch {
            related: (!found.is_empty()).then_some(found),
            custom: (!lost.is_empty()).then_some(lost),
            archived: archived.map(Some),
            ..ItemPatch::default()
        };
        if patch != ItemPatch::default() {
            let author = Author { user: self.user, at: of.updated };
            store.update(self.at, of.item, patch, author).await?;
        }
        Ok(true)
    }

    async fn link_parent<S: Backlog + ?Sized>(
        &mut self,
        store: &S,
        of: Linked,
        target: &External,
    ) -> Result<bool, ProductError> {
        let Some(found) = store.find_external(self.at, target).await? else {
            self.lose(of.record, "parent", &target.id, NOWHERE);
            return Ok(false);
        };
        let patch = ItemPatch { parent: Some(Some(found.id)), ..ItemPatch::default() };
        self.link(store, of, patch, "parent", &target.id).await
    }

    async fn link_need<S: Backlog + ?Sized>(
        &mut self,
        store: &S,
        of: Linked,
        need: &ImportedNeed,
    ) -> Result<bool, ProductError> {
        let Some(found) = store.find_external(self.at, &need.on).await? else {
            self.lose(of.record, "dependency", &need.on.id, NOWHERE);
            return Ok(false);
        };
        let mut dependencies = self.now(store, of).await?.dependencies.to_vec();
        match dependencies.iter_mut().find(|known| known.on == found.id) {
            Some(known) => known.lag_days = need.lag_days.unwrap_or(known.lag_days),
            None => dependencies.push(Dependency { on: found.id, lag_days: need.lag_days.unwrap_or(0) }),
        }
        let patch = ItemPatch { dependencies: Some(dependencies), ..ItemPatch::default() };
        self.link(store, of, patch, "dependency", &need.on.id).await
    }

    /// All items that have to do with one, where the file adds any, and the ids that lead to nothing.
    async fn find_related<S: Backlog + ?Sized>(
        &mut self,
        store: &S,
        of: Linked,
        targets: Vec<External>,
    ) -> Result<(Vec<ItemId>, Vec<String>), ProductError> {
        let (mut found, mut lost) = (Vec::new(), Vec::new());
        for target in targets {
            if let Some(other) = store.find_external(self.at, &target).await? {
                found.push(other.id);
            } else {
                self.lose(of.record, "related item", &target.id, NOWHERE);
                lost.push(target.id);
            }
        }
        if !found.is_empty() {
            let known = self.now(store, of).await?;
            found.retain(|other| *other != of.item && !known.related.contains(other));
            found.splice(0..0, known.related.iter().copied());
        }
        Ok((found, lost))
    }

    /// The item as this unit sees it: a patch of nothing changes nothing and gives it back.
    async fn now<S: Backlog + ?Sized>(&self, store: &S, of: Linked) -> Result<Arc<WorkItem>, ProductError> {
        let author = Author { user: self.user, at: self.now };
        store.update(self.at, of.item, ItemPatch::default(), author).await
    }

    /// Whether the link was made; one that the store refuses is noted.
    async fn link<S: Backlog + ?Sized>(
        &mut self,
        store: &S,
        of: Linked,
        patch: ItemPatch,
        link: &'static str,
        target: &str,
    ) -> Result<bool, ProductError> {
        let author = Author { user: self.user, at: of.updated };
        match store.update(self.at, of.item, patch, author).await {
            Ok(_) => Ok(true),
            Err(refused @ ProductError::Circle { .. }) => {
                self.lose(of.record, link, target, &refused.to_string());
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    fn lose(&mut self, record: usize, link: &'static str, target: &str, reason: &str) {
        self.written.unresolved += 1;
        if self.unresolved.len() < LISTED {
            let (target, reason) = (target.to_owned(), reason.to_owned());
            self.unresolved.push(Unresolved { record, link, target, reason });
        }
    }
}
