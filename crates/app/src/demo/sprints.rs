//! Sprints of the sample: two weeks each, with what the team said that it would finish, which is not quite what it did.

use jiff::civil::Date;
use pm33_product::{ItemType, NewItem, Sprint, SprintId, Status, StatusCategory, Team};
use rand::RngExt;

use super::seed::{Maker, WEEKS};

/// Of a hundred items that were known before their sprint, so many were committed to.
const COMMITTED: u32 = 88;
/// Of a hundred items that the next sprint finished early, so many had been committed to before and slipped.
const SLIPPED: u32 = 35;

/// A team's sprints, the last one running; each item is put into the sprint that finished it, or is to finish it.
pub(super) fn sprints(maker: &mut Maker, team: &Team) -> Vec<Sprint> {
    let mut all: Vec<Sprint> = (0..=WEEKS / 2)
        .map(|number| {
            let start = -WEEKS * 7 + number * 14;
            Sprint {
                id: SprintId::new(maker.now),
                team: team.id,
                name: format!("{} {}", team.name, number + 1).into(),
                start: maker.day(start),
                end: maker.day(start + 13),
                committed: Vec::new(),
            }
        })
        .collect();
    let mut items = std::mem::take(&mut maker.items);
    for item in items.iter_mut().filter(|item| item.team == Some(team.id)) {
        let Some(place) = sprint_of(&all, item) else { continue };
        item.sprint = Some(all[place].id);
        let known = item.created.is_some_and(|at| day(at) < all[place].start);
        if known && maker.random.random_range(0..100) < COMMITTED {
            all[place].committed.push(item.id);
        }
        let before = place.checked_sub(1).filter(|&before| {
            let begun = item.started.is_some_and(|at| day(at) <= all[before].end);
            begun && item.created.is_some_and(|at| day(at) < all[before].start)
        });
        if let Some(before) = before
            && maker.random.random_range(0..100) < SLIPPED
        {
            all[before].committed.push(item.id);
        }
    }
    maker.items = items;
    all
}

/// The sprint in which an item was finished; the running one for open items that are planned or begun.
fn sprint_of(all: &[Sprint], item: &NewItem) -> Option<usize> {
    if let Some(at) = item.finished {
        return all.iter().position(|sprint| (sprint.start..=sprint.end).contains(&day(at)));
    }
    let soon = item.status.category() == StatusCategory::Doing || item.status == Status::Planned;
    (soon && item.item_type != ItemType::Epic).then(|| all.len().saturating_sub(1))
}

fn day(at: pm33_tenancy::Timestamp) -> Date {
    jiff::tz::TimeZone::UTC.to_datetime(at.instant()).date()
}
