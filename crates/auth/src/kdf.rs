//! argon2id of a key's secret half: at most once per key and process, never for a key that the digest refuses, never on
//! the runtime's threads.

use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use crate::AuthError;

/// Memory in KiB (19 MiB) and passes: OWASP's minimum for argon2id.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
/// Longest wait for a turn.
const WAIT: Duration = Duration::from_secs(2);
/// Verifications that may wait for a turn.
const QUEUE: usize = 256;

/// Runs argon2id for a bounded number of keys at a time.
pub(crate) struct Kdf {
    turns: Semaphore,
    queue: Semaphore,
}

impl Kdf {
    /// Half the cores, at least one.
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { turns: Semaphore::new((cores / 2).max(1)), queue: Semaphore::new(QUEUE) }
    }

    /// Whether the secret gives the stored hash.
    pub(crate) async fn verify(&self, secret: &str, stored: &str) -> Result<bool, AuthError> {
        let busy = || AuthError::Busy { retry_after: WAIT };
        let _place = self.queue.try_acquire().map_err(|_| busy())?;
        let _turn = tokio::time::timeout(WAIT, self.turns.acquire()).await.map_err(|_| busy())?.map_err(|_| busy())?;
        let (secret, stored) = (secrecy::SecretString::from(secret), stored.to_owned());
        tokio::task::spawn_blocking(move || {
            use secrecy::ExposeSecret;
            let Ok(parsed) = PasswordHash::new(&stored) else { return false };
            Argon2::default().verify_password(secret.expose_secret().as_bytes(), &parsed).is_ok()
        })
        .await
        .map_err(|error| AuthError::Unavailable(error.into()))
    }
}

/// Hashes a new key's secret half; tens of milliseconds of one core.
pub(crate) fn hash(secret: &str) -> Result<String, AuthError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| AuthError::Unavailable(error.to_string().into()))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(secret.as_bytes(), &rand::random::<[u8; 16]>())
        .map(|hash| hash.to_string())
        .map_err(|error| AuthError::Unavailable(error.to_string().into()))
}
