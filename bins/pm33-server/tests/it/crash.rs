//! The process is killed while clients write: nothing that was answered is lost, and the audit chain verifies.

use std::sync::Mutex;

use pm33_app::{Settings, found};
use pm33_tenancy::{Administration, AuditLog};
use serde_json::{Value, json};

use crate::running::Running;

const ROUNDS: usize = 5;
const WRITERS: usize = 8;

/// One round: writers write until the kill; the answers that they saw.
fn round(folder: &std::path::Path, round: usize) -> Vec<(String, Value)> {
    let server = Running::start(folder);
    let answered = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (server, answered) = (&server, &answered);
            scope.spawn(move || {
                for number in 0.. {
                    let key = format!("r{round}-w{writer}-{number}");
                    let title = format!("Crash item {round} {writer} {number}");
                    let arguments = json!({ "type": "task", "title": title, "on_duplicate": "create", "idempotency_key": key });
                    let params = json!({ "name": "pm33_create_work_item", "arguments": arguments });
                    let Some(answer) = server.try_call(&server.key, "tools/call", params) else { return };
                    if answer.status == 200 {
                        let mut all = answered.lock().expect("the list");
                        all.push((key, answer.json()["result"]["structuredContent"]["item"]["key"].clone()));
                        if all.len() >= 40 {
                            return;
                        }
                    }
                }
            });
        }
    });
    server.crash();
    answered.into_inner().expect("the list")
}

#[test]
fn killed_under_load_nothing_answered_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut answered = Vec::new();
    for number in 0..ROUNDS {
        answered.extend(round(folder.path(), number));
    }
    assert!(answered.len() >= ROUNDS * 40);
    let server = Running::start(folder.path());
    for (key, item) in &answered {
        let asked = json!({ "ids": [item], "columns": "identity" });
        let found = server.tool("pm33_query_backlog", asked);
        assert_eq!(found["structuredContent"]["total"], 1, "{key} {item}: {found}");
    }
    server.crash();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut settings = Settings::default();
        settings.data.dir = folder.path().to_owned();
        let foundation = found(&settings).await.expect("the store opens");
        let tenant = foundation.store.operator().tenants().await.expect("tenants").remove(0);
        let (rows, breaks) = foundation.store.session(tenant.id).verify(tenant.id).await.expect("a verdict");
        assert!(breaks.is_empty(), "{breaks:?}");
        assert!(rows >= answered.len() as u64);
        foundation.store.close().await;
    });
}
