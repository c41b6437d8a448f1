//! Legacy sessions are stored, bounded per tenant, touched, ended and swept.

use std::time::Duration;

use pm33_admission::{AdmissionError, SessionId, SessionRecord};
use pm33_tenancy::TenantId;

use crate::bench::{Bench, Home, on_both, settle, spawn};

on_both!(sessions_come_back_and_end, sessions_are_bounded_also_when_opened_at_once, idle_sessions_are_swept);

fn record(home: &Home) -> SessionRecord {
    SessionRecord {
        id: SessionId::random(),
        tenant: home.tenant,
        principal: "AAAAAAAAAAAA".to_owned(),
        revision: "2025-11-25".to_owned(),
        capabilities: "{}".to_owned(),
        client: "probe 1".to_owned(),
        opened: home.now,
        used: home.now,
    }
}

async fn sessions_come_back_and_end(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    let sessions = home.store.sessions();
    let mut kept = record(&home);
    sessions.open(&kept, 10).await.unwrap();
    kept.used = home.now.plus(Duration::from_secs(90));
    sessions.touch(home.tenant, &kept.id, kept.used).await.unwrap();
    // Another process finds it.
    let elsewhere = bench.open().await.sessions();
    assert_eq!(elsewhere.find(home.tenant, &kept.id).await.unwrap().unwrap(), kept);
    assert!(elsewhere.find(other.tenant, &kept.id).await.unwrap().is_none());
    assert!(!elsewhere.end(other.tenant, &kept.id).await.unwrap());
    assert!(elsewhere.end(home.tenant, &kept.id).await.unwrap());
    assert!(!sessions.end(home.tenant, &kept.id).await.unwrap());
    assert!(sessions.find(home.tenant, &kept.id).await.unwrap().is_none());
}

async fn sessions_are_bounded_also_when_opened_at_once(bench: Bench) {
    let home = bench.settled().await;
    let opened: Vec<_> = (0..12)
        .map(|_| {
            let (sessions, record) = (home.store.sessions(), record(&home));
            spawn(async move { sessions.open(&record, 5).await })
        })
        .collect();
    let mut count = 0;
    for open in opened {
        match open.await.unwrap() {
            Ok(()) => count += 1,
            Err(AdmissionError::TooManySessions { limit: 5 }) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(count, 5);
}

async fn idle_sessions_are_swept(bench: Bench) {
    let home = bench.settled().await;
    let sessions = home.store.sessions();
    let later = home.now.plus(Duration::from_mins(10));
    let (old, older, fresh) = (record(&home), record(&home), SessionRecord { used: later, ..record(&home) });
    for session in [&old, &older, &fresh] {
        sessions.open(session, 10).await.unwrap();
    }
    assert_eq!(sessions.end_idle(home.tenant, later, 1).await.unwrap().len(), 1);
    assert_eq!(sessions.end_idle(home.tenant, later, 10).await.unwrap().len(), 1);
    assert!(sessions.end_idle(home.tenant, later, 10).await.unwrap().is_empty());
    assert!(sessions.find(home.tenant, &fresh.id).await.unwrap().is_some());
    // Also of those who have no key.
    let tenants: Vec<TenantId> = sessions.tenants().await.unwrap();
    assert_eq!(tenants, [home.tenant]);
}
