//! Numbers that nobody should enter, and the lists that nobody should have.

use pm33_planning::Seed;
use pm33_planning::priorities::{Factor, Method, moscow_share, rank, sensitivity, stability};
use pm33_product::Moscow;

use super::sample::{candidate, wsjf};

#[test]
fn an_empty_list_is_an_empty_ranking() {
    let ranking = rank(Method::Wsjf, &[]);
    assert!(ranking.items.is_empty() && sensitivity(&ranking, &[], 5).is_empty());
    assert!(stability(&ranking, &[], 5, Seed::from_u64(0)).is_none() && moscow_share(&[]).is_none());
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
    assert!(stability(&ranking, &list, 5, Seed::from_u64(0)).is_none());
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
