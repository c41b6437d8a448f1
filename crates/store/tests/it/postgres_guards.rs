//! What PostgreSQL itself must refuse, whatever statement reaches it.

use pm33_product::Backlog;
use pm33_store::{Database, Store, StoreError};
use sea_orm::{ConnectionTrait, Database as Orm, DatabaseConnection, DbBackend, Statement, TransactionTrait};
use secrecy::{ExposeSecret, SecretString};

use crate::{
    backlog_writes::{add, titled},
    bench::{Bench, Home, settle, spawn},
    forecasts::{forecast, keep},
};

pub(crate) struct Guarded {
    pub(crate) bench: Bench,
    pub(crate) home: Home,
    pub(crate) other: Home,
    pub(crate) app: DatabaseConnection,
}

/// Two tenants with an item each, and a connection of the application role with a single session in its pool.
pub(crate) async fn guarded() -> Option<Guarded> {
    let bench = Bench::postgres().await?;
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    add(&home, titled(&home, "Mine")).await;
    add(&other, titled(&other, "Theirs")).await;
    for one in [&home, &other] {
        keep(one, &forecast(one, "Promise")).await;
    }
    let Database::Postgres { app_url, .. } = &bench.database else { panic!("not PostgreSQL") };
    let mut options = sea_orm::ConnectOptions::new(app_url.expose_secret());
    options.max_connections(1);
    let app = Orm::connect(options).await.unwrap();
    Some(Guarded { bench, home, other, app })
}

pub(crate) async fn count(db: &impl ConnectionTrait, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

pub(crate) async fn set_tenant(db: &impl ConnectionTrait, home: &Home) {
    let sql = format!("SELECT set_config('app.tenant', '{}', true)", home.tenant);
    db.execute_unprepared(&sql).await.unwrap();
}

const TABLES: &[&str] = &[
    "tenant",
    "app_user",
    "workspace",
    "work_item",
    "item_text",
    "state_change",
    "forecast",
    "audit_row",
    "audit_personal",
    "audit_head",
];

#[tokio::test]
async fn without_a_tenant_there_are_no_rows_also_after_one_was_set() {
    let Some(guarded) = guarded().await else { return };
    for table in TABLES {
        assert_eq!(count(&guarded.app, table).await, 0, "{table}");
    }
    assert_eq!(guarded.home.store.rows_of_nobody().await.unwrap(), Some(0));
    let transaction = guarded.app.begin().await.unwrap();
    set_tenant(&transaction, &guarded.home).await;
    assert_eq!(count(&transaction, "work_item").await, 1);
    transaction.commit().await.unwrap();
    // The same pooled connection: the setting is an empty text now, not an error and nobody's rows.
    let left = Statement::from_string(DbBackend::Postgres, "SELECT current_setting('app.tenant', true)");
    let left: Option<String> =
        guarded.app.query_one_raw(left).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_eq!(left.as_deref(), Some(""));
    for table in TABLES {
        assert_eq!(count(&guarded.app, table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_statement_without_a_condition_reaches_only_its_tenant() {
    let Some(guarded) = guarded().await else { return };
    let transaction = guarded.app.begin().await.unwrap();
    set_tenant(&transaction, &guarded.home).await;
    for table in TABLES {
        let of_others = format!("{table} WHERE tenant_id <> '{}'", guarded.home.tenant);
        assert_eq!(count(&transaction, &of_others).await, 0, "{table}");
        assert!(count(&transaction, table).await > 0, "{table}");
    }
    // Whatever tables a later migration brings.
    let guarded_tables =
        "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity";
    let rows =
        transaction.query_all_raw(Statement::from_string(DbBackend::Postgres, guarded_tables)).await.unwrap();
    assert!(rows.len() > 2 * TABLES.len(), "{}", rows.len());
    for row in rows {
        let table: String = row.try_get_by_index(0).unwrap();
        let of_others = format!("{table} WHERE tenant_id <> '{}'", guarded.home.tenant);
        assert_eq!(count(&transaction, &of_others).await, 0, "{table}");
    }
    let done = transaction.execute_unprepared("UPDATE work_item SET title = 'taken'").await.unwrap();
    assert_eq!(done.rows_affected(), 1);
    let moved = format!("UPDATE state_change SET tenant_id = '{}'", guarded.other.tenant);
    assert!(transaction.execute_unprepared(&moved).await.is_err());
    drop(transaction);
    let planted = format!(
        "INSERT INTO mission (tenant_id, workspace_id, statement, themes) VALUES ('{}', '{}', 'x', '[]')",
        guarded.other.tenant,
        guarded.other.at.workspace()
    );
    let transaction = guarded.app.begin().await.unwrap();
    set_tenant(&transaction, &guarded.home).await;
    assert!(transaction.execute_unprepared(&planted).await.is_err());
    drop(transaction);
    let theirs =
        guarded.other.session().snapshot(guarded.other.at, pm33_product::Freshness::Newest).await.unwrap();
    assert_eq!(theirs.items().map(|item| &*item.title).collect::<Vec<_>>(), ["Theirs"]);
}

#[tokio::test]
async fn the_application_role_cannot_step_around_its_guards() {
    let Some(guarded) = guarded().await else { return };
    let owner = {
        let Database::Postgres { owner_url: Some(url), .. } = &guarded.bench.database else {
            panic!("no owner")
        };
        url.expose_secret().split_once("://").unwrap().1.split_once(':').unwrap().0.to_owned()
    };
    for statement in [
        "TRUNCATE work_item".to_owned(),
        "ALTER TABLE work_item DISABLE ROW LEVEL SECURITY".to_owned(),
        "DROP POLICY tenant_only ON work_item".to_owned(),
        "CREATE POLICY all_rows ON work_item USING (true)".to_owned(),
        "UPDATE audit_row SET outcome = 'done'".to_owned(),
        "DELETE FROM audit_row".to_owned(),
        "UPDATE forecast SET answer = '{}'".to_owned(),
        "DELETE FROM audit_head".to_owned(),
        "UPDATE key_route SET key_id = key_id".to_owned(),
        "INSERT INTO tenant_route VALUES (gen_random_uuid())".to_owned(),
        "DELETE FROM tenant_route".to_owned(),
        "DELETE FROM seaql_migrations".to_owned(),
        "INSERT INTO tenant SELECT * FROM tenant".to_owned(),
        "SET row_security = off; SELECT * FROM work_item".to_owned(),
        "CREATE TABLE public.mine (id INT)".to_owned(),
        format!("SET ROLE {owner}"),
        "ALTER ROLE CURRENT_USER BYPASSRLS".to_owned(),
    ] {
        let transaction = guarded.app.begin().await.unwrap();
        set_tenant(&transaction, &guarded.home).await;
        assert!(transaction.execute_unprepared(&statement).await.is_err(), "{statement}");
    }
    // The owner is guarded too, by its own policy; it sees all because that says so, not because it owns.
    let forced = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' \
                  AND relname NOT IN ('key_route', 'tenant_route', 'epoch', 'seaql_migrations') \
                  AND NOT (relrowsecurity AND relforcerowsecurity)";
    let row = guarded
        .app
        .query_one_raw(Statement::from_string(DbBackend::Postgres, forced))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 0);
}

pub(crate) async fn why_refused(bench: &Bench, app_url: SecretString) -> String {
    let mut options = bench.options();
    options.database = Database::Postgres { app_url, owner_url: None };
    match Store::open(options).await {
        Err(StoreError::Unusable { why }) => why,
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("opened"),
    }
}

#[tokio::test]
async fn serving_is_refused_for_roles_that_could_bypass() {
    let Some(bench) = Bench::postgres().await else { return };
    let Database::Postgres { app_url, owner_url: Some(owner_url) } = bench.database.clone() else {
        panic!("no owner")
    };
    let why = why_refused(&bench, bench.superuser.clone().unwrap()).await;
    assert!(why.contains("superuser"), "{why}");
    let why = why_refused(&bench, owner_url.clone()).await;
    assert!(why.contains("make roles"), "{why}");
    let superuser = bench.beside().await;
    let act = async |statement: String| {
        superuser.execute_unprepared(&statement).await.unwrap();
    };
    let login = |url: &SecretString| {
        url.expose_secret().split_once("://").unwrap().1.split_once(':').unwrap().0.to_owned()
    };
    act(format!("ALTER ROLE {} NOCREATEROLE", login(&owner_url))).await;
    let why = why_refused(&bench, owner_url.clone()).await;
    assert!(why.contains("owns the tables"), "{why}");
    let role = login(&app_url);
    act(format!("ALTER ROLE {role} BYPASSRLS")).await;
    assert!(why_refused(&bench, app_url.clone()).await.contains("bypass"));
    act(format!("ALTER ROLE {role} NOBYPASSRLS")).await;
    // What it may become counts as what it is.
    let other = format!("{role}_above");
    for power in ["SUPERUSER", "BYPASSRLS", "CREATEROLE"] {
        act(format!("CREATE ROLE {other} {power}")).await;
        act(format!("GRANT {other} TO {role}")).await;
        let why = why_refused(&bench, app_url.clone()).await;
        assert!(why.contains("a member of a role that may"), "{power}: {why}");
        act(format!("DROP ROLE {other}")).await;
    }
    // Without the owner's rights until it says so.
    act(format!("CREATE ROLE {other} NOINHERIT")).await;
    act(format!("GRANT {other} TO {role}")).await;
    act(format!("GRANT {} TO {other}", login(&owner_url))).await;
    let why = why_refused(&bench, app_url.clone()).await;
    assert!(why.contains("a member of the owner"), "{why}");
    act(format!("REVOKE {} FROM {other}", login(&owner_url))).await;
    act(format!("CREATE POLICY more ON work_item TO {other} USING (true)")).await;
    let why = why_refused(&bench, app_url.clone()).await;
    assert!(why.contains("policy"), "{why}");
    act("DROP POLICY more ON work_item".to_owned()).await;
    act(format!("DROP ROLE {other}")).await;
    act(format!("GRANT pg_read_server_files TO {role}")).await;
    assert!(why_refused(&bench, app_url.clone()).await.contains("files"));
    act(format!("REVOKE pg_read_server_files FROM {role}")).await;
    for policy in [
        format!("TO {role} USING (true)"),
        "TO PUBLIC USING (tenant_id IS NOT NULL)".to_owned(),
        format!("FOR INSERT TO {role} WITH CHECK (true)"),
        format!(
            "TO {role} USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (true)"
        ),
    ] {
        act(format!("CREATE POLICY more ON work_item {policy}")).await;
        let why = why_refused(&bench, app_url.clone()).await;
        assert!(why.contains("policy"), "{policy}: {why}");
        act("DROP POLICY more ON work_item".to_owned()).await;
    }
    act(format!("GRANT TRUNCATE ON work_item TO {role}")).await;
    assert!(why_refused(&bench, app_url.clone()).await.contains("truncate"));
    act(format!("REVOKE TRUNCATE ON work_item FROM {role}")).await;
    act("ALTER TABLE sprint NO FORCE ROW LEVEL SECURITY".to_owned()).await;
    assert!(why_refused(&bench, app_url.clone()).await.contains("migrate"));
    act("ALTER TABLE sprint FORCE ROW LEVEL SECURITY".to_owned()).await;
    act("ALTER TABLE sprint DISABLE ROW LEVEL SECURITY".to_owned()).await;
    assert!(why_refused(&bench, app_url.clone()).await.contains("migrate"));
    act("ALTER TABLE sprint ENABLE ROW LEVEL SECURITY".to_owned()).await;
    act("UPDATE seaql_migrations SET version = 'other' WHERE version = '0001_first'".to_owned()).await;
    assert!(why_refused(&bench, app_url.clone()).await.contains("migrate"));
    act("UPDATE seaql_migrations SET version = '0001_first' WHERE version = 'other'".to_owned()).await;
    act(format!("ALTER ROLE {} CREATEROLE", login(&owner_url))).await;
    bench.open().await.health().await.unwrap();
    // Neither the URL nor its password is told.
    let wrong = SecretString::from(app_url.expose_secret().replace(":p%40ss", "x:sesame"));
    let why = why_refused(&bench, wrong).await;
    assert!(!why.contains("sesame") && !why.contains("postgres://"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_do_not_wait_for_connections_that_they_hold_themselves() {
    let Some(bench) = Bench::postgres().await else { return };
    let mut options = bench.options();
    options.connections = 2;
    let store = Store::open(options).await.unwrap();
    let home = settle(store, &bench.clock, "acme").await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let session = home.session();
            let (new, at, author, event) = (titled(&home, "x"), home.at, home.author(), home.event());
            spawn(async move {
                session.create(at, new, author).await.unwrap();
                session.snapshot(at, pm33_product::Freshness::Newest).await.unwrap();
                session.commit(event).await.unwrap();
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
}
