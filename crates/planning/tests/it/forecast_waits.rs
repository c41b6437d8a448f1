//! What a forecast waits for moves its dates: never to an earlier day, and by nothing where nothing is waited for.

use std::ops::ControlFlow;

use jiff::tz::TimeZone;
use pm33_planning::{
    calendar::Calendar,
    forecast::{
        Ask, Delivery, DeliveryQuestion, Growth, Need, Recipe, TeamWork, Unit, WaitsFor, compare, deliver,
    },
};
use pm33_tenancy::Timestamp;
use proptest::prelude::*;

const DAY: i64 = 24 * 3_600_000_000;
/// Monday 2026-03-02, 09:00 UTC.
const AS_OF: i64 = 1_772_442_000_000_000;

const TEAMS: [(&str, i64); 3] = [("Core", 3), ("Web", 2), ("Data", 5)];

/// One item each day but every `idle`th, over the last year and more.
fn team(place: usize, remaining: u32) -> TeamWork {
    let (name, idle) = TEAMS[place];
    TeamWork {
        undated: 0,
        team: name.to_owned(),
        calendar: Calendar::monday_to_friday(TimeZone::UTC),
        finished: (1..420)
            .filter(|day| day % idle != 0)
            .map(|day| Timestamp::from_micros(AS_OF - day * DAY))
            .collect(),
        remaining,
    }
}

/// So many items of Core, which wait for these units; teams are places in [`TEAMS`].
fn asked(items: u32, units: &[Unit], growth: &Growth) -> DeliveryQuestion {
    let work = |place: usize| {
        let open = units.iter().filter(|unit| !unit.asked && unit.team == TEAMS[place].0);
        team(place, open.map(|unit| unit.items).sum())
    };
    let waits_for = WaitsFor {
        teams: (0..TEAMS.len()).map(work).filter(|work| work.remaining > 0).collect(),
        units: units.to_vec(),
    };
    DeliveryQuestion {
        ask: Ask::When,
        teams: vec![team(0, items)],
        growth: growth.clone(),
        as_of: Timestamp::from_micros(AS_OF),
        target: None,
        trials: 1_000,
        waits_for,
    }
}

fn answer(asked: &DeliveryQuestion) -> (Delivery, Recipe) {
    deliver(asked, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn unit(place: usize, items: u32, asked: bool, needs: &[(usize, i32)]) -> Unit {
    let needs = needs.iter().map(|(unit, lag_days)| Need { unit: *unit, lag_days: *lag_days }).collect();
    Unit { team: TEAMS[place].0.to_owned(), items, asked, needs }
}

/// Days from the as-of day to the date at 50 % and at 85 %.
fn days(said: &Delivery) -> [i32; 2] {
    let today = jiff::civil::date(2026, 3, 2);
    [0, 2].map(|level| {
        let date = said.percentiles[level].date.unwrap();
        date.since(today).unwrap().get_days()
    })
}

#[test]
fn one_item_that_waits_for_sixty_of_another_team_is_finished_after_them() {
    let alone = answer(&asked(1, &[], &Growth::default())).0;
    assert!(alone.waiting.is_none() && days(&alone)[1] <= 8, "{alone:?}");
    let units = [unit(2, 60, false, &[]), unit(0, 1, true, &[(0, 0)])];
    let (waits, recipe) = answer(&asked(1, &units, &Growth::default()));
    // Data finishes an item on four days of five, weekends among them: sixty take eleven weeks.
    assert!((65..=85).contains(&days(&waits)[0]) && days(&waits)[1] > days(&waits)[0], "{:?}", days(&waits));
    let waiting = waits.waiting.clone().unwrap();
    assert_eq!((waiting.items, waiting.parts.get("Data"), waiting.teams.len()), (60, Some(&60), 1));
    assert_eq!(waiting.without[2].date, alone.percentiles[2].date);
    assert_eq!(waiting.without[2].days, Some(days(&waits)[1] - days(&alone)[1]));
    assert_eq!(waits.drivers[0].effect, waiting.without[2].days, "{:?}", waits.drivers);
    // A chain: Data's sixty, then Web's ten, with a lag of ten working days between them.
    let chain = [unit(2, 60, false, &[]), unit(1, 10, false, &[(0, 10)]), unit(0, 1, true, &[(1, 0)])];
    let later = answer(&asked(1, &chain, &Growth::default())).0;
    assert!(days(&later)[0] >= days(&waits)[0] + 14 + 15, "{:?} {:?}", days(&later), days(&waits));
    // Kept and read again, the recipe gives the same answer; a difference to the one that does not wait is one of scope.
    let kept = serde_json::to_string(&recipe).unwrap();
    let kept: Recipe = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept.prerequisites.units, recipe.prerequisites.units);
    let stated = |recipe: &Recipe| recipe.run().unwrap().statements().map(|one| one.value);
    assert_eq!(stated(&kept), stated(&recipe));
    let before = answer(&asked(1, &[], &Growth::default())).1;
    for part in compare(&before, &recipe).unwrap() {
        assert_eq!((part.elapsed_time, part.rate, part.model), (0, 0, 0), "{part:?}");
        assert!(part.scope == part.total && part.scope > 60, "{part:?}");
    }
}

#[test]
fn prerequisites_of_the_own_team_take_its_days_like_items_of_its_own() {
    let units = [unit(0, 40, false, &[]), unit(0, 20, true, &[(0, 0)])];
    let waits = days(&answer(&asked(20, &units, &Growth::default())).0);
    let together = days(&answer(&asked(60, &[], &Growth::default())).0);
    for (waits, together) in waits.into_iter().zip(together) {
        assert!((waits - together).abs() <= 7, "{waits} {together}");
    }
}

#[test]
fn what_only_a_part_waits_for_leaves_the_rest_to_be_done_meanwhile() {
    // Forty items, of which one waits a while for Web: the others are done first, and nothing is later.
    let one = [unit(1, 5, false, &[]), unit(0, 1, true, &[(0, 0)])];
    let all = [unit(1, 5, false, &[]), unit(0, 40, true, &[(0, 0)])];
    let alone = days(&answer(&asked(40, &[], &Growth::default())).0);
    assert_eq!(days(&answer(&asked(40, &one, &Growth::default())).0), alone);
    assert!(days(&answer(&asked(40, &all, &Growth::default())).0)[0] > alone[0]);
}

#[test]
fn a_circle_of_prerequisites_counts_by_its_amount_and_a_team_without_days_takes_none() {
    let circle =
        [unit(2, 30, false, &[(1, 0)]), unit(1, 30, false, &[(0, 0)]), unit(0, 1, true, &[(0, 0), (1, 0)])];
    let waits = days(&answer(&asked(1, &circle, &Growth::default())).0);
    assert!((45..200).contains(&waits[0]), "{waits:?}");
    let mut unknown = asked(1, &[unit(2, 30, false, &[]), unit(0, 1, true, &[(0, 0)])], &Growth::default());
    unknown.waits_for.teams.clear();
    assert_eq!(days(&answer(&unknown).0), days(&answer(&asked(1, &[], &Growth::default())).0));
}

/// A list in which units need only earlier ones, of which some are asked.
fn units() -> impl Strategy<Value = Vec<Unit>> {
    let one = (0..3_usize, 0..12_u32, any::<bool>(), prop::collection::vec((0..8_usize, -3..9_i32), 0..3));
    prop::collection::vec(one, 1..8).prop_map(|list| {
        let units = list.into_iter().enumerate().map(|(place, (team, items, is_asked, needs))| {
            let needs: Vec<_> = needs.into_iter().filter(|(need, _)| *need < place).collect();
            let is_asked = is_asked && !needs.is_empty();
            unit(if is_asked { 0 } else { team }, items, is_asked, &needs)
        });
        units.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn one_more_blocker_never_makes_a_date_earlier(
        before in units(), team in 0..3_usize, items in 0..30_u32, blocked in 0..8_usize, lag in 0..9_i32, grows: bool,
    ) {
        let growth = if grows { Growth { sets: 9, factors: vec![0.5, 1.0, 1.5, 2.0] } } else { Growth::default() };
        let asked_items: u32 = before.iter().filter(|unit| unit.asked).map(|unit| unit.items).sum();
        let mut after = before.clone();
        after.push(unit(team, items, false, &[]));
        let place = blocked % before.len();
        after[place].needs.push(Need { unit: before.len(), lag_days: lag });
        let alone = answer(&asked(asked_items + 5, &[], &growth)).0;
        let first = answer(&asked(asked_items + 5, &before, &growth)).0;
        let second = answer(&asked(asked_items + 5, &after, &growth)).0;
        for ((alone, first), second) in alone.percentiles.iter().zip(&first.percentiles).zip(&second.percentiles) {
            prop_assert!(alone.date <= first.date, "{alone:?} {first:?}");
            prop_assert!(first.date <= second.date, "{first:?} {second:?}");
        }
    }
}
