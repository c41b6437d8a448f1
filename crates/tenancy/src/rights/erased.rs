//! Marks of who was erased: keyed digests, from which nobody is found again, but which recognise who would come back with
//! a running call, an import or a restored backup.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AuditKeys, Digest, TenantId, UserId};

/// A mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ErasedMark([u8; 32]);

impl ErasedMark {
    /// The stored bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads a stored mark; `None` unless it is exactly 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for ErasedMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Digest(self.0).fmt(f)
    }
}

impl From<ErasedMark> for String {
    fn from(mark: ErasedMark) -> Self {
        mark.to_string()
    }
}

impl TryFrom<String> for ErasedMark {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        const RULE: &str = "a mark is 64 hexadecimal digits";
        let mut bytes = [0; 32];
        if text.len() != 64 || !text.is_ascii() {
            return Err(RULE);
        }
        for (slot, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = str::from_utf8(pair).map_err(|_| RULE)?;
            *slot = u8::from_str_radix(pair, 16).map_err(|_| RULE)?;
        }
        Ok(Self(bytes))
    }
}

fn mark(keys: &AuditKeys, label: &[u8], tenant: TenantId, value: &[u8]) -> ErasedMark {
    let mut bytes = Vec::with_capacity(16 + value.len());
    bytes.extend_from_slice(tenant.uuid().as_bytes());
    bytes.extend_from_slice(value);
    ErasedMark(keys.pseudonym(label, &bytes).0)
}

/// The mark of a member by their id.
pub fn erased_member(keys: &AuditKeys, tenant: TenantId, member: UserId) -> ErasedMark {
    mark(keys, b"erased member", tenant, member.uuid().as_bytes())
}

/// The mark of a handle or name, whatever the case of its letters.
pub fn erased_name(keys: &AuditKeys, tenant: TenantId, name: &str) -> ErasedMark {
    mark(keys, b"erased name", tenant, name.trim().to_lowercase().as_bytes())
}

/// The mark of a whole organisation.
pub fn erased_organisation(keys: &AuditKeys, tenant: TenantId) -> ErasedMark {
    mark(keys, b"erased organisation", tenant, b"")
}

#[cfg(test)]
mod tests {
    use secrecy::SecretBox;

    use super::*;
    use crate::Timestamp;

    #[test]
    fn a_mark_needs_the_key_knows_the_name_in_any_case_and_survives_its_text() {
        let [one, other] = [1, 2].map(|byte| AuditKeys::new(&SecretBox::new(Box::new([byte; 32]))));
        let [here, there] = [1, 2].map(|micros| TenantId::new(Timestamp::from_micros(micros)));
        let mark = erased_name(&one, here, "Ada");
        assert_eq!(mark, erased_name(&one, here, " ADA "));
        assert_ne!(mark, erased_name(&one, there, "Ada"));
        assert_ne!(mark, erased_name(&other, here, "Ada"));
        assert!(ErasedMark::try_from(mark.to_string()).is_ok_and(|read| read == mark));
        for bad in ["", "zz", &"g".repeat(64)] {
            assert!(ErasedMark::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
