//! The track record: how a team's past forecasts, replayed as they would have been given, turned out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    backtest::Backtest,
    question::Question,
    scores::{Share, wilson},
};

/// Confidence levels of every answer.
pub const LEVELS: [f64; 4] = [0.5, 0.7, 0.85, 0.95];
/// Independent past outcomes below which a forecast calls itself uncalibrated.
const CALIBRATED_FROM: f64 = 10.0;

/// How past forecasts of this team for this question turned out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrackRecord {
    /// `calibrated`, or `uncalibrated, n = …` while there are too few past outcomes of the team's own; the pooled map of
    /// public histories is used in their place.
    pub state: String,
    /// Past weeks at which a forecast was replayed with nothing that came later, and whose outcome is known.
    pub origins: usize,
    /// How many outcomes that do not overlap these are worth; intervals are computed from this number.
    pub independent_origins: f64,
    /// For each level, how often what was stated held.
    pub coverage: Vec<Coverage>,
    /// Mean continuous ranked probability score (Gneiting & Raftery 2007) of the replayed forecasts, in items or working
    /// days; smaller is better. Absent without past outcomes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crps: Option<f64>,
    /// The same over the mean outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crps_relative: Option<f64>,
}

/// How often a level held.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// The level that was stated, 0 to 1.
    pub level: f64,
    /// The share of past forecasts that held, with its 95 % Wilson interval.
    pub held: Share,
}

/// Replays a backtest.
pub(super) fn track(backtest: &Backtest, asked: Question) -> TrackRecord {
    let (mut held, mut crps, mut happened, mut origins) = ([0.0_f64; 4], 0.0, 0.0, 0_usize);
    for replayed in backtest.replay() {
        let predictive = replayed.predictive();
        for (index, level) in LEVELS.into_iter().enumerate() {
            let stated = predictive.stated(asked, level);
            let holds = match asked {
                Question::HowMuch { .. } => replayed.happened >= stated,
                Question::When { .. } => replayed.happened <= stated,
            };
            held[index] += f64::from(u8::from(holds));
        }
        crps += predictive.crps(replayed.happened);
        happened += f64::from(replayed.happened);
        origins += 1;
    }
    let independent = backtest.independent_origins();
    let count = origins as f64;
    let coverage = LEVELS.into_iter().zip(held);
    TrackRecord {
        state: if independent < CALIBRATED_FROM {
            format!("uncalibrated, n = {origins}")
        } else {
            "calibrated".to_owned()
        },
        origins,
        independent_origins: independent,
        coverage: coverage
            .filter_map(|(level, held)| Some(Coverage { level, held: wilson(held / count, independent)? }))
            .collect(),
        crps: (origins > 0).then(|| crps / count),
        crps_relative: (happened > 0.0).then(|| crps / happened),
    }
}
