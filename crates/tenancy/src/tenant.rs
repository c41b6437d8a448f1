//! Tenants and the plan that each is on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{TenantId, Timestamp};

/// One organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tenant {
    /// Identifier.
    pub id: TenantId,
    /// Short name, unique in the deployment: lower-case letters, digits and dashes.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// The plan.
    pub plan: Plan,
    /// Whether the tenant may be served.
    pub state: TenantState,
    /// When it was made.
    pub created: Timestamp,
}

/// What a tenant has subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// One person on their own machine: usage is recorded, credits do not limit it.
    Local,
    /// A trial.
    Trial,
    /// A paying team.
    Team,
    /// A company with its own terms.
    Enterprise,
}

impl Plan {
    /// The word in the store and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Trial => "trial",
            Self::Team => "team",
            Self::Enterprise => "enterprise",
        }
    }

    /// Every plan, in order.
    pub const ALL: [Self; 4] = [Self::Local, Self::Trial, Self::Team, Self::Enterprise];

    /// For how many days the audit log is kept at least and at most.
    pub const fn audit_days(self) -> (u32, u32) {
        match self {
            Self::Local => (1, 3_650),
            Self::Trial => (1, 90),
            Self::Team => (30, 1_095),
            Self::Enterprise => (90, 3_650),
        }
    }

    /// For how many days after its last change a document is kept at most; `None` where the plan sets no end.
    pub const fn document_days(self) -> Option<u32> {
        match self {
            Self::Trial => Some(90),
            Self::Local | Self::Team | Self::Enterprise => None,
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.as_str() == word)
    }
}

/// Whether a tenant is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    /// Served.
    Active,
    /// Every key is refused until it is active again; data stays.
    Suspended,
}

impl TenantState {
    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Suspended].into_iter().find(|state| state.as_str() == word)
    }
}
