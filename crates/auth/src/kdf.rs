//! argon2id of keys' secret halves: at most once per key and process, never for a key that the digest refuses, never on
//! the runtime's threads.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use moka::sync::Cache;
use pm33_tenancy::Digest;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::AuthError;

/// Memory in KiB (19 MiB) and passes: OWASP's minimum for argon2id.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
/// Longest wait for a turn.
const WAIT: Duration = Duration::from_secs(2);
/// Keys that may be waiting for a turn or having theirs.
const QUEUE: usize = 256;
/// Names of running checks above which the finished ones are cleared away.
const RUNNING: usize = 1_024;

/// A key whose secret has given its stored hash in this process. It outlives revocations: whether a key may be used is
/// decided elsewhere; this only says that the argon2id of it need not run again.
pub(crate) struct Proven {
    hash: Box<str>,
    /// Monotonic microseconds of the last noted use; [`Proven::UNUSED`] before the first.
    pub(crate) noted: AtomicU64,
}

impl Proven {
    pub(crate) const UNUSED: u64 = u64::MAX;
}

/// Runs argon2id for a bounded number of keys at a time, and remembers which keys passed.
pub(crate) struct Kdf {
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    proven: Cache<Digest, Arc<Proven>>,
    /// Calls with the same key wait for the first of them.
    running: Mutex<HashMap<Digest, Weak<tokio::sync::Mutex<()>>>>,
    runs: Arc<AtomicU64>,
}

impl Kdf {
    /// Half the cores, at least one; remembers up to `remembered` keys.
    pub(crate) fn new(remembered: u64) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            turns: Arc::new(Semaphore::new((cores / 2).max(1))),
            queue: Arc::new(Semaphore::new(QUEUE)),
            proven: Cache::new(remembered),
            running: Mutex::new(HashMap::new()),
            runs: Arc::new(AtomicU64::new(0)),
        }
    }

    /// How often argon2id ran.
    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// Whether the key with this digest was proven before, whatever its stored hash is now.
    pub(crate) fn knows(&self, digest: &Digest) -> bool {
        self.proven.contains_key(digest)
    }

    fn recall(&self, digest: &Digest, stored: &str) -> Option<Arc<Proven>> {
        self.proven.get(digest).filter(|proven| *proven.hash == *stored)
    }

    /// Proves that the secret gives the stored hash; `None` when it does not. `digest` names the whole key.
    pub(crate) async fn prove(
        &self,
        digest: Digest,
        secret: &str,
        stored: &str,
    ) -> Result<Option<Arc<Proven>>, AuthError> {
        if let Some(proven) = self.recall(&digest, stored) {
            return Ok(Some(proven));
        }
        let busy = || AuthError::Busy { retry_after: WAIT };
        let first = self.running(digest);
        let waiting = async {
            let first = first.lock().await;
            if let Some(proven) = self.recall(&digest, stored) {
                return Ok(Err(proven));
            }
            let place = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| busy())?;
            let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| busy())?;
            Ok(Ok((first, place, turn)))
        };
        match tokio::time::timeout(WAIT, waiting).await.map_err(|_| busy())?? {
            Err(proven) => Ok(Some(proven)),
            Ok((_first, place, turn)) => self.run(digest, secret, stored, [place, turn]).await,
        }
    }

    async fn run(
        &self,
        digest: Digest,
        secret: &str,
        stored: &str,
        permits: [OwnedSemaphorePermit; 2],
    ) -> Result<Option<Arc<Proven>>, AuthError> {
        let (secret, stored) = (SecretString::from(secret), Box::<str>::from(stored));
        let (cache, runs) = (self.proven.clone(), Arc::clone(&self.runs));
        // The permits go along: a caller who hangs up must not make room for another run beside this one.
        tokio::task::spawn_blocking(move || {
            let _permits = permits;
            if let Some(proven) = cache.get(&digest).filter(|proven| proven.hash == stored) {
                return Some(proven);
            }
            runs.fetch_add(1, Ordering::Relaxed);
            let parsed = PasswordHash::new(&stored).ok()?;
            Argon2::default().verify_password(secret.expose_secret().as_bytes(), &parsed).ok()?;
            let proven = Arc::new(Proven { hash: stored, noted: AtomicU64::new(Proven::UNUSED) });
            cache.insert(digest, Arc::clone(&proven));
            Some(proven)
        })
        .await
        .map_err(|error| AuthError::Unavailable(error.into()))
    }

    fn running(&self, digest: Digest) -> Arc<tokio::sync::Mutex<()>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.len() >= RUNNING {
            running.retain(|_, lock| lock.strong_count() > 0);
        }
        let slot = running.entry(digest).or_default();
        slot.upgrade().unwrap_or_else(|| {
            let lock = Arc::default();
            *slot = Arc::downgrade(&lock);
            lock
        })
    }
}

/// Hashes a new key's secret half; tens of milliseconds of one core.
pub(crate) fn hash(secret: &str) -> Result<String, AuthError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None)
        .map_err(|error| AuthError::Unavailable(error.to_string().into()))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(secret.as_bytes(), &rand::random::<[u8; 16]>())
        .map(|hash| hash.to_string())
        .map_err(|error| AuthError::Unavailable(error.to_string().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_is_hashed_once_however_many_ask_at_once() {
        let kdf = Arc::new(Kdf::new(16));
        let stored = hash("the secret").unwrap_or_default();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..300 {
            let (kdf, stored) = (Arc::clone(&kdf), stored.clone());
            asking.spawn(async move { kdf.prove(Digest([1; 32]), "the secret", &stored).await });
        }
        while let Some(answer) = asking.join_next().await {
            assert!(matches!(answer, Ok(Ok(Some(_)))));
        }
        assert_eq!(kdf.runs(), 1);
        // Another stored hash is another question.
        assert!(matches!(kdf.prove(Digest([1; 32]), "the secret", "$argon2id$broken").await, Ok(None)));
        assert!(matches!(kdf.prove(Digest([2; 32]), "another", &stored).await, Ok(None)));
        assert_eq!(kdf.runs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn too_long_a_queue_and_too_long_a_wait_are_busy() {
        let kdf = Kdf::new(16);
        let turns = Arc::clone(&kdf.turns);
        let all = u32::try_from(turns.available_permits()).unwrap_or(1);
        let held = turns.acquire_many(all).await;
        assert!(held.is_ok());
        // Time is the test's: the wait ends because nothing else happens.
        assert!(matches!(kdf.prove(Digest([1; 32]), "s", "h").await, Err(AuthError::Busy { .. })));
        let queue = Arc::clone(&kdf.queue);
        let full = queue.acquire_many(u32::try_from(QUEUE).unwrap_or(1)).await;
        assert!(full.is_ok());
        let before = tokio::time::Instant::now();
        assert!(matches!(kdf.prove(Digest([2; 32]), "s", "h").await, Err(AuthError::Busy { .. })));
        assert_eq!(before.elapsed(), Duration::ZERO);
        assert_eq!(kdf.runs(), 0);
    }
}
