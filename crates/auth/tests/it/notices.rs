//! The coming end of a key is told 14, 7 and 1 days before, each once.

use std::time::Duration;

use pm33_auth::{KeyRecord, expiry_notice};
use proptest::prelude::*;

use crate::fixture::{DAY, House, stored};

async fn record(days: u32) -> KeyRecord {
    let key = House::new().issue().await;
    let mut record = stored(&key.stored);
    record.expires = record.created.plus(DAY * days);
    record
}

/// The notices of a key that is looked at after these times, as days after its creation and days before its end.
fn told(record: &KeyRecord, looks: impl IntoIterator<Item = Duration>) -> Vec<u32> {
    let mut record = record.clone();
    let mut told = Vec::new();
    for look in looks {
        if let Some(days) = expiry_notice(&record, record.created.plus(look)) {
            record.noticed = Some(days);
            told.push(days);
        }
    }
    told
}

#[tokio::test]
async fn a_missed_notice_is_told_late_and_a_short_life_has_fewer() {
    let long = record(90).await;
    assert_eq!(told(&long, (0..100).map(|day| DAY * day)), [14, 7, 1]);
    // Nobody looked for ten days.
    assert_eq!(told(&long, [DAY * 70, DAY * 80, DAY * 84]), [14, 7]);
    assert_eq!(told(&long, [DAY * 80, DAY * 89, DAY * 90]), [14, 1]);
    assert_eq!(told(&record(10).await, (0..12).map(|day| DAY * day)), [7, 1]);
    assert!(told(&record(1).await, (0..24).map(Duration::from_hours)).is_empty());
}

#[tokio::test]
async fn a_revoked_key_is_not_told_of_and_a_rotated_one_by_its_own_end() {
    let mut key = record(90).await;
    key.rotated_until = Some(key.created.plus(DAY * 40));
    assert_eq!(told(&key, (0..100).map(|day| DAY * day)), [14, 7, 1]);
    assert_eq!(told(&key, [DAY * 26]), [14]);
    key.revoked = Some(key.created);
    assert!(told(&key, (0..100).map(|day| DAY * day)).is_empty());
}

#[test]
fn every_key_has_each_notice_once_however_often_it_is_looked_at() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let key = runtime.block_on(record(30));
    proptest!(|(minutes in proptest::collection::vec(1_u64..1_440, 50..2_000))| {
        let mut at = Duration::ZERO;
        let looks: Vec<_> = minutes.iter().map(|gap| { at += Duration::from_mins(*gap); at }).collect();
        let told = told(&key, looks);
        prop_assert!([14, 7, 1].starts_with(&told), "{told:?}");
        prop_assert!(at < DAY * 30 || told == [14, 7, 1]);
    });
}
