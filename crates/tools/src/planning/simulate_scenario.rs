//! `pm33_simulate_scenario`: what if? Today's plan beside the plan after typed changes.

use std::sync::Arc;

use jiff::civil::Date;
use pm33_auth::Scope;
use pm33_planning::{
    scenario::{Comparison, Difference, ValueUnit, compare},
    schedule::{Limits, Trials},
};
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    plan_refusal::plan_refusal,
    scenario::Scenario,
    scenario_change::ChangeInput,
    schedule_portfolio::{EFFORT, SPREAD, TRIALS, first_day},
};
use crate::{
    Cost, Effect, Numbers, Tool, ToolContext, ToolError, ToolSpec,
    backlog::place::Place,
    compute::compute,
    words::{counted, listed},
};

/// Weeks after the start until which delivered value is counted when nobody says otherwise.
const WEEKS: i64 = 13;
/// Worse things that are named.
const NAMED: usize = 20;

/// What if.
pub(super) struct SimulateScenario;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// What changes, in this order; at most 50.
    #[schemars(length(min = 1, max = 50))]
    changes: Vec<ChangeInput>,
    /// First day of both plans, such as 2026-07-01. Without it today (UTC).
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    start: Option<Date>,
    /// Until the end of this day delivered value and served objectives are counted. Without it thirteen weeks from the start.
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    by: Option<Date>,
    /// Schedules to try for each of the two plans, 1 to 100,000.
    #[serde(default = "default_effort")]
    #[schemars(range(min = 1, max = 100_000))]
    effort: u64,
    /// Epics to show, 1 to 200, those that move most first.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 200))]
    limit: usize,
    /// Epics to leave out at the top, to see the next page.
    #[serde(default)]
    #[schemars(range(max = 1_000_000))]
    skip: usize,
}

fn default_effort() -> u64 {
    EFFORT
}

fn default_limit() -> usize {
    25
}

/// Result. Every difference is scenario minus today's plan.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What a person should take from the numbers.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// Last day of today's plan.
    #[schemars(with = "Option<String>")]
    end: Option<Date>,
    /// Last day of the scenario's.
    #[schemars(with = "Option<String>")]
    scenario_end: Option<Date>,
    /// How much later the plan ends, in days.
    end_days: ShownDifference,
    /// Until when value and objectives are counted.
    #[schemars(with = "String")]
    by: Date,
    /// What value is counted in.
    value_unit: ValueUnit,
    /// More value of finished epics by that day.
    value_by_date: ShownDifference,
    /// More objectives served by a finished epic by that day.
    objectives_by_date: ShownDifference,
    /// Per team the used part of its capacity until the end of the plan.
    utilisation: Vec<ShownLane>,
    /// Epics of today's plan, those that move most first, from `skip` on.
    epics: Vec<ShownEpic>,
    /// Epics of today's plan in all.
    total: usize,
    /// `skip` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_skip: Option<usize>,
    /// What got worse, in words, worst first; twenty at most.
    worse: Vec<String>,
    /// Changes that can be simulated but not written by `pm33_apply_scenario`, with the reason.
    cannot_be_written: Vec<String>,
    /// Trials, each with the same draws in both plans.
    trials: usize,
    /// Send this with the same changes to `pm33_apply_scenario` to write them.
    confirm: String,
    /// The time that the answer is true for.
    as_of: Timestamp,
}

/// A paired difference over the trials.
#[derive(Clone, Copy, Serialize, JsonSchema)]
struct ShownDifference {
    /// Mean.
    mean: f64,
    /// 5 % of the trials are below.
    low: f64,
    /// 5 % of the trials are above.
    high: f64,
}

impl From<Difference> for ShownDifference {
    fn from(one: Difference) -> Self {
        Self { mean: one.mean, low: one.low, high: one.high }
    }
}

/// One team.
#[derive(Serialize, JsonSchema)]
struct ShownLane {
    /// Name.
    team: String,
    /// Change of the used part of its capacity, −1 to 1.
    change: f64,
}

/// One epic.
#[derive(Serialize, JsonSchema)]
struct ShownEpic {
    /// Key.
    key: String,
    /// Last day in today's plan.
    #[schemars(with = "String")]
    finish: Date,
    /// Last day in the scenario's.
    #[schemars(with = "Option<String>")]
    scenario_finish: Option<Date>,
    /// How much later it is finished, in days.
    days: ShownDifference,
    /// How much likelier it meets today's due date, −1 to 1; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_chance: Option<f64>,
}

impl Tool for SimulateScenario {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_simulate_scenario",
        title: "Simulate a scenario",
        description: "Answers what-if questions: adds, removes or resizes epics, changes priorities, due dates, dependencies, a team's \
            capacity, absences, hires with a ramp-up, and compares the plan after the changes with today's. Both plans run the \
            same random trials, so a difference is the changes' own; it comes with the range of 90 % of the trials. It says what \
            got worse. Nothing is written: to write the changes call pm33_apply_scenario with the answer's `confirm`. For today's \
            plan alone call pm33_schedule_portfolio.",
        scopes: &[Scope::PlanningRead],
        effect: Effect::Read,
        cost: Cost::Heavy,
    };
    const EXAMPLE: &'static str = r#"{"changes":[{"change":"set_capacity","team":"Checkout","points":4},{"change":"set_due","epic":"HAR-1","due_date":"2027-03-31"}]}"#;
    const NUMBERS: Numbers = Numbers::Computed;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        let start = first_day(input.start, ctx.now)?;
        let by = input.by.unwrap_or_else(|| start.saturating_add(jiff::Span::new().weeks(WEEKS)));
        if by < start {
            return Err(ToolError::refused(format!(
                "by: {by} is before the start {start}; name a later day"
            )));
        }
        let (effort, now) = (input.effort, ctx.now);
        let snapshot = Arc::clone(&place.snapshot);
        let (input, scenario, compared) = compute(ctx, "comparing the plans", move |watch| {
            let scenario = Scenario::read(&snapshot, start, &input.changes, now)?;
            let seed = scenario.seed();
            let limits = Limits { effort, seed: seed.as_u64() };
            let drawn = Trials { count: TRIALS, spread: SPREAD, seed };
            let (base, changed) = (&scenario.base, &scenario.changed);
            let compared = compare(base, changed, by, limits, drawn, &mut |done| watch.tell(done))
                .map_err(|error| plan_refusal(&error))?;
            Ok::<_, ToolError>((input, scenario, compared))
        })
        .await??;
        let confirm = scenario.confirmation(ctx, place.at, &input.changes);
        let compared = compared.ok_or(ToolError::Cancelled)?;
        Ok(answer(&scenario, &compared, &input, by, place.workspace.slug.clone(), confirm, ctx.now))
    }
}

fn answer(
    scenario: &Scenario,
    compared: &Comparison,
    input: &Input,
    by: Date,
    workspace: String,
    confirm: String,
    now: Timestamp,
) -> Output {
    let place =
        |key: &str, epics: &[pm33_planning::schedule::Epic]| epics.iter().position(|one| one.key == key);
    let mut moved: Vec<_> = compared.epics.iter().collect();
    moved.sort_by(|a, b| b.finish_days.mean.abs().total_cmp(&a.finish_days.mean.abs()));
    let epics = moved.iter().skip(input.skip).take(input.limit).filter_map(|one| {
        let before = place(&one.epic, &scenario.base.portfolio.epics)?;
        let after = place(&one.epic, &scenario.changed.portfolio.epics);
        Some(ShownEpic {
            key: one.epic.clone(),
            finish: compared.base.placements.get(before)?.finish,
            scenario_finish: after
                .and_then(|after| compared.changed.placements.get(after))
                .map(|one| one.finish),
            days: one.finish_days.into(),
            due_chance: one.due_chance,
        })
    });
    let lanes =
        compared.utilisation.iter().map(|(team, change)| ShownLane { team: team.clone(), change: *change });
    Output {
        summary: summary(compared, by, &scenario.waiting_in_vain(), &scenario.writes.refused),
        workspace,
        end: compared.base.end,
        scenario_end: compared.changed.end,
        end_days: compared.end_days.into(),
        by,
        value_unit: scenario.unit,
        value_by_date: compared.value_by_date.into(),
        objectives_by_date: compared.objectives_by_date.into(),
        utilisation: lanes.collect(),
        epics: epics.collect(),
        total: compared.epics.len(),
        next_skip: Some(input.skip.saturating_add(input.limit)).filter(|next| *next < compared.epics.len()),
        worse: compared.worse.iter().take(NAMED).cloned().collect(),
        cannot_be_written: scenario.writes.refused.clone(),
        trials: compared.trials,
        confirm,
        as_of: now,
    }
}

fn summary(compared: &Comparison, by: Date, in_vain: &[&str], refused: &[String]) -> String {
    let end = compared.end_days;
    let moved = match end.mean {
        days if days.abs() < 0.5 => "The plan ends on the same day".to_owned(),
        days => format!(
            "The plan ends {:.0} days {} ({:.0} to {:.0} in 90 % of the trials)",
            days.abs(),
            if days > 0.0 { "later" } else { "sooner" },
            // Adding nothing makes a 0 of −0.
            if days > 0.0 { end.low } else { 0.0 - end.high },
            if days > 0.0 { end.high } else { 0.0 - end.low },
        ),
    };
    let value = compared.value_by_date;
    let delivered = match value.mean {
        mean if mean.abs() < 0.05 => "the value delivered stays the same".to_owned(),
        mean => {
            format!("the value delivered {} by {:.1}", if mean > 0.0 { "rises" } else { "falls" }, mean.abs())
        }
    };
    let mut sentences = vec![format!("{moved}; by {by} {delivered}.")];
    // The first sentence has told of the end and of the value already.
    let told = usize::from(end.mean >= 0.5) + usize::from(value.mean <= -0.05);
    let other = compared.worse.get(told..).unwrap_or_default();
    sentences.push(match other {
        [] if told > 0 => " Nothing else gets worse.".to_owned(),
        [] => " Nothing gets worse.".to_owned(),
        [first] => format!(" Worse: {first}."),
        [first, rest @ ..] => {
            format!(" Worse: {first}, and {}.", counted(rest.len(), "other thing", "other things"))
        }
    });
    if !in_vain.is_empty() {
        let is = if in_vain.len() == 1 { "is" } else { "are" };
        sentences.push(format!(
            " {} {is} in progress and {}: a dependency moves nothing.",
            listed(in_vain),
            if in_vain.len() == 1 { "goes on whatever it waits for" } else { "go on whatever they wait for" }
        ));
    }
    if let [first, rest @ ..] = refused {
        let rest = if rest.is_empty() { String::new() } else { format!("; {} more", rest.len()) };
        sentences.push(format!(" It cannot be applied as it is: {first}{rest}."));
    }
    sentences.concat()
}
