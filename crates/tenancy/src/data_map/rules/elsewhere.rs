//! Rules of what is kept outside the tables: memory, files, logs, copies.

use super::{CONTENT_RIGHTS, NO_RIGHTS};
use crate::data_map::{
    Access, Basis, Category, Correction, Erasure, Keeper, Objection, Recipients, Restriction, Retention,
    Rights, Rule,
};

/// Copies in memory of what the tables hold.
pub(in crate::data_map) static MEMORY: Rule = Rule {
    category: Category::Content,
    purpose: "answer without reading the tables each time",
    basis: Basis::Contract,
    recipients: Recipients::Operator,
    retention: Retention {
        until: "its source changes, its room is needed or the process ends",
        ended_by: Keeper::Program,
    },
    rights: Rights {
        access: Access::Elsewhere,
        correction: Correction::Follow,
        member_erasure: Erasure::Delete,
        ..CONTENT_RIGHTS
    },
};

/// Files beside the database in which changed or removed pages live on.
pub(in crate::data_map) static PAGES: Rule = Rule {
    retention: Retention { until: "the next checkpoint that no reader holds up", ended_by: Keeper::Program },
    category: Category::Content,
    purpose: "make what was committed outlive a crash",
    basis: Basis::Contract,
    recipients: Recipients::Operator,
    rights: Rights { member_erasure: Erasure::Delete, ..MEMORY_RIGHTS },
};

const MEMORY_RIGHTS: Rights =
    Rights { access: Access::Elsewhere, correction: Correction::Follow, ..CONTENT_RIGHTS };

/// Copies that an operator made.
pub(in crate::data_map) static COPY: Rule = Rule {
    category: Category::Content,
    purpose: "bring an organisation's data back after a loss, or take it elsewhere",
    basis: Basis::Contract,
    recipients: Recipients::Operator,
    retention: Retention { until: "the operator removes it", ended_by: Keeper::Operator },
    rights: Rights {
        access: Access::Elsewhere,
        correction: Correction::Follow,
        member_erasure: Erasure::Keep {
            because: "kept until the copy ages out; erased again when it is restored",
        },
        organisation_erasure: Erasure::Keep {
            because: "kept until the copy ages out; erased again when it is restored",
        },
        restriction: Restriction::StoreOnly,
        objection: Objection::Nothing,
    },
};

/// Rows of the audit log that it does not take.
pub(in crate::data_map) static ASIDE: Rule = Rule {
    category: Category::Activity,
    purpose: "lose nothing of the audit log when somebody has changed it or its files",
    basis: Basis::LegitimateInterest,
    recipients: Recipients::Operator,
    retention: Retention { until: "an operator has looked at it and removes it", ended_by: Keeper::Operator },
    rights: Rights {
        access: Access::Elsewhere,
        correction: Correction::Nothing,
        member_erasure: Erasure::Keep {
            because: "kept until an operator has looked at it: proof of a change",
        },
        organisation_erasure: Erasure::Keep {
            because: "kept until an operator has looked at it: proof of a change",
        },
        restriction: Restriction::StoreOnly,
        objection: Objection::Weigh,
    },
};

/// Logs and traces.
pub(in crate::data_map) static LOG: Rule = Rule {
    category: Category::Activity,
    purpose: "find faults and attacks",
    basis: Basis::LegitimateInterest,
    recipients: Recipients::Collector,
    retention: Retention { until: "the operator's log keeping removes it", ended_by: Keeper::Operator },
    rights: Rights {
        access: Access::Mention,
        correction: Correction::Nothing,
        member_erasure: Erasure::Expire,
        organisation_erasure: Erasure::Expire,
        restriction: Restriction::Nothing,
        objection: Objection::Weigh,
    },
};

/// Secrets of the deployment.
pub(in crate::data_map) static SECRET: Rule = Rule {
    category: Category::Machinery,
    purpose: "key the digests, pseudonyms, signatures and handles",
    basis: Basis::NotPersonal,
    recipients: Recipients::Operator,
    retention: Retention { until: "the operator replaces it", ended_by: Keeper::Operator },
    rights: NO_RIGHTS,
};

/// Who was counted in what was published of usage.
pub(in crate::data_map) static RELEASE: Rule = Rule {
    category: Category::Activity,
    purpose: "publish no second sum of a day from which a first one tells what a single organisation did",
    basis: Basis::LegitimateInterest,
    recipients: Recipients::Operator,
    retention: Retention { until: "400 further releases", ended_by: Keeper::Program },
    rights: Rights {
        access: Access::Nothing,
        correction: Correction::Nothing,
        member_erasure: Erasure::Nothing,
        organisation_erasure: Erasure::Expire,
        restriction: Restriction::Nothing,
        objection: Objection::Weigh,
    },
};
