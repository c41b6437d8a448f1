//! What a process remembers of keys: an answer that was found before a change is not given once the change was told,
//! whoever looks up, forgets and asks for the epoch meanwhile (governance K4). `interleaved` tries their orders.

use std::sync::Arc;

use pm33_tenancy::Digest;

use super::sync::{AtomicI64, AtomicU64, Cache, Ordering};

/// What a look-up found.
pub(crate) enum Answer<K> {
    /// A key that may be used.
    Verified(Arc<K>),
    /// One that may not, and why.
    Refused(&'static str),
}

/// When a look-up began, counted in changes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark(u64);

/// Answers of look-ups.
pub(crate) struct Memory<K> {
    verified: Cache<Digest, (Arc<K>, Mark)>,
    refused: Cache<Digest, (&'static str, Mark)>,
    /// The store's epoch that the answers stand for.
    epoch: AtomicI64,
    /// Raised by every change: what was read before it is neither kept nor believed after it.
    generation: AtomicU64,
    /// Monotonic microseconds until which the answers are good without word of the epoch.
    fresh_until: AtomicU64,
}

impl<K: Send + Sync + 'static> Memory<K> {
    pub(crate) fn new(
        verified: Cache<Digest, (Arc<K>, Mark)>,
        refused: Cache<Digest, (&'static str, Mark)>,
    ) -> Self {
        Self {
            verified,
            refused,
            epoch: AtomicI64::new(-1),
            generation: AtomicU64::new(0),
            fresh_until: AtomicU64::new(0),
        }
    }

    /// Forgets every answer.
    pub(crate) fn forget(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.verified.invalidate_all();
        self.refused.invalidate_all();
    }

    /// Notes the store's epoch: until when its answers are then good.
    pub(crate) fn note_epoch(&self, epoch: i64, until: u64) {
        if self.epoch.load(Ordering::SeqCst) != epoch {
            // In this order: who finds the epoch noted goes on with what is remembered.
            self.forget();
            self.epoch.store(epoch, Ordering::SeqCst);
        }
        self.fresh_until.fetch_max(until, Ordering::SeqCst);
    }

    /// Whether the answers are good without word of the epoch.
    pub(crate) fn is_fresh(&self, now: u64) -> bool {
        now < self.fresh_until.load(Ordering::SeqCst)
    }

    /// The answer, if there is one that still stands.
    pub(crate) fn recall(&self, digest: &Digest) -> Option<Answer<K>> {
        let now = self.mark();
        // What was kept in the instant of a change is still there after it.
        if let Some((known, mark)) = self.verified.get(digest)
            && mark == now
        {
            return Some(Answer::Verified(known));
        }
        let (reason, _) = self.refused.get(digest).filter(|(_, mark)| *mark == now)?;
        Some(Answer::Refused(reason))
    }

    /// To be taken before a look-up reads anything.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.generation.load(Ordering::SeqCst))
    }

    /// Whether nothing changed since.
    pub(crate) fn stands(&self, mark: Mark) -> bool {
        self.mark() == mark
    }

    /// Keeps what a look-up found that began then.
    pub(crate) fn keep(&self, digest: Digest, answer: &Answer<K>, mark: Mark) {
        match answer {
            Answer::Verified(known) => self.verified.insert(digest, (Arc::clone(known), mark)),
            Answer::Refused(reason) => self.refused.insert(digest, (reason, mark)),
        }
    }
}
