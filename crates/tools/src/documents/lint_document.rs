//! `pm33_lint_document`: the rule gate on its own.

use pm33_auth::Scope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{gate, gate::Gate, sections, views};
use crate::{Cost, Effect, Tool, ToolContext, ToolError, ToolSpec, backlog::place::Place};

/// Lint a document.
pub(super) struct LintDocument;

/// Arguments: either `document` or `markdown`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Id or title of a stored document.
    #[schemars(length(min = 1, max = 500))]
    document: Option<String>,
    /// Version of the stored document; the newest when absent.
    #[schemars(range(max = 2_147_483_647))]
    version: Option<u32>,
    /// A document as Markdown, with its sections under headings of the second level; it is not stored. What it cites is
    /// listed under the heading Sources, a line each: `- S1: what it says`.
    #[schemars(length(min = 1, max = 262_144))]
    markdown: Option<String>,
    /// Template to hold it against: `prd`, `one_pager`, `lean`, `ai_feature` or one of the workspace's own. A stored
    /// document has its own; for Markdown it is `prd` when absent.
    #[schemars(length(min = 1, max = 60))]
    template: Option<String>,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What a person should take from it.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// Title.
    title: String,
    /// The template that it was held against.
    template: String,
    /// Keys of the sections that were read.
    sections: Vec<String>,
    /// What the rules say.
    gate: Gate,
}

impl Tool for LintDocument {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_lint_document",
        title: "Lint a document",
        description: "Holds a stored document, or any Markdown, against the rules of its template, without a model: mandatory sections; \
            each requirement with an id, a priority, an acceptance criterion and the goal it serves; each goal with a metric, a \
            baseline and a target; no orphans; vague words in demands; ids that are cited and not there; numbers in no source. \
            Each finding says what to write instead. Use it before a review, and after pm33_edit_document; pm33_get_document \
            reads the document itself.",
        scopes: &[Scope::DocumentsRead],
        effect: Effect::Read,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r##"{"markdown":"# Partial refunds\n\n## Problem\n\nSupport refunds by hand (HAR-1).\n\n## Requirements\n\n- R1 (must): A merchant refunds a part of a payment. Acceptance: the buyer gets that part back. Goal: G1","template":"one_pager"}"##;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        let (title, template, sections, sources) = match (&input.document, &input.markdown) {
            (Some(asked), None) => {
                let one = views::find(ctx, place.at, asked, input.version).await?;
                let template = match &input.template {
                    Some(name) => gate::template(ctx, place.at, name).await?,
                    None => gate::template_of(ctx, place.at, &one.template).await?,
                };
                (one.title, template, one.sections, one.sources)
            }
            (None, Some(markdown)) if input.version.is_none() => {
                let name = input.template.as_deref().unwrap_or("prd");
                let template = gate::template(ctx, place.at, name).await?;
                let read = sections::read(markdown, &template, 1, ctx.now);
                (read.title.unwrap_or_default(), template, read.sections, read.sources)
            }
            _ => return Err(ToolError::refused("say what to look at: send either document or markdown")),
        };
        let gate = Gate::over(&place.snapshot, &template, &sections, &sources);
        let summary = match gate.findings.first() {
            Some(first) => format!("{} First: {}", gate.sentence(), first.message),
            None => gate.sentence(),
        };
        let sections = sections.into_iter().map(|one| one.key).collect();
        Ok(Output {
            summary,
            workspace: place.workspace.slug.clone(),
            title,
            template: template.name,
            sections,
            gate,
        })
    }
}
