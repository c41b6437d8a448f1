//! Why a credential is refused. The client hears only the public words; the reason word goes to logs.

use std::time::Duration;

use crate::{Scope, ScopeSet};

/// A refusal, or a fault on the way to one.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// No credential came with the request.
    #[error("send an API key: `Authorization: Bearer pm33_…` or `x-api-key: pm33_…`")]
    Absent,
    /// Not a key of ours: wrong form or checksum.
    #[error("the API key is malformed: check that it was copied whole")]
    Malformed,
    /// Unknown, revoked, expired or of a suspended tenant: all read the same to the client.
    #[error(
        "the API key is not valid: it may have been revoked, rotated or expired; ask your administrator for a new one"
    )]
    Refused {
        /// The reason, for the security log only.
        reason: &'static str,
    },
    /// A good key that went on calling after refusals.
    #[error(
        "this API key is suspended for a while, because it kept calling after it was refused; wait as told, or ask your \
         administrator to release it"
    )]
    Suspended {
        /// When it ends by itself.
        retry_after: Duration,
    },
    /// Too many first-time verifications at once.
    #[error("authentication is busy; try again shortly")]
    Busy {
        /// When a retry makes sense.
        retry_after: Duration,
    },
    /// The scope does not exist.
    #[error("unknown scope {asked:?}; known: {}", known())]
    UnknownScope {
        /// What was asked for.
        asked: String,
    },
    /// A new key would be wider than its parent or its user.
    #[error("a key cannot grant more than its maker has: {what}")]
    TooWide {
        /// What is too wide.
        what: String,
    },
    /// A request for a key breaks a rule that has nothing to do with its maker's rights.
    #[error("{field}: {rule}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// The rule, in words.
        rule: &'static str,
    },
    /// A sealed handle does not open here: foreign, changed or from another place.
    #[error("not a handle that this server gave you for this purpose")]
    BadHandle,
    /// A sealed handle is past its life.
    #[error("the handle has expired; start again without it")]
    ExpiredHandle,
    /// The key store could not do its part.
    #[error("the key store is unavailable; try again shortly")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl AuthError {
    /// A short word for logs and metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Malformed => "malformed",
            Self::Refused { reason } => reason,
            Self::Suspended { .. } => "suspended",
            Self::Busy { .. } => "busy",
            Self::UnknownScope { .. } => "unknown_scope",
            Self::TooWide { .. } => "too_wide",
            Self::Invalid { .. } => "invalid",
            Self::BadHandle => "bad_handle",
            Self::ExpiredHandle => "expired_handle",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// A refusal of scopes that no role of the user allows.
    pub fn beyond_roles(missing: ScopeSet) -> Self {
        Self::TooWide { what: format!("scopes {missing}, which no role of the user allows") }
    }

    /// A refusal of scopes that the maker does not hold.
    pub fn too_wide(missing: ScopeSet) -> Self {
        Self::TooWide { what: format!("scopes {missing}") }
    }
}

fn known() -> String {
    Scope::ALL.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ")
}
