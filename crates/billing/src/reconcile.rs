//! Whether a tenant's accounts, ledger, holds and records agree. What does not is an alarm, and stops that tenant's AI calls.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{Accounts, MicroCredits, Postings};

/// What the store counted at one moment.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// The balance row.
    pub accounts: Accounts,
    /// Entries in the ledger.
    pub entries: u64,
    /// The sum of all entries' postings.
    pub sums: Postings,
    /// Entries that do not sum to zero.
    pub unbalanced: u64,
    /// The sum of open holds.
    pub open_holds: MicroCredits,
    /// What settled entries charged or lost in all, refunds aside.
    pub settled: MicroCredits,
    /// The sum of all usage records.
    pub used: MicroCredits,
    /// Settled holds without a usage record.
    pub settled_without_usage: u64,
    /// Settled holds without an audit row, among those that the audit log still reaches.
    pub settled_without_audit: u64,
    /// Calls of a provider that have no hold.
    pub calls_without_hold: u64,
    /// Usage records without a note of what was sent.
    pub usage_without_call: u64,
}

/// What does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Mismatch {
    /// Which rule.
    pub rule: &'static str,
    /// What is expected.
    pub expected: String,
    /// What there is.
    pub found: String,
}

/// Judges the books; every rule that does not hold.
pub fn reconcile(books: &Books) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let mut rule = |rule, expected: String, seen: String| {
        if expected != seen {
            found.push(Mismatch { rule, expected, found: seen });
        }
    };
    let accounts = &books.accounts;
    rule("ledger entries are numbered without gaps", accounts.seq.to_string(), books.entries.to_string());
    rule(
        "the balance is the sum of the ledger",
        format!("{:?}", books.sums.amounts()),
        format!("{:?}", accounts.sums.amounts()),
    );
    let amounts = [
        ("what is held is the sum of open holds", books.open_holds, accounts.sums.held),
        ("what was settled is what was used", books.used, books.settled),
    ];
    for (name, expected, seen) in amounts {
        rule(name, expected.to_string(), seen.to_string());
    }
    let counts = [
        ("every entry sums to zero", books.unbalanced),
        ("every settled hold has a record of its usage", books.settled_without_usage),
        ("every settled hold has an audit row", books.settled_without_audit),
        ("every call of a provider has a hold", books.calls_without_hold),
        ("every usage has a note of what was sent", books.usage_without_call),
    ];
    for (name, seen) in counts {
        rule(name, "0".to_owned(), seen.to_string());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_told_when_it_alone_is_broken() {
        assert!(reconcile(&Books::default()).is_empty());
        let one = MicroCredits::new(1);
        let break_one: [fn(&mut Books, MicroCredits); 9] = [
            |books, _| books.entries = 1,
            |books, one| books.sums.spent = one,
            |books, one| books.open_holds = one,
            |books, one| books.used = one,
            |books, _| books.unbalanced = 1,
            |books, _| books.settled_without_usage = 1,
            |books, _| books.settled_without_audit = 1,
            |books, _| books.calls_without_hold = 1,
            |books, _| books.usage_without_call = 1,
        ];
        let mut told = std::collections::BTreeSet::new();
        for act in break_one {
            let mut books = Books::default();
            act(&mut books, one);
            let found = reconcile(&books);
            assert_eq!(found.len(), 1, "{found:?}");
            told.extend(found.iter().map(|mismatch| mismatch.rule));
        }
        assert_eq!(told.len(), 9);
    }
}
