//! One team's calibrated forecast from its daily counts: the part that the grader grades.

use super::{
    backtest::{ACTIVE_DAYS_MIN, Backtest, Chosen, active_days, mean_block},
    bootstrap::Bootstrap,
    ensemble::Ensemble,
    predictive::Predictive,
    question::Question,
    track::{TrackRecord, track},
};
use crate::{PlanningError, Seed};

/// A team's forecast.
#[derive(Clone, Debug)]
pub struct TeamForecast {
    /// The question that was asked.
    pub question: Question,
    /// Uncalibrated trials, ascending.
    pub trials: Vec<u32>,
    /// The same as a distribution.
    pub ensemble: Ensemble,
    /// Window and map, from the team's past.
    pub chosen: Chosen,
    /// The past.
    pub backtest: Backtest,
}

impl TeamForecast {
    /// Forecasts from finished items per working day, oldest first.
    ///
    /// # Errors
    /// [`PlanningError::NotEnough`] when fewer than five days of the window have a finished item.
    pub fn make(
        counts: &[u32],
        question: Question,
        days_per_week: u8,
        trials: u32,
    ) -> Result<Self, PlanningError> {
        enough(counts)?;
        let seed = Seed::of(counts.iter().map(|count| u64::from(*count)));
        let backtest = Backtest::run(counts, question, days_per_week, seed.part(1));
        let chosen = backtest.chosen();
        let seen = chosen.window.of(counts, days_per_week);
        enough(seen)?;
        let sampler = Bootstrap::new(seen, mean_block(days_per_week)).ok_or_else(too_large)?;
        let mut trials = question.trials(&sampler, trials.max(1), seed.part(2));
        trials.sort_unstable();
        let ensemble = Ensemble::from_sorted(&trials).ok_or_else(too_large)?;
        Ok(Self { question, trials, ensemble, chosen, backtest })
    }

    /// How the team's past forecasts turned out.
    pub fn track_record(&self) -> TrackRecord {
        track(&self.backtest, self.question)
    }

    /// The calibrated distribution.
    pub fn predictive(&self) -> Predictive<'_> {
        Predictive { ensemble: &self.ensemble, map: &self.chosen.recalibration }
    }
}

/// Refuses a history with too few active days.
pub(super) fn enough(counts: &[u32]) -> Result<(), PlanningError> {
    let have = active_days(counts);
    if have < ACTIVE_DAYS_MIN {
        return Err(PlanningError::NotEnough {
            what: "days with a finished item in the window",
            have,
            need: ACTIVE_DAYS_MIN,
            next: "set `finished` on items that are done, import the tracker's history, or ask again when more is finished",
        });
    }
    Ok(())
}

/// Counts beyond everything that a team can finish.
pub(super) fn too_large() -> PlanningError {
    PlanningError::invalid("history", "counts more than four billion finished items; check the finish times")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::LEVELS;

    /// A steady team: one item a day, sometimes two or none.
    fn steady(weeks: usize) -> Vec<u32> {
        let mut state = 7_u32;
        (0..weeks * 5)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                [0, 1, 1, 2][(state >> 30) as usize]
            })
            .collect()
    }

    #[test]
    fn fewer_than_five_active_days_are_refused_in_words() {
        for counts in [vec![], vec![0; 100], vec![3, 0, 0, 1, 9, 2], [vec![5; 30], vec![0; 300]].concat()] {
            let refused = TeamForecast::make(&counts, Question::HowMuch { days: 20 }, 5, 1_000);
            let words = refused.expect_err("too little").to_string();
            assert!(words.contains("at least 5") && words.contains("finished"), "{words}");
        }
        assert!(TeamForecast::make(&[1; 5], Question::When { items: 3 }, 5, 1_000).is_ok());
    }

    #[test]
    fn the_same_history_gives_the_same_answer() {
        let counts = steady(60);
        let make =
            || TeamForecast::make(&counts, Question::When { items: 30 }, 5, 2_000).expect("a forecast");
        assert_eq!(make().trials, make().trials);
        assert_eq!(make().track_record(), make().track_record());
    }

    #[test]
    fn levels_are_ordered_and_a_steady_team_is_known_well() {
        let counts = steady(150);
        let question = Question::HowMuch { days: 20 };
        let forecast = TeamForecast::make(&counts, question, 5, 4_000).expect("a forecast");
        let stated = LEVELS.map(|level| forecast.predictive().stated(question, level));
        assert!(stated.is_sorted_by(|a, b| a >= b), "{stated:?}");
        assert!((17..=23).contains(&stated[0]), "about twenty items in twenty days: {stated:?}");
        let track = forecast.track_record();
        assert_eq!(track.state, "calibrated");
        assert!(track.origins > 100 && track.coverage.len() == 4, "{track:?}");
        for coverage in track.coverage {
            assert!((coverage.held.low..=coverage.held.high).contains(&coverage.level), "{coverage:?}");
        }
    }

    #[test]
    fn what_comes_later_changes_nothing_that_was_said() {
        let counts = steady(80);
        let question = Question::HowMuch { days: 10 };
        let before = TeamForecast::make(&counts[..300], question, 5, 500).expect("a forecast");
        let mut after = counts.clone();
        after[300..].fill(90);
        let then = TeamForecast::make(&after[..300], question, 5, 500).expect("a forecast");
        assert_eq!(before.trials, then.trials);
        // Nor may an origin of the backtest use outcomes that were not known yet: a wild end shows only at the end.
        let calm = TeamForecast::make(&counts, question, 5, 500).expect("a forecast").backtest;
        let wild = TeamForecast::make(&after, question, 5, 500).expect("a forecast").backtest;
        let said = |backtest: &Backtest| {
            backtest.replay().take(40).map(|one| one.predictive().quantile(0.5)).collect::<Vec<_>>()
        };
        for (calm, wild) in said(&calm).iter().zip(said(&wild)) {
            assert!((calm - wild).abs() < 3.0, "{calm} {wild}");
        }
    }

    #[test]
    fn a_short_history_calls_itself_uncalibrated() {
        let forecast =
            TeamForecast::make(&steady(14), Question::HowMuch { days: 20 }, 5, 500).expect("a forecast");
        let track = forecast.track_record();
        assert!(track.state.starts_with("uncalibrated, n = "), "{}", track.state);
        assert!(track.crps.is_none_or(f64::is_finite));
    }
}
