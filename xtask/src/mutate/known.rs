//! What is to be known of single conditions: of which engine they are, whom the operators' role lets see more, and which of
//! them no test can miss. Each with its reason; one that fits no condition any more fails the check.

use super::conditions::Condition;

/// How a condition that was taken out must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// Tests fail on SQLite, and none on PostgreSQL.
    Everywhere,
    /// The statement is SQLite's alone: tests fail there.
    OnSqlite,
    /// The statement is PostgreSQL's alone: none fail there.
    OnPostgres,
    /// As everywhere, but these tests may fail on PostgreSQL: operators work as the owner, for whom no tenant's rows are
    /// hidden.
    ToOperators(&'static [&'static str]),
    /// Nowhere: it is not tried.
    Nowhere,
}

/// Something known.
pub(super) struct Known {
    file: &'static str,
    /// The function or the constant; all of the file when it is empty.
    item: &'static str,
    /// Part of the condition's text; any when it is empty.
    text: &'static str,
    pub(super) shows: Shows,
    pub(super) because: &'static str,
}

const NAMED: &str = "the builder has a mutation of its own, by name";
const SUPERSEDED: &str = "a later migration put another in its place";

const OPERATORS: &str = "an operator's change: it is made as the owner";
const ERASURE: &[&str] = &[
    "twin_erasure::a_member_is_copied_and_erased_in_one_tenant::postgres",
    "twin_erasure::an_organisation_is_erased_beside_its_twin::postgres",
];

pub(super) const KNOWN: &[Known] = &[
    Known { file: "scope.rs", item: "of_tenant", text: "tenant().", shows: Shows::Nowhere, because: NAMED },
    Known {
        file: "scope.rs",
        item: "change_of_tenant",
        text: "tenant().",
        shows: Shows::Nowhere,
        because: NAMED,
    },
    Known {
        file: "scope.rs",
        item: "removal_of_tenant",
        text: "tenant().",
        shows: Shows::Nowhere,
        because: NAMED,
    },
    Known {
        file: "search.rs",
        item: "search",
        text: "$2",
        shows: Shows::OnPostgres,
        because: "SQLite's index of words is another table; its scope has a mutation of its own, by name",
    },
    Known {
        file: "statements.rs",
        item: "STALE",
        text: "",
        shows: Shows::OnPostgres,
        because: "budgets are shared through PostgreSQL only",
    },
    Known {
        file: "ledger/scene.rs",
        item: "HELD",
        text: "",
        shows: Shows::OnSqlite,
        because: "PostgreSQL locks first and reads after, by the builders",
    },
    Known {
        file: "ledger/scene.rs",
        item: "counting",
        text: "b.tenant_id",
        shows: Shows::OnSqlite,
        because: "PostgreSQL locks first and reads after, by the builders",
    },
    Known {
        file: "migration/hold_guard.rs",
        item: "OTHER",
        text: "",
        shows: Shows::Nowhere,
        because: "a guard of one row against being moved, and no query; row-level security refuses the move as well",
    },
    Known {
        file: "spool/scribe.rs",
        item: "read",
        text: "",
        shows: Shows::OnSqlite,
        because: "the spool is the embedded database's",
    },
    Known {
        file: "spool/scribe.rs",
        item: "marks",
        text: "",
        shows: Shows::Nowhere,
        because: "a mark is its tenant's by its digest: another's matches nobody here",
    },
    Known {
        file: "statements.rs",
        item: "head",
        text: "",
        shows: Shows::OnSqlite,
        because: "the spool is the embedded database's",
    },
    Known {
        file: "engine/postgres.rs",
        item: "guard",
        text: "",
        shows: Shows::Nowhere,
        because: "the policy of row-level security itself; `a_statement_without_a_condition_reaches_only_its_tenant` is about it",
    },
    Known {
        file: "engine/postgres/serving.rs",
        item: "OTHER_POLICIES",
        text: "",
        shows: Shows::Nowhere,
        because: "the policy's own words, which the start compares with what the database has",
    },
    Known {
        file: "migration/call_window/lease.sql",
        item: "",
        text: "",
        shows: Shows::Nowhere,
        because: SUPERSEDED,
    },
    Known {
        file: "migration/call_window/settle.sql",
        item: "",
        text: "",
        shows: Shows::Nowhere,
        because: SUPERSEDED,
    },
    Known {
        file: "migration/fair_window/lease.sql",
        item: "",
        text: "",
        shows: Shows::Nowhere,
        because: SUPERSEDED,
    },
    Known {
        file: "migration/lasting_claims/lease.sql",
        item: "",
        text: "",
        shows: Shows::Nowhere,
        because: SUPERSEDED,
    },
    Known {
        file: "engine/sqlite.rs",
        item: "ONE_SUCCESSOR",
        text: "",
        shows: Shows::Nowhere,
        because: SUPERSEDED,
    },
    Known {
        file: "migration/ai_window/lease.sql",
        item: "",
        text: "",
        shows: Shows::OnPostgres,
        because: "budgets are shared through PostgreSQL only",
    },
    Known {
        file: "migration/ai_window/settle.sql",
        item: "",
        text: "",
        shows: Shows::OnPostgres,
        because: "budgets are shared through PostgreSQL only",
    },
    Known {
        file: "engine/sqlite.rs",
        item: "head_guards",
        text: "",
        shows: Shows::OnSqlite,
        because: "a trigger of SQLite's",
    },
    Known {
        file: "migration/text_numbers.rs",
        item: "TEXTS",
        text: "",
        shows: Shows::Nowhere,
        because: "goes through everybody's texts, once, before anybody is served",
    },
    Known {
        file: "rights/rows.rs",
        item: "among",
        text: "",
        shows: Shows::Nowhere,
        because: "it leads to the rows; the case behind it has the rows' own condition on the tenant, which is tried",
    },
    Known {
        file: "rights/erase.rs",
        item: "erase_member",
        text: "",
        shows: Shows::ToOperators(ERASURE),
        because: OPERATORS,
    },
    Known {
        file: "rights/erase.rs",
        item: "forget_answers",
        text: "",
        shows: Shows::ToOperators(ERASURE),
        because: OPERATORS,
    },
    Known {
        file: "rights/person.rs",
        item: "whole",
        text: "",
        shows: Shows::ToOperators(ERASURE),
        because: OPERATORS,
    },
    Known {
        file: "rights/person.rs",
        item: "with",
        text: "",
        shows: Shows::ToOperators(ERASURE),
        because: OPERATORS,
    },
    Known {
        file: "rights/person.rs",
        item: "spellings",
        text: "",
        shows: Shows::Nowhere,
        because: "how others spell a name is looked for in the tenant's own rows only, by conditions that are tried",
    },
    Known {
        file: "migration/audit_retention.rs",
        item: "ANCHORED",
        text: "",
        shows: Shows::ToOperators(&["twins::anchors_open_the_way_for_their_own_tenant::postgres"]),
        because: "the test removes rows as a superuser, whom row-level security does not hold",
    },
];

impl Known {
    /// Whether it is about a condition.
    pub(super) fn is_of(&self, one: &Condition) -> bool {
        let is_item = self.item.is_empty() || self.item == one.item;
        self.file == one.file && is_item && one.text.contains(self.text)
    }
}
