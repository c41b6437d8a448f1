//! When a read's audit row is durable: before its answer by default; batched, within the time that is set.

use std::{path::Path, process::Stdio};

use pm33_app::{Settings, found};
use pm33_tenancy::{Administration, AuditLog};
use serde_json::json;

use crate::running::Running;

/// Audit rows in the store, whose chain must verify; a killed server leaves what is durable and nothing else.
fn rows(folder: &Path) -> u64 {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut settings = Settings::default();
        settings.data.dir = folder.to_owned();
        let foundation = found(&settings).await.expect("the store opens");
        let tenant = foundation.store.operator().tenants().await.expect("tenants").remove(0);
        let (rows, breaks) = foundation.store.session(tenant.id).verify(tenant.id).await.expect("a verdict");
        assert!(breaks.is_empty(), "{breaks:?}");
        foundation.store.close().await;
        rows
    })
}

/// Reads a few times in a row and kills the server after the last answer; the rows of it that stayed.
fn rows_after_reads(reads: u64, audit: &[(&str, &str)]) -> u64 {
    let folder = tempfile::tempdir().expect("a folder");
    Running::start(folder.path()).crash();
    let before = rows(folder.path());
    let mut environment = vec![("PM33_TELEMETRY_LOG_FILTER", "error")];
    environment.extend_from_slice(audit);
    let server = Running::start_with(folder.path(), &environment, Stdio::inherit());
    for _ in 0..reads {
        assert_eq!(server.call("tools/list", json!({})).status, 200);
    }
    server.crash();
    // Starting it minted a key, which is one row.
    rows(folder.path()) - before - 1
}

#[test]
fn by_default_every_answered_read_has_its_row_on_disk() {
    assert_eq!(rows_after_reads(20, &[]), 20);
}

#[test]
fn batched_rows_of_reads_wait_for_their_time_and_are_written_with_the_next_write() {
    let batched = [("PM33_AUDIT_READS", "batched"), ("PM33_AUDIT_BATCH_MILLIS", "1000")];
    // The last answer leaves at once and not after its row: a crash right then loses rows of the last second.
    assert!(rows_after_reads(20, &batched) < 20);
    let folder = tempfile::tempdir().expect("a folder");
    Running::start(folder.path()).crash();
    let before = rows(folder.path());
    let mut environment = vec![("PM33_TELEMETRY_LOG_FILTER", "error")];
    environment.extend_from_slice(&batched);
    let server = Running::start_with(folder.path(), &environment, Stdio::inherit());
    for _ in 0..20 {
        assert_eq!(server.call("tools/list", json!({})).status, 200);
    }
    let written = server.tool("pm33_update_work_item", json!({ "item": "HAR-1", "priority": "low" }));
    assert_ne!(written["isError"], true, "{written}");
    server.crash();
    assert_eq!(rows(folder.path()) - before, 22, "a write takes what waited with it, in order");
}

#[test]
fn an_orderly_end_loses_no_batched_row() {
    let batched = [("PM33_AUDIT_READS", "batched"), ("PM33_AUDIT_BATCH_MILLIS", "1000")];
    let folder = tempfile::tempdir().expect("a folder");
    Running::start(folder.path()).crash();
    let before = rows(folder.path());
    let server = Running::start_with(folder.path(), &batched, Stdio::null());
    for _ in 0..20 {
        assert_eq!(server.call("tools/list", json!({})).status, 200);
    }
    server.stop();
    assert_eq!(rows(folder.path()) - before, 21);
}
