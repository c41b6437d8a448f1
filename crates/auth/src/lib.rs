//! API keys, scopes, the [`Caller`] that a credential proves, and sealed handles (cursors, request state).
//!
//! ```
//! use pm33_auth::{KeyEnvironment, ParsedKey, Scope, ScopeSet, hide_keys, mint};
//! use secrecy::ExposeSecret;
//!
//! let (secret, id) = mint(KeyEnvironment::Test);
//! let parsed = ParsedKey::parse(secret.expose_secret())?;
//! assert_eq!(parsed.id, id);
//! // Whoever may write may read.
//! assert!(ScopeSet::default().with(Scope::BacklogWrite).has(Scope::BacklogRead));
//! assert!(!hide_keys(&format!("key {}", secret.expose_secret())).contains(secret.expose_secret()));
//! # Ok::<(), pm33_auth::AuthError>(())
//! ```

mod api_keys;
mod caller;
mod error;
mod hide;
#[cfg(test)]
mod interleaved;
mod kdf;
mod key;
mod memory;
mod mint;
mod notice;
mod peppers;
mod port;
mod record;
mod role;
mod scope;
mod seal;
mod sync;
mod vault;
mod verifier;

pub use api_keys::{ApiKeyVerifier, VerifierOptions};
pub use caller::Caller;
pub use error::AuthError;
pub use hide::hide_keys;
pub use key::{KEY_PATTERN, KeyEnvironment, ParsedKey, mint};
pub use mint::{KeyRequest, Minted, Rotation, issue_key, rotate_key};
pub use notice::{expiry_notice, nearing_end};
pub use peppers::{Pepper, Peppers};
pub use port::{KeyProof, KeyRecord, KeyStore, KeyUse, NewKey};
pub use role::role_scopes;
pub use scope::{Scope, ScopeSet};
pub use seal::Sealer;
pub use vault::{Unsealable, Vault};
pub use verifier::{Credential, LocalOwner, Origin, Verifier};
