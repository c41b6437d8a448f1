//! What is answered from memory, for how long, and what it costs when it is not.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use pm33_auth::{ApiKeyVerifier, Origin, Scope, Verifier, VerifierOptions};
use pm33_tenancy::{ActorKind, EffectiveSettings};

use crate::fixture::{DAY, House, peppers, token};

#[tokio::test]
async fn a_warm_key_asks_nobody_and_proves_what_was_stored() {
    let house = House::new();
    let key = house.issue().await;
    let caller = house.verify(&key.shown).await.unwrap();
    assert_eq!(
        (caller.tenant, caller.user, caller.key),
        (key.stored.tenant, key.stored.user, Some(key.stored.id))
    );
    assert_eq!(
        (caller.kind, caller.scopes, caller.expires),
        (ActorKind::Key, key.stored.scopes, Some(key.stored.expires))
    );
    assert!(caller.scopes.has(Scope::Enabled) && caller.scopes.has(Scope::BacklogRead));
    let asked = house.asked();
    for _ in 0..100 {
        house.verify(&key.shown).await.unwrap();
    }
    assert_eq!((house.asked(), house.verifier.hashes()), (asked, 1));
}

#[tokio::test]
async fn a_change_anywhere_costs_a_look_up_but_no_second_argon2() {
    let house = House::new();
    let key = house.issue().await;
    house.verify(&key.shown).await.unwrap();
    for calls in [500, 700] {
        house.keys.change(key.stored.id, |record| {
            record.settings =
                Arc::new(EffectiveSettings { calls_per_minute_key: calls, ..Default::default() });
        });
        house.verifier.refresh().await.unwrap();
        let caller = house.verify(&key.shown).await.unwrap();
        assert_eq!(caller.settings.calls_per_minute_key, calls);
    }
    assert_eq!(house.verifier.hashes(), 1);
    // A new stored hash is proven anew.
    let other = house.issue().await;
    house.keys.change(key.stored.id, |record| record.hash.clone_from(&other.stored.hash));
    house.verifier.refresh().await.unwrap();
    assert_eq!(house.reason(&key.shown).await, "wrong_secret");
    assert_eq!(house.verifier.hashes(), 2);
}

#[tokio::test]
async fn many_first_calls_of_one_key_hash_once() {
    let house = Arc::new(House::new());
    let key = Arc::new(house.issue().await);
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (house, key) = (Arc::clone(&house), Arc::clone(&key));
        calls.spawn(async move { house.reason(&key.shown).await });
    }
    assert!(calls.join_all().await.into_iter().all(|reason| reason == "ok"));
    assert_eq!(house.verifier.hashes(), 1);
}

#[tokio::test]
async fn without_word_of_the_epoch_the_store_is_asked_and_believed() {
    let house = House::new();
    let key = house.issue().await;
    house.verify(&key.shown).await.unwrap();
    house.keys.is_epoch_lost.store(true, Ordering::SeqCst);
    house.clock.pass(Duration::from_millis(999));
    let asked = house.asked();
    assert_eq!(house.reason(&key.shown).await, "ok");
    assert_eq!(house.asked(), asked);
    house.clock.pass(Duration::from_millis(2));
    assert_eq!(house.reason(&key.shown).await, "ok");
    assert_eq!(house.asked(), asked + 1);
    let now = house.now();
    house.keys.change(key.stored.id, |record| record.revoked = Some(now));
    assert_eq!(house.reason(&key.shown).await, "revoked");
    // Word again: memory is good again, and holds the truth.
    house.keys.is_epoch_lost.store(false, Ordering::SeqCst);
    assert_eq!(house.reason(&key.shown).await, "revoked");
}

#[tokio::test]
async fn a_use_is_noted_once_a_minute_and_never_for_a_refused_key() {
    let house = House::new();
    let key = house.issue().await;
    let mut noted = Vec::new();
    for second in 0..180 {
        house.verify(&key.shown).await.unwrap();
        if second % 7 == 0 {
            // Not even evictions make it more often.
            house.verifier.forget();
        }
        noted.extend(house.verifier.take_used().into_iter().map(|(tenant, id, _)| {
            assert_eq!((tenant, id), (key.stored.tenant, key.stored.id));
            second
        }));
        house.clock.pass(Duration::from_secs(1));
    }
    assert_eq!(noted, [0, 60, 120]);
    house.clock.pass(DAY * 90);
    assert_eq!(house.reason(&key.shown).await, "expired");
    assert!(house.verifier.take_used().is_empty());
}

#[tokio::test]
async fn keys_made_under_an_older_pepper_stay_valid_until_it_is_gone() {
    let house = House::new();
    let key = house.issue().await;
    let reason_under = async |ids: &[u8]| {
        let options = VerifierOptions::default();
        let keys = Arc::clone(&house.keys) as _;
        let verifier = ApiKeyVerifier::new(keys, peppers(ids), Arc::clone(&house.clock) as _, options);
        verifier
            .verify(&token(&key.shown), Origin::default())
            .await
            .map_or_else(|error| error.reason(), |_| "ok")
    };
    assert_eq!(reason_under(&[2, 1]).await, "ok");
    assert_eq!(reason_under(&[2]).await, "wrong_secret");
}
