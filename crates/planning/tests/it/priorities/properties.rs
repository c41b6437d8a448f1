//! What holds for every ranking.

use std::ops::ControlFlow;

use jiff::civil::date;
use pm33_planning::Seed;
use pm33_planning::priorities::{
    Candidate, Change, Method, Ranking, Tier, TierRules, rank, sensitivity, stability, tiers,
};
use pm33_product::Priority;
use proptest::prelude::*;

use super::sample::{CONTINUE, candidates, wsjf};

const METHODS: [Method; 5] = [Method::Wsjf, Method::Rice, Method::Ice, Method::Moscow, Method::TechnicalRisk];

fn numbers(ranking: &Ranking, list: &[Candidate]) -> Vec<u32> {
    ranking.items.iter().map(|ranked| list[ranked.candidate].number).collect()
}

fn rank_of(ranking: &Ranking, candidate: usize) -> usize {
    ranking.items.iter().find(|ranked| ranked.candidate == candidate).unwrap().rank
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn numbers_are_sound(list in candidates(), method in prop::sample::select(&METHODS[..])) {
        let ranking = rank(method, &list);
        prop_assert_eq!(ranking.items.len(), list.len());
        for ranked in &ranking.items {
            if let Some(score) = ranked.score {
                prop_assert!(score.low.is_finite() && score.high.is_finite() && score.low >= 0.0);
                let slack = 1e-9 * score.high;
                prop_assert!(score.low <= ranked.middle + slack && ranked.middle <= score.high + slack);
                if ranked.missing.is_empty() && ranked.inherited == 0.0 {
                    prop_assert!(score.is_exact());
                }
            }
            let sum: f64 = ranked.shares.iter().map(|share| share.share).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9, "shares sum to {}", sum);
            prop_assert!(ranked.shares.iter().all(|share| (0.0..=1.0).contains(&share.share)));
            prop_assert!(ranked.ranks.0 <= ranked.rank && ranked.rank <= ranked.ranks.1);
            for &blocker in &ranked.above_blockers {
                prop_assert!(list[ranked.candidate].blocked_by.contains(&blocker));
            }
            for &blocker in &list[ranked.candidate].blocked_by {
                let below = rank_of(&ranking, blocker) > ranked.rank;
                prop_assert_eq!(below, ranked.above_blockers.contains(&blocker));
            }
        }
    }

    #[test]
    fn the_order_of_the_list_does_not_matter(
        list in candidates(),
        method in prop::sample::select(&METHODS[..]),
        turn in 0_usize..20,
    ) {
        let turn = turn % list.len();
        let mut turned = list.clone();
        turned.rotate_left(turn);
        for one in &mut turned {
            for blocker in &mut one.blocked_by {
                *blocker = (*blocker + list.len() - turn) % list.len();
            }
        }
        let (a, b) = (rank(method, &list), rank(method, &turned));
        prop_assert_eq!(numbers(&a, &list), numbers(&b, &turned));
        let firm = |ranking, list: &[Candidate]| stability(ranking, list, 5, Seed::from_u64(3), &mut |_| CONTINUE);
        prop_assert_eq!(firm(&a, &list), firm(&b, &turned));
    }

    #[test]
    fn a_better_input_never_lowers_an_item(list in candidates(), pick in 0_usize..20) {
        let pick = pick % list.len();
        let mut list = list;
        // What blocks it inherits its value, and may so come to stand before it.
        list[pick].blocked_by.clear();
        // Fewer points than one would be a smaller size than the smallest job.
        list[pick].points = None;
        let before = rank_of(&rank(Method::Wsjf, &list), pick);
        let mut better = list.clone();
        better[pick].scoring.business_value = Some(20);
        prop_assert!(rank_of(&rank(Method::Wsjf, &better), pick) <= before);
        let mut smaller = list.clone();
        smaller[pick].scoring.job_size = Some(1);
        prop_assert!(rank_of(&rank(Method::Wsjf, &smaller), pick) <= before);
    }

    #[test]
    fn a_change_of_unit_changes_no_rank(list in candidates(), factor in 0.1_f64..10.0) {
        let mut list = list;
        for one in &mut list {
            one.scoring.reach = Some(one.scoring.reach.unwrap_or(7.0) + 1.0);
            one.scoring.effort = Some(one.scoring.effort.unwrap_or(2.0));
        }
        let mut scaled = list.clone();
        for one in &mut scaled {
            one.scoring.reach = one.scoring.reach.map(|reach| reach * factor);
            one.scoring.effort = one.scoring.effort.map(|effort| effort * factor);
        }
        let (a, b) = (rank(Method::Rice, &list), rank(Method::Rice, &scaled));
        for (one, other) in a.items.iter().zip(&b.items) {
            // Scores that are equal but for rounding may change places.
            prop_assert!(one.candidate == other.candidate || (one.middle - other.middle).abs() <= 1e-9 * one.middle);
        }
    }

    #[test]
    fn every_flip_is_true_and_none_is_forgotten(list in candidates()) {
        let mut list = list;
        for one in &mut list {
            for slot in [&mut one.scoring.business_value, &mut one.scoring.time_criticality, &mut one.scoring.risk_reduction, &mut one.scoring.job_size] {
                *slot = Some(slot.unwrap_or(5));
            }
        }
        let top = 3;
        let ranking = rank(Method::Wsjf, &list);
        let flips = sensitivity(&ranking, &list, top, &mut || CONTINUE).expect("to its end");
        let set = |ranking: &Ranking| {
            let mut set = numbers(ranking, &list)[..top.min(list.len())].to_vec();
            set.sort_unstable();
            set
        };
        for place in 0..list.len() {
            for up in [20_u8, 13, 8, 5, 3, 2, 1] {
                let had = list[place].scoring.business_value.unwrap();
                let steps = [1_u8, 2, 3, 5, 8, 13, 20];
                let far = steps.iter().position(|&s| s == had).unwrap().abs_diff(steps.iter().position(|&s| s == up).unwrap());
                if far != 1 {
                    continue;
                }
                let mut stepped = list.clone();
                stepped[place].scoring.business_value = Some(up);
                let changed = set(&rank(Method::Wsjf, &stepped)) != set(&ranking);
                let told = flips.iter().any(|flip| {
                    flip.candidate == place
                        && flip.factor == pm33_planning::priorities::Factor::BusinessValue
                        && (flip.to - f64::from(up)).abs() < 1e-9
                });
                prop_assert_eq!(changed, told, "item {} to {}", place, up);
            }
        }
        for flip in &flips {
            let inside = rank_of(&ranking, flip.moved) <= top;
            prop_assert_eq!(inside, flip.change == Change::Leaves);
        }
    }

    #[test]
    fn floors_hold_and_tiers_follow_the_ranking(list in candidates()) {
        let ranking = rank(Method::Wsjf, &list);
        let rules = TierRules::standard(date(2026, 6, 10));
        let tiered = tiers(&ranking, &list, &rules, |_| None);
        for (ranked, tiered) in ranking.items.iter().zip(&tiered) {
            let one = &list[ranked.candidate];
            if one.priority == Priority::Critical || one.due.is_some_and(|due| due <= date(2026, 6, 24)) {
                prop_assert!(tiered.tier.is_some_and(|tier| tier <= Tier::P1));
            } else {
                prop_assert_eq!(tiered.tier.is_some(), ranked.placed);
            }
        }
        let again = tiers(&ranking, &list, &rules, |place| {
            ranking.items.iter().position(|ranked| ranked.candidate == place).and_then(|at| tiered[at].tier)
        });
        let only = |list: &[pm33_planning::priorities::Tiered]| list.iter().map(|one| one.tier).collect::<Vec<_>>();
        prop_assert_eq!(only(&tiered), only(&again));
    }
}

#[test]
fn an_item_near_an_end_keeps_its_tier_and_one_far_away_does_not() {
    let list: Vec<_> = (1..=100).map(|number| wsjf(number, 5, 5, 5, 5)).collect();
    let ranking = rank(Method::Wsjf, &list);
    let rules = TierRules::standard(date(2026, 6, 10));
    // Rank 6 is just behind the end of P0 at 5 %; rank 15 is far behind it.
    let tiered = tiers(&ranking, &list, &rules, |_| Some(Tier::P0));
    assert_eq!((tiered[5].tier, tiered[14].tier), (Some(Tier::P0), Some(Tier::P1)));
}

#[test]
fn ten_thousand_items_with_sensitivity_are_quick() {
    let list: Vec<_> = (1..=10_000_u32)
        .map(|number| {
            let step = |salt: u32| [1, 2, 3, 5, 8, 13, 20][usize::try_from(number * salt % 97 % 7).unwrap()];
            let mut one = wsjf(number, step(31), step(17), step(13), step(7));
            one.blocked_by =
                if number % 10 == 0 { vec![usize::try_from(number / 2).unwrap()] } else { Vec::new() };
            one
        })
        .collect();
    let ranking = rank(Method::Wsjf, &list);
    let flips = sensitivity(&ranking, &list, 5, &mut || CONTINUE).expect("to its end");
    let firm = stability(&ranking, &list, 5, Seed::from_u64(1), &mut |_| CONTINUE).unwrap();
    assert!(!flips.is_empty() && firm.tau > 0.3 && firm.tau < 1.0, "{} {}", flips.len(), firm.tau);
}

#[test]
fn sensitivity_and_stability_end_when_nobody_waits() {
    let list: Vec<_> = (1..=20).map(|number| wsjf(number, 8, 8, 8, 5)).collect();
    let ranking = rank(Method::Wsjf, &list);
    let mut asked = 0;
    let mut some = |_| {
        asked += 1;
        if asked > 3 { ControlFlow::Break(()) } else { CONTINUE }
    };
    assert_eq!(stability(&ranking, &list, 5, Seed::from_u64(1), &mut some), None);
    assert_eq!(sensitivity(&ranking, &list, 5, &mut || some(0.0)), None);
    assert_eq!(asked, 5, "neither goes on after a break");
}
