//! Erasure beside a tenant that has the same members, keys, holds and items under the same ids: the copy of a member tells
//! what it told without the neighbour, and no row of the neighbour's goes or changes.

use std::collections::{BTreeMap, BTreeSet};

use pm33_tenancy::{
    Actor, Administration, DataSubject, Plan, Tenant, TenantId, TenantState, UserId, WorkspaceAccess,
    data_map::{self, Engine},
    open_workspace,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};

use crate::{
    bench::{Bench, Home, event, on_both},
    erasure::{bytes, dump, fill, id, mark},
};

on_both!(a_member_is_copied_and_erased_in_one_tenant, an_organisation_is_erased_beside_its_twin);

/// Tables that are copied, what is referred to first.
const COPIED: [&str; 21] = [
    "workspace",
    "app_user",
    "membership",
    "api_key",
    "session",
    "idempotency",
    "work_item",
    "item_text",
    "state_change",
    "objective",
    "forecast",
    "judgement",
    "document",
    "document_version",
    "credit_hold",
    "credit_entry",
    "credit_period",
    "provider_call",
    "credit_usage",
    "privacy_request",
    "processing_limit",
];

async fn run(db: &DatabaseConnection, sql: String) {
    db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// A tenant with the same rows under the same ids, but that whose hold and whose item it is, is the other way round.
async fn twin(db: &DatabaseConnection, home: &Home, [ada, bob]: [UserId; 2]) -> Home {
    let tenant = TenantId::new(home.now.plus(std::time::Duration::from_secs(1)));
    let session = home.store.operator();
    let row = Tenant {
        id: tenant,
        slug: "twin".to_owned(),
        name: "Twin".to_owned(),
        plan: Plan::Team,
        state: TenantState::Active,
        created: home.now,
    };
    session.create_tenant(&row).await.unwrap();
    session.commit(event(tenant, home.now)).await.unwrap();
    let (own, new) = (id(db, home.tenant.uuid()), id(db, tenant.uuid()));
    let absent =
        if db.get_database_backend() == DbBackend::Postgres { Engine::Sqlite } else { Engine::Postgres };
    for table in COPIED {
        let columns: Vec<_> = data_map::columns()
            .filter(|one| one.table == table && one.engine != absent)
            .map(|one| one.column)
            // PostgreSQL makes it itself.
            .filter(|column| *column != "tenant_id" && *column != "search")
            .collect();
        let columns = columns.join(", ");
        run(
            db,
            format!(
                "INSERT INTO {table} (tenant_id, {columns}) SELECT {new}, {columns} FROM {table} WHERE tenant_id = {own}"
            ),
        )
        .await;
    }
    let [a, b] = [ada, bob].map(|user| id(db, user.uuid()));
    run(
        db,
        format!(
            "UPDATE work_item SET author = CASE author WHEN {a} THEN {b} WHEN {b} THEN {a} ELSE author END WHERE tenant_id = {new}"
        ),
    )
    .await;
    run(
        db,
        format!(
            "UPDATE credit_hold SET key_id = CASE key_id WHEN '{ADAS}' THEN '{BOBS}' ELSE '{ADAS}' END \
             WHERE tenant_id = {new}"
        ),
    )
    .await;
    let opened =
        open_workspace(&home.store.session(tenant), tenant, &WorkspaceAccess::All, Some("main")).await;
    let twin =
        Home { store: home.store.clone(), tenant, user: home.user, at: opened.unwrap().0, now: home.now };
    // Rows of its log under the numbers that the member's have, and one of the member's own.
    for user in [None, None, None, Some(ada), None, None] {
        let mut event = twin.event();
        event.actor = Actor { user, ..event.actor };
        twin.session().commit(event).await.unwrap();
    }
    twin
}

const ADAS: &str = "zq7sentinela";
const BOBS: &str = "zq7otherbob0";

/// Ada, and Bob whose key is a child of hers.
async fn filled(db: &DatabaseConnection, home: &Home) -> [UserId; 2] {
    let users = [fill(db, home, "zq7sentinelada").await, fill(db, home, "zq7otherbob").await];
    run(db, format!("UPDATE api_key SET parent = '{ADAS}' WHERE key_id = '{BOBS}'")).await;
    users
}

/// Which rows are gone or new; all of them must be one tenant's.
fn changed<'a>(
    home: &Home,
    before: &'a BTreeMap<&'static str, BTreeSet<String>>,
    after: &'a BTreeMap<&'static str, BTreeSet<String>>,
) -> usize {
    let ids = [home.tenant.uuid().simple().to_string(), home.tenant.to_string()];
    let mut changes = 0;
    for (table, rows) in before.iter().filter(|(table, _)| **table != "epoch") {
        for row in rows.symmetric_difference(&after[table]) {
            let lower = row.to_lowercase();
            assert!(ids.iter().any(|id| lower.contains(id.as_str())), "{table}: {row}");
            changes += 1;
        }
    }
    changes
}

async fn a_member_is_copied_and_erased_in_one_tenant(bench: Bench) {
    let home = bench.settled().await;
    let db = bench.beside().await;
    let users = filled(&db, &home).await;
    let [ada, _] = users;
    let copy = async || {
        let gathered = home.session().gather(home.tenant, DataSubject::Member(ada)).await.unwrap();
        let rows =
            gathered.iter().flat_map(|one| one.rows.iter().map(|row| format!("{}: {row:?}", one.table)));
        rows.collect::<BTreeSet<_>>()
    };
    let alone = copy().await;
    let twin = twin(&db, &home, users).await;
    assert_eq!(copy().await, alone);
    // More answers than a step of the erasure takes name her there, and then one here.
    let (h, t, blob) =
        (id(&db, home.tenant.uuid()), id(&db, twin.tenant.uuid()), bytes(&db, &"ab".repeat(32)));
    run(
        &db,
        format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) \
             INSERT INTO idempotency SELECT {t}, 'p', 'tool', 'many ' || i, {blob}, '[\"zq7sentinelada Name\"]', 1, \
             9000000000000000000 FROM n"
        ),
    )
    .await;
    run(
        &db,
        format!(
            "INSERT INTO idempotency VALUES ({h}, 'p', 'tool', 'here', {blob}, '[\"zq7sentinelada Name\"]', 1, \
             9000000000000000000)"
        ),
    )
    .await;
    mark(&home, DataSubject::Member(ada)).await;
    let before = dump(&bench.beside().await).await;
    home.store.erase(home.tenant, DataSubject::Member(ada)).await.unwrap();
    let after = dump(&db).await;
    assert!(changed(&home, &before, &after) > 10);
    let ids = [home.tenant.uuid().simple().to_string(), home.tenant.to_string()];
    for row in &after["idempotency"] {
        let lower = row.to_lowercase();
        let is_ours = ids.iter().any(|id| lower.contains(id.as_str()));
        assert!(!is_ours || !lower.contains("zq7sentinelada name"), "{row}");
    }
    assert_eq!(home.store.remaining(home.tenant, DataSubject::Member(ada)).await.unwrap(), []);
}

async fn an_organisation_is_erased_beside_its_twin(bench: Bench) {
    let home = bench.settled().await;
    let db = bench.beside().await;
    let users = filled(&db, &home).await;
    twin(&db, &home, users).await;
    mark(&home, DataSubject::Organisation).await;
    let before = dump(&bench.beside().await).await;
    home.store.erase(home.tenant, DataSubject::Organisation).await.unwrap();
    let after = dump(&db).await;
    assert!(changed(&home, &before, &after) > 20);
    assert_eq!(home.store.remaining(home.tenant, DataSubject::Organisation).await.unwrap(), []);
}
