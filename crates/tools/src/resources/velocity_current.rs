//! `pm33://velocity/{workspace}/current`: how fast and how steadily the teams work now.

use std::sync::Arc;

use async_trait::async_trait;
use pm33_auth::Scope;
use serde_json::{Value, json};

use super::{JSON, each_workspace::Picture};
use crate::{
    Numbers, ResourceSpec, ToolContext, ToolError,
    backlog::place::Place,
    planning::velocity::{SHOWN, analyse_teams, summary},
};

/// Velocity and flow of every team.
pub(super) struct VelocityCurrent;

#[async_trait]
impl Picture for VelocityCurrent {
    const SPEC: ResourceSpec = ResourceSpec {
        uri: "pm33://velocity/{workspace}/current",
        name: "velocity_current",
        title: "Current velocity",
        description: "Velocity, throughput, cycle times, stability and work in progress of each team, with sample sizes; what pm33_analyze_velocity answers for all teams.",
        mime: JSON,
        scopes: &[Scope::PlanningRead],
        ttl_ms: 120_000,
    };
    const NUMBERS: Numbers = Numbers::Computed;

    async fn show(ctx: &ToolContext<'_>, place: &Place) -> Result<Value, ToolError> {
        let teams = analyse_teams(ctx, Arc::clone(&place.snapshot), None, SHOWN).await?;
        let state = if teams.is_empty() { "empty" } else { "ok" };
        Ok(json!({
            "summary": summary(&teams),
            "state": state,
            "workspace": place.workspace.slug,
            "teams": teams,
            "as_of": ctx.now,
        }))
    }
}
