//! A workspace to plan in, and plain items, teams and sprints for it.

use std::sync::Arc;

use jiff::civil::Date;
use pm33_product::{
    Changes, Dependency, ItemId, ItemType, Priority, Snapshot, Sprint, SprintId, Status, Team, TeamId,
    WorkItem,
};
use pm33_tenancy::{
    Directory, EffectiveSettings, TenancyError, TenantId, Timestamp, Workspace, WorkspaceAccess, WorkspaceId,
    WorkspaceRef, open_workspace,
};
use uuid::Uuid;

struct One(Arc<Workspace>);

#[async_trait::async_trait]
impl Directory for One {
    async fn workspaces(&self, _: TenantId) -> Result<Arc<[Arc<Workspace>]>, TenancyError> {
        Ok([Arc::clone(&self.0)].into())
    }

    async fn settings(&self, _: TenantId) -> Result<Arc<EffectiveSettings>, TenancyError> {
        unreachable!("opening a workspace asks for no settings")
    }
}

fn here() -> WorkspaceRef {
    let tenant = TenantId::from_uuid(Uuid::from_u128(1));
    let workspace = Workspace {
        tenant,
        id: WorkspaceId::from_uuid(Uuid::from_u128(2)),
        slug: "here".to_owned(),
        prefix: "HERE".to_owned(),
        name: "Here".to_owned(),
        created: Timestamp::from_micros(0),
    };
    let directory = One(Arc::new(workspace));
    let opened = open_workspace(&directory, tenant, &WorkspaceAccess::All, None);
    futures_util::FutureExt::now_or_never(opened).unwrap().unwrap().0
}

/// A workspace with these in it.
pub(crate) fn snapshot(teams: Vec<Team>, sprints: Vec<Sprint>, items: Vec<WorkItem>) -> Snapshot {
    let changes = Changes {
        items: items.into_iter().map(Arc::new).collect(),
        teams: Some(teams),
        sprints: Some(sprints),
        ..Changes::default()
    };
    Snapshot::empty(here(), "HERE").with(1, &changes)
}

/// The identifier of the item with this number.
pub(crate) fn id(number: u32) -> ItemId {
    ItemId::from_uuid(Uuid::from_u128(u128::from(number)))
}

/// The identifier of the team with this number.
pub(crate) fn team_id(number: u32) -> TeamId {
    TeamId::from_uuid(Uuid::from_u128(u128::from(number) + 1_000_000))
}

/// A team of ten points a week.
pub(crate) fn team(number: u32, name: &str) -> Team {
    Team {
        id: team_id(number),
        name: name.into(),
        capacity_per_week: Some(10.0),
        wip_limit: None,
        skills: Vec::new(),
        calendar: None,
    }
}

/// A sprint of a team.
pub(crate) fn sprint(number: u32, team: u32, start: Date, end: Date, committed: &[u32]) -> Sprint {
    Sprint {
        id: SprintId::from_uuid(Uuid::from_u128(u128::from(number) + 2_000_000)),
        team: team_id(team),
        name: format!("S{number}").into(),
        start,
        end,
        committed: committed.iter().map(|&number| id(number)).collect(),
    }
}

/// An item of a team, or of none.
pub(crate) fn item(number: u32, item_type: ItemType, status: Status, team: Option<u32>) -> WorkItem {
    WorkItem {
        id: id(number),
        number,
        item_type,
        title: format!("Item {number}").into(),
        status,
        priority: Priority::None,
        points: None,
        estimate_days: None,
        parent: None,
        team: team.map(team_id),
        sprint: None,
        assignee: None,
        labels: Arc::default(),
        skills: Arc::default(),
        objectives: Arc::default(),
        dependencies: Arc::default(),
        related: Arc::default(),
        release: None,
        due: None,
        scoring: None,
        external: None,
        custom: None,
        description_chars: 0,
        version: 1,
        created: None,
        started: None,
        finished: (status == Status::Done).then(|| at(i64::from(number))),
        updated: at(0),
        archived: None,
        author: None,
    }
}

/// A time: so many hours after the first of January 2026.
pub(crate) fn at(hours: i64) -> Timestamp {
    Timestamp::from_micros((1_767_225_600 + hours * 3_600) * 1_000_000)
}

/// An item below another.
pub(crate) fn below(parent: u32, mut item: WorkItem) -> WorkItem {
    item.parent = Some(id(parent));
    item
}

/// An item that waits for another.
pub(crate) fn after(on: u32, mut item: WorkItem) -> WorkItem {
    item.dependencies = [Dependency { on: id(on), lag_days: 0 }].into();
    item
}
