//! Resources of the product.

mod backlog_summary;
mod document;
mod each_workspace;
mod item;
mod landscape;
mod strategy;
mod velocity_current;
mod workspaces;

use std::sync::Arc;

use serde::Serialize;

use self::{
    backlog_summary::BacklogSummary, document::Document, each_workspace::each_workspace, item::Item,
    landscape::Landscape, strategy::StrategyPicture, velocity_current::VelocityCurrent,
    workspaces::Workspaces,
};
use crate::{Completion, Numbers, Resource, ResourceBody, ToolContext, ToolError, numbers};

/// Every resource of the product, in the order of lists.
pub(crate) fn all() -> Vec<Arc<dyn Resource>> {
    vec![
        Arc::new(Workspaces),
        each_workspace::<BacklogSummary>(),
        each_workspace::<StrategyPicture>(),
        each_workspace::<Landscape>(),
        each_workspace::<VelocityCurrent>(),
        Arc::new(Item),
        Arc::new(Document),
    ]
}

const JSON: &str = "application/json";

fn json(uri: &str, value: &impl Serialize, numbers: Numbers) -> Result<Option<Vec<ResourceBody>>, ToolError> {
    let text = numbers::json(value, numbers).map_err(|error| ToolError::Unavailable {
        message: "the resource could not be written".to_owned(),
        cause: error.into(),
    })?;
    Ok(Some(vec![ResourceBody::text(uri, JSON, text)]))
}

/// The caller's workspaces, by slug.
async fn visible(ctx: &ToolContext<'_>) -> Result<Vec<Arc<pm33_tenancy::Workspace>>, ToolError> {
    let all = ctx.ports.directory().workspaces(ctx.caller.tenant).await?;
    Ok(all.iter().filter(|workspace| ctx.caller.workspaces.covers(workspace.id)).cloned().collect())
}

pub(crate) async fn complete_workspace(ctx: &ToolContext<'_>, typed: &str) -> Result<Completion, ToolError> {
    Ok(Completion::of(visible(ctx).await?.iter().map(|workspace| workspace.slug.clone()), typed))
}
