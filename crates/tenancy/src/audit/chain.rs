//! The hash chain of a tenant's rows, and the keys that sign its head and its anchors.

use std::{fmt, net::IpAddr};

use hmac::{Hmac, KeyInit};
use secrecy::{ExposeSecret, SecretBox, zeroize::Zeroizing};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use super::{
    Anchor, AuditRow, AuditText,
    remembered::Remembered,
    row::{keyed, prefix, put, text},
};
use crate::{Digest, TenantId, Timestamp, UserId};

/// For how long an address has one pseudonym, in microseconds.
const PSEUDONYM_MICROS: i64 = 30 * 24 * 3_600 * 1_000_000;

/// Room for a row's canonical form; most take less.
const ROOM: usize = 512;

/// Secrets of the audit log; they live outside the database, so its owner cannot re-forge a chain.
pub struct AuditKeys {
    key: Hmac<Sha256>,
    users: Remembered<UserId, Digest>,
}

impl AuditKeys {
    /// Prepares the deployment's audit key.
    pub fn new(key: &SecretBox<[u8; 32]>) -> Self {
        // HMAC fills a short key up to its block with zeros.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(key.expose_secret());
        let key = Hmac::new((&*block).into());
        Self { key, users: Remembered::default() }
    }

    /// Keyed pseudonym of a value under a label.
    pub fn pseudonym(&self, label: &[u8], value: &[u8]) -> Digest {
        keyed(&self.key, label, value)
    }

    /// Whether a value's keyed pseudonym under a label is this one; constant time.
    pub fn is_pseudonym(&self, label: &[u8], value: &[u8], pseudonym: &[u8; 32]) -> bool {
        self.pseudonym(label, value).0.ct_eq(pseudonym).into()
    }

    /// Keyed pseudonym of a user.
    pub fn actor(&self, user: UserId) -> Digest {
        self.users.of(user, || self.pseudonym(b"user", user.uuid().as_bytes()))
    }

    /// What is kept of an address: its /24 or /48, and its keyed pseudonym, which is another one every 30 days, so that
    /// nobody is followed by it for longer.
    pub fn place(&self, address: IpAddr, at: Timestamp) -> (Digest, AuditText) {
        // An IPv4 client has one address, also on a socket that serves both.
        let address = address.to_canonical();
        // Worked out each time: an address as it is lives no longer than its call.
        let mut value = at.micros().div_euclid(PSEUDONYM_MICROS).to_be_bytes().to_vec();
        value.extend_from_slice(text(address).as_bytes());
        (self.pseudonym(b"ip", &value), prefix(address).into())
    }

    /// Forgets whose pseudonyms were worked out. To be called every hour, and when somebody is erased.
    pub fn forget_pseudonyms(&self) {
        self.users.forget();
    }

    /// Signature of a head: HMAC-SHA-256 over tenant, sequence number and hash.
    pub fn sign(&self, head: &ChainHead) -> Digest {
        let mut bytes = Vec::with_capacity(56);
        bytes.extend_from_slice(head.tenant.uuid().as_bytes());
        bytes.extend_from_slice(&head.seq.to_be_bytes());
        bytes.extend_from_slice(&head.hash.0);
        keyed(&self.key, b"head", &bytes)
    }

    /// Whether a signature is this key's for the head; constant time.
    pub fn is_signed(&self, head: &ChainHead, signature: &Digest) -> bool {
        self.sign(head).0.ct_eq(&signature.0).into()
    }

    /// Signature of an anchor: HMAC-SHA-256 over all of it.
    pub fn sign_anchor(&self, anchor: &Anchor) -> Digest {
        let mut bytes = Vec::with_capacity(160);
        anchor.feed(&mut |part| bytes.extend_from_slice(part));
        keyed(&self.key, b"anchor", &bytes)
    }

    /// Whether a signature is this key's for the anchor; constant time.
    pub fn is_anchor_signed(&self, anchor: &Anchor, signature: &Digest) -> bool {
        self.sign_anchor(anchor).0.ct_eq(&signature.0).into()
    }
}

impl fmt::Debug for AuditKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKeys(..)")
    }
}

/// Where a tenant's chain ends. Sequence numbers start at 1; an empty chain has 0 and the zero hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The tenant.
    pub tenant: TenantId,
    /// Number of the newest row.
    pub seq: u64,
    /// Hash of the newest row.
    pub hash: Digest,
}

impl ChainHead {
    /// The head of an empty chain.
    pub fn empty(tenant: TenantId) -> Self {
        Self { tenant, seq: 0, hash: Digest::default() }
    }

    /// The head after one more row: its number is one higher, its hash covers the row and the previous hash.
    #[must_use]
    pub fn next(&self, row: &AuditRow) -> Self {
        let seq = self.seq.saturating_add(1);
        // Gathered first: a hash takes its time over each piece that it is given.
        let mut bytes = Vec::with_capacity(ROOM);
        bytes.extend_from_slice(&self.hash.0);
        bytes.extend_from_slice(&seq.to_be_bytes());
        feed(row, &mut |part| bytes.extend_from_slice(part));
        Self { tenant: self.tenant, seq, hash: Digest(Sha256::digest(&bytes).into()) }
    }
}

fn feed(row: &AuditRow, sink: &mut impl FnMut(&[u8])) {
    sink(&row.schema_version.to_be_bytes());
    sink(&row.at.micros().to_be_bytes());
    sink(row.correlation.as_bytes());
    sink(row.tenant.uuid().as_bytes());
    sink(&row.latency_micros.to_be_bytes());
    sink(&row.removed_characters.to_be_bytes());
    sink(&row.personal.0);
    for text in [&row.actor_kind, &row.scopes, &row.method, &row.outcome, &row.code, &row.limit_verdict] {
        put(sink, Some(text.as_bytes()));
    }
    for text in [&row.traceparent, &row.target, &row.provider, &row.model] {
        put(sink, text.as_deref().map(str::as_bytes));
    }
    put(sink, row.actor.as_ref().map(|digest| digest.0.as_slice()));
    put(sink, row.arguments.as_ref().map(|digest| digest.0.as_slice()));
    put(sink, row.key.as_ref().map(|key| key.as_str().as_bytes()));
    put(sink, row.workspace.map(|id| id.uuid().into_bytes()).as_ref().map(<[u8; 16]>::as_slice));
    put(sink, row.hold.map(uuid::Uuid::into_bytes).as_ref().map(<[u8; 16]>::as_slice));
    put(sink, row.tokens.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
    put(sink, row.micro_credits.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
}
