//! `pm33_competitive_threats`: who threatens us, why, and on what evidence.

use std::collections::BTreeMap;

use jiff::{civil::Date, tz::TimeZone};
use pm33_auth::Scope;
use pm33_planning::threats::{Threat, WhyIgnored, item_threats, threats};
use pm33_product::{Backlog, Competitor, Freshness, ItemId, Snapshot, Strategy};
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Cost, Effect, Numbers, Tool, ToolContext, ToolError, ToolSpec,
    words::{counted, listed},
};

/// Competitors by threat.
pub(super) struct CompetitiveThreats;

/// Signals that are shown of a competitor, of those that count and of those that do not.
const EVIDENCE: usize = 10;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Competitors to show, 1 to 100.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: usize,
    /// Competitors to leave out at the top, to see the next page.
    #[serde(default)]
    #[schemars(range(max = 1_000_000))]
    skip: usize,
}

fn default_limit() -> usize {
    10
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// What a person should take from the numbers.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// `ok`, or `empty` when no competitor is recorded.
    state: &'static str,
    /// Competitors in all.
    total: usize,
    /// Greatest threat first, from `skip` on.
    threats: Vec<Shown>,
    /// `skip` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_skip: Option<usize>,
    /// Work items that close a gap, with the greatest threat that they answer, 0 to 1.
    items: BTreeMap<String, f64>,
    /// The time that the answer is true for.
    as_of: Timestamp,
}

impl Output {
    /// What a person should take from it.
    pub(crate) fn summary(&self) -> &str {
        &self.summary
    }
}

/// One competitor.
#[derive(Serialize, JsonSchema)]
struct Shown {
    /// Name.
    name: String,
    /// Overlap × capability × momentum × impact, 0 to 1.
    score: f64,
    /// Share of the compared capabilities that both have at least in part, 0 to 1.
    overlap: f64,
    /// How far they have the compared capabilities, 0 to 1.
    capability: f64,
    /// What their signals add up to, 0 to 1: 1 − Π (1 − strength × 2^(−age in days / 90)).
    momentum: f64,
    /// By tier: 1, 2/3, 1/3, then 1/6.
    impact: f64,
    /// Signals that count, strongest first; at most 10.
    evidence: Vec<ShownEvidence>,
    /// Signals that count nothing, with the reason; at most 10.
    ignored: Vec<ShownIgnored>,
    /// What they have and we have less of.
    gaps: Vec<ShownGap>,
}

/// A signal that counts.
#[derive(Serialize, JsonSchema)]
struct ShownEvidence {
    /// What was seen.
    note: String,
    /// Where.
    source: String,
    /// Days since it was seen.
    age_days: i32,
    /// Strength after decay, 0 to 1.
    weight: f64,
}

/// A signal that counts nothing.
#[derive(Serialize, JsonSchema)]
struct ShownIgnored {
    /// What was seen.
    note: String,
    /// What is missing or wrong.
    why: &'static str,
}

/// A capability in which they are ahead.
#[derive(Serialize, JsonSchema)]
struct ShownGap {
    /// The capability.
    capability: String,
    /// How far they are ahead, 0.5 or 1.
    size: f64,
    /// Threat × size: what an item that closes it gets.
    threat: f64,
    /// Keys of the items that would close it.
    items: Vec<String>,
}

impl Tool for CompetitiveThreats {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_competitive_threats",
        title: "Rank competitive threats",
        description: "Ranks the recorded competitors by threat: overlap × capability × momentum × impact, each 0 to 1, with the signals \
            that it rests on and their age (a signal counts half after 90 days). Signals without a date or a source count nothing \
            and are listed, so that someone can complete them. Gaps name the capabilities in which a competitor is ahead and the \
            work items that would close them; pm33_optimize_priorities takes these into account. It knows only what was recorded; \
            it searches nothing.",
        scopes: &[Scope::CompetitiveRead],
        effect: Effect::Read,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"limit":5}"#;
    const NUMBERS: Numbers = Numbers::Computed;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let (at, workspace) = ctx.workspace(input.workspace.as_deref()).await?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        let competitors = Strategy::competitors(ctx.ports, at).await?;
        Ok(picture(&snapshot, &competitors, (input.skip, input.limit), workspace.slug.clone(), ctx.now))
    }
}

/// The competitors by threat, for the tool and the resource: so many are left out at the top, and so many shown.
pub(crate) fn picture(
    snapshot: &Snapshot,
    competitors: &[Competitor],
    (skip, limit): (usize, usize),
    workspace: String,
    now: Timestamp,
) -> Output {
    let ranked = threats(competitors, today(now));
    let find = |threat: &Threat| competitors.iter().find(|one| one.id == threat.competitor);
    let shown = |threat| find(threat).map(|one| show(snapshot, one, threat));
    let next = skip.saturating_add(limit);
    let items = by_item(competitors, &ranked)
        .into_iter()
        .filter_map(|(id, threat)| snapshot.get(id).map(|item| (snapshot.key(item).to_string(), threat)))
        .collect();
    Output {
        summary: summary(ranked.first().and_then(shown).as_ref()),
        workspace,
        state: if competitors.is_empty() { "empty" } else { "ok" },
        total: competitors.len(),
        threats: ranked.iter().skip(skip).take(limit).filter_map(shown).collect(),
        next_skip: (next < ranked.len()).then_some(next),
        items,
        as_of: now,
    }
}

/// The civil day of a time, in UTC.
pub(crate) fn today(now: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(now.instant()).date()
}

/// The greatest threat that each linked item answers.
pub(super) fn by_item(competitors: &[Competitor], ranked: &[Threat]) -> BTreeMap<ItemId, f64> {
    let links = ranked.iter().filter_map(|threat| {
        let one = competitors.iter().find(|one| one.id == threat.competitor)?;
        Some(threat.gaps.iter().filter_map(|gap| Some((one.capabilities.get(gap.capability)?, gap.threat))))
    });
    item_threats(
        links
            .flatten()
            .flat_map(|(capability, threat)| capability.items.iter().map(move |&item| (item, threat))),
    )
}

fn show(snapshot: &Snapshot, one: &Competitor, threat: &Threat) -> Shown {
    let evidence = threat.evidence.iter().take(EVIDENCE).filter_map(|evidence| {
        let signal = one.signals.get(evidence.signal)?;
        Some(ShownEvidence {
            note: signal.note.clone(),
            source: signal.source.clone().unwrap_or_default(),
            age_days: evidence.age_days,
            weight: evidence.weight,
        })
    });
    let ignored = threat.ignored.iter().take(EVIDENCE).filter_map(|ignored| {
        let why = match ignored.why {
            WhyIgnored::Undated => "it has no date",
            WhyIgnored::Unsourced => "it has no source",
            WhyIgnored::Future => "its date is in the future",
            WhyIgnored::Strength => "its strength is not from 0 to 1",
        };
        Some(ShownIgnored { note: one.signals.get(ignored.signal)?.note.clone(), why })
    });
    let gaps = threat.gaps.iter().filter_map(|gap| {
        let capability = one.capabilities.get(gap.capability)?;
        let items = capability.items.iter().filter_map(|id| snapshot.get(*id));
        Some(ShownGap {
            capability: capability.name.clone(),
            size: gap.size,
            threat: gap.threat,
            items: items.map(|item| snapshot.key(item).to_string()).collect(),
        })
    });
    Shown {
        name: one.name.to_string(),
        score: threat.score,
        overlap: threat.overlap,
        capability: threat.capability,
        momentum: threat.momentum,
        impact: threat.impact,
        evidence: evidence.collect(),
        ignored: ignored.collect(),
        gaps: gaps.collect(),
    }
}

/// What a person should take from it, by the greatest threat.
fn summary(greatest: Option<&Shown>) -> String {
    let Some(first) = greatest else {
        return "No competitor is recorded; pm33_manage_competitor adds one with its capabilities and dated signals.".to_owned();
    };
    if first.score <= 0.0 {
        return "No recorded competitor is a threat by what is known: either nothing overlaps, or no signal has a date and a source."
            .to_owned();
    }
    let open: Vec<&str> =
        first.gaps.iter().filter(|gap| gap.items.is_empty()).map(|gap| gap.capability.as_str()).collect();
    let gaps = match (first.gaps.len(), open.as_slice()) {
        (0, _) => "it is ahead of us in nothing that was compared".to_owned(),
        (gaps, []) => format!(
            "it is ahead in {}, each with a work item against it",
            counted(gaps, "capability", "capabilities")
        ),
        (gaps, open) => format!(
            "it is ahead in {}, and no work item is linked against {}",
            counted(gaps, "capability", "capabilities"),
            listed(open)
        ),
    };
    format!(
        "{} is the greatest threat ({:.2} of 1), on {}; {gaps}.",
        first.name,
        first.score,
        match first.evidence.len() {
            EVIDENCE => format!("{EVIDENCE} signals or more"),
            count => counted(count, "signal", "signals"),
        },
    )
}
