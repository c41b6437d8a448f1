//! `pm33://backlog/{workspace}/summary`: the backlog in numbers.

use std::collections::BTreeMap;

use async_trait::async_trait;
use pm33_auth::Scope;
use pm33_product::{Priority, Status};
use serde_json::{Value, json};

use super::{JSON, each_workspace::Picture};
use crate::{
    ResourceSpec, ToolContext, ToolError,
    backlog::place::Place,
    words::{counted, listed},
};

/// Days after which an open item that nobody touched counts as stale.
const STALE_DAYS: u64 = 90;

/// Where open items without a team are counted.
const NO_TEAM: &str = "(no team)";

/// What the backlog holds.
#[derive(Default)]
struct Counts {
    archived: usize,
    /// Done or cancelled.
    closed: usize,
    open: usize,
    /// The rest are parts of what is open.
    under_way: usize,
    blocked: usize,
    unestimated: usize,
    untriaged: usize,
    old: usize,
}

impl Counts {
    /// What a person should take from it.
    fn summary(&self, by_team: &BTreeMap<String, usize>) -> String {
        let Self { archived, closed, open, under_way, blocked, unestimated, untriaged, old } = *self;
        if open == 0 && closed == 0 {
            let archived = if archived == 0 {
                String::new()
            } else {
                format!(" but for {}", counted(archived, "archived item", "archived items"))
            };
            return format!(
                "The backlog is empty{archived}: import work with pm33_import_work_items, or write it with \
                 pm33_create_work_item."
            );
        }
        if open == 0 {
            return format!("Nothing is open; {} closed.", counted(closed, "item is", "items are"));
        }
        let mut sentences = vec![format!(
            "{} open, of which {} in progress or review and {blocked} blocked; {closed} closed.",
            counted(open, "item is", "items are"),
            counted(under_way, "is", "are"),
        )];
        let lacks: Vec<String> = [
            (unestimated, "no estimate"),
            (untriaged, "no priority"),
            (by_team.get(NO_TEAM).copied().unwrap_or_default(), "no team"),
        ]
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", counted(*count, "has", "have")))
        .collect();
        if !lacks.is_empty() {
            let lacks: Vec<&str> = lacks.iter().map(String::as_str).collect();
            sentences.push(format!("Of the open ones {}.", listed(&lacks)));
        }
        if old > 0 {
            let touched = counted(old, "open item was", "open items were");
            sentences.push(format!("{touched} not touched for {STALE_DAYS} days."));
        }
        let most = by_team.iter().filter(|(team, _)| *team != NO_TEAM).max_by_key(|(_, count)| **count);
        if let Some((team, &count)) = most.filter(|_| by_team.len() > 1) {
            // Two that have as many: neither has the most.
            if by_team.values().filter(|other| **other == count).count() == 1 {
                sentences.push(format!("The team with the most open items is {team} ({count})."));
            }
        }
        sentences.join(" ")
    }
}

/// The backlog in numbers.
pub(super) struct BacklogSummary;

#[async_trait]
impl Picture for BacklogSummary {
    const SPEC: ResourceSpec = ResourceSpec {
        uri: "pm33://backlog/{workspace}/summary",
        name: "backlog_summary",
        title: "Backlog summary",
        description: "How many items there are by status, type, priority and team; how many open ones are unestimated, blocked, untriaged or stale; the workspace's own status words and the types of its custom fields.",
        mime: JSON,
        scopes: &[Scope::BacklogRead],
        ttl_ms: 60_000,
    };

    async fn show(ctx: &ToolContext<'_>, place: &Place) -> Result<Value, ToolError> {
        let stale = ctx.now.minus(std::time::Duration::from_secs(STALE_DAYS * 86_400));
        let mut counts: [BTreeMap<String, usize>; 4] = Default::default();
        let mut told = Counts::default();
        for item in place.snapshot.items() {
            if item.archived.is_some() {
                told.archived += 1;
                continue;
            }
            let [by_status, by_type, by_priority, by_team] = &mut counts;
            *by_status.entry(item.status.to_string()).or_default() += 1;
            if !item.status.is_open() {
                told.closed += 1;
                continue;
            }
            let team = item.team.and_then(|id| place.snapshot.team(id)).map_or(NO_TEAM, |team| &*team.name);
            *by_type.entry(item.item_type.to_string()).or_default() += 1;
            *by_priority.entry(item.priority.to_string()).or_default() += 1;
            *by_team.entry(team.to_owned()).or_default() += 1;
            told.open += 1;
            told.unestimated += usize::from(item.points.is_none() && item.estimate_days.is_none());
            told.under_way += usize::from(matches!(item.status, Status::InProgress | Status::InReview));
            told.blocked += usize::from(item.status == Status::Blocked);
            told.untriaged += usize::from(item.priority == Priority::None);
            told.old += usize::from(item.updated < stale);
        }
        let [by_status, by_type, by_priority, by_team] = counts;
        let state = if place.snapshot.is_empty() { "empty" } else { "ok" };
        Ok(json!({
            "summary": told.summary(&by_team),
            "state": state,
            "workspace": place.workspace.slug,
            "items": place.snapshot.len(),
            "archived": told.archived,
            "by_status": by_status,
            "open": {
                "items": told.open,
                "by_type": by_type,
                "by_priority": by_priority,
                "by_team": by_team,
                "unestimated": told.unestimated,
                "blocked": told.blocked,
                "without_priority": told.untriaged,
                "untouched_for_90_days": told.old,
            },
            "status_words": place.snapshot.vocabulary().statuses,
            "custom_fields": place.snapshot.vocabulary().fields,
            "as_of": ctx.now,
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Counts, NO_TEAM};

    fn teams(of: &[(&str, usize)]) -> BTreeMap<String, usize> {
        of.iter().map(|&(team, count)| (team.to_owned(), count)).collect()
    }

    #[test]
    fn the_paragraph_tells_what_is_open_and_what_it_lacks() {
        let told = Counts {
            closed: 40,
            open: 12,
            under_way: 3,
            blocked: 1,
            unestimated: 4,
            untriaged: 1,
            old: 1,
            ..Counts::default()
        };
        assert_eq!(
            told.summary(&teams(&[("Ledger", 4), ("Payments", 6), (NO_TEAM, 2)])),
            "12 items are open, of which 3 are in progress or review and 1 blocked; 40 closed. Of the open ones 4 have no \
             estimate, 1 has no priority and 2 have no team. 1 open item was not touched for 90 days. The team with the most \
             open items is Payments (6)."
        );
        let whole = Counts { open: 2, ..Counts::default() };
        assert_eq!(
            whole.summary(&teams(&[("Ledger", 1), ("Payments", 1)])),
            "2 items are open, of which 0 are in progress or review and 0 blocked; 0 closed."
        );
    }

    #[test]
    fn nothing_open_and_nothing_at_all_are_told_apart() {
        let none = teams(&[]);
        let empty = Counts::default().summary(&none);
        assert!(empty.starts_with("The backlog is empty: import"), "{empty}");
        let kept = Counts { archived: 2, ..Counts::default() }.summary(&none);
        assert!(kept.starts_with("The backlog is empty but for 2 archived items: "), "{kept}");
        assert_eq!(
            Counts { closed: 1, ..Counts::default() }.summary(&none),
            "Nothing is open; 1 item is closed."
        );
    }
}
