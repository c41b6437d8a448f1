//! A unit of work is all or nothing: item, history, idempotency record and audit row together.

use std::time::Duration;

use pm33_admission::{AdmissionError, IdempotencyStore, Remembered, ReplayScope};
use pm33_product::{Backlog, Freshness, ItemId, ItemType, NewItem, ProductError};
use pm33_store::StoreError;
use pm33_tenancy::{AuditLog, Digest, TenancyError, TenantId};

use crate::bench::{Bench, Home, event, on_both, settle, spawn};

on_both!(
    a_dropped_unit_never_happened,
    a_committed_unit_happened_whole,
    a_session_sees_its_own_writes_and_nobody_else_does,
    the_same_idempotency_key_is_recorded_once,
    an_expired_record_gives_its_place_up_and_is_swept,
    a_session_serves_one_tenant,
    a_closed_store_refuses_and_keeps_what_was_queued,
);

pub(crate) fn replay(home: &Home, key: &str) -> ReplayScope {
    let (principal, tool) = ("ada".to_owned(), "pm33_create_work_item".to_owned());
    ReplayScope { tenant: home.tenant, principal, tool, key: key.to_owned() }
}

pub(crate) fn remembered(home: &Home, answer: &str) -> Remembered {
    let expires = home.now.plus(Duration::from_hours(24));
    Remembered { arguments: Digest([1; 32]), answer: answer.to_owned(), at: home.now, expires }
}

fn story(home: &Home, title: &str) -> NewItem {
    NewItem::titled(ItemId::new(home.now), ItemType::Story, title)
}

async fn a_dropped_unit_never_happened(bench: Bench) {
    let home = bench.settled().await;
    let session = home.session();
    let item = session.create(home.at, story(&home, "Lost"), home.author()).await.unwrap();
    IdempotencyStore::record(&session, &replay(&home, "k"), &remembered(&home, "{}")).await.unwrap();
    drop(session);

    let session = home.session();
    assert!(session.snapshot(home.at, Freshness::Newest).await.unwrap().is_empty());
    assert!(session.history(home.at, item.id).await.unwrap().is_empty());
    assert!(session.search(home.at, "lost", 10).await.unwrap().is_empty());
    assert!(IdempotencyStore::find(&session, &replay(&home, "k")).await.unwrap().is_none());
    assert_eq!(session.tail(home.tenant, 10).await.unwrap().rows.len(), 1);
    // The number was not used up.
    let next = session.create(home.at, story(&home, "Kept"), home.author()).await.unwrap();
    assert_eq!(next.number, 1);
}

async fn a_committed_unit_happened_whole(bench: Bench) {
    let home = bench.settled().await;
    let session = home.session();
    let item = session.create(home.at, story(&home, "Kept"), home.author()).await.unwrap();
    IdempotencyStore::record(&session, &replay(&home, "k"), &remembered(&home, "first")).await.unwrap();
    let committed = session.commit(home.event()).await.unwrap();
    assert_eq!(committed.seq, Some(2));
    assert_eq!(committed.changed, [home.at]);

    let session = home.session();
    // The writer's process sees it at once, without asking for the newest.
    let snapshot = session.snapshot(home.at, Freshness::Usual).await.unwrap();
    assert_eq!(snapshot.get(item.id).unwrap().title, item.title);
    assert_eq!(session.history(home.at, item.id).await.unwrap().len(), 1);
    let found = IdempotencyStore::find(&session, &replay(&home, "k")).await.unwrap().unwrap();
    assert_eq!(found.answer, "first");
    assert_eq!(session.verify(home.tenant).await.unwrap(), (2, Vec::new()));
    // Another process reads the same from the file.
    let other = bench.open().await;
    let again = other.session(home.tenant).snapshot(home.at, Freshness::Usual).await.unwrap();
    assert_eq!(again.get(item.id).unwrap(), snapshot.get(item.id).unwrap());
}

async fn a_session_sees_its_own_writes_and_nobody_else_does(bench: Bench) {
    let home = bench.settled().await;
    let (mine, other) = (home.session(), home.session());
    let item = mine.create(home.at, story(&home, "Secret plan"), home.author()).await.unwrap();
    assert_eq!(mine.history(home.at, item.id).await.unwrap().len(), 1);
    assert_eq!(mine.search(home.at, "plan", 10).await.unwrap().len(), 1);
    assert!(other.history(home.at, item.id).await.unwrap().is_empty());
    assert!(other.search(home.at, "plan", 10).await.unwrap().is_empty());
    // A snapshot that is built meanwhile holds nothing that is not committed.
    assert!(mine.snapshot(home.at, Freshness::Newest).await.unwrap().is_empty());
    drop(mine);
    assert!(other.snapshot(home.at, Freshness::Newest).await.unwrap().is_empty());
}

async fn the_same_idempotency_key_is_recorded_once(bench: Bench) {
    let home = bench.settled().await;
    let calls = (0..8).map(|number| {
        let (session, scope) = (home.session(), replay(&home, "same"));
        let (call, event) = (remembered(&home, &number.to_string()), home.event());
        let new = story(&home, "Once");
        let (at, author) = (home.at, home.author());
        spawn(async move {
            session.create(at, new, author).await.unwrap();
            match IdempotencyStore::record(&session, &scope, &call).await {
                Ok(()) => session.commit(event).await.is_ok(),
                Err(AdmissionError::RecordedMeanwhile) => false,
                Err(error) => panic!("{error:?}"),
            }
        })
    });
    let mut first = 0;
    for call in calls.collect::<Vec<_>>() {
        first += usize::from(call.await.unwrap());
    }
    assert_eq!(first, 1);
    let snapshot = home.session().snapshot(home.at, Freshness::Usual).await.unwrap();
    assert_eq!(snapshot.len(), 1);
}

async fn an_expired_record_gives_its_place_up_and_is_swept(bench: Bench) {
    let home = bench.settled().await;
    let record = async |key: &str, answer: &str, call: Remembered| {
        let session = home.session();
        let call = Remembered { answer: answer.to_owned(), ..call };
        IdempotencyStore::record(&session, &replay(&home, key), &call).await.unwrap();
        session.commit(home.event()).await.unwrap();
    };
    record("k", "old", remembered(&home, "")).await;
    let later = home.now.plus(Duration::from_hours(48));
    let expires = later.plus(Duration::from_mins(1));
    record("k", "new", Remembered { at: later, expires, ..remembered(&home, "") }).await;
    record("gone", "x", remembered(&home, "")).await;
    record("gone too", "x", remembered(&home, "")).await;

    let session = home.session();
    assert_eq!(session.forget_expired(home.tenant, later, 1).await.unwrap(), 1);
    assert_eq!(session.forget_expired(home.tenant, later, 10).await.unwrap(), 1);
    assert_eq!(IdempotencyStore::find(&session, &replay(&home, "k")).await.unwrap().unwrap().answer, "new");
    session.commit(home.event()).await.unwrap();
    assert!(IdempotencyStore::find(&home.session(), &replay(&home, "gone")).await.unwrap().is_none());
}

async fn a_session_serves_one_tenant(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    let session = home.session();
    let refused = session.snapshot(other.at, Freshness::Usual).await;
    assert!(matches!(refused, Err(ProductError::Unavailable(_))), "{refused:?}");
    // Also when it is in memory already.
    other.session().snapshot(other.at, Freshness::Usual).await.unwrap();
    assert!(session.snapshot(other.at, Freshness::Usual).await.is_err());
    let new = story(&other, "Not yours");
    assert!(session.create(other.at, new, home.author()).await.is_err());
    assert!(matches!(session.tail(other.tenant, 1).await, Err(TenancyError::Unavailable(_))));
    assert!(matches!(session.verify(other.tenant).await, Err(TenancyError::Unavailable(_))));
    assert!(matches!(session.commit(event(other.tenant, home.now)).await, Err(StoreError::Foreign)));
    assert!(TenantId::new(home.now) != home.tenant);
}

async fn a_closed_store_refuses_and_keeps_what_was_queued(bench: Bench) {
    let home = bench.settled().await;
    let sent: Vec<_> = (0..50).map(|_| spawn(home.session().commit(home.event()))).collect();
    let mut written = 0;
    for commit in sent {
        written += u64::from(commit.await.unwrap().is_ok());
    }
    home.store.close().await;
    assert!(home.store.health().await.is_err());
    assert!(home.session().commit(home.event()).await.is_err());
    let again = bench.open().await;
    assert_eq!(again.session(home.tenant).verify(home.tenant).await.unwrap(), (written + 1, Vec::new()));
    assert_eq!(written, 50);
}
