//! Writing imported items through the ports: what is there already is updated by its external id, references are
//! resolved, and those whose target comes later are resolved at the end.

mod lanes;
mod update;

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
};

use pm33_product::{
    Author, Backlog, CustomFields, CustomValue, Dependency, External, ItemId, ItemPatch, ProductError,
    Strategy, WorkItem,
};
use pm33_tenancy::{Timestamp, UserId, WorkspaceRef};
use serde::Serialize;

use crate::{Evidence, ImportedItem};
use lanes::Lanes;

/// What an import wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Written {
    /// New items.
    pub created: usize,
    /// Items that were there and changed.
    pub updated: usize,
    /// Items that said the same already.
    pub unchanged: usize,
    /// New teams.
    pub teams: usize,
    /// New sprints.
    pub sprints: usize,
    /// Parents and dependencies that lead to nothing, or would make a circle with what is there; each is kept as a
    /// custom field.
    pub unresolved: usize,
}

/// A link that could not be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unresolved {
    /// The record that has it.
    pub record: usize,
    /// Parent or dependency.
    pub link: &'static str,
    /// The id that it leads to.
    pub target: String,
    /// Why not.
    pub reason: String,
}

/// Most links listed one by one.
const LISTED: usize = 1_000;

/// A link whose target was not there yet.
#[derive(Debug)]
struct Waiting {
    item: ItemId,
    record: usize,
    parent: Option<External>,
    blocked_by: Vec<External>,
}

/// Writes items one by one. Nothing is committed here: the caller's units of work do that.
#[derive(Debug)]
pub struct Writer {
    at: WorkspaceRef,
    user: Option<UserId>,
    now: Timestamp,
    fields: BTreeSet<&'static str>,
    lanes: Lanes,
    waiting: VecDeque<Waiting>,
    written: Written,
    unresolved: Vec<Unresolved>,
}

impl Writer {
    /// A writer into a workspace, for a file that has these fields.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn begin<S: Backlog + Strategy + ?Sized>(
        store: &S,
        at: WorkspaceRef,
        user: Option<UserId>,
        now: Timestamp,
        fields: BTreeSet<&'static str>,
    ) -> Result<Self, ProductError> {
        let lanes = Lanes::read(store, at).await?;
        Ok(Self {
            at,
            user,
            now,
            fields,
            lanes,
            waiting: VecDeque::new(),
            written: Written::default(),
            unresolved: Vec::new(),
        })
    }

    /// What was written so far.
    pub fn written(&self) -> Written {
        self.written
    }

    /// Links that could not be made, the first of them.
    pub fn unresolved(&self) -> &[Unresolved] {
        &self.unresolved
    }

    /// Links that wait for [`Self::link_next`].
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Creates an item, or updates the one with its external id.
    ///
    /// # Errors
    /// What the store refuses.
    pub async fn item<S: Backlog + Strategy + ?Sized>(
        &mut self,
        store: &S,
        imported: ImportedItem,
    ) -> Result<(), ProductError> {
        let ImportedItem { mut item, team_name, parent, blocked_by, sprint, updated, record, evidence } =
            imported;
        let Some(external) = item.external.clone() else {
            return Err(ProductError::invalid("external", "an imported item has an external id"));
        };
        let author = Author { user: self.user, at: updated.unwrap_or(self.now) };
        if let Some(name) = team_name {
            item.team = Some(self.lanes.team(store, &name, self.now, &mut self.written).await?);
        }
        if let Some(sprint) = sprint {
            item.sprint = self.lanes.sprint(store, item.team, &sprint, self.now, &mut self.written).await?;
        }
        let known = store.find_external(self.at, &external).await?;
        let of = |id: String| External { source: external.source.clone(), id };
        let id = known.as_ref().map_or(item.id, |known| known.id);
        let mut waiting = Waiting { item: id, record, parent: None, blocked_by: Vec::new() };
        // A new item cannot close a circle. The links of one that is there are made at the end, where the store may
        // refuse them one by one.
        if let Some(parent) = parent.map(of) {
            let found = store.find_external(self.at, &parent).await?.map(|found| found.id);
            match (found, &known) {
                (Some(found), None) => item.parent = Some(found),
                (Some(found), Some(known)) if known.parent == Some(found) => {}
                _ => waiting.parent = Some(parent),
            }
        }
        for need in blocked_by.into_iter().map(of) {
            let found = store.find_external(self.at, &need).await?.map(|found| found.id);
            let has =
                |on| known.as_ref().is_some_and(|known| known.dependencies.iter().any(|one| one.on == on));
            match (found, &known) {
                (Some(on), None) => item.dependencies.push(Dependency { on, lag_days: 0 }),
                (Some(on), Some(_)) if has(on) => {}
                _ => waiting.blocked_by.push(need),
            }
        }
        match known {
            None => {
                store.create(self.at, item, author).await?;
                self.written.created += 1;
            }
            Some(_) if evidence == Evidence::Name => self.written.unchanged += 1,
            Some(known) => {
                let changed = self.update(store, &known, item, author).await?;
                if changed { self.written.updated += 1 } else { self.written.unchanged += 1 }
            }
        }
        if waiting.parent.is_some() || !waiting.blocked_by.is_empty() {
            self.waiting.push_back(waiting);
        }
        Ok(())
    }

    /// Makes the links of the next item that waits; `false` when none does.
    ///
    /// # Errors
    /// What the store refuses.
    pub async fn link_next<S: Backlog + Strategy + ?Sized>(
        &mut self,
        store: &S,
    ) -> Result<bool, ProductError> {
        let Some(waiting) = self.waiting.pop_front() else { return Ok(false) };
        let Waiting { item, record, parent, blocked_by } = waiting;
        let mut lost = CustomFields::new();
        if let Some(target) = parent {
            match self.target(store, &target).await? {
                None => {
                    self.lose(record, "parent", &target.id, "no item has this external id");
                    lost.insert("parent".to_owned(), CustomValue::Text(target.id));
                }
                Some(found) => {
                    let patch = ItemPatch { parent: Some(Some(found.id)), ..ItemPatch::default() };
                    if !self.link(store, item, patch, record, "parent", &target.id).await? {
                        lost.insert("parent".to_owned(), CustomValue::Text(target.id));
                    }
                }
            }
        }
        let mut lost_needs = Vec::new();
        for target in blocked_by {
            let made = match self.target(store, &target).await? {
                None => {
                    self.lose(record, "dependency", &target.id, "no item has this external id");
                    false
                }
                Some(found) => {
                    let mut dependencies = match self.by_id(store, item).await? {
                        Some(now) => now.dependencies.to_vec(),
                        None => Vec::new(),
                    };
                    if !dependencies.iter().any(|known| known.on == found.id) {
                        dependencies.push(Dependency { on: found.id, lag_days: 0 });
                    }
                    let patch = ItemPatch { dependencies: Some(dependencies), ..ItemPatch::default() };
                    self.link(store, item, patch, record, "dependency", &target.id).await?
                }
            };
            if !made {
                lost_needs.push(target.id);
            }
        }
        if !lost_needs.is_empty() {
            lost.insert("blocked by".to_owned(), CustomValue::List(lost_needs));
        }
        if !lost.is_empty() {
            let patch = ItemPatch { custom: Some(lost), ..ItemPatch::default() };
            let author = Author { user: self.user, at: self.now };
            store.update(self.at, item, patch, author).await?;
        }
        Ok(true)
    }

    async fn target<S: Backlog + ?Sized>(
        &self,
        store: &S,
        target: &External,
    ) -> Result<Option<Arc<WorkItem>>, ProductError> {
        store.find_external(self.at, target).await
    }

    /// The item as this unit sees it: a patch of nothing changes nothing and gives it back.
    async fn by_id<S: Backlog + ?Sized>(
        &self,
        store: &S,
        item: ItemId,
    ) -> Result<Option<Arc<WorkItem>>, ProductError> {
        let author = Author { user: self.user, at: self.now };
        store.update(self.at, item, ItemPatch::default(), author).await.map(Some)
    }

    /// Whether the link was made; one that the store refuses is noted.
    async fn link<S: Backlog + ?Sized>(
        &mut self,
        store: &S,
        item: ItemId,
        patch: ItemPatch,
        record: usize,
        link: &'static str,
        target: &str,
    ) -> Result<bool, ProductError> {
        let author = Author { user: self.user, at: self.now };
        match store.update(self.at, item, patch, author).await {
            Ok(_) => Ok(true),
            Err(refused @ ProductError::Circle { .. }) => {
                self.lose(record, link, target, &refused.to_string());
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
