//! `pm33_analyze_velocity`: velocity, flow and stability of teams.

use pm33_auth::Scope;
use pm33_product::{Backlog, Freshness};
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::velocity::{SHOWN, TeamFlow, analyse_teams, summary};
use crate::{Cost, Effect, Numbers, Tool, ToolContext, ToolError, ToolSpec, backlog::names};

/// Velocity and flow.
pub(super) struct AnalyzeVelocity;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Only this team, by name or id. Without it, every team.
    team: Option<String>,
    /// Sprints and weeks to show of each team, the latest, 1 to 260; more than 12 only with `team`. The metrics are over all.
    #[serde(default = "default_latest")]
    #[schemars(range(min = 1, max = 260))]
    latest: usize,
}

fn default_latest() -> usize {
    SHOWN
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What a person should take from the numbers.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// Each team's metrics; of its sprints and weeks the latest, 12 without `latest`.
    teams: Vec<TeamFlow>,
    /// The time of the data.
    as_of: Timestamp,
}

impl Tool for AnalyzeVelocity {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_analyze_velocity",
        title: "Analyse velocity and flow",
        description: "Computes how fast and how steadily teams finish work, from finish times in the workspace: velocity per \
            sprint, throughput per working week, cycle and lead time percentiles, work in progress and its age with an at-risk \
            list, say/do, trend, stability signals in words, flow efficiency, a Little's-law check, and whether story points say \
            anything about duration. Each metric has its sample size, or says that there is not enough data. Use it to see how a \
            team is doing; to ask when something ships, call pm33_forecast_delivery instead.",
        scopes: &[Scope::PlanningRead],
        effect: Effect::Read,
        cost: Cost::Heavy,
    };
    const EXAMPLE: &'static str = r#"{"team":"Checkout"}"#;
    const NUMBERS: Numbers = Numbers::Computed;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        if input.latest > SHOWN && input.team.is_none() {
            return Err(ToolError::refused(format!(
                "{} sprints and weeks of every team would be more than anybody reads; name a `team`, or ask for at most {SHOWN}",
                input.latest
            )));
        }
        let (at, workspace) = ctx.workspace(input.workspace.as_deref()).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let only = input.team.as_deref().map(|team| names::team(&snapshot, team)).transpose()?;
        let teams = analyse_teams(ctx, snapshot, only, input.latest).await?;
        Ok(Output { summary: summary(&teams), workspace: workspace.slug.clone(), teams, as_of: ctx.now })
    }
}
