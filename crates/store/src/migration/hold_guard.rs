//! A legal hold is placed and released, and nothing else of it changes: without it the next sweep would remove what it keeps,
//! under a good anchor.

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, async_trait::async_trait};

/// The guards.
pub(crate) struct HoldGuard;

impl MigrationName for HoldGuard {
    fn name(&self) -> &'static str {
        "0027_hold_guard"
    }
}

/// Whether a change is anything but the release of a hold that holds.
const OTHER: &str = "OLD.released IS NOT NULL OR NEW.released IS NULL OR NEW.tenant_id <> OLD.tenant_id \
    OR NEW.hold_id <> OLD.hold_id OR NEW.subject <> OLD.subject OR NEW.reason <> OLD.reason \
    OR NEW.placed <> OLD.placed OR NEW.subject_id IS DISTINCT FROM OLD.subject_id";
const WHY: &str = "of a legal hold only its release is noted, once";

fn sqlite() -> Vec<String> {
    let refuse = |name: &str, event: &str, when: &str| {
        format!(
            "CREATE TRIGGER {name} BEFORE {event} ON audit_hold {when} BEGIN SELECT RAISE(ABORT, '{WHY}'); END"
        )
    };
    vec![
        refuse("audit_hold_released", "UPDATE", &format!("WHEN {OTHER}")),
        refuse("audit_hold_kept", "DELETE", ""),
    ]
}

fn postgres() -> Vec<String> {
    vec![
        format!(
            "CREATE FUNCTION audit_hold_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF TG_OP = 'DELETE' THEN RAISE EXCEPTION '{WHY}'; END IF; \
             IF {OTHER} THEN RAISE EXCEPTION '{WHY}'; END IF; RETURN NEW; END $$"
        ),
        "CREATE TRIGGER audit_hold_guard BEFORE UPDATE OR DELETE ON audit_hold FOR EACH ROW \
         EXECUTE FUNCTION audit_hold_guard()"
            .to_owned(),
    ]
}

#[async_trait]
impl MigrationTrait for HoldGuard {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let statements =
            if connection.get_database_backend() == DbBackend::Postgres { postgres() } else { sqlite() };
        for statement in statements {
            connection.execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
