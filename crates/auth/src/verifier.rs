//! The port that turns a credential into a caller: API keys now, OAuth access tokens beside them later.

use std::net::IpAddr;

use async_trait::async_trait;
use pm33_tenancy::Timestamp;
use secrecy::SecretString;

use crate::{AuthError, Caller};

/// What came with a request.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Nothing.
    Absent,
    /// A bearer token or API key from a header.
    Token(SecretString),
    /// The owner of this process (stdio).
    Local,
}

/// Where a credential came from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Origin<'a> {
    /// The client's address, where one is known.
    pub address: Option<IpAddr>,
    /// What the client calls itself.
    pub agent: Option<&'a str>,
}

/// Verifies credentials.
#[async_trait]
pub trait Verifier: Send + Sync {
    /// Proves who is calling, or says why not.
    async fn verify(&self, credential: &Credential, origin: Origin<'_>) -> Result<Caller, AuthError>;
    /// The caller when that costs next to nothing, for a credential that this process has proven before. Whoever comes
    /// from where many wrong ones come is asked for no more.
    fn recall(&self, _credential: &Credential, _origin: Origin<'_>) -> Option<Caller> {
        None
    }
    /// Suspends the caller's key for a time; whether there was one to suspend.
    async fn suspend(&self, _caller: &Caller, _until: Timestamp) -> Result<bool, AuthError> {
        Ok(false)
    }
    /// Notes that the caller's key was seen where others can read it; whether that was new.
    async fn note_exposed(&self, _caller: &Caller, _at: Timestamp) -> Result<bool, AuthError> {
        Ok(false)
    }
}

/// Proves the owner of this process: everything local is theirs. For the stdio server only.
#[derive(Clone, Debug)]
pub struct LocalOwner(pub Caller);

#[async_trait]
impl Verifier for LocalOwner {
    async fn verify(&self, credential: &Credential, _origin: Origin<'_>) -> Result<Caller, AuthError> {
        match credential {
            Credential::Local => Ok(self.0.clone()),
            Credential::Absent | Credential::Token(_) => Err(AuthError::Absent),
        }
    }
}
