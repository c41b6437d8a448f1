//! Signed heads of audit logs on their way out of the machine: a log line and, with a folder, a line in a file of the
//! month. A log that is cut or put back to an older state later is told by them (governance A6).

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use pm33_store::Store;
use pm33_tenancy::{AuditLog, Clock, HeadLine};
use tokio_util::sync::CancellationToken;

use crate::background::Fault;

/// How often heads leave; also at the start.
const EVERY: Duration = Duration::from_hours(1);

/// Tells heads until `stop`, and once more at the end.
pub(crate) async fn run(
    store: Store,
    clock: Arc<dyn Clock>,
    folder: Option<PathBuf>,
    stop: CancellationToken,
) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        let is_last = tokio::select! {
            () = stop.cancelled() => true,
            _ = tick.tick() => false,
        };
        if let Err(error) = publish_heads(&store, &*clock, folder.as_deref()).await {
            tracing::error!(
                error = &*error as &dyn std::error::Error,
                "heads of audit logs cannot leave the machine"
            );
        }
        if is_last {
            return;
        }
    }
}

/// Tells the head of every tenant's log; how many. A head that is not signed with the deployment's key is told of and does
/// not leave.
///
/// # Errors
/// When the store does not answer or the file cannot be written.
pub async fn publish_heads(store: &Store, clock: &dyn Clock, folder: Option<&Path>) -> Result<usize, Fault> {
    let mut text = String::new();
    let mut count = 0;
    for tenant in store.sessions().tenants().await? {
        let Some((head, signature)) = store.session(tenant).chain(tenant).await?.head else { continue };
        let line = HeadLine { at: clock.now(), tenant, seq: head.seq, hash: head.hash, signature };
        if !store.is_signed(&head, &signature) {
            tracing::error!(tenant.id = %tenant, audit.seq = head.seq, "an audit log's head is not signed with this deployment's key");
            continue;
        }
        tracing::event!(
            target: "pm33::audit_head",
            tracing::Level::INFO,
            tenant.id = %tenant,
            audit.seq = head.seq,
            audit.hash = %head.hash,
            audit.signature = %signature,
            "head of an audit log"
        );
        text.push_str(&serde_json::to_string(&line)?);
        text.push('\n');
        count += 1;
    }
    let Some(folder) = folder.filter(|_| count > 0) else { return Ok(count) };
    let month = clock.now().to_string().chars().take(7).collect::<String>();
    let path = folder.join(format!("heads-{month}.ndjson"));
    tokio::task::spawn_blocking(move || append(&path, &text)).await??;
    Ok(count)
}

/// One write, so that two servers with one folder mix no lines.
fn append(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_data()
}
