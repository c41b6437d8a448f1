//! Reading a workspace back from its lines. What is there by its id is brought up to the line, anything else is made;
//! so an interrupted reading is simply done again.

use std::collections::{HashMap, VecDeque};

use pm33_product::{
    Author, Backlog, Dependency, Document, Documents, Forecasts, ItemId, ItemPatch, NewItem, ProductError,
    SavedForecast, Sprint, SprintId, StateChange, Strategy, Team, TeamId,
};
use pm33_tenancy::{Timestamp, UserId, WorkspaceRef};
use serde::Serialize;

use super::{ItemRecord, Line, VERSION};

/// What was read back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// New items.
    pub created: usize,
    /// Items that were there and changed.
    pub updated: usize,
    /// Items that said the same already.
    pub unchanged: usize,
    /// Items that got another number than they had.
    pub renumbered: usize,
    /// Teams, sprints, objectives, competitors, the vocabulary, templates, versions of documents, saved forecasts.
    pub others: usize,
}

/// Whether the first bytes of a file are those of an archive.
pub fn is_archive(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let end = head.iter().position(|byte| *byte == b'\n').unwrap_or(head.len());
    matches!(serde_json::from_slice(&head[..end]), Ok(Line::Pm33Workspace { .. }))
}

/// What a line tells; an empty one nothing.
pub(super) fn parse(text: &str) -> Result<Option<Line>, ProductError> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let line = serde_json::from_str::<Line>(text.trim_start_matches('\u{feff}'))
        .map_err(|error| ProductError::invalid("line", error.to_string()))?;
    match line {
        Line::Pm33Workspace { version, .. } if version != VERSION => {
            let rule = format!("must be {VERSION}, not {version}: it was written by a later release");
            Err(ProductError::invalid("version", rule))
        }
        line => Ok(Some(line)),
    }
}

/// Links of an item whose ends may come later.
#[derive(Debug)]
struct Links {
    item: ItemId,
    updated: Timestamp,
    parent: Option<ItemId>,
    dependencies: Vec<Dependency>,
    related: Vec<ItemId>,
    archived: Option<Timestamp>,
}

/// Reads lines one by one, then makes the links.
#[derive(Debug)]
pub struct Restorer {
    at: WorkspaceRef,
    user: Option<UserId>,
    known_teams: Vec<Team>,
    known_sprints: Vec<Sprint>,
    teams: HashMap<TeamId, TeamId>,
    sprints: HashMap<SprintId, SprintId>,
    links: VecDeque<Links>,
    restored: Restored,
}

impl Restorer {
    /// A restorer into a workspace.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn begin<S: Strategy + ?Sized>(
        store: &S,
        at: WorkspaceRef,
        user: Option<UserId>,
    ) -> Result<Self, ProductError> {
        Ok(Self {
            at,
            user,
            known_teams: store.teams(at).await?,
            known_sprints: store.sprints(at).await?,
            teams: HashMap::new(),
            sprints: HashMap::new(),
            links: VecDeque::new(),
            restored: Restored::default(),
        })
    }

    /// What was read so far.
    pub fn restored(&self) -> Restored {
        self.restored
    }

    /// Reads one line; an empty one is nothing.
    ///
    /// # Errors
    /// What is wrong with the line, or what the store refuses.
    pub async fn line<S: Backlog + Documents + Forecasts + Strategy + ?Sized>(
        &mut self,
        store: &S,
        text: &str,
    ) -> Result<(), ProductError> {
        let Some(line) = parse(text)? else { return Ok(()) };
        self.restored.others += usize::from(!matches!(line, Line::Item(_) | Line::Pm33Workspace { .. }));
        match line {
            Line::Pm33Workspace { .. } => Ok(()),
            Line::Vocabulary(vocabulary) => store.put_vocabulary(self.at, &vocabulary).await,
            Line::Team(team) => self.team(store, team).await,
            Line::Sprint(sprint) => self.sprint(store, sprint).await,
            Line::Mission(mission) => store.put_mission(self.at, &mission).await,
            Line::Objective(objective) => store.put_objective(self.at, &objective).await,
            Line::Competitor(competitor) => store.put_competitor(self.at, &competitor).await,
            Line::Item(record) => self.item(store, *record).await,
            Line::DocumentTemplate(template) => store.put_template(self.at, &template).await,
            Line::Document(document) => self.document(store, *document).await,
            Line::Forecast(forecast) => self.forecast(store, *forecast).await,
        }
    }

    /// A team of the same name keeps its id.
    async fn team<S: Strategy + ?Sized>(&mut self, store: &S, mut team: Team) -> Result<(), ProductError> {
        let folded = team.name.to_lowercase();
        if let Some(known) = self.known_teams.iter().find(|known| known.name.to_lowercase() == folded) {
            self.teams.insert(team.id, known.id);
            team.id = known.id;
        }
        store.put_team(self.at, &team).await
    }

    /// A sprint of the same team and name keeps its id.
    async fn sprint<S: Strategy + ?Sized>(
        &mut self,
        store: &S,
        mut sprint: Sprint,
    ) -> Result<(), ProductError> {
        sprint.team = self.teams.get(&sprint.team).copied().unwrap_or(sprint.team);
        let same = |known: &&Sprint| known.team == sprint.team && known.name == sprint.name;
        if let Some(known) = self.known_sprints.iter().find(same) {
            self.sprints.insert(sprint.id, known.id);
            sprint.id = known.id;
        }
        store.put_sprint(self.at, &sprint).await
    }

    /// A version that is there already stays; the next one is added.
    async fn document<S: Documents + ?Sized>(
        &self,
        store: &S,
        mut document: Document,
    ) -> Result<(), ProductError> {
        document.author = self.user;
        match store.document(self.at, &document.id.to_string(), None).await? {
            Some(known) if known.version >= document.version => Ok(()),
            Some(_) => store.revise_document(self.at, &document).await,
            None => store.add_document(self.at, &document).await,
        }
    }

    /// One that is there already stays: it does not change.
    async fn forecast<S: Forecasts + ?Sized>(
        &self,
        store: &S,
        mut forecast: SavedForecast,
    ) -> Result<(), ProductError> {
        if store.kept_forecast(self.at, &forecast.id.to_string()).await?.is_some() {
            return Ok(());
        }
        forecast.author = self.user;
        // A team that is known by its name has another id here.
        for (there, here) in self.teams.iter().filter(|(there, here)| there != here) {
            let (there, here) = (there.to_string(), here.to_string());
            for text in [&mut forecast.question, &mut forecast.recipe, &mut forecast.answer] {
                *text = text.replace(&there, &here);
            }
        }
        store.keep_forecast(self.at, &forecast).await
    }

    async fn item<S: Backlog + ?Sized>(
        &mut self,
        store: &S,
        mut record: ItemRecord,
    ) -> Result<(), ProductError> {
        record.team = record.team.map(|team| self.teams.get(&team).copied().unwrap_or(team));
        record.sprint = record.sprint.map(|sprint| self.sprints.get(&sprint).copied().unwrap_or(sprint));
        let author = Author { user: self.user, at: record.updated };
        let number = record.number;
        self.links.push_back(Links {
            item: record.id,
            updated: record.updated,
            parent: record.parent,
            dependencies: std::mem::take(&mut record.dependencies),
            related: std::mem::take(&mut record.related),
            archived: record.archived,
        });
        let before = match store.update(self.at, record.id, ItemPatch::default(), author).await {
            Ok(known) => Some(known),
            Err(ProductError::Missing { .. }) => None,
            Err(error) => return Err(error),
        };
        let history = history(&record);
        let now = match &before {
            None => {
                self.restored.created += 1;
                store.create(self.at, new_item(record, history), author).await?
            }
            Some(known) => {
                let id = record.id;
                let now = store.update(self.at, id, patch(record), author).await?;
                store.add_history(self.at, id, &history).await?;
                if now.version == known.version {
                    self.restored.unchanged += 1;
                } else {
                    self.restored.updated += 1;
                }
                now
            }
        };
        self.restored.renumbered += usize::from(now.number != number);
        Ok(())
    }

    /// Makes the links of the next item; `false` when all are made.
    ///
    /// # Errors
    /// What the store refuses.
    pub async fn link_next<S: Backlog + ?Sized>(&mut self, store: &S) -> Result<bool, ProductError> {
        let Some(links) = self.links.pop_front() else { return Ok(false) };
        let patch = ItemPatch {
            parent: Some(links.parent),
            dependencies: Some(links.dependencies),
            related: Some(links.related),
            archived: Some(links.archived),
            ..ItemPatch::default()
        };
        let author = Author { user: self.user, at: links.updated };
        store.update(self.at, links.item, patch, author).await?;
        Ok(true)
    }
}

fn history(record: &ItemRecord) -> Vec<StateChange> {
    let changes = record.history.iter();
    changes.map(|change| StateChange { from: change.from, to: change.to, at: change.at, by: None }).collect()
}

pub(super) fn new_item(record: ItemRecord, history: Vec<StateChange>) -> NewItem {
    NewItem {
        id: record.id,
        item_type: record.item_type,
        title: record.title,
        description: record.description,
        status: record.status,
        priority: record.priority,
        points: record.story_points,
        estimate_days: record.estimate_days,
        parent: None,
        team: record.team,
        sprint: record.sprint,
        assignee: record.assignee,
        labels: record.labels,
        skills: record.skills,
        objectives: record.objectives,
        dependencies: Vec::new(),
        release: record.release_date,
        due: record.due_date,
        scoring: record.scoring,
        external: record.external,
        custom: record.custom_fields,
        created: record.created,
        started: record.started,
        finished: record.finished,
        history,
    }
}

fn patch(record: ItemRecord) -> ItemPatch {
    ItemPatch {
        item_type: Some(record.item_type),
        title: Some(record.title),
        description: Some(record.description),
        status: Some(record.status),
        priority: Some(record.priority),
        points: Some(record.story_points),
        estimate_days: Some(record.estimate_days),
        team: Some(record.team),
        sprint: Some(record.sprint),
        assignee: Some(record.assignee),
        labels: Some(record.labels),
        skills: Some(record.skills),
        objectives: Some(record.objectives),
        release: Some(record.release_date),
        due: Some(record.due_date),
        scoring: Some(record.scoring),
        external: Some(record.external),
        custom: Some(record.custom_fields),
        created: record.created,
        started: Some(record.started),
        finished: Some(record.finished),
        ..ItemPatch::default()
    }
}
