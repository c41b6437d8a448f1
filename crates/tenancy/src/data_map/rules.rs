//! The rules of the data map: each says for what, on what ground, for whom, until when, and what the rights do.

mod elsewhere;

pub(super) use self::elsewhere::{ASIDE, COPY, LOG, MEMORY, PAGES, RELEASE, SECRET};
use super::{
    Access, Basis, Category, Correction, Erasure, Keeper, Objection, Recipients, Restriction, Retention,
    Rights, Rule,
};

/// Nothing removes an organisation in this version.
const CONTRACT: Retention = Retention {
    until: "the organisation's contract ends, and the plan's terms after it",
    ended_by: Keeper::Nobody,
};
const DOCUMENTS: Retention = Retention {
    until: "the organisation's time for documents or its plan's is over after the last change, else its contract ends",
    ended_by: Keeper::Program,
};
const ACCOUNTS: Retention =
    Retention { until: "the accounts of the period may be destroyed by law", ended_by: Keeper::Nobody };
const AUDIT: Retention =
    Retention { until: "the organisation's audit retention is over", ended_by: Keeper::Program };
const KEPT_ACCOUNTS: Erasure = Erasure::Keep { because: "kept: the law on accounts asks for it" };
const KEPT_CHAIN: Erasure =
    Erasure::Keep { because: "kept: the audit chain stays whole, until the audit retention is over" };
const KEPT_REQUEST: Erasure =
    Erasure::Keep { because: "kept without its person: proof that the request was answered" };
const KEPT_MARK: Erasure = Erasure::Keep {
    because: "kept: a keyed digest, which names nobody and keeps who was erased from coming back",
};

/// What members wrote belongs to their organisation; rights over it are exercised through the organisation.
const CONTENT_RIGHTS: Rights = Rights {
    access: Access::Copy,
    correction: Correction::Change,
    member_erasure: Erasure::Keep {
        because: "kept: it is the organisation's; mentions of the member are edited out",
    },
    organisation_erasure: Erasure::Delete,
    restriction: Restriction::StoreOnly,
    objection: Objection::Nothing,
};
/// Rights over what identifies a member.
const MEMBER_RIGHTS: Rights = Rights { member_erasure: Erasure::Delete, ..CONTENT_RIGHTS };

/// Nobody is in it.
const NO_RIGHTS: Rights = Rights {
    access: Access::Nothing,
    correction: Correction::Nothing,
    member_erasure: Erasure::Nothing,
    organisation_erasure: Erasure::Nothing,
    restriction: Restriction::Nothing,
    objection: Objection::Nothing,
};

/// The organisation: its settings, and the ids by which everything is its own.
pub(super) static ORGANISATION: Rule = COPY_OF_ORGANISATION;

const COPY_OF_ORGANISATION: Rule = Rule {
    category: Category::Organisation,
    purpose: "keep each organisation's data apart, under its own settings",
    basis: Basis::Contract,
    recipients: Recipients::Organisation,
    retention: CONTRACT,
    rights: Rights { member_erasure: Erasure::Nothing, restriction: Restriction::Nothing, ..CONTENT_RIGHTS },
};

/// What is left of an organisation that ended: its accounts hang on it.
pub(super) static ORGANISATION_ROW: Rule = Rule {
    rights: Rights {
        member_erasure: Erasure::Nothing,
        organisation_erasure: Erasure::Keep {
            because: "kept without its name: the accounts and the audit chain hang on it",
        },
        restriction: Restriction::Nothing,
        ..CONTENT_RIGHTS
    },
    ..COPY_OF_ORGANISATION
};

/// What an organisation is called.
pub(super) static ORGANISATION_NAME: Rule = Rule {
    rights: Rights {
        member_erasure: Erasure::Nothing,
        organisation_erasure: Erasure::Blank,
        restriction: Restriction::Nothing,
        ..CONTENT_RIGHTS
    },
    ..COPY_OF_ORGANISATION
};

/// Who a member is.
pub(super) static MEMBER: Rule = Rule {
    category: Category::Identity,
    purpose: "know the organisation's members and what each may do",
    basis: Basis::Contract,
    recipients: Recipients::Organisation,
    retention: CONTRACT,
    rights: MEMBER_RIGHTS,
};

/// What a key is, without what proves it.
pub(super) static KEY: Rule = Rule {
    category: Category::Identity,
    purpose: "authenticate calls, limit them to what was granted, end keys in time",
    basis: Basis::Contract,
    recipients: Recipients::Organisation,
    retention: CONTRACT,
    rights: Rights { correction: Correction::Renew, ..MEMBER_RIGHTS },
};

/// What proves a key.
pub(super) static PROOF: Rule = Rule {
    category: Category::Credential,
    purpose: "check a key without keeping it",
    basis: Basis::Contract,
    recipients: Recipients::Operator,
    retention: CONTRACT,
    rights: Rights {
        access: Access::Mention,
        correction: Correction::Renew,
        restriction: Restriction::Nothing,
        ..MEMBER_RIGHTS
    },
};

/// From where a key was used last.
pub(super) static LAST_USE: Rule = Rule {
    category: Category::Connection,
    purpose: "show an organisation keys that are misused or not used; the address only as a keyed pseudonym and a network",
    basis: Basis::LegitimateInterest,
    recipients: Recipients::Organisation,
    retention: Retention {
        until: "the key's next use; the last one as long as the key",
        ended_by: Keeper::Program,
    },
    rights: Rights {
        correction: Correction::Nothing,
        restriction: Restriction::Nothing,
        objection: Objection::Weigh,
        ..MEMBER_RIGHTS
    },
};

/// What was written in a workspace.
pub(super) static CONTENT: Rule = Rule {
    category: Category::Content,
    purpose: "the product management that the organisation asks for",
    basis: Basis::Contract,
    recipients: Recipients::Organisation,
    retention: CONTRACT,
    rights: CONTENT_RIGHTS,
};

/// What stands in a document.
pub(super) static DOCUMENT: Rule = Rule { retention: DOCUMENTS, ..CONTENT };

/// Which member wrote a version of a document.
pub(super) static DOCUMENT_AUTHOR: Rule = Rule { retention: DOCUMENTS, ..AUTHOR };

/// Which member stands behind content.
pub(super) static AUTHOR: Rule = Rule {
    category: Category::Content,
    purpose: "show who wrote, owns or does a piece of work",
    basis: Basis::Contract,
    recipients: Recipients::Organisation,
    retention: CONTRACT,
    rights: Rights { member_erasure: Erasure::Unlink, ..CONTENT_RIGHTS },
};

/// What is computed from content to find and count it.
pub(super) static DERIVED: Rule = Rule {
    category: Category::Content,
    purpose: "find and count content without reading all of it",
    basis: Basis::Contract,
    recipients: Recipients::Operator,
    retention: CONTRACT,
    rights: Rights { access: Access::Elsewhere, correction: Correction::Follow, ..CONTENT_RIGHTS },
};

/// What a model judged, with quotes of content.
pub(super) static JUDGED: Rule = Rule {
    purpose: "judge the same texts once, since each judgement is paid for",
    retention: Retention { until: "90 days after it was made, and a sweep", ended_by: Keeper::Program },
    ..DERIVED
};

/// State of an older client's session.
pub(super) static SESSION: Rule = Rule {
    category: Category::Session,
    purpose: "sessions of clients of the older protocol revisions",
    basis: Basis::Contract,
    recipients: Recipients::Operator,
    retention: Retention {
        until: "idle for the organisation's session time (30 minutes unless set), and a minute",
        ended_by: Keeper::Program,
    },
    rights: Rights { correction: Correction::Renew, restriction: Restriction::Nothing, ..MEMBER_RIGHTS },
};

/// The answer to a finished call, for its repetition.
pub(super) static REPLAY: Rule = Rule {
    category: Category::Session,
    purpose: "answer a repeated call without doing it twice, and tell a long call's answer when its caller asks",
    basis: Basis::Contract,
    recipients: Recipients::Organisation,
    retention: Retention {
        until: "48 hours after the call, or one after a long one began, and a sweep",
        ended_by: Keeper::Program,
    },
    rights: Rights { access: Access::Elsewhere, correction: Correction::Nothing, ..MEMBER_RIGHTS },
};

/// The chained audit record: pseudonyms and commitments, but for ids that its target may name.
pub(super) static AUDIT_CHAIN: Rule = Rule {
    category: Category::Activity,
    purpose: "prove who did what, for security and for the organisation's own audit",
    basis: Basis::LegitimateInterest,
    recipients: Recipients::Organisation,
    retention: AUDIT,
    rights: Rights {
        access: Access::Copy,
        correction: Correction::Add,
        member_erasure: KEPT_CHAIN,
        // Nobody's end cascades into the log; its retention ends it.
        organisation_erasure: KEPT_CHAIN,
        restriction: Restriction::Nothing,
        objection: Objection::Weigh,
    },
};

/// The signed note of removed audit records, and the holds that keep others.
pub(super) static AUDIT_KEEPING: Rule = Rule {
    category: Category::Activity,
    purpose: "prove which audit records were removed by which rule, and which are kept longer and why",
    basis: Basis::LegitimateInterest,
    recipients: Recipients::Organisation,
    retention: CONTRACT,
    rights: Rights {
        access: Access::Copy,
        correction: Correction::Add,
        member_erasure: KEPT_CHAIN,
        organisation_erasure: KEPT_CHAIN,
        restriction: Restriction::Nothing,
        objection: Objection::Weigh,
    },
};

/// The personal side of an audit record.
pub(super) static AUDIT_PERSON: Rule = Rule {
    category: Category::Connection,
    purpose: "tie an audit record to a member, a network and a program, as long as that may be",
    basis: Basis::LegitimateInterest,
    recipients: Recipients::Organisation,
    retention: AUDIT,
    rights: Rights {
        access: Access::Copy,
        correction: Correction::Add,
        member_erasure: Erasure::Delete,
        organisation_erasure: Erasure::Delete,
        restriction: Restriction::Nothing,
        objection: Objection::Weigh,
    },
};

/// Credits: granted, held, spent.
pub(super) static ACCOUNT: Rule = Rule {
    category: Category::Billing,
    purpose: "account for credits so that each can be explained",
    basis: Basis::LegalObligation,
    recipients: Recipients::Organisation,
    retention: ACCOUNTS,
    rights: Rights {
        access: Access::Copy,
        correction: Correction::Add,
        member_erasure: KEPT_ACCOUNTS,
        organisation_erasure: KEPT_ACCOUNTS,
        restriction: Restriction::Nothing,
        objection: Objection::Nothing,
    },
};

/// What an operator wrote beside an entry of the accounts: free words, which may name somebody.
pub(super) static ACCOUNT_NOTE: Rule = Rule {
    category: Category::Billing,
    purpose: "say in words why credits were granted or corrected",
    basis: Basis::LegalObligation,
    recipients: Recipients::Organisation,
    retention: ACCOUNTS,
    rights: Rights {
        access: Access::Copy,
        correction: Correction::Add,
        member_erasure: Erasure::Blank,
        organisation_erasure: Erasure::Blank,
        restriction: Restriction::Nothing,
        objection: Objection::Nothing,
    },
};

/// Requests about personal data: the proof that they were answered in time.
pub(super) static REQUEST: Rule = COPY_OF_REQUEST;

const COPY_OF_REQUEST: Rule = Rule {
    category: Category::Activity,
    purpose: "answer requests about personal data in time, and prove it",
    basis: Basis::LegalObligation,
    recipients: Recipients::Organisation,
    retention: Retention {
        until: "three years after the request ended: the time for complaints",
        ended_by: Keeper::Nobody,
    },
    rights: Rights {
        access: Access::Copy,
        correction: Correction::Add,
        member_erasure: KEPT_REQUEST,
        organisation_erasure: KEPT_REQUEST,
        restriction: Restriction::Nothing,
        objection: Objection::Nothing,
    },
};

/// Whose data a request is about, and who filed it.
pub(super) static REQUEST_SUBJECT: Rule = Rule {
    rights: Rights {
        access: Access::Copy,
        correction: Correction::Add,
        member_erasure: Erasure::Unlink,
        organisation_erasure: Erasure::Blank,
        restriction: Restriction::Nothing,
        objection: Objection::Nothing,
    },
    ..COPY_OF_REQUEST
};

/// The words of a request.
pub(super) static REQUEST_WORDS: Rule = Rule {
    rights: Rights {
        access: Access::Copy,
        correction: Correction::Add,
        member_erasure: Erasure::Blank,
        organisation_erasure: Erasure::Blank,
        restriction: Restriction::Nothing,
        objection: Objection::Nothing,
    },
    ..COPY_OF_REQUEST
};

/// What was restricted or objected to.
pub(super) static LIMIT: Rule = Rule {
    category: Category::Activity,
    purpose: "keep data from language models and from metrics where its person asked for that",
    basis: Basis::LegalObligation,
    recipients: Recipients::Organisation,
    retention: Retention { until: "the limit is lifted", ended_by: Keeper::Program },
    rights: Rights { correction: Correction::Renew, restriction: Restriction::Nothing, ..MEMBER_RIGHTS },
};

/// Marks of who was erased.
pub(super) static ERASED_MARK: Rule = Rule {
    category: Category::Activity,
    purpose: "keep whoever was erased from coming back with a running call, an import or a restored backup",
    basis: Basis::LegalObligation,
    recipients: Recipients::Operator,
    retention: Retention {
        until: "the last backup from before the erasure is gone",
        ended_by: Keeper::Nobody,
    },
    rights: Rights {
        access: Access::Nothing,
        correction: Correction::Nothing,
        member_erasure: KEPT_MARK,
        organisation_erasure: KEPT_MARK,
        restriction: Restriction::Nothing,
        objection: Objection::Nothing,
    },
};

/// What was sent to a provider of language models.
pub(super) static TRANSFER: Rule = Rule {
    category: Category::Transfer,
    purpose: "tell an organisation what was sent to which provider, in which categories and how much",
    basis: Basis::LegalObligation,
    recipients: Recipients::Organisation,
    retention: ACCOUNTS,
    rights: Rights {
        access: Access::Copy,
        correction: Correction::Add,
        member_erasure: KEPT_ACCOUNTS,
        organisation_erasure: KEPT_ACCOUNTS,
        restriction: Restriction::Nothing,
        objection: Objection::Nothing,
    },
};

/// Counts of calls against the limits.
pub(super) static WINDOW: Rule = Rule {
    category: Category::Session,
    purpose: "hold an organisation's calls within its limits",
    basis: Basis::LegitimateInterest,
    recipients: Recipients::Operator,
    retention: Retention {
        until: "60 seconds after the call, and the organisation's next one",
        ended_by: Keeper::Program,
    },
    rights: Rights {
        access: Access::Nothing,
        correction: Correction::Nothing,
        member_erasure: Erasure::Expire,
        organisation_erasure: Erasure::Delete,
        restriction: Restriction::Nothing,
        objection: Objection::Weigh,
    },
};

/// The program's own numbers.
pub(super) static MACHINERY: Rule = Rule {
    category: Category::Machinery,
    purpose: "let the program find its way in its own data",
    basis: Basis::NotPersonal,
    recipients: Recipients::Operator,
    retention: Retention { until: "the deployment ends", ended_by: Keeper::Operator },
    rights: NO_RIGHTS,
};
