//! Rotation: the successor has the same rights, the old key lives until its deadline and not a microsecond longer.

use std::time::Duration;

use pm33_auth::{AuthError, KeyEnvironment, KeyStore, Minted, Rotation, rotate_key};
use pm33_tenancy::Timestamp;

use crate::fixture::{DAY, House, stored};

async fn rotate(house: &House, old: &Minted, overlap: Duration) -> Result<(Minted, Timestamp), AuthError> {
    let record = house.keys.find(old.stored.id).await?.unwrap();
    let peppers = house.verifier.peppers();
    let (new, until) = rotate_key(&record, KeyEnvironment::Test, Rotation { overlap }, peppers, house.now())?;
    house.keys.insert(&new.stored).await?;
    house.keys.set_rotated(record.tenant, record.id, until).await?;
    house.verifier.forget();
    Ok((new, until))
}

#[tokio::test]
async fn both_keys_pass_until_the_deadline_then_only_the_new_one() {
    let house = House::new();
    let old = house.issue().await;
    assert_eq!(house.reason(&old.shown).await, "ok");
    let (new, until) = rotate(&house, &old, DAY).await.unwrap();
    assert_eq!(until, house.now().plus(DAY));
    assert_eq!((new.stored.scopes, new.stored.user), (old.stored.scopes, old.stored.user));
    house.clock.pass(DAY.saturating_sub(Duration::from_micros(1)));
    house.verifier.refresh().await.unwrap();
    assert_eq!(house.verify(&old.shown).await.unwrap().expires, Some(until));
    house.clock.pass(Duration::from_micros(1));
    assert_eq!(house.reason(&old.shown).await, "rotated");
    assert_eq!(house.reason(&new.shown).await, "ok");
}

#[tokio::test]
async fn no_overlap_ends_the_old_key_at_once() {
    let house = House::new();
    let old = house.issue().await;
    assert_eq!(house.reason(&old.shown).await, "ok");
    let (new, _) = rotate(&house, &old, Duration::ZERO).await.unwrap();
    assert_eq!((house.reason(&old.shown).await, house.reason(&new.shown).await), ("rotated", "ok"));
}

#[tokio::test]
async fn a_key_that_is_dead_or_replaced_already_is_not_rotated() {
    let house = House::new();
    let old = house.issue().await;
    rotate(&house, &old, DAY).await.unwrap();
    assert!(matches!(rotate(&house, &old, DAY).await, Err(AuthError::Refused { reason: "rotated" })));
    let revoked = house.issue().await;
    house.keys.revoke(revoked.stored.tenant, revoked.stored.id, house.now()).await.unwrap();
    assert!(matches!(rotate(&house, &revoked, DAY).await, Err(AuthError::Refused { reason: "revoked" })));
}

#[tokio::test]
async fn the_overlap_never_lengthens_a_life_and_a_child_stays_within_its_parents() {
    let house = House::new();
    let old = house.issue().await;
    house.clock.pass((DAY * 90).saturating_sub(Duration::from_hours(1)));
    let (_, until) = rotate(&house, &old, DAY * 7).await.unwrap();
    assert_eq!(until, old.stored.expires);
    let mut child = stored(&house.issue().await.stored);
    child.parent = Some(old.stored.id);
    house.clock.pass(DAY * 30);
    let peppers = house.verifier.peppers();
    let (new, _) =
        rotate_key(&child, KeyEnvironment::Test, Rotation::default(), peppers, house.now()).unwrap();
    assert_eq!((new.stored.parent, new.stored.expires), (child.parent, child.expires));
}
