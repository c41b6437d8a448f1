//! The port to the budgets of calls that several servers share: calls are taken out of it in blocks, and what was not used
//! is put back.

use std::time::Duration;

use async_trait::async_trait;
use pm33_tenancy::TenantId;

use crate::{AdmissionError, LimitScope, Limits};

/// What is limited by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Every call.
    Calls,
    /// Calls of AI tools, which count as calls too.
    AiCalls,
}

impl Budget {
    /// What it counts, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::AiCalls => "calls of AI tools",
        }
    }

    /// Its name for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::AiCalls => "ai_calls",
        }
    }
}

/// What a server asks for.
#[derive(Clone, Copy, Debug)]
pub struct Ask {
    /// The limits of key and tenant.
    pub limits: Limits,
    /// Calls that wait now.
    pub needed: u32,
    /// Far from both limits a lease is this part of the room that is left, or what is needed if that is more.
    pub part: u32,
    /// How long the calls of a lease may be made near a limit, where only what is needed is given.
    pub short: Duration,
    /// How long far from both limits.
    pub long: Duration,
}

/// Calls that may be made without asking again. In the budget they count as made at the end of the lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// How many; less than needed, or none, at a limit.
    pub granted: u32,
    /// How long they may be made, from when it was asked.
    pub life: Duration,
    /// Where they are booked.
    pub slot: i64,
    /// Calls that the key has left beside these.
    pub key_left: u32,
    /// Calls that the tenant has left beside these.
    pub tenant_left: u32,
    /// When the key's oldest counted call leaves its window.
    pub reset: Duration,
    /// The limit that kept more from being granted, and when there is room for one more.
    pub short_of: (LimitScope, Duration),
}

/// How a lease ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Whose.
    pub principal: Box<str>,
    /// Where it is booked.
    pub slot: i64,
    /// Calls that were made; they count as made now at the latest.
    pub made: u32,
    /// Calls that were not made; they are put back.
    pub unused: u32,
}

/// A budget that several servers share. A lease is taken out of key and tenant in one decision; a lease that is never
/// settled counts as used.
#[async_trait]
pub trait SharedBudget: Send + Sync {
    /// Takes calls of a principal out of the budget.
    async fn lease(&self, tenant: TenantId, principal: &str, ask: Ask) -> Result<Lease, AdmissionError>;
    /// Ends leases of a tenant.
    async fn settle(&self, tenant: TenantId, ended: &[Settled]) -> Result<(), AdmissionError>;
}
