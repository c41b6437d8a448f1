//! Retention of the audit log: signed notes of removed prefixes, legal holds, and the guards under which rows of the log
//! may be removed at all.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

use super::first::translate;
use crate::engine::postgres;

/// The tables and guards.
pub(crate) struct AuditRetention;

impl MigrationName for AuditRetention {
    fn name(&self) -> &'static str {
        "0015_audit_retention"
    }
}

/// The tables of this migration that hold a tenant's data, and what the serving role may do with each.
pub(super) const GUARDED: &[(&str, &str)] =
    &[("audit_anchor", "SELECT, INSERT"), ("audit_hold", "SELECT, INSERT, UPDATE")];

const TABLES: &[&str] = &[
    "CREATE TABLE audit_anchor (tenant_id {uuid} NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL, \
     removed BIGINT NOT NULL, hash {bytes} NOT NULL, policy TEXT NOT NULL, actor TEXT NOT NULL, at BIGINT NOT NULL, \
     signature {bytes} NOT NULL, PRIMARY KEY (tenant_id, to_seq), UNIQUE (tenant_id, from_seq), \
     CHECK (from_seq >= 1 AND to_seq >= from_seq AND removed = to_seq - from_seq + 1))",
    "CREATE TABLE audit_hold (tenant_id {uuid} NOT NULL REFERENCES tenant, hold_id {uuid} NOT NULL, \
     subject TEXT NOT NULL, subject_id {uuid}, reason TEXT NOT NULL, placed BIGINT NOT NULL, released BIGINT, \
     PRIMARY KEY (tenant_id, hold_id))",
];

/// An anchor goes on where the one before ended, and names the hash of the row that it ends at.
const FITS: &str = "NEW.from_seq = 1 + coalesce((SELECT max(a.to_seq) FROM audit_anchor a \
    WHERE a.tenant_id = NEW.tenant_id AND a.to_seq <> NEW.to_seq), 0) AND NEW.hash = (SELECT r.hash FROM audit_row r \
    WHERE r.tenant_id = NEW.tenant_id AND r.seq = NEW.to_seq)";
/// A row goes only under an anchor, which the same transaction has to have written: anchors fit only rows that are there.
const ANCHORED: &str = "EXISTS (SELECT 1 FROM audit_anchor a WHERE a.tenant_id = OLD.tenant_id \
    AND a.to_seq >= OLD.seq AND a.from_seq <= OLD.seq)";

fn sqlite() -> Vec<String> {
    let refuse = |name: &str, event: &str, when: String, why: &str| {
        format!("CREATE TRIGGER {name} {event} {when} BEGIN SELECT RAISE(ABORT, '{why}'); END")
    };
    let fits = format!("WHEN ({FITS}) IS NOT 1");
    let anchored = format!("WHEN NOT {ANCHORED}");
    let always = String::new;
    vec![
        refuse("audit_row_unchanged", "BEFORE UPDATE ON audit_row", always(), "an audit row does not change"),
        refuse(
            "audit_row_kept",
            "BEFORE DELETE ON audit_row",
            anchored,
            "an audit row goes only under an anchor",
        ),
        refuse("audit_anchor_fits", "BEFORE INSERT ON audit_anchor", fits, "an anchor does not fit the log"),
        refuse(
            "audit_anchor_unchanged",
            "BEFORE UPDATE ON audit_anchor",
            always(),
            "an anchor does not change",
        ),
        refuse("audit_anchor_kept", "BEFORE DELETE ON audit_anchor", always(), "an anchor stays"),
    ]
}

fn postgres() -> Vec<String> {
    let function = |name: &str, body: String| {
        format!("CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
    };
    let trigger = |table: &str, name: &str, events: &str, function: &str| {
        format!("CREATE TRIGGER {name} BEFORE {events} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()")
    };
    vec![
        function(
            "audit_row_guard",
            format!(
                "IF TG_OP = 'UPDATE' THEN RAISE EXCEPTION 'an audit row does not change'; END IF; \
                 IF NOT {ANCHORED} THEN RAISE EXCEPTION 'an audit row goes only under an anchor'; END IF; RETURN OLD;"
            ),
        ),
        function(
            "audit_anchor_guard",
            format!(
                "IF ({FITS}) IS NOT TRUE THEN RAISE EXCEPTION 'an anchor does not fit the log'; END IF; RETURN NEW;"
            ),
        ),
        trigger("audit_row", "audit_row_guard", "UPDATE OR DELETE", "audit_row_guard"),
        trigger("audit_anchor", "audit_anchor_fits", "INSERT", "audit_anchor_guard"),
        trigger("audit_anchor", "audit_anchor_stays", "UPDATE OR DELETE", "refuse_change"),
        format!("GRANT DELETE ON audit_row TO {}", postgres::APPLICATION),
    ]
}

#[async_trait]
impl MigrationTrait for AuditRetention {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let backend = connection.get_database_backend();
        for statement in TABLES {
            connection.execute_unprepared(&translate(statement, backend)).await?;
        }
        let guards = if backend == DbBackend::Postgres {
            let rights = GUARDED.iter().flat_map(|(table, rights)| postgres::guard(table, rights));
            rights.chain(postgres()).collect()
        } else {
            sqlite()
        };
        for statement in guards {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
