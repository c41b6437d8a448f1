//! What a person should take from the strategy: sentences from what is recorded.

use jiff::civil::Date;
use pm33_product::Mission;

use super::{
    context_parts::{BoundObjective, Part, PartState, STALE_DAYS},
    views::KeyResultView,
};
use crate::words::counted;

/// How many objectives are active, which weighs most, how many have no open work.
pub(super) fn active_objectives(objectives: &Part<Vec<BoundObjective>>) -> String {
    let all = objectives.content.as_slice();
    let [first, rest @ ..] = all else { return "No objective is active.".to_owned() };
    let unserved = match all.iter().filter(|one| one.open_items == 0).count() {
        0 => String::new(),
        _ if rest.is_empty() => "; it has no open work".to_owned(),
        one => format!("; {} no open work", counted(one, "has", "have")),
    };
    let title = &first.objective.title;
    match rest.first() {
        None => format!("One objective is active: {title}{unserved}."),
        Some(second) if first.objective.weight > second.objective.weight => {
            format!("{} objectives are active, {title} being the heaviest{unserved}.", all.len())
        }
        Some(_) => format!("{} objectives are active{unserved}.", all.len()),
    }
}

/// The strategy in one paragraph.
pub(crate) fn strategy_summary(
    mission: &Mission,
    objectives: &Part<Vec<BoundObjective>>,
    today: Date,
) -> String {
    let mut sentences = vec![active_objectives(objectives)];
    let keys: Vec<&KeyResultView> =
        objectives.content.iter().flat_map(|one| &one.objective.key_results).collect();
    let open: Vec<&KeyResultView> = keys.iter().filter(|key| !is_reached(key)).copied().collect();
    let late = open.iter().filter(|key| key.due.is_some_and(|due| due < today)).count();
    if !keys.is_empty() {
        let mut words = vec![match keys.len() - open.len() {
            0 => "none is reached".to_owned(),
            reached => counted(reached, "is reached", "are reached"),
        }];
        if late > 0 {
            words.push(format!("{} past the due date and not reached", counted(late, "is", "are")));
        }
        let way = |key: &&KeyResultView| key.progress.map(|progress| (progress, key.title.clone()));
        // The first of those that are as far.
        let least =
            open.iter().filter_map(way).reduce(|least, one| if one.0 < least.0 { one } else { least });
        if let Some((progress, title)) = least {
            words.push(format!("the least far is {title}, at {:.0} % of its way", 100.0 * progress));
        }
        let all = counted(keys.len(), "key result", "key results");
        sentences.push(format!("Of {all} {}.", words.join("; ")));
    } else if !objectives.content.is_empty() {
        sentences.push("None has a key result, so nothing tells whether it is reached.".to_owned());
    }
    match objectives.state {
        PartState::Ok => {}
        PartState::Empty => sentences.push("Write objectives with pm33_manage_objective.".to_owned()),
        PartState::Stale => sentences.push(format!(
            "Nobody has checked in on a key result for {STALE_DAYS} days, so the values may be old; check in with \
             pm33_manage_objective."
        )),
    }
    if mission.statement.trim().is_empty() {
        sentences.push("No mission is written down.".to_owned());
    }
    sentences.join(" ")
}

/// Whether its value is at its target or beyond, on the way from the baseline.
fn is_reached(key: &KeyResultView) -> bool {
    if key.target >= key.baseline { key.current >= key.target } else { key.current <= key.target }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use pm33_product::{KeyResult, Mission, Objective, ObjectiveStatus};

    use super::{BoundObjective, Part, PartState, active_objectives, strategy_summary};
    use crate::strategy::views::ObjectiveView;

    fn objective(title: &str, weight: f64, open_items: usize, keys: &[(f64, f64, f64)]) -> BoundObjective {
        let key_results = keys.iter().map(|&(baseline, target, current)| KeyResult {
            title: "measured".to_owned(),
            baseline,
            target,
            current,
            unit: "%".to_owned(),
            due: Some(date(2026, 3, 1)),
            check_ins: Vec::new(),
        });
        let one = Objective {
            id: pm33_product::ObjectiveId::from_uuid(uuid::Uuid::nil()),
            title: title.into(),
            statement: String::new(),
            period: "2026-Q1".to_owned(),
            theme: None,
            weight,
            status: ObjectiveStatus::Active,
            owner: None,
            key_results: key_results.collect(),
        };
        BoundObjective { objective: ObjectiveView::of(&one), open_items, finished_items: 0 }
    }

    fn part(state: PartState, content: Vec<BoundObjective>) -> Part<Vec<BoundObjective>> {
        Part { state, as_of: None, next: None, total: Some(content.len()), content }
    }

    #[test]
    fn the_heaviest_objective_is_named_only_where_one_is() {
        let told = |content| active_objectives(&part(PartState::Ok, content));
        assert_eq!(told(vec![]), "No objective is active.");
        assert_eq!(
            told(vec![objective("Trust", 0.5, 0, &[])]),
            "One objective is active: Trust; it has no open work."
        );
        let two = |weight| vec![objective("Trust", 0.5, 3, &[]), objective("Speed", weight, 0, &[])];
        assert_eq!(told(two(0.2)), "2 objectives are active, Trust being the heaviest; 1 has no open work.");
        assert_eq!(told(two(0.5)), "2 objectives are active; 1 has no open work.");
    }

    #[test]
    fn key_results_are_reached_on_their_own_way_and_late_only_after_their_day() {
        let mission = Mission { statement: "Pay anywhere.".to_owned(), themes: Vec::new() };
        // Up and reached, down and reached, down and not.
        let keys = [(0.0, 10.0, 10.0), (18.0, 3.0, 2.0), (18.0, 3.0, 12.0)];
        let known = part(PartState::Ok, vec![objective("Trust", 1.0, 2, &keys)]);
        assert_eq!(
            strategy_summary(&mission, &known, date(2026, 3, 1)),
            "One objective is active: Trust. Of 3 key results 2 are reached; the least far is measured, at 40 % of its way."
        );
        assert_eq!(
            strategy_summary(&mission, &known, date(2026, 3, 2)),
            "One objective is active: Trust. Of 3 key results 2 are reached; 1 is past the due date and not reached; the least far is \
             measured, at 40 % of its way."
        );
    }

    #[test]
    fn the_key_result_that_is_least_far_is_named() {
        let mission = Mission { statement: "Pay anywhere.".to_owned(), themes: Vec::new() };
        let far =
            part(PartState::Ok, vec![objective("Trust", 1.0, 2, &[(0.0, 10.0, 4.0), (0.0, 10.0, -1.0)])]);
        let told = strategy_summary(&mission, &far, date(2026, 3, 1));
        assert!(told.ends_with("none is reached; the least far is measured, at -10 % of its way."), "{told}");
        // Where the target is the baseline there is no way to be told of.
        let kept = part(PartState::Ok, vec![objective("Trust", 1.0, 2, &[(5.0, 5.0, 4.0)])]);
        let told = strategy_summary(&mission, &kept, date(2026, 3, 1));
        assert!(told.ends_with("Of 1 key result none is reached."), "{told}");
    }

    #[test]
    fn what_is_missing_is_said() {
        let none = Mission { statement: " ".to_owned(), themes: Vec::new() };
        assert_eq!(
            strategy_summary(&none, &part(PartState::Empty, vec![]), date(2026, 3, 1)),
            "No objective is active. Write objectives with pm33_manage_objective. No mission is written down."
        );
        let old = part(PartState::Stale, vec![objective("Trust", 1.0, 2, &[])]);
        let told = strategy_summary(&none, &old, date(2026, 3, 1));
        assert!(told.contains("None has a key result") && told.contains("for 60 days"), "{told}");
    }
}
