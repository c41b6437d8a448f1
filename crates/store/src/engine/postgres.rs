//! PostgreSQL: the two roles, and row-level security.

#[cfg(not(feature = "postgres"))]
mod absent;
#[cfg(feature = "postgres")]
mod connect;
mod serving;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use secrecy::{ExposeSecret, SecretString};

#[cfg(not(feature = "postgres"))]
use self::absent as connect;
pub(crate) use self::{
    connect::{Probe, open},
    serving::{check, seen_by_nobody},
};
use crate::{StoreError, migration::FIRST_TABLES};

/// The role that policies and rights are given to; the serving login is a member, or this role itself.
pub(crate) const APPLICATION: &str = "pm33_app";

/// Lets the login of the application's URL serve: makes it if it is not there, and gives it the application role.
pub(crate) async fn admit(owner: &DatabaseConnection, app_url: &SecretString) -> Result<(), StoreError> {
    let login = connect::login_of(app_url)?;
    let quote =
        |text: &str, mark: char| format!("{mark}{}{mark}", text.replace(mark, &format!("{mark}{mark}")));
    let (name, literal) = (quote(&login, '"'), quote(&login, '\''));
    let password = password_of(app_url)
        .map(|password| format!(" PASSWORD {}", quote(&password, '\'')))
        .unwrap_or_default();
    let found = owner
        .query_one_raw(Statement::from_string(
            DbBackend::Postgres,
            format!("SELECT rolcanlogin AS login FROM pg_roles WHERE rolname = {literal}"),
        ))
        .await?
        .and_then(|row| row.try_get::<bool>("", "login").ok());
    let needed = match found {
        Some(true) => None,
        Some(false) => Some(format!("ALTER ROLE {name} LOGIN{password}")),
        None => Some(format!(
            "CREATE ROLE {name} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE{password}"
        )),
    };
    if let Some(statement) = needed {
        owner.execute_unprepared(&statement).await.map_err(|_| StoreError::Unusable {
            why: format!("the owner may not make the login {login:?}; make it by hand and migrate again"),
        })?;
    }
    if login != APPLICATION {
        owner.execute_unprepared(&format!("GRANT {APPLICATION} TO {name}")).await?;
    }
    Ok(())
}

/// Lets the owner see all tenants again where a dump came back under another owner than it was taken under: a policy
/// names its role, and for every other role the tables would look empty.
pub(crate) async fn adopt(owner: &DatabaseConnection) -> Result<(), StoreError> {
    let statement = "DO $$ DECLARE place text; BEGIN \
         FOR place IN SELECT p.tablename FROM pg_policies p JOIN pg_class c \
             ON c.relname = p.tablename AND c.relnamespace = current_schema()::regnamespace \
             WHERE p.schemaname = current_schema() AND p.policyname = 'operator' \
             AND pg_get_userbyid(c.relowner) = current_user AND current_user <> ALL (p.roles) \
         LOOP \
             EXECUTE format('DROP POLICY operator ON %I', place); \
             EXECUTE format('CREATE POLICY operator ON %I TO CURRENT_USER USING (true)', place); \
         END LOOP; END $$";
    owner.execute_unprepared(statement).await?;
    Ok(())
}

/// The password of a URL, with its percent escapes read.
fn password_of(url: &SecretString) -> Option<String> {
    let (_, rest) = url.expose_secret().split_once("://")?;
    let (user, _) = rest.split(['/', '?']).next()?.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    let mut bytes = Vec::with_capacity(password.len());
    let mut left = password.as_bytes();
    while let Some((first, rest)) = left.split_first() {
        let escaped = || u8::from_str_radix(str::from_utf8(rest.get(..2)?).ok()?, 16).ok();
        if let Some(byte) = escaped().filter(|_| *first == b'%') {
            bytes.push(byte);
            left = rest.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            left = rest;
        }
    }
    String::from_utf8(bytes).ok()
}

/// What this login's commits rest on, as its sessions have it: a setting, and the value with which it promises nothing.
const DURABILITY: [(&str, &str); 2] = [("fsync", "off"), ("synchronous_commit", "off")];

/// Refuses a server that answers a commit before it is on disk, for everybody or for this login; how its commits are kept.
pub(crate) async fn durability(connection: &DatabaseConnection) -> Result<String, StoreError> {
    let mut kept = Vec::new();
    for (setting, lost) in DURABILITY {
        let statement = Statement::from_string(DbBackend::Postgres, format!("SHOW {setting}"));
        let row = connection.query_one_raw(statement).await?;
        let value = row.and_then(|row| row.try_get_by_index::<String>(0).ok()).unwrap_or_default();
        if value == lost || value.is_empty() {
            return Err(StoreError::Unusable {
                why: format!(
                    "PostgreSQL's {setting} is {value:?} for the serving role: a write that was answered could be lost with \
                     the power; set it to on (server, database, role or URL: `SHOW {setting}` as that role tells what holds)"
                ),
            });
        }
        kept.push(format!("{setting} {value}"));
    }
    Ok(kept.join(", "))
}

/// Full text, rights and guards of the first schema.
pub(crate) fn first_schema() -> Vec<String> {
    let mut statements = vec![
        "ALTER TABLE item_text ADD COLUMN search tsvector GENERATED ALWAYS AS \
         (setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', description), 'B')) STORED"
            .to_owned(),
        "CREATE INDEX item_text_search ON item_text USING gin (search)".to_owned(),
        // Roles belong to the whole server: another database's migration may make it at the same moment.
        format!(
            "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{APPLICATION}') THEN \
             CREATE ROLE {APPLICATION} NOLOGIN NOSUPERUSER NOBYPASSRLS; END IF; \
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        ),
        format!("GRANT USAGE ON SCHEMA public TO {APPLICATION}"),
        format!("GRANT SELECT, INSERT ON key_route TO {APPLICATION}"),
        format!("GRANT SELECT, UPDATE ON epoch TO {APPLICATION}"),
        format!("GRANT SELECT ON seaql_migrations TO {APPLICATION}"),
    ];
    for table in FIRST_TABLES {
        let rights = match *table {
            // The audit log is append-only for everybody who serves.
            "audit_row" => "SELECT, INSERT",
            "audit_head" => "SELECT, INSERT, UPDATE",
            // Tenants are made by operators.
            "tenant" => "SELECT, UPDATE",
            _ => "SELECT, INSERT, UPDATE, DELETE",
        };
        statements.extend(guard(table, rights));
    }
    statements
}

/// What the serving role may do with a table, and row-level security over it for everybody.
pub(crate) fn guard(table: &str, rights: &str) -> [String; 5] {
    [
        format!("GRANT {rights} ON {table} TO {APPLICATION}"),
        format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"),
        format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY"),
        // After SET LOCAL the setting stays behind as an empty text on a pooled connection: nullif makes it nobody.
        format!(
            "CREATE POLICY tenant_only ON {table} TO {APPLICATION} USING \
             (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid)"
        ),
        format!("CREATE POLICY operator ON {table} TO CURRENT_USER USING (true)"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_read_with_their_escapes() {
        let of = |url: &str| password_of(&SecretString::from(url));
        assert_eq!(of("postgres://me:a%40b%3a%2F@host/db").as_deref(), Some("a@b:/"));
        assert_eq!(of("postgres://me:100%@host/db").as_deref(), Some("100%"));
        assert_eq!(of("postgres://me@host/db"), None);
        assert_eq!(of("postgres://host/db?x=a:b@c"), None);
        assert_eq!(of("nonsense"), None);
    }
}
