//! `pm33://strategy/{workspace}`: mission, themes and active objectives with key results and how much work is bound to each.

use async_trait::async_trait;
use pm33_auth::Scope;
use pm33_product::Strategy;
use serde_json::{Value, json};

use super::{JSON, each_workspace::Picture};
use crate::{
    ResourceSpec, ToolContext, ToolError,
    backlog::place::Place,
    planning::competitive_threats::today,
    strategy::{objectives_part, strategy_summary},
};

/// Strategy.
pub(super) struct StrategyPicture;

#[async_trait]
impl Picture for StrategyPicture {
    const SPEC: ResourceSpec = ResourceSpec {
        uri: "pm33://strategy/{workspace}",
        name: "strategy",
        title: "Strategy",
        description: "Mission, themes and active objectives with key results and how much work is bound to each.",
        mime: JSON,
        scopes: &[Scope::ObjectivesRead],
        ttl_ms: 300_000,
    };

    async fn show(ctx: &ToolContext<'_>, place: &Place) -> Result<Value, ToolError> {
        let mission = Strategy::mission(ctx.ports, place.at).await?;
        let objectives = objectives_part(&place.snapshot, ctx.now);
        let state = objectives.state;
        Ok(json!({
            "summary": strategy_summary(&mission, &objectives, today(ctx.now)),
            "state": state,
            "workspace": place.workspace.slug,
            "mission": mission,
            "objectives": objectives,
            "as_of": ctx.now,
        }))
    }
}
