//! Where a shortened log begins: a signed note of the rows that were removed from its beginning (governance A5).

use serde::{Deserialize, Serialize};

use super::{AuditText, row::put};
use crate::{Digest, TenantId, Timestamp};

/// A removed prefix of a tenant's log. Prefixes follow each other without a gap; rows go on after the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// Whose log.
    pub tenant: TenantId,
    /// Number of the first row that was removed.
    pub from: u64,
    /// Number of the last one.
    pub to: u64,
    /// How many were removed.
    pub rows: u64,
    /// Hash of the last one: the first row that is left names it.
    pub hash: Digest,
    /// Which rule asked for it, such as `audit_days=365`.
    pub policy: AuditText,
    /// Who removed them: `system`, or `operator`.
    pub actor: AuditText,
    /// When.
    pub at: Timestamp,
}

impl Anchor {
    /// What the signature covers.
    pub(super) fn feed(&self, sink: &mut impl FnMut(&[u8])) {
        sink(self.tenant.uuid().as_bytes());
        for number in [self.from, self.to, self.rows] {
            sink(&number.to_be_bytes());
        }
        sink(&self.hash.0);
        sink(&self.at.micros().to_be_bytes());
        put(sink, Some(self.policy.as_bytes()));
        put(sink, Some(self.actor.as_bytes()));
    }
}
