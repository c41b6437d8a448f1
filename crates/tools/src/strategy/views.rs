//! Objectives, competitors and teams as tools show them.

use jiff::civil::Date;
use pm33_product::{Competitor, Coverage, Objective, ObjectiveStatus, Snapshot, Team, TeamCalendar};
use schemars::JsonSchema;
use serde::Serialize;

/// An objective.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct ObjectiveView {
    /// Identifier.
    id: String,
    /// Title.
    pub(super) title: String,
    /// What is to be true at its end.
    statement: String,
    /// Period, such as 2026-Q4.
    period: String,
    /// Theme.
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<String>,
    /// Weight against the other active objectives, 0 to 1.
    pub(super) weight: f64,
    /// Where it stands.
    status: ObjectiveStatus,
    /// Who answers for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
    /// How it is measured.
    pub(super) key_results: Vec<KeyResultView>,
}

/// A key result.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct KeyResultView {
    /// What is measured.
    pub(super) title: String,
    /// Value at the start.
    pub(super) baseline: f64,
    /// Value to be reached.
    pub(super) target: f64,
    /// Newest value.
    pub(super) current: f64,
    /// Unit.
    unit: String,
    /// Part of the way from baseline to target; absent when they are the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) progress: Option<f64>,
    /// Due date.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub(super) due: Option<Date>,
    /// How many check-ins there were.
    check_ins: usize,
}

impl ObjectiveView {
    pub(crate) fn of(one: &Objective) -> Self {
        let key_results = one.key_results.iter().map(|key| {
            let way = key.target - key.baseline;
            let progress = (way != 0.0).then(|| ((key.current - key.baseline) / way * 100.0).round() / 100.0);
            KeyResultView {
                title: key.title.clone(),
                baseline: key.baseline,
                target: key.target,
                current: key.current,
                unit: key.unit.clone(),
                progress,
                due: key.due,
                check_ins: key.check_ins.len(),
            }
        });
        Self {
            id: one.id.to_string(),
            title: one.title.to_string(),
            statement: one.statement.clone(),
            period: one.period.clone(),
            theme: one.theme.clone(),
            weight: one.weight,
            status: one.status,
            owner: one.owner.clone(),
            key_results: key_results.collect(),
        }
    }
}

/// A competitor.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct CompetitorView {
    /// Identifier.
    id: String,
    /// Name.
    name: String,
    /// Tier: 1 is the closest.
    tier: u8,
    /// One paragraph.
    summary: String,
    /// Capabilities against ours.
    capabilities: Vec<CapabilityView>,
    /// Dated signals, newest first.
    signals: Vec<SignalView>,
}

/// A capability, theirs and ours.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct CapabilityView {
    /// What it is.
    name: String,
    /// How far they have it.
    theirs: Coverage,
    /// How far we have it.
    ours: Coverage,
    /// Keys of the items that would close the gap.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<String>,
}

/// A signal.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct SignalView {
    /// Sort.
    kind: String,
    /// What was seen.
    note: String,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    date: Option<Date>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// 0 to 1.
    strength: f64,
}

impl CompetitorView {
    pub(crate) fn of(one: &Competitor, snapshot: &Snapshot) -> Self {
        let key = |id: &pm33_product::ItemId| Some(snapshot.key(snapshot.get(*id)?).to_string());
        let capability = |capability: &pm33_product::Capability| CapabilityView {
            name: capability.name.clone(),
            theirs: capability.theirs,
            ours: capability.ours,
            items: capability.items.iter().filter_map(key).collect(),
        };
        let mut signals: Vec<_> = one
            .signals
            .iter()
            .map(|signal| SignalView {
                kind: signal.kind.clone(),
                note: signal.note.clone(),
                date: signal.date,
                source: signal.source.clone(),
                strength: signal.strength,
            })
            .collect();
        signals.sort_by_key(|signal| std::cmp::Reverse(signal.date));
        Self {
            id: one.id.to_string(),
            name: one.name.to_string(),
            tier: one.tier,
            summary: one.summary.clone(),
            capabilities: one.capabilities.iter().map(capability).collect(),
            signals,
        }
    }
}

/// A team.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct TeamView {
    /// Identifier.
    id: String,
    /// Name.
    name: String,
    /// Points (or items, where it does not estimate) per week.
    #[serde(skip_serializing_if = "Option::is_none")]
    capacity_per_week: Option<f64>,
    /// Work-in-progress limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    wip_limit: Option<u32>,
    /// Skills.
    skills: Vec<String>,
    /// When it works; absent: Monday to Friday in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    calendar: Option<TeamCalendar>,
}

impl TeamView {
    pub(crate) fn of(one: &Team) -> Self {
        Self {
            id: one.id.to_string(),
            name: one.name.to_string(),
            capacity_per_week: one.capacity_per_week,
            wip_limit: one.wip_limit,
            skills: one.skills.clone(),
            calendar: one.calendar.clone(),
        }
    }
}
