//! A signed head on its way out of the machine: one line of JSON in a file, or the same fields in a log line.

use serde::{Deserialize, Serialize};

use super::{AuditKeys, ChainHead};
use crate::{Digest, TenantId, Timestamp};

/// A head that left the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadLine {
    /// When it was told.
    pub at: Timestamp,
    /// Whose log.
    pub tenant: TenantId,
    /// Number of the newest row then.
    pub seq: u64,
    /// Its hash.
    pub hash: Digest,
    /// The deployment's signature over tenant, number and hash.
    pub signature: Digest,
}

impl HeadLine {
    /// The head, when its signature is the key's; without a key as it stands.
    pub fn head(&self, keys: Option<&AuditKeys>) -> Option<ChainHead> {
        let head = ChainHead { tenant: self.tenant, seq: self.seq, hash: self.hash };
        keys.is_none_or(|keys| keys.is_signed(&head, &self.signature)).then_some(head)
    }
}
