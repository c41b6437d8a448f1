//! When a read's audit row is durable: before its answer by default; batched, within the time that is set.

use std::{path::Path, process::Stdio};

use pm33_app::{Settings, found};
use pm33_tenancy::{Administration, AuditLog};
use serde_json::json;

use crate::running::Running;

/// The methods of the newest audit rows, oldest first; the chain must verify. A killed server leaves what is durable and
/// nothing else. Rows of the server's own acts may stand between, such as a key's first use.
fn methods(folder: &Path) -> Vec<String> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut settings = Settings::default();
        settings.data.dir = folder.to_owned();
        let foundation = found(&settings).await.expect("the store opens");
        let tenant = foundation.store.operator().tenants().await.expect("tenants").remove(0);
        let session = foundation.store.session(tenant.id);
        let (_, breaks) = session.verify(tenant.id).await.expect("a verdict");
        assert!(breaks.is_empty(), "{breaks:?}");
        let page = session.tail(tenant.id, 200).await.expect("rows");
        drop(session);
        foundation.store.close().await;
        page.rows.into_iter().map(|(_, row)| row.method.into()).collect()
    })
}

/// How many rows are reads'.
fn reads(methods: &[String]) -> usize {
    methods.iter().filter(|method| *method == "tools/list").count()
}

/// A server that answered twenty reads.
fn after_twenty_reads(folder: &Path, audit: &[(&str, &str)]) -> Running {
    let mut environment = vec![("PM33_TELEMETRY_LOG_FILTER", "error")];
    environment.extend_from_slice(audit);
    let server = Running::start_with(folder, &environment, Stdio::inherit());
    for _ in 0..20 {
        assert_eq!(server.call("tools/list", json!({})).status, 200);
    }
    server
}

const BATCHED: [(&str, &str); 2] = [("PM33_AUDIT_READS", "batched"), ("PM33_AUDIT_BATCH_MILLIS", "1000")];

#[test]
fn by_default_every_answered_read_has_its_row_on_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    after_twenty_reads(folder.path(), &[]).crash();
    assert_eq!(reads(&methods(folder.path())), 20);
}

#[test]
fn batched_rows_of_reads_are_not_waited_for() {
    let loses = || {
        let folder = tempfile::tempdir().expect("a folder");
        after_twenty_reads(folder.path(), &BATCHED).crash();
        reads(&methods(folder.path())) < 20
    };
    // A batch may become due between the last answer and the crash, but not again and again.
    assert!((0..5).any(|_| loses()));
}

#[test]
fn a_write_takes_the_batched_rows_with_it_before_its_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = after_twenty_reads(folder.path(), &BATCHED);
    let written = server.tool("pm33_update_work_item", json!({ "item": "HAR-1", "priority": "low" }));
    assert_ne!(written["isError"], true, "{written}");
    server.crash();
    let methods = methods(folder.path());
    assert_eq!(reads(&methods), 20);
    assert!(methods.contains(&"tools/call".to_owned()), "{methods:?}");
}

#[test]
fn an_orderly_end_loses_no_batched_row() {
    let folder = tempfile::tempdir().expect("a folder");
    after_twenty_reads(folder.path(), &BATCHED).stop();
    assert_eq!(reads(&methods(folder.path())), 20);
}
