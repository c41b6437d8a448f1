//! API keys, scopes, the [`Caller`] that a credential proves, and sealed handles (cursors, request state).

mod caller;
mod error;
mod port;
mod scope;
mod verifier;

pub use caller::Caller;
pub use error::AuthError;
pub use port::{KeyRecord, KeyStore, NewKey};
pub use scope::{Scope, ScopeSet};
pub use verifier::{Credential, Verifier};
