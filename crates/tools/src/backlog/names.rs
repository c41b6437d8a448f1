//! Names that callers use, resolved in a snapshot: item keys, teams, sprints, objectives.

use std::{collections::HashMap, sync::Arc};

use pm33_auth::Scope;
use pm33_product::{
    External, ItemId, ItemKey, ObjectiveId, Snapshot, Sprint, SprintId, Status, TeamId, WorkItem,
};
use pm33_tenancy::WorkspaceRef;

use super::fields::StatusWord;
use crate::{ToolContext, ToolError};

/// An item by key (`PAY-142`) or id.
pub(crate) fn item<'a>(snapshot: &'a Snapshot, asked: &str) -> Result<&'a Arc<WorkItem>, ToolError> {
    let by_id = || snapshot.get(ItemId::from_uuid(uuid::Uuid::parse_str(asked).ok()?));
    let by_key = || snapshot.by_key(&asked.parse::<ItemKey>().ok()?);
    by_id().or_else(by_key).ok_or_else(|| {
        ToolError::refused(format!(
            "no item {asked:?} in this workspace; keys look like {}-1, pm33_query_backlog finds them",
            snapshot.prefix()
        ))
    })
}

/// Every item by key or id; where no item has it, those whose external id it is, alone or as `source:id`. Two trackers may
/// have the same.
pub(crate) fn items<'a>(snapshot: &'a Snapshot, asked: &str) -> Result<Vec<&'a Arc<WorkItem>>, ToolError> {
    let own = item(snapshot, asked);
    let with_source = || {
        let (source, id) = asked.split_once(':')?;
        snapshot.by_external(&External { source: source.to_owned(), id: id.to_owned() })
    };
    if let Some(found) = own.as_ref().ok().copied().or_else(with_source) {
        return Ok(vec![found]);
    }
    let found = snapshot.by_external_id(asked);
    if found.is_empty() { own.map(|item| vec![item]) } else { Ok(found) }
}

/// An item by its external id.
pub(crate) fn external<'a>(snapshot: &'a Snapshot, asked: &External) -> Result<&'a Arc<WorkItem>, ToolError> {
    snapshot.by_external(asked).ok_or_else(|| {
        ToolError::refused(format!(
            "no item with the external id {:?} of {:?} in this workspace",
            asked.id, asked.source
        ))
    })
}

/// A team by name (in any case) or id.
pub(crate) fn team(snapshot: &Snapshot, asked: &str) -> Result<TeamId, ToolError> {
    let id = uuid::Uuid::parse_str(asked).ok().map(TeamId::from_uuid);
    let found = snapshot.teams().iter().find(|team| Some(team.id) == id || is_same(&team.name, asked));
    found.map(|team| team.id).ok_or_else(|| {
        let names: Vec<_> = snapshot.teams().iter().map(|team| &*team.name).collect();
        ToolError::refused(format!("no team {asked:?} in this workspace; {}", choices("teams", &names)))
    })
}

/// A sprint by name or id. Teams may have sprints of the same name: the one of the item's team is meant.
pub(crate) fn sprint(snapshot: &Snapshot, asked: &str, team: Option<TeamId>) -> Result<SprintId, ToolError> {
    let found = sprints(snapshot, asked)?;
    match found.iter().find(|sprint| Some(sprint.team) == team).or_else(|| found.first()) {
        Some(sprint) if found.len() == 1 || Some(sprint.team) == team => Ok(sprint.id),
        _ => {
            let team_of = |sprint: &&Sprint| snapshot.team(sprint.team).map_or("", |team| &*team.name);
            let teams: Vec<_> = found.iter().map(team_of).collect();
            Err(ToolError::refused(format!(
                "several teams have a sprint {asked:?}: {}; set the item's team, or send the sprint's id",
                teams.join(", ")
            )))
        }
    }
}

/// Every sprint of this name (in any case) or id; at least one.
pub(crate) fn sprints<'a>(snapshot: &'a Snapshot, asked: &str) -> Result<Vec<&'a Sprint>, ToolError> {
    let id = uuid::Uuid::parse_str(asked).ok().map(SprintId::from_uuid);
    let is_asked = |sprint: &&Sprint| Some(sprint.id) == id || is_same(&sprint.name, asked);
    let found: Vec<_> = snapshot.sprints().iter().filter(is_asked).collect();
    if found.is_empty() {
        let names: Vec<_> = snapshot.sprints().iter().rev().take(10).map(|sprint| &*sprint.name).collect();
        return Err(ToolError::refused(format!(
            "no sprint {asked:?} in this workspace; {}",
            choices("newest sprints", &names)
        )));
    }
    Ok(found)
}

/// A status by the workspace's own word, ours or a tracker's.
pub(crate) fn status(snapshot: &Snapshot, asked: &StatusWord) -> Result<Status, ToolError> {
    let vocabulary = snapshot.vocabulary();
    vocabulary.status(&asked.0).ok_or_else(|| {
        let ours: Vec<_> = Status::ALL.iter().map(|status| status.as_str()).collect();
        let own: Vec<_> =
            vocabulary.statuses.iter().map(|(word, status)| format!("{word} ({status})")).collect();
        ToolError::refused(format!(
            "status: unknown word {:?}; statuses: {}; {}",
            asked.0,
            ours.join(", "),
            choices("words of its own", &own.iter().map(String::as_str).collect::<Vec<_>>())
        ))
    })
}

/// Whether a refusal may tell the titles of the objectives that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Titles {
    /// To who may read objectives.
    Told,
    /// To everybody else.
    Kept,
}

impl Titles {
    /// What this caller is told here.
    pub(crate) fn of(ctx: &ToolContext<'_>, at: WorkspaceRef) -> Self {
        if ctx.may(at, Scope::ObjectivesRead) { Self::Told } else { Self::Kept }
    }
}

/// An objective by title (in any case) or id.
pub(crate) fn objective(snapshot: &Snapshot, asked: &str, titles: Titles) -> Result<ObjectiveId, ToolError> {
    let id = uuid::Uuid::parse_str(asked).ok().map(ObjectiveId::from_uuid);
    let found = snapshot.objectives().iter().find(|one| Some(one.id) == id || is_same(&one.title, asked));
    found.map(|one| one.id).ok_or_else(|| {
        if titles == Titles::Kept {
            let lacking = "your key lacks objectives:read, which would list those there are";
            return ToolError::refused(format!("no objective {asked:?} in this workspace; {lacking}"));
        }
        let names: Vec<_> = snapshot.objectives().iter().map(|one| &*one.title).collect();
        ToolError::refused(format!(
            "no objective {asked:?} in this workspace; {}",
            choices("objectives", &names)
        ))
    })
}

/// Whether two names are the same in any case.
fn is_same(name: &str, asked: &str) -> bool {
    name == asked || name.to_lowercase() == asked.trim().to_lowercase()
}

fn choices(what: &str, names: &[&str]) -> String {
    if names.is_empty() {
        format!("the workspace has no {what}")
    } else {
        format!("{what}: {}", names.join(", "))
    }
}

/// Items that earlier entries of a batch made, by the names that they gave them.
#[derive(Debug, Default)]
pub(crate) struct Made(HashMap<String, ItemId>);

impl Made {
    /// Notes a name.
    pub(crate) fn insert(&mut self, name: String, item: ItemId) -> Result<(), ToolError> {
        if self.0.contains_key(&name) {
            return Err(ToolError::refused(format!(
                "the name {name:?} is given twice; names are for one entry each"
            )));
        }
        self.0.insert(name, item);
        Ok(())
    }

    /// Puts the id of an earlier entry in the place of `@name`.
    pub(crate) fn put(&self, asked: &mut String) -> Result<(), ToolError> {
        let Some(name) = asked.strip_prefix('@') else { return Ok(()) };
        let item = self.0.get(name).ok_or_else(|| {
            ToolError::refused(format!("no earlier entry that succeeded has the name {name:?}"))
        })?;
        *asked = item.to_string();
        Ok(())
    }
}
