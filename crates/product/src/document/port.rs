//! The port to documents and to templates of a workspace's own.

use async_trait::async_trait;
use pm33_tenancy::{Timestamp, UserId, WorkspaceRef};

use super::{Document, DocumentTemplate, Provenance};
use crate::{DocumentId, DocumentKind, DocumentStatus, ItemId, ProductError};

/// A document without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentHead {
    /// Identifier.
    pub id: DocumentId,
    /// Its newest version.
    pub version: u32,
    /// What sort of document.
    pub kind: DocumentKind,
    /// Name of its template.
    pub template: String,
    /// Title.
    pub title: String,
    /// How far it is agreed.
    pub status: DocumentStatus,
    /// The work item that it is about.
    pub about: Option<ItemId>,
    /// When it was begun.
    pub created: Timestamp,
    /// When its newest version was written.
    pub updated: Timestamp,
}

/// A version without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentVersion {
    /// Its number.
    pub version: u32,
    /// How it came about.
    pub provenance: Provenance,
    /// Who wrote it.
    pub author: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

/// Documents and templates. Versions are added and never changed.
#[async_trait]
pub trait Documents: Send + Sync {
    /// Adds a document with its first version, whose number must be 1.
    async fn add_document(&self, at: WorkspaceRef, document: &Document) -> Result<(), ProductError>;
    /// Adds a version: its number must follow the newest one, else [`ProductError::Changed`].
    async fn revise_document(&self, at: WorkspaceRef, document: &Document) -> Result<(), ProductError>;
    /// Documents, the last changed first, perhaps only those about an item.
    async fn documents(
        &self,
        at: WorkspaceRef,
        about: Option<ItemId>,
        skip: u64,
        most: u64,
    ) -> Result<Vec<DocumentHead>, ProductError>;
    /// A document by id, or by title in any case; at its newest version, or at the one asked for. Several of one title are
    /// an error that names their ids.
    async fn document(
        &self,
        at: WorkspaceRef,
        asked: &str,
        version: Option<u32>,
    ) -> Result<Option<Document>, ProductError>;
    /// A document's versions, oldest first.
    async fn document_versions(
        &self,
        at: WorkspaceRef,
        id: DocumentId,
    ) -> Result<Vec<DocumentVersion>, ProductError>;
    /// The workspace's own templates, by name.
    async fn templates(&self, at: WorkspaceRef) -> Result<Vec<DocumentTemplate>, ProductError>;
    /// Adds or replaces a template.
    async fn put_template(&self, at: WorkspaceRef, template: &DocumentTemplate) -> Result<(), ProductError>;
    /// Removes a template; whether it was there. Documents that follow it stay.
    async fn remove_template(&self, at: WorkspaceRef, name: &str) -> Result<bool, ProductError>;
}
