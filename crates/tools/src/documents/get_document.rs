//! `pm33_get_document`: documents, whole, by section, by version, and what changed between two.

use pm33_auth::Scope;
use pm33_product::{Document, Documents, SectionDiff, Source, diff, write_markdown};
use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    gate,
    gate::Gate,
    views::{self, DocumentLine, SectionView, VersionView},
};
use crate::{
    Cost, Effect, Tool, ToolContext, ToolError, ToolSpec, View,
    backlog::{names, place::Place},
    words::counted,
};

/// Characters of text in one answer.
const ROOM: usize = 60_000;
/// Lines of differences in one answer.
const DIFF_LINES: usize = 1_000;
/// Versions that are listed, the newest.
const VERSIONS: usize = 50;

/// Read a document.
pub(super) struct GetDocument;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Id or title (in any case) of a document. Without it the documents are listed, the last changed first.
    #[schemars(length(min = 1, max = 500))]
    document: Option<String>,
    /// Only these sections, by key or heading.
    #[serde(default)]
    #[schemars(length(max = 60))]
    sections: Vec<String>,
    /// This version; the newest when absent.
    #[schemars(range(max = 2_147_483_647))]
    version: Option<u32>,
    /// Shows what changed since this version, by section and line.
    #[schemars(range(max = 2_147_483_647))]
    since_version: Option<u32>,
    /// The document as one Markdown text instead of by section.
    #[serde(default)]
    markdown: bool,
    /// For the list: only documents about this item, by key or id.
    item: Option<String>,
    /// For the list: documents at most, 1 to 100.
    #[serde(default = "twenty")]
    #[schemars(range(min = 1, max = 100))]
    limit: u64,
    /// For the list: how many to pass over; `next` of the answer before says it.
    #[serde(default)]
    #[schemars(range(max = 1_000_000))]
    skip: u64,
}

fn twenty() -> u64 {
    20
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// `ok`, or `empty` when there is no document.
    state: &'static str,
    /// What it is, in a sentence or two.
    summary: String,
    /// Workspace slug.
    workspace: String,
    /// The list; empty when a document was asked for.
    documents: Vec<DocumentLine>,
    /// Where the list goes on; absent at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
    /// The document that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<Whole>,
}

/// A document that was asked for.
#[derive(Serialize, JsonSchema)]
struct Whole {
    /// What it is.
    #[serde(flatten)]
    line: DocumentLine,
    /// When it was begun.
    created: Timestamp,
    /// Its sections, or those asked for; absent beside Markdown and differences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sections: Vec<SectionView>,
    /// What the sections cite, by id; long ones are cut.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<Source>,
    /// All of it as Markdown, when that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<String>,
    /// What changed since the version that was named: by section, lines that went (-) and came (+).
    #[serde(skip_serializing_if = "Option::is_none")]
    differences: Option<Vec<SectionDiff>>,
    /// Its versions, oldest first, the last fifty, with how each came about.
    versions: Vec<VersionView>,
    /// What the rule gate says of it.
    gate: Gate,
}

impl Tool for GetDocument {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_get_document",
        title: "Read a document",
        description: "Reads PRDs, one-pagers and other documents: all of one or single sections, at any version, as sections or as Markdown, \
            with its sources, how each version came about (a person, a model, the workspace's facts alone) and what the rule gate \
            finds. since_version shows what changed, line by line. Without `document` it lists what there is. To change a \
            section call pm33_edit_document with the version read here; to write a new PRD from an item, pm33_generate_prd.",
        scopes: &[Scope::DocumentsRead],
        effect: Effect::Read,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"limit":5}"#;
    const VIEW: Option<&'static View> = Some(&crate::views::DOCUMENT);
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        match &input.document {
            Some(asked) => one(ctx, &place, asked, &input).await,
            None => list(ctx, &place, &input).await,
        }
    }
}

async fn list(ctx: &ToolContext<'_>, place: &Place, input: &Input) -> Result<Output, ToolError> {
    if !input.sections.is_empty()
        || input.version.is_some()
        || input.since_version.is_some()
        || input.markdown
    {
        return Err(ToolError::refused(
            "document: name the document that sections, version and markdown are about",
        ));
    }
    let about = input.item.as_deref().map(|asked| names::item(&place.snapshot, asked)).transpose()?;
    let about = about.map(|item| item.id);
    let mut heads = Documents::documents(ctx.ports, place.at, about, input.skip, input.limit + 1).await?;
    let most = usize::try_from(input.limit).unwrap_or(usize::MAX);
    let next = (heads.len() > most).then(|| input.skip.saturating_add(input.limit));
    heads.truncate(most);
    let documents: Vec<_> = heads.into_iter().map(|head| DocumentLine::of_head(head, place)).collect();
    let summary = match documents.as_slice() {
        [] if input.skip > 0 => "The list ends before.".to_owned(),
        [] => "There is no document yet; pm33_generate_prd writes one from an item, pm33_edit_document keeps yours."
            .to_owned(),
        [first, ..] => format!(
            "{}; the last changed is {:?}.",
            counted(documents.len(), "document", "documents"),
            first.title
        ),
    };
    let state = if documents.is_empty() { "empty" } else { "ok" };
    Ok(Output { state, summary, workspace: place.workspace.slug.clone(), documents, next, document: None })
}

async fn one(ctx: &ToolContext<'_>, place: &Place, asked: &str, input: &Input) -> Result<Output, ToolError> {
    let document = views::find(ctx, place.at, asked, input.version).await?;
    let template = gate::template_of(ctx, place.at, &document.template).await?;
    let gate = Gate::over(&place.snapshot, &template, &document.sections, &document.sources);
    let mut told = vec![format!(
        "{:?}, version {}, {}: {}. {}",
        document.title,
        document.version,
        document.status,
        document.provenance.made_by.describe(),
        gate.sentence()
    )];
    let differences = match input.since_version {
        None => None,
        Some(since) => {
            let earlier = views::find(ctx, place.at, &document.id.to_string(), Some(since)).await?;
            Some(differences(&earlier, &document, &mut told))
        }
    };
    let markdown = input.markdown.then(|| {
        let about = document
            .about
            .and_then(|id| place.snapshot.get(id))
            .map(|item| place.snapshot.key(item).to_string());
        write_markdown(&document, about.as_deref())
    });
    let markdown = match markdown {
        Some(text) if text.chars().count() > ROOM => {
            told.push(format!(
                "As Markdown it has more than {ROOM} characters: read it by section, or the resource {} whole.",
                views::uri(&place.workspace.slug, document.id)
            ));
            None
        }
        found => found,
    };
    let is_by_section = markdown.is_none() && differences.is_none();
    let sections = if is_by_section { chosen(&document, &input.sections)? } else { Vec::new() };
    let sections = SectionView::all(sections, ROOM);
    if sections.iter().any(SectionView::is_cut) {
        told.push("Sections without text are too long for this answer: ask for them one by one.".to_owned());
    }
    let sources = if is_by_section { views::sources(&document.sources) } else { Vec::new() };
    let mut versions = Documents::document_versions(ctx.ports, place.at, document.id).await?;
    versions.drain(..versions.len().saturating_sub(VERSIONS));
    let whole = Whole {
        line: DocumentLine::of(&document, place),
        created: document.created,
        sections,
        sources,
        markdown,
        differences,
        versions: versions.into_iter().map(VersionView::of).collect(),
        gate,
    };
    Ok(Output {
        state: "ok",
        summary: told.join(" "),
        workspace: place.workspace.slug.clone(),
        documents: Vec::new(),
        next: None,
        document: Some(whole),
    })
}

/// The sections that were asked for, or all.
fn chosen<'a>(document: &'a Document, asked: &[String]) -> Result<Vec<&'a pm33_product::Section>, ToolError> {
    if asked.is_empty() {
        return Ok(document.sections.iter().collect());
    }
    let find = |name: &String| {
        document.section(name).ok_or_else(|| {
            let keys: Vec<_> = document.sections.iter().map(|one| one.key.as_str()).collect();
            ToolError::refused(format!("sections: no section {name:?}; there are: {}", keys.join(", ")))
        })
    };
    asked.iter().map(find).collect()
}

/// What changed, as far as there is room.
fn differences(earlier: &Document, later: &Document, told: &mut Vec<String>) -> Vec<SectionDiff> {
    let mut found = diff(earlier, later);
    told.push(match found.len() {
        0 => format!("No section changed since version {}.", earlier.version),
        count => format!(
            "{} since version {}.",
            counted(count, "section changed", "sections changed"),
            earlier.version
        ),
    });
    let mut room = DIFF_LINES;
    for section in &mut found {
        if section.lines.len() > room {
            section.lines.truncate(room);
            told.push(format!(
                "The difference of {:?} is cut; read the section at both versions.",
                section.heading
            ));
        }
        room -= section.lines.len();
    }
    found
}
