//! What reading an archive back would do, found without writing.

use std::{collections::HashSet, sync::Arc};

use pm33_product::{ProductError, Snapshot, check_item};
use serde::Serialize;
use uuid::Uuid;

use super::{
    ItemRecord, Line,
    read::{new_item, parse},
};
use crate::Unresolved;

/// Most links listed one by one.
const LISTED: usize = 1_000;

/// What would be read back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rehearsed {
    /// Items that would be new.
    pub created: usize,
    /// Items that are there and would be brought up to the archive.
    pub known: usize,
    /// Teams, sprints, objectives, competitors, the vocabulary, templates, versions of documents, saved forecasts.
    pub others: usize,
    /// Links that lead to nothing.
    pub unresolved: usize,
    /// The first of them; as the record stands the line.
    #[serde(skip)]
    pub links: Vec<Unresolved>,
}

/// Goes through the lines of an archive beside the workspace that it would be read into.
#[derive(Debug)]
pub struct Rehearsal {
    snapshot: Arc<Snapshot>,
    seen: HashSet<Uuid>,
    asked: Vec<(usize, &'static str, Uuid)>,
    number: usize,
    told: Rehearsed,
}

impl Rehearsal {
    /// Nothing read yet.
    pub fn new(snapshot: Arc<Snapshot>) -> Self {
        let (seen, asked) = (HashSet::new(), Vec::new());
        Self { snapshot, seen, asked, number: 0, told: Rehearsed::default() }
    }

    /// Looks at the next line; an empty one is nothing.
    ///
    /// # Errors
    /// What is wrong with the line.
    pub fn line(&mut self, text: &str) -> Result<(), ProductError> {
        self.number += 1;
        let Some(line) = parse(text)? else { return Ok(()) };
        self.told.others += usize::from(!matches!(line, Line::Item(_) | Line::Pm33Workspace { .. }));
        match line {
            Line::Item(record) => self.item(*record)?,
            Line::Team(team) => _ = self.seen.insert(team.id.uuid()),
            Line::Sprint(sprint) => {
                self.seen.insert(sprint.id.uuid());
                self.asked.push((self.number, "team", sprint.team.uuid()));
            }
            Line::Objective(objective) => _ = self.seen.insert(objective.id.uuid()),
            _ => {}
        }
        Ok(())
    }

    fn item(&mut self, record: ItemRecord) -> Result<(), ProductError> {
        let known = self.snapshot.get(record.id).is_some();
        *if known { &mut self.told.known } else { &mut self.told.created } += 1;
        self.seen.insert(record.id.uuid());
        let links = record
            .parent
            .iter()
            .map(|id| ("parent", id.uuid()))
            .chain(record.dependencies.iter().map(|need| ("dependency", need.on.uuid())))
            .chain(record.related.iter().map(|id| ("related item", id.uuid())))
            .chain(record.team.map(|id| ("team", id.uuid())))
            .chain(record.sprint.map(|id| ("sprint", id.uuid())))
            .chain(record.objectives.iter().map(|link| ("objective", link.objective.uuid())));
        let number = self.number;
        let open = links.filter(|(_, id)| !self.seen.contains(id)).map(|(link, id)| (number, link, id));
        self.asked.extend(open.collect::<Vec<_>>());
        check_item(&new_item(record, Vec::new()))
    }

    /// What the lines so far would do.
    pub fn finish(self) -> Rehearsed {
        let Self { snapshot, seen, mut asked, mut told, .. } = self;
        let is_there = |link: &str, id: Uuid| match link {
            "team" => snapshot.team(pm33_product::TeamId::from_uuid(id)).is_some(),
            "sprint" => snapshot.sprint(pm33_product::SprintId::from_uuid(id)).is_some(),
            "objective" => snapshot.objective(pm33_product::ObjectiveId::from_uuid(id)).is_some(),
            _ => snapshot.get(pm33_product::ItemId::from_uuid(id)).is_some(),
        };
        asked.retain(|(_, link, id)| !seen.contains(id) && !is_there(link, *id));
        told.unresolved = asked.len();
        let unresolved = |(record, link, id): (usize, &'static str, Uuid)| Unresolved {
            record,
            link,
            target: id.to_string(),
            reason: "neither the archive nor the workspace has it; the import would stop there".to_owned(),
        };
        told.links = asked.into_iter().take(LISTED).map(unresolved).collect();
        told
    }
}
