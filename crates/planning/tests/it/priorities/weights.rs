//! What weights do to a ranking.

use std::collections::BTreeMap;

use pm33_planning::priorities::{
    Candidate, Factor, Method, Ranking, SharePart, Weights, rank, rank_weighted,
};
use proptest::prelude::*;

use super::sample::{candidates, wsjf};

const METHODS: [Method; 5] = [Method::Wsjf, Method::Rice, Method::Ice, Method::Moscow, Method::TechnicalRisk];

fn weights(method: Method, given: &[(Factor, f64)]) -> Weights {
    Weights::of_method(method, given.iter().copied().collect::<BTreeMap<_, _>>()).unwrap()
}

fn numbers(ranking: &Ranking, list: &[Candidate]) -> Vec<u32> {
    ranking.items.iter().map(|ranked| list[ranked.candidate].number).collect()
}

#[test]
fn a_weight_multiplies_a_summand_and_is_a_power_of_what_divides() {
    let list = [wsjf(1, 13, 1, 1, 4), wsjf(2, 3, 13, 1, 4)];
    assert_eq!(numbers(&rank(Method::Wsjf, &list), &list), [2, 1]);
    // 3 × 13 + 1 + 1 = 41 over 4 against 3 × 3 + 13 + 1 = 23 over 4.
    let ranking = rank_weighted(Method::Wsjf, &weights(Method::Wsjf, &[(Factor::BusinessValue, 3.0)]), &list);
    assert_eq!(numbers(&ranking, &list), [1, 2]);
    assert_eq!(ranking.items.iter().map(|one| one.middle).collect::<Vec<_>>(), [41.0 / 4.0, 23.0 / 4.0]);
    let share =
        ranking.items[0].shares.iter().find(|one| one.part == SharePart::Input(Factor::BusinessValue));
    assert!((share.unwrap().share - 39.0 / 41.0).abs() < 1e-12);
    assert_eq!(ranking.items[0].inputs, [13.0, 1.0, 1.0, 4.0]);
    let root = rank_weighted(Method::Wsjf, &weights(Method::Wsjf, &[(Factor::Size, 0.5)]), &list);
    assert!((root.items[0].middle - 17.0 / 2.0).abs() < 1e-12);
}

#[test]
fn an_input_that_is_left_out_is_not_missed() {
    let mut list = [wsjf(1, 13, 1, 1, 5), wsjf(2, 3, 13, 1, 5)];
    list[0].scoring.time_criticality = None;
    let without = weights(Method::Wsjf, &[(Factor::TimeCriticality, 0.0)]);
    let ranking = rank_weighted(Method::Wsjf, &without, &list);
    assert!(ranking.items.iter().all(|one| one.missing.is_empty() && one.score.unwrap().is_exact()));
    assert_eq!(numbers(&ranking, &list), [1, 2]);
    // Whose only known input is left out has no place.
    list[0].scoring.business_value = None;
    list[0].scoring.risk_reduction = None;
    list[0].scoring.time_criticality = Some(20);
    assert!(rank(Method::Wsjf, &list).items.iter().all(|one| one.placed));
    let ranking = rank_weighted(Method::Wsjf, &without, &list);
    assert!(ranking.items[0].placed && !ranking.items[1].placed);
}

#[test]
fn weights_of_other_inputs_and_out_of_bounds_are_refused_in_words() {
    let refused = |method, given: &[(Factor, f64)]| {
        Weights::of_method(method, given.iter().copied().collect()).unwrap_err().to_string()
    };
    assert!(
        refused(Method::Rice, &[(Factor::BusinessValue, 2.0)])
            .contains("it uses reach, impact, confidence, effort")
    );
    for weight in [-1.0, 10.5, f64::NAN, f64::INFINITY] {
        assert!(refused(Method::Wsjf, &[(Factor::Size, weight)]).contains("0 to 10"), "{weight}");
    }
    let nothing =
        [Factor::BusinessValue, Factor::TimeCriticality, Factor::RiskReduction].map(|factor| (factor, 0.0));
    assert!(refused(Method::Wsjf, &nothing).contains("let one input of it count"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn weights_of_one_change_nothing_and_numbers_stay_sound(
        list in candidates(),
        method in prop::sample::select(&METHODS[..]),
        given in prop::collection::vec(0.0..10.0_f64, 4),
    ) {
        let ones = method.factors().map(|factor| (factor, 1.0)).collect();
        let even = rank_weighted(method, &Weights::of_method(method, ones).unwrap(), &list);
        prop_assert_eq!(&even.items, &rank(method, &list).items);
        let given = method.factors().zip(given.iter().copied()).collect();
        let Ok(weights) = Weights::of_method(method, given) else { return Ok(()) };
        for ranked in rank_weighted(method, &weights, &list).items {
            prop_assert!(ranked.middle.is_finite() && ranked.middle >= 0.0, "{ranked:?}");
            let sum: f64 = ranked.shares.iter().map(|share| share.share).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9, "{ranked:?}");
            prop_assert!(ranked.ranks.0 <= ranked.rank && ranked.rank <= ranked.ranks.1);
        }
    }
}
