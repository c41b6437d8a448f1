//! How long a tenant's audit log is kept, what holds it longer, and the port that shortens it (governance A5).

use std::fmt;

use async_trait::async_trait;

use crate::{Anchor, CorrelationId, TenancyError, TenantId, Timestamp, UserId};

/// What a legal hold keeps from being removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The whole log.
    Tenant,
    /// From the first row of a user's on.
    User(UserId),
    /// From the first row of a call on.
    Request(CorrelationId),
}

impl Subject {
    /// The word in the store.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::User(_) => "user",
            Self::Request(_) => "request",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tenant => f.write_str("the whole log"),
            Self::User(user) => write!(f, "user {user}"),
            Self::Request(call) => write!(f, "request {call}"),
        }
    }
}

/// A legal hold: rows are kept whatever their age until it is released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalHold {
    /// Identifier.
    pub id: uuid::Uuid,
    /// What it keeps.
    pub subject: Subject,
    /// Why, in an operator's words: 1 to 500 characters.
    pub reason: String,
    /// When it was placed.
    pub placed: Timestamp,
    /// When it was released.
    pub released: Option<Timestamp>,
}

impl LegalHold {
    /// Checks the reason.
    ///
    /// # Errors
    /// [`TenancyError::Invalid`] unless it has 1 to 500 characters.
    pub fn validate(&self) -> Result<(), TenancyError> {
        if (1..=500).contains(&self.reason.trim().chars().count()) {
            Ok(())
        } else {
            Err(TenancyError::Invalid { field: "reason", rule: "must be 1 to 500 characters".to_owned() })
        }
    }
}

/// For how many days a tenant's log is kept, and by which rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditDays {
    /// What holds.
    pub days: u32,
    /// What the tenant's or the deployment's setting asks for.
    pub asked: u32,
    /// The least that the tenant's plan allows.
    pub floor: u32,
    /// The most.
    pub cap: u32,
}

/// What is older than its retention, and what keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overdue {
    /// Rows at the log's beginning that are all past their time; the newest row of a log is never among them.
    pub rows: u64,
    /// Of these, how many may be removed now.
    pub removable: u64,
    /// When the oldest row of the log was written.
    pub oldest: Option<Timestamp>,
    /// The hold that keeps the rest, and the first row that it keeps.
    pub kept_by: Option<(uuid::Uuid, u64)>,
}

/// What is removed.
#[derive(Clone, Debug)]
pub struct PurgeRule {
    /// Rows from before this time.
    pub before: Timestamp,
    /// The rule, for the anchor.
    pub policy: String,
    /// Who removes: `system` or `operator`.
    pub actor: &'static str,
    /// Now.
    pub at: Timestamp,
    /// Rows at most.
    pub most: u64,
}

/// Shortens a tenant's log from its beginning, and keeps what is held. Each method joins the session's unit of work.
#[async_trait]
pub trait AuditRetention: Send + Sync {
    /// How long the log is kept.
    async fn audit_days(&self, tenant: TenantId) -> Result<AuditDays, TenancyError>;
    /// Every hold, released ones too, oldest first.
    async fn legal_holds(&self, tenant: TenantId) -> Result<Vec<LegalHold>, TenancyError>;
    /// Places a hold.
    async fn place_hold(&self, tenant: TenantId, hold: &LegalHold) -> Result<(), TenancyError>;
    /// Releases a hold; whether there was one to release.
    async fn release_hold(
        &self,
        tenant: TenantId,
        hold: uuid::Uuid,
        at: Timestamp,
    ) -> Result<bool, TenancyError>;
    /// What is from before a time.
    async fn overdue(&self, tenant: TenantId, before: Timestamp) -> Result<Overdue, TenancyError>;
    /// Removes the rows of a prefix and notes it in a signed anchor; `None` when there is nothing to remove. A prefix that
    /// does not verify is evidence and is not removed: [`TenancyError::Evidence`].
    async fn purge(&self, tenant: TenantId, rule: &PurgeRule) -> Result<Option<Anchor>, TenancyError>;
}
