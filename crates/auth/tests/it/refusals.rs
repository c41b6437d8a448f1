//! What is refused, why, and that a refusal is cheap.

use std::{sync::atomic::Ordering, time::Duration};

use pm33_auth::{AuthError, Credential, KeyEnvironment, Origin, Verifier, mint};
use pm33_tenancy::TenantState;
use secrecy::{ExposeSecret, SecretString};

use crate::fixture::{DAY, House};

/// A key with another's public half, a secret of its own and a right checksum.
fn forged(of: &SecretString) -> SecretString {
    let (other, _) = mint(KeyEnvironment::Test);
    let (of, other) = (of.expose_secret(), other.expose_secret());
    let covered = format!("{}{}", &of[..22], &other[22..65]);
    let mut value = crc32fast::hash(covered.as_bytes());
    let mut digits = Vec::new();
    for _ in 0..6 {
        let digit = u8::try_from(value % 62).unwrap();
        digits.push(char::from(match digit {
            0..=9 => b'0' + digit,
            10..=35 => b'A' + digit - 10,
            _ => b'a' + digit - 36,
        }));
        value /= 62;
    }
    SecretString::from(covered + &digits.iter().rev().collect::<String>())
}

#[tokio::test]
async fn bad_forms_never_reach_the_store() {
    let house = House::new();
    let key = house.issue().await;
    let mut wrong = key.shown.expose_secret().to_owned();
    let last = if wrong.pop() == Some('0') { '1' } else { '0' };
    wrong.push(last);
    for text in [wrong.as_str(), "", "Bearer", "pm33_live_", "pm33_prod_abc", "sk-ant-abc"] {
        assert_eq!(house.reason(&SecretString::from(text)).await, "malformed", "{text}");
    }
    for credential in [Credential::Absent, Credential::Local] {
        assert!(matches!(
            house.verifier.verify(&credential, Origin::default()).await,
            Err(AuthError::Absent)
        ));
    }
    assert_eq!((house.asked(), house.verifier.hashes()), (0, 0));
}

#[tokio::test]
async fn unknown_keys_and_wrong_secrets_cost_one_question_and_no_argon2() {
    let house = House::new();
    let key = house.issue().await;
    let (unknown, _) = mint(KeyEnvironment::Live);
    for (credential, reason) in [(forged(&key.shown), "wrong_secret"), (unknown, "unknown")] {
        let asked = house.asked();
        for _ in 0..50 {
            assert_eq!(house.reason(&credential).await, reason);
        }
        assert_eq!(house.asked(), asked + 1, "{reason}");
    }
    assert_eq!(house.keys.finds.load(Ordering::SeqCst), 0, "only the proof is read");
    assert_eq!(house.verifier.hashes(), 0);
    assert_eq!(house.reason(&key.shown).await, "ok");
}

#[tokio::test]
async fn the_client_cannot_tell_reasons_apart() {
    let house = House::new();
    let key = house.issue().await;
    let (unknown, _) = mint(KeyEnvironment::Live);
    let one = house.verify(&forged(&key.shown)).await.unwrap_err().to_string();
    let other = house.verify(&unknown).await.unwrap_err().to_string();
    house.clock.pass(DAY * 90);
    let expired = house.verify(&key.shown).await.unwrap_err().to_string();
    assert_eq!((&one, &one), (&other, &expired));
}

#[tokio::test]
async fn a_key_ends_at_the_instant_of_its_expiry_though_it_is_warm() {
    let house = House::new();
    let key = house.issue().await;
    assert_eq!(key.stored.expires, house.now().plus(DAY * 90));
    house.clock.pass((DAY * 90).saturating_sub(Duration::from_micros(1)));
    assert_eq!(house.reason(&key.shown).await, "ok");
    let asked = house.asked();
    house.clock.pass(Duration::from_micros(1));
    assert_eq!(house.reason(&key.shown).await, "expired");
    assert_eq!(house.asked(), asked);
}

#[tokio::test]
async fn a_suspended_tenant_is_refused_until_it_is_active_again() {
    let house = House::new();
    let key = house.issue().await;
    for (state, reason) in [
        (TenantState::Active, "ok"),
        (TenantState::Suspended, "tenant_suspended"),
        (TenantState::Active, "ok"),
    ] {
        house.keys.change(key.stored.id, |record| record.tenant_state = state);
        house.verifier.refresh().await.unwrap();
        assert_eq!(house.reason(&key.shown).await, reason);
        assert_eq!(house.reason(&key.shown).await, reason);
    }
}

#[tokio::test]
async fn an_unknown_key_is_known_as_soon_as_it_is_stored() {
    let house = House::new();
    let minted = pm33_auth::issue_key(
        crate::fixture::request(house.now()),
        None,
        house.verifier.peppers(),
        house.now(),
    )
    .unwrap();
    assert_eq!(house.reason(&minted.shown).await, "unknown");
    pm33_auth::KeyStore::insert(&*house.keys, &minted.stored).await.unwrap();
    house.verifier.refresh().await.unwrap();
    assert_eq!(house.reason(&minted.shown).await, "ok");
}
