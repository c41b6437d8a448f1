//! Limits of processing: what was restricted, objected to or opted out of, for members and for the whole organisation.

use std::collections::{BTreeSet, HashSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ErasedMark;
use crate::{TenancyError, UserId};

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProcessingLimit {
    /// Restriction (GDPR 18): stored and shown only; no language model, no usage metrics.
    Restricted,
    /// Objection (GDPR 21): no language model, no usage metrics.
    Objected,
    /// No usage metrics; language models go on.
    OptedOut,
}

impl ProcessingLimit {
    /// Every limit.
    pub const ALL: [Self; 3] = [Self::Restricted, Self::Objected, Self::OptedOut];

    /// The word in the store and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
            Self::Objected => "objected",
            Self::OptedOut => "opted_out",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.as_str() == word)
    }

    /// Whether it keeps data from language models.
    pub const fn stops_models(self) -> bool {
        matches!(self, Self::Restricted | Self::Objected)
    }
}

/// Why a language model may not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// What was asked for.
    pub limit: ProcessingLimit,
    /// Whether it holds for the whole organisation or for the member who calls.
    pub is_whole: bool,
}

impl From<Stopped> for TenancyError {
    fn from(Stopped { limit, is_whole }: Stopped) -> Self {
        Self::Restricted {
            whose: if is_whole { "this organisation's" } else { "your" },
            why: if limit == ProcessingLimit::Objected { "was objected to" } else { "is restricted" },
        }
    }
}

/// What holds for an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcessingRules {
    /// Limits of the whole organisation.
    pub whole: BTreeSet<ProcessingLimit>,
    /// Limits of members.
    pub members: BTreeSet<(UserId, ProcessingLimit)>,
    /// Marks of who was erased.
    pub erased: HashSet<ErasedMark>,
}

impl ProcessingRules {
    /// Whether data may be given to a language model in the name of a member; none for the organisation itself.
    ///
    /// # Errors
    /// What stands against it.
    pub fn model(&self, member: Option<UserId>) -> Result<(), Stopped> {
        let whole = self.whole.iter().copied().find(|limit| limit.stops_models());
        if let Some(limit) = whole {
            return Err(Stopped { limit, is_whole: true });
        }
        let mut own =
            self.members.iter().filter(|(user, limit)| Some(*user) == member && limit.stops_models());
        own.next().map_or(Ok(()), |(_, limit)| Err(Stopped { limit: *limit, is_whole: false }))
    }

    /// Whether the organisation's use counts for metrics.
    pub fn counts_organisation(&self) -> bool {
        self.whole.is_empty()
    }

    /// Whether a member's use counts for metrics.
    pub fn counts_member(&self, member: UserId) -> bool {
        self.counts_organisation() && !self.members.iter().any(|(user, _)| *user == member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn a_limit_holds_for_its_member_or_for_everybody() {
        let [one, other] = [1, 2].map(|micros| UserId::new(Timestamp::from_micros(micros)));
        let mut rules = ProcessingRules::default();
        assert!(rules.model(Some(one)).is_ok() && rules.counts_member(one));
        rules.members.insert((one, ProcessingLimit::OptedOut));
        assert!(rules.model(Some(one)).is_ok() && !rules.counts_member(one) && rules.counts_member(other));
        rules.members.insert((one, ProcessingLimit::Objected));
        assert_eq!(
            rules.model(Some(one)),
            Err(Stopped { limit: ProcessingLimit::Objected, is_whole: false })
        );
        assert!(rules.model(Some(other)).is_ok() && rules.model(None).is_ok());
        rules.whole.insert(ProcessingLimit::Restricted);
        assert_eq!(rules.model(None), Err(Stopped { limit: ProcessingLimit::Restricted, is_whole: true }));
        assert!(!rules.counts_member(other));
        for limit in ProcessingLimit::ALL {
            assert_eq!(ProcessingLimit::parse(limit.as_str()), Some(limit));
        }
    }
}
