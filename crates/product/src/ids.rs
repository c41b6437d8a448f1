//! Identifiers of the things in a workspace, and the item key that people say aloud.

use std::{fmt, str::FromStr};

use pm33_tenancy::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ProductError;

macro_rules! product_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The greatest identifier, for ends of ranges.
            pub const MAX: Self = Self(Uuid::max());
            /// Wraps a known UUID.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }
            /// A fresh UUIDv7.
            pub fn new(now: Timestamp) -> Self {
                Self(pm33_tenancy::CorrelationId::new(now).uuid())
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
    };
}

product_id! {
    /// A work item.
    ItemId
}
product_id! {
    /// An objective.
    ObjectiveId
}
product_id! {
    /// A team.
    TeamId
}
product_id! {
    /// A sprint of a team.
    SprintId
}
product_id! {
    /// A saved forecast.
    ForecastId
}
product_id! {
    /// A document.
    DocumentId
}
product_id! {
    /// A competitor.
    CompetitorId
}

/// What people call an item: workspace prefix and number, `PAY-142`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey {
    /// The workspace's prefix.
    pub prefix: String,
    /// The number, from 1.
    pub number: u32,
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.prefix, self.number)
    }
}

impl FromStr for ItemKey {
    type Err = ProductError;
    /// Reads `PAY-142`; the prefix in any case.
    fn from_str(text: &str) -> Result<Self, ProductError> {
        let malformed = || {
            ProductError::invalid("key", "must look like PAY-142: the workspace's prefix, a dash, a number")
        };
        let (prefix, number) = text.trim().rsplit_once('-').ok_or_else(malformed)?;
        let well_formed = (2..=10).contains(&prefix.len())
            && prefix.starts_with(|first: char| first.is_ascii_alphabetic())
            && prefix.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|number| well_formed && *number > 0).ok_or_else(malformed)?;
        Ok(Self { prefix: prefix.to_ascii_uppercase(), number })
    }
}

impl Serialize for ItemKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
