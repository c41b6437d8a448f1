//! `pm33_schedule_portfolio`: epics on team lanes, with the reason of each placement and how good the plan is.

use std::{collections::BTreeSet, sync::Arc};

use jiff::civil::Date;
use pm33_auth::Scope;
use pm33_planning::schedule::{
    EpicRisk, LanePlan, Limits, Progress, Trials, WorkspacePortfolio, day_of, packed_stories, plan,
    portfolio_of, trials,
};
use pm33_product::{Backlog, BacklogFilter, Freshness, ItemId, ItemType, Mode, Snapshot, Sort};
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    competitive_threats::today, packed_sprints::ShownPacking, plan_refusal::plan_refusal, scope::ITEMS_MAX,
};
use crate::{
    Cost, Effect, Numbers, Tool, ToolContext, ToolError, ToolSpec, View, backlog::names, compute::compute,
    views, words::counted,
};

/// Schedules that are tried when nobody says otherwise: twice as many make a plan of 500 epics no shorter and let it wait 2 %
/// less (`docs/planning.md`).
pub(super) const EFFORT: u64 = 1_600;
/// Trials of uncertain sizes.
pub(super) const TRIALS: u32 = 200;
/// Usual spread of real over estimated size, as a standard deviation of the logarithm.
pub(super) const SPREAD: f64 = 0.3;

/// Part of the work that the search is, for telling progress; the trials are the rest.
const SEARCH: f64 = 0.6;
/// Years from today within which a plan may start.
const FAR_YEARS: i64 = 10;
/// A capacity so many times the real pace is told.
const FAR: f64 = 1.5;

/// A plan of epics.
pub(super) struct SchedulePortfolio;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// First day of the plan, such as 2026-07-01. Without it today (UTC).
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    start: Option<Date>,
    /// Only epics of these teams, by name or id, with what they wait for; the teams are planned as if they had nothing else.
    #[serde(default)]
    team: Vec<String>,
    /// Only epics with one of these labels, with what they wait for.
    #[serde(default)]
    label: Vec<String>,
    /// Only epics linked to one of these objectives, by title or id, with what they wait for.
    #[serde(default)]
    objective: Vec<String>,
    /// Coming sprints of each team to pack stories into, 0 to 6; 0 packs none. What is in progress comes first, then what a sprint
    /// is committed to, then the rest in the order of the plan. Sprints that are not written down continue the team's rhythm.
    #[serde(default)]
    #[schemars(range(max = 6))]
    sprints: usize,
    /// Schedules to try, 1 to 100,000: more is slower and may be better. The same data and effort give the same plan.
    #[serde(default = "default_effort")]
    #[schemars(range(min = 1, max = 100_000))]
    effort: u64,
    /// Epics to show, 1 to 200, earliest first; all are planned.
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
    50
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What a person should take from the numbers.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// Last day of the plan.
    #[schemars(with = "Option<String>")]
    end: Option<Date>,
    /// No plan can end before this day: the longest chain, or the load of a team.
    #[schemars(with = "Option<String>")]
    bound: Option<Date>,
    /// How much longer the plan is than its bound, 0 is proven best: days over days, minus 1.
    gap: f64,
    /// Sum over late epics of cost of delay per week × weeks late; the cost is 8, 4, 2, 1 or 0.5 by declared priority.
    weighted_tardiness: f64,
    /// No plan has less.
    weighted_tardiness_bound: f64,
    /// Earliest start first, from `skip` on.
    epics: Vec<Shown>,
    /// Epics planned.
    total: usize,
    /// `skip` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_skip: Option<usize>,
    /// Per team the part of its capacity that is used until the plan ends, 0 to 1.
    lanes: Vec<ShownLane>,
    /// Stories in the coming sprints, where `sprints` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    packing: Option<ShownPacking>,
    /// Open epics that are not in the plan because neither they nor anything below them has points; at most 50.
    unsized_epics: Vec<String>,
    /// Open items below epics that have no points; the plan does not hold their work.
    unsized_items: usize,
    /// Teams without a capacity per week; nothing is placed on them.
    idle_teams: Vec<String>,
    /// Schedules tried.
    schedules: u64,
    /// Whether the call was stopped before the effort was used up.
    stopped: bool,
    /// The time that the answer is true for.
    as_of: Timestamp,
}

/// One epic.
#[derive(Serialize, JsonSchema)]
struct Shown {
    /// Key.
    key: String,
    /// Title.
    title: Arc<str>,
    /// Team.
    team: String,
    /// Work that is left, in points.
    points: f64,
    /// First day.
    #[schemars(with = "String")]
    start: Date,
    /// Last day.
    #[schemars(with = "String")]
    finish: Date,
    /// Due date, where it has one.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Date>,
    /// Keys of the planned epics that it waits for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    after: Vec<String>,
    /// Days after its due date; 0 where there is none.
    days_late: u32,
    /// When its due date cannot be met by any plan: by how many weeks the date is too early.
    #[serde(skip_serializing_if = "Option::is_none")]
    impossible_by_weeks: Option<f64>,
    /// Why this team.
    why_team: String,
    /// Why not sooner.
    why_start: String,
    /// Last day in half of the trials, in 85 % and in 95 %, sizes being uncertain; absent when no trial was run.
    #[schemars(with = "Option<(String, String, String)>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_50_85_95: Option<(Date, Date, Date)>,
    /// Part of the trials in which it holds up the end of the plan, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    criticality: Option<f64>,
}

/// One team.
#[derive(Serialize, JsonSchema)]
struct ShownLane {
    /// Name.
    team: String,
    /// Points a week that the plan believes; holidays and absences go off.
    capacity_per_week: f64,
    /// Points a week that the team finished in the twelve weeks before the start; absent where it finished none.
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_per_week: Option<f64>,
    /// Epics that it works on at a time: those in progress, inside its limit, and else one.
    epics_at_a_time: u32,
    /// Used part of its capacity, 0 to 1.
    utilisation: f64,
}

impl Tool for SchedulePortfolio {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_schedule_portfolio",
        title: "Schedule the portfolio",
        description: "Places the open epics on the teams: capacity per week, calendars, skills, work-in-progress limits, dependencies with \
            lags, release and due dates. Lateness weighted by priority comes first, then the end of the plan. Each epic says why it is \
            where it is; the bound says how much better any plan could be. Dates at 50, 85 and 95 % come from trials with uncertain \
            sizes. `sprints` packs the stories into each team's next sprints. Needs points on epics or below them and a capacity on teams. One plan takes at most 5,000 epics; with more, name a \
            `team`, `objective` or `label`. It changes nothing. For one epic's date from the \
            team's own history call pm33_forecast_delivery; for what to do first, pm33_optimize_priorities.",
        scopes: &[Scope::PlanningRead],
        effect: Effect::Read,
        cost: Cost::Heavy,
    };
    const EXAMPLE: &'static str = r#"{"limit":10}"#;
    const VIEW: Option<&'static View> = Some(&views::SCHEDULE);
    const NUMBERS: Numbers = Numbers::Computed;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let (at, workspace) = ctx.workspace(input.workspace.as_deref()).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let (effort, start) = (input.effort, first_day(input.start, ctx.now)?);
        let asked = (input.team.clone(), input.label.clone(), input.objective.clone());
        let (sprints, may_tell) = (input.sprints, names::Titles::of(ctx, at));
        let (read, titles, planned, risk, packing) = compute(ctx, "scheduling", move |watch| {
            let only = wanted(&snapshot, &asked, may_tell)?;
            let read = portfolio_of(&snapshot, start, only.as_ref())?;
            let seed = read.portfolio.seed();
            let limits = Limits { effort, seed: seed.as_u64() };
            let mut search = |seen: Progress| watch.tell(SEARCH * part(seen.schedules, effort));
            let planned = plan(&read.portfolio, limits, &mut search).map_err(|error| plan_refusal(&error))?;
            let drawn = Trials { count: TRIALS, spread: SPREAD, seed };
            let risk = trials(&read.portfolio, &planned, drawn, &mut |done| {
                watch.tell(SEARCH + (1.0 - SEARCH) * part(done.into(), TRIALS.into()))
            });
            let packing = if sprints > 0 {
                let packed = packed_stories(&snapshot, &read, &planned, only.as_ref(), sprints)?;
                Some(ShownPacking::of(&packed, &snapshot))
            } else {
                None
            };
            let title = |id: &ItemId| snapshot.get(*id).map(|item| Arc::clone(&item.title));
            let titles: Vec<Arc<str>> = read.items.iter().map(|id| title(id).unwrap_or_default()).collect();
            Ok::<_, ToolError>((read, titles, planned, risk, packing))
        })
        .await??;
        let mut answer =
            answer(&read, &titles, &planned, risk.as_deref(), &input, workspace.slug.clone(), ctx.now);
        if let Some(packing) = packing {
            answer.summary += &packing.sentence();
            answer.packing = Some(packing);
        }
        Ok(answer)
    }
}

/// The first day of a plan, today where nobody names one. A day that is far away is a slip, and dates after it would mean nothing.
pub(super) fn first_day(asked: Option<Date>, now: Timestamp) -> Result<Date, ToolError> {
    let today = today(now);
    let start = asked.unwrap_or(today);
    let span = jiff::Span::new().years(FAR_YEARS);
    let (first, last) = (today.saturating_sub(span), today.saturating_add(span));
    if start < first || start > last {
        return Err(ToolError::refused(format!(
            "start: {start} is more than {FAR_YEARS} years from today ({today}); name a day from {first} to {last}, or leave it out for \
             today"
        )));
    }
    Ok(start)
}

/// The open items that are asked for by team, label and objective, which narrow together; `None` for all.
fn wanted(
    snapshot: &Snapshot,
    (teams, labels, objectives): &(Vec<String>, Vec<String>, Vec<String>),
    titles: names::Titles,
) -> Result<Option<BTreeSet<ItemId>>, ToolError> {
    if teams.is_empty() && labels.is_empty() && objectives.is_empty() {
        return Ok(None);
    }
    let filter = BacklogFilter {
        mode: Mode::Active,
        types: vec![ItemType::Epic],
        teams: teams.iter().map(|team| names::team(snapshot, team)).collect::<Result<_, _>>()?,
        labels: labels.clone(),
        objectives: objectives
            .iter()
            .map(|one| names::objective(snapshot, one, titles))
            .collect::<Result<_, _>>()?,
        ..BacklogFilter::default()
    };
    let page = snapshot.page(&filter, Sort::Key, None, ITEMS_MAX);
    if page.items.is_empty() {
        return Err(ToolError::refused(
            "no open epic has this team, label and objective; drop one of them, or see with pm33_query_backlog (type epic) what there is",
        ));
    }
    Ok(Some(page.items.iter().map(|item| item.id).collect()))
}

fn answer(
    read: &WorkspacePortfolio,
    titles: &[Arc<str>],
    planned: &LanePlan,
    risk: Option<&[EpicRisk]>,
    input: &Input,
    workspace: String,
    now: Timestamp,
) -> Output {
    let (first, all_risk) = (read.portfolio.start, risk);
    let mut order: Vec<usize> = (0..planned.placements.len()).collect();
    order.sort_by_key(|&one| (planned.placements[one].start, one));
    let total = order.len();
    let epics: Vec<Shown> = order
        .into_iter()
        .skip(input.skip)
        .take(input.limit)
        .map(|one| {
            let (epic, placed) = (&read.portfolio.epics[one], &planned.placements[one]);
            let risk = risk.and_then(|risk| risk.get(one));
            let by = |risk: &EpicRisk, part| day_of(first, risk.percentile(part).saturating_sub(1));
            Shown {
                key: epic.key.clone(),
                title: Arc::clone(&titles[one]),
                points: epic.size,
                due: epic.due,
                after: epic
                    .depends_on
                    .iter()
                    .map(|&(before, _)| read.portfolio.epics[before].key.clone())
                    .collect(),
                team: read.portfolio.lanes[placed.lane].name.clone(),
                start: placed.start,
                finish: placed.finish,
                days_late: placed.days_late,
                impossible_by_weeks: epic
                    .due
                    .filter(|due| placed.earliest > *due)
                    .map(|due| f64::from(placed.earliest.since(due).map_or(0, |span| span.get_days())) / 7.0),
                why_team: placed.lane_reason.to_string(),
                why_start: placed.start_reason.to_string(),
                finish_50_85_95: risk.map(|risk| (by(risk, 0.5), by(risk, 0.85), by(risk, 0.95))),
                criticality: risk.map(|risk| risk.criticality),
            }
        })
        .collect();
    let lanes = read.portfolio.lanes.iter().zip(&planned.utilisation).zip(&read.finished_per_week);
    let next = input.skip.saturating_add(epics.len());
    Output {
        summary: summary(read, planned, all_risk),
        workspace,
        end: planned.end,
        bound: planned.bound,
        gap: planned.gap(),
        weighted_tardiness: planned.lost_before + planned.solution.value.tardiness,
        weighted_tardiness_bound: planned.lost_before + planned.solution.tardiness_bound,
        epics,
        total,
        next_skip: (next < total).then_some(next),
        lanes: lanes
            .map(|((lane, used), finished)| ShownLane {
                team: lane.name.clone(),
                capacity_per_week: lane.capacity_per_week,
                finished_per_week: *finished,
                epics_at_a_time: lane.wip_limit.unwrap_or(1),
                utilisation: *used,
            })
            .collect(),
        packing: None,
        unsized_epics: read.unsized_epics.iter().take(50).cloned().collect(),
        unsized_items: read.unsized_items,
        idle_teams: read.idle_teams.clone(),
        schedules: planned.solution.schedules,
        stopped: planned.solution.stopped,
        as_of: now,
    }
}

/// The day by which everything is finished in 85 % of the trials.
fn last_day(risk: &[EpicRisk]) -> Option<usize> {
    let trials = risk.first()?.finish.len();
    let end = |trial| risk.iter().filter_map(|one| one.finish.get(trial)).max().copied();
    let mut ends: Vec<usize> = (0..trials).filter_map(end).collect();
    ends.sort_unstable();
    ends.get((ends.len() * 85).div_ceil(100).saturating_sub(1)).copied()
}

fn summary(read: &WorkspacePortfolio, planned: &LanePlan, risk: Option<&[EpicRisk]>) -> String {
    let count = planned.placements.len();
    let late =
        planned.placements.iter().zip(&read.portfolio.epics).filter(|(placed, _)| placed.days_late > 0);
    let mut late: Vec<(u32, &str)> = late.map(|(placed, epic)| (placed.days_late, &*epic.key)).collect();
    late.sort_by_key(|&(days, _)| std::cmp::Reverse(days));
    let end = planned.end.map_or_else(String::new, |end| format!(" and is finished on {end}"));
    let best = match shorter(planned) {
        gap if gap < 0.5 => "no plan could end sooner".to_owned(),
        gap => format!("no plan could be more than {gap:.0} % shorter"),
    };
    let mut sentences = vec![format!("The plan holds {}{end}; {best}.", counted(count, "epic", "epics"))];
    if let Some(end) = risk.and_then(last_day) {
        let end = day_of(read.portfolio.start, end.saturating_sub(1));
        sentences.push(format!(" Sizes being uncertain, its end is {end} or sooner in 85 % of the trials."));
    }
    if late.is_empty() {
        sentences.push(" No due date is missed.".to_owned());
    } else {
        let days = |&(days, key): &(u32, &str)| {
            format!("{key} by {}", counted(days.try_into().unwrap_or(usize::MAX), "day", "days"))
        };
        let shown = late.iter().take(5).map(days).collect::<Vec<_>>().join(", ");
        let (cost, least) = (planned.solution.value.tardiness, planned.solution.tardiness_bound);
        let help = if cost <= least { "; no plan could be less late" } else { "" };
        sentences.push(format!(" {} late: {shown}{help}.", counted(late.len(), "is", "are")));
    }
    if !read.unsized_epics.is_empty() || read.unsized_items > 0 {
        let parts = [(read.unsized_epics.len(), "epic", "epics"), (read.unsized_items, "item", "items")];
        let parts: Vec<String> = parts
            .iter()
            .filter(|part| part.0 > 0)
            .map(|&(count, one, many)| counted(count, one, many))
            .collect();
        sentences.push(format!(
            " Not in it for want of points: {}; size them with pm33_update_work_item.",
            parts.join(" and ")
        ));
    }
    sentences.extend(read.portfolio.lanes.iter().zip(&read.finished_per_week).filter_map(|(lane, finished)| {
        let finished = finished.filter(|finished| lane.capacity_per_week > FAR * finished)?;
        Some(format!(
            " {} is planned with {:.1} points a week and finished {finished:.1} in the last twelve: dates hold only at the \
             planned pace; correct the capacity with pm33_manage_team.",
            lane.name, lane.capacity_per_week
        ))
    }));
    sentences.concat()
}

/// A part of a whole, 0 to 1.
#[expect(clippy::cast_precision_loss, reason = "a number of schedules or trials")]
fn part(done: u64, all: u64) -> f64 {
    done as f64 / all.max(1) as f64
}

/// How much shorter than the plan its bound is, in percent.
fn shorter(planned: &LanePlan) -> f64 {
    let gap = planned.gap();
    100.0 * gap / (1.0 + gap)
}
