//! Legacy protocol sessions as records: bounded, stored, bound to their caller, ended by idleness.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use pm33_tenancy::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::AdmissionError;

/// A session's identifier: 32 random bytes in hexadecimal. It names a session; it never authenticates.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(Arc<str>);

impl SessionId {
    /// A fresh, unguessable identifier.
    pub fn random() -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(pm33_tenancy::Digest(bytes).to_string().into())
    }

    /// Reads one from a header; `None` unless it has the form.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')))
            .then(|| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionId {
    /// Only a part: whole ids do not belong in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({}…)", self.0.get(..6).unwrap_or(""))
    }
}

/// What is kept of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Identifier.
    pub id: SessionId,
    /// The tenant.
    pub tenant: TenantId,
    /// The key or user that opened it; nobody else may use it.
    pub principal: String,
    /// Negotiated protocol revision.
    pub revision: String,
    /// Client capabilities, as sent.
    pub capabilities: String,
    /// Client name and version, as sent.
    pub client: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// When it was last used, at most half a minute old.
    pub used: Timestamp,
}

/// Stored sessions. Not part of a call's unit of work: a session outlives its calls.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Stores a new session; refuses above `most` live ones of the tenant.
    async fn open(&self, session: &SessionRecord, most: u32) -> Result<(), AdmissionError>;
    /// Finds one by tenant and id.
    async fn find(&self, tenant: TenantId, id: &SessionId) -> Result<Option<SessionRecord>, AdmissionError>;
    /// Notes a use.
    async fn touch(&self, tenant: TenantId, id: &SessionId, at: Timestamp) -> Result<(), AdmissionError>;
    /// Removes one; whether it was there.
    async fn end(&self, tenant: TenantId, id: &SessionId) -> Result<bool, AdmissionError>;
    /// Removes up to `most` sessions of the tenant that were last used before the given time; their ids.
    async fn end_idle(
        &self,
        tenant: TenantId,
        before: Timestamp,
        most: u64,
    ) -> Result<Vec<SessionId>, AdmissionError>;
    /// Tenants that have sessions or other records to sweep.
    async fn tenants(&self) -> Result<Vec<TenantId>, AdmissionError>;
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_id_is_64_hexadecimal_digits_and_never_the_same() {
        let ids: HashSet<_> = (0..1_000).map(|_| SessionId::random()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| SessionId::parse(id.as_str()).as_ref() == Some(id)));
        let one = "0123456789abcdef".repeat(4);
        assert!(SessionId::parse(&one).is_some());
        for other in [&one[1..], &one.to_uppercase(), &format!("{one}0"), &one.replace('a', "g"), ""] {
            assert!(SessionId::parse(other).is_none(), "{other}");
        }
    }

    #[test]
    fn logs_see_six_digits_of_it() {
        assert_eq!(format!("{:?}", SessionId("0123456789".into())), "SessionId(012345…)");
    }
}
