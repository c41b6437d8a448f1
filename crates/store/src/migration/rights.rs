//! Data-subject rights: requests, limits of processing, marks of who was erased; and the two guards that an erasure has
//! to pass: a saved forecast may lose its author, and an entry of the ledger its note.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

use super::first::translate;
use crate::engine::postgres;

/// The tables and guards.
pub(crate) struct Rights;

impl MigrationName for Rights {
    fn name(&self) -> &'static str {
        "0017_rights"
    }
}

/// The tables, and what the serving role may do with each. Marks are set by operators.
pub(super) const GUARDED: &[(&str, &str)] = &[
    ("privacy_request", "SELECT, INSERT, UPDATE"),
    ("processing_limit", "SELECT, INSERT, DELETE"),
    ("erased", "SELECT"),
];

const TABLES: [&str; 3] = [
    // The subject is a member's id, the tenant's own id for the whole organisation, or nothing after an erasure.
    "CREATE TABLE privacy_request (tenant_id {uuid} NOT NULL REFERENCES tenant, request_id {uuid} NOT NULL, \
     kind TEXT NOT NULL, subject {uuid}, law TEXT NOT NULL, state TEXT NOT NULL, received BIGINT NOT NULL, \
     filed_by {uuid}, details TEXT, identity TEXT, verified BIGINT, extended BIGINT, extension TEXT, closed BIGINT, \
     closing TEXT, PRIMARY KEY (tenant_id, request_id))",
    "CREATE TABLE processing_limit (tenant_id {uuid} NOT NULL REFERENCES tenant, subject {uuid} NOT NULL, \
     kind TEXT NOT NULL, since BIGINT NOT NULL, PRIMARY KEY (tenant_id, subject, kind))",
    "CREATE TABLE erased (tenant_id {uuid} NOT NULL REFERENCES tenant, mark {bytes} NOT NULL, at BIGINT NOT NULL, \
     PRIMARY KEY (tenant_id, mark))",
];

/// Columns of the ledger that never change.
const LEDGER: [&str; 13] = [
    "tenant_id",
    "seq",
    "at",
    "kind",
    "hold_id",
    "resolves",
    "funding",
    "available",
    "held",
    "spent",
    "overdraft",
    "loss",
    "actor",
];

fn guards(backend: DbBackend) -> Vec<String> {
    let of = |row: &str| LEDGER.map(|column| format!("{row}.{column}")).join(", ");
    if backend == DbBackend::Postgres {
        // The serving role may change neither table; this is about everybody else.
        return vec![
            "DROP TRIGGER credit_entry_no_update ON credit_entry".to_owned(),
            format!(
                "CREATE TRIGGER credit_entry_no_update BEFORE UPDATE ON credit_entry FOR EACH ROW \
                 WHEN (NEW.note <> '' OR ({}) IS DISTINCT FROM ({})) EXECUTE FUNCTION refuse_change()",
                of("NEW"),
                of("OLD")
            ),
        ];
    }
    vec![
        "DROP TRIGGER credit_entry_no_update".to_owned(),
        format!(
            "CREATE TRIGGER credit_entry_no_update BEFORE UPDATE ON credit_entry \
             WHEN NEW.note <> '' OR ({}) IS NOT ({}) \
             BEGIN SELECT RAISE(ABORT, 'rows of credit_entry are added and never changed'); END",
            of("NEW"),
            of("OLD")
        ),
        "DROP TRIGGER forecast_unchanged".to_owned(),
        "CREATE TRIGGER forecast_unchanged BEFORE UPDATE ON forecast WHEN NEW.author IS NOT NULL OR \
         (NEW.tenant_id, NEW.workspace_id, NEW.forecast_id, NEW.name, NEW.folded, NEW.saved, NEW.as_of, NEW.question, \
         NEW.recipe, NEW.answer) IS NOT (OLD.tenant_id, OLD.workspace_id, OLD.forecast_id, OLD.name, OLD.folded, \
         OLD.saved, OLD.as_of, OLD.question, OLD.recipe, OLD.answer) \
         BEGIN SELECT RAISE(ABORT, 'a saved forecast does not change'); END"
            .to_owned(),
    ]
}

#[async_trait]
impl MigrationTrait for Rights {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        for statement in TABLES {
            connection.execute_unprepared(&translate(statement, backend)).await?;
        }
        if backend == DbBackend::Postgres {
            for (table, rights) in GUARDED {
                for statement in postgres::guard(table, rights) {
                    connection.execute_unprepared(&statement).await?;
                }
            }
        }
        for statement in guards(backend) {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
