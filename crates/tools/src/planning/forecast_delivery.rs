//! `pm33_forecast_delivery`: when, and how much by a date.

use std::collections::BTreeSet;

use jiff::civil::Date;
use pm33_auth::Scope;
use pm33_planning::{
    forecast::{Ask, Delivery, DeliveryQuestion, Growth, TRIALS, Target, deliver},
    workspace::{epic_growth, teams_work},
};
use pm33_product::{Backlog, Freshness, Snapshot};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::scope::{Asked, open_items};
use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec, backlog::names, compute::compute};

/// When, and how much.
pub(super) struct ForecastDelivery;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// When will everything open below this epic or other parent be finished? Its key.
    epic: Option<String>,
    /// Only these items: keys or ids.
    #[serde(default)]
    #[schemars(length(max = 200))]
    ids: Vec<String>,
    /// Only items with one of these labels.
    #[serde(default)]
    label: Vec<String>,
    /// Only these teams, by name or id.
    #[serde(default)]
    team: Vec<String>,
    /// Turns the question round: how many items will these teams finish until the end of this day, such as 2026-06-30?
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    until: Option<Date>,
    /// For "when": what is the chance that all is finished by the end of this day?
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    target_date: Option<Date>,
    /// For "how much": what is the chance of at least so many items?
    target_items: Option<u32>,
    /// Trials, 1,000 to 100,000.
    #[serde(default = "default_trials")]
    #[schemars(range(min = 1_000, max = 100_000))]
    trials: u32,
}

fn default_trials() -> u32 {
    TRIALS
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What a person should take from the numbers.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// The forecast.
    forecast: Delivery,
}

impl Tool for ForecastDelivery {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_forecast_delivery",
        title: "Forecast a delivery",
        description: "Says when a set of open items (an epic, ids, labels, teams) will be finished, or with `until` how many items \
            teams will finish by a date, at 50, 70, 85 and 95 % confidence, from the teams' own finish times. The answer carries \
            its track record: how often past forecasts of this team held. Several teams are forecast together, and scope grows \
            as past epics grew. Use the 85 % date for a promise, the 50 % date for a guess. It refuses when a team has finished \
            something on fewer than five days; then import history or set `finished`. For pace and stability alone, call \
            pm33_analyze_velocity.",
        scopes: &[Scope::PlanningRead],
        effect: Effect::Read,
        cost: Cost::Heavy,
    };
    const EXAMPLE: &'static str = r#"{"team":["Checkout"]}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let (at, workspace) = ctx.workspace(input.workspace.as_deref()).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let question = question(&snapshot, &input, ctx)?;
        let (forecast, _) = compute(ctx, move || deliver(&question)).await??;
        Ok(Output { summary: summary(&forecast), workspace: workspace.slug.clone(), forecast })
    }
}

fn question(
    snapshot: &Snapshot,
    input: &Input,
    ctx: &ToolContext<'_>,
) -> Result<DeliveryQuestion, ToolError> {
    let (ask, growth, teams) = if let Some(until) = input.until {
        if input.epic.is_some() || !input.ids.is_empty() || !input.label.is_empty() {
            return Err(ToolError::refused(
                "until: asks how much whole teams finish; leave out epic, ids and label, or leave out until to ask when",
            ));
        }
        let only: Result<BTreeSet<_>, _> =
            input.team.iter().map(|team| names::team(snapshot, team).map(Some)).collect();
        let only = Some(only?).filter(|only| !only.is_empty());
        (Ask::HowMuch { until }, Growth::default(), teams_work(snapshot, None, only.as_ref())?)
    } else {
        let asked =
            Asked { epic: input.epic.as_deref(), ids: &input.ids, labels: &input.label, teams: &input.team };
        let scope = open_items(snapshot, &asked)?;
        let growth = if input.epic.is_some() { epic_growth(snapshot) } else { Growth::default() };
        let teams = teams_work(snapshot, Some(&scope), None)?;
        if teams.is_empty() {
            return Err(ToolError::refused(
                "nothing open matches: all of it is finished, or the epic has no children yet. \
                 pm33_query_backlog shows what is there; break an epic down before forecasting it",
            ));
        }
        (Ask::When, growth, teams)
    };
    let target = match (input.target_date, input.target_items) {
        (Some(_), Some(_)) => {
            return Err(ToolError::refused("target_date, target_items: send one of them, not both"));
        }
        (Some(day), None) => Some(Target::By(day)),
        (None, items) => items.map(Target::Items),
    };
    Ok(DeliveryQuestion { ask, teams, growth, as_of: ctx.now, target, trials: input.trials })
}

/// What a person should take from a forecast.
fn summary(forecast: &Delivery) -> String {
    let teams: Vec<&str> = forecast.teams.iter().map(|team| team.team.as_str()).collect();
    let remaining: u32 = forecast.teams.iter().map(|team| team.remaining).sum();
    let at = |level: f64| {
        let found = forecast.percentiles.iter().find(|one| (one.level - level).abs() < 1e-9)?;
        found.date.map(|date| date.to_string()).or_else(|| found.items.map(|items| items.to_string()))
    };
    let beyond = || "not within ten years".to_owned();
    let (likely, safe) = (at(0.5).unwrap_or_else(beyond), at(0.85).unwrap_or_else(beyond));
    let answer = match forecast.question {
        pm33_planning::forecast::AskedQuestion::When => format!(
            "{remaining} open items of {} are finished by {safe} with 85 % confidence; as likely as not by {likely}.",
            teams.join(", ")
        ),
        pm33_planning::forecast::AskedQuestion::HowMuch { until } => format!(
            "{} will finish at least {safe} items until {until} with 85 % confidence; as likely as not at least {likely}.",
            teams.join(", ")
        ),
    };
    let mut sentences = vec![answer];
    if let Some(target) = forecast.target {
        sentences.push(format!(" The chance of the target is {:.0} %.", 100.0 * target.chance));
    }
    for team in &forecast.teams {
        let track = &team.track_record;
        let held = track.coverage.iter().find(|one| (one.level - 0.85).abs() < 1e-9);
        sentences.push(match held {
            Some(held) if track.state == "calibrated" => format!(
                " {}: of {} past forecasts the 85 % statement held {:.0} % of the time.",
                team.team,
                track.origins,
                100.0 * held.held.share
            ),
            _ => format!(
                " {}: {}; its own past is too short to check these levels, so take them with care.",
                team.team, track.state
            ),
        });
    }
    sentences.concat()
}
