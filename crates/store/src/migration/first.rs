//! The first schema. Types are written once and translated per engine; every key of a tenant table leads with the
//! tenant, so that no reference can cross from one to another.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

use crate::engine::{postgres, sqlite};

/// The first schema.
pub(crate) struct First;

impl MigrationName for First {
    fn name(&self) -> &'static str {
        "0001_first"
    }
}

/// Tables that hold a tenant's data; all of them have a `tenant_id`, and on PostgreSQL row-level security.
pub(crate) const TENANT_TABLES: &[&str] = &[
    "tenant",
    "tenant_setting",
    "app_user",
    "workspace",
    "membership",
    "api_key",
    "session",
    "idempotency",
    "team",
    "sprint",
    "mission",
    "objective",
    "competitor",
    "work_item",
    "item_text",
    "state_change",
    "audit_row",
    "audit_personal",
    "audit_head",
];

const TABLES: &[&str] = &[
    // Routing: the only tables without row-level security. They say which tenant a key belongs to, no more.
    "CREATE TABLE key_route (key_id TEXT PRIMARY KEY, tenant_id {uuid} NOT NULL)",
    "CREATE TABLE epoch (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
    "CREATE TABLE tenant (tenant_id {uuid} PRIMARY KEY, slug TEXT NOT NULL, name TEXT NOT NULL, plan TEXT NOT NULL, \
     state TEXT NOT NULL, created BIGINT NOT NULL)",
    "CREATE TABLE tenant_setting (tenant_id {uuid} PRIMARY KEY REFERENCES tenant, settings TEXT NOT NULL)",
    "CREATE TABLE app_user (tenant_id {uuid} NOT NULL REFERENCES tenant, user_id {uuid} NOT NULL, handle TEXT NOT NULL, \
     name TEXT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (tenant_id, user_id), UNIQUE (tenant_id, handle))",
    "CREATE TABLE workspace (tenant_id {uuid} NOT NULL REFERENCES tenant, workspace_id {uuid} NOT NULL, \
     slug TEXT NOT NULL, prefix TEXT NOT NULL, name TEXT NOT NULL, created BIGINT NOT NULL, version BIGINT NOT NULL, \
     last_number INTEGER NOT NULL, PRIMARY KEY (tenant_id, workspace_id), UNIQUE (tenant_id, slug), \
     UNIQUE (tenant_id, prefix))",
    "CREATE TABLE membership (tenant_id {uuid} NOT NULL, user_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, \
     role TEXT NOT NULL, PRIMARY KEY (tenant_id, user_id, workspace_id), \
     FOREIGN KEY (tenant_id, user_id) REFERENCES app_user (tenant_id, user_id), \
     FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, workspace_id))",
    "CREATE TABLE api_key (tenant_id {uuid} NOT NULL, key_id TEXT NOT NULL, user_id {uuid} NOT NULL, name TEXT NOT NULL, \
     digest {bytes} NOT NULL, pepper TEXT NOT NULL, hash TEXT NOT NULL, scopes TEXT NOT NULL, workspaces TEXT, \
     parent TEXT, created BIGINT NOT NULL, expires BIGINT NOT NULL, rotated_until BIGINT, revoked BIGINT, \
     last_used BIGINT, PRIMARY KEY (tenant_id, key_id), \
     FOREIGN KEY (tenant_id, user_id) REFERENCES app_user (tenant_id, user_id), \
     FOREIGN KEY (tenant_id, parent) REFERENCES api_key (tenant_id, key_id))",
    "CREATE TABLE session (tenant_id {uuid} NOT NULL REFERENCES tenant, session_id TEXT NOT NULL, \
     principal TEXT NOT NULL, revision TEXT NOT NULL, capabilities TEXT NOT NULL, client TEXT NOT NULL, \
     opened BIGINT NOT NULL, used BIGINT NOT NULL, PRIMARY KEY (tenant_id, session_id))",
    "CREATE TABLE idempotency (tenant_id {uuid} NOT NULL REFERENCES tenant, principal TEXT NOT NULL, tool TEXT NOT NULL, \
     idem_key TEXT NOT NULL, arguments {bytes} NOT NULL, answer TEXT NOT NULL, at BIGINT NOT NULL, \
     expires BIGINT NOT NULL, PRIMARY KEY (tenant_id, principal, tool, idem_key))",
    "CREATE TABLE team (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, team_id {uuid} NOT NULL, \
     name TEXT NOT NULL, folded TEXT NOT NULL, capacity_per_week DOUBLE PRECISION, wip_limit INTEGER, \
     skills TEXT NOT NULL, PRIMARY KEY (tenant_id, workspace_id, team_id), UNIQUE (tenant_id, workspace_id, folded), \
     FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, workspace_id))",
    "CREATE TABLE sprint (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, sprint_id {uuid} NOT NULL, \
     team_id {uuid} NOT NULL, name TEXT NOT NULL, start_day TEXT NOT NULL, end_day TEXT NOT NULL, \
     PRIMARY KEY (tenant_id, workspace_id, sprint_id), UNIQUE (tenant_id, workspace_id, team_id, name), \
     FOREIGN KEY (tenant_id, workspace_id, team_id) REFERENCES team (tenant_id, workspace_id, team_id))",
    "CREATE TABLE mission (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, statement TEXT NOT NULL, \
     themes TEXT NOT NULL, PRIMARY KEY (tenant_id, workspace_id), \
     FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, workspace_id))",
    "CREATE TABLE objective (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, objective_id {uuid} NOT NULL, \
     title TEXT NOT NULL, statement TEXT NOT NULL, period TEXT NOT NULL, theme TEXT, weight DOUBLE PRECISION NOT NULL, \
     status TEXT NOT NULL, owner TEXT, key_results TEXT NOT NULL, \
     PRIMARY KEY (tenant_id, workspace_id, objective_id), \
     FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, workspace_id))",
    "CREATE TABLE competitor (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, competitor_id {uuid} NOT NULL, \
     name TEXT NOT NULL, tier INTEGER NOT NULL, summary TEXT NOT NULL, capabilities TEXT NOT NULL, \
     signals TEXT NOT NULL, PRIMARY KEY (tenant_id, workspace_id, competitor_id), UNIQUE (tenant_id, workspace_id, name), \
     FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, workspace_id))",
    "CREATE TABLE work_item (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, item_id {uuid} NOT NULL, \
     number INTEGER NOT NULL, item_type TEXT NOT NULL, title TEXT NOT NULL, status TEXT NOT NULL, priority TEXT NOT NULL, \
     points DOUBLE PRECISION, estimate_days DOUBLE PRECISION, parent_id {uuid}, team_id {uuid}, sprint_id {uuid}, \
     assignee TEXT, labels TEXT NOT NULL, skills TEXT NOT NULL, objectives TEXT NOT NULL, dependencies TEXT NOT NULL, \
     release_day TEXT, due_day TEXT, scoring TEXT, external_source TEXT, external_id TEXT, custom TEXT, \
     description_chars INTEGER NOT NULL, version INTEGER NOT NULL, created BIGINT, started BIGINT, finished BIGINT, \
     updated BIGINT NOT NULL, archived BIGINT, author {uuid}, \
     PRIMARY KEY (tenant_id, workspace_id, item_id), UNIQUE (tenant_id, workspace_id, number), \
     UNIQUE (tenant_id, workspace_id, external_source, external_id), \
     FOREIGN KEY (tenant_id, workspace_id) REFERENCES workspace (tenant_id, workspace_id), \
     FOREIGN KEY (tenant_id, workspace_id, parent_id) REFERENCES work_item (tenant_id, workspace_id, item_id), \
     FOREIGN KEY (tenant_id, workspace_id, team_id) REFERENCES team (tenant_id, workspace_id, team_id), \
     FOREIGN KEY (tenant_id, workspace_id, sprint_id) REFERENCES sprint (tenant_id, workspace_id, sprint_id))",
    "CREATE TABLE item_text (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, item_id {uuid} NOT NULL, \
     title TEXT NOT NULL, description TEXT NOT NULL, PRIMARY KEY (tenant_id, workspace_id, item_id), \
     FOREIGN KEY (tenant_id, workspace_id, item_id) REFERENCES work_item (tenant_id, workspace_id, item_id))",
    "CREATE TABLE state_change (tenant_id {uuid} NOT NULL, workspace_id {uuid} NOT NULL, item_id {uuid} NOT NULL, \
     at BIGINT NOT NULL, seq INTEGER NOT NULL, from_status TEXT, to_status TEXT NOT NULL, by_user {uuid}, \
     PRIMARY KEY (tenant_id, workspace_id, item_id, at, seq), \
     FOREIGN KEY (tenant_id, workspace_id, item_id) REFERENCES work_item (tenant_id, workspace_id, item_id))",
    "CREATE TABLE audit_row (tenant_id {uuid} NOT NULL, seq BIGINT NOT NULL, prev_hash {bytes} NOT NULL, \
     hash {bytes} NOT NULL, schema_version INTEGER NOT NULL, at BIGINT NOT NULL, correlation {uuid} NOT NULL, \
     traceparent TEXT, actor_kind TEXT NOT NULL, actor {bytes}, key_id TEXT, scopes TEXT NOT NULL, method TEXT NOT NULL, \
     target TEXT, arguments {bytes}, workspace_id {uuid}, outcome TEXT NOT NULL, code TEXT NOT NULL, \
     latency_micros BIGINT NOT NULL, tokens BIGINT, micro_credits BIGINT, hold {uuid}, provider TEXT, model TEXT, \
     removed_characters INTEGER NOT NULL, limit_verdict TEXT NOT NULL, personal {bytes} NOT NULL, \
     PRIMARY KEY (tenant_id, seq){one_successor}){without_rowid}",
    "CREATE TABLE audit_personal (tenant_id {uuid} NOT NULL, seq BIGINT NOT NULL, salt {bytes} NOT NULL, user_id {uuid}, \
     ip {bytes}, ip_prefix TEXT, agent TEXT, PRIMARY KEY (tenant_id, seq)){without_rowid}",
    "CREATE TABLE audit_head (tenant_id {uuid} PRIMARY KEY, seq BIGINT NOT NULL, hash {bytes} NOT NULL, \
     signature {bytes} NOT NULL)",
    "CREATE INDEX idempotency_expires ON idempotency (tenant_id, expires)",
    "CREATE INDEX session_used ON session (tenant_id, used)",
    "CREATE INDEX api_key_parent ON api_key (tenant_id, parent)",
    "CREATE INDEX membership_workspace ON membership (tenant_id, workspace_id)",
    "CREATE INDEX work_item_parent ON work_item (tenant_id, workspace_id, parent_id)",
    "INSERT INTO epoch (name, value) VALUES ('access', 1)",
];

#[async_trait]
impl MigrationTrait for First {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        for statement in TABLES {
            connection.execute_unprepared(&translate(statement, backend)).await?;
        }
        if backend == DbBackend::Postgres {
            for statement in postgres::first_schema() {
                connection.execute_unprepared(&statement).await?;
            }
        } else {
            connection.execute_unprepared(sqlite::FULL_TEXT).await?;
            connection.execute_unprepared(sqlite::ONE_SUCCESSOR).await?;
        }
        Ok(())
    }
}

/// A statement in an engine's words.
pub(super) fn translate(statement: &str, backend: DbBackend) -> String {
    let (uuid, bytes, without_rowid, one_successor) = match backend {
        DbBackend::Postgres => ("UUID", "BYTEA", "", ", UNIQUE (tenant_id, prev_hash)"),
        // There the same is asked by a trigger.
        _ => ("BLOB", "BLOB", " WITHOUT ROWID", ""),
    };
    statement
        .replace("{uuid}", uuid)
        .replace("{bytes}", bytes)
        .replace("{without_rowid}", without_rowid)
        .replace("{one_successor}", one_successor)
}
