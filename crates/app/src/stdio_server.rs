//! Running the stdio server: one local tenant, its owner as the caller.

use std::sync::Arc;

use pm33_auth::{Caller, LocalOwner, Scope, ScopeSet};
use pm33_mcp::Server;
use pm33_tenancy::{ActorKind, EffectiveSettings, WorkspaceAccess};

use crate::{ComposeError, Foundation, Settings, compose, operator::Local};

/// What the stdio server lets its client do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    /// Everything.
    Full,
    /// Reads only.
    ReadOnly,
}

/// Composes the engine for the owner of this process.
///
/// # Errors
/// When the catalogue is broken.
pub fn compose_stdio(
    settings: &Settings,
    foundation: &Foundation,
    local: &Local,
    rights: Rights,
) -> Result<Server, ComposeError> {
    let scopes: ScopeSet = match rights {
        Rights::Full => ScopeSet::all(),
        Rights::ReadOnly => Scope::ALL.iter().copied().filter(|scope| !scope.is_write()).collect(),
    };
    // One person on their own machine: the limits are there to stop a loop, not to ration.
    let defaults = settings.defaults();
    let limits = EffectiveSettings {
        calls_per_minute_key: defaults.calls_per_minute_key.max(60_000),
        calls_per_minute_tenant: defaults.calls_per_minute_tenant.max(60_000),
        ..defaults
    };
    let owner = Caller {
        tenant: local.tenant,
        user: local.user,
        key: None,
        kind: ActorKind::Local,
        scopes,
        workspaces: WorkspaceAccess::All,
        roles: Arc::new([]),
        expires: None,
        settings: Arc::new(limits),
    };
    compose::serve(settings, foundation, Arc::new(LocalOwner(owner)), compose::catalogue()?)
}
