//! What the limiter is asked and what it says.

use std::time::Duration;

use crate::window::COUNTED;

/// Calls that may be admitted in any 60 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Per key.
    pub key: u32,
    /// Per tenant.
    pub tenant: u32,
}

/// Which limit refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitScope {
    /// The key's.
    Key,
    /// The tenant's.
    Tenant,
}

impl LimitScope {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Tenant => "tenant",
        }
    }
}

/// An admitted call's standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Calls that the key has left in this window.
    pub key_left: u32,
    /// Calls that the tenant has left.
    pub tenant_left: u32,
    /// When the oldest counted call of the key leaves the window.
    pub reset: Duration,
}

/// What the limiter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Admitted(Admitted),
    /// Not now.
    Denied {
        /// Which limit.
        scope: LimitScope,
        /// That limit.
        limit: u32,
        /// A retry then passes, unless keys that are new by then have a share too.
        retry_after: Duration,
        /// Calls of the key that were refused in the last minute, this one with them.
        refused: u32,
    },
}

impl Verdict {
    /// There is no room to count one more tenant or key.
    pub(crate) fn full(limits: Limits) -> Self {
        let scope = LimitScope::Tenant;
        Self::Denied { scope, limit: limits.tenant, retry_after: COUNTED, refused: 1 }
    }
}
