//! Where the effort goes, by hand.

use std::sync::Arc;

use pm33_planning::alignment::portfolio;
use pm33_product::{ItemType, Objective, ObjectiveId, ObjectiveLink, ObjectiveStatus, Status, WorkItem};
use uuid::Uuid;

use crate::place::item;

fn objective_id(number: u32) -> ObjectiveId {
    ObjectiveId::from_uuid(Uuid::from_u128(u128::from(number) + 3_000_000))
}

fn objective(number: u32, weight: f64, status: ObjectiveStatus) -> Objective {
    Objective {
        id: objective_id(number),
        title: format!("Objective {number}").into(),
        statement: String::new(),
        period: "2026-Q4".to_owned(),
        theme: None,
        weight,
        status,
        owner: None,
        key_results: Vec::new(),
    }
}

fn work(number: u32, points: Option<f64>, links: &[(u32, f64)]) -> Arc<WorkItem> {
    let links: Vec<_> = links
        .iter()
        .map(|&(number, weight)| ObjectiveLink { objective: objective_id(number), weight })
        .collect();
    let plain = item(number, ItemType::Story, Status::Backlog, None);
    Arc::new(WorkItem { points, objectives: links.into(), ..plain })
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-12
}

#[test]
fn effort_is_divided_by_links_and_held_against_the_weights() {
    let objectives = [
        objective(1, 0.2, ObjectiveStatus::Active),
        objective(2, 0.6, ObjectiveStatus::Active),
        objective(3, 0.9, ObjectiveStatus::Closed),
    ];
    let items = [
        work(1, Some(6.0), &[(1, 1.0)]),
        // Three quarters and one quarter of four points.
        work(2, Some(4.0), &[(1, 0.75), (2, 0.25)]),
        // No points: counts as the median of 4, 6 and 8 points.
        work(3, None, &[]),
        // What is closed is served no more.
        work(4, Some(8.0), &[(3, 1.0)]),
        // A link that gives nothing.
        work(5, None, &[(2, 0.0)]),
    ];
    let found = portfolio(&items, &objectives);
    assert!(near(found.effort, 6.0 + 4.0 + 6.0 + 8.0 + 6.0));
    assert_eq!(found.unsized_items, 2);
    let [heavy, light] = found.objectives.as_slice() else { unreachable!("two are active") };
    assert_eq!((heavy.objective, heavy.items, heavy.starving), (objective_id(2), 2, true));
    assert!(near(heavy.weight_share, 0.75) && near(heavy.effort_share, 1.0 / 30.0));
    assert_eq!((light.objective, light.items, light.starving), (objective_id(1), 2, false));
    assert!(near(light.weight_share, 0.25) && near(light.effort_share, 9.0 / 30.0));
    let orphans: Vec<_> = found.orphans.iter().map(|item| item.number).collect();
    assert_eq!(orphans, [4, 3, 5], "largest first");
    assert!(near(found.orphan_share, 20.0 / 30.0));
    let all: f64 = found.objectives.iter().map(|one| one.effort_share).sum();
    assert!(near(all + found.orphan_share, 1.0), "no effort is lost or counted twice");
}

#[test]
fn nothing_to_count_and_nothing_to_serve_starve_nobody() {
    let active = [objective(1, 1.0, ObjectiveStatus::Active)];
    let empty = portfolio(&[], &active);
    assert!(near(empty.effort, 0.0) && near(empty.orphan_share, 0.0));
    assert!(!empty.objectives[0].starving, "there is no effort to give it");
    let aimless = portfolio(&[work(1, None, &[])], &[]);
    assert!(near(aimless.orphan_share, 1.0) && aimless.objectives.is_empty());
}
