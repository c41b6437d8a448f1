//! The port that reads a tenant's audit log. Appending is part of the unit of work's commit.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Anchor, AuditRow, Break, ChainHead, Outcome, StoredRow};
use crate::{CorrelationId, Digest, KeyId, TenancyError, TenantId, Timestamp, WorkspaceId};

/// Which rows are wanted; all conditions hold together.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only rows after this number.
    pub after: u64,
    /// Only this call.
    pub correlation: Option<CorrelationId>,
    /// Only this tool, resource or prompt.
    pub target: Option<String>,
    /// Only from this time on.
    pub since: Option<Timestamp>,
    /// Only before this time.
    pub until: Option<Timestamp>,
    /// Only calls that ended so.
    pub outcome: Option<Outcome>,
    /// Only calls with this key.
    pub key: Option<KeyId>,
    /// Only rows of these workspaces, and of this key wherever it called; everybody's without.
    pub reach: Option<AuditReach>,
    /// Newest first, below this number; without it oldest first.
    pub newest_below: Option<u64>,
    /// At most this many rows.
    pub limit: u64,
}

/// What of the log somebody may see who may not see all of it.
#[derive(Clone, Debug)]
pub struct AuditReach {
    /// Workspaces whose rows are seen.
    pub workspaces: Arc<[WorkspaceId]>,
    /// The key whose own rows are seen.
    pub key: Option<KeyId>,
}

/// Rows with their numbers, in the order asked.
#[derive(Clone, Debug)]
pub struct AuditPage {
    /// Number and row.
    pub rows: Vec<(u64, AuditRow)>,
    /// Whether there are more after the last.
    pub more: bool,
}

/// Both ends of a tenant's chain.
#[derive(Clone, Debug, Default)]
pub struct ChainState {
    /// Notes of rows that were removed from the beginning, in order, with their signatures.
    pub anchors: Vec<(Anchor, Digest)>,
    /// The stored head with its signature; `None` before the first row.
    pub head: Option<(ChainHead, Digest)>,
}

/// Reads and checks a tenant's audit log.
#[async_trait]
pub trait AuditLog: Send + Sync {
    /// A page of rows.
    async fn rows(&self, tenant: TenantId, filter: &AuditFilter) -> Result<AuditPage, TenancyError>;
    /// The newest rows, oldest first.
    async fn tail(&self, tenant: TenantId, count: u64) -> Result<AuditPage, TenancyError>;
    /// Checks the whole chain; the number of rows and every defect.
    async fn verify(&self, tenant: TenantId) -> Result<(u64, Vec<Break>), TenancyError> {
        self.verify_against(tenant, &[]).await
    }
    /// Checks the whole chain, also against heads that had left the machine and whose signatures were checked.
    async fn verify_against(
        &self,
        tenant: TenantId,
        known: &[ChainHead],
    ) -> Result<(u64, Vec<Break>), TenancyError>;
    /// Both ends of the chain.
    async fn chain(&self, tenant: TenantId) -> Result<ChainState, TenancyError>;
    /// Up to 1,000 stored rows as they are, with their personal sides, and where the next page goes on.
    async fn stored(
        &self,
        tenant: TenantId,
        after: Option<i64>,
    ) -> Result<(Vec<StoredRow>, Option<i64>), TenancyError>;
}
