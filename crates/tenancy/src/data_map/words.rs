//! The words of the data map. Each set is closed, so that whoever carries out a right has a case for each.

use std::fmt;

use serde::Serialize;

/// Gives each case of a closed set its sentence.
macro_rules! told {
    ($($kind:ident { $($case:pat => $words:expr),+ $(,)? })+) => {$(
        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($case => $words),+ })
            }
        }
    )+};
}

/// What kind of data it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Who the members are.
    Identity,
    /// The organisation, its plan and its settings.
    Organisation,
    /// What proves who a caller is.
    Credential,
    /// What members and their tools wrote.
    Content,
    /// Who did what and when.
    Activity,
    /// Where calls came from and by which program.
    Connection,
    /// State of calls and sessions.
    Session,
    /// Credits and their use.
    Billing,
    /// What was sent to whom.
    Transfer,
    /// Numbers and marks of the program that say nothing of anybody.
    Machinery,
}

/// The ground in law (GDPR, article 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// 6(1)(b).
    Contract,
    /// 6(1)(c).
    LegalObligation,
    /// 6(1)(f).
    LegitimateInterest,
    /// No personal data.
    NotPersonal,
}

/// Who sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipients {
    /// Members of the organisation, as their scopes allow, and the operator.
    Organisation,
    /// The operator alone.
    Operator,
    /// The operator, and the collector of telemetry that the operator names.
    Collector,
}

/// Who sees to the end of a retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeper {
    /// The program, by itself.
    Program,
    /// The operator.
    Operator,
    /// Nobody yet: this version keeps it.
    Nobody,
}

/// What access and portability do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Copied as it is.
    Copy,
    /// Told of without its value.
    Mention,
    /// Held in other parts, from which it is told.
    Elsewhere,
    /// Nothing to tell.
    Nothing,
}

/// What rectification does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// Changed by the tools or the operator.
    Change,
    /// A correcting record is added; what was recorded stays.
    Add,
    /// Follows what it was made from.
    Follow,
    /// Made anew instead.
    Renew,
    /// A fact of the program.
    Nothing,
}

/// What erasure does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "act")]
pub enum Erasure {
    /// Removed.
    Delete,
    /// The reference to the member is taken out, the rest belongs to the organisation.
    Unlink,
    /// Emptied; the rest of the row stays.
    Blank,
    /// Kept, with the reason.
    Keep {
        /// Why.
        because: &'static str,
    },
    /// Gone by itself within its retention.
    Expire,
    /// Nobody is in it.
    Nothing,
}

/// What restriction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Restriction {
    /// Stored and shown to the organisation, not given to a language model nor counted for improvement.
    StoreOnly,
    /// Nothing: it serves the storage itself, security or the accounts.
    Nothing,
}

/// What objection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Objection {
    /// The processing stops for this person.
    Stop,
    /// Weighed: security and proof stand against it.
    Weigh,
    /// The right does not reach this ground.
    Nothing,
}

told! {
    Category {
        Self::Identity => "identity",
        Self::Organisation => "organisation",
        Self::Credential => "credential",
        Self::Content => "content",
        Self::Activity => "activity",
        Self::Connection => "connection",
        Self::Session => "session",
        Self::Billing => "billing",
        Self::Transfer => "transfer",
        Self::Machinery => "machinery",
    }
    Basis {
        Self::Contract => "contract, GDPR 6(1)(b)",
        Self::LegalObligation => "legal obligation, GDPR 6(1)(c)",
        Self::LegitimateInterest => "legitimate interest, GDPR 6(1)(f)",
        Self::NotPersonal => "no personal data",
    }
    Recipients {
        Self::Organisation => "the organisation's members as their scopes allow; the operator",
        Self::Operator => "the operator",
        Self::Collector => "the operator and the telemetry collector that the operator names",
    }
    Keeper {
        Self::Program => "the program",
        Self::Operator => "the operator",
        Self::Nobody => "nobody yet",
    }
    Access {
        Self::Copy => "copied",
        Self::Mention => "mentioned without its value",
        Self::Elsewhere => "told from the part it was made of",
        Self::Nothing => "nothing to tell",
    }
    Correction {
        Self::Change => "changed",
        Self::Add => "a correcting record is added",
        Self::Follow => "follows what it was made of",
        Self::Renew => "made anew",
        Self::Nothing => "nothing to correct",
    }
    Erasure {
        Self::Delete => "deleted",
        Self::Unlink => "the member's reference is taken out",
        Self::Blank => "emptied, the rest of the row stays",
        Self::Keep { because } => because,
        Self::Expire => "gone within its retention",
        Self::Nothing => "nobody is in it",
    }
    Restriction {
        Self::StoreOnly => "stored and shown only",
        Self::Nothing => "not touched",
    }
    Objection {
        Self::Stop => "the processing stops",
        Self::Weigh => "weighed against security and proof",
        Self::Nothing => "not reached by it",
    }
}
