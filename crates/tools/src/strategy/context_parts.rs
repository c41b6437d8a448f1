//! The parts of the strategic picture, each with its own state and time, so that an empty part is not taken for a missing
//! one.

use std::time::Duration;

use pm33_product::{
    BacklogFilter, Capability, Competitor, ItemType, Mode, Objective, ObjectiveStatus, Snapshot, Sort, Status,
};
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::{objective_words::active_objectives, views::ObjectiveView};
use crate::words::{counted, listed};

/// Days after which key results without a check-in, and competitors without a signal, count as stale.
pub(super) const STALE_DAYS: u64 = 60;
/// Epics, threats and decisions that are named at most.
const NAMED: usize = 10;
/// Weeks that recent work is counted over.
const WEEKS: u64 = 4;

/// One part.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Part<T> {
    /// `ok`, `empty` (nothing is recorded) or `stale` (nothing new for 60 days).
    pub(crate) state: PartState,
    /// When the newest of it was recorded; absent when nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) as_of: Option<Timestamp>,
    /// What to do about an empty or stale part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<&'static str>,
    /// Entries in all, of which the content may show fewer; absent where it is no list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total: Option<usize>,
    /// The content.
    pub(crate) content: T,
}

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartState {
    /// Recorded and recent.
    Ok,
    /// Nothing is recorded.
    Empty,
    /// Nothing new for long.
    Stale,
}

impl<T> Part<Vec<T>> {
    /// A list, or the beginning of so many, with the time of its newest entry, where entries have one.
    fn of_list(
        content: Vec<T>,
        total: usize,
        newest: Option<Timestamp>,
        now: Timestamp,
        next: &'static str,
    ) -> Self {
        let state = if content.is_empty() { PartState::Empty } else { age(newest, now) };
        Self {
            state,
            as_of: newest,
            next: (state != PartState::Ok).then_some(next),
            total: Some(total),
            content,
        }
    }
}

fn age(newest: Option<Timestamp>, now: Timestamp) -> PartState {
    let is_fresh = newest.is_some_and(|at| at >= now.minus(days(STALE_DAYS)));
    if is_fresh { PartState::Ok } else { PartState::Stale }
}

fn days(count: u64) -> Duration {
    Duration::from_secs(count * 86_400)
}

/// An active objective with the work that is bound to it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct BoundObjective {
    /// The objective.
    #[serde(flatten)]
    pub(super) objective: ObjectiveView,
    /// Open items that are linked to it.
    pub(super) open_items: usize,
    /// Finished items that are linked to it.
    pub(super) finished_items: usize,
}

/// Active objectives, heaviest first.
pub(crate) fn objectives(snapshot: &Snapshot, now: Timestamp) -> Part<Vec<BoundObjective>> {
    let count = |one: &Objective, mode| {
        let filter = BacklogFilter { mode, objectives: vec![one.id], ..BacklogFilter::default() };
        snapshot.page(&filter, Sort::Key, None, 0).total
    };
    let mut active: Vec<_> =
        snapshot.objectives().iter().filter(|one| one.status == ObjectiveStatus::Active).collect();
    active.sort_by(|one, other| other.weight.total_cmp(&one.weight).then(one.title.cmp(&other.title)));
    let check_ins = active.iter().flat_map(|one| &one.key_results).flat_map(|key| &key.check_ins);
    let newest = check_ins.map(|one| one.at).max();
    let bound: Vec<_> = active
        .iter()
        .map(|one| {
            let open_items = count(one, Mode::Active);
            let finished_items = count(one, Mode::Full) - open_items;
            BoundObjective { objective: ObjectiveView::of(one), open_items, finished_items }
        })
        .collect();
    let total = bound.len();
    Part::of_list(
        bound,
        total,
        newest,
        now,
        "write objectives, or check in on their key results, with pm33_manage_objective",
    )
}

/// An epic in progress.
#[derive(Serialize, JsonSchema)]
pub(crate) struct EpicView {
    /// Key.
    key: String,
    /// Title.
    title: String,
    /// Team.
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<String>,
    /// Items below it, at any depth.
    items: usize,
    /// Those that are finished.
    finished: usize,
    /// Open items below it that are blocked.
    blocked: usize,
    /// Due date.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
}

/// Epics in progress, most important first.
pub(crate) fn epics(snapshot: &Snapshot, now: Timestamp) -> Part<Vec<EpicView>> {
    let doing = vec![Status::InProgress, Status::InReview, Status::Blocked];
    let filter = BacklogFilter { types: vec![ItemType::Epic], statuses: doing, ..BacklogFilter::default() };
    let page = snapshot.page(&filter, Sort::Priority, None, NAMED);
    let newest = page.items.iter().map(|item| item.updated).max();
    let views = page.items.iter().map(|epic| {
        let below = |mode, statuses| {
            let filter = BacklogFilter { mode, under: vec![epic.id], statuses, ..BacklogFilter::default() };
            snapshot.page(&filter, Sort::Key, None, 0).total
        };
        let items = below(Mode::Full, Vec::new());
        EpicView {
            key: snapshot.key(epic).to_string(),
            title: epic.title.to_string(),
            team: epic.team.and_then(|id| snapshot.team(id)).map(|team| team.name.to_string()),
            items,
            finished: items - below(Mode::Active, Vec::new()),
            blocked: below(Mode::Active, vec![Status::Blocked]),
            due_date: epic.due.map(|day| day.to_string()),
        }
    });
    let views: Vec<_> = views.collect();
    Part::of_list(views, page.total, newest, now, "start an epic: set its status with pm33_update_work_item")
}

/// A competitor with the gaps that it has on us.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ThreatView {
    /// Name.
    competitor: String,
    /// Tier: 1 is the closest.
    tier: u8,
    /// Capabilities that they have more of than we.
    gaps: Vec<String>,
    /// Newest dated signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_signal: Option<String>,
    /// Its date.
    #[serde(skip_serializing_if = "Option::is_none")]
    seen: Option<String>,
}

/// Competitors by tier, with their gaps on us and their newest signal.
pub(crate) fn competition(competitors: &[Competitor], now: Timestamp) -> Part<Vec<ThreatView>> {
    let midnight = |day: jiff::civil::Date| {
        jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok().map(Timestamp::from)
    };
    let dated = competitors.iter().flat_map(|one| &one.signals).filter_map(|signal| signal.date);
    let newest = dated.max().and_then(midnight);
    let views = competitors.iter().take(NAMED).map(|one| {
        let is_gap = |this: &&Capability| this.theirs.part() > this.ours.part();
        let signal =
            one.signals.iter().filter(|signal| signal.date.is_some()).max_by_key(|signal| signal.date);
        ThreatView {
            competitor: one.name.to_string(),
            tier: one.tier,
            gaps: one.capabilities.iter().filter(is_gap).map(|capability| capability.name.clone()).collect(),
            newest_signal: signal.map(|signal| format!("{}: {}", signal.kind, signal.note)),
            seen: signal.and_then(|signal| signal.date).map(|day| day.to_string()),
        }
    });
    let views: Vec<_> = views.collect();
    Part::of_list(
        views,
        competitors.len(),
        newest,
        now,
        "record competitors and dated signals with pm33_manage_competitor",
    )
}

/// What was finished lately.
#[derive(Serialize, JsonSchema)]
pub(crate) struct RecentWork {
    /// Items finished (done, not cancelled) in the last four weeks.
    items_last_4_weeks: usize,
    /// Items finished in the four weeks before.
    items_4_weeks_before: usize,
    /// Story points of the last four weeks' items, as far as they have any.
    points_last_4_weeks: f64,
    /// Items in progress now.
    in_progress: usize,
    /// Items blocked now.
    blocked: usize,
}

/// What was finished in the last weeks, and what is under way.
pub(crate) fn recent_work(snapshot: &Snapshot, now: Timestamp) -> Part<RecentWork> {
    let (start, before) = (now.minus(days(WEEKS * 7)), now.minus(days(2 * WEEKS * 7)));
    let mut work = RecentWork {
        items_last_4_weeks: 0,
        items_4_weeks_before: 0,
        points_last_4_weeks: 0.0,
        in_progress: 0,
        blocked: 0,
    };
    let mut newest = None;
    for item in snapshot.items().filter(|item| item.archived.is_none()) {
        match item.status {
            Status::InProgress | Status::InReview => work.in_progress += 1,
            Status::Blocked => work.blocked += 1,
            Status::Done => {
                newest = newest.max(item.finished);
                match item.finished {
                    Some(at) if at >= start => {
                        work.items_last_4_weeks += 1;
                        work.points_last_4_weeks += item.points.unwrap_or(0.0);
                    }
                    Some(at) if at >= before => work.items_4_weeks_before += 1,
                    _ => {}
                }
            }
            _ => {}
        }
    }
    let state = newest.map_or(PartState::Empty, |at| age(Some(at), now));
    let next = (state != PartState::Ok)
        .then_some("finish items: set their status to done with pm33_update_work_item");
    Part { state, as_of: newest, next, total: None, content: work }
}

/// A decision about an item.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Decision {
    /// Key.
    key: String,
    /// Title.
    title: String,
    /// Type of work.
    r#type: ItemType,
    /// What was decided: the status that it has now.
    status: Status,
    /// When it last changed.
    at: Timestamp,
}

/// Epics, features and briefs that were planned, started, finished or dropped lately, newest first.
pub(crate) fn decisions(snapshot: &Snapshot, now: Timestamp) -> Part<Vec<Decision>> {
    let filter = BacklogFilter {
        mode: Mode::Full,
        types: vec![ItemType::Epic, ItemType::Feature, ItemType::Brief],
        statuses: Status::ALL.iter().copied().filter(|status| *status != Status::Backlog).collect(),
        updated_since: Some(now.minus(days(STALE_DAYS))),
        ..BacklogFilter::default()
    };
    let page = snapshot.page(&filter, Sort::Updated, None, NAMED);
    let decisions: Vec<_> = page
        .items
        .iter()
        .map(|item| Decision {
            key: snapshot.key(item).to_string(),
            title: item.title.to_string(),
            r#type: item.item_type,
            status: item.status,
            at: item.updated,
        })
        .collect();
    let newest = decisions.first().map(|one| one.at);
    Part::of_list(
        decisions,
        page.total,
        newest,
        now,
        "decide on ideas and briefs; the prompt backlog_triage helps",
    )
}

/// What a person should take from the parts, in one paragraph.
pub(super) fn summary(
    objectives: &Part<Vec<BoundObjective>>,
    epics: &Part<Vec<EpicView>>,
    competition: &Part<Vec<ThreatView>>,
    work: &Part<RecentWork>,
) -> String {
    let strategy = active_objectives(objectives);
    let blocked: Vec<&str> =
        epics.content.iter().filter(|one| one.blocked > 0).map(|one| one.key.as_str()).collect();
    let held = if blocked.is_empty() {
        String::new()
    } else {
        format!(", with blocked work in {}", listed(&blocked))
    };
    let epics =
        format!("{} in progress{held}.", counted(epics.total.unwrap_or_default(), "epic is", "epics are"));
    let ahead: Vec<&str> = competition
        .content
        .iter()
        .filter(|one| !one.gaps.is_empty())
        .map(|one| one.competitor.as_str())
        .collect();
    let rivals = match (competition.content.len(), ahead.as_slice()) {
        (0, _) => "No competitor is recorded.".to_owned(),
        (_, []) => "No recorded competitor is ahead in anything that was compared.".to_owned(),
        (_, ahead) => format!("Ahead of us in something: {}.", listed(ahead)),
    };
    let RecentWork { items_last_4_weeks: now, items_4_weeks_before: before, in_progress, blocked, .. } =
        &work.content;
    let pace = format!(
        "{} finished in the last four weeks, {before} in the four before; {in_progress} are in progress and {blocked} blocked.",
        counted(*now, "item was", "items were")
    );
    let states =
        [("objectives", objectives.state), ("competition", competition.state), ("recent work", work.state)];
    let stale: Vec<&str> =
        states.iter().filter(|(_, state)| *state == PartState::Stale).map(|(name, _)| *name).collect();
    let stale = if stale.is_empty() {
        String::new()
    } else {
        format!(" Nothing new for {STALE_DAYS} days in: {}; `next` says what helps.", listed(&stale))
    };
    format!("{strategy} {epics} {rivals} {pace}{stale}")
}
