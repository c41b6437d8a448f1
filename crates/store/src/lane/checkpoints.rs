//! Checkpoints of the embedded database's log, beside the writer: copying the log into the database takes the writer many
//! times as long as a group, and every call of that moment would wait for it. A connection of its own copies what there
//! is while groups go on; the writer then copies the little that came meanwhile, and begins the log anew.

use std::{path::Path, time::Duration};

use sea_orm::{ConnectionTrait, DatabaseConnection};

use super::Lane;
use crate::{StoreError, engine::sqlite};

/// How often the log is looked at.
const EVERY: Duration = Duration::from_secs(1);

/// Copies the log again and again, until the lane ends.
pub(super) async fn keep_log_short(lane: Lane, path: std::path::PathBuf) {
    let mut connection = None;
    let mut seen = 0;
    loop {
        tokio::select! {
            () = lane.jobs.closed() => break,
            () = tokio::time::sleep(EVERY) => {}
        }
        let groups = lane.load().groups;
        if groups == seen {
            continue;
        }
        seen = groups;
        match checkpoint(&mut connection, &path).await {
            Ok(()) => lane.checkpoint().await,
            // The writer's own bound keeps the log from growing without end meanwhile.
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the database's log cannot be copied; it is tried again"
                );
                // A connection whose sync failed does not get to try it again: the second would say nothing.
                if let Some(connection) = connection.take() {
                    super::close(connection).await;
                }
            }
        }
    }
    if let Some(connection) = connection {
        super::close(connection).await;
    }
}

async fn checkpoint(held: &mut Option<DatabaseConnection>, path: &Path) -> Result<(), StoreError> {
    let connection = match held {
        Some(connection) => connection,
        None => held.insert(sqlite::open_whole(path).await?),
    };
    connection.execute_unprepared(sqlite::CHECKPOINT).await?;
    Ok(())
}
