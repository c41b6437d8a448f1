//! The limit as a client meets it: what it is told, when a retry passes, what is kept of refusals, and how soon a
//! tenant's own setting holds.

use std::time::Duration;

use pm33_app::act;
use pm33_mcp::{Class, HttpFields};
use pm33_tenancy::{Administration, TenantSettings};
use serde_json::{Value, json};

use crate::house::{Answer, Home, House, Key, Process};

async fn list(process: &Process, key: &Key) -> Answer {
    process.call(key, "tools/list", json!({})).await
}

async fn set(process: &Process, home: &Home, settings: TenantSettings) {
    let session = process.store().session(home.tenant);
    session.put_settings(home.tenant, &settings).await.unwrap();
    session.commit(act(home.tenant, "admin/tenant.settings", None, process.now())).await.unwrap();
}

impl Process {
    fn now(&self) -> pm33_tenancy::Timestamp {
        self.foundation.clock.now()
    }
}

#[tokio::test]
async fn a_refused_call_is_told_when_to_come_back_and_then_passes() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    for left in (0..60).rev() {
        let answer = list(&process, &key).await;
        assert_eq!(answer.class, Class::Answer);
        let (policy, standing) = answer.rate_limit.unwrap();
        assert_eq!(policy, "\"key\";q=60;w=60, \"tenant\";q=300;w=60");
        assert!(standing.starts_with(&format!("\"key\";r={left};t=")), "{standing}");
    }
    for _ in 0..5 {
        let refused = list(&process, &key).await;
        let Class::RateLimited { retry_after } = refused.class else { panic!("{refused:?}") };
        let error = &refused.json()["error"];
        assert_eq!(refused.json()["id"], "one");
        let code = error["code"].as_i64().unwrap();
        assert!(!(-32_768..=-32_000).contains(&code), "{code}");
        let millis = u64::try_from(retry_after.as_millis()).unwrap();
        let told =
            json!({ "scope": "key", "budget": "calls", "limit": 60, "remaining": 0, "retryAfterMs": millis });
        assert_eq!(error["data"], told);
        house.clock.pass(retry_after.saturating_sub(Duration::from_millis(1)));
        assert!(matches!(list(&process, &key).await.class, Class::RateLimited { .. }));
        house.clock.pass(Duration::from_millis(1));
        for _ in 0..60 {
            assert_eq!(list(&process, &key).await.class, Class::Answer);
        }
    }
}

#[tokio::test]
async fn of_refused_calls_ten_a_minute_are_audited_and_none_of_them_was_counted() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    for _ in 0..160 {
        list(&process, &key).await;
    }
    let rows = process.rows(&home).await;
    let refused = |verdict: &str| rows.iter().filter(|row| row.limit_verdict == verdict).count();
    assert_eq!((refused("admitted"), refused("key_exceeded")), (60, 10));
    assert!(
        rows.iter().filter(|row| row.limit_verdict == "key_exceeded").all(|row| row.code == "rate_limited")
    );
}

#[tokio::test]
async fn what_is_refused_before_the_limit_is_asked_fills_no_log() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    let before = process.rows(&home).await.len();
    for _ in 0..100 {
        assert_eq!(process.call(&key, "no/such", json!({})).await.class, Class::UnknownMethod);
        let unreadable = process.send(&key, HttpFields::default(), "{".to_owned()).await.unwrap();
        assert_eq!(unreadable.class, Class::Unparsable);
    }
    let rows = process.rows(&home).await;
    let told: Vec<_> = rows[before..].iter().map(|row| row.code.as_str()).collect();
    assert_eq!(told.len(), 60);
    assert!(told.contains(&"not_json") && told.contains(&"unknown_method"), "{told:?}");
    // The key has all its calls left.
    assert_eq!(list(&process, &key).await.class, Class::Answer);
}

#[tokio::test]
async fn a_tenants_own_limits_hold_within_a_second_in_every_process_and_for_no_other_tenant() {
    let house = House::new();
    let (here, there) = (house.process().await, house.process().await);
    let (home, other) = (here.settle("acme").await, here.settle("globex").await);
    let (key, theirs) = (here.key(&home).await, here.key(&other).await);
    for process in [&here, &there] {
        assert_eq!(list(process, &key).await.class, Class::Answer);
        assert_eq!(list(process, &theirs).await.class, Class::Answer);
    }
    set(&here, &home, TenantSettings { calls_per_minute_key: Some(4), ..TenantSettings::default() }).await;
    house.clock.pass(Duration::from_secs(1));
    for process in [&here, &there] {
        let mut passed = 0;
        for _ in 0..10 {
            passed += u32::from(list(process, &key).await.class == Class::Answer);
            assert_eq!(list(process, &theirs).await.class, Class::Answer);
        }
        assert_eq!(passed, 3);
    }
    // And up again.
    set(&there, &home, TenantSettings { calls_per_minute_key: Some(40), ..TenantSettings::default() }).await;
    house.clock.pass(Duration::from_secs(1));
    let standing = list(&here, &key).await;
    assert_eq!(standing.class, Class::Answer);
    let policy: Value = json!(standing.rate_limit.unwrap().0);
    assert!(policy.as_str().unwrap().starts_with("\"key\";q=40;"), "{policy}");
}

#[tokio::test]
async fn a_key_that_keeps_calling_after_refusals_is_suspended_told_of_once_and_comes_back() {
    let house = House::new();
    let (here, there) = (house.process().await, house.process().await);
    let home = here.settle("acme").await;
    let (key, other) = (here.key(&home).await, here.key(&home).await);
    for _ in 0..660 {
        assert_eq!(here.caller(&key).await.map(drop), Ok(()));
        list(&here, &key).await;
    }
    assert_eq!(here.caller(&key).await.map(drop), Err("suspended"));
    // The other server hears of it within a second, and the tenant's other keys do not.
    house.clock.pass(Duration::from_secs(1));
    there.look().await;
    assert_eq!(there.caller(&key).await.map(drop), Err("suspended"));
    assert_eq!(there.caller(&other).await.map(drop), Ok(()));
    let acts = async |act: &str| here.rows(&home).await.iter().filter(|row| row.method == act).count();
    assert_eq!(acts("system/key.suspend").await, 1);
    // It ends by itself.
    house.clock.pass(Duration::from_mins(15));
    assert_eq!(here.caller(&key).await.map(drop), Ok(()));
    assert_eq!(list(&here, &key).await.class, Class::Answer);
    // And sooner where an operator says so.
    for _ in 0..720 {
        if here.caller(&key).await.is_ok() {
            list(&here, &key).await;
        }
    }
    assert_eq!(here.caller(&key).await.map(drop), Err("suspended"));
    let id = key.stored.id;
    assert!(pm33_auth::KeyStore::set_suspended(&*here.store().keys(), home.tenant, id, None).await.unwrap());
    here.look().await;
    assert_eq!(here.caller(&key).await.map(drop), Ok(()));
}

#[tokio::test]
async fn a_tenant_may_have_no_suspension() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    set(&process, &home, TenantSettings { suspend_after: Some(0), ..TenantSettings::default() }).await;
    process.look().await;
    for _ in 0..700 {
        list(&process, &key).await;
    }
    assert_eq!(process.caller(&key).await.map(drop), Ok(()));
}
