//! `pm33_edit_document`: writes documents, section by section.

use pm33_auth::Scope;
use pm33_product::{
    Document, DocumentId, DocumentKind, DocumentStatus, Documents, MadeBy, ProductError, Provenance, Section,
    SectionDiff, Source, SourceKind, diff, section_key,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    gate,
    gate::Gate,
    sections,
    views::{self, DocumentLine},
};
use crate::{
    Cost, Effect, Tool, ToolContext, ToolError, ToolSpec,
    backlog::{names, place::Place},
};

/// Lines of differences in one answer.
const DIFF_LINES: usize = 300;

/// Write a document.
pub(super) struct EditDocument;

/// Arguments. Without `document` a new one is made; fields that are not sent stay as they are.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Id or title of the document to change; absent for a new one.
    #[schemars(length(min = 1, max = 500))]
    document: Option<String>,
    /// Only if the document still has this version, which `pm33_get_document` tells; otherwise nothing is changed and the
    /// answer says so.
    #[schemars(range(max = 2_147_483_647))]
    if_version: Option<u32>,
    /// Title, 1 to 500 characters; needed for a new document unless the Markdown has one.
    #[schemars(length(min = 1, max = 500))]
    title: Option<String>,
    /// Type of document; that of its template when absent.
    #[serde(rename = "type")]
    kind: Option<DocumentKind>,
    /// Template whose rules hold: `prd`, `one_pager`, `lean`, `ai_feature` or one of the workspace's own; `prd` for a new
    /// document when absent.
    #[schemars(length(min = 1, max = 60))]
    template: Option<String>,
    /// How far it is agreed.
    status: Option<DocumentStatus>,
    /// Key or id of the work item that it is about.
    about: Option<String>,
    /// Sections to write, add or remove.
    #[serde(default)]
    #[schemars(length(max = 60))]
    sections: Vec<SectionInput>,
    /// The whole document as Markdown: its sections replace all sections. Not together with `sections`.
    #[schemars(length(min = 1, max = 262_144))]
    markdown: Option<String>,
    /// Sources to add, so that sections can cite them.
    #[serde(default)]
    #[schemars(length(max = 100))]
    sources: Vec<SourceInput>,
    /// What is changed and why; kept with the version.
    #[schemars(length(min = 1, max = 1_000))]
    note: Option<String>,
    /// Show what would change, and change nothing.
    #[serde(default)]
    dry_run: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again.
    #[schemars(length(min = 1, max = 128))]
    #[expect(dead_code, reason = "read by the server before the tool runs")]
    idempotency_key: Option<String>,
}

/// A section.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SectionInput {
    /// Key or heading; one that is not there yet is added.
    #[schemars(length(min = 1, max = 200))]
    section: String,
    /// Markdown that replaces its text; ids in square brackets such as [S1] cite sources.
    #[schemars(length(max = 65_536))]
    text: Option<String>,
    /// New heading.
    #[schemars(length(min = 1, max = 200))]
    heading: Option<String>,
    /// Key of the section that it is to follow; a new one goes to the end when absent.
    after: Option<String>,
    /// true takes the section out.
    #[serde(default)]
    remove: bool,
}

/// A source.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SourceInput {
    /// Name of what it is from.
    #[schemars(length(min = 1, max = 500))]
    title: String,
    /// What it says, word for word where numbers are to be cited from it.
    #[schemars(length(min = 1, max = 4_000))]
    text: String,
    /// Where to read it again.
    #[schemars(length(min = 1, max = 2_000))]
    uri: Option<String>,
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What was done.
    action: Action,
    /// The document after the call; of a dry run, as it would be.
    document: DocumentLine,
    /// What changed, by section and line.
    differences: Vec<SectionDiff>,
    /// Ids of the sources that were added, in the order sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    added_sources: Vec<String>,
    /// What the rule gate says of it now; it may be kept with errors while it is a draft.
    gate: Gate,
}

/// What a write did.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    /// A new document.
    Created,
    /// A new version.
    Updated,
    /// It said the same already.
    Unchanged,
    /// Nothing was written.
    DryRun,
}

impl Tool for EditDocument {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_edit_document",
        title: "Edit a document",
        description: "Writes a document by hand: changes, adds, moves or removes single sections, or takes a whole text as Markdown; without \
            `document` it keeps a new one. Each write is a new version, earlier ones stay; send if_version so that nobody's work \
            is overwritten, and an idempotency_key. The answer shows the lines that changed and what the rule gate finds. A \
            document is approved (`status`) only without errors. dry_run shows the result without writing. To have a PRD \
            written from the workspace's facts call pm33_generate_prd.",
        scopes: &[Scope::DocumentsWrite],
        effect: Effect::Update,
        cost: Cost::Light,
    };
    const EXAMPLE: &'static str = r#"{"document":"One-pager: Wallets of the new countries","sections":[{"section":"open_questions","text":"- Q1: Which wallet do we begin with? Owner: the Checkout team"}],"dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        if input.markdown.is_some() && !input.sections.is_empty() {
            return Err(ToolError::refused("markdown, sections: send one of them, not both"));
        }
        let before = match &input.document {
            Some(asked) => Some(views::find(ctx, place.at, asked, None).await?),
            None => None,
        };
        if let (Some(one), Some(expected)) = (&before, input.if_version)
            && one.version != expected
        {
            let key = format!("{:?}", one.title);
            return Err(ProductError::Changed { key, current: one.version, expected }.into());
        }
        let (dry_run, known) = (input.dry_run, before.as_ref().map_or(0, |one| one.sources.len()));
        let after = written(ctx, &place, before.as_ref(), input).await?;
        after.check()?;
        let template = gate::template_of(ctx, place.at, &after.template).await?;
        let gate = Gate::over(&place.snapshot, &template, &after.sections, &after.sources);
        if after.status == DocumentStatus::Approved && !gate.passes {
            let first = gate.findings.first().map(|one| one.message.as_str()).unwrap_or_default();
            return Err(ToolError::refused(format!(
                "a document is approved only without errors; {} First: {first}",
                gate.sentence()
            )));
        }
        let action = match &before {
            _ if dry_run => Action::DryRun,
            None => Action::Created,
            Some(one) if one.says_the_same(&after) => Action::Unchanged,
            Some(_) => Action::Updated,
        };
        match action {
            Action::Created => Documents::add_document(ctx.ports, place.at, &after).await?,
            Action::Updated => Documents::revise_document(ctx.ports, place.at, &after).await?,
            Action::Unchanged | Action::DryRun => {}
        }
        if matches!(action, Action::Created | Action::Updated) {
            ctx.changed(views::uri(&place.workspace.slug, after.id));
        }
        let shown = match (&before, action) {
            (Some(one), Action::Unchanged) => one,
            _ => &after,
        };
        let empty = Document { sections: Vec::new(), ..after.clone() };
        let mut differences = diff(before.as_ref().unwrap_or(&empty), &after);
        for section in &mut differences {
            section.lines.truncate(DIFF_LINES);
        }
        let added_sources = after.sources.iter().skip(known).map(|one| one.id.clone()).collect();
        Ok(Output { action, document: DocumentLine::of(shown, &place), differences, added_sources, gate })
    }
}

/// The document as it is to be.
async fn written(
    ctx: &ToolContext<'_>,
    place: &Place,
    before: Option<&Document>,
    input: Input,
) -> Result<Document, ToolError> {
    let name = input.template.as_deref().or(before.map(|one| one.template.as_str())).unwrap_or("prd");
    // A document may follow a template that is gone; a new one may not.
    let template = match (&input.template, before) {
        (None, Some(_)) => gate::template_of(ctx, place.at, name).await?,
        _ => gate::template(ctx, place.at, name).await?,
    };
    let version = before.map_or(1, |one| one.version + 1);
    let mut one = before.cloned().unwrap_or_else(|| Document {
        id: DocumentId::new(ctx.now),
        version,
        kind: template.kind,
        template: template.name.clone(),
        title: String::new(),
        status: DocumentStatus::Draft,
        about: None,
        sections: Vec::new(),
        sources: Vec::new(),
        provenance: Provenance::person(None),
        author: None,
        created: ctx.now,
        updated: ctx.now,
    });
    (one.version, one.updated, one.author) = (version, ctx.now, Some(ctx.caller.user));
    one.provenance = Provenance::person(input.note);
    if input.template.is_some() {
        one.kind = template.kind;
    }
    one.template.clone_from(&template.name);
    one.kind = input.kind.unwrap_or(one.kind);
    one.status = input.status.unwrap_or(one.status);
    if let Some(asked) = &input.about {
        one.about = Some(names::item(&place.snapshot, asked)?.id);
    }
    let mut title = input.title;
    if let Some(markdown) = &input.markdown {
        let read = sections::read(markdown, &template, version, ctx.now);
        title = title.or(read.title);
        one.sections = merged(&one.sections, read.sections);
        let is_new = |source: &Source| !one.sources.iter().any(|known| known.id == source.id);
        let new: Vec<_> = read.sources.into_iter().filter(is_new).collect();
        one.sources.extend(new);
    }
    for wanted in &input.sections {
        put(&mut one, wanted, &template)?;
    }
    for wanted in input.sources {
        let id = next_source(&one.sources);
        let SourceInput { title, text, uri } = wanted;
        one.sources.push(Source { id, kind: SourceKind::Reference, uri, title, text, as_of: ctx.now });
    }
    if let Some(title) = title {
        title.trim().clone_into(&mut one.title);
    }
    if one.title.is_empty() {
        return Err(ToolError::refused(
            "title: a new document needs one, or Markdown whose first line is `# Title`",
        ));
    }
    Ok(one)
}

/// An id that no source has.
pub(super) fn next_source(sources: &[Source]) -> String {
    let number = |source: &Source| source.id.strip_prefix('S')?.parse::<u32>().ok();
    format!("S{}", sources.iter().filter_map(number).max().unwrap_or(0) + 1)
}

/// Sections of a new text; those that say the same stay as they were made.
fn merged(before: &[Section], after: Vec<Section>) -> Vec<Section> {
    let kept = |section: Section| {
        let same = before
            .iter()
            .find(|one| one.key == section.key && one.text == section.text && one.heading == section.heading);
        same.cloned().unwrap_or(section)
    };
    after.into_iter().map(kept).collect()
}

/// Writes, adds, moves or removes one section.
fn put(
    document: &mut Document,
    wanted: &SectionInput,
    template: &pm33_product::DocumentTemplate,
) -> Result<(), ToolError> {
    let version = document.version;
    let keys = |document: &Document| {
        let keys: Vec<_> = document.sections.iter().map(|one| one.key.as_str()).collect();
        keys.join(", ")
    };
    let place_of = |document: &Document, asked: &str| {
        let found = document.section(asked)?.key.clone();
        document.sections.iter().position(|one| one.key == found)
    };
    let found = place_of(document, &wanted.section);
    if wanted.remove {
        let Some(place) = found else {
            let known = keys(document);
            return Err(ToolError::refused(format!(
                "sections: no section {:?}; there are: {known}",
                wanted.section
            )));
        };
        document.sections.remove(place);
        return Ok(());
    }
    let section = if let Some(place) = found {
        let mut section = document.sections.remove(place);
        let before = section.clone();
        let text = wanted.text.as_deref().unwrap_or(&before.text);
        let heading = wanted.heading.as_deref().unwrap_or(&before.heading);
        let made_by = if wanted.text.is_some() { MadeBy::Person } else { before.made_by };
        section = Section::new(section.key, heading, text, made_by, version);
        if section.text == before.text && section.heading == before.heading {
            section = before;
        }
        if wanted.after.is_none() {
            document.sections.insert(place, section);
            return Ok(());
        }
        section
    } else {
        let key = section_key(&wanted.section);
        let known = template.section(&key).map(|one| one.heading.as_str());
        let heading = wanted.heading.as_deref().or(known).unwrap_or(&wanted.section);
        let Some(text) = wanted.text.as_deref() else {
            let known = keys(document);
            return Err(ToolError::refused(format!(
                "sections: no section {:?}; there are: {known}; send text to add it",
                wanted.section
            )));
        };
        Section::new(key, heading, text, MadeBy::Person, version)
    };
    let place = match &wanted.after {
        None => document.sections.len(),
        Some(after) => {
            let known = keys(document);
            place_of(document, after).map(|place| place + 1).ok_or_else(|| {
                ToolError::refused(format!("after: no section {after:?}; there are: {known}"))
            })?
        }
    };
    document.sections.insert(place, section);
    Ok(())
}
