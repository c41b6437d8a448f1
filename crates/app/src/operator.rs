//! Acts of an operator at the command line, each with its audit row: tenants, users, workspaces, keys, the sample.

use pm33_auth::{KeyEnvironment, KeyRequest, KeyStore, ScopeSet, issue_key};
use pm33_store::Session;
use pm33_tenancy::{
    ActorKind, Administration, AuditEvent, Directory, Plan, Tenant, TenantId, TenantState, Timestamp, User,
    UserId, Workspace, WorkspaceAccess, WorkspaceId, open_workspace,
};
use secrecy::SecretString;

use crate::{ComposeError, Foundation, demo};

fn broken(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> ComposeError {
    ComposeError::FirstWorkspace(error.into())
}

/// The audit event of an operator's act.
pub fn act(tenant: TenantId, name: &'static str, target: Option<String>, now: Timestamp) -> AuditEvent {
    AuditEvent { target: target.map(Into::into), ..AuditEvent::done(tenant, ActorKind::Operator, name, now) }
}

/// The tenant, user and workspace of a local installation.
#[derive(Clone, Debug)]
pub struct Local {
    /// The tenant.
    pub tenant: TenantId,
    /// The owner.
    pub user: UserId,
    /// Whether it was made just now.
    pub is_new: bool,
}

/// What a local installation starts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// The sample workspace.
    Sample,
    /// An empty workspace.
    Empty,
}

/// Opens the local tenant (slug `local`), making it, its owner and its first workspace on first use.
///
/// # Errors
/// When the store refuses.
pub async fn open_local(foundation: &Foundation, start: Start) -> Result<Local, ComposeError> {
    if let Some(local) = find_local(foundation).await? {
        return Ok(local);
    }
    match make_local(foundation, start).await {
        Ok(local) => Ok(local),
        // Another process may have made it between the look and the write; then its tenant is ours too.
        Err(error) => find_local(foundation).await?.ok_or(error),
    }
}

async fn find_local(foundation: &Foundation) -> Result<Option<Local>, ComposeError> {
    let tenants = foundation.store.operator().tenants().await.map_err(broken)?;
    let Some(tenant) = tenants.iter().find(|tenant| tenant.slug == "local") else { return Ok(None) };
    let users = foundation.store.session(tenant.id).users(tenant.id).await.map_err(broken)?;
    let owner = users
        .iter()
        .find(|user| user.handle == "owner")
        .ok_or_else(|| broken("the local tenant has no owner"))?;
    Ok(Some(Local { tenant: tenant.id, user: owner.id, is_new: false }))
}

async fn make_local(foundation: &Foundation, start: Start) -> Result<Local, ComposeError> {
    let now = foundation.clock.now();
    let tenant = Tenant {
        id: TenantId::new(now),
        slug: "local".to_owned(),
        name: "This machine".to_owned(),
        plan: Plan::Local,
        state: TenantState::Active,
        created: now,
    };
    let user = User {
        tenant: tenant.id,
        id: UserId::new(now),
        handle: "owner".to_owned(),
        name: "Owner".to_owned(),
        created: now,
    };
    let (name, slug, prefix) = match start {
        Start::Sample => demo::names().map_err(broken)?,
        Start::Empty => ("My product".to_owned(), "main".to_owned(), "PM".to_owned()),
    };
    let workspace =
        Workspace { tenant: tenant.id, id: WorkspaceId::new(now), slug, prefix, name, created: now };
    let session = foundation.store.operator();
    session.create_tenant(&tenant).await.map_err(broken)?;
    session.create_user(&user).await.map_err(broken)?;
    session.create_workspace(&workspace).await.map_err(broken)?;
    if start == Start::Sample {
        let directory: &dyn Directory = &session;
        let (at, _) =
            open_workspace(directory, tenant.id, &WorkspaceAccess::All, None).await.map_err(broken)?;
        demo::seed_sample(&session, at, now).await.map_err(broken)?;
    }
    session.commit(act(tenant.id, "admin/tenant.create", None, now)).await?;
    Ok(Local { tenant: tenant.id, user: user.id, is_new: true })
}

/// Mints a key for a local installation's owner: every scope, 90 days.
///
/// # Errors
/// When the store refuses.
pub async fn mint_local_key(foundation: &Foundation, local: &Local) -> Result<SecretString, ComposeError> {
    let now = foundation.clock.now();
    let session: Session = foundation.store.session(local.tenant);
    let longest = session.settings(local.tenant).await.map_err(broken)?.key_max_life;
    let request = KeyRequest {
        tenant: local.tenant,
        user: local.user,
        name: "demo".to_owned(),
        environment: KeyEnvironment::Local,
        scopes: ScopeSet::all(),
        workspaces: WorkspaceAccess::All,
        life: None,
        longest,
        networks: Vec::new(),
        roles: Vec::new(),
    };
    let minted = issue_key(request, None, foundation.keys.peppers(), now).map_err(broken)?;
    session.insert(&minted.stored).await.map_err(broken)?;
    session.commit(act(local.tenant, "admin/key.create", Some(minted.stored.id.to_string()), now)).await?;
    foundation.keys.forget();
    Ok(minted.shown)
}
