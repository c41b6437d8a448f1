//! The rule of what an organisation entrusts: read by nobody but the program, when it asks the provider.

use super::{
    Access, Basis, Category, Correction, Erasure, Keeper, Objection, Recipients, Restriction, Retention,
    Rights, Rule,
};

/// An organisation's own key of a provider.
pub(super) static ORGANISATION_SECRET: Rule = Rule {
    category: Category::Credential,
    purpose: "ask the organisation's provider of language models with its own key",
    basis: Basis::Contract,
    recipients: Recipients::Operator,
    retention: Retention {
        until: "the organisation's contract ends, and the plan's terms after it",
        ended_by: Keeper::Nobody,
    },
    rights: Rights {
        access: Access::Mention,
        correction: Correction::Renew,
        member_erasure: Erasure::Nothing,
        organisation_erasure: Erasure::Delete,
        restriction: Restriction::Nothing,
        objection: Objection::Nothing,
    },
};
