//! What is true of a stored key only at a time: whether it may be used now, and when it ends.

use std::{net::IpAddr, sync::Arc};

use ipnet::IpNet;
use pm33_tenancy::{ActorKind, TenantState, Timestamp};

use crate::{AuthError, Caller, KeyRecord};

impl KeyRecord {
    /// When the key ends: by its life or by its rotation, whichever comes first.
    pub fn ends(&self) -> Timestamp {
        self.rotated_until.map_or(self.expires, |until| until.min(self.expires))
    }

    /// Whom the key stands for, as it is stored now.
    pub fn caller(&self) -> Caller {
        Caller {
            tenant: self.tenant,
            user: self.user,
            key: Some(self.id),
            kind: ActorKind::Key,
            scopes: self.scopes,
            workspaces: self.workspaces.clone(),
            roles: Arc::clone(&self.roles),
            expires: Some(self.ends()),
            settings: Arc::clone(&self.settings),
        }
    }
}

/// Whether the key may be used from an address. Where it is bound to networks, an unknown address is refused.
///
/// # Errors
/// [`AuthError::Refused`] with the reason for the log.
pub(crate) fn check_network(record: &KeyRecord, address: Option<IpAddr>) -> Result<(), AuthError> {
    let covers = |network: &IpNet| address.is_some_and(|address| network.contains(&address.to_canonical()));
    if record.networks.is_empty() || record.networks.iter().any(covers) {
        Ok(())
    } else {
        Err(AuthError::Refused { reason: "foreign_network" })
    }
}

/// Whether the key may be used at a time.
///
/// # Errors
/// [`AuthError::Refused`] with the reason for the log, or [`AuthError::Suspended`] until when.
pub(crate) fn check(record: &KeyRecord, now: Timestamp) -> Result<(), AuthError> {
    let reason = if record.revoked.is_some() {
        "revoked"
    } else if now >= record.expires {
        "expired"
    } else if record.rotated_until.is_some_and(|until| now >= until) {
        "rotated"
    } else if record.tenant_state != TenantState::Active {
        "tenant_suspended"
    } else {
        return match record.suspended_until {
            Some(until) if now < until => Err(AuthError::Suspended { retry_after: until.since(now) }),
            _ => Ok(()),
        };
    };
    Err(AuthError::Refused { reason })
}
