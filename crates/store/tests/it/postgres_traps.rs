//! Ways past row-level security that PostgreSQL leaves open, and commits that it does not keep: each is refused at the start,
//! or shown not to work (governance §6, T2, Z1).

use std::time::Duration;

use pm33_product::{Backlog, Freshness};
use pm33_store::{Database, Store};
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use secrecy::ExposeSecret;

use crate::{
    backlog_writes::{add, titled},
    bench::{Bench, settle, spawn},
    postgres_guards::{Guarded, count, guarded, set_tenant, why_refused},
};

/// What begins a sentence of the database's, made by whoever may; the login that serves is `{role}`.
async fn refused_while(bench: &Bench, made: &str, undone: &str, word: &str) {
    let Database::Postgres { app_url, .. } = &bench.database else { panic!("not PostgreSQL") };
    let role = app_url.expose_secret().split_once("://").unwrap().1.split_once(':').unwrap().0.to_owned();
    let superuser = bench.beside().await;
    superuser.execute_unprepared(&made.replace("{role}", &role)).await.unwrap();
    let why = why_refused(bench, app_url.clone()).await;
    assert!(why.contains(word), "{made}: {why}");
    superuser.execute_unprepared(&undone.replace("{role}", &role)).await.unwrap();
    superuser.close().await.unwrap();
    bench.open().await.close().await;
}

#[tokio::test]
async fn what_works_with_its_owners_rights_is_refused() {
    let Some(bench) = Bench::postgres().await else { return };
    for (made, undone) in [
        (
            "CREATE VIEW everything AS SELECT * FROM work_item; GRANT SELECT ON everything TO {role}",
            "DROP VIEW everything",
        ),
        (
            "CREATE MATERIALIZED VIEW everything AS SELECT * FROM work_item; GRANT SELECT ON everything TO {role}",
            "DROP MATERIALIZED VIEW everything",
        ),
        (
            "CREATE FUNCTION everything() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM work_item'",
            "DROP FUNCTION everything",
        ),
    ] {
        refused_while(&bench, made, undone, "owner's rights").await;
    }
    refused_while(
        &bench,
        "ALTER ROLE {role} SET app.tenant = '01890000-0000-7000-8000-000000000000'",
        "ALTER ROLE {role} RESET app.tenant",
        "begin with a tenant",
    )
    .await;
    // A view of the asking role's own rights is none of these.
    let superuser = bench.beside().await;
    superuser
        .execute_unprepared(
            "CREATE VIEW mine WITH (security_invoker = true) AS SELECT * FROM work_item; GRANT SELECT ON mine TO PUBLIC",
        )
        .await
        .unwrap();
    bench.open().await.health().await.unwrap();
}

#[tokio::test]
async fn commits_that_are_answered_before_they_are_kept_are_refused() {
    let Some(bench) = Bench::postgres().await else { return };
    refused_while(
        &bench,
        "ALTER ROLE {role} SET synchronous_commit = off",
        "ALTER ROLE {role} RESET synchronous_commit",
        "synchronous_commit",
    )
    .await;
    // Kept on this server's disk alone is kept.
    let Database::Postgres { app_url, .. } = &bench.database else { panic!("not PostgreSQL") };
    let role = app_url.expose_secret().split_once("://").unwrap().1.split_once(':').unwrap().0.to_owned();
    let superuser = bench.beside().await;
    superuser.execute_unprepared(&format!("ALTER ROLE {role} SET synchronous_commit = local")).await.unwrap();
    assert_eq!(bench.open().await.durability().await.unwrap(), "fsync on, synchronous_commit local");
}

#[tokio::test]
async fn a_prepared_plan_follows_the_tenant_of_its_transaction() {
    let Some(Guarded { home, other, app, .. }) = guarded().await else { return };
    add(&other, titled(&other, "More of theirs")).await;
    app.execute_unprepared("PREPARE items AS SELECT count(*) FROM work_item").await.unwrap();
    let asked = async |tenant: Option<&crate::bench::Home>| {
        let transaction = app.begin().await.unwrap();
        if let Some(tenant) = tenant {
            set_tenant(&transaction, tenant).await;
        }
        let statement = Statement::from_string(DbBackend::Postgres, "EXECUTE items");
        let row = transaction.query_one_raw(statement).await.unwrap().unwrap();
        let found: i64 = row.try_get_by_index(0).unwrap();
        transaction.commit().await.unwrap();
        found
    };
    // After five executions the server may keep one plan for all.
    for _ in 0..12 {
        assert_eq!((asked(Some(&home)).await, asked(Some(&other)).await, asked(None).await), (1, 2, 0));
    }
}

#[tokio::test]
async fn keys_tell_nothing_of_other_tenants() {
    let Some(Guarded { home, other, app, .. }) = guarded().await else { return };
    let attempt = async |statement: String| {
        let transaction = app.begin().await.unwrap();
        set_tenant(&transaction, &home).await;
        let told = transaction.execute_unprepared(&statement).await;
        drop(transaction);
        told.map(|done| done.rows_affected()).map_err(|error| error.to_string())
    };
    // An id that another tenant has is free here: a key over the id alone would say that it exists.
    let member = |id: &str| {
        format!(
            "INSERT INTO app_user (tenant_id, user_id, handle, name, created) SELECT tenant_id, '{id}', 'zoe', name, created FROM app_user"
        )
    };
    let nobodys = uuid::Uuid::new_v4().to_string();
    assert_eq!(attempt(member(&other.user.to_string())).await, Ok(1));
    assert_eq!(attempt(member(&nobodys)).await, Ok(1));
    // A reference to what another tenant has is refused in the words of one to nothing.
    let refer = |id: &str| format!("UPDATE work_item SET team_id = '{id}'");
    let words = async |id: &str| attempt(refer(id)).await.unwrap_err().replace(id, "ID");
    let team = pm33_product::Team {
        id: pm33_product::TeamId::new(other.now),
        name: "theirs".into(),
        capacity_per_week: None,
        wip_limit: None,
        skills: Vec::new(),
        calendar: None,
    };
    let session = other.session();
    pm33_product::Strategy::put_team(&session, other.at, &team).await.unwrap();
    session.commit(other.event()).await.unwrap();
    assert_eq!(words(&team.id.to_string()).await, words(&nobodys).await);
}

/// Twenty tenants over two connections; every third caller leaves in the middle.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "the test's length is asked for")]
async fn a_pool_of_two_mixes_nobody_up_when_callers_leave() {
    const TENANTS: usize = 20;
    let Some(bench) = Bench::postgres().await else { return };
    let rounds = if std::env::var("PM33_TEST_LONG").is_ok_and(|text| text == "1") { 500 } else { 60 };
    let mut options = bench.options();
    // Two that read and two that write.
    options.connections = 4;
    let store = Store::open(options).await.unwrap();
    let mut homes = Vec::new();
    for number in 0..TENANTS {
        let home = settle(store.clone(), &bench.clock, &format!("tenant-{number}")).await;
        add(&home, titled(&home, &format!("Of {number}"))).await;
        homes.push(std::sync::Arc::new(home));
    }
    for round in 0..rounds {
        let calls: Vec<_> = homes
            .iter()
            .enumerate()
            .map(|(number, home)| {
                let home = std::sync::Arc::clone(home);
                spawn(async move {
                    let session = home.session();
                    if (number + round) % 2 == 0 {
                        add(&home, titled(&home, &format!("Of {number}"))).await;
                    }
                    let seen = session.snapshot(home.at, Freshness::Newest).await.unwrap();
                    let own = format!("Of {number}");
                    assert!(seen.items().all(|item| *item.title == own), "a stranger's item");
                    seen.items().count()
                })
            })
            .collect();
        for (number, call) in calls.into_iter().enumerate() {
            if (number + round) % 3 == 0 {
                tokio::time::sleep(Duration::from_micros((round * 97 % 3_000) as u64)).await;
                call.abort();
            } else {
                assert!(call.await.unwrap() > 0);
            }
        }
    }
    let superuser = bench.beside().await;
    let mixed = "work_item w JOIN item_text t USING (tenant_id, workspace_id, item_id) \
                 JOIN tenant n ON n.tenant_id = w.tenant_id WHERE t.title <> 'Of ' || substr(n.slug, 8)";
    assert_eq!(count(&superuser, mixed).await, 0);
    assert!(count(&superuser, "work_item").await > i64::try_from(rounds * TENANTS / 4).unwrap());
}
