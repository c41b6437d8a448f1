//! `pm33_generate_prd`: a document from an item and the workspace's facts, each with its source.

use std::{collections::BTreeSet, sync::Arc};

use pm33_auth::Scope;
use pm33_product::{
    Document, DocumentId, DocumentStatus, Documents, MadeBy, ProductError, Provenance, Section, Source,
    WorkItem, write_markdown,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    edit_document::next_source,
    evidence::{Evidence, LeftOut, gather, plain},
    gate,
    gate::Gate,
    interview,
    skeleton::{self, OpenQuestion},
    views::{self, DocumentLine},
    writer::{self, Bare, Draft, Material},
};
use crate::{
    Cost, Effect, Tool, ToolContext, ToolError, ToolSpec,
    backlog::{names, place::Place},
    words::counted,
};

/// Characters of Markdown in the answer.
const ROOM: usize = 60_000;

const USELESS: &str =
    "nothing that the model answered could be used, so the evidence stands alone; nothing was charged";

/// Write a PRD.
pub(super) struct GeneratePrd;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Workspace slug or id. Not needed when the key sees only one.
    workspace: Option<String>,
    /// Key or id of the epic, feature, brief or other item that it is about.
    item: Option<String>,
    /// What you know that the workspace does not hold, up to 20,000 characters; it is cited as notes. Needed without `item`.
    #[schemars(length(min = 1, max = 20_000))]
    notes: Option<String>,
    /// Template: `prd`, `one_pager`, `lean`, `ai_feature` or one of the workspace's own.
    #[serde(default = "prd")]
    #[schemars(length(min = 1, max = 60))]
    template: String,
    /// Title; made from the template's and the item's when absent.
    #[schemars(length(min = 1, max = 500))]
    title: Option<String>,
    /// Id or title of a document to write a new version of: sections that a person wrote stay as they are.
    #[schemars(length(min = 1, max = 500))]
    document: Option<String>,
    /// Only if that document still has this version.
    #[schemars(range(max = 2_147_483_647))]
    if_version: Option<u32>,
    /// Whether the person may be asked for what the workspace does not say; what is not answered becomes an open question.
    #[serde(default = "yes")]
    ask: bool,
    /// Show what would be written, keep nothing, ask nobody, send nothing to a model.
    #[serde(default)]
    dry_run: bool,
    /// Any text of 1 to 128 visible characters. Repeating the call with the same key gives the first answer again.
    #[schemars(length(min = 1, max = 128))]
    #[expect(dead_code, reason = "read by the server before the tool runs")]
    idempotency_key: Option<String>,
}

fn prd() -> String {
    "prd".to_owned()
}

fn yes() -> bool {
    true
}

/// Result.
#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    /// What was done.
    action: Action,
    /// Who wrote it: `evidence` is the workspace's facts alone, without a model.
    made_by: MadeBy,
    /// What a person should take from it.
    summary: String,
    /// The document; of a dry run, as it would be.
    document: DocumentLine,
    /// The document as Markdown; absent where the answer has no room for it: read it with `pm33_get_document`.
    #[serde(skip_serializing_if = "Option::is_none")]
    markdown: Option<String>,
    /// Sources that it cites or could cite.
    sources: usize,
    /// What nobody has said yet, each with who is to find out.
    open_questions: Vec<OpenQuestion>,
    /// Facts that could not be read, with the reason.
    left_out: Vec<LeftOut>,
    /// Why no model wrote it; absent when one did, and of a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    without_model: Option<String>,
    /// What the rule gate says, with the share of statements that cite a source.
    gate: Gate,
    /// What it cost, in millionths of a credit.
    micro_credits: i64,
}

/// What a call did.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    /// A new document.
    Created,
    /// A new version of a document.
    Updated,
    /// Nothing was written.
    DryRun,
}

impl Tool for GeneratePrd {
    const SPEC: ToolSpec = ToolSpec {
        name: "pm33_generate_prd",
        title: "Generate a PRD",
        description: "Writes a PRD, one-pager, lean brief or AI-feature PRD about an item and keeps it as a document. Its \
            facts come from the workspace only (the item, its children, dependencies, objectives, competitor \
            gaps, forecast, velocity, similar items), each with its source; what nobody has said becomes an open \
            question with an owner, never an invented number. Without a configured model it writes the evidence \
            skeleton, marked as such, for zero credits. The answer reports the rule gate's findings and how many \
            statements rest on sources. Then edit with pm33_edit_document.",
        scopes: &[Scope::BacklogRead, Scope::DocumentsWrite, Scope::AiGenerate],
        effect: Effect::Create,
        cost: Cost::Credits,
    };
    const EXAMPLE: &'static str = r#"{"item":"HAR-1","template":"one_pager","dry_run":true}"#;
    type Input = Input;
    type Output = Output;

    async fn call(ctx: &ToolContext<'_>, input: Input) -> Result<Output, ToolError> {
        let place = Place::open(ctx, input.workspace.as_deref()).await?;
        let item =
            input.item.as_deref().map(|asked| names::item(&place.snapshot, asked)).transpose()?.cloned();
        if item.is_none() && input.notes.is_none() {
            return Err(ToolError::refused("say what it is about: send item, or notes, or both"));
        }
        let template = gate::template(ctx, place.at, &input.template).await?;
        let before = earlier(ctx, &place, &input).await?;
        ctx.client.progress(0.0, Some(1.0), Some("gathering facts"));
        let first = before.as_ref().map_or(1, |one| number(&next_source(&one.sources)));
        let mut evidence = gather(ctx, &place, item.as_ref(), input.notes.as_deref(), first).await?;
        let answers = if input.ask && !input.dry_run {
            interview::interview(ctx, &template, &evidence, &about(&place, item.as_ref())).await?
        } else {
            interview::Answers::default()
        };
        interview::keep(ctx, &answers, &mut evidence);
        let version = before.as_ref().map_or(1, |one| one.version + 1);
        let (bare, questions) = skeleton::sections(&template, &evidence, &answers, version);
        let models = if input.dry_run { None } else { Some(ctx.models().await) };
        let (draft, without_model) = match models {
            None => (None, None),
            Some(Err(why)) => (None, Some(why.to_string())),
            Some(Ok(models)) => {
                let kept: Vec<Section> = kept(before.as_ref()).cloned().collect();
                let (sections, questions) = (bare.as_slice(), questions.all.as_slice());
                let bare = Bare { sections, questions, kept: &kept, version };
                let material = Material { place: &place, template: &template, evidence: &evidence, bare };
                let made = writer::write(ctx, models, material).await?;
                let useless = made.is_none().then(|| USELESS.to_owned());
                (made, useless)
            }
        };
        let made = made_by(ctx, draft.as_ref());
        let (sections, questions) = match draft {
            Some(draft) => (draft.sections, draft.questions),
            None => (bare, questions.all),
        };
        let mut document =
            composed(ctx, &input, &template, item.as_ref(), before.as_ref(), sections, &evidence);
        document.provenance = made;
        document.check()?;
        let gate = Gate::over(&place.snapshot, &template, &document.sections, &document.sources);
        let action = match &before {
            _ if input.dry_run => Action::DryRun,
            None => {
                Documents::add_document(ctx.ports, place.at, &document).await?;
                Action::Created
            }
            Some(_) => {
                Documents::revise_document(ctx.ports, place.at, &document).await?;
                Action::Updated
            }
        };
        if !matches!(action, Action::DryRun) {
            ctx.changed(views::uri(&place.workspace.slug, document.id));
        }
        let key = item.as_ref().map(|item| place.snapshot.key(item).to_string());
        let markdown =
            Some(write_markdown(&document, key.as_deref())).filter(|text| text.chars().count() <= ROOM);
        Ok(Output {
            action,
            made_by: document.provenance.made_by,
            summary: summary(action, &document, questions.len(), &gate),
            document: DocumentLine::of(&document, &place),
            markdown,
            sources: document.sources.len(),
            open_questions: questions,
            left_out: evidence.left_out,
            without_model,
            gate,
            micro_credits: document.provenance.micro_credits,
        })
    }
}

/// The document that a new version is written of.
async fn earlier(ctx: &ToolContext<'_>, place: &Place, input: &Input) -> Result<Option<Document>, ToolError> {
    let Some(asked) = &input.document else { return Ok(None) };
    let one = views::find(ctx, place.at, asked, None).await?;
    if let Some(expected) = input.if_version.filter(|expected| *expected != one.version) {
        let key = format!("{:?}", one.title);
        return Err(ProductError::Changed { key, current: one.version, expected }.into());
    }
    Ok(Some(one))
}

/// The sections of an earlier version that a person wrote.
fn kept(before: Option<&Document>) -> impl Iterator<Item = &Section> {
    before.into_iter().flat_map(|one| &one.sections).filter(|one| one.made_by == MadeBy::Person)
}

fn number(id: &str) -> u32 {
    id.trim_start_matches('S').parse().unwrap_or(1)
}

fn about(place: &Place, item: Option<&Arc<WorkItem>>) -> String {
    item.map_or_else(|| "it".to_owned(), |item| format!("{} {:?}", place.snapshot.key(item), item.title))
}

/// The document with its new sections; those that a person wrote stay, with the sources that they cite.
fn composed(
    ctx: &ToolContext<'_>,
    input: &Input,
    template: &pm33_product::DocumentTemplate,
    item: Option<&Arc<WorkItem>>,
    before: Option<&Document>,
    new: Vec<Section>,
    evidence: &Evidence,
) -> Document {
    let mut sections = new;
    let mut sources: Vec<Source> = Vec::new();
    let mut added: Vec<Section> = Vec::new();
    for kept in kept(before) {
        match sections.iter_mut().find(|one| one.key == kept.key) {
            Some(section) => *section = kept.clone(),
            None => added.push(kept.clone()),
        }
    }
    sections.extend(added);
    let cited: BTreeSet<&str> = sections
        .iter()
        .filter(|one| one.made_by == MadeBy::Person)
        .flat_map(|one| one.text.split(|sign: char| !sign.is_ascii_alphanumeric()))
        .collect();
    let old = before.iter().flat_map(|one| &one.sources);
    sources.extend(old.filter(|one| cited.contains(one.id.as_str())).cloned());
    sources.extend(evidence.sources.iter().cloned());
    let title = input.title.clone().or_else(|| before.map(|one| one.title.clone())).unwrap_or_else(|| {
        let about = item.map_or_else(|| "notes".to_owned(), |item| plain(&item.title, 450));
        format!("{}: {about}", template.title).chars().take(pm33_product::TITLE_MAX).collect()
    });
    Document {
        id: before.map_or_else(|| DocumentId::new(ctx.now), |one| one.id),
        version: before.map_or(1, |one| one.version + 1),
        kind: template.kind,
        template: template.name.clone(),
        title,
        status: DocumentStatus::Draft,
        about: item.map(|item| item.id).or_else(|| before.and_then(|one| one.about)),
        sections,
        sources,
        provenance: made_by(ctx, None),
        author: Some(ctx.caller.user),
        created: before.map_or(ctx.now, |one| one.created),
        updated: ctx.now,
    }
}

/// How it came about: what it cost so far is all that it costs, since nothing is asked after it.
fn made_by(ctx: &ToolContext<'_>, draft: Option<&Draft>) -> Provenance {
    Provenance {
        made_by: draft.map_or(MadeBy::Evidence, |_| MadeBy::Model),
        provider: draft.map(|draft| draft.model.provider.clone()),
        model: draft.map(|draft| draft.model.model.clone()),
        prompt: draft.map(|draft| draft.prompt.clone()),
        micro_credits: draft.map_or(0, |_| ctx.till().spent().micros()),
        note: None,
    }
}

fn summary(action: Action, document: &Document, questions: usize, gate: &Gate) -> String {
    let kept = match action {
        Action::DryRun => "Nothing was kept".to_owned(),
        Action::Created => format!("Kept as {:?}", document.title),
        Action::Updated => format!("Kept as version {} of {:?}", document.version, document.title),
    };
    let made = match document.provenance.made_by {
        MadeBy::Evidence => {
            "it is the evidence skeleton, written without a model, for zero credits".to_owned()
        }
        other => format!("it is {}", other.describe()),
    };
    format!(
        "{kept}; {made}. It has {} and {}. {}",
        counted(document.sources.len(), "source", "sources"),
        counted(questions, "open question", "open questions"),
        gate.sentence()
    )
}
