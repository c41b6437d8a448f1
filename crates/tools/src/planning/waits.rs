//! What a forecast's items wait for outside it: work that has to be finished first and whose time is not in the dates.

use std::collections::BTreeSet;

use pm33_product::{ItemId, Snapshot};

use super::delivery_question::About;
use crate::words::listed;

/// Keys that are named in the summary.
const NAMED: usize = 5;

/// Keys of the open items that what is forecast, or an item that holds it, depends on, and of those that these wait for in
/// turn; what is part of the forecast, or holds it, is not among them.
pub(super) fn waits_for(snapshot: &Snapshot, about: &About) -> Vec<String> {
    let mut inside: BTreeSet<ItemId> = about.items.iter().copied().chain(about.epic).collect();
    let mut open: Vec<ItemId> = inside.iter().copied().collect();
    while let Some(id) = open.pop() {
        let parent = snapshot.get(id).and_then(|item| item.parent);
        open.extend(parent.filter(|parent| inside.insert(*parent)));
    }
    let mut numbers = BTreeSet::new();
    let mut seen = inside.clone();
    let mut open: Vec<ItemId> = inside.into_iter().collect();
    while let Some(item) = open.pop().and_then(|id| snapshot.get(id)) {
        for need in item.dependencies.iter().filter_map(|need| snapshot.get(need.on)) {
            let is_open = need.status.is_open() && need.archived.is_none();
            if is_open && seen.insert(need.id) {
                numbers.insert(need.number);
                open.push(need.id);
            }
        }
    }
    let items = numbers.into_iter().filter_map(|number| snapshot.by_number(number));
    items.map(|item| snapshot.key(item).to_string()).collect()
}

/// The sentence of a summary; empty when nothing is waited for.
pub(super) fn sentence(waits: &[String]) -> String {
    if waits.is_empty() {
        return String::new();
    }
    let named: Vec<&str> = waits.iter().take(NAMED).map(String::as_str).collect();
    let more = if waits.len() > NAMED { " and others" } else { "" };
    format!(
        " The dates count as if work began now, but {}{more} must be finished first: pm33_schedule_portfolio plans around that.",
        listed(&named)
    )
}
