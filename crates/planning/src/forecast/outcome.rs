//! How a forecast did, once its dates have passed.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{AskedQuestion, Delivery};

/// What has happened since a forecast was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// Everything that was asked about was finished on this day.
    FinishedOn(#[schemars(with = "String")] Date),
    /// Something of it is still open.
    StillOpen,
    /// Nothing of it is left: it was cancelled or put away.
    Dropped,
    /// So many items were finished so far, or until the day that was asked for.
    Items(u32),
}

/// How one statement of a forecast did.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The confidence of the statement, 0 to 1.
    pub level: f64,
    /// Whether it held; absent while nobody can know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<bool>,
}

/// A forecast's outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// What happened.
    pub happened: Happened,
    /// Each statement. In the long run a statement of 85 % is to hold in 85 of 100 forecasts: one that misses is no
    /// proof against it.
    pub verdicts: Vec<Verdict>,
    /// Where the forecast's distribution had what happened: the chance that it gave to at most that day or number, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<f64>,
}

/// Judges a forecast by what happened until today. A day is over when today is later.
pub fn judge(said: &Delivery, happened: Happened, today: Date) -> Outcome {
    let held = |date: Option<Date>, items: Option<u32>| match (said.question, happened) {
        // A statement beyond ten years names no date, and nothing can contradict it before.
        (AskedQuestion::When, Happened::FinishedOn(day)) => Some(date.is_none_or(|date| day <= date)),
        (AskedQuestion::When, Happened::StillOpen) => date.filter(|date| *date < today).map(|_| false),
        (AskedQuestion::HowMuch { until }, Happened::Items(done)) => {
            // What is reached already stays reached.
            let reached = items.is_none_or(|items| done >= items);
            (reached || until < today).then_some(reached)
        }
        _ => None,
    };
    let verdicts = said
        .percentiles
        .iter()
        .map(|one| Verdict { level: one.level, held: held(one.date, one.items) })
        .collect();
    let place = match (said.question, happened) {
        (AskedQuestion::When, Happened::FinishedOn(day)) => {
            Some(place(said, |value| value.parse::<Date>().is_ok_and(|value| value <= day)))
        }
        (AskedQuestion::HowMuch { until }, Happened::Items(done)) if until < today => {
            Some(place(said, |value| value.parse::<u32>().is_ok_and(|value| value <= done)))
        }
        _ => None,
    };
    Outcome { happened, verdicts, place }
}

/// The chance of the last point of the curve that is not beyond what happened.
fn place(said: &Delivery, reached: impl Fn(&str) -> bool) -> f64 {
    said.curve.iter().rfind(|(value, _)| reached(value)).map_or(0.0, |(_, chance)| *chance)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::forecast::Percentile;

    fn said(question: AskedQuestion, values: [(Option<Date>, Option<u32>); 2]) -> Delivery {
        let percentiles = [0.5, 0.85].into_iter().zip(values).map(|(level, (date, items))| Percentile {
            level,
            date,
            items,
            chance: level,
            monte_carlo_error: 0.0,
        });
        let shown = |date: Option<Date>, items: Option<u32>| {
            date.map(|date| date.to_string()).or(items.map(|items| items.to_string())).unwrap_or_default()
        };
        Delivery {
            question,
            percentiles: percentiles.collect(),
            target: None,
            drivers: Vec::new(),
            waiting: None,
            teams: Vec::new(),
            growth_sets: 0,
            growth_median: 1.0,
            curve: [0.5, 0.85]
                .into_iter()
                .zip(values)
                .map(|(at, (date, items))| (shown(date, items), at))
                .collect(),
            as_of: pm33_tenancy::Timestamp::from_micros(0),
            seed: String::new(),
            trials: 1_000,
        }
    }

    fn held(outcome: &Outcome) -> Vec<Option<bool>> {
        outcome.verdicts.iter().map(|one| one.held).collect()
    }

    #[test]
    fn a_date_holds_when_everything_was_finished_by_it_and_misses_when_it_passes() {
        let (first, second) = (date(2026, 3, 10), date(2026, 3, 20));
        let said = said(AskedQuestion::When, [(Some(first), None), (Some(second), None)]);
        let between = judge(&said, Happened::FinishedOn(date(2026, 3, 15)), date(2026, 6, 1));
        assert_eq!((held(&between), between.place), (vec![Some(false), Some(true)], Some(0.5)));
        let early = judge(&said, Happened::FinishedOn(first), date(2026, 6, 1));
        assert_eq!(held(&early), [Some(true), Some(true)]);
        // Still open on its very day: the day is not over.
        assert_eq!(held(&judge(&said, Happened::StillOpen, first)), [None, None]);
        let open = judge(&said, Happened::StillOpen, date(2026, 3, 11));
        assert_eq!((held(&open), open.place), (vec![Some(false), None], None));
        assert_eq!(held(&judge(&said, Happened::Dropped, date(2027, 1, 1))), [None, None]);
    }

    #[test]
    fn a_number_holds_as_soon_as_it_is_reached_and_misses_at_the_end() {
        let until = date(2026, 3, 31);
        let said = said(AskedQuestion::HowMuch { until }, [(None, Some(12)), (None, Some(8))]);
        assert_eq!(held(&judge(&said, Happened::Items(9), until)), [None, Some(true)]);
        let over = judge(&said, Happened::Items(9), date(2026, 4, 1));
        assert_eq!(held(&over), [Some(false), Some(true)]);
        assert!(over.place.is_some());
    }
}
