//! The sample's documents, bound to the epics that were written.

use std::sync::Arc;

use pm33_product::{
    Document, DocumentId, DocumentStatus, MadeBy, ProductError, Provenance, Section, Source, WorkItem,
    section_key, shipped_templates,
};
use pm33_tenancy::Timestamp;

use super::sample::{SampleDocument, SampleWorkspace};

/// The epics that were written.
pub(super) type Epics = Vec<Arc<WorkItem>>;

/// A document of the sample.
pub(super) fn document(
    sample: &SampleDocument,
    workspace: &SampleWorkspace,
    epics: &Epics,
    now: Timestamp,
) -> Result<Document, ProductError> {
    let epic = |title: &str| epics.iter().find(|epic| *epic.title == *title);
    let template = shipped_templates().into_iter().find(|one| one.name == sample.template);
    let template = template.ok_or_else(|| ProductError::missing("template", sample.template.as_str()))?;
    let source = |one: &super::sample::SampleSource| {
        let item = one.item.as_deref().and_then(epic);
        let uri =
            item.map(|item| format!("pm33://item/{}/{}-{}", workspace.slug, workspace.prefix, item.number));
        let (id, title, text) = (one.id.clone(), one.title.clone(), one.text.clone());
        Source { id, kind: one.kind, uri, title, text, as_of: now }
    };
    let section = |one: &super::sample::SampleSection| {
        Section::new(section_key(&one.heading), &one.heading, &one.text, MadeBy::Person, 1)
    };
    Ok(Document {
        id: DocumentId::new(now),
        version: 1,
        kind: template.kind,
        template: template.name,
        title: sample.title.clone(),
        status: DocumentStatus::Draft,
        about: epic(&sample.about).map(|epic| epic.id),
        sections: sample.section.iter().map(section).collect(),
        sources: sample.sources.iter().map(source).collect(),
        provenance: Provenance::person(None),
        author: None,
        created: now,
        updated: now,
    })
}
