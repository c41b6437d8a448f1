//! `pm33_forecast_delivery`: when, and how much by a date.

use pm33_auth::Scope;
use pm33_planning::forecast::{AskedQuestion, Delivery, TeamBasis};
use pm33_product::{Backlog, Freshness};
use schemars::JsonSchema;
use serde::Serialize;

use super::{
    delivery_question::{Answered, Input, answer},
    left_out::{self, LeftOut},
    waits,
};
use crate::{
    Cost, Effect, Numbers, Tool, ToolContext, ToolError, ToolSpec, View, views,
    words::{counted, in_percent, listed},
};

/// When, and how much.
pub(super) struct ForecastDelivery;

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What a person should take from the numbers.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// The forecast.
    forecast: Delivery,
    /// What is not in the forecast: items of teams, or without a team, whose past does not allow one, and prerequisites whose work
    /// is not written down.
    left_out: Vec<LeftOut>,
    /// Open items outside what was asked that must be finished first. Their work is in the dates, as `forecast.waiting` tells; what
    /// is not, because nobody's past or list of items tells its time, is in `left_out`.
    waits_for: Vec<String>,
}

impl Tool for ForecastDelivery {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_forecast_delivery",
        title: "Forecast a delivery",
        description: "Says when a set of open items (an epic, ids, labels, teams) will be finished, or with `until` how many items \
            teams will finish by a date, at 50, 70, 85 and 95 % confidence, from the teams' own finish times. The answer carries \
            its track record: how often past forecasts of this team held. Several teams are forecast together, and scope grows \
            as past epics grew. What must be finished first (dependencies, directly or through others) is forecast with it, and the \
            answer says how many days of the date are due to that. Use the 85 % date for a promise, the 50 % date for a guess. \
            Without arguments it is about everything open; what nobody's past speaks for is left out and named. Asked about something in particular, it refuses when a \
            team has finished something on fewer than five days of its last year, or items have no team, and names them. To keep \
            the answer call pm33_save_forecast; for pace and stability alone, pm33_analyze_velocity.",
        scopes: &[Scope::PlanningRead],
        effect: Effect::Read,
        cost: Cost::Heavy,
    };
    const EXAMPLE: &'static str = r#"{"team":["Checkout"]}"#;
    const VIEW: Option<&'static View> = Some(&views::FORECAST);
    const NUMBERS: Numbers = Numbers::Computed;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let (at, workspace) = ctx.workspace(input.workspace.as_deref()).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let Answered { said, waits_for, left_out, .. } = answer(ctx, snapshot, input).await?;
        let summary = summary(&said, &left_out) + &waits::sentence(&waits_for, &said);
        Ok(Output { summary, workspace: workspace.slug.clone(), forecast: said, left_out, waits_for })
    }
}

/// What a person should take from a forecast.
pub(super) fn summary(forecast: &Delivery, left_out: &[LeftOut]) -> String {
    let teams: Vec<&str> = forecast.teams.iter().map(|team| team.team.as_str()).collect();
    let remaining: u32 = forecast.teams.iter().map(|team| team.remaining).sum();
    let at = |level: f64| {
        let found = forecast.percentiles.iter().find(|one| (one.level - level).abs() < 1e-9)?;
        found.date.map(|date| date.to_string()).or_else(|| found.items.map(|items| items.to_string()))
    };
    let work = || format!("{} of {}", counted(remaining as usize, "open item", "open items"), listed(&teams));
    let answer = match (forecast.question, at(0.85), at(0.5)) {
        (AskedQuestion::When, Some(safe), likely) => format!(
            "{} will be finished by {safe} with 85 % confidence; as likely as not by {}.",
            work(),
            likely.unwrap_or_default()
        ),
        (AskedQuestion::When, None, Some(likely)) => format!(
            "{} will as likely as not be finished by {likely}; no day within ten years is 85 % sure.",
            work()
        ),
        (AskedQuestion::When, None, None) => {
            format!(
                "{} will more likely than not be unfinished in ten years at this pace, so there is no date.",
                work()
            )
        }
        (AskedQuestion::HowMuch { until }, safe, likely) => format!(
            "{} will finish at least {} until {until} with 85 % confidence; as likely as not at least {}.",
            listed(&teams),
            match safe.as_deref() {
                Some("1") => "1 item".to_owned(),
                items => format!("{} items", items.unwrap_or_default()),
            },
            likely.unwrap_or_default()
        ),
    };
    let mut sentences = vec![answer];
    if let Some(target) = forecast.target {
        let what = match (target.date, target.items) {
            (Some(day), _) => format!("to be finished by {day}"),
            (_, Some(items)) => format!("of at least {}", counted(items as usize, "item", "items")),
            _ => "of the target".to_owned(),
        };
        sentences.push(format!(" The chance {what} is {}.", in_percent(target.chance)));
    }
    sentences.extend(records(&forecast.teams));
    sentences.extend(undated(forecast));
    sentences.extend(left_out::sentences(left_out).iter().map(|one| format!(" Not in it: {one}.")));
    sentences.concat()
}

/// What the teams finished at unknown times, and what that does to the answer.
fn undated(forecast: &Delivery) -> Option<String> {
    let teams = forecast.teams.iter().filter(|team| team.done_undated > 0);
    let teams: Vec<String> = teams.map(|team| format!("{} ({})", team.team, team.done_undated)).collect();
    let teams: Vec<&str> = teams.iter().map(String::as_str).collect();
    let wrong = match forecast.question {
        AskedQuestion::When => "the dates may be too late",
        AskedQuestion::HowMuch { .. } => "the numbers may be too low",
    };
    (!teams.is_empty()).then(|| {
        format!(
            " Finished items of {} have no time of finish and are not in the pace, so {wrong}: import their times with              pm33_import_work_items.",
            listed(&teams)
        )
    })
}

/// What the teams' own past says about the levels, teams of the same sort together.
fn records(teams: &[TeamBasis]) -> Vec<String> {
    let checked = |team: &&TeamBasis| team.track_record.state == "calibrated";
    let mut told: Vec<String> = teams
        .iter()
        .filter(checked)
        .filter_map(|team| {
            let track = &team.track_record;
            let held = track.coverage.iter().find(|one| (one.level - 0.85).abs() < 1e-9)?;
            Some(format!(
                " {}: of {} past forecasts the 85 % statement held {:.0} % of the time.",
                team.team,
                track.origins,
                100.0 * held.held.share
            ))
        })
        .collect();
    let short = teams.iter().filter(|team| !checked(team));
    let short: Vec<String> =
        short.map(|team| format!("{} (n = {})", team.team, team.track_record.origins)).collect();
    let short: Vec<&str> = short.iter().map(String::as_str).collect();
    if !short.is_empty() {
        told.push(format!(
            " Uncalibrated: the past forecasts of {} are too few to check these levels by, so take them with care.",
            listed(&short)
        ));
    }
    told
}
