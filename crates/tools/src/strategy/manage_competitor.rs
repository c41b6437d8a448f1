//! `pm33_manage_competitor`: competitors, their capabilities against ours, and dated signals.

use pm33_auth::Scope;
use pm33_product::{Capability, Competitor, CompetitorId, Coverage, Signal, Snapshot, Strategy};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::views::CompetitorView;
use crate::{
    Cost, Effect, Tool, ToolContext, ToolError, ToolSpec,
    backlog::{fields::Day, names, place::Place},
};

/// Capabilities, and signals, of one competitor at most.
const MOST: usize = 500;

/// Write what is known of a competitor.
pub(super) struct ManageCompetitor;

/// Arguments. A competitor that is not there yet is made; absent fields of one that is stay.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Name (in any case) or id.
    #[schemars(length(min = 1, max = 200))]
    competitor: String,
    /// New name.
    #[schemars(length(min = 1, max = 200))]
    name: Option<String>,
    /// Tier: 1 is the closest, 3 when absent for a new one.
    #[schemars(range(min = 1, max = 5))]
    tier: Option<u8>,
    /// One paragraph.
    #[schemars(length(max = 5_000))]
    summary: Option<String>,
    /// Capabilities to add, or to change by their name.
    #[serde(default)]
    #[schemars(length(max = 100))]
    capabilities: Vec<CapabilityInput>,
    /// Names of capabilities to remove.
    #[serde(default)]
    #[schemars(length(max = 100))]
    remove_capabilities: Vec<String>,
    /// Signals to add; one that is there already is not doubled.
    #[serde(default)]
    #[schemars(length(max = 100))]
    signals: Vec<SignalInput>,
    /// Show the result, and write nothing.
    #[serde(default)]
    dry_run: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again.
    #[schemars(length(min = 1, max = 128))]
    #[expect(dead_code, reason = "read by the server before the tool runs")]
    idempotency_key: Option<String>,
}

/// A capability.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CapabilityInput {
    /// What it is.
    #[schemars(length(min = 1, max = 200))]
    name: String,
    /// How far they have it.
    theirs: Coverage,
    /// How far we have it.
    ours: Coverage,
    /// Keys or ids of items that would close the gap; replaces the list.
    #[schemars(length(max = 100))]
    items: Option<Vec<String>>,
}

/// A signal.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignalInput {
    /// Sort: launch, pricing, hiring, funding, partnership, …
    #[schemars(length(min = 1, max = 50))]
    kind: String,
    /// What was seen.
    #[schemars(length(min = 1, max = 2_000))]
    note: String,
    /// When it was seen; without it the signal counts nothing.
    date: Option<Day>,
    /// URL or place where it was seen; without it the signal counts nothing.
    #[schemars(length(min = 1, max = 2_000))]
    source: Option<String>,
    /// How strong it is, 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    strength: f64,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What was done.
    action: Action,
    /// The competitor after the call.
    competitor: CompetitorView,
    /// What to know, such as signals that count nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

/// What a write did.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    /// A new competitor.
    Created,
    /// A changed one.
    Updated,
    /// It said the same already.
    Unchanged,
    /// Nothing was written.
    DryRun,
}

impl Tool for ManageCompetitor {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_manage_competitor",
        title: "Manage a competitor",
        description: "Records what is known of a competitor: tier, summary, capabilities of theirs against ours with the items that \
            would close a gap, and dated, sourced signals (launches, prices, hires). Give each signal a date and a source, or it \
            counts nothing when threats are ranked. See pm33_strategic_context for what is known already.",
        scopes: &[Scope::CompetitiveWrite],
        effect: Effect::Update,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"competitor":"Northpay","tier":2,"signals":[{"kind":"launch","note":"Instant refunds for shops","date":"2026-10-02","source":"https://example.com/northpay-refunds","strength":0.6}],"dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        let all = Strategy::competitors(ctx.ports, place.at).await?;
        let id = uuid::Uuid::parse_str(&input.competitor).ok().map(CompetitorId::from_uuid);
        let known = all
            .into_iter()
            .find(|one| Some(one.id) == id || one.name.eq_ignore_ascii_case(&input.competitor));
        if known.is_none() && id.is_some() {
            return Err(ToolError::refused(format!("no competitor with the id {}", input.competitor)));
        }
        let dry_run = input.dry_run;
        let mut one = known.clone().unwrap_or_else(|| Competitor {
            id: CompetitorId::new(ctx.now),
            name: input.competitor.as_str().into(),
            tier: 3,
            summary: String::new(),
            capabilities: Vec::new(),
            signals: Vec::new(),
        });
        change(&mut one, input, &place.snapshot)?;
        let action = match &known {
            _ if dry_run => Action::DryRun,
            None => Action::Created,
            Some(before) if *before == one => Action::Unchanged,
            Some(_) => Action::Updated,
        };
        if matches!(action, Action::Created | Action::Updated) {
            Strategy::put_competitor(ctx.ports, place.at, &one).await?;
            ctx.changed(format!("pm33://competitive/{}/landscape", place.workspace.slug));
        }
        let silent =
            one.signals.iter().filter(|signal| signal.date.is_none() || signal.source.is_none()).count();
        let note =
            (silent > 0).then(|| format!("{silent} signals lack a date or a source and count nothing"));
        Ok(Output { action, competitor: CompetitorView::of(&one, &place.snapshot), note })
    }
}

fn change(one: &mut Competitor, input: Input, snapshot: &Snapshot) -> Result<(), ToolError> {
    if let Some(name) = input.name {
        one.name = name.trim().into();
    }
    one.tier = input.tier.unwrap_or(one.tier);
    one.summary = input.summary.unwrap_or_else(|| std::mem::take(&mut one.summary));
    let named = |list: &[String], name: &str| list.iter().any(|gone| gone.eq_ignore_ascii_case(name));
    one.capabilities.retain(|capability| !named(&input.remove_capabilities, &capability.name));
    for wanted in input.capabilities {
        let items = wanted.items.map(|keys| {
            keys.iter().map(|key| Ok(names::item(snapshot, key)?.id)).collect::<Result<Vec<_>, ToolError>>()
        });
        let items = items.transpose()?;
        match one.capabilities.iter_mut().find(|known| known.name.eq_ignore_ascii_case(&wanted.name)) {
            Some(known) => {
                (known.theirs, known.ours) = (wanted.theirs, wanted.ours);
                known.items = items.unwrap_or_else(|| std::mem::take(&mut known.items));
            }
            None => one.capabilities.push(Capability {
                name: wanted.name,
                theirs: wanted.theirs,
                ours: wanted.ours,
                items: items.unwrap_or_default(),
            }),
        }
    }
    for wanted in input.signals {
        let signal = Signal {
            kind: wanted.kind,
            note: wanted.note,
            date: wanted.date.map(|day| day.0),
            source: wanted.source,
            strength: wanted.strength,
        };
        if !one.signals.contains(&signal) {
            one.signals.push(signal);
        }
    }
    if one.capabilities.len() > MOST || one.signals.len() > MOST {
        return Err(ToolError::refused(format!(
            "a competitor has at most {MOST} capabilities and {MOST} signals"
        )));
    }
    Ok(())
}
