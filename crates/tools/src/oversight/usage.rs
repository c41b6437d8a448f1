//! `pm33_usage`: credits, what is held and spent, the ledger, and what a planned call would cost at most.

use pm33_auth::Scope;
use pm33_billing::{
    BillingError, CachePlan, Entry, EntryKind, Hold, Ledger, MicroCredits, PlannedCall, PriceKey, Standing,
    Subject, most, periods,
};
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec, desk::ceilings};

/// Read credits and usage.
pub(super) struct Usage;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Ledger entries at most, 0 to 200, newest first.
    #[serde(default = "ten")]
    #[schemars(range(min = 0, max = 200))]
    entries: u64,
    /// Only entries below this number: `next_below` of the page before.
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_u64))]
    below: Option<u64>,
    /// A call that is planned: what it would cost at most.
    estimate: Option<Planned>,
}

fn ten() -> u64 {
    10
}

/// A planned call.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Planned {
    /// Provider, such as `anthropic`.
    #[schemars(length(min = 1, max = 100))]
    provider: String,
    /// Model or alias, such as `opus`.
    #[schemars(length(min = 1, max = 200))]
    model: String,
    /// Bytes of text that would be sent.
    #[schemars(range(max = 10_000_000))]
    input_bytes: u64,
    /// Limit of output in tokens.
    #[schemars(range(max = 1_000_000))]
    max_output_tokens: u64,
}

/// Result. Credits are texts, such as `12.5`; one credit is a million micro-credits.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// The balance.
    balance: Balance,
    /// Whether AI calls can be made: `free`, or `stopped` while the account is examined.
    ai_calls: AiCalls,
    /// Holds of calls that are running.
    holds: Vec<HeldNow>,
    /// What is spent or held today and this month, for the organisation and for this key.
    spending: Vec<Spending>,
    /// The ledger's entries, newest first.
    ledger: Vec<Line>,
    /// For the next page of the ledger; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_below: Option<u64>,
    /// What the planned call would cost at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimate: Option<Estimate>,
}

/// The balance, in credits.
#[derive(Serialize, JsonSchema)]
struct Balance {
    /// What can be spent.
    available: String,
    /// What running calls keep.
    held: String,
    /// What calls have cost.
    spent: String,
    /// What is owed and taken from the next grant.
    owed: String,
    /// What was given in all.
    granted: String,
}

/// Whether AI calls can be made.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum AiCalls {
    /// They can.
    Free,
    /// Not while the account is examined.
    Stopped,
}

/// A hold.
#[derive(Serialize, JsonSchema)]
struct HeldNow {
    /// Identifier; the audit log has it too.
    hold: String,
    /// The tool that runs.
    tool: String,
    /// Credits that are kept.
    amount: String,
    /// Since when.
    since: Timestamp,
    /// When it ends by itself.
    until: Timestamp,
}

/// Spending in a period.
#[derive(Serialize, JsonSchema)]
struct Spending {
    /// `organisation` or `key`.
    of: Who,
    /// `2026-11-25`, or `2026-11` for a month; UTC.
    period: String,
    /// Credits spent or held.
    committed: String,
    /// The ceiling in credits; absent when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    ceiling: Option<String>,
}

/// Whose spending.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Who {
    /// All keys.
    Organisation,
    /// This key.
    Key,
}

/// An entry of the ledger.
#[derive(Serialize, JsonSchema)]
struct Line {
    /// Number.
    number: u64,
    /// When.
    at: Timestamp,
    /// What happened.
    kind: EntryKind,
    /// The hold that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<String>,
    /// Change of what is available, in credits.
    available: String,
    /// Change of what is held.
    held: String,
    /// Change of what is spent.
    spent: String,
    /// Why, for grants and corrections.
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
}

/// An estimate.
#[derive(Serialize, JsonSchema)]
struct Estimate {
    /// The model that would be asked and billed.
    model: String,
    /// Credits at most: this much would be held, and what is not used comes back.
    at_most: String,
    /// Whether the balance covers it. A local installation is not limited by credits.
    covered: bool,
    /// The row of the price book.
    price: String,
}

impl Tool for Usage {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_usage",
        title: "Credits and usage",
        description: "Shows this organisation's credits: what is available, what running AI calls keep, what was spent today and this \
            month against the ceilings, and the ledger from the newest entry back. With `estimate` it tells what a planned AI \
            call would cost at most, before it is made. Only the AI tools spend credits; all other tools are free.",
        scopes: &[Scope::UsageRead],
        effect: Effect::Read,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"entries":5,"estimate":{"provider":"anthropic","model":"opus","input_bytes":20000,"max_output_tokens":4000}}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let tenant = ctx.caller.tenant;
        let places = periods(ctx.caller.key, ctx.now);
        let standing = Ledger::standing(ctx.ports, tenant, &places).await?;
        let page = Ledger::latest_entries(ctx.ports, tenant, input.below, input.entries).await?;
        let estimate = input.estimate.map(|planned| estimate(ctx, &standing, &planned)).transpose()?;
        let accounts = &standing.accounts;
        Ok(Output {
            balance: Balance {
                available: accounts.sums.available.to_string(),
                held: accounts.sums.held.to_string(),
                spent: accounts.sums.spent.to_string(),
                owed: accounts.owed()?.to_string(),
                granted: accounts.granted()?.to_string(),
            },
            ai_calls: if standing.frozen { AiCalls::Stopped } else { AiCalls::Free },
            holds: standing.open.iter().map(HeldNow::of).collect(),
            spending: spending(ctx, &standing),
            next_below: page.entries.last().filter(|_| page.more).map(|entry| entry.seq),
            ledger: page.entries.into_iter().map(Line::of).collect(),
            estimate,
        })
    }
}

impl HeldNow {
    fn of(hold: &Hold) -> Self {
        Self {
            hold: hold.id.to_string(),
            tool: hold.tool.clone(),
            amount: hold.amount.to_string(),
            since: hold.at,
            until: hold.expires,
        }
    }
}

impl Line {
    fn of(entry: Entry) -> Self {
        Self {
            number: entry.seq,
            at: entry.at,
            kind: entry.kind,
            hold: entry.hold.map(|hold| hold.to_string()),
            available: entry.postings.available.to_string(),
            held: entry.postings.held.to_string(),
            spent: entry.postings.spent.to_string(),
            note: entry.note,
        }
    }
}

fn spending(ctx: &ToolContext<'_>, standing: &Standing) -> Vec<Spending> {
    let ceilings = ceilings(&ctx.caller.settings.ai);
    let row = |((subject, period), committed): &((Subject, _), MicroCredits)| Spending {
        of: if *subject == Subject::Tenant { Who::Organisation } else { Who::Key },
        period: pm33_billing::Period::word(*period),
        committed: committed.to_string(),
        ceiling: ceilings.of(*subject, *period).map(|ceiling| ceiling.to_string()),
    };
    standing.committed.iter().map(row).collect()
}

fn estimate(ctx: &ToolContext<'_>, standing: &Standing, planned: &Planned) -> Result<Estimate, ToolError> {
    let book = &ctx.desk.prices;
    let model = book.resolve(&planned.provider, &planned.model);
    let day = jiff::tz::TimeZone::UTC.to_datetime(ctx.now.instant()).date();
    let key = PriceKey::standard(&planned.provider, model);
    let price = book.price(&key, day).map_err(BillingError::from)?;
    let call = PlannedCall {
        input_bytes: planned.input_bytes,
        framing_tokens: crate::desk::FRAMING_TOKENS,
        max_output_tokens: planned.max_output_tokens,
        times: 1,
        cache: CachePlan::Unasked,
    };
    let at_most = most(price, &call)?;
    Ok(Estimate {
        model: model.to_owned(),
        at_most: at_most.to_string(),
        covered: at_most <= standing.accounts.sums.available,
        price: price.id.clone(),
    })
}
