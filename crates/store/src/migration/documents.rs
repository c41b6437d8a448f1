//! Documents: a table of them, one of their versions whose rows are added and never changed, and templates of a
//! workspace's own.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

use super::first::translate;
use crate::engine::postgres;

/// The tables.
pub(crate) struct Documents;

impl MigrationName for Documents {
    fn name(&self) -> &'static str {
        "0013_documents"
    }
}

/// The tables of this migration that hold a tenant's data, with what the application may do to their rows.
pub(super) const GUARDED: &[(&str, &str)] = &[
    ("document", "SELECT, INSERT, UPDATE, DELETE"),
    // The author alone may be taken out of a version, when he asks to be forgotten.
    ("document_version", "SELECT, INSERT, DELETE, UPDATE (author)"),
    ("document_template", "SELECT, INSERT, UPDATE, DELETE"),
];

const TABLES: &[&str] = &[
    "CREATE TABLE document (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, document_id {uuid} NOT NULL, \
     version INTEGER NOT NULL, kind TEXT NOT NULL, template TEXT NOT NULL, title TEXT NOT NULL, folded TEXT NOT NULL, \
     status TEXT NOT NULL, about_id {uuid}, created BIGINT NOT NULL, updated BIGINT NOT NULL, \
     PRIMARY KEY (tenant_id, workspace_id, document_id), \
     FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, workspace_id), \
     FOREIGN KEY (tenant_id, workspace_id, about_id) REFERENCES work_item (tenant_id, workspace_id, item_id))",
    "CREATE TABLE document_version (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, document_id {uuid} NOT NULL, \
     version INTEGER NOT NULL, kind TEXT NOT NULL, template TEXT NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL, \
     about_id {uuid}, sections TEXT NOT NULL, sources TEXT NOT NULL, provenance TEXT NOT NULL, author {uuid}, \
     at BIGINT NOT NULL, PRIMARY KEY (tenant_id, workspace_id, document_id, version), \
     FOREIGN KEY (tenant_id, workspace_id, document_id) REFERENCES document (tenant_id, workspace_id, document_id))",
    "CREATE TABLE document_template (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, name TEXT NOT NULL, \
     body TEXT NOT NULL, PRIMARY KEY (tenant_id, workspace_id, name), \
     FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, workspace_id))",
    "CREATE INDEX document_updated ON document (tenant_id, workspace_id, updated)",
    "CREATE INDEX document_title ON document (tenant_id, workspace_id, folded)",
    "CREATE INDEX document_about ON document (tenant_id, workspace_id, about_id)",
];
/// PostgreSQL gives the application role no right to change these.
const UNCHANGED: &str = "CREATE TRIGGER document_version_unchanged BEFORE UPDATE OF tenant_id, workspace_id, document_id, \
    version, kind, template, title, status, about_id, sections, sources, provenance, at ON document_version \
    BEGIN SELECT RAISE(ABORT, 'a version of a document does not change'); END";

#[async_trait]
impl MigrationTrait for Documents {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        for statement in TABLES {
            connection.execute_unprepared(&translate(statement, backend)).await?;
        }
        if backend == DbBackend::Postgres {
            for statement in GUARDED.iter().flat_map(|(table, rights)| postgres::guard(table, rights)) {
                connection.execute_unprepared(&statement).await?;
            }
        } else {
            connection.execute_unprepared(UNCHANGED).await?;
        }
        Ok(())
    }
}
