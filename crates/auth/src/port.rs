//! The port to stored API keys.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use ipnet::IpNet;
use pm33_tenancy::{
    Digest, EffectiveSettings, KeyId, Role, TenantId, TenantState, Timestamp, UserId, WorkspaceAccess,
    WorkspaceId,
};

use crate::{AuthError, ScopeSet};

/// What the store knows of a key; never the key itself.
#[derive(Clone, Debug)]
pub struct KeyRecord {
    /// Public half.
    pub id: KeyId,
    /// The tenant.
    pub tenant: TenantId,
    /// Whether the tenant is served.
    pub tenant_state: TenantState,
    /// The user it acts for.
    pub user: UserId,
    /// Name for people.
    pub name: String,
    /// HMAC-SHA-256 of the whole key under the pepper.
    pub digest: Digest,
    /// Which pepper.
    pub pepper: String,
    /// argon2id of the secret half, in PHC form.
    pub hash: String,
    /// Granted scopes.
    pub scopes: ScopeSet,
    /// Reachable workspaces: the key's own narrowing and the user's memberships together.
    pub workspaces: WorkspaceAccess,
    /// The key's own narrowing alone.
    pub narrowed: WorkspaceAccess,
    /// The user's roles; empty for a user of the whole tenant.
    pub roles: Arc<[(WorkspaceId, Role)]>,
    /// Networks that it may come from; empty: from anywhere.
    pub networks: Vec<IpNet>,
    /// The key it was derived from.
    pub parent: Option<KeyId>,
    /// When it was made.
    pub created: Timestamp,
    /// End of life.
    pub expires: Timestamp,
    /// When it stops because it was rotated.
    pub rotated_until: Option<Timestamp>,
    /// When it (or an ancestor) was revoked.
    pub revoked: Option<Timestamp>,
    /// Until when it is refused because it went on calling after refusals.
    pub suspended_until: Option<Timestamp>,
    /// When it was first seen on a way that others can read.
    pub exposed: Option<Timestamp>,
    /// Last use, at most once a minute exact.
    pub last_used: Option<Timestamp>,
    /// The neighbourhood of the address that it was last used from: a /24 or /48.
    pub last_network: Option<String>,
    /// The client that it was last used by.
    pub last_agent: Option<String>,
    /// Days before its end that were told last.
    pub noticed: Option<u32>,
    /// The tenant's settings over the deployment's.
    pub settings: Arc<EffectiveSettings>,
}

/// What a presented key is compared with before anything else of it is read.
#[derive(Clone, Debug)]
pub struct KeyProof {
    /// HMAC-SHA-256 of the whole key under the pepper.
    pub digest: Digest,
    /// Which pepper.
    pub pepper: String,
}

/// A key to be stored.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Public half.
    pub id: KeyId,
    /// The tenant.
    pub tenant: TenantId,
    /// The user it acts for.
    pub user: UserId,
    /// Name for people, 1 to 100 characters.
    pub name: String,
    /// HMAC-SHA-256 of the whole key under the pepper.
    pub digest: Digest,
    /// Which pepper.
    pub pepper: String,
    /// argon2id of the secret half, in PHC form.
    pub hash: String,
    /// Granted scopes.
    pub scopes: ScopeSet,
    /// The key's own narrowing.
    pub workspaces: WorkspaceAccess,
    /// Networks that it may come from; empty: from anywhere.
    pub networks: Vec<IpNet>,
    /// The key it was derived from.
    pub parent: Option<KeyId>,
    /// When it was made.
    pub created: Timestamp,
    /// End of life.
    pub expires: Timestamp,
}

/// A use of a key, as it is noted. The address is stored as a keyed pseudonym and its neighbourhood only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// When.
    pub at: Timestamp,
    /// From where.
    pub address: Option<IpAddr>,
    /// What the client calls itself.
    pub agent: Option<String>,
}

/// Stored keys. Writing methods join the session's unit of work; each raises the epoch that [`KeyStore::epoch`] tells.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// Finds a key by its public half.
    async fn find(&self, id: KeyId) -> Result<Option<KeyRecord>, AuthError>;
    /// What a presented key is compared with. An implementation does the same work for an unknown key as for a known
    /// one, so that time tells nobody which ids exist.
    async fn proof(&self, id: KeyId) -> Result<Option<KeyProof>, AuthError> {
        Ok(self.find(id).await?.map(|record| KeyProof { digest: record.digest, pepper: record.pepper }))
    }
    /// All keys of a tenant, newest first, refused ones too.
    async fn list(&self, tenant: TenantId) -> Result<Vec<KeyRecord>, AuthError>;
    /// Stores a key.
    async fn insert(&self, key: &NewKey) -> Result<(), AuthError>;
    /// Revokes a key and every key derived from it; how many ended now.
    async fn revoke(&self, tenant: TenantId, id: KeyId, at: Timestamp) -> Result<u64, AuthError>;
    /// Lets a rotated key live until the given time.
    async fn set_rotated(&self, tenant: TenantId, id: KeyId, until: Timestamp) -> Result<(), AuthError>;
    /// Suspends a key until the given time, or with `None` ends that; whether it changed anything.
    async fn set_suspended(
        &self,
        tenant: TenantId,
        id: KeyId,
        until: Option<Timestamp>,
    ) -> Result<bool, AuthError>;
    /// Notes that a key was seen where others can read it; whether that was new.
    async fn note_exposed(&self, tenant: TenantId, id: KeyId, at: Timestamp) -> Result<bool, AuthError>;
    /// Notes a use.
    async fn touch(&self, tenant: TenantId, id: KeyId, used: &KeyUse) -> Result<(), AuthError>;
    /// Notes that the coming end of a key is told so many days before; false when it was told already, here or
    /// elsewhere.
    async fn note_expiry(&self, tenant: TenantId, id: KeyId, days: u32) -> Result<bool, AuthError>;
    /// A number that rises with every change of keys, tenants, memberships or settings, in any process.
    async fn epoch(&self) -> Result<i64, AuthError>;
}
