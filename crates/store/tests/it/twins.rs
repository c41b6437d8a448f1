//! Two tenants whose rows have the same ids: keys lead with the tenant, so the tables allow it, and each of the two sees,
//! counts and changes its own alone.

use std::time::Duration;

use pm33_admission::{IdempotencyStore, Remembered};
use pm33_auth::{KeyStore, NewKey};
use pm33_billing::{BillingError, Ceilings, Grantor, HoldId, HoldRequest, Ledger, Room};
use pm33_product::{Backlog, ItemId, ItemType, NewItem};
use pm33_tenancy::{
    Administration, AuditLog, AuditRetention, Digest, PurgeRule, Timestamp, Workspace, WorkspaceAccess,
    open_workspace,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};

use crate::{
    bench::{Bench, Home, event, on_both, settle, workspace},
    credits::{agree, call_event, disclosure, granted, micro, request, sums, used, whole_call},
    erasure::{bytes, id},
    keys::new_key,
    unit_of_work::{remembered, replay},
};

on_both!(
    the_proof_of_a_key_is_of_its_own_tenant,
    a_hold_of_the_same_id_is_counted_and_settled_by_itself,
    the_books_of_one_are_not_the_others,
    another_tenants_records_fill_no_gap_in_the_books,
    expired_answers_are_forgotten_of_one_tenant,
    calls_are_counted_of_one_tenant,
    anchors_open_the_way_for_their_own_tenant,
    texts_of_the_same_items_are_found_in_their_own_workspace,
);

async fn two(bench: &Bench) -> [Home; 2] {
    let first = bench.settled().await;
    let second = settle(first.store.clone(), &bench.clock, "twin").await;
    [first, second]
}

async fn run(db: &DatabaseConnection, sql: String) {
    db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn the_proof_of_a_key_is_of_its_own_tenant(bench: Bench) {
    let homes = two(&bench).await;
    let db = bench.beside().await;
    for (number, key) in ["AAAAAAAAAAAA", "BBBBBBBBBBBB"].into_iter().enumerate() {
        let (own, other) = (&homes[number], &homes[1 - number]);
        // The other's comes first: once in order of time, once in order of tenants.
        let copy = format!(
            "INSERT INTO api_key (tenant_id, key_id, user_id, name, digest, pepper, hash, scopes, created, expires) \
             VALUES ({}, '{key}', {}, 'k', {}, 'other', 'h', 'backlog:read', 1, 2)",
            id(&db, other.tenant.uuid()),
            id(&db, other.user.uuid()),
            bytes(&db, &"08".repeat(32)),
        );
        run(&db, copy).await;
        let new = NewKey { digest: Digest([7; 32]), pepper: "own".to_owned(), ..new_key(own, key, None) };
        own.store.keys().insert(&new).await.unwrap();
    }
    for (home, key) in homes.iter().zip(["AAAAAAAAAAAA", "BBBBBBBBBBBB"]) {
        let proof = home.session().proof(key.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((proof.digest, proof.pepper.as_str()), (Digest([7; 32]), "own"), "{key}");
    }
}

async fn a_hold_of_the_same_id_is_counted_and_settled_by_itself(bench: Bench) {
    let [one, two] = two(&bench).await;
    granted(&one, 1_000).await;
    granted(&two, 500).await;
    let hold = HoldId::from_uuid(uuid::Uuid::new_v4());
    // One open hold fills the room of its tenant, its key and its tool.
    let room = Room { tenant: 1, key: 1, tool: 1 };
    let take = async |home: &Home, most| {
        let receipt =
            home.session().hold(&HoldRequest { id: hold, room, ..request(home, most) }).await.unwrap();
        home.session().disclose(&disclosure(home, hold)).await.unwrap();
        receipt.available
    };
    assert_eq!((take(&one, 600).await, take(&two, 200).await), (micro(400), micro(300)));
    let settle = async |home: &Home, amount| {
        let session = home.session();
        let settled = session.settle(home.tenant, hold, &used(amount)).await.unwrap();
        session.commit(call_event(home, hold)).await.unwrap();
        settled.available
    };
    assert_eq!((settle(&one, 250).await, settle(&two, 100).await), (micro(750), micro(400)));
    assert_eq!(sums(&one).await, [-1_000, 750, 0, 250, 0, 0]);
    assert_eq!(sums(&two).await, [-500, 400, 0, 100, 0, 0]);
    // Of this day 250 are spent by the one and 100 by the other.
    let within = async |home: &Home| {
        let ceilings = Ceilings { tenant_day: Some(micro(300)), ..Ceilings::default() };
        home.session().hold(&HoldRequest { ceilings, ..request(home, 100) }).await
    };
    assert!(matches!(within(&one).await, Err(BillingError::Ceiling { .. })));
    assert!(within(&two).await.is_ok());
    let refund = async |home: &Home, amount| {
        let by = Grantor { actor: Some(home.user), note: "as agreed".to_owned() };
        let session = home.session();
        session.refund(home.tenant, hold, micro(amount), home.now, by).await?;
        session.commit(home.event()).await.unwrap();
        Ok::<_, BillingError>(())
    };
    assert!(refund(&one, 251).await.is_err() && refund(&two, 101).await.is_err());
    refund(&one, 250).await.unwrap();
    refund(&two, 100).await.unwrap();
    agree(&one).await;
    agree(&two).await;
}

async fn the_books_of_one_are_not_the_others(bench: Bench) {
    let [one, two] = two(&bench).await;
    for (home, amount) in [(&one, 1_000), (&two, 500)] {
        granted(home, amount).await;
        whole_call(home, 100, 40).await.unwrap();
        let open = home.session().hold(&request(home, 10)).await.unwrap().hold;
        assert_eq!(open.amount, micro(10));
    }
    agree(&one).await;
    agree(&two).await;
}

const NO_USAGE: &str = "every settled hold has a record of its usage";
const NO_AUDIT: &str = "every settled hold has an audit row";
const NO_CALL: &str = "every usage has a note of what was sent";
const NO_HOLD: &str = "every call of a provider has a hold";

async fn another_tenants_records_fill_no_gap_in_the_books(bench: Bench) {
    let [poor, rich] = two(&bench).await;
    granted(&poor, 1_000).await;
    granted(&rich, 1_000).await;
    whole_call(&rich, 100, 40).await.unwrap();
    // The other's log reaches back further.
    rich.session().commit(event(rich.tenant, Timestamp::from_micros(5))).await.unwrap();
    let db = bench.beside().await;
    let (p, r) = (id(&db, poor.tenant.uuid()), id(&db, rich.tenant.uuid()));
    let missing = async |rule: &str| {
        let found = poor.session().reconcile_credits(poor.tenant).await.unwrap();
        found.iter().any(|mismatch| mismatch.rule == rule)
    };
    let copied = |table: &str, columns: &str| {
        format!("INSERT INTO {table} SELECT {p}, hold_id, {columns} FROM {table} WHERE tenant_id = {r}")
    };
    run(&db, copied("credit_hold", "key_id, tool, amount, at, expires, backing, state")).await;
    let settled = |seq: u32, at: &str| {
        format!(
            "INSERT INTO credit_entry SELECT {p}, {seq}, {at}, kind, hold_id, NULL, 0, 0, 0, 0, 0, 0, NULL, '' \
             FROM credit_entry WHERE tenant_id = {r} AND kind = 'settle'"
        )
    };
    // From before its own log begins.
    run(&db, settled(11, "9")).await;
    assert!(missing(NO_USAGE).await && !missing(NO_AUDIT).await);
    run(&db, settled(12, "at")).await;
    assert!(missing(NO_AUDIT).await && !missing(NO_CALL).await);
    run(&db, copied("credit_usage", "call_number, provider, model, price, tokens, source, amount, raw"))
        .await;
    assert!(missing(NO_CALL).await && !missing(NO_USAGE).await && !missing(NO_HOLD).await);
    // The database refuses a call without a hold; it is about databases that did not.
    let other = whole_call(&rich, 100, 40).await.unwrap();
    let call = format!(
        "INSERT INTO provider_call SELECT {p}, hold_id, call_number, at, provider, model, categories, bytes, redactions \
         FROM provider_call WHERE tenant_id = {r} AND hold_id = {}",
        id(&db, other.uuid())
    );
    assert!(db.execute_unprepared(&call).await.is_err());
    let (off, on) = match db.get_database_backend() {
        DbBackend::Postgres => ("SET session_replication_role = replica", "RESET session_replication_role"),
        _ => ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys = ON"),
    };
    run(&db, format!("{off}; {call}; {on}")).await;
    assert!(missing(NO_HOLD).await);
    assert!(rich.session().reconcile_credits(rich.tenant).await.unwrap().is_empty());
}

async fn expired_answers_are_forgotten_of_one_tenant(bench: Bench) {
    let [one, two] = two(&bench).await;
    let later = one.now.plus(Duration::from_hours(48));
    let record = async |home: &Home, key: &str, expires| {
        let session = home.session();
        let call = Remembered { expires, ..remembered(home, "{}") };
        IdempotencyStore::record(&session, &replay(home, key), &call).await.unwrap();
        session.commit(home.event()).await.unwrap();
    };
    let lives = later.plus(Duration::from_hours(1));
    for (home, lasting, over) in [(&one, "a", "b"), (&two, "b", "a")] {
        record(home, lasting, lives).await;
        record(home, over, later).await;
    }
    for (home, lasting) in [(&one, "a"), (&two, "b")] {
        let session = home.session();
        assert_eq!(session.forget_expired(home.tenant, later, 10).await.unwrap(), 1);
        assert!(IdempotencyStore::find(&session, &replay(home, lasting)).await.unwrap().is_some());
        session.commit(home.event()).await.unwrap();
    }
}

async fn calls_are_counted_of_one_tenant(bench: Bench) {
    let [one, two] = two(&bench).await;
    for _ in 0..3 {
        two.session().commit(two.event()).await.unwrap();
    }
    let count = async |home: &Home| {
        let until = home.now.plus(Duration::from_hours(1));
        let calls = home.store.calls_of(home.tenant, Timestamp::from_micros(0), until, &[]).await.unwrap();
        calls.iter().map(|(_, _, calls)| calls).sum::<u64>()
    };
    assert_eq!((count(&one).await, count(&two).await), (1, 4));
}

async fn anchors_open_the_way_for_their_own_tenant(bench: Bench) {
    let homes = two(&bench).await;
    for home in &homes {
        for hour in 1..=6 {
            let at = home.now.plus(Duration::from_hours(hour));
            home.session().commit(event(home.tenant, at)).await.unwrap();
        }
    }
    let late = homes[1].now.plus(Duration::from_hours(1_000));
    let purge = async |home: &Home, most| {
        let (policy, actor) = ("audit_days=30".to_owned(), "system");
        let rule = PurgeRule { before: late, policy, actor, at: late, most };
        let session = home.session();
        let anchor = session.purge(home.tenant, &rule).await.unwrap().unwrap();
        session.commit(event(home.tenant, late)).await.unwrap();
        (anchor.from, anchor.to)
    };
    let db = bench.beside().await;
    assert_eq!(purge(&homes[1], 4).await, (1, 4));
    for (number, home) in homes.iter().enumerate() {
        let seq = 2 + 4 * number;
        let removal = format!(
            "DELETE FROM audit_row WHERE tenant_id = {} AND seq = {seq}",
            id(&db, home.tenant.uuid())
        );
        assert!(db.execute_unprepared(&removal).await.is_err(), "{removal}");
    }
    // Each log goes on from its own anchor and by its own rows.
    assert_eq!(purge(&homes[0], 3).await, (1, 3));
    assert_eq!(purge(&homes[1], 1).await, (5, 5));
    assert_eq!(purge(&homes[0], 2).await, (4, 5));
    for home in &homes {
        assert_eq!(home.session().verify(home.tenant).await.unwrap().1, Vec::new());
    }
}

async fn texts_of_the_same_items_are_found_in_their_own_workspace(bench: Bench) {
    let [one, two] = two(&bench).await;
    let shared = workspace(one.tenant, "shared", "SHR", one.now);
    let item = ItemId::new(one.now);
    let mut places = Vec::new();
    for (home, title) in [(&one, "Alpha"), (&two, "Beta")] {
        let session = home.store.operator();
        session.create_workspace(&Workspace { tenant: home.tenant, ..shared.clone() }).await.unwrap();
        session.commit(home.event()).await.unwrap();
        let session = home.session();
        let opened = open_workspace(&session, home.tenant, &WorkspaceAccess::All, Some("shared")).await;
        let (at, _) = opened.unwrap();
        session.create(at, NewItem::titled(item, ItemType::Task, title), home.author()).await.unwrap();
        session.commit(home.event()).await.unwrap();
        places.push((home, at));
    }
    for ((home, at), (own, others)) in places.into_iter().zip([("alpha", "beta"), ("beta", "alpha")]) {
        let found = async |word: &str| home.session().search(at, word, 10).await.unwrap().len();
        assert_eq!((found(own).await, found(others).await), (1, 0), "{own}");
    }
}
