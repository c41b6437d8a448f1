//! Scopes: what a key may do, as `resource:verb`, deny by default; write implies read.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::AuthError;

macro_rules! scopes {
    ($($variant:ident = $word:literal, $doc:literal;)*) => {
        /// One permission.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Scope { $(#[doc = $doc] $variant,)* }

        impl Scope {
            /// Every scope, in the order in which lists show them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What it lets a key do, for people.
            pub const fn describe(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

scopes! {
    Enabled = "mcp:enabled", "Use the server at all; every key has it.";
    BacklogRead = "backlog:read", "Read work items and their history.";
    BacklogWrite = "backlog:write", "Create and change work items.";
    PlanningRead = "planning:read", "Read velocity, forecasts, priorities and schedules.";
    PlanningWrite = "planning:write", "Save forecasts, change teams, apply scenarios.";
    CompetitiveRead = "competitive:read", "Read competitors and threats.";
    CompetitiveWrite = "competitive:write", "Change competitors and their signals.";
    ObjectivesRead = "objectives:read", "Read the mission, objectives and key results.";
    ObjectivesWrite = "objectives:write", "Change objectives and key results.";
    DocumentsRead = "documents:read", "Read documents.";
    DocumentsWrite = "documents:write", "Change documents.";
    UsageRead = "usage:read", "Read credits and usage.";
    AuditRead = "audit:read", "Read the audit log.";
    PrivacyRead = "privacy:read", "Follow privacy requests.";
    PrivacyWrite = "privacy:write", "File privacy requests.";
    AiGenerate = "ai:generate", "Use the tools that spend credits on a model.";
}

impl Scope {
    /// The read scope that this write scope implies.
    pub const fn implies(self) -> Option<Self> {
        match self {
            Self::BacklogWrite => Some(Self::BacklogRead),
            Self::PlanningWrite => Some(Self::PlanningRead),
            Self::CompetitiveWrite => Some(Self::CompetitiveRead),
            Self::ObjectivesWrite => Some(Self::ObjectivesRead),
            Self::DocumentsWrite => Some(Self::DocumentsRead),
            Self::PrivacyWrite => Some(Self::PrivacyRead),
            _ => None,
        }
    }

    /// Whether it lets a key change something.
    pub const fn is_write(self) -> bool {
        self.implies().is_some() || matches!(self, Self::AiGenerate)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Scope {
    type Err = AuthError;
    fn from_str(word: &str) -> Result<Self, AuthError> {
        Self::ALL
            .iter()
            .copied()
            .find(|scope| scope.as_str() == word)
            .ok_or_else(|| AuthError::UnknownScope { asked: word.to_owned() })
    }
}

/// A set of scopes. Membership honours implication: a set with `backlog:write` has `backlog:read`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(u32);

impl ScopeSet {
    /// No scope.
    pub const EMPTY: Self = Self(0);

    /// Every scope.
    pub fn all() -> Self {
        Scope::ALL.iter().copied().collect()
    }

    /// This set with one scope more, and what it implies.
    #[must_use]
    pub const fn with(self, scope: Scope) -> Self {
        let implied = match scope.implies() {
            Some(read) => 1 << read as u8,
            None => 0,
        };
        Self(self.0 | 1 << scope as u8 | implied)
    }

    /// Whether the scope is held.
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// Whether every scope of `other` is held.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What `wanted` has and this set has not.
    #[must_use]
    pub const fn missing(self, wanted: Self) -> Self {
        Self(wanted.0 & !self.0)
    }

    /// What both hold.
    #[must_use]
    pub const fn intersect(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether nothing is held.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The held scopes in list order.
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.iter().copied().filter(move |scope| self.has(*scope))
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        scopes.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Display for ScopeSet {
    /// Space separated, as in a `WWW-Authenticate` challenge.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScopeSet({self})")
    }
}

impl FromStr for ScopeSet {
    type Err = AuthError;
    /// Reads words separated by spaces or commas.
    fn from_str(words: &str) -> Result<Self, AuthError> {
        words.split([' ', ',']).filter(|word| !word.is_empty()).map(str::parse::<Scope>).collect()
    }
}

impl Serialize for ScopeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Scope::as_str))
    }
}

impl<'de> Deserialize<'de> for ScopeSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Vec::<String>::deserialize(deserializer)?;
        words.iter().map(|word| word.parse::<Scope>().map_err(serde::de::Error::custom)).collect()
    }
}
