//! Ports to a workspace's data. Reads come from the snapshot; writes join the session's unit of work.

use std::sync::Arc;

use async_trait::async_trait;
use pm33_tenancy::{Timestamp, UserId, WorkspaceRef};

use crate::{
    Competitor, External, ItemId, ItemPatch, Mission, NewItem, Objective, ProductError, SavedForecast,
    Snapshot, Sprint, StateChange, Team, Vocabulary, WorkItem,
};

/// How new an answer must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Freshness {
    /// This process's writes at once, other processes' within a second.
    #[default]
    Usual,
    /// Everything that is committed anywhere.
    Newest,
}

/// Who makes a change, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Author {
    /// The user; `None` for an import by an operator.
    pub user: Option<UserId>,
    /// The time.
    pub at: Timestamp,
}

/// An item that a text search found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextHit {
    /// The item.
    pub item: ItemId,
    /// Higher is better; comparable inside one answer only.
    pub score: f64,
}

/// The backlog.
#[async_trait]
pub trait Backlog: Send + Sync {
    /// The workspace as it is: immutable, shared, indexed.
    async fn snapshot(&self, at: WorkspaceRef, freshness: Freshness) -> Result<Arc<Snapshot>, ProductError>;
    /// Descriptions of items, in the order asked; missing items give an empty text.
    async fn descriptions(&self, at: WorkspaceRef, items: &[ItemId]) -> Result<Vec<String>, ProductError>;
    /// An item's state changes, oldest first.
    async fn history(&self, at: WorkspaceRef, item: ItemId) -> Result<Vec<StateChange>, ProductError>;
    /// Full-text search over titles and descriptions, best first.
    async fn search(&self, at: WorkspaceRef, text: &str, most: u32) -> Result<Vec<TextHit>, ProductError>;
    /// The item with this external id, seen inside the unit of work.
    async fn find_external(
        &self,
        at: WorkspaceRef,
        external: &External,
    ) -> Result<Option<Arc<WorkItem>>, ProductError>;
    /// The items that have one of these external ids of a source, in no order, seen inside the unit of work.
    async fn find_externals(
        &self,
        at: WorkspaceRef,
        source: &str,
        ids: &[&str],
    ) -> Result<Vec<WorkItem>, ProductError>;
    /// Creates an item with the next number and its state history.
    async fn create(
        &self,
        at: WorkspaceRef,
        item: NewItem,
        author: Author,
    ) -> Result<Arc<WorkItem>, ProductError>;
    /// Creates items with the next numbers, all or none. An item may refer to those that are there, and to those before
    /// it in the list.
    async fn create_all(
        &self,
        at: WorkspaceRef,
        items: Vec<(NewItem, Author)>,
    ) -> Result<Vec<Arc<WorkItem>>, ProductError>;
    /// Changes an item; a change of status is recorded. Unchanged items keep their version.
    async fn update(
        &self,
        at: WorkspaceRef,
        item: ItemId,
        patch: ItemPatch,
        author: Author,
    ) -> Result<Arc<WorkItem>, ProductError>;
    /// Adds what an origin tells of an item's past; changes that are known already are not doubled.
    async fn add_history(
        &self,
        at: WorkspaceRef,
        item: ItemId,
        past: &[StateChange],
    ) -> Result<(), ProductError>;
    /// What the workspace calls things, without a snapshot of all that it has.
    async fn vocabulary(&self, at: WorkspaceRef) -> Result<Vocabulary, ProductError>;
    /// Replaces the workspace's vocabulary; what items hold stays as it is.
    async fn put_vocabulary(&self, at: WorkspaceRef, vocabulary: &Vocabulary) -> Result<(), ProductError>;
}

/// A step of a unit of work that has begun.
#[must_use = "a step is kept or undone"]
#[derive(Debug)]
pub struct Step(usize);

impl Step {
    /// A step after so many changes of the unit.
    pub const fn after(changes: usize) -> Self {
        Self(changes)
    }

    /// How many changes the unit held when the step began.
    pub const fn changes(&self) -> usize {
        self.0
    }
}

/// Steps inside one unit of work that can be taken back, one inside the other.
#[async_trait]
pub trait Steps: Send + Sync {
    /// Begins a step.
    async fn begin_step(&self, at: WorkspaceRef) -> Result<Step, ProductError>;
    /// Keeps what the innermost step wrote.
    async fn keep_step(&self, at: WorkspaceRef, step: Step) -> Result<(), ProductError>;
    /// Takes back what the innermost step wrote; also after a port of it failed.
    async fn undo_step(&self, at: WorkspaceRef, step: Step) -> Result<(), ProductError>;
}

/// Teams, objectives and competitors.
#[async_trait]
pub trait Strategy: Send + Sync {
    /// Teams by name.
    async fn teams(&self, at: WorkspaceRef) -> Result<Vec<Team>, ProductError>;
    /// Sprints, earliest first.
    async fn sprints(&self, at: WorkspaceRef) -> Result<Vec<Sprint>, ProductError>;
    /// Mission and themes.
    async fn mission(&self, at: WorkspaceRef) -> Result<Mission, ProductError>;
    /// Objectives by period and title.
    async fn objectives(&self, at: WorkspaceRef) -> Result<Vec<Objective>, ProductError>;
    /// Competitors by tier and name.
    async fn competitors(&self, at: WorkspaceRef) -> Result<Vec<Competitor>, ProductError>;
    /// Adds or replaces a team.
    async fn put_team(&self, at: WorkspaceRef, team: &Team) -> Result<(), ProductError>;
    /// Adds or replaces a sprint.
    async fn put_sprint(&self, at: WorkspaceRef, sprint: &Sprint) -> Result<(), ProductError>;
    /// Replaces mission and themes.
    async fn put_mission(&self, at: WorkspaceRef, mission: &Mission) -> Result<(), ProductError>;
    /// Adds or replaces an objective with its key results.
    async fn put_objective(&self, at: WorkspaceRef, objective: &Objective) -> Result<(), ProductError>;
    /// Adds or replaces a competitor.
    async fn put_competitor(&self, at: WorkspaceRef, competitor: &Competitor) -> Result<(), ProductError>;
}

/// Digest of everything that a judgement depends on.
pub type JudgedDigest = [u8; 32];

/// What models have judged: the same is judged once. Each is kept in a unit of its own, since it was paid for whatever
/// becomes of its call.
#[async_trait]
pub trait KeptJudgements: Send + Sync {
    /// Those of these that are kept, as they were written.
    async fn kept_judgements(
        &self,
        at: WorkspaceRef,
        digests: &[JudgedDigest],
    ) -> Result<Vec<(JudgedDigest, String)>, ProductError>;
    /// Keeps one; one that is there already stays.
    async fn keep_judgement(
        &self,
        at: WorkspaceRef,
        digest: JudgedDigest,
        body: &str,
        made: Timestamp,
    ) -> Result<(), ProductError>;
}

/// Saved forecasts. They are added and read, never changed.
#[async_trait]
pub trait Forecasts: Send + Sync {
    /// Keeps a forecast under a name that is not taken.
    async fn keep_forecast(&self, at: WorkspaceRef, forecast: &SavedForecast) -> Result<(), ProductError>;
    /// The newest of the kept ones, newest first.
    async fn kept_forecasts(&self, at: WorkspaceRef, most: u64) -> Result<Vec<SavedForecast>, ProductError>;
    /// The one of this name, in any case, or with this id.
    async fn kept_forecast(
        &self,
        at: WorkspaceRef,
        asked: &str,
    ) -> Result<Option<SavedForecast>, ProductError>;
}
