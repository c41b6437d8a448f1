//! Ports to the records of tenants, users and workspaces.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    EffectiveSettings, Membership, Plan, TenancyError, Tenant, TenantId, TenantSettings, TenantState, User,
    UserId, Workspace, WorkspaceId,
};

/// Reads who and what a tenant has; answers come from memory when nothing changed.
#[async_trait]
pub trait Directory: Send + Sync {
    /// All workspaces of the tenant, by slug.
    async fn workspaces(&self, tenant: TenantId) -> Result<Arc<[Arc<Workspace>]>, TenancyError>;
    /// The tenant's settings laid over the deployment's.
    async fn settings(&self, tenant: TenantId) -> Result<Arc<EffectiveSettings>, TenancyError>;
}

/// Makes and changes tenants, users and workspaces. Each method joins the session's unit of work.
#[async_trait]
pub trait Administration: Send + Sync {
    /// Adds a tenant; its slug must be free.
    async fn create_tenant(&self, tenant: &Tenant) -> Result<(), TenancyError>;
    /// All tenants by slug (operators only).
    async fn tenants(&self) -> Result<Vec<Tenant>, TenancyError>;
    /// Changes plan or state.
    async fn update_tenant(
        &self,
        tenant: TenantId,
        plan: Plan,
        state: TenantState,
    ) -> Result<(), TenancyError>;
    /// The tenant's own settings, without the deployment's defaults.
    async fn own_settings(&self, tenant: TenantId) -> Result<TenantSettings, TenancyError>;
    /// Replaces the tenant's own settings; live sessions and limits follow within a second.
    async fn put_settings(&self, tenant: TenantId, settings: &TenantSettings) -> Result<(), TenancyError>;
    /// Adds a user; the handle must be free in the tenant.
    async fn create_user(&self, user: &User) -> Result<(), TenancyError>;
    /// All users of a tenant by handle.
    async fn users(&self, tenant: TenantId) -> Result<Vec<User>, TenancyError>;
    /// Adds a workspace; slug and prefix must be free in the tenant.
    async fn create_workspace(&self, workspace: &Workspace) -> Result<(), TenancyError>;
    /// Sets a user's role in a workspace.
    async fn put_membership(&self, tenant: TenantId, membership: &Membership) -> Result<(), TenancyError>;
    /// Ends a user's membership in a workspace. Whoever has none left is of the whole tenant again.
    async fn remove_membership(
        &self,
        tenant: TenantId,
        user: UserId,
        workspace: WorkspaceId,
    ) -> Result<(), TenancyError>;
    /// Every membership of the tenant.
    async fn members(&self, tenant: TenantId) -> Result<Vec<Membership>, TenancyError>;
    /// A user's memberships.
    async fn memberships(&self, tenant: TenantId, user: UserId) -> Result<Vec<Membership>, TenancyError>;
}
