//! Identifiers of tenants, workspaces, users, keys and calls.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{TenancyError, Timestamp};

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Makes a fresh identifier (`UUIDv7`: 48 bits of milliseconds, 74 random bits).
            pub fn new(now: Timestamp) -> Self {
                Self(uuid_v7(now))
            }
            /// Wraps an identifier that is already known.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }
            /// The bare UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = TenancyError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self).map_err(|_| TenancyError::MalformedId { expected: "a UUID" })
            }
        }
    };
}

uuid_id! {
    /// A tenant: one organisation, the outer wall of everything it owns.
    TenantId
}
uuid_id! {
    /// A workspace: one product's backlog, strategy and documents inside a tenant.
    WorkspaceId
}
uuid_id! {
    /// A person (or service account) of a tenant.
    UserId
}
uuid_id! {
    /// A privacy request.
    RequestId
}
uuid_id! {
    /// One call through the whole system: in logs, audit rows, traces and error answers.
    CorrelationId
}

/// A `UUIDv7` stamped with the given time; the rest is random.
pub(crate) fn uuid_v7(now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.micros().max(0) / 1_000).unwrap_or(0);
    let random: [u8; 10] = rand::random();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// The public half of an API key: twelve base62 characters, safe to log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 12]);

impl KeyId {
    /// Length in characters.
    pub const LEN: usize = 12;

    /// The twelve characters.
    pub fn as_str(&self) -> &str {
        // Only base62 bytes get in through `from_str`.
        str::from_utf8(&self.0).unwrap_or("")
    }
}

impl FromStr for KeyId {
    type Err = TenancyError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes: [u8; 12] = text
            .as_bytes()
            .try_into()
            .map_err(|_| TenancyError::MalformedId { expected: "twelve characters of 0-9, A-Z, a-z" })?;
        if bytes.iter().all(u8::is_ascii_alphanumeric) {
            Ok(Self(bytes))
        } else {
            Err(TenancyError::MalformedId { expected: "twelve characters of 0-9, A-Z, a-z" })
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({})", self.as_str())
    }
}

impl Serialize for KeyId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fresh_ids_are_ordered_by_time_and_survive_their_text() {
        let [early, late] = [1_000, 2_000].map(|micros| WorkspaceId::new(Timestamp::from_micros(micros)));
        assert!(early < late);
        assert_eq!(early.uuid().get_version_num(), 7);
        assert!(early.to_string().parse::<WorkspaceId>().is_ok_and(|parsed| parsed == early));
        assert_eq!(TenantId::new(Timestamp::from_micros(i64::MIN)).uuid().get_version_num(), 7);
    }

    proptest! {
        #[test]
        fn a_key_id_is_twelve_letters_and_digits(text in "[0-9A-Za-z]{0,14}|.{12}") {
            let is_right = text.len() == KeyId::LEN && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            prop_assert_eq!(text.parse::<KeyId>().is_ok_and(|id| id.as_str() == text), is_right);
            prop_assert_eq!(serde_json::from_value::<KeyId>(text.into()).is_ok(), is_right);
        }
    }
}
