//! The record of processing, from the data map.

use pm33_tenancy::data_map::{self, Column, Elsewhere, Rule};
use serde_json::json;

use crate::{Setup, output};

/// Places under one rule, each with what is in it.
struct Block {
    rule: &'static Rule,
    places: Vec<(&'static str, String)>,
}

/// Prints the record.
pub(super) fn print(setup: &Setup) {
    let (columns, elsewhere): (Vec<_>, _) = (data_map::columns().collect(), data_map::elsewhere());
    let record = json!({
        "program": env!("CARGO_PKG_VERSION"),
        "standing": data_map::STANDING,
        "columns": columns,
        "elsewhere": elsewhere,
    });
    let blocks: Vec<_> = by_rule(&columns, elsewhere).into_iter().map(told).collect();
    output::document(setup, &record, &format!("{}\n{}", blocks.join("\n"), data_map::STANDING));
}

/// The whole record by rule: there are few of them, and many columns under each.
fn by_rule(columns: &[Column], elsewhere: &[Elsewhere]) -> Vec<Block> {
    let parts = columns.iter().map(|one| (one.rule, one.table, one.column));
    let parts = parts.chain(elsewhere.iter().map(|one| (one.rule, one.place, one.holds)));
    let mut blocks: Vec<Block> = Vec::new();
    for (rule, place, part) in parts {
        let at = blocks.iter().position(|block| block.rule == rule).unwrap_or_else(|| {
            blocks.push(Block { rule, places: Vec::new() });
            blocks.len() - 1
        });
        let places = &mut blocks[at].places;
        match places.iter_mut().find(|(known, _)| *known == place) {
            Some((_, parts)) => {
                parts.push_str(", ");
                parts.push_str(part);
            }
            None => places.push((place, part.to_owned())),
        }
    }
    blocks
}

fn told(Block { rule, places }: Block) -> String {
    let Rule { category, purpose, basis, recipients, retention, rights } = rule;
    let fields = [
        ("ground", basis.to_string()),
        ("seen by", recipients.to_string()),
        ("kept until", retention.until.to_owned()),
        ("ended by", retention.ended_by.to_string()),
        ("access, portability", rights.access.to_string()),
        ("rectification", rights.correction.to_string()),
        ("erasure of a member", rights.member_erasure.to_string()),
        ("erasure of the organisation", rights.organisation_erasure.to_string()),
        ("restriction", rights.restriction.to_string()),
        ("objection", rights.objection.to_string()),
    ];
    let rows = fields.into_iter().chain(places).map(|(name, value)| vec![name.to_owned(), value]);
    output::paragraph(&format!("{category}: {purpose}"), rows)
}
