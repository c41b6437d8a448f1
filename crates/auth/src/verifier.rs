//! The port that turns a credential into a caller: API keys now, OAuth access tokens beside them later.

use std::net::IpAddr;

use async_trait::async_trait;
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
