//! The caller: what a verified credential proves. Everything below authentication trusts this and nothing else.

use std::sync::Arc;

use pm33_tenancy::{
    Actor, ActorKind, EffectiveSettings, KeyId, TenantId, Timestamp, UserId, WorkspaceAccess,
};

use crate::ScopeSet;

/// Who is calling, for which tenant, with which rights.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant; the only source of tenancy in the whole call.
    pub tenant: TenantId,
    /// The user that the credential belongs to.
    pub user: UserId,
    /// The key; `None` for a local owner.
    pub key: Option<KeyId>,
    /// What sort of actor, for the audit log.
    pub kind: ActorKind,
    /// Granted scopes.
    pub scopes: ScopeSet,
    /// Reachable workspaces.
    pub workspaces: WorkspaceAccess,
    /// When the credential ends.
    pub expires: Option<Timestamp>,
    /// The tenant's settings, as fresh as the credential's cache entry.
    pub settings: Arc<EffectiveSettings>,
}

impl Caller {
    /// The actor of audit rows.
    pub fn actor(&self) -> Actor {
        Actor { kind: self.kind, user: Some(self.user) }
    }

    /// The principal that sessions, handles and idempotency keys are bound to: the key, or the user where there is
    /// none. Unique inside the tenant.
    pub fn principal(&self) -> String {
        self.key.map_or_else(|| self.user.to_string(), |key| key.to_string())
    }
}
