//! Credits: balances, the ledger, holds, what was used and what was sent. The ledger is only ever added to.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

use super::first::translate;
use crate::engine::postgres;

/// The tables.
pub(crate) struct Credits;

impl MigrationName for Credits {
    fn name(&self) -> &'static str {
        "0006_credits"
    }
}

/// The tables, and what the serving role may do with each.
pub(crate) const GUARDED: &[(&str, &str)] = &[
    ("credit_balance", "SELECT, INSERT, UPDATE"),
    ("credit_hold", "SELECT, INSERT, UPDATE"),
    ("credit_entry", "SELECT, INSERT"),
    ("credit_period", "SELECT, INSERT, UPDATE"),
    ("credit_usage", "SELECT, INSERT"),
    ("provider_call", "SELECT, INSERT"),
];

/// Tables whose rows never change.
const APPEND_ONLY: [&str; 3] = ["credit_entry", "credit_usage", "provider_call"];

const TABLES: &[&str] = &[
    // A cache of the ledger's sums; the checks hold whatever statement reaches it.
    "CREATE TABLE credit_balance (tenant_id {uuid} PRIMARY KEY REFERENCES tenant, seq BIGINT NOT NULL, \
     funding BIGINT NOT NULL, available BIGINT NOT NULL CHECK (available >= 0), held BIGINT NOT NULL CHECK (held >= 0), \
     spent BIGINT NOT NULL, overdraft BIGINT NOT NULL CHECK (overdraft <= 0), loss BIGINT NOT NULL, \
     frozen INTEGER NOT NULL, CHECK (funding + available + held + spent + overdraft + loss = 0))",
    "CREATE TABLE credit_hold (tenant_id {uuid} NOT NULL REFERENCES tenant, hold_id {uuid} NOT NULL, key_id TEXT, \
     tool TEXT NOT NULL, amount BIGINT NOT NULL CHECK (amount >= 0), at BIGINT NOT NULL, expires BIGINT NOT NULL, \
     backing TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (tenant_id, hold_id))",
    // A hold is resolved once: `resolves` names it in the entry that ended it.
    "CREATE TABLE credit_entry (tenant_id {uuid} NOT NULL REFERENCES tenant, seq BIGINT NOT NULL, at BIGINT NOT NULL, \
     kind TEXT NOT NULL, hold_id {uuid}, resolves {uuid}, funding BIGINT NOT NULL, available BIGINT NOT NULL, \
     held BIGINT NOT NULL, spent BIGINT NOT NULL, overdraft BIGINT NOT NULL, loss BIGINT NOT NULL, actor {uuid}, \
     note TEXT NOT NULL, PRIMARY KEY (tenant_id, seq), UNIQUE (tenant_id, resolves), \
     FOREIGN KEY (tenant_id, hold_id) REFERENCES credit_hold (tenant_id, hold_id), \
     CHECK (funding + available + held + spent + overdraft + loss = 0))",
    "CREATE TABLE credit_period (tenant_id {uuid} NOT NULL REFERENCES tenant, subject TEXT NOT NULL, \
     period TEXT NOT NULL, committed BIGINT NOT NULL, PRIMARY KEY (tenant_id, subject, period))",
    "CREATE TABLE provider_call (tenant_id {uuid} NOT NULL, hold_id {uuid} NOT NULL, call_number INTEGER NOT NULL, \
     at BIGINT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL, categories TEXT NOT NULL, bytes BIGINT NOT NULL, \
     redactions INTEGER NOT NULL, PRIMARY KEY (tenant_id, hold_id, call_number), \
     FOREIGN KEY (tenant_id, hold_id) REFERENCES credit_hold (tenant_id, hold_id))",
    "CREATE TABLE credit_usage (tenant_id {uuid} NOT NULL, hold_id {uuid} NOT NULL, call_number INTEGER NOT NULL, \
     provider TEXT NOT NULL, model TEXT NOT NULL, price TEXT NOT NULL, tokens TEXT NOT NULL, source TEXT NOT NULL, \
     amount BIGINT NOT NULL CHECK (amount >= 0), raw TEXT NOT NULL, PRIMARY KEY (tenant_id, hold_id, call_number), \
     FOREIGN KEY (tenant_id, hold_id) REFERENCES credit_hold (tenant_id, hold_id))",
    "CREATE INDEX credit_hold_open ON credit_hold (tenant_id, expires) WHERE state = 'open'",
    "CREATE INDEX credit_entry_hold ON credit_entry (tenant_id, hold_id)",
    "CREATE INDEX audit_row_hold ON audit_row (tenant_id, hold) WHERE hold IS NOT NULL",
];

#[async_trait]
impl MigrationTrait for Credits {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        for statement in TABLES {
            connection.execute_unprepared(&translate(statement, backend)).await?;
        }
        if backend == DbBackend::Postgres {
            connection
                .execute_unprepared(
                    "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS \
                     $$ BEGIN RAISE EXCEPTION 'rows of % are added and never changed', TG_TABLE_NAME; END $$",
                )
                .await?;
            for (table, rights) in GUARDED {
                for statement in postgres::guard(table, rights) {
                    connection.execute_unprepared(&statement).await?;
                }
            }
        }
        for table in APPEND_ONLY {
            for statement in refuse_changes(table, backend) {
                connection.execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}

/// Triggers that refuse changes and removals, whoever asks.
fn refuse_changes(table: &str, backend: DbBackend) -> Vec<String> {
    let name = |act: &str| format!("{table}_no_{}", act.to_lowercase());
    let trigger = |act: &str| match backend {
        DbBackend::Postgres => format!(
            "CREATE TRIGGER {} BEFORE {act} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            name(act)
        ),
        _ => format!(
            "CREATE TRIGGER {} BEFORE {act} ON {table} BEGIN \
             SELECT RAISE(ABORT, 'rows of {table} are added and never changed'); END",
            name(act)
        ),
    };
    vec![trigger("UPDATE"), trigger("DELETE")]
}
