//! Stored API keys outside of calls: what the verifier and the sweeps use. Each write is a short unit of its own.

use std::sync::Arc;

use async_trait::async_trait;
use pm33_auth::{AuthError, KeyProof, KeyRecord, KeyStore, KeyUse, NewKey};
use pm33_tenancy::{KeyId, TenantId, Timestamp};

use crate::{keys, session::Session, store::Inner};

/// Stored keys over a store's connections.
pub(crate) struct StoredKeys(pub(crate) Arc<Inner>);

impl StoredKeys {
    fn session(&self, tenant: TenantId) -> Session {
        Session::new(Arc::clone(&self.0), Some(tenant))
    }
}

#[async_trait]
impl KeyStore for StoredKeys {
    async fn find(&self, id: KeyId) -> Result<Option<KeyRecord>, AuthError> {
        match keys::route(&self.0, id).await? {
            Some(tenant) => self.session(tenant).find(id).await,
            None => Ok(None),
        }
    }

    async fn proof(&self, id: KeyId) -> Result<Option<KeyProof>, AuthError> {
        // Nobody's session: whose key it is, if anybody's, is only found out on the way.
        Session::new(Arc::clone(&self.0), None).proof(id).await
    }

    async fn list(&self, tenant: TenantId) -> Result<Vec<KeyRecord>, AuthError> {
        self.session(tenant).list(tenant).await
    }

    async fn insert(&self, key: &NewKey) -> Result<(), AuthError> {
        let session = self.session(key.tenant);
        session.insert(key).await?;
        Ok(session.keep().await?)
    }

    async fn revoke(&self, tenant: TenantId, id: KeyId, at: Timestamp) -> Result<u64, AuthError> {
        let session = self.session(tenant);
        let ended = session.revoke(tenant, id, at).await?;
        session.keep().await?;
        Ok(ended)
    }

    async fn set_rotated(&self, tenant: TenantId, id: KeyId, until: Timestamp) -> Result<(), AuthError> {
        let session = self.session(tenant);
        session.set_rotated(tenant, id, until).await?;
        Ok(session.keep().await?)
    }

    async fn set_suspended(
        &self,
        tenant: TenantId,
        id: KeyId,
        until: Option<Timestamp>,
    ) -> Result<bool, AuthError> {
        let session = self.session(tenant);
        let is_changed = session.set_suspended(tenant, id, until).await?;
        session.keep().await?;
        Ok(is_changed)
    }

    async fn note_exposed(&self, tenant: TenantId, id: KeyId, at: Timestamp) -> Result<bool, AuthError> {
        let session = self.session(tenant);
        let is_new = session.note_exposed(tenant, id, at).await?;
        session.keep().await?;
        Ok(is_new)
    }

    async fn touch(&self, tenant: TenantId, id: KeyId, used: &KeyUse) -> Result<(), AuthError> {
        let session = self.session(tenant);
        session.touch(tenant, id, used).await?;
        Ok(session.keep().await?)
    }

    async fn note_expiry(&self, tenant: TenantId, id: KeyId, days: u32) -> Result<bool, AuthError> {
        let session = self.session(tenant);
        let is_new = session.note_expiry(tenant, id, days).await?;
        session.keep().await?;
        Ok(is_new)
    }

    async fn epoch(&self) -> Result<i64, AuthError> {
        Ok(Session::new(Arc::clone(&self.0), None).access_epoch().await?)
    }
}
