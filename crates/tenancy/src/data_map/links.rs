//! How rows lead to a member: what access gathers and erasure looks for. A test of this module asks for a way to every
//! column that an erasure removes or unlinks.

use serde::Serialize;

/// What a column holds by which a row is a member's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Leads {
    /// The member's id.
    Member,
    /// The id of one of their keys.
    Key,
    /// Their principal: the id of one of their keys, or their own.
    Principal,
    /// Their handle or name.
    Name,
    /// Their keyed pseudonym in the audit log.
    Pseudonym,
    /// A hold that was taken with one of their keys.
    Hold,
    /// An item that they wrote, beside its workspace.
    Item,
}

/// How much of a row is the member's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// All of it: they are it, did it or wrote it.
    Row,
    /// The reference alone; the rest is the organisation's.
    Reference,
}

/// A way from a row to a member.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Link {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What it holds.
    pub leads: Leads,
    /// How much of the row is theirs.
    pub extent: Extent,
}

const fn row(table: &'static str, column: &'static str, leads: Leads) -> Link {
    Link { table, column, leads, extent: Extent::Row }
}

const fn reference(table: &'static str, column: &'static str, leads: Leads) -> Link {
    Link { table, column, leads, extent: Extent::Reference }
}

/// Every way.
pub(super) static LINKS: &[Link] = &[
    row("app_user", "user_id", Leads::Member),
    row("membership", "user_id", Leads::Member),
    row("api_key", "user_id", Leads::Member),
    row("key_route", "key_id", Leads::Key),
    row("session", "principal", Leads::Principal),
    row("idempotency", "principal", Leads::Principal),
    reference("objective", "owner", Leads::Name),
    row("work_item", "author", Leads::Member),
    reference("work_item", "assignee", Leads::Name),
    row("item_text", "item_id", Leads::Item),
    row("state_change", "by_user", Leads::Member),
    row("forecast", "author", Leads::Member),
    row("document_version", "author", Leads::Member),
    row("audit_row", "actor", Leads::Pseudonym),
    row("audit_personal", "user_id", Leads::Member),
    row("credit_hold", "key_id", Leads::Key),
    row("credit_entry", "actor", Leads::Member),
    row("credit_period", "subject", Leads::Key),
    row("credit_usage", "hold_id", Leads::Hold),
    row("provider_call", "hold_id", Leads::Hold),
    row("privacy_request", "subject", Leads::Member),
    reference("privacy_request", "filed_by", Leads::Member),
    row("processing_limit", "subject", Leads::Member),
    row("call_window", "principal", Leads::Principal),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::LINKS;
    use crate::data_map::{Category, Erasure, Extent, columns};

    #[test]
    fn there_is_a_way_to_everything_that_an_erasure_touches() {
        for one in columns() {
            let links: Vec<_> = LINKS.iter().filter(|link| link.table == one.table).collect();
            let has = |found: bool| {
                assert!(
                    found,
                    "{}.{}: say in links.rs how a row of it leads to a member",
                    one.table, one.column
                );
            };
            match one.rule.rights.member_erasure {
                // The embedded database's index and memory tables follow the rows that they are made of.
                Erasure::Delete | Erasure::Blank => has(links.iter().any(|link| link.extent == Extent::Row)),
                Erasure::Unlink => has(links.iter().any(|link| link.column == one.column)),
                Erasure::Keep { .. } | Erasure::Expire | Erasure::Nothing => {}
            }
        }
    }

    #[test]
    fn every_way_begins_at_a_mapped_column() {
        let mapped: BTreeSet<_> = columns().map(|one| (one.table, one.column)).collect();
        let mut seen = BTreeSet::new();
        for link in LINKS {
            assert!(mapped.contains(&(link.table, link.column)), "{link:?}");
            assert!(seen.insert((link.table, link.column)), "{link:?} twice");
        }
        // Who did what leads to who did it.
        for table in columns().filter(|one| one.rule.category == Category::Identity).map(|one| one.table) {
            assert!(LINKS.iter().any(|link| link.table == table), "{table}");
        }
    }
}
