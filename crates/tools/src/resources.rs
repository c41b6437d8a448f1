//! Resources of the product.

mod backlog_summary;
mod item;
mod landscape;
mod strategy;
mod velocity_current;
mod workspaces;

pub(crate) use backlog_summary::BacklogSummary;
pub(crate) use item::Item;
pub(crate) use landscape::Landscape;
pub(crate) use strategy::StrategyPicture;
pub(crate) use velocity_current::VelocityCurrent;
pub(crate) use workspaces::Workspaces;

use serde::Serialize;

use crate::{Completion, ResourceBody, ToolContext, ToolError};

const JSON: &str = "application/json";

fn json(uri: &str, value: &impl Serialize) -> Result<Option<Vec<ResourceBody>>, ToolError> {
    let text = serde_json::to_string(value).map_err(|error| ToolError::Unavailable {
        message: "the resource could not be written".to_owned(),
        cause: error.into(),
    })?;
    Ok(Some(vec![ResourceBody::text(uri, JSON, text)]))
}

/// The caller's workspaces, by slug.
async fn visible(ctx: &ToolContext<'_>) -> Result<Vec<std::sync::Arc<pm33_tenancy::Workspace>>, ToolError> {
    let all = ctx.ports.directory().workspaces(ctx.caller.tenant).await?;
    Ok(all.iter().filter(|workspace| ctx.caller.workspaces.covers(workspace.id)).cloned().collect())
}

pub(crate) async fn complete_workspace(ctx: &ToolContext<'_>, typed: &str) -> Result<Completion, ToolError> {
    Ok(Completion::of(visible(ctx).await?.iter().map(|workspace| workspace.slug.clone()), typed))
}
