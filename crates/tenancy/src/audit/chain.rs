//! The hash chain of a tenant's rows, its signed head, and the check of both.

use std::{fmt, net::IpAddr};

use hmac::{Hmac, KeyInit};
use secrecy::{ExposeSecret, SecretBox, zeroize::Zeroizing};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

use super::{
    AuditRow, PersonalRow,
    row::{commitment, keyed, prefix, put},
};
use crate::{Digest, TenantId};

/// Secrets of the audit log; they live outside the database, so its owner cannot re-forge a chain.
pub struct AuditKeys(Hmac<Sha256>);

impl AuditKeys {
    /// Prepares the deployment's audit key.
    pub fn new(key: &SecretBox<[u8; 32]>) -> Self {
        // HMAC fills a short key up to its block with zeros.
        let mut block = Zeroizing::new([0; 64]);
        block[..32].copy_from_slice(key.expose_secret());
        Self(Hmac::new((&*block).into()))
    }

    /// Keyed pseudonym of a value under a label.
    pub fn pseudonym(&self, label: &[u8], value: &[u8]) -> Digest {
        keyed(&self.0, label, value)
    }

    /// What is kept of an address: its keyed pseudonym, and its /24 or /48.
    pub fn place(&self, address: IpAddr) -> (Digest, String) {
        // An IPv4 client has one address, also on a socket that serves both.
        let address = address.to_canonical();
        (self.pseudonym(b"ip", address.to_string().as_bytes()), prefix(address))
    }

    /// Signature of a head: HMAC-SHA-256 over tenant, sequence number and hash.
    pub fn sign(&self, head: &ChainHead) -> Digest {
        let mut bytes = Vec::with_capacity(56);
        bytes.extend_from_slice(head.tenant.uuid().as_bytes());
        bytes.extend_from_slice(&head.seq.to_be_bytes());
        bytes.extend_from_slice(&head.hash.0);
        keyed(&self.0, b"head", &bytes)
    }

    /// Whether a signature is this key's for the head; constant time.
    pub fn is_signed(&self, head: &ChainHead, signature: &Digest) -> bool {
        self.sign(head).0.ct_eq(&signature.0).into()
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
        let mut hash = Sha256::new();
        hash.update(self.hash.0);
        hash.update(seq.to_be_bytes());
        feed(row, &mut |bytes| hash.update(bytes));
        Self { tenant: self.tenant, seq, hash: Digest(hash.finalize().into()) }
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

/// One defect that [`verify`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The row's number as stored (for a bad head, the head's).
    pub seq: u64,
    /// What is wrong.
    pub kind: BreakKind,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self.kind {
            BreakKind::Gap => {
                "its number does not follow the one before: rows are missing, doubled or swapped"
            }
            BreakKind::Link => "it does not name the hash of the row before",
            BreakKind::Content => "its content does not give its stored hash",
            BreakKind::Personal => "its personal side row does not match",
            BreakKind::Head => "the head does not name the newest row: rows were cut off or added",
            BreakKind::Signature => "the head's signature is not ours",
        };
        write!(f, "row {}: {words}", self.seq)
    }
}

/// What is wrong at a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BreakKind {
    /// The number does not follow its predecessor's: rows are missing, doubled or swapped.
    Gap,
    /// The stored previous hash is not the predecessor's hash.
    Link,
    /// The row's content does not give its stored hash.
    Content,
    /// The personal side row does not match the commitment.
    Personal,
    /// The head does not name the newest row: rows were cut off or added.
    Head,
    /// The head's signature is not ours.
    Signature,
}

/// Walks rows in stored order with their stored numbers and hashes, and tells every defect. An erased personal row
/// (`None`) is no defect.
pub fn verify<'a>(
    tenant: TenantId,
    rows: impl IntoIterator<Item = (u64, Digest, Digest, &'a AuditRow, Option<&'a PersonalRow>)>,
    stored_head: Option<(ChainHead, Digest)>,
    keys: &AuditKeys,
) -> Vec<Break> {
    let mut breaks = Vec::new();
    let mut head = ChainHead::empty(tenant);
    for (seq, previous, hash, row, personal) in rows {
        let mut tell = |kind| breaks.push(Break { seq, kind });
        if head.seq.checked_add(1) != Some(seq) {
            tell(BreakKind::Gap);
        }
        if previous != head.hash {
            tell(BreakKind::Link);
        }
        // Recomputed from what is stored, so that one break does not hide the next.
        let base = ChainHead { tenant, seq: seq.saturating_sub(1), hash: previous };
        if base.next(row).hash != hash || row.tenant != tenant {
            tell(BreakKind::Content);
        }
        if personal.is_some_and(|personal| commitment(personal) != row.personal) {
            tell(BreakKind::Personal);
        }
        head = ChainHead { tenant, seq, hash };
    }
    match stored_head {
        Some((stored, signature)) => {
            if stored != head {
                breaks.push(Break { seq: stored.seq, kind: BreakKind::Head });
            }
            if !keys.is_signed(&stored, &signature) {
                breaks.push(Break { seq: stored.seq, kind: BreakKind::Signature });
            }
        }
        None if head.seq > 0 => breaks.push(Break { seq: head.seq, kind: BreakKind::Head }),
        None => {}
    }
    breaks
}
