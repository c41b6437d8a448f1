//! Verifies API keys: checksum, then a keyed digest in memory, and only for a key that is new to the process the store
//! and argon2id.

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::Duration,
};

use async_trait::async_trait;
use moka::sync::Cache;
use pm33_tenancy::{Clock, Digest, KeyId, TenantId, Timestamp};
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

use crate::{
    AuthError, Caller, Credential, KeyProof, KeyRecord, KeyStore, KeyUse, Origin, ParsedKey, Peppers,
    Verifier,
    kdf::{Kdf, Proven},
    memory::{Answer, Memory},
    record::{check, check_network},
};

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
            touch_every: Duration::from_mins(1),
        }
    }
}

/// Longest that a refusal is remembered, so that one made under a wrong clock does not stay.
const REFUSED_FOR: Duration = Duration::from_mins(1);
/// Keys that this process has not proven yet and that may be looked up at a time: a flood of made-up keys waits here
/// and not in front of the store's connections.
const STRANGERS: usize = 16;
/// Longest wait of such a key.
const STRANGER_WAIT: Duration = Duration::from_secs(2);
/// How often a look-up begins again because keys changed while it ran.
const ATTEMPTS: usize = 4;
/// Uses that wait to be noted.
const USES: usize = 10_000;
/// Longest kept part of what a client calls itself, in characters.
const AGENT: usize = 200;

/// Verifies API keys against a store.
pub struct ApiKeyVerifier {
    keys: Arc<dyn KeyStore>,
    peppers: Peppers,
    clock: Arc<dyn Clock>,
    options: VerifierOptions,
    kdf: Kdf,
    strangers: Semaphore,
    memory: Memory<Known>,
    used: Mutex<Vec<(TenantId, KeyId, KeyUse)>>,
}

struct Known {
    record: KeyRecord,
    caller: Caller,
    proven: Arc<Proven>,
}

impl ApiKeyVerifier {
    /// A verifier with empty caches.
    pub fn new(
        keys: Arc<dyn KeyStore>,
        peppers: Peppers,
        clock: Arc<dyn Clock>,
        options: VerifierOptions,
    ) -> Self {
        Self {
            keys,
            peppers,
            clock,
            options,
            kdf: Kdf::new(options.verified),
            strangers: Semaphore::new(STRANGERS),
            memory: Memory::new(
                Cache::new(options.verified),
                Cache::builder().max_capacity(options.refused).time_to_live(REFUSED_FOR).build(),
            ),
            used: Mutex::new(Vec::new()),
        }
    }

    /// The peppers, for minting.
    pub fn peppers(&self) -> &Peppers {
        &self.peppers
    }

    /// How often argon2id ran in this process, for metrics.
    pub fn hashes(&self) -> u64 {
        self.kdf.runs()
    }

    /// Forgets every answer: called after a change of keys is committed and before it is acknowledged, so that no
    /// request that comes later uses an old one. Costs each key a look-up, but no argon2id.
    pub fn forget(&self) {
        self.memory.forget();
    }

    /// Asks the store whether keys changed anywhere, and forgets if so. To be called at least twice a second.
    ///
    /// # Errors
    /// When the store does not answer; requests then ask the store themselves once the stale bound has passed.
    pub async fn refresh(&self) -> Result<(), AuthError> {
        // The answer is as old as the question.
        let asked = self.micros();
        let epoch = self.keys.epoch().await?;
        let stale = u64::try_from(self.options.stale.as_micros()).unwrap_or(u64::MAX);
        self.memory.note_epoch(epoch, asked.saturating_add(stale));
        Ok(())
    }

    /// Takes the uses that are to be noted in the store.
    pub fn take_used(&self) -> Vec<(TenantId, KeyId, KeyUse)> {
        std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.clock.monotonic().as_micros()).unwrap_or(u64::MAX)
    }

    /// The answer from memory, if there is one that still stands.
    fn recall(&self, digest: &Digest, micros: u64, origin: Origin<'_>) -> Option<Result<Caller, AuthError>> {
        Some(self.tell(&self.memory.recall(digest)?, micros, origin))
    }

    fn tell(&self, answer: &Answer<Known>, micros: u64, origin: Origin<'_>) -> Result<Caller, AuthError> {
        match answer {
            Answer::Verified(known) => self.admit(known, micros, origin),
            Answer::Refused(reason) => Err(AuthError::Refused { reason }),
        }
    }

    fn admit(&self, known: &Known, micros: u64, origin: Origin<'_>) -> Result<Caller, AuthError> {
        let now = self.clock.now();
        check(&known.record, now)?;
        check_network(&known.record, origin.address)?;
        let noted = &known.proven.noted;
        let last = noted.load(Ordering::Relaxed);
        let every = u64::try_from(self.options.touch_every.as_micros()).unwrap_or(u64::MAX);
        if (last == Proven::UNUSED || micros.saturating_sub(last) >= every)
            && noted.compare_exchange(last, micros, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
            if used.len() < USES {
                let agent = origin.agent.map(|agent| agent.chars().take(AGENT).collect());
                let noted = KeyUse { at: now, address: origin.address, agent };
                used.push((known.record.tenant, known.record.id, noted));
            }
        }
        Ok(known.caller.clone())
    }

    /// The answer when memory has none: kept only if no key changed while it was found.
    async fn look_up(
        &self,
        parsed: ParsedKey<'_>,
        digest: Digest,
        origin: Origin<'_>,
    ) -> Result<Caller, AuthError> {
        for _ in 0..ATTEMPTS {
            let mark = self.memory.mark();
            let answer = self.ask(parsed, digest).await;
            if !self.memory.stands(mark) {
                continue;
            }
            let answer = match answer {
                Ok((record, proven)) => {
                    Answer::Verified(Arc::new(Known { caller: record.caller(), record, proven }))
                }
                Err(AuthError::Refused { reason }) => Answer::Refused(reason),
                Err(other) => return Err(other),
            };
            self.memory.keep(digest, &answer, mark);
            return self.tell(&answer, self.micros(), origin);
        }
        Err(AuthError::Busy { retry_after: Duration::from_secs(1) })
    }

    async fn ask(
        &self,
        parsed: ParsedKey<'_>,
        digest: Digest,
    ) -> Result<(KeyRecord, Arc<Proven>), AuthError> {
        let record = if self.kdf.knows(&digest) {
            self.keys.find(parsed.id).await?
        } else {
            let lane = tokio::time::timeout(STRANGER_WAIT, self.strangers.acquire()).await;
            let _lane = lane.map_err(|_| AuthError::Busy { retry_after: STRANGER_WAIT })?;
            let proof = self.keys.proof(parsed.id).await?;
            let reason = if proof.is_some() { "wrong_secret" } else { "unknown" };
            // An unknown key is compared too, so that it takes as long as a wrong secret.
            let proof = proof.unwrap_or_else(|| KeyProof {
                digest: Digest::default(),
                pepper: self.peppers.current().to_owned(),
            });
            if !self.is_key(parsed, &proof.pepper, &proof.digest) {
                return Err(AuthError::Refused { reason });
            }
            self.keys.find(parsed.id).await?
        };
        let record = record.ok_or(AuthError::Refused { reason: "unknown" })?;
        if !self.is_key(parsed, &record.pepper, &record.digest) {
            return Err(AuthError::Refused { reason: "wrong_secret" });
        }
        check(&record, self.clock.now())?;
        let proven = self.kdf.prove(digest, parsed.secret, &record.hash).await?;
        Ok((record, proven.ok_or(AuthError::Refused { reason: "wrong_secret" })?))
    }

    fn is_key(&self, parsed: ParsedKey<'_>, pepper: &str, stored: &Digest) -> bool {
        self.peppers.digest_under(pepper, parsed.whole).is_some_and(|under| under.0.ct_eq(&stored.0).into())
    }

    async fn verify_anew(
        &self,
        parsed: ParsedKey<'_>,
        digest: Digest,
        origin: Origin<'_>,
    ) -> Result<Caller, AuthError> {
        if self.refresh().await.is_ok()
            && let Some(answer) = self.recall(&digest, self.micros(), origin)
        {
            return answer;
        }
        self.look_up(parsed, digest, origin).await
    }
}

#[async_trait]
impl Verifier for ApiKeyVerifier {
    async fn verify(&self, credential: &Credential, origin: Origin<'_>) -> Result<Caller, AuthError> {
        let Credential::Token(token) = credential else { return Err(AuthError::Absent) };
        let parsed = ParsedKey::parse(token.expose_secret())?;
        let digest = self.peppers.digest(parsed.whole);
        let micros = self.micros();
        let fresh = self.memory.is_fresh(micros);
        if fresh && let Some(answer) = self.recall(&digest, micros, origin) {
            return answer;
        }
        // Boxed, so that the frequent path above stays small.
        if fresh {
            Box::pin(self.look_up(parsed, digest, origin)).await
        } else {
            Box::pin(self.verify_anew(parsed, digest, origin)).await
        }
    }

    fn recall(&self, credential: &Credential, origin: Origin<'_>) -> Option<Caller> {
        let Credential::Token(token) = credential else { return None };
        let parsed = ParsedKey::parse(token.expose_secret()).ok()?;
        let micros = self.micros();
        if !self.memory.is_fresh(micros) {
            return None;
        }
        Self::recall(self, &self.peppers.digest(parsed.whole), micros, origin)?.ok()
    }

    async fn suspend(&self, caller: &Caller, until: Timestamp) -> Result<bool, AuthError> {
        let Some(key) = caller.key else { return Ok(false) };
        let is_suspended = self.keys.set_suspended(caller.tenant, key, Some(until)).await?;
        self.forget();
        Ok(is_suspended)
    }

    async fn note_exposed(&self, caller: &Caller, at: Timestamp) -> Result<bool, AuthError> {
        let Some(key) = caller.key else { return Ok(false) };
        self.keys.note_exposed(caller.tenant, key, at).await
    }
}
