//! `pm33://velocity/{workspace}/current`: how fast and how steadily the teams work now.

use std::collections::BTreeMap;

use async_trait::async_trait;
use pm33_auth::Scope;
use pm33_product::{Backlog, Freshness};
use serde_json::json;

use super::{JSON, complete_workspace, json, visible};
use crate::{
    Completion, Resource, ResourceBody, ResourceEntry, ResourceSpec, ToolContext, ToolError, Variables,
    planning::velocity::{analyse_teams, summary},
};

/// Velocity and flow of every team.
pub(crate) struct VelocityCurrent;

const SPEC: ResourceSpec = ResourceSpec {
    uri: "pm33://velocity/{workspace}/current",
    name: "velocity_current",
    title: "Current velocity",
    description: "Velocity, throughput, cycle times, stability and work in progress of each team, with sample sizes; what pm33_analyze_velocity answers for all teams.",
    mime: JSON,
    scopes: &[Scope::PlanningRead],
    ttl_ms: 120_000,
};

#[async_trait]
impl Resource for VelocityCurrent {
    fn spec(&self) -> &ResourceSpec {
        &SPEC
    }

    async fn list(&self, ctx: &ToolContext<'_>) -> Result<Vec<ResourceEntry>, ToolError> {
        let entry = |slug: &str, name: &str| ResourceEntry {
            uri: format!("pm33://velocity/{slug}/current"),
            name: format!("velocity_current_{slug}"),
            title: format!("Current velocity of {name}"),
        };
        Ok(visible(ctx).await?.iter().map(|one| entry(&one.slug, &one.name)).collect())
    }

    async fn read(
        &self,
        ctx: &ToolContext<'_>,
        uri: &str,
        variables: &Variables,
    ) -> Result<Option<Vec<ResourceBody>>, ToolError> {
        let (at, workspace) = ctx.workspace(variables.get("workspace").map(String::as_str)).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let teams = analyse_teams(ctx, snapshot, None).await?;
        let state = if teams.is_empty() { "empty" } else { "ok" };
        let body = json!({
            "state": state,
            "summary": summary(&teams),
            "workspace": workspace.slug,
            "teams": teams,
            "as_of": ctx.now,
        });
        json(uri, &body)
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
