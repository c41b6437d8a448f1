//! Velocity and flow of a workspace's teams, for the tool and the resource.

use std::sync::Arc;

use pm33_planning::{
    flow::{FlowInput, FlowReport, Measure, RISK_MAX, Summary, analyse},
    workspace::{NO_TEAM, calendar, flow},
};
use pm33_product::{Backlog, Snapshot, StateChange, TeamId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    ToolContext, ToolError,
    compute::compute,
    words::{counted, listed},
};

/// Latest finished items of a team whose state history is read.
const HISTORIES: usize = 30;
/// Sprints and weeks that are shown when nobody asks for more, the latest.
pub(crate) const SHOWN: usize = 12;

/// Teams that the paragraph tells of.
const NAMED: usize = 8;

/// One team's velocity and flow.
#[derive(Serialize, JsonSchema)]
pub(crate) struct TeamFlow {
    /// The team; `(no team)` for items that have none.
    pub(crate) team: String,
    /// Its metrics.
    pub(crate) report: FlowReport,
}

/// Analyses one team, or each team that has an item.
pub(crate) async fn analyse_teams(
    ctx: &ToolContext<'_>,
    snapshot: Arc<Snapshot>,
    only: Option<TeamId>,
    latest: usize,
) -> Result<Vec<TeamFlow>, ToolError> {
    let ids: Vec<Option<TeamId>> = match only {
        Some(team) => vec![Some(team)],
        None => snapshot.teams().iter().map(|team| Some(team.id)).chain([None]).collect(),
    };
    let mut reports = Vec::new();
    for id in ids {
        let seen = Arc::clone(&snapshot);
        let (mut items, sprints) = compute(ctx, "reading", move |_| flow(&seen, id)).await?;
        if items.is_empty() && only.is_none() {
            continue;
        }
        items.sort_by_key(|(_, item)| std::cmp::Reverse(item.ended));
        for (id, item) in items.iter_mut().filter(|(_, item)| item.ended.is_some()).take(HISTORIES) {
            let changes = Backlog::history(ctx.ports, snapshot.at(), *id).await?;
            item.changes = changes.into_iter().map(|StateChange { at, to, .. }| (at, to)).collect();
        }
        let team = id.and_then(|id| snapshot.team(id));
        let name = team.map_or_else(|| NO_TEAM.to_owned(), |team| team.name.to_string());
        let (calendar, wip_limit, as_of) = (calendar(team)?, team.and_then(|team| team.wip_limit), ctx.now);
        let mut report = compute(ctx, "analysing", move |_| {
            let items: Vec<_> = items.into_iter().map(|(_, item)| item).collect();
            analyse(&FlowInput { calendar: &calendar, items: &items, sprints: &sprints, wip_limit, as_of })
        })
        .await?;
        keep_latest(&mut report.velocity.sprints, latest);
        keep_latest(&mut report.throughput.weeks, latest);
        reports.push(TeamFlow { team: name, report });
    }
    Ok(reports)
}

fn keep_latest<T>(rows: &mut Vec<T>, latest: usize) {
    rows.drain(..rows.len().saturating_sub(latest));
}

/// What a person should take from the metrics, in a few sentences: of the teams that finish something, then of the others.
pub(crate) fn summary(teams: &[TeamFlow]) -> String {
    if teams.is_empty() {
        return "There are no items yet, so there is no velocity: import or create work items first."
            .to_owned();
    }
    let (mut finishing, mut idle, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for one in teams {
        match &one.report.throughput.items {
            Measure::Known { value, .. } if value.most == 0.0 => idle.push(&*one.team),
            Measure::Known { n, value } => finishing.push((one, *n, value)),
            Measure::NotEnoughData(_) => unknown.push(&*one.team),
        }
    }
    let mut words: Vec<String> =
        finishing.iter().take(NAMED).map(|(one, weeks, value)| sentence(one, *weeks, value)).collect();
    if finishing.len() > NAMED {
        words.push(format!("{} more in `teams`.", counted(finishing.len() - NAMED, "team is", "teams are")));
    }
    if !idle.is_empty() {
        words.push(format!("Nothing finished in the last half year: {}.", some(&idle)));
    }
    if !unknown.is_empty() {
        words.push(format!(
            "Not enough data for a pace, less than 3 whole weeks since the first time of finish: {}.",
            some(&unknown)
        ));
    }
    let undated: u32 = teams.iter().map(|one| one.report.done_undated).sum();
    if undated > 0 {
        let items = counted(undated as usize, "done item has", "done items have");
        words.push(format!(
            "{items} no time of finish and count in no figure, so paces may be higher (`done_undated` of each team): import the \
             times with pm33_import_work_items."
        ));
    }
    words.join(" ")
}

/// A team's pace, and what is special about it.
fn sentence(TeamFlow { team, report }: &TeamFlow, weeks: usize, pace: &Summary) -> String {
    let mut words = vec![format!(
        "{team} finishes {:.1} items per working week (median {:.1}, {weeks} weeks)",
        pace.mean, pace.median
    )];
    let mut more = Vec::new();
    if let Some(cycle) = report.cycle_time.known() {
        more.push(format!("85 % take at most {:.1} working days", cycle.p85));
    }
    if let Some(kept) = report.velocity.say_do.known() {
        more.push(format!("of what a sprint commits to, {:.0} % is finished in it", 100.0 * kept.mean));
    }
    if let Some(trend) = report.throughput.trend.known().filter(|trend| trend.p < 0.05) {
        let way = if trend.slope > 0.0 { "rising" } else { "falling" };
        more.push(format!("the pace is {way} (p = {:.3})", trend.p));
    }
    let signals = report.throughput.stability.known().map_or(0, |chart| chart.signals.len());
    if signals > 0 {
        more.push(format!("{} of instability", counted(signals, "signal", "signals")));
    }
    if !report.work_in_progress.at_risk.is_empty() {
        let old = report.work_in_progress.at_risk.len();
        let least = if old < RISK_MAX { "" } else { " or more" };
        more.push(format!("{}{least} in progress at risk by age", counted(old, "item", "items")));
    }
    if !more.is_empty() {
        words.push(more.join(", "));
    }
    words.join("; ") + "."
}

/// Names, the first ones and how many more.
fn some(names: &[&str]) -> String {
    if names.len() <= NAMED {
        return listed(names);
    }
    format!("{} and {}", names[..NAMED].join(", "), counted(names.len() - NAMED, "other team", "other teams"))
}
