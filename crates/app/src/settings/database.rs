//! Section `database`: the embedded SQLite file, or PostgreSQL.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Broken, in_range};

/// The database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DatabaseSettings {
    /// File that holds the PostgreSQL URL of the application role (`postgres://…`). Absent: the embedded SQLite
    /// database `pm33.db` in the data folder.
    pub url_file: Option<PathBuf>,
    /// File that holds the PostgreSQL URL of the owner role, for migrations and the admin tool.
    pub owner_url_file: Option<PathBuf>,
    /// Connections kept at most: 1 to 500.
    pub connections: u32,
    /// Mebibytes of memory for workspace snapshots: 16 to 65,536.
    pub snapshot_mib: u32,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self { url_file: None, owner_url_file: None, connections: 8, snapshot_mib: 512 }
    }
}

impl DatabaseSettings {
    pub(super) fn validate(&self) -> Result<(), Broken> {
        in_range("connections", self.connections.into(), 1, 500)?;
        in_range("snapshot_mib", self.snapshot_mib.into(), 16, 65_536)
    }
}
