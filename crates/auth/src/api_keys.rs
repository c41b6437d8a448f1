//! Verifies API keys: checksum, then a keyed digest in memory, and only for a key that is new to the process the store
//! and argon2id.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use moka::sync::Cache;
use pm33_tenancy::{ActorKind, Clock, Digest, KeyId, TenantId, TenantState, Timestamp};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use crate::{AuthError, Caller, Credential, KeyRecord, KeyStore, ParsedKey, Peppers, Verifier, kdf::Kdf};

/// Bounds of the verifier.
#[derive(Clone, Copy, Debug)]
pub struct VerifierOptions {
    /// Verified keys kept in memory.
    pub verified: u64,
    /// Refused keys kept in memory.
    pub refused: u64,
    /// For how long a cached answer is good without word of the store's epoch.
    pub stale: Duration,
    /// How often a key's use is noted.
    pub touch_every: Duration,
}

impl Default for VerifierOptions {
    fn default() -> Self {
        Self {
            verified: 10_000,
            refused: 10_000,
            stale: Duration::from_secs(1),
            touch_every: Duration::from_secs(60),
        }
    }
}

/// Verifies API keys against a store.
pub struct ApiKeyVerifier {
    keys: Arc<dyn KeyStore>,
    peppers: Peppers,
    clock: Arc<dyn Clock>,
    options: VerifierOptions,
    kdf: Kdf,
    verified: Cache<Digest, Arc<Known>>,
    refused: Cache<Digest, &'static str>,
    /// The store's epoch that the caches stand for.
    epoch: AtomicI64,
    /// Raised by every eviction: an entry read before it is not put into the cache after it.
    generation: AtomicU64,
    /// Monotonic microseconds of the last word of the epoch.
    heard: AtomicU64,
    used: Mutex<Vec<(TenantId, KeyId, Timestamp)>>,
}

struct Known {
    record: KeyRecord,
    caller: Caller,
    generation: u64,
    touched: AtomicI64,
}

impl ApiKeyVerifier {
    /// A verifier with empty caches.
    pub fn new(keys: Arc<dyn KeyStore>, peppers: Peppers, clock: Arc<dyn Clock>, options: VerifierOptions) -> Self {
        Self {
            keys,
            peppers,
            clock,
            options,
            kdf: Kdf::new(),
            verified: Cache::new(options.verified),
            refused: Cache::new(options.refused),
            epoch: AtomicI64::new(-1),
            generation: AtomicU64::new(0),
            heard: AtomicU64::new(0),
            used: Mutex::new(Vec::new()),
        }
    }

    /// The peppers, for minting.
    pub fn peppers(&self) -> &Peppers {
        &self.peppers
    }

    /// Forgets everything: after a revocation by this process returns, no request that comes later uses an old entry.
    pub fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.verified.invalidate_all();
        self.refused.invalidate_all();
    }

    /// Asks the store whether keys changed anywhere, and forgets if so. To be called at least twice a second.
    ///
    /// # Errors
    /// When the store does not answer; hits then check the store once they are older than the stale bound.
    pub async fn refresh(&self) -> Result<(), AuthError> {
        let epoch = self.keys.epoch().await?;
        if self.epoch.swap(epoch, Ordering::SeqCst) != epoch {
            self.forget();
        }
        self.heard.store(self.micros(), Ordering::SeqCst);
        Ok(())
    }

    /// Takes the uses that are to be noted in the store.
    pub fn take_used(&self) -> Vec<(TenantId, KeyId, Timestamp)> {
        std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.clock.monotonic().as_micros()).unwrap_or(u64::MAX)
    }

    fn is_fresh(&self) -> bool {
        let age = self.micros().saturating_sub(self.heard.load(Ordering::SeqCst));
        u128::from(age) <= self.options.stale.as_micros()
    }

    fn admit(&self, known: &Known, now: Timestamp) -> Result<Caller, AuthError> {
        check(&known.record, now)?;
        let last = known.touched.load(Ordering::Relaxed);
        let every = i64::try_from(self.options.touch_every.as_micros()).unwrap_or(i64::MAX);
        if now.micros().saturating_sub(last) >= every
            && known.touched.compare_exchange(last, now.micros(), Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
            if used.len() < 10_000 {
                used.push((known.record.tenant, known.record.id, now));
            }
        }
        Ok(known.caller.clone())
    }

    async fn look_up(&self, parsed: ParsedKey<'_>, digest: Digest, now: Timestamp) -> Result<Caller, AuthError> {
        let generation = self.generation.load(Ordering::SeqCst);
        let refuse = |reason: &'static str| {
            if self.generation.load(Ordering::SeqCst) == generation {
                self.refused.insert(digest, reason);
            }
            AuthError::Refused { reason }
        };
        let Some(record) = self.keys.find(parsed.id).await? else {
            // The same comparison as for a known key, so that an unknown one takes as long.
            let _ = bool::from(digest.0.ct_eq(&[0; 32]));
            return Err(refuse("unknown"));
        };
        let under = self.peppers.digest_under(&record.pepper, parsed.whole);
        if !under.is_some_and(|under| bool::from(under.0.ct_eq(&record.digest.0))) {
            return Err(refuse("wrong_secret"));
        }
        if let Err(error) = check(&record, now) {
            refuse(error.reason());
            return Err(error);
        }
        if !self.kdf.verify(parsed.secret, &record.hash).await? {
            return Err(refuse("wrong_secret"));
        }
        let caller = Caller {
            tenant: record.tenant,
            user: record.user,
            key: Some(record.id),
            kind: ActorKind::Key,
            scopes: record.scopes,
            workspaces: record.workspaces.clone(),
            expires: Some(record.rotated_until.map_or(record.expires, |until| until.min(record.expires))),
            settings: Arc::clone(&record.settings),
        };
        let known = Arc::new(Known { record, caller, generation, touched: AtomicI64::new(0) });
        let caller = self.admit(&known, now)?;
        // A revocation that came while argon2 ran has raised the generation: then the answer must be asked again.
        if self.generation.load(Ordering::SeqCst) == generation {
            self.verified.insert(digest, known);
            Ok(caller)
        } else {
            let record = self.keys.find(parsed.id).await?.ok_or(AuthError::Refused { reason: "unknown" })?;
            check(&record, now)?;
            Ok(caller)
        }
    }
}

/// What is true of a record only at a time.
fn check(record: &KeyRecord, now: Timestamp) -> Result<(), AuthError> {
    let reason = if record.revoked.is_some() {
        "revoked"
    } else if now >= record.expires {
        "expired"
    } else if record.rotated_until.is_some_and(|until| now >= until) {
        "rotated"
    } else if record.tenant_state != TenantState::Active {
        "tenant_suspended"
    } else {
        return Ok(());
    };
    Err(AuthError::Refused { reason })
}

#[async_trait]
impl Verifier for ApiKeyVerifier {
    async fn verify(&self, credential: &Credential, _from: Option<IpAddr>) -> Result<Caller, AuthError> {
        let Credential::Token(token) = credential else { return Err(AuthError::Absent) };
        let parsed = ParsedKey::parse(token.expose_secret())?;
        let digest = self.peppers.digest(parsed.whole);
        let now = self.clock.now();
        if self.is_fresh() || self.refresh().await.is_ok() {
            if let Some(known) = self.verified.get(&digest)
                && known.generation == self.generation.load(Ordering::SeqCst)
            {
                return self.admit(&known, now);
            }
            if let Some(reason) = self.refused.get(&digest) {
                return Err(AuthError::Refused { reason });
            }
        }
        self.look_up(parsed, digest, now).await
    }
}
