//! The rolling-origin backtest: what would have been said at each past week, and what happened.

use super::{
    bootstrap::Bootstrap, ensemble::Ensemble, predictive::Predictive, question::Question,
    recalibration::Recalibration, scores::crps, window::Window,
};
use crate::Seed;

/// Fewest active days (days with a finished item) in a window that is drawn from.
pub const ACTIVE_DAYS_MIN: usize = 5;
/// Trials of each past forecast.
const TRIALS: u32 = 500;
/// Most past forecasts: five years of weeks, the latest.
const ORIGINS_MAX: usize = 260;
/// Weeks of history before the first past forecast.
const WARM_UP_WEEKS: usize = 12;

/// Past forecasts of one history for one question.
#[derive(Clone, Debug)]
pub struct Backtest {
    /// Oldest first.
    pub(super) origins: Vec<Origin>,
    /// Working days from one origin to the next.
    step: usize,
}

/// A past forecast with its outcome, for each window.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    /// Days of history that it could see.
    at: usize,
    /// Days of history at which the outcome was known.
    known: usize,
    /// What happened.
    pub(super) happened: u32,
    ensembles: [Ensemble; 3],
    /// The score of each window's uncalibrated forecast.
    pub(super) crps: [f64; 3],
    /// Where the outcome fell in each window's forecast, as a normal score.
    scores: [f64; 3],
}

/// What the past says at one point of time: the window and the map to use.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The window.
    pub window: Window,
    /// The map.
    pub recalibration: Recalibration,
    /// Past forecasts whose outcome was known.
    pub origins: usize,
    /// How many independent outcomes these are worth.
    pub independent: f64,
}

impl Backtest {
    /// Forecasts every past week of a history as it would have been done then, with nothing that came later.
    pub fn run(counts: &[u32], question: Question, days_per_week: u8, seed: Seed) -> Self {
        let step = usize::from(days_per_week);
        let first = WARM_UP_WEEKS * step;
        let alike = Alike::new(counts, question, days_per_week);
        let mut places: Vec<(usize, Question)> = (1..)
            .map(|weeks| counts.len().checked_sub(weeks * step))
            .map_while(|place| place.filter(|place| *place >= first))
            .map(|place| (place, alike.at(counts, place)))
            .filter(|(place, question)| question.outcome(counts, *place).is_some())
            .take(ORIGINS_MAX)
            .collect();
        places.reverse();
        let origins = places
            .into_iter()
            .filter_map(|(at, question)| {
                Origin::new(counts, at, question, days_per_week, seed.part(at as u64))
            })
            .collect();
        Self { origins, step }
    }

    /// Window and map from every past forecast.
    pub fn chosen(&self) -> Chosen {
        self.chosen_at(usize::MAX)
    }

    /// The map from every past forecast for a window that was chosen elsewhere.
    pub fn chosen_for(&self, window: Window) -> Chosen {
        self.mapped(&self.origins.iter().collect::<Vec<_>>(), window)
    }

    /// Window and map from the past forecasts whose outcome was known after so many days of history.
    fn chosen_at(&self, days: usize) -> Chosen {
        let past: Vec<&Origin> = self.origins.iter().filter(|origin| origin.known <= days).collect();
        let mut scores = [0.0; 3];
        for (window, score) in scores.iter_mut().enumerate() {
            *score = past.iter().map(|origin| origin.crps[window]).sum();
        }
        self.mapped(&past, Window::best(scores, past.len()))
    }

    fn mapped(&self, past: &[&Origin], window: Window) -> Chosen {
        let fallen: Vec<f64> = past.iter().map(|origin| origin.scores[window as usize]).collect();
        let independent = self.independent(past);
        let recalibration = Recalibration::from_scores(&fallen, independent);
        Chosen { window, recalibration, origins: past.len(), independent }
    }

    /// How many outcomes that do not overlap the past forecasts are worth: their number times the step over the mean time
    /// to their outcome, at most their number.
    fn independent(&self, past: &[&Origin]) -> f64 {
        let waited: usize = past.iter().map(|origin| (origin.known - origin.at).max(self.step)).sum();
        let count = past.len() as f64;
        if waited == 0 { 0.0 } else { count * count * self.step as f64 / waited as f64 }
    }

    /// Each past forecast as it would have been given, with the window and the map known then.
    pub(super) fn replay(&self) -> impl Iterator<Item = Replayed<'_>> {
        self.origins.iter().map(|origin| {
            let chosen = self.chosen_at(origin.at);
            Replayed {
                ensemble: &origin.ensembles[chosen.window as usize],
                chosen,
                happened: origin.happened,
            }
        })
    }

    /// How many outcomes that do not overlap all past forecasts are worth.
    pub(super) fn independent_origins(&self) -> f64 {
        self.independent(&self.origins.iter().collect::<Vec<_>>())
    }
}

/// A past forecast as it would have been given.
pub(super) struct Replayed<'a> {
    ensemble: &'a Ensemble,
    chosen: Chosen,
    /// What happened.
    pub(super) happened: u32,
}

impl Replayed<'_> {
    /// Its distribution.
    pub(super) fn predictive(&self) -> Predictive<'_> {
        Predictive { ensemble: self.ensemble, map: &self.chosen.recalibration }
    }
}

/// The question that is to a past week what the one asked is to today. For "when" that is a set of items that was
/// expected to take as long then: a forecast of two weeks says little about one of a year.
struct Alike {
    asked: Question,
    /// Days that the asked items take at the latest half-year's rate.
    expected_days: f64,
    half_year: usize,
}

impl Alike {
    fn new(counts: &[u32], asked: Question, days_per_week: u8) -> Self {
        let half_year = 26 * usize::from(days_per_week);
        let expected_days = match asked {
            Question::When { items } => f64::from(items) / recent_rate(counts, half_year).max(1e-9),
            Question::HowMuch { days } => f64::from(days),
        };
        Self { asked, expected_days, half_year }
    }

    fn at(&self, counts: &[u32], place: usize) -> Question {
        match self.asked {
            Question::HowMuch { .. } => self.asked,
            Question::When { .. } => {
                let items = recent_rate(&counts[..place], self.half_year) * self.expected_days;
                Question::When { items: (items.round() as u32).max(1) }
            }
        }
    }
}

/// Items per working day over the latest days.
fn recent_rate(counts: &[u32], days: usize) -> f64 {
    let recent = &counts[counts.len().saturating_sub(days)..];
    recent.iter().map(|count| f64::from(*count)).sum::<f64>() / recent.len().max(1) as f64
}

impl Origin {
    fn new(counts: &[u32], at: usize, question: Question, days_per_week: u8, seed: Seed) -> Option<Self> {
        let (happened, waited) = question.outcome(counts, at)?;
        // Where in its unit the outcome fell is drawn, as a count's probability integral transform demands
        // (Czado, Gneiting & Held 2009).
        let within = seed.part(3).as_u64() as f64 / u64::MAX as f64 - 0.5;
        let mut parts = Vec::with_capacity(3);
        for (index, window) in Window::ALL.into_iter().enumerate() {
            let seen = window.of(&counts[..at], days_per_week);
            if active_days(seen) < ACTIVE_DAYS_MIN {
                return None;
            }
            let sampler = Bootstrap::new(seen, mean_block(days_per_week))?;
            let mut trials = question.trials(&sampler, TRIALS, seed.part(index as u64));
            trials.sort_unstable();
            let ensemble = Ensemble::from_sorted(&trials)?;
            let trials: Vec<f64> = trials.into_iter().map(f64::from).collect();
            let score = ensemble.score(f64::from(happened) + within);
            parts.push((ensemble, crps(&trials, f64::from(happened)), score));
        }
        let parts: [_; 3] = parts.try_into().ok()?;
        let crps = [parts[0].1, parts[1].1, parts[2].1];
        let scores = [parts[0].2, parts[1].2, parts[2].2];
        let ensembles = parts.map(|part| part.0);
        Some(Self { at, known: at + waited, happened, ensembles, crps, scores })
    }
}

/// Days with a finished item.
pub(super) fn active_days(counts: &[u32]) -> usize {
    counts.iter().filter(|count| **count > 0).count()
}

/// The mean block: three weeks of working days.
pub(super) fn mean_block(days_per_week: u8) -> f64 {
    3.0 * f64::from(days_per_week)
}
