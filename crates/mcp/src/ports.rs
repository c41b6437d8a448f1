//! The port to a call's unit of work.

use async_trait::async_trait;
use pm33_admission::IdempotencyStore;
use pm33_auth::Caller;
use pm33_tenancy::AuditEvent;
use pm33_tools::Ports;

/// Opens a unit of work per call; cheap, and nothing is begun before the first write.
pub trait Stores: Send + Sync {
    /// A unit for this caller.
    fn open(&self, caller: &Caller) -> Box<dyn CallStore>;
}

/// One call's unit of work. Dropped without a commit, nothing of it happened.
#[async_trait]
pub trait CallStore: Send + Sync {
    /// The data ports.
    fn ports(&self) -> &dyn Ports;
    /// Finished calls by idempotency key.
    fn idempotency(&self) -> &dyn IdempotencyStore;
    /// Commits all writes together with the audit row; returns when both are durable (or, where the deployment
    /// batches the audit of reads and nothing was written, when the row is queued).
    async fn commit(self: Box<Self>, event: Box<AuditEvent>) -> Result<(), CommitError>;
    /// Commits without an audit row: for signs of life, which are no act of anybody's.
    async fn keep(self: Box<Self>) -> Result<(), CommitError>;
}

/// The unit could not be committed: all of it happened, or nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The store cannot write now.
    #[error(
        "the data store is unavailable and could not confirm the call; repeat it with the same idempotency_key"
    )]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Nothing is written in the name of somebody who was erased.
    #[error("whoever this call was made for was erased while it ran; nothing of it was kept")]
    Erased,
}
