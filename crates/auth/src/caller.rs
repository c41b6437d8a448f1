//! The caller: what a verified credential proves. Everything below authentication trusts this and nothing else.

use std::{borrow::Cow, sync::Arc};

use pm33_tenancy::{
    Actor, ActorKind, EffectiveSettings, KeyId, Role, TenantId, Timestamp, UserId, WorkspaceAccess,
    WorkspaceId,
};

use crate::{ScopeSet, role_scopes};

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
    /// The user's roles in workspaces; empty for a user of the whole tenant, whom no role holds back.
    pub roles: Arc<[(WorkspaceId, Role)]>,
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

    /// What of the needed scopes the user's role in a workspace does not allow, whatever the key was granted.
    pub fn beyond_role(&self, workspace: WorkspaceId, needed: ScopeSet) -> ScopeSet {
        if self.roles.is_empty() {
            return ScopeSet::EMPTY;
        }
        let role = self.roles.iter().find(|(place, _)| *place == workspace).map(|(_, role)| *role);
        role.map_or(needed, |role| role_scopes(role).missing(needed))
    }

    /// The principal that sessions, handles and idempotency keys are bound to: the key, or the user where there is
    /// none. Unique inside the tenant.
    pub fn principal(&self) -> Cow<'_, str> {
        self.key.as_ref().map_or_else(|| self.user.to_string().into(), |key| key.as_str().into())
    }
}
