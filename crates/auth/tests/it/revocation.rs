//! A revocation is in force as soon as it is acknowledged, also for calls that were on their way.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use pm33_auth::{KeyStore, Scope, ScopeSet};
use tokio::task::JoinSet;

use crate::fixture::House;

#[tokio::test]
async fn what_this_process_revokes_is_refused_at_once() {
    let house = House::new();
    let key = house.issue().await;
    assert_eq!(house.reason(&key.shown).await, "ok");
    house.keys.revoke(key.stored.tenant, key.stored.id, house.now()).await.unwrap();
    house.verifier.forget();
    for _ in 0..1_000 {
        assert_eq!(house.reason(&key.shown).await, "revoked");
    }
}

#[tokio::test]
async fn what_another_process_revokes_is_refused_within_the_stale_bound() {
    let house = House::new();
    let key = house.issue().await;
    assert_eq!(house.reason(&key.shown).await, "ok");
    house.keys.revoke(key.stored.tenant, key.stored.id, house.now()).await.unwrap();
    // Nobody refreshes in the background here: the call itself asks once the bound has passed.
    house.clock.pass(Duration::from_secs(1));
    assert_eq!(house.reason(&key.shown).await, "revoked");
}

#[tokio::test]
async fn a_look_up_that_read_before_the_revocation_neither_passes_nor_stays_in_memory() {
    let house = Arc::new(House::new());
    let key = house.issue().await;
    house.keys.is_gated.store(true, Ordering::SeqCst);
    let mut call = JoinSet::new();
    call.spawn({
        let (house, shown) = (Arc::clone(&house), key.shown.clone());
        async move { house.reason(&shown).await }
    });
    // The call has read the good record and is held before it can use it.
    house.keys.reached.acquire().await.unwrap().forget();
    house.keys.revoke(key.stored.tenant, key.stored.id, house.now()).await.unwrap();
    house.verifier.forget();
    house.keys.is_gated.store(false, Ordering::SeqCst);
    house.keys.gate.add_permits(1);
    assert_eq!(call.join_next().await.unwrap().unwrap(), "revoked");
    assert_eq!(house.reason(&key.shown).await, "revoked");
}

#[tokio::test]
async fn a_refusal_that_was_read_before_a_change_does_not_stay_either() {
    let house = Arc::new(House::new());
    let key = house.issue().await;
    let now = house.now();
    house.keys.change(key.stored.id, |record| record.revoked = Some(now));
    house.keys.is_gated.store(true, Ordering::SeqCst);
    let mut call = JoinSet::new();
    call.spawn({
        let (house, shown) = (Arc::clone(&house), key.shown.clone());
        async move { house.reason(&shown).await }
    });
    house.keys.reached.acquire().await.unwrap().forget();
    house.keys.change(key.stored.id, |record| record.revoked = None);
    house.verifier.forget();
    house.keys.is_gated.store(false, Ordering::SeqCst);
    house.keys.gate.add_permits(1);
    assert_eq!(call.join_next().await.unwrap().unwrap(), "ok");
}

#[tokio::test]
async fn narrowed_scopes_are_in_force_for_calls_on_their_way() {
    let house = Arc::new(House::new());
    let key = house.issue().await;
    house.keys.is_gated.store(true, Ordering::SeqCst);
    let mut call = JoinSet::new();
    call.spawn({
        let (house, shown) = (Arc::clone(&house), key.shown.clone());
        async move { house.verify(&shown).await.unwrap().scopes }
    });
    house.keys.reached.acquire().await.unwrap().forget();
    let narrow = ScopeSet::EMPTY.with(Scope::Enabled);
    house.keys.change(key.stored.id, |record| record.scopes = narrow);
    house.verifier.forget();
    house.keys.is_gated.store(false, Ordering::SeqCst);
    house.keys.gate.add_permits(1);
    assert_eq!(call.join_next().await.unwrap().unwrap(), narrow);
}

#[tokio::test]
async fn keys_that_change_without_end_make_a_look_up_busy_rather_than_stale() {
    let house = Arc::new(House::new());
    let key = house.issue().await;
    house.keys.is_gated.store(true, Ordering::SeqCst);
    let mut call = JoinSet::new();
    call.spawn({
        let (house, shown) = (Arc::clone(&house), key.shown.clone());
        async move { house.reason(&shown).await }
    });
    for _ in 0..4 {
        house.keys.reached.acquire().await.unwrap().forget();
        house.verifier.forget();
        house.keys.gate.add_permits(1);
    }
    assert_eq!(call.join_next().await.unwrap().unwrap(), "busy");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_call_that_starts_after_the_acknowledgement_passes() {
    let house = Arc::new(House::new());
    let key = Arc::new(house.issue().await);
    assert_eq!(house.reason(&key.shown).await, "ok");
    let mut calls = JoinSet::new();
    let acknowledged = Arc::new(std::sync::atomic::AtomicBool::new(false));
    for _ in 0..8 {
        let (house, key, acknowledged) = (Arc::clone(&house), Arc::clone(&key), Arc::clone(&acknowledged));
        calls.spawn(async move {
            let mut refused = 0;
            while refused < 100 {
                let began_after = acknowledged.load(Ordering::SeqCst);
                let passed = house.reason(&key.shown).await == "ok";
                assert!(!(began_after && passed));
                refused += u32::from(began_after);
                tokio::task::yield_now().await;
            }
        });
    }
    house.keys.revoke(key.stored.tenant, key.stored.id, house.now()).await.unwrap();
    house.verifier.forget();
    acknowledged.store(true, Ordering::SeqCst);
    calls.join_all().await;
}
