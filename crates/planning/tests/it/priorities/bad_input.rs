//! Numbers that nobody should enter, and the lists that nobody should have.

use jiff::civil::date;
use pm33_planning::Seed;
use pm33_planning::priorities::{
    Factor, Method, Tier, TierReason, TierRules, moscow_share, rank, sensitivity, stability, tiers,
};
use pm33_product::{Moscow, Priority};

use super::sample::{CONTINUE, candidate, wsjf};

#[test]
fn an_empty_list_is_an_empty_ranking() {
    let ranking = rank(Method::Wsjf, &[]);
    assert!(ranking.items.is_empty() && sensitivity(&ranking, &[], 5, &mut || CONTINUE) == Some(Vec::new()));
    assert!(
        stability(&ranking, &[], 5, Seed::from_u64(0), &mut |_| CONTINUE).is_none()
            && moscow_share(&[]).is_none()
    );
}

#[test]
fn a_size_of_zero_is_a_missing_size() {
    let mut one = wsjf(1, 8, 8, 8, 5);
    one.scoring.job_size = None;
    for points in [0.0, -5.0, f64::NAN, f64::INFINITY, 1e300] {
        one.points = Some(points);
        let ranking = rank(Method::Wsjf, &[one.clone()]);
        assert_eq!(ranking.items[0].missing, [Factor::Size], "{points}");
        let score = ranking.items[0].score.unwrap();
        assert!((score.low - 24.0 / 20.0).abs() < 1e-12 && (score.high - 24.0).abs() < 1e-12);
    }
}

#[test]
fn an_input_that_nobody_has_makes_no_score() {
    let list = [candidate(1), candidate(2)];
    let ranking = rank(Method::Rice, &list);
    for ranked in &ranking.items {
        assert_eq!(ranked.score, None);
        assert!(ranked.middle.abs() < f64::EPSILON);
    }
    assert!(stability(&ranking, &list, 5, Seed::from_u64(0), &mut |_| CONTINUE).is_none());
}

#[test]
fn every_input_that_an_item_lacks_is_named() {
    let mut list = [candidate(1), candidate(2)];
    for one in &mut list {
        (one.scoring.impact, one.scoring.confidence) = (Some(2.0), Some(0.8));
    }
    let missing = |list: &[_]| {
        let mut items = rank(Method::Rice, list).items;
        items.sort_by_key(|ranked| ranked.candidate);
        items.into_iter().map(|ranked| ranked.missing).collect::<Vec<_>>()
    };
    let both = vec![Factor::Reach, Factor::Effort];
    assert_eq!(missing(&list), [both.clone(), both.clone()], "nobody has them");
    (list[0].scoring.reach, list[0].scoring.effort) = (Some(1000.0), Some(2.0));
    assert_eq!(missing(&list), [vec![], both], "another item's number is not its own");
}

#[test]
fn an_item_without_any_input_of_value_has_no_place_and_no_tier() {
    // The smallest size would put it first, were the rest guessed.
    let mut blank = candidate(1);
    blank.points = Some(1.0);
    let mut blocker = candidate(2);
    blocker.points = Some(1.0);
    let mut list = vec![blank, blocker, wsjf(3, 1, 1, 1, 20), wsjf(4, 2, 2, 2, 20)];
    list[3].blocked_by = vec![1];
    let ranking = rank(Method::Wsjf, &list);
    let order: Vec<_> = ranking.items.iter().map(|ranked| (ranked.candidate, ranked.placed)).collect();
    // The blocker is worth what waits for it.
    assert_eq!(order, [(1, true), (3, true), (2, true), (0, false)]);
    let rules = TierRules::standard(date(2026, 6, 10));
    let tiered = tiers(&ranking, &list, &rules, |_| None);
    assert_eq!((tiered[3].tier, tiered[3].reason), (None, TierReason::NothingKnown));
    assert_eq!(tiered[0].tier, Some(Tier::P0));
    list[0].priority = Priority::Critical;
    let tiered = tiers(&rank(Method::Wsjf, &list), &list, &rules, |_| None);
    assert_eq!((tiered[3].tier, tiered[3].reason), (Some(Tier::P1), TierReason::CriticalFloor));
}

#[test]
fn items_that_wait_for_each_other_are_told_and_inherit_nothing() {
    let mut list = [wsjf(1, 5, 5, 5, 5), wsjf(2, 5, 5, 5, 5), wsjf(3, 5, 5, 5, 5)];
    list[0].blocked_by = vec![1];
    list[1].blocked_by = vec![0];
    list[2].blocked_by = vec![2, 99];
    let ranking = rank(Method::Wsjf, &list);
    assert_eq!(ranking.circular, [0, 1, 2]);
    assert!(ranking.items.iter().all(|ranked| ranked.inherited.abs() < 1e-12));
}

#[test]
fn a_hundred_thousand_items_are_ranked() {
    let list: Vec<_> = (1..=100_000).map(|number| wsjf(number, 5, 3, 2, 8)).collect();
    let ranking = rank(Method::Wsjf, &list);
    assert_eq!(ranking.items.last().map(|ranked| list[ranked.candidate].number), Some(100_000));
}

#[test]
fn too_many_musts_are_told() {
    let mut list = [wsjf(1, 5, 5, 5, 8), wsjf(2, 5, 5, 5, 2), wsjf(3, 5, 5, 5, 20)];
    for (one, class) in list.iter_mut().zip([Moscow::Must, Moscow::Could, Moscow::Wont]) {
        one.scoring.moscow = Some(class);
    }
    let share = moscow_share(&list).unwrap();
    assert!((share.must - 0.8).abs() < 1e-12 && share.too_much);
}
