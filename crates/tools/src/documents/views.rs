//! Documents as tools and resources show them.

use pm33_product::{
    Document, DocumentHead, DocumentId, DocumentKind, DocumentStatus, DocumentVersion, Documents, ItemId,
    MadeBy, ProductError, Provenance, Section, Snapshot, Source,
};
use pm33_tenancy::{Timestamp, WorkspaceRef};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{ToolContext, ToolError, backlog::place::Place};

/// Characters of a source that are shown; the Markdown has all of it.
const SOURCE_SHOWN: usize = 400;

/// The URI of a document.
pub(crate) fn uri(workspace: &str, id: DocumentId) -> String {
    format!("pm33://document/{workspace}/{id}")
}

/// A document by id or title, at a version.
pub(crate) async fn find(
    ctx: &ToolContext<'_>,
    at: WorkspaceRef,
    asked: &str,
    version: Option<u32>,
) -> Result<Document, ToolError> {
    let found = Documents::document(ctx.ports, at, asked, version).await?;
    found.ok_or_else(|| {
        let (asked, hint) = match version {
            Some(version) => {
                (format!("{asked} at version {version}"), "; pm33_get_document lists its versions")
            }
            None => (asked.to_owned(), "; pm33_get_document without arguments lists the documents"),
        };
        ProductError::Missing { what: "document", asked, hint: hint.to_owned() }.into()
    })
}

/// A document in a line.
#[derive(Serialize, JsonSchema)]
pub(crate) struct DocumentLine {
    /// Identifier.
    pub(crate) id: DocumentId,
    /// Title.
    pub(crate) title: String,
    /// What sort of document.
    r#type: DocumentKind,
    /// Name of its template.
    template: String,
    /// How far it is agreed.
    status: DocumentStatus,
    /// Its version.
    pub(crate) version: u32,
    /// Key of the work item that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
    /// When this version was written.
    updated: Timestamp,
    /// The resource to read it from, as Markdown.
    pub(crate) uri: String,
}

fn key(snapshot: &Snapshot, item: Option<ItemId>) -> Option<String> {
    item.and_then(|id| snapshot.get(id)).map(|item| snapshot.key(item).to_string())
}

impl DocumentLine {
    pub(crate) fn of(one: &Document, place: &Place) -> Self {
        Self {
            id: one.id,
            title: one.title.clone(),
            r#type: one.kind,
            template: one.template.clone(),
            status: one.status,
            version: one.version,
            about: key(&place.snapshot, one.about),
            updated: one.updated,
            uri: uri(&place.workspace.slug, one.id),
        }
    }

    pub(crate) fn of_head(one: DocumentHead, place: &Place) -> Self {
        Self {
            id: one.id,
            r#type: one.kind,
            status: one.status,
            version: one.version,
            about: key(&place.snapshot, one.about),
            updated: one.updated,
            uri: uri(&place.workspace.slug, one.id),
            title: one.title,
            template: one.template,
        }
    }
}

/// A section.
#[derive(Serialize, JsonSchema)]
pub(crate) struct SectionView {
    /// Key to edit it by.
    key: String,
    /// Heading.
    heading: String,
    /// Markdown; absent where the answer has no room for it: ask for the section alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Characters of its text.
    chars: usize,
    /// Who wrote it.
    made_by: MadeBy,
    /// The version in which it last changed.
    version: u32,
}

impl SectionView {
    /// Sections with their texts as far as there is room, in characters.
    pub(crate) fn all<'a>(sections: impl IntoIterator<Item = &'a Section>, mut room: usize) -> Vec<Self> {
        let view = |one: &Section| {
            let chars = one.text.chars().count();
            let text = (chars <= room).then(|| one.text.clone());
            room -= if text.is_some() { chars } else { 0 };
            Self {
                key: one.key.clone(),
                heading: one.heading.clone(),
                text,
                chars,
                made_by: one.made_by,
                version: one.version,
            }
        };
        sections.into_iter().map(view).collect()
    }

    /// Whether its text is left out.
    pub(crate) fn is_cut(&self) -> bool {
        self.text.is_none()
    }
}

/// Sources, long ones cut.
pub(crate) fn sources(all: &[Source]) -> Vec<Source> {
    let cut = |one: &Source| {
        let mut one = one.clone();
        if one.text.chars().count() > SOURCE_SHOWN {
            one.text = one.text.chars().take(SOURCE_SHOWN).chain(['…']).collect();
        }
        one
    };
    all.iter().map(cut).collect()
}

/// A version of a document.
#[derive(Serialize, JsonSchema)]
pub(crate) struct VersionView {
    /// Its number.
    version: u32,
    /// When it was written.
    at: Timestamp,
    /// How it came about.
    #[serde(flatten)]
    provenance: Provenance,
}

impl VersionView {
    pub(crate) fn of(one: DocumentVersion) -> Self {
        Self { version: one.version, at: one.at, provenance: one.provenance }
    }
}
