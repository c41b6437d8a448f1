//! Bringing an import plan into a workspace: teams first, then items, updated by external id when they are there already,
//! in units that each carry their audit row.

use pm33_interchange::ImportPlan;
use pm33_product::{Author, Backlog, Freshness, ImportedItem, ItemPatch, Strategy, Team, TeamId};
use pm33_store::Session;
use pm33_tenancy::{TenantId, WorkspaceRef};
use serde::Serialize;

use crate::{Foundation, operator};

/// Items in one unit of work.
const UNIT: usize = 200;

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// What an import wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// New items.
    pub created: usize,
    /// Items that were there and changed.
    pub updated: usize,
    /// Items that said the same already.
    pub unchanged: usize,
    /// New teams.
    pub teams: usize,
}

/// Writes a plan into a workspace. Interrupted, it can be run again: what is there is updated, never doubled.
///
/// # Errors
/// The first item that the store refuses ends the import; what was committed before stays.
pub async fn import(
    foundation: &Foundation,
    tenant: TenantId,
    at: WorkspaceRef,
    plan: ImportPlan,
) -> Result<Imported, Fault> {
    let mut outcome = Imported::default();
    let mut items = plan.items.into_iter().peekable();
    while items.peek().is_some() {
        let session = foundation.store.session(tenant);
        let mut teams = session.teams(at).await?;
        for imported in items.by_ref().take(UNIT) {
            let record = imported.record;
            one(&session, at, imported, &mut teams, &mut outcome, foundation)
                .await
                .map_err(|error| format!("record {record}: {error}"))?;
        }
        session.commit(operator::act(tenant, "admin/import", None, foundation.clock.now())).await?;
    }
    Ok(outcome)
}

async fn one(
    session: &Session,
    at: WorkspaceRef,
    imported: ImportedItem,
    teams: &mut Vec<Team>,
    outcome: &mut Imported,
    foundation: &Foundation,
) -> Result<(), Fault> {
    let now = foundation.clock.now();
    let author = Author { user: None, at: imported.updated.unwrap_or(now) };
    let mut item = imported.item;
    if let Some(name) = imported.team_name {
        item.team =
            Some(if let Some(team) = teams.iter().find(|team| team.name.eq_ignore_ascii_case(&name)) {
                team.id
            } else {
                let id = TeamId::new(now);
                let team = Team {
                    id,
                    name: name.into(),
                    capacity_per_week: None,
                    wip_limit: None,
                    skills: Vec::new(),
                    calendar: None,
                };
                session.put_team(at, &team).await?;
                teams.push(team);
                outcome.teams += 1;
                id
            });
    }
    let external = item.external.clone().ok_or("an imported item has no external id")?;
    let Some(known) = session.find_external(at, &external).await? else {
        session.create(at, item, author).await?;
        outcome.created += 1;
        return Ok(());
    };
    let history = std::mem::take(&mut item.history);
    let patch = ItemPatch {
        item_type: Some(item.item_type),
        title: Some(item.title),
        description: Some(item.description),
        status: Some(item.status),
        priority: Some(item.priority),
        points: item.points.map(Some),
        team: item.team.map(Some),
        assignee: Some(item.assignee),
        labels: Some(item.labels),
        custom: Some(item.custom),
        created: item.created,
        finished: Some(item.finished),
        ..ItemPatch::default()
    };
    let changed = session.update(at, known.id, patch, author).await?;
    session.add_history(at, known.id, &history).await?;
    if changed.version == known.version {
        outcome.unchanged += 1;
    } else {
        outcome.updated += 1;
    }
    Ok(())
}

/// How many items a workspace has now.
///
/// # Errors
/// When the store does not answer.
pub async fn count(foundation: &Foundation, at: WorkspaceRef) -> Result<usize, Fault> {
    Ok(foundation.store.session(at.tenant()).snapshot(at, Freshness::Newest).await?.len())
}
