//! A key that was suspended is refused, told until when, and good again after it or when it is released.

use std::time::Duration;

use pm33_auth::{AuthError, KeyStore, Origin, Verifier};

use crate::fixture::{House, token};

#[tokio::test]
async fn a_suspended_key_is_refused_until_its_time_and_for_no_longer() {
    let house = House::new();
    let key = house.issue().await;
    let caller = house.verify(&key.shown).await.unwrap();
    let until = house.now().plus(Duration::from_mins(15));
    assert!(house.verifier.suspend(&caller, until).await.unwrap());
    let refused = house.verify(&key.shown).await.unwrap_err();
    assert!(
        matches!(refused, AuthError::Suspended { retry_after } if retry_after <= Duration::from_mins(15)),
        "{refused}"
    );
    assert!(house.verifier.recall(&token(&key.shown), Origin::default()).is_none());
    house.clock.pass(Duration::from_mins(15));
    house.verify(&key.shown).await.unwrap();
}

#[tokio::test]
async fn a_released_key_is_good_again() {
    let house = House::new();
    let key = house.issue().await;
    let caller = house.verify(&key.shown).await.unwrap();
    house.verifier.suspend(&caller, house.now().plus(Duration::from_hours(9))).await.unwrap();
    house.verify(&key.shown).await.unwrap_err();
    house.keys.set_suspended(caller.tenant, caller.key.unwrap(), None).await.unwrap();
    house.clock.pass(Duration::from_secs(1));
    house.verify(&key.shown).await.unwrap();
}

#[tokio::test]
async fn only_a_key_that_was_proven_is_recalled() {
    let house = House::new();
    let key = house.issue().await;
    assert!(house.verifier.recall(&token(&key.shown), Origin::default()).is_none());
    house.verify(&key.shown).await.unwrap();
    assert!(house.verifier.recall(&token(&key.shown), Origin::default()).is_some());
}

#[tokio::test]
async fn a_key_is_noted_as_exposed_once() {
    let house = House::new();
    let key = house.issue().await;
    let caller = house.verify(&key.shown).await.unwrap();
    assert!(house.verifier.note_exposed(&caller, house.now()).await.unwrap());
    assert!(!house.verifier.note_exposed(&caller, house.now()).await.unwrap());
}
