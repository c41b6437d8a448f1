//! Comparing a scenario with its base: the same draws for the same epics in both, so that only the changes differ.

use std::{
    collections::{BTreeSet, HashMap},
    ops::ControlFlow,
};

use jiff::civil::Date;

use super::Base;
use crate::schedule::{EpicRisk, LanePlan, Limits, PlanError, Trials, plan, plan_like, trials};

/// A paired difference, scenario minus base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Mean over the trials.
    pub mean: f64,
    /// 5 % of the trials are below.
    pub low: f64,
    /// 5 % of the trials are above.
    pub high: f64,
}

/// What happens to one epic that is in both.
#[derive(Clone, Debug, PartialEq)]
pub struct EpicDifference {
    /// Its key.
    pub epic: String,
    /// Days; positive is later.
    pub finish_days: Difference,
    /// Change of the chance to meet the base's due date, −1 to 1; `None` without one.
    pub due_chance: Option<f64>,
}

/// A scenario beside its base.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Today's plan.
    pub base: LanePlan,
    /// The scenario's plan.
    pub changed: LanePlan,
    /// End of the whole plan, in days; positive is later.
    pub end_days: Difference,
    /// Value of what is finished by the date.
    pub value_by_date: Difference,
    /// Objectives served by something that is finished by the date.
    pub objectives_by_date: Difference,
    /// Per lane of both: name and change of the used part of its capacity.
    pub utilisation: Vec<(String, f64)>,
    /// Epics that are in both.
    pub epics: Vec<EpicDifference>,
    /// What got worse, in words, worst first.
    pub worse: Vec<String>,
    /// Trials.
    pub trials: usize,
}

/// Plans both, runs the same trials on both, and takes the differences trial by trial. `watch` hears how far it is, 0 to 1,
/// and may break off; then there is no answer.
///
/// # Errors
/// [`PlanError`] when the base or the scenario has no plan.
pub fn compare(
    base: &Base,
    changed: &Base,
    by: Date,
    limits: Limits,
    drawn: Trials,
    watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<Option<Comparison>, PlanError> {
    let mut stopped = false;
    // Four parts of the work: two searches, two rounds of trials.
    let mut tell = |quarter: f64, done: u64, all: u64| {
        let ended = watch(0.25 * (quarter + part(done, all)));
        stopped |= ended.is_break();
        ended
    };
    let before = plan(&base.portfolio, limits, &mut |seen| tell(0.0, seen.schedules, limits.effort))?;
    // What changes nothing about the plan must not look as if the search had found something else.
    let after = if changed.portfolio == base.portfolio {
        before.clone()
    } else {
        let like = Some((&base.portfolio, &before));
        plan_like(&changed.portfolio, like, limits, &mut |seen| tell(1.0, seen.schedules, limits.effort))?
    };
    let all = u64::from(drawn.count);
    let a = trials(&base.portfolio, &before, drawn, &mut |done| tell(2.0, done.into(), all));
    let b = trials(&changed.portfolio, &after, drawn, &mut |done| tell(3.0, done.into(), all));
    let (Some(a), Some(b)) = (a, b) else { return Ok(None) };
    if stopped {
        return Ok(None);
    }
    let count = a.iter().chain(&b).map(|risk| risk.finish.len()).min().unwrap_or(0);
    let due_at =
        |date: Date| date.since(base.portfolio.start).map_or(0, |span| i64::from(span.get_days()) + 1);
    let paired = |measure: &dyn Fn(&Base, &[EpicRisk], usize) -> f64| {
        let all = (0..count).map(|trial| measure(changed, &b, trial) - measure(base, &a, trial)).collect();
        difference(all)
    };
    let until = due_at(by);
    let is_done = |risk: &EpicRisk, trial: usize| days(risk.finish[trial]) <= number(until);
    let end_days =
        paired(&|_, risks, trial| risks.iter().map(|risk| days(risk.finish[trial])).fold(0.0, f64::max));
    let value_by_date = paired(&|base, risks, trial| {
        let done = risks.iter().zip(&base.valued).filter(|(risk, _)| is_done(risk, trial));
        done.map(|(_, valued)| valued.value).filter(|value| value.is_finite()).sum()
    });
    let objectives_by_date = paired(&|base, risks, trial| {
        let done = risks.iter().zip(&base.valued).filter(|(risk, _)| is_done(risk, trial));
        let served: BTreeSet<&String> = done.flat_map(|(_, valued)| &valued.objectives).collect();
        number(i64::try_from(served.len()).unwrap_or(i64::MAX))
    });
    let places: HashMap<&str, usize> =
        changed.portfolio.epics.iter().enumerate().map(|(place, epic)| (epic.key.as_str(), place)).collect();
    let chance = |finish: &[usize], due: Date| {
        let met = finish[..count].iter().filter(|&&at| days(at) <= number(due_at(due))).count();
        days(met) / days(count.max(1))
    };
    let mut epics = Vec::with_capacity(base.portfolio.epics.len());
    let mut missed = Vec::new();
    for (place, epic) in base.portfolio.epics.iter().enumerate() {
        let Some(&other) = places.get(epic.key.as_str()) else { continue };
        let (was, is) = (&a[place].finish, &b[other].finish);
        let new_due = changed.portfolio.epics[other].due;
        let before = epic.due.map(|due| chance(was, due));
        missed.extend(new_due.and_then(|due| missed_due(&epic.key, due, before, chance(is, due))));
        epics.push(EpicDifference {
            epic: epic.key.clone(),
            finish_days: difference((0..count).map(|trial| days(is[trial]) - days(was[trial])).collect()),
            due_chance: epic.due.map(|due| chance(is, due) - chance(was, due)),
        });
    }
    let is_new = |key: &str| !base.portfolio.epics.iter().any(|epic| epic.key == key);
    for (epic, risk) in changed.portfolio.epics.iter().zip(&b).filter(|(epic, _)| is_new(&epic.key)) {
        missed.extend(epic.due.and_then(|due| missed_due(&epic.key, due, None, chance(&risk.finish, due))));
    }
    let lanes = base.portfolio.lanes.iter().zip(&before.utilisation).filter_map(|(lane, was)| {
        let other = changed.portfolio.lanes.iter().position(|one| one.name == lane.name)?;
        Some((lane.name.clone(), after.utilisation[other] - was))
    });
    let utilisation = lanes.collect();
    let worse = worse(&epics, missed, [end_days, value_by_date, objectives_by_date]);
    let (base, changed) = (before, after);
    Ok(Some(Comparison {
        base,
        changed,
        end_days,
        value_by_date,
        objectives_by_date,
        utilisation,
        epics,
        worse,
        trials: count,
    }))
}

/// The least that is shown as more than nothing, in tenths.
const SHOWN: f64 = 0.05;

/// A due date that is met less often than the epic's due date was, or, where it had none, in less than half of the trials; with
/// how much the chance falls.
fn missed_due(epic: &str, due: Date, before: Option<f64>, after: f64) -> Option<(f64, String)> {
    let percent = |chance: f64| match chance {
        chance if chance < 0.01 => "less than 1 %".to_owned(),
        chance if chance > 0.99 => "more than 99 %".to_owned(),
        chance => format!("{:.0} %", 100.0 * chance),
    };
    let wanted = before.unwrap_or(0.5);
    let fall = wanted - after;
    let (was, is) = (percent(wanted), percent(after));
    if was == is {
        return None;
    }
    let words = match before {
        Some(_) => format!("the chance that {epic} meets its due date ({due}) falls from {was} to {is}"),
        None => format!("{epic} meets its due date ({due}) with a chance of {is}"),
    };
    (fall > 0.0).then_some((fall, words))
}

/// In words, worst first: the end, value and objectives, then due dates, then epics that finish later. What would be
/// shown as nothing is not told.
fn worse(
    epics: &[EpicDifference],
    mut missed: Vec<(f64, String)>,
    [end, value, objectives]: [Difference; 3],
) -> Vec<String> {
    let mut worse = Vec::new();
    if end.mean >= 0.5 {
        worse.push(format!("the plan ends {:.1} days later", end.mean));
    }
    if -value.mean >= SHOWN {
        worse.push(format!("the value delivered by the date falls by {:.1}", -value.mean));
    }
    if -objectives.mean >= SHOWN {
        worse.push(format!("{:.1} fewer objectives are served by the date", -objectives.mean));
    }
    missed.sort_by(|a, b| b.0.total_cmp(&a.0));
    worse.extend(missed.into_iter().map(|(_, words)| words));
    let mut later: Vec<_> = epics.iter().filter(|epic| epic.finish_days.mean >= 0.5).collect();
    later.sort_by(|a, b| b.finish_days.mean.total_cmp(&a.finish_days.mean));
    for epic in later {
        let days = epic.finish_days;
        worse.push(format!(
            "{} finishes {:.1} days later ({:.0} to {:.0})",
            epic.epic, days.mean, days.low, days.high
        ));
    }
    worse
}

fn difference(mut all: Vec<f64>) -> Difference {
    all.sort_unstable_by(f64::total_cmp);
    let count = all.len().max(1);
    let mean = all.iter().sum::<f64>() / days(count);
    let at = |place: usize| all.get(place.min(all.len().saturating_sub(1))).copied().unwrap_or(0.0);
    Difference { mean, low: at(count / 20), high: at(count - 1 - count / 20) }
}

#[expect(clippy::cast_precision_loss, reason = "a day of a plan, or a number of trials")]
fn days(count: usize) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "a day of a plan, or a number of objectives")]
fn number(count: i64) -> f64 {
    count as f64
}

#[expect(clippy::cast_precision_loss, reason = "a number of schedules or trials")]
fn part(done: u64, all: u64) -> f64 {
    (done as f64 / all.max(1) as f64).min(1.0)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Difference, missed_due, worse};

    fn by(mean: f64) -> Difference {
        Difference { mean, low: mean, high: mean }
    }

    #[test]
    fn what_would_be_shown_as_nothing_is_not_worse() {
        assert_eq!(worse(&[], Vec::new(), [by(0.4), by(-0.049), by(-0.049)]), Vec::<String>::new());
        let told = worse(&[], Vec::new(), [by(0.5), by(-0.051), by(-0.051)]);
        assert_eq!(told.len(), 3);
        assert!(told.iter().all(|words| !words.contains("0.0")), "{told:?}");
        let due = date(2026, 3, 1);
        assert_eq!(missed_due("E", due, Some(0.504), 0.496), None);
        assert_eq!(missed_due("E", due, None, 0.496), None);
        assert!(missed_due("E", due, None, 0.494).is_some());
    }
}
