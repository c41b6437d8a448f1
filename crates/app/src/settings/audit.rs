//! Section `audit`: when the rows of reads are durable, and where heads of logs go.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Broken, in_range};

/// The audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSettings {
    /// `each_call`: a read is answered after its row is on disk. `committed`: a read is answered after its row is in the
    /// embedded database's log, which is synced about a second later; the end of the process loses nothing, a loss of power
    /// may lose the newest rows (on PostgreSQL like `each_call`). `batched`: rows of reads become durable together, within
    /// `batch_millis`; a crash may lose the newest of them. Writes are always on disk first. Not set: `each_call`, and
    /// `committed` for `pm33-stdio`.
    pub reads: Option<AuditReads>,
    /// Longest wait of a batched row in milliseconds: 1 to 1,000.
    pub batch_millis: u32,
    /// Folder for the signed heads of audit logs, which leave every hour and at the end of the server, a file a month;
    /// best on another machine's disk. Without it they are log lines only.
    pub heads_dir: Option<PathBuf>,
}

/// When the rows of reads are durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditReads {
    /// Before the answer leaves.
    EachCall,
    /// In the log before the answer leaves, on disk a little later.
    Committed,
    /// Together, a little later.
    Batched,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self { reads: None, batch_millis: 200, heads_dir: None }
    }
}

impl AuditSettings {
    /// What a program beside one person's IDE does where nothing is set: there a crash is one of the program.
    pub fn on_own_machine(&mut self) {
        self.reads.get_or_insert(AuditReads::Committed);
    }

    pub(super) fn validate(&self) -> Result<(), Broken> {
        in_range("batch_millis", self.batch_millis.into(), 1, 1_000)
    }
}
