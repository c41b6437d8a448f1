//! Section `audit`: when the rows of reads are durable, and where heads of logs go.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Broken, in_range};

/// The audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSettings {
    /// `each_call`: a read is answered after its row is durable. `batched`: rows of reads become durable together,
    /// within `batch_millis`; a crash may lose the newest of them. Writes are always durable first.
    pub reads: AuditReads,
    /// Longest wait of a batched row in milliseconds: 1 to 1,000.
    pub batch_millis: u32,
    /// Folder for the signed heads of audit logs, which leave every hour and at the end of the server, a file a month;
    /// best on another machine's disk. Without it they are log lines only.
    pub heads_dir: Option<PathBuf>,
}

/// When the rows of reads are durable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuditReads {
    /// Before the answer leaves.
    #[default]
    EachCall,
    /// Together, a little later.
    Batched,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self { reads: AuditReads::EachCall, batch_millis: 200, heads_dir: None }
    }
}

impl AuditSettings {
    pub(super) fn validate(&self) -> Result<(), Broken> {
        in_range("batch_millis", self.batch_millis.into(), 1, 1_000)
    }
}
