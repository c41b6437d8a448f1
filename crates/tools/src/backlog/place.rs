//! Where a call works: the workspace that it opened and the picture it goes by.

use std::sync::Arc;

use pm33_product::{Backlog, Changes, Freshness, Snapshot, WorkItem};
use pm33_tenancy::{Workspace, WorkspaceRef};

use crate::{ToolContext, ToolError};

/// An opened workspace.
pub(crate) struct Place {
    pub(crate) at: WorkspaceRef,
    pub(crate) workspace: Arc<Workspace>,
    pub(crate) snapshot: Arc<Snapshot>,
}

impl Place {
    /// Opens the workspace that the caller names, or the only one.
    pub(crate) async fn open(ctx: &ToolContext<'_>, asked: Option<&str>) -> Result<Self, ToolError> {
        let (at, workspace) = ctx.workspace(asked).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        Ok(Self { at, workspace, snapshot })
    }

    /// Tells subscribers that an item changed.
    pub(crate) fn changed(&self, ctx: &ToolContext<'_>, item: &WorkItem) {
        ctx.changed(format!("pm33://backlog/{}/summary", self.workspace.slug));
        ctx.changed(format!("pm33://velocity/{}/current", self.workspace.slug));
        ctx.changed(format!("pm33://item/{}/{}", self.workspace.slug, self.snapshot.key(item)));
    }

    /// Tells subscribers that objectives, teams or the mission changed.
    pub(crate) fn strategy_changed(&self, ctx: &ToolContext<'_>) {
        ctx.changed(format!("pm33://strategy/{}", self.workspace.slug));
        ctx.changed(format!("pm33://velocity/{}/current", self.workspace.slug));
    }

    /// Sees an item that this call wrote and that is not committed yet.
    pub(crate) fn sees(&mut self, item: &Arc<WorkItem>) {
        let changes = Changes { items: vec![Arc::clone(item)], ..Changes::default() };
        self.snapshot = Arc::new(self.snapshot.with(self.snapshot.version(), &changes));
    }
}
