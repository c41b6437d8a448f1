//! `pm33_query_audit_log`: the tenant's own audit trail, and whether its chain holds.

use std::sync::Arc;

use pm33_auth::Scope;
use pm33_tenancy::{
    AuditFilter, AuditLog, AuditReach, AuditRow, CorrelationId, KeyId, Outcome, Timestamp, WorkspaceAccess,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec};

/// Read the audit log.
pub(super) struct QueryAuditLog;

/// Arguments; all conditions hold together.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Only the call with this correlation id: the request id of an answer.
    correlation: Option<String>,
    /// Only this tool, resource or prompt, such as `pm33_update_work_item` or `pm33://backlog/core/summary`; the whole
    /// name.
    #[schemars(length(min = 1, max = 300))]
    target: Option<String>,
    /// Only calls with this key id: the twelve characters after the prefix.
    key: Option<String>,
    /// Only calls that ended so.
    outcome: Option<Outcome>,
    /// Only from this time on.
    since: Option<Timestamp>,
    /// Only before this time.
    until: Option<Timestamp>,
    /// Only rows below this number: `next_below` of the page before.
    #[schemars(range(min = 1, max = 9_007_199_254_740_991_u64))]
    below: Option<u64>,
    /// Rows at most, 1 to 200, newest first.
    #[serde(default = "fifty")]
    #[schemars(range(min = 1, max = 200))]
    limit: u64,
    /// `check` walks the whole chain and tells every break; `skip` does not.
    #[serde(default)]
    chain: ChainWish,
}

fn fifty() -> u64 {
    50
}

/// Whether the chain is to be checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ChainWish {
    /// Leave it.
    #[default]
    Skip,
    /// Check all of it; takes a second per 100,000 rows or so.
    Check,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// `ok`, or `empty` when no row matches.
    state: State,
    /// Rows, newest first.
    rows: Vec<Row>,
    /// What to know when no row matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// For the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_below: Option<u64>,
    /// State of the chain, when it was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<Chain>,
}

/// What an answer is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Rows were found.
    Ok,
    /// None matches.
    Empty,
}

/// The chain.
#[derive(Serialize, JsonSchema)]
struct Chain {
    /// Whether every row follows from the one before and the signed head is the newest row's.
    holds: bool,
    /// Rows that were checked.
    rows: u64,
    /// Every break, in words; 50 at most.
    breaks: Vec<String>,
}

/// One audited call.
#[derive(Serialize, JsonSchema)]
struct Row {
    /// Number in the tenant's log.
    number: u64,
    /// When it began.
    at: Timestamp,
    /// Correlation id.
    correlation: String,
    /// Sort of actor: key, local, operator or system.
    actor: String,
    /// Key id.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// Method.
    method: String,
    /// Tool, resource or prompt.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    /// How it ended.
    outcome: String,
    /// Reason, in a word.
    code: String,
    /// Microseconds that it took.
    latency_micros: i64,
    /// Characters that were removed from its texts at the boundary.
    removed_characters: i32,
}

impl Row {
    fn of(number: u64, row: AuditRow) -> Self {
        Self {
            number,
            at: row.at,
            correlation: row.correlation.to_string(),
            actor: row.actor_kind.into(),
            key: row.key.map(|key| key.as_str().to_owned()),
            method: row.method.into(),
            target: row.target.map(String::from),
            outcome: row.outcome.into(),
            code: row.code.into(),
            latency_micros: row.latency_micros,
            removed_characters: row.removed_characters,
        }
    }
}

/// What a caller sees whose reach is narrowed to workspaces.
fn reach(ctx: &ToolContext<'_>) -> Option<AuditReach> {
    match &ctx.caller.workspaces {
        WorkspaceAccess::All => None,
        WorkspaceAccess::Only(workspaces) => {
            Some(AuditReach { workspaces: Arc::clone(workspaces), key: ctx.caller.key })
        }
    }
}

/// What targets look like, where none was found.
fn hint(target: &str) -> String {
    let shown: String = target.chars().take(80).collect();
    format!(
        "no row that these conditions allow has the target {shown:?}: it is compared as a whole, with a tool's name \
         (pm33_query_backlog), a prompt's (backlog_triage) or a resource's URI (pm33://backlog/core/summary); operators' commands \
         have what they were about, such as a key's id; leave target out to see which there are"
    )
}

impl Tool for QueryAuditLog {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_query_audit_log",
        title: "Query the audit log",
        description: "Reads this tenant's own audit log: who called what, when, and how it ended; refusals too. Arguments and texts are \
            not in it, only that a call was made. Use it to follow one call by its correlation id, to see what a key did, or to \
            check that nobody changed the log (chain `check`). A key that is narrowed to workspaces sees their calls and its own. Pages go from the newest back.",
        scopes: &[Scope::AuditRead],
        effect: Effect::Read,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"target":"pm33_query_backlog","limit":10}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let tenant = ctx.caller.tenant;
        let correlation = input.correlation.as_deref().map(|text| {
            text.parse::<CorrelationId>()
                .map_err(|_| ToolError::refused("correlation: is no UUID such as an answer's request id"))
        });
        let key = input.key.as_deref().map(|text| {
            text.parse::<KeyId>()
                .map_err(|_| ToolError::refused("key: is no key id: twelve characters of 0-9, A-Z, a-z"))
        });
        let filter = AuditFilter {
            correlation: correlation.transpose()?,
            target: input.target.clone(),
            key: key.transpose()?,
            outcome: input.outcome,
            since: input.since,
            until: input.until,
            reach: reach(ctx),
            newest_below: Some(input.below.unwrap_or(u64::MAX)),
            limit: input.limit,
            ..AuditFilter::default()
        };
        let page = AuditLog::rows(ctx.ports, tenant, &filter).await?;
        let next_below = page.rows.last().filter(|_| page.more).map(|(number, _)| *number);
        let rows: Vec<_> = page.rows.into_iter().map(|(number, row)| Row::of(number, row)).collect();
        let chain = match input.chain {
            ChainWish::Skip => None,
            ChainWish::Check => {
                let (rows, breaks) = AuditLog::verify(ctx.ports, tenant).await?;
                let words = breaks.iter().take(50).map(ToString::to_string).collect();
                Some(Chain { holds: breaks.is_empty(), rows, breaks: words })
            }
        };
        let note = input.target.filter(|_| rows.is_empty()).map(|target| hint(&target));
        Ok(Output {
            note,
            state: if rows.is_empty() { State::Empty } else { State::Ok },
            rows,
            next_below,
            chain,
        })
    }
}
