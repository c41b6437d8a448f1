//! Sessions and handles are nobody's but their owner's, and leave nothing behind.

use std::time::Duration;

use bytes::Bytes;
use pm33_admission::SessionId;
use pm33_app::act;
use pm33_mcp::{Class, HttpFields};
use pm33_tenancy::{Administration, TenantSettings};
use serde_json::json;

use crate::house::{Answer, Home, House, Key, Process};

async fn limits(process: &Process, home: &Home, idle: u32) {
    let settings = TenantSettings {
        calls_per_minute_key: Some(1_000_000),
        calls_per_minute_tenant: Some(1_000_000),
        session_idle_minutes: Some(idle),
        ..TenantSettings::default()
    };
    let session = process.store().session(home.tenant);
    session.put_settings(home.tenant, &settings).await.unwrap();
    session
        .commit(act(home.tenant, "admin/tenant.settings", None, process.foundation.clock.now()))
        .await
        .unwrap();
    process.look().await;
}

async fn initialize(process: &Process, key: &Key) -> String {
    let client = json!({ "name": "probe", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
    process.send(key, HttpFields::default(), body.to_string()).await.unwrap().session.unwrap()
}

async fn list(process: &Process, key: &Key, session: &str) -> Answer {
    let fields = HttpFields { session: vec![Bytes::from(session.to_owned())], ..HttpFields::default() };
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    process.send(key, fields, body.to_string()).await.unwrap()
}

#[tokio::test]
async fn two_hundred_sessions_and_handles_read_like_unknown_ones_to_three_others() {
    let house = House::new();
    let process = house.process().await;
    let (home, other) = (process.settle("acme").await, process.settle("globex").await);
    limits(&process, &home, 30).await;
    limits(&process, &other, 30).await;
    let owner = process.key(&home).await;
    let wrong = [process.key(&home).await, process.key(&other).await, process.key(&other).await];
    for number in 0..3 {
        for key in [&owner, &wrong[1]] {
            let title = format!("Item number {number}");
            let arguments = json!({ "type": "task", "title": title, "on_duplicate": "create" });
            process.tool(key, "pm33_create_work_item", arguments).await.result();
        }
    }
    let query = |cursor: &str| json!({ "limit": 1, "cursor": cursor });
    let mut refusals = 0;
    for _ in 0..200 {
        let session = initialize(&process, &owner).await;
        let page = process.tool(&owner, "pm33_query_backlog", json!({ "limit": 1 })).await.result();
        let cursor = page["next_cursor"].as_str().unwrap().to_owned();
        let unknown = SessionId::random();
        for key in &wrong {
            let (theirs, nobodys) =
                (list(&process, key, &session).await, list(&process, key, unknown.as_str()).await);
            assert_eq!((&theirs.class, &theirs.body), (&Class::SessionUnknown, &nobodys.body));
            let theirs = process.tool(key, "pm33_query_backlog", query(&cursor)).await;
            let nobodys = process.tool(key, "pm33_query_backlog", query("bm9ib2R5")).await;
            assert!(theirs.refusal().contains("cursor"));
            assert_eq!(theirs.body, nobodys.body);
            refusals += 1;
        }
        assert_eq!(list(&process, &owner, &session).await.class, Class::Answer);
        let next = process.tool(&owner, "pm33_query_backlog", query(&cursor)).await.result();
        assert_eq!(next["items"].as_array().map(Vec::len), Some(1));
    }
    assert_eq!(refusals, 600);
}

#[tokio::test]
async fn a_minute_after_its_idle_time_nothing_is_left_of_a_session() {
    let house = House::new();
    let (here, there) = (house.process().await, house.process().await);
    let home = here.settle("acme").await;
    limits(&here, &home, 30).await;
    let key = here.key(&home).await;
    let mut sessions = Vec::new();
    for _ in 0..20 {
        sessions.push(initialize(&here, &key).await);
    }
    // Another process knows them too.
    assert_eq!(list(&there, &key, &sessions[0]).await.class, Class::Answer);
    house.clock.pass(Duration::from_mins(31));
    let sweep = async |process: &Process| {
        let idle = process.store().session(home.tenant);
        let idle = pm33_tenancy::Directory::settings(&idle, home.tenant).await.unwrap().session_idle;
        process.server.sweep_sessions(&[(home.tenant, idle)]).await
    };
    sweep(&here).await;
    sweep(&there).await;
    let stored = here.store().sessions();
    for session in &sessions {
        let id = SessionId::parse(session).unwrap();
        assert!(stored.find(home.tenant, &id).await.unwrap().is_none());
        for process in [&here, &there] {
            assert_eq!(list(process, &key, session).await.class, Class::SessionUnknown);
        }
    }
    for process in [&here, &there] {
        assert_eq!(process.server.remembered_sessions(), 0);
        process.store().close().await;
    }
    // Not in any table, any free page or the log.
    assert!(sessions.iter().all(|session| !house.holds(session.as_bytes())));
    assert!(house.holds(b"admin/tenant.create"), "what is there is found");
}

#[tokio::test]
async fn a_handle_is_a_session_too_and_ends_by_its_tenants_idle_time() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    limits(&process, &home, 30).await;
    let key = process.key(&home).await;
    for number in 0..4 {
        let title = format!("Item number {number}");
        let arguments = json!({ "type": "task", "title": title, "on_duplicate": "create" });
        process.tool(&key, "pm33_create_work_item", arguments).await.result();
    }
    let page = async |cursor: &str| {
        let arguments = json!({ "limit": 1, "cursor": cursor });
        process.tool(&key, "pm33_query_backlog", arguments).await
    };
    let first = process.tool(&key, "pm33_query_backlog", json!({ "limit": 1 })).await.result();
    let cursor = first["next_cursor"].as_str().unwrap().to_owned();
    house.clock.pass(Duration::from_mins(29));
    let second = page(&cursor).await.result();
    // Each page gives a fresh one.
    house.clock.pass(Duration::from_mins(29));
    let third = page(second["next_cursor"].as_str().unwrap()).await.result();
    assert!(page(&cursor).await.refusal().contains("expired"));
    // A shorter time holds for what was given before it was set.
    let last = third["next_cursor"].as_str().unwrap().to_owned();
    house.clock.pass(Duration::from_mins(3));
    limits(&process, &home, 2).await;
    house.clock.pass(Duration::from_secs(1));
    assert!(page(&last).await.refusal().contains("expired"));
}

#[tokio::test]
async fn a_live_session_follows_its_tenants_setting_within_a_second() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    limits(&process, &home, 30).await;
    let key = process.key(&home).await;
    let [short, long] = [initialize(&process, &key).await, initialize(&process, &key).await];
    house.clock.pass(Duration::from_mins(5));
    assert_eq!(list(&process, &key, &long).await.class, Class::Answer);
    limits(&process, &home, 3).await;
    house.clock.pass(Duration::from_secs(1));
    // Five idle minutes are too many now; a second is not.
    assert_eq!(list(&process, &key, &short).await.class, Class::SessionUnknown);
    assert_eq!(list(&process, &key, &long).await.class, Class::Answer);
}
