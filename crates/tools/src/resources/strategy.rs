//! `pm33://strategy/{workspace}`: mission, themes and active objectives with key results and how much work is bound to each.

use std::collections::BTreeMap;

use async_trait::async_trait;
use pm33_auth::Scope;
use pm33_product::Strategy;
use serde_json::json;

use super::{JSON, complete_workspace, json, visible};
use crate::{
    Completion, Resource, ResourceBody, ResourceEntry, ResourceSpec, ToolContext, ToolError, Variables,
    backlog::place::Place, strategy::objectives_part,
};

/// Strategy.
pub(crate) struct StrategyPicture;

const SPEC: ResourceSpec = ResourceSpec {
    uri: "pm33://strategy/{workspace}",
    name: "strategy",
    title: "Strategy",
    description: "Mission, themes and active objectives with key results and how much work is bound to each.",
    mime: JSON,
    scopes: &[Scope::ObjectivesRead],
    ttl_ms: 300_000,
};

#[async_trait]
impl Resource for StrategyPicture {
    fn spec(&self) -> &ResourceSpec {
        &SPEC
    }

    async fn list(&self, ctx: &ToolContext<'_>) -> Result<Vec<ResourceEntry>, ToolError> {
        let entry = |slug: &str, name: &str| ResourceEntry {
            uri: format!("pm33://strategy/{slug}"),
            name: format!("strategy_{slug}"),
            title: format!("Strategy of {name}"),
        };
        Ok(visible(ctx).await?.iter().map(|one| entry(&one.slug, &one.name)).collect())
    }

    async fn read(
        &self,
        ctx: &ToolContext<'_>,
        uri: &str,
        variables: &Variables,
    ) -> Result<Option<Vec<ResourceBody>>, ToolError> {
        let place = Place::open(ctx, variables.get("workspace").map(String::as_str)).await?;
        let mission = Strategy::mission(ctx.ports, place.at).await?;
        let objectives = objectives_part(&place.snapshot, ctx.now);
        let state = objectives.state;
        json(
            uri,
            &json!({ "state": state, "workspace": place.workspace.slug, "mission": mission, "objectives": objectives, "as_of": ctx.now }),
        )
    }

    async fn complete(
        &self,
        ctx: &ToolContext<'_>,
        _: &str,
        typed: &str,
        _: &BTreeMap<String, String>,
    ) -> Result<Completion, ToolError> {
        complete_workspace(ctx, typed).await
    }
}
