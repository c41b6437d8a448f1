//! When work began and ended, as a change of status tells it.

use std::time::Duration;

use pm33_product::{Author, External, ItemId, ItemPatch, ItemType, NewItem, Status, WorkItem};
use pm33_tenancy::Timestamp;

fn at(hour: u64) -> Timestamp {
    Timestamp::from_micros(0).plus(Duration::from_secs(3_600 * hour))
}

fn made(status: Status, external: Option<External>) -> WorkItem {
    let new = NewItem::titled(ItemId::new(at(1)), ItemType::Story, "Walk");
    let (item, _) = NewItem { status, external, ..new }.into_item(1, Author { user: None, at: at(1) });
    item
}

/// Start and end after a walk through statuses, an hour each.
fn walked(mut item: WorkItem, through: &[Status]) -> (Option<Timestamp>, Option<Timestamp>) {
    for (hour, status) in (2..).zip(through) {
        let patch = ItemPatch { status: Some(*status), ..ItemPatch::default() };
        patch.apply(&mut item, Author { user: None, at: at(hour) });
    }
    (item.started, item.finished)
}

#[test]
fn a_start_that_nobody_saw_is_not_invented_at_the_end() {
    let imported =
        || made(Status::InProgress, Some(External { source: "jira".to_owned(), id: "SHOP-2".to_owned() }));
    assert_eq!(walked(imported(), &[Status::Done]), (None, Some(at(2))));
    assert_eq!(walked(imported(), &[Status::InReview, Status::Done]), (None, Some(at(3))));
    assert_eq!(walked(made(Status::Backlog, None), &[Status::Done]), (None, Some(at(2))));
    assert_eq!(walked(made(Status::Done, None), &[]), (None, Some(at(1))));
}

#[test]
fn a_start_is_when_work_goes_from_to_do_into_doing() {
    assert_eq!(walked(made(Status::InProgress, None), &[Status::Done]), (Some(at(1)), Some(at(2))));
    let through = [Status::Planned, Status::InReview, Status::Done];
    assert_eq!(walked(made(Status::Backlog, None), &through), (Some(at(3)), Some(at(4))));
    let again = [Status::InProgress, Status::Backlog, Status::InProgress];
    assert_eq!(walked(made(Status::Backlog, None), &again), (Some(at(2)), None), "the first start stays");
}
