//! What a scenario's changes are as writes, and which of them cannot be written.

use std::collections::{BTreeMap, BTreeSet};

use pm33_product::{
    Author, Backlog, Dependency, ItemId, ItemPatch, ItemType, NewItem, Priority, Snapshot, Strategy, Team,
    WorkItem,
};
use pm33_tenancy::Timestamp;

use super::scenario_change::{ChangeInput, Kind};
use crate::{
    ToolContext, ToolError,
    backlog::{names, place::Place},
};

/// Everything that a scenario writes.
pub(super) struct Writes {
    /// New epics by the name that the scenario gave them.
    created: Vec<(String, NewItem)>,
    /// Changes of epics that are there.
    patches: BTreeMap<ItemId, ItemPatch>,
    /// Teams with a change.
    teams: Vec<Team>,
    /// Why a change cannot be written, with its place.
    pub(super) refused: Vec<String>,
}

impl Writes {
    /// The writes of a list of changes; `teams` are as the changes made them.
    pub(super) fn of(
        snapshot: &Snapshot,
        planned: &BTreeSet<ItemId>,
        changes: &[ChangeInput],
        teams: &[Team],
        now: Timestamp,
    ) -> Result<Self, ToolError> {
        let before = snapshot.teams();
        let teams = teams.iter().filter(|team| before.iter().all(|one| one != *team)).cloned().collect();
        let mut writes = Self { created: Vec::new(), patches: BTreeMap::new(), teams, refused: Vec::new() };
        for (place, change) in (1..).zip(changes) {
            writes.take(snapshot, planned, place, change, now)?;
        }
        Ok(writes)
    }

    fn take(
        &mut self,
        snapshot: &Snapshot,
        planned: &BTreeSet<ItemId>,
        place: usize,
        change: &ChangeInput,
        now: Timestamp,
    ) -> Result<(), ToolError> {
        let epic = change.epic.as_deref().unwrap_or_default();
        if change.change == Kind::AddEpic {
            let team = change.team.as_deref().map(|team| names::team(snapshot, team)).transpose()?;
            let title = change.title.clone().unwrap_or_default();
            let new = NewItem {
                points: change.points,
                team,
                priority: change.priority.map_or(Priority::None, |word| word.0),
                release: change.release_date.map(|day| day.0),
                due: change.due_date.map(|day| day.0),
                dependencies: self.dependencies(snapshot, change)?,
                ..NewItem::titled(ItemId::new(now), ItemType::Epic, title)
            };
            self.created.push((epic.to_owned(), new));
            return Ok(());
        }
        if let Some(at) = self.created.iter().position(|(name, _)| name.eq_ignore_ascii_case(epic)) {
            let needs = self.dependencies(snapshot, change)?;
            let new = &mut self.created[at].1;
            match change.change {
                Kind::RemoveEpic => drop(self.created.remove(at)),
                Kind::ResizeEpic => new.points = change.points,
                Kind::Reprioritise => new.priority = change.priority.map_or(new.priority, |word| word.0),
                Kind::SetDue => new.due = change.due_date.map(|day| day.0),
                Kind::SetDependencies => new.dependencies = needs,
                _ => {}
            }
            return Ok(());
        }
        let item = match change.change {
            // Teams come as they are at the end.
            Kind::SetCapacity | Kind::AddAbsence | Kind::Hire => return Ok(()),
            Kind::LimitEpics => {
                self.refused.push(format!(
                    "change {place}: how many epics a team works on at a time follows from what it has in progress; start or \
                     pause epics with pm33_update_work_item"
                ));
                return Ok(());
            }
            _ => names::item(snapshot, epic)?,
        };
        if change.change == Kind::ResizeEpic && has_sized_work(snapshot, item) {
            let key = snapshot.key(item);
            self.refused.push(format!(
                "change {place}: the size of {key} is that of the open items below it; change their story points with \
                 pm33_batch_work_items"
            ));
            return Ok(());
        }
        let needs = (change.change == Kind::SetDependencies)
            .then(|| -> Result<_, ToolError> {
                // What it waits for beside the planned epics stays.
                let beside = item.dependencies.iter().filter(|one| !planned.contains(&one.on)).copied();
                Ok(beside.chain(self.dependencies(snapshot, change)?).collect())
            })
            .transpose()?;
        let patch = self.patches.entry(item.id).or_default();
        patch.if_version = Some(item.version);
        match change.change {
            Kind::RemoveEpic => patch.archived = Some(Some(now)),
            Kind::ResizeEpic => patch.points = Some(change.points),
            Kind::Reprioritise => patch.priority = change.priority.map(|word| word.0),
            Kind::SetDue => patch.due = Some(change.due_date.map(|day| day.0)),
            _ => patch.dependencies = needs,
        }
        Ok(())
    }

    fn dependencies(&self, snapshot: &Snapshot, change: &ChangeInput) -> Result<Vec<Dependency>, ToolError> {
        let on = |key: &String| {
            let new = self.created.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
            let on = match new {
                Some((_, new)) => new.id,
                None => names::item(snapshot, key)?.id,
            };
            Ok(Dependency { on, lag_days: change.lag_days })
        };
        change.depends_on.iter().flatten().map(on).collect()
    }

    /// What will be written, in words.
    pub(super) fn told(&self, snapshot: &Snapshot) -> Vec<String> {
        let created =
            self.created.iter().map(|(name, new)| format!("create the epic {:?} ({name})", new.title));
        let patched = self.patches.iter().filter_map(|(id, patch)| {
            let key = snapshot.key(snapshot.get(*id)?);
            Some(format!("{key}: {}", fields(patch).join(", ")))
        });
        let teams = self.teams.iter().map(|team| format!("team {}: capacity and calendar", team.name));
        created.chain(patched).chain(teams).collect()
    }

    /// Writes all of it; keys of the epics that were created or changed.
    pub(super) async fn write(&self, ctx: &ToolContext<'_>, place: &Place) -> Result<Vec<String>, ToolError> {
        let author = Author { user: Some(ctx.caller.user), at: ctx.now };
        let mut keys = Vec::new();
        for (_, new) in &self.created {
            let item = Backlog::create(ctx.ports, place.at, new.clone(), author).await?;
            place.changed(ctx, &item);
            keys.push(place.snapshot.key(&item).to_string());
        }
        for (id, patch) in &self.patches {
            let item = Backlog::update(ctx.ports, place.at, *id, patch.clone(), author).await?;
            place.changed(ctx, &item);
            keys.push(place.snapshot.key(&item).to_string());
        }
        for team in &self.teams {
            Strategy::put_team(ctx.ports, place.at, team).await?;
        }
        if !self.teams.is_empty() {
            place.strategy_changed(ctx);
        }
        Ok(keys)
    }
}

fn fields(patch: &ItemPatch) -> Vec<String> {
    let mut fields = Vec::new();
    if patch.archived.is_some() {
        fields.push("put away".to_owned());
    }
    if let Some(points) = patch.points {
        fields.push(format!(
            "story points {}",
            points.map_or_else(|| "none".to_owned(), |points| points.to_string())
        ));
    }
    if let Some(priority) = patch.priority {
        fields.push(format!("priority {priority}"));
    }
    if let Some(due) = patch.due {
        fields.push(format!("due date {}", due.map_or_else(|| "none".to_owned(), |due| due.to_string())));
    }
    if let Some(needs) = &patch.dependencies {
        fields.push(format!("{} dependencies", needs.len()));
    }
    fields
}

/// Whether an epic's size comes from open items below it.
fn has_sized_work(snapshot: &Snapshot, epic: &WorkItem) -> bool {
    let below = |item: &WorkItem| {
        let mut above = item.parent;
        for _ in 0..100 {
            if above == Some(epic.id) {
                return true;
            }
            let Some(parent) = above.and_then(|id| snapshot.get(id)) else { return false };
            above = parent.parent;
        }
        false
    };
    snapshot.items().any(|item| item.is_active() && item.points.is_some() && below(item))
}
