//! Velocity and flow of a workspace's teams, for the tool and the resource.

use std::sync::Arc;

use pm33_planning::{
    flow::{FlowInput, FlowReport, Measure, RISK_MAX, analyse},
    workspace::{NO_TEAM, calendar, flow},
};
use pm33_product::{Backlog, Snapshot, StateChange, TeamId};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{ToolContext, ToolError, compute::compute, words::counted};

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

/// What a person should take from the metrics, in a few sentences.
pub(crate) fn summary(teams: &[TeamFlow]) -> String {
    let mut words = Vec::new();
    for TeamFlow { team, report } in teams.iter().take(NAMED) {
        let pace = match &report.throughput.items {
            Measure::Known { n, value } => format!(
                "{team} finishes {:.1} items per working week (median {:.1}, {n} weeks)",
                value.mean, value.median
            ),
            Measure::NotEnoughData(missing) => {
                format!(
                    "{team}: not enough data for a pace ({} of {} weeks with finished work)",
                    missing.have, missing.need
                )
            }
        };
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
        let rest = if more.is_empty() { String::new() } else { format!("; {}", more.join(", ")) };
        words.push(format!("{pace}{rest}."));
    }
    if words.is_empty() {
        return "There are no items yet, so there is no velocity: import or create work items first."
            .to_owned();
    }
    if teams.len() > NAMED {
        words.push(format!("{} more in `teams`.", counted(teams.len() - NAMED, "team is", "teams are")));
    }
    words.join(" ")
}
