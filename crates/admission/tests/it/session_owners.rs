//! A session is its opener's; for everybody else it does not exist.

use pm33_admission::{AdmissionError, SessionId};

use crate::fixture::{House, IDLE, is_live, tenant};

#[tokio::test]
async fn wrong_principals_and_tenants_are_told_the_same_as_for_an_unknown_id() {
    let house = House::default();
    let (own, other) = (house.process(), house.process());
    let session = house.open(&own).await;
    for process in [&own, &other] {
        for (of, principal) in [(tenant(1), "kez"), (tenant(2), "key"), (tenant(2), "kez")] {
            assert!(process.resume(of, principal, &session.id, IDLE).await.unwrap().is_none());
            assert!(!process.end(of, principal, &session.id).await.unwrap());
        }
        for _ in 0..200 {
            assert!(process.resume(tenant(1), "key", &SessionId::random(), IDLE).await.unwrap().is_none());
        }
    }
    let resumed = own.resume(tenant(1), "key", &session.id, IDLE).await.unwrap();
    assert_eq!(resumed.as_ref(), Some(&session));
    assert!(is_live(&other, &session).await);
    assert!(own.resume(tenant(1), "kez", &session.id, IDLE).await.unwrap().is_none());
}

#[tokio::test]
async fn a_warm_session_asks_nobody() {
    let house = House::default();
    let process = house.process();
    let session = house.open(&process).await;
    for _ in 0..100 {
        assert!(is_live(&process, &session).await);
    }
    assert_eq!(house.store.finds.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_tenant_has_so_many_and_an_ended_one_makes_room() {
    let house = House::default();
    let process = house.process();
    let first = house.record(tenant(1), "key");
    process.open(first.clone(), 2).await.unwrap();
    process.open(house.record(tenant(1), "key"), 2).await.unwrap();
    let third = process.open(house.record(tenant(1), "other"), 2).await;
    assert!(matches!(third, Err(AdmissionError::TooManySessions { limit: 2 })));
    process.open(house.record(tenant(2), "key"), 2).await.unwrap();
    assert!(process.end(tenant(1), "key", &first.id).await.unwrap());
    assert!(!process.end(tenant(1), "key", &first.id).await.unwrap());
    assert!(process.open(house.record(tenant(1), "other"), 2).await.is_ok());
}
