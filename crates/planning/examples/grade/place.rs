//! A workspace made of titles.

use std::sync::Arc;

use futures_util::FutureExt;
use pm33_product::{Changes, ItemId, ItemType, Priority, Snapshot, Status, WorkItem};
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
        Ok(Arc::default())
    }
}

fn here() -> Option<WorkspaceRef> {
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
    opened.now_or_never()?.ok().map(|(at, _)| at)
}

/// A workspace with an item for each title, numbered from 1.
pub(crate) fn workspace_of(titles: &[String]) -> Option<Snapshot> {
    let items = (1..).zip(titles).map(|(number, title)| Arc::new(item(number, title))).collect();
    Some(Snapshot::empty(here()?, "HERE").with(1, &Changes { items, ..Changes::default() }))
}

fn item(number: u32, title: &str) -> WorkItem {
    WorkItem {
        id: ItemId::from_uuid(Uuid::from_u128(u128::from(number))),
        number,
        item_type: ItemType::Story,
        title: title.into(),
        status: Status::Backlog,
        priority: Priority::None,
        points: None,
        estimate_days: None,
        parent: None,
        team: None,
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
        finished: None,
        updated: Timestamp::from_micros(0),
        archived: None,
        author: None,
    }
}
