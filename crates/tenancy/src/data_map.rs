//! The data map: everything that a deployment keeps, part by part, with why, on what ground, who sees it, until when, and
//! what each right of a person does to it. The record of processing is printed from it, and a test of the store holds it
//! against the real schema, so that no column comes without an answer.

mod elsewhere;
mod links;
mod rules;
mod secrets;
mod tables;
mod words;

use serde::Serialize;

pub use links::{Extent, Leads, Link};
pub use words::{Access, Basis, Category, Correction, Erasure, Keeper, Objection, Recipients, Restriction};

/// What holds for parts that are kept for one reason.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// What kind of data it is.
    pub category: Category,
    /// What it is kept for.
    pub purpose: &'static str,
    /// The ground in law.
    pub basis: Basis,
    /// Who sees it.
    pub recipients: Recipients,
    /// Until when it is kept.
    pub retention: Retention,
    /// What the rights do to it.
    pub rights: Rights,
}

/// How long something is kept, and who sees to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Retention {
    /// Until when.
    pub until: &'static str,
    /// Who ends it.
    pub ended_by: Keeper,
}

/// What each right does: articles 15 to 21 of the GDPR, and what the CCPA calls know, delete, correct and limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rights {
    /// Access and portability (15, 20).
    pub access: Access,
    /// Rectification (16).
    pub correction: Correction,
    /// Erasure of one member (17).
    pub member_erasure: Erasure,
    /// Erasure of the whole organisation, at the end of its contract.
    pub organisation_erasure: Erasure,
    /// Restriction (18).
    pub restriction: Restriction,
    /// Objection (21).
    pub objection: Objection,
}

/// Whose schema a table belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Both engines.
    Both,
    /// The embedded database alone.
    Sqlite,
    /// PostgreSQL alone.
    Postgres,
}

/// A column of a table.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Column {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// Where it is.
    pub engine: Engine,
    /// What holds for it.
    #[serde(flatten)]
    pub rule: &'static Rule,
}

/// Something that is kept outside the tables.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Elsewhere {
    /// Where.
    pub place: &'static str,
    /// What of a person or an organisation is in it.
    pub holds: &'static str,
    /// What holds for it.
    #[serde(flatten)]
    pub rule: &'static Rule,
}

/// Every column of every table, in the order of the tables.
pub fn columns() -> impl Iterator<Item = Column> {
    tables::TABLES.iter().flat_map(|table| {
        table.parts.iter().flat_map(move |(names, rule)| {
            names.split(' ').map(move |column| Column {
                table: table.name,
                column,
                engine: table.engine,
                rule,
            })
        })
    })
}

/// How rows lead to a member.
pub fn links() -> &'static [Link] {
    links::LINKS
}

/// Everything that is kept outside the tables: memory, files, logs, copies.
pub fn elsewhere() -> &'static [Elsewhere] {
    elsewhere::PLACES
}

/// What a reader of the record must know of this version.
pub const STANDING: &str = "The rights are the rule for each part, and commands carry them out: `pm33-admin privacy` and \
    `pm33-admin user remove`. Copies elsewhere (backups, exports, logs, a provider's own records) end with whoever keeps them.";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_part_is_mapped_once() {
        let mut seen = BTreeSet::new();
        for one in columns() {
            assert!(seen.insert((one.table, one.column)), "{}.{} twice", one.table, one.column);
        }
        let places: BTreeSet<_> = elsewhere().iter().map(|one| one.place).collect();
        assert_eq!(places.len(), elsewhere().len());
    }

    #[test]
    fn what_belongs_to_a_person_or_an_organisation_has_a_ground_and_an_end() {
        let rules = columns().map(|one| one.rule).chain(elsewhere().iter().map(|one| one.rule));
        for rule in rules {
            let is_machinery = rule.category == Category::Machinery;
            assert_eq!(rule.basis == Basis::NotPersonal, is_machinery, "{rule:?}");
            if is_machinery {
                continue;
            }
            // Whoever keeps something against an erasure says why.
            for erasure in [rule.rights.member_erasure, rule.rights.organisation_erasure] {
                assert!(!matches!(erasure, Erasure::Keep { because: "" }), "{rule:?}");
            }
            assert_ne!(
                rule.rights.organisation_erasure,
                Erasure::Unlink,
                "nobody is left to keep it: {rule:?}"
            );
        }
    }

    #[test]
    fn no_secret_is_handed_out() {
        for one in columns().filter(|one| one.rule.category == Category::Credential) {
            assert_ne!(one.rule.rights.access, Access::Copy, "{}.{}", one.table, one.column);
        }
        for (table, column) in [("api_key", "digest"), ("api_key", "hash"), ("api_key", "pepper")] {
            let found = columns().find(|one| (one.table, one.column) == (table, column));
            assert!(found.is_some_and(|one| one.rule.category == Category::Credential), "{table}.{column}");
        }
    }
}
