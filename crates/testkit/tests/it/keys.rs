//! Keys against whole servers: revocation, expiry notices, what the audit log says of a key.

use std::time::Duration;

use pm33_app::{act, tell_expiries};
use pm33_auth::KeyStore;
use pm33_mcp::Class;
use pm33_tenancy::Clock;
use serde_json::json;

use crate::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_requests_after_a_revocation_none_succeeds() {
    let house = House::new();
    let (here, there) = (house.process().await, house.process().await);
    let home = here.settle("acme").await;
    let key = here.key(&home).await;
    for process in [&here, &there] {
        assert_eq!(process.call(&key, "tools/list", json!({})).await.class, Class::Answer);
    }
    let session = here.store().session(home.tenant);
    session.revoke(home.tenant, key.stored.id, house.clock.now()).await.unwrap();
    session.commit(act(home.tenant, "admin/key.revoke", None, house.clock.now())).await.unwrap();
    here.foundation.keys.forget();
    // Acknowledged.
    let calls = (0..1_000).map(|_| here.try_call(&key, "tools/list", json!({})));
    let refused = futures_util::future::join_all(calls).await;
    assert!(refused.iter().all(|answer| matches!(answer, Err("revoked"))));
    house.clock.pass(Duration::from_secs(1));
    let calls = (0..1_000).map(|_| there.try_call(&key, "tools/list", json!({})));
    let refused = futures_util::future::join_all(calls).await;
    assert!(refused.iter().all(|answer| matches!(answer, Err("revoked"))));
    assert_eq!(here.foundation.keys.hashes() + there.foundation.keys.hashes(), 2);
}

#[tokio::test]
async fn the_coming_end_of_a_key_is_told_once_by_however_many_processes() {
    let house = House::new();
    let processes = [house.process().await, house.process().await];
    let home = processes[0].settle("acme").await;
    let key = processes[0].key(&home).await;
    let mut told = Vec::new();
    for _ in 0..100 {
        for process in &processes {
            let count = tell_expiries(process.store(), &*house.clock).await.unwrap();
            told.extend(std::iter::repeat_n(house.clock.now(), count));
        }
        house.clock.pass(Duration::from_hours(24));
    }
    let days_before = told.iter().map(|at| key.stored.expires.since(*at).as_secs() / 86_400);
    assert_eq!(days_before.collect::<Vec<_>>(), [14, 7, 1]);
    let rows = processes[1].rows(&home).await;
    let notices = rows.iter().filter(|row| row.method == "system/key.expires");
    let notices: Vec<_> = notices.map(|row| (row.key, row.target.as_deref())).collect();
    let notice = |target| (Some(key.stored.id), Some(target));
    assert_eq!(notices, [notice("in 14 d"), notice("in 7 d"), notice("in 1 d")]);
}
