//! `pm33_import_work_items`: an export's text through the same importer as the admin command.

use std::io::Cursor;

use pm33_auth::Scope;
use pm33_interchange::{
    DateOrder, Format, ImportLimits, ImportOptions, InterchangeError, LossReport, Mapping, Outcome, Trial,
    Unresolved, Writer, Written,
};
use pm33_product::{Backlog, Freshness};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec};

/// Most columns, problems and links in an answer; the rest is counted.
const SHOWN: usize = 60;
/// Items that are written together.
const BATCH: usize = 64;

/// Import an export's text.
pub(super) struct ImportWorkItems;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// The export as text, up to 1 MiB and 2,000 records: CSV of Jira, Linear, Azure DevOps, Shortcut, Asana or
    /// Lighthouse, GitHub's `gh issue list --json`, Jira's REST JSON, or any CSV with a mapping.
    #[schemars(length(min = 1, max = 1_048_576))]
    text: String,
    /// The format, when it is not to be found by the columns.
    format: Option<FormatWord>,
    /// A mapping file (TOML) that says which column is which field, for a CSV that no format claims.
    #[schemars(length(max = 65_536))]
    mapping: Option<String>,
    /// Name of the origin in external ids; the format's own when absent.
    #[schemars(length(min = 1, max = 50))]
    source: Option<String>,
    /// How dates such as 03/04/2024 are read. Needed only when the answer asks for it.
    date_order: Option<OrderWord>,
    /// `true`, the default, shows what would become of each column and record, and writes nothing; send `false` to
    /// write.
    #[serde(default = "yes")]
    dry_run: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again.
    #[schemars(length(min = 1, max = 128))]
    #[expect(dead_code, reason = "read by the server before the tool runs")]
    idempotency_key: Option<String>,
}

fn yes() -> bool {
    true
}

/// A format.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum FormatWord {
    /// `gh issue list --json …`.
    GithubJson,
    /// Jira's CSV export.
    JiraCsv,
    /// Issues as Jira's REST API gives them.
    JiraJson,
    /// Linear's CSV export.
    LinearCsv,
    /// Azure DevOps' CSV export of a query.
    AzureDevopsCsv,
    /// Shortcut's CSV export of stories.
    ShortcutCsv,
    /// Asana's CSV export of a project.
    AsanaCsv,
    /// Lighthouse's CSV export of a team's work items.
    LighthouseCsv,
    /// The table that this program exports.
    Pm33Csv,
}

/// Which of day and month stands first.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum OrderWord {
    /// 31/12/2024.
    DayFirst,
    /// 12/31/2024.
    MonthFirst,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// Whether nothing was written.
    dry_run: bool,
    /// The format that was found or given.
    format: String,
    /// Records in the text.
    records: usize,
    /// Records that give an item.
    items: usize,
    /// Epics that records name and no record describes; each is an item too.
    epics: usize,
    /// Records that give none; `problems` says why.
    skipped: usize,
    /// What was written; absent in a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<WrittenView>,
    /// What becomes of each column.
    columns: Vec<ColumnView>,
    /// How dates were read.
    notes: Vec<String>,
    /// What is to be known of single records, the first 60.
    problems: Vec<ProblemView>,
    /// Problems beyond those.
    problems_unlisted: usize,
    /// Parents, dependencies and related items that lead to nothing or could not be made, the first 60; each is kept as a
    /// custom field. A dry run tells those that lead to nothing.
    unresolved_links: Vec<LinkView>,
}

/// Counts of what was written.
#[derive(Serialize, JsonSchema)]
struct WrittenView {
    /// New items.
    created: usize,
    /// Items that were there and changed.
    updated: usize,
    /// Items that said the same already.
    unchanged: usize,
    /// New teams.
    teams: usize,
    /// New sprints.
    sprints: usize,
    /// Links that could not be made.
    unresolved_links: usize,
}

/// A column.
#[derive(Serialize, JsonSchema)]
struct ColumnView {
    /// Its name.
    name: String,
    /// What becomes of it.
    becomes: String,
    /// Cells that went into fields.
    used: usize,
    /// Cells kept as custom fields.
    kept: usize,
    /// Cells lost.
    dropped: usize,
    /// Cells without content.
    empty: usize,
}

/// Something to be known of a record.
#[derive(Serialize, JsonSchema)]
struct ProblemView {
    /// The record, from 1.
    record: usize,
    /// The line of the text, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// The column, unless the whole record is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    /// Whether the record gives no item because of it.
    skipped: bool,
    /// What is wrong, what is allowed, what was done.
    message: String,
}

/// A link that could not be made.
#[derive(Serialize, JsonSchema)]
struct LinkView {
    /// The record that has it.
    record: usize,
    /// Parent, dependency or related item.
    link: String,
    /// The id that it leads to.
    target: String,
    /// Why not.
    reason: String,
}

impl Tool for ImportWorkItems {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_import_work_items",
        title: "Import a tracker's export",
        description: "Brings the text of a tracker's export (Jira, Linear, Azure DevOps, Shortcut, Asana, Lighthouse, GitHub, or any \
            CSV with a mapping) into the backlog with teams, sprints, epics, dependencies, estimates and state history. The first \
            call is a dry run: it shows what becomes of every column and which records have problems. Read it with the user, then \
            repeat with dry_run false and an idempotency_key. Items that were imported before are updated by their id in the \
            tracker, so the same export can be sent again; fields that the export lacks stay as they are. Columns without a field \
            become custom fields. Not for a few items: use pm33_create_work_item. For files above 1 MiB an operator runs \
            `pm33-admin import`.",
        scopes: &[Scope::BacklogWrite],
        effect: Effect::Update,
        cost: Cost::Heavy,
    };
    const EXAMPLE: &'static str = r#"{"text":"Issue key,Summary,Issue Type,Status,Priority\nPAY-1,Refund in parts,Story,To Do,High\n","dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let (at, workspace) = ctx.workspace(input.workspace.as_deref()).await?;
        let mut options = options(ctx, &input)?;
        let snapshot = Backlog::snapshot(ctx.ports, at, Freshness::Usual).await?;
        options.statuses.clone_from(&snapshot.vocabulary().statuses);
        let mut import =
            pm33_interchange::open(Cursor::new(input.text.as_bytes()), &options).map_err(refusal)?;
        if input.dry_run {
            let mut items = import.items().map_err(refusal)?;
            let mut trial = Trial::default();
            for item in items.by_ref() {
                trial.item(&item.map_err(refusal)?);
            }
            let (_, unresolved) = trial.unresolved(ctx.ports, at).await?;
            return Ok(output(items.into_report(), None, &unresolved));
        }
        let fields = import.fields();
        let mut writer = Writer::begin(ctx.ports, at, Some(ctx.caller.user), ctx.now, fields).await?;
        let mut items = import.items().map_err(refusal)?;
        loop {
            let batch = items.by_ref().take(BATCH).collect::<Result<Vec<_>, _>>().map_err(refusal)?;
            if batch.is_empty() {
                break;
            }
            writer.items(ctx.ports, batch).await.map_err(|not_written| not_written.error)?;
            if ctx.cancelled.is_cancelled() {
                return Err(ToolError::Cancelled);
            }
        }
        while writer.link_next(ctx.ports).await? {}
        for uri in ["pm33://backlog/{}/summary", "pm33://velocity/{}/current", "pm33://strategy/{}"] {
            ctx.changed(uri.replace("{}", &workspace.slug));
        }
        let mut report = items.into_report();
        report.notes.extend(writer.notes());
        Ok(output(report, Some(writer.written()), writer.unresolved()))
    }
}

fn options(ctx: &ToolContext<'_>, input: &Input) -> Result<ImportOptions, ToolError> {
    let mut options = ImportOptions::new(ctx.now);
    options.limits = ImportLimits::of_a_call();
    options.source.clone_from(&input.source);
    options.format = input.format.map(|word| match word {
        FormatWord::GithubJson => Format::GithubJson,
        FormatWord::JiraCsv => Format::JiraCsv,
        FormatWord::JiraJson => Format::JiraJson,
        FormatWord::LinearCsv => Format::LinearCsv,
        FormatWord::AzureDevopsCsv => Format::AzureDevopsCsv,
        FormatWord::ShortcutCsv => Format::ShortcutCsv,
        FormatWord::AsanaCsv => Format::AsanaCsv,
        FormatWord::LighthouseCsv => Format::LighthouseCsv,
        FormatWord::Pm33Csv => Format::Pm33Csv,
    });
    options.date_order = input.date_order.map(|word| match word {
        OrderWord::DayFirst => DateOrder::DayFirst,
        OrderWord::MonthFirst => DateOrder::MonthFirst,
    });
    let mapping = input.mapping.as_deref().map(Mapping::parse).transpose();
    options.mapping = mapping.map_err(|error| ToolError::refused(format!("mapping: {error}")))?;
    Ok(options)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn refusal(error: InterchangeError) -> ToolError {
    ToolError::refused(format!("text: {error}"))
}

fn output(report: LossReport, written: Option<Written>, unresolved: &[Unresolved]) -> Output {
    let totals = report.totals;
    let unlisted = report.problems.len().saturating_sub(SHOWN) + report.problems_unlisted;
    Output {
        dry_run: written.is_none(),
        format: report.format.title().to_owned(),
        records: totals.read,
        items: totals.made,
        epics: totals.epics,
        skipped: totals.skipped,
        written: written.map(|written| WrittenView {
            created: written.created,
            updated: written.updated,
            unchanged: written.unchanged,
            teams: written.teams,
            sprints: written.sprints,
            unresolved_links: written.unresolved,
        }),
        columns: report
            .columns
            .into_iter()
            .take(SHOWN)
            .map(|column| ColumnView {
                name: column.name.chars().take(80).collect(),
                becomes: column.becomes,
                used: column.used,
                kept: column.kept,
                dropped: column.dropped,
                empty: column.empty,
            })
            .collect(),
        notes: report.notes.into_iter().take(SHOWN).collect(),
        problems: report
            .problems
            .into_iter()
            .take(SHOWN)
            .map(|problem| ProblemView {
                record: problem.record,
                line: problem.line,
                column: problem.column,
                skipped: problem.outcome == Outcome::Skipped,
                message: problem.message,
            })
            .collect(),
        problems_unlisted: unlisted,
        unresolved_links: unresolved
            .iter()
            .take(SHOWN)
            .map(|link| LinkView {
                record: link.record,
                link: link.link.to_owned(),
                target: link.target.clone(),
                reason: link.reason.clone(),
            })
            .collect(),
    }
}
