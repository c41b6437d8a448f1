//! Before a process serves from PostgreSQL: its role cannot step around row-level security, by itself, by what it may become,
//! or through what others left in the schema.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::durability;
use crate::{
    StoreError,
    migration::{Migrator, tenant_tables},
};

/// Whether this role, or one that it may become, stands above row-level security. Who makes roles may make himself a member
/// of the owner (before PostgreSQL 16), and who uses the server's files reads the tables as they lie there.
const POWERS: &str = "EXISTS (SELECT 1 FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER') \
     AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolname IN \
     ('pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program')))";

/// Whether a policy for this role, or one that it may become, says anything but that the tenant is the session's.
const OTHER_POLICIES: &str = "EXISTS (SELECT 1 FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid \
     CROSS JOIN LATERAL (VALUES (pg_get_expr(p.polqual, p.polrelid)), (pg_get_expr(p.polwithcheck, p.polrelid))) \
     AS said (words) \
     WHERE c.relnamespace = current_schema()::regnamespace AND p.polpermissive AND said.words IS NOT NULL \
     AND EXISTS (SELECT 1 FROM unnest(p.polroles) AS given (role) \
     WHERE given.role = 0 OR pg_has_role(current_user, given.role, 'MEMBER')) \
     AND regexp_replace(said.words, '[() ]|::[a-z]+', '', 'g') \
     <> 'tenant_id=NULLIFcurrent_setting''app.tenant'',true,''''')";

/// Of how many tenant tables a session sees rows that has named no tenant.
pub(crate) async fn seen_by_nobody(connection: &DatabaseConnection) -> Result<i64, StoreError> {
    let looks: Vec<_> = tenant_tables().map(|table| format!("EXISTS (SELECT 1 FROM {table})::int")).collect();
    let sql = format!("SELECT ({})::bigint AS seen", looks.join(" + "));
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.map(|row| row.try_get::<i64>("", "seen")).transpose()?.unwrap_or_default())
}

/// Refuses to serve as a role that could step around row-level security, on a schema that is not guarded or not the
/// newest, or where commits are not kept.
pub(crate) async fn check(connection: &DatabaseConnection) -> Result<(), StoreError> {
    let unusable = |why: &str| StoreError::Unusable { why: why.to_owned() };
    let migrate = || {
        unusable("the schema is missing or older than this program; run `pm33-admin migrate` as the owner")
    };
    let names = Migrator::names();
    let tables = tenant_tables().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let one = async |sql: String, column: &str| {
        let row =
            connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.ok().flatten();
        row.and_then(|row| row.try_get::<bool>("", column).ok())
    };
    if one(format!("SELECT {POWERS} AS bypass"), "bypass").await != Some(false) {
        return Err(unusable(
            "the serving role is a superuser, may bypass row-level security, make roles or use the server's files, or is \
             a member of a role that may; serve as the application role",
        ));
    }
    let applied = format!(
        "SELECT count(*) = {} AS newest FROM seaql_migrations WHERE version IN ({})",
        names.len(),
        names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
    );
    if one(applied, "newest").await != Some(true) {
        return Err(migrate());
    }
    let owner = format!(
        "SELECT bool_or(pg_has_role(current_user, c.relowner, 'MEMBER') \
         OR has_table_privilege(current_user, c.oid, 'TRUNCATE')) AS owner FROM pg_class c \
         WHERE c.relnamespace = current_schema()::regnamespace AND c.relname IN ({tables})"
    );
    if one(owner, "owner").await != Some(false) {
        return Err(unusable(
            "the serving role owns the tables, is a member of the owner, or may truncate; serve as the application role",
        ));
    }
    let guarded = format!(
        "SELECT count(*) = {} AS guarded FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace \
         AND c.relname IN ({tables}) AND c.relrowsecurity AND c.relforcerowsecurity",
        tenant_tables().count()
    );
    if one(guarded, "guarded").await != Some(true) {
        return Err(migrate());
    }
    if one(format!("SELECT {OTHER_POLICIES} AS others"), "others").await != Some(false) {
        return Err(unusable(
            "a policy lets the serving role see rows that are not of its session's tenant; drop every policy for it but \
             tenant_only",
        ));
    }
    // What an extension brought knows nothing of our tables.
    let own = |catalogue: &str| {
        format!(
            "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = '{catalogue}'::regclass AND d.objid = o.oid AND d.deptype = 'e')"
        )
    };
    let around = format!(
        "SELECT EXISTS (SELECT 1 FROM pg_class o WHERE o.relnamespace = current_schema()::regnamespace \
         AND o.relkind IN ('v', 'm') AND has_table_privilege(o.oid, 'SELECT') AND {} \
         AND NOT COALESCE((SELECT option_value::boolean FROM pg_options_to_table(o.reloptions) \
         WHERE option_name = 'security_invoker'), false)) \
         OR EXISTS (SELECT 1 FROM pg_proc o WHERE o.pronamespace = current_schema()::regnamespace AND o.prosecdef \
         AND has_function_privilege(o.oid, 'EXECUTE') AND {}) AS around",
        own("pg_class"),
        own("pg_proc")
    );
    if one(around, "around").await != Some(false) {
        return Err(unusable(
            "the serving role may read a view or call a function that works with its owner's rights, past row-level \
             security; take the right from it, or make it WITH (security_invoker = true) or SECURITY INVOKER",
        ));
    }
    let left = "SELECT nullif(current_setting('app.tenant', true), '') IS NULL AS nobody";
    if one(left.to_owned(), "nobody").await != Some(true) {
        return Err(unusable(
            "sessions of the serving role begin with a tenant (app.tenant is set for the role or the database); RESET it",
        ));
    }
    durability(connection).await.map(drop)
}
