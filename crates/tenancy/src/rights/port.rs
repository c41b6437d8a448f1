//! Ports to privacy requests and to the limits of processing.

use std::sync::Arc;

use async_trait::async_trait;

use super::{PrivacyRequest, ProcessingLimit, ProcessingRules, RequestId};
use crate::{TenancyError, TenantId, Timestamp, UserId};

/// Requests as records. Writing methods join the session's unit of work.
#[async_trait]
pub trait PrivacyRequests: Send + Sync {
    /// Keeps a new request.
    async fn file_request(&self, request: &PrivacyRequest) -> Result<(), TenancyError>;
    /// Replaces what is kept of a request.
    async fn put_request(&self, request: &PrivacyRequest) -> Result<(), TenancyError>;
    /// A request.
    async fn privacy_request(
        &self,
        tenant: TenantId,
        id: RequestId,
    ) -> Result<Option<PrivacyRequest>, TenancyError>;
    /// All requests of an organisation, newest first.
    async fn privacy_requests(&self, tenant: TenantId) -> Result<Vec<PrivacyRequest>, TenancyError>;
}

/// The limits of processing. What one process sets holds in every other within a second.
#[async_trait]
pub trait Processing: Send + Sync {
    /// What holds for an organisation; from memory, at most half a second old.
    async fn processing(&self, tenant: TenantId) -> Result<Arc<ProcessingRules>, TenancyError>;
    /// Whether a member was erased, by themselves or with their organisation; from memory, at most half a second old.
    async fn was_erased(&self, tenant: TenantId, member: UserId) -> Result<bool, TenancyError>;
    /// Sets a limit for a member, or with no member for the whole organisation; joins the unit. Setting it again changes
    /// nothing.
    async fn limit_processing(
        &self,
        tenant: TenantId,
        member: Option<UserId>,
        limit: ProcessingLimit,
        since: Timestamp,
    ) -> Result<(), TenancyError>;
    /// Takes a limit back; whether there was one. Joins the unit.
    async fn lift_limit(
        &self,
        tenant: TenantId,
        member: Option<UserId>,
        limit: ProcessingLimit,
    ) -> Result<bool, TenancyError>;
}

/// Whether a language model may be used now for a member of an organisation. Asked before credits are held and again before
/// each call of a provider; everything else that reads goes on.
///
/// # Errors
/// [`TenancyError::Restricted`] with words for the caller; [`TenancyError::Erased`] when the member was erased meanwhile;
/// [`TenancyError::Unavailable`] when it cannot be known, and then
/// nothing may be sent.
pub async fn may_use_model(
    port: &(impl Processing + ?Sized),
    tenant: TenantId,
    member: Option<UserId>,
) -> Result<(), TenancyError> {
    if let Some(member) = member
        && port.was_erased(tenant, member).await?
    {
        return Err(TenancyError::Erased);
    }
    Ok(port.processing(tenant).await?.model(member)?)
}
